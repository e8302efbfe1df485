/**
 * Random contractions on the simulator: the bits of the loops in order, in `strict`; and what keeps a nest from being tiled.
 * `TSGPU_FUZZ=500` tries that many, from `TSGPU_SEED` on.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Artifact } from "../../compiler/artifact.ts";
import { compile } from "../../compiler/index.ts";
import { print } from "../../compiler/ir/print.ts";
import { markAtomics, untiledNests } from "../../compiler/schedule/index.ts";
import { array, type NdArray } from "../../index.ts";
import { call } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { randomOf } from "../passes/random-ir.ts";

const count = Number(process.env.TSGPU_FUZZ ?? 8);
const first = Number(process.env.TSGPU_SEED ?? 1);

/** Longer than a tile, shorter, and far from any multiple of its sides. */
const lengths = [70, 19, 5, 33, 1];
/** Arrays have this many elements along each axis. */
const size = 80;

function contraction(seed: number): string {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const batch = random(4) === 0;
  const place = (v: string): string =>
    pick([`[${v}][k]`, `[k][${v}]`, `[${v} + 1][k]`, `[k + 2][${v}]`, `[${v}][${size - 1} - k]`]);
  const left = batch && random(2) === 0 ? `X[b][${pick(["i", "j"])}][k]` : `A${place("i")}`;
  const right = `B${place("j")}`;
  const other = pick(["", "", " * u[k]", " * A[i][j]", " * w[i]", " + Math.sqrt(B[k][j] + 4)", " * 0.25"]);
  const term = pick([`alpha * ${left} * ${right}`, `${left} * alpha * ${right}`, `(${left} - ${right}) * ${right}`]);
  const js = pick([
    "let j = 0; j < m",
    "let j = 0; j < m",
    "let j = 0; j <= i",
    "let j = 0; j < i",
    "let j = i; j < m",
    "let j = i + 1; j < n",
  ]);
  const ks = pick([
    "let k = 0; k < l",
    "let k = 2; k < l",
    "let k = 0; k < i",
    "let k = i; k < l",
    "let k = j; k < i + 3",
  ]);
  const c = batch ? "Y[b][i][j]" : pick(["C[i][j]", "C[j][i]"]);
  const start = pick(["0", c, "beta", "w[j]"]);
  const last = pick(["s", "alpha * s + beta", `s + ${c}`]);
  const before = pick(["", "", `${c} *= beta;`]);
  const also = random(4) === 0;
  return `import type { f64, index } from "tsgpu";
export function f(n: index, m: index, l: index, alpha: f64, beta: f64, C: f64[][], D: f64[][], Y: f64[][][], A: readonly f64[][],
    B: readonly f64[][], X: readonly f64[][][], u: readonly f64[], w: readonly f64[]): void {
  ${batch ? "for (let b = 0; b < 3; b++)" : ""}
  for (let i = 0; i < n; i++) {
    for (${js}; j++) {
      ${before.includes("*=") && start === c ? "" : before}
      let s: f64 = ${start};
      ${also ? "let t: f64 = 1;" : ""}
      for (${ks}; k++) {
        s += ${term}${other};
        ${also ? "t = t * 0.5 + A[i][k] * B[k][j];" : ""}
      }
      ${c} = ${last};
      ${also && !batch ? "D[i][j] = t;" : ""}
    }
  }
}
`;
}

async function artifactOf(text: string, target: "interp" | "simulator"): Promise<Artifact> {
  return compile({ file: "/contraction.ts", text }, { target, mode: "strict" });
}

function argumentsFor(seed: number): readonly (number | NdArray)[] {
  const random = randomOf(seed + 1000);
  const [n, m, l] = [0, 1, 2].map(() => lengths[random(lengths.length)] as number);
  const filled = (k: number, ...shape: number[]): NdArray =>
    array(
      Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(1 + i * (k + 2))),
      shape,
    );
  const plane = [size, size];
  const arrays = [plane, plane, [3, ...plane], plane, plane, [3, ...plane], [size], [size]];
  return [n as number, m as number, l as number, 1.5, 0.75, ...arrays.map((shape, k) => filled(k, ...shape))];
}

async function outcome(artifact: Artifact, seed: number, order: number): Promise<readonly Float64Array[]> {
  const unit = await loadUnit(artifact, () => Promise.reject(new Error("nothing is checked")), { seed: order });
  const args = argumentsFor(seed);
  await call(unit, "f", [...args]);
  return args.flatMap((a) => (typeof a === "number" ? [] : [a.data as Float64Array]));
}

let tiled = 0;
test(`${count} random contractions give the bits of their loops`, async () => {
  for (let seed = first; seed < first + count; seed++) {
    const text = contraction(seed);
    const [plain, mapped] = [await artifactOf(text, "interp"), await artifactOf(text, "simulator")];
    if (print(mapped.program).includes("_tile")) tiled++;
    const expected = await outcome(plain, seed, 0);
    for (const order of [0, 1]) {
      const actual = await outcome(mapped, seed, order).catch((e: unknown) => {
        throw new Error(`seed ${seed}: ${e}\n${text}\n${print(mapped.program)}`);
      });
      expected.forEach((a, k) => {
        const wrong = a.findIndex((v, i) => !Object.is(v, actual[k]?.[i]));
        assert.is(
          wrong,
          -1,
          `seed ${seed}, array ${k}, element ${wrong}: ${a[wrong]}, not ${actual[k]?.[wrong]}\n${text}`,
        );
      });
    }
  }
});

/** Products whose arrays end where the loops do: with `j < n`, and below the diagonal, which a tile's corner may just touch. */
const exact = (js: string): string => `import type { f64 } from "tsgpu";
export function f(C: f64[][], A: readonly f64[][], B: readonly f64[][]): void {
  for (let i = 0; i < A.length; i++) {
    for (${js}; j++) {
      let s = 0;
      for (let k = 0; k < B.length; k++) s += A[i][k] * B[k][j];
      C[i][j] = s;
    }
  }
}
`;
for (const js of ["let j = 0; j < B[0].length", "let j = 0; j < i"]) {
  test(`tiles of ${js} reach every point, and no element beyond the arrays`, async () => {
    const [plain, mapped] = [await artifactOf(exact(js), "interp"), await artifactOf(exact(js), "simulator")];
    assert.match(print(mapped.program), "_tile");
    for (const [n, l] of [
      [70, 19],
      [65, 16],
      [129, 5],
    ] as const) {
      const results: Float64Array[] = [];
      for (const artifact of [plain, mapped]) {
        const of = (k: number, ...shape: number[]): NdArray =>
          array(
            Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(k + i)),
            shape,
          );
        const [C, A, B] = [of(1, n, n), of(2, n, l), of(3, l, n)];
        const unit = await loadUnit(artifact, () => Promise.reject(new Error("nothing is checked")), { seed: 1 });
        await call(unit, "f", [C, A, B]);
        results.push(C?.data as Float64Array);
      }
      assert.equal(results[1], results[0], `${n} × ${n} × ${l}`);
    }
  });
}

test("most of them are tiled", () => {
  assert.ok(tiled > count / 2, `${tiled} of ${count}`);
});

async function reasons(body: string): Promise<readonly string[]> {
  const text = `import type { f64, i32, index } from "tsgpu";
export function f(n: index, C: f64[][], A: f64[][], B: readonly f64[][], at: readonly i32[]): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      ${body}
    }
  }
}
`;
  const found: string[] = [];
  await compile(
    { file: "/contraction.ts", text },
    {
      target: "simulator",
      trace: ({ pass, after }) => {
        if (pass === markAtomics.name) for (const f of after.funcs) found.push(...untiledNests(f).map((u) => u.why));
      },
    },
  );
  return found;
}

const untiled: readonly (readonly [string, string])[] = [
  ["for (let k = 0; k < 3; k++) C[i][j] += A[i][k] * B[k][j];", "the loop inside makes fewer than 8 trips"],
  [
    "let s = 0; for (let k = Math.max(at[i], 0); k < n; k++) s += A[i][k] * B[k][j]; C[i][j] = s;",
    "the bounds of the loop inside follow from elements",
  ],
  [
    "for (let k = 0; k < n; k++) C[i][j] += A[i][j] * B[k][i];",
    "no two of the loops each leave an element of the loop inside the same",
  ],
  [
    "let s = 0; for (let k = 0; k < n; k++) { if (B[k][j] > 0) s += A[i][k] * B[k][j]; } C[i][j] = s;",
    "the loop inside does more than to compute values",
  ],
];
for (const [body, why] of untiled) {
  test(`not tiled: ${why}`, async () => {
    assert.equal(await reasons(body), [why]);
  });
}

test.run();
