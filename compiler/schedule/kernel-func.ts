/**
 * Makes a function of its own out of a part of another: what the part takes from outside becomes parameters.
 *
 * Arrays become parameters with sizes of their own. Scalars that the launch program knows become parameters as well; values that
 * were loaded, or follow from what was, are computed in the new function once more.
 */
import { bug, type Loc } from "../diagnostic.ts";
import { arrayType, type Builder, value } from "../ir/build.ts";
import {
  type ArrayValue,
  type Block,
  type Func,
  isArray,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../ir/ir.ts";
import { bindersOf, blocksOf, resultsOf, Substitution, usesOf } from "../ir/walk.ts";

/** Where values come from that a part of a function takes. */
export interface Sources {
  /** Does the launch program know the scalar? */
  isKnown(v: Scalar): boolean;
  /** From now on it does. */
  learn(v: Scalar): void;
  /** How it is computed otherwise. */
  letOf(v: Scalar): Let;
}

export class KernelFunc {
  /** From the values of the original to those of the new function. */
  readonly subst = new Substitution();
  readonly params: Value[] = [];
  /** What the launch program passes, in the order of the parameters. */
  readonly args: (Operand | ArrayValue)[] = [];
  private readonly sources: Sources;
  private readonly arrays = new Map<ArrayValue, ArrayValue>();
  private readonly scalars = new Map<Scalar, Operand>();

  constructor(sources: Sources) {
    this.sources = sources;
  }

  /** Makes arrays known that the part takes from outside. To be called before scalars are. */
  takeArrays(of: Free): void {
    for (const a of of.arrays) this.array(a);
  }

  array(a: ArrayValue): ArrayValue {
    const known = this.arrays.get(a);
    if (known !== undefined) return known;
    const dims = a.type.dims.map((d) => (d.kind === "const" ? d : value(d.hint, "index" as const)));
    const param = value(a.hint, arrayType(a.type.elem, dims));
    this.arrays.set(a, param);
    this.subst.setArray(a, param);
    a.type.dims.forEach((d, axis) => {
      if (d.kind === "value" && !this.scalars.has(d) && this.sources.isKnown(d)) this.set(d, dims[axis] as Scalar);
    });
    this.params.push(param);
    this.args.push(a);
    return param;
  }

  /** The scalar that stands for one of the original: a parameter, or what is computed by `x` here. */
  scalar(o: Operand, x: Builder): Operand {
    if (o.kind === "const") return o;
    const known = this.scalars.get(o);
    if (known !== undefined) return known;
    if (this.sources.isKnown(o)) {
      const param = { ...o };
      this.params.push(param);
      this.args.push(o);
      return this.set(o, param);
    }
    const { expr, loc } = this.sources.letOf(o);
    if (expr.kind === "load") this.array(expr.array);
    for (const v of usesOf({ kind: "let", result: o, expr, loc })) if (!isArray(v)) this.scalar(v, x);
    const result = { ...o };
    x.stmts.push({ kind: "let", result, expr: this.subst.expr(expr), loc });
    return this.set(o, result);
  }

  /** Computes in the new function once more what the launch program knows, from its parameters. */
  computeAgain(o: Operand, lets: ReadonlyMap<Scalar, Let>, x: Builder): void {
    if (o.kind === "const" || this.scalars.has(o)) return;
    const own = lets.get(o);
    if (own === undefined) {
      this.scalar(o, x);
      return;
    }
    for (const v of usesOf(own)) if (!isArray(v)) this.computeAgain(v, lets, x);
    const result = { ...o };
    x.stmts.push({ ...own, result, expr: this.subst.expr(own.expr) });
    this.set(o, result);
  }

  /** Makes scalars known that the part takes from outside. */
  takeScalars(of: Free, x: Builder): void {
    for (const v of of.scalars) this.scalar(v, x);
  }

  private set(from: Scalar, to: Operand): Operand {
    this.scalars.set(from, to);
    this.subst.set(from, to);
    return to;
  }

  func(name: string, body: Block, loc: Loc): Func {
    if (body.yields.length > 0) bug("a kernel gives nothing");
    const { params } = this;
    return { kind: "func", name, exported: false, params, results: [], requires: [], body, loc };
  }
}

/** What a part of a function takes from outside. */
export interface Free {
  readonly scalars: ReadonlySet<Scalar>;
  readonly arrays: ReadonlySet<ArrayValue>;
}

export function freeIn(stmts: readonly Stmt[], yields: readonly Operand[] = []): Free {
  const scalars = new Set<Scalar>();
  const arrays = new Set<ArrayValue>();
  const bound = new Set<Value>();
  const use = (v: Operand | ArrayValue): void => {
    if (v.kind === "const" || bound.has(v)) return;
    if (isArray(v)) arrays.add(v);
    else scalars.add(v as Scalar);
  };
  const block = (b: Block): void => {
    for (const s of b.stmts) visit(s);
    b.yields.forEach(use);
  };
  const visit = (s: Stmt): void => {
    usesOf(s).forEach(use);
    for (const v of bindersOf(s)) bound.add(v);
    blocksOf(s).forEach(block);
    for (const v of resultsOf(s)) bound.add(v);
  };
  block({ stmts, yields });
  return { scalars, arrays };
}
