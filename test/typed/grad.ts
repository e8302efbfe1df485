/** What the types of gradients accept and refuse: compiled by `tsc`, never run. See test/runtime/types.test.ts. */
import { adjoint, array, grad, hvp, jacobian, jvp, load, type NdArray, valueAndGrad, vjp, zeros } from "tsgpu";
import type * as plain from "./losses.ts";
import type { Module } from "./losses.types.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): void => void (undefined as T | undefined);

const url = new URL("./losses.js", import.meta.url);
const { loss, gemm, center, pick } = await load<Module>(url);
const rows: number[][] = [[1]];
const flat = new Float64Array(1);
const r = zeros("f64", [1]);

// `losses.types.ts` is what `tsgpu types` writes. Kernels with names are called as others are.
holds<Equal<Awaited<ReturnType<typeof loss>>, number>>();
await loss([1], 2, rows, flat, r);
// @ts-expect-error: an argument is missing
await loss([1], 2, rows, flat);

// Gradients have the names chosen, and the forms of the arguments.
const g = await grad(loss, { wrt: ["w", "b", "y"] })([1], 2, rows, flat, r);
holds<Equal<typeof g, { readonly w: number[]; readonly b: number; readonly y: Float64Array }>>();
const all = await grad(loss)([1], 2, rows, flat, r);
holds<Equal<keyof typeof all, "w" | "b" | "x" | "y" | "r">>();
holds<Equal<typeof all.x, number[][]>>();
const frozen: readonly (readonly number[])[] = rows;
const ofFrozen = await grad(loss, { wrt: ["x"], tapeBudget: 1e9, undo: true })([1], 2, frozen, [1], Object.freeze([1]));
holds<Equal<typeof ofFrozen.x, number[][]>>();
const whole = await grad(loss, { wrt: ["x"] })([1], 2, zeros("f64", [1, 1]), [1], [1]);
holds<Equal<typeof whole.x, NdArray<"f64">>>();
const typedRows = await grad(loss, { wrt: ["x"] })([1], 2, [new Float64Array(1)], [1], [1]);
holds<Equal<typeof typedRows.x, Float64Array[]>>();
// @ts-expect-error: a name that the kernel has not
grad(loss, { wrt: ["weights"] });
// @ts-expect-error: not chosen
g.x;
// @ts-expect-error: no such option
grad(loss, { tape: 1 });
// @ts-expect-error: gradients are of the result
grad(loss, { of: ["r"] });
// @ts-expect-error: a wrong argument
await grad(loss)("w", 2, rows, flat, r);
// @ts-expect-error: returns nothing
grad(gemm);
// @ts-expect-error: returns a struct
grad(center);

const step = await valueAndGrad(loss, { wrt: ["w"] })([1], 2, rows, flat, r);
holds<Equal<typeof step, { readonly value: number; readonly grads: { readonly w: number[] } }>>();

// Integers carry none.
// @ts-expect-error: indices
vjp(pick, { wrt: ["at"] });
// @ts-expect-error: only written
vjp(pick, { wrt: ["out"] });
const picked = await vjp(pick)([flat, new Int32Array(1), 1, [0], [0]], { out: [1] });
holds<Equal<typeof picked.grads, { readonly x: Float64Array }>>();
holds<Equal<keyof typeof picked.outputs, "out" | "counts">>();

// vjp: cotangents of what is chosen must be there; of the rest they may.
const back = await vjp(gemm, { wrt: ["A", "alpha"], of: ["C"] })([1, rows, array(flat, [1, 1])], { C: [[1]] });
holds<Equal<typeof back.outputs, { readonly C: number[][] }>>();
holds<Equal<typeof back.grads, { readonly A: NdArray<"f64">; readonly alpha: number }>>();
// @ts-expect-error: nothing is returned
back.value;
holds<Equal<Awaited<ReturnType<ReturnType<typeof vjp<typeof loss>>>>["value"], number>>();
await vjp(loss)([[1], 2, rows, flat, r], { return: 1 });
await vjp(loss)([[1], 2, rows, flat, r], { r: [1] });
await vjp(loss, { of: ["r", "return"] })([[1], 2, rows, flat, r], { r: flat, return: 1 });
// @ts-expect-error: the cotangent of a chosen name is missing
await vjp(loss, { of: ["r", "return"] })([[1], 2, rows, flat, r], { return: 1 });
// @ts-expect-error: not what the kernel gives
await vjp(loss)([[1], 2, rows, flat, r], { w: [1] });
// @ts-expect-error: not what the kernel gives
vjp(gemm, { of: ["return"] });
// @ts-expect-error: two axes
await vjp(gemm)([1, rows, rows], { C: [1] });

// Structs keep their shape.
const points = [{ x: 1, y: 2 }];
const mid = await vjp(center, { wrt: ["points", "shift"] })([points, [3, 4]], { return: { x: 1, y: 0 } });
holds<Equal<typeof mid.grads.points, { x: number; y: number }[]>>();
holds<Equal<typeof mid.grads.shift, [number, number]>>();
holds<Equal<typeof mid.value.x, number>>();

const forth = await jvp(gemm, { wrt: ["alpha"] })([1, rows, rows], { alpha: 1 });
holds<Equal<typeof forth.tangents, { readonly C: number[][] }>>();
await jvp(gemm)([1, rows, rows], {});
// @ts-expect-error: not chosen
await jvp(gemm, { wrt: ["alpha"] })([1, rows, rows], { A: rows });

const second = await hvp(loss, { wrt: ["w"] })([[1], 2, rows, flat, r], { w: [1] });
holds<Equal<typeof second.hvps, { readonly w: number[] }>>();
// @ts-expect-error: returns nothing
hvp(gemm);

const J = await jacobian(gemm, { wrt: ["alpha", "A"] })(1, zeros("f64", [1, 1]), rows);
holds<Equal<typeof J, { readonly C: { readonly alpha: number[][]; readonly A: number[][][][] } }>>();
const Jr = await jacobian(loss, { wrt: ["w"] })([1], 2, rows, flat, r);
holds<Equal<typeof Jr, { readonly r: { readonly w: number[][] }; readonly return: { readonly w: number[] } }>>();

const inPlace = await adjoint(loss, { wrt: ["w", "b"], of: ["return"] })([[1], 2, rows, flat, [0]], {
  w: r,
  return: 1,
});
holds<Equal<typeof inPlace, { readonly value: number } & { readonly grads: { readonly b: number } }>>();
// @ts-expect-error: no array to work in
await adjoint(loss, { wrt: ["w"], of: ["return"] })([[1], 2, rows, flat, [0]], { return: 1 });

// Without a file of names, all names pass, and a gradient is any of the arguments' forms.
const unnamed = await load<typeof plain>(url);
const u = await grad(unnamed.loss, { wrt: ["w", "anything"] })([1], 2, rows, [1], [1]);
holds<Equal<typeof u.w, number | number[] | number[][]>>();
const open = await vjp(unnamed.loss)([[1], 2, rows, [1], [1]], { return: 1, r: [1] });
holds<Equal<typeof open.value, number>>();
// @ts-expect-error: returns nothing
grad(unnamed.gemm);
const untyped = await load("kernels.ts");
if (untyped.loss) await grad(untyped.loss)(1, [2]);

// Imported under tsgpu/register, kernels are plain functions to TypeScript.
declare const imported: typeof plain.loss;
const p = await grad(imported, { wrt: ["w"] })(flat, 2, zeros("f64", [1, 1]), [1], [1]);
holds<Equal<typeof p.w, number | Float64Array | NdArray<"f64"> | number[]>>();
