/** Branches whose conditions are gone when the reverse sweep comes: what is kept of them are bits, row by row of the innermost loop. */
import type { f64, i32, index } from "tsgpu";

/** Rows as long as the array. */
export function relaxRows(x: f64[], y: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < x.length; j++) x[j] = x[j] < y[j] ? 1.5 * x[j] + 0.25 : 0.5 * x[j] - y[j];
  }
}

/** One row: no loop around. */
export function relaxOnce(x: f64[], a: f64): f64 {
  let s = 1;
  for (let j = 0; j < x.length; j++) {
    x[j] = x[j] + a * s < 0.2 ? -0.5 * x[j] : x[j] + 0.1 * s;
    s = s < x[j] ? 0.5 * s : s + x[j];
  }
  return s;
}

/** Rows of a triangle, each of a different length, in both directions. */
export function relaxTriangle(x: f64[][], steps: index): void {
  const n = x.length;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) x[i][j] = x[i][j] < x[j][i] ? 0.5 * x[i][j] : x[i][j] - 0.3 * x[j][i];
      for (let j = i; j < n; j++) x[i][j] = x[i][j] > 0.1 ? 0.25 - x[i][j] : 1.25 * x[i][j];
    }
  }
}

/** Downwards, and in steps of three. */
export function relaxDownwards(x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let j = x.length - 1; j >= 1; j--) x[j] = x[j] < x[j - 1] ? 0.5 * x[j] + x[j - 1] : x[j] - 0.4 * x[j - 1];
    for (let j = x.length - 2; j >= 0; j -= 3) x[j] = x[j] > x[j + 1] ? x[j + 1] : 0.75 * x[j];
  }
}

/** Two branches in one loop, the second of which not every trip comes to. */
export function relaxTwice(x: f64[], low: f64[], high: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < x.length; j++) {
      if (x[j] < low[j]) x[j] = 0.5 * low[j] - x[j];
      else {
        x[j] *= 1.5;
        if (x[j] > high[j]) x[j] = 0.25 * high[j] - 0.5 * x[j];
      }
    }
  }
}

/** A branch inside of a loop inside of a branch. */
export function relaxSome(x: f64[][], y: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < x.length; i++) {
      if (y[i] < 0.3) {
        for (let j = 0; j < y.length; j++) {
          if (x[i][j] < y[j]) x[i][j] = 0.5 * x[i][j] + y[j];
          else x[i][j] -= 0.75 * y[j];
        }
      }
      y[i] = y[i] > 0 ? -0.5 * y[i] : 0.9 * y[i] + 0.1 * x[i][i];
    }
  }
}

/** A part of the array, which may be none of it. */
export function relaxPart(x: f64[], from: index, to: index, steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let j = from; j < to; j++) x[j] = x[j] < 0.1 ? 0.3 - x[j] : 0.5 * x[j];
  }
}

/** A band along the diagonal: the rank is that of its bounding box. */
export function relaxBand(x: f64[][], width: index, steps: index): void {
  const n = x.length;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < n; i++) {
      for (let j = Math.max(0, i - width); j < Math.min(n, i + width + 1); j++) {
        x[i][j] = x[i][j] < x[j][i] ? 0.5 * x[i][j] : x[i][j] - 0.3 * x[j][i];
      }
    }
  }
}

/** What is carried from trip to trip is a bool itself. */
export function relaxAfterFirst(x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    let isFound = false;
    for (let j = 0; j < x.length; j++) {
      x[j] = isFound ? 0.5 * x[j] + 0.1 : 1.1 * x[j];
      isFound = isFound || x[j] > 0.8;
    }
  }
}

/** Second derivatives that are not zero, and depend on the branches taken. */
export function relaxCurved(x: f64[], y: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < x.length; j++) x[j] = x[j] < 0.1 ? 0.5 * x[j] : x[j] - y[j] * y[j] * y[j];
  }
}

/** Rows of five: too short for words of their own, so they stay bytes. */
export function relaxShort(x: f64[][], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j < 5; j++) x[i][j] = x[i][j] < 0.1 * j ? 0.3 - x[i][j] : 0.5 * x[i][j];
    }
  }
}

/** Rows whose lengths data say have no bound before the launch: what is kept is on a stack. */
export function relaxRagged(start: i32[], x: f64[], steps: index): void {
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < start.length - 1; i++) {
      for (let k = start[i]; k < start[i + 1]; k++) x[k] = x[k] < 0.1 * i ? 0.5 - x[k] : 0.75 * x[k];
    }
  }
}
