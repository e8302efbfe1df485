/** The type of a call: `Math` functions, the helpers of `tsgpu/kernel`, and functions of the user's. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ElemType } from "../ir/ir.ts";
import { isOwn, maxRank, readType } from "./annotations.ts";
import { adjointOf, customOf } from "./infer-custom.ts";
import { given, inferMath } from "./infer-math.ts";
import { checkCall, checkShared, refuseIndices } from "./infer-parallel.ts";
import { checkArguments, checkConstants } from "./infer-structs.ts";
import { inferTypeArgs } from "./infer-type-args.ts";
import type { ExprTypes } from "./infer-types.ts";
import { fixed, i32Range, u32Range, within } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import type { FunctionWithBody, Instance, IntArg } from "./session.ts";
import { rootName, strip } from "./syntax.ts";
import { f32, f64, int, isNumber, isWhole, join, nameOf, rangeOf, type Ty, tyOf, voidTy } from "./types.ts";
import { firstLine, unsupportedArrayMember, unsupportedCall, unsupportedExpression } from "./unsupported.ts";

const K = ts.SyntaxKind;

export function inferCall(x: ExprTypes, e: ts.CallExpression): Ty {
  if (e.questionDotToken !== undefined) x.refuse(e, "TG1061", "optional chaining");
  for (const a of e.arguments) if (ts.isSpreadElement(a)) x.refuse(a, "TG1027", "an array is spread into arguments");
  const math = x.session.mathMember(e.expression);
  if (math !== null) return inferMath(x, e, math);
  const helper = x.session.helperOf(e.expression);
  if (helper === "zeros") return inferZeros(x, e);
  if (helper === "shared") return inferShared(x, e);
  refuseIndices(x.session, e);
  if (helper === "stopGradient") return inferStop(x, given(e, 0));
  if (helper === "customGradient") x.refuse(e, "TG1121", "`customGradient` inside a kernel");
  if (helper !== null && helper in wordHelpers) {
    for (const a of e.arguments) x.number(a);
    return helper === "fromWords" ? f64 : helper === "fromWord" ? f32 : int(i32Range);
  }
  const decl = x.session.functionOf(e.expression);
  if (decl !== null) return inferUserCall(x, e, decl).result;
  const custom = customOf(x.session, e.expression);
  if (custom !== null) {
    const value = inferUserCall(x, e, custom.value);
    x.instance.adjoints.set(e, adjointOf(x, custom, value));
    // Roundings, too, may have a derivative here.
    return value.result.kind === "float" ? { ...value.result, whole: false } : value.result;
  }
  const callee = strip(e.expression);
  if (ts.isIdentifier(callee)) {
    // What is wrong with it was said: by the type checker, or where it got its value.
    const symbol = x.session.symbol(callee);
    if (symbol === undefined || x.instance.refused.has(symbol)) throw new Unlowerable();
  }
  if (ts.isIdentifier(callee) && x.session.isFunctionValue(callee)) {
    x.refuse(callee, "TG1016", `\`${callee.text}\` is a function written as an expression`);
  }
  if (ts.isPropertyAccessExpression(callee) && !isGlobal(x, callee.expression)) {
    const of = x.type(callee.expression);
    if (of.kind === "array") {
      x.refuse(e, ...unsupportedArrayMember(callee.getText(), callee.name.text));
    }
  }
  if (callee.kind === K.SuperKeyword || ts.isFunctionExpression(callee) || ts.isArrowFunction(callee))
    x.refuse(e, ...unsupportedExpression(callee));
  return x.refuse(e, ...unsupportedCall(firstLine(e.expression)));
}

/** Is it a name that every program has, like `console` and `Array`? */
function isGlobal(x: ExprTypes, e: ts.Expression): boolean {
  const symbol = ts.isIdentifier(e) ? x.session.symbol(e) : undefined;
  return symbol !== undefined && isOwn(symbol) && !(symbol.flags & ts.SymbolFlags.ValueModule);
}

/** The helpers that take floats apart and put them together, and the operators that they are. */
export const wordHelpers = {
  highWord: "highword",
  lowWord: "lowword",
  fromWords: "fromwords",
  wordOf: "word",
  fromWord: "fromword",
} as const;

function inferStop(x: ExprTypes, arg: ts.Expression): Ty {
  const ty = x.type(arg);
  if (ty.kind !== "array") return ty;
  return x.refuse(arg, "TG1120", `\`${arg.getText()}\` is an array, ${nameOf(ty)}`);
}

function inferShared(x: ExprTypes, e: ts.CallExpression): Ty {
  const ty = inferZeros(x, e, "shared");
  checkShared(x, e);
  return ty;
}

function inferZeros(x: ExprTypes, e: ts.CallExpression, maker = "zeros"): Ty {
  const [type, ...sizes] = e.arguments;
  if (type === undefined || !ts.isStringLiteral(type)) {
    return x.refuse(e, "TG1046", `the element type of \`${maker}\` is not a literal`);
  }
  for (const s of sizes) {
    const t = x.number(s);
    if (!isWhole(t)) x.refuse(s, "TG1033", `the size \`${s.getText()}\` is ${nameOf(t)}`);
  }
  if (sizes.length < 1 || sizes.length > maxRank) x.refuse(e, "TG1034", `an array of ${sizes.length} axes`);
  const name = type.text === "real" ? x.session.real : type.text;
  if (!["f64", "f32", "f16", "i32", "u32", "bool"].includes(name)) {
    x.refuse(type, "TG1046", `\`${maker}\` cannot make elements of type "${type.text}"`);
  }
  return { kind: "array", rank: sizes.length, elem: { kind: "scalar", type: name as ElemType } };
}

/** The instance that is called; its result is the call's. */
function inferUserCall(x: ExprTypes, e: ts.CallExpression, decl: FunctionWithBody): Instance {
  const args = e.arguments.map((a) => x.type(a));
  // Parameters that may be left out are refused where they stand; what else is missing, the type checker has said.
  const isPlain = (p: ts.ParameterDeclaration): boolean => !p.questionToken && !p.dotDotDotToken && !p.initializer;
  if (args.length !== decl.parameters.length && decl.parameters.every(isPlain)) throw new Unlowerable();
  const typeArgs = inferTypeArgs(x, e, decl, args, e.typeArguments);
  const context = { ...x.session.plainContext(), typeArgs };
  const ints = decl.parameters.map((p, i): IntArg => {
    const source = p.type === undefined ? null : readType(p.type, context);
    const arg = args[i];
    if (source === null || arg === undefined) return "declared";
    checkArg(x, e.arguments[i] as ts.Expression, arg, source, p.name.getText());
    return intArg(source, arg);
  });
  const make = (maySmall: boolean): Instance =>
    x.session.instance(decl, typeArgs, { exported: false, ints, maySmall }, e);
  let callee = make(x.instance.maySmall);
  if (!adoptLimits(x, e, callee)) callee = make(false);
  x.instance.calls.set(e, callee);
  checkCall(x.session, e, callee);
  checkConstants(x.session, e, callee);
  checkArguments(x.session, x.instance, e, callee);
  return callee;
}

/** How an argument's integers are passed as a parameter of the type. */
function intArg(source: SourceType, arg: Ty): IntArg {
  if (source.kind === "struct" && arg.kind === "struct") {
    const fields = source.fields.map((f) => intArg(f.type, arg.fields.get(f.name) ?? tyOf(f.type)));
    return fields.every((f) => f === "declared") ? "declared" : fields;
  }
  if (source.kind === "tuple" && arg.kind === "tuple") {
    const elems = source.elems.map((e, k) => intArg(e, arg.elems[k] ?? tyOf(e)));
    return elems.every((e) => e === "declared") ? "declared" : elems;
  }
  if (source.kind !== "scalar" || !(source.type === "i32" || source.type === "u32" || source.type === "index")) {
    return "declared";
  }
  const range = rangeOf(arg);
  const declared = source.type === "i32" ? i32Range : source.type === "u32" ? u32Range : fixed(-(2 ** 31), 2 ** 31);
  return range === null ? "float" : within(range, declared) ? "declared" : "wide";
}

function checkArg(x: ExprTypes, at: ts.Expression, arg: Ty, source: SourceType, name: string): void {
  const want = tyOf(source);
  if (fits(want, arg)) return;
  if (isNumber(arg) && want.kind === "int") {
    x.refuse(at, "TG1032", `\`${at.getText()}\` is ${nameOf(arg)}, the parameter \`${name}\` an integer`);
  }
  if (arg.kind === "void") x.refuse(at, "TG1105", `\`${at.getText()}\` gives no value`);
  const is = (t: Ty): string => (t.kind === "int" ? "an integer" : nameOf(t));
  x.refuse(at, "TG1100", `\`${at.getText()}\` is ${is(arg)}, the parameter \`${name}\` ${is(want)}`);
}

/** Can a parameter of the type take the argument? Integers take no fractions, in structs neither. */
function fits(want: Ty, arg: Ty): boolean {
  if (want.kind === "int") return isNumber(arg) && isWhole(arg);
  if (want.kind === "struct" && arg.kind === "struct") {
    const fitsField = ([n, t]: readonly [string, Ty]): boolean => fits(t, arg.fields.get(n) ?? voidTy);
    return want.fields.size === arg.fields.size && [...want.fields].every(fitsField);
  }
  if (want.kind === "tuple" && arg.kind === "tuple") {
    return want.elems.length === arg.elems.length && want.elems.every((t, k) => fits(t, arg.elems[k] ?? voidTy));
  }
  return join(want, arg) !== null;
}

/**
 * Makes the callee's demand for small sizes the caller's own. False where an argument's size is no size or index
 * parameter of the caller: then the callee must do without.
 */
function adoptLimits(x: ExprTypes, e: ts.CallExpression, callee: Instance): boolean {
  const adopted = new Set<ReturnType<typeof x.session.sizeRef>>();
  for (const ref of callee.small) {
    const i = callee.params.findIndex((p) => p.symbol === ref.param);
    const arg = e.arguments[i];
    if (arg === undefined) return false;
    if (ref.axis === null) {
      const range = rangeOf(x.type(arg));
      if (range === null || Math.max(Math.abs(range.small.lo), Math.abs(range.small.hi)) > 2 ** 26) return false;
      for (const r of range.from) adopted.add(r);
      continue;
    }
    const name = rootName(arg);
    const symbol = name === null ? undefined : x.session.symbol(name);
    if (symbol === undefined) return false;
    const root = x.session.names.root(symbol);
    const param = x.instance.params.find((p) => p.symbol === root);
    const own = x.type(arg);
    if (param === undefined || param.source.kind !== "array" || own.kind !== "array") return false;
    adopted.add(x.session.sizeRef(root, ref.axis + param.source.rank - own.rank));
  }
  for (const r of adopted) x.instance.small.add(r);
  return true;
}
