/**
 * The type of an expression, from the types of the variables so far. Every type found is noted in `instance.types`;
 * lowering and the `node` target read it there.
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { isOwn, readType } from "./annotations.ts";
import type { Code } from "./codes.ts";
import { inferCall } from "./infer-call.ts";
import { customIn } from "./infer-custom.ts";
import { inferArrayLiteral, inferObjectLiteral } from "./infer-literals.ts";
import type { ExprTypes } from "./infer-types.ts";
import {
  addIntervals,
  combine,
  excludesZero,
  fixed,
  i32Range,
  isExact,
  mulIntervals,
  type Range,
  remIntervals,
  subIntervals,
  u32Range,
  whenSmall,
} from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import { type Instance, type Session, unknownTy } from "./session.ts";
import { compoundOperators, isAssignment, isUpdate, strip } from "./syntax.ts";
import {
  bool,
  type FloatTy,
  f64,
  holdsArray,
  int,
  isNumber,
  isWhole,
  join,
  literal,
  type NumberTy,
  nameOf,
  rangeOf,
  type Ty,
  tyOf,
  whole64,
} from "./types.ts";
import {
  otherConstants,
  otherNames,
  unsupportedArrayMember,
  unsupportedExpression,
  unsupportedOperator,
} from "./unsupported.ts";

const K = ts.SyntaxKind;

export class ExprInference implements ExprTypes {
  readonly session: Session;
  readonly instance: Instance;
  /** Types an assignment that stands inside an expression; set by the statement walk. */
  assignment: (e: ts.Expression) => Ty = () => unknownTy;
  /** Where variables are known to be at the place that is being typed, beyond what their types say. */
  readonly narrowed = new Map<ts.Symbol, Range>();

  constructor(session: Session, instance: Instance) {
    this.session = session;
    this.instance = instance;
  }

  refuse(node: ts.Node, code: Code, message: string, help?: string): never {
    return this.session.reporter.refuse(node, code, message, help);
  }

  type(e: ts.Expression): Ty {
    const ty = this.compute(e);
    this.instance.types.set(e, ty);
    return ty;
  }

  /** The type of a number; refuses arrays, structs and bools. */
  number(e: ts.Expression): NumberTy {
    const t = this.type(e);
    if (isNumber(t)) return t;
    if (t.kind === "array") this.refuse(e, "TG1039", `\`${e.getText()}\` is an array, ${nameOf(t)}, not a number`);
    if (t.kind === "bool") this.refuse(e, "TG1103", `\`${e.getText()}\` is bool, not a number`);
    if (t.kind === "void") this.refuse(e, "TG1105", `\`${e.getText()}\` gives no value`);
    return this.refuse(e, "TG1031", `\`${e.getText()}\` is ${nameOf(t)}, not a number`);
  }

  /** The type of a condition: a bool, or a number that is compared with zero. */
  condition(e: ts.Expression): void {
    const t = this.type(e);
    if (t.kind !== "bool" && !isNumber(t)) {
      this.refuse(e, "TG1104", `\`${e.getText()}\` is ${nameOf(t)}, not a condition`);
    }
  }

  private compute(e: ts.Expression): Ty {
    if (ts.isNumericLiteral(e)) return literal(Number(e.text.replaceAll("_", "")));
    if (ts.isIdentifier(e)) return this.name(e);
    if (ts.isParenthesizedExpression(e) || ts.isNonNullExpression(e) || ts.isSatisfiesExpression(e)) {
      return this.type(e.expression);
    }
    if (ts.isAsExpression(e)) return this.assertion(e);
    if (isAssignment(e) || isUpdate(e)) return this.assignment(e);
    if (ts.isBinaryExpression(e)) return this.binary(e);
    if (ts.isPrefixUnaryExpression(e)) return this.prefix(e);
    if (ts.isConditionalExpression(e)) return this.conditional(e);
    if (ts.isElementAccessExpression(e)) return this.element(e);
    if (ts.isPropertyAccessExpression(e)) return this.property(e);
    if (ts.isCallExpression(e)) return inferCall(this, e);
    if (ts.isArrayLiteralExpression(e)) return inferArrayLiteral(this, e);
    if (ts.isObjectLiteralExpression(e)) return inferObjectLiteral(this, e);
    if (e.kind === K.TrueKeyword || e.kind === K.FalseKeyword) return bool;
    if (e.kind === K.OmittedExpression) return this.refuse(e.parent, "TG1111", "an array literal with a hole");
    return this.refuse(e, ...unsupportedExpression(e));
  }

  private within(symbol: ts.Symbol, ty: Ty): Ty {
    const tested = this.narrowed.get(symbol);
    if (tested === undefined || ty.kind !== "int") return ty;
    return int(
      combine(ty.range, tested, (a, b) => {
        const lo = Math.min(Math.max(a.lo, b.lo), a.hi);
        return { lo, hi: Math.max(Math.min(a.hi, b.hi), lo) };
      }),
    );
  }

  private name(e: ts.Identifier): Ty {
    if (e.text === "undefined" && this.session.isGlobalName(e)) this.refuse(e, "TG1025", "kernels have no `undefined`");
    const symbol = this.session.symbol(e);
    const help = otherNames[e.text];
    if (help !== undefined && this.session.isGlobalName(e)) {
      this.refuse(e, "TG1020", `kernels have no \`${e.text}\``, help);
    }
    // The type checker has said that nothing has the name.
    if (symbol === undefined) throw new Unlowerable();
    if (this.instance.refused.has(symbol)) throw new Unlowerable();
    const known = this.instance.vars.get(symbol);
    // Before anything was assigned, a variable is as good as a literal: it takes the type of what it meets.
    if (known !== undefined) return this.within(symbol, known.ty ?? literal(0));
    const own = isOwn(symbol);
    if (own && e.text === "NaN") return literal(Number.NaN);
    if (own && e.text === "Infinity") return literal(Number.POSITIVE_INFINITY);
    const constant = own ? null : this.session.moduleConstant(symbol);
    if (constant !== null) return this.moduleConstant(e, constant);
    if (symbol.flags & ts.SymbolFlags.Function) {
      this.refuse(e, "TG1023", `the function \`${e.text}\` is used as a value`);
    }
    if (symbol.flags & ts.SymbolFlags.Enum) this.refuse(e, "TG1052", `\`${e.text}\` is an enum`);
    if (symbol.flags & ts.SymbolFlags.Class) this.refuse(e, "TG1003", `\`${e.text}\` is a class`);
    if (symbol.flags & ts.SymbolFlags.Module) {
      if (symbol.declarations?.some(ts.isModuleDeclaration)) this.refuse(e, "TG1053", `\`${e.text}\` is a namespace`);
      this.refuse(e, "TG1017", `\`${e.text}\` is a module`);
    }
    // A variable that is used before it is declared: the type checker has said so.
    if (!own) throw new Unlowerable();
    const way = e.text === "Math" ? "write its functions in full, as in `Math.abs(x)`" : undefined;
    return this.refuse(e, "TG1020", `\`${e.text}\` is not part of the kernel language`, way);
  }

  private moduleConstant(e: ts.Identifier, decl: ts.VariableDeclaration): Ty {
    if (!(ts.getCombinedNodeFlags(decl) & ts.NodeFlags.Const)) {
      this.refuse(e, "TG1008", `\`${e.text}\` is a variable of the module`);
    }
    if (customIn(this.session, decl) !== null) {
      this.refuse(e, "TG1023", `the function \`${e.text}\` is used as a value`);
    }
    const init = decl.initializer;
    if (init === undefined) return this.refuse(e, "TG1008", `\`${e.text}\` has no value in the module`);
    const ty = this.session.within(decl, () => this.type(init));
    if (ty === null) return this.refuse(e, "TG1059", `the constant \`${decl.name.getText()}\` is defined by itself`);
    if (ty.kind === "array" && !ts.isArrayLiteralExpression(strip(init))) {
      const help = "list its elements, or make it inside the kernel";
      this.refuse(e, "TG1045", `the constant \`${e.text}\` of the module is an array, but no array literal`, help);
    }
    if (decl.type === undefined) return ty;
    const declared = tyOf(this.annotation(decl.type));
    return declared.kind === "int" && isWhole(ty) ? ty : declared;
  }

  annotation(node: ts.TypeNode): SourceType {
    return readType(node, this.instance.context);
  }

  /** `x as T`: rounds to f32, is nothing between integers, and never turns a fraction into an integer. */
  private assertion(e: ts.AsExpression): Ty {
    const of = this.type(e.expression);
    if (e.type.getText() === "const") return of;
    const to = tyOf(this.annotation(e.type));
    if (isNumber(of) && to.kind === "int") {
      if (!isWhole(of)) this.refuse(e, "TG1032", `\`${e.expression.getText()}\` is ${nameOf(of)}, not an integer`);
      return of;
    }
    if (isNumber(of) && to.kind === "float") return { ...to, whole: isWhole(of) };
    if (join(of, to) === null)
      this.refuse(e, "TG1031", `\`${e.expression.getText()}\` is ${nameOf(of)}, not ${nameOf(to)}`);
    return of.kind === "struct" || of.kind === "tuple" ? to : of;
  }

  private prefix(e: ts.PrefixUnaryExpression): Ty {
    switch (e.operator) {
      case K.ExclamationToken:
        this.condition(e.operand);
        return bool;
      case K.PlusToken:
        return this.number(e.operand);
      case K.TildeToken:
        this.number(e.operand);
        return int(i32Range);
      case K.MinusToken: {
        const t = this.number(e.operand);
        if (t.kind === "literal") return literal(-t.value);
        if (t.kind === "float") return t;
        return this.arithmetic(K.AsteriskToken, t, literal(-1));
      }
      default:
        return this.refuse(e, "TG1028", `the operator of \`${e.getText()}\` is not part of the kernel language`);
    }
  }

  private binary(e: ts.BinaryExpression): Ty {
    const op = e.operatorToken.kind;
    switch (op) {
      case K.EqualsEqualsEqualsToken:
      case K.ExclamationEqualsEqualsToken:
      case K.EqualsEqualsToken:
      case K.ExclamationEqualsToken: {
        const a = this.type(e.left);
        const b = this.type(e.right);
        if (!(isNumber(a) && isNumber(b)) && !(a.kind === "bool" && b.kind === "bool")) {
          this.refuse(e, "TG1102", `compares ${nameOf(a)} with ${nameOf(b)}`);
        }
        return bool;
      }
      case K.LessThanToken:
      case K.LessThanEqualsToken:
      case K.GreaterThanToken:
      case K.GreaterThanEqualsToken:
        this.number(e.left);
        this.number(e.right);
        return bool;
      case K.AmpersandAmpersandToken:
      case K.BarBarToken:
        for (const side of [e.left, e.right]) {
          const t = this.type(side);
          if (t.kind !== "bool") this.refuse(side, "TG1029", `\`${side.getText()}\` is ${nameOf(t)}, not a bool`);
        }
        return bool;
      default:
        if (!arithmeticOperators.has(op)) return this.refuse(e.operatorToken, ...unsupportedOperator(e.operatorToken));
        return this.arithmetic(op, this.number(e.left), this.number(e.right));
    }
  }

  /** The type of `a op b`. */
  arithmetic(op: ts.SyntaxKind, a: NumberTy, b: NumberTy): NumberTy {
    switch (op) {
      case K.AmpersandToken: {
        // Masking with a constant that is not negative keeps what the mask can hold.
        const mask = [a, b].find((t) => t.kind === "literal" && t.value >= 0 && t.value < 2 ** 31);
        return int(mask?.kind === "literal" ? fixed(0, mask.value) : i32Range);
      }
      case K.BarToken:
      case K.CaretToken:
      case K.LessThanLessThanToken:
        return int(i32Range);
      case K.GreaterThanGreaterThanToken: {
        const range = rangeOf(a);
        const inside = range !== null && range.wide.lo >= -(2 ** 31) && range.wide.hi < 2 ** 31;
        if (!inside || b.kind !== "literal" || b.value < 0 || b.value > 31) return int(i32Range);
        return int(combine(range, fixed(b.value, b.value), (x, s) => ({ lo: x.lo >> s.lo, hi: x.hi >> s.lo })));
      }
      case K.GreaterThanGreaterThanGreaterThanToken:
        return int(u32Range);
    }
    if (a.kind === "literal" && b.kind === "literal") return literal(literalArithmetic(op, a.value, b.value));
    const both = this.floatType(a, b);
    const ra = rangeOf(a);
    const rb = rangeOf(b);
    if (a.kind !== "float" && b.kind !== "float" && ra !== null && rb !== null) {
      const range = intArithmetic(op, ra, rb);
      if (range === null) return op === K.PercentToken ? whole64 : f64;
      return this.exact(range);
    }
    const whole = isWhole(a) && isWhole(b) && op !== K.SlashToken && op !== K.AsteriskAsteriskToken;
    return { ...both, whole };
  }

  /** An integer of that range: exact as it stands or when sizes are small; else a float that is whole. */
  exact(range: Range): NumberTy {
    if (isExact(range)) return int(range);
    const small = this.instance.maySmall ? whenSmall(range) : null;
    if (small === null) return whole64;
    for (const ref of small.from) this.instance.small.add(ref);
    return int(small);
  }

  /** The float type in which two numbers meet: f64 as soon as one of them is an f64 or both are integers. */
  floatType(a: NumberTy, b: NumberTy): FloatTy {
    const has = (type: string): boolean => [a, b].some((t) => t.kind === "float" && t.type === type);
    return has("f32") && !has("f64") ? { kind: "float", type: "f32", whole: false } : f64;
  }

  private conditional(e: ts.ConditionalExpression): Ty {
    this.condition(e.condition);
    const a = this.type(e.whenTrue);
    const b = this.type(e.whenFalse);
    if (a.kind === "array" || holdsArray(a)) this.refuse(e, "TG1048", "an array is chosen by a condition");
    return join(a, b) ?? this.refuse(e, "TG1031", `chooses between ${nameOf(a)} and ${nameOf(b)}`);
  }

  private element(e: ts.ElementAccessExpression): Ty {
    if (e.questionDotToken !== undefined) this.refuse(e, "TG1061", "optional chaining");
    const of = this.type(e.expression);
    if (of.kind === "tuple") {
      this.type(e.argumentExpression);
      const k = this.session.names.constant(e.argumentExpression);
      const elem = k === null ? undefined : of.elems[k];
      return (
        elem ??
        this.refuse(e, "TG1043", `\`${e.getText()}\` subscripts a tuple by \`${e.argumentExpression.getText()}\``)
      );
    }
    if (of.kind !== "array") {
      if (of.kind === "struct")
        this.refuse(e, "TG1074", `\`${e.getText()}\` names a field of a struct by an expression`);
      return this.refuse(e, "TG1031", `\`${e.expression.getText()}\` is ${nameOf(of)}, not an array`);
    }
    const at = this.number(e.argumentExpression);
    if (!isWhole(at)) {
      this.refuse(
        e.argumentExpression,
        "TG1033",
        `the subscript \`${e.argumentExpression.getText()}\` is ${nameOf(at)}`,
      );
    }
    return of.rank > 1 ? { ...of, rank: of.rank - 1 } : tyOf(of.elem);
  }

  private property(e: ts.PropertyAccessExpression): Ty {
    const math = this.session.mathMember(e);
    if (math !== null) {
      const value = (Math as unknown as Record<string, unknown>)[math];
      if (typeof value === "number") return literal(value);
      this.refuse(e, "TG1023", `the function \`Math.${math}\` is used as a value`);
    }
    if (e.questionDotToken !== undefined) this.refuse(e, "TG1061", "optional chaining");
    const help = otherConstants[e.getText()];
    if (help !== undefined) this.refuse(e, "TG1020", `kernels have no \`${e.getText()}\``, help);
    const of = this.type(e.expression);
    if (of.kind === "array" && e.name.text === "length") return this.length(e);
    if (of.kind === "tuple" && e.name.text === "length") return literal(of.elems.length);
    if (of.kind === "array") {
      this.refuse(e, ...unsupportedArrayMember(e.getText(), e.name.text));
    }
    if (of.kind !== "struct")
      this.refuse(e, "TG1049", `\`${e.expression.getText()}\` is ${nameOf(of)}: it has no fields`);
    return (
      of.fields.get(e.name.text) ?? this.refuse(e, "TG1031", `\`${e.expression.getText()}\` has no \`${e.name.text}\``)
    );
  }

  /** A size: of a parameter's axis when rows lead back to one, else of any array. */
  private length(e: ts.PropertyAccessExpression): Ty {
    let axis = 0;
    let n = strip(e.expression);
    for (;;) {
      if (ts.isElementAccessExpression(n)) {
        axis++;
        n = strip(n.expression);
        continue;
      }
      const symbol = ts.isIdentifier(n) ? this.session.symbol(n) : undefined;
      if (symbol === undefined) break;
      if (this.instance.params.some((p) => p.symbol === symbol))
        return this.session.sizeTy(this.instance, symbol, axis);
      const decl = symbol.valueDeclaration;
      // A variable that is used before it is declared may lead back to itself.
      const init =
        decl !== undefined && ts.isVariableDeclaration(decl) && decl.end <= n.pos ? decl.initializer : undefined;
      if (init === undefined || ts.isCallExpression(strip(init)) || ts.isArrayLiteralExpression(strip(init))) break;
      n = strip(init);
    }
    return int(fixed(0, 2 ** 31 - 1));
  }
}

const arithmeticOperators = new Set<ts.SyntaxKind>(compoundOperators.values());

function intArithmetic(op: ts.SyntaxKind, a: Range, b: Range): Range | null {
  switch (op) {
    case K.PlusToken:
      return combine(a, b, addIntervals);
    case K.MinusToken:
      return combine(a, b, subIntervals);
    case K.AsteriskToken:
      return combine(a, b, mulIntervals);
    case K.PercentToken:
      return excludesZero(b) ? combine(a, b, remIntervals) : null;
    default:
      return null;
  }
}

function literalArithmetic(op: ts.SyntaxKind, a: number, b: number): number {
  switch (op) {
    case K.PlusToken:
      return a + b;
    case K.MinusToken:
      return a - b;
    case K.AsteriskToken:
      return a * b;
    case K.SlashToken:
      return a / b;
    case K.PercentToken:
      return a % b;
    default:
      return a ** b;
  }
}
