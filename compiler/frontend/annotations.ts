/** Reads written type annotations: scalar aliases, `real`, type parameters, arrays, structs and tuples. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ScalarType } from "../ir/ir.ts";
import type { Reporter } from "./codes.ts";
import { modules } from "./lib.ts";

const scalarNames = new Set(["f64", "f32", "i32", "u32", "index", "bool", "real"]);
const ownFileNames = new Set([...modules.values()].map((m) => m.file));

/** What annotations mean in one instance of a function: the type arguments, and what `real` is. */
export interface TypeContext {
  readonly checker: ts.TypeChecker;
  readonly reporter: Reporter;
  readonly real: "f64" | "f32";
  readonly typeArgs: ReadonlyMap<ts.Symbol, ScalarType>;
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
  if (ts.isTupleTypeNode(node)) {
    const elems = node.elements.map((e) => readType(ts.isNamedTupleMember(e) ? e.type : e, c));
    return { kind: "tuple", elems };
  }
  if (ts.isTypeLiteralNode(node)) return structOf(node.members, c);
  if (ts.isTypeReferenceNode(node)) return readReference(node, c);
  return c.reporter.refuse(node, "TG1030", `the type \`${node.getText()}\` is not part of the kernel language`);
}

const scalar = (type: ScalarType): SourceType => ({ kind: "scalar", type });

function arrayOf(elem: ts.TypeNode, at: ts.Node, c: TypeContext): SourceType {
  const inner = readType(elem, c);
  if (inner.kind === "scalar" && inner.type === "index") {
    return c.reporter.refuse(elem, "TG1035", "arrays cannot store `index` values");
  }
  const rank = inner.kind === "array" ? inner.rank + 1 : 1;
  if (rank > maxRank)
    return c.reporter.refuse(at, "TG1034", `an array of ${rank} axes; at most ${maxRank} are allowed`);
  return { kind: "array", rank, elem: inner.kind === "array" ? inner.elem : inner };
}

function structOf(members: readonly ts.TypeElement[], c: TypeContext): SourceType {
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
  if ((name === "Array" || name === "ReadonlyArray") && arg !== undefined) return arrayOf(arg, node, c);
  if (name === "Readonly" && arg !== undefined) return readType(arg, c);
  if (ts.isTypeAliasDeclaration(decl) && decl.typeParameters === undefined) return readType(decl.type, c);
  if (ts.isInterfaceDeclaration(decl) && decl.typeParameters === undefined && decl.heritageClauses === undefined) {
    return structOf(decl.members, c);
  }
  return unknownType(node, c);
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

/** Is the symbol declared by `tsgpu/kernel` (or the ambient library)? */
export const isOwn = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((d) => d.getSourceFile().fileName.startsWith("/tsgpu/")) ?? false;
