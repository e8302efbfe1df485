/** Forms compute what the values that they stand for compute. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  addScaled,
  Forms,
  isConstant,
  multiply,
  plus,
  polyConst,
  polynomialKey,
  polyOf,
  reduce,
  scale,
  split,
  sub,
  substitute,
  valuesOf,
} from "../../compiler/analysis/polynomial.ts";
import { value } from "../../compiler/ir/build.ts";
import { evalPolynomial } from "../../compiler/ir/eval.ts";
import type { Func, Polynomial, Scalar } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { randomOf } from "../passes/random-ir.ts";

const atoms: readonly Scalar[] = ["a", "b", "c"].map((name) => value(name, "index" as const));
const random = randomOf(7);
const small = (): number => random(9) - 4;
const affine = (): Polynomial =>
  atoms.reduce((e, v) => (random(2) === 0 ? e : addScaled(e, polyOf(v), small())), polyConst(small()));
const form = (): Polynomial => (random(2) === 0 ? affine() : addScaled(multiply(affine(), affine()), affine()));

test("arithmetic on forms is arithmetic on their values", () => {
  let powers = 0;
  for (let n = 0; n < 1000; n++) {
    const at = new Map(atoms.map((v) => [v, small()]));
    const of = (e: Polynomial): number => evalPolynomial(e, (v) => at.get(v) as number) + 0;
    const [e, f, k, v] = [form(), form(), small(), atoms[random(3)] as Scalar];
    assert.is(of(addScaled(e, f, k)), of(e) + k * of(f));
    assert.is(of(sub(e, f)), of(e) - of(f));
    assert.is(of(scale(e, k)), k * of(e) + 0);
    assert.is(of(plus(e, k)), of(e) + k);
    assert.is(of(multiply(e, f)), of(e) * of(f) + 0);
    const parts = split(e, v);
    const put = substitute(e, v, f);
    if (parts === null) {
      powers++;
      assert.ok(e.terms.some((t) => t.values.filter((u) => u === v).length > 1));
      assert.is(put, null);
    } else {
      for (const part of [parts.coefficient, parts.rest]) assert.not.ok(valuesOf(part).includes(v));
      assert.is(of(parts.coefficient) * (at.get(v) as number) + of(parts.rest), of(e));
      assert.is(of(put as Polynomial), of(parts.coefficient) * of(f) + of(parts.rest));
    }
    for (const x of [addScaled(e, f, k), sub(e, f), multiply(e, f)]) assert.ok(x.terms.every((t) => t.factor !== 0));
  }
  assert.ok(powers > 50);
});

test("a form less itself is zero, in whatever order its products are", () => {
  for (let n = 0; n < 50; n++) {
    const [e, f] = [form(), form()];
    assert.equal(sub(e, e), polyConst(0));
    assert.ok(isConstant(sub(multiply(e, f), multiply(f, e))));
  }
});

test("a reduced form is not negative where the form is not, and has no common divisor", () => {
  for (let n = 0; n < 500; n++) {
    const e = addScaled(polyConst(small()), affine(), 1 + random(3));
    const r = reduce(e);
    const at = new Map(atoms.map((v) => [v, small()]));
    const of = (p: Polynomial): number => evalPolynomial(p, (v) => at.get(v) as number);
    assert.is(of(r) >= 0, of(e) >= 0);
    const sizes = r.terms.map((t) => Math.abs(t.factor));
    assert.not.ok([2, 3, 5].some((d) => sizes.length > 0 && sizes.every((f) => f % d === 0)));
  }
});

test("values beyond 2^53 keep their signs", () => {
  const [a, b, c] = atoms as [Scalar, Scalar, Scalar];
  const big = new Map([
    [a, 2 ** 31 - 1],
    [b, 2 ** 31 + 1],
    [c, 2 ** 31],
  ]);
  const of = (p: Polynomial): number => evalPolynomial(p, (v) => big.get(v) as number);
  const difference = sub(multiply(polyOf(a), polyOf(b)), multiply(polyOf(c), polyOf(c)));
  assert.is(of(difference), -1);
  assert.is(of(plus(difference, 1)), 0);
});

test("the key does not depend on the order of terms and factors, nor on the constant", () => {
  const ids = new Map<Scalar, number>();
  const [a, b] = atoms.map(polyOf) as [Polynomial, Polynomial];
  const ab = addScaled(multiply(a, b), b, 2);
  const ba = plus(addScaled(scale(b, 2), multiply(b, a)), 5);
  assert.is(polynomialKey(ab, ids), polynomialKey(ba, ids));
  assert.is.not(polynomialKey(ab, ids), polynomialKey(addScaled(ab, b), ids));
});

test("which statements are forms of what came before", () => {
  const text = `stage loop
func @f(%a: index, %b: index, %i: i32) {
  %add: index = add %a, %b
  %twice: index = mul %add, 2
  %less: index = sub %twice, %a
  %minus: index = neg %less
  %cast: index = cast %i
  %both: index = add %cast, 3
  %product: index = mul %a, %b
  %square: index = mul %product, %add
  %fifth: index = mul %square, %product
  %narrow: i32 = add %i, 1i32
  %wide: index = cast %narrow
  %half: index = floordiv %twice, 2
}
`;
  const forms = new Forms();
  const shown: Record<string, string> = {};
  const [f] = parse(text).funcs as readonly [Func];
  for (const s of f.body.stmts) {
    forms.define(s);
    if (s.kind !== "let") continue;
    const e = forms.of(s.result);
    shown[s.result.hint] = [
      ...e.terms.map((t) => `${t.factor}${t.values.map((v) => v.hint).join("")}`),
      e.constant,
    ].join(" ");
  }
  assert.equal(shown, {
    add: "1a 1b 0",
    twice: "2a 2b 0",
    less: "1a 2b 0",
    minus: "-1a -2b 0",
    cast: "1i 0",
    both: "1i 3",
    product: "1ab 0",
    square: "1aba 1abb 0",
    // Products of more than four values are none, nor is a sum that wraps; half of a form may be a fraction.
    fifth: "1fifth 0",
    narrow: "1narrow 0",
    wide: "1narrow 0",
    half: "1half 0",
  });
});

test.run();
