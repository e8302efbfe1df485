/**
 * Intervals of integers: what shows that integer arithmetic stays below 2^53, where JavaScript's numbers are exact.
 *
 * Sizes and `index` parameters have no bound in the source. Each interval is kept twice: for sizes up to 2^31 (`wide`),
 * which every launch guarantees, and for sizes up to 2^26 (`small`). A product of two sizes is exact only under the
 * second; the function then requires it of the sizes involved (`from`), at launch.
 */
import type ts from "typescript";

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}
/** A size or scalar parameter that an interval depends on: a parameter, and the axis when it is an array. */
export interface SizeRef {
  readonly param: ts.Symbol;
  readonly axis: number | null;
}
export interface Range {
  readonly wide: Interval;
  readonly small: Interval;
  readonly from: ReadonlySet<SizeRef>;
}

export const exactLimit = 2 ** 53;
export const wideLimit = 2 ** 31;
export const smallLimit = 2 ** 26;
const none: ReadonlySet<SizeRef> = new Set();

export const fixed = (lo: number, hi: number): Range => ({ wide: { lo, hi }, small: { lo, hi }, from: none });
export const i32Range = fixed(-(2 ** 31), 2 ** 31 - 1);
export const u32Range = fixed(0, 2 ** 32 - 1);
/** All integers that a double holds exactly. */
export const anyRange = fixed(-exactLimit, exactLimit);
/** What a variable can reach that only ever moves by small constants: 2^48 steps take more than a day. */
export const counterReach = 2 ** 48;

export const sizeRange = (ref: SizeRef): Range => ({
  wide: { lo: 0, hi: wideLimit - 1 },
  small: { lo: 0, hi: smallLimit },
  from: new Set([ref]),
});
export const indexRange = (ref: SizeRef): Range => ({
  wide: { lo: -wideLimit, hi: wideLimit },
  small: { lo: -smallLimit, hi: smallLimit },
  from: new Set([ref]),
});

const union = (a: ReadonlySet<SizeRef>, b: ReadonlySet<SizeRef>): ReadonlySet<SizeRef> =>
  b.size === 0 || a === b ? a : a.size === 0 ? b : new Set([...a, ...b]);

export const combine = (a: Range, b: Range, f: (a: Interval, b: Interval) => Interval): Range => ({
  wide: f(a.wide, b.wide),
  small: f(a.small, b.small),
  from: union(a.from, b.from),
});

export const addIntervals = (a: Interval, b: Interval): Interval => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });
export const subIntervals = (a: Interval, b: Interval): Interval => ({ lo: a.lo - b.hi, hi: a.hi - b.lo });
export function mulIntervals(a: Interval, b: Interval): Interval {
  // 0 · ∞ does not occur: intervals are finite.
  const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return { lo: Math.min(...ends), hi: Math.max(...ends) };
}
/** For b without 0: quotients shrink toward 0 in magnitude, so the dividend's own ends bound them. */
export function floordivIntervals(a: Interval, b: Interval): Interval {
  const ends = [a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi].map(Math.floor);
  return { lo: Math.min(...ends), hi: Math.max(...ends) };
}
export function remIntervals(a: Interval, b: Interval): Interval {
  const most = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1;
  return { lo: a.lo < 0 ? Math.max(a.lo, -most) : 0, hi: a.hi > 0 ? Math.min(a.hi, most) : 0 };
}
export const minIntervals = (a: Interval, b: Interval): Interval => ({
  lo: Math.min(a.lo, b.lo),
  hi: Math.min(a.hi, b.hi),
});
export const maxIntervals = (a: Interval, b: Interval): Interval => ({
  lo: Math.max(a.lo, b.lo),
  hi: Math.max(a.hi, b.hi),
});
export const joinIntervals = (a: Interval, b: Interval): Interval => ({
  lo: Math.min(a.lo, b.lo),
  hi: Math.max(a.hi, b.hi),
});
export const absInterval = (a: Interval): Interval =>
  a.lo >= 0 ? a : { lo: a.hi < 0 ? -a.hi : 0, hi: Math.max(-a.lo, a.hi) };

const inside = (a: Interval, limit: number): boolean => a.lo >= -limit && a.hi <= limit;
export const isExact = (r: Range): boolean => inside(r.wide, exactLimit);
/** The range under the assumption that every size it depends on is small, or null when even that does not help. */
export const whenSmall = (r: Range): Range | null =>
  inside(r.small, exactLimit) ? { wide: r.small, small: r.small, from: r.from } : null;
export const within = (r: Range, bounds: Range): boolean => r.wide.lo >= bounds.wide.lo && r.wide.hi <= bounds.wide.hi;
export const excludesZero = (r: Range): boolean => r.wide.lo > 0 || r.wide.hi < 0;
export const sameRange = (a: Range, b: Range): boolean =>
  a.wide.lo === b.wide.lo &&
  a.wide.hi === b.wide.hi &&
  a.small.lo === b.small.lo &&
  a.small.hi === b.small.hi &&
  a.from.size === b.from.size;
