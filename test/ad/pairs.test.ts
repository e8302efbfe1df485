/**
 * Pairs of kernels that compute the same by different loops have the same gradient: unrolled and looped, split and fused, in one
 * order and another, in strips and whole. The statements in the loops are random.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compile } from "../../compiler/index.ts";
import { call } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { randomNumbers } from "./directions.ts";

const params = "s: f64, x: f64[], y: f64[], A: f64[][]";
const helpers = 'import type { f64 } from "tsgpu";\nfunction soft(v: f64): f64 { return v / Math.sqrt(1 + v * v); }\n';
const [rows, columns] = [6, 5];

/** A smooth expression of what is given. */
function expression(random: () => number, of: readonly string[], deep = 2): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const part = (): string => expression(random, of, deep - 1);
  if (deep === 0) return pick([...of, ...of, "0.7", "s"]);
  return pick([
    () => `(${part()} + ${part()})`,
    () => `(${part()} * ${part()})`,
    () => `soft(${part()})`,
    () => `(${part()} / (1.5 + soft(${part()})))`,
    () => `Math.max(${part()}, ${part()})`,
  ])();
}
/** A statement that writes the element, of a random form. */
function update(random: () => number, target: string, of: readonly string[]): string {
  const e = expression(random, [target, ...of]);
  return [`${target} = soft(${e});`, `${target} += soft(${e});`, `${target} *= 0.5 + soft(${e}) / 3;`][
    Math.floor(random() * 3)
  ] as string;
}

type Pair = readonly [name: string, make: (random: () => number) => readonly [string, string]];
const pairs: readonly Pair[] = [
  [
    "looped, unrolled",
    (random) => {
      const body = update(random, "x[i + 1]", ["x[i]", "y[0]", "A[i][2]"]);
      const sum = "acc = acc * 0.9 + soft(x[i] * acc);";
      const looped = `let acc = s; for (let i = 0; i < 5; i++) { ${body} ${sum} } y[1] += acc;`;
      const copies = [0, 1, 2, 3, 4].map((i) => `${body} ${sum}`.replaceAll("[i", `[${i}`));
      return [looped, `let acc = s; ${copies.join(" ")} y[1] += acc;`];
    },
  ],
  [
    "fused, split",
    (random) => {
      const [first, second] = [update(random, "x[i]", ["A[i][0]", "s"]), update(random, "y[i]", ["x[i]", "A[i][1]"])];
      const loop = (body: string): string => `for (let i = 0; i < x.length; i++) { ${body} }`;
      return [loop(`${first} ${second}`), `${loop(first)} ${loop(second)}`];
    },
  ],
  [
    "a recurrence fused with what reads it, split",
    (random) => {
      const first = update(random, "x[i]", ["x[i - 1]", "s"]);
      const second = update(random, "A[i][0]", ["x[i]", "x[i - 1]", "A[i - 1][0]"]);
      const loop = (body: string): string => `for (let i = 1; i < x.length; i++) { ${body} }`;
      return [loop(`${first} ${second}`), `${loop(first)} ${loop(second)}`];
    },
  ],
  [
    "up, down",
    (random) => {
      const body = `${update(random, "x[i]", ["A[i][1]", "s"])} ${update(random, "A[i][2]", ["x[i]", "y[i]"])}`;
      return [`for (let i = 0; i < x.length; i++) { ${body} }`, `for (let i = x.length - 1; i >= 0; i--) { ${body} }`];
    },
  ],
  [
    "rows first, columns first",
    (random) => {
      const body = update(random, "A[i][j]", ["x[i]", "y[j]", "s"]);
      const [i, j] = ["for (let i = 0; i < A.length; i++)", "for (let j = 0; j < A[0].length; j++)"];
      return [`${i} ${j} { ${body} }`, `${j} ${i} { ${body} }`];
    },
  ],
  [
    "whole, in strips",
    (random) => {
      const body = update(random, "x[i]", ["y[i]", "x[0]", "A[i][3]"]);
      const strips = `for (let k = 1; k < x.length; k += 2) for (let i = k; i < Math.min(k + 2, x.length); i++) { ${body} }`;
      return [`for (let i = 1; i < x.length; i++) { ${body} }`, strips];
    },
  ],
  [
    "counted, while",
    (random) => {
      const body = update(random, "x[i]", ["y[i]", "A[i][0]", "s"]);
      return [
        `for (let i = 0; i < x.length; i++) { ${body} }`,
        `let i = 0; while (i < x.length) { ${body} i++; if (i > 3 && x[i - 1] > 100) break; }`,
      ];
    },
  ],
  [
    "in place, through a copy",
    (random) => {
      const e = expression(random, ["x[i]", "x[i + 1]", "s"]);
      const copy = "for (let i = 0; i < x.length; i++) y[i] = x[i];";
      return [
        `${copy} for (let i = 0; i + 1 < x.length; i++) { x[i] = soft(${e}); }`,
        `${copy} for (let i = 0; i + 1 < x.length; i++) { x[i] = soft(${e.replaceAll("x[", "y[")}); }`,
      ];
    },
  ],
];

const names = ["s", "x", "y", "A"] as const;
type Gradient = Readonly<Record<(typeof names)[number], readonly number[]>>;

async function gradient(body: string, seed: number): Promise<Gradient> {
  const source = { file: "/pairs.ts", text: `${helpers}export function f(${params}): void { ${body} }\n` };
  const derivative = { kind: "vjp", kernel: "f", wrt: names, of: ["x", "y", "A"] } as const;
  const options = { target: "interp", mode: "strict", derivative } as const;
  const unit = await loadUnit(await compile(source, options), () => compile(source, { ...options, checks: "all" }));
  const random = randomNumbers(seed);
  const list = (n: number): Float64Array => Float64Array.from({ length: n }, () => 2 * random() - 1);
  const matrix = (): Float64Array[] => Array.from({ length: rows }, () => list(columns));
  const [s, x, y, A] = [random(), list(rows), list(rows), matrix()];
  const [dx, dy, dA] = [list(rows), list(rows), matrix()];
  const extra = unit.artifact.entries[0]?.derivative?.extra.map(({ leaf }) => ({ x: dx, y: dy, A: dA })[leaf]);
  const [ds] = (await call(unit, "f_vjp", [s, x, y, A, ...(extra ?? [])])) as readonly [number];
  return { s: [ds], x: [...dx], y: [...dy], A: dA.flatMap((r) => [...r]) };
}

for (const [name, make] of pairs) {
  test(name, async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const [one, other] = make(randomNumbers(seed));
      const [a, b] = [await gradient(one, seed), await gradient(other, seed)];
      for (const of of names) {
        const scale = Math.max(1, ...a[of].map(Math.abs));
        a[of].forEach((d, i) => {
          const off = Math.abs(d - (b[of][i] as number));
          assert.ok(off <= 1e-12 * scale, `by ${of}, ${i}: ${d}, and ${b[of][i]}\n${one}\n${other}`);
        });
      }
      assert.ok(names.filter((of) => a[of].some((d) => d !== 0)).length >= 2, "nothing is tested");
    }
  });
}

test.run();
