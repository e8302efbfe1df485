/**
 * What is said of a tape that exceeds its budget, when a kernel is compiled or launched: which store destroys what most of it is for, which read needs the old value, and
 * ways out.
 */
import { isConstant } from "../compiler/analysis/polynomial.ts";
import { elemBytes } from "../compiler/artifact.ts";
import { CompileError, type Diagnostic, type Span } from "../compiler/diagnostic.ts";
import { arrayIn, isConst, type Limit, type Scalar, type Stmt } from "../compiler/ir/ir.ts";
import { adCodes } from "./codes.ts";
import { growthOf, growthOfArrays, keepingCost } from "./cost.ts";
import { isRegion } from "./custom.ts";
import { inverseOf } from "./inverse.ts";
import type { Need } from "./needs.ts";
import type { Pair } from "./pair.ts";
import { planFor } from "./plan.ts";
import { isLoad, isLoop, isWrite, type Write } from "./program.ts";
import { SourceText } from "./source-text.ts";
import { type Kept, type Site, sizeOf } from "./tape.ts";

/**
 * Refuses a tape that is too large whatever the sizes are.
 *
 * @throws CompileError (TG2005)
 */
export function requireBudget(pair: Pair, budget: number): void {
  const sites = [...pair.sites.values()];
  const least = sites.map((s) => leastBytes(pair, s)).reduce((a, b) => a + b, 0);
  if (least <= budget) return;
  const isAll = sites.every(isFixed);
  const fixed = sites.filter((s) => leastBytes(pair, s) > 0);
  const site = largest(fixed, (s) => leastBytes(pair, s));
  const { name, store, read } = new Causes(pair).of(site.key);
  const bytes = isAll ? `${least} bytes` : `${least} bytes or more, whatever the sizes`;
  const { kind } = adCodes.TG2005;
  const diagnostic: Diagnostic = {
    kind,
    code: "TG2005",
    message: `the gradient of \`${pair.program.func.name}\` keeps ${bytes}, more than its tapeBudget of ${budget}: ${share(fixed)} for ${name}, ${store.says("here")}`,
    at: store.at,
    ...(read === null ? {} : { related: [{ message: read.says("here"), at: read.at }] }),
    help: waysOut(pair, site.key, name, isAll ? least : null, false),
  };
  throw new CompileError([diagnostic]);
}

/**
 * Refuses stacks inside loops whose iterations run at the same time: each would have to know how much others push, which only counting
 * before, inside of the launch, would tell.
 *
 * @throws CompileError (TG2006)
 */
export function requirePlaces(pair: Pair): void {
  const { program } = pair;
  const aroundOf = ({ key }: Site): readonly Stmt[] =>
    key.kind === "value" ? program.loopsOf(key) : program.loopsAround(key);
  const isParallel = (s: Stmt): boolean => s.kind === "for" && s.mode !== "seq";
  const site = [...pair.sites.values()].find((s) => s.counter !== null && aroundOf(s).some(isParallel));
  if (site === undefined) return;
  const { name, store, read } = new Causes(pair).of(site.key);
  const { kind, help } = adCodes.TG2006;
  const diagnostic: Diagnostic = {
    kind,
    code: "TG2006",
    message: `the gradient of \`${program.func.name}\` would have to count inside a parallel loop how often it keeps ${name}: ${store.says("here")}`,
    at: store.at,
    ...(read === null ? {} : { related: [{ message: read.says("here"), at: read.at }] }),
    help,
  };
  throw new CompileError([diagnostic]);
}

/** What a launch says that would exceed the budget. `loop` is the one that runs again from snapshots even so. */
export function excess(pair: Pair, loop: Stmt | null): Pick<Limit, "message" | "help"> {
  const site = largest([...pair.sites.values()], (s) => keepingBytes(pair, s));
  const { name, store, read } = new Causes(pair).of(site.key);
  const inSegments =
    loop === null
      ? ""
      : `that is with the loop ${nameOf(loop.loc.span)} run again from snapshots; of the tape itself, `;
  const needed = read === null ? "" : `; ${read.says(nameOf(read.at))}`;
  return {
    message: `${inSegments}${share([...pair.sites.values()])} for ${name}, ${store.says(nameOf(store.at))}${needed}`,
    help: waysOut(pair, site.key, name, null, loop !== null),
  };
}

const nameOf = ({ file, line }: Span): string => `at ${file}:${line}`;
const share = (sites: readonly Site[]): string => (sites.length === 1 ? "all" : "the largest part");

/** The bytes of a site that no argument makes fewer. */
function leastBytes(pair: Pair, site: Site): number {
  const size = sizeOf(site);
  if (size === null) return elemBytes.index;
  if (!isFixed(site)) return 0;
  return size.reduce((n, { form, divisor }) => n + Math.floor(form.constant / divisor), 0) * pair.bytesOf(site.elem);
}

const isFixed = (site: Site): boolean => sizeOf(site)?.every(({ form }) => isConstant(form)) ?? false;

/** The bytes of a site, as far as a glance at the loops says. */
function keepingBytes(pair: Pair, site: Site): number {
  return isFixed(site) ? leastBytes(pair, site) : keepingCost(pair.program, site.key);
}

const largest = (sites: readonly Site[], bytes: (s: Site) => number): Site =>
  sites.reduce((most, s) => (bytes(s) > bytes(most) ? s : most));

interface Place {
  /** A clause with the place in it: `here`, or its file and line. */
  readonly says: (here: string) => string;
  readonly at: Span;
}
interface Cause {
  /** What is kept, as the source has it. */
  readonly name: string;
  readonly store: Place;
  readonly read: Place | null;
}

/** Why the tape keeps what it keeps. */
class Causes {
  private readonly pair: Pair;
  private readonly text: SourceText;

  constructor(pair: Pair) {
    this.pair = pair;
    this.text = new SourceText(pair.program);
  }

  of(key: Kept): Cause {
    const [text, at] = this.text.kept(key);
    if (key.kind === "while") {
      const inside = this.pair.program.stmts.find((s) => s !== key && this.isReversedIn(s, key));
      const says = (here: string): string => `the way back makes as many, for what is computed ${here}`;
      const read = inside === undefined ? null : { says, at: inside.loc.span };
      return { name: "the numbers of trips", store: { says: (here) => `which data decide ${here}`, at }, read };
    }
    const need = this.needOf(key);
    const name = `\`${text}\``;
    if (key.kind !== "value") return { name, store: { says: destroyed("which"), at }, read: this.read(need) };
    return { name, store: this.goneBy(key, need, at), read: this.read(need) };
  }

  private isReversedIn(s: Stmt, loop: Stmt): boolean {
    const { program, plan } = this.pair;
    return program.isInside(s, loop) && plan.needs.has(s) && !isLoop(s);
  }

  /** What first asks for a value that comes to `key`, or is it: the value, and the statement whose derivative it is for. */
  private needOf(key: Write | Scalar): Found | null {
    const { plan, program } = this.pair;
    const seen = new Map<Scalar, Set<Stmt>>();
    const find = ({ operand: v, at }: Need, by: Stmt): Found | null => {
      if (v.kind === "const" || seen.get(v)?.has(at)) return null;
      seen.set(v, (seen.get(v) ?? new Set()).add(at));
      if (v === key) return { value: v, at, by };
      if (plan.kept.has(v)) return null;
      const { destroyers, from } = plan.access(v, at);
      if (key.kind !== "value" && destroyers.includes(key)) return { value: v, at, by };
      return first(from, (need) => find(need, by));
    };
    const asked = first(plan.needs.all, (need) => find(need, need.at));
    if (asked !== null) return asked;
    const undone = first([...plan.undone], ([w, { by }]) => find({ operand: by, at: w }, w));
    if (undone !== null || key.kind === "value") return undone;
    const isReader = (s: Stmt): boolean =>
      s.kind === "call" && plan.needs.has(s) && s.args.some((a) => isRegion(a) && arrayIn(a) === key.array);
    const call = program.stmts.find(isReader);
    return call === undefined ? null : { value: null, at: call, by: call };
  }

  private read(need: Found | null): Place | null {
    if (need === null) return null;
    const { value: v, by } = need;
    const def = v === null ? null : this.pair.program.defOf(v);
    const isRead = def?.kind === "let" && isLoad(def.stmt);
    const what = v === null ? "what was passed" : `\`${this.text.of(v)}\``;
    const purpose = this.purpose(by);
    if (isRead) return { says: (here) => `${what}, read ${here}, is needed ${purpose}`, at: def.stmt.loc.span };
    return { says: (here) => `${what} is needed ${here} ${purpose}`, at: by.loc.span };
  }

  /** What the statement needs primal values for. */
  private purpose(s: Stmt): string {
    if (s.kind === "let") return `for the derivative of \`${this.text.of(s.result)}\``;
    if (s.kind === "call") return `by the adjoint of \`${s.callee}\``;
    if (s.kind === "if") return "to go back through the branch that was taken";
    if (isLoop(s)) return "to go back through the loop";
    return isWrite(s) ? `for the adjoint of \`${this.text.element(s.array, s.index)}\`` : "on the way back";
  }

  /** What is gone of the things that a value is computed from, and by what. */
  private goneBy(v: Scalar, need: Found | null, at: Span): Place {
    const { program, plan } = this.pair;
    const seen = new Set<Scalar>();
    const find = (o: Scalar, where: Stmt): Place | null => {
      if (seen.has(o)) return null;
      seen.add(o);
      const { lost, destroyers, from } = plan.access(o, where);
      const gone = lost ?? destroyers[0];
      if (gone === undefined) return first(from, (n) => (n.operand.kind === "const" ? null : find(n.operand, n.at)));
      const name = o === v ? "which" : `computed from \`${this.text.of(o)}\`, which`;
      if (isWrite(gone)) return { says: destroyed(name), at: gone.loc.span };
      const def = program.defOf(o);
      if (def.kind !== "carried") return { says: (here) => `${name} comes of what is run ${here}`, at: gone.loc.span };
      const next = def.loop.body.yields[def.at];
      const span = next?.kind === "value" && next !== o ? this.text.spanOf(next) : gone.loc.span;
      return { says: (here) => `${name} is replaced ${here} in every trip`, at: span };
    };
    const found = need === null ? null : find(v, need.at);
    return found ?? { says: (here) => `which is computed ${here} from what takes more`, at };
  }
}

const destroyed =
  (name: string) =>
  (here: string): string =>
    `${name} is destroyed ${here}`;

interface Found {
  /** Null for an array that was passed on whole. */
  readonly value: Scalar | null;
  /** Where it is needed. */
  readonly at: Stmt;
  /** The statement whose derivative asks for it. */
  readonly by: Stmt;
}

function first<T, R>(list: readonly T[], f: (x: T) => R | null): R | null {
  for (const x of list) {
    const found = f(x);
    if (found !== null) return found;
  }
  return null;
}

/** `enough` are the bytes that would do, where they are known. */
function waysOut(pair: Pair, key: Kept, name: string, enough: number | null, isSegmented: boolean): string {
  const around = key.kind === "while" ? "what the loop computes" : name;
  return [
    `raise \`tapeBudget\`${enough === null ? "" : ` to ${enough}`}`,
    ...(isUndoable(pair, key) ? ["allow `undo: true`, which takes the update back"] : []),
    ...(isSegmented ? [] : segmentable(pair, key)),
    `put \`stopGradient(…)\` around ${around} where that part of the derivative is not wanted`,
  ].join("; or ");
}

/** What would let a loop run again from snapshots instead (checkpoint.ts), where something would. */
function segmentable({ program, sites, count }: Pair, key: Kept): readonly string[] {
  const again = "so that the outermost can run again from snapshots";
  if (count !== null) return [`give all loops bounds that follow from sizes and scalar parameters, ${again}`];
  const site = sites.get(key);
  const [outer] = key.kind === "value" ? program.loopsOf(key) : program.loopsAround(key);
  const hasFixedTrips = outer?.kind === "for" && isConst(outer.lo) && isConst(outer.hi);
  if (site === undefined || !hasFixedTrips || growthOf(site) + 1 <= growthOfArrays(program.func)) return [];
  return ["let a parameter say how many steps the outermost loop makes, so that it can run again from snapshots"];
}

/** Would the gradient take the update back, if it were allowed to? */
function isUndoable({ program, activity, analysis }: Pair, key: Kept): boolean {
  if (key.kind === "value" || key.kind === "while") return false;
  if (inverseOf(program, analysis, program.stmts.filter(isWrite), key) === null) return false;
  return !planFor(program, activity, analysis, true).records.has(key);
}
