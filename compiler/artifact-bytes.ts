/**
 * Bytes as a formula over the sizes of a kernel: what a derivative will take is known before it runs, and goes with the
 * artifact through the compile cache.
 */

/** Σ factor · Π sizes. A term without sizes is a constant; a factor need not be an integer, as in the n²/2 of a triangle. */
export interface ByteFormula {
  readonly terms: readonly ByteTerm[];
}
export interface ByteTerm {
  readonly factor: number;
  /** Sizes and integer scalars by their names in the launch program; any other name is of what only a run knows. */
  readonly sizes: readonly string[];
}

/** Like terms together, in the order in which they come. */
export function sumOf(terms: readonly ByteTerm[]): ByteFormula {
  const sums = new Map<string, ByteTerm>();
  for (const { factor, sizes } of terms) {
    const sorted = [...sizes].sort();
    const key = JSON.stringify(sorted);
    sums.set(key, { factor: factor + (sums.get(key)?.factor ?? 0), sizes: sorted });
  }
  return { terms: [...sums.values()].filter(({ factor }) => factor !== 0) };
}

/** The bytes for these sizes; null where a size is not among them. */
export function bytesAt({ terms }: ByteFormula, sizes: ReadonlyMap<string, number>): number | null {
  let sum = 0;
  for (const { factor, sizes: names } of terms) {
    const values = names.map((name) => sizes.get(name));
    if (values.includes(undefined)) return null;
    sum += values.reduce<number>((product, size) => product * (size as number), factor);
  }
  return Math.max(0, Math.round(sum));
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
