/** The derivative of a function at 0 by central differences, extrapolated to step zero. */

export interface Estimate {
  readonly value: number;
  /** How far off it may be; Infinity where the function is no number. */
  readonly error: number;
}

/**
 * Ridders' method: steps are halved, a polynomial in the squared step is extrapolated, and the entry of the tableau whose
 * neighbours agree best is the answer; their difference is the error, and what rounding does to the finest step. Where the function has a kink or a jump inside of all
 * steps the error is large. C. J. F. Ridders, Accurate computation of F′(x) and F′(x)F″(x), Adv. Eng. Software 4 (1982).
 *
 * @param f the function; it is called on steps from `step` down, on both sides.
 * @param epsilon the relative error of its values.
 */
export async function derivativeAtZero(
  f: (t: number) => Promise<number>,
  step: number,
  epsilon: number,
): Promise<Estimate> {
  const rows = 8;
  let best: Estimate = { value: Number.NaN, error: Number.POSITIVE_INFINITY };
  let before: readonly number[] = [];
  for (let k = 0; k < rows; k++) {
    const h = step / 2 ** k;
    const [right, left] = [await f(h), await f(-h)];
    const row = [(right - left) / (2 * h)];
    const rounding = (epsilon * (Math.abs(right) + Math.abs(left))) / (2 * h);
    for (let j = 1; j <= k; j++) {
      const [finer, coarser] = [row[j - 1]!, before[j - 1]!];
      const value = finer + (finer - coarser) / (4 ** j - 1);
      const error = Math.max(Math.abs(value - finer), Math.abs(value - coarser)) + rounding;
      if (error <= best.error) best = { value, error };
      row.push(value);
    }
    // Smaller steps add rounding errors only.
    if (k > 1 && Math.abs(row[k]! - before[k - 1]!) >= 2 * best.error) break;
    before = row;
  }
  return best;
}
