/**
 * The memory in which simulated kernels keep their books: which word stands for what, all of them of type index.
 *
 * Time. A *tick* passes at the start of a launch, of a workgroup and at each barrier, and never comes again: workgroups run one
 * after another. So an access at tick `t` was made by an earlier launch where `t < launch`, by another workgroup of this launch
 * where `launch <= t < group`, by this workgroup before a barrier where `group <= t < now`, and with no barrier since where
 * `t = now`. Only the second and the last are not ordered with what comes now.
 *
 * Threads. A thread is a number, of its iterations along x, y and z from the loops' lower bounds; `everyThread` stands for all of
 * them, as outside of threads loops; -1 - n says that thread n and others did the same.
 *
 * Origins. Which access of the kernel it was, and in which workgroup: site · 2^32 + workgroup; negative where it was atomic.
 */
import type { Axis } from "../analysis/device-kernel.ts";

/** Words of an access that the shadow of an element remembers. */
export const seen = { tick: 0, thread: 1, origin: 2 } as const;
/** Where, among the words of an element, the latest access of each sort stands, and the latest of another workgroup. */
export const shadow = { write: 0, otherWrite: 3, read: 6, otherRead: 9 } as const;
export const shadowWords = 12;

/**
 * What goes on from launch to launch: the tick, a random number, how many shared and local arrays were made, and how many
 * statements ran, inside and outside of grid and threads loops of several iterations. And whether it is a finding, too, that a
 * zero is read which no statement has written.
 */
export const state = { tick: 0, random: 1, arrays: 2, parallel: 3, sequential: 4, zeros: 5 } as const;
export const stateWords = 6;

/** A row for each site: how often something was wrong there, as which of all findings the first time, and what it was. */
export const finding = {
  count: 0,
  order: 1,
  kind: 2,
  /** The element's row-major position; of an access that is outside, its index on `axis`. */
  at: 3,
  axis: 4,
  thread: 5,
  origin: 6,
  otherThread: 7,
  otherOrigin: 8,
} as const;
export const findingWords = 9;
/** The row that no site has: there, `order` counts the findings. */
export const totals = 0;

export const findingKinds = ["race", "outside", "unwritten"] as const;
export type FindingKind = (typeof findingKinds)[number];

/** What one iteration along an axis adds to a thread's number. */
export const threadUnit: Readonly<Record<Axis, number>> = { x: 1, y: 2 ** 26, z: 2 ** 39 };
export const everyThread = 2 ** 51;
/** A thread's iterations along x, y, z. */
export const threadAt = (thread: number): readonly [x: number, y: number, z: number] => [
  thread % threadUnit.y,
  Math.floor(thread / threadUnit.y) % (threadUnit.z / threadUnit.y),
  Math.floor(thread / threadUnit.z),
];

export const siteUnit = 2 ** 32;
export const siteOf = (origin: number): number => Math.floor(Math.abs(origin) / siteUnit);
export const workgroupOf = (origin: number): number => Math.abs(origin) % siteUnit;

/**
 * Multipliers of orders: i ↦ (a i + b) mod n visits every i below n once, if a and n have no common divisor; a prime above all n
 * has none.
 */
export const orders: readonly number[] = primesFrom(2 ** 30, 64);

/** So many primes, far apart. */
function primesFrom(from: number, count: number): readonly number[] {
  const primes: number[] = [];
  for (let n = from + 1; primes.length < count; n += 2) {
    if (!isPrime(n)) continue;
    primes.push(n);
    n += 2 * Math.floor(2 ** 23 + primes.length * 12345);
  }
  return primes;
}

function isPrime(n: number): boolean {
  for (let d = 3; d * d <= n; d += 2) if (n % d === 0) return false;
  return n % 2 === 1;
}
