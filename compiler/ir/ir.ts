/**
 * The IR: structured loops over typed arrays, in A-normal form.
 *
 * Scalars are values, bound once and never reassigned; loops and branches carry them explicitly. Arrays are memory
 * touched only by `load`, `store`, `accum`. Two array values of a function never overlap. There are no jumps: a block
 * is statements, then the operands it yields. Nodes are immutable; a pass that changes nothing returns the very node
 * it was given.
 *
 *   export func @scale(%alpha: f64, %A: f64[%n, %m]) {
 *     for %i in seq(0, %n) {
 *       for %j in seq(0, %m) {
 *         accum mul %A[%i, %j], %alpha
 *       }
 *     }
 *   }
 *
 * Integers. `index` arithmetic is mathematical: whoever makes it has shown that it stays within ±2^53 (subscripts and
 * bounds), so backends may use any wide enough type. `i32` and `u32` wrap. Floats are IEEE 754; what may be done to
 * them beyond that is each operation's `mode`.
 *
 * Halves. Arrays may hold `f16`, which no value is: a load gives the element as an f32, `store` and `accum` take an f32 and round
 * it to the nearest half, ties to even, to infinity from 65520 on (half.ts). So a load need not give what was stored.
 *
 * Shapes. Every axis of a parameter has its own size, a value that its type binds: `%A: f64[%n, %m]` defines `%n` and
 * `%m`. Dimensions of an `alloc` are operands computed before it. Arrays are dense and row-major.
 *
 * Stage `loop` is what the frontend and AD make: `func`s that may call each other, and `host` functions, which say in
 * which order some of them run and on what memory. Stage `kernel` is all a backend accepts: `kernel`s, which a device
 * launches, neither call nor allocate; `host` functions are launch programs now, made of `alloc`, `copy`, `launch` (in
 * stage `loop` a `call`), loads of single elements, and control flow over them; the runtime interprets them.
 * Its `func`s take scalars and return one: the bodies of the mathematical operators that kernels use.
 */
import type { Loc } from "../diagnostic.ts";
import type { BinaryOp, CompareOp, ReduceOp, UnaryOp } from "./ops.ts";

export type FloatType = "f64" | "f32";
export type IntType = "i32" | "u32" | "index";
export type ScalarType = FloatType | IntType | "bool";
/** What arrays hold. */
export type ElemType = ScalarType | "f16";
/** Where an array lives: device memory, one workgroup's shared memory, or one thread's own. */
export type Space = "global" | "shared" | "local";
export interface ArrayType {
  readonly kind: "array";
  readonly elem: ElemType;
  readonly dims: readonly Operand[];
  readonly space: Space;
}
export type Type = ScalarType | ArrayType;

/** A name bound exactly once. Its identity is the object; `hint` only feeds the printer. */
export interface Value<T extends Type = Type> {
  readonly kind: "value";
  readonly type: T;
  readonly hint: string;
}
export type Scalar = Value<ScalarType>;
export type ArrayValue = Value<ArrayType>;
export interface Const {
  readonly kind: "const";
  readonly type: ScalarType;
  readonly value: number | boolean;
}
/** What a scalar operation reads. */
export type Operand = Scalar | Const;

/** What may be done to a float operation: nothing, fused multiply-add, or anything algebra allows. */
export type Mode = "strict" | "contract" | "fast";
/** Besides the modes of programs: as `contract`, and sums in any order. Of sums whose order means nothing, as those of adjoints. */
export type OpMode = Mode | "reassociate";

// Right-hand sides: one operation, flat operands, no effect other than reading.

export interface Unary {
  readonly kind: "unary";
  readonly op: UnaryOp;
  readonly a: Operand;
  readonly mode: OpMode;
}
export interface Binary {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly a: Operand;
  readonly b: Operand;
  readonly mode: OpMode;
}
export interface Compare {
  readonly kind: "compare";
  readonly op: CompareOp;
  readonly a: Operand;
  readonly b: Operand;
}
/** `cond ? a : b`, both computed. */
export interface Select {
  readonly kind: "select";
  readonly cond: Operand;
  readonly a: Operand;
  readonly b: Operand;
}
/** A conversion; what each pair of types means is in eval.ts (`castTo`). */
export interface Cast {
  readonly kind: "cast";
  readonly to: ScalarType;
  readonly a: Operand;
}
export interface Load {
  readonly kind: "load";
  readonly array: ArrayValue;
  readonly index: readonly Operand[];
}
export type Expr = Unary | Binary | Compare | Select | Cast | Load;

// Statements.

export interface Let {
  readonly kind: "let";
  readonly result: Scalar;
  readonly expr: Expr;
  readonly loc: Loc;
}
/** A new array, all zero each time the statement runs; its type carries the sizes. Lives as long as its block. */
export interface Alloc {
  readonly kind: "alloc";
  readonly result: ArrayValue;
  readonly loc: Loc;
}
export interface Store {
  readonly kind: "store";
  readonly array: ArrayValue;
  readonly index: readonly Operand[];
  readonly value: Operand;
  readonly loc: Loc;
}
/** `array[index] op= value`. Under a parallel loop these commute; it is also what `load` transposes to. */
export interface Accum {
  readonly kind: "accum";
  /** Other threads may update the element at the same time. In kernels of a GPU alone; who maps loops to threads decides. */
  readonly atomic?: true;
  readonly op: ReduceOp;
  readonly array: ArrayValue;
  readonly index: readonly Operand[];
  readonly value: Operand;
  readonly mode: OpMode;
  readonly loc: Loc;
}
/** Fails the whole function unless `0 <= index < dims[axis]`; nothing after it runs. */
export interface Check {
  readonly kind: "check";
  readonly array: ArrayValue;
  readonly axis: number;
  readonly index: Operand;
  readonly loc: Loc;
}
/** The one counted loop: `index` runs over [lo, hi) by one; `carried` start at `inits`, then take what the body yields. */
export interface For {
  readonly kind: "for";
  readonly mode: LoopMode;
  readonly index: Scalar;
  readonly lo: Operand;
  readonly hi: Operand;
  readonly inits: readonly Operand[];
  readonly carried: readonly Scalar[];
  readonly body: Block;
  readonly results: readonly Scalar[];
  readonly loc: Loc;
}
/** Runs `cond` (which yields one bool) and, while it holds, `body`; `max`, where known, bounds the trips. */
export interface While {
  readonly kind: "while";
  readonly inits: readonly Operand[];
  readonly carried: readonly Scalar[];
  readonly max: Operand | null;
  readonly cond: Block;
  readonly body: Block;
  readonly results: readonly Scalar[];
  readonly loc: Loc;
}
export interface If {
  readonly kind: "if";
  readonly cond: Operand;
  readonly then: Block;
  readonly else: Block;
  readonly results: readonly Scalar[];
  readonly loc: Loc;
}
/** The array `array[prefix…]`, of as many axes as the prefix leaves: how a row is passed on. */
export interface View {
  readonly kind: "view";
  readonly array: ArrayValue;
  readonly prefix: readonly Operand[];
}
/** An array, or a part of one. */
export type Region = ArrayValue | View;
export type Arg = Operand | Region;
/** Calls a function of the module. Sizes of array parameters bind to those of the arguments. */
export interface Call {
  readonly kind: "call";
  readonly callee: string;
  /**
   * The function that gives the call its derivative, in place of what differentiation makes of the callee. The callee then only
   * reads its arrays and has one float result `r`. The adjoint takes what the callee does, `r`, the adjoint of `r`, and for
   * each array of floats one more, into which it adds the array's adjoint; its results are the adjoints of the float scalars.
   */
  readonly adjoint?: string;
  readonly args: readonly Arg[];
  readonly results: readonly Scalar[];
  readonly loc: Loc;
}
/** Host only: all elements of `from` into `to`, which has the same sizes: `copy %x to %snapshots[%i]`. */
export interface Copy {
  readonly kind: "copy";
  readonly from: Region;
  readonly to: Region;
  readonly loc: Loc;
}
/** Host only: runs a kernel on its device, to the end. */
export interface Launch {
  readonly kind: "launch";
  readonly callee: string;
  readonly args: readonly (Operand | ArrayValue)[];
  readonly loc: Loc;
}
/**
 * Refuses the launch where a gradient would keep more than `most` bytes: nothing that the caller can see has been written by then.
 * In launch programs, and in the body of a function itself, from where `outline` moves it there.
 */
export interface Limit {
  readonly kind: "limit";
  readonly bytes: Operand;
  readonly most: number;
  /** What most of the bytes are for: what follows on how many there are. */
  readonly message: string;
  readonly help: string;
  readonly loc: Loc;
}
export type Stmt = Let | Alloc | Store | Accum | Check | For | While | If | Call | Copy | Launch | Limit;

/** Who runs the iterations: one after another, in any order, SIMD lanes, or one per workgroup or thread. */
export type LoopMode = "seq" | "par" | "vector" | `${"grid" | "threads"}.${"x" | "y" | "z"}`;

export interface Block {
  readonly stmts: readonly Stmt[];
  readonly yields: readonly Operand[];
}

/** `constant + Σ factor · values…`, over index or integer values: a term is a product of one or more. */
export interface Polynomial {
  readonly constant: number;
  readonly terms: readonly { readonly values: readonly Scalar[]; readonly factor: number }[];
}

/**
 * What must hold at launch, over sizes and scalar parameters: `need >= 0`. Where it does not and every one of `when`
 * is `>= 0`, the access is certain to run and to be outside: the launch is refused. Otherwise the launch falls back to
 * the checked version of the function.
 */
export interface Requirement {
  readonly need: Polynomial;
  /** Null where no sizes make the access certain (it stands under a condition on data). */
  readonly when: readonly Polynomial[] | null;
  /** The subscript that is outside then, and the length of its axis; null where this is no matter of one access. */
  readonly access: { readonly index: Polynomial; readonly extent: Polynomial } | null;
  /** The message, complete but for the actual sizes. */
  readonly message: string;
  readonly loc: Loc;
}

export type FuncKind = "func" | "kernel" | "host";
export interface Func {
  readonly kind: FuncKind;
  readonly name: string;
  /** May be called from outside the module. */
  readonly exported: boolean;
  /** Stays a call: a rare path whose code would cost the common one its vector form. Functions of the math library alone. */
  readonly noinline?: true;
  readonly params: readonly Value[];
  readonly results: readonly ScalarType[];
  readonly requires: readonly Requirement[];
  readonly body: Block;
  readonly loc: Loc;
}
/** `loop` is what the frontend and AD make; `kernel` is all a backend accepts. See verify.ts for what each allows. */
export type Stage = "loop" | "kernel";
export interface Module {
  readonly stage: Stage;
  readonly funcs: readonly Func[];
}

export const isFloat = <T extends Type | ElemType>(t: T): t is Extract<T, FloatType | "f16"> =>
  t === "f64" || t === "f32" || t === "f16";
export const isInt = (t: Type): t is IntType => t === "i32" || t === "u32" || t === "index";
/** The type of an element's value: what a load gives and a store takes. */
export const valueType = (t: ElemType): ScalarType => (t === "f16" ? "f32" : t);
/** What an adjoint or a tangent of that type is: arrays hold it as it is. */
export const unrounded = <T extends Type>(t: T): T => (typeof t === "object" ? { ...t, elem: valueType(t.elem) } : t);
/** Whether stores round, so that an element may be another value than the one that was stored. */
export const isRounded = (a: ArrayValue): boolean => a.type.elem !== valueType(a.type.elem);
export const isArrayType = (t: Type): t is ArrayType => typeof t === "object";
export const isArray = (v: Arg): v is ArrayValue => v.kind === "value" && isArrayType(v.type);
export const isScalar = (v: Value): v is Scalar => !isArrayType(v.type);
/** The array of a region. */
export const arrayIn = (r: Region): ArrayValue => (r.kind === "view" ? r.array : r);
/** The array that an argument is, or is a part of; null for scalars. */
export const arrayOf = (a: Arg): ArrayValue | null => (a.kind === "view" ? a.array : isArray(a) ? a : null);
/** The subscripts that stand before a region's own. */
export const prefixOf = (r: Region): readonly Operand[] => (r.kind === "view" ? r.prefix : []);

export const constant = (type: ScalarType, value: number | boolean): Const => ({ kind: "const", type, value });
export const indexConst = (value: number): Const => constant("index", value);
export const isConst = (o: Operand, value?: number | boolean): o is Const =>
  o.kind === "const" && (value === undefined || Object.is(o.value, value));

/** The size values that an array parameter's type binds. */
export const sizesOf = (a: ArrayValue): readonly Scalar[] => a.type.dims.filter((d): d is Scalar => d.kind === "value");
