/** Type arguments of calls: what each type parameter of the function called stands for. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ScalarType } from "../ir/ir.ts";
import { constraintTypes } from "./annotations.ts";
import type { ExprTypes } from "./infer-types.ts";
import { i32Range, within } from "./ranges.ts";
import type { FunctionWithBody } from "./session.ts";
import { rangeOf, type Ty } from "./types.ts";

/** What each type parameter of a called function stands for: as written, or from the arguments. */
export function inferTypeArgs(
  x: ExprTypes,
  e: ts.Node,
  decl: FunctionWithBody,
  args: readonly Ty[],
  given: readonly ts.TypeNode[] | undefined,
): ReadonlyMap<ts.Symbol, ScalarType> {
  const out = new Map<ts.Symbol, ScalarType>();
  for (const [k, p] of (decl.typeParameters ?? []).entries()) {
    const symbol = x.session.symbol(p.name);
    if (symbol === undefined) continue;
    const allowed = constraintTypes(p, x.session.plainContext());
    const written = given?.[k];
    const wanted = written !== undefined ? x.annotation(written) : fromArgs(x, symbol, decl, args, allowed);
    if (wanted === null && !decl.parameters.some((q) => q.type !== undefined && mentions(x, q.type, symbol))) {
      const message = `nothing says what \`${p.name.text}\` of \`${decl.name.text}\` is`;
      return x.refuse(e, "TG1089", message, `write it at the call, as in \`${decl.name.text}<${allowed[0]}>(…)\``);
    }
    const type = wanted?.kind === "scalar" ? allowed.find((t) => t === wanted.type) : undefined;
    if (type === undefined) {
      const is = wanted !== null && wanted.kind === "scalar" ? wanted.type : "what is passed";
      return x.refuse(
        e,
        "TG1036",
        `\`${p.name.text}\` of \`${decl.name.text}\` cannot be ${is}; it allows ${allowed.join(", ")}`,
      );
    }
    out.set(symbol, type);
  }
  return out;
}

function fromArgs(
  x: ExprTypes,
  param: ts.Symbol,
  decl: FunctionWithBody,
  args: readonly Ty[],
  allowed: readonly ScalarType[],
): SourceType | null {
  let scalar: SourceType | null = null;
  for (const [i, p] of decl.parameters.entries()) {
    const arg = args[i];
    if (p.type === undefined || arg === undefined || !mentions(x, p.type, param)) continue;
    // Arrays say exactly what they store; numbers only what they need.
    if (arg.kind === "array") return arg.elem;
    const range = rangeOf(arg);
    const fits = (t: ScalarType): boolean => {
      // An integer beyond i32 is passed as one all the same: inner functions take integers as wide as they come.
      if (range !== null) return t === "i32" ? within(range, i32Range) || !allowed.includes("u32") : true;
      return arg.kind === "float" ? t === "f64" || t === arg.type : false;
    };
    const type = allowed.find((t) => (arg.kind === "float" ? t === arg.type : fits(t))) ?? allowed.find(fits);
    if (type !== undefined) scalar = { kind: "scalar", type };
  }
  return scalar;
}

function mentions(x: ExprTypes, node: ts.TypeNode, param: ts.Symbol): boolean {
  let found = false;
  const visit = (n: ts.Node): void => {
    if (ts.isIdentifier(n) && x.session.symbol(n) === param) found = true;
    n.forEachChild(visit);
  };
  visit(node);
  return found;
}
