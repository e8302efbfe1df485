/** Bools on the tape as bits: which kernels have them, what they take, and that gradients have the bits of those that keep bytes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetName } from "../../compiler/artifact.ts";
import { formatFormula } from "../../compiler/artifact-bytes.ts";
import { compile, type DerivativeRequest } from "../../compiler/index.ts";
import type { Alloc } from "../../compiler/ir/ir.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { whyNotNative } from "../../runtime/devices/native.ts";
import { jit } from "../../runtime/jit.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { skip } from "../skip.ts";
import { randomNumbers } from "./directions.ts";

const file = new URL("./kernels/branches.ts", import.meta.url);

/** The tape's formula, and the arrays that the launch program makes for it. */
async function tapeOf(kernel: string, options: Partial<DerivativeRequest>) {
  const derivative = { kind: "vjp", kernel, ...options } as const;
  const { entries, program } = await compile({ file: file.pathname }, { target: "interp", derivative });
  const host = program.funcs.find((f) => f.kind === "host");
  assert.ok(host !== undefined);
  const made = [...walk(host.body)].filter((s): s is Alloc => s.kind === "alloc").map((s) => s.result);
  const tapes = made.filter((a) => a.hint.startsWith("tape_"));
  const tape = entries[0]?.derivative?.tape;
  assert.ok(tape !== undefined);
  return { formula: formatFormula(tape), tapes, rows: made.filter((a) => a.hint.startsWith("row_")) };
}

/** What stays bytes: short rows, and stacks. */
const bytes = ["relaxShort", "relaxRagged"];
for (const kernel of Object.keys(await import(file.href))) {
  test(`${kernel}: ${bytes.includes(kernel) ? "bytes" : "bits"}`, async () => {
    const packed = await tapeOf(kernel, {});
    const isPacked = !bytes.includes(kernel);
    assert.is(
      packed.tapes.some((a) => a.type.elem === "u32"),
      isPacked,
    );
    assert.is(
      packed.tapes.some((a) => a.type.elem === "bool"),
      !isPacked,
    );
    assert.is(packed.rows.length > 0, isPacked);
    const plain = await tapeOf(kernel, { bits: false });
    assert.ok(plain.tapes.some((a) => a.type.elem === "bool"));
    assert.ok(plain.tapes.every((a) => a.type.elem !== "u32"));
    assert.is(plain.rows.length, 0);
  });
}

test("rows of a triangle begin at words of their own", async () => {
  const triangle = "4·⌊(max(steps, 0)·n² − max(steps, 0)·n) / 64⌋ + 4·⌊(max(steps, 0)·n² + max(steps, 0)·n) / 64⌋";
  assert.is((await tapeOf("relaxTriangle", {})).formula, `8·max(steps, 0)·n + ${triangle}`);
});

const gradientOf = (target: TargetName, kernel: string, bits: boolean): Promise<Unit> =>
  jit(file, { target, mode: "strict", derivative: { kind: "vjp", kernel, bits, wrt: ["x"] } });

/** The array and its gradient. */
async function run(unit: Unit, kernel: string, n: number): Promise<readonly number[]> {
  const random = randomNumbers(n + 1);
  const vector = (): Float64Array => Float64Array.from({ length: n }, () => 2 * random() - 1);
  const [x, d] = [vector(), vector()];
  const args = { relaxRows: [vector(), 4], relaxDownwards: [4], relaxTwice: [vector(), vector(), 3] }[kernel] ?? [];
  await call(unit, `${kernel}_vjp`, [x, ...args, d]);
  return [...x, ...d];
}

for (const target of ["interp", "wasm", "native"] as const) {
  const why = target === "native" ? whyNotNative() : null;
  const name = `${target}: gradients from bits have the bits of those from bytes`;
  if (why !== null) {
    skip(name, why);
    continue;
  }
  test(name, async () => {
    for (const kernel of ["relaxRows", "relaxDownwards", "relaxTwice"]) {
      const [bits, bytes] = [await gradientOf(target, kernel, true), await gradientOf(target, kernel, false)];
      for (const n of [0, 1, 2, 31, 32, 33, 34, 63, 64, 65, 97, 1000]) {
        const [packed, plain] = [await run(bits, kernel, n), await run(bytes, kernel, n)];
        assert.ok(packed.every(Number.isFinite));
        assert.equal(packed, plain, `${kernel}, ${n} elements`);
      }
    }
  });
}

test("bits of a gradient that is differentiated again", async () => {
  const request = { kernel: "relaxCurved", wrt: ["y"], of: ["x"] } as const;
  const first = await jit(file, { target: "wasm", derivative: { kind: "vjp", ...request } });
  const second = await jit(file, { target: "wasm", derivative: { kind: "hvp", ...request } });
  const random = randomNumbers(7);
  const list = (low: number): readonly number[] => Array.from({ length: 45 }, () => low + (1 - low) * random());
  const [x, y, weights, v] = [list(-1), list(0.3), list(0.3), list(0.3)];
  const along = async (step: number): Promise<Float64Array> => {
    const gradient = new Float64Array(45);
    const at = Float64Array.from(y, (c, i) => c + step * (v[i] as number));
    await call(first, "relaxCurved_vjp", [Float64Array.from(x), at, 3, Float64Array.from(weights), gradient]);
    return gradient;
  };
  const step = 1e-5;
  const [above, below] = [await along(step), await along(-step)];
  const extra = second.artifact.entries[0]?.derivative?.extra ?? [];
  const product = new Float64Array(45);
  const given = extra.map(({ leaf, role }) => {
    if (role === "tangent") return Float64Array.from(v);
    if (role === "adjoint") return leaf === "x" ? Float64Array.from(weights) : new Float64Array(45);
    return leaf === "y" ? product : new Float64Array(45);
  });
  await call(second, "relaxCurved_hvp", [Float64Array.from(x), Float64Array.from(y), 3, ...given]);
  const differences = above.map((a, i) => (a - (below[i] as number)) / (2 * step));
  assert.ok(product.some((p) => p === 0) && product.filter((p) => p !== 0).length > 10);
  product.forEach((p, i) => void assert.ok(Math.abs(p - (differences[i] as number)) < 1e-8, `[${i}]: ${p}`));
});

test("what words take is held against the budget before the launch", async () => {
  const unit = await jit(file, { target: "interp", derivative: { kind: "vjp", kernel: "relaxOnce", tapeBudget: 24 } });
  const run = (n: number) => call(unit, "relaxOnce_vjp", [new Float64Array(n), 0.5, new Float64Array(n), 1]);
  await run(95);
  try {
    await run(96);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LaunchError);
    assert.match((error as LaunchError).message, /32 bytes.* tapeBudget of 24/);
  }
});

test.run();
