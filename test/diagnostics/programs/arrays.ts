// Array methods, and arrays that grow, are copied or are chosen.
import type { bool, f32, f64, i32, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";

export function double(x: f64[]): f64 {
  const y = x.map((v) => 2 * v); // TG1021 13-31 `x.map`: arrays have no `map` in the kernel language
  // help: write the loop, `for (let i = 0; i < A.length; i++) B[i] = …;`
  return y[0];
}
export function mean(x: f64[]): f64 {
  return x.reduce((sum, v) => sum + v, 0) / x.length; // TG1021 10-41 `x.reduce`: arrays have no `reduce` in the kernel language
  // help: write the loop, with a variable that takes up each element, as in `sum += A[i]`
}
export function positives(x: f64[]): f64 {
  return x.filter((v) => v > 0).length; // TG1021 10-31 `x.filter`: arrays have no `filter` in the kernel language
  // help: write the loop
}
export function clear(x: f64[]): void {
  x.fill(0); // TG1021 3-11 `x.fill`: arrays have no `fill` in the kernel language
  // help: write the loop, `for (let i = 0; i < A.length; i++) A[i] = x;`
}
export function window(x: f64[], from: index): f64 {
  const part = x.slice(from, from + 4); // TG1021 16-38 `x.slice`: arrays have no `slice` in the kernel language
  // help: pass the bounds along with the array, or copy the elements in a loop
  return part[0];
}
export function last(x: f64[]): f64 {
  return x.at(-1)!; // TG1021 10-17 `x.at`: arrays have no `at` in the kernel language
  // help: subscript it, as in `A[A.length - 1]`
}
export function median(x: f64[]): f64 {
  x.sort((a, b) => a - b); // TG1021 3-25 `x.sort`: arrays have no `sort` in the kernel language
  // help: write the loop
  return x[Math.floor(x.length / 2)];
}
export function backwards(x: f64[]): void {
  x.reverse(); // TG1021 3-13 `x.reverse`: arrays have no `reverse` in the kernel language
  // help: write the loop
}
export function allPositive(x: f64[]): bool {
  return x.every((v) => v > 0); // TG1021 10-30 `x.every`: arrays have no `every` in the kernel language
  // help: write the loop
}
export function position(x: f64[], v: f64): i32 {
  return x.indexOf(v); // TG1021 10-21 `x.indexOf`: arrays have no `indexOf` in the kernel language
  // help: write the loop
}
export function joined(x: f64[], y: f64[]): f64 {
  return x.concat(y)[0]; // TG1021 10-20 `x.concat`: arrays have no `concat` in the kernel language
  // help: write the loop
}
export function flatten(A: f64[][]): f64 {
  return A.flat()[0]; // TG1021 10-17 `A.flat`: arrays have no `flat` in the kernel language
  // help: write the loop
}
export function copyInto(x: f64[], y: Float64Array): void { // TG1086 39-50 `Float64Array` is a typed array
// help: write `f64[]`; typed arrays are accepted where the kernel is called
  for (let i = 0; i < x.length; i++) y[i] = x[i];
}
export function collect(x: f64[]): f64 {
  const found = zeros("f64", 1);
  for (let i = 0; i < x.length; i++) if (x[i] > 0) found.push(x[i]); // TG1041 52-67 `found.push` changes the length of an array
  // help: arrays keep the size they were made with: write to an element, and count in a variable
  return found[0];
}
export function stack(x: f64[]): f64 {
  return x.pop()!; // TG1041 10-16 `x.pop` changes the length of an array
  // help: arrays keep the size they were made with: write to an element, and count in a variable
}
export function dropFirst(x: f64[]): void {
  x.splice(0, 1); // TG1041 3-16 `x.splice` changes the length of an array
  // help: arrays keep the size they were made with: write to an element, and count in a variable
}
export function truncate(x: f64[], n: index): void {
  x.length = n; // TG1041 3-10 `x.length` is assigned
  // help: arrays keep the size they were made with; pass the size you need
}
export function fresh(n: index): f64 {
  const y = new Array(n); // TG1070 13-24 `new Array(n)` makes an object
  // help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
  return y[0]; // TS2322 3-8 Type 'unknown' is not assignable to type 'number'
}
export function typed(n: index): f64 {
  const y = new Float64Array(n); // TG1070 13-31 `new Float64Array(n)` makes an object
  // help: make arrays by `zeros("f64", n)` and structs by `{ x: 1, y: 2 }`
  return y[0];
}
export function from(n: index): f64 {
  const y = Array.from({ length: n }, () => 0); // TG1022 13-46 `Array.from` is not a function that kernels can call
  // help: make arrays by `zeros("f64", n)`, and fill them in a loop
  return y[0];
}
export function filled(n: index): f64 {
  const y = Array(n).fill(0); // TG1022 13-20 `Array` is not a function that kernels can call
  // help: make arrays by `zeros("f64", n)`
  return y[0];
}
export function accumulate(x: f64[]): f64 {
  const sums: f64[] = []; // TG1111 23-24 an empty array literal
  // help: list every element, or write `zeros("f64", n)`
  for (let i = 0; i < x.length; i++) sums[i] = x[i];
  return sums[0];
}
export function copied(x: f64[]): f64 {
  const y = [...x]; // TG1027 14-17 an array is spread into another
  // help: write the elements or fields one by one
  return y[0];
}
export function largest(x: f64[]): f64 {
  return Math.max(...x); // TG1027 19-22 an array is spread into arguments
  // help: write the elements or fields one by one
}
export function swapArrays(a: f64[], b: f64[]): void {
  const t = a;
  a = b; // TG1040 3-7 the array variable `a` is bound again
  // help: use a `const` for each array, or copy the elements in a loop
  b = t; // TG1040 3-7 the array variable `b` is bound again
  // help: use a `const` for each array, or copy the elements in a loop
}
export function pingPong(a: f64[], b: f64[], steps: index): void {
  let src = a; // TG1040 7-9 the array variable `src` can be bound again
  // help: declare it with `const`
  for (let s = 0; s < steps; s++) src = b; // TG1040 35-41 the array variable `src` is bound again
  // help: use a `const` for each array, or copy the elements in a loop
}
export function swapRows(A: f64[][], i: index, j: index): void {
  const t = A[i];
  A[i] = A[j]; // TG1044 3-13 the row `A[i]` is assigned as a whole
  // help: copy the elements in a loop
  A[j] = t; // TG1044 3-10 the row `A[j]` is assigned as a whole
  // help: copy the elements in a loop
}
export function exchangeRows(A: f64[][]): void {
  [A[0], A[1]] = [A[1], A[0]]; // TG1044 3-29 the row `A[0]` is assigned as a whole
  // help: copy the elements in a loop
}
export function larger(a: f64[], b: f64[]): f64 {
  const x = a.length > b.length ? a : b; // TG1048 13-39 an array is chosen by a condition
  // help: branch around the statements that use the array
  return x[0];
}
export function kernelRow(x: f64[]): f64 {
  const weights = [[1, 2, 1], [2, 4], [1, 2, 1]]; // TG1110 31-36 the rows of an array literal differ in length
  // help: make them equally long; fill up with zeros
  return weights[0][0] * x[0];
}
export function sparse(x: f64[]): f64 {
  const weights = [1, , 1]; // TG1111 19-26 an array literal with a hole
  // help: list every element, or write `zeros("f64", n)`
  return weights[0] * x[0]; // TS2532 10-19 Object is possibly 'undefined'
}
export function stacked(x: f64[], y: f64[]): f64 {
  const both = [x, y]; // TG1045 17 the row `x` of an array literal is no literal
  // help: copy it in a loop
  return both[0][0] + both[1][0];
}
export function points(n: index): f64 {
  const list = [{ x: 0, y: 0 }, { x: 1, y: 1 }]; // TG1045 16-47 an array literal holds numbers or bools
  // help: list numbers, or use `zeros(type, …)` and fill it
  return list[0].x + n;
}
export function half(n: index): f64 {
  const y = zeros("f8", n); // TG1046 19-22 `zeros` cannot make elements of type "f8"
  // help: name it by a literal, as in `zeros("f64", n)`
  return y[0];
}
export function chosen(n: index, single: bool): f64 {
  const y = zeros(single ? "f32" : "f64", n); // TG1046 13-44 the element type of `zeros` is not a literal
  // help: name it by a literal, as in `zeros("f64", n)`
  return y[0];
}
export function nothing(x: f64[]): f64 {
  const y: f32[] = []; // TG1111 20-21 an empty array literal
  // help: list every element, or write `zeros("f64", n)`
  return y.length + x[0];
}
export function flags(x: f64[]): f64 {
  const seen = zeros("boolean", x.length); // TG1046 22-30 `zeros` cannot make elements of type "boolean"
  // help: name it by a literal, as in `zeros("f64", n)`
  return seen.length;
}
