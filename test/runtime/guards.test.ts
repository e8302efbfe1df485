/**
 * No access outside ever touches memory: random loop nests, many of which leave their arrays, run as machine code on arrays
 * that lie in the middle of larger ones. What is around them stays as it was, and the call fails exactly where the
 * interpreter, which checks every access, says that an array is left.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetName } from "../../compiler/artifact.ts";
import { InterpError, interpreter } from "../../compiler/interp.ts";
import type { Func, Module, ScalarType } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
import { checkBounds } from "../../compiler/passes/check-bounds.ts";
import { versionChecks } from "../../compiler/passes/version-checks.ts";
import type { Flat } from "../../runtime/array.ts";
import type { DeviceArray, KernelArg, KernelProgram } from "../../runtime/device.ts";
import { runHostSync } from "../../runtime/host.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { Enumeration, type Setting } from "../analysis/enumerate.ts";
import { randomNest } from "../analysis/nests.ts";
import { absent } from "../fuzz/run.ts";
import { randomOf } from "../passes/random-ir.ts";
import { skip } from "../skip.ts";
import { unitOf } from "./units.ts";

const nests = Number(process.env.TSGPU_NESTS ?? 80);
const firstSeed = Number(process.env.TSGPU_SEED ?? 1) + 50_000;
const settingsEach = 8;
/** Elements around each array: the nests' own subscripts go no further, and far ones end the process. */
const margin = 1024;
const guard = 0x5a;

const module: Module = {
  stage: "loop",
  funcs: Array.from({ length: nests }, (_, k) => ({
    ...(randomNest(firstSeed + k).funcs[0] as Func),
    name: `f${k}`,
  })),
};
const assumed = versionChecks.run(checkBounds("assume").run(module));
const checked = versionChecks.run(checkBounds("all").run(module));

function settingFor(random: (n: number) => number): Setting {
  const sizes = { n: random(random(2) === 0 ? 5 : 20), p: random(4), q: random(4), m: random(4) };
  const far = [2 ** 31 - 1, -(2 ** 31)];
  const element = (): number => (random(8) === 0 ? (far[random(2)] as number) : random(6) - 1);
  return { values: { ...sizes, s: random(7) - 2, t: random(7) - 2 }, data: Array.from({ length: 5 }, element) };
}

interface ArrayGiven {
  readonly elem: ScalarType;
  readonly shape: readonly number[];
  readonly data: Float64Array | Int32Array;
}
/** x, A and k, as the nests have them after their scalars s and t. */
function arraysFor({ values, data }: Setting): readonly ArrayGiven[] {
  const { n = 0, p = 0, q = 0, m = 0 } = values;
  const k = Int32Array.from({ length: m }, (_, i) => data[i % data.length] as number);
  return [
    { elem: "f64", shape: [n], data: new Float64Array(n).fill(1) },
    { elem: "f64", shape: [p, q], data: new Float64Array(p * q).fill(1) },
    { elem: "i32", shape: [m], data: k },
  ];
}
const scalarsOf = ({ values }: Setting): readonly number[] => [values.s ?? 0, values.t ?? 0];

/** An array in the middle of guarded memory. */
interface Guarded {
  readonly array: DeviceArray;
  /** The elements, once all around them is found to be as it was. */
  readonly read: () => Flat;
  readonly free: () => void;
}

type Place = (program: KernelProgram, a: ArrayGiven) => Guarded;

const guardedCopy = (a: ArrayGiven): Flat => {
  const whole = new (a.data.constructor as Float64ArrayConstructor)(a.data.length + 2 * margin);
  new Uint8Array(whole.buffer).fill(guard);
  whole.set(a.data, margin);
  return whole;
};
const inner = (whole: Flat, a: ArrayGiven): Flat => whole.subarray(margin, margin + a.data.length);
function checkGuards(whole: Flat, a: ArrayGiven): void {
  const size = whole.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(whole.buffer);
  const touched = bytes.findIndex((b, i) => {
    const at = i / size - margin;
    return (at < 0 || at >= a.data.length) && b !== guard;
  });
  if (touched >= 0)
    assert.unreachable(`element ${Math.floor(touched / size) - margin} of ${a.data.length} was written`);
}

/** In the caller's memory, where `wrap` leaves it. */
const inHostMemory: Place = (program, a) => {
  const whole = guardedCopy(a);
  const array = program.wrap(a.elem, a.shape, inner(whole, a));
  return {
    array,
    read() {
      checkGuards(whole, a);
      return inner(whole, a);
    },
    free: () => program.free(array),
  };
};

/** In the device's own memory: a part of a larger array there. */
const inWasmMemory: Place = (program, a) => {
  const whole = guardedCopy(a);
  const outer = program.wrap(a.elem, [whole.length], whole) as DeviceArray & { readonly at: number };
  const array = { ...outer, shape: a.shape, at: outer.at + margin * whole.BYTES_PER_ELEMENT, length: a.data.length };
  return {
    array,
    read() {
      program.download(outer, whole);
      checkGuards(whole, a);
      return inner(whole, a);
    },
    free: () => program.free(outer),
  };
};

const places = { native: inHostMemory, c: inHostMemory, wasm: inWasmMemory } as const satisfies Partial<
  Record<TargetName, Place>
>;

/** What the interpreter makes of it: the arrays afterwards, or the index that was outside. */
function expected(m: Module, name: string, setting: Setting): { arrays?: readonly Flat[]; outside?: number } {
  const arrays = arraysFor(setting);
  try {
    interpreter(m, { maxSteps: 100_000 })(name, [...scalarsOf(setting), ...arrays]);
  } catch (error) {
    if (error instanceof InterpError && error.reason === "check") return { outside: error.detail.index ?? Number.NaN };
    throw error;
  }
  return { arrays: arrays.map((a) => a.data) };
}

for (const target of ["native", "wasm", "c"] as const) {
  if (absent[target] !== null) {
    skip(`guards: ${target}`, absent[target]);
    continue;
  }
  test(`${target}: ${nests} nests in guarded memory`, async () => {
    const versions = { assumed, checked };
    const units = {
      assumed: await unitOf(target, { ir: print(assumed), entries: [] }),
      checked: await unitOf(target, { ir: print(checked), entries: [] }),
    };
    const counts = { assumed: 0, checked: 0, outside: 0, inside: 0 };
    for (const [k, f] of module.funcs.entries()) {
      const random = randomOf(firstSeed + k);
      for (let j = 0; j < settingsEach; j++) {
        const setting = settingFor(random);
        const seen = new Enumeration(f, setting);
        if (!seen.finished) continue;
        const version = seen.meets((assumed.funcs[k] as Func).requires) ? "assumed" : "checked";
        const where = `nest ${firstSeed + k}, ${version}, at ${JSON.stringify(setting)}`;
        const { artifact, program } = units[version];
        const host = artifact.program.funcs.find((g) => g.name === f.name) as Func;
        const wanted = expected(versions[version], f.name, setting);
        assert.is(wanted.outside !== undefined, seen.anyOutside, where);
        const given = arraysFor(setting);
        const guarded = given.map((a) => places[target](program as KernelProgram, a));
        const args: readonly KernelArg[] = [...scalarsOf(setting), ...guarded.map((g) => g.array)];
        const names = ["s", "t", "x", "A", "k"];
        const run = { module: artifact.program, host, program: program as KernelProgram, args, names };
        let error: unknown = null;
        try {
          runHostSync(run);
        } catch (caught) {
          error = caught;
        }
        const after = guarded.map((g) => {
          try {
            return g.read();
          } finally {
            g.free();
          }
        });
        counts[version]++;
        counts[seen.anyOutside ? "outside" : "inside"]++;
        if (wanted.outside === undefined) {
          assert.is(error, null, where);
          assert.equal(after, wanted.arrays, where);
        } else {
          assert.instance(error, LaunchError, where);
          assert.is((error as LaunchError).code, "TG3013", where);
          const said = Math.abs(wanted.outside) < 2 ** 53 ? `[${wanted.outside}]` : "2^53]";
          assert.ok((error as LaunchError).message.includes(said), `${where}: ${error}`);
        }
      }
    }
    for (const [what, count] of Object.entries(counts)) assert.ok(count > nests / 2, `only ${count} ${what}`);
  });
}

test.run();
