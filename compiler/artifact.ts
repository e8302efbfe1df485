/**
 * What compiling yields and a device runs: the launch programs, the kernels' code, and how arguments are laid out.
 *
 * The argument block. A kernel's code is one function `i32 kernel(ptr args)`. The block is a row of 8-byte slots, in
 * the order of the kernel's parameters: for an array its address, then its sizes (i64), then its strides in elements
 * (i64; the last is 1); for a scalar its value in the slot's low bytes. After the parameters stands one slot with the
 * address of the error record, 8 bytes. The function returns 0, or the number (from 1, in program order) of the `check`
 * that failed, whose index value (i64) it has left in the error record.
 */
import type { Func, Module, ScalarType } from "./ir/ir.ts";
import { isArray } from "./ir/ir.ts";

/** A parameter's or result's type as the source says it. Its scalar and array leaves, in order, are the IR's parameters. */
export type SourceType =
  | { readonly kind: "scalar"; readonly type: ScalarType }
  | { readonly kind: "array"; readonly rank: number; readonly elem: SourceType }
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly type: SourceType }[] }
  | { readonly kind: "tuple"; readonly elems: readonly SourceType[] };

export type Access = "none" | "read" | "write" | "readwrite";

export interface EntryParam {
  readonly name: string;
  readonly type: SourceType;
  /** What the function does to the parameter's arrays, all leaves together. */
  readonly access: Access;
}

/** An exported function of the source: how to call it, and which launch program runs it. */
export interface Entry {
  readonly name: string;
  readonly params: readonly EntryParam[];
  /** Null for void. Its leaves are the launch program's results. */
  readonly result: SourceType | null;
}

export type TargetName = "native" | "wasm" | "c" | "interp" | "node";

/** A compiled source file. `code` is an object file, a wasm module, C text, JavaScript text, or nothing (interp). */
export interface Artifact {
  readonly target: TargetName;
  readonly file: string;
  readonly entries: readonly Entry[];
  /** Stage `kernel`: for each entry a host function of its name, and the kernels that these launch. */
  readonly program: Module;
  readonly code: Uint8Array | string | null;
  /** What the kernel code expects of its memory (wasm only). */
  readonly memory?: "shared" | "unshared";
}

/** Where one parameter stands in the argument block; offsets in bytes. */
export type Slot =
  | {
      readonly kind: "array";
      readonly pointer: number;
      readonly sizes: number;
      readonly strides: number;
      readonly rank: number;
      readonly elem: ScalarType;
    }
  | { readonly kind: "scalar"; readonly at: number; readonly type: ScalarType };

export interface Layout {
  readonly slots: readonly Slot[];
  /** Where the address of the error record stands. */
  readonly error: number;
  readonly bytes: number;
}

/** The argument block of a kernel. */
export function layoutOf(kernel: Func): Layout {
  let at = 0;
  const slots = kernel.params.map((p): Slot => {
    if (isArray(p)) {
      const rank = p.type.dims.length;
      const slot: Slot = {
        kind: "array",
        pointer: at,
        sizes: at + 8,
        strides: at + 8 + 8 * rank,
        rank,
        elem: p.type.elem,
      };
      at += 8 + 16 * rank;
      return slot;
    }
    const slot: Slot = { kind: "scalar", at, type: p.type as ScalarType };
    at += 8;
    return slot;
  });
  return { slots, error: at, bytes: at + 8 };
}

/** Bytes that an element takes in memory. Bools are bytes. */
export const elemBytes: Readonly<Record<ScalarType, number>> = { f64: 8, f32: 4, i32: 4, u32: 4, index: 8, bool: 1 };

/** The function of that name. */
export function funcNamed(m: Module, name: string): Func | undefined {
  return m.funcs.find((f) => f.name === name);
}

/** What the runtime gives to every wasm kernel, as `env`: functions that neither wasm nor the math library computes. */
export const wasmImports = ["fmod"] as const;
