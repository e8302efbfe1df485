/** Accesses and points in words, for answers that explain themselves. */
import type { ArrayValue, Operand, Polynomial, Scalar, Stmt } from "../ir/ir.ts";
import { accessOf } from "./bounds.ts";
import type { Loop } from "./carried.ts";
import { changedBy } from "./instances.ts";
import type { Point } from "./sets.ts";

/** `store A[i][j + 1] (line 12)`; `formOf` says what subscripts are. */
export function nameOf(s: Stmt, formOf: (o: Operand) => Polynomial): string {
  const access = accessOf(s);
  if (access === null) {
    const [array] = changedBy(s);
    return `\`${s.kind}${array === undefined ? "" : ` ${array.hint}`}\`${lineOf(s)}`;
  }
  const kind = s.kind === "let" ? "load" : s.kind;
  const element = elementOf(
    access.array,
    access.index.map((o) => textOf(formOf(o))),
  );
  return `\`${kind} ${element}\`${lineOf(s)}`;
}

/** `A[i][j]`; `points[i].x` for the array `points.x`. */
export function elementOf(array: ArrayValue, index: readonly string[]): string {
  const [root, ...path] = array.hint.split(".");
  return [`${root}${index.map((text) => `[${text}]`).join("")}`, ...path].join(".");
}

/** ` (line 12)`; nothing for what no source stands behind. */
const lineOf = ({ loc }: Stmt): string => (loc.span.line > 0 ? ` (line ${loc.span.line})` : "");

/** A counted loop by its index. */
export const loopName = (loop: Loop): string =>
  loop.kind === "for" ? `\`${loop.index.hint}\`` : `\`while\`${lineOf(loop)}`;

/** `k - i - 1`, `2 * n + i`: what is added first, the constant last. */
export function textOf({ constant, terms }: Polynomial, name: (v: Scalar) => string = (v) => v.hint): string {
  const sorted = [...terms.filter((t) => t.factor > 0), ...terms.filter((t) => t.factor < 0)];
  const parts = sorted.map(({ factor, values }) => {
    const size = Math.abs(factor);
    return { isNegative: factor < 0, text: [...(size === 1 ? [] : [String(size)]), ...values.map(name)].join(" * ") };
  });
  if (constant !== 0 || parts.length === 0) parts.push({ isNegative: constant < 0, text: String(Math.abs(constant)) });
  return parts
    .map(({ isNegative, text }, k) => (k === 0 ? (isNegative ? "-" : "") : isNegative ? " - " : " + ") + text)
    .join("");
}

const mostValues = 8;

/** `, as with n = 3, i = 0, i' = 1`: what the point says of sizes and parameters, then of the indices of loops. */
export function example(point: Point, isSize: (v: Scalar) => boolean, isIndex: (v: Scalar) => boolean): string {
  const all = [...point];
  const list = [...all.filter(([v]) => isSize(v)), ...all.filter(([v]) => isIndex(v))].slice(0, mostValues);
  return list.length === 0 ? "" : `, as with ${list.map(([v, x]) => `${v.hint} = ${x}`).join(", ")}`;
}
