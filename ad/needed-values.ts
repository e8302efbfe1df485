/**
 * The primal values that the reverse sweep needs, with where it has each from and why: the same way through the plan as the sweep
 * itself takes (backward.ts), put in words. Subscripts and bounds that follow from loops and sizes alone go without saying.
 */

import { loopName } from "../compiler/analysis/describe.ts";
import type { Span } from "../compiler/diagnostic.ts";
import { type ArrayValue, arrayIn, isFloat, type Let, prefixOf, type Scalar, type Stmt } from "../compiler/ir/ir.ts";
import type { Access } from "./access.ts";
import { isRegion } from "./custom.ts";
import { isEnd } from "./ends.ts";
import type { Need } from "./needs.ts";
import type { Pair } from "./pair.ts";
import { isLoad, isWrite, loadOf, type Write } from "./program.ts";
import type { Replay } from "./replay.ts";
import type { NeededValue, ValueCase } from "./report.ts";
import type { SourceText } from "./source-text.ts";

export interface Needed {
  /** In the order of the source; those of one name, line and case are one. */
  readonly values: readonly NeededValue[];
  /** Arrays of which the sweep reads nothing but what replays put there. */
  readonly replayed: ReadonlySet<ArrayValue>;
}

export const neededValues = (pair: Pair, text: SourceText): Needed => new NeededValues(pair, text).run();

class NeededValues {
  private readonly pair: Pair;
  private readonly text: SourceText;
  private readonly found = new Map<string, NeededValue>();
  private readonly seen = new Map<Scalar, Set<Stmt>>();
  private readonly replayed = new Set<ArrayValue>();
  private readonly read = new Set<ArrayValue>();

  constructor(pair: Pair, text: SourceText) {
    this.pair = pair;
    this.text = text;
  }

  run(): Needed {
    const { program, plan } = this.pair;
    for (const need of plan.needs.all) this.visit(need, true);
    for (const s of program.stmts) {
      if (!plan.needs.has(s)) continue;
      if (s.kind === "while") this.add("trips", s.loc.span, "recorded", "data decide how many the loop makes");
      if (s.kind === "call")
        for (const a of s.args.filter(isRegion)) this.region(s, arrayIn(a), this.text.element(arrayIn(a), prefixOf(a)));
    }
    const values = [...this.found.values()].sort((a, b) => a.at.line - b.at.line);
    return { values, replayed: new Set([...this.replayed].filter((a) => !this.read.has(a))) };
  }

  private add(name: string, at: Span, how: ValueCase, why: string): void {
    const key = `${at.file} ${at.line} ${how} ${name}`;
    if (!this.found.has(key)) this.found.set(key, { name, at, case: how, why });
  }

  /** Notes a value that is needed when the sweep has come to `at`, and all that it is computed from. */
  private visit({ operand: v, at }: Need, isWanted: boolean): void {
    if (v.kind === "const") return;
    const seen = this.seen.get(v) ?? new Set();
    this.seen.set(v, seen);
    const access = this.pair.plan.access(v, at);
    this.note(v, at, access, isWanted);
    if (seen.has(at)) return;
    seen.add(at);
    if (this.pair.plan.kept.has(v)) return;
    for (const need of access.from) this.visit(need, isWanted && this.isCast(v));
  }

  private note(v: Scalar, at: Stmt, access: Access, isWanted: boolean): void {
    const { program, plan } = this.pair;
    const def = program.defOf(v);
    const [name, span] = this.text.kept(v);
    if (plan.kept.has(v)) this.add(name, span, "recorded", `kept as soon as it is known: ${this.whyLost(v, at)}`);
    else if (access.copy !== null) this.copied(v, at, access.copy);
    else if (def.kind === "let" && isLoad(def.stmt)) this.loaded(def.stmt, at, access);
    else if (def.kind === "param") {
      if (isFloat(v.type)) this.add(name, at.loc.span, "live", "nothing changes a scalar parameter");
    } else if (isWanted && !this.isCast(v) && !this.isCounting(v, at))
      this.add(name, span, "recomputed", this.whyRecomputed(v, at));
  }

  private whyRecomputed(v: Scalar, at: Stmt): string {
    const from = new Set<string>();
    const visit = (o: Scalar, where: Stmt): void => {
      if (this.isCounting(o, where)) return;
      const { program, plan } = this.pair;
      const def = program.defOf(o);
      const { copy, from: operands } = plan.access(o, where);
      const isThere =
        plan.kept.has(o) || copy !== null || def.kind === "param" || (def.kind === "let" && isLoad(def.stmt));
      if (isThere) from.add(`\`${this.text.of(o)}\``);
      else for (const need of operands) if (need.operand.kind !== "const") visit(need.operand, need.at);
    };
    visit(v, at);
    return from.size === 0 ? "from sizes and constants alone" : `from ${[...from].join(", ")}`;
  }

  /** Is it its operand, as another type? */
  private isCast(v: Scalar): boolean {
    const def = this.pair.program.defOf(v);
    return def.kind === "let" && def.stmt.expr.kind === "cast";
  }

  /** Does it follow from sizes and the indices of loops alone? */
  private isCounting(v: Scalar, at: Stmt): boolean {
    const { program, plan } = this.pair;
    if (isFloat(v.type) || plan.kept.has(v)) return false;
    const def = program.defOf(v);
    if (def.kind === "let" && isLoad(def.stmt)) return false;
    const { copy, lost, from } = plan.access(v, at);
    return (
      copy === null &&
      lost === null &&
      from.every(({ operand: o, at: s }) => o.kind === "const" || this.isCounting(o, s))
    );
  }

  /** A value that a store left in memory. */
  private copied(v: Scalar, at: Stmt, store: Write): void {
    const [name, span] = this.text.kept(v);
    const holder = `\`${this.text.element(store.array, store.index)}\` (line ${store.loc.span.line})`;
    const isResult = at.kind === "let" && at.result === v;
    if (isResult) this.add(name, span, "result", `the rule reads the result, which ${holder} holds to the end`);
    else this.add(name, span, "live", `${holder} holds it to the end`);
    this.read.add(store.array);
  }

  private loaded(load: Let, at: Stmt, { destroyers, replay }: Access): void {
    const { array, index } = loadOf(load);
    const name = this.text.element(array, index);
    const { span } = load.loc;
    if (replay !== null) {
      this.add(name, span, "recomputed", this.again(replay));
      this.replay(replay, array);
      return;
    }
    this.read.add(array);
    if (destroyers.length === 0) this.add(name, span, "live", this.whyLive(load, at));
    const { undone } = this.pair.plan;
    for (const w of destroyers) {
      const why = this.whyOverwritten(load, w, at);
      if (undone.has(w)) this.add(name, span, "undone", `the update that destroys it is taken back: ${why}`);
      else this.add(name, span, "recorded", `the store that destroys it keeps the old value: ${why}`);
    }
  }

  private whyOverwritten(load: Let, w: Write, at: Stmt): string {
    if (!isEnd(w)) return this.pair.plan.lifeOf(w.array).overwrittenAfter(load, w, at).why;
    const home = this.pair.program.homeOf(w.array);
    return `\`${w.array.hint}\` is that of one iteration${home === null ? "" : ` of ${loopName(home)}`}, and ends with it`;
  }

  private whyLive(load: Let, at: Stmt): string {
    const { program, plan } = this.pair;
    const { array } = loadOf(load);
    const analysis = plan.lifeOf(array);
    const writes = program.stmts.filter((s): s is Write => isWrite(s) && s.array === array && !isEnd(s));
    if (writes.length === 0) return `nothing writes \`${array.hint}\``;
    const isInScope = program.within(at, program.placeOf(load).block) !== null;
    const answers = writes.map((w) =>
      isInScope ? analysis.overwrittenAfter(load, w, at) : analysis.overwrittenBetween(load, w, null),
    );
    const [only, ...others] = answers;
    if (only !== undefined && others.length === 0) return only.why;
    return `none of the ${writes.length} writes of \`${array.hint}\` reaches its element later`;
  }

  /** Why a value that is kept could not be had otherwise: of the first thing that is gone of what it is computed from. */
  private whyLost(v: Scalar, at: Stmt): string {
    const { program, plan } = this.pair;
    const seen = new Set<Scalar>();
    const find = (o: Scalar, where: Stmt): string | null => {
      if (seen.has(o)) return null;
      seen.add(o);
      const { lost, destroyers, from } = plan.access(o, where);
      const def = program.defOf(o);
      if (def.kind === "let" && isLoad(def.stmt)) {
        const isInScope = program.within(where, program.placeOf(def.stmt).block) !== null;
        const life = plan.lifeOf(loadOf(def.stmt).array);
        if (lost !== null) return life.overwrittenBetween(def.stmt, lost, isInScope ? where : null).why;
        const [first] = destroyers;
        if (first !== undefined) return this.whyOverwritten(def.stmt, first, where);
      }
      if (lost !== null) {
        const line = `line ${lost.loc.span.line}`;
        if (def.kind === "carried") return `the loop of ${line} replaces \`${this.text.of(o)}\` in every trip`;
        return lost.kind === "call"
          ? `the call of ${line} would have to run again`
          : `the loop of ${line} would have to run again`;
      }
      for (const { operand, at: next } of from) {
        const why = operand.kind === "const" ? null : find(operand, next);
        if (why !== null) return why;
      }
      return null;
    };
    return find(v, at) ?? "it takes less than to keep what it is computed from";
  }

  private again({ loop, slice }: Replay): string {
    const lines = [...slice.stmts].filter(isWrite).map((s) => s.loc.span.line);
    const [first, last] = [Math.min(...lines), Math.max(...lines)];
    const where = first === last ? `line ${first}` : `lines ${first} to ${last}`;
    const index = loop.kind === "for" ? `\`${loop.index.hint}\`` : `line ${loop.loc.span.line}`;
    return `${where} run again for the iteration of ${index}, which is cheaper than to keep it`;
  }

  /** What a replay writes, and reads besides. */
  private replay({ slice, destroyers }: Replay, needed: ArrayValue): void {
    const stmts = [...slice.stmts];
    const written = new Set(stmts.filter(isWrite).map((w) => w.array));
    for (const a of [needed, ...written]) this.replayed.add(a);
    for (const s of stmts) {
      if (!isLoad(s) || written.has(loadOf(s).array)) continue;
      const own = destroyers.filter((w) => w.array === loadOf(s).array);
      this.loaded(s, s, { lost: null, destroyers: own, from: [], copy: null, replay: null });
    }
  }

  /** An array, or a part of one, that an adjoint of the user's reads. */
  private region(call: Stmt, array: ArrayValue, name: string): void {
    const { plan } = this.pair;
    this.read.add(array);
    const record = [...plan.records].find((w) => w.array === array);
    const { span } = call.loc;
    if (record === undefined) this.add(name, span, "live", `nothing writes \`${array.hint}\` after the call`);
    else
      this.add(
        name,
        span,
        "recorded",
        `the store of line ${record.loc.span.line} destroys it, and keeps the old value`,
      );
  }
}
