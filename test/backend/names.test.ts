/** What printers call values: unique, and found in time that grows with the number of values alone. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Names } from "../../compiler/backend/llvm-writer.ts";
import { Scope } from "../../compiler/backend/text.ts";

test("llvm: a taken name gets the smallest number that is free", () => {
  const names = new Names();
  assert.equal(
    ["x.1", "x", "x", "x", "y"].map((hint) => names.fresh(hint)),
    ["x.1", "x", "x.2", "x.3", "y"],
  );
});

test("text: what scopes side by side declare may have the same name", () => {
  const outer = new Scope(null, ["x"]);
  const [one, two] = [outer.inner(), outer.inner()];
  assert.equal([one.fresh("x"), one.fresh("x"), two.fresh("x")], ["x_1", "x_2", "x_1"]);
  assert.is(outer.fresh("x"), "x_1");
  assert.is(outer.inner().fresh("x"), "x_2");
});

for (const [kind, names] of [["llvm", new Names()] as const, ["text", new Scope(new Scope(null))] as const]) {
  test(`${kind}: many equal hints take no long time`, () => {
    const start = performance.now();
    for (let i = 0; i < 50_000; i++) names.fresh("at");
    assert.ok(performance.now() - start < 2000);
  });
}

test.run();
