/** How many trips loops make that halve a number. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { halvings } from "../../compiler/analysis/halving.ts";
import type { While } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { walk } from "../../compiler/ir/walk.ts";

function loop(start: string, test: string, next: string): number | null {
  const f = parse(`stage loop
    export func @f(%n: index, %on: bool) {
      %h: index = while with %half = ${start} {
        %more: bool = ${test}
        %both: bool = and %more, %on
        yield %both
      } do {
        %next: index = ${next}
        yield %next
      }
    }`).funcs[0];
  return halvings([...walk((f as NonNullable<typeof f>).body)].find((s) => s.kind === "while") as While);
}

test("as many trips as the number has digits to that base", () => {
  const trips = (start: number, least: number, by: number): number => {
    let count = 0;
    for (let h = start; h >= least; h = Math.floor(h / by)) count++;
    return count;
  };
  for (const start of [0, 1, 2, 3, 128, 1000]) {
    for (const by of [2, 3, 10]) {
      assert.is(loop(String(start), "gt %half, 0", `floordiv %half, ${by}`), trips(start, 1, by));
      assert.is(loop(String(start), "ge %half, 3", `floordiv %half, ${by}`), trips(start, 3, by));
    }
  }
});

test("nothing is known of loops that start anywhere, go on for ever, or do not divide", () => {
  assert.is(loop("%n", "gt %half, 0", "floordiv %half, 2"), null);
  assert.is(loop("128", "ge %half, 0", "floordiv %half, 2"), null);
  assert.is(loop("128", "gt %half, 0", "floordiv %half, 1"), null);
  assert.is(loop("128", "gt %half, 0", "sub %half, 2"), null);
  assert.is(loop("128", "gt %n, 0", "floordiv %half, 2"), null);
});

test.run();
