/**
 * How long the segments of a checkpointed loop are (checkpoint.ts), and what they take: computed where the loop is launched.
 *
 * With T trips, W bytes of state and at most R bytes of tape a trip, segments of L = √(T W / R) trips take the least: 2 √(T W R) bytes.
 * Where that exceeds the budget, segments are themselves divided so: thirds of 3 ∛(T W² R) bytes, for one more run of the loop
 * (Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 12).
 */
import type { Builder } from "../compiler/ir/build.ts";
import { constant, indexConst, type Operand } from "../compiler/ir/ir.ts";

/** A loop that runs in segments; all in bytes but its bounds. */
export interface Segmented {
  readonly lo: Operand;
  readonly hi: Operand;
  readonly trips: Operand;
  /** Of one snapshot. */
  readonly state: Operand;
  /** Of what is saved before the loop, for what stands there. */
  readonly entry: Operand;
  /** Of the tape of what stands before and after the loop, and of the trips from one to before another. */
  readonly before: Operand;
  readonly after: Operand;
  readonly part: (x: Builder, from: Operand, to: Operand) => Operand;
}

/** How many trips the segments have, and those that a segment is divided into. */
export interface Lengths {
  readonly outer: Operand;
  readonly inner: Operand;
}

/** @param isStrict whether segments are divided only where undivided ones exceed the budget to the byte; otherwise an estimate is enough. */
export function lengthsFor(x: Builder, loop: Segmented, budget: number, isStrict: boolean): Lengths {
  const { lo, hi, state, entry } = loop;
  const f64 = (o: Operand): Operand => x.cast("f64", o);
  const one = constant("f64", 1);
  const times = (a: Operand, b: Operand): Operand => x.binary("mul", a, b);
  const over = (a: Operand, b: Operand): Operand => x.binary("div", a, b);
  const t = x.binary("max", f64(loop.trips), one, "t");
  const w = x.binary("max", f64(state), one, "w");
  // The trips of a triangle take the more the longer, or the shorter, they have been.
  const last = x.binary("sub", hi, indexConst(1), "last");
  const [a, b] = [lo, last].map((from) => f64(loop.part(x, from, x.binary("add", from, indexConst(1), "to"))));
  const r = x.binary("max", x.binary("max", a as Operand, b as Operand), one, "r");
  const whole = (o: Operand, hint: string): Operand =>
    x.unary("floor", x.binary("min", x.binary("max", o, one), t), hint);
  const once = whole(x.unary("sqrt", over(times(t, w), r)), "once");
  const left = x.binary("sub", constant("f64", budget), f64(entry), "left");
  const taken = x.binary("add", times(x.unary("ceil", over(t, once)), w), times(once, r), "taken");
  const trips = x.cast("index", once);
  const enough = isStrict
    ? x.compare("le", peakOf(x, loop, { outer: trips, inner: trips }), indexConst(budget), "enough")
    : x.compare("le", taken, left, "enough");
  const third = x.unary("cbrt", over(times(t, r), w), "third");
  const outer = x.select(enough, once, whole(over(t, x.binary("max", third, one)), "outer"));
  const inner = x.select(enough, once, whole(over(times(third, w), r), "inner"));
  const [m, n] = [outer, inner].map((o) => x.cast("index", o));
  return { outer: m as Operand, inner: x.binary("min", n as Operand, m as Operand, "inner") };
}

/** The most bytes that are kept at a time. */
export function peakOf(x: Builder, loop: Segmented, { outer, inner }: Lengths): Operand {
  const none = indexConst(0);
  const segments = quotientUp(x, loop.trips, outer, "segments");
  const [most] = x.for("s", "seq", none, segments, [none], (b, s, now) => {
    const [from, to] = part(b, s, loop.lo, loop.hi, outer);
    const { count, saved } = partsOf(b, from, to, inner);
    const snapshots = b.binary("mul", saved, loop.state, "bytes");
    return b.for("t", "seq", none, count, now, (c, k, [before]) => {
      const [first, end] = part(c, k, from, to, inner);
      const bytes = c.binary("add", snapshots, loop.part(c, first, end), "bytes");
      return [c.binary("max", before as Operand, bytes, "most")];
    });
  });
  const within = x.binary("max", most as Operand, loop.after, "most");
  const saved = x.binary("add", loop.entry, x.binary("mul", segments, loop.state, "bytes"), "bytes");
  return x.binary("max", x.binary("add", saved, within, "bytes"), loop.before, "peak");
}

/** The trips of a segment: the first one, and the one after the last. */
export function part(x: Builder, s: Operand, lo: Operand, hi: Operand, length: Operand): readonly [Operand, Operand] {
  const from = x.binary("add", lo, x.binary("mul", s, length, "done"), "from");
  return [from, x.binary("min", x.binary("add", from, length, "to"), hi, "to")];
}

/** Into how many parts a segment is divided, and how many of them start from a snapshot. */
export function partsOf(
  x: Builder,
  from: Operand,
  to: Operand,
  length: Operand,
): { readonly count: Operand; readonly saved: Operand } {
  const count = quotientUp(x, x.binary("sub", to, from, "trips"), length, "segments");
  const saved = x.binary("max", x.binary("sub", count, indexConst(1), "last"), indexConst(0), "last");
  return { count, saved };
}

/** a / b, rounded up. */
export function quotientUp(x: Builder, a: Operand, b: Operand, hint: string): Operand {
  return x.binary("floordiv", x.binary("add", a, x.binary("sub", b, indexConst(1), "rest"), "sum"), b, hint);
}
