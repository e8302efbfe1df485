// Statements that kernels do not have; what is right around them gets no diagnostic.
import type { bool, f64, i32 } from "tsgpu";

export function jumps(x: f64): f64 {
  debugger; // TG1001 3-11 `debugger;` is not part
  type Local = f64; // TG1019 3-19 a type declared inside a kernel
  label: {
    x = 1;
    break label; // TG1050 5-16 a jump that leads to no loop
  }
  outer: for (let i = 0; i < 3; i++) {
    for (;;) {
      if (x > 1) continue outer;
      break outer;
    }
  }
  ("use nothing"); // TG1024 4-16
  return x;
}

export function inner(x: f64): f64 {
  function twice(v: f64): f64 { // TG1002 3-
    return 2 * v;
  }
  const f = (v: f64): f64 => v; // TG1002 13-30
  const g = function (v: f64): f64 { return v; }; // TG1002 13-48
  class Local {} // TG1003 3-16 a class inside a kernel
  return x;
}

export function loops(A: f64[]): f64 {
  let s = 0;
  for (const a of A) s += a; // TG1004 3-28 a loop over elements
  for (const k in A) s += 1; // TG1004 3-28
  for (let i = 0, n = A.length; i < n; i++) s += A[i];
  for (let t = 0; t < 1; t += 0.25) s += t;
  for (let i = A.length - 1; i >= 0; i -= 2) {
    var last = A[i]; // TG1007 5-19 declared with `var`
    s += last;
  }
  return s;
}

export function choices(x: i32): i32 {
  switch (x) { // TG1005 3-
    case 1:
      return 2;
  }
  try { // TG1006 3-
    return 1;
  } catch {
    return 2;
  }
}

export function throwing(x: f64): f64 {
  if (x > 0) throw x; // TG1006 14-21
  return x;
}

export function conditions(x: f64, A: f64[], b: bool): f64 {
  if (x) return 1;
  while (A) x++; // TG1104 10 `A` is f64[], not a condition
  do x++;
  while (A === A); // TG1102 10-16 compares f64[] with f64[]
  return b ? 1 : 2;
}

async function later(x: f64) { // TG1009 16-20 `later` is asynchronous or a generator
  return x;
}
export function* several(x: f64) { // TG1009 18-24
  yield x;
}
export async function eventually(x: f64) { // TG1009 23-32
  return x;
}
export function calls(x: f64): f64 {
  later(x);
  return x;
}
