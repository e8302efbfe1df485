/**
 * How arguments reach a kernel in WGSL: what stands in its uniform block, which array is in which binding, and what its entry
 * point is called. The printer (backend/wgsl.ts) and the device (runtime/devices/webgpu.ts) both go by it.
 *
 * Binding 0 of group 0 is the uniform block: members of 4 bytes each. From binding 1 on come the arrays that the kernel
 * touches, each in a storage buffer of its own while there are no more than `maxBindings`. The last binding holds what is left
 * over, one array behind the other, as words; the block then says where each begins, in words.
 */
import { readsOf, writesOf } from "./analysis/effects.ts";
import { kernelParams } from "./artifact.ts";
import type { ArrayValue, ElemType, Func, Module, Scalar } from "./ir/ir.ts";
import { isArray } from "./ir/ir.ts";
import { walk } from "./ir/walk.ts";

/** Storage buffers that every WebGPU device gives to a shader stage. */
const maxBindings = 8;

/** A member of the uniform block: the value of a scalar or size, or where a packed array begins. */
export type Uniform =
  | { readonly kind: "value"; readonly value: Scalar }
  | { readonly kind: "offset"; readonly array: ArrayValue };

export interface Binding {
  /** Several where they are packed. */
  readonly arrays: readonly ArrayValue[];
  readonly packed: boolean;
  readonly written: boolean;
}

export interface WgslLayout {
  /** The member at byte 4 k; index values are i32 there, bools u32. */
  readonly uniforms: readonly Uniform[];
  /** Those from number 1 on. */
  readonly bindings: readonly Binding[];
  /** The arrays that the kernel writes. */
  readonly written: ReadonlySet<ArrayValue>;
}

/**
 * Words of 4 bytes that elements take: an index has 64 bits, a bool is a word, two halves share one. f64 is nothing that WGSL has.
 */
export const wordsOf = (elem: ElemType, count: number): number =>
  elem === "f16" ? Math.ceil(count / 2) : elem === "index" || elem === "f64" ? 2 * count : count;

/**
 * Sizes and index arguments are below this, so that sums of two are i32: what has more elements than that along an axis is larger
 * than any buffer, unless it has none at all.
 */
export const indexLimit = 2 ** 30;

/** The layout of a kernel's arguments. */
export function wgslLayout(kernel: Func): WgslLayout {
  const read = new Set<ArrayValue>();
  const written = new Set<ArrayValue>();
  for (const s of walk(kernel.body)) {
    for (const a of readsOf(s)) read.add(a);
    for (const a of writesOf(s)) written.add(a);
  }
  const used = kernel.params.filter(isArray).filter((a) => read.has(a) || written.has(a));
  const packed = new Set(used.length > maxBindings ? toPack(used, written) : []);
  const own = used.filter((a) => !packed.has(a)).map((a) => ({ arrays: [a], packed: false, written: written.has(a) }));
  const last = { arrays: [...packed], packed: true, written: [...packed].some((a) => written.has(a)) };
  const scalars = kernelParams(kernel).flatMap((p) => (p.kind === "array" ? [] : [p.value]));
  return {
    uniforms: [
      ...scalars.map((value): Uniform => ({ kind: "value", value })),
      ...last.arrays.map((array): Uniform => ({ kind: "offset", array })),
    ],
    bindings: last.arrays.length > 0 ? [...own, last] : own,
    written,
  };
}

/** What shares a binding: to be copied there before a launch, and back after it, so arrays of few axes, and those only read. */
function toPack(used: readonly ArrayValue[], written: ReadonlySet<ArrayValue>): readonly ArrayValue[] {
  const cost = (a: ArrayValue): number =>
    2 * a.type.dims.filter((d) => d.kind === "value").length + (written.has(a) ? 1 : 0);
  const cheapest = [...used].sort((a, b) => cost(a) - cost(b)).slice(0, used.length - maxBindings + 1);
  return used.filter((a) => cheapest.includes(a));
}

/** What the entry point of each kernel is called: its name with what WGSL allows in one. */
export function entryPoints(m: Module): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const f of m.funcs) {
    if (f.kind !== "kernel") continue;
    const base = `kernel_${f.name.replace(/\W/g, "_")}`;
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    taken.add(name);
    names.set(f.name, name);
  }
  return names;
}
