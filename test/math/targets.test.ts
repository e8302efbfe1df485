/** Every function of the math library through the whole compiler: the same bits on every target, in every mode. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mathOps, unaryOps } from "../../compiler/ir/ops.ts";
import * as library from "../../kernels/math/index.ts";
import { load } from "../../runtime/load.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";

const folder = mkdtempSync(join(tmpdir(), "tsgpu-math-"));
const file = join(folder, "functions.ts");
const cases = mathOps.flatMap((op) => [
  { name: op, type: "f64", call: `Math.${op}` },
  { name: `${op}f`, type: "f32", call: `Math.${op}` },
]);
const isUnary = (call: string): boolean => call.slice("Math.".length) in unaryOps;
writeFileSync(
  file,
  [
    'import type { f32, f64 } from "tsgpu";',
    ...cases.map(
      ({ name, type, call }) =>
        `export function ${name}(x: ${type}[], z: ${type}[], y: ${type}[]): void {
  for (let i = 0; i < y.length; i++) y[i] = ${call}(${isUnary(call) ? "x[i]" : "x[i], z[i]"});
}`,
    ),
  ].join("\n"),
);

const count = 600;
const bits = new DataView(new ArrayBuffer(8));
let seed = 2463534242;
const random = (): number => {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
};
/** Half of the arguments have any bits at all, half are of ordinary size. */
function argument(i: number): number {
  if (i % 2 === 0) return ((random() / 2 ** 32) * 2 - 1) * 2 ** (random() % 12);
  bits.setUint32(0, random());
  bits.setUint32(4, random());
  return bits.getFloat64(0);
}
const [xs, zs] = [0, 1].map(() => Array.from({ length: count }, (_, i) => argument(i))) as [number[], number[]];

type Row = Float64Array | Float32Array;
type Function = (x: Row, z: Row, y: Row) => Promise<void>;
const rows = (type: string, list: readonly number[]): Row =>
  type === "f32" ? Float32Array.from(list) : Float64Array.from(list);

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`math functions: ${target}`, why);

for (const target of presentTargets) {
  // Loose modes leave the library alone; the interpreter knows no modes.
  for (const mode of target === "native" || target === "c" ? (["contract", "fast"] as const) : (["strict"] as const)) {
    test(`${target}, ${mode}: ${cases.length} functions as plain Node computes them`, async () => {
      const functions = (await load(file, { target, mode })) as unknown as Record<string, Function>;
      for (const { name, type, call } of cases) {
        const [x, z, y] = [rows(type, xs), rows(type, zs), rows(type, xs)];
        await functions[name]?.(x, z, y);
        const plain = (library as unknown as Record<string, (...args: number[]) => number>)[name];
        x.forEach((a, i) => {
          const wanted = isUnary(call) ? plain?.(a) : plain?.(a, z[i] as number);
          assert.ok(Object.is(y[i], wanted), `${name}(${a}, ${z[i]}) is ${y[i]}, not ${wanted}`);
        });
      }
    });
  }
}

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
