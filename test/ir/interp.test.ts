/** What the interpreter does, statement by statement, and what it refuses. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type InterpArg, type InterpArray, InterpError, type InterpOptions, interpret } from "../../compiler/interp.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";

function run(text: string, args: readonly InterpArg[] = [], options: InterpOptions = {}): (number | boolean)[] {
  const m = parse(text, "t.ir");
  assert.equal(verify(m), []);
  return interpret(m, "f", args, options);
}

const loop = (text: string): string => `stage loop\n${text}`;
const f64 = (...data: number[]): InterpArray => ({ data: Float64Array.from(data), shape: [data.length] });
const square = (n: number, ...data: number[]): InterpArray => ({ data: Float64Array.from(data), shape: [n, n] });

/** The error of a run that must fail. */
function failure(text: string, args: readonly InterpArg[] = [], options: InterpOptions = {}): InterpError {
  try {
    run(text, args, options);
  } catch (e) {
    if (e instanceof InterpError) return e;
    throw e;
  }
  throw new Error("it runs");
}

test("a sum that is carried", () => {
  const text = loop(`func @f(%x: f64[%n], %y: f64[%m]) -> f64 {
    %sum: f64 = for %i in seq(0, %n) with %acc = 0f64 {
      %a: f64 = load %x[%i]
      %b: f64 = load %y[%i]
      %p: f64 = mul %a, %b
      %next: f64 = add %acc, %p
      yield %next
    }
    yield %sum
  }`);
  assert.equal(run(text, [f64(1, 2, 3), f64(4, 5, 6)]), [32]);
  assert.equal(run(text, [f64(), f64()]), [0]);
});

test("carried values move all at once", () => {
  const text = loop(`func @f(%n: index) -> (i32, i32) {
    %x: i32, %y: i32 = for %i in seq(0, %n) with %a = 0i32, %b = 1i32 {
      %c: i32 = add %a, %b
      yield %b, %c
    }
    yield %x, %y
  }`);
  assert.equal(run(text, [10]), [55, 89]);
});

test("a matrix product, in place", () => {
  const text = loop(`export func @f(%C: f64[%n, %m], %A: f64[%l, %k], %B: f64[%k', %j]) {
    for %i in par(0, %n) {
      for %j' in grid.x(0, %m) {
        for %k'' in threads.y(0, %k) {
          %a: f64 = load %A[%i, %k'']
          %b: f64 = load %B[%k'', %j']
          %p: f64 = mul %a, %b
          accum add %C[%i, %j'], %p
        }
      }
    }
  }`);
  const c = square(2, 0, 0, 0, 1000);
  run(text, [c, square(2, 1, 2, 3, 4), square(2, 5, 6, 7, 8)]);
  assert.equal([...c.data], [19, 22, 43, 1050]);
});

test("accum: add, mul, min and max, and what f32 and i32 do with them", () => {
  const text = (elem: string, x: string): string =>
    loop(`func @f(%A: ${elem}[4]) {
      accum add %A[0], ${x}
      accum mul %A[1], ${x}
      accum min %A[2], ${x}
      accum max %A[3], ${x}
    }`);
  const floats = { data: Float32Array.of(0.1, 0.1, 0.1, 0.1), shape: [4] };
  run(text("f32", "0.7f32"), [floats]);
  const expected = [Math.fround(0.1) + Math.fround(0.7), Math.fround(0.1) * Math.fround(0.7), 0.1, 0.7];
  assert.equal([...floats.data], expected.map(Math.fround));
  const ints = { data: Int32Array.of(2147483647, 65537, -5, -5), shape: [4] };
  run(text("i32", "65537i32"), [ints]);
  assert.equal([...ints.data], [-2147418112, 131073, -5, 65537]);
  const nan = f64(1, 1, Number.NaN, 1);
  run(text("f64", "NaNf64"), [nan]);
  assert.ok(nan.data.every((x) => Number.isNaN(x)));
});

test("i32 and u32 wrap, index does not", () => {
  const text = loop(`func @f(%k: i32, %u: u32, %i: index) -> (i32, u32, index) {
    %a: i32 = add %k, 1i32
    %b: u32 = sub %u, 1u32
    %c: index = mul %i, 4294967296
    yield %a, %b, %c
  }`);
  assert.equal(run(text, [2147483647, 0, 3]), [-2147483648, 4294967295, 12884901888]);
});

test("casts, comparisons and bools", () => {
  const text = loop(`func @f(%x: f64, %p: bool, %B: bool[2]) -> (i32, u32, f32, bool, bool, f64) {
    %a: i32 = cast %x
    %b: u32 = cast %x
    %c: f32 = cast %x
    %d: bool = cast %x
    %q: bool = lt %x, 0f64
    %e: bool = xor %p, %q
    store %B[0], %e
    store %B[1], %q
    %g: bool = load %B[1]
    %h: f64 = cast %g
    yield %a, %b, %c, %d, %e, %h
  }`);
  const bools = { data: new Uint8Array(2), shape: [2] };
  assert.equal(run(text, [-1.7, true, bools]), [-1, 4294967295, Math.fround(-1.7), true, false, 1]);
  assert.equal([...bools.data], [0, 1]);
});

test("select computes both, if only one", () => {
  const text = loop(`func @f(%p: bool, %A: f64[%n]) -> (f64, f64) {
    %s: f64 = select %p, 1f64, 2f64
    %t: f64 = if %p {
      yield 3f64
    } else {
      %x: f64 = load %A[0]
      yield %x
    }
    yield %s, %t
  }`);
  assert.equal(run(text, [true, f64()]), [1, 3]);
  assert.equal(run(text, [false, f64(7)]), [2, 7]);
});

test("while: Newton's square root, with a bound that is only a promise", () => {
  const text = loop(`func @f(%x: f64) -> (f64, index) {
    %r: f64, %k: index = while with %y = %x, %i = 0 max 100 {
      %s: f64 = mul %y, %y
      %d: f64 = sub %s, %x
      %a: f64 = abs %d
      %go: bool = gt %a, 1e-12f64
      yield %go
    } do {
      %q: f64 = div %x, %y
      %t: f64 = add %y, %q
      %h: f64 = mul %t, 0.5f64
      %j: index = add %i, 1
      yield %h, %j
    }
    yield %r, %k
  }`);
  const [root, trips] = run(text, [2]);
  assert.ok(Math.abs(Number(root) - Math.SQRT2) < 1e-12);
  assert.is(trips, 5);
});

test("break by flag: where the first negative stands", () => {
  const text = loop(`func @f(%A: f64[%n]) -> index {
    %at: index, %found: bool = while with %i = 0, %stop = false max %n {
      %inside: bool = lt %i, %n
      %on: bool = not %stop
      %go: bool = and %inside, %on
      yield %go
    } do {
      %a: f64 = load %A[%i]
      %hit: bool = lt %a, 0f64
      %j: index = if %hit {
        yield %i
      } else {
        %k: index = add %i, 1
        yield %k
      }
      yield %j, %hit
    }
    yield %at
  }`);
  assert.equal(run(text, [f64(3, 1, -4, 1, -5)]), [2]);
  assert.equal(run(text, [f64(3, 1)]), [2]);
});

test("calls: rows are views, sizes bind to them, results come back", () => {
  const text = loop(`func @sum(%x: f64[%n]) -> f64 {
    %s: f64 = for %i in seq(0, %n) with %acc = 0f64 {
      %a: f64 = load %x[%i]
      %t: f64 = add %acc, %a
      yield %t
    }
    store %x[0], 0f64
    yield %s
  }
  func @sums(%A: f64[%n, %m], %r: f64[%k]) {
    for %i in seq(0, %n) {
      %s: f64 = call @sum(%A[%i])
      store %r[%i], %s
    }
  }
  func @f(%A: f64[%l, %n, %m], %r: f64[%k]) {
    call @sums(%A[1], %r)
  }`);
  const a = { data: Float64Array.from({ length: 12 }, (_, i) => i), shape: [2, 2, 3] };
  const r = f64(0, 0);
  run(text, [a, r]);
  assert.equal([...r.data], [21, 30]);
  assert.equal([...a.data], [0, 1, 2, 3, 4, 5, 0, 7, 8, 0, 10, 11]);
});

test("alloc: zero each time, of computed sizes, of any element type", () => {
  const text = loop(`func @f(%n: index) -> (f64, i32) {
    %total: f64, %count: i32 = for %i in seq(0, %n) with %t = 0f64, %c = 0i32 {
      %m: index = add %i, 1
      %A: f64[%m, 2] = alloc
      %K: i32[1] = alloc
      accum add %A[%i, 1], 1f64
      accum add %K[0], 1i32
      %a: f64 = load %A[%i, 1]
      %k: i32 = load %K[0]
      %t': f64 = add %t, %a
      %c': i32 = add %c, %k
      yield %t', %c'
    }
    yield %total, %count
  }`);
  assert.equal(run(text, [5]), [5, 5]);
});

test("host functions: alloc, copy, launch, reading one element, loops", () => {
  const text = `stage kernel
  kernel @halve(%A: f64[%n], %most: f64[1]) {
    for %i in par(0, %n) {
      accum mul %A[%i], 0.5f64
      %a: f64 = load %A[%i]
      accum max %most[0], %a
    }
  }
  export host @f(%A: f64[%n], %B: f64[%m], %limit: f64) -> index {
    %T: f64[%n] = alloc
    copy %A to %T
    %steps: index, %last: f64 = while with %k = 0, %most = Infinityf64 {
      %go: bool = gt %most, %limit
      yield %go
    } do {
      %M: f64[1] = alloc
      launch @halve(%T, %M)
      %x: f64 = load %M[0]
      %j: index = add %k, 1
      yield %j, %x
    }
    copy %T to %B
    yield %steps
  }`;
  const a = f64(8, 4, 16);
  const b = f64(0, 0, 0);
  assert.equal(run(text, [a, b, 1]), [4]);
  assert.equal([...a.data], [8, 4, 16]);
  assert.equal([...b.data], [0.5, 0.25, 1]);
  const error = failure(text, [a, f64(0), 1]);
  assert.is(error.message, "t.ir:22:5: a copy needs equal sizes, %T is 3, %B 1");
});

test("host functions of stage loop: calls, and copies of rows", () => {
  const text = `stage loop
  func @sum(%x: f64[%n]) -> f64 {
    %s: f64 = for %i in seq(0, %n) with %acc = 0f64 {
      %a: f64 = load %x[%i]
      %t: f64 = add %acc, %a
      yield %t
    }
    yield %s
  }
  export host @f(%A: f64[%n, %m], %x: f64[%l], %i: index) -> f64 {
    %s: f64 = call @sum(%x)
    copy %x to %A[%i]
    copy %A[0] to %x
    copy %A[%i] to %A[0]
    yield %s
  }`;
  const a = square(3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  const x = f64(10, 20, 30);
  assert.equal(run(text, [a, x, 2]), [60]);
  assert.equal([...a.data], [10, 20, 30, 4, 5, 6, 10, 20, 30]);
  assert.equal([...x.data], [1, 2, 3]);
  assert.is(failure(text, [a, x, 3]).message, "t.ir:12:5: %A axis 0: 3 is outside of 0 … 2");
  assert.is(failure(text, [a, f64(1), 1]).message, "t.ir:12:5: a copy needs equal sizes, %x is 1, %A 3");
});

test("an access outside names array, axis, index, extent and place", () => {
  const text = loop(`func @f(%A: f64[%n, %m], %i: index, %j: index) {
    store %A[%i, %j], 1f64
  }`);
  const error = failure(text, [square(2, 0, 0, 0, 0), 1, 2]);
  assert.is(error.message, "t.ir:3:5: %A axis 1: 2 is outside of 0 … 1");
  const { loc, ...detail } = error.detail;
  assert.equal(detail, { array: "A", axis: 1, index: 2, extent: 2 });
  assert.is(loc?.span.line, 3);
  assert.is(failure(text, [square(2, 0, 0, 0, 0), -1, 0]).detail.axis, 0);
});

const outside: readonly (readonly [name: string, text: string])[] = [
  ["a load", "%x: f64 = load %A[%i]"],
  ["an accum", "accum add %A[%i], 1f64"],
  ["three axes", "%T: f64[2, 3, 4] = alloc store %T[1, 2, %i], 1f64"],
  ["a view", "call @row(%B[%i])"],
  ["a float that is no index", "%k: index = cast 0.5f64 store %A[%k], 1f64"],
];
for (const [name, text] of outside) {
  test(`an access outside: ${name}`, () => {
    const m = loop(`func @row(%x: f64[%n]) {} func @f(%A: f64[%n], %B: f64[%m, %l], %i: index) { ${text} }`);
    assert.is(failure(m, [f64(1, 2, 3), square(2, 1, 2, 3, 4), 4]).reason, "bounds");
  });
}

test("check: fails before anything is written", () => {
  const text = loop(`func @f(%A: f64[%n], %i: index) {
    check %A axis 0 at %i
    store %A[0], 1f64
  }`);
  const a = f64(0, 0);
  run(text, [a, 1]);
  assert.is(a.data[0], 1);
  a.data[0] = 0;
  const error = failure(text, [a, 2]);
  assert.equal([error.reason, error.detail.extent], ["check", 2]);
  assert.is(a.data[0], 0);
});

test("limit: fails where there are more bytes, before anything is written", () => {
  const text = loop(`func @f(%A: f64[%n]) {
    %bytes: index = mul %n, 8
    limit %bytes to 16 else "all for A" help "raise it"
    store %A[0], 1f64
  }`);
  const [two, three] = [f64(0, 0), f64(0, 0, 0)];
  run(text, [two]);
  assert.is(two.data[0], 1);
  assert.is(failure(text, [three]).reason, "limit");
  assert.is(three.data[0], 0);
});

test("arguments: number, type, rank, elements, sizes that must agree", () => {
  const text = loop("func @f(%n: index, %k: i32, %p: bool, %A: f64[%n, %m], %B: f32[%m, 2]) {}");
  const b = { data: new Float32Array(4), shape: [2, 2] };
  const a = square(2, 1, 2, 3, 4);
  run(text, [2, 1, true, a, b]);
  const said = (...args: InterpArg[]): string => failure(text, args).message;
  assert.is(said(2), "@f takes 5 arguments, not 1");
  assert.is(said(2, 1.5, true, a, b), "%k is i32, its argument 1.5");
  assert.is(said(2, 1, 1, a, b), "%p is bool, its argument 1");
  assert.is(said(2, 1, true, 3, b), "%A is an array, its argument 3");
  assert.is(said(2, 1, true, b, b), "%A holds f64, its argument is a Float32Array");
  assert.is(said(2, 1, true, f64(1), b), "%A has 2 axes, its argument 1");
  assert.is(said(2, 1, true, { data: new Float64Array(3), shape: [2, 2] }, b), "%A is 2 x 2, but has 3 elements");
  assert.is(said(a, 1, true, a, b), "%n is index, its argument an array");
  assert.match(said(3, 1, true, a, b), "axis 0 of %A has size 2, %n is 3");
  assert.match(said(2, 1, true, a, { data: new Float32Array(2), shape: [1, 2] }), "axis 0 of %B has size 1, %m is 2");
  assert.match(
    said(2, 1, true, a, { data: new Float32Array(6), shape: [2, 3] }),
    "axis 1 of %B has size 3, it must be 2",
  );
  assert.throws(() => interpret(parse(text), "g", []), "there is no @g");
});

test("an integer division by zero, a negative size", () => {
  const division = loop("func @f(%i: index) -> index { %x: index = floordiv 7, %i yield %x }");
  assert.equal(run(division, [2]), [3]);
  assert.is(failure(division, [0]).message, "t.ir:2:31: floordiv by 0");
  const size = loop("func @f(%i: index) { %T: f64[2, %i] = alloc }");
  run(size, [0]);
  assert.is(failure(size, [-1]).message, "t.ir:2:22: %T cannot have the sizes 2 x -1");
});

test("paranoid: an index beyond 2^53 is found where it arises", () => {
  const text = loop("func @f(%i: index) -> index { %x: index = mul %i, %i %y: index = rem %x, 7 yield %y }");
  assert.is(run(text, [2 ** 27]).length, 1);
  assert.is(
    failure(text, [2 ** 27], { paranoid: true }).message,
    "t.ir:2:31: mul gives 18014398509481984, which is no index",
  );
  assert.equal(run(text, [2 ** 26], { paranoid: true }), [2 ** 52 % 7]);
});

test("the step limit ends what does not end, and nothing else", () => {
  const text = loop("func @f(%n: index) { while { yield true } do { } }");
  assert.is(failure(text, [1], { maxSteps: 1000 }).reason, "steps");
  const counted = loop("func @f(%n: index) { for %i in seq(0, %n) { %x: index = add %i, 1 } }");
  run(counted, [400], { maxSteps: 1000 });
  assert.is(failure(counted, [600], { maxSteps: 1000 }).reason, "steps");
});

test("ten million statements take seconds", () => {
  const text = loop(`func @f(%A: f64[%n, %m]) {
    for %t in seq(0, 20) {
      for %i in seq(0, %n) {
        for %j in seq(0, %m) {
          %a: f64 = load %A[%i, %j]
          %b: f64 = mul %a, 0.5f64
          %c: f64 = add %b, 1f64
          store %A[%i, %j], %c
        }
      }
    }
  }`);
  const start = performance.now();
  run(text, [{ data: new Float64Array(360 * 360), shape: [360, 360] }]);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds < 8, `${seconds} s`);
});

test.run();
