/**
 * The programs under examples/ on every target against plain Node, which imports the very same files: in mode strict to
 * the bit, in mode contract to a tolerance. Where a program calls `exp` and the like, whose last bits are Node's own in plain
 * Node, the bits are those of target `node`.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Call, type Program, programs } from "../../bench/programs.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { load } from "../../runtime/load.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";

const tolerance = 1e-12;

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** All numbers in a value, in order. */
function numbersOf(x: unknown): readonly number[] {
  if (typeof x === "number") return [x];
  if (ArrayBuffer.isView(x)) return Array.from(x as Float64Array);
  if (typeof x === "object" && x !== null) return Object.values(x).flatMap(numbersOf);
  return [];
}

function compare(actual: readonly number[], expected: readonly number[], within: number): void {
  assert.is(actual.length, expected.length);
  for (const [k, x] of actual.entries()) {
    const y = expected[k] as number;
    const same = within === 0 ? Object.is(x, y) : Math.abs(x - y) <= within * Math.max(1, Math.abs(y));
    if (!same) assert.unreachable(`number ${k} is ${x}, in plain Node ${y}`);
  }
}

async function check(program: Program, call: Call, functions: Functions, within: number): Promise<void> {
  const ownMath = program.transcendental && within === 0;
  const plain: Functions = ownMath
    ? await load(program.file, { target: "node", mode: "strict" })
    : await import(program.file.href);
  const expected = call.args();
  const actual = call.args();
  const expectedResult = await plain[call.kernel]?.(...expected);
  const result = await functions[call.kernel]?.(...actual);
  compare(numbersOf([actual, result]), numbersOf([expected, expectedResult]), within);
}

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`examples: ${target}`, why);

for (const program of programs) {
  for (const target of presentTargets) {
    for (const mode of ["strict", "contract"] as const satisfies readonly Mode[]) {
      const exact = mode === "strict";
      test(`${program.name} on ${target}, ${mode}${exact ? ", to the bit" : ""}`, async () => {
        const functions: Functions = await load(program.file, { target, mode });
        for (const call of program.calls) {
          try {
            await check(program, call, functions, exact ? 0 : tolerance);
          } catch (error) {
            throw new Error(`${call.kernel}, ${call.what}`, { cause: error });
          }
        }
      });
    }
  }
}

/** What each program's `main.ts` shows. */
const shown: Readonly<Record<string, RegExp>> = {
  fft: /^440 periods with amplitude 1\.000\n1000 periods with amplitude 0\.500\n$/,
  nbody: /\n100 years: Jupiter at \(-3\.951, 3\.587\), energy off by \d\.\de-5\n$/,
  spmv: /^40000 unknowns, 199200 entries: \d+ steps, residual \d\.\de-11\n(.{40}\n){20}$/,
  "smith-waterman": /^score 51, 74 columns\nMV-LSPADK/,
  mandelbrot: /^(.{78}\n){32}$/,
  lstm: /\n11 {2}-1\.000 {10}0\.576\n$/,
};
const root = fileURLToPath(new URL("../../", import.meta.url));
for (const [name, expected] of Object.entries(shown)) {
  test(`examples/${name}/main.ts shows its result`, async () => {
    const args = ["--import", join(root, "scripts/dev.mjs"), join(root, "examples", name, "main.ts")];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    assert.match(stdout, expected);
  });
}

test("the programs compute something", async () => {
  for (const program of programs) {
    const plain: Functions = await import(program.file.href);
    const call = program.calls.at(-1) as Call;
    const args = call.args();
    const before = numbersOf(args);
    const result = plain[call.kernel]?.(...args);
    const after = numbersOf(args);
    const changed = after.some((x, k) => !Object.is(x, before[k])) || (numbersOf(result)[0] ?? 0) !== 0;
    assert.ok(changed, `${program.name}: ${call.kernel} changes nothing`);
    assert.ok(after.every(Number.isFinite), `${program.name}: ${call.kernel} leaves no finite numbers`);
  }
});

test.run();
