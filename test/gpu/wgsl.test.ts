/** The WGSL printer: golden text of three kernels, and which indices it holds in 64 bits. `UPDATE=1` writes the golden files anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { printWgsl } from "../../compiler/backend/wgsl.ts";
import { parsed } from "../backend/differential.ts";
import { irCases } from "./ir-cases.ts";

const cases = irCases("f32", { precision: "single" });

function golden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`./wgsl/${name}.wgsl`, import.meta.url));
  if (process.env.UPDATE === "1") writeFileSync(path, text);
  assert.fixture(text, readFileSync(path, "utf8"));
}

for (const name of ["matmul", "histogram"]) {
  test(`golden: ${name}`, () => {
    const found = cases.find((c) => c.kernel.name === name);
    assert.ok(found);
    const kept = found.module.funcs.filter((f) => f === found.kernel);
    golden(name, printWgsl({ stage: "kernel", funcs: kept }));
  });
}

test("golden: halves", () => {
  const text = `stage kernel

kernel @halves(%x: f16[%n], %y: f16[%m]) {
  for %b in grid.x(0, %n) {
    %tile: f16[8] @shared = alloc
    for %t in threads.x(0, 8) {
      %v: f32 = load %x[%b]
      store %tile[%t], %v
    }
    for %t in threads.x(0, 8) {
      %w: f32 = load %tile[%t]
      %i: index = add %b, %t
      accum mul %y[%i], %w
    }
  }
}
`;
  golden("halves", printWgsl(parsed(text)));
});

const kernel = (lines: string): string => `stage kernel

kernel @k(%a: i32[%n], %x: f32[%m]) {
  for %b in grid.x(0, %n) {
    for %t in threads.x(0, 1) {
      %i32: i32 = load %a[%b]
      %i: index = cast %i32
${lines}
      store %x[0], %r
    }
  }
}
`;

test("sums of two 32-bit integers that are compared have 64 bits", () => {
  const text = printWgsl(
    parsed(kernel("%s: index = add %i, %i\n%c: bool = lt %s, 5\n%r: f32 = select %c, 1.0f32, 0.0f32")),
  );
  assert.match(text, "wide_lt");
});

test("as a subscript the same sum has 32", () => {
  const text = printWgsl(parsed(kernel("%s: index = add %i, %i\n%r: f32 = load %x[%s]")));
  assert.not.match(text, "wide");
});

test("sums of sizes and loop indices have 32, compared as well", () => {
  const text = printWgsl(
    parsed(kernel("%s: index = add %b, %n\n%c: bool = lt %s, %m\n%r: f32 = select %c, 1.0f32, 0.0f32")),
  );
  assert.not.match(text, "wide");
});

test.run();
