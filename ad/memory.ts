/**
 * What the halves of reverse mode take of memory, as formulas in the sizes of the kernel: the same that pair.ts computes where it
 * makes the tape.
 */

import { Forms, isConstant } from "../compiler/analysis/polynomial.ts";
import { elemBytes } from "../compiler/artifact.ts";
import {
  type ByteFormula,
  type ByteTerm,
  type DerivedOp,
  type DerivedSize,
  formatFormula,
  sumOf,
} from "../compiler/artifact-bytes.ts";
import {
  type ArrayValue,
  isArray,
  isConst,
  isInt,
  type Operand,
  type Polynomial,
  type Scalar,
  sizesOf,
} from "../compiler/ir/ir.ts";
import { namesOf } from "../compiler/ir/names.ts";
import { rowBytes, wordsOf } from "./bits.ts";
import type { Pair } from "./pair.ts";
import type { Quotient } from "./rank.ts";
import type { SourceText } from "./source-text.ts";
import type { Kept } from "./tape.ts";

export interface Memory {
  readonly tape: ByteFormula;
  readonly scratch: ByteFormula;
}

type Terms = readonly ByteTerm[];

/** @param replayed local arrays of which the reverse sweep only sees what replays put there. */
export function memoryOf(pair: Pair, text: SourceText, replayed: ReadonlySet<ArrayValue>): Memory {
  const sizes = new Sizes(pair, text);
  const array = ({ type: { elem, dims } }: ArrayValue): Terms =>
    dims.reduce<Terms>((product, d) => times(product, sizes.of(d)), [{ factor: elemBytes[elem], sizes: [] }]);
  const isParam = (a: ArrayValue): boolean => pair.arrays.includes(a);
  const tape: ByteTerm[] = pair.locals.filter((a) => !replayed.has(a)).flatMap(array);
  const rows: ByteTerm[] = [];
  for (const { key, elem, rank, bits } of pair.sites.values()) {
    if (bits !== null && rank !== null) {
      const [words, ends] = wordsOf(rank, bits);
      tape.push(...scaled(sizes.floor(words), elemBytes[elem]));
      tape.push(...scaled(sizes.ofForm(ends.form), elemBytes[elem] / ends.divisor));
      rows.push(...scaled(sizes.floor(bits.rowWords), rowBytes));
    } else if (rank !== null) tape.push(...scaled(sizes.ofForm(rank.size.form), elemBytes[elem] / rank.size.divisor));
    // The counter's own bytes, and those of what will be counted.
    else tape.push({ factor: elemBytes[elem], sizes: [counted(key, text)] }, { factor: elemBytes.index, sizes: [] });
  }
  const adjoints = [...pair.activity.arrays].filter((a) => !isParam(a)).flatMap(array);
  const again = [...replayed].filter((a) => pair.locals.includes(a)).flatMap(array);
  const sum = (terms: Terms): ByteFormula => sumOf(terms.toSorted(largestFirst), sizes.derived);
  return { tape: sum(tape), scratch: sum([...adjoints, ...again, ...rows]) };
}

/** How often the function keeps something, where no formula says it: `count(x[i] at line 7)`, counted before the launch. */
function counted(key: Kept, text: SourceText): string {
  const [what, span] = text.kept(key);
  return `count(${what} at line ${span.line})`;
}

/** Sizes by their names in the launch program, and what follows from them. */
class Sizes {
  readonly derived: DerivedSize[] = [];
  private readonly pair: Pair;
  private readonly nameOf: (v: Scalar) => string;
  private readonly text: SourceText;
  private readonly forms = new Forms();

  constructor(pair: Pair, text: SourceText) {
    this.pair = pair;
    this.text = text;
    this.nameOf = namesOf(pair.program.func);
    for (const s of pair.program.stmts) this.forms.define(s);
  }

  of(o: Operand): Terms {
    return this.ofForm(this.forms.of(o));
  }

  ofForm({ constant, terms }: Polynomial): Terms {
    const sums = terms.flatMap(({ values, factor }) =>
      values.reduce<Terms>((product, v) => times(product, this.ofValue(v)), [{ factor, sizes: [] }]),
    );
    return sumOf([...sums, { factor: constant, sizes: [] }]).terms;
  }

  /** The quotient, rounded down. */
  floor({ form, divisor }: Quotient): Terms {
    if (isConstant(form)) return [{ factor: Math.floor(form.constant / divisor), sizes: [] }];
    return this.derive("floordiv", this.ofForm(form), [{ factor: divisor, sizes: [] }]);
  }

  private ofValue(v: Scalar): Terms {
    const trips = this.pair.ranks.symbols.get(v);
    if (trips !== undefined) return this.derive("max", this.ofForm(trips), []);
    const form = this.forms.of(v);
    if (form.terms.length !== 1 || form.terms[0]?.values[0] !== v) return this.ofForm(form);
    const def = this.pair.program.defOf(v);
    if (def.kind === "param") return [{ factor: 1, sizes: [this.nameOf(v)] }];
    const e = def.kind === "let" ? def.stmt.expr : null;
    if (e?.kind === "cast" && isInt(e.a.type)) return this.of(e.a);
    if (e?.kind === "binary") {
      if (e.op === "max" || e.op === "min" || e.op === "floordiv") return this.derive(e.op, this.of(e.a), this.of(e.b));
      if (e.op === "shr" && isConst(e.b)) {
        return this.derive("floordiv", this.of(e.a), [{ factor: 2 ** (Number(e.b.value) & 31), sizes: [] }]);
      }
    }
    return [{ factor: 1, sizes: [`(${this.text.of(v)})`] }];
  }

  private derive(op: DerivedOp, a: Terms, b: Terms): Terms {
    if (
      op === "max" &&
      b.length === 0 &&
      a.every((t) => t.factor > 0 && t.sizes.every((name) => this.isNatural(name)))
    ) {
      return a;
    }
    const [x, y] = [a, b].map((terms) => formatFormula({ terms }));
    const name = op === "floordiv" ? `⌊${a.length > 1 ? `(${x})` : x} / ${y}⌋` : `${op}(${x}, ${y})`;
    if (!this.derived.some((d) => d.name === name)) this.derived.push({ name, op, a, b });
    return [{ factor: 1, sizes: [name] }];
  }

  /** Is it never negative: the size of an array, or what is no less than 0? */
  private isNatural(name: string): boolean {
    const derived = this.derived.find((d) => d.name === name);
    if (derived !== undefined) return derived.op === "max" && derived.b.length === 0;
    const { params } = this.pair.program.func;
    return params.some((p) => isArray(p) && sizesOf(p).some((size) => this.nameOf(size) === name));
  }
}

const largestFirst = (a: ByteTerm, b: ByteTerm): number => b.sizes.length - a.sizes.length;
const scaled = (terms: Terms, by: number): Terms => terms.map(({ factor, sizes }) => ({ factor: factor * by, sizes }));
const times = (a: Terms, b: Terms): Terms =>
  a.flatMap((s) => b.map((t) => ({ factor: s.factor * t.factor, sizes: [...s.sizes, ...t.sizes] })));
