// Expressions that kernels do not have.
import type { bool, f64, i32 } from "tsgpu";
import { stopGradient, zeros } from "tsgpu/kernel";

function twice(x: f64): f64 { return 2 * x; }
function fill(A: f64[]): void { A[0] = 1; }

export function literals(x: f64): f64 {
  const a = 10n; // TG1072 13-15 `10n` is a bigint
  const b = /a+/; // TG1071 13-16 kernels have no regular expressions
  const c = `n is ${x}`; // TG1060 13-23 kernels make no text
  const d = "abc"; // TG1024 13-17
  const e = null; // TG1025 13-16
  const f = undefined; // TG1025 13-21 kernels have no `undefined`
  const g = [1, , 2]; // TG1111 13-20 an array literal with a hole
  return 1_000 + 0x10 + 1e3 + x;
}

export function objects(x: f64, A: f64[]): f64 {
  const a = new Float64Array(3); // TG1070 13-31 `new Float64Array(3)` makes an object
  const b = { get x() { return 1; } }; // TG1073 15-35 `get x() { return 1; }` is no plain field
  const c = { x: 1, y() { return 1; } }; // TG1073 21-37 `y() { return 1; }` is no plain field
  const d = { ["x"]: 1 }; // TG1074 15-19 the field `["x"]` is named by a string or an expression
  const e = { x, A }; // TG1083 9-20 `e` would be a struct or tuple that holds an array
  const f = { ...{ x: 1 }, y: 2 }; // TG1027 15-25
  const g = [...A]; // TG1027 14-17
  const h = Math.max(...A); // TG1027 22-25
  const i = class {}; // TG1003 13-20 a class inside a kernel
  const [j, ...k] = [1, 2, 3]; // TG1063 13-16 a rest or default in a pattern
  const { y = 1 } = { y: x }; // TG1063 11-15 a rest or default in a pattern
  return b.x + c.y() + f.x + g[0] + A[0];
}

export function operators(x: f64, A: f64[], b: bool): f64 {
  delete A[0]; // TG1068 3-13 `delete A[0]` takes away a part of a value
  const t = typeof x; // TG1069 13-20 `typeof x` asks for a type while the kernel runs
  const i = 0 in A; // TG1066 15-16 `in` asks what a value is
  const n = x ?? 1; // TG1077 15-16 `??` in a kernel
  x ??= 1; // TG1065 5-7 the assignment `??=` in a kernel
  x ||= 1; // TG1065 5-7 the assignment `||=` in a kernel
  x &&= 1; // TG1065 5-7 the assignment `&&=` in a kernel
  void x; // TG1028 3-8 the operator `void` is not part of the kernel language
  const o = A?.[0]; // TG1061 13-18 optional chaining
  const l = A?.length; // TG1061 13-21 optional chaining
  const c = twice?.(x); // TG1061 13-22 optional chaining
  const p = x && 1; // TG1029 13 `x` is f64, not a bool
  const q = b || x; // TG1029 18
  const r = <f64>x; // TG1075 13-18 `<f64>x` is a type assertion in angle brackets
  const s = +b; // TG1103 14 `b` is bool, not a number
  const u = (x++, x); // TG1067 17 a comma joins two expressions in a value
  const v = !x && b;
  return (x as f64)! + (x satisfies f64) + (-x % 2) ** 2 + (~x | (x >>> 1)) + n + (l ?? 0);
}

export function calls(x: f64, A: f64[], f: f64): f64 {
  A.push(x); // TG1041 3-11 `A.push` changes the length of an array
  A.map((a) => a + 1); // TG1021 3-21 arrays have no `map`
  const m = A.forEach; // TG1021 13-21
  const r = Math.random(); // TG1026 13-25 kernels have no `Math.random`
  const e = Math.max(); // TG1062 13-22 `Math.max` of nothing
  const h = Math.hypot(); // TG1062 13-24 `Math.hypot` of nothing
  const s = Math.abs; // TG1023 13-20 the function `Math.abs` is used as a value
  const t = twice; // TG1023 13-17 the function `twice` is used as a value
  const z = zeros; // TG1023 13-17
  const M = Math; // TG1020 13-16 `Math` is not part
  const n = isNaN(x); // TG1022 13-20 `isNaN` is not a function
  console.log(x); // TG1076 3-16 `console.log` prints from a kernel
  const u = ((a: f64) => a)(x); // TG1002 13-30 a function inside a kernel
  const v = x.toFixed(2); // TG1022 13-24
  const nothing = fill(A); // TG1105 9-25 `nothing` is given the result of a function that has none
  return twice(x) + stopGradient(x) + Math.PI + Math.hypot(x, x);
}

export function fractions(x: f64, n: i32, A: f64[]): i32 {
  const a: i32 = x; // TG1032 9-18 declared an integer and given a fraction, f64
  let b: i32 = 0;
  b = n / 2; // TG1032 3-11
  const c = x as i32; // TG1032 13-20 `x` is f64, not an integer
  const d = A[x / 2]; // TG1033 15-19 the subscript `x / 2` is f64
  const e = A[0.5] + A[n]; // TG1033 15-17
  const f = zeros("f64", x); // TG1033 26 the size `x` is f64
  b = Math.floor(n / 2) + (x | 0) + a;
  if (x > 0) return x; // TG1032 14-22 f64 is returned
  return b;
}
