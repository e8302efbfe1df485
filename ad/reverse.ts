/**
 * Reverse mode: from `f` to `f_vjp(args…, adjoints…)`, which runs `f` and then takes adjoints of its outputs back to adjoints of its
 * inputs. It makes the tape and calls the two halves of pair.ts: as one function where the tape's size is a formula, as a launch
 * program where it has to be counted first, or where the tape may be too large and a loop is checkpointed instead (checkpoint.ts).
 */
import { Builder, floatConst } from "../compiler/ir/build.ts";
import type { ArrayValue, Func, Scalar } from "../compiler/ir/ir.ts";
import { checkpointed } from "./checkpoint.ts";
import { withEnds } from "./ends.ts";
import { explain } from "./explain.ts";
import { excess, requireBudget, requirePlaces } from "./over-budget.ts";
import { type Limits, Pair } from "./pair.ts";
import type { Derived, Wanted } from "./wanted.ts";

export interface Reversed extends Derived {
  /** The functions that it calls. */
  readonly parts: readonly Func[];
}

/** @param prepared (prepare.ts), and clean. */
export function reverseMode(prepared: Func, wanted: Wanted, name: string, limits: Limits): Reversed {
  const f = withEnds(prepared);
  const pair = new Pair(f, wanted, name, limits);
  if (limits.inParallel) requirePlaces(pair);
  const extra = [...pair.arrays, ...[...pair.seeds.keys()].map((result) => ({ result }))];
  const { budget } = limits;
  const inSegments = budget === null ? null : checkpointed(f, wanted, pair, name, limits);
  if (inSegments === null && limits.isStrict && budget !== null) requireBudget(pair, budget);
  const { func, parts } = inSegments ?? plain(f, pair, name, limits);
  return {
    func,
    parts,
    extra,
    results: pair.scalars,
    keeps: pair.keeps,
    restores: inSegments?.restores ?? pair.restores,
    decisions: {
      ...explain(pair),
      checkpoints: inSegments && { at: inSegments.loop.loc.span, budget: budget as number },
    },
  };
}

function plain(f: Func, pair: Pair, name: string, { budget, isStrict }: Limits): Pick<Reversed, "func" | "parts"> {
  const x = new Builder(f.loc);
  const args = f.params as readonly (Scalar | ArrayValue)[];
  const counts = pair.counted(x, args);
  if (isStrict && budget !== null && pair.sites.size > 0) {
    const bytes = pair.tapeBytes(x, (p) => p, counts);
    x.limit(bytes, budget, excess(pair, null));
  }
  const locals = pair.makeLocals(x, (p) => p);
  const tape = pair.makeTape(x, (p) => p, counts);
  const results = x.call(pair.fwd.name, [...args, ...locals, ...tape], pair.fwd.results);
  const starts = pair.scalars.map((v) => floatConst(v.type, 0));
  const all = [...args, ...locals, ...tape, ...pair.adjointParams, ...starts];
  const adjoints = x.call(pair.rev.name, all, pair.rev.results);
  const func: Func = {
    ...f,
    kind: pair.count === null ? "func" : "host",
    name,
    params: [...f.params, ...pair.adjointParams],
    results: [...f.results, ...pair.rev.results],
    body: x.block([...results, ...adjoints]),
  };
  return { func, parts: pair.funcs };
}
