/** What the types of loaded kernels accept and refuse: compiled by `tsc`, never run. See test/runtime/types.test.ts. */
import { array, load, type NdArray, zeros } from "tsgpu";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): void => void (undefined as T | undefined);

const k = await load<typeof import("./kernels.js")>(new URL("./kernels.js", import.meta.url), { target: "wasm" });

// Only functions, and all of them.
holds<Equal<keyof typeof k, "gemm" | "axpy" | "count" | "center" | "smooth">>();
// @ts-expect-error: a constant is no kernel
k.answer;
// @ts-expect-error: nor is what the file does not have
k.gem;

// Results are promises of what the function returns.
holds<Equal<ReturnType<typeof k.gemm>, Promise<void>>>();
holds<Equal<ReturnType<typeof k.count>, Promise<number>>>();
holds<Equal<Awaited<ReturnType<typeof k.center>>["x"], number>>();
holds<Equal<Awaited<ReturnType<typeof k.smooth>>, [number, boolean]>>();

// Arrays: nested, with typed rows, or an NdArray.
const rows: number[][] = [[1]];
await k.gemm(1, rows, rows);
await k.gemm(1, [new Float64Array(1)], [new Float32Array(1), [2]]);
await k.gemm(1, zeros("f64", [1, 1]), array(new Float64Array(1), [1, 1]));
declare const either: Float64Array | Float32Array;
const flat = array(either, [1, 1]);
holds<Equal<typeof flat, NdArray<"f64" | "f32">>>();
await k.gemm(1, flat, array(new Int32Array(1), [1, 1]) satisfies NdArray<"i32">);
// @ts-expect-error: no typed array
array([1, 2]);
const constant: readonly (readonly number[])[] = rows;
await k.gemm(1, rows, constant);
// @ts-expect-error: C is written
await k.gemm(1, constant, rows);
// @ts-expect-error: two axes, and a typed array has no shape
await k.gemm(1, new Float64Array(4), rows);
// @ts-expect-error: one axis too few
await k.gemm(1, [1, 2], rows);
// @ts-expect-error: one axis too many
await k.gemm(1, [[[1]]], rows);
// @ts-expect-error: no number
await k.gemm("1", rows, rows);
// @ts-expect-error: an argument is missing
await k.gemm(1, rows);

// One axis: a typed array as well. Generic kernels take numbers.
await k.axpy(2, [1, 2], new Float32Array(2));
await k.axpy(2, new Float64Array(2), zeros("f32", [2]) satisfies NdArray);
await k.count(3, [true], new Int32Array(1));
await k.count(3, new Uint8Array(1), [1]);
await k.count(3, zeros("bool", [3]), zeros("i32", [3]));
// @ts-expect-error: flags are booleans
await k.count(3, [1], [1]);
// @ts-expect-error: and their typed array is the Uint8Array
await k.count(3, new Float64Array(1), [1]);

// Structs and tuples, alone and as elements.
await k.center([{ x: 1, y: 2 }], [3, 4]);
await k.smooth({ values: [new Float64Array(2)], width: 1 }, [[1, true]]);
await k.smooth({ values: zeros("f64", [2, 2]), width: 1 }, [[1, true]]);
// @ts-expect-error: a field is missing
await k.center([{ x: 1 }], [3, 4]);
// @ts-expect-error: a tuple of two
await k.center([{ x: 1, y: 2 }], [3]);
// @ts-expect-error: an array of structs is no NdArray
await k.center(zeros("f64", [2]), [3, 4]);

// Without a type, anything goes until the call.
const untyped = await load("kernels.ts");
await untyped.anything?.(1, [2], zeros("f64", [2]));

// @ts-expect-error: no such target
await load("kernels.ts", { target: "nativ" });
await load("kernels.ts", { mode: "strict", real: "f32", types: { axpy: { T: "f32" } } });
