/** What a kernel requires of its sizes and scalars, evaluated with those of a call, before anything runs. */
import { evalPolynomial } from "../compiler/ir/eval.ts";
import type { Func, Polynomial, Requirement } from "../compiler/ir/ir.ts";
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

/** ` (gemm.ts:12)`, or nothing where no source stands behind. */
export function lineOf(loc: Requirement["loc"]): string {
  const { file, line } = loc.span;
  return file === "" ? "" : ` (${file}:${line})`;
}
