/**
 * Where each statement of a function stands: the loops around it, the conditions under which it runs, and whether it comes
 * before or after another. While it walks, it lets `Facts` and `Definitions` learn what values are.
 */
import { bug } from "../diagnostic.ts";
import {
  type ArrayValue,
  type Block,
  type Func,
  isArray,
  type Operand,
  type Scalar,
  type Stmt,
  sizesOf,
  type Value,
} from "../ir/ir.ts";
import { bindersOf, blocksOf, resultsOf } from "../ir/walk.ts";
import type { Loop } from "./carried.ts";
import { Definitions } from "./definitions.ts";
import { writesOf } from "./effects.ts";
import { Facts } from "./facts.ts";
import { plus, sub } from "./polynomial.ts";

/** A block that a statement stands in runs where this holds. */
export interface Guard {
  readonly cond: Operand;
  readonly holds: boolean;
  /** How many loops stand around the statement whose block it is. */
  readonly depth: number;
  /** That statement's number, and which of its blocks it is. */
  readonly of: number;
}

/** Where a value is bound: in which loops, and where which conditions hold. */
interface Home {
  readonly loops: readonly Loop[];
  readonly guards: readonly Guard[];
}

export interface Place {
  readonly stmt: Stmt;
  /** Statements are numbered in program order, outer before inner. */
  readonly id: number;
  /** The statement whose block this one stands in, which block, and where in it. */
  readonly parent: Place | null;
  readonly branch: number;
  readonly position: number;
  /** Outermost first. */
  readonly loops: readonly Loop[];
  readonly guards: readonly Guard[];
}

/** How two statements stand to each other where the loops around both are in the same iteration. */
export interface Relation {
  /** `exclusive`: in two branches of one `if`. `around`: the second stands inside the first; `inside` the other way round. */
  readonly order: "before" | "after" | "exclusive" | "same" | "around" | "inside";
  /** Of how many loops, outermost first, both are inside. */
  readonly common: number;
}

export class Places {
  readonly facts = new Facts();
  readonly definitions = new Definitions(this.facts);
  readonly all: Place[] = [];
  private readonly byStmt = new Map<Stmt, Place>();
  private readonly homes = new Map<Value, Home>();
  private readonly going = new Map<Loop, readonly Guard[]>();
  private readonly params: ReadonlySet<Value>;
  private readonly written = new Set<ArrayValue>();

  constructor(func: Func) {
    this.facts.enter(func);
    this.params = new Set(func.params.flatMap((p): readonly Value[] => (isArray(p) ? sizesOf(p) : [p])));
    this.block(func.body, null, 0, [], []);
  }

  of(s: Stmt): Place {
    return this.byStmt.get(s) ?? bug(`a ${s.kind} that is not in the function`);
  }

  /** The loops in whose iterations the value is bound, outermost first; none for parameters and sizes. */
  scopeOf(v: Scalar): readonly Loop[] {
    return this.homes.get(this.definitions.ownerOf(v))?.loops ?? [];
  }

  /** Has the value surely been computed, in the same iteration of its loops, where these guards hold? */
  isComputed(v: Scalar, guards: readonly Guard[]): boolean {
    return this.homes.get(this.definitions.ownerOf(v))?.guards.every((g) => guards.includes(g)) ?? true;
  }

  /** The loops in whose iterations the array is made, outermost first; none for parameters. */
  homeOf(array: ArrayValue): readonly Loop[] {
    return this.homes.get(array)?.loops ?? [];
  }

  /** What holds in trips of the loop that ran to their end. */
  guardsIn(loop: Loop): readonly Guard[] {
    return this.going.get(loop) ?? this.of(loop).guards;
  }

  /** Is that a parameter, or the size of one? */
  isParam(v: Value): boolean {
    return this.params.has(v);
  }

  isWritten(array: ArrayValue): boolean {
    return this.written.has(array);
  }

  private block(
    b: Block,
    parent: Place | null,
    branch: number,
    loops: readonly Loop[],
    guards: readonly Guard[],
  ): void {
    for (const [position, s] of b.stmts.entries()) {
      const place: Place = { stmt: s, id: this.all.length, parent, branch, position, loops, guards };
      this.all.push(place);
      this.byStmt.set(s, place);
      for (const v of resultsOf(s)) this.homes.set(v, { loops, guards });
      for (const a of writesOf(s)) this.written.add(a);
      this.facts.enterLoop(s);
      this.inner(s, place);
      // After its blocks: what a loop or branch yields is known by what was found inside.
      this.facts.define(s);
      this.definitions.define(s);
    }
  }

  private inner(s: Stmt, place: Place): void {
    const { facts } = this;
    const { loops, guards } = place;
    const under = (cond: Operand, holds: boolean): readonly Guard[] => [
      ...guards,
      { cond, holds, depth: loops.length, of: place.id },
    ];
    if (s.kind === "if") {
      for (const [branch, b] of [s.then, s.else].entries()) {
        const holds = branch === 0;
        facts.assuming(facts.conditions(s.cond, holds), () => {
          this.block(b, place, branch, loops, under(s.cond, holds));
        });
      }
    } else if (s.kind === "for" || s.kind === "while") {
      const inside = [...loops, s];
      this.definitions.enter(s);
      for (const v of [...bindersOf(s), this.definitions.indexOf(s)]) this.homes.set(v, { loops: inside, guards });
      if (s.kind === "for") {
        const trips = plus(sub(facts.forms.of(s.hi), facts.forms.of(s.lo)), -1);
        facts.assuming([trips], () => this.block(s.body, place, 0, inside, guards));
      } else {
        this.block(s.cond, place, 0, inside, guards);
        const test = s.cond.yields[0] as Operand;
        const tested = facts.conditions(test, true);
        facts.testedSteps(s, tested);
        const going = [...guards, { cond: test, holds: true, depth: inside.length, of: place.id }];
        this.going.set(s, going);
        facts.assuming(tested, () => this.block(s.body, place, 1, inside, going));
      }
    } else {
      for (const [branch, b] of blocksOf(s).entries()) this.block(b, place, branch, loops, guards);
    }
  }

  relate(a: Place, b: Place): Relation {
    const x = chainOf(a);
    const y = chainOf(b);
    let common = 0;
    for (let d = 0; ; d++) {
      const p = x[d];
      const q = y[d];
      const above = x[d - 1]?.stmt;
      // The loop above is around both, if there is something below on either side.
      if ((above?.kind === "for" || above?.kind === "while") && p !== undefined && q !== undefined) common++;
      if (p === undefined || q === undefined) {
        return { order: p === q ? "same" : p === undefined ? "around" : "inside", common };
      }
      if (p.branch !== q.branch) {
        const order = above?.kind === "if" ? "exclusive" : p.branch < q.branch ? "before" : "after";
        return { order, common };
      }
      if (p.position !== q.position) return { order: p.position < q.position ? "before" : "after", common };
    }
  }
}

/** The statements around a place, outermost first, and its own last. */
function chainOf(place: Place): readonly Place[] {
  const chain: Place[] = [];
  for (let p: Place | null = place; p !== null; p = p.parent) chain.unshift(p);
  return chain;
}
