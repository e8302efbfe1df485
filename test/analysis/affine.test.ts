/** Linear forms compute what the values that they stand for compute. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  addScaled,
  factorOf,
  isConstant,
  LinearForms,
  linearConst,
  linearKey,
  linearOf,
  plus,
  scale,
  sub,
  substitute,
} from "../../compiler/analysis/affine.ts";
import { value } from "../../compiler/ir/build.ts";
import type { Func, Linear, Scalar } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { randomOf } from "../passes/random-ir.ts";

const atoms: readonly Scalar[] = ["a", "b", "c"].map((name) => value(name, "index" as const));
const random = randomOf(7);
const small = (): number => random(9) - 4;
const form = (): Linear =>
  atoms.reduce((e, v) => (random(2) === 0 ? e : addScaled(e, linearOf(v), small())), linearConst(small()));

test("arithmetic on forms is arithmetic on their values", () => {
  for (let n = 0; n < 500; n++) {
    const at = new Map(atoms.map((v) => [v, small()]));
    const of = (e: Linear): number => e.terms.reduce((sum, t) => sum + t.factor * (at.get(t.value) ?? 0), e.constant);
    const [e, f, k, v] = [form(), form(), small(), atoms[random(3)] as Scalar];
    assert.is(of(addScaled(e, f, k)), of(e) + k * of(f));
    assert.is(of(sub(e, f)), of(e) - of(f));
    assert.is(of(scale(e, k)) + 0, k * of(e) + 0);
    assert.is(of(plus(e, k)), of(e) + k);
    const put = substitute(e, v, f);
    const rest = factorOf(f, v) === 0;
    assert.is(of(put), of(e) + factorOf(e, v) * (of(f) - (at.get(v) ?? 0)));
    if (rest) assert.is(factorOf(put, v), 0);
    for (const x of [addScaled(e, f, k), sub(e, f), put]) assert.ok(x.terms.every((t) => t.factor !== 0));
  }
});

test("a form less itself is zero", () => {
  for (let n = 0; n < 50; n++) {
    const e = form();
    assert.equal(sub(e, e), linearConst(0));
    assert.ok(isConstant(sub(e, e)));
  }
});

test("the key does not depend on the order of terms, nor on the constant", () => {
  const ids = new Map<Scalar, number>();
  const [a, b] = atoms as [Scalar, Scalar];
  const ab = addScaled(linearOf(a), linearOf(b), 2);
  const ba = plus(addScaled(scale(linearOf(b), 2), linearOf(a)), 5);
  assert.is(linearKey(ab, ids), linearKey(ba, ids));
  assert.is.not(linearKey(ab, ids), linearKey(addScaled(ab, linearOf(b)), ids));
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
  %narrow: i32 = add %i, 1i32
  %wide: index = cast %narrow
  %half: index = floordiv %twice, 2
}
`;
  const forms = new LinearForms();
  const shown: Record<string, string> = {};
  const [f] = parse(text).funcs as readonly [Func];
  for (const s of f.body.stmts) {
    forms.define(s);
    if (s.kind !== "let") continue;
    const e = forms.of(s.result);
    shown[s.result.hint] = [...e.terms.map((t) => `${t.factor}${t.value.hint}`), e.constant].join(" ");
  }
  assert.equal(shown, {
    add: "1a 1b 0",
    twice: "2a 2b 0",
    less: "1a 2b 0",
    minus: "-1a -2b 0",
    cast: "1i 0",
    both: "1i 3",
    // A product of two values is no form, a sum that wraps neither; half of a form may be a fraction.
    product: "1product 0",
    narrow: "1narrow 0",
    wide: "1narrow 0",
    half: "1half 0",
  });
});

test.run();
