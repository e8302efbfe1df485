/** Which statements the reverse sweep has something to do for, and which primal values it needs there. */
import {
  type Block,
  type For,
  type If,
  type Let,
  type Operand,
  prefixOf,
  type Stmt,
  type While,
} from "../compiler/ir/ir.ts";
import { blocksOf } from "../compiler/ir/walk.ts";
import type { Activity } from "./activity.ts";
import { floatScalars, isRegion } from "./custom.ts";
import { isEnd } from "./ends.ts";
import { isLoad, loadOf, type Program, type Write } from "./program.ts";
import { binaryRules, type Partial, unaryRules, type Ways } from "./rules.ts";

/** A value that is needed when the sweep has come to a statement. */
export interface Need {
  readonly operand: Operand;
  readonly at: Stmt;
}

/** An operand of an operation that gets a part of the result's adjoint, and how. */
export interface Flow {
  readonly operand: Operand;
  readonly by: Partial;
}

type Choose = (ways: readonly Partial[], s: Let) => Partial;

/** The operands that a way reads. */
export function waysBy(p: Partial, s: Let): readonly Operand[] {
  const e = s.expr;
  if (e.kind !== "unary" && e.kind !== "binary") return [];
  const b = e.kind === "binary" ? e.b : e.a;
  return p.uses.map((u) => (u === "r" ? s.result : u === "a" ? e.a : b));
}

export class Needs {
  readonly all: readonly Need[];
  private readonly program: Program;
  private readonly activity: Activity;
  private readonly records: ReadonlySet<Write>;
  private readonly choose: Choose;
  private readonly flows = new Map<Let, readonly Flow[]>();
  private readonly reversed = new Set<Stmt>();

  constructor(program: Program, activity: Activity, records: ReadonlySet<Write>, choose: Choose) {
    this.program = program;
    this.activity = activity;
    this.records = records;
    this.choose = choose;
    for (const s of program.stmts) {
      if (!this.acts(s)) continue;
      this.reversed.add(s);
      for (const o of program.around(s)) this.reversed.add(o);
    }
    this.all = program.stmts.filter((s) => this.reversed.has(s)).flatMap((s) => this.at(s));
  }

  /** Has the sweep anything to do for the statement, or inside of it? */
  has(s: Stmt): boolean {
    return this.reversed.has(s);
  }
  anyIn(stmts: readonly Stmt[]): boolean {
    return stmts.some((s) => this.reversed.has(s));
  }

  private acts(s: Stmt): boolean {
    const { isActive, arrays } = this.activity;
    switch (s.kind) {
      case "let":
        return isActive(s.result);
      case "store":
        return (arrays.has(s.array) && !isEnd(s)) || this.records.has(s);
      case "accum":
        return (arrays.has(s.array) && isActive(s.value)) || this.records.has(s);
      case "for":
      case "while":
        return s.carried.some((c) => isActive(c)) || s.results.some((r) => isActive(r));
      case "if":
        return s.results.some((r) => isActive(r));
      case "call":
        return s.results.some((r) => isActive(r));
      default:
        return false;
    }
  }

  /** Where the adjoint of an operation goes. */
  flowsOf(s: Let): readonly Flow[] {
    const known = this.flows.get(s);
    if (known !== undefined) return known;
    const { isActive } = this.activity;
    const e = s.expr;
    const one = (ways: Ways, operand: Operand): readonly Flow[] =>
      ways === null || !isActive(operand) ? [] : [{ operand, by: this.choose(ways, s) }];
    const made =
      e.kind === "unary"
        ? one(unaryRules[e.op], e.a)
        : e.kind === "binary"
          ? [...one(binaryRules[e.op].a, e.a), ...one(binaryRules[e.op].b, e.b)]
          : [];
    this.flows.set(s, made);
    return made;
  }

  private at(s: Stmt): readonly Need[] {
    return this.operands(s).map((operand) => ({ operand, at: s }));
  }

  private operands(s: Stmt): readonly Operand[] {
    switch (s.kind) {
      case "let":
        if (isLoad(s)) return loadOf(s).index;
        if (s.expr.kind === "select") return [s.expr.cond];
        return this.flowsOf(s).flatMap((f) => waysBy(f.by, s));
      case "store":
      case "accum":
        return s.index;
      case "for":
        return [s.lo, s.hi];
      case "if":
        return [s.cond];
      case "call":
        return [...s.results, ...s.args.flatMap((a) => (isRegion(a) ? prefixOf(a) : [a]))];
      default:
        return [];
    }
  }

  /** The values of outer blocks that get something of their adjoint inside the blocks. */
  reachedFrom(s: For | While | If): ReadonlySet<Operand> {
    const out = new Set<Operand>();
    const inside = (o: Operand): boolean => {
      const block = o.kind === "value" ? this.program.blockOf(o) : null;
      return block !== null && blocksOf(s).some((b) => b === block || isBlockInside(b, block));
    };
    const add = (o: Operand): void => {
      if (this.activity.isActive(o) && !inside(o)) out.add(o);
    };
    const visit = (t: Stmt): void => {
      switch (t.kind) {
        case "let":
          if (this.activity.isActive(t.result) && !isLoad(t)) {
            const e = t.expr;
            if (e.kind === "select") [e.a, e.b].forEach(add);
            else if (e.kind === "cast") add(e.a);
            else for (const f of this.flowsOf(t)) add(f.operand);
          }
          break;
        case "store":
        case "accum":
          if (this.activity.arrays.has(t.array)) add(t.value);
          break;
        case "for":
        case "while":
          t.inits.forEach(add);
          break;
        case "call":
          floatScalars(t).forEach(add);
          break;
      }
      for (const b of blocksOf(t)) {
        b.stmts.forEach(visit);
        b.yields.forEach(add);
      }
    };
    for (const b of blocksOf(s)) {
      b.stmts.forEach(visit);
      b.yields.forEach(add);
    }
    return out;
  }
}

function isBlockInside(outer: Block, block: Block): boolean {
  for (const s of outer.stmts) {
    for (const b of blocksOf(s)) if (b === block || isBlockInside(b, block)) return true;
  }
  return false;
}
