/** Accesses and points in words, for answers that explain themselves. */
import type { Operand, Scalar, Stmt } from "../ir/ir.ts";
import { accessOf } from "./bounds.ts";
import { changedBy } from "./instances.ts";
import type { Point } from "./sets.ts";

/** `store A[i][j + 1] (line 12)`; `formOf` gives subscripts as polynomials, where they are more than names. */
export function nameOf(s: Stmt, formOf: (o: Operand) => Polynomial | null = () => null): string {
  const { line } = s.loc.span;
  const where = line > 0 ? ` (line ${line})` : "";
  const access = accessOf(s);
  if (access === null) {
    const [array] = changedBy(s);
    return `\`${s.kind}${array === undefined ? "" : ` ${array.hint}`}\`${where}`;
  }
  const kind = s.kind === "let" ? "load" : s.kind;
  const text = (o: Operand): string => {
    const form = o.kind === "const" ? null : formOf(o);
    return form === null ? textOf(o) : formText(form);
  };
  return `\`${kind} ${access.array.hint}${access.index.map((o) => `[${text(o)}]`).join("")}\`${where}`;
}
const textOf = (o: Operand): string => (o.kind === "const" ? String(o.value) : o.hint);

/** `k - i - 1`, `2 * n + i`: what is added first. */
function formText({ constant, terms }: Polynomial): string {
  const parts = [...terms.filter((t) => t.factor > 0), ...terms.filter((t) => t.factor < 0)].map(({ factor, values }) => {
    const size = Math.abs(factor);
    const product = [...(size === 1 ? [] : [String(size)]), ...values.map((v) => v.hint)].join(" * ");
    return { isNegative: factor < 0, product };
  });
  if (constant !== 0 || parts.length === 0) parts.push({ isNegative: constant < 0, product: String(Math.abs(constant)) });
  return parts
    .map(({ isNegative, product }, k) => (k === 0 ? `${isNegative ? "-" : ""}` : isNegative ? " - " : " + ") + product)
    .join("");
}

const mostValues = 8;

/** `, as with n = 3, i = 0, i' = 1`: what the point says of sizes and parameters, then of the indices of loops. */
export function example(point: Point, isSize: (v: Scalar) => boolean, isIndex: (v: Scalar) => boolean): string {
  const all = [...point];
  const list = [...all.filter(([v]) => isSize(v)), ...all.filter(([v]) => isIndex(v))].slice(0, mostValues);
  return list.length === 0 ? "" : `, as with ${list.map(([v, x]) => `${v.hint} = ${x}`).join(", ")}`;
}
