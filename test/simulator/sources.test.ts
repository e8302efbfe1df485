/** Faults of kernel files are found at the file's own lines, which the comments in `kernels/wrong.ts` mark. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../runtime/load.ts";
import { failure } from "./simulate.ts";

const file = new URL("kernels/wrong.ts", import.meta.url);
const lines = readFileSync(file, "utf8").split("\n");
const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i);

interface Expected {
  readonly args: () => unknown[];
  readonly code: string;
  readonly says: RegExp;
  /** What is all right, when the settings do not ask for it. */
  readonly onlyAsked?: true;
}

const expected: Readonly<Record<string, Expected>> = {
  mirror: {
    args: () => [numbers(16)],
    code: "TG3025",
    says: /mirror: a race on part\[\d\]: .* of workgroup [01] .* there is no barrier between the two/,
  },
  prefix: {
    args: () => [numbers(20)],
    code: "TG3025",
    says: /prefix: a race on x\[\d+\]: the (read|update) by thread \d+ of workgroup 0 .* and the (read|update) by thread \d+ /,
  },
  last: {
    args: () => [Int32Array.of(1, 2, 1, 0), numbers(4), numbers(4)],
    code: "TG3025",
    says: /last: a race on out\[1\]: the write by thread [02] of .* and the write by thread [02] of/,
  },
  beyond: {
    args: () => [Int32Array.of(0, 1, 2, 3), numbers(4), numbers(4)],
    code: "TG3013",
    says: /beyond: x\[4\] is outside of x: axis 0 has length 4/,
  },
  halo: {
    args: () => [numbers(16), numbers(16)],
    code: "TG3026",
    says: /halo: the read of part\[8\] by thread \d+ of workgroup \d+/,
    onlyAsked: true,
  },
};

for (const [kernel, { args, code, says, onlyAsked }] of Object.entries(expected)) {
  test(`${kernel} fails where it says so, and leaves its arguments alone`, async () => {
    const functions: Record<string, (...args: unknown[]) => Promise<unknown>> = await load(file, {
      target: "simulator",
      unwritten: true,
    });
    const [given, before] = [args(), args()];
    const error = await failure(functions[kernel]?.(...given) ?? Promise.resolve());
    assert.is(error?.code, code, error?.message);
    assert.match(error?.message ?? "", says);
    const marked = lines.flatMap((line, k) => (new RegExp(`// ${kernel}(:|$)`).test(line) ? [k + 1] : []));
    assert.ok(marked.length > 0);
    for (const line of marked) {
      assert.ok(error?.message.includes(`(${fileURLToPath(file)}:${line})`), `line ${line}: ${error?.message}`);
    }
    assert.equal(given, before);
    if (onlyAsked === undefined) return;
    const lenient: typeof functions = await load(file, { target: "simulator" });
    assert.is(await failure(lenient[kernel]?.(...given) ?? Promise.resolve()), null);
    assert.not.equal(given, before);
  });
}

test("a seed is an integer", async () => {
  for (const seed of [1.5, -1, Number.NaN]) {
    const error = await failure(load(file, { target: "simulator", seed }));
    assert.is(error?.code, "TG3018", `${seed}`);
  }
});

test.run();
