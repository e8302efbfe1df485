/** Reads written type annotations: scalar aliases, `real`, type parameters, arrays, structs and tuples. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { type ElemType, type ScalarType, valueType } from "../ir/ir.ts";
import { libFile, modules } from "./lib.ts";
import { type Reporter, Unlowerable } from "./report.ts";

const elemNames = new Set(["f64", "f32", "f16", "i32", "u32", "index", "bool", "real"]);
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
  const type = elemType(node, c);
  return type.kind === "scalar" && type.type === "f16"
    ? c.reporter.refuse(node, "TG1078", "only elements of arrays are `f16`")
    : type;
}

/** The same where an array's elements may be of the type. */
function elemType(node: ts.TypeNode, c: TypeContext): SourceType {
  switch (node.kind) {
    case ts.SyntaxKind.NumberKeyword:
      return scalar("f64");
    case ts.SyntaxKind.BooleanKeyword:
      return scalar("bool");
  }
  if (ts.isParenthesizedTypeNode(node)) return elemType(node.type, c);
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return readType(node.type, c);
  if (ts.isArrayTypeNode(node)) return arrayOf(node.elementType, node, c);
  if (ts.isTupleTypeNode(node)) return tupleOf(node, c);
  if (ts.isTypeLiteralNode(node)) return structOf(node, node.members, c);
  if (ts.isTypeReferenceNode(node)) return readReference(node, c);
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) {
    return c.reporter.refuse(node, "TG1080", `the type \`${node.getText()}\` is several types`, oneType(node));
  }
  if (ts.isFunctionTypeNode(node)) return c.reporter.refuse(node, "TG1081", "a function cannot be passed to a kernel");
  return unknownType(node, c);
}

/** What to write in place of several types, where that is not a type parameter. */
function oneType(node: ts.UnionTypeNode | ts.IntersectionTypeNode): string | undefined {
  if (ts.isIntersectionTypeNode(node)) return "write all fields in one interface";
  const literals = node.types.filter(ts.isLiteralTypeNode).map((t) => t.literal.kind);
  if (literals.includes(ts.SyntaxKind.StringLiteral)) return otherTypes.get(ts.SyntaxKind.StringKeyword);
  const isNothing = (t: ts.TypeNode): boolean =>
    t.kind === ts.SyntaxKind.UndefinedKeyword ||
    (ts.isLiteralTypeNode(t) && t.literal.kind === ts.SyntaxKind.NullKeyword);
  if (node.types.some(isNothing)) return "leave out what stands for nothing: every value of a kernel is there";
  return literals.length === 0 ? undefined : otherTypes.get(ts.SyntaxKind.LiteralType);
}

const scalar = (type: ElemType): SourceType => ({ kind: "scalar", type });

function arrayOf(elem: ts.TypeNode, at: ts.Node, c: TypeContext): SourceType {
  const inner = elemType(elem, c);
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
  if (node.elements.length === 0) c.reporter.refuse(node, "TG1085", "a tuple without elements");
  const elems = node.elements.map((e) => {
    const member = ts.isNamedTupleMember(e) ? e : null;
    if (
      member?.questionToken !== undefined ||
      member?.dotDotDotToken !== undefined ||
      ts.isOptionalTypeNode(e) ||
      ts.isRestTypeNode(e)
    ) {
      return c.reporter.refuse(e, "TG1082", `\`${e.getText()}\` may be left out or repeated`);
    }
    const type = readType(member?.type ?? e, c);
    if (type.kind !== "array") return type;
    return c.reporter.refuse(e, "TG1083", "a tuple cannot hold an array");
  });
  return { kind: "tuple", elems };
}

function structOf(at: ts.Node, members: readonly ts.TypeElement[], c: TypeContext): SourceType {
  if (members.length === 0) c.reporter.refuse(at, "TG1085", "a struct without fields");
  const fields = members.map((m) => {
    if (ts.isPropertySignature(m) && m.questionToken !== undefined) {
      return c.reporter.refuse(m, "TG1082", `\`${m.getText()}\` may be left out`);
    }
    if (ts.isMethodSignature(m) || ts.isGetAccessor(m) || ts.isSetAccessor(m)) {
      return c.reporter.refuse(m, "TG1073", `\`${m.getText()}\` is no plain field`);
    }
    if (!ts.isPropertySignature(m) || m.type === undefined || !ts.isIdentifier(m.name)) {
      return c.reporter.refuse(
        m,
        "TG1030",
        `\`${m.getText()}\` cannot be a field of a struct`,
        "declare fields as `name: type`",
      );
    }
    const type = readType(m.type, c);
    if (type.kind === "array") {
      return c.reporter.refuse(m, "TG1083", "a struct cannot hold an array");
    }
    return { name: m.name.text, type };
  });
  return { kind: "struct", fields };
}

function readReference(node: ts.TypeReferenceNode, c: TypeContext): SourceType {
  const symbol = resolveAlias(c.checker.getSymbolAtLocation(node.typeName), c.checker);
  const name = node.typeName.getText();
  const arg = node.typeArguments?.[0];
  // The type checker has said that nothing has the name.
  if (symbol?.declarations === undefined || symbol.declarations.length === 0) throw new Unlowerable();
  const bound = c.typeArgs.get(symbol);
  if (bound !== undefined) return scalar(bound);
  const [decl] = symbol.declarations;
  if (decl === undefined) throw new Unlowerable();
  const own = ownFileNames.has(decl.getSourceFile().fileName);
  if (own && elemNames.has(symbol.name)) return scalar(symbol.name === "real" ? c.real : (symbol.name as ElemType));
  if (own && (name === "Array" || name === "ReadonlyArray") && arg !== undefined) return arrayOf(arg, node, c);
  if (own && name === "Readonly" && arg !== undefined) return readType(arg, c);
  const rows = own ? typedRows.get(name) : undefined;
  if (rows !== undefined) {
    const help = `write \`${rows}[]\`; typed arrays are accepted where the kernel is called`;
    return c.reporter.refuse(node, "TG1086", `\`${name}\` is a typed array`, help);
  }
  if (ts.isTypeAliasDeclaration(decl) && decl.typeParameters === undefined) {
    return elemType(decl.type, inside(decl, node, c));
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
  if (ts.isInterfaceDeclaration(decl) && !own && decl.typeParameters === undefined) {
    const how = isPlain ? "extends another interface" : "is declared more than once";
    return c.reporter.refuse(node, "TG1087", `\`${name}\` ${how}`);
  }
  if (symbol.flags & ts.SymbolFlags.Class && !own) {
    return c.reporter.refuse(node, "TG1003", `\`${name}\` is a class`);
  }
  if (symbol.flags & ts.SymbolFlags.Enum && !own) {
    return c.reporter.refuse(
      node,
      "TG1052",
      `\`${name}\` is an enum`,
      "declare an i32, and name its values by module constants",
    );
  }
  if ((ts.isTypeAliasDeclaration(decl) || ts.isInterfaceDeclaration(decl)) && !own) {
    return c.reporter.refuse(
      node,
      "TG1030",
      `\`${name}\` is a generic type`,
      "write the type out, with its parts filled in",
    );
  }
  return unknownType(node, c);
}

const typedRows: ReadonlyMap<string, ElemType> = new Map([
  ["Float64Array", "f64"],
  ["Float32Array", "f32"],
  ["Float16Array", "f16"],
  ["Int32Array", "i32"],
  ["Uint32Array", "u32"],
  ["Uint8Array", "bool"],
]);

/** The context within a named type; refuses a type that holds itself. */
function inside(decl: ts.Node, at: ts.Node, c: TypeContext): TypeContext {
  const reading = c.reading ?? new Set();
  if (reading.has(decl)) c.reporter.refuse(at, "TG1084", `the type \`${at.getText()}\` holds itself`);
  return { ...c, reading: new Set([...reading, decl]) };
}

const unknownType = (node: ts.TypeNode, c: TypeContext): never => {
  const help = otherTypes.get(node.kind);
  return c.reporter.refuse(node, "TG1030", `the type \`${node.getText()}\` is not part of the kernel language`, help);
};
/** What to write in place of types that users may reach for. */
const otherTypes: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.StringKeyword, "number the cases, as in `const add = 0, mul = 1;`, and pass an i32"],
  [ts.SyntaxKind.LiteralType, "write the type of the value, as in `i32` or `f64`"],
  [ts.SyntaxKind.BigIntKeyword, "write `index`; integers are exact up to 2^53"],
]);

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
    if (type.kind === "scalar" && type.type !== "bool") return valueType(type.type);
    return c.reporter.refuse(part, "TG1037", `\`${part.getText()}\` is no numeric scalar type`);
  });
}

/** Is the symbol declared by `tsgpu`, `tsgpu/kernel` or the ambient library? */
export const isOwn = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((d) => ownFileNames.has(d.getSourceFile().fileName)) ?? false;
