/**
 * Visiting and rebuilding. Visiting is shallow (`operandsOf`, `blocksOf`, …) or whole (`walk`); rebuilding substitutes
 * values and keeps every node that does not change.
 */
import { bug, unreachable } from "../diagnostic.ts";
import {
  type Arg,
  type ArrayValue,
  type Block,
  type Expr,
  type Func,
  isArray,
  type Module,
  type Operand,
  type Region,
  type Scalar,
  type Stmt,
  type Value,
} from "./ir.ts";

/** Scalar operands that an expression reads (subscripts of a load included). */
export function operandsOf(e: Expr): readonly Operand[] {
  switch (e.kind) {
    case "unary":
    case "cast":
      return [e.a];
    case "binary":
    case "compare":
      return [e.a, e.b];
    case "select":
      return [e.cond, e.a, e.b];
    case "load":
      return e.index;
  }
}

/** `e` with each operand replaced; `e` itself when nothing changed. */
export function mapOperands(e: Expr, f: (o: Operand) => Operand, array = (a: ArrayValue): ArrayValue => a): Expr {
  switch (e.kind) {
    case "unary":
    case "cast": {
      const a = f(e.a);
      return a === e.a ? e : { ...e, a };
    }
    case "binary":
    case "compare": {
      const a = f(e.a);
      const b = f(e.b);
      return a === e.a && b === e.b ? e : { ...e, a, b };
    }
    case "select": {
      const cond = f(e.cond);
      const a = f(e.a);
      const b = f(e.b);
      return cond === e.cond && a === e.a && b === e.b ? e : { ...e, cond, a, b };
    }
    case "load": {
      const index = mapList(e.index, f);
      const at = array(e.array);
      return index === e.index && at === e.array ? e : { ...e, index, array: at };
    }
  }
}

/** The list with `f` applied to each item; the list itself when nothing changed. */
export function mapList<T>(list: readonly T[], f: (x: T) => T): readonly T[] {
  let out: T[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const before = list[i] as T;
    const after = f(before);
    if (after !== before) out ??= list.slice();
    if (out !== null) out[i] = after;
  }
  return out ?? list;
}

/** Blocks inside a statement, in the order in which they run. */
export function blocksOf(s: Stmt): readonly Block[] {
  switch (s.kind) {
    case "for":
      return [s.body];
    case "while":
      return [s.cond, s.body];
    case "if":
      return [s.then, s.else];
    default:
      return [];
  }
}

/** Values that a statement binds for the statements after it. */
export function resultsOf(s: Stmt): readonly Value[] {
  switch (s.kind) {
    case "let":
    case "alloc":
      return [s.result];
    case "for":
    case "while":
    case "if":
    case "call":
      return s.results;
    default:
      return [];
  }
}

/** Values that a statement binds inside its blocks. */
export function bindersOf(s: Stmt): readonly Scalar[] {
  if (s.kind === "for") return [s.index, ...s.carried];
  return s.kind === "while" ? s.carried : [];
}

/** Every value, scalar or array, that a statement itself reads (its blocks not included). */
export function usesOf(s: Stmt): readonly (Operand | ArrayValue)[] {
  switch (s.kind) {
    case "let":
      return s.expr.kind === "load" ? [s.expr.array, ...s.expr.index] : operandsOf(s.expr);
    case "alloc":
      return s.result.type.dims;
    case "store":
    case "accum":
      return [s.array, ...s.index, s.value];
    case "check":
      return [s.array, s.index];
    case "for":
      return [s.lo, s.hi, ...s.inits];
    case "while":
      return s.max === null ? s.inits : [...s.inits, s.max];
    case "if":
      return [s.cond];
    case "call":
      return s.args.flatMap(inArg);
    case "copy":
      return [...inArg(s.from), ...inArg(s.to)];
    case "launch":
      return s.args;
    case "limit":
      return [s.bytes];
  }
}

const inArg = (a: Arg): readonly (Operand | ArrayValue)[] => (a.kind === "view" ? [a.array, ...a.prefix] : [a]);

/** All statements of a block, outer before inner, in program order. */
export function* walk(block: Block): Generator<Stmt> {
  for (const s of block.stmts) {
    yield s;
    for (const b of blocksOf(s)) yield* walk(b);
  }
}

/** How often each value is used in the block, yields included. */
export function usesIn(b: Block): ReadonlyMap<unknown, number> {
  const uses = new Map<unknown, number>();
  const count = (list: readonly unknown[]): void => {
    for (const v of list) uses.set(v, (uses.get(v) ?? 0) + 1);
  };
  count(b.yields);
  for (const s of walk(b)) {
    count(usesOf(s));
    for (const inner of blocksOf(s)) count(inner.yields);
  }
  return uses;
}

/** The block with its statements replaced, innermost first; itself when nothing changed. `f` gives null to drop one. */
export function mapStmts(b: Block, f: (s: Stmt) => readonly Stmt[] | Stmt | null): Block {
  let changed = false;
  const stmts: Stmt[] = [];
  for (const s of b.stmts) {
    const out = f(mapBlocks(s, (inner) => mapStmts(inner, f)));
    if (out !== s) changed = true;
    if (out === null) continue;
    if (Array.isArray(out)) stmts.push(...out);
    else stmts.push(out as Stmt);
  }
  return changed ? { stmts, yields: b.yields } : b;
}

/** `s` with each of its blocks replaced; `s` itself when nothing changed. */
export function mapBlocks(s: Stmt, f: (b: Block) => Block): Stmt {
  switch (s.kind) {
    case "for": {
      const body = f(s.body);
      return body === s.body ? s : { ...s, body };
    }
    case "while": {
      const cond = f(s.cond);
      const body = f(s.body);
      return cond === s.cond && body === s.body ? s : { ...s, cond, body };
    }
    case "if": {
      const then = f(s.then);
      const otherwise = f(s.else);
      return then === s.then && otherwise === s.else ? s : { ...s, then, else: otherwise };
    }
    default:
      return s;
  }
}

/** The module with each function's body replaced; itself when nothing changed. */
export function mapBodies(m: Module, f: (body: Block, func: Func) => Block): Module {
  const funcs = mapList(m.funcs, (func) => {
    const body = f(func.body, func);
    return body === func.body ? func : { ...func, body };
  });
  return funcs === m.funcs ? m : { ...m, funcs };
}

/**
 * A set of replacements, applied while walking forward. Arrays may be replaced by arrays or by views (whose prefix goes
 * in front of every subscript). An `alloc` whose sizes change gets a new value, which is then replaced as well.
 */
export class Substitution {
  private readonly scalars = new Map<Value, Operand>();
  private readonly arrays = new Map<Value, { readonly array: ArrayValue; readonly prefix: readonly Operand[] }>();

  set(from: Scalar, to: Operand): void {
    this.scalars.set(from, to);
  }
  setArray(from: ArrayValue, array: ArrayValue, prefix: readonly Operand[] = []): void {
    this.arrays.set(from, { array, prefix });
  }
  get empty(): boolean {
    return this.scalars.size === 0 && this.arrays.size === 0;
  }

  readonly operand = (o: Operand): Operand => (o.kind === "value" ? (this.scalars.get(o) ?? o) : o);
  readonly array = (a: ArrayValue): ArrayValue => {
    const to = this.arrays.get(a);
    if (to !== undefined && to.prefix.length > 0) bug(`%${a.hint} stands for a row where a whole array is needed`);
    return to?.array ?? a;
  };

  expr(e: Expr): Expr {
    if (e.kind !== "load") return mapOperands(e, this.operand);
    const at = this.access(e.array, e.index);
    return at.array === e.array && at.index === e.index ? e : { ...e, ...at };
  }

  /** The statement with what it reads itself replaced; its blocks are left alone. */
  stmt(s: Stmt): Stmt {
    switch (s.kind) {
      case "let": {
        const expr = this.expr(s.expr);
        return expr === s.expr ? s : { ...s, expr };
      }
      case "alloc": {
        const dims = mapList(s.result.type.dims, this.operand);
        if (dims === s.result.type.dims) return s;
        const result: ArrayValue = { ...s.result, type: { ...s.result.type, dims } };
        this.setArray(s.result, result);
        return { ...s, result };
      }
      case "store":
      case "accum": {
        const at = this.access(s.array, s.index);
        const value = this.operand(s.value);
        return at.array === s.array && at.index === s.index && value === s.value ? s : { ...s, ...at, value };
      }
      case "check": {
        const to = this.arrays.get(s.array);
        const index = this.operand(s.index);
        if (to === undefined) return index === s.index ? s : { ...s, index };
        return { ...s, index, array: to.array, axis: s.axis + to.prefix.length };
      }
      case "for": {
        const lo = this.operand(s.lo);
        const hi = this.operand(s.hi);
        const inits = mapList(s.inits, this.operand);
        return lo === s.lo && hi === s.hi && inits === s.inits ? s : { ...s, lo, hi, inits };
      }
      case "while": {
        const max = s.max === null ? null : this.operand(s.max);
        const inits = mapList(s.inits, this.operand);
        return max === s.max && inits === s.inits ? s : { ...s, max, inits };
      }
      case "if": {
        const cond = this.operand(s.cond);
        return cond === s.cond ? s : { ...s, cond };
      }
      case "call": {
        const args = mapList(s.args, (a) => this.arg(a));
        return args === s.args ? s : { ...s, args };
      }
      case "copy": {
        const from = this.region(s.from);
        const to = this.region(s.to);
        return from === s.from && to === s.to ? s : { ...s, from, to };
      }
      case "launch": {
        const args = mapList(s.args, (a) => (isArray(a) ? this.array(a) : this.operand(a)));
        return args === s.args ? s : { ...s, args };
      }
      case "limit": {
        const bytes = this.operand(s.bytes);
        return bytes === s.bytes ? s : { ...s, bytes };
      }
      default:
        return unreachable(s);
    }
  }

  /** The whole block with everything in it replaced; itself when nothing changed. */
  block(b: Block): Block {
    const stmts = mapList(b.stmts, (s) => mapBlocks(this.stmt(s), (inner) => this.block(inner)));
    const yields = mapList(b.yields, this.operand);
    return stmts === b.stmts && yields === b.yields ? b : { stmts, yields };
  }

  private access(
    array: ArrayValue,
    index: readonly Operand[],
  ): { readonly array: ArrayValue; readonly index: readonly Operand[] } {
    const at = mapList(index, this.operand);
    const to = this.arrays.get(array);
    if (to === undefined) return { array, index: at };
    return { array: to.array, index: to.prefix.length === 0 ? at : [...to.prefix, ...at] };
  }

  private arg(a: Arg): Arg {
    return a.kind === "view" || isArray(a) ? this.region(a) : this.operand(a);
  }

  private region(a: Region): Region {
    if (a.kind === "view") {
      const at = this.access(a.array, a.prefix);
      return at.array === a.array && at.index === a.prefix ? a : { ...a, array: at.array, prefix: at.index };
    }
    const to = this.arrays.get(a);
    if (to === undefined) return a;
    return to.prefix.length === 0 ? to.array : { kind: "view", array: to.array, prefix: to.prefix };
  }
}

/**
 * A copy of the block in which everything that it binds is a new value and every statement a new node, after the
 * replacements of `subst`: passes know a statement by its identity, and so where it stands.
 */
export function copyBlock(b: Block, subst: Substitution, loc = (s: Stmt): Stmt => s): Block {
  const stmts = b.stmts.map((s) => {
    const own = freshen(subst.stmt(s), s, subst);
    return loc(mapBlocks(own, (inner) => copyBlock(inner, subst, loc)));
  });
  return { stmts, yields: b.yields.map(subst.operand) };
}

/** `s` with new values for all that it binds, known to `subst` from now on. `original` bound the old ones. */
function freshen(s: Stmt, original: Stmt, subst: Substitution): Stmt {
  const fresh = <T extends Scalar>(old: T): T => {
    const copy = { ...old };
    subst.set(old, copy);
    return copy;
  };
  switch (s.kind) {
    case "let":
      return { ...s, result: fresh(s.result) };
    case "alloc": {
      const result = { ...s.result };
      if (original.kind === "alloc") subst.setArray(original.result, result);
      return { ...s, result };
    }
    case "for":
      return { ...s, index: fresh(s.index), carried: s.carried.map(fresh), results: s.results.map(fresh) };
    case "while":
      return { ...s, carried: s.carried.map(fresh), results: s.results.map(fresh) };
    case "if":
    case "call":
      return { ...s, results: s.results.map(fresh) };
    default:
      return { ...s };
  }
}
