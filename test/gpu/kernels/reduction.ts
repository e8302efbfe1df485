// Reductions: trees over a workgroup, and `op=` of elements and variables.
import type { f32, f64, i32 } from "tsgpu";
import { grid, parallel, shared, threads } from "tsgpu/kernel";

const group = 8;

/** partial[b] := Σ sin(x)² over the elements of workgroup b. */
export function tree(x: readonly f64[], partial: f64[]): void {
  const n = x.length;
  for (const b of grid(partial.length)) {
    const s = shared("f64", group);
    for (const t of threads(group)) {
      const i = b * group + t;
      if (i < n) s[t] = Math.sin(x[i]) * Math.sin(x[i]);
    }
    for (let half = group / 2; half > 0; half = Math.floor(half / 2)) {
      for (const t of threads(group)) if (t < half) s[t] += s[t + half];
    }
    for (const t of threads(1)) partial[b] = s[t];
  }
}

/** The product of all elements of each workgroup, halved in place: every step overwrites what the derivative needs. */
export function product(x: readonly f64[], partial: f64[]): void {
  const n = x.length;
  for (const b of grid(partial.length)) {
    const s = shared("f64", group);
    for (const t of threads(group)) s[t] = b * group + t < n ? x[b * group + t] : 1;
    for (const t of threads(4)) s[t] *= s[t + 4];
    for (const t of threads(2)) s[t] *= s[t + 2];
    for (const t of threads(1)) partial[b] = s[t] * s[t + 1];
  }
}

/** A variable of the workgroup that its threads reduce into. */
export function norms(A: readonly f64[][], out: f64[]): void {
  for (const b of grid(A.length)) {
    let s = 0;
    for (const t of threads(4)) for (let j = t; j < A[b].length; j += 4) s += A[b][j] * A[b][j];
    for (const t of threads(1)) out[b + t] = Math.sqrt(1 + s);
  }
}

export function total(x: readonly f64[], y: readonly f64[], start: f64): f64 {
  let sum = start;
  for (const i of parallel(x.length)) {
    if (x[i] > 0.5) continue;
    sum += x[i] * y[i];
    sum -= 0.5 * y[i];
  }
  return sum * sum;
}

export function extrema(x: readonly f64[], shift: f64): f64 {
  let low = 10;
  let high = x[0];
  let scale = 1;
  let count = 0;
  for (const i of parallel(x.length)) {
    low = Math.min(low, x[i] - shift);
    high = Math.max(x[i], high);
    scale *= 1 + 0.25 * x[i];
    if (x[i] > 0) count++;
  }
  return (high - low) * scale + count;
}

export function largest(A: readonly f32[][], rows: f32[]): void {
  for (const [i, j] of parallel(A.length, A[0].length)) rows[i] = Math.max(rows[i], A[i][j]);
}

/** The largest square of each workgroup, and the product of its shifted elements, by threads that share one element. */
export function peaks(x: readonly f64[], shift: f64, high: f64[], product: f64[]): void {
  const n = x.length;
  for (const b of grid(high.length)) {
    let most: f64 = 0.01;
    const all = shared("f64", 1);
    for (const t of threads(1)) all[t] = shift;
    for (const t of threads(group)) {
      const i = b * group + t;
      if (i >= n) continue;
      most = Math.max(most, x[i] * x[i]);
      all[0] *= shift + x[i];
    }
    for (const t of threads(1)) {
      high[b + t] = most * most;
      product[b + t] = all[t];
    }
  }
}

/** The smallest by bins, of threads of all workgroups. */
export function lowest(x: readonly f64[], bin: readonly i32[], low: f64[]): void {
  const n = x.length;
  for (const b of grid(Math.ceil(n / group)))
    for (const t of threads(group)) {
      const i = b * group + t;
      if (i < n) low[bin[i]] = Math.min(low[bin[i]], x[i]);
    }
}

/** Counts and weights by bins, in shared memory first. */
export function histogram(bin: readonly i32[], w: readonly f64[], counts: i32[], weights: f64[]): void {
  const n = bin.length;
  for (const b of grid(Math.ceil(n / group))) {
    const own = shared("f64", 5);
    for (const t of threads(group)) {
      const i = b * group + t;
      if (i < n) {
        own[bin[i]] += w[i] * w[i];
        counts[bin[i]]++;
      }
    }
    for (const t of threads(5)) weights[t] += own[t];
  }
}
