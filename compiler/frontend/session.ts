/**
 * One compilation of a file: the checked program, the instances of its functions, and what names mean.
 *
 * An instance is a function with its type arguments and the kinds of its integer parameters; each exported function has
 * one, and each way in which a function is called has one.
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { ScalarType } from "../ir/ir.ts";
import { constraintTypes, isOwn, readType, resolveAlias, type TypeContext } from "./annotations.ts";
import type { Names } from "./loops.ts";
import type { Program } from "./program.ts";
import { anyRange, fixed, indexRange, type SizeRef, sizeRange, wideLimit } from "./ranges.ts";
import { type Reporter, Unlowerable } from "./report.ts";
import { rootName, strip } from "./syntax.ts";
import { f64, int, type Ty, tyOf, whole64 } from "./types.ts";

export interface Param {
  readonly symbol: ts.Symbol;
  readonly name: string;
  readonly source: SourceType;
  /** The type of the parameter's value on entry. */
  readonly ty: Ty;
}

/** A local variable: what is declared of it, and the type that holds all that is assigned to it. */
export interface Variable {
  readonly symbol: ts.Symbol;
  readonly name: string;
  readonly declared: SourceType | null;
  readonly isConst: boolean;
  /** Null until something was assigned. */
  ty: Ty | null;
}

export interface Instance {
  readonly name: string;
  readonly decl: FunctionWithBody;
  readonly exported: boolean;
  readonly context: TypeContext;
  readonly params: readonly Param[];
  readonly vars: Map<ts.Symbol, Variable>;
  /** Variables whose value was refused: what is wrong with them was said once, their uses are left alone. */
  readonly refused: Set<ts.Symbol>;
  /** The type of every expression, once inferred. */
  readonly types: Map<ts.Node, Ty>;
  readonly calls: Map<ts.Node, Instance>;
  /** For calls of functions with a custom gradient, what differentiation is to call. */
  readonly adjoints: Map<ts.Node, Instance>;
  /** For an entry with a custom gradient, the function that it calls, and its adjoint. */
  custom: { readonly value: Instance; readonly adjoint: Instance } | null;
  /** How its integer parameters are passed. */
  readonly ints: readonly IntArg[];
  /** Sizes and index parameters that must be small (ranges.ts) for the integer arithmetic to be exact. */
  readonly small: Set<SizeRef>;
  /** Whether the instance may ask for that. */
  readonly maySmall: boolean;
  result: Ty;
}

export type FunctionWithBody = ts.FunctionDeclaration & { readonly body: ts.Block; readonly name: ts.Identifier };

/**
 * How an integer parameter of an inner function is passed: in its declared range, beyond it, or as a whole float; for a
 * struct or tuple, how each of its parts is.
 */
export type IntArg = "declared" | "wide" | "float" | readonly IntArg[];

export class Session {
  readonly program: Program;
  readonly reporter: Reporter;
  readonly real: "f64" | "f32";
  readonly instances: Instance[] = [];
  readonly names: Names;
  private readonly byKey = new Map<string, Instance>();
  private readonly running = new Set<ts.Node>();
  private readonly sizeRefs = new Map<ts.Symbol, Map<number | null, SizeRef>>();

  private readonly infer: (session: Session, instance: Instance) => void;

  constructor(
    program: Program,
    reporter: Reporter,
    real: "f64" | "f32",
    infer: (session: Session, instance: Instance) => void,
  ) {
    this.infer = infer;
    this.program = program;
    this.reporter = reporter;
    this.real = real;
    this.names = {
      symbol: (name) => this.symbol(name),
      constant: (e) => this.constant(e),
      root: (symbol) => this.root(symbol),
      isArray: (symbol) => this.isArray(symbol),
    };
  }

  symbol(name: ts.Identifier): ts.Symbol | undefined {
    const shorthand =
      ts.isShorthandPropertyAssignment(name.parent) &&
      this.program.checker.getShorthandAssignmentValueSymbol(name.parent);
    const symbol = resolveAlias(shorthand || this.program.checker.getSymbolAtLocation(name), this.program.checker);
    // What cannot be imported resolves to a symbol that nothing declares.
    return symbol === undefined || isUndeclared(symbol) ? undefined : symbol;
  }

  /** The one object that stands for an axis of an array parameter, or for a scalar parameter. */
  sizeRef(param: ts.Symbol, axis: number | null): SizeRef {
    const axes = this.sizeRefs.get(param) ?? new Map<number | null, SizeRef>();
    this.sizeRefs.set(param, axes);
    const ref = axes.get(axis) ?? { param, axis };
    axes.set(axis, ref);
    return ref;
  }

  /** The instance of a function for these type and integer arguments, inferred. Refuses recursion. */
  instance(
    decl: FunctionWithBody,
    typeArgs: ReadonlyMap<ts.Symbol, ScalarType>,
    how: {
      readonly exported: boolean;
      /** Its name where that is not the declaration's. */
      readonly name?: string;
      readonly ints: readonly IntArg[];
      readonly maySmall: boolean;
    },
    at: ts.Node,
  ): Instance {
    const types = [...typeArgs.values()].join(",");
    const key = `${decl.getSourceFile().fileName}:${decl.pos}<${types}>${JSON.stringify(how.ints)}${how.exported}${how.maySmall}${how.name ?? ""}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    if (decl.asteriskToken !== undefined || decl.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)) {
      this.reporter.refuse(decl.name, "TG1009", `\`${decl.name.text}\` is asynchronous or a generator`);
    }
    if (this.running.has(decl)) {
      this.reporter.refuse(at, "TG1012", `\`${decl.name.text}\` calls itself`);
    }
    this.running.add(decl);
    try {
      const context: TypeContext = {
        checker: this.program.checker,
        reporter: this.reporter,
        real: this.real,
        typeArgs,
      };
      const instance: Instance = {
        name: this.uniqueName(how.name ?? decl.name.text, [...typeArgs.values()], how.exported),
        decl,
        exported: how.exported,
        context,
        params: this.params(decl, context, how.ints, how.maySmall),
        vars: new Map(),
        refused: new Set(),
        types: new Map(),
        calls: new Map(),
        adjoints: new Map(),
        custom: null,
        ints: how.ints,
        small: new Set(),
        maySmall: how.maySmall,
        result: { kind: "void" },
      };
      this.byKey.set(key, instance);
      this.infer(this, instance);
      this.instances.push(instance);
      return instance;
    } finally {
      this.running.delete(decl);
    }
  }

  /** The default type arguments of an entry, with those asked for by name put in their place. */
  entryTypes(decl: FunctionWithBody, asked: Readonly<Record<string, ScalarType>>): ReadonlyMap<ts.Symbol, ScalarType> {
    const out = new Map<ts.Symbol, ScalarType>();
    const declared = (decl.typeParameters ?? []).map((p) => p.name.text);
    const unknown = Object.keys(asked).find((name) => !declared.includes(name));
    if (unknown !== undefined) {
      const help = declared.length === 0 ? "leave it out" : `name one of: ${declared.join(", ")}`;
      const message = `\`${decl.name.text}\` has no type parameter \`${unknown}\``;
      this.reporter.refuse(decl.name, "TG1036", message, help);
    }
    for (const p of decl.typeParameters ?? []) {
      const symbol = this.symbol(p.name);
      const allowed = constraintTypes(p, this.plainContext());
      const wanted = asked[p.name.text] ?? allowed[0];
      if (wanted === undefined || symbol === undefined) continue;
      if (!allowed.includes(wanted)) {
        const choice = allowed.join(", ");
        this.reporter.refuse(p, "TG1036", `\`${p.name.text}\` cannot be ${wanted}; its constraint allows ${choice}`);
      }
      out.set(symbol, wanted);
    }
    return out;
  }

  plainContext(): TypeContext {
    return { checker: this.program.checker, reporter: this.reporter, real: this.real, typeArgs: new Map() };
  }

  /** The declaration behind the callee of a call; null when it is no function of the user's. */
  functionOf(callee: ts.Expression): FunctionWithBody | null {
    const name = strip(callee);
    const symbol = ts.isIdentifier(name) ? this.symbol(name) : undefined;
    const decl = symbol?.declarations?.find(ts.isFunctionDeclaration);
    return decl !== undefined && hasBody(decl) ? decl : null;
  }

  /** The name of the function of `tsgpu/kernel` that is called, if it is one. */
  helperOf(callee: ts.Expression): string | null {
    const name = strip(callee);
    const symbol = ts.isIdentifier(name) ? this.symbol(name) : undefined;
    return symbol !== undefined && isOwn(symbol) && symbol.flags & ts.SymbolFlags.Function ? symbol.name : null;
  }

  /** `abs` of `Math.abs`; null for what is no member of the global `Math`. */
  mathMember(e: ts.Expression): string | null {
    const n = strip(e);
    if (!ts.isPropertyAccessExpression(n) || !ts.isIdentifier(n.expression) || n.expression.text !== "Math")
      return null;
    const symbol = this.symbol(n.expression);
    return symbol !== undefined && isOwn(symbol) ? n.name.text : null;
  }

  /** Does the name stand for what JavaScript itself has under it, rather than for something declared? */
  isGlobalName(name: ts.Identifier): boolean {
    const symbol = this.program.checker.getSymbolAtLocation(name);
    return symbol === undefined || isUndeclared(symbol) || isOwn(symbol);
  }

  /** Is it declared at the top of a file? */
  isOfModule(symbol: ts.Symbol): boolean {
    const decl = symbol.valueDeclaration;
    return decl !== undefined && (!ts.isVariableDeclaration(decl) || this.moduleConstant(symbol) !== null);
  }

  /** The declaration of a module constant; null for all else. */
  moduleConstant(symbol: ts.Symbol): ts.VariableDeclaration | null {
    const decl = symbol.valueDeclaration;
    if (decl === undefined || !ts.isVariableDeclaration(decl) || !ts.isSourceFile(decl.parent.parent.parent))
      return null;
    return decl;
  }

  /** What `f` gives, while it reads the value of a constant; null where that value asks for itself. */
  within<T>(constant: ts.VariableDeclaration, f: () => T): T | null {
    if (this.running.has(constant)) return null;
    this.running.add(constant);
    try {
      return f();
    } finally {
      this.running.delete(constant);
    }
  }

  /** Is the name that of a variable which holds a function? */
  isFunctionValue(name: ts.Identifier): boolean {
    const decl = this.symbol(name)?.valueDeclaration;
    if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) return false;
    const init = strip(decl.initializer);
    return ts.isArrowFunction(init) || ts.isFunctionExpression(init);
  }

  private constant(e: ts.Expression): number | null {
    const n = strip(e);
    if (ts.isNumericLiteral(n)) return Number.isSafeInteger(Number(n.text)) ? Number(n.text) : null;
    if (ts.isPrefixUnaryExpression(n) && n.operator === ts.SyntaxKind.MinusToken) {
      const value = this.constant(n.operand);
      return value === null ? null : -value;
    }
    if (!ts.isIdentifier(n)) return null;
    const decl = this.symbol(n)?.valueDeclaration;
    if (decl === undefined || !ts.isVariableDeclaration(decl)) return null;
    const { initializer } = decl;
    if (initializer === undefined || !(ts.getCombinedNodeFlags(decl) & ts.NodeFlags.Const)) return null;
    return this.within(decl, () => this.constant(initializer));
  }

  private root(symbol: ts.Symbol): ts.Symbol {
    const decl = symbol.valueDeclaration;
    if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) return symbol;
    if (!this.isArray(symbol)) return symbol;
    const name = rootName(decl.initializer);
    const of = name === null ? undefined : this.symbol(name);
    return of === undefined ? symbol : (this.within(decl, () => this.root(of)) ?? symbol);
  }

  private isArray(symbol: ts.Symbol): boolean {
    const decl = symbol.valueDeclaration;
    if (decl === undefined) return false;
    const type = this.program.checker.getTypeOfSymbolAtLocation(symbol, decl);
    return this.program.checker.isArrayLikeType(type);
  }

  private params(
    decl: FunctionWithBody,
    context: TypeContext,
    ints: readonly IntArg[],
    maySmall: boolean,
  ): readonly Param[] {
    return decl.parameters.map((p, i) => {
      if (!ts.isIdentifier(p.name)) {
        return this.reporter.refuse(p, "TG1013", "a parameter of a kernel must have a name");
      }
      if (p.name.text === "this") this.reporter.refuse(p, "TG1056", "a kernel is called on nothing");
      if (p.questionToken || p.dotDotDotToken || p.initializer) {
        return this.reporter.refuse(p, "TG1010", `the parameter \`${p.name.text}\` may be left out or repeated`);
      }
      const symbol = this.symbol(p.name);
      if (symbol === undefined || p.type === undefined) throw new Unlowerable();
      const source = readType(p.type, context);
      const declared = tyOf(source);
      const passed = asPassed(declared, ints[i] ?? "declared");
      if (source.kind !== "scalar" || source.type !== "index" || passed !== declared) {
        return { symbol, name: p.name.text, source, ty: passed };
      }
      const range = maySmall ? indexRange(this.sizeRef(symbol, null)) : fixed(-wideLimit, wideLimit);
      return { symbol, name: p.name.text, source, ty: int(range) };
    });
  }

  /** The range of a size of an array parameter. */
  sizeTy(instance: Instance, param: ts.Symbol, axis: number): Ty {
    return int(instance.maySmall ? sizeRange(this.sizeRef(param, axis)) : fixed(0, wideLimit - 1));
  }

  private uniqueName(name: string, types: readonly ScalarType[], exported: boolean): string {
    if (exported) return name;
    const base = [name, ...types].join("_");
    const taken = (n: string): boolean =>
      this.instances.some((i) => i.name === n) || this.program.file.text.includes(`function ${n}(`);
    if (!taken(base) && base !== name) return base;
    let k = 1;
    while (taken(`${base}_${k}`)) k++;
    return `${base}_${k}`;
  }
}

const isUndeclared = (symbol: ts.Symbol): boolean =>
  symbol.declarations === undefined || symbol.declarations.length === 0;

/** The declared type with its integers as they are passed. */
function asPassed(declared: Ty, how: IntArg): Ty {
  if (how === "declared") return declared;
  if (how === "float") return whole64;
  if (how === "wide") return int(anyRange);
  if (declared.kind === "tuple") {
    return { kind: "tuple", elems: declared.elems.map((t, k) => asPassed(t, how[k] ?? "declared")) };
  }
  if (declared.kind !== "struct") return declared;
  const fields = [...declared.fields].map(([n, t], k): [string, Ty] => [n, asPassed(t, how[k] ?? "declared")]);
  return { kind: "struct", fields: new Map(fields) };
}

export const hasBody = (d: ts.FunctionDeclaration): d is FunctionWithBody =>
  d.body !== undefined && d.name !== undefined;
/** What stands for a type when its piece of source could not be understood. */
export const unknownTy: Ty = f64;
