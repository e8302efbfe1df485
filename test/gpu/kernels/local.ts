// Arrays of a thread, branches in which threads part, and values that a later phase overwrites.
import type { f64, i32, index } from "tsgpu";
import { grid, parallel, shared, threads, zeros } from "tsgpu/kernel";

function powers(x: f64, out: f64[]): void {
  out[0] = 1;
  for (let k = 1; k < out.length; k++) out[k] = out[k - 1] * x;
}

/** y[i] := c[0] + c[1] x[i] + … by the powers of x[i], the largest first. */
export function polynomial(x: readonly f64[], c: readonly f64[], y: f64[]): void {
  const n = x.length;
  for (const b of grid(Math.ceil(n / 4)))
    for (const t of threads(4)) {
      const i = b * 4 + t;
      if (i >= n) continue;
      const p = zeros("f64", 5);
      powers(x[i], p);
      let s = 0;
      for (let k = 4; k >= 0; k--) s += p[k] * c[k];
      y[i] = s;
    }
}

/** Each thread sorts its three numbers; what is where depends on data. */
export function medians(x: readonly f64[][], y: f64[]): void {
  for (const b of grid(x.length))
    for (const t of threads(1)) {
      const own = zeros("f64", 3);
      for (let k = 0; k < 3; k++) {
        let at: index = k;
        while (at > 0 && own[at - 1] > x[b][k]) {
          own[at] = own[at - 1];
          at--;
        }
        own[at] = x[b][k];
      }
      y[b + t] = own[1] * own[2] + own[0];
    }
}

export function branches(x: readonly f64[], kind: readonly i32[], y: f64[], alpha: f64): void {
  const n = x.length;
  for (const b of grid(Math.ceil(n / 4))) {
    const s = shared("f64", 4);
    const mean = 0.5 * alpha;
    for (const t of threads(4)) {
      const i = b * 4 + t;
      if (i >= n) continue;
      if (kind[i] === 0) s[t] = x[i] * alpha;
      else if (kind[i] === 1) {
        let v = x[i];
        for (let k = 0; k < i; k++) v = v * 0.9 + Math.sin(v) * mean;
        s[t] = v;
      } else s[t] = x[i] > 0 ? Math.sqrt(x[i]) : -x[i] * x[i];
    }
    for (const t of threads(4)) {
      const i = b * 4 + t;
      if (i < n) y[i] = s[3 - t] * s[t];
    }
  }
}

/** The shared array is squared again and again: each workgroup keeps what it loses. */
export function phases(x: readonly f64[], y: f64[], steps: index): void {
  const n = x.length;
  for (const b of grid(Math.ceil(n / 4))) {
    const s = shared("f64", 4);
    const was = shared("f64", 4);
    for (const t of threads(4)) s[t] = b * 4 + t < n ? x[b * 4 + t] : 0.5;
    for (let step = 0; step < steps; step++) {
      for (const t of threads(4)) was[t] = s[t];
      for (const t of threads(4)) s[t] = Math.sin(s[t] * was[(t + 1) % 4]) + 0.1 * was[t];
    }
    for (const t of threads(4)) if (b * 4 + t < n) y[b * 4 + t] = s[t];
  }
}

/** Rows by themselves, each with an array of a size that is known at launch alone. */
export function softmax(A: f64[][], temperature: f64): void {
  const m = A[0].length;
  for (const i of parallel(A.length)) {
    const e = zeros("f64", m);
    let sum = 0;
    for (let j = 0; j < m; j++) {
      e[j] = Math.exp(A[i][j] / temperature);
      sum += e[j];
    }
    for (let j = 0; j < m; j++) A[i][j] = e[j] / sum;
  }
}

/** Time steps around workgroups: what a step overwrites has to be kept for all of them. */
export function steps(x: f64[], next: f64[], count: index): void {
  const n = x.length;
  for (let step = 0; step < count; step++) {
    for (const b of grid(Math.ceil(n / 4)))
      for (const t of threads(4)) {
        const i = b * 4 + t;
        if (i < n) next[i] = Math.sin(x[i]) * x[i + 1 < n ? i + 1 : 0];
      }
    for (const i of parallel(n)) x[i] = next[i];
  }
}
