/** What printers of C-like text share: expressions with what must be known to move them, names, and decimals. */
import { bug } from "../diagnostic.ts";
import type { ArrayValue } from "../ir/ir.ts";
import type { CompareOp } from "../ir/ops.ts";

/** How tightly an expression binds: the operators that printers write infix, loosest first, as C has them. */
export const level = {
  conditional: 1,
  or: 2,
  xor: 3,
  and: 4,
  equality: 5,
  relation: 6,
  shift: 7,
  sum: 8,
  product: 9,
  unary: 10,
  primary: 11,
} as const;
export type Level = (typeof level)[keyof typeof level];

/** An expression, and what it depends on between where it was made and where it is written. */
export interface Piece {
  readonly text: string;
  readonly level: Level;
  /** Arrays that it reads. */
  readonly loads: ReadonlySet<ArrayValue>;
  /** Variables it mentions that are assigned to more than once. */
  readonly vars: ReadonlySet<string>;
  /** `left op right`, where that is what it is: for `x = x + y` to become `x += y`. */
  readonly parts?: { readonly left: string; readonly op: string; readonly right: string };
}

const none: ReadonlySet<never> = new Set();

/** An expression that depends on nothing that changes. */
export const plain = (text: string, at: Level = level.primary): Piece => ({ text, level: at, loads: none, vars: none });

/** A variable that is assigned to again. */
export const variable = (name: string): Piece => ({
  text: name,
  level: level.primary,
  loads: none,
  vars: new Set([name]),
});

const union = <T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> => {
  const some = sets.filter((s) => s.size > 0);
  return some.length < 2 ? (some[0] ?? none) : new Set(some.flatMap((s) => [...s]));
};

/** An expression made of others. */
export const combine = (text: string, at: Level, from: readonly Piece[]): Piece => ({
  text,
  level: at,
  loads: union(from.map((p) => p.loads)),
  vars: union(from.map((p) => p.vars)),
});

/** The text of an operand, in parentheses where it binds less tightly than `at`. */
export const within = (p: Piece, at: Level): string => (p.level < at ? `(${p.text})` : p.text);

/** `a op b` of operators that group to the left. */
export function infix(op: string, at: Level, a: Piece, b: Piece): Piece {
  const text = `${within(a, at)} ${op} ${within(b, (at + 1) as Level)}`;
  return { ...combine(text, at, [a, b]), parts: { left: a.text, op, right: b.text } };
}

export const call = (name: string, args: readonly Piece[]): Piece =>
  combine(`${name}(${args.map((a) => a.text).join(", ")})`, level.primary, args);

/** `op a`; two signs in a row would be a decrement. */
export const prefix = (op: string, a: Piece): Piece => combine(`${op}${within(a, level.primary)}`, level.unary, [a]);

/**
 * Anything but a unary in parentheses: an operand of bitwise operators, whose order among others surprises readers in C, and is
 * none in WGSL.
 */
export const tight = (a: Piece): Piece =>
  a.level < level.unary ? { ...a, text: `(${a.text})`, level: level.primary } : a;

export const comparisons = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" } as const satisfies Record<
  CompareOp,
  string
>;

/**
 * `(i * d1 + j) * d2 + k`: where an element stands, row by row. `inner` are the extents of the axes after the first; `factor` is what
 * the rows so far are multiplied as.
 */
export function rowMajor(
  index: readonly [Piece, ...Piece[]],
  inner: readonly Piece[],
  factor = (rows: Piece, _extent: Piece): Piece => rows,
): Piece {
  const [first, ...rest] = index;
  return rest.reduce((at, next, k) => {
    const extent = inner[k] ?? bug("fewer axes than subscripts");
    const rows = at.text === "0" || extent.text === "1" ? at : infix("*", level.product, factor(at, extent), extent);
    // Sums of indices need no parentheses: they are exact, or wrap to what is.
    const column = next.level === level.sum ? { ...next, level: level.product } : next;
    return rows.text === "0" ? next : next.text === "0" ? rows : infix("+", level.sum, rows, column);
  }, first);
}

/** Operators that C and WGSL combine with an assignment. */
const compound = new Set(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);

/** `place = value`, or shorter. */
export function assignment(place: string, { text, parts }: Piece): string {
  if (parts?.left !== place || !compound.has(parts.op)) return `${place} = ${text};`;
  return `${place} ${parts.op}= ${parts.right};`;
}

/** The shortest decimal that reads back as this single. */
export function shortestFloat(x: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(x);
}

export const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

/** Picks names that differ from all others in sight. Scopes nest; what two of them side by side declare may be the same. */
export class Scope {
  private readonly taken: Set<string>;
  private readonly outer: Scope | null;
  /** For a base, the smallest number that may be free: many equal hints stay linear. */
  private readonly next = new Map<string, number>();

  constructor(outer: Scope | null, taken: readonly string[] = []) {
    this.outer = outer;
    this.taken = new Set(taken);
  }

  /** A scope inside this one. */
  inner(): Scope {
    return new Scope(this);
  }

  has(name: string): boolean {
    return this.taken.has(name) || (this.outer?.has(name) ?? false);
  }

  fresh(hint: string): string {
    const base = hint
      .replace(/'+/g, (primes) => `_${primes.length + 1}`)
      .replace(/\W/g, "_")
      .replace(/^(?=\d|$)/, "v");
    let name = base;
    let n = this.from(base);
    for (; this.has(name); n++) name = `${base}_${n}`;
    this.next.set(base, n);
    this.taken.add(name);
    return name;
  }

  private from(base: string): number {
    return this.next.get(base) ?? this.outer?.from(base) ?? 1;
  }
}
