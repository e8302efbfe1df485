/** Forms of ranks as statements. */
import type { Builder } from "../compiler/ir/build.ts";
import { indexConst, type Operand, type Polynomial, type Scalar } from "../compiler/ir/ir.ts";
import type { Quotient } from "./rank.ts";

/** What a value of the function is, where something is built. */
export type Resolve = (v: Scalar) => Operand;

/** The sum of all. */
export function emitSum(x: Builder, quotients: readonly Quotient[], resolve: Resolve): Operand {
  // Those of outer loops first: what they add up to is the same for all trips of inner ones.
  return quotients.reduce<Operand>((sum, q) => add(x, sum, emitQuotient(x, q, resolve)), indexConst(0));
}

const isZero = (o: Operand): boolean => o.kind === "const" && o.value === 0;
/** a + b, which is the other where one is 0. */
export const add = (x: Builder, a: Operand, b: Operand): Operand =>
  isZero(a) ? b : isZero(b) ? a : x.binary("add", a, b, "at");

/** A quotient, rounded down. */
export function emitQuotient(x: Builder, { form, divisor }: Quotient, resolve: Resolve): Operand {
  return floorOf(x, emitForm(x, form, resolve), divisor);
}

/** ⌊a / divisor⌋ */
export const floorOf = (x: Builder, a: Operand, divisor: number): Operand =>
  divisor === 1 ? a : x.binary("floordiv", a, indexConst(divisor), "at");

/** The value of a polynomial, an index; its values may be integers of any type. */
export function emitForm(x: Builder, form: Polynomial, resolve: Resolve): Operand {
  let sum: Operand = indexConst(form.constant);
  for (const t of form.terms) {
    const values = t.values.map((v) => x.cast("index", resolve(v)));
    const product = values.reduce((a, b) => x.binary("mul", a, b, "at"));
    if (t.factor === 1) sum = add(x, sum, product);
    else if (t.factor === -1) sum = x.binary("sub", sum, product, "at");
    else sum = add(x, sum, x.binary("mul", product, indexConst(t.factor), "at"));
  }
  return sum;
}
