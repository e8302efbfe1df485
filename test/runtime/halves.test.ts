/** Arrays of halves on every target: conversions to the bit, kernels and gradients, and the forms in which they are passed. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetName } from "../../compiler/artifact.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compile, dual } from "../../compiler/index.ts";
import { array, CompileError, LaunchError, load, NdArray, valueAndGrad, vjp, zeros } from "../../index.ts";
import { numbersOf } from "../../runtime/array.ts";
import { whyNotWebgpu } from "../../runtime/devices/webgpu.ts";
import { absent } from "../fuzz/run.ts";
import { midpoints, nearest, numberFrom, specials } from "../ir/half-model.ts";
import { skip } from "../skip.ts";

const file = fileURLToPath(new URL("../fixtures/halves.ts", import.meta.url));
const why: Readonly<Partial<Record<TargetName, string | null>>> = {
  ...absent,
  simulator: whyNoLibLLVM(),
  "ptx-emulator": whyNoLibLLVM(),
  webgpu: await whyNotWebgpu(),
};
const targets = (Object.keys(why) as TargetName[]).filter((target) => {
  const reason = why[target] ?? null;
  if (reason !== null) skip(`halves: ${target}`, reason);
  return reason === null;
});

type Kernels = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
const loaded = new Map<TargetName, Promise<Kernels>>();
function kernelsOf(target: TargetName): Promise<Kernels> {
  const known = loaded.get(target) ?? load(file, { target, mode: "strict", real: "f32" });
  loaded.set(target, known);
  return known;
}

const r = Math.fround;
const toHalf = (x: number): number => numberFrom(nearest(x));
const halves = (list: readonly number[]): Uint16Array => Uint16Array.from(list, nearest);
const ramp = (length: number, step = 0.37): number[] => Array.from({ length }, (_, i) => ((i * step) % 2) - 0.7);
const rows = (n: number, m: number, step: number): number[][] =>
  Array.from({ length: n }, (_, i) => ramp(m, step).map((x) => x + i / 8));

/** WGSL allows itself to fuse, and to divide less exactly. */
function assertClose(target: TargetName, got: ArrayLike<number>, wanted: ArrayLike<number>, ulp = 2 ** -22): void {
  assert.is(got.length, wanted.length);
  for (let i = 0; i < got.length; i++) {
    const [x, y] = [got[i] as number, wanted[i] as number];
    const isRight = Object.is(x, y) || (target === "webgpu" && Math.abs(x - y) <= ulp * Math.max(1, Math.abs(y)));
    if (!isRight) assert.unreachable(`element ${i} is ${x}, not ${y}`);
  }
}

for (const target of targets) {
  test(`${target}: all 65,536 bit patterns are read as what they stand for`, async () => {
    const { widen } = await kernelsOf(target);
    const y = new Float32Array(65536);
    await widen?.(
      Uint16Array.from(y, (_, bits) => bits),
      y,
    );
    for (let bits = 0; bits < 65536; bits++) {
      if (!Object.is(y[bits], numberFrom(bits))) assert.unreachable(`${bits} is ${numberFrom(bits)}, not ${y[bits]}`);
    }
  });

  test(`${target}: what is stored is rounded to the nearest, ties to even`, async () => {
    const { round } = await kernelsOf(target);
    const x = Float32Array.from([
      ...midpoints(),
      ...specials,
      ...Array.from({ length: 65536 }, (_, b) => numberFrom(b)),
    ]);
    const y = new Uint16Array(x.length);
    await round?.(x, y);
    for (let i = 0; i < x.length; i++) {
      const [wanted, got] = [nearest(x[i] as number), y[i] as number];
      // A NaN may have any bits of one.
      const isRight = Number.isNaN(x[i]) ? Number.isNaN(numberFrom(got)) : wanted === got;
      if (!isRight) assert.unreachable(`${x[i]} has the bits ${wanted}, not ${got}`);
    }
  });

  test(`${target}: axpy and matmul`, async () => {
    const { axpy, matmul } = await kernelsOf(target);
    const [x, y] = [ramp(37), Float32Array.from(ramp(37, 0.21))];
    const wanted = y.map((old, i) => r(old + r(r(0.3) * toHalf(x[i] as number))));
    await axpy?.(0.3, x, y);
    assertClose(target, y, wanted);
    const [A, B, C] = [rows(5, 7, 0.31), rows(7, 3, 0.23), rows(5, 3, 0)];
    await matmul?.(A, B, C);
    const at = (M: number[][], i: number, j: number): number => toHalf(M[i]?.[j] ?? Number.NaN);
    const product = C.map((row, i) =>
      row.map((_, j) => B.reduce((sum, _k, k) => r(sum + r(at(A, i, k) * at(B, k, j))), 0)),
    );
    assertClose(target, C.flat(), product.flat());
  });

  test(`${target}: local arrays and updates round, one half leaves the other alone`, async () => {
    const { smooth, interleave, mirror, many } = await kernelsOf(target);
    const x = ramp(41);
    await smooth?.(5, x);
    const wanted = ramp(41).map(toHalf);
    for (let k = 0; k < 5; k++) {
      const left = [...wanted];
      for (let i = 1; i < 40; i++) {
        const [a, b, c] = [i - 1, i, i + 1].map((j) => left[j] as number) as [number, number, number];
        const sum = r(r(r(toHalf(0.1) * a) + r(toHalf(0.8) * b)) + r(toHalf(0.1) * c));
        wanted[i] = toHalf(r(toHalf(sum) * r(1.01)));
        if ((wanted[i] as number) > 1) wanted[i] = toHalf(r((wanted[i] as number) - 1));
      }
      wanted[0] = toHalf(r((wanted[0] as number) + r(0.1)));
    }
    assertClose(target, x, wanted, 2 ** -8);

    const z = new Uint16Array(75).fill(0x3c00);
    await interleave?.(ramp(37), ramp(36, 0.21), z);
    const pairs = Array.from({ length: 73 }, (_, i) => ramp(37, i % 2 ? 0.21 : 0.37)[i >> 1] as number);
    assert.equal([...z], [...halves(pairs), 0x3c00, 0x3c00]);

    // Halves of odd lengths and empty arrays too.
    for (const n of [33, 0]) {
      const tiles = new Uint16Array(n);
      await mirror?.(ramp(n), tiles);
      const third = ramp(n).map((v) => toHalf(r(toHalf(v) / 3)));
      const sums = third.map((v, i) => toHalf(r(v + (third[i - (i % 16) + 15 - (i % 16)] ?? 0))));
      assertClose(target, numbersOf(tiles), sums, 2 ** -10);
    }

    const ins = [0.1, 0.2, 0.3, 0.4].map((step) => ramp(5, step));
    const outs = [0.5, 0.6, 0.7, 0.8, 0.9].map((step) => ramp(5, step));
    const sum = [0, 1, 2, 3, 4].map((i) => ins.map((a) => toHalf(a[i] as number)).reduce((s, v) => r(s + v)));
    const [e, f] = [0, 1].map((k) =>
      sum.map((s, i) => toHalf(r(toHalf((outs[k] as number[])[i] as number) + (k ? -s : s)))),
    );
    const g = sum.map((s) => toHalf(r(2 * s)));
    await many?.(...ins, ...outs);
    const results = [e, f, g, e?.map((v, i) => r(v * (f?.[i] ?? 0))), g.map((v, i) => toHalf(r(v + (e?.[i] ?? 0))))];
    assertClose(target, outs.flat(), results.flat() as number[], 2 ** -9);
  });

  test(`${target}: an assignment is worth what was assigned`, async () => {
    const { chained } = await kernelsOf(target);
    const [x, z] = [
      [0.1, 2049, 1e5],
      [0, 0, 0],
    ];
    await chained?.(x, [0, 0, 0], z);
    assertClose(
      target,
      z,
      x.map((v) => r(r(v) + r(toHalf(r(v)) + r(v)))),
    );
  });

  // Plain JavaScript has no gradients.
  if (target === "node") continue;

  test(`${target}: gradients are f32, and those of f32 kernels where nothing is rounded`, async () => {
    const { matmul } = await kernelsOf(target);
    const C = rows(4, 3, 0.5);
    const args = [rows(4, 6, 0.31), rows(6, 3, 0.23), C].map((M) => M.map((row) => row.map(toHalf)));
    const ask = { wrt: ["A", "B"], of: ["C"] } as const;
    const { grads } = await vjp(matmul as never, ask as never)(args as never, { C } as never);
    const transposed = (M: number[][]): number[][] => (M[0] ?? []).map((_, j) => M.map((row) => row[j] as number));
    const times = (X: number[][], Y: number[][]): number[] =>
      X.flatMap((row) => (Y[0] ?? []).map((_, j) => row.reduce((s, v, k) => s + v * (Y[k]?.[j] ?? 0), 0)));
    const [A, B] = args as [number[][], number[][]];
    const wanted = { A: times(C, transposed(B)), B: times(transposed(A), C) };
    for (const [name, M] of Object.entries(grads as Record<string, number[][]>)) {
      const exact = wanted[name as "A" | "B"];
      assert.is(M.flat().length, exact.length);
      for (const [i, v] of M.flat().entries()) {
        assert.ok(Math.abs(v - (exact[i] as number)) < 1e-5, `${name}: ${v}, not ${exact[i]}`);
      }
    }
  });

  test(`${target}: gradients take what was computed, and halves as they were rounded`, async () => {
    const { steps, soft, updates } = await kernelsOf(target);
    const duals = dual({ file }, { real: "f32", kernels: ["steps", "soft", "updates"] });
    const along = (g: ArrayLike<number>, v: ArrayLike<number>): number =>
      Array.from(g).reduce((s, x, i) => s + x * (v[i] as number), 0);
    const near = (x: number, y: number): void =>
      assert.ok(Math.abs(x - y) < 2e-3 * Math.max(1, Math.abs(y)), `${x} ${y}`);

    const direction = rows(3, 3, 0.83);
    const y = [0.1, 0.2, 0.3];
    // 9 elements: snapshots begin and end in the middle of words. With this budget there are some.
    for (const tapeBudget of [undefined, 200]) {
      const options = tapeBudget === undefined ? {} : { tapeBudget };
      const run = valueAndGrad(steps as never, options as never) as (...a: unknown[]) => Promise<never>;
      const { value, grads } = (await run(16, rows(3, 3, 0.31), y)) as { value: number; grads: { x: number[][] } };
      const oracle = duals.run("steps", [16, rows(3, 3, 0.31), y], { x: direction });
      near(value, oracle.result as number);
      near(along(grads.x.flat(), direction.flat()), oracle.tangents.return as number);
    }

    // What the sweep computes again, or undoes, is what the kernel computed.
    const updated = duals.run("updates", [ramp(40), [10.1, 0.1]], { x: ramp(40, 0.9) });
    for (const undo of [false, true]) {
      const run = vjp(updates as never, { of: ["s"], undo } as never) as unknown as (
        args: unknown[],
        of: unknown,
      ) => Promise<{ grads: { x: number[] } }>;
      const { grads } = await run([ramp(40), [10.1, 0.1]], { s: [1, 2] });
      const [wanted, got] = [along(updated.tangents.s as number[], [1, 2]), along(grads.x, ramp(40, 0.9))];
      assert.ok(Math.abs(wanted - got) < 2e-6 * Math.abs(wanted), `${got}, not ${wanted}`);
    }

    const x = ramp(5);
    const out = { y: new Float32Array(5), z: Float32Array.from(ramp(5, 0.7)) };
    const { grads } = (await vjp(soft as never, { wrt: ["x"] } as never)(
      [x, [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]] as never,
      out as never,
    )) as unknown as { grads: { x: number[] } };
    const { tangents } = duals.run("soft", [x, [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], { x: ramp(5, 0.9) });
    const [wanted, got] = [along(out.z, tangents.z as number[]), along(grads.x, ramp(5, 0.9))];
    // Had e been read back from y, it would be off by 2^-11.
    assert.ok(Math.abs(wanted - got) < 1e-5 * Math.abs(wanted), `${got}, not ${wanted}`);
  });
}

for (const target of ["ptx-emulator", "simulator", "webgpu"] as const) {
  if (target === "ptx-emulator" && whyNoLibLLVM() !== null) continue;
  test(`${target}: updates of one half by several threads are refused`, async () => {
    const text = `import type { f16, f32, i32 } from "tsgpu"; import { parallel } from "tsgpu/kernel";
export function histogram(bin: readonly i32[], w: readonly f32[], sums: f16[]): void {
  for (const i of parallel(bin.length)) sums[bin[i]] += w[i];
}`;
    try {
      await compile({ file: "/histogram.ts", text }, { target });
    } catch (error) {
      assert.instance(error, CompileError, String(error));
      const [found] = (error as CompileError).diagnostics;
      assert.is(found?.code, "TG4003");
      return assert.is(found?.at.line, 3);
    }
    assert.unreachable("was compiled");
  });
}

const { axpy, widen, round } = await kernelsOf("interp");

test("forms: nested arrays, bits, NdArray", async () => {
  const y = [0, 0, 0];
  for (const x of [[1, 0.1, -2], halves([1, 0.1, -2]), array(halves([1, 0.1, -2]))]) {
    await widen?.(x, y);
    assert.equal(y, [1, toHalf(0.1), -2]);
  }
  const out = zeros("f16", [3]);
  assert.instance(out.data, Uint16Array);
  await round?.(Float32Array.of(1, 0.1, -2), out);
  assert.equal([...out.data], [...halves([1, 0.1, -2])]);
  assert.is(array(new Uint16Array(2)).dtype, "f16");
  assert.is(new NdArray("f16", [1, 2], new Uint16Array(2)).shape.length, 2);
  assert.throws(() => new NdArray("f16", [2], new Float32Array(2) as never), /f16 elements live in a Uint16Array/);
});

test("forms: numbers of nested arrays are rounded once, from their f64", async () => {
  const y = [0];
  // As an f32 it would be a tie.
  await widen?.([1 + 2 ** -11 + 2 ** -30], y);
  assert.is(y[0], 1 + 2 ** -10);
});

test("forms: other typed arrays are refused", async () => {
  const refused = async (x: unknown, code: string): Promise<void> => {
    try {
      await widen?.(x, [0, 0]);
    } catch (error) {
      assert.instance(error, LaunchError);
      return assert.is((error as LaunchError).code, code);
    }
    assert.unreachable("was taken");
  };
  await refused(new Float32Array(2), "TG3004");
  await refused(zeros("f32", [2]), "TG3004");
  await refused(["a", 1], "TG3008");
  await refused(new Int32Array(2), "TG3004");
});

test("forms: a Float16Array, where there is one, is its memory", async () => {
  // What engines without it are shown: the same bytes under its name.
  class Float16Array extends Uint16Array {
    override get [Symbol.toStringTag](): "Uint16Array" {
      return "Float16Array" as "Uint16Array";
    }
  }
  const Half = (globalThis as { Float16Array?: typeof Float16Array }).Float16Array ?? Float16Array;
  const out = new Half(2);
  await round?.([0.1, 3], out);
  assert.equal([...new Uint16Array(out.buffer)], [...halves([0.1, 3])]);
  const wrapped = array(out as never);
  assert.is(wrapped.dtype, "f16");
  assert.is(wrapped.data.buffer, out.buffer);
  const y = [0, 0];
  await widen?.(out, y);
  assert.equal(y, [toHalf(0.1), 3]);
});

test("forms: gradients by halves are f32 in the form of the argument", async () => {
  const ask = { wrt: ["x"], of: ["y"] };
  const gradOf = async (x: unknown): Promise<unknown> => {
    const run = vjp(axpy as never, ask as never) as unknown as (
      args: unknown[],
      of: unknown,
    ) => Promise<{ grads: { x: unknown } }>;
    return (await run([0.3, x, [0, 0]], { y: [1, 2] })).grads.x;
  };
  const wanted = [r(0.3), r(0.6)];
  assert.equal(await gradOf([1, 2]), wanted);
  const typed = await gradOf(halves([1, 2]));
  assert.instance(typed, Float32Array);
  assert.equal([...(typed as Float32Array)], wanted);
  const wrapped = (await gradOf(array(halves([1, 2])))) as NdArray;
  assert.is(wrapped.dtype, "f32");
  assert.equal([...wrapped.data], wanted);
});

test("the file runs as plain JavaScript", async () => {
  const plain = (await import(pathToFileURL(file).href)) as Kernels;
  const y = [0, 0];
  plain.axpy?.(2, [1, 0.5], y);
  assert.equal(y, [2, 1]);
});

test.run();
