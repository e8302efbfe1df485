/** What a function's closures work on: a slot for each scalar and array, and the errors they throw. */
import { type Loc, noLoc } from "./diagnostic.ts";
import { type ArrayValue, type Block, type ElemType, type Func, isArray, type Operand, type Value } from "./ir/ir.ts";
import { bindersOf, resultsOf, usesOf, walk } from "./ir/walk.ts";

/** What went wrong: an access, a `check`, the step limit, an integer operation, an argument, an array's sizes, a `limit`. */
export type InterpReason = "bounds" | "check" | "steps" | "integer" | "argument" | "size" | "limit";

export interface InterpDetail {
  /** The hint of the array. */
  readonly array?: string;
  readonly axis?: number;
  readonly index?: number;
  readonly extent?: number;
  readonly loc?: Loc;
}

/** The program did what it must not, or was called as it must not. */
export class InterpError extends Error {
  override readonly name = "InterpError";
  readonly reason: InterpReason;
  readonly detail: InterpDetail;
  constructor(reason: InterpReason, problem: string, detail: InterpDetail = {}) {
    const { span } = detail.loc ?? noLoc;
    super(span.file === "" ? problem : `${span.file}:${span.line}:${span.column}: ${problem}`);
    this.reason = reason;
    this.detail = detail;
  }
}

export type ElemArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** The class of typed array that holds elements of a type; of halves, the bits. */
export const elemArrays = {
  f64: Float64Array,
  f32: Float32Array,
  f16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  index: Float64Array,
  bool: Uint8Array,
} as const satisfies Readonly<Record<ElemType, new (length: number) => ElemArray>>;

/** An array at run time: the elements of `data` from `base` on, row-major. */
export interface ArrayRef {
  readonly data: ElemArray;
  readonly base: number;
  readonly dims: readonly number[];
}

/**
 * The slots of one function. Scalars are numbers (bool: 0 or 1), constants have slots like values. No function calls
 * itself, so one frame for each is enough.
 */
export class Frame {
  readonly func: Func;
  readonly scalars: Float64Array;
  readonly arrays: ArrayRef[] = [];
  private readonly slots = new Map<Value, number>();
  private readonly constants = new Map<string, number>();
  private scalarCount = 0;
  private arrayCount = 0;

  constructor(func: Func) {
    this.func = func;
    this.scalars = new Float64Array(slotLimit(func));
  }

  /** The slot of a scalar; a constant's holds its value. */
  slot(o: Operand): number {
    if (o.kind === "value") return this.slotOf(o, () => this.scalarCount++);
    const x = Number(o.value);
    const key = Object.is(x, -0) ? "-0" : String(x);
    let slot = this.constants.get(key);
    if (slot === undefined) {
      slot = this.scalarCount++;
      this.constants.set(key, slot);
      this.scalars[slot] = x;
    }
    return slot;
  }

  /** The slot of an array. */
  array(a: ArrayValue): number {
    return this.slotOf(a, () => this.arrayCount++);
  }

  private slotOf(v: Value, fresh: () => number): number {
    let slot = this.slots.get(v);
    if (slot === undefined) {
      slot = fresh();
      this.slots.set(v, slot);
    }
    return slot;
  }
}

/** At least as many as the function has scalars and constants. */
function slotLimit(f: Func): number {
  const yields = (b: Block): number => b.yields.length;
  let n = yields(f.body);
  for (const p of f.params) n += 1 + (isArray(p) ? p.type.dims.length : 0);
  for (const s of walk(f.body)) {
    n += resultsOf(s).length + bindersOf(s).length + usesOf(s).length;
    if (s.kind === "for") n += yields(s.body);
    else if (s.kind === "while") n += yields(s.cond) + yields(s.body);
    else if (s.kind === "if") n += yields(s.then) + yields(s.else);
  }
  return n;
}
