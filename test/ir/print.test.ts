/** Text and IR say the same: every .ir file of the tree goes through the parser and the printer and back. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Loc, noLoc } from "../../compiler/diagnostic.ts";
import { arrayType, Builder, value } from "../../compiler/ir/build.ts";
import { constant, type Func, indexConst, type Module, type ScalarType } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print, printConst, printFunc } from "../../compiler/ir/print.ts";
import { irTexts } from "./files.ts";

for (const { name, text } of irTexts()) {
  test(`round trip: ${name}`, () => {
    const m = parse(text, name);
    const once = print(m);
    assert.fixture(print(parse(once)), once);
    const spans = print(m, { spans: true });
    assert.fixture(print(parse(spans), { spans: true }), spans);
  });
}

const everything = `stage loop

export func @all(%x: f64, %n: index, %C: f64[%ni, %nj], %A: f32[%ni', %ni'], %T: bool[%n, 3] @shared) -> (f64, i32)
  requires 2 * %ni - %nj + 1 >= 0 when %ni - 1 >= 0, -%nj - 2 >= 0 else "a \\"quoted\\" # message"
  requires -%n + 2 * %ni * %nj >= 0 when always at %n - 1 of %ni * %nj else "certain"
  requires -3 * %n >= 0 else "never certain"
{
  %sum: f64, %k: i32 = for %i in seq(0, %ni) with %acc = 0f64, %q = -3i32 {
    %c: f64 = load %C[%i, 0]
    %y: f64 = add strict %c, 1.5e-10f64
    %d: i32 = cast %y
    check %A axis 1 at %i
    %p: bool = lt %y, -Infinityf64
    %z: f64 = if %p {
      yield %y
    } else {
      yield NaNf64
    }
    accum max fast %C[%i, %i], %z
    %f: f32 = call @"a b"(%A[%i], %C, %x, 0.1f32, true)
    %s: f32 = select false, %f, -0f32
    store %A[%i, 1], %s
    yield %z, %d
  }
  %L: u32[%n, 4] @local = alloc
  %w: f64 = while with %a = -0f64 max %n {
    %p: bool = eq %a, 3f64
    yield %p
  } do {
    yield %a
  }
  if %T_1 {
  }
  yield %w, %k
}

kernel @k(%A: f64[%n]) {
  for %b in grid.x(0, %n) {
    for %t in threads.z(0, 4) {
    }
  }
}

host @run(%A: f64[%n], %B: f64[%n]) {
  copy %A to %B
  launch @k(%B)
}
`.replace("%T_1 {", "true {");

test("every form prints as it was written", () => {
  const m = parse(everything, "all.ir");
  assert.fixture(print(m), everything);
  assert.equal(parse(print(m, { spans: true })), m);
});

test("names: a hint is kept where it is free, siblings share it, inner blocks do not", () => {
  const b = new Builder(noLoc);
  const x = value("x", "f64" as const);
  for (let i = 0; i < 2; i++) {
    b.for("i", "seq", indexConst(0), indexConst(4), [], (inner) => {
      inner.binary("add", x, x, "x");
      inner.for("i", "seq", indexConst(0), indexConst(4), [], () => []);
      return [];
    });
  }
  b.binary("add", x, x, "x_1");
  b.binary("add", x, x, "x_1");
  b.binary("add", x, x, "x");
  b.binary("add", x, x, "2 + 3");
  const loop = `  for %i in seq(0, 4) {
    %x_1: f64 = add %x, %x
    for %i_1 in seq(0, 4) {
    }
  }
`;
  const expected = `func @f(%x: f64) {
${loop}${loop}  %x_1: f64 = add %x, %x
  %x_2: f64 = add %x, %x
  %x_3: f64 = add %x, %x
  %_2___3: f64 = add %x, %x
}
`;
  assert.fixture(printFunc(func("f", [x], b)), expected);
});

test("names: the sizes of two parameters may have one hint", () => {
  const param = (name: string) => value(name, arrayType("f64", [value("n", "index" as const)]));
  const f = func("f", [param("n"), param("n")], new Builder(noLoc));
  assert.fixture(printFunc(f), "func @f(%n: f64[%n_1], %n_2: f64[%n_3]) {\n}\n");
});

test("names: results are not the carried values' names", () => {
  const b = new Builder(noLoc);
  b.for("i", "seq", indexConst(0), indexConst(4), [constant("f64", 0)], (_, __, carried) => carried, ["s"]);
  const line = printFunc(func("f", [], b)).split("\n")[1];
  assert.is(line, "  %s: f64 = for %i in seq(0, 4) with %s_1 = 0f64 {");
});

test("a value that is nowhere bound prints as no name", () => {
  const b = new Builder(noLoc);
  b.unary("neg", value("lost", "f64" as const));
  assert.match(printFunc(func("f", [], b)), "neg %lost?");
});

const constants: readonly (readonly [ScalarType, number | boolean, string])[] = [
  ["f64", 0.1, "0.1f64"],
  ["f64", -0, "-0f64"],
  ["f64", 1e21, "1e+21f64"],
  ["f64", 5e-324, "5e-324f64"],
  ["f64", Number.MAX_VALUE, "1.7976931348623157e+308f64"],
  ["f64", Number.NaN, "NaNf64"],
  ["f64", Number.NEGATIVE_INFINITY, "-Infinityf64"],
  ["f32", Math.fround(0.1), "0.1f32"],
  ["f32", Math.fround(1 / 3), "0.33333334f32"],
  ["f32", 2 ** -149, "1e-45f32"],
  ["f32", Math.fround(3.4028234663852886e38), "3.4028235e+38f32"],
  ["f32", 16777216, "16777216f32"],
  ["i32", -(2 ** 31), "-2147483648i32"],
  ["u32", 2 ** 32 - 1, "4294967295u32"],
  ["index", 0, "0"],
  ["index", -(2 ** 62), "-4611686018427388000"],
  ["bool", true, "true"],
];

for (const [type, x, text] of constants) {
  test(`constant ${text}`, () => {
    assert.is(printConst(constant(type, x)), text);
    const read = parse(`stage loop func @f() -> ${type} { yield ${text} }`).funcs[0]?.body.yields[0];
    assert.equal(read, constant(type, x));
    assert.ok(read?.kind === "const" && Object.is(read.value, x));
  });
}

test("locations: span, role and inlining come back", () => {
  const at = (file: string, line: number): Loc["span"] => ({ file, line, column: 2, start: 3, end: 4 });
  const outer: Loc = { span: at("C:\\a b.ts", 7), role: "primal" };
  const b = new Builder({ span: at("dir/gemm.ts", 5), role: "adjoint", inlinedAt: outer });
  const x = b.binary("add", constant("f64", 1), constant("f64", 2));
  b.loc = { span: at("#1.ts", 1), role: "tape" };
  b.if(
    constant("bool", true),
    () => [x],
    () => [x],
    ["chosen"],
  );
  b.loc = noLoc;
  b.unary("neg", x);
  const m: Module = { stage: "loop", funcs: [func("f", [], b)] };
  const text = print(m, { spans: true });
  assert.match(text, '  !dir/gemm.ts:5:2:3-4 adjoint < "C:\\\\a b.ts":7:2:3-4\n');
  assert.equal(parse(text), m);
  assert.is(print(parse(text), { spans: true }), text);
});

test("locations: the place in the text where a file is named", () => {
  const text = "stage loop\nfunc @f(%x: f64) {\n  %y: f64 = neg %x\n}\n";
  const [f] = parse(text, "a.ir").funcs;
  assert.is(f?.loc.span.line, 2);
  const span = f?.body.stmts[0]?.loc.span as Loc["span"];
  assert.equal([span.file, span.line, span.column], ["a.ir", 3, 3]);
  assert.is(text.slice(span.start, span.end), "%y: f64 = neg %x");
  assert.is(parse(text).funcs[0]?.loc, noLoc);
});

test("many equal hints take no long time", () => {
  const b = new Builder(noLoc);
  for (let i = 0; i < 20_000; i++) b.unary("neg", constant("f64", i));
  const start = performance.now();
  printFunc(func("f", [], b));
  assert.ok(performance.now() - start < 2000);
});

function func(name: string, params: Func["params"], b: Builder): Func {
  return { kind: "func", name, exported: false, params, results: [], requires: [], body: b.block(), loc: noLoc };
}

test.run();
