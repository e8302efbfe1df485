/**
 * Random kernels for differentiation: smooth ones (smooth.ts) in which stand, often, the forms of programs that gradients have been wrong
 * on elsewhere (features.ts has the list).
 */
import { isFloat } from "./expressions.ts";
import type { GenerateOptions } from "./generate.ts";
import type { Head } from "./loops.ts";
import type { ArrayVariable, Scope, Signature, Variable } from "./scope.ts";
import { Smooth } from "./smooth.ts";
import type { Made } from "./statements.ts";
import { block, callOf, type Expr, expr, type Program, type Stmt, stmt } from "./tree.ts";

/** A program of `kernels` exported functions that are to be differentiated. */
export function generateGradients(seed: number, options: GenerateOptions): Program {
  return new Gradients(seed, options).program();
}

type Make = () => Made | null;

class Gradients extends Smooth {
  constructor(seed: number, options: GenerateOptions) {
    super(seed, options);
    this.rowFunctions();
  }

  /** Functions of rows, which may be rows of one array. */
  private rowFunctions(): void {
    const add = (
      name: string,
      result: Signature["result"],
      writable: readonly boolean[],
      body: readonly Stmt[],
    ): void => {
      const params = writable.map((w, k) => ({ name: `${name}_${"ab"[k]}`, type: `${w ? "" : "readonly "}f64[]` }));
      this.declare(name, params, result === "void" ? "void" : "f64", body);
      const types = writable.map((w) => ({ kind: "array" as const, elems: ["f64" as const], rank: 1, writable: w }));
      this.signatures.push({ name, params: types, result });
    };
    add(
      "rowDot",
      "real",
      [false, false],
      [
        stmt("let dot = 0.5;"),
        stmt(
          "for (let i = 0; i < rowDot_a.length && i < rowDot_b.length; i++) ",
          block([stmt("dot += 0.3 * rowDot_a[i] * soft(rowDot_b[i]);")]),
        ),
        stmt("return soft(dot);"),
      ],
    );
    add(
      "rowMix",
      "void",
      [true, false],
      [
        stmt("const limit = Math.min(rowMix_a.length, rowMix_b.length);"),
        stmt("for (let i = 0; i < limit; i++) ", block([stmt("rowMix_a[i] = soft(rowMix_a[i] * rowMix_b[i] + 0.5);")])),
      ],
    );
    add(
      "rowScan",
      "void",
      [true],
      [
        stmt(
          "for (let i = 1; i < rowScan_a.length; i++) ",
          block([stmt("rowScan_a[i] = 0.5 * rowScan_a[i] + soft(rowScan_a[i - 1]);")]),
        ),
      ],
    );
  }

  // Loops and subscripts that hang on data.

  protected override heads(s: Scope): readonly (readonly [number, () => Head])[] {
    return [
      ...super.heads(s),
      [this.indexArrays(s).length > 0 ? 4 : 0, () => this.boundFromArray(s)],
      [2, () => this.whileFar(s)],
      [1, () => this.doFar(s)],
      [1, () => this.fewTrips(s)],
    ];
  }

  private indexArrays(s: Scope): readonly ArrayVariable[] {
    return this.arraysIn(s).filter((a) => (a.elem === "i32" || a.elem === "u32") && a.dims.length === 1);
  }
  /** An element of an array of integers. */
  private datum(s: Scope): string {
    const a = this.pick(this.indexArrays(s));
    const facts = s.facts.filter((f) => f.dim === a.dims[0] && /^\w+$/.test(f.text));
    return `${a.name}[${facts.length > 0 && !this.once(4) ? this.pick(facts).text : "0"}]`;
  }

  private boundFromArray(s: Scope): Head {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const datum = this.datum(s);
    const text = this.pick([
      `for (let ${i} = 0; ${i} < Math.min(${datum}, ${dim}); ${i}++) `,
      `for (let ${i} = 0; ${i} < Math.abs(${datum}) % (${dim} + 1); ${i}++) `,
      `for (let ${i} = Math.min(Math.abs(${datum}), ${dim}) - 1; ${i} >= 0; ${i}--) `,
    ]);
    return { parts: [text], facts: [{ text: i, dim }], once: `const ${i} = 0;` };
  }

  /** Until a float has come close enough to zero. */
  private whileFar(s: Scope): Head {
    const [w, c] = [this.fresh("w"), this.fresh("c")];
    const near = this.pick(["0.1", "0.3"]);
    const step = stmt(`${w} = ${this.pick([`0.6 * ${w}`, `${w} / (1.5 + ${w} * ${w})`, `${w} - 0.3 * ${w}`])};`);
    return {
      before: [stmt(`let ${w} = `, this.stored(s), ";"), stmt(`let ${c} = 0;`)],
      parts: [`while (Math.abs(${w}) > ${near} && ${c} < 6) `],
      first: [stmt(`${c}++;`), step],
      facts: [],
      once: "",
      reads: [c],
      floats: [w],
    };
  }
  private doFar(s: Scope): Head {
    const [w, c] = [this.fresh("w"), this.fresh("c")];
    return {
      before: [stmt(`let ${w} = `, this.stored(s), ";"), stmt(`let ${c} = 0;`)],
      parts: ["do "],
      first: [stmt(`${w} *= 0.5;`)],
      after: [` while (++${c} < 4 && Math.abs(${w}) > 0.2);`],
      facts: [],
      once: "",
      reads: [c],
      floats: [w],
    };
  }
  private fewTrips(s: Scope): Head {
    const i = this.fresh("i");
    const dim = this.axis(s);
    const text = this.pick([
      `for (let ${i} = 0; ${i} < Math.min(1, ${dim}); ${i}++) `,
      `for (let ${i} = ${dim} - 1; ${i} < ${dim} && ${i} >= 0; ${i}++) `,
      `for (let ${i} = 3; ${i} < ${dim}; ${i}++) `,
    ]);
    return { parts: [text], facts: [{ text: i, dim }], once: `const ${i} = 0;` };
  }

  override subscript(s: Scope, dim: string, deep: number): Expr {
    if (this.once(5) && this.indexArrays(s).length > 0) {
      const datum = this.datum(s);
      return expr(
        "subscript",
        this.pick([
          `(${datum} % ${dim} + ${dim}) % ${dim}`,
          `Math.abs(${datum}) % ${dim}`,
          `Math.max(0, Math.min(${datum}, ${dim} - 1))`,
        ]),
      );
    }
    if (deep > 0 && this.once(12)) {
      return expr("subscript", "Math.floor(Math.abs(", this.leaf(s), `) * 3) % ${dim}`);
    }
    return super.subscript(s, dim, deep);
  }

  // Statements.

  protected override statement(s: Scope): Made {
    const made = this.once(3) && s.depth < 4 ? this.feature(s) : null;
    return made ?? super.statement(s);
  }

  private feature(s: Scope): Made | null {
    return this.weighted<Make>([
      [3, () => this.accumulated(s)],
      [3, () => this.heldAcross(s)],
      [2, () => this.twoRows(s)],
      [2, () => this.shifted(s)],
      [2, () => this.scratch(s)],
      [1, () => this.stepped(s)],
      [2, () => this.jumpOnFloat(s)],
      [1, () => this.assignField(s)],
    ])();
  }

  private floatArrays(s: Scope): readonly ArrayVariable[] {
    return this.arraysIn(s).filter((a) => typeof a.elem === "string" && isFloat(a.elem));
  }
  private target(s: Scope): Expr | null {
    const arrays = this.floatArrays(s).filter((a) => a.writable);
    return arrays.length === 0 ? null : this.place(s, this.pick(arrays), 0);
  }
  /** A loop up over some axis. */
  private each(s: Scope, body: (inner: Scope) => readonly Stmt[]): Stmt {
    const dim = this.axis(s);
    const i = this.fresh("i");
    const inner: Scope = { ...s, facts: [...s.facts, { text: i, dim }], loops: [...s.loops, { label: null }] };
    const text = this.pick([
      `for (let ${i} = 0; ${i} < ${dim}; ${i}++) `,
      `for (let ${i} = ${dim} - 1; ${i} >= 0; ${i}--) `,
    ]);
    return { ...stmt(text, block(body({ ...inner, depth: s.depth + 1 }))), once: `const ${i} = 0;` };
  }
  private more(s: Scope, most: number): readonly Stmt[] {
    return this.block(s, most, false).stmts;
  }

  /** What a loop sums up is used after it, and perhaps inside. */
  private accumulated(s: Scope): Made {
    const acc = this.fresh("acc");
    const v: Variable = { name: acc, type: "real", mutable: true };
    const loop = this.each(s, (inner) => {
      const within: Scope = { ...inner, vars: [...inner.vars, v] };
      const update = stmt(acc, ...this.updated(within), ";");
      const place = this.once(2) ? this.target(within) : null;
      const use =
        place === null ? [] : [stmt(place, " = ", this.squashed(expr("real", `${acc} * `, this.leaf(within))), ";")];
      return this.once(2) ? [update, ...use] : [...use, update, ...(this.once(3) ? this.more(within, 1) : [])];
    });
    const first = this.once(3) ? expr("real", this.pick(["0.5", "1"])) : this.stored(s, 1);
    const place = this.target(s);
    const use =
      place === null
        ? []
        : [
            stmt(
              place,
              this.pick([" = ", " += "]),
              callOf("real", "soft", [expr("real", `${acc} * `, this.leaf(s))]),
              ";",
            ),
          ];
    return {
      stmts: [stmt(`let ${acc}: f64 = `, first, ";"), loop, ...use],
      scope: { ...s, vars: [...s.vars, v] },
    };
  }

  /** A value from before a loop is used in it and after, when what it was made of may be gone. */
  private heldAcross(s: Scope): Made | null {
    const h = this.fresh("h");
    const v: Variable = { name: h, type: "real", mutable: false };
    const after: Scope = { ...s, vars: [...s.vars, v] };
    const place = this.target(s);
    if (place === null) return null;
    const value = this.squashed(expr("real", place, " * ", this.real(s, 1)));
    const loop = this.each(after, (inner) => {
      const to = this.target(inner);
      const use =
        to === null
          ? []
          : [
              stmt(
                to,
                this.pick([" *= 0.5 + 0.4 * ", " += ", " -= "]),
                expr("real", `soft(${h} * `, this.leaf(inner), ")"),
                ";",
              ),
            ];
      return [...use, ...(this.once(2) ? this.more(inner, 1) : [])];
    });
    const change = stmt(place, " = ", this.stored(after), ";");
    const use = stmt(place, " -= ", expr("real", `soft(${h} * ${h} + `, this.leaf(after), ")"), ";");
    const head = stmt(`const ${h}: f64 = `, value, ";");
    return { stmts: this.once(2) ? [head, change, loop, use] : [head, loop, change, use], scope: after };
  }

  /** A function of two rows of one array. */
  private twoRows(s: Scope): Made | null {
    const arrays = s.arrays.filter((a) => a.elem === "f64" && a.dims.length > 1 && this.within(s, a.dims.slice(0, -1)));
    if (arrays.length === 0) return null;
    const a = this.pick(arrays);
    const row = (): Expr => this.place(s, a, 0, a.dims.length - 1);
    if (a.writable && this.once(2)) return this.only(s, stmt(callOf("value", "rowMix", [row(), row()]), ";"));
    const dot = callOf("real", "rowDot", [row(), row()]);
    const place = this.target(s);
    return place === null ? null : this.only(s, stmt(place, this.pick([" = ", " += "]), dot, ";"));
  }

  /** A copy from a neighbour, in the array itself or from another one. */
  private shifted(s: Scope): Made | null {
    const arrays = s.arrays.filter((a) => a.elem === "f64" && this.within(s, a.dims.slice(0, -1)));
    const to = arrays.filter((a) => a.writable);
    if (to.length === 0) return null;
    const a = this.pick(to);
    const b = this.pick(arrays.filter((x) => x.dims.at(-1) === a.dims.at(-1)));
    const dim = a.dims.at(-1) ?? "";
    const i = this.fresh("i");
    const at = (x: ArrayVariable, index: string): Expr =>
      expr("real", this.place(s, x, 0, x.dims.length - 1), `[${index}]`);
    const [head, from, into] = this.pick<readonly [string, string, string]>([
      [`for (let ${i} = 1; ${i} < ${dim}; ${i}++) `, `${i} - 1`, i],
      [`for (let ${i} = 0; ${i} < ${dim} - 1; ${i}++) `, `${i} + 1`, i],
      [`for (let ${i} = ${dim} - 1; ${i} >= 1; ${i}--) `, `${i} - 1`, i],
      [`for (let ${i} = 0; ${i} + 2 < ${dim}; ${i}++) `, `${i}`, `${i} + 2`],
      [`for (let ${i} = 0; ${i} < ${dim}; ${i}++) `, `${dim} - 1 - ${i}`, i],
    ]);
    return this.only(s, {
      ...stmt(head, block([stmt(at(a, into), " = ", at(b, from), ";")])),
      once: `const ${i} = 1;`,
    });
  }

  /** An array of a loop's own, which every trip finds empty. */
  private scratch(s: Scope): Made | null {
    const t = this.fresh("t");
    const [i, size] = [this.fresh("i"), this.pick(["3", "4"])];
    const a: ArrayVariable = { name: t, elem: "f64", dims: [size], writable: true };
    const loop = this.each(s, (outer) => {
      const inner: Scope = { ...outer, arrays: [...outer.arrays, a] };
      const to = this.target(outer);
      const fill = [
        stmt(`${t}[0] = `, this.stored(outer), ";"),
        stmt(`${t}[${this.pick(["1", "2"])}] += `, this.stored(inner, 1), ";"),
      ];
      const scan = stmt(
        `for (let ${i} = 1; ${i} < ${size}; ${i}++) `,
        block([
          stmt(
            `${t}[${i}] = `,
            callOf("real", "soft", [expr("real", `${t}[${i}] + ${t}[${i} - 1] * `, this.leaf(inner))]),
            ";",
          ),
        ]),
      );
      const use = to === null ? [] : [stmt(to, " += 0.5 * ", expr("real", `${t}[${size} - 1]`), ";")];
      return [
        stmt(`const ${t} = zeros("f64", ${size});`),
        ...fill,
        scan,
        ...use,
        ...(this.once(3) ? this.more(inner, 1) : []),
      ];
    });
    return this.only(s, loop);
  }

  /** Two arrays in turn, over and over. */
  private stepped(s: Scope): Made | null {
    const arrays = this.floatArrays(s).filter((a) => a.writable);
    if (arrays.length === 0 || this.traits.hollow) return null;
    const [a, b] = [this.pick(arrays), this.pick(arrays)];
    const t = this.fresh("t");
    const sweep = (to: ArrayVariable, from: ArrayVariable): Stmt =>
      this.each(s, (inner) => [
        stmt(this.place(inner, to, 0), " = 0.4 * ", this.place(inner, from, 0), " + ", this.stored(inner, 1), ";"),
      ]);
    return this.only(s, {
      ...stmt(`for (let ${t} = 0; ${t} < ${this.pick(["2", "3"])}; ${t}++) `, block([sweep(b, a), sweep(a, b)])),
      once: `const ${t} = 0;`,
    });
  }

  /** A loop that floats end, or that passes over what they do not like. */
  private jumpOnFloat(s: Scope): Made {
    const loop = this.each(s, (inner) => {
      const jump = this.weighted<() => Stmt>([
        [3, () => stmt("break;")],
        [3, () => stmt("continue;")],
        [2, () => this.returned(inner)],
      ])();
      const test = expr(
        "bool",
        this.leaf(inner),
        ` ${this.pick(["<", ">", "<=", ">="])} ${this.pick(["0.25", "1", "(-0.5)"])}`,
      );
      const before = this.more(inner, 2);
      const after = this.target(inner);
      const last = after === null ? [] : [stmt(after, ...this.updated(inner), ";")];
      return [
        ...before,
        stmt("if (", test, ") ", block([...(this.once(2) ? this.more(inner, 1) : []), jump])),
        ...last,
      ];
    });
    return this.only(s, loop);
  }
}
