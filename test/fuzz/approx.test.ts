/** The bound on other ways to compute a float: it holds for regrouped and fused sums and products, and is not much too wide. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomOf } from "../passes/random-ir.ts";
import { type Approx, Arithmetic, certain, compare, tolerance, Untame } from "./approx.ts";

/** Sums of quotients and products, in an order and with a rounding of products that a backend may choose. */
function samples(seed: number): { readonly terms: readonly (readonly [number, number, boolean])[] } {
  const random = randomOf(seed);
  const number = (): number => ((random(2 ** 30) / 2 ** 30) * 8 - 4) * 2 ** random(6);
  return { terms: Array.from({ length: 2 + random(40) }, () => [number(), number() + 40, random(3) === 0] as const) };
}

test("regrouped sums stay within the bound, which is less than ten times as wide as it must be for the worst order", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { terms } = samples(seed);
    const arithmetic = new Arithmetic();
    const op = (name: "add" | "mul" | "div", a: Approx, b: Approx): Approx =>
      arithmetic.binary(name, "f32", "fast", a, b);
    const values = terms.map(([x, y, quotient]) => [Math.fround(x), Math.fround(y), quotient] as const);
    const bound = values
      .map(([x, y, quotient]) => op(quotient ? "div" : "mul", certain(x), certain(y)))
      .reduce((a, b) => op("add", a, b));
    const [kept, summed] = [
      new Set<number>(),
      (list: readonly number[]): number => list.reduce((a, b) => Math.fround(a + b)),
    ];
    for (const order of [0, 1, 2]) {
      // Products that are not rounded, and reciprocals: as fused or approximate operations give them.
      const parts = values.map(([x, y, quotient], i) => {
        if (quotient) return order === 1 ? Math.fround(x * Math.fround(1 / y)) : Math.fround(x / y);
        return order === 1 && i % 2 === 0 ? x * y : Math.fround(x * y);
      });
      const sorted = order === 0 ? parts : [...parts].sort((a, b) => (order === 1 ? a - b : Math.abs(b) - Math.abs(a)));
      kept.add(Math.fround(summed(sorted)));
    }
    for (const value of kept) assert.ok(Math.abs(value - bound.value) <= tolerance(bound), `seed ${seed}: ${value}`);
    const size = values.reduce((sum, [x, y, quotient]) => sum + Math.abs(quotient ? x / y : x * y), 0);
    assert.ok(
      tolerance(bound) <= 10 * (terms.length + 4) * 2 ** -24 * size,
      `seed ${seed}: ${tolerance(bound)} is wide`,
    );
  }
});

test("what contract leaves alone is certain", () => {
  const arithmetic = new Arithmetic();
  const quotient = (mode: "strict" | "contract" | "fast"): Approx =>
    arithmetic.binary("div", "f64", mode, certain(1), certain(3));
  assert.is(tolerance(quotient("contract")), 0);
  assert.ok(tolerance(quotient("fast")) > 0);
  assert.is(tolerance(arithmetic.binary("mul", "f64", "strict", certain(0.1), certain(3))), 0);
  assert.ok(tolerance(arithmetic.binary("mul", "f64", "contract", certain(0.1), certain(3))) > 0);
});

test("what rounding decides is given up", () => {
  const arithmetic = new Arithmetic();
  const third = arithmetic.binary("div", "f64", "fast", certain(1), certain(3));
  const one = arithmetic.binary("mul", "f64", "fast", third, certain(3));
  assert.throws(
    () => compare("eq", one, certain(1)),
    (e: unknown) => e instanceof Untame && e.sort === "undecided",
  );
  assert.is(compare("gt", one, certain(0.9)), true);
  const whole = arithmetic.unary("floor", "f64", "fast", one);
  assert.ok(tolerance(whole) >= 1, "floor of 1 ± ε may be 0");
  assert.throws(() => arithmetic.binary("div", "f64", "fast", certain(1), certain(0)), /no number to compute with/);
});

test.run();
