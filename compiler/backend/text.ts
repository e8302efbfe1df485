/** What printers of C-like text share: expressions with what must be known to move them, names, and decimals. */
import type { ArrayValue } from "../ir/ir.ts";

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
    for (let n = 1; this.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}
