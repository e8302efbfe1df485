/**
 * The rule table against differences of JavaScript's own functions, in f64 and f32, by every way; and at special points.
 *
 * Every way is built into a function whose parameters are the derivative and the primal values that the way says it
 * uses. Those that it may not touch are values that nothing binds, which the verifier would find.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { binaryRules, type Partial, type Primal, unaryRules } from "../../ad/rules.ts";
import { noLoc } from "../../compiler/diagnostic.ts";
import { interpreter } from "../../compiler/interp.ts";
import { Builder, value } from "../../compiler/ir/build.ts";
import type { FloatType, Func, Module, Scalar, ScalarType } from "../../compiler/ir/ir.ts";
import { type BinaryOp, binaryOps, resultType, type UnaryOp, unaryOps } from "../../compiler/ir/ops.ts";
import { verify } from "../../compiler/ir/verify.ts";

type At = readonly number[];
interface Case {
  readonly f: (a: number, b: number) => number;
  /** Where it is differentiated; both operands of binary operators. */
  readonly at: readonly At[];
  /** How far it is from there to where the function is no power series; 1 where not given. */
  readonly reach?: (a: number, b: number) => number;
}
const points = (...list: readonly number[]): readonly At[] => list.map((x) => [x]);
const pairs = (as: At, bs: At): readonly At[] => as.flatMap((a) => bs.map((b) => [a, b]));
const some = points(-3.1, -1.2, -0.4, -1e-3, 2e-3, 0.3, 0.9, 2.4, 5.5);
const positive = points(1e-3, 0.2, 0.9, 1.1, 7, 300);
const within = points(-0.95, -0.5, -1e-3, 0, 0.3, 0.9);
const away = pairs([-7.3, -1.1, -0.2, 0.45, 2, 13.7], [-5.2, -0.8, 0.3, 1.7, 4]);

const unaryCases: Partially<UnaryOp> = {
  neg: { f: (a) => -a, at: some },
  abs: { f: Math.abs, at: some, reach: Math.abs },
  sqrt: { f: Math.sqrt, at: positive, reach: (a) => a },
  cbrt: { f: Math.cbrt, at: points(-20, -0.3, 0.01, 4), reach: Math.abs },
  exp: { f: Math.exp, at: some },
  expm1: { f: Math.expm1, at: some },
  log: { f: Math.log, at: positive, reach: (a) => a },
  log2: { f: Math.log2, at: positive, reach: (a) => a },
  log10: { f: Math.log10, at: positive, reach: (a) => a },
  log1p: { f: Math.log1p, at: points(-0.9, -0.3, 1e-5, 0.7, 40), reach: (a) => a + 1 },
  sin: { f: Math.sin, at: some },
  cos: { f: Math.cos, at: some },
  tan: { f: Math.tan, at: points(-1.1, -0.2, 0, 0.6, 1.3), reach: (a) => Math.PI / 2 - Math.abs(a) },
  asin: { f: Math.asin, at: within, reach: (a) => 1 - Math.abs(a) },
  acos: { f: Math.acos, at: within, reach: (a) => 1 - Math.abs(a) },
  atan: { f: Math.atan, at: some },
  sinh: { f: Math.sinh, at: some },
  cosh: { f: Math.cosh, at: some },
  tanh: { f: Math.tanh, at: points(-2.5, -0.4, 0, 1e-3, 0.9, 3) },
  asinh: { f: Math.asinh, at: some },
  acosh: { f: Math.acosh, at: points(1.01, 1.5, 4, 90), reach: (a) => a - 1 },
  atanh: { f: Math.atanh, at: within, reach: (a) => 1 - Math.abs(a) },
};
const binaryCases: Partially<BinaryOp> = {
  add: { f: (a, b) => a + b, at: away },
  sub: { f: (a, b) => a - b, at: away },
  mul: { f: (a, b) => a * b, at: away },
  div: { f: (a, b) => a / b, at: away, reach: (_, b) => Math.min(1, Math.abs(b)) },
  // Near none of its jumps.
  rem: { f: (a, b) => a % b, at: away, reach: (a, b) => Math.min(Math.abs(a % b), Math.abs(b) - Math.abs(a % b)) / 15 },
  min: { f: Math.min, at: away, reach: (a, b) => Math.abs(a - b) },
  max: { f: Math.max, at: away, reach: (a, b) => Math.abs(a - b) },
  pow: { f: Math.pow, at: pairs([0.01, 0.4, 1, 3.3], [-2.5, -1, 0, 0.5, 1, 2, 3.7]), reach: (a) => Math.min(1, a) },
  atan2: { f: Math.atan2, at: away.filter(([, b]) => b! > 0), reach: (a, b) => Math.hypot(a, b) / 2 },
  hypot: { f: Math.hypot, at: away, reach: (a, b) => Math.hypot(a, b) / 2 },
};
type Partially<Op extends string> = { readonly [op in Op]?: Case };

/** Central differences of order 8. The step is small beside the reach, and large beside rounding. */
function slope(f: (x: number) => number, x: number, reach: number): number {
  const h = reach / 100;
  const weights = [4 / 5, -1 / 5, 4 / 105, -1 / 280];
  return weights.reduce((sum, w, i) => sum + w * (f(x + (i + 1) * h) - f(x - (i + 1) * h)), 0) / h;
}

interface Operation {
  readonly op: UnaryOp | BinaryOp;
  readonly type: FloatType;
}
type Emitted = (d: number, v: Readonly<{ [p in Primal]?: number }>) => number;

const moduleOf = (f: Func): Module => ({ stage: "loop", funcs: [f] });
function func(params: readonly Scalar[], result: Scalar["type"], build: (x: Builder) => Scalar): Func {
  const x = new Builder(noLoc, "strict");
  const out = build(x);
  const head = { kind: "func", name: "f", exported: true, params, requires: [], loc: noLoc } as const;
  return { ...head, results: [result], body: x.block([out]) };
}

/** A way as a function, after the verifier has found that it reads only what it says. */
function emitted({ op, type }: Operation, way: Partial): Emitted {
  const d = value("d", type as ScalarType);
  const primals = {
    a: value("a", type as ScalarType),
    b: value("b", type as ScalarType),
    r: value("r", type as ScalarType),
  };
  const params = [d, ...way.uses.map((p) => primals[p])];
  const f = func(params, type, (x) => x.binary("add", way.emit(x, d, primals), { kind: "const", type, value: 0 }));
  assert.equal(verify(moduleOf(f)), [], `${op} by a way that uses ${way.uses.join(", ") || "nothing"}`);
  const run = interpreter(moduleOf(f));
  return (at, v) => run("f", [at, ...way.uses.map((p) => v[p] as number)])[0] as number;
}

/** What the operation itself gives. */
function primal({ op, type }: Operation): (a: number, b: number) => number {
  const [a, b] = [value("a", type as ScalarType), value("b", type as ScalarType)];
  const isUnary = op in unaryOps;
  const f = func(isUnary ? [a] : [a, b], type, (x) =>
    isUnary ? x.unary(op as UnaryOp, a) : x.binary(op as BinaryOp, a, b),
  );
  const run = interpreter(moduleOf(f));
  return (...args) => run("f", isUnary ? [args[0]] : args)[0] as number;
}

type Wrt = "a" | "b";
const waysOf = (op: UnaryOp | BinaryOp, wrt: Wrt) =>
  op in unaryOps ? (wrt === "a" ? unaryRules[op as UnaryOp] : null) : binaryRules[op as BinaryOp][wrt];

const types = ["f64", "f32"] as const;
const rounded = (type: FloatType, x: number): number => (type === "f32" ? Math.fround(x) : x);

for (const [op, c] of Object.entries({ ...unaryCases, ...binaryCases }) as [UnaryOp | BinaryOp, Case][]) {
  for (const wrt of op in unaryOps ? (["a"] as const) : (["a", "b"] as const)) {
    const ways = waysOf(op, wrt) ?? [];
    test(`d ${op} / d ${wrt}: ${ways.length} ways agree with differences`, () => {
      assert.ok(ways.length > 0, "there is no rule");
      for (const type of types) {
        const f = primal({ op, type });
        for (const way of ways) {
          const rule = emitted({ op, type }, way);
          for (const at of c.at) {
            const [a, b] = [rounded(type, at[0]!), rounded(type, at[1] ?? 0)];
            const reach = c.reach?.(a, b) ?? 1;
            const expected = wrt === "a" ? slope((x) => c.f(x, b), a, reach) : slope((x) => c.f(a, x), b, reach);
            const d = rounded(type, 1.7);
            const actual = rule(d, { a, b, r: f(a, b) });
            // What differences lose in subtracting, and what the type does.
            const noise = (1e-13 * Math.abs(c.f(a, b))) / reach;
            const tolerance = 3 * (noise + (type === "f64" ? 1e-11 : 1e-5) * Math.abs(expected));
            const where = `${type} at ${op in unaryOps ? a : `${a}, ${b}`} from ${way.uses.join(", ") || "nothing"}`;
            assert.ok(Math.abs(actual - d * expected) <= tolerance, `${where}: ${actual}, not ${d * expected}`);
          }
        }
      }
    });
  }
}

test("every operator that makes floats of floats has rules, unless it counts as constant", () => {
  const steps = ["stop", "floor", "ceil", "trunc", "round", "sign"];
  const takesFloats = (on: string): boolean => on === "float" || on === "number";
  for (const [op, info] of Object.entries({ ...unaryOps, ...binaryOps }) as [UnaryOp | BinaryOp, { on: string }][]) {
    const expected = takesFloats(info.on) && !steps.includes(op) && resultType(op, "f64") === "f64";
    for (const wrt of op in unaryOps ? (["a"] as const) : (["a", "b"] as const)) {
      assert.is(waysOf(op, wrt) !== null, expected, `${op} by ${wrt}`);
      if (expected) assert.ok(op in unaryCases || op in binaryCases, `${op} is not tested`);
    }
  }
  for (const op of ["floor", "ceil", "trunc", "round", "sign"] as const) {
    for (const x of [-2.7, -0.4, 0.3, 1.2]) assert.is(slope(Math[op], x, 0.1), 0, `${op} at ${x}`);
  }
});

/** `[op, by, operands, d, expected]`, where every way must give that, in both types. */
const special: readonly (readonly [UnaryOp | BinaryOp, Wrt, At, number, number])[] = [
  // d = 0 stays 0 where the partial is infinite or NaN.
  ["sqrt", "a", [0], 0, 0],
  ["sqrt", "a", [0], 2, Infinity],
  ["sqrt", "a", [-1], 0, 0],
  ["cbrt", "a", [0], 0, 0],
  ["cbrt", "a", [0], -2, -Infinity],
  ["log", "a", [0], 0, 0],
  ["log", "a", [0], 1, Infinity],
  ["log2", "a", [0], 0, 0],
  ["log10", "a", [0], 0, 0],
  ["log1p", "a", [-1], 0, 0],
  ["exp", "a", [1000], 0, 0],
  ["expm1", "a", [1000], 0, 0],
  ["sinh", "a", [1000], 0, 0],
  ["cosh", "a", [1000], 0, 0],
  ["asin", "a", [1], 0, 0],
  ["asin", "a", [-1], 1, Infinity],
  ["acos", "a", [-1], 0, 0],
  ["acos", "a", [1], 1, -Infinity],
  ["acosh", "a", [1], 0, 0],
  ["acosh", "a", [1], 1, Infinity],
  ["atanh", "a", [-1], 0, 0],
  ["atanh", "a", [1], 1, Infinity],
  ["div", "a", [1, 0], 0, 0],
  ["div", "b", [1, 0], 0, 0],
  ["div", "a", [0, 0], 0, 0],
  ["div", "b", [0, 0], 0, 0],
  ["div", "a", [1, 0], 1, Infinity],
  ["div", "b", [1, 0], 1, -Infinity],
  ["rem", "b", [1, 0], 0, 0],
  ["atan2", "a", [0, 0], 0, 0],
  ["atan2", "b", [0, 0], 0, 0],
  // pow at 0.
  ["pow", "a", [0, 0.5], 0, 0],
  ["pow", "a", [0, 0.5], 1, Infinity],
  ["pow", "a", [0, 0], 1, 0],
  ["pow", "a", [0, 1], 3, 3],
  ["pow", "a", [0, 2], 1, 0],
  ["pow", "a", [0, -1], 0, 0],
  ["pow", "a", [-2, 3], 1, 12],
  ["pow", "a", [-2, 0], 1, 0],
  ["pow", "b", [0, 0], 1, 0],
  ["pow", "b", [0, 2], 1, 0],
  ["pow", "b", [0, -2], 0, 0],
  ["pow", "b", [-2, 3], 0, 0],
  ["pow", "b", [-2, 3], 1, NaN],
  ["pow", "b", [Infinity, -1], 1, 0],
  // Kinks: the branch taken, the first operand of a tie, the middle of abs and hypot.
  ["abs", "a", [0], 5, 0],
  ["abs", "a", [-0], 5, 0],
  ["hypot", "a", [0, 0], 5, 0],
  ["hypot", "b", [0, 0], 5, 0],
  ["hypot", "a", [-3, 0], 5, -5],
  ["min", "a", [2, 2], 5, 5],
  ["min", "b", [2, 2], 5, 0],
  ["max", "a", [2, 2], 5, 5],
  ["max", "b", [2, 2], 5, 0],
  ["min", "a", [0, -0], 5, 5],
  ["max", "b", [-0, 0], 5, 0],
  // NaN is what both return.
  ["min", "a", [NaN, 2], 5, 5],
  ["min", "b", [NaN, 2], 5, 0],
  ["max", "a", [2, NaN], 5, 0],
  ["max", "b", [2, NaN], 5, 5],
  ["max", "a", [NaN, NaN], 5, 5],
  ["min", "b", [NaN, NaN], 5, 0],
  ["min", "a", [Infinity, Infinity], 5, 5],
  // What squares would lose. Both types take these but for the last digits.
  ["asinh", "a", [-1e30], 1, 1e-30],
  ["acosh", "a", [1e30], 1, 1e-30],
  ["hypot", "b", [1e30, 1e30], 1, Math.SQRT1_2],
  ["hypot", "a", [1e-30, 1e-30], 1, Math.SQRT1_2],
  ["atan2", "a", [1e-30, 1e-30], 1, 5e29],
  ["atan2", "b", [1e30, 1e30], 1, -5e-31],
  ["atan", "a", [1e10], 1, 1e-20],
  ["tanh", "a", [90], 1, 0],
  // Quotients that division rounds up: the remainder is that of 9, or nearly 1.
  ["rem", "b", [1, 0.1], 1, -9],
  ["rem", "b", [-7.5, 2], 1, 3],
  ["rem", "b", [7.5, -2], 1, 3],
  ["rem", "b", [5, Infinity], 1, 0],
];

for (const type of types) {
  test(`special points in ${type}`, () => {
    const precision = type === "f64" ? 1e-13 : 5e-6;
    for (const [op, wrt, at, d, expected] of special) {
      const [a, b] = [rounded(type, at[0]!), rounded(type, at[1] ?? 0)];
      const r = primal({ op, type })(a, b);
      for (const way of waysOf(op, wrt) ?? []) {
        const actual = emitted({ op, type }, way)(d, { a, b, r });
        const close = actual === expected || Math.abs(actual - expected) <= precision * Math.abs(expected);
        const where = `d ${op}(${at}) / d ${wrt} from ${way.uses} times ${d}`;
        assert.ok(Object.is(actual, expected) || close, `${where}: ${actual}, not ${expected}`);
      }
    }
  });
}

test("what min and max give to their operands adds up", () => {
  for (const op of ["min", "max"] as const) {
    for (const [a, b] of pairs([-1, 0, -0, 2, NaN, Infinity], [-1, 0, -0, 2, NaN, Infinity])) {
      for (const [i, byA] of (binaryRules[op].a ?? []).entries()) {
        const byB = binaryRules[op].b?.[i] as Partial;
        const v = { a: a as number, b: b as number, r: Math[op](a as number, b as number) };
        const sum = emitted({ op, type: "f64" }, byA)(3, v) + emitted({ op, type: "f64" }, byB)(3, v);
        assert.is(sum, 3, `${op}(${a}, ${b}) from ${byA.uses}`);
      }
    }
  }
});

test.run();
