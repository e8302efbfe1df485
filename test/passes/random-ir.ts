/**
 * Random modules that verify and stay in bounds: loops, branches, whiles, local arrays, carried values, calls (where two
 * parameters may be one array), and accesses that would be outside if they ran, in loops and branches that do not. For
 * arrays of 4 elements an axis, or more.
 */
import { noLoc } from "../../compiler/diagnostic.ts";
import { arrayType, Builder, floatConst, value } from "../../compiler/ir/build.ts";
import {
  type Arg,
  type ArrayValue,
  constant,
  type Func,
  indexConst,
  type Mode,
  type Module,
  type Operand,
  type Scalar,
  type ScalarType,
  valueType,
} from "../../compiler/ir/ir.ts";
import type { BinaryOp, CompareOp, ReduceOp, UnaryOp } from "../../compiler/ir/ops.ts";

/** A generator of numbers below n, the same for the same seed (mulberry32). */
export function randomOf(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** What a place of the program can use. */
interface Scope {
  readonly values: readonly Operand[];
  /** Indices in bounds of every axis. */
  readonly inside: readonly Operand[];
  readonly arrays: readonly ArrayValue[];
  /** Where this runs never, any subscript will do. */
  readonly dead: boolean;
  readonly depth: number;
}

export function randomModule(seed: number): Module {
  const random = randomOf(seed);
  const mode: Mode = seed % 2 === 0 ? "strict" : "contract";
  const inner = new Generator(random, mode, null).helper("inner", 6);
  const outer = new Generator(random, mode, inner).helper("outer", 10);
  return { stage: "loop", funcs: [inner, outer, new Generator(random, mode, outer).main()] };
}

class Generator {
  private readonly random: (n: number) => number;
  private readonly mode: Mode;
  private readonly callee: Func | null;
  private budget = 0;
  /** 2 when it runs. */
  private readonly two: Scalar = value("two", "index" as const);

  constructor(random: (n: number) => number, mode: Mode, callee: Func | null) {
    this.random = random;
    this.mode = mode;
    this.callee = callee;
  }

  main(): Func {
    const x = value("x", arrayType("f64", [value("n", "index" as const)]));
    const y = value("y", arrayType("f64", [value("m", "index" as const)]));
    const k = value("k", arrayType("i32", [value("p", "index" as const)]));
    const A = value("A", arrayType("f64", [value("q", "index" as const), value("r", "index" as const)]));
    const h = value("h", arrayType("f16", [value("s", "index" as const)]));
    return this.func("f", [x, y, k, A, h], ["f64", "index", "bool", "i32", "f32"], 40);
  }

  /** A function that others of the module call. */
  helper(name: string, budget: number): Func {
    const u = value("u", arrayType("f64", [value("n", "index" as const)]));
    const v = value("v", arrayType("f64", [value("m", "index" as const)]));
    return this.func(name, [u, v], ["f64"], budget);
  }

  private func(name: string, arrays: readonly ArrayValue[], results: readonly ScalarType[], budget: number): Func {
    const a = value("a", "f64" as const);
    const c = value("c", "bool" as const);
    const b = new Builder(noLoc, this.mode);
    this.budget = budget;
    const { two } = this;
    const out = this.block(b, {
      values: [a, c, two, floatConst("f64", 1), floatConst("f64", -0), indexConst(0), constant("i32", 3)],
      inside: [two, indexConst(0), indexConst(1), indexConst(3)],
      arrays,
      dead: false,
      depth: 0,
    });
    return {
      kind: "func",
      name,
      exported: name === "f",
      params: [a, two, c, ...arrays],
      results,
      requires: [],
      body: b.block(results.map((t) => this.operand(out, t))),
      loc: noLoc,
    };
  }

  private call(b: Builder, s: Scope, callee: Func): Scope {
    const arrays = s.arrays.filter((x) => x.type.elem === "f64");
    const array = (): Arg => {
      const x = this.pick(arrays);
      return x.type.dims.length === 1 ? x : { kind: "view", array: x, prefix: [this.subscript({ ...s, dead: false })] };
    };
    const args = [this.operand(s, "f64"), this.two, this.operand(s, "bool"), array(), array()];
    return { ...s, values: [...s.values, ...b.call(callee.name, args, callee.results)] };
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  private operand(s: Scope, type: ScalarType): Operand {
    // Recent values more often, so that chains get long.
    const all = s.values.filter((v) => v.type === type);
    if (all.length === 0 || this.random(6) === 0) return this.constant(type);
    return this.random(2) === 0 ? (all.at(-1) as Operand) : this.pick(all);
  }

  private constant(type: ScalarType): Operand {
    if (type === "bool") return constant("bool", this.random(2) === 0);
    if (type === "f64") return constant("f64", this.pick([0, -0, 1, -1, 2, 0.5, 3, Infinity, Number.NaN]));
    // Some that no half is.
    if (type === "f32")
      return constant("f32", this.pick([0, -0, 1, Math.fround(0.1), 2049, 70000, 2 ** -26, Infinity]));
    return constant(type, this.pick([0, 1, 2, 3, 5]));
  }

  private subscript(s: Scope): Operand {
    if (s.dead && this.random(2) === 0)
      return this.pick([indexConst(1000), ...s.values.filter((v) => v.type === "index")]);
    return this.random(2) === 0 ? (s.inside.at(-1) as Operand) : this.pick(s.inside);
  }
  private access(s: Scope, type?: ScalarType): { readonly array: ArrayValue; readonly index: readonly Operand[] } {
    const array = this.pick(type === undefined ? s.arrays : s.arrays.filter((a) => a.type.elem === type));
    return { array, index: array.type.dims.map(() => this.subscript(s)) };
  }

  private block(b: Builder, scope: Scope): Scope {
    let s = scope;
    const n = (scope.depth === 0 ? 8 : 2) + this.random(5);
    for (let i = 0; i < n && this.budget > 0; i++) {
      this.budget--;
      s = this.stmt(b, s);
    }
    return s;
  }

  private stmt(b: Builder, s: Scope): Scope {
    const know = (v: Operand, inside = false): Scope => ({
      ...s,
      values: [...s.values, v],
      inside: inside ? [...s.inside, v] : s.inside,
    });
    if (this.callee !== null && this.random(20) === 0) return this.call(b, s, this.callee);
    const choice = this.random(s.depth < 3 ? 20 : 14);
    if (choice < 4) return know(this.arithmetic(b, s));
    if (choice < 7) {
      const { array, index } = this.access(s);
      return know(b.load(array, index));
    }
    if (choice < 10) {
      const { array, index } = this.access(s);
      b.store(array, index, this.operand(s, valueType(array.type.elem)));
      return s;
    }
    if (choice === 10) {
      const { array, index } = this.access(s);
      b.accum(
        this.pick<ReduceOp>(["add", "mul", "min", "max"]),
        array,
        index,
        this.operand(s, valueType(array.type.elem)),
      );
      return s;
    }
    if (choice === 11) {
      const dims = [this.pick([indexConst(4), (s.arrays[0] as ArrayValue).type.dims[0] as Operand])];
      return { ...s, arrays: [...s.arrays, b.alloc("t", this.pick(["f64", "i32", "f16"] as const), dims)] };
    }
    if (choice === 12) {
      const array = this.pick(s.arrays);
      b.check(array, 0, this.subscript(s));
      return s;
    }
    if (choice === 13) return know(b.compare(this.pick<CompareOp>(["lt", "eq", "ge"]), ...this.pair(s, "f64")));
    if (choice < 17) return this.for(b, s);
    return choice < 19 ? this.if(b, s) : this.while(b, s);
  }

  private pair(s: Scope, t: ScalarType): [Operand, Operand] {
    return [this.operand(s, t), this.operand(s, t)];
  }

  private arithmetic(b: Builder, s: Scope): Operand {
    switch (this.random(7)) {
      case 0:
        return b.unary(this.pick<UnaryOp>(["neg", "abs", "sqrt", "floor"]), this.operand(s, "f64"));
      case 1: {
        const op = this.pick<BinaryOp>(["add", "sub", "mul", "xor", "shl"]);
        return b.binary(op, ...this.pair(s, "i32"));
      }
      case 2:
        return b.binary(this.pick<BinaryOp>(["add", "sub", "min"]), this.operand(s, "index"), this.constant("index"));
      case 3:
        return b.binary("floordiv", this.operand(s, "index"), this.two);
      case 4:
        return b.select(this.operand(s, "bool"), ...this.pair(s, "f64"));
      case 5: {
        const [from, to] = this.pick<[ScalarType, ScalarType]>([
          ["i32", "index"],
          ["i32", "f64"],
          ["f64", "f32"],
          ["f32", "f64"],
          ["bool", "f64"],
          ["index", "i32"],
        ]);
        return b.cast(to, this.operand(s, from));
      }
      default:
        return b.binary(
          this.pick<BinaryOp>(["add", "sub", "mul", "div", "min", "max"]),
          ...this.pair(s, this.pick(["f64", "f64", "f32"])),
        );
    }
  }

  /** What a block yields: values of the types carried. */
  private carry(s: Scope): readonly Operand[] {
    return Array.from({ length: this.random(3) }, () => this.operand(s, this.pick(["f64", "index", "bool"])));
  }

  private for(b: Builder, s: Scope): Scope {
    const zero = b.binary("sub", this.two, indexConst(2), "zero");
    const size = (s.arrays[0] as ArrayValue).type.dims[0] as Operand;
    const kind = this.random(5);
    const [lo, hi, dead] = this.pick<[Operand, Operand, boolean]>(
      kind === 0
        ? [[indexConst(0), zero, true]]
        : kind === 1
          ? [[indexConst(1), this.pick([indexConst(2), indexConst(1), indexConst(3)]), false]]
          : [
              [indexConst(0), size, false],
              [this.two, size, false],
              [indexConst(0), this.two, false],
            ],
    );
    const inits = this.carry(s);
    const results = b.for("i", "seq", lo, hi, inits, (inner, i, carried) => {
      const scope: Scope = {
        ...s,
        values: [...s.values, i, ...carried],
        inside: [...s.inside, i],
        dead: s.dead || dead,
        depth: s.depth + 1,
      };
      const out = this.block(inner, scope);
      return inits.map((o) => this.bounded(inner, this.operand(out, o.type)));
    });
    return { ...s, values: [...s.values, ...results] };
  }

  private if(b: Builder, s: Scope): Scope {
    const never = this.random(4) === 0 ? b.compare("gt", this.two, indexConst(5), "never") : null;
    const cond = never ?? this.operand(s, "bool");
    const types = this.carry(s).map((o) => o.type);
    const branch =
      (dead: boolean) =>
      (inner: Builder): readonly Operand[] => {
        const out = this.block(inner, { ...s, dead: s.dead || dead, depth: s.depth + 1 });
        return types.map((t) => this.operand(out, t));
      };
    const results = b.if(cond, branch(never !== null), branch(false));
    return { ...s, values: [...s.values, ...results] };
  }

  /** Counts to two, or stops before it began. */
  private while(b: Builder, s: Scope): Scope {
    const extra = this.carry(s);
    const limit = this.random(4) === 0 ? indexConst(0) : this.two;
    const results = b.while(
      [indexConst(0), ...extra],
      (inner, carried) => {
        const out = this.block(inner, { ...s, values: [...s.values, ...carried.slice(1)], depth: s.depth + 1 });
        const more = inner.compare("lt", carried[0] as Scalar, limit);
        return this.random(3) === 0 ? inner.binary("and", more, this.operand(out, "bool")) : more;
      },
      (inner, carried) => {
        const i = carried[0] as Scalar;
        const scope: Scope = {
          ...s,
          values: [...s.values, ...carried],
          inside: [...s.inside, i],
          dead: s.dead || limit.kind === "const",
          depth: s.depth + 1,
        };
        const out = this.block(inner, scope);
        const next = inner.binary("add", i, indexConst(1));
        return [next, ...extra.map((o) => this.bounded(inner, this.operand(out, o.type)))];
      },
    );
    return { ...s, values: [...s.values, ...results] };
  }

  /** Carried indices must not grow beyond the exact integers. */
  private bounded(b: Builder, o: Operand): Operand {
    if (o.type !== "index") return o;
    return b.binary("max", b.binary("min", o, indexConst(1000)), indexConst(-1000), "bounded");
  }
}
