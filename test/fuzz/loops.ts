/** Random loops: they all end, and their counters are inside of the axes that the scope then knows of. */
import type { Fact, Scope } from "./scope.ts";
import { type Made, Statements } from "./statements.ts";
import { type Block, type Expr, type Stmt, stmt } from "./tree.ts";

/** A loop's head, what holds in its body, and what stands before it. */
export interface Head {
  readonly parts: readonly (string | Expr)[];
  readonly facts: readonly Fact[];
  readonly once: string;
  readonly before?: readonly Stmt[];
  /** What the loop's variables are called, where statements in it may read (never assign) them. */
  readonly reads?: readonly string[];
  /** Floats that the loop keeps for itself, which statements in it may assign as well. */
  readonly floats?: readonly string[];
  /** Open the body. */
  readonly first?: readonly Stmt[];
  /** Close the body. */
  readonly last?: readonly Stmt[];
  readonly after?: readonly (string | Expr)[];
}

export class Loops extends Statements {
  /** The forms of loops, each with how often it is to be made. */
  protected heads(s: Scope): readonly (readonly [number, () => Head])[] {
    return [
      [7, () => this.overAxis(s)],
      [3, () => this.stencil(s)],
      [3, () => this.fromCounter(s)],
      [2, () => this.twoCounters(s)],
      [this.tame ? 0 : 1, () => this.floatBound(s)],
      [1, () => this.growingStep(s)],
      [1, () => this.movingBound(s)],
      [2, () => this.whileLoop(s)],
      [1, () => this.doLoop(s)],
    ];
  }

  loop(s: Scope): Made {
    const label = this.once(4) ? this.fresh("loop") : null;
    const head = this.weighted(this.heads(s))();
    const reads = [
      ...(head.reads ?? []).map((name) => ({ name, type: "int" as const, mutable: false })),
      ...(head.floats ?? []).map((name) => ({ name, type: "real" as const, mutable: true })),
    ];
    const inner: Scope = {
      ...s,
      vars: [...s.vars, ...reads],
      facts: [...s.facts, ...head.facts],
      loops: [...s.loops, { label }],
    };
    const body = this.block(inner, 4, head.last === undefined);
    const whole: Block = { ...body, stmts: [...(head.first ?? []), ...body.stmts, ...(head.last ?? [])] };
    const loop: Stmt = {
      ...stmt(label === null ? "" : `${label}: `, ...head.parts, whole, ...(head.after ?? [])),
      once: head.once,
    };
    return { stmts: [...(head.before ?? []), loop], scope: s };
  }

  protected axis(s: Scope): string {
    const dims = s.arrays.flatMap((a) => a.dims);
    return dims.length === 0 ? "3" : this.pick(dims);
  }

  private overAxis(s: Scope): Head {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const type = this.once(10) ? ": i32" : this.once(20) ? ": number" : "";
    const step = this.pick(["i++", "i++", "i++", "i += 1", "i += 2", "i = i + 3", "++i"]).replaceAll("i", i);
    const [text, first] = this.weighted<readonly [string, string]>([
      [6, [`for (let ${i}${type} = 0; ${i} < ${dim}; ${step}) `, "0"]],
      [2, [`for (let ${i}${type} = ${dim} - 1; ${i} >= 0; ${i}--) `, `${dim} - 1`]],
      [1, [`for (let ${i} = ${dim} - 1; ${i} >= 0; ${i} -= 2) `, `${dim} - 1`]],
      [1, [`for (let ${i} = ${dim} - 1; ${i} > -1; ${i}--) `, `${dim} - 1`]],
      [1, [`for (let ${i} = 1; ${i} < ${dim}; ${step}) `, "1"]],
      [1, [`for (let ${i} = 0; ${i} <= ${dim} - 1; ${step}) `, "0"]],
      [1, [`for (let ${i} = 0; ${dim} > ${i}; ${step}) `, "0"]],
      [1, [`for (let ${i} = 0; ${i} !== ${dim}; ${i}++) `, "0"]],
    ]);
    return { parts: [text], facts: [{ text: i, dim }], once: `const ${i} = ${first};` };
  }

  /** Over what has neighbours: recurrences and stencils. */
  private stencil(s: Scope): Head {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const [text, facts] = this.pick<readonly [string, readonly string[]]>([
      [`for (let ${i} = 1; ${i} < ${dim}; ${i}++) `, [`${i} - 1`]],
      [`for (let ${i} = 1; ${i} < ${dim} - 1; ${i}++) `, [`${i} - 1`, `${i} + 1`]],
      [`for (let ${i} = 0; ${i} + 1 < ${dim}; ${i}++) `, [`${i} + 1`]],
      [`for (let ${i} = ${dim} - 2; ${i} >= 0; ${i}--) `, [`${i} + 1`]],
      [`for (let ${i} = ${dim} - 1; ${i} > 0; ${i} -= 2) `, [`${i} - 1`]],
    ]);
    return {
      parts: [text],
      facts: [...facts, i, i].map((at) => ({ text: at, dim })),
      once: `const ${i} = 1;`,
    };
  }

  /** Triangular: bounded by a counter of a loop around it. */
  private fromCounter(s: Scope): Head {
    const names = s.facts.filter((f) => /^\w+$/.test(f.text) && f.text !== "0");
    if (names.length === 0) return this.overAxis(s);
    const { text: t, dim } = this.pick(names);
    const i = this.fresh("j");
    const [text, first] = this.pick<readonly [string, string]>([
      [`for (let ${i} = ${t}; ${i} < ${dim}; ${i}++) `, t],
      [`for (let ${i} = ${t} + 1; ${i} < ${dim}; ${i}++) `, t],
      [`for (let ${i} = 0; ${i} < ${t}; ${i}++) `, "0"],
      [`for (let ${i} = 0; ${i} <= ${t}; ${i} += 2) `, "0"],
      [`for (let ${i} = ${t}; ${i} >= 0; ${i}--) `, t],
      [`for (let ${i} = ${t} - 1; ${i} >= 0; ${i} -= 2) `, t],
      [`for (let ${i} = ${dim} - 1; ${i} > ${t}; ${i}--) `, t],
    ]);
    return { parts: [text], facts: [{ text: i, dim }], once: `const ${i} = ${first};` };
  }

  private twoCounters(s: Scope): Head {
    const dim = this.axis(s);
    const [i, j] = [this.fresh("i"), this.fresh("j")];
    const both = [i, j].map((text) => ({ text, dim }));
    return this.pick<Head>([
      {
        parts: [`for (let ${i} = 0, ${j} = ${dim} - 1; ${i} < ${j}; ${i}++, ${j}--) `],
        facts: both,
        once: `const ${i} = 0, ${j} = 0;`,
      },
      {
        parts: [`for (let ${i} = 0, ${j} = ${dim} - 1; ${j} >= ${i}; ${i} += 1, ${j} -= 2) `],
        facts: both,
        once: `const ${i} = 0, ${j} = 0;`,
      },
      {
        parts: [`for (let ${i} = 0, ${j} = 3; ${i} < ${dim}; ${i}++, ${j} -= 2) `],
        facts: [{ text: i, dim }],
        reads: [j],
        once: `const ${i} = 0, ${j} = 3;`,
      },
      {
        parts: [`for (let ${i} = 0, ${j} = 0; ${i} < ${dim} && ${j} < 7; ${i}++, ${j} += ${i}) `],
        facts: [{ text: i, dim }],
        reads: [j],
        once: `const ${i} = 0, ${j} = 0;`,
      },
    ]);
  }

  private floatBound(s: Scope): Head {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const bound = this.pick<(e: Expr) => (string | Expr)[]>([
      (e) => ["Math.min(", e, `, ${dim})`],
      (e) => [`Math.min(${dim}, `, e, " * 0.5)"],
      (e) => [`Math.min(Math.abs(`, e, `), ${dim} - 0.5)`],
    ])(this.real(s, 1));
    return {
      parts: [`for (let ${i} = 0; ${i} < `, ...bound, `; ${i}++) `],
      facts: [{ text: i, dim }],
      once: `const ${i} = 0;`,
    };
  }

  /** The counter moves by what the body finds, or the body moves it on. */
  private growingStep(s: Scope): Head {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const head = { facts: [{ text: i, dim }], once: `const ${i} = 0;` };
    if (this.once(2)) {
      return { ...head, parts: [`for (let ${i} = 0; ${i} < ${dim}; ${i} += 1 + (`, this.int(s, 1), " & 1)) "] };
    }
    const skip = stmt("if (", this.bool({ ...s, facts: [...s.facts, ...head.facts] }, 1), `) ${i} += 2;`);
    return { ...head, parts: [`for (let ${i} = 0; ${i} < ${dim}; ${i}++) `], last: [skip] };
  }

  private movingBound(s: Scope): Head {
    const dim = this.axis(s);
    const [i, limit] = [this.fresh("i"), this.fresh("limit")];
    const inner: Scope = { ...s, facts: [...s.facts, { text: i, dim }] };
    return {
      before: [stmt(`let ${limit} = ${dim};`)],
      parts: [`for (let ${i} = 0; ${i} < ${limit}; ${i}++) `],
      facts: [{ text: i, dim }],
      once: `const ${i} = 0;`,
      reads: [limit],
      last: [stmt("if (", this.bool(inner, 1), `) ${limit}--;`)],
    };
  }

  private whileLoop(s: Scope): Head {
    const dim = this.axis(s);
    const [c, i] = [this.fresh("c"), this.fresh("i")];
    const count = [stmt(`let ${c} = ${this.pick(["0", "0", "1"])};`)];
    switch (this.below(4)) {
      case 0: {
        const guarded: Scope = { ...s, facts: [...s.facts, { text: c, dim }] };
        return {
          before: count,
          parts: [`while (${c} < ${dim} && `, this.bool(guarded, 2), ") "],
          // The step comes first: `continue` would pass over a later one.
          first: [stmt(`const ${i} = ${c};`), stmt(`${c}++;`)],
          facts: [{ text: i, dim }],
          once: "",
          reads: [c],
        };
      }
      case 1:
        return {
          before: count,
          parts: [`while (${c}++ < 4 && `, this.bool(s, 2), ") "],
          facts: [],
          once: "",
          reads: [c],
        };
      case 2:
        return { before: count, parts: [`for (; ${c} < ${dim}; ${c}++) `], facts: [{ text: c, dim }], once: "" };
      default:
        return {
          before: [stmt(`let ${c} = ${dim};`)],
          parts: [`while (--${c} >= 0) `],
          facts: [{ text: c, dim }],
          once: "",
          reads: [c],
        };
    }
  }

  private doLoop(s: Scope): Head {
    const c = this.fresh("c");
    const test = this.once(2) ? [" && ", this.bool(s, 1)] : [];
    return {
      before: [stmt(`let ${c} = 0;`)],
      parts: ["do "],
      after: [` while (++${c} < ${this.pick(["2", "3", "4"])}`, ...test, ");"],
      facts: [],
      once: "",
      reads: [c],
    };
  }
}
