/**
 * Functions with a derivative of the user's, `const f = customGradient(value, adjoint)`: which functions these are, whether
 * the adjoint fits the value, and the instance of it that goes with an instance of the value.
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { isFloat, valueType } from "../ir/ir.ts";
import { inferTypeArgs } from "./infer-type-args.ts";
import type { ExprTypes } from "./infer-types.ts";
import { Unlowerable } from "./report.ts";
import type { FunctionWithBody, Instance, Session } from "./session.ts";
import { strip } from "./syntax.ts";
import { nameOf, sameSource, sourceName, sourceOf, tyOf } from "./types.ts";
import { firstLine } from "./unsupported.ts";

export interface Custom {
  readonly name: string;
  readonly value: FunctionWithBody;
  readonly adjoint: FunctionWithBody;
  /** Where the source names the adjoint. */
  readonly at: ts.Node;
}

/** What the constant of a module defines by `customGradient`; null where it holds something else. */
export function customIn(session: Session, decl: ts.VariableDeclaration): Custom | null {
  const init = decl.initializer === undefined ? undefined : strip(decl.initializer);
  if (init === undefined || !ts.isCallExpression(init)) return null;
  if (session.helperOf(init.expression) !== "customGradient") return null;
  if (!(ts.getCombinedNodeFlags(decl) & ts.NodeFlags.Const)) {
    session.reporter.refuse(decl.name, "TG1121", `\`${decl.name.getText()}\` is a variable`);
  }
  const [value, adjoint] = init.arguments;
  // What is missing, the type checker has said.
  if (value === undefined || adjoint === undefined) throw new Unlowerable();
  const named = (e: ts.Expression): FunctionWithBody => {
    const known = session.functionOf(e);
    if (known !== null) return known;
    return session.reporter.refuse(e, "TG1121", `\`${firstLine(e)}\` is not the name of a kernel function`);
  };
  return { name: decl.name.getText(), value: named(value), adjoint: named(adjoint), at: adjoint };
}

/** What the callee of a call is by `customGradient`, if it is that. */
export function customOf(session: Session, callee: ts.Expression): Custom | null {
  const name = strip(callee);
  const symbol = ts.isIdentifier(name) ? session.symbol(name) : undefined;
  const decl = symbol === undefined ? null : session.moduleConstant(symbol);
  return decl === null ? null : customIn(session, decl);
}

/** The instance of the adjoint for one of the value. Refuses what does not fit. */
export function adjointOf(x: ExprTypes, custom: Custom, value: Instance): Instance {
  const { reporter } = x.session;
  const takes = parametersOf(x, value);
  const gives = resultOf(value);
  const adjoint = custom.adjoint.name.text;
  const misfit = (does: string, wants: string): never =>
    reporter.refuse(custom.at, "TG1123", `\`${adjoint}\` ${does}, the adjoint of \`${value.decl.name.text}\` ${wants}`);
  const wanted = `takes ${signature(takes)}`;
  if (custom.adjoint.parameters.length !== takes.length) {
    misfit(`takes (${custom.adjoint.parameters.map((p) => p.getText()).join(", ")})`, wanted);
  }
  const args = takes.map((p) => tyOf(p.type));
  const typeArgs = inferTypeArgs(x, custom.at, custom.adjoint, args, undefined);
  const how = { exported: false, ints: value.ints, maySmall: false };
  const instance = x.session.instance(custom.adjoint, typeArgs, how, custom.at);
  const same = instance.params.every((p, i) => sameSource(p.source, (takes[i] as Named).type));
  if (!same) misfit(`takes ${signature(instance.params.map((p) => ({ name: p.name, type: p.source })))}`, wanted);
  const given = sourceOf(instance.result);
  const shown = (t: SourceType | null): string => (t === null ? "nothing" : sourceName(t));
  if (shown(given) !== shown(gives)) misfit(`returns ${shown(given)}`, `returns ${shown(gives)}`);
  return instance;
}

interface Named {
  readonly name: string;
  readonly type: SourceType;
}
const signature = (params: readonly Named[]): string =>
  `(${params.map((p) => `${p.name}: ${sourceName(p.type)}`).join(", ")})`;

const holdsFloats = (t: SourceType): boolean =>
  t.kind === "scalar" ? isFloat(t.type) : t.kind === "array" && holdsFloats(t.elem);

/** Adjoints of halves are not rounded to halves. */
const adjointType = (t: SourceType): SourceType =>
  t.kind === "array"
    ? { ...t, elem: adjointType(t.elem) }
    : t.kind === "scalar"
      ? { ...t, type: valueType(t.type) }
      : t;

/** What the adjoint takes: the value's parameters, its result and that one's adjoint, then an adjoint for each array. */
function parametersOf(x: ExprTypes, value: Instance): readonly Named[] {
  const name = value.decl.name.text;
  const refuse = (at: ts.Node, message: string): never => x.session.reporter.refuse(at, "TG1122", message);
  const params = value.params.map((p): Named => ({ name: p.name, type: p.source }));
  params.forEach((p, i) => {
    const elem = p.type.kind === "array" ? p.type.elem : p.type;
    if (elem.kind === "scalar") return;
    refuse(
      value.decl.parameters[i] ?? value.decl.name,
      `the parameter \`${p.name}\` of \`${name}\` is ${sourceName(p.type)}`,
    );
  });
  const result = sourceOf(value.result);
  if (result === null || result.kind !== "scalar" || !isFloat(result.type)) {
    return refuse(value.decl.name, `\`${name}\` returns ${nameOf(value.result)}, not a float`);
  }
  const floats = params.filter((p) => holdsFloats(p.type));
  if (floats.length === 0) refuse(value.decl.name, `\`${name}\` takes no floats`);
  const taken = new Set(params.map((p) => p.name));
  const free = (wish: string): string => (taken.has(wish) ? free(`${wish}_`) : wish);
  const arrays = floats.filter((p) => p.type.kind === "array");
  return [
    ...params,
    { name: free("r"), type: result },
    { name: free("d"), type: result },
    ...arrays.map((p) => ({ name: free(`d${p.name}`), type: adjointType(p.type) })),
  ];
}

/** What the adjoint returns: a product for each scalar, a tuple where there are several. */
function resultOf(value: Instance): SourceType | null {
  const elems = value.params.map((p) => p.source).filter((t) => t.kind === "scalar" && holdsFloats(t));
  const [only, more] = elems;
  return more === undefined ? (only ?? null) : { kind: "tuple", elems };
}
