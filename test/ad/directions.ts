/** Directions and weights for kernels' arguments, as nested as these, and what to do with them. */
import type { EntryParam, SourceType } from "../../compiler/artifact.ts";
import { isFloat } from "../../compiler/ir/ir.ts";

/** Numbers in [0, 1) (xorshift32). */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Fields = Readonly<Record<string | number, unknown>>;

/** A value of the type's shape, as plain arrays, its scalars made from those of `value`; what is no float is left as it is. */
export function mapFloats(type: SourceType, value: unknown, f: (x: number, type: "f64" | "f32") => number): unknown {
  const part = (k: string | number): unknown => (value as Fields)[k];
  switch (type.kind) {
    case "scalar":
      return isFloat(type.type) ? f(value as number, type.type as "f64" | "f32") : value;
    case "struct":
      return Object.fromEntries(type.fields.map((x) => [x.name, mapFloats(x.type, part(x.name), f)]));
    case "tuple":
      return type.elems.map((x, k) => mapFloats(x, part(k), f));
    case "array": {
      const inner: SourceType = type.rank === 1 ? type.elem : { ...type, rank: type.rank - 1 };
      return Array.from(value as ArrayLike<unknown>, (x) => mapFloats(inner, x, f));
    }
  }
}

/** The scalars of a value, in order; undefined has none. */
export function flatten(value: unknown): number[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null) return [Number(value)];
  return (
    Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as ArrayLike<unknown>) : Object.values(value)
  ).flatMap(flatten);
}

/** A random direction for each parameter, by name; its numbers lie in [-1, 1). */
export function tangentsFor(
  params: readonly EntryParam[],
  args: readonly unknown[],
  seed: number,
): Record<string, unknown> {
  const random = randomNumbers(seed);
  return Object.fromEntries(params.map((p, k) => [p.name, mapFloats(p.type, args[k], () => 2 * random() - 1)]));
}

/** The arguments, moved along the tangents. */
export function moved(
  params: readonly EntryParam[],
  args: readonly unknown[],
  tangents: Readonly<Record<string, unknown>>,
  by: number,
): readonly unknown[] {
  return params.map((p, k) => {
    const steps: number[] = [];
    mapFloats(p.type, tangents[p.name], (t) => steps.push(t));
    let next = 0;
    return mapFloats(p.type, args[k], (x) => x + by * (steps[next++] as number));
  });
}
