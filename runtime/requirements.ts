/** What a kernel requires of its sizes and scalars, evaluated with those of a call, before anything runs. */

import type { Datum } from "../compiler/ir/eval.ts";
import { evalPolynomial } from "../compiler/ir/eval.ts";
import {
  type Func,
  isArray,
  type Limit,
  type Operand,
  type Polynomial,
  type Requirement,
  type Value,
} from "../compiler/ir/ir.ts";
import { operandsOf, walk } from "../compiler/ir/walk.ts";
import type { Bound } from "./arguments.ts";
import { LaunchError } from "./launch-error.ts";

/** Which version of the kernel may run: the one that assumes the requirements, or the one that checks every access. */
export type Version = "assume" | "checked";

/**
 * Decides which version of the launch program `host` runs for these arguments.
 *
 * @throws LaunchError (TG3012) when an access is certain to run and to be outside of its array.
 */
export function decideVersion(host: Func, bound: Bound): Version {
  let version: Version = "assume";
  for (const r of host.requires) {
    if (evaluate(r.need, bound) >= 0) continue;
    if (r.when?.every((w) => evaluate(w, bound) >= 0) === true) refuse(host, r, bound);
    version = "checked";
  }
  return version;
}

const evaluate = (p: Polynomial, { sizes }: Bound): number => evalPolynomial(p, (v) => Number(sizes.get(v)));

function refuse(host: Func, r: Requirement, bound: Bound): never {
  const { sizes, names } = bound;
  const values = new Set([r.need, ...(r.when ?? [])].flatMap((p) => p.terms.flatMap((t) => t.values)));
  const actual = [...values].map((v) => `${names.get(v) ?? v.hint} = ${sizes.get(v)}`);
  const text = actual.length === 0 ? "" : `, with ${actual.join(", ")}`;
  const { access } = r;
  const at =
    access === null ? "" : `: index ${evaluate(access.index, bound)}, length ${evaluate(access.extent, bound)}`;
  throw new LaunchError("TG3012", host.name, `${r.message}${at}${text}${lineOf(r.loc)}`);
}

/** What a gradient says that would keep more than it may; `values` are those of the launch program so far. */
export function overBudget(
  host: Func,
  { bytes, most, message, help }: Limit,
  taken: number,
  names: readonly string[],
  values: ReadonlyMap<Value, Datum>,
): LaunchError {
  const used = sizesIn(host, bytes);
  const actual = new Map<Value, string>();
  host.params.forEach((p, k) => {
    if (!isArray(p)) actual.set(p, names[k] ?? p.hint);
    else
      p.type.dims.forEach((d, axis) => {
        if (d.kind === "value" && !actual.has(d)) actual.set(d, `${names[k]}${"[0]".repeat(axis)}.length`);
      });
  });
  const said = [...actual].flatMap(([v, name]) => (used.has(v) ? [`${name} = ${values.get(v)}`] : []));
  const text = said.length === 0 ? "" : `, with ${said.join(", ")}`;
  const problem = `the gradient would keep ${taken} bytes, more than its tapeBudget of ${most}${text}: ${message}`;
  return new LaunchError("TG3024", host.name, problem, undefined, { help });
}

/** The values that the operand is computed from in the launch program. */
function sizesIn(host: Func, o: Operand): ReadonlySet<Value> {
  const defs = new Map(
    [...walk(host.body)].flatMap((s) => (s.kind === "let" ? [[s.result as Value, s.expr] as const] : [])),
  );
  const used = new Set<Value>();
  const visit = (x: Operand): void => {
    if (x.kind === "const" || used.has(x)) return;
    used.add(x);
    const expr = defs.get(x);
    if (expr !== undefined) operandsOf(expr).forEach(visit);
  };
  visit(o);
  return used;
}

/** ` (gemm.ts:12)`, or nothing where no source stands behind. */
export function lineOf(loc: Requirement["loc"]): string {
  const { file, line } = loc.span;
  return file === "" ? "" : ` (${file}:${line})`;
}
