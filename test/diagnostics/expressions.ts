// Expressions that kernels do not have.
import type { bool, f64, i32 } from "tsgpu";
import { stopGradient, zeros } from "tsgpu/kernel";

function twice(x: f64): f64 { return 2 * x; }
function fill(A: f64[]): void { A[0] = 1; }

export function literals(x: f64): f64 {
  const a = 10n; //! `10n` is not part
  const b = /a+/; //!
  const c = `n is ${x}`; //!
  const d = "abc"; //!
  const e = null; //!
  const f = undefined; //!
  const g = [1, , 2]; //! a hole
  return 1_000 + 0x10 + 1e3 + x;
}

export function objects(x: f64, A: f64[]): f64 {
  const a = new Float64Array(3); //! `new Float64Array(3)`
  const b = { get x() { return 1; } }; //! cannot be a field
  const c = { x: 1, y() { return 1; } }; //!
  const d = { ["x"]: 1 }; //!
  const e = { x, A }; //! a struct or tuple that holds an array
  const f = { ...{ x: 1 }, y: 2 }; //!
  const g = [...A]; //!
  const h = Math.max(...A); //!
  const i = class {}; //!
  const [j, ...k] = [1, 2, 3]; //!
  const { y = 1 } = { y: x }; //!
  return b.x + c.y() + f.x + g[0] + A[0];
}

export function operators(x: f64, A: f64[], b: bool): f64 {
  delete A[0]; //! `delete A[0]`
  const t = typeof x; //!
  const i = 0 in A; //! the operator `in`
  const n = x ?? 1; //! the operator `??`
  x ??= 1; //!
  x ||= 1; //!
  x &&= 1; //!
  void x; //!
  const o = A?.[0]; //! optional chaining
  const l = A?.length; //!
  const c = twice?.(x); //!
  const p = x && 1; //! `x` is f64, not a bool
  const q = b || x; //!
  const r = <f64>x; //!
  const s = +b; //! `b` is bool, not a number
  const u = (x++, x); //! the operator `,`
  const v = !x && b;
  return (x as f64)! + (x satisfies f64) + (-x % 2) ** 2 + (~x | (x >>> 1)) + n + (l ?? 0);
}

export function calls(x: f64, A: f64[], f: f64): f64 {
  A.push(x); //! arrays have no `push`
  A.map((a) => a + 1); //! arrays have no `map`
  const m = A.forEach; //!
  const r = Math.random(); //! kernels have no `Math.random`
  const e = Math.max(); //! `Math.max` of nothing
  const h = Math.hypot(x, x, x); //!
  const s = Math.abs; //! the function `Math.abs` is used as a value
  const t = twice; //! the function `twice` is used as a value
  const z = zeros; //!
  const M = Math; //! `Math` is not part
  const n = isNaN(x); //! `isNaN` is not a function
  console.log(x); //!
  const u = ((a: f64) => a)(x); //!
  const v = x.toFixed(2); //!
  const nothing = fill(A); //! a function that has none
  return twice(x) + stopGradient(x) + Math.PI + Math.hypot(x, x) + s(t(z("f64", 1)[0]));
}

export function fractions(x: f64, n: i32, A: f64[]): i32 {
  const a: i32 = x; //! declared an integer and given a fraction, f64
  let b: i32 = 0;
  b = n / 2; //!
  const c = x as i32; //! `x` is f64, not an integer
  const d = A[x / 2]; //! the subscript `x / 2` is f64
  const e = A[0.5] + A[n]; //!
  const f = zeros("f64", x); //! the size `x` is f64
  b = Math.floor(n / 2) + (x | 0) + a;
  if (x > 0) return x; //! f64 is returned
  return b;
}
