/**
 * Random nests that read and write a few arrays: triangular and shifted bounds, loops that count down, guards, shifted,
 * strided, reversed and mixed subscripts, counters, local arrays. With `odd`, also what is not affine: minima, quotients,
 * remainders, choices, subscripts from memory, products, whiles. Subscripts lie around `origin`, so that all are inside.
 */
import { noLoc } from "../../compiler/diagnostic.ts";
import { arrayType, Builder, value } from "../../compiler/ir/build.ts";
import {
  type ArrayValue,
  constant,
  type Func,
  indexConst,
  type Module,
  type Operand,
  type Scalar,
} from "../../compiler/ir/ir.ts";
import type { CompareOp } from "../../compiler/ir/ops.ts";
import { randomOf } from "../passes/random-ir.ts";

const origin = 40;
const size = (name: string): Scalar => value(name, "index" as const);
const at = indexConst;
const one = constant("f64", 1);

export function randomAccesses(seed: number, odd = false): Module {
  return { stage: "loop", funcs: [new AffineGenerator(randomOf(seed), odd).func()] };
}

interface Scope {
  readonly indices: readonly Scalar[];
  readonly arrays: readonly ArrayValue[];
  readonly depth: number;
}

class AffineGenerator {
  private readonly random: (n: number) => number;
  private readonly odd: boolean;
  private readonly n = size("n");
  private readonly m = size("m");
  private readonly k: ArrayValue = value("k", arrayType("i32", [size("r")]));
  private budget: number;

  constructor(random: (n: number) => number, odd: boolean) {
    this.random = random;
    this.odd = odd;
    this.budget = 3 + random(4);
  }

  func(): Func {
    const b = new Builder(noLoc);
    const x: ArrayValue = value("x", arrayType("f64", [size("p")]));
    const a: ArrayValue = value("A", arrayType("f64", [size("p0"), size("p1")]));
    const arrays = this.random(2) === 0 ? [x] : this.random(3) === 0 ? [x, a] : [a];
    this.block(b, { indices: [], arrays, depth: 0 });
    // Sizes of an array, and so not negative.
    const sized: ArrayValue = value("N", arrayType("f64", [this.n, this.m]));
    const params = [sized, x, a, this.k];
    const body = b.block();
    return { kind: "func", name: "f", exported: true, params, results: [], requires: [], body, loc: noLoc };
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  private block(b: Builder, s: Scope): void {
    let scope = s;
    if (s.depth < 2 && this.random(12) === 0) {
      const local = b.alloc("t", "f64", [at(10 * origin)]);
      scope = { ...s, arrays: [...s.arrays, local] };
    }
    const count = s.depth === 0 ? 2 + this.random(2) : 1 + this.random(2);
    for (let i = 0; i < count && this.budget > 0; i++) this.stmt(b, scope);
    this.access(b, scope);
    if (s.depth > 0 && this.random(2) === 0) this.access(b, scope);
  }

  private stmt(b: Builder, s: Scope): void {
    this.budget--;
    const choice = this.random(s.depth < 3 ? 12 : 3);
    if (choice < 3) this.access(b, s);
    else if (choice < 9) this.for(b, s);
    else if (choice < 11 || !this.odd) this.if(b, s);
    else this.while(b, s);
  }

  /** An integer that does not depend on subscripts: a size or an index, moved a little. */
  private int(b: Builder, s: Scope): Operand {
    const v = s.indices.length > 0 && this.random(2) === 0 ? this.pick(s.indices) : this.pick([this.n, this.m]);
    switch (this.random(6)) {
      case 0:
        return b.binary("add", v, at(1 + this.random(2)));
      case 1:
        return b.binary("sub", v, at(1 + this.random(2)));
      case 2:
        return at(this.random(3));
      default:
        return v;
    }
  }

  private for(b: Builder, s: Scope): void {
    const inner = s.indices.at(-1);
    const lo = this.random(3) > 0 ? at(this.random(2)) : this.int(b, s);
    const hi =
      inner !== undefined && this.random(3) === 0
        ? inner
        : this.random(3) > 0
          ? this.pick([this.n, this.m])
          : this.int(b, s);
    const inits = this.random(8) === 0 ? [this.int(b, s)] : [];
    b.for(
      "i",
      "seq",
      lo,
      hi,
      inits,
      (body, i, carried) => {
        const down = this.random(4) === 0;
        const index = down ? body.binary("sub", body.binary("add", body.binary("sub", hi, at(1)), lo), i, "down") : i;
        this.block(body, { ...s, indices: [...s.indices, index, ...carried], depth: s.depth + 1 });
        return carried.map((c) => this.moved(body, s, c));
      },
      ["c"],
    );
  }

  private moved(b: Builder, s: Scope, c: Scalar): Operand {
    const by = at(1 + this.random(2));
    const next = b.binary(this.pick(["add", "sub"] as const), c, by);
    return !this.odd || this.random(2) === 0 ? next : b.select(this.condition(b, s), next, c);
  }

  private while(b: Builder, s: Scope): void {
    const limit = this.pick([this.n, this.m]);
    b.while(
      [at(this.random(2))],
      (test, [c]) => {
        if (this.random(3) === 0) this.access(test, { ...s, indices: [c as Scalar] });
        return test.compare("lt", c as Scalar, limit);
      },
      (body, [c]) => {
        this.block(body, { ...s, indices: [...s.indices, c as Scalar], depth: s.depth + 1 });
        const next = body.binary("add", c as Scalar, at(1));
        return [
          this.random(2) === 0 ? next : body.select(this.condition(body, s), next, body.binary("add", next, at(1))),
        ];
      },
    );
  }

  private condition(b: Builder, s: Scope): Operand {
    const ops: readonly CompareOp[] = ["lt", "le", "gt", "ge", "eq", "ne"];
    const compare = (): Operand => b.compare(this.pick(ops), this.int(b, s), this.int(b, s));
    const choice = this.random(8);
    if (choice === 0) return b.binary("and", compare(), compare());
    if (choice === 1) return b.binary("or", compare(), compare());
    return choice === 2 ? b.unary("not", compare()) : compare();
  }

  private if(b: Builder, s: Scope): void {
    const branch = (inner: Builder): readonly Operand[] => {
      this.block(inner, { ...s, depth: s.depth + 1 });
      return [];
    };
    b.if(this.condition(b, s), branch, this.random(2) === 0 ? branch : () => []);
  }

  private access(b: Builder, s: Scope): void {
    const array = this.pick(s.arrays);
    const index = array.type.dims.map(() => b.binary("add", this.subscript(b, s), at(origin)));
    switch (this.random(5)) {
      case 0:
      case 1:
        b.load(array, index, "l");
        return;
      case 2:
        b.accum("add", array, index, one);
        return;
      default:
        b.store(array, index, one);
    }
  }

  private subscript(b: Builder, s: Scope): Operand {
    if (s.indices.length === 0) return this.int(b, s);
    const i = this.pick(s.indices);
    if (this.odd && this.random(3) === 0) return this.oddSubscript(b, s, i);
    switch (this.random(14)) {
      case 0:
        return b.binary("sub", b.binary("sub", this.pick([this.n, this.m]), at(1)), i);
      case 1:
        return b.binary("add", b.binary("mul", i, at(2)), at(this.random(3)));
      case 2:
        return b.binary("add", i, this.pick(s.indices));
      case 3:
        return b.binary("sub", i, this.pick(s.indices));
      case 4:
      case 5:
        return b.binary("sub", i, at(1 + this.random(2)));
      case 6:
      case 7:
        return b.binary("add", i, at(1 + this.random(2)));
      case 8:
        return this.int(b, s);
      case 9:
        return this.random(2) === 0 ? at(this.random(2)) : b.binary("mul", i, at(3));
      default:
        return i;
    }
  }

  /** A value that a branch computes, with what holds only in there. */
  private branch(b: Builder, s: Scope, i: Scalar): Operand {
    const clamped = (inner: Builder): readonly Operand[] => [
      inner.binary(this.pick(["min", "max"] as const), i, this.int(inner, s)),
    ];
    const both = b.if(this.condition(b, s), clamped, (inner) => [this.random(2) === 0 ? i : this.int(inner, s)]);
    return both[0] as Operand;
  }

  private oddSubscript(b: Builder, s: Scope, i: Scalar): Operand {
    switch (this.random(8)) {
      case 7:
        return this.branch(b, s, i);
      case 0:
        return b.binary("floordiv", i, at(2));
      case 1:
        return b.binary("rem", i, at(2 + this.random(2)));
      case 2:
        return b.binary(this.pick(["min", "max"] as const), i, this.int(b, s));
      case 3:
        return b.select(this.condition(b, s), i, this.int(b, s));
      case 4:
        return b.unary("abs", b.binary("sub", i, this.pick(s.indices)));
      case 5:
        return b.binary("add", b.binary("mul", i, this.m), this.pick(s.indices));
      default:
        return b.cast("index", b.load(this.k, [b.binary("add", i, at(origin))]));
    }
  }
}
