/** Reads written type annotations: scalar aliases, `real`, type parameters, arrays, structs and tuples. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ScalarType } from "../ir/ir.ts";
import type { Reporter } from "./codes.ts";
import { libFile, modules } from "./lib.ts";

const scalarNames = new Set(["f64", "f32", "i32", "u32", "index", "bool", "real"]);
const ownFileNames = new Set([libFile, ...[...modules.values()].map((m) => m.file)]);

/** What annotations mean in one instance of a function: the type arguments, and what `real` is. */
export interface TypeContext {
  readonly checker: ts.TypeChecker;
  readonly reporter: Reporter;
  readonly real: "f64" | "f32";
  readonly typeArgs: ReadonlyMap<ts.Symbol, ScalarType>;
  /** Declarations of the named types around the one that is read. */
  readonly reading?: ReadonlySet<ts.Node>;
}

export const maxRank = 6;

/** The type that an annotation names. Reports and gives up on what kernels do not have. */
export function readType(node: ts.TypeNode, c: TypeContext): SourceType {
  switch (node.kind) {
    case ts.SyntaxKind.NumberKeyword:
      return scalar("f64");
    case ts.SyntaxKind.BooleanKeyword:
      return scalar("bool");
  }
  if (ts.isParenthesizedTypeNode(node)) return readType(node.type, c);
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return readType(node.type, c);
  if (ts.isArrayTypeNode(node)) return arrayOf(node.elementType, node, c);
  if (ts.isTupleTypeNode(node)) return tupleOf(node, c);
  if (ts.isTypeLiteralNode(node)) return structOf(node, node.members, c);
  if (ts.isTypeReferenceNode(node)) return readReference(node, c);
  return c.reporter.refuse(node, "TG1030", `the type \`${node.getText()}\` is not part of the kernel language`);
}

const scalar = (type: ScalarType): SourceType => ({ kind: "scalar", type });

function arrayOf(elem: ts.TypeNode, at: ts.Node, c: TypeContext): SourceType {
  const inner = readType(elem, c);
  if (inner.kind === "scalar" && inner.type === "index") {
    return c.reporter.refuse(elem, "TG1035", "arrays cannot store `index` values");
  }
  if (holdsIndex(inner)) c.reporter.refuse(elem, "TG1035", "arrays cannot store structs with `index` fields");
  const rank = inner.kind === "array" ? inner.rank + 1 : 1;
  if (rank > maxRank)
    return c.reporter.refuse(at, "TG1034", `an array of ${rank} axes; at most ${maxRank} are allowed`);
  return { kind: "array", rank, elem: inner.kind === "array" ? inner.elem : inner };
}

const holdsIndex = (t: SourceType): boolean =>
  t.kind === "struct"
    ? t.fields.some((f) => holdsIndex(f.type))
    : t.kind === "tuple"
      ? t.elems.some(holdsIndex)
      : t.kind === "scalar" && t.type === "index";

function tupleOf(node: ts.TupleTypeNode, c: TypeContext): SourceType {
  if (node.elements.length === 0) c.reporter.refuse(node, "TG1030", "a tuple without elements");
  const elems = node.elements.map((e) => {
    const member = ts.isNamedTupleMember(e) ? e : null;
    if (member?.questionToken !== undefined || member?.dotDotDotToken !== undefined || ts.isOptionalTypeNode(e)) {
      return c.reporter.refuse(e, "TG1030", `\`${e.getText()}\` may be left out or repeated`, "list the elements");
    }
    const type = readType(member?.type ?? e, c);
    if (type.kind !== "array") return type;
    return c.reporter.refuse(e, "TG1030", "a tuple cannot hold an array", "pass the array as a parameter of its own");
  });
  return { kind: "tuple", elems };
}

function structOf(at: ts.Node, members: readonly ts.TypeElement[], c: TypeContext): SourceType {
  if (members.length === 0) c.reporter.refuse(at, "TG1030", "a struct without fields");
  const fields = members.map((m) => {
    if (
      !ts.isPropertySignature(m) ||
      m.type === undefined ||
      m.questionToken !== undefined ||
      !ts.isIdentifier(m.name)
    ) {
      return c.reporter.refuse(
        m,
        "TG1030",
        `\`${m.getText()}\` cannot be a field of a struct`,
        "declare fields as `name: type`",
      );
    }
    const type = readType(m.type, c);
    if (type.kind === "array") {
      return c.reporter.refuse(
        m,
        "TG1030",
        "a struct cannot hold an array",
        "pass the array as a parameter of its own",
      );
    }
    return { name: m.name.text, type };
  });
  return { kind: "struct", fields };
}

function readReference(node: ts.TypeReferenceNode, c: TypeContext): SourceType {
  const symbol = resolveAlias(c.checker.getSymbolAtLocation(node.typeName), c.checker);
  const name = node.typeName.getText();
  const arg = node.typeArguments?.[0];
  if (symbol === undefined) return unknownType(node, c);
  const bound = c.typeArgs.get(symbol);
  if (bound !== undefined) return scalar(bound);
  const decl = symbol.declarations?.[0];
  if (decl === undefined) return unknownType(node, c);
  const own = ownFileNames.has(decl.getSourceFile().fileName);
  if (own && scalarNames.has(symbol.name)) return scalar(symbol.name === "real" ? c.real : (symbol.name as ScalarType));
  if (own && (name === "Array" || name === "ReadonlyArray") && arg !== undefined) return arrayOf(arg, node, c);
  if (own && name === "Readonly" && arg !== undefined) return readType(arg, c);
  const rows = own ? typedRows.get(name) : undefined;
  if (rows !== undefined) {
    const help = `write \`${rows}[]\`; typed arrays are accepted where the kernel is called`;
    return c.reporter.refuse(node, "TG1030", `the type \`${name}\` is not part of the kernel language`, help);
  }
  if (ts.isTypeAliasDeclaration(decl) && decl.typeParameters === undefined) {
    return readType(decl.type, inside(decl, node, c));
  }
  const isPlain = symbol.declarations?.length === 1;
  if (
    isPlain &&
    ts.isInterfaceDeclaration(decl) &&
    decl.typeParameters === undefined &&
    decl.heritageClauses === undefined
  ) {
    return structOf(node, decl.members, inside(decl, node, c));
  }
  return unknownType(node, c);
}

const typedRows: ReadonlyMap<string, ScalarType> = new Map([
  ["Float64Array", "f64"],
  ["Float32Array", "f32"],
  ["Int32Array", "i32"],
  ["Uint32Array", "u32"],
]);

/** The context within a named type; refuses a type that holds itself. */
function inside(decl: ts.Node, at: ts.Node, c: TypeContext): TypeContext {
  const reading = c.reading ?? new Set();
  if (reading.has(decl)) c.reporter.refuse(at, "TG1030", `the type \`${at.getText()}\` holds itself`);
  return { ...c, reading: new Set([...reading, decl]) };
}

const unknownType = (node: ts.Node, c: TypeContext): never =>
  c.reporter.refuse(node, "TG1030", `the type \`${node.getText()}\` is not part of the kernel language`);

/** The symbol that an import stands for. */
export function resolveAlias(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): ts.Symbol | undefined {
  return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The scalar types that a type parameter may stand for, first the default. */
export function constraintTypes(param: ts.TypeParameterDeclaration, c: TypeContext): readonly ScalarType[] {
  const node = param.constraint;
  if (node === undefined) {
    return c.reporter.refuse(param, "TG1037", `the type parameter ${param.name.text} has no constraint`);
  }
  const parts = ts.isUnionTypeNode(node) ? node.types : [node];
  return parts.map((part) => {
    const type = readType(part, c);
    if (type.kind === "scalar" && type.type !== "bool") return type.type;
    return c.reporter.refuse(part, "TG1037", `\`${part.getText()}\` is no numeric scalar type`);
  });
}

/** Is the symbol declared by `tsgpu`, `tsgpu/kernel` or the ambient library? */
export const isOwn = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((d) => ownFileNames.has(d.getSourceFile().fileName)) ?? false;
