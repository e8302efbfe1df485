/**
 * Bytes as a formula over the sizes of a kernel: what a derivative will take is known before it runs, and goes with the
 * artifact through the compile cache.
 */

/** Σ factor · Π sizes. A term without sizes is a constant; a factor need not be an integer, as in the n²/2 of a triangle. */
export interface ByteFormula {
  readonly terms: readonly ByteTerm[];
  /** What names in the terms mean that are no sizes themselves; each may use those before it. */
  readonly derived?: readonly DerivedSize[];
}
export interface ByteTerm {
  readonly factor: number;
  /** Sizes and integer scalars by their names in the launch program; any other name is of what only a run knows. */
  readonly sizes: readonly string[];
}
/** What follows from sizes and is no sum of products: `max(0, n − 1)`, by that name. */
export interface DerivedSize {
  readonly name: string;
  readonly op: DerivedOp;
  readonly a: readonly ByteTerm[];
  readonly b: readonly ByteTerm[];
}
export type DerivedOp = "max" | "min" | "floordiv";

/** Like terms together, in the order in which they come; and of `derived` what they use. */
export function sumOf(terms: readonly ByteTerm[], derived: readonly DerivedSize[] = []): ByteFormula {
  const sums = new Map<string, ByteTerm>();
  for (const { factor, sizes } of terms) {
    const sorted = [...sizes].sort();
    const key = JSON.stringify(sorted);
    sums.set(key, { factor: factor + (sums.get(key)?.factor ?? 0), sizes: sorted });
  }
  const sum = [...sums.values()].filter(({ factor }) => factor !== 0);
  const names = new Set(sum.flatMap(({ sizes }) => sizes));
  const used = derived.toReversed().filter(({ name, a, b }) => {
    if (!names.has(name)) return false;
    for (const { sizes } of [...a, ...b]) for (const size of sizes) names.add(size);
    return true;
  });
  return used.length === 0 ? { terms: sum } : { terms: sum, derived: used.reverse() };
}

/** The bytes for these sizes; null where a size is not among them. */
export function bytesAt({ terms, derived = [] }: ByteFormula, sizes: ReadonlyMap<string, number>): number | null {
  const known = new Map(sizes);
  for (const { name, op, a, b } of derived) {
    const [x, y] = [termsAt(a, known), termsAt(b, known)];
    if (x !== null && y !== null) known.set(name, derivedOps[op](x, y));
  }
  const sum = termsAt(terms, known);
  return sum === null ? null : Math.max(0, Math.round(sum));
}

const derivedOps: Readonly<Record<DerivedOp, (a: number, b: number) => number>> = {
  max: Math.max,
  min: Math.min,
  floordiv: (a, b) => Math.floor(a / b),
};

function termsAt(terms: readonly ByteTerm[], sizes: ReadonlyMap<string, number>): number | null {
  let sum = 0;
  for (const { factor, sizes: names } of terms) {
    const values = names.map((name) => sizes.get(name));
    if (values.includes(undefined)) return null;
    sum += values.reduce<number>((product, size) => product * (size as number), factor);
  }
  return sum;
}

/** As people write it: `4·n² − 4·n`, and `0` where there are none. */
export function formatFormula({ terms }: ByteFormula): string {
  const shown = terms.filter(({ factor }) => factor !== 0);
  const text = shown.map(({ factor, sizes }, k) => {
    const size = Math.abs(factor);
    const sign = factor < 0 ? (k === 0 ? "−" : " − ") : k === 0 ? "" : " + ";
    const product = [...new Set(sizes)].map((name) => name + power(sizes.filter((s) => s === name).length));
    return sign + [...(size === 1 && sizes.length > 0 ? [] : [formatFactor(size)]), ...product].join("·");
  });
  return text.join("") || "0";
}

const formatFactor = (factor: number): string => String(Number(factor.toPrecision(6)));
const power = (n: number): string =>
  n === 1 ? "" : [...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
