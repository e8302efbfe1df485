/** Loops whose trips are known on entry: from where to where they count, and where their counters stand in each trip. */
import type ts from "typescript";
import { constant, indexConst, type Operand } from "../ir/ir.ts";
import { type CountedLoop, isCounter } from "./loops.ts";
import { scalar } from "./lower-scalar.ts";
import type { Lowering } from "./lower-state.ts";
import { anyRange, counterReach } from "./ranges.ts";
import { int } from "./types.ts";
import { coerce } from "./values.ts";

export interface Trips {
  /** The loop counts from `lo` to before `hi`. */
  readonly lo: Operand;
  readonly hi: Operand;
  /** Gives the counters the values that they have where it counts `trip`. */
  readonly bind: (trip: Operand) => void;
}

/** Computes the ends of a loop before it. */
export function tripsOf(x: Lowering, loop: CountedLoop): Trips {
  const index = int(anyRange);
  const inits = loop.counters.map((c) => coerce(x.b, scalar(x, c.init), index));
  const k = loop.counters.indexOf(loop.tested);
  const start = inits[k] as Operand;
  const bound = isCounter(loop.bound) ? (inits[loop.counters.indexOf(loop.bound)] as Operand) : boundOf(x, loop);
  const stepOfBound = isCounter(loop.bound) ? loop.bound.step : 0;
  const pace = Math.abs(loop.tested.step - stepOfBound);
  const up = loop.op.startsWith("<");
  const inclusive = loop.op.length === 2;
  const direct = up && pace === 1 && stepOfBound === 0;
  // `direct`: the loop's own index is the tested counter; else trips are counted from 0.
  const lo = direct ? start : indexConst(0);
  const hi = direct
    ? plus(x, bound, inclusive ? 1 : 0)
    : tripCount(x, up ? start : bound, up ? bound : start, pace, inclusive);
  const bind = (trip: Operand): void => {
    loop.counters.forEach((c, i) => {
      const at =
        direct && i === k ? trip : counterAt(x, inits[i] as Operand, c.step, direct ? minus(x, trip, start) : trip);
      x.declare(c.symbol, c.name.text, x.type(c.name), { kind: "scalar", ty: index, op: at });
    });
  };
  return { lo, hi, bind };
}

/** The bound as an index; a float one is brought to the integer that ends the loop at the same trip. */
function boundOf(x: Lowering, loop: CountedLoop): Operand {
  const bound = loop.bound as ts.Expression;
  const val = scalar(x, bound);
  if (val.kind === "literal") {
    const whole = loop.op === "<" || loop.op === ">=" ? Math.ceil(val.value) : Math.floor(val.value);
    // A test against NaN never holds.
    const reached = Number.isNaN(whole) ? (loop.op.startsWith("<") ? -counterReach : counterReach) : whole;
    return indexConst(Math.max(-counterReach, Math.min(counterReach, reached)) + 0);
  }
  if (val.ty.kind === "int") return coerce(x.b, val, int(anyRange));
  const whole = x.b.unary(loop.op === "<" || loop.op === ">=" ? "ceil" : "floor", val.op);
  // Nobody waits for more trips than that (infer.ts says so of the range), and the arithmetic of trips stays exact.
  const limit = (by: number): Operand => constant(whole.type, by);
  const least = x.b.select(x.b.compare("gt", whole, limit(-counterReach)), whole, limit(-counterReach));
  return x.b.cast("index", x.b.binary("min", least, limit(counterReach)));
}

/** How many trips a counter makes from `lo` up to `hi` by `pace`. */
function tripCount(x: Lowering, lo: Operand, hi: Operand, pace: number, inclusive: boolean): Operand {
  const span = plus(x, x.b.binary("sub", hi, lo), (inclusive ? 1 : 0) + pace - 1);
  return pace === 1 ? span : x.b.binary("floordiv", span, indexConst(pace), "trips");
}

const plus = (x: Lowering, a: Operand, by: number): Operand =>
  by === 0 ? a : a.kind === "const" ? indexConst(Number(a.value) + by) : x.b.binary("add", a, indexConst(by));
const minus = (x: Lowering, a: Operand, b: Operand): Operand =>
  b.kind === "const" && b.value === 0 ? a : x.b.binary("sub", a, b);

/** Where a counter stands in a trip. */
function counterAt(x: Lowering, init: Operand, step: number, trip: Operand): Operand {
  if (step === 0) return init;
  if (step === -1) return x.b.binary("sub", init, trip);
  const moved = step === 1 ? trip : x.b.binary("mul", trip, indexConst(step));
  return init.kind === "const" && init.value === 0 ? moved : x.b.binary("add", init, moved);
}
