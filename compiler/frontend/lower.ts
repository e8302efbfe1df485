/**
 * From an inferred function to IR. Scalars become values: the environment maps each variable's cells to the operand
 * that it holds now; branches and loops yield the cells that they assign. Jumps become flags (see lower-jump.ts).
 */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import type { Loc } from "../diagnostic.ts";
import { bug } from "../diagnostic.ts";
import { arrayType, Builder, value } from "../ir/build.ts";
import {
  type ArrayValue,
  type Func,
  type Mode,
  type Operand,
  type Requirement,
  type Scalar,
  type Value,
} from "../ir/ir.ts";
import { spanOf } from "./codes.ts";
import { ExprInference } from "./infer-expr.ts";
import { functionScope, type Scope } from "./lower-jump.ts";
import { statements } from "./lower-stmt.ts";
import { smallLimit } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { rootName, strip, targetsIn } from "./syntax.ts";
import { irType, leaves, type Ty } from "./types.ts";
import { type ArrayVal, type Cell, cellsOf, cellTree, coerce, type LeafTree, type Tree, type Val, zeroOf } from "./values.ts";

/** What a name stands for: a variable's cells, or an array (or row) that never changes. */
export type Binding = { readonly kind: "cells"; readonly tree: Tree<Cell> } | { readonly kind: "array"; readonly val: ArrayVal };

export class Lowering {
  readonly session: Session;
  readonly instance: Instance;
  readonly inference: ExprInference;
  readonly mode: Mode;
  readonly bindings = new Map<ts.Symbol, Binding>();
  readonly scopes: Scope[] = [];
  readonly moduleArrays = new Map<ts.Node, ArrayVal>();
  /** Where module constants that are arrays are made: before everything else. */
  readonly prologue: Builder;
  result: Tree<Cell> | null = null;
  env = new Map<Cell, Operand>();
  b: Builder;

  constructor(session: Session, instance: Instance, mode: Mode) {
    this.session = session;
    this.instance = instance;
    this.inference = new ExprInference(session, instance);
    this.mode = mode;
    this.b = new Builder(locOf(instance.decl), mode);
    this.prologue = new Builder(locOf(instance.decl), mode);
  }

  func(): Func {
    const { instance } = this;
    const params: Value[] = [];
    for (const p of instance.params) this.parameter(p.symbol, p.name, p.source, p.ty, params);
    if (instance.result.kind !== "void") {
      this.result = cellTree("result", instance.result);
      for (const cell of cellsOf(this.result)) this.env.set(cell, zeroOf(cell.ty));
    }
    this.scopes.push(functionScope(this, instance.decl.body));
    statements(this, instance.decl.body.statements);
    const body = this.b.block(this.resultCells().map((c) => this.read(c)));
    return {
      kind: "func",
      name: instance.name,
      exported: instance.exported,
      params,
      results: leaves(instance.result).map(irType),
      requires: this.requirements(),
      body: { stmts: [...this.prologue.stmts, ...body.stmts], yields: body.yields },
      loc: locOf(instance.decl.name),
    };
  }

  type(e: ts.Node): Ty {
    return this.instance.types.get(e) ?? bug(`no type was inferred for \`${e.getText()}\``);
  }

  resultCells(): readonly Cell[] {
    return this.result === null ? [] : cellsOf(this.result);
  }

  read(cell: Cell): Operand {
    return this.env.get(cell) ?? bug(`the variable ${cell.hint} is read before it is bound`);
  }
  write(cell: Cell, o: Operand): void {
    this.env.set(cell, o);
  }

  /** Runs `f` with statements located at the node. */
  at<T>(node: ts.Node, f: () => T): T {
    const before = this.b.loc;
    this.b.loc = locOf(node);
    try {
      return f();
    } finally {
      this.b.loc = before;
    }
  }

  /** Runs `f` with a builder of its own and the given variables; gives back what it built. */
  inside<T>(env: Map<Cell, Operand>, f: () => T): { readonly b: Builder; readonly env: Map<Cell, Operand>; readonly out: T } {
    const outer = { b: this.b, env: this.env };
    this.b = outer.b.inner();
    this.env = env;
    try {
      const out = f();
      return { b: this.b, env: this.env, out };
    } finally {
      this.b = outer.b;
      this.env = outer.env;
    }
  }

  /** `if (cond) …`: both branches yield the operands they return, and the variables that either assigned. */
  branch(
    cond: Operand,
    then: () => readonly Operand[],
    otherwise: () => readonly Operand[] = () => [],
    hints: readonly string[] = [],
  ): readonly Scalar[] {
    const before = this.env;
    const t = this.inside(new Map(before), then);
    const e = this.inside(new Map(before), otherwise);
    const changed = [...before.keys()].filter((c) => !sameOperand(t.env.get(c), e.env.get(c)));
    // A variable that both branches set to the same operand has it afterwards; operands from inside cannot be the same.
    for (const c of before.keys()) if (!changed.includes(c)) this.env.set(c, t.env.get(c) as Operand);
    const ofThen = [...t.out, ...changed.map((c) => t.env.get(c) as Operand)];
    const ofElse = [...e.out, ...changed.map((c) => e.env.get(c) as Operand)];
    const names = [...t.out.map((_, i) => hints[i] ?? "if"), ...changed.map((c) => c.hint)];
    const results = ofThen.map((o, i) => value(names[i] ?? "if", o.type));
    if (t.b.stmts.length > 0 || e.b.stmts.length > 0 || results.length > 0) {
      const stmt = { kind: "if", cond, then: t.b.block(ofThen), else: e.b.block(ofElse), results, loc: this.b.loc } as const;
      this.b.stmts.push(stmt);
    }
    changed.forEach((c, i) => {
      this.env.set(c, results[t.out.length + i] as Scalar);
    });
    return results.slice(0, t.out.length);
  }

  /** The cells, bound before the node, that code in it may assign: what a loop around it carries. */
  assignedIn(...roots: readonly (ts.Node | undefined)[]): readonly Cell[] {
    const found = new Set<Cell>();
    for (const root of roots) {
      if (root === undefined) continue;
      for (const target of targetsIn(root)) {
        const name = rootName(target);
        const symbol = name === null ? undefined : this.session.symbol(name);
        const binding = symbol === undefined ? undefined : this.bindings.get(symbol);
        if (binding?.kind !== "cells") continue;
        for (const cell of cellsOf(binding.tree)) if (this.env.has(cell)) found.add(cell);
      }
    }
    return [...found];
  }

  /** Binds a name to fresh cells that hold the value. */
  declare(symbol: ts.Symbol, name: string, ty: Ty, val: Val | null): void {
    if (val?.kind === "array") {
      this.bindings.set(symbol, { kind: "array", val });
      return;
    }
    const tree = cellTree(name, ty);
    this.bindings.set(symbol, { kind: "cells", tree });
    if (val === null) for (const cell of cellsOf(tree)) this.env.set(cell, zeroOf(cell.ty));
    else this.assignTree(tree, val);
  }

  /** Stores a value into cells, component by component. */
  assignTree(tree: Tree<Cell>, val: Val): void {
    if (tree.kind === "leaf") {
      this.write(tree.leaf, coerce(this.b, val, tree.leaf.ty));
      return;
    }
    if (tree.kind === "struct" && val.kind === "struct") {
      for (const [name, t] of tree.fields) this.assignTree(t, val.fields.get(name) ?? bug(`no field ${name}`));
    } else if (tree.kind === "tuple" && val.kind === "tuple") {
      tree.elems.forEach((t, i) => {
        this.assignTree(t, val.elems[i] ?? bug(`no element ${i}`));
      });
    } else bug("a value and its variable differ in shape");
  }

  private parameter(symbol: ts.Symbol, name: string, source: SourceType, ty: Ty, params: Value[]): void {
    if (source.kind === "array") {
      const dims = Array.from({ length: source.rank }, (_, axis) =>
        value(this.sizeName(symbol, axis) ?? `${name}_${axis}`, "index" as const),
      );
      const leavesTree = arrayLeaves(name, source.elem, dims, params);
      const val: ArrayVal = { kind: "array", leaves: leavesTree, prefix: [], rank: source.rank, elem: source.elem };
      this.bindings.set(symbol, { kind: "array", val });
      return;
    }
    const tree = cellTree(name, this.instance.vars.get(symbol)?.ty ?? ty);
    const types = leafTypes(source, ty, this.instance.exported);
    cellsOf(tree).forEach((cell, i) => {
      const param = value(cell.hint, types[i] as Scalar["type"]);
      params.push(param);
      // Integers are computed with as `index`, however they are passed.
      this.env.set(cell, this.b.cast(irType(cell.ty), param));
    });
    this.bindings.set(symbol, { kind: "cells", tree });
    this.paramValues.set(symbol, params[params.length - 1] as Value);
  }

  /** What the function calls a size, as in `const n = A.length`. */
  private sizeName(array: ts.Symbol, axis: number): string | null {
    for (const v of this.instance.vars.values()) {
      const decl = v.symbol.valueDeclaration;
      if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) continue;
      let n = strip(decl.initializer);
      if (!ts.isPropertyAccessExpression(n) || n.name.text !== "length") continue;
      let depth = 0;
      for (n = strip(n.expression); ts.isElementAccessExpression(n); n = strip(n.expression)) depth++;
      if (depth === axis && ts.isIdentifier(n) && this.session.symbol(n) === array) return v.name;
    }
    return null;
  }

  private readonly paramValues = new Map<ts.Symbol, Value>();

  /** The sizes that must be small for integer arithmetic to be exact, as requirements (ranges.ts). */
  private requirements(): readonly Requirement[] {
    const out: Requirement[] = [];
    for (const ref of this.instance.small) {
      const binding = this.bindings.get(ref.param);
      const name = ref.param.name;
      if (binding?.kind === "array" && ref.axis !== null) {
        const size = firstLeaf(binding.val.leaves).type.dims[ref.axis] as Scalar;
        out.push(this.requirement(size, -1, `${name}.length${ref.axis > 0 ? ` (axis ${ref.axis})` : ""}`));
      } else if (ref.axis === null) {
        const param = this.paramValues.get(ref.param) as Scalar | undefined;
        if (param?.type !== "index") continue;
        out.push(this.requirement(param, -1, name), this.requirement(param, 1, name));
      }
    }
    return out;
  }

  private requirement(value: Scalar, factor: number, name: string): Requirement {
    return {
      need: { constant: smallLimit, terms: [{ value, factor }] },
      when: [],
      message: `${name} is beyond ±${smallLimit}, up to which products of sizes are exact integers here`,
      loc: locOf(this.instance.decl.name),
    };
  }
}

/** The location of a node, as part of the program's own work. */
export const locOf = (node: ts.Node): Loc => ({ span: spanOf(node), role: "primal" });

const sameOperand = (a: Operand | undefined, b: Operand | undefined): boolean =>
  a === b ||
  (a?.kind === "const" && b?.kind === "const" && a.type === b.type && Object.is(a.value, b.value));

/** One array parameter for each scalar of an element, all of the same sizes. */
function arrayLeaves(name: string, elem: SourceType, dims: readonly Scalar[], params: Value[]): LeafTree {
  switch (elem.kind) {
    case "scalar": {
      const leaf: ArrayValue = value(name, arrayType(elem.type, dims));
      params.push(leaf);
      return { kind: "leaf", leaf };
    }
    case "struct": {
      const fields = elem.fields.map((f): [string, LeafTree] => [f.name, arrayLeaves(`${name}.${f.name}`, f.type, dims, params)]);
      return { kind: "struct", fields: new Map(fields) };
    }
    case "tuple":
      return { kind: "tuple", elems: elem.elems.map((e, i) => arrayLeaves(`${name}.${i}`, e, dims, params)) };
    case "array":
      return bug("an array of arrays is one array");
  }
}

export function firstLeaf(t: LeafTree): ArrayValue {
  if (t.kind === "leaf") return t.leaf;
  const first = t.kind === "struct" ? [...t.fields.values()][0] : t.elems[0];
  return first === undefined ? bug("a struct without fields") : firstLeaf(first);
}

/** The IR types in which a scalar or struct parameter is passed: an entry's as declared, integers inside as `index`. */
export function leafTypes(source: SourceType, ty: Ty, entry: boolean): readonly Scalar["type"][] {
  switch (source.kind) {
    case "scalar":
      return [ty.kind === "float" ? ty.type : ty.kind === "int" && !entry ? "index" : source.type];
    case "struct":
      return source.fields.flatMap((f) =>
        leafTypes(f.type, ty.kind === "struct" ? (ty.fields.get(f.name) ?? ty) : ty, entry),
      );
    case "tuple":
      return source.elems.flatMap((e, i) => leafTypes(e, ty.kind === "tuple" ? (ty.elems[i] ?? ty) : ty, entry));
    case "array":
      return [];
  }
}
