/**
 * The leaves of a parameter: each scalar or array that the IR has a parameter for. `points: { x: f64; y: f64 }[]` has
 * the leaves `points[].x` and `points[].y`, two arrays of rank 1.
 */
import type { SourceType } from "./artifact.ts";
import type { ElemType } from "./ir/ir.ts";

/** One step from a value to the values inside it: to the elements of an axis, to a field, to a tuple's element. */
export type Step = "axis" | { readonly field: string | number };

/** A scalar or array inside a parameter, and how to get there. */
export interface Leaf {
  /** As the user would say it: `A`, `p.x`, `points[].x`. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** How many of the steps are axes; 0 for a scalar. */
  readonly rank: number;
  readonly elem: ElemType;
}

/** The leaves of a type, in the order of the IR's parameters. */
export function leavesOf(name: string, type: SourceType): readonly Leaf[] {
  return stepsOf(type).map(({ steps, elem }) => ({
    name: name + pathOf(steps, []).replace(/(\[\])+$/, ""),
    steps,
    rank: steps.filter((s) => s === "axis").length,
    elem,
  }));
}

function stepsOf(type: SourceType): { readonly steps: readonly Step[]; readonly elem: ElemType }[] {
  const under = (first: readonly Step[], inner: SourceType): ReturnType<typeof stepsOf> =>
    stepsOf(inner).map(({ steps, elem }) => ({ steps: [...first, ...steps], elem }));
  switch (type.kind) {
    case "scalar":
      return [{ steps: [], elem: type.type }];
    case "array":
      return under(new Array<Step>(type.rank).fill("axis"), type.elem);
    case "struct":
      return type.fields.flatMap((f) => under([{ field: f.name }], f.type));
    case "tuple":
      return type.elems.flatMap((e, i) => under([{ field: i }], e));
  }
}

/** `[2][0].x`; an axis without an index is `[]`. */
export function pathOf(steps: readonly Step[], indices: readonly number[]): string {
  let axis = 0;
  return steps.map((s) => (s === "axis" ? `[${indices[axis++] ?? ""}]` : fieldPath(s.field))).join("");
}
export const fieldPath = (field: string | number): string => (typeof field === "number" ? `[${field}]` : `.${field}`);
