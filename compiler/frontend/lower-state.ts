/**
 * The state of lowering one function: the environment, which maps each variable's cells to the operand that it holds
 * now, and the builder. Branches and loops yield or carry the cells that they assign.
 */
import type ts from "typescript";
import { bug, type Loc } from "../diagnostic.ts";
import { Builder, value } from "../ir/build.ts";
import type { Mode, Operand, Scalar } from "../ir/ir.ts";
import { spanOf } from "./report.ts";
import type { Instance, Session } from "./session.ts";
import { type Loop, rootName, targetsIn } from "./syntax.ts";
import type { ScalarTy, Ty } from "./types.ts";
import { type ArrayVal, type Cell, cellsOf, cellTree, coerce, type Tree, type Val, zeroOf } from "./values.ts";

/** What a name stands for. An array (or row) never changes. */
export type Binding =
  | { readonly kind: "cells"; readonly tree: Tree<Cell> }
  | { readonly kind: "array"; readonly val: ArrayVal }
  /** A variable that a parallel loop reduces into, while that loop runs. */
  | { readonly kind: "element"; readonly at: ArrayVal; readonly ty: ScalarTy };

/** The function's body or a loop's, with the flags that jumps out of it set (see lower-jump.ts). */
export interface Scope {
  /** Null for the function's own body. */
  readonly loop: Loop | null;
  /** True while control goes on through the scope's statements; null where nothing jumps. */
  readonly go: Cell | null;
  /** True while the loop is to go on; null where only its own test ends it. */
  readonly run: Cell | null;
}

export class Lowering {
  readonly session: Session;
  readonly instance: Instance;
  readonly mode: Mode;
  readonly bindings = new Map<ts.Symbol, Binding>();
  readonly scopes: Scope[] = [];
  readonly moduleArrays = new Map<ts.Node, ArrayVal>();
  /** Where module constants that are arrays are made: before everything else. */
  readonly prologue: Builder;
  result: Tree<Cell> | null = null;
  env = new Map<Cell, Operand>();
  b: Builder;

  private readonly lowerExpression: (x: Lowering, e: ts.Expression) => Val;

  constructor(
    session: Session,
    instance: Instance,
    mode: Mode,
    lowerExpression: (x: Lowering, e: ts.Expression) => Val,
  ) {
    this.lowerExpression = lowerExpression;
    this.session = session;
    this.instance = instance;
    this.mode = mode;
    this.b = new Builder(locOf(instance.decl), mode);
    this.prologue = new Builder(locOf(instance.decl), mode);
  }

  type(e: ts.Node): Ty {
    return this.instance.types.get(e) ?? bug(`no type was inferred for \`${e.getText()}\``);
  }

  /** The value of an expression of any kind (lower-expr.ts). */
  expression(e: ts.Expression): Val {
    return this.lowerExpression(this, e);
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
  inside<T>(
    env: Map<Cell, Operand>,
    f: () => T,
  ): { readonly b: Builder; readonly env: Map<Cell, Operand>; readonly out: T } {
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
      const stmt = {
        kind: "if",
        cond,
        then: t.b.block(ofThen),
        else: e.b.block(ofElse),
        results,
        loc: this.b.loc,
      } as const;
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
}

/** The location of a node, as part of the program's own work. */
export const locOf = (node: ts.Node): Loc => ({ span: spanOf(node), role: "primal" });

const sameOperand = (a: Operand | undefined, b: Operand | undefined): boolean =>
  a === b || (a?.kind === "const" && b?.kind === "const" && a.type === b.type && Object.is(a.value, b.value));
