/** NdArray and its makers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { array, isDetached, NdArray, zeros } from "../../runtime/array.ts";

test("array wraps a typed array without copying it", () => {
  const data = new Float64Array([1, 2, 3, 4, 5, 6]);
  const A = array(data, [2, 3]);
  assert.is(A.data, data);
  assert.equal(A.shape, [2, 3]);
  assert.is(A.dtype, "f64");
  assert.instance(A, NdArray);
});

test("array takes the element type from the typed array", () => {
  assert.is(array(new Float32Array(2)).dtype, "f32");
  assert.is(array(new Int32Array(2)).dtype, "i32");
  assert.is(array(new Uint32Array(2)).dtype, "u32");
  assert.is(array(new Uint8Array(2)).dtype, "bool");
  assert.is(array(Buffer.alloc(2)).dtype, "bool");
  assert.is(array(new Float64Array(2), [2], "index").dtype, "index");
  assert.equal(array(new Float32Array(5)).shape, [5]);
});

test("array refuses what does not fit", () => {
  assert.throws(() => array(new Float64Array(5), [2, 3]), /shape \[2, 3\] takes 6 elements, data has 5/);
  assert.throws(() => array(new Float64Array(2), [-1, -2]), /-1 is not a size/);
  assert.throws(() => array(new Float64Array(2), [0.5, 4]), /0.5 is not a size/);
  assert.throws(() => array([1, 2] as unknown as Float64Array), /takes one of Float64Array/);
  assert.throws(() => array(new Int8Array(2) as unknown as Uint8Array), /takes one of Float64Array/);
  assert.throws(() => array(new Float32Array(2) as unknown as Float64Array, [2], "index"), /index elements live in a/);
});

test("the shape is the array's own", () => {
  const shape = [2, 2];
  const A = array(new Float64Array(4), shape);
  shape[0] = 9;
  assert.equal(A.shape, [2, 2]);
});

test("zeros", () => {
  assert.equal(zeros("f32", [2, 2]).data, new Float32Array(4));
  assert.instance(zeros("index", [2]).data, Float64Array);
  assert.instance(zeros("bool", [2]).data, Uint8Array);
  assert.is(zeros("f64", [0, 7]).data.length, 0);
  assert.is(zeros("f64", []).data.length, 1);
  assert.throws(() => zeros("f64", [Number.NaN]), /NaN is not a size/);
  assert.throws(() => zeros("f65" as "f64", [1]), /unknown element type "f65"/);
  assert.throws(() => zeros("f64", [1e6, 1e6, 1e6]), RangeError);
});

test("isDetached tells a lost buffer from an empty array", () => {
  const lost = new Float64Array(4);
  structuredClone(lost.buffer, { transfer: [lost.buffer] });
  assert.ok(isDetached(lost));
  assert.not(isDetached(new Float64Array(0)));
  assert.not(isDetached(new Float64Array(1)));
});

test.run();
