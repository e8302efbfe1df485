// Kernels that say what is not so; `findings.ts` says what the simulator has to find, by the comments at the ends of lines.
import type { f64, i32 } from "tsgpu";
import { grid, parallel, shared, threads } from "tsgpu/kernel";

const group = 8;

/** The two phases of a mirror with no barrier between. */
export function mirror(x: f64[]): void {
  for (const b of grid(Math.floor(x.length / group))) {
    const part = shared("f64", group);
    for (const t of threads(group)) {
      part[t] = x[b * group + t]; // mirror: write
      x[b * group + t] = part[group - 1 - t]; // mirror: read
    }
  }
}

/** A prefix sum whose iterations depend on each other. */
export function prefix(x: f64[]): void {
  for (const i of parallel(x.length - 1)) {
    x[i + 1] = x[i + 1] + x[i]; // prefix
  }
}

/** What is left of a place is whoever came last. */
export function last(place: readonly i32[], x: readonly f64[], out: f64[]): void {
  for (const i of parallel(x.length)) {
    out[place[i]] = x[i]; // last
  }
}

/** One element too many, in a subscript that nothing proves. */
export function beyond(place: readonly i32[], x: readonly f64[], out: f64[]): void {
  for (const i of parallel(x.length)) {
    out[i] = x[place[i] + 1]; // beyond
  }
}

/** The last element of the halo is missing. */
export function halo(x: readonly f64[], out: f64[]): void {
  for (const b of grid(Math.floor(x.length / group))) {
    const part = shared("f64", group + 1);
    for (const t of threads(group)) part[t] = x[b * group + t];
    for (const t of threads(group)) {
      out[b * group + t] = part[t + 1] - part[t]; // halo
    }
  }
}
