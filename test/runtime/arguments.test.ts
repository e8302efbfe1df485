/** Binding arguments: what is accepted, how it is flattened and written back, and every way to be refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Entry } from "../../compiler/artifact.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { type Argument, type ArrayArgument, type Bound, bindArguments } from "../../runtime/arguments.ts";
import { array, zeros } from "../../runtime/array.ts";
import { type LaunchCode, LaunchError, launchErrors } from "../../runtime/launch-error.ts";
import { arrayOf, entryOf, type Params, scalar, struct, tuple } from "./units.ts";

/** Binds a call of a kernel `k`; `signature` is its parameters in the IR. */
function bind(params: Params, signature: string, ...values: unknown[]): Bound {
  const host = parse(`stage kernel export host @k(${signature}) { }`).funcs[0];
  if (host === undefined) throw new Error("no host");
  return bindArguments(entryOf("k", params), host, values);
}
const data = (a: Argument | undefined): unknown[] => Array.from((a as ArrayArgument).data);

function refuses(code: LaunchCode, message: RegExp, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.instance(error, LaunchError);
    const { code: found, kernel, message: text } = error as LaunchError;
    assert.is(found, code, text);
    assert.is(kernel, "k");
    assert.match(text, message);
    assert.ok(text.startsWith(`${code}: k: `) && text.endsWith(launchErrors[code].help), text);
    return;
  }
  assert.unreachable(`nothing was refused, ${code} expected`);
}

const matrix: Params = { A: [arrayOf("f64", 2), "readwrite"] };
const bindMatrix = (v: unknown): Bound => bind(matrix, "%A: f64[%n, %m]", v);
const vector = (type: "f64" | "f32" | "i32" | "u32" | "index" | "bool", v: unknown): Bound =>
  bind({ x: [arrayOf(type), "readwrite"] }, `%x: ${type}[%n]`, v);
const one = (type: "f64" | "f32" | "i32" | "u32" | "index" | "bool", v: unknown): unknown => {
  const arg = bind({ x: scalar(type) }, `%x: ${type}`, v).args[0] as Argument;
  return arg.kind === "scalar" ? arg.value : assert.unreachable();
};

test("scalars", () => {
  assert.is(one("f64", 0.1), 0.1);
  assert.ok(Number.isNaN(one("f64", Number.NaN)));
  assert.ok(Object.is(one("f64", -0), -0));
  assert.is(one("f32", 0.1), Math.fround(0.1));
  assert.is(one("i32", -(2 ** 31)), -(2 ** 31));
  assert.is(one("u32", 2 ** 32 - 1), 2 ** 32 - 1);
  assert.is(one("index", -(2 ** 31)), -(2 ** 31));
  assert.ok(Object.is(one("i32", -0), 0));
  assert.is(one("bool", true), true);
});

test("scalars refused", () => {
  refuses("TG3002", /x is the string "5", not a number/, () => one("f64", "5"));
  refuses("TG3002", /x is undefined, not a number/, () => one("f64", undefined));
  refuses("TG3002", /x is a bigint, not an i32/, () => one("i32", 5n));
  refuses("TG3002", /x is an array, not a number/, () => one("f64", [1]));
  refuses("TG3002", /x is 1, not a boolean/, () => one("bool", 1));
  refuses("TG3003", /x is NaN, not an i32 \(an integer from -2147483648 to 2147483647\)/, () => one("i32", Number.NaN));
  refuses("TG3003", /x is 1.5, not an i32/, () => one("i32", 1.5));
  refuses("TG3003", /x is 2147483648, not an i32/, () => one("i32", 2 ** 31));
  refuses("TG3003", /x is -1, not a u32 /, () => one("u32", -1));
  refuses("TG3003", /x is Infinity, not an index/, () => one("index", Number.POSITIVE_INFINITY));
  refuses("TG3003", /x is 2147483649: an index that is passed by itself lies within ±2\^31/, () =>
    one("index", 2 ** 31 + 1),
  );
});

test("nested arrays: flattened, shaped, written back in place", () => {
  const row = [3, 4];
  const A = [[1, 2], row, [5, 6]];
  const bound = bindMatrix(A);
  const arg = bound.args[0] as ArrayArgument;
  assert.equal(arg.shape, [3, 2]);
  assert.equal(data(arg), [1, 2, 3, 4, 5, 6]);
  assert.not(arg.borrowed);
  assert.equal([...bound.sizes.values()], [3, 2]);
  assert.equal([...bound.names.values()], ["A.length", "A[0].length"]);
  arg.data.set([10, 20, 30, 40, 50, 60]);
  assert.equal(A, [[1, 2], row, [5, 6]], "nothing is written before writeBack");
  bound.writeBack();
  assert.equal(A, [
    [10, 20],
    [30, 40],
    [50, 60],
  ]);
  assert.is(A[1], row);
});

test("nested arrays with typed rows, of rank 3", () => {
  const A = [[new Float64Array([1, 2])], [new Float64Array([3, 4])]];
  const bound = bind({ A: [arrayOf("f64", 3), "write"] }, "%A: f64[%a, %b, %c]", A);
  const arg = bound.args[0] as ArrayArgument;
  assert.equal(arg.shape, [2, 1, 2]);
  arg.data.fill(7);
  bound.writeBack();
  assert.equal(A[1]?.[0], new Float64Array([7, 7]));
});

test("typed arrays and NdArrays are borrowed", () => {
  const x = new Int32Array([1, 2]);
  assert.is((vector("i32", x).args[0] as ArrayArgument).data, x);
  const A = zeros("f64", [2, 3]);
  const arg = bindMatrix(A).args[0] as ArrayArgument;
  assert.is(arg.data, A.data);
  assert.ok(arg.borrowed);
  assert.equal(arg.shape, [2, 3]);
});

test("a parameter that is only read is not written back", () => {
  const frozen = Object.freeze([1, 2]);
  const bound = bind({ x: arrayOf("f64") }, "%x: f64[%n]", frozen);
  (bound.args[0] as ArrayArgument).data.fill(9);
  bound.writeBack();
  assert.equal(frozen, [1, 2]);
});

test("booleans and integers in nested arrays", () => {
  const flags = [true, false];
  const bound = vector("bool", flags);
  assert.equal(data(bound.args[0]), [1, 0]);
  (bound.args[0] as ArrayArgument).data.set([0, 1]);
  bound.writeBack();
  assert.equal(flags, [false, true]);
  assert.equal(data(vector("u32", [2 ** 32 - 1]).args[0]), [2 ** 32 - 1]);
  assert.equal(data(vector("index", [2 ** 40]).args[0]), [2 ** 40]);
  assert.equal(data(vector("f32", [0.1]).args[0]), [Math.fround(0.1)]);
});

test("empty arrays", () => {
  assert.equal((bindMatrix([]).args[0] as ArrayArgument).shape, [0, 0]);
  assert.equal((bindMatrix([[], []]).args[0] as ArrayArgument).shape, [2, 0]);
  assert.equal((bindMatrix(zeros("f64", [0, 5])).args[0] as ArrayArgument).shape, [0, 5]);
  assert.equal((vector("f64", new Float64Array(0)).args[0] as ArrayArgument).shape, [0]);
});

const points: Params = { p: [arrayOf(struct({ x: scalar("f64"), n: scalar("i32") })), "readwrite"] };
test("arrays of structs: one array a component, written back into the objects", () => {
  const p = [
    { x: 1, n: 2, label: "a" },
    { x: 3, n: 4, label: "b" },
  ];
  const first = p[0];
  const bound = bind(points, "%x: f64[%a], %n: i32[%b]", p);
  assert.equal(
    bound.args.map((a) => [a.name, ...data(a)]),
    [
      ["p[].x", 1, 3],
      ["p[].n", 2, 4],
    ],
  );
  (bound.args[0] as ArrayArgument).data.fill(0.5);
  bound.writeBack();
  assert.equal(p, [
    { x: 0.5, n: 2, label: "a" },
    { x: 0.5, n: 4, label: "b" },
  ]);
  assert.is(p[0], first);
});

test("structs and tuples, nested, in the order of their fields", () => {
  const type = struct({
    shift: tuple(scalar("f64"), scalar("f64")),
    xs: arrayOf("f64"),
    at: struct({ i: scalar("index") }),
  });
  const bound = bind({ s: type }, "%a: f64, %b: f64, %xs: f64[%n], %i: index", {
    at: { i: 4 },
    xs: [1, 2],
    shift: [5, 6],
  });
  assert.equal(
    bound.args.map((a) => (a.kind === "scalar" ? [a.name, a.value] : [a.name, ...a.data])),
    [
      ["s.shift[0]", 5],
      ["s.shift[1]", 6],
      ["s.xs", 1, 2],
      ["s.at.i", 4],
    ],
  );
});

test("arrays of tuples and of structs that hold arrays", () => {
  const pairs: Params = { p: [arrayOf(tuple(scalar("f64"), scalar("bool")), 2), "readwrite"] };
  const p: [number, boolean][][] = [[[1, true]], [[2, false]]];
  const bound = bind(pairs, "%a: f64[%n, %m], %b: bool[%n1, %m1]", p);
  assert.equal(bound.args.map(data), [
    [1, 2],
    [1, 0],
  ]);
  (bound.args[1] as ArrayArgument).data.set([0, 1]);
  bound.writeBack();
  assert.equal(p, [[[1, false]], [[2, true]]]);

  const rows: Params = { p: [arrayOf(struct({ r: arrayOf("f64") })), "readwrite"] };
  const q = [{ r: [1, 2] }, { r: [3, 4] }];
  const inner = bind(rows, "%r: f64[%n, %m]", q);
  assert.is(inner.args[0]?.name, "p[].r");
  (inner.args[0] as ArrayArgument).data.fill(8);
  inner.writeBack();
  assert.equal(q, [{ r: [8, 8] }, { r: [8, 8] }]);
  refuses("TG3006", /axis 1 is ragged: p\[1\].r has length 1, p\[0\].r has 2/, () =>
    bind(rows, "%r: f64[%n, %m]", [{ r: [1, 2] }, { r: [3] }]),
  );
});

test("refused: the number of arguments", () => {
  refuses("TG3001", /takes 1 \(A\), got 0/, () => bind(matrix, "%A: f64[%n, %m]"));
  refuses("TG3001", /takes 1 \(A\), got 2/, () => bind(matrix, "%A: f64[%n, %m]", [[1]], 2));
});

test("refused: not an array", () => {
  refuses("TG3002", /A is 5, not an array/, () => bindMatrix(5));
  refuses("TG3002", /A is null, not an array/, () => bindMatrix(null));
  refuses("TG3002", /A is an object, not an array/, () => bindMatrix({ length: 0 }));
  refuses("TG3002", /p has no x|p\[0\] has no x/, () => bind(points, "%x: f64[%a], %n: i32[%b]", [{ n: 1 }]));
  refuses("TG3002", /p is an NdArray, here an array of objects/, () =>
    bind(points, "%x: f64[%a], %n: i32[%b]", zeros("f64", [3])),
  );
  refuses("TG3002", /s is 3, not an object with x/, () => bind({ s: struct({ x: scalar("f64") }) }, "%x: f64", 3));
});

test("refused: element types", () => {
  refuses("TG3004", /x is Float32Array, the parameter is f64/, () => vector("f64", new Float32Array(3)));
  refuses("TG3004", /x is Float64Array, the parameter is f32/, () => vector("f32", new Float64Array(3)));
  refuses("TG3004", /x is Uint8Array, the parameter is i32/, () => vector("i32", new Uint8Array(3)));
  refuses("TG3004", /x is BigInt64Array, the parameter is index/, () => vector("index", new BigInt64Array(3)));
  refuses("TG3004", /A\[1\] is Float32Array, the parameter is f64/, () => bindMatrix([[1], new Float32Array(1)]));
  refuses("TG3004", /A is an NdArray of f32, the parameter is f64/, () => bindMatrix(zeros("f32", [1, 1])));
  refuses("TG3004", /x is an NdArray of index, the parameter is f64/, () => vector("f64", zeros("index", [1])));
});

test("refused: the number of axes", () => {
  refuses("TG3005", /A is Float64Array, the parameter has 2 axes/, () => bindMatrix(new Float64Array(4)));
  refuses("TG3005", /A\[0\] is 1: the argument has 1 axis, the parameter 2/, () => bindMatrix([1, 2]));
  refuses("TG3005", /A\[0\]\[0\] is an array: .* more axes than the parameter's 2/, () => bindMatrix([[[1]]]));
  refuses("TG3005", /A is an NdArray of 1 axis, the parameter has 2/, () => bindMatrix(zeros("f64", [4])));
  refuses("TG3005", /x\[0\] is Float64Array: .* more axes/, () => vector("f64", [new Float64Array(1)]));
});

test("refused: ragged rows", () => {
  refuses("TG3006", /axis 1 is ragged: A\[1\] has length 1, A\[0\] has 2/, () => bindMatrix([[1, 2], [3]]));
  refuses("TG3006", /axis 1 is ragged: A\[1\] has length 3, A\[0\] has 2/, () =>
    bindMatrix([[1, 2], new Float64Array(3)]),
  );
  refuses("TG3006", /axis 2 is ragged: B\[1\]\[0\] has length 2, B\[0\]\[0\] has 1/, () =>
    bind({ B: arrayOf("f64", 3) }, "%B: f64[%a, %b, %c]", [
      [[1], [2]],
      [[3, 4], [5]],
    ]),
  );
});

test("refused: detached memory", () => {
  const x = new Float64Array(4);
  const A = array(new Float64Array(4), [2, 2]);
  const buffers = [x.buffer, A.data.buffer] as ArrayBuffer[];
  structuredClone(buffers, { transfer: buffers });
  refuses("TG3007", /x has lost its memory/, () => vector("f64", x));
  refuses("TG3007", /A has lost its memory/, () => bindMatrix(A));
  refuses("TG3007", /A\[1\] has lost its memory/, () => bindMatrix([[], x]));
});

test("refused: holes and other elements", () => {
  refuses("TG3008", /A\[1\]\[0\] is undefined, not a number/, () => bindMatrix([[1, 2], new Array(2)]));
  refuses("TG3008", /A\[1\] is undefined, not an array/, () => bindMatrix([[1, 2], undefined]));
  refuses("TG3008", /x\[1\] is the string "2", not a number/, () => vector("f64", [1, "2"]));
  refuses("TG3008", /x\[0\] is null, not a boolean/, () => vector("bool", [null]));
  refuses("TG3008", /p\[1\] is undefined, not an object with x/, () =>
    bind(points, "%x: f64[%a], %n: i32[%b]", [{ x: 1, n: 1 }, undefined]),
  );
  refuses("TG3003", /x\[1\] is NaN, not an i32/, () => vector("i32", [1, Number.NaN]));
  refuses("TG3003", /x\[0\] is 0.5, not an index/, () => vector("index", new Float64Array([0.5])));
  refuses("TG3003", /x\[1\] is 2, not a bool \(0 or 1\)/, () => vector("bool", new Uint8Array([1, 2])));
  refuses("TG3003", /p\[0\].n is 1.5, not an i32/, () => bind(points, "%x: f64[%a], %n: i32[%b]", [{ x: 1, n: 1.5 }]));
});

test("refused: what is written and frozen", () => {
  refuses("TG3011", /A is written, but \(a row of\) it is frozen/, () => bindMatrix([[1], Object.freeze([2])]));
  refuses("TG3011", /p\[\].x is written, but/, () =>
    bind(points, "%x: f64[%a], %n: i32[%b]", [Object.freeze({ x: 1, n: 1 })]),
  );
});

const pair = (second: "read" | "readwrite" | "none"): [Entry["params"], (a: unknown, b: unknown) => Bound] => {
  const params: Params = { A: [arrayOf("f64", 2), "write"], x: [arrayOf("f64"), second] };
  return [entryOf("k", params).params, (a, b) => bind(params, "%A: f64[%n, %m], %x: f64[%k]", a, b)];
};

test("refused: overlap", () => {
  const [, call] = pair("read");
  const row = [1, 2];
  refuses("TG3009", /A and x share memory, and the kernel writes A/, () => call([row, [3, 4]], row));
  refuses("TG3009", /rows of A share memory, and the kernel writes them/, () => call(new Array(3).fill(row), [1]));
  const buffer = new ArrayBuffer(80);
  const A = array(new Float64Array(buffer, 0, 6), [2, 3]);
  refuses("TG3009", /A and x share memory/, () => call(A, new Float64Array(buffer, 40, 1)));
  refuses("TG3009", /A and x share memory/, () => call([new Float64Array(buffer, 0, 2)], new Float64Array(buffer)));
  refuses("TG3009", /p\[\].x share memory/, () => {
    const o = { x: 1, n: 1 };
    return bind(points, "%x: f64[%a], %n: i32[%b]", [o, o]);
  });
  const x = new Float64Array(2);
  refuses("TG3009", /s.b and s.a share memory|s.a and s.b share memory/, () =>
    bind({ s: [struct({ a: arrayOf("f64"), b: arrayOf("f64") }), "write"] }, "%a: f64[%n], %b: f64[%m]", {
      a: x,
      b: x,
    }),
  );
});

test("no overlap: neighbours, empty arrays, arrays that are only read or not at all", () => {
  const [, call] = pair("read");
  const buffer = new ArrayBuffer(80);
  const A = array(new Float64Array(buffer, 0, 6), [2, 3]);
  call(A, new Float64Array(buffer, 48, 1));
  call(A, new Float64Array(buffer, 8, 0));
  const empty: number[] = [];
  call([empty, empty], empty);
  const row = [1, 2];
  pair("none")[1]([row], row);
  const reading: Params = { A: arrayOf("f64", 2), x: arrayOf("f64") };
  bind(reading, "%A: f64[%n, %m], %x: f64[%k]", [row, row], row);
  const B = zeros("f64", [2, 2]);
  bind({ A: arrayOf("f64", 2), B: arrayOf("f64", 2) }, "%A: f64[%n, %m], %B: f64[%k, %l]", B, B);
});

test("overlap is found between any two of many ranges", () => {
  const params: Params = { r: arrayOf("f64"), w: [arrayOf("f64"), "write"], s: arrayOf("f64") };
  const call = (...values: unknown[]): Bound => bind(params, "%r: f64[%a], %w: f64[%b], %s: f64[%c]", ...values);
  const buffer = new ArrayBuffer(800);
  const part = (from: number, to: number): Float64Array => new Float64Array(buffer, 8 * from, to - from);
  // r reaches over s, which ends before w begins, within r.
  refuses("TG3009", /w and r share memory, and the kernel writes w/, () =>
    call(part(0, 100), part(50, 60), part(10, 20)),
  );
  refuses("TG3009", /w and s share memory/, () => call(part(0, 10), part(20, 60), part(30, 31)));
  call(part(0, 50), part(50, 60), part(0, 40));
});

test("typed arrays of another realm are taken", async () => {
  const { runInNewContext } = await import("node:vm");
  const x = runInNewContext("new Float64Array([1, 2])");
  assert.equal(data(vector("f64", x).args[0]), [1, 2]);
  assert.equal(data(vector("f64", runInNewContext("[1, 2]")).args[0]), [1, 2]);
});

test.run();
