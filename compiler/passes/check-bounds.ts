/**
 * Makes every access safe: what the sizes can show to be inside is left alone and, where it takes an inequality between
 * sizes, the function requires it; what stays unknown is checked before it happens.
 *
 *   for %i in seq(0, %n) {              requires %m - %n >= 0
 *     %k: index = load %P[%i]           for %i in seq(0, %n) {
 *     store %A[%k], %x             =>     %k: index = load %P[%i]
 *   }                                     check %A axis 0 at %k
 *                                         store %A[%k], %x
 *                                       }
 *
 * Needs: calls inlined (sizes of the callers' arrays are known then; a function that is still called, because the call has
 * an adjoint, can require nothing, and checks), and loops as written: later passes move accesses
 * only to where they are as safe. Host functions stay as they are: what these load they know to be inside. With `all`, what
 * would have needed a requirement is checked instead: the version that runs where the requirements do not hold.
 */
import { analyseBounds } from "../analysis/bounds.ts";
import { polynomialKey } from "../analysis/polynomial.ts";
import type { Block, Check, Func, Requirement, Scalar, Stmt } from "../ir/ir.ts";
import { mapBlocks, mapList, mapStmts } from "../ir/walk.ts";
import type { Pass } from "../pass.ts";

/** `none` leaves the checks out that `assume` makes: no program for use, only for measuring what they cost. */
export type ChecksMode = "assume" | "all" | "none";

export const checkBounds = (mode: ChecksMode): Pass => ({
  name: mode === "assume" ? "check-bounds" : `check-bounds-${mode}`,
  summary: "proves accesses inside, requires what sizes must meet, checks the rest",
  run(m) {
    const funcs = mapList(m.funcs, (f) =>
      f.kind === "host" ? f : checkFunc(f, f.exported || mode === "none" ? mode : "all"),
    );
    return funcs === m.funcs ? m : { ...m, funcs };
  },
});

function checkFunc(func: Func, mode: ChecksMode): Func {
  const checks = new Map<Stmt, Check[]>();
  const requires = new Requirements(func.requires);
  analyseBounds(func, ({ array, axis, index, stmt }, verdict) => {
    if (verdict.kind === "inside") return;
    if (verdict.kind === "when") {
      // With every access checked, nothing needs to be required.
      if (mode !== "all") {
        for (const r of verdict.requires) requires.add(r);
        return;
      }
    }
    if (mode === "none") return;
    const list = checks.get(stmt) ?? [];
    list.push({ kind: "check", array, axis, index, loc: stmt.loc });
    checks.set(stmt, list);
  });
  const body = checks.size === 0 ? func.body : dropRepeated(insert(func.body, checks));
  const all = requires.all();
  const same = all.length === func.requires.length && all.every((r, i) => r === func.requires[i]);
  return body === func.body && same ? func : { ...func, body, requires: all };
}

const insert = (body: Block, checks: ReadonlyMap<Stmt, readonly Check[]>): Block =>
  // Only statements without blocks access arrays, so that the very objects of the analysis are met here.
  mapStmts(body, (s) => [...(checks.get(s) ?? []), s]);

/** Drops checks that an earlier one on the way already made. */
function dropRepeated(b: Block, outer: ReadonlySet<string> = new Set(), ids = new Map<object, number>()): Block {
  const id = (o: object): number => {
    const known = ids.get(o) ?? ids.size;
    ids.set(o, known);
    return known;
  };
  const seen = new Set(outer);
  const stmts: Stmt[] = [];
  for (const s of b.stmts) {
    if (s.kind === "check") {
      const index = s.index.kind === "const" ? `#${s.index.value}` : String(id(s.index));
      const key = `${id(s.array)} ${s.axis} ${index}`;
      if (seen.has(key)) continue;
      seen.add(key);
    }
    stmts.push(mapBlocks(s, (inner) => dropRepeated(inner, seen, ids)));
  }
  const same = stmts.length === b.stmts.length && stmts.every((s, i) => s === b.stmts[i]);
  return same ? b : { stmts, yields: b.yields };
}

/**
 * Requirements without those that others imply: of the same terms, the smallest constant is the strongest. What makes an
 * access certain is kept beside what is stronger, but only checked.
 */
class Requirements {
  private readonly certain = new Map<string, Requirement>();
  private readonly checked = new Map<string, Requirement>();
  private readonly ids = new Map<Scalar, number>();

  constructor(known: readonly Requirement[]) {
    for (const r of known) this.add(r);
  }
  add(r: Requirement): void {
    const list = r.when === null ? this.checked : this.certain;
    const key = polynomialKey(r.need, this.ids);
    const known = list.get(key);
    if (known === undefined || r.need.constant < known.need.constant) list.set(key, r);
  }
  all(): readonly Requirement[] {
    const implied = (key: string, r: Requirement): boolean => {
      const other = this.certain.get(key);
      return other !== undefined && other.need.constant <= r.need.constant;
    };
    const checked = [...this.checked].filter(([key, r]) => !implied(key, r)).map(([, r]) => r);
    return [...this.certain.values(), ...checked];
  }
}
