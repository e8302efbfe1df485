/** Whether loops have an order, and what is said against another one. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { For } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { Order } from "../../compiler/schedule/order.ts";

const adjoint = "!k.ts:1:1:0-1 adjoint";

/** Why the first loop of a function with these statements is ordered. */
function whyOrdered(loop: string): string | null {
  const text = `stage loop
    func @f(%A: f64[%n], %s: f64[1]) -> f64 {
      %last: index = sub %n, 1
      ${loop}
      yield 0f64
    }`;
  const f = parse(text).funcs[0] as ReturnType<typeof parse>["funcs"][number];
  return new Order(f).whyOrdered([...walk(f.body)].find((s) => s.kind === "for") as For);
}

test("sums of adjoints have no order, those of the function have", () => {
  const sum = (loc: string): string => `for %i in seq(0, %n) {
    %a: f64 = load %A[%i]
    accum add %s[0], %a ${loc}
  }`;
  assert.is(whyOrdered(sum(adjoint)), null);
  assert.match(whyOrdered(sum("")) ?? "", /may touch the element of .* later/);
});

test("a carried sum of an adjoint has none, but where it is used on the way", () => {
  const carried = (loc: string, more = ""): string => `%t: f64 = for %i in seq(0, %n) with %x = 0f64 {
    %a: f64 = load %A[%i]
    %y: f64 = add %x, %a ${loc}
    ${more}
    yield %y
  }`;
  assert.is(whyOrdered(carried(adjoint)), null);
  const why = "the loop carries a value from iteration to iteration";
  assert.is(whyOrdered(carried("")), why);
  assert.is(whyOrdered(carried(adjoint, "store %s[0], %y")), why);
});

test("what one iteration writes and another reads is named", () => {
  const shifted = `for %i in seq(0, %last) {
    %next: index = add %i, 1
    %a: f64 = load %A[%next]
    store %A[%i], %a
  }`;
  assert.match(whyOrdered(shifted) ?? "", /1 iteration later of `i`/);
  assert.is(
    whyOrdered(`for %i in seq(0, %n) {
      %a: f64 = load %A[%i]
      %b: f64 = mul %a, 2f64
      store %A[%i], %b
    }`),
    null,
  );
});

test("checks and whiles may end the function, and so keep their order", () => {
  const check = `for %i in seq(0, %n) {
    check %s axis 0 at %i
  }`;
  assert.is(whyOrdered(check), "the loop has a check");
});

test.run();
