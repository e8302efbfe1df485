// Loops over `parallel`, `grid` and `threads` as people write them who come from OpenMP and CUDA.
import type { f32, f64, i32, index } from "tsgpu";
import { grid, parallel, shared, threads, zeros } from "tsgpu/kernel";

export function dot(x: f64[], y: f64[]): f64 {
  let sum = 0;
  for (const i of parallel(x.length)) sum = sum + x[i] * y[i]; // TG1133 39-41 `sum` is a variable of outside the `parallel` loop, and assigned in it
  // help: reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array
  return sum;
}
export function last(x: f64[]): f64 {
  let found = -1;
  for (const i of parallel(x.length)) if (x[i] > 0) found = i; // TG1133 53-57 `found` is a variable of outside the `parallel` loop, and assigned in it
  // help: reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array
  return found;
}
export function running(x: f64[]): void {
  let sum = 0;
  for (const i of parallel(x.length)) {
    sum += x[i]; // TG1133 5-7 `sum` is a variable of outside the `parallel` loop, and assigned in it
    // help: reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array
    x[i] = sum;
  }
}
export function mixed(x: f64[]): f64 {
  let s = 1;
  for (const i of parallel(x.length)) {
    if (x[i] > 0) s += x[i]; // TG1133 19 `s` is a variable of outside the `parallel` loop, and assigned in it
    // help: reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array
    else s *= x[i];
  }
  return s;
}
export function rounding(x: f64[]): f32 {
  let s: f32 = 0;
  for (const i of parallel(x.length)) s += x[i]; // TG1133 39 `s` is a variable of outside the `parallel` loop; each update of it rounds to f32
  // help: let the value be f32 as well, as in `Math.fround(…)`, or declare `s` as f64
  return s;
}
export function pair(x: f64[]): f64 {
  const p = { sum: 0.5, count: 0 };
  for (const i of parallel(x.length)) p.sum += x[i]; // TG1133 39-43 `p` is a variable of outside the `parallel` loop, and assigned in it
  // help: reduce into it, by `+=`, `*=` or `s = Math.min(s, x)` alone; or write to an element of an array
  return p.sum;
}
export function search(x: f64[], v: f64): i32 {
  for (const i of parallel(x.length)) {
    if (x[i] === v) return i; // TG1134 21-29 `return i` leads out of a `parallel` loop
    // help: its iterations run in any order, and all of them run: `continue` ends one of them
  }
  return -1;
}
export function until(x: f64[]): void {
  for (const i of parallel(x.length)) {
    if (x[i] < 0) break; // TG1134 19-24 `break` leads out of a `parallel` loop
    // help: its iterations run in any order, and all of them run: `continue` ends one of them
    x[i] = Math.sqrt(x[i]);
  }
}
export function skipsRow(A: f64[][]): void {
  for (const i of parallel(A.length)) {
    for (const j of parallel(A[i].length)) {
      if (A[i][j] < 0) continue;
      A[i][j] = Math.sqrt(A[i][j]);
    }
  }
}
export function skipsRows(A: f64[][]): void {
  rows: for (const i of parallel(A.length)) {
    for (const j of parallel(A[i].length)) {
      if (A[i][j] < 0) continue rows; // TG1134 24-37 `continue rows` leads out of a `parallel` loop
      // help: its iterations run in any order, and all of them run: `continue` ends one of them
      A[i][j] = Math.sqrt(A[i][j]);
    }
  }
}
export function firstBelow(A: f64[][]): void {
  for (const i of parallel(A.length)) {
    for (let j = 0; j < A[i].length; j++) {
      if (A[i][j] < 0) break;
      A[i][j] = Math.sqrt(A[i][j]);
    }
  }
}
export function noGrid(x: f64[]): void {
  for (const t of threads(x.length)) x[t] *= 2; // TG1131 19-35 a `threads` loop outside of a `grid` loop
  // help: put a loop over the workgroups around it, `for (const b of grid(n))`
}
export function rowsByGrid(A: f64[][]): void {
  for (const i of grid(A.length)) {
    for (const j of grid(A[i].length)) A[i][j] *= 2; // TG1132 21-37 a `grid` loop inside a `grid` loop
    // help: write one loop over several sizes, as in `for (const [i, j] of grid(n, m))`
  }
}
export function nested(A: f64[][]): void {
  for (const b of grid(4)) {
    for (const i of threads(8)) {
      for (const j of threads(8)) A[i][j] += b; // TG1132 23-32 a `threads` loop inside a `threads` loop
      // help: end the `threads` loop first: where one ends, the threads wait for each other
    }
  }
}
export function launches(A: f64[][]): void {
  for (const b of grid(1)) {
    for (const t of threads(8)) {
      for (const c of grid(8)) A[t][c] += b; // TG1132 23-29 a `grid` loop inside a `threads` loop
      // help: end the `threads` loop first: where one ends, the threads wait for each other
    }
  }
}
function fill(row: f64[], v: f64): void {
  for (const b of grid(row.length)) for (const t of threads(1)) row[b + t] = v;
}
export function fills(A: f64[][]): void {
  for (const b of grid(A.length)) fill(A[b], 1); // TG1132 35-47 `fill` has a `grid` loop and is called inside a `grid` loop
  // help: write one loop over several sizes, as in `for (const [i, j] of grid(n, m))`
}
export function tileOutside(x: f64[]): void {
  const tile = shared("f64", 64); // TG1135 16-32 a `shared` array stands outside of a `grid` loop
  // help: declare it in the body of the `grid` loop, as in `const tile = shared("f64", 16)`, beside the `threads` loops that use it
  for (const b of grid(4)) for (const t of threads(64)) tile[t] = x[b * 64 + t];
}
export function tileInThreads(x: f64[]): void {
  for (const b of grid(4)) {
    for (const t of threads(64)) {
      const tile = shared("f64", 64); // TG1135 20-36 a `shared` array stands inside a `threads` loop
      // help: declare it in the body of the `grid` loop, as in `const tile = shared("f64", 16)`, beside the `threads` loops that use it
      tile[t] = x[b * 64 + t];
    }
  }
}
export function tileInBranch(x: f64[]): void {
  for (const b of grid(4)) {
    if (b > 0) {
      const tile = shared("f64", 64); // TG1135 20-36 a `shared` array stands inside a branch or another loop
      // help: declare it in the body of the `grid` loop, as in `const tile = shared("f64", 16)`, beside the `threads` loops that use it
      for (const t of threads(64)) tile[t] = x[b * 64 + t];
    }
  }
}
export function tileOfSize(x: f64[], n: index): void {
  for (const b of grid(4)) {
    const tile = shared("f64", n); // TG1136 32 the size `n` of `shared` is no constant
    // help: write the size as a number, or as a `const` of the file
    for (const t of threads(n)) tile[t] = x[b * n + t];
  }
}
export function unnamed(A: f64[][]): void {
  for (const at of parallel(A.length, A.length)) A[at[0]][at[1]] = 0; // TG1130 8-15 `const at` does not name 2 indices
  // help: write `for (const i of parallel(n))`, or `for (const [i, j] of parallel(n, m))` with a name for each of up to three sizes
}
export function tooFew(A: f64[][]): void {
  for (const [i] of parallel(A.length, A.length)) A[i][i] = 0; // TG1130 8-16 `const [i]` does not name 2 indices
  // help: write `for (const i of parallel(n))`, or `for (const [i, j] of parallel(n, m))` with a name for each of up to three sizes
}
export function moving(x: f64[]): void {
  for (let i of parallel(x.length)) x[i] = 0; // TG1130 8-12 `let i` does not name an index
  // help: write `for (const i of parallel(n))`, or `for (const [i, j] of parallel(n, m))` with a name for each of up to three sizes
}
export function stored(x: f64[]): void {
  const all = parallel(x.length); // TG1130 15-32 `parallel(x.length)` makes no loop here
  // help: write `for (const i of parallel(n))`, or `for (const [i, j] of parallel(n, m))` with a name for each of up to three sizes
  for (const i of all) x[i] = 0; // TG1004 3-32 a loop over elements
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
}
export function halves(x: f64[]): void {
  for (const i of parallel(x.length / 2)) x[i] = 0; // TG1033 28-39 the size `x.length / 2` of `parallel` is f64
  // help: write `Math.floor(…)` around it
}
export function elements(x: f64[]): void {
  for (const b of grid(1)) {
    const tile = shared("index", 4); // TG1046 25-31 `shared` cannot make elements of type "index"
    // help: name it by a literal, as in `zeros("f64", n)`
    for (const t of threads(4)) x[t] = tile[t] + b;
  }
}
export function lateral(x: f64[]): void {
  const total = zeros("f64", 1);
  for (const i of parallel(x.length)) total[0] += x[i];
  for (const i of parallel(x.length)) x[i] /= total[0];
}
