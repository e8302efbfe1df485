/** Every function of `kernels/math` on a sample against MPFR; and that what measures them can tell wrong from right. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../skip.ts";
import { findFunction, functions } from "./functions.ts";
import { libraries } from "./libraries.ts";
import { type Accuracy, bound, describeMiss, isFine, type Measured, measure } from "./measure.ts";
import { Exact, type FloatType, whyNoMpfr } from "./mpfr.ts";
import { edges, nearQuarterTurns, pointsOf } from "./points.ts";

const points = 4000;
const seed = 20;

const measured = (name: string, f: Measured): Accuracy => {
  const found = findFunction(name);
  assert.ok(found, `test/math/functions.ts has no row for ${name}`);
  return measure(found.info, found.type, f, { points, seed });
};

const faultsOf = (a: Accuracy): string =>
  [
    ...(a.maxUlp > bound ? [`${a.maxUlp} ulp: ${describeMiss(a.function, a.worst!)}`] : []),
    ...(a.mismatches > 0 ? [describeMiss(a.function, a.firstMismatch!)] : []),
  ].join("; ");

const why = whyNoMpfr();
const withMpfr = (name: string, run: () => void): void => {
  if (why === null) test(name, run);
  else skip(`math: ${name}`, why);
};

const library = await libraries.kernels();

test("kernels/math has functions of both types", () => {
  for (const name of Object.keys(library)) assert.ok(findFunction(name), `${name} has no row in functions.ts`);
  const types = new Set(Object.keys(library).map((name) => findFunction(name)?.type));
  assert.equal([...types].sort(), ["f32", "f64"]);
});

for (const [name, f] of Object.entries(library)) {
  withMpfr(`${name} is within ${bound} ulp and has JavaScript's special values`, () => {
    assert.is(faultsOf(measured(name, f)), "");
  });
}

withMpfr("exact values are rounded once, to subnormals too", () => {
  const exp = new Exact("exp", 1, "f64");
  assert.is(exp.at(1), Math.E);
  assert.is(exp.exact, false);
  assert.ok(Math.abs(exp.ulps(Math.E) - 0.3255) < 1e-4);
  assert.ok(Math.abs(exp.ulps(Math.E + 2 ** -51) - 0.6745) < 1e-4);
  assert.is(exp.at(-745), 5e-324);
  assert.ok(Math.abs(exp.ulps(0) - 0.5713) < 1e-4);
  assert.is(exp.at(0), 1);
  assert.is(exp.exact, true);
  assert.is(new Exact("exp", 1, "f32").at(-103), Math.fround(2 ** -149));
});

withMpfr("an infinity is as far off as the first power of two that it stands for", () => {
  const pow = new Exact("pow", 2, "f64");
  assert.is(pow.at(2, 1024), Infinity);
  assert.is(pow.exact, false);
  assert.is(pow.ulps(Infinity), 0);
  assert.is(pow.ulps(Number.MAX_VALUE), 1);
  assert.is(new Exact("log", 1, "f64").at(0), -Infinity);
  const powf = new Exact("pow", 2, "f32");
  powf.at(2, 127);
  assert.is(powf.ulps(Infinity), 2 ** 23);
});

/** Wrong functions, and what must be said of them. */
const planted: readonly [string, string, Measured, (a: Accuracy) => boolean][] = [
  [
    "two ulps off in one binade",
    "log",
    (x) => Math.log(x) * (x > 4 && x < 8 ? 1 + 2 ** -51 : 1),
    (a) => a.maxUlp > bound,
  ],
  ["no more than f32's digits", "sin", (x) => Math.fround(Math.sin(x)), (a) => a.maxUlp > 1e6],
  [
    "a wrong sign of zero",
    "sin",
    (x) => Math.sin(x) + 0,
    (a) => a.mismatches > 0 && Object.is(a.firstMismatch?.at[0], -0),
  ],
  ["C's pow(1, NaN)", "pow", (x, y) => (x === 1 ? 1 : x ** y), (a) => a.mismatches > 0 && a.firstMismatch?.at[0] === 1],
  ["no subnormal results", "exp", (x) => (x < -708.3964185322641 ? 0 : Math.exp(x)), (a) => a.maxUlp > 1e15],
  ["a result that is no f32", "expf", Math.exp, (a) => a.mismatches > 0],
  ["a reduction by a rounded pi", "cos", (x) => Math.cos(x % (2 * Math.PI)), (a) => a.maxUlp > 1e6],
  ["a pole that is missed", "log", (x) => (x === 0 ? -745 : Math.log(x)), (a) => a.firstMismatch?.computed === -745],
];
for (const [what, name, f, caught] of planted) {
  withMpfr(`caught: ${what}`, () => {
    const accuracy = measured(name, f);
    assert.not(isFine(accuracy));
    assert.ok(caught(accuracy), JSON.stringify(accuracy));
  });
}

withMpfr("rounded right, a function has no fault and 0.5 ulp", () => {
  const accuracy = measured("sqrtf", (x) => Math.fround(Math.sqrt(x)));
  assert.ok(isFine(accuracy));
  assert.is(accuracy.maxUlp, 0.5);
  assert.is(accuracy.correctlyRounded, 1);
});

test("the hardest argument of a reduction by pi/2 is among the points", () => {
  // Muller, Elementary Functions: the double closest to a multiple of pi/2.
  assert.ok(nearQuarterTurns("f64").includes(6381956970095103 * 2 ** 797));
  for (const type of ["f64", "f32"] as const) {
    const close = nearQuarterTurns(type).filter(
      (x) => Number.isFinite(x) && x >= 1 && (type === "f64" || Math.fround(x) === x),
    );
    assert.is(close.length, nearQuarterTurns(type).length);
  }
});

test("points are floats of their type, the same for the same seed, and from all over", () => {
  for (const type of ["f64", "f32"] as const satisfies readonly FloatType[]) {
    for (const info of functions) {
      const draw = (from: number): number[] => {
        const { next } = pointsOf(info, type, from);
        const to = new Float64Array(2);
        return Array.from({ length: 500 }, () => {
          next(to);
          return [...to];
        }).flat();
      };
      const drawn = draw(1);
      assert.equal(draw(1), drawn);
      assert.not.equal(draw(2), drawn);
      for (const x of [...drawn, ...edges(info, type).flat()])
        assert.ok(type === "f64" || Object.is(Math.fround(x), x), `${info.name}: ${x}`);
    }
  }
});

test.run();
