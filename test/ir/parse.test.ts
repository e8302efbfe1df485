/** What the parser says of text that is no IR: where, what it found, what it expected. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ParseError, parse } from "../../compiler/ir/parse.ts";

function errorOf(text: string): ParseError {
  try {
    parse(text, "bad.ir");
  } catch (e) {
    if (e instanceof ParseError) return e;
    throw e;
  }
  throw new Error("it parses");
}

const body = (text: string): string => `stage loop\nfunc @f(%x: f64, %A: f64[%n]) {\n  ${text}\n}\n`;

const cases: readonly (readonly [text: string, message: string])[] = [
  ["", "bad.ir:1:1: expected stage, found the end of the text"],
  ["stage middle", "bad.ir:1:7: expected loop, kernel, found middle"],
  ["stage loop\nfun @f() {}", "bad.ir:2:1: expected func, kernel, host, found fun"],
  ["stage loop func f() {}", "bad.ir:1:17: expected a name such as @f, found f"],
  ["stage loop func @f(%x) {}", "bad.ir:1:22: expected :, found )"],
  ["stage loop func @f(%x: f8) {}", "bad.ir:1:24: expected f64, f32, i32, u32, index, bool, f16, found f8"],
  ["stage loop func @f(%x: f16) {}", "bad.ir:1:27: expected [: f16 is what arrays hold alone, found )"],
  ["stage loop func @f(%x: f64[3] @far) {}", "bad.ir:1:31: expected @shared or @local, found @far"],
  ["stage loop func @f(%n: index, %A: f64[%n], %n: f64) {}", "bad.ir:1:44: %n is already defined here"],
  ["stage loop func @f(%A: f64[%A]) {}", "bad.ir:1:28: %A is already defined here"],
  ["stage loop func @f() requires 3 > 0 {}", 'bad.ir:1:33: ">" begins nothing that IR text has'],
  ['stage loop func @f(%n: index) requires %n >= 1 else "" {}', "bad.ir:1:46: a requirement compares with 0"],
  ["stage loop func @f() { ", "bad.ir:1:24: expected a statement, found the end of the text"],
  [body("§"), 'bad.ir:3:3: "§" begins nothing that IR text has'],
  [body("stow %A[0], %x"), "bad.ir:3:3: expected a statement such as store or for, found stow"],
  [body("%y: f64 = plus %x, %x"), "bad.ir:3:13: expected an operation such as add, load or for, found plus"],
  [body("%y: f64 = add %x"), "bad.ir:4:1: expected ,, found }"],
  [body("%y: f64 = add %x, %z"), "bad.ir:3:21: %z is not defined here"],
  [body("%y: f64 = add %x, %y"), "bad.ir:3:21: %y is not defined here"],
  [body("%y: f64 = add %x, %A"), "bad.ir:3:21: %A is an array where a scalar belongs"],
  [body("%y: f64 = load %x[0]"), "bad.ir:3:18: %x is a scalar where an array belongs"],
  [body("%y: f64 = add %x, 3f16"), 'bad.ir:3:21: "3" begins nothing that IR text has'],
  [body("%y: f64 = add %x, 1.5"), "bad.ir:3:21: a number without a type is an index, a whole number"],
  [body("%x: f64 = add %x, %x"), "bad.ir:3:3: %x is already defined here"],
  [body("%y: f64, %z: f64 = add %x, %x"), "bad.ir:3:3: add has one result"],
  [body("%y: f64[3] = add %x, %x"), "bad.ir:3:3: the result of add is a scalar"],
  [body("%y: f64 = alloc"), "bad.ir:3:3: alloc makes an array"],
  [body("%y: f64[3] = if true { }"), "bad.ir:3:16: if has scalar results"],
  [body("%y: f64[%k] = alloc"), "bad.ir:3:11: %k is not defined here"],
  [body("accum sub %A[0], %x"), "bad.ir:3:9: expected add, mul, min, max, found sub"],
  [
    body("for %i in all(0, 3) {}"),
    "bad.ir:3:13: expected seq, par, vector, grid.x, grid.y, grid.z, threads.x, threads.y, threads.z, found all",
  ],
  [body("for %i in seq(0, 3) {} store %A[%i], %x"), "bad.ir:3:35: %i is not defined here"],
  [body("while { yield true } {}"), "bad.ir:3:24: expected do, found {"],
  [body("launch @k(%A[0])"), "bad.ir:3:13: a launch passes whole arrays"],
  [body("store %A[0], %x !somewhere"), "bad.ir:3:19: expected a location such as !gemm.ts:3:5:40-52, found !somewhere"],
  [body("yield %x store %A[0], %x"), "bad.ir:3:12: expected }, found store"],
];

for (const [text, message] of cases) {
  test(message, () => {
    const error = errorOf(text);
    assert.is(error.message.split("\n")[0], message);
    assert.is(`${error.at.file}:${error.at.line}:${error.at.column}`, /^[^ ]+(?=:)/.exec(message)?.[0]);
  });
}

test("a caret under what is meant", () => {
  const { message } = errorOf(body("%y: f64 = add %x, %zebra"));
  assert.is(
    message.split("\n").slice(1).join("\n"),
    "   3 |   %y: f64 = add %x, %zebra\n     |                     ^^^^^^",
  );
});

test("comments and line breaks mean nothing", () => {
  const one = parse("stage loop func @f(%x: f64) -> f64 { %y: f64 = neg %x yield %y }");
  const many = parse("# a\nstage # b\nloop\r\n\tfunc @f\n(%x\n: f64) -> (f64) # { }\n{ %y: f64 =\nneg %x yield\n%y }#");
  assert.equal(one, many);
});

test("a size is new, or what stands before it", () => {
  const [f] = parse("stage loop func @f(%n: index, %A: f64[%n, %m, %m], %B: f64[%m, 3]) {}").funcs;
  const [n, a, b] = f?.params ?? [];
  assert.ok(typeof a?.type === "object" && typeof b?.type === "object");
  assert.is(a.type.dims[0], n);
  assert.is(a.type.dims[1], a.type.dims[2]);
  assert.is(b.type.dims[0], a.type.dims[1]);
});

test("names may have primes and dots, and letters of any language", () => {
  const [f] = parse("stage loop func @größe.1(%ni': f64, %$a_: f64) {}").funcs;
  assert.equal([f?.name, ...(f?.params ?? []).map((p) => p.hint)], ["größe.1", "ni'", "$a_"]);
});

test.run();
