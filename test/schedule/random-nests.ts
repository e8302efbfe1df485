/**
 * Random loops as reverse mode makes them, and unlike those: nests of one to three loops that count up or down, of which inner ones
 * may depend on outer ones; loads, stores of zero and of values, updates of adjoints and of the function's own arrays; subscripts
 * that are shifted, reflected, fixed, or swapped; statements before and after inner loops. Arrays have 6 elements an axis or more,
 * or fewer, where nothing runs. Some nests carry a sum through all of their loops, and some loops run as often as an element says.
 */
import { noLoc } from "../../compiler/diagnostic.ts";
import { arrayType, Builder, floatConst, value } from "../../compiler/ir/build.ts";
import {
  type ArrayValue,
  type Func,
  indexConst,
  type Module,
  type Operand,
  type Polynomial,
  type Requirement,
  type Scalar,
} from "../../compiler/ir/ir.ts";
import { randomOf } from "../passes/random-ir.ts";

const adjoint = { ...noLoc, role: "adjoint" } as const;
/** How far a subscript may be from its index; loops keep that far from both ends. */
const reach = 2;

/** With `sums`, loops compute values that others take. */
export function randomNests(seed: number, { sums = false } = {}): Module {
  return { stage: "loop", funcs: [new Generator(randomOf(seed), sums).func()] };
}

interface Scope {
  readonly indices: readonly Operand[];
  readonly floats: readonly Operand[];
}

class Generator {
  private readonly random: (n: number) => number;
  private readonly n: Scalar = value("n", "index" as const);
  private readonly arrays: readonly ArrayValue[];
  private end: Operand = indexConst(0);
  private readonly sums: boolean;

  constructor(random: (n: number) => number, sums: boolean) {
    this.random = random;
    this.sums = sums;
    const size = (): Scalar => value("n", "index" as const);
    const names = ["X", "Y", "D", "E"];
    this.arrays = names.map((name, k) =>
      value(name, arrayType("f64", [k === 0 ? this.n : size(), ...(k % 2 === 0 ? [size()] : [])])),
    );
  }

  func(): Func {
    const b = new Builder(adjoint);
    this.end = b.binary("sub", this.n, indexConst(reach), "end");
    for (let k = 1 + this.random(2); k > 0; k--) {
      const scope: Scope = { indices: [], floats: [floatConst("f64", 0.5)] };
      const first = this.random(3) === 0 ? floatConst("f64", 0.25) : null;
      const sum = this.for(b, scope, 1 + this.random(3), first);
      if (sum !== null) this.keep(b, sum);
    }
    const requires = this.arrays.flatMap((a) => a.type.dims.map((d) => this.asLong(d as Scalar)));
    const params = this.arrays;
    return { kind: "func", name: "f", exported: true, params, results: [], requires, body: b.block(), loc: noLoc };
  }

  private asLong(d: Scalar): Requirement {
    const term = (v: Scalar, factor: number): Polynomial["terms"][number] => ({ values: [v], factor });
    const need: Polynomial = { constant: 0, terms: d === this.n ? [] : [term(d, 1), term(this.n, -1)] };
    return { need, when: null, access: null, message: "an axis is too short", loc: noLoc };
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  /** Stores what a nest has carried where an element is. */
  private keep(b: Builder, sum: Operand): void {
    const y = this.arrays[1] as ArrayValue;
    b.if(b.compare("lt", indexConst(0), this.n), (x) => {
      if (this.random(2) === 0) x.store(y, [indexConst(0)], sum);
      else x.accum("add", y, [indexConst(0)], sum);
      return [];
    });
  }

  /** A nest; what it has added to `sum`, which its loops carry unless there is none. */
  private for(b: Builder, s: Scope, depth: number, sum: Operand | null): Operand | null {
    const outer = s.indices.at(-1);
    const isTriangle = outer !== undefined && this.random(4) === 0;
    const lo = isTriangle && this.random(2) === 0 ? outer : indexConst(reach + this.random(2));
    const isCounted = outer === undefined && depth === 1 && this.random(4) === 0;
    const hi = isCounted ? this.counted(b) : isTriangle && lo !== outer ? outer : this.end;
    const [result] = b.for("i", "seq", lo, hi, sum === null ? [] : [sum], (x, t, [now]) => {
      const last = x.binary("sub", hi, indexConst(1), "last");
      const index = this.random(2) === 0 ? t : x.binary("sub", last, x.binary("sub", t, lo, "done"), "down");
      let scope: Scope = { ...s, indices: [...s.indices, index] };
      if (this.sums && this.random(2) === 0) scope = this.sum(x, scope);
      const isBare = depth > 1 && this.random(2) === 0;
      for (let k = isBare ? 0 : 1 + this.random(2); k > 0; k--) scope = this.access(x, scope);
      const isOwn = now !== undefined && this.random(3) > 0;
      let next: Operand | null = isOwn && !isBare ? this.added(x, now, scope) : (now ?? null);
      if (depth > 1) next = this.for(x, scope, depth - 1, next);
      else for (let k = 2 + this.random(3); k > 0; k--) scope = this.access(x, scope);
      if (depth > 1 && !isBare && this.random(2) === 0) this.access(x, scope);
      if (next !== null && depth === 1) next = this.added(x, next, scope);
      return next === null ? [] : [next];
    });
    return result ?? null;
  }

  /** A bound that depends on elements. */
  private counted(b: Builder): Operand {
    const y = this.arrays[1] as ArrayValue;
    const [end] = b.if(
      b.compare("lt", indexConst(0), this.n),
      (x) => {
        const many = x.binary("mul", x.unary("abs", x.load(y, [indexConst(0)])), floatConst("f64", 7));
        return [
          x.binary("min", x.cast("index", x.unary("floor", x.binary("min", many, floatConst("f64", 99)))), this.end),
        ];
      },
      () => [indexConst(0)],
      ["counted"],
    );
    return end as Operand;
  }

  /** The sum with one term more, in some iterations perhaps. */
  private added(b: Builder, sum: Operand, s: Scope): Operand {
    const v = this.pick(s.floats);
    const op = this.pick(["add", "sub"] as const);
    if (this.random(3) > 0) return b.binary(op, sum, v, "sum");
    const is = b.compare("lt", v, floatConst("f64", 0.1));
    const [next] = b.if(
      is,
      () => [sum],
      (x) => [x.binary(op, sum, v, "sum")],
      ["sum"],
    );
    return next as Operand;
  }

  /** A loop that adds up elements, and may update others meanwhile. */
  private sum(b: Builder, s: Scope): Scope {
    const [x, y, d] = this.arrays as [ArrayValue, ArrayValue, ArrayValue];
    const outer = s.indices.at(-1) as Operand;
    const lo = this.random(4) === 0 ? outer : indexConst(reach);
    const [sum] = b.for("k", "seq", lo, this.end, [this.pick(s.floats)], (z, k, [at]) => {
      const inner: Scope = { ...s, indices: [...s.indices, k] };
      const array = this.pick([x, x, y, d]);
      const term = z.load(array, this.index(z, inner, array), "l");
      if (this.random(4) === 0) z.accum("add", d, this.index(z, inner, d), term);
      return [z.binary("add", at as Operand, z.binary("mul", term, floatConst("f64", 0.25)), "s")];
    });
    if (this.random(3) === 0) b.store(d, this.index(b, s, d), sum as Operand);
    return { ...s, floats: [...s.floats, sum as Operand, sum as Operand] };
  }

  private access(b: Builder, s: Scope): Scope {
    const [x, y, d, e] = this.arrays as [ArrayValue, ArrayValue, ArrayValue, ArrayValue];
    const v = this.pick(s.floats);
    switch (this.random(9)) {
      case 0:
      case 1:
      case 2: {
        const array = this.pick([x, x, y, d]);
        const own = b.load(array, this.index(b, s, array), "l");
        const isScaled = this.random(2) === 0;
        return {
          ...s,
          floats: [...s.floats, isScaled ? b.binary(this.pick(["mul", "div"]), own, floatConst("f64", 2)) : own],
        };
      }
      case 3: {
        const array = this.pick([x, y, d]);
        const index = this.index(b, s, array);
        b.store(array, index, floatConst("f64", 0));
        // As reverse mode does with what was updated in place.
        if (this.random(2) === 0) b.accum("add", array, index, v);
        return s;
      }
      case 4: {
        b.loc = this.random(2) === 0 ? noLoc : adjoint;
        b.accum("add", y, this.index(b, s, y), v);
        b.loc = adjoint;
        return s;
      }
      default: {
        const array = this.pick([d, d, e]);
        b.accum("add", array, this.index(b, s, array), v);
        return s;
      }
    }
  }

  /** Mostly the innermost indices, in their order or the other way round. */
  private index(b: Builder, s: Scope, array: ArrayValue): readonly Operand[] {
    const rank = array.type.dims.length;
    const last = s.indices.slice(-rank);
    const own = this.random(3) > 0 ? last : last.toReversed();
    return array.type.dims.map((_, axis) => {
      const i = this.random(3) > 0 ? (own[axis] ?? this.pick(s.indices)) : this.pick(s.indices);
      switch (this.random(8)) {
        case 0:
          return b.binary("sub", b.binary("sub", this.n, indexConst(1)), i, "r");
        case 1:
          return indexConst(0);
        case 2:
        case 3:
          return b.binary("add", i, indexConst(this.random(2 * reach + 1) - reach), "s");
        default:
          return i;
      }
    });
  }
}
