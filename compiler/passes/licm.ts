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
 * except integer division. A load may be where it is surely in bounds: for subscripts that the loops around, running at
 * that moment, keep within the array; or where the loop surely makes a trip and nothing before the load may fail. It moves
 * only past loops that write its array nowhere; arrays never overlap, so that is enough. What stands in a branch stays
 * there.
 *
 * Needs: to stand after inline (as `cse`). Loops that a grid or its threads run keep what they have: where values of
 * theirs live is the mapping's business.
 */
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
import { isSpeculable, writtenWithin } from "./effects.ts";
import { same } from "./simplify-rule.ts";

export const licm: Pass = funcPass("licm", "moves what a loop computes anew each time out of it", (f: Func) => {
  const body = inBlock(f.body, []);
  return body === f.body ? f : { ...f, body };
});

type Loop = For | While;

/** `around` are the loops that are running when the block does, outermost first. */
function inBlock(b: Block, around: readonly Loop[]): Block {
  let changed = false;
  const stmts: Stmt[] = [];
  for (const s of b.stmts) {
    const inner = s.kind === "for" || s.kind === "while" ? [...around, s] : around;
    const done = mapBlocks(s, (block) => inBlock(block, inner));
    if (done.kind === "for" || done.kind === "while") {
      const { moved, loop } = hoist(done, around);
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
function hoist(loop: Loop, around: readonly Loop[]): { readonly moved: readonly Let[]; readonly loop: Loop } {
  const stays = loop.kind === "for" && /^(grid|threads)/.test(loop.mode);
  if (stays) return { moved: [], loop };
  const moved: Let[] = [];
  const place: Place = { around, written: writtenWithin(loop), variant: new Set(loop.carried) };
  if (loop.kind === "for") place.variant.add(loop.index);
  const out = mapBlocks(loop, (b) => {
    // A while's test runs before anything else does, at least once.
    let certain = loop.kind === "for" ? runs(loop) : b === loop.cond;
    const kept = b.stmts.filter((s) => {
      if (s.kind === "let" && movable(s, place, certain)) {
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
  readonly around: readonly Loop[];
  /** Arrays that the loop writes. */
  readonly written: ReadonlySet<ArrayValue>;
  /** Values that the loop binds. */
  readonly variant: Set<Value>;
}

/** `certain`: the statement runs whenever the loop is reached. */
function movable(s: Let, place: Place, certain: boolean): boolean {
  const { expr } = s;
  const isInvariant = (o: Operand): boolean => o.kind === "const" || !place.variant.has(o);
  if (!operandsOf(expr).every(isInvariant)) return false;
  if (expr.kind !== "load") return certain || isSpeculable(expr);
  if (place.written.has(expr.array) || place.variant.has(expr.array)) return false;
  return certain || mayLoadAlways(expr, place.around);
}

/** Does the loop make a trip, whatever the sizes? */
const runs = (s: For): boolean => isConst(s.lo) && isConst(s.hi) && s.lo.value < s.hi.value;

/** The access is in bounds wherever `running` loops run, whatever else the program does there. */
function mayLoadAlways(load: Load, running: readonly Loop[]): boolean {
  return load.index.every((o, axis) => {
    const size = load.array.type.dims[axis] as Operand;
    if (o.kind === "const") return isConst(size) && Number(o.value) >= 0 && o.value < size.value;
    const loop = running.find((l): l is For => l.kind === "for" && l.index === o);
    if (loop === undefined || !isConst(loop.lo) || Number(loop.lo.value) < 0) return false;
    if (isConst(loop.hi) && isConst(size)) return loop.hi.value <= size.value;
    return same(loop.hi, size);
  });
}
