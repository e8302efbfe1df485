/** `lower-math` against JavaScript's own functions, and the bodies that it brings into the module. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpreter } from "../../compiler/interp.ts";
import { castTo } from "../../compiler/ir/eval.ts";
import type { Module, ScalarType } from "../../compiler/ir/ir.ts";
import { mathOps, unaryOps } from "../../compiler/ir/ops.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { lowerMath } from "../../compiler/passes/index.ts";

const special = [
  ...[0, 0.5, 0.49999999999999994, 0.5000000000000001, 1, 1.5, 2.5, 3, 1e-320, 1e308, 1e300, 4503599627370495.5],
  ...[4503599627370496, 4503599627370497, 9007199254740991, 2 ** 53, 0.1, Number.MAX_VALUE, Infinity],
].flatMap((x) => [x, -x]);
const values = [...special, Number.NaN];

const lowered = (text: string): Module => lowerMath.run(parse(`stage loop\n${text}`));

for (const type of ["f64", "f32"] as const) {
  const inType = (x: number): number => castTo(type as ScalarType, "f64", x) as number;
  for (const op of ["round", "sign"] as const) {
    test(`${op} of ${type}`, () => {
      const m = lowered(`export func @f(%x: ${type}) -> ${type} { %y: ${type} = ${op} %x yield %y }`);
      for (const s of walk(m.funcs[0]!.body)) {
        assert.not(s.kind === "let" && s.expr.kind === "unary" && s.expr.op === op, `${op} is left`);
      }
      const run = interpreter(m);
      for (const v of values.map(inType)) {
        const [is] = run("f", [v]);
        assert.ok(Object.is(is, inType(Math[op](v))), `${op}(${v}) = ${Math[op](v)}, not ${is}`);
      }
    });
  }
}

test("every operator of the math library brings its function, which verifies", () => {
  for (const op of mathOps) {
    for (const type of ["f64", "f32"]) {
      const args = op in unaryOps ? "%x" : "%x, %x";
      const m = lowered(`export func @f(%x: ${type}) -> ${type} { %y: ${type} = ${op} fast ${args} yield %y }`);
      assert.is(m.funcs[1]?.name, `math.${op}${type === "f32" ? "f" : ""}`);
      assert.equal(verify(m), []);
    }
  }
});

test("all arithmetic of the library is strict", () => {
  for (const op of mathOps) {
    const args = op in unaryOps ? "%x" : "%x, %x";
    const m = lowered(`export func @f(%x: f64) -> f64 { %y: f64 = ${op} ${args} yield %y }`);
    for (const f of m.funcs.slice(1)) {
      for (const s of walk(f.body)) {
        if (s.kind !== "let" || (s.expr.kind !== "unary" && s.expr.kind !== "binary")) continue;
        const isFloat = s.expr.a.type === "f64" || s.expr.a.type === "f32";
        if (isFloat) assert.is(s.expr.mode, "strict", `${f.name}: ${s.result.hint}`);
      }
    }
  }
});

test.run();
