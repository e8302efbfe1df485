/**
 * The type of an expression, from the types of the variables so far. Every type found is noted in `instance.types`;
 * lowering and the `node` target read it there.
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { isOwn, readType } from "./annotations.ts";
import type { Code } from "./codes.ts";
import { arithmeticTy } from "./infer-arithmetic.ts";
import { inferCall } from "./infer-call.ts";
import { customIn } from "./infer-custom.ts";
import { inferArrayLiteral, inferObjectLiteral } from "./infer-literals.ts";
import { inferElement, inferProperty } from "./infer-members.ts";
import type { ExprTypes } from "./infer-types.ts";
import { combine, i32Range, type Range } from "./ranges.ts";
import { Unlowerable } from "./report.ts";
import { type Instance, type Session, unknownTy } from "./session.ts";
import { compoundOperators, isAssignment, isUpdate, strip } from "./syntax.ts";
import {
  bool,
  holdsArray,
  int,
  isNumber,
  isWhole,
  join,
  literal,
  type NumberTy,
  nameOf,
  type Ty,
  tyOf,
} from "./types.ts";
import { otherNames, unsupportedExpression, unsupportedOperator } from "./unsupported.ts";

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
    if (ts.isElementAccessExpression(e)) return inferElement(this, e);
    if (ts.isPropertyAccessExpression(e)) return inferProperty(this, e);
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
        return arithmeticTy(this.instance, K.AsteriskToken, t, literal(-1));
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
        return arithmeticTy(this.instance, op, this.number(e.left), this.number(e.right));
    }
  }

  private conditional(e: ts.ConditionalExpression): Ty {
    this.condition(e.condition);
    const a = this.type(e.whenTrue);
    const b = this.type(e.whenFalse);
    if (a.kind === "array" || holdsArray(a)) this.refuse(e, "TG1048", "an array is chosen by a condition");
    return join(a, b) ?? this.refuse(e, "TG1031", `chooses between ${nameOf(a)} and ${nameOf(b)}`);
  }
}

const arithmeticOperators = new Set<ts.SyntaxKind>(compoundOperators.values());
