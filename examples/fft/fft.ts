import type { f64 } from "tsgpu";

/**
 * Discrete Fourier transform of `re + i im`, in place: X[k] = Σ x[j] exp(−2πi jk / n).
 *
 * Radix 2, decimation in time (Cooley and Tukey, 1965). The length n of both arrays is a power of two; `cos` and `sin`
 * hold the n/2 factors that `twiddles` makes.
 */
export function fft(re: f64[], im: f64[], cos: readonly f64[], sin: readonly f64[]): void {
  const n = re.length;

  // Each element goes where its index says with its bits reversed; j counts up with the carry running downwards.
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    while (j & bit) {
      j ^= bit;
      bit >>= 1;
    }
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }

  // Transforms of length 2 · half from pairs of length half.
  for (let half = 1; half < n; half *= 2) {
    const stride = Math.floor(n / (2 * half));
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k,
          b = a + half;
        const wr = cos[k * stride],
          wi = -sin[k * stride];
        const tr = wr * re[b] - wi * im[b];
        const ti = wr * im[b] + wi * re[b];
        re[b] = re[a] - tr;
        im[b] = im[a] - ti;
        re[a] += tr;
        im[a] += ti;
      }
    }
  }
}

/** The factors of a transform of n = 2 · cos.length elements: cos and sin of 2πk / n. */
export function twiddles(cos: f64[], sin: f64[]): void {
  const n = 2 * cos.length;
  for (let k = 0; k < cos.length; k++) {
    const angle = (2 * Math.PI * k) / n;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
  }
}

/** |X[k]| / n: how strong each frequency is. */
export function magnitudes(re: readonly f64[], im: readonly f64[], out: f64[]): void {
  const n = re.length;
  for (let k = 0; k < n; k++) out[k] = Math.sqrt(re[k] * re[k] + im[k] * im[k]) / n;
}
