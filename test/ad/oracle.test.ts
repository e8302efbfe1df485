/**
 * The dual-number oracle (compiler/dual.ts), by itself: against derivatives made elsewhere, against central differences, and
 * its values against target `node`, to the bit.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EntryParam } from "../../compiler/artifact.ts";
import { type DualProgram, dual } from "../../compiler/dual.ts";
import { lower } from "../../compiler/frontend/frontend.ts";
import { nested } from "../../polybench/array.ts";
import { directionsFor, inputsFor, weightsFor } from "../../polybench/inputs.ts";
import { adjointReferenceFor } from "../../polybench/sizes.ts";
import { argumentsFor, instantiate, type Kernel, kernels, sizesFor } from "../../polybench/suite.ts";
import type { FunctionProgram } from "../../runtime/device.ts";
import { node } from "../../runtime/devices/node.ts";
import { generate } from "../fuzz/generate.ts";
import { difference, launches, argumentsFor as randomArguments } from "../fuzz/inputs.ts";
import { printFiles } from "../fuzz/tree.ts";
import { flatten, moved, tangentsFor } from "./directions.ts";

const dot = (w: ArrayLike<number>, y: readonly number[]): number => y.reduce((sum, x, i) => sum + x * (w[i] ?? 0), 0);
const near = (x: number, y: number, tolerance: number): boolean => Math.abs(x - y) <= tolerance * Math.abs(y);

let references = 0;
for (const kernel of kernels) {
  const reference = adjointReferenceFor(kernel.name, "MINI");
  if (reference === undefined) continue;
  references++;
  test(`${kernel.name}: the loss and its derivatives by each array`, () => {
    const program = dual({ file: kernel.file.pathname }, instantiate(kernel, "f64"));
    const directions = directionsFor(kernel, "MINI");
    const along = (names: readonly string[]) => runSeeded(program, kernel, names, directions);
    const all = along(Object.keys(directions));
    assert.ok(near(all.loss, reference.loss, 1e-12), `loss ${all.loss} is not ${reference.loss}`);
    assert.ok(near(all.derivative, reference.jvp_all, 1e-12), `${all.derivative} is not ${reference.jvp_all}`);
    for (const [name, expected] of Object.entries(reference.jvp_by_array)) {
      const { derivative } = along([name]);
      assert.ok(near(derivative, expected, 1e-12), `by ${name}: ${derivative} is not ${expected}`);
    }
  });
}
test("there are 14 references", () => assert.is(references, 14));

function runSeeded(
  program: DualProgram,
  kernel: Kernel,
  names: readonly string[],
  directions: ReturnType<typeof directionsFor>,
): { readonly loss: number; readonly derivative: number } {
  const args = argumentsFor(kernel, sizesFor(kernel, "MINI", "seeded"), inputsFor(kernel, "MINI", "seeded", "f64"));
  const { outputs, tangents } = program.run(
    kernel.exportName,
    args.map((a) => (typeof a === "number" ? a : nested(a))),
    Object.fromEntries(names.map((name) => [name, nested(directions[name] as (typeof directions)[string])])),
  );
  const weights = weightsFor(kernel, "MINI");
  const sum = (of: Readonly<Record<string, unknown>>): number =>
    kernel.outputs.reduce((total, name) => total + dot(weights[name]?.data ?? [], flatten(of[name])), 0);
  return { loss: sum(outputs), derivative: sum(tangents) };
}

const file = "/oracle.ts";

test("random programs: its values are those of target node, to the bit", async () => {
  let compared = 0;
  for (let seed = 1; seed <= 24; seed++) {
    const { traits, ...generated } = generate(seed, { kernels: 6, size: 24 });
    const { text, imports } = printFiles({ traits, ...generated });
    // Nothing checks accesses here.
    if (traits.wild || Object.keys(imports).length > 0) continue;
    const program = dual({ file, text });
    const lowered = lower(file, text, { mode: "strict", real: traits.real });
    const functions = await nodeFunctions(lowered.js());
    for (const [name, source] of lowered.params) {
      const params = source.map((p): EntryParam => ({ ...p, access: "readwrite" }));
      for (const launch of launches) {
        const args = randomArguments(params, launch);
        const { result, outputs } = program.run(name, args, tangentsFor(params, args, launch.seed));
        const given = randomArguments(params, launch);
        assert.is(difference(args, given, `${name}: arguments`, null), null);
        const expected = functions[name]?.(...given);
        assert.is(difference(result, expected, `seed ${seed}, ${name}: result`, null), null, text);
        params.forEach((p, k) => {
          if (p.type.kind !== "array") return;
          const mine = flatten(outputs[p.name]);
          assert.is(difference(mine, flatten(given[k]), `seed ${seed}, ${name}: ${p.name}`, null), null, text);
        });
        compared++;
      }
    }
  }
  assert.ok(compared >= 150, `${compared} calls compared`);
});

test("random programs: its derivatives are those of central differences", () => {
  let decided = 0;
  let all = 0;
  for (let seed = 3; seed <= 60; seed += 3) {
    const { traits, ...generated } = generate(seed, { kernels: 6, size: 16 });
    const printed = printFiles({ traits, ...generated });
    if (!traits.plain || Object.keys(printed.imports).length > 0) continue;
    // Differences see through `stopGradient`, and f32 is too coarse for them.
    const text = printed.text
      .replaceAll(/stopGradient\(|Math\.fround\(/g, "(")
      .replaceAll("f32", "f64")
      .replace("{ f64, f64, ", "{ f64, ");
    const program = dual({ file, text });
    for (const [name, source] of lower(file, text, { mode: "strict", real: "f64" }).params) {
      const params = source.map((p): EntryParam => ({ ...p, access: "readwrite" }));
      const given = randomArguments(params, { sizes: [4, 3, 3], seed, tame: true });
      // Round numbers would make ties, where two-sided differences give a mean of slopes.
      const args = moved(params, given, tangentsFor(params, given, seed + 1), 0.1);
      const tangents = tangentsFor(params, args, seed);
      const run = (by: number) => program.run(name, moved(params, args, tangents, by), tangents);
      const derivatives = run(0).tangents;
      const values = (by: number): readonly number[] => {
        const { outputs, result } = run(by);
        const parts: Readonly<Record<string, unknown>> = { ...outputs, return: result };
        return Object.keys(derivatives).flatMap((part) => flatten(parts[part]));
      };
      const quotients = (step: number): readonly number[] => {
        const [up, down] = [values(step), values(-step)];
        return up.map((x, i) => (x - (down[i] as number)) / (2 * step));
      };
      const [coarse, middle, fine] = [quotients(3.1e-5), quotients(1.7e-5), quotients(1e-5)];
      Object.values(derivatives)
        .flatMap(flatten)
        .forEach((d, i) => {
          all++;
          const [c, m, f] = [coarse[i] as number, middle[i] as number, fine[i] as number];
          const scale = Math.max(1, Math.abs(f));
          // Next to a jump, a kink or a pole, and where values are large, differences say nothing.
          if (!(Math.max(Math.abs(c - f), Math.abs(m - f)) <= 1e-6 * scale)) return;
          decided++;
          const close = Math.abs(d - f) <= 1e-5 * scale;
          assert.ok(close, `seed ${seed}, ${name}, output ${i}: ${d} is not ${f}\n${text}`);
        });
    }
  }
  assert.ok(decided >= 1000 && decided >= 0.8 * all, `${decided} of ${all} derivatives could be compared`);
});

async function nodeFunctions(code: string): Promise<FunctionProgram["functions"]> {
  const program = await node.load({ target: "node", file, entries: [], program: { stage: "kernel", funcs: [] }, code });
  return (program as FunctionProgram).functions;
}

/** Points inside the domain of each function, away from where it is not smooth. */
const unary: Readonly<Record<string, readonly number[]>> = {
  ...{ abs: [-2.5, 0.75], sqrt: [0.3, 7], cbrt: [-3, 0.2], exp: [-2, 1.5], expm1: [1e-9, 1], log: [0.01, 9] },
  ...{ log2: [0.3, 5], log10: [0.3, 50], log1p: [-0.4, 1e-7], sin: [1, 100], cos: [1, -3], tan: [0.5, 2] },
  ...{ asin: [-0.7, 0.2], acos: [-0.7, 0.2], atan: [-3, 0.5], sinh: [-1, 2], cosh: [-1, 2], tanh: [-0.5, 2] },
  ...{
    asinh: [-2, 0.1],
    acosh: [1.3, 6],
    atanh: [-0.6, 0.3],
    floor: [0.3],
    ceil: [0.3],
    round: [0.3],
    trunc: [-0.3],
    sign: [2],
  },
};
const binary: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  pow: [
    [1.7, 2.3],
    [0.4, -1.5],
    [3, 2],
  ],
  atan2: [
    [1, 2],
    [-1, -0.3],
  ],
  hypot: [
    [3, 4],
    [-1, 0.5],
  ],
  min: [
    [1, 2],
    [2, 1],
  ],
  max: [
    [1, 2],
    [2, 1],
  ],
};
const infix: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  ...{
    "+": [[1, 2]],
    "-": [[1, 2]],
    "*": [[3, -2]],
    "/": [[3, -2]],
    "%": [
      [7.5, 2],
      [-7.5, 2],
    ],
    "**": [[1.2, 3]],
  },
};

test("every operation at ordinary points, against central differences", () => {
  const check = (expression: string, x: number, y: number): void => {
    const program = dual({ file, text: `export function f(x: number, y: number): number { return ${expression}; }` });
    const value = (t: number): number => program.run("f", [x + t, y - 0.5 * t]).result as number;
    const step = 1e-5;
    const [near, far] = [value(step) - value(-step), value(2 * step) - value(-2 * step)];
    const expected = (8 * near - far) / (12 * step);
    const actual = program.run("f", [x, y], { x: 1, y: -0.5 }).tangents.return as number;
    assert.ok(
      Math.abs(actual - expected) <= 1e-8 * Math.max(1, Math.abs(expected)),
      `${expression} at ${x}, ${y}: ${actual}, not ${expected}`,
    );
  };
  for (const [op, points] of Object.entries(unary)) for (const x of points) check(`Math.${op}(x)`, x, 0);
  for (const [op, points] of Object.entries(binary)) for (const [x, y] of points) check(`Math.${op}(x, y)`, x, y);
  for (const [op, points] of Object.entries(infix)) for (const [x, y] of points) check(`x ${op} y`, x, y);
});

const derivative = (expression: string, args: readonly number[], tangents: readonly number[], type = "f64"): number => {
  const text = `import type { f64, f32 } from "tsgpu";
import { stopGradient } from "tsgpu/kernel";
export function f(x: ${type}, y: ${type}): ${type} { return ${expression}; }
export const stop = stopGradient;`;
  const program = dual({ file, text }, { kernels: ["f"] });
  return program.run("f", args, { x: tangents[0], y: tangents[1] }).tangents.return as number;
};

test("ties go to the first operand, and abs is flat at 0", () => {
  assert.is(derivative("Math.min(x, y)", [2, 2], [3, 5]), 3);
  assert.is(derivative("Math.max(y, x)", [2, 2], [3, 5]), 5);
  assert.is(derivative("Math.abs(x)", [0, 0], [3, 5]), 0);
  assert.is(derivative("Math.hypot(x, y)", [0, 0], [3, 5]), 0);
});

test("a zero derivative stays zero at poles", () => {
  assert.is(derivative("Math.sqrt(x) * y", [0, 2], [0, 1]), 0);
  assert.is(derivative("Math.pow(x, 0.5) + y", [0, 2], [0, 1]), 1);
  assert.is(derivative("x ** 2", [0, 0], [3, 0]), 0);
  assert.is(derivative("x ** y", [0, 2], [0, 1]), 0);
  assert.is(derivative("x ** y", [0, 0], [1, 0]), 0);
  assert.is(derivative("y / x", [0, 0], [0, 0]), 0);
  assert.is(derivative("Math.sqrt(x)", [0, 0], [1, 0]), Number.POSITIVE_INFINITY);
});

test("stopGradient, comparisons and integers carry no derivative", () => {
  assert.is(derivative("stopGradient(x) * x", [3, 0], [1, 0]), 3);
  assert.is(derivative("x > y ? y : x", [3, 2], [5, 7]), 7);
  assert.is(derivative("(x | 0) * y", [3.5, 2], [5, 7]), 21);
  assert.is(derivative("Math.floor(x) * y + (x > 0 ? 1 : 0)", [3.5, 2], [5, 7]), 21);
});

test("values round to f32, derivatives do not", () => {
  const third = Math.fround(1 / 3);
  assert.is(derivative("x * x", [third, 0], [1, 0], "f32"), 2 * third);
  assert.ok(near(derivative("Math.exp(x)", [third, 0], [1, 0], "f32"), Math.exp(third), 1e-15));
});

test("a wrong name or number of arguments is said", () => {
  const program = dual({ file, text: "export function f(x: number): number { return x; }" });
  assert.throws(() => program.run("g", [1]), "has no kernel g; it has f");
  assert.throws(() => program.run("f", []), "f is given 0 arguments; it takes x");
  assert.throws(() => program.run("f", [1], { y: 1 }), "f is given a tangent of y; it takes x");
});

test.run();
