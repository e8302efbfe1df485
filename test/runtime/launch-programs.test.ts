/** Launch programs of several kernels on every device: tapes sized by data, snapshots in rows, failures half-way. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CpuTarget } from "../../compiler/artifact.ts";
import { findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import type { ScalarType } from "../../compiler/ir/ir.ts";
import { zeros } from "../../runtime/array.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { makeResident } from "../../runtime/resident.ts";
import { readCase } from "../golden-case.ts";
import { skip } from "../skip.ts";
import { arrayOf, entryOf, type Source, scalar, unitOf } from "./units.ts";

const why: Readonly<Partial<Record<CpuTarget, string | null>>> = {
  interp: null,
  native: whyNoLibLLVM(),
  wasm: null,
  c: (await findCC()) === null ? "there is no C compiler" : null,
};

/** One test on each of the devices. */
function on(name: string, source: Source, run: (u: Unit, t: CpuTarget) => Promise<void>): void {
  for (const [target, reason] of Object.entries(why) as [CpuTarget, string | null][]) {
    if (reason !== null) skip(`${target}: ${name}`, reason);
    else test(`${target}: ${name}`, async () => run(await unitOf(target, source), target));
  }
}

/** The program before the pass of a golden case. */
function golden(name: string): string {
  const path = join(dirname(dirname(fileURLToPath(import.meta.url))), "golden", name);
  return readCase(path, readFileSync(path, "utf8")).input;
}

/** The interpreter rounds each operation; compiled code may fuse some. */
function close(actual: Float64Array, expected: Float64Array, target: CpuTarget): void {
  for (const [i, x] of expected.entries()) {
    const y = actual[i] as number;
    const most = target === "interp" ? 0 : 1e-14 * Math.max(1, Math.abs(x));
    assert.ok(Math.abs(x - y) <= most, `[${i}] is ${y}, expected ${x}`);
  }
}

const rw = (elem: ScalarType, rank = 1) => [arrayOf(elem, rank), "readwrite"] as const;

const tape: Source = {
  ir: golden("outline/tape.ir"),
  entries: [entryOf("f_vjp", { x: arrayOf("f64"), dx: rw("f64"), d: scalar("f64") }, scalar("f64"))],
};

/** What @f_vjp of tape.ir computes. */
function tapeByHand(x: Float64Array, d: number): { readonly value: number; readonly dx: Float64Array } {
  let value = 0;
  const dx = x.map((a) => {
    let v = Math.abs(a);
    const values: number[] = [];
    for (; v > 0.1; v = v * v * 0.9) values.push(v);
    value += v;
    const g = values.reduceRight((h, w) => h * w * 1.8, d);
    return a < 0 ? -g : g;
  });
  return { value, dx };
}

const samples = (n: number, scale = 1): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => scale * Math.sin(3 * i + 1));

on("a tape is sized by what was counted before", tape, async (unit, target) => {
  for (const n of [0, 1, 17, 1000]) {
    const x = samples(n);
    const before = x.slice();
    const dx = new Float64Array(n).fill(0.25);
    const expected = tapeByHand(x, 1.5);
    const value = (await call(unit, "f_vjp", [x, dx, 1.5])) as number;
    close(Float64Array.of(value), Float64Array.of(expected.value), target);
    close(
      dx,
      expected.dx.map((g) => g + 0.25),
      target,
    );
    assert.equal(x, before);
  }
});

on("resident: several launches in turn on the calling thread", tape, async (unit, target) => {
  const x = samples(40);
  const dx = new Float64Array(40);
  const run = await makeResident(unit, "f_vjp", [x, dx, 2]);
  for (let k = 0; k < 3; k++) {
    run.reset();
    assert.ok((await run.run()) >= 0);
  }
  const expected = tapeByHand(x, 2);
  close(Float64Array.of(run.download() as number), Float64Array.of(expected.value), target);
  close(dx, expected.dx, target);
  run.dispose();
});

const checkpoints: Source = {
  ir: golden("outline/checkpoints.ir"),
  entries: [entryOf("run_vjp", { x: rw("f64"), d: rw("f64"), segments: scalar("index"), length: scalar("index") })],
};

/** What @run_vjp of checkpoints.ir computes, with every state kept. */
function stepsByHand(x: Float64Array, d: Float64Array, steps: number): Float64Array {
  const states = [x];
  for (let t = 1; t < steps; t++) {
    const old = states.at(-1) as Float64Array;
    states.push(old.map((a, i) => (i === 0 ? a : a - a * (old[i - 1] as number) * 0.1)));
  }
  return states.slice(0, steps).reduceRight((after, old) => {
    const out = new Float64Array(after.length);
    after.forEach((g, i) => {
      out[i] = (out[i] as number) + g;
      if (i === 0) return;
      const [a, b, k] = [old[i] as number, old[i - 1] as number, g * -0.1];
      out[i] = (out[i] as number) + k * b;
      out[i - 1] = (out[i - 1] as number) + k * a;
    });
    return out;
  }, d);
}

on("snapshots are rows of one array, and segments run again", checkpoints, async (unit, target) => {
  for (const [n, segments, length] of [
    [6, 3, 4],
    [1, 2, 2],
    [5, 1, 7],
    [5, 4, 1],
    [3, 0, 5],
    [3, 5, 0],
    [0, 2, 2],
  ] as const) {
    const x = samples(n, 2);
    const d = samples(n).map((v) => v + 1);
    const expected = stepsByHand(x.slice(), d.slice(), segments * length);
    await call(unit, "run_vjp", [x, d, segments, length]);
    close(d, expected, target);
  }
});

on("what the host function requires is asked for before it runs", checkpoints, async (unit) => {
  const x = samples(3);
  const before = x.slice();
  await fails("TG3012", /a negative number of segments/, call(unit, "run_vjp", [x, samples(3), -1, 2]));
  assert.equal(x, before);
});

const elems: readonly ScalarType[] = ["f64", "f32", "i32", "u32", "index", "bool"];
const planes: Source = {
  ir: `stage loop
    ${elems
      .map(
        (t) => `export host @${t}_planes(%A: ${t}[%n, 2, 3], %row: ${t}[3], %i: index) -> ${t} {
          %T: ${t}[2, 3] = alloc
          copy %A[%i] to %T
          copy %row to %A[%i, 1]
          copy %T[1] to %row
          copy %T to %A[0]
          %v: ${t} = load %A[%i, 1, 2]
          yield %v
        }`,
      )
      .join("\n")}`,
  entries: elems.map((t) => entryOf(`${t}_planes`, { A: rw(t, 3), row: rw(t), i: scalar("index") }, scalar(t))),
};

on("parts of arrays are copied, whatever their elements", planes, async (unit) => {
  for (const elem of elems) {
    const of = (i: number): number => (elem === "bool" ? i % 2 : i);
    const [A, row] = [zeros(elem, [3, 2, 3]), zeros(elem, [3])];
    for (const [k] of A.data.entries()) A.data[k] = of(k);
    row.data.set([of(101), of(102), of(103)]);
    const result = await call(unit, `${elem}_planes`, [A, row, 2]);
    assert.is(Number(result), of(103), elem);
    assert.equal([...row.data], [15, 16, 17].map(of), elem);
    const expected = [12, 13, 14, 15, 16, 17, 6, 7, 8, 9, 10, 11, 12, 13, 14, 101, 102, 103].map(of);
    assert.equal([...A.data], expected, elem);
  }
});

const late: Source = {
  ir: `stage loop
    func @bump(%x: f64[%n]) {
      for %i in seq(0, %n) { accum add %x[%i], 1.0f64 }
    }
    func @want(%x: f64[%n]) -> index {
      %a: f64 = load %x[0]
      %k: index = cast %a
      yield %k
    }
    func @pick(%x: f64[%n], %t: f64[%m], %at: index) {
      store %x[0], 7.0f64
      check %t axis 0 at %at
      %v: f64 = load %t[%at]
      store %x[0], %v
    }
    export host @late(%x: f64[%n], %at: index) {
      call @bump(%x)
      %k: index = call @want(%x)
      %square: f64[%k, %k] = alloc
      %t: f64[%k] = alloc
      call @pick(%x, %t, %at)
      copy %t to %square[0]
    }`,
  entries: [entryOf("late", { x: rw("f64"), at: scalar("index") })],
};

on("what fails after the first launch leaves the arguments as they were", late, async (unit) => {
  const failing: readonly (readonly [number, number, string, RegExp])[] = [
    [-3, 0, "TG3012", /late: the local array square would have -2 × -2 elements/],
    [2 ** 20 - 1, 0, "TG3014", /late: no memory for the local array square of 1048576 × 1048576 f64/],
    [2 ** 31, 0, "TG3010", /the local array square would have/],
    [3, 9, "TG3013", /late: t\[9\] is outside of t: axis 0 has length 4/],
  ];
  for (const [first, at, code, message] of failing) {
    const typed = Float64Array.of(first, 5);
    await fails(code, message, call(unit, "late", [typed, at]));
    assert.equal(typed, Float64Array.of(first, 5), code);
    const nested = [first, 5];
    await fails(code, message, call(unit, "late", [nested, at]));
    assert.equal(nested, [first, 5], code);
  }
  const x = Float64Array.of(3, 5);
  await call(unit, "late", [x, 1]);
  assert.equal(x, Float64Array.of(0, 6));
});

async function fails(code: string, message: RegExp, run: Promise<unknown>): Promise<void> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, LaunchError, String(error));
  assert.is((error as LaunchError).code, code, (error as LaunchError).message);
  assert.match((error as LaunchError).message, message);
}

test.run();
