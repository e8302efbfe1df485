/** Accesses and points in words, for answers that explain themselves. */
import type { Operand, Scalar, Stmt } from "../ir/ir.ts";
import { accessOf } from "./bounds.ts";
import { changedBy } from "./instances.ts";
import type { Point } from "./sets.ts";

/** `store A[i][j] (line 12)`. */
export function nameOf(s: Stmt): string {
  const { line } = s.loc.span;
  const where = line > 0 ? ` (line ${line})` : "";
  const access = accessOf(s);
  if (access === null) {
    const [array] = changedBy(s);
    return `\`${s.kind}${array === undefined ? "" : ` ${array.hint}`}\`${where}`;
  }
  const kind = s.kind === "let" ? "load" : s.kind;
  return `\`${kind} ${access.array.hint}${access.index.map((o) => `[${textOf(o)}]`).join("")}\`${where}`;
}
const textOf = (o: Operand): string => (o.kind === "const" ? String(o.value) : o.hint);

const mostValues = 8;

/** `, as with n = 3, i = 0, i' = 1`: what the point says of sizes and parameters, then of the indices of loops. */
export function example(point: Point, isSize: (v: Scalar) => boolean, isIndex: (v: Scalar) => boolean): string {
  const all = [...point];
  const list = [...all.filter(([v]) => isSize(v)), ...all.filter(([v]) => isIndex(v))].slice(0, mostValues);
  return list.length === 0 ? "" : `, as with ${list.map(([v, x]) => `${v.hint} = ${x}`).join(", ")}`;
}
