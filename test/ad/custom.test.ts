/**
 * What kernels say of their own derivatives, `customGradient` and `stopGradient`: from source to numbers, on several targets.
 * What the kernels in kernels/custom.ts say is wrong on purpose.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { emitAdjointCall, floatScalars } from "../../ad/custom.ts";
import { emit } from "../../compiler/index.ts";
import { type InterpArg, interpret } from "../../compiler/interp.ts";
import { Builder } from "../../compiler/ir/build.ts";
import type { ArrayValue, Call, Func, Operand, Scalar, Value } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { grad, hvp, jvp, LaunchError, load } from "../../index.ts";
import { defaultTarget } from "../../runtime/jit.ts";

const file = new URL("kernels/custom.ts", import.meta.url);
/** The file's own types: it is checked with other options than this one. */
interface Kernels {
  square(x: number): number;
  twice(x: number): number;
  plain(x: number): number;
  narrow(x: number): number;
  straight(x: number): number;
  rows(X: number[][], w: number[][][], s: number): number;
  overwrites(X: number[][], w: number[][][], s: number): number;
  local(x: number[], w: number[][]): number;
  outside(x: number[], w: number[][], n: number): number;
}
// Native where there is one.
const targets = [...new Set(["interp", "wasm", await defaultTarget()] as const)];
const kernelsOn = (target: (typeof targets)[number]) => load<Kernels>(file, { target, mode: "strict" });

const X = [
  [1, 2, 3],
  [4, 5, 6],
];
const w = [[[1, 1, 1]], [[2, 2, 2]]];
const minus = (a: readonly (readonly number[])[]) => a.map((row) => row.map((x) => -x));

for (const target of targets) {
  const kernels = await kernelsOn(target);

  test(`${target}: an exported function with a custom gradient is a kernel that has it`, async () => {
    assert.is(await kernels.square(3), 9);
    assert.equal(await grad(kernels.square)(3), { x: 109 });
    assert.equal(await jvp(kernels.square)([3], { x: 2 }), { value: 9, outputs: {}, tangents: { return: 218 } });
  });

  test(`${target}: scalars, by both modes and one over the other`, async () => {
    assert.equal(await grad(kernels.twice)(3), { x: 218 });
    assert.equal(await grad(kernels.narrow)(3), { x: 109 });
    // The tangent of r is, again, what the adjoint says.
    assert.equal(await hvp(kernels.twice)([3], { x: 1 }), { value: 18, grads: { x: 218 }, hvps: { x: 218 } });
  });

  test(`${target}: by its own name, the function has the derivative of what it computes`, async () => {
    assert.equal(await hvp(kernels.plain)([3], { x: 1 }), { value: 9, grads: { x: 6 }, hvps: { x: 2 } });
  });

  test(`${target}: rows, integers and several scalars`, async () => {
    const ten = X.map((row) => row.map(() => 10));
    assert.equal(await grad(kernels.rows)(X, w, 0.5), { X: ten, w: minus(X).map((row) => [row]), s: 10 });
    const tangents = {
      X: [
        [1, 0, 2],
        [0, 3, 0],
      ],
      w: [[[0, 1, 0]], [[0, 0, 2]]],
      s: 7,
    };
    const { tangents: t } = await jvp(kernels.rows)([X, w, 0.5], tangents);
    // Σ 10 ẋ − Σ x ẇ + (2 + 3) ṡ for each row.
    assert.is(t.return, 10 * 6 - (2 * 1 + 6 * 2) + 2 * 5 * 7);
    // What nobody asks for may be read and needs no adjoint.
    assert.equal(await grad(kernels.rows, { wrt: ["w"] })(X, w, 0.5), { w: minus(X).map((row) => [row]) });
  });

  test(`${target}: the adjoint sees the arrays as the function did`, async () => {
    const { w: dw, s } = await grad(kernels.overwrites)(X, w, 0.5);
    assert.equal([dw, s], [minus(X).map((row) => [row]), 10]);
  });

  test(`${target}: local arrays, branches and loops`, async () => {
    assert.is(await kernels.local([1, 2], [[1, 1]]), 5);
    // Two of three trips add half of r; the rows are 2 x.
    assert.equal(await grad(kernels.local)([1, 2], [[1, 1]]), { x: [20, 20], w: [[-2, -4]] });
  });

  test(`${target}: accesses of either function are checked`, async () => {
    assert.equal(await grad(kernels.outside)([1, 2, 3], [[1, 1, 1]], 2), { x: [10, 10, 0], w: [[-1, -2, 0]] });
    for (const [x, row] of [
      [
        [1, 2, 3],
        [1, 1],
      ],
      [
        [1, 2],
        [1, 1, 1],
      ],
    ] as const) {
      const error = await grad(kernels.outside)([...x], [[...row]], 3).then(
        () => null,
        (e: unknown) => e,
      );
      assert.instance(error, LaunchError);
    }
  });

  test(`${target}: stopGradient is a constant to the derivative, and its value to the rest`, async () => {
    assert.is(await kernels.straight(2.75), 2.75 + 0.25 + 2.75 ** 3);
    assert.equal(await grad(kernels.straight)(2.75), { x: 1 + 2.75 ** 2 });
  });
}

test("without a derivative, nothing is left of either", async () => {
  const ir = String(await emit({ file: file.pathname }, "ir", { target: "interp" }));
  assert.match(ir, /export host @rows/);
  assert.not.match(ir, /adjoint|stop|Adjoint/);
});

const array = (data: readonly number[], ...shape: readonly number[]): InterpArg => ({
  data: Float64Array.from(data),
  shape,
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
