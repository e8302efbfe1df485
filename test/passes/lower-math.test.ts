/** `lower-math` against JavaScript's own functions, on a platform whose `pow` is C's. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../../compiler/ir/eval.ts";
import type { Expr, Func, Module, Operand, ScalarType, Value } from "../../compiler/ir/ir.ts";
import { binaryOps } from "../../compiler/ir/ops.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { lowerMath } from "../../compiler/passes/index.ts";

const special = [
  ...[0, 0.5, 0.49999999999999994, 0.5000000000000001, 1, 1.5, 2.5, 3, 1e-320, 1e308, 1e300, 4503599627370495.5],
  ...[4503599627370496, 4503599627370497, 9007199254740991, 2 ** 53, 0.1, Number.MAX_VALUE, Infinity],
].flatMap((x) => [x, -x]);
const values = [...special, Number.NaN];

/** Runs straight-line code as C would, which says that pow(±1, anything) and pow(1, NaN) are 1. */
function run(f: Func, args: readonly Datum[]): Datum {
  const env = new Map<Value, Datum>(f.params.map((p, i) => [p, args[i] as Datum]));
  const read = (o: Operand): Datum => (o.kind === "const" ? o.value : (env.get(o) as Datum));
  const compute = (e: Expr): Datum => {
    switch (e.kind) {
      case "unary":
        return unaryEval(e.op, e.a.type)(read(e.a));
      case "binary": {
        const [a, b] = [read(e.a), read(e.b)];
        if (e.op === "pow" && Math.abs(Number(a)) === 1 && (Math.abs(Number(b)) === Infinity || a === 1)) return 1;
        assert.ok(e.op === "pow" || !binaryOps[e.op].math, `${e.op} is left`);
        return binaryEval(e.op, e.a.type)(a, b);
      }
      case "compare":
        return compareEval(e.op)(read(e.a), read(e.b));
      case "select":
        return read(e.cond) === true ? read(e.a) : read(e.b);
      case "cast":
        return castTo(e.to, e.a.type, read(e.a));
      case "load":
        throw new Error("no array here");
    }
  };
  for (const s of f.body.stmts) {
    assert.is(s.kind, "let");
    if (s.kind === "let") env.set(s.result, compute(s.expr));
  }
  return read(f.body.yields[0] as Operand);
}

const lowered = (text: string): Func => (lowerMath.run(parse(`stage loop\n${text}`)) as Module).funcs[0] as Func;

for (const type of ["f64", "f32"] as const) {
  const inType = (x: number): number => castTo(type as ScalarType, "f64", x) as number;
  for (const op of ["round", "sign"] as const) {
    test(`${op} of ${type}`, () => {
      const f = lowered(`func @f(%x: ${type}) -> ${type} { %y: ${type} = ${op} %x yield %y }`);
      for (const v of values.map(inType)) {
        assert.ok(Object.is(run(f, [v]), inType(Math[op](v))), `${op}(${v}) = ${Math[op](v)}, not ${run(f, [v])}`);
      }
    });
  }
  for (const op of ["hypot", "pow"] as const) {
    test(`${op} of ${type}`, () => {
      const f = lowered(`func @f(%x: ${type}, %y: ${type}) -> ${type} { %z: ${type} = ${op} %x, %y yield %z }`);
      for (const x of values.map(inType)) {
        for (const y of values.map(inType)) {
          const [is, be] = [run(f, [x, y]), inType(Math[op](x, y))];
          assert.ok(Object.is(is, be), `${op}(${x}, ${y}) = ${be}, not ${is}`);
        }
      }
    });
  }
}

test("pow with a constant on one side", () => {
  for (const text of ["%x, 3.0f64", "%x, Infinityf64", "2.0f64, %x", "-1.0f64, %x", "1.0f64, %x"]) {
    const f = lowered(`func @f(%x: f64) -> f64 { %y: f64 = pow ${text} yield %y }`);
    const [a, b] = text.replaceAll("f64", "").split(", ");
    for (const v of values) {
      const be = (a === "%x" ? v : Number(a)) ** (b === "%x" ? v : Number(b));
      assert.ok(Object.is(run(f, [v]), be), `pow(${text}) at ${v} = ${be}, not ${run(f, [v])}`);
    }
  }
});

test("what is put in is strict, what was there keeps its mode", () => {
  const f = lowered(
    "func @f(%x: f64, %y: f64) -> f64 { %z: f64 = pow fast %x, %y %w: f64 = hypot fast %z, %x yield %w }",
  );
  for (const s of f.body.stmts) {
    if (s.kind !== "let" || (s.expr.kind !== "unary" && s.expr.kind !== "binary") || s.expr.a.type !== "f64") continue;
    assert.is(s.expr.mode, s.expr.op === "pow" ? "fast" : "strict");
  }
});

test.run();
