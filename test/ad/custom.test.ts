/**
 * What kernels say of their own derivatives, `customGradient` and `stopGradient`: from source to numbers. The derivatives said
 * here are wrong on purpose, so that a true one is no pass.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { emitAdjointCall, floatScalars } from "../../ad/custom.ts";
import { type CompileOptions, compile, emit } from "../../compiler/index.ts";
import { type InterpArg, interpret } from "../../compiler/interp.ts";
import { Builder } from "../../compiler/ir/build.ts";
import type { ArrayValue, Call, Func, Operand, Scalar, Value } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";

const text = `
import type { f32, f64, i32 } from "tsgpu";
import { customGradient, stopGradient } from "tsgpu/kernel";

function squared<T extends f64 | f32>(x: T): T { return (x * x) as T; }
function squaredAdjoint<T extends f64 | f32>(x: T, r: T, d: T): T { return (100 * d + r) as T; }
export const square = customGradient(squared, squaredAdjoint);

function dotted(x: readonly f64[], n: i32, w: readonly f64[][], s: f64, t: f64): f64 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += s * x[i] * w[0][i];
  return sum - t;
}
function dottedAdjoint(
  x: readonly f64[], n: i32, w: readonly f64[][], s: f64, t: f64, r: f64, d: f64, dx: f64[], dw: f64[][],
): [f64, f64] {
  for (let i = 0; i < n; i++) {
    dx[i] += 10 * d;
    dw[0][i] -= d * x[i];
  }
  return [2 * d, 3 * d];
}
const dot = customGradient(dotted, dottedAdjoint);

export function twice(x: f64): f64 { return square(x) + square(x); }
export function plain(x: f64): f64 { return squared(x); }
export function narrow(x: f32): f32 { return square(x); }
export function rows(X: f64[][], w: f64[][][], s: f64): f64 {
  let sum = 0;
  for (let i = 0; i < X.length; i++) sum += dot(X[i], X[i].length, w[i], s, s);
  return sum;
}
export function straight(x: f64): f64 { return x + stopGradient(Math.round(x) - x) + stopGradient(x * x) * x; }
`;

const source = { file: new URL("kernels.ts", import.meta.url).pathname, text };
const options: CompileOptions = { target: "interp", mode: "strict" };
const array = (data: readonly number[], ...shape: readonly number[]): InterpArg => ({
  data: Float64Array.from(data),
  shape,
});

/** What the derivative by all of `wrt` along the tangents is; its last result. */
async function tangent(kernel: string, wrt: readonly string[], args: readonly InterpArg[]): Promise<number> {
  const derivative = { kind: "jvp", kernel, wrt } as const;
  const { program } = await compile(source, { ...options, kernels: [kernel], derivative });
  return Number(interpret(program, `${kernel}_jvp`, args).at(-1));
}

test("forward mode takes what the adjoint says", async () => {
  assert.is(await tangent("twice", ["x"], [3, 1]), 2 * (100 + 9));
  assert.is(await tangent("narrow", ["x"], [3, 2]), 2 * (100 + 9));
});

test("an exported function with a custom gradient is an entry that has it", async () => {
  const { program, entries } = await compile(source, { ...options, kernels: ["square"] });
  assert.equal(
    entries.map((e) => [e.name, e.params.map((p) => p.name)]),
    [["square", ["x"]]],
  );
  assert.equal(interpret(program, "square", [3]), [9]);
  assert.is(await tangent("square", ["x"], [3, 1]), 109);
});

test("called by its own name, the function has the derivative of what it computes", async () => {
  assert.is(await tangent("plain", ["x"], [3, 1]), 6);
});

test("rows, integers and several scalars", async () => {
  const X = [1, 2, 3, 4, 5, 6];
  const w = [1, 1, 1, 2, 2, 2];
  const tX = [1, 0, 2, 0, 3, 0];
  const tw = [0, 1, 0, 0, 0, 2];
  const args = [array(X, 2, 3), array(w, 2, 1, 3), 0.5, array(tX, 2, 3), array(tw, 2, 1, 3), 7];
  // Two rows: Σ 10 ẋ − Σ x ẇ + (2 + 3) ṡ each.
  assert.is(await tangent("rows", ["X", "w", "s"], args), 10 * 6 - (2 * 1 + 6 * 2) + 2 * 5 * 7);
});

test("without a derivative, nothing is left of it", async () => {
  const ir = String(await emit(source, "ir", options));
  assert.not.match(ir, /adjoint|stop|Adjoint/);
});

test("stopGradient is a constant to the derivative, and its value to the rest", async () => {
  const { program } = await compile(source, { ...options, kernels: ["straight"] });
  assert.equal(interpret(program, "straight", [2.75]), [2.75 + 0.25 + 2.75 ** 3]);
  assert.is(await tangent("straight", ["x"], [2.75, 1]), 1 + 2.75 ** 2);
});

test("reverse mode: the adjoint adds to the arrays' adjoints and gives those of the scalars", () => {
  const m = parse(`stage loop
    func @f(%a: f64, %k: i32[%h], %x: f64[%n], %w: f64[%m], %b: f32) -> f64 {
      yield 0f64
    }
    func @g(%a: f64, %k: i32[%h], %x: f64[%n], %w: f64[%m], %b: f32, %r: f64, %d: f64, %dx: f64[%p], %dw: f64[%q]) -> (f64, f32) {
      for %i in seq(0, %n) {
        %v: f64 = mul %d, 2f64
        accum add %dx[%i], %v
      }
      accum add %dw[0], %r
      %s: f64 = add %r, %d
      yield %s, %b
    }
    func @caller(%a: f64, %k: i32[%h], %X: f64[%l, %n], %w: f64[%m], %b: f32, %i: index) -> f64 {
      %r: f64 = call @f(%a, %k, %X[%i], %w, %b) adjoint @g
      yield %r
    }
    func @rev(%a: f64, %k: i32[%h], %X: f64[%l, %n], %w: f64[%m], %b: f32, %i: index, %r: f64, %d: f64, %X_adj: f64[%l, %n]) -> (f64, f32) {
      yield 0f64, 0f32
    }`);
  const [, , caller, rev] = m.funcs as [Func, Func, Func, Func];
  const call = caller.body.stmts[0] as Call;
  const param = (v: Value | undefined): Value => rev.params[caller.params.indexOf(v as Value)] as Value;
  const [r, d, XAdj] = rev.params.slice(-3) as [Scalar, Scalar, ArrayValue];
  const x = new Builder(rev.loc);
  const products = emitAdjointCall(x, call, d, {
    value: (o: Operand) =>
      o === call.results[0] ? r : o.kind === "const" ? o : (sizeOr(o, caller, rev) ?? (param(o) as Scalar)),
    array: (a) => param(a) as ArrayValue,
    // Nobody wants that of %w.
    adjoint: (a) => (a.hint === "X" ? XAdj : null),
  });
  assert.equal(
    floatScalars(call).map((o) => (o as Scalar).hint),
    ["a", "b"],
  );
  const module = { ...m, funcs: [...m.funcs.slice(0, 3), { ...rev, exported: true, body: x.block(products) }] };
  assert.equal(verify(module), []);
  const adjoint = new Float64Array([1, 1, 1, 1]);
  const k: InterpArg = { data: new Int32Array([1]), shape: [1] };
  const X = array([0, 0, 0, 0], 2, 2);
  const out = interpret(module, "rev", [5, k, X, array([1], 1), 0.5, 1, 30, 4, { data: adjoint, shape: [2, 2] }]);
  assert.equal(out, [34, 0.5]);
  assert.equal([...adjoint], [1, 1, 9, 9]);
});

/** The size of the second function that stands where this one stands in the first. */
function sizeOr(o: Scalar, from: Func, to: Func): Scalar | undefined {
  for (const [i, p] of from.params.entries()) {
    if (typeof p.type === "string") continue;
    const axis = p.type.dims.indexOf(o);
    const other = to.params[i]?.type;
    if (axis >= 0 && other !== undefined && typeof other !== "string") return other.dims[axis] as Scalar;
  }
  return undefined;
}

test.run();
