// Structs and tuples are their scalars; an array of them is an array for each.
import type { bool, f64, i32 } from "tsgpu";

interface Point {
  readonly x: f64;
  readonly y: f64;
}
interface Body {
  at: { x: f64; y: f64 };
  mass: f64;
  kind: i32;
}

function add(a: Point, b: Point): Point {
  return { x: a.x + b.x, y: a.y + b.y };
}
function minmax(x: readonly f64[]): [f64, f64] {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < x.length; i++) {
    lo = Math.min(lo, x[i]);
    hi = Math.max(hi, x[i]);
  }
  return [lo, hi];
}

export function points(p: Point, q: Point): Point {
  const sum = add(p, add(q, { y: 1, x: 2 }));
  let out = { x: sum.x, y: 0 };
  out.y = p.y;
  if (q.x > 0) out = { x: -1, y: out.y };
  return p.x > q.x ? out : add(out, q);
}

export function tuples(x: readonly f64[]): f64 {
  const [lo, hi] = minmax(x);
  const range = minmax(x);
  const t: [f64, f64] = [1, 2];
  t[0] = range[1];
  return hi - lo + t[0] * t[1] + range.length;
}

export function bodies(b: Body[], steps: [f64, i32][]): f64 {
  let total = 0;
  for (let i = 0; i < b.length; i++) {
    b[i].at.x += b[i].mass;
    const {
      at: { y },
      kind,
    } = b[i];
    total += y * kind;
  }
  b[0] = { kind: 3, mass: total, at: { x: 1, y: steps[0][0] } };
  steps[0][1] += 2;
  steps[0] = [total, steps[0][1]];
  return b[0].at.x;
}

export function swapped(x: f64[], a: f64, b: f64): f64 {
  [a, b] = [b, a + b];
  const n = x.length;
  for (let i = 0, j = n - 1; i < j; i++, j--) [x[i], x[j]] = [x[j], x[i]];
  const { u, v } = { u: a, v: b };
  return u - 2 * v;
}
