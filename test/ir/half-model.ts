/** Halves by their definition: a list of all of them, and a search for the nearest one. */

/** The numbers whose bits are 0 … 0x7bff: units of 2^-24 up to twice the first normal one, then each 1024 of them twice as far apart. */
const magnitudes: readonly number[] = (() => {
  const all: number[] = [];
  let unit = 2 ** -24;
  for (let bits = 0, x = 0; bits < 0x7c00; bits++, x += unit) {
    all.push(x);
    if (bits + 1 > 2048 && (bits + 1) % 1024 === 1) unit *= 2;
  }
  return all;
})();

/** What bits stand for. */
export function numberFrom(bits: number): number {
  const size = bits & 0x7fff;
  const x = size < 0x7c00 ? (magnitudes[size] as number) : size === 0x7c00 ? Number.POSITIVE_INFINITY : Number.NaN;
  return bits & 0x8000 ? -x : x;
}

/** The bits of the half nearest to `x`, of two the one whose last bit is 0; what comes after the largest counts as 65536, and is infinity. */
export function nearest(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (size >= 65536) return sign | 0x7c00;
  // The last one that is not above.
  let [low, high] = [0, 0x7bff];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((magnitudes[middle] as number) <= size) low = middle;
    else high = middle - 1;
  }
  const [below, above] = [magnitudes[low] as number, magnitudes[low + 1] ?? 65536];
  const [down, up] = [size - below, above - size];
  return sign | (down < up || (down === up && low % 2 === 0) ? low : low + 1);
}

/** Numbers at and around what is halfway between two halves: all of these, of both signs. */
export function* midpoints(): Generator<number> {
  for (let bits = 0; bits < 0x7c00; bits++) {
    const between = ((magnitudes[bits] as number) + (magnitudes[bits + 1] ?? 65536)) / 2;
    for (const x of [between, between * (1 - 2 ** -23), between * (1 + 2 ** -23)]) {
      yield x;
      yield -x;
    }
  }
}

/** What is none of the others: f32 whose halves are zero, infinity or NaN. */
export const specials: readonly number[] = [
  ...[0, 2 ** -149, 2 ** -126, 2 ** -26, 65504, 65519.99609375, 65520, 65536, 1e38, Number.POSITIVE_INFINITY],
  Number.NaN,
].flatMap((x) => [x, -x]);
