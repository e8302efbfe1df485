/** How the functions of a compilation are called: their parameters as the source declares them, and what each does to its arrays. */
import { readsOf, writesOf } from "./analysis/effects.ts";
import { type Access, type Derivative, type Entry, type EntryParam, elemBytes, type SourceType } from "./artifact.ts";
import { type ByteFormula, sumOf } from "./artifact-bytes.ts";
import { leavesOf } from "./artifact-leaves.ts";
import type { Lowered } from "./frontend/frontend.ts";
import { type ArrayValue, type Func, isArray, type Module, type ScalarType, type Value } from "./ir/ir.ts";
import { namesOf } from "./ir/names.ts";
import { walk } from "./ir/walk.ts";

/** The entries as the source declares them, with what each does to its arrays. */
export function entriesOf(lowered: Lowered, loops: Module): readonly Entry[] {
  return lowered.entries.map((entry) => {
    const func = loops.funcs.find((f) => f.name === entry.name);
    const leaves = func === undefined ? [] : accesses(func);
    let at = 0;
    const params = (lowered.params.get(entry.name) ?? []).map((p) => {
      const own = leaves.slice(at, at + leavesOf(p.name, p.type).length);
      at += own.length;
      return { ...p, access: own.reduce(either, "none") };
    });
    return { ...entry, params };
  });
}

const writes = (a: Access): boolean => a === "write" || a === "readwrite";
const either = (a: Access, b: Access): Access => (a === b || b === "none" ? a : a === "none" ? b : "readwrite");

/** What a function does to each of its parameters; scalars are read. */
function accesses(func: Func): readonly Access[] {
  const reads = new Set<unknown>();
  const writes = new Set<unknown>();
  for (const s of walk(func.body)) {
    for (const a of readsOf(s)) reads.add(a);
    for (const a of writesOf(s)) writes.add(a);
  }
  return func.params.map((p): Access => {
    if (!isArray(p)) return "read";
    if (writes.has(p)) return reads.has(p) ? "readwrite" : "write";
    return reads.has(p) ? "read" : "none";
  });
}

/** How the derivative of an entry is called: as artifact.ts says. */
export function derivedEntry(func: Func, entry: Entry, derivative: Derivative): Entry {
  const own = func.params.length - derivative.extra.length;
  const leaf = (p: Value): SourceType =>
    isArray(p)
      ? { kind: "array", rank: p.type.dims.length, elem: { kind: "scalar", type: p.type.elem } }
      : { kind: "scalar", type: p.type as ScalarType };
  const extra = derivative.extra.map(({ leaf: of, role }, i): EntryParam => {
    const p = func.params[own + i] as Value;
    return { name: `${prefixes[role]}${of}`, type: leaf(p), access: isArray(p) ? "readwrite" : "read" };
  });
  // Gradients restore what the kernel overwrote, so its arrays keep their access at most.
  const params = [...entry.params, ...extra];
  const elems = func.results.map((type): SourceType => ({ kind: "scalar", type }));
  return { name: func.name, params, result: elems.length === 0 ? null : { kind: "tuple", elems }, derivative };
}
const prefixes = { adjoint: "d_", tangent: "t_", "adjoint-tangent": "t_d_" } as const;

/** The arrays that a function writes: who calls its derivative and wants to keep them passes copies. */
export function copiesOf(entry: Entry, f: Func): ByteFormula {
  const nameOf = namesOf(f);
  const written = entry.params.flatMap((p) => leavesOf(p.name, p.type).map(() => writes(p.access)));
  const copied = f.params.filter((p, k): p is ArrayValue => isArray(p) && written[k] === true);
  const terms = copied.map(({ type: { elem, dims } }) => ({
    factor: dims.reduce((n, d) => (d.kind === "const" ? n * Number(d.value) : n), elemBytes[elem]),
    sizes: dims.flatMap((d) => (d.kind === "value" ? [nameOf(d)] : [])),
  }));
  return sumOf(terms);
}
