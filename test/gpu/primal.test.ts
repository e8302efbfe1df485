/**
 * The structured GPU language on the targets that run it on one thread: the kernels in `kernels/` give the same bits everywhere in
 * mode strict, and what plain Node gives but for roundings (f32 rounds after each operation when compiled, and mathematical functions
 * are Node's own there).
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../runtime/load.ts";
import { flatten } from "../ad/directions.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** All that a call leaves behind. */
async function outcome(functions: Functions, kernel: string, args: unknown[]): Promise<readonly number[]> {
  const result = await functions[kernel]?.(...args);
  return [...args, result].flatMap((x) => (x === undefined ? [] : flatten(x)));
}

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`gpu kernels: ${target}`, why);

const files = [...new Set(cases.map((c) => c.file.href))];
for (const href of files) {
  const own = cases.filter((c) => c.file.href === href);
  const name = href.replace(/.*\//, "");
  const reference: Promise<Functions> = load(new URL(href), { target: "node", mode: "strict" });

  test(`${name}: target node is plain Node, but for roundings`, async () => {
    const plain: Functions = await import(href);
    for (const { kernel, args, ...c } of own) {
      const [actual, expected] = [await outcome(await reference, kernel, args()), await outcome(plain, kernel, args())];
      assert.is(actual.length, expected.length, c.name);
      const tolerance = args()
        .flat()
        .some((row) => row instanceof Float32Array)
        ? 1e-5
        : 1e-12;
      actual.forEach((x, i) => {
        const y = expected[i] as number;
        assert.ok(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)), `${c.name}, ${i}: ${x}, in plain Node ${y}`);
      });
      const before = args().flatMap(flatten);
      assert.ok(
        actual.length === 0 || actual.some((x, i) => x !== before[i]) || own.length > 1,
        `${c.name} does nothing`,
      );
    }
  });

  for (const target of presentTargets) {
    if (target === "node") continue;
    test(`${name}: ${target} is target node, to the bit`, async () => {
      const functions: Functions = await load(new URL(href), { target, mode: "strict" });
      for (const { kernel, args, ...c } of own) {
        const expected = await outcome(await reference, kernel, args());
        assert.equal(await outcome(functions, kernel, args()), expected, c.name);
      }
    });
  }
}

test("every exported kernel has cases", async () => {
  for (const href of files) {
    const used = new Set(cases.filter((c) => c.file.href === href).map((c) => c.kernel));
    assert.equal([...used].sort(), Object.keys(await import(href)).sort());
  }
});

test.run();
