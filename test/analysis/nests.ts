/**
 * Random loop nests that need not stay inside their arrays: triangular bounds, minima and maxima, halves and remainders,
 * reversed and scaled subscripts, products of an index and a size, words and masks, guards, counters that loops carry,
 * whiles that go up and down, subscripts from memory.
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

const size = (name: string): Scalar => value(name, "index" as const);
const one = indexConst(1);
const zero = indexConst(0);
const no = constant("bool", false);
const yes = constant("bool", true);

export function randomNest(seed: number): Module {
  return { stage: "loop", funcs: [new NestGenerator(randomOf(seed)).func()] };
}

/** Values that a place may use; loop indices are likelier in subscripts. */
interface Scope {
  readonly ints: readonly Operand[];
  readonly indices: readonly Scalar[];
  readonly depth: number;
}

class NestGenerator {
  private readonly random: (n: number) => number;
  private readonly x: ArrayValue = value("x", arrayType("f64", [size("n")]));
  private readonly A: ArrayValue = value("A", arrayType("f64", [size("p"), size("q")]));
  private readonly k: ArrayValue = value("k", arrayType("i32", [size("m")]));
  private readonly s: Scalar = value("s", "index" as const);
  private readonly t: Scalar = value("t", "index" as const);
  private budget: number;

  constructor(random: (n: number) => number) {
    this.random = random;
    this.budget = 3 + random(5);
  }

  func(): Func {
    const b = new Builder(noLoc);
    const arrays = [this.x, this.A, this.k];
    const sizes = arrays.flatMap((a) => a.type.dims);
    this.block(b, { ints: [...sizes, ...sizes, this.s, this.t], indices: [], depth: 0 });
    return {
      kind: "func",
      name: "f",
      exported: true,
      params: [this.s, this.t, ...arrays],
      results: [],
      requires: [],
      body: b.block(),
      loc: noLoc,
    };
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  private block(b: Builder, s: Scope): void {
    let scope = s;
    const count = s.depth === 0 ? 3 : 1 + this.random(2);
    for (let i = 0; i < count && this.budget > 0; i++) scope = this.stmt(b, scope);
    this.access(b, scope);
  }

  private stmt(b: Builder, s: Scope): Scope {
    this.budget--;
    const choice = this.random(s.depth < 3 ? 10 : 2);
    if (choice < 2) {
      this.access(b, s);
      return s;
    }
    if (choice < 6) return this.for(b, s);
    if (choice < 8) return this.if(b, s);
    if (choice < 9) return this.while(b, s);
    const load = b.cast("index", b.load(this.k, [this.subscript(b, s)]), "j");
    return { ...s, ints: [...s.ints, load] };
  }

  /** An integer of the scope, as it is or moved a little. */
  private int(b: Builder, s: Scope): Operand {
    const a = this.random(3) > 0 && s.indices.length > 0 ? this.pick(s.indices) : this.pick(s.ints);
    const c = indexConst(1 + this.random(2));
    switch (this.random(9)) {
      case 0:
        return b.binary("add", a, c);
      case 1:
      case 2:
        return b.binary("sub", a, c);
      case 3:
        return b.binary(this.pick(["min", "max"] as const), a, this.pick([...s.ints, ...s.indices, zero]));
      case 4:
        return b.binary("floordiv", a, indexConst(2));
      case 5:
        return this.pick([zero, one, c]);
      default:
        return a;
    }
  }

  private subscript(b: Builder, s: Scope): Operand {
    if (s.indices.length === 0) return this.int(b, s);
    const i = this.pick(s.indices);
    const c = indexConst(this.random(3));
    switch (this.random(17)) {
      case 12:
        return b.binary("add", b.binary("mul", i, this.pick(s.ints)), this.pick([zero, ...s.indices]));
      case 13:
        return b.select(this.condition(b, s), this.int(b, s), this.int(b, s));
      case 14:
        return this.word(b, s, i);
      case 15:
        return b.binary(this.pick(["min", "max"] as const), this.int(b, s), this.int(b, s));
      case 16:
        return this.wholeRemainder(b, s, i);
      case 0:
        return b.binary("sub", b.binary("sub", this.pick(s.ints), one), i);
      case 1:
        return b.binary("add", b.binary("mul", i, indexConst(2)), c);
      case 2:
        return b.binary("sub", i, this.pick(s.indices));
      case 3:
        return b.binary("rem", i, indexConst(1 + this.random(3)));
      case 4:
        return b.binary("add", i, this.pick(s.indices));
      case 5:
        return b.unary("abs", b.binary("sub", i, this.pick(s.indices)));
      case 6:
      case 7:
        return this.int(b, s);
      default:
        return i;
    }
  }

  /** Half of a value, or what a mask leaves of it, computed in 32 bits. */
  private word(b: Builder, s: Scope, i: Operand): Operand {
    const word = b.cast("i32", i);
    const mask = b.cast("i32", b.binary("sub", this.pick([...s.ints, indexConst(4)]), one));
    const count = constant("i32", 1 + this.random(2));
    return b.cast("index", this.random(2) === 0 ? b.binary("shr", word, count) : b.binary("and", word, mask));
  }

  /** `i % n` in floats, as it is computed where n may be 0. */
  private wholeRemainder(b: Builder, s: Scope, i: Operand): Operand {
    const dividend = this.random(2) === 0 ? i : b.binary("add", i, this.pick(s.ints));
    return b.cast("index", b.binary("rem", b.cast("f64", dividend), b.cast("f64", this.pick(s.ints))));
  }

  private access(b: Builder, s: Scope): void {
    const array = this.pick([this.x, this.x, this.A]);
    const index = array.type.dims.map(() => this.subscript(b, s));
    const axis = this.random(array.type.dims.length);
    const extent = array.type.dims[axis] as Operand;
    const touch = (inner: Builder): readonly Operand[] => {
      if (this.random(2) === 0) inner.load(array, index);
      else inner.store(array, index, constant("f64", 1));
      return [];
    };
    if (this.random(3) > 0) touch(b);
    else b.if(this.near(b, index[axis] as Operand, extent), touch);
  }

  /** `0 <= at && at < extent`, or one or the other, or nearly so. */
  private near(b: Builder, at: Operand, extent: Operand): Operand {
    const low = b.compare(this.pick(["ge", "ge", "gt"] as const), at, this.pick([zero, zero, indexConst(-1)]));
    const high = b.compare(this.pick(["lt", "lt", "le"] as const), at, extent);
    if (this.random(4) === 0) return this.pick([low, high]);
    if (this.random(2) === 0) return b.binary("and", low, high);
    const outside = b.binary("or", b.unary("not", low), b.unary("not", high));
    return b.unary("not", outside);
  }

  private for(b: Builder, s: Scope): Scope {
    const lo = this.random(3) > 0 ? zero : this.int(b, s);
    const hi = this.random(3) > 0 ? this.pick(s.ints) : this.int(b, s);
    const counters = this.random(3) === 0 ? [this.random(2) === 0 ? zero : this.int(b, s)] : [];
    const out = b.for("i", "seq", lo, hi, counters, (inner, i, carried) => {
      this.block(inner, { ints: s.ints, indices: [...s.indices, i, ...carried], depth: s.depth + 1 });
      return carried.map((c) => this.moved(inner, s, c));
    });
    return { ...s, ints: [...s.ints, ...out] };
  }

  /** A counter after a trip: moved always, on a condition, by this or that, or clamped. */
  private moved(b: Builder, s: Scope, c: Scalar): Operand {
    const by = indexConst(1 + this.random(2));
    const op = this.pick(["add", "add", "sub"] as const);
    switch (this.random(4)) {
      case 0:
        return b.binary(op, c, by);
      case 1:
        return b.select(this.condition(b, s), b.binary(op, c, by), c);
      case 2:
        return b.binary("min", b.binary("add", c, by), this.pick(s.ints));
      default:
        return b.if(
          this.condition(b, s),
          (inner) => [inner.binary(op, c, by)],
          () => [c],
        )[0] as Operand;
    }
  }

  private condition(b: Builder, s: Scope): Operand {
    const compare = (inner: Builder): Operand =>
      inner.compare(this.pick<CompareOp>(["lt", "le", "gt", "ge", "eq", "ne"]), this.int(inner, s), this.int(inner, s));
    switch (this.random(6)) {
      case 0:
        return b.binary("and", compare(b), compare(b));
      case 1:
        return b.binary("or", compare(b), compare(b));
      case 2:
        return b.unary("not", compare(b));
      case 3:
        return this.shortCircuit(b, compare, this.random(2) === 0);
      default:
        return compare(b);
    }
  }

  /** `a && b`, or `a || b`, as the frontend makes them; or with `!a`. */
  private shortCircuit(b: Builder, compare: (b: Builder) => Operand, and: boolean): Operand {
    const right = (inner: Builder): readonly Operand[] => [compare(inner)];
    const short = (): readonly Operand[] => [this.random(2) === 0 ? no : yes];
    return b.if(compare(b), and ? right : short, and ? short : right)[0] as Operand;
  }

  private if(b: Builder, s: Scope): Scope {
    const inner = { ...s, depth: s.depth + 1 };
    const cond = this.condition(b, s);
    const branch = (inB: Builder): readonly Operand[] => {
      this.block(inB, inner);
      return [];
    };
    b.if(cond, branch, this.random(2) === 0 ? branch : () => []);
    return s;
  }

  /** A counter that goes up below a limit or down above one, and ends after a few trips whatever its step is. */
  private while(b: Builder, s: Scope): Scope {
    const up = this.random(2) === 0;
    const limit = this.random(3) === 0 ? zero : this.int(b, s);
    const results = b.while(
      [this.int(b, s), zero],
      (inner, [c, trips]) => {
        const near = inner.compare(
          this.pick(up ? (["lt", "le"] as const) : (["gt", "ge"] as const)),
          c as Scalar,
          limit,
        );
        return inner.binary("and", near, inner.compare("lt", trips as Scalar, indexConst(12)));
      },
      (inner, [c, trips]) => {
        const scope = { ints: s.ints, indices: [...s.indices, c as Scalar], depth: s.depth + 1 };
        this.block(inner, scope);
        const next = this.random(4) === 0 ? this.moved(inner, s, c as Scalar) : this.step(inner, c as Scalar, up);
        return [next, inner.binary("add", trips as Scalar, one)];
      },
    );
    return { ...s, ints: [...s.ints, results[0] as Scalar] };
  }

  private step(b: Builder, c: Scalar, up: boolean): Operand {
    return b.binary(up ? "add" : "sub", c, indexConst(1 + this.random(2)));
  }
}
