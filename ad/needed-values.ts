/**
 * The primal values that the reverse sweep needs, with where it has each from and why: the same way through the plan as the sweep
 * itself takes (backward.ts), put in words.
 */
import type { Span } from "../compiler/diagnostic.ts";
import { type ArrayValue, arrayIn, isFloat, type Let, type Operand, type Scalar, type Stmt } from "../compiler/ir/ir.ts";
import { operandsOf } from "../compiler/ir/walk.ts";
import { isRegion } from "./custom.ts";
import type { Need } from "./needs.ts";
import type { Pair } from "./pair.ts";
import type { Access } from "./plan.ts";
import { isLoad, isWrite, loadOf, type Write } from "./program.ts";
import type { NeededValue, ValueCase } from "./report.ts";
import type { SourceText } from "./source-text.ts";

interface Found {
  readonly values: readonly NeededValue[];
  /** Arrays of which the sweep reads only what replays put there. */
  readonly replayed: ReadonlySet<ArrayValue>;
}

export class NeededValues {
  private readonly pair: Pair;
  private readonly text: SourceText;
  private readonly found = new Map<string, NeededValue>();
  private readonly seen = new Map<Scalar, Set<Stmt>>();
  private readonly replayed = new Set<ArrayValue>();
  private readonly reread = new Set<ArrayValue>();

  constructor(pair: Pair, text: SourceText) {
    this.pair = pair;
    this.text = text;
  }

  run(): Found {
    const { needs } = this.pair.plan;
    for (const need of needs.all) {
      if (need.operand.kind === "const") continue;
      if (!this.isStep(need.operand)) this.value(need.operand, need.at, true);
      this.visit(need);
    }
    for (const s of this.pair.program.stmts) {
      if (s.kind === "while" && needs.has(s)) this.add("trips", s.loc.span, "recorded", "the data decide how many the loop makes");
      if (s.kind === "call" && needs.has(s)) this.call(s);
    }
    const values = [...this.found.values()].sort((a, b) => a.at.line - b.at.line);
    return { values, replayed: new Set([...this.replayed].filter((a) => !this.reread.has(a))) };
  }

  /** Notes a value that is needed when the sweep has come to `at`, and all that it is computed from again. */
  private visit({ operand: v, at }: Need): void {
    if (v.kind === "const" || this.seen.get(v)?.has(at)) return;
    this.seen.set(v, (this.seen.get(v) ?? new Set()).add(at));
    const access = this.pair.plan.access(v, at);
    this.note(v, at, access);
    if (this.pair.plan.kept.has(v)) return;
    access.from.forEach((need) => void this.visit(need));
  }

  private note(v: Scalar, at: Stmt, access: Access): void {
    const { program, plan } = this.pair;
    const def = program.defOf(v);
    const span = this.text.spanOf(v);
    if (plan.kept.has(v)) this.add(this.text.of(v), span, "recorded", `kept where it is computed: ${this.whyLost(v, at)}`);
    else if (def.kind === "param") {
      if (isFloat(v.type)) this.add(v.hint, at.loc.span, "live", "nothing changes a scalar parameter");
    } else if (access.copy !== null) this.left(v, at, access.copy);
    else if (def.kind === "let" && isLoad(def.stmt)) this.load(def.stmt, at, access);
  }

  /** A value that a store left in memory. */
  private left(v: Scalar, at: Stmt, store: Write): void {
    const element = this.text.element(store.array, store.index);
    const where = `${element} (line ${store.loc.span.line}) holds it to the end`;
    const isResult = at.kind === "let" && at.result === v;
    this.add(this.text.of(v), this.text.spanOf(v), isResult ? "result" : "live", where);
  }
