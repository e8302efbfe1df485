/**
 * The programs under examples/ on every target against plain Node, which imports the very same files: in mode strict to
 * the bit, in mode contract to a tolerance.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Call, type Program, programs } from "../../bench/programs.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { load } from "../../runtime/load.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";

/** Whether `exp`, `tanh` and the like give the same bits on all targets as in plain Node. */
const sameMath = false;
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
  const plain: Functions = await import(program.file.href);
  const expected = call.args();
  const actual = call.args();
  const expectedResult = plain[call.kernel]?.(...expected);
  const result = await functions[call.kernel]?.(...actual);
  compare(numbersOf([actual, result]), numbersOf([expected, expectedResult]), within);
}

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`examples: ${target}`, why);

for (const program of programs) {
  for (const target of presentTargets) {
    for (const mode of ["strict", "contract"] as const satisfies readonly Mode[]) {
      const exact = mode === "strict" && (sameMath || !program.transcendental);
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
