/** The value helpers of `tsgpu/kernel` as plain JavaScript. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { modules } from "../compiler/frontend/lib.ts";
import { customGradient, grid, parallel, shared, stopGradient, threads, zeros } from "../kernel.ts";

test("zeros: rows are typed arrays of the element type", () => {
  assert.instance(zeros("f64", 3), Float64Array);
  assert.instance(zeros("f32", 3), Float32Array);
  assert.instance(zeros("i32", 3), Int32Array);
  assert.instance(zeros("u32", 3), Uint32Array);
  assert.instance(zeros("index", 3), Float64Array);
  assert.equal(zeros("bool", 2), [false, false]);
});

test("zeros: one level of nesting per axis, and rows of their own", () => {
  const a = zeros("f64", 2, 3);
  a[0]![1] = 5;
  assert.equal(
    a.map((row) => Array.from(row)),
    [
      [0, 5, 0],
      [0, 0, 0],
    ],
  );
  assert.is(zeros("i32", 1, 1, 1, 1, 1, 1)[0]![0]![0]![0]![0]![0], 0);
  assert.is(zeros("f64", 0, 4).length, 0);
});

test("zeros: stores round and wrap", () => {
  const f = zeros("f32", 1);
  f[0] = 0.1;
  assert.is(f[0], Math.fround(0.1));
  const i = zeros("i32", 1);
  i[0] = 2 ** 31;
  assert.is(i[0], -(2 ** 31));
});

test("zeros: refuses what is not a size", () => {
  assert.throws(() => zeros("f64", 1.5), /1.5 is not a size/);
  assert.throws(() => zeros("f64", -1), /-1 is not a size/);
});

test("shared: is zeros", () => {
  assert.is(shared, zeros);
});

test("parallel, grid, threads: indices in program order, tuples of several with the last one fastest", () => {
  for (const indices of [parallel, grid, threads]) {
    assert.equal([...indices(3)], [0, 1, 2]);
    assert.equal(
      [...indices(2, 3)],
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [1, 0],
        [1, 1],
        [1, 2],
      ],
    );
    assert.equal(
      [...indices(1, 2, 1)],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    );
    assert.equal([...indices(0), ...indices(-2), ...indices(2, 0), ...indices(-1, 2)], []);
  }
  assert.throws(() => [...parallel(1.5)], /parallel: 1.5 is not a size/);
  assert.throws(() => [...(grid as (...sizes: number[]) => Iterable<unknown>)()], /grid: 1 to 3 sizes, not 0/);
});

test("stopGradient: is the identity", () => {
  assert.is(stopGradient(3), 3);
});

test("customGradient: is its first function, and takes two", () => {
  const f = (x: number): number => 2 * x;
  const adjoint = (_x: number, _r: number, d: number): number => 2 * d;
  assert.is(customGradient(f, adjoint), f);
  assert.throws(() => customGradient(f, 2 as never), /takes two functions/);
});

test("customGradient: the compiler checks it with the very types of this file", () => {
  const source = readFileSync(new URL("../kernel.ts", import.meta.url), "utf8").replaceAll(
    /^\/\/.*$|\/\*\*[\s\S]*?\*\//gm,
    "",
  );
  const own = /type ArgumentsOf[\s\S]*?export function customGradient[\s\S]*?\): F/.exec(source)?.[0] ?? "";
  const without = (text: string): string => text.replaceAll(/\s/g, "");
  assert.ok(own.length > 500);
  assert.ok(without(modules.get("tsgpu/kernel")?.text ?? "").includes(without(own)));
});

test.run();
