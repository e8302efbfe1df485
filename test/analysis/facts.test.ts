/** Bounds of single values, read off a function: the subscript of each load, and whether it is known not to be negative. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { analyseBounds } from "../../compiler/analysis/bounds.ts";
import { Facts } from "../../compiler/analysis/facts.ts";
import { plus, sub } from "../../compiler/analysis/polynomial.ts";
import type { Func, Operand } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";

function funcOf(body: string): Func {
  const m = parse(
    `stage loop\nfunc @f(%n: index, %k: i32, %u: u32, %c: bool, %x: f64[%m], %y: f64[8]) {\n${body}\n}\n`,
  );
  assert.equal(verify(m), []);
  return m.funcs[0] as Func;
}

/** Whether the value called `name` is known to be at least `lo` and at most `hi`, just past its definition. */
function known(body: string, name: string, lo: number, hi: number): readonly [boolean, boolean] {
  const f = funcOf(body);
  const facts = new Facts();
  facts.enter(f);
  let found: Operand | null = null;
  for (const s of f.body.stmts) {
    facts.define(s);
    if (s.kind === "let" && s.result.hint === name) found = s.result;
  }
  const e = facts.forms.of(found as unknown as Operand);
  return [facts.shows(plus(e, -lo)), facts.shows(sub({ constant: hi, terms: [] }, e))];
}
const both = [true, true];

test("operators bound their results", () => {
  assert.equal(known("%r: index = rem %n, 5", "r", -4, 4), both);
  assert.equal(known("%r: index = rem %n, 5", "r", -3, 3), [false, false]);
  assert.equal(known("%r: index = rem %m, 5", "r", 0, 4), both);
  assert.equal(known("%r: i32 = and %k, 15i32", "r", 0, 15), both);
  assert.equal(known("%r: i32 = and %k, -2i32", "r", 0, 2 ** 31), [false, true]);
  assert.equal(known("%r: u32 = shr %u, 24u32", "r", 0, 255), both);
  assert.equal(known("%r: i32 = shr %k, 24i32", "r", -128, 127), both);
  assert.equal(known("%r: i32 = shr %k, 24i32", "r", -127, 126), [false, false]);
  assert.equal(known("%r: index = cast %c", "r", 0, 1), both);
  assert.equal(known("%r: index = select %c, 3, 7", "r", 3, 7), both);
  assert.equal(known("%r: index = min %n, 4", "r", 0, 4), [false, true]);
  assert.equal(known("%r: index = max %n, 4", "r", 4, 9), [true, false]);
  assert.equal(known("%r: index = min %m, 4", "r", 0, 4), both);
});

test("halves of what is bounded are", () => {
  assert.equal(known("%a: i32 = and %k, 15i32\n%b: index = cast %a\n%r: index = floordiv %b, 4", "r", 0, 3), both);
  assert.equal(known("%a: index = rem %n, 8\n%r: index = floordiv %a, 2", "r", -4, 3), both);
});

test("the absolute value of an index is not negative, that of the least i32 is", () => {
  assert.equal(known("%r: index = abs %n", "r", 0, 0), [true, false]);
  assert.equal(known("%r: i32 = abs %k", "r", 0, 2 ** 31), [false, true]);
});

test("types bound what comes from memory or parameters", () => {
  assert.equal(known("%r: index = cast %k", "r", -(2 ** 31), 2 ** 31 - 1), both);
  assert.equal(known("%r: index = cast %u", "r", 0, 2 ** 32 - 1), both);
});

/** What is said of each load's axis 0, in order. */
function verdicts(body: string): readonly string[] {
  const out: string[] = [];
  analyseBounds(funcOf(body), (_, v) => out.push(v.kind));
  return out;
}
const load = (at: string): string => `%v_${at}: f64 = load %y[%${at}]`;
/** A counter of the type that each trip moves by one, and a load at what `at` makes of it. */
const counting = (type: string, op: string, at: string): string => {
  const suffix = type === "index" ? "" : type;
  return `%r: ${type} = for %i in seq(0, %n) with %b = 0${suffix} {
    %j: index = ${type === "index" ? "add %b, 0" : "cast %b"}
    %at: index = ${at}
    ${load("at")}
    %next: ${type} = ${op} %b, 1${suffix}
    yield %next
  }`;
};

test("a carried index stays on its side of where it starts; words wrap", () => {
  assert.equal(verdicts(counting("index", "add", "min %j, 7")), ["inside"]);
  assert.equal(verdicts(counting("index", "add", "rem %j, 8")), ["inside"]);
  assert.equal(verdicts(counting("index", "sub", "rem %j, 8")), ["unknown"]);
  assert.equal(verdicts(counting("i32", "add", "min %j, 7")), ["unknown"]);
  // 0, 2^32 - 1, …: not at most 0, although every trip goes down.
  assert.equal(verdicts(counting("u32", "sub", "add %j, 0")), ["unknown"]);
});

test("a while that counts under a test ends one step beyond it", () => {
  const down = (step: number, at: string): string => `%r: index = while with %b = 5 {
      %more: bool = ge %b, 0
      yield %more
    } do {
      %next: index = sub %b, ${step}
      yield %next
    }
    %at: index = add %r, ${at}
    ${load("at")}`;
  assert.equal(verdicts(down(1, "1")), ["inside"]);
  assert.equal(verdicts(down(2, "1")), ["unknown"]);
  assert.equal(verdicts(down(2, "2")), ["inside"]);
});

test("conditions hold only where they are asked", () => {
  const guarded = (cond: string): string => `${cond}
    if %g {
      ${load("n")}
    } else {
      %q: f64 = load %y[%n]
    }`;
  const range = "%a: bool = ge %n, 0\n%b: bool = lt %n, 8";
  assert.equal(verdicts(guarded(`${range}\n%g: bool = and %a, %b`)), ["inside", "when"]);
  assert.equal(verdicts(guarded(`${range}\n%h: bool = and %a, %b\n%g: bool = not %h`)), ["when", "inside"]);
  assert.equal(verdicts(guarded("%a: bool = lt %n, 0\n%b: bool = gt %n, 7\n%g: bool = or %a, %b")), ["when", "inside"]);
});

test.run();
