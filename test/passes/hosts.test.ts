/** Modules with host functions, as differentiation makes them, through all the passes that follow it. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Module } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { runPasses } from "../../compiler/pass.ts";
import { passesAfter } from "../../compiler/pipeline.ts";
import { difference } from "../equivalent.ts";
import { readCase } from "../golden-case.ts";

/** Verified after each pass. */
const compiled = (m: Module): Module => runPasses(m, passesAfter({ derivative: { kind: "vjp" } }));

const golden = join(dirname(dirname(fileURLToPath(import.meta.url))), "golden");

for (const name of ["outline/tape.ir", "outline/checkpoints.ir", "outline/hosts.ir", "inline/hosts.ir"]) {
  test(`${name} does the same after all passes`, () => {
    const path = join(golden, name);
    const m = parse(readCase(path, readFileSync(path, "utf8")).input, path);
    const out = compiled(m);
    assert.is(out.stage, "kernel");
    assert.is(difference(m, out), null);
  });
}

test("calls of what is called, operators of the math library, and what a loop of the host need not compute again", () => {
  const m = parse(`stage loop
func @square(%a: f64) -> f64 {
  %p: f64 = mul %a, %a
  yield %p
}
func @norm(%x: f64[%n]) -> f64 {
  %s: f64 = for %i in seq(0, %n) with %acc = 0.0f64 {
    %a: f64 = load %x[%i]
    %b: f64 = call @square(%a)
    %c: f64 = exp %b
    %next: f64 = add %acc, %c
    yield %next
  }
  yield %s
}
func @scale(%x: f64[%n], %by: f64) {
  for %i in seq(0, %n) {
    accum mul %x[%i], %by
  }
}
export host @run(%x: f64[%n], %rounds: index) -> f64 {
  %s: f64 = for %r in seq(0, %rounds) with %acc = 0.0f64 {
    %size: f64 = call @norm(%x)
    %one: f64 = add %size, 1.0f64
    %log: f64 = log %one
    %length: f64 = cast %n
    %root: f64 = sqrt %length
    %by: f64 = div %root, %log
    call @scale(%x, %by)
    %same: f64 = call @norm(%x)
    %next: f64 = add %acc, %same
    yield %next
  }
  yield %s
}`);
  const out = compiled(m);
  assert.is(difference(m, out, { sizes: [4, 1, 0] }), null);
  const run = out.funcs.find((f) => f.kind === "host");
  const stmts = [...walk(run?.body ?? { stmts: [], yields: [] })];
  assert.equal(
    stmts.flatMap((s) => (s.kind === "launch" ? [s.callee] : [])),
    ["norm", "scale", "norm"],
  );
  assert.is(run?.body.stmts[0]?.kind === "let" && run.body.stmts[0].result.hint, "length");
  assert.equal(out.funcs.map((f) => f.name).toSorted(), ["math.exp", "math.log", "norm", "run", "scale"]);
});

test.run();
