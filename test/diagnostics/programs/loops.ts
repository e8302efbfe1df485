// Loops and branches as JavaScript programmers write them.
import type { bool, f64, i32, index } from "tsgpu";

export function total(x: f64[]): f64 {
  let sum = 0;
  for (const value of x) sum += value; // TG1004 3-38 a loop over elements
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
  return sum;
}
export function frobenius(A: f64[][]): f64 {
  let sum = 0;
  for (const row of A) for (const a of row) sum += a * a; // TG1004 3-57 a loop over elements
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
  return Math.sqrt(sum);
}
export function keys(x: f64[]): f64 {
  let sum = 0;
  for (const i in x) sum += x[i]; // TG1004 3-33 a loop over keys
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
  return sum;
}
export function indexed(x: f64[]): void {
  for (const [i, value] of x.entries()) x[i] = 2 * value; // TG1004 3-57 a loop over elements
  // help: write a counted loop, `for (let i = 0; i < n; i++)`
}
export function relu(x: f64[]): void {
  x.forEach((value, i) => { // TG1021 3- `x.forEach`: arrays have no `forEach` in the kernel language
  // help: write the loop, `for (let i = 0; i < A.length; i++) …`
    x[i] = Math.max(value, 0);
  });
}
export function activation(x: f64, kind: i32): f64 {
  switch (kind) { // TG1005 3- a `switch`
  // help: write `if` and `else if`
    case 0:
      return Math.max(x, 0);
    case 1:
      return Math.tanh(x);
    default:
      return x;
  }
}
export function safeDivide(a: f64, b: f64): f64 {
  try { // TG1006 3- `try` in a kernel
  // help: return early, or write a status into an array
    return a / b;
  } catch {
    return 0;
  }
}
export function checkedRoot(x: f64): f64 {
  if (x < 0) throw new Error("negative"); // TG1006 14-41 `throw` in a kernel
  // help: return early, or write a status into an array
  return Math.sqrt(x);
}
export function oldLoop(x: f64[]): f64 {
  var sum = 0; // TG1007 3-13 a variable declared with `var`
  // help: declare with `const` or `let`
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum;
}
export function oldCounter(x: f64[]): void {
  for (var i = 0; i < x.length; i++) x[i] = 0; // TG1007 8-16 a variable declared with `var`
  // help: declare with `const` or `let`
}
export function skipBlock(x: f64): f64 {
  block: {
    if (x > 0) break block; // TG1050 16-27 a jump that leads to no loop
    // help: branch with `if`, or put the statements in a function and `return`
    x = -x;
  }
  return x;
}
export function breakIf(x: f64[]): f64 {
  found: if (x.length > 0) {
    break found; // TG1050 5-16 a jump that leads to no loop
    // help: branch with `if`, or put the statements in a function and `return`
  }
  return 0;
}
export function traced(x: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    debugger; // TG1001 5-13 `debugger;` is not part of the kernel language
    // help: write loops, branches and assignments; see the language reference
    x[i] *= 2;
  }
}
export function untilEmpty(x: f64[]): f64 {
  let sum = 0;
  while (x) { // TG1104 10 `x` is f64[], not a condition
  // help: compare, as in `A.length > 0`
    sum += x[0];
    break;
  }
  return sum;
}
export function rowLoop(A: f64[][]): f64 {
  let sum = 0;
  for (let i = 0; A[i]; i++) sum += A[i][0]; // TG1104 19-22 `A[i]` is f64[], not a condition
  // help: compare, as in `A.length > 0`
  return sum;
}
export function fallback(x: f64[], n: index): f64 {
  return x[n] || 0; // TG1029 10-13 `x[n]` is f64, not a bool
  // help: compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`
}
export function guard(x: f64[], n: index): f64 {
  const inside = n && n < x.length; // TG1029 18 `n` is an integer, not a bool
  // help: compare first, as in `x !== 0`; choose a value by `x !== 0 ? x : 1`
  return inside ? x[n] : 0;
}
export function stopEarly(x: f64[], limit: f64): f64 {
  let sum = 0;
  x.some((value) => { // TG1021 3- `x.some`: arrays have no `some` in the kernel language
  // help: write the loop
    sum += value;
    return sum > limit;
  });
  return sum;
}
export function localType(x: f64[]): f64 {
  interface State { // TG1019 3- a type declared inside a kernel
  // help: move it to the top of the file
    sum: f64;
  }
  const state: State = { sum: x[0] };
  return state.sum;
}
export function localAlias(x: f64): f64 {
  type Real = f64; // TG1019 3-18 a type declared inside a kernel
  // help: move it to the top of the file
  const y: Real = x;
  return y;
}
export function twoAtOnce(x: f64[]): f64 {
  let i = 0;
  const first = (i++, x[i]); // TG1067 21 a comma joins two expressions in a value
  // help: write two statements
  return first;
}
export function commaTest(x: f64[]): f64 {
  let sum = 0;
  for (let i = 0; (sum += i), i < x.length; i++) sum += x[i]; // TG1067 29 a comma joins two expressions in a value
  // help: write two statements
  return sum;
}
export function counterOfSteps(steps: f64): f64 {
  let t = 0;
  const n: index = steps; // TG1032 9-24 `n` is declared an integer and given a fraction, f64
  // help: write `Math.floor(…)`, `Math.trunc(…)` or `| 0`
  for (let i = 0; i < n; i++) t += 1;
  return t;
}
export function helperInside(x: f64[]): void {
  function clamp(v: f64): f64 { // TG1002 3- a function inside a kernel
  // help: move the function to the top of the file; kernels close over nothing but constants
    return v < 0 ? 0 : v;
  }
  for (let i = 0; i < x.length; i++) x[i] = clamp(x[i]);
}
export function lambdaInside(x: f64[], flag: bool): void {
  const scale = (v: f64): f64 => (flag ? 2 * v : v); // TG1002 17-51 a function inside a kernel
  // help: move the function to the top of the file; kernels close over nothing but constants
  for (let i = 0; i < x.length; i++) x[i] = scale(x[i]);
}
