/** The C printer: golden text, names, and which operations compilers may fuse. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { printC } from "../../compiler/backend/c.ts";
import { compileC } from "../../compiler/backend/cc.ts";
import { skip } from "../skip.ts";
import { compare, parsed } from "./differential.ts";
import { golden, goldenModules } from "./golden.ts";
import { missing } from "./run-kernel.ts";

for (const { name, module } of goldenModules) {
  test(`golden: ${name}`, () => golden(`${name}.c`, printC(module)));
}

test("stage: only kernels are printed", () => {
  assert.throws(() => printC({ stage: "loop", funcs: [] }), /module of stage loop/);
});

test("entries: can be left out", () => {
  const text = printC(parsed("stage kernel\nkernel @k(%a: f64[1]) {\nstore %a[0], 1.0f64\n}"), { entries: false });
  assert.match(text, /int32_t k\(double \*restrict a\) \{/);
  assert.not.match(text, /void \*args|KERNEL/);
});

test("names: what C has taken gets a number", () => {
  const text = printC(
    parsed("stage kernel\nhost @exp(%int: f64) {\nlaunch @exp_0(%int)\n}\nkernel @exp_0(%int: f64) {}"),
  );
  assert.match(text, /int32_t exp_1\(double int_1\)/);
  assert.match(text, /int32_t exp_0\(void \*args\)/);
});

const mixed = parsed(`stage kernel
kernel @strict(%x: f64[%n], %y: f32[%n], %z: f64[%n], %w: f32[%n]) {
  for %i in seq(1, %n) {
    %h: index = sub %i, 1
    %a: f64 = load %x[%i]
    %b: f64 = load %x[%h]
    %p: f64 = mul strict %a, %b
    %q: f64 = sub strict %p, %a
    accum add strict %z[%i], %q
    %c: f32 = load %y[%i]
    %d: f32 = load %y[%h]
    %r: f32 = mul strict %c, %d
    %s: f32 = add strict %r, %c
    accum add strict %w[%i], %s
  }
}

kernel @contract(%x: f64[%n], %y: f64[%n]) {
  for %i in seq(0, %n) {
    %a: f64 = load %x[%i]
    %p: f64 = mul %a, 3.0f64
    accum add %y[%i], %p
  }
}
`);

for (const compiler of ["gcc", "clang"] as const) {
  const reason = await missing(compiler);
  if (reason !== null) {
    skip(`c by ${compiler}`, reason);
    continue;
  }
  test(`${compiler}: strict operations among others are never fused`, () => {
    const n = 257;
    const noise = (k: number) => Array.from({ length: n }, (_, i) => Math.sin(i * k + k));
    const doubles = (k: number) => ({ data: Float64Array.from(noise(k)), shape: [n] });
    const floats = (k: number) => ({ data: Float32Array.from(noise(k)), shape: [n] });
    const args = () => [doubles(1), floats(2), doubles(3), floats(5)];
    return compare(mixed, [{ name: "strict", args, exact: true }], compiler, "contract");
  });

  test(`${compiler}: takes every golden file without a warning`, async () => {
    for (const { module } of goldenModules) {
      await compileC(printC(module), {
        mode: "strict",
        compiler,
        flags: ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"],
      });
    }
  });
}

test.run();
