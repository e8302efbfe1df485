/** Expressions and accesses as closures over a frame. */
import type { Loc } from "./diagnostic.ts";
import { type ArrayRef, type Frame, InterpError } from "./interp-frame.ts";
import { binaryEval, castTo, compareEval, unaryEval } from "./ir/eval.ts";
import { halfValue } from "./ir/half.ts";
import { type ArrayValue, type Binary, type Expr, isInt, type Operand } from "./ir/ir.ts";

export type Step = () => void;

/** Stores the value of `e` in slot `to`. `paranoid` checks index results. */
export function exprStep(frame: Frame, e: Expr, to: number, paranoid: boolean, loc: Loc): Step {
  const r = frame.scalars;
  switch (e.kind) {
    case "unary": {
      const f = unaryEval(e.op, e.a.type);
      const a = frame.slot(e.a);
      const step = (): void => {
        r[to] = f(r[a] as number) as number;
      };
      return paranoid && e.a.type === "index" ? indexChecked(frame, step, to, e.op, loc) : step;
    }
    case "binary": {
      const step = binaryStep(frame, e, to, loc);
      return paranoid && e.a.type === "index" ? indexChecked(frame, step, to, e.op, loc) : step;
    }
    case "compare": {
      const f = compareEval(e.op);
      const a = frame.slot(e.a);
      const b = frame.slot(e.b);
      return () => {
        r[to] = f(r[a] as number, r[b] as number) ? 1 : 0;
      };
    }
    case "select": {
      const c = frame.slot(e.cond);
      const a = frame.slot(e.a);
      const b = frame.slot(e.b);
      return () => {
        r[to] = r[r[c] !== 0 ? a : b] as number;
      };
    }
    case "cast": {
      const { to: type } = e;
      const from = e.a.type;
      const a = frame.slot(e.a);
      return () => {
        r[to] = Number(castTo(type, from, r[a] as number));
      };
    }
    case "load": {
      const { arrays } = frame;
      const array = frame.array(e.array);
      const at = offset(frame, e.array, e.index, loc);
      if (e.array.type.elem === "f16") {
        return () => {
          r[to] = halfValue((arrays[array] as ArrayRef).data[at()] as number);
        };
      }
      return () => {
        r[to] = (arrays[array] as ArrayRef).data[at()] as number;
      };
    }
  }
}

function binaryStep(frame: Frame, e: Binary, to: number, loc: Loc): Step {
  const r = frame.scalars;
  const f = binaryEval(e.op, e.a.type);
  const a = frame.slot(e.a);
  const b = frame.slot(e.b);
  const divides = isInt(e.a.type) && (e.op === "floordiv" || e.op === "rem");
  if (!divides) {
    return () => {
      r[to] = f(r[a] as number, r[b] as number) as number;
    };
  }
  return () => {
    if (r[b] === 0) throw new InterpError("integer", `${e.op} by 0`, { loc });
    r[to] = f(r[a] as number, r[b] as number) as number;
  };
}

function indexChecked({ scalars: r }: Frame, step: Step, to: number, op: string, loc: Loc): Step {
  return () => {
    step();
    const x = r[to] as number;
    if (!Number.isInteger(x) || Math.abs(x) > 2 ** 53) {
      throw new InterpError("integer", `${op} gives ${x}, which is no index`, { index: x, loc });
    }
  };
}

/** Where in its data the element `array[index]` stands; throws when it stands outside. A prefix gives a row's start. */
export function offset(frame: Frame, array: ArrayValue, index: readonly Operand[], loc: Loc): () => number {
  const { scalars: r, arrays } = frame;
  const slot = frame.array(array);
  const [i = 0, j = 0, ...more] = index.map((o) => frame.slot(o));
  const rank = array.type.dims.length;
  const check = (a: ArrayRef, axis: number, x: number): void => checkBounds("bounds", array, a, axis, x, loc);
  if (rank === 1 && index.length === 1) {
    return () => {
      const a = arrays[slot] as ArrayRef;
      const x = r[i] as number;
      if (!(x >= 0 && x < (a.dims[0] as number))) check(a, 0, x);
      return a.base + x;
    };
  }
  if (rank === 2 && index.length === 2) {
    return () => {
      const a = arrays[slot] as ArrayRef;
      const x = r[i] as number;
      const y = r[j] as number;
      const width = a.dims[1] as number;
      if (!(x >= 0 && x < (a.dims[0] as number))) check(a, 0, x);
      if (!(y >= 0 && y < width)) check(a, 1, y);
      return a.base + x * width + y;
    };
  }
  const slots = index.length === 0 ? [] : index.length === 1 ? [i] : [i, j, ...more];
  return () => {
    const a = arrays[slot] as ArrayRef;
    let at = 0;
    for (let axis = 0; axis < rank; axis++) {
      const extent = a.dims[axis] as number;
      const from = slots[axis];
      const x = from === undefined ? 0 : (r[from] as number);
      if (from !== undefined && !(x >= 0 && x < extent)) check(a, axis, x);
      at = at * extent + x;
    }
    return a.base + at;
  };
}

/** Throws unless `x` is a subscript of the axis. */
export function checkBounds(
  reason: "bounds" | "check",
  array: ArrayValue,
  a: ArrayRef,
  axis: number,
  x: number,
  loc: Loc,
): void {
  const extent = a.dims[axis] as number;
  if (x >= 0 && x < extent) return;
  throw new InterpError(reason, `%${array.hint} axis ${axis}: ${x} is outside of 0 … ${extent - 1}`, {
    array: array.hint,
    axis,
    index: x,
    extent,
    loc,
  });
}
