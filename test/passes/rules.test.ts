/**
 * Every rewrite rule against the definition of the operators: all expressions of two operations, on constants and on
 * operands with every kind of special value.
 */
import { test } from "uvu";
import { binaryExpr, typeOf, unaryExpr, value } from "../../compiler/ir/build.ts";
import { binaryEval, castTo, compareEval, type Datum, unaryEval } from "../../compiler/ir/eval.ts";
import {
  constant,
  type Expr,
  isFloat,
  type Mode,
  type Operand,
  type Scalar,
  type ScalarType,
} from "../../compiler/ir/ir.ts";
import { type BinaryOp, binaryOps, type CompareOp, compareOps, type UnaryOp, unaryOps } from "../../compiler/ir/ops.ts";
import { simplifyExpr } from "../../compiler/passes/simplify.ts";

const floats = [0, -0, 1, -1, 2, 0.5, -3, 0.1, Number.NaN, Infinity, -Infinity, 1e308, 5e-324, 2 ** 52 + 1];
const specials: Readonly<Record<ScalarType, readonly Datum[]>> = {
  f64: floats,
  f32: floats.map(Math.fround),
  i32: [0, 1, -1, 2, 3, -4, 31, 32, 2147483647, -2147483648],
  u32: [0, 1, 2, 3, 31, 32, 2147483648, 4294967295],
  index: [0, 1, -1, 2, 3, -4, 7, 2 ** 33 + 5],
  bool: [false, true],
};
const ordinary: readonly Datum[] = [1.5, -2.25, 3, 0.1, 7];
const types = Object.keys(specials) as ScalarType[];

const domain = (on: string, t: ScalarType, op: string): boolean => {
  if (on === "number") return t !== "bool";
  if (on === "float") return isFloat(t);
  if (on === "f64" || on === "i32") return on === t;
  if (on === "bits") return t === "bool" || t === "i32" || t === "u32";
  return on === "int" && !isFloat(t) && t !== "bool" && (t !== "index" || op === "floordiv" || op === "rem");
};
const unariesOf = (t: ScalarType): UnaryOp[] =>
  (Object.keys(unaryOps) as UnaryOp[]).filter((op) => !unaryOps[op].math && domain(unaryOps[op].on, t, op));
const binariesOf = (t: ScalarType): BinaryOp[] =>
  (Object.keys(binaryOps) as BinaryOp[]).filter(
    (op) => (!binaryOps[op].math || op === "pow") && domain(binaryOps[op].on, t, op),
  );
const comparesOf = (t: ScalarType): CompareOp[] =>
  t === "bool" ? ["eq", "ne"] : (Object.keys(compareOps) as CompareOp[]);

type Env = ReadonlyMap<Operand, Datum>;
const read = (o: Operand, env: Env): Datum => (o.kind === "const" ? o.value : (env.get(o) as Datum));

/** The expression's value; null where it has none. */
function evaluate(e: Expr | Operand, env: Env): Datum | null {
  switch (e.kind) {
    case "value":
    case "const":
      return read(e, env);
    case "unary":
      return defined(typeOf(e), unaryEval(e.op, e.a.type)(read(e.a, env)));
    case "binary": {
      const b = read(e.b, env);
      if ((e.op === "floordiv" || e.op === "rem") && !isFloat(e.a.type) && b === 0) return null;
      // JavaScript's own; that the math library's keeps these rules as well is tested beside it.
      if (e.op === "pow") return castTo(e.a.type, "f64", Number(read(e.a, env)) ** Number(b));
      return defined(typeOf(e), binaryEval(e.op, e.a.type)(read(e.a, env), b));
    }
    case "compare":
      return compareEval(e.op)(read(e.a, env), read(e.b, env));
    case "select":
      return read(e.cond, env) === true ? read(e.a, env) : read(e.b, env);
    case "cast":
      return castTo(e.to, e.a.type, read(e.a, env));
    case "load":
      throw new Error("no load is made here");
  }
}
const defined = (t: ScalarType, v: Datum): Datum | null => (t === "index" && !Number.isSafeInteger(v) ? null : v);

/** Operations of one or two of the operands, in each mode. */
function operations(a: Operand, others: readonly Operand[], modes: readonly Mode[]): Expr[] {
  const out: Expr[] = [];
  for (const mode of modes) {
    for (const op of unariesOf(a.type)) out.push(unaryExpr(op, a, mode));
    for (const b of others.filter((o) => o.type === a.type)) {
      for (const op of binariesOf(a.type)) out.push(binaryExpr(op, a, b, mode), binaryExpr(op, b, a, mode));
    }
  }
  for (const b of others.filter((o) => o.type === a.type)) {
    for (const op of comparesOf(a.type)) out.push({ kind: "compare", op, a, b }, { kind: "compare", op, a: b, b: a });
  }
  for (const to of types) out.push({ kind: "cast", to, a });
  return out;
}

/** What `defs` come to for each pair of values of the inputs, where they come to anything. */
function environments(inputs: readonly [Scalar, Scalar], defs: ReadonlyMap<Operand, Expr>, values: Values): Env[] {
  const [x, y] = inputs;
  const envs: Env[] = [];
  for (const p of values(x.type)) {
    for (const q of values(y.type)) {
      const env = new Map<Operand, Datum>([
        [x, p],
        [y, q],
      ]);
      for (const [v, e] of defs) {
        const r = evaluate(e, env);
        if (r !== null) env.set(v, r);
      }
      if (env.size === 2 + defs.size) envs.push(env);
    }
  }
  return envs;
}
type Values = (t: ScalarType) => readonly Datum[];

/** Simplifies `outer`, whose operands `defs` defines, and says where it comes to something else than before. */
function wrong(
  outer: Expr,
  simple: Expr | Operand,
  defs: ReadonlyMap<Operand, Expr>,
  envs: readonly Env[],
  agree: (a: Datum, b: Datum) => boolean,
): string | null {
  if (simple === outer) return null;
  for (const env of envs) {
    const before = evaluate(outer, env);
    if (before === null) continue;
    const after = evaluate(simple, env);
    if (after === null || !agree(before, after)) {
      const given = [...env].map(([v, d]) => `${show(v)} = ${d}`).join(", ");
      return `${given}: ${[...defs.values(), outer].map(show).join("; ")} = ${before}, simplified ${show(simple)} = ${after}`;
    }
  }
  return null;
}

function show(e: Expr | Operand): string {
  const o = (x: Operand): string =>
    x.kind === "value" ? `%${x.hint}` : `${Object.is(x.value, -0) ? "-0" : x.value}${x.type}`;
  switch (e.kind) {
    case "value":
    case "const":
      return o(e);
    case "unary":
      return `${e.op} ${e.mode} ${o(e.a)}`;
    case "binary":
      return `${e.op} ${e.mode} ${o(e.a)}, ${o(e.b)}`;
    case "compare":
      return `${e.op} ${o(e.a)}, ${o(e.b)}`;
    case "select":
      return `select ${o(e.cond)}, ${o(e.a)}, ${o(e.b)}`;
    default:
      return `${e.kind} ${typeOf(e)} ${operandOf(e)}`;
  }
}
const operandOf = (e: Expr): string => (e.kind === "cast" ? `%${e.a.kind === "value" ? e.a.hint : e.a.value}` : "");

const sameBits = (a: Datum, b: Datum): boolean => Object.is(a, b);
const closeBy = (a: Datum, b: Datum): boolean => {
  if (typeof a === "boolean" || typeof b === "boolean") return a === b;
  return !Number.isFinite(a) || Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a));
};

function tryAll(t: ScalarType, modes: readonly Mode[], constants: readonly Datum[], ordinaryOnly: boolean): void {
  const x = value("x", t);
  const y = value("y", t);
  const cs = constants.map((c) => constant(t, c));
  const faults: string[] = [];
  let rewritten = 0;
  const values: Values = (type) =>
    ordinaryOnly && isFloat(type) ? ordinary.map((v) => castTo(type, "f64", v)) : specials[type];
  const attempt = (outer: Expr, defs: ReadonlyMap<Operand, Expr>, envs: readonly Env[]): void => {
    const simple = simplifyExpr(outer, (o) => defs.get(o));
    if (simple !== outer) rewritten++;
    const fault = wrong(outer, simple, defs, envs, ordinaryOnly ? closeBy : sameBits);
    if (fault !== null && faults.length < 5) faults.push(fault);
  };
  const alone = environments([x, y], new Map(), values);
  for (const inner of operations(x, [x, y, ...cs], modes)) {
    attempt(inner, new Map(), alone);
    const v = value("v", typeOf(inner));
    const defs = new Map([[v, inner]]);
    const envs = environments([x, y], defs, values);
    const later = [v, x, y, ...cs.filter((c) => c.type === v.type)];
    if (v.type !== t) later.push(...specials[v.type].map((c) => constant(v.type, c)));
    for (const outer of operations(v, later, modes)) attempt(outer, defs, envs);
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  if (rewritten < 20) throw new Error(`only ${rewritten} expressions were rewritten`);
}

for (const t of types) {
  test(`${t}: strict rules give the same bits`, () => {
    tryAll(t, ["strict"], specials[t], false);
  });
}
for (const t of ["f64", "f32"] as const) {
  test(`${t}: contract allows what strict does`, () => {
    tryAll(t, ["contract"], [0, -0, 1, -1, 2], false);
  });
  test(`${t}: fast rules hold for ordinary numbers`, () => {
    tryAll(
      t,
      ["fast"],
      [0, 1, 2, 0.25, 3].map((c) => castTo(t, "f64", c)),
      true,
    );
  });
}

/** Three operations: two inner ones, drawn at random (the seed is fixed), under one outer. */
test("pairs of inner expressions", () => {
  let state = 12345;
  const random = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const faults: string[] = [];
  for (const t of types) {
    const x = value("x", t);
    const y = value("y", t);
    const inners = operations(x, [x, y, ...specials[t].map((c) => constant(t, c))], ["strict"]);
    const inner = (): Expr => inners[random(inners.length)] as Expr;
    for (let i = 0; i < 4000; i++) {
      const [p, q] = [inner(), inner()];
      const [u, v] = [value("u", typeOf(p)), value("v", typeOf(q))];
      const defs = new Map<Operand, Expr>([
        [u, p],
        [v, q],
      ]);
      const all = operations(u, [v], ["strict"]);
      const chosen = (): Operand => {
        const others = [x, y, v, constant(t, specials[t][random(specials[t].length)] as Datum)];
        return others.filter((o) => o.type === v.type)[random(3)] ?? v;
      };
      const outer: Expr =
        u.type === "bool" && random(3) > 0
          ? { kind: "select", cond: u, a: chosen(), b: chosen() }
          : (all[random(all.length)] as Expr);
      const simple = simplifyExpr(outer, (o) => defs.get(o));
      const envs = simple === outer ? [] : environments([x, y], defs, (type) => specials[type]);
      const fault = wrong(outer, simple, defs, envs, sameBits);
      if (fault !== null && faults.length < 5) faults.push(fault);
    }
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
});

test("conversions there and back", () => {
  const faults: string[] = [];
  let rewritten = 0;
  for (const from of types) {
    for (const wide of types) {
      const [x, y] = [value("x", from), value("y", from)];
      const [p, q] = [value("p", wide), value("q", wide)];
      const casts: [Operand, Expr][] = [
        [p, { kind: "cast", to: wide, a: x }],
        [q, { kind: "cast", to: wide, a: y }],
      ];
      const envs = environments([x, y], new Map(casts), (t) => specials[t]);
      for (const b of [q, ...specials[wide].map((c) => constant(wide, c))]) {
        const inner: Expr[] = binariesOf(wide).map((op) => binaryExpr(op, p, b, "strict"));
        for (const c of [true, false]) inner.push({ kind: "select", cond: constant("bool", c), a: p, b });
        for (const e of inner) {
          const v = value("v", typeOf(e));
          const defs = new Map<Operand, Expr>([...casts, [v, e]]);
          const at = envs.flatMap((env) => {
            const r = evaluate(e, env);
            return r === null ? [] : [new Map([...env, [v as Operand, r]])];
          });
          for (const to of types) {
            const outer: Expr = { kind: "cast", to, a: v };
            const simple = simplifyExpr(outer, (o) => defs.get(o));
            if (simple !== outer) rewritten++;
            const fault = wrong(outer, simple, defs, at, sameBits);
            if (fault !== null && faults.length < 5) faults.push(fault);
          }
        }
      }
    }
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  if (rewritten < 100) throw new Error(`only ${rewritten} expressions were rewritten`);
});

test.run();
