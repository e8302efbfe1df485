/** From an inferred function to IR: its parameters, its body, its result. */
import ts from "typescript";
import type { SourceType } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import { arrayType, value } from "../ir/build.ts";
import type { Arg, ArrayValue, Func, Mode, Requirement, Scalar, Value } from "../ir/ir.ts";
import { expression } from "./lower-expr.ts";
import { functionScope } from "./lower-jump.ts";
import { Lowering, locOf } from "./lower-state.ts";
import { statements } from "./lower-stmt.ts";
import { smallLimit } from "./ranges.ts";
import type { Instance, Session } from "./session.ts";
import { strip } from "./syntax.ts";
import { irType, leaves, type Ty } from "./types.ts";
import { type ArrayVal, cellsOf, cellTree, firstLeaf, type LeafTree, leafTypes, zeroOf } from "./values.ts";

/** Lowers one instance. @throws Unlowerable after a diagnostic was reported. */
export function lowerFunction(session: Session, instance: Instance, mode: Mode): Func {
  return new FunctionLowering(new Lowering(session, instance, mode, expression)).func();
}

/** Is the function's comment tagged so? */
const isNoinline = (decl: ts.Node): boolean => ts.getJSDocTags(decl).some((tag) => tag.tagName.text === "noinline");

class FunctionLowering {
  private readonly x: Lowering;
  private readonly paramValues = new Map<ts.Symbol, Value>();

  constructor(x: Lowering) {
    this.x = x;
  }

  func(): Func {
    const { x } = this;
    const { instance } = x;
    const params: Value[] = [];
    for (const p of instance.params) this.parameter(p.symbol, p.name, p.source, p.ty, params);
    if (instance.result.kind !== "void") {
      x.result = cellTree("result", instance.result);
      for (const cell of cellsOf(x.result)) x.env.set(cell, zeroOf(cell.ty));
    }
    if (instance.custom !== null) this.callCustom(instance.custom);
    else {
      x.scopes.push(functionScope(x, instance.decl.body));
      statements(x, instance.decl.body.statements);
    }
    const body = x.b.block(x.resultCells().map((c) => x.read(c)));
    return {
      kind: "func",
      name: instance.name,
      exported: instance.exported,
      ...(isNoinline(instance.decl) ? { noinline: true } : {}),
      params,
      results: leaves(instance.result).map(irType),
      requires: this.requirements(),
      body: { stmts: [...x.prologue.stmts, ...body.stmts], yields: body.yields },
      loc: locOf(instance.decl.name),
    };
  }

  /** In place of the body: a call of the inner function, whose gradient is the custom one. */
  private callCustom({ value, adjoint }: NonNullable<Instance["custom"]>): void {
    const { x } = this;
    const args = value.params.flatMap((p, i): readonly Arg[] => {
      const binding = x.bindings.get(x.instance.params[i]?.symbol as ts.Symbol) ?? bug(`\`${p.name}\` is not bound`);
      if (binding.kind === "array") return cellsOf(binding.val.leaves);
      if (binding.kind === "element") return bug(`\`${p.name}\` is reduced into`);
      const types = leafTypes(p.source, p.ty, false);
      return cellsOf(binding.tree).map((cell, k) => x.b.cast(types[k] ?? irType(cell.ty), x.read(cell)));
    });
    const results = x.b.call(value.name, args, leaves(value.result).map(irType), adjoint.name);
    x.resultCells().forEach((cell, k) => {
      x.write(cell, x.b.cast(irType(cell.ty), results[k] as Scalar));
    });
  }

  private parameter(symbol: ts.Symbol, name: string, source: SourceType, ty: Ty, params: Value[]): void {
    if (source.kind === "array") {
      const dims = Array.from({ length: source.rank }, (_, axis) =>
        value(this.sizeName(symbol, axis) ?? `${name}_${axis}`, "index" as const),
      );
      const leavesTree = arrayLeaves(name, source.elem, dims, params);
      const val: ArrayVal = { kind: "array", leaves: leavesTree, prefix: [], rank: source.rank, elem: source.elem };
      this.x.bindings.set(symbol, { kind: "array", val });
      return;
    }
    const tree = cellTree(name, this.x.instance.vars.get(symbol)?.ty ?? ty);
    const types = leafTypes(source, ty, this.x.instance.exported);
    cellsOf(tree).forEach((cell, i) => {
      const param = value(cell.hint, types[i] as Scalar["type"]);
      params.push(param);
      // Integers are computed with as `index`, however they are passed.
      this.x.env.set(cell, this.x.b.cast(irType(cell.ty), param));
    });
    this.x.bindings.set(symbol, { kind: "cells", tree });
    this.paramValues.set(symbol, params[params.length - 1] as Value);
  }

  /** What the function calls a size, as in `const n = A.length`. */
  private sizeName(array: ts.Symbol, axis: number): string | null {
    for (const v of this.x.instance.vars.values()) {
      const decl = v.symbol.valueDeclaration;
      if (decl === undefined || !ts.isVariableDeclaration(decl) || decl.initializer === undefined) continue;
      let n = strip(decl.initializer);
      if (!ts.isPropertyAccessExpression(n) || n.name.text !== "length") continue;
      let depth = 0;
      for (n = strip(n.expression); ts.isElementAccessExpression(n); n = strip(n.expression)) depth++;
      if (depth === axis && ts.isIdentifier(n) && this.x.session.symbol(n) === array) return v.name;
    }
    return null;
  }

  /** The sizes that must be small for integer arithmetic to be exact, as requirements (ranges.ts). */
  private requirements(): readonly Requirement[] {
    const out: Requirement[] = [];
    for (const ref of this.x.instance.small) {
      const binding = this.x.bindings.get(ref.param);
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
      need: { constant: smallLimit, terms: [{ values: [value], factor }] },
      when: [],
      access: null,
      message: `${name} is beyond ±${smallLimit}, up to which products of sizes are exact integers here`,
      loc: locOf(this.x.instance.decl.name),
    };
  }
}

/** One array parameter for each scalar of an element, all of the same sizes. */
function arrayLeaves(name: string, elem: SourceType, dims: readonly Scalar[], params: Value[]): LeafTree {
  switch (elem.kind) {
    case "scalar": {
      const leaf: ArrayValue = value(name, arrayType(elem.type, dims));
      params.push(leaf);
      return { kind: "leaf", leaf };
    }
    case "struct": {
      const fields = elem.fields.map((f): [string, LeafTree] => [
        f.name,
        arrayLeaves(`${name}.${f.name}`, f.type, dims, params),
      ]);
      return { kind: "struct", fields: new Map(fields) };
    }
    case "tuple":
      return { kind: "tuple", elems: elem.elems.map((e, i) => arrayLeaves(`${name}.${i}`, e, dims, params)) };
    case "array":
      return bug("an array of arrays is one array");
  }
}
