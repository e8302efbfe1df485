/**
 * What compiling yields and a device runs: the launch programs, the kernels' code, and how arguments are laid out.
 *
 * The argument block. A kernel's code is one function `i32 kernel(ptr args)`. The block is a row of 8-byte slots, in
 * the order of the kernel's parameters: for an array its address, then its sizes (i64), then its strides in elements
 * (i64; the last is 1); for a scalar its value in the slot's low bytes. After the parameters stands one slot with the
 * address of the error record, 8 bytes. The function returns 0, or the number (from 1, in program order) of the `check`
 * that failed, whose index value (i64) it has left in the error record.
 */
import type { ByteFormula } from "./artifact-bytes.ts";
import type { ArrayValue, ElemType, Func, Module, Scalar, ScalarType, Value } from "./ir/ir.ts";
import { isArray } from "./ir/ir.ts";

/** A parameter's or result's type as the source says it. Its scalar and array leaves, in order, are the IR's parameters. */
export type SourceType =
  /** f16 where it is what an array holds, and nowhere else. */
  | { readonly kind: "scalar"; readonly type: ElemType }
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
  /** For what differentiation made of a function of the source; absent for the functions themselves. */
  readonly derivative?: Derivative;
}

/**
 * What a derivative of the kernel `f` takes and gives besides what `f` does. Its parameters are those of `f`, in order,
 * then one for each of `extra`; its result is a tuple: the leaves of the result of `f`, then one scalar for each of `results`.
 *
 * Leaves are named as in artifact-leaves.ts (`A`, `points[].x`); the result's own is `return`, with its path.
 *
 * - `vjp` (reverse mode). An array that is differentiated with respect to, or whose final state counts, has an `adjoint`
 *   among `extra`, an array of its shape: on entry that of its final state (zeros where only `wrt` names it), at the end that of its
 *   state on entry. So adjoints of arrays that the kernel only reads are accumulated into. Of the result, the adjoint is a scalar
 *   parameter; of scalar parameters in `wrt`, a result.
 * - `jvp` (forward mode). Such an array has a `tangent`, on entry that of its state on entry, at the end that of its final state.
 *   Scalars in `wrt` have theirs as parameters, and that of the result is a result.
 * - `hvp`: the `jvp` of the `vjp`. After the adjoints, as above, come tangents of `wrt` and the tangents of adjoints (role
 *   `adjoint-tangent`; those of arrays in `wrt` hold the products at the end, those of scalars are results).
 */
export interface Derivative {
  readonly kind: DerivativeKind;
  /** The kernel that it is of. */
  readonly kernel: string;
  /** The leaves that the kernel was differentiated with respect to, and those of it that were. */
  readonly wrt: readonly string[];
  readonly of: readonly string[];
  readonly extra: readonly DerivativeLeaf[];
  readonly results: readonly DerivativeLeaf[];
  /** Of reverse mode: the arrays whose final state the reverse sweep reads. */
  readonly keeps?: readonly string[];
  /** Of reverse mode: the arrays that it may leave in any state; all others are as the kernel leaves them. */
  readonly restores?: readonly string[];
  /** What reverse mode writes only for its second part (records and snapshots), and what recomputing takes besides. */
  readonly tape?: ByteFormula;
  readonly scratch?: ByteFormula;
  /** Bytes of tape beyond which a loop runs again from snapshots instead; absent where it never does. */
  readonly tapeBudget?: number;
}
export type DerivativeKind = "vjp" | "jvp" | "hvp";
export interface DerivativeLeaf {
  readonly leaf: string;
  readonly role: "adjoint" | "tangent" | "adjoint-tangent";
}

/** Where one thread runs a function from its beginning to its end. */
export type CpuTarget = "native" | "wasm" | "c" | "interp" | "node";
/** Where functions are launch programs over kernels of grids of threads (analysis/device-kernel.ts): GPUs, and what stands for them. */
export type GpuTarget = "cuda" | "webgpu" | "simulator" | "ptx-emulator";
export type TargetName = CpuTarget | GpuTarget;

const gpuTargets: ReadonlySet<string> = new Set<GpuTarget>(["cuda", "webgpu", "simulator", "ptx-emulator"]);
export const isGpuTarget = (t: TargetName): t is GpuTarget => gpuTargets.has(t);

/**
 * A compiled source file. `code` is an object file, a wasm module, C text, JavaScript text, nothing (interp), PTX text (cuda,
 * ptx-emulator), WGSL text (webgpu) or the object file of the instrumented kernels (simulator).
 */
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
      readonly elem: ElemType;
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

/** Something that a kernel is given: where it stands in the argument block, in bytes. */
export type KernelParam =
  | { readonly kind: "array"; readonly value: ArrayValue; readonly at: number }
  | { readonly kind: "size" | "scalar"; readonly value: Scalar; readonly at: number };

/**
 * Parameters in order, each array before its sizes. Arrays may share a size, and it may be a scalar parameter: whoever is
 * the first to mention it brings it. These are the parameters of a GPU's kernel, too: the address of an array, the value of a
 * size or scalar, as they stand in the argument block.
 */
export function kernelParams(kernel: Func): readonly KernelParam[] {
  const { slots } = layoutOf(kernel);
  const seen = new Set<Value>();
  const first = (v: Value): boolean => !seen.has(v) && seen.add(v) !== null;
  return kernel.params.flatMap((p, k): KernelParam[] => {
    const slot = slots[k] as Slot;
    if (!isArray(p))
      return slot.kind === "scalar" && first(p) ? [{ kind: "scalar", value: p as Scalar, at: slot.at }] : [];
    if (slot.kind !== "array") return [];
    const sizes = p.type.dims.flatMap((d, axis): KernelParam[] =>
      d.kind === "value" && first(d) ? [{ kind: "size", value: d, at: slot.sizes + 8 * axis }] : [],
    );
    return [{ kind: "array", value: p, at: slot.pointer }, ...sizes];
  });
}

/** What a kernel is called in PTX, whose names have fewer characters than JavaScript's: no two kernels share one. */
export const kernelSymbol = (name: string): string =>
  name.replace(/\W/gu, (c) => `$${c.codePointAt(0)?.toString(16)}$`).replace(/^_$/, "$5f$");

/** Bytes that an element takes in memory. Bools are bytes. */
export const elemBytes: Readonly<Record<ElemType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  i32: 4,
  u32: 4,
  index: 8,
  bool: 1,
};

/** The function of that name. */
export function funcNamed(m: Module, name: string): Func | undefined {
  return m.funcs.find((f) => f.name === name);
}

/** What the runtime gives to every wasm kernel, as `env`: functions that neither wasm nor the math library computes. */
export const wasmImports = ["fmod"] as const;
