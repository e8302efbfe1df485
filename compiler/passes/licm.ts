/**
 * Moves what a loop computes anew each time, though it never changes, to just before the loop.
 *
 *   for %j in seq(0, %n) {                       %p: f64 = mul %x, %y
 *     %p: f64 = mul %x, %y                       %a: f64 = load %A[%i]
 *     %a: f64 = load %A[%i]              =>      for %j in seq(0, %n) {
 *     %q: f64 = mul %a, %p                         %q: f64 = mul %a, %p
 *     store %C[%j], %q                             store %C[%j], %q
 *   }                                            }
 *
 * A loop may make no trip, so what moves is computed where the program may not have asked for it. Arithmetic may be,
 * except integer division. A load may be where the loops that are running at that moment, and the sizes, show it to be in
 * bounds (`analysis/facts.ts`); or where the loop surely makes a trip and nothing before the load may fail. It moves only
 * past loops that write its array nowhere; arrays never overlap, so that is enough. What stands in a branch stays there.
 *
 * Needs: to stand after inline (as `cse`). Loops that a grid or its threads run keep what they have: where values of
 * theirs live is the mapping's business. What the function requires of its sizes is not believed: the version that runs
 * where it does not hold looks the same.
 */

import { isSpeculable, writtenWithin } from "../analysis/effects.ts";
import { Facts } from "../analysis/facts.ts";
import { plus, sub } from "../analysis/polynomial.ts";
import {
  type ArrayValue,
  type Block,
  type For,
  type Func,
  isConst,
  type Let,
  type Load,
  type Operand,
  type Stmt,
  type Value,
  type While,
} from "../ir/ir.ts";
import { mapBlocks, operandsOf, resultsOf } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";

export const licm: Pass = funcPass("licm", "moves what a loop computes anew each time out of it", (f: Func) => {
  const facts = new Facts();
  facts.enter(f);
  const body = inBlock(f.body, facts);
  return body === f.body ? f : { ...f, body };
});

type Loop = For | While;

/** `facts` are of everything before the block; loops around it are running. */
function inBlock(b: Block, facts: Facts): Block {
  let changed = false;
  const stmts: Stmt[] = [];
  for (const s of b.stmts) {
    facts.define(s);
    facts.enterLoop(s);
    const done = mapBlocks(s, (block) => inBlock(block, facts));
    if (done.kind === "for" || done.kind === "while") {
      const { moved, loop } = hoist(done, facts);
      stmts.push(...moved, loop);
      changed ||= loop !== s;
    } else {
      stmts.push(done);
      changed ||= done !== s;
    }
  }
  return changed ? { stmts, yields: b.yields } : b;
}

/** The loop without what can stand before it. */
function hoist(loop: Loop, facts: Facts): { readonly moved: readonly Let[]; readonly loop: Loop } {
  const stays = loop.kind === "for" && /^(grid|threads)/.test(loop.mode);
  if (stays) return { moved: [], loop };
  const moved: Let[] = [];
  const place: Place = { facts, written: writtenWithin(loop), variant: new Set(loop.carried) };
  if (loop.kind === "for") place.variant.add(loop.index);
  const out = mapBlocks(loop, (b) => {
    // A while's test runs before anything else does, at least once.
    let certain = loop.kind === "for" ? runs(loop) : b === loop.cond;
    const kept = b.stmts.filter((s) => {
      if (s.kind === "let" && isMovable(s, place, certain)) {
        moved.push(s);
        return false;
      }
      for (const v of resultsOf(s)) place.variant.add(v);
      certain &&= s.kind === "let" || s.kind === "store" || s.kind === "accum" || s.kind === "alloc";
      return true;
    });
    return kept.length === b.stmts.length ? b : { stmts: kept, yields: b.yields };
  });
  return { moved, loop: out as Loop };
}

/** Where something would move out of a loop. */
interface Place {
  /** Of loops that are not running these say nothing that matters: a value that stays the same is bound outside of them. */
  readonly facts: Facts;
  /** Arrays that the loop writes. */
  readonly written: ReadonlySet<ArrayValue>;
  /** Values that the loop binds. */
  readonly variant: Set<Value>;
}

/** `certain`: the statement runs whenever the loop is reached. */
function isMovable(s: Let, place: Place, certain: boolean): boolean {
  const { expr } = s;
  const isInvariant = (o: Operand): boolean => o.kind === "const" || !place.variant.has(o);
  if (!operandsOf(expr).every(isInvariant)) return false;
  if (expr.kind !== "load") return certain || isSpeculable(expr);
  if (place.written.has(expr.array) || place.variant.has(expr.array)) return false;
  return certain || isInside(expr, place.facts);
}

/** Does the loop make a trip, whatever the sizes? */
const runs = (s: For): boolean => isConst(s.lo) && isConst(s.hi) && s.lo.value < s.hi.value;

/** The load is in bounds wherever its subscripts have their values, whatever else the program does there. */
function isInside(load: Load, facts: Facts): boolean {
  return load.index.every((o, axis) => {
    const at = facts.forms.of(o);
    const size = facts.forms.of(load.array.type.dims[axis] as Operand);
    return facts.shows(at) && facts.shows(plus(sub(size, at), -1));
  });
}
