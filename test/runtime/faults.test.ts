/**
 * What goes wrong with a call, on every target: the code, the message with kernel, array, axis, index, extent and line, the
 * arguments unchanged to the bit, and the same loaded kernel right at the next call.
 */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { array } from "../../runtime/array.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { load } from "../../runtime/load.ts";
import { makePlace } from "../cli/tsgpu.ts";
import { absent, presentTargets } from "../fuzz/run.ts";
import { skip } from "../skip.ts";

const file = new URL("../fixtures/faults.ts", import.meta.url);
type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

interface Fault {
  readonly what: string;
  readonly kernel: string;
  /** The arguments anew each time. */
  readonly bad: () => readonly unknown[];
  readonly good: () => readonly unknown[];
  readonly code: string;
  readonly message: RegExp;
  /** Found by the kernel while it runs: target `node` runs plain JavaScript, which finds nothing. */
  readonly inKernel?: true;
}

const f64 = (...x: number[]): Float64Array => Float64Array.from(x);
const i32 = (...x: number[]): Int32Array => Int32Array.from(x);
const detached = (): Float64Array => {
  const x = new Float64Array(3);
  structuredClone(x, { transfer: [x.buffer] });
  return x;
};
const oneBuffer = (): readonly [Float64Array, Float64Array] => {
  const { buffer } = f64(1, 2, 3, 4);
  return [new Float64Array(buffer, 0, 3), new Float64Array(buffer, 8, 3)];
};
const sharedRow = (): readonly Float64Array[] => {
  const row = f64(1, 2);
  return [row, row];
};

/** `x.length = 3` and the like stand in the messages of launches; the line is the access's. */
const faults: readonly Fault[] = [
  {
    what: "an index that is certain to be outside",
    kernel: "first",
    bad: () => [f64()],
    good: () => [f64(4, 5)],
    code: "TG3012",
    message: /first: x is too short on axis 0: index 0, length 0, with x\.length = 0 \(.*faults\.ts:6\)/,
  },
  {
    what: "an array that is certain to be too short",
    kernel: "add",
    bad: () => [f64(1, 2, 3), f64(1)],
    good: () => [f64(1, 2, 3), f64(4, 5, 6, 7)],
    code: "TG3012",
    message: /add: y is too short on axis 0: index 2, length 1, with y\.length = 1, x\.length = 3 \(.*faults\.ts:12\)/,
  },
  {
    what: "an array that is too short for these data",
    kernel: "addSome",
    bad: () => [f64(1, -2, 3), f64(1)],
    // Too short for others: the version that checks runs, and finds nothing.
    good: () => [f64(1, -2, -3), f64(1)],
    code: "TG3013",
    message: /addSome: y\[2\] is outside of y: axis 0 has length 1 \(.*faults\.ts:18\)/,
    inKernel: true,
  },
  {
    what: "an index that is certain to be negative",
    kernel: "before",
    bad: () => [f64(1, 2), 3],
    good: () => [f64(1, 2), 1],
    code: "TG3012",
    message: /before: x is subscripted below 0 on axis 0: index -2, length 2, with n = 3 \(.*faults\.ts:23\)/,
  },
  {
    what: "a column beyond the last",
    kernel: "column",
    bad: () => [[f64(1, 2), f64(3, 4)], 2],
    good: () => [[f64(1, 2), f64(3, 4)], 1],
    code: "TG3012",
    message: /column: A is too short on axis 1: index 2, length 2, with .*j = 2.* \(.*faults\.ts:28\)/,
  },
  {
    what: "a negative column",
    kernel: "column",
    bad: () => [[f64(1, 2), f64(3, 4)], -1],
    good: () => [[f64(1, 2), f64(3, 4)], 0],
    code: "TG3012",
    message: /column: A is subscripted below 0 on axis 1: index -1, length 2, with j = -1.* \(.*faults\.ts:28\)/,
  },
  {
    what: "an index from memory, one past the end, after others were written",
    kernel: "scatter",
    bad: () => [f64(1, 2), i32(0, 1, 2)],
    good: () => [f64(1, 2), i32(1, 1, 0)],
    code: "TG3013",
    message: /scatter: x\[2\] is outside of x: axis 0 has length 2 \(.*faults\.ts:32\)/,
    inKernel: true,
  },
  {
    what: "a negative index from memory",
    kernel: "scatter",
    bad: () => [
      [1, 2],
      [0, -1],
    ],
    good: () => [[1, 2], []],
    code: "TG3013",
    message: /scatter: x\[-1\] is outside of x: axis 0 has length 2 \(.*faults\.ts:32\)/,
    inKernel: true,
  },
  {
    what: "an index into an empty array",
    kernel: "scatter",
    bad: () => [f64(), i32(0)],
    good: () => [f64(), i32()],
    code: "TG3013",
    message: /scatter: x\[0\] is outside of x: axis 0 has length 0 \(.*faults\.ts:32\)/,
    inKernel: true,
  },
  {
    what: "an index on the second axis",
    kernel: "scatter2",
    bad: () => [array(f64(1, 2, 3, 4), [2, 2]), i32(0, 5)],
    good: () => [array(f64(1, 2, 3, 4), [2, 2]), i32(0, 1)],
    code: "TG3013",
    message: /scatter2: A\[…\]\[5\] is outside of A: axis 1 has length 2 \(.*faults\.ts:37\)/,
    inKernel: true,
  },
  {
    what: "a NaN index",
    kernel: "scatterFloor",
    bad: () => [f64(1, 2), f64(0, Number.NaN)],
    good: () => [f64(1, 2), f64(0.5, 1.9)],
    code: "TG3013",
    message: /scatterFloor: x\[NaN, or below -2\^53\] is outside of x: axis 0 has length 2 \(.*faults\.ts:42\)/,
    inKernel: true,
  },
  {
    what: "an infinite index",
    kernel: "scatterFloor",
    bad: () => [f64(1, 2), f64(1, Number.POSITIVE_INFINITY)],
    good: () => [f64(1, 2), f64(1, -0)],
    code: "TG3013",
    message: /scatterFloor: x\[above 2\^53\] is outside of x: axis 0 has length 2 \(.*faults\.ts:42\)/,
    inKernel: true,
  },
  {
    what: "a remainder by zero as an index",
    kernel: "wrap",
    bad: () => [f64(1, 2), i32(0, 3), 0],
    good: () => [f64(1, 2), i32(0, 3), 2],
    code: "TG3013",
    message: /wrap: x\[NaN, or below -2\^53\] is outside of x: axis 0 has length 2 \(.*faults\.ts:47\)/,
    inKernel: true,
  },
  {
    what: "an index into a local array",
    kernel: "histogram",
    bad: () => [f64(1, 2, 3, 4), i32(0, 4)],
    good: () => [f64(1, 2, 3, 4), i32(0, 3, 3)],
    code: "TG3013",
    message: /histogram: counts\[4\] is outside of counts: axis 0 has length 4 \(.*faults\.ts:53\)/,
    inKernel: true,
  },
  {
    what: "an index into an array of structs",
    kernel: "move",
    bad: () => [[{ x: 1, y: 2 }], i32(0, 7)],
    good: () => [[{ x: 1, y: 2 }], i32(0, 0)],
    code: "TG3013",
    message: /move: points\[\]\.x\[7\] is outside of points\[\]\.x: axis 0 has length 1 \(.*faults\.ts:70\)/,
    inKernel: true,
  },
  {
    what: "ragged rows, where empty ones would be right",
    kernel: "total",
    bad: () => [[[1, 2], [3]]],
    good: () => [[]],
    code: "TG3006",
    message: /total: axis 1 is ragged: A\[1\] has length 1, A\[0\] has 2/,
  },
  {
    what: "ragged rows",
    kernel: "column",
    bad: () => [[f64(1, 2), f64(3)], 0],
    good: () => [[f64(1, 2), f64(3, 4)], 0],
    code: "TG3006",
    message: /column: axis 1 is ragged: A\[1\] has length 1, A\[0\] has 2/,
  },
  {
    what: "arguments that overlap",
    kernel: "add",
    bad: oneBuffer,
    good: () => [f64(1, 2, 3), f64(1, 2, 3)],
    code: "TG3009",
    message: /add: x and y share memory, and the kernel writes x/,
  },
  {
    what: "rows that are one row",
    kernel: "column",
    bad: () => [sharedRow(), 0],
    good: () => [[f64(1, 2), f64(1, 2)], 0],
    code: "TG3009",
    message: /column: rows of A share memory, and the kernel writes them/,
  },
  {
    what: "a detached buffer",
    kernel: "add",
    bad: () => [f64(1), detached()],
    good: () => [f64(1), f64(2)],
    code: "TG3007",
    message: /add: y has lost its memory/,
  },
  {
    what: "a typed array of another type",
    kernel: "add",
    bad: () => [f64(1), Float32Array.of(1)],
    good: () => [f64(1), f64(2)],
    code: "TG3004",
    message: /add: y is .*Float32Array.*, the parameter is f64/,
  },
  {
    what: "an NdArray of another type",
    kernel: "scatter",
    bad: () => [f64(1), array(f64(0), [1])],
    good: () => [f64(1), array(new Int32Array(1), [1])],
    code: "TG3004",
    message: /scatter: at is an NdArray of f64, the parameter is i32/,
  },
  {
    what: "a fraction among integers",
    kernel: "scatter",
    bad: () => [
      [1, 2],
      [0, 0.5],
    ],
    good: () => [
      [1, 2],
      [0, 1],
    ],
    code: "TG3003",
    message: /scatter: at\[1\] is 0\.5, not an i32/,
  },
];

/** A copy to compare with; memory that is gone stays gone. */
const snapshot = (args: readonly unknown[]): string =>
  JSON.stringify(args, (_, x: unknown) =>
    ArrayBuffer.isView(x)
      ? x.byteLength > 0 && Array.from(new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
      : typeof x === "number" && !Number.isFinite(x)
        ? String(x)
        : x,
  );

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return null;
}

/** Numbers of arrays in whatever form. */
function numbersOf(x: unknown): readonly number[] {
  if (typeof x === "number") return [x];
  if (ArrayBuffer.isView(x)) return Array.from(x as Float64Array);
  if (typeof x === "object" && x !== null && "data" in x) return numbersOf(x.data);
  return typeof x === "object" && x !== null ? Object.values(x).flatMap(numbersOf) : [];
}
/** As plain JavaScript takes it. */
const plainArgument = (x: unknown): unknown =>
  typeof x === "object" && x !== null && "data" in x && "shape" in x && (x.shape as number[]).length === 2
    ? [0, 1].map((i) => (x.data as Float64Array).subarray(2 * i, 2 * i + 2))
    : typeof x === "object" && x !== null && "data" in x
      ? x.data
      : x;

const plain: Functions = await import(file.href);

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`faults: ${target}`, why);

for (const target of presentTargets) {
  for (const { what, kernel, bad, good, code, message, inKernel } of faults) {
    if (inKernel && target === "node") continue;
    test(`${target}: ${what}`, async () => {
      const functions: Functions = await load(file, { target, mode: "strict" });
      const args = bad();
      const before = snapshot(args);
      const error = await errorOf(() => functions[kernel]?.(...args));
      assert.instance(error, LaunchError, String(error));
      assert.is((error as LaunchError).code, code, String(error));
      assert.is((error as LaunchError).kernel, kernel);
      assert.match((error as LaunchError).message, message);
      assert.match((error as LaunchError).message, /\n {2}help: ./);
      assert.is(snapshot(args), before);
      const [right, expected] = [good(), good()];
      const result = await functions[kernel]?.(...right);
      const wanted = plain[kernel]?.(...expected.map(plainArgument));
      assert.equal(numbersOf([right, result]), numbersOf([expected, wanted]));
    });
  }
}

test("the command says the same, and fails with 1", async () => {
  const { tsgpu, remove } = makePlace({ "at.json": "[0, 1, 2]", "x.json": "[1, 2]", "y.json": "[1]" });
  const path = fileURLToPath(file);
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "scatter",
      ["--input", "x=x.json", "--input", "at=at.json"],
      /TG3013: scatter: x\[2\] is outside of x.*faults\.ts:32/,
    ],
    ["add", ["--input", "x=x.json", "--input", "y=y.json"], /TG3012: add: y is too short on axis 0: index 1, length 1/],
    ["first", ["--size", "x_0=0"], /TG3012: first: x is too short on axis 0: index 0, length 0/],
  ];
  try {
    for (const [kernel, args, message] of cases) {
      const { code, stderr } = await tsgpu(["run", `${path}:${kernel}`, "--target", "wasm", ...args]);
      assert.is(code, 1, stderr);
      assert.match(stderr, message);
      assert.not.match(stderr, /\n +at /);
    }
  } finally {
    remove();
  }
});

test.run();
