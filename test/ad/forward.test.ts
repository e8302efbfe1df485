/**
 * Forward mode: its IR in golden files, the derivatives of PolyBench against dual numbers (which share no code with it), and
 * what a derivative is called with.
 *
 * A golden file is a header (`# jvp wrt A alpha of C`, at the end perhaps `within 1e-3`, by which differences may be off),
 * a module of one function, a line `===`, the function that becomes of it. `UPDATE=1` writes that anew where all else holds.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { forwardMode } from "../../ad/forward.ts";
import type { Derived, Wanted } from "../../ad/wanted.ts";
import { dual } from "../../compiler/dual.ts";
import { type InterpArg, interpret } from "../../compiler/interp.ts";
import { type Func, isArray, isFloat, type Module, type Value } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print } from "../../compiler/ir/print.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { type Arrays, copyArrays, type FlatArray, nested } from "../../polybench/array.ts";
import { dot } from "../../polybench/gradient.ts";
import { directionsFor, inputsFor, scalarDirection, weightsFor } from "../../polybench/inputs.ts";
import { adjointReferenceFor } from "../../polybench/sizes.ts";
import { argumentsFor, instantiate, type Kernel, kernels, sizesFor } from "../../polybench/suite.ts";
import { call } from "../../runtime/call.ts";
import { jit } from "../../runtime/jit.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { partsOf, sameText } from "../golden-case.ts";

// Golden files, and each against differences.

const moduleOf = (func: Func): Module => ({ stage: "loop", funcs: [func] });
const onlyFunc = (m: Module): Func => m.funcs[0] as Func;

function request(f: Func, wrt: readonly string[], of: readonly string[]): Wanted {
  const named = (names: readonly string[]) => new Set(f.params.filter((p) => names.includes(p.hint)));
  const results = f.results.flatMap((type, i) => (isFloat(type) ? [i] : []));
  return { wrt: named(wrt), of: named(of), results: new Set(of.includes("return") ? results : []) };
}

/** Numbers in [0.4, 1.4), the same ones for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 0.4 + state / 2 ** 32;
  };
}
const size = 5;
function randomArg(p: Value, next: () => number): InterpArg {
  if (!isArray(p)) return next();
  const shape = p.type.dims.map(() => size);
  const length = size ** shape.length;
  const data = p.type.elem === "f32" ? new Float32Array(length) : new Float64Array(length);
  return { data: data.map(next), shape };
}
const copyArg = (a: InterpArg): InterpArg => (typeof a === "object" ? { ...a, data: a.data.slice() } : a);
const moved = (a: InterpArg, v: InterpArg, by: number): InterpArg => {
  if (typeof a !== "object" || typeof v !== "object") return Number(a) + by * Number(v);
  return { shape: a.shape, data: a.data.map((x, i) => x + by * (v.data[i] as number)) as Float64Array };
};
const numbersIn = (a: InterpArg): readonly number[] => (typeof a === "object" ? [...a.data] : [Number(a)]);

/** Central differences of all that is wanted, beside the tangents of `derived`; both as one row of numbers. */
function bothWays(f: Func, wanted: Wanted, { func, extra }: Derived): readonly (readonly [number, number])[] {
  const next = numbers(7);
  const args = f.params.map((p) => randomArg(p, next));
  const directions = extra.map((p) => {
    const v = randomArg(p as Value, next);
    return wanted.wrt.has(p as Value) ? v : moved(v, v, -1);
  });
  const step = 1e-4;
  const at = (by: number): readonly number[] => {
    const inputs = args.map((a, i) => {
      const k = extra.indexOf(f.params[i] as Value);
      return k < 0 ? copyArg(a) : moved(a, directions[k] as InterpArg, by);
    });
    const results = interpret(moduleOf(f), f.name, inputs);
    const outputs = inputs.filter((_, i) => wanted.of.has(f.params[i] as Value)).flatMap(numbersIn);
    return [...outputs, ...results.filter((_, i) => wanted.results.has(i)).map(Number)];
  };
  const [up, down] = [at(step), at(-step)];
  const results = interpret(moduleOf(func), func.name, [...args.map(copyArg), ...directions]);
  const outputs = directions.filter((_, k) => wanted.of.has(extra[k] as Value)).flatMap(numbersIn);
  const tangents = [...outputs, ...results.slice(f.results.length).map(Number)];
  return tangents.map((t, i) => [t, ((up[i] as number) - (down[i] as number)) / (2 * step)]);
}

const folder = new URL("./golden/", import.meta.url);
const header = /^# jvp wrt ([\w ]+?) of ([\w ]+?)(?: within (\S+))?$/m;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".ir"))) {
  const path = fileURLToPath(new URL(file, folder));
  const text = readFileSync(path, "utf8");
  const head = header.exec(text);
  if (head === null) continue;
  const [, wrt = "", of = "", within = "1e-6"] = head;
  const [input = "", output] = partsOf(text);

  test(`${file}: its tangents`, () => {
    const f = onlyFunc(parse(input, file));
    assert.equal(verify(moduleOf(f)), []);
    const wanted = request(f, wrt.split(" "), of.split(" "));
    const derived = forwardMode(f, wanted, `${f.name}_jvp`);
    const module = moduleOf(derived.func);
    assert.equal(verify(module), []);
    const printed = print(module);
    sameText(print(parse(printed)), printed);
    const pairs = bothWays(f, wanted, derived);
    assert.ok(pairs.some(([t]) => t !== 0));
    for (const [tangent, difference] of pairs) {
      const off = Math.abs(tangent - difference);
      assert.ok(off <= Number(within) * (1 + Math.abs(difference)), `${tangent}, by differences ${difference}`);
    }
    if (process.env.UPDATE === "1") writeFileSync(path, `${input.trimEnd()}\n\n===\n${printed}`);
    else sameText(printed, output?.trimStart() ?? "");
  });
}

test("what carries no derivative has no tangent", () => {
  const f = onlyFunc(
    parse(`stage loop
      export func @f(%a: f64, %x: f64[%n], %y: f64[%m], %z: f64[%k]) {
        %s: f64 = stop %a
        %b: f64 = floor %a
        %c: f64 = add %b, %s
        %v: f64 = load %x[0]
        %w: f64 = mul %v, %c
        store %z[0], %w
        store %y[0], %c
      }`),
  );
  const { func, extra } = forwardMode(f, request(f, ["a"], ["y"]), "f_jvp");
  assert.equal(
    extra.map((p) => (p as Value).hint),
    ["a", "y"],
  );
  // All that is left to do is to say that what is stored is constant.
  const added = func.body.stmts.filter((s) => "loc" in s && s.loc.role === "adjoint");
  assert.equal(
    added.map((s) => (s.kind === "store" ? [s.array.hint, s.value] : s.kind)),
    [["t_y", { kind: "const", type: "f64", value: 0 }]],
  );
});

test("a tangent of a tangent is a second derivative", () => {
  const f = onlyFunc(
    parse(`stage loop
      export func @f(%x: f64, %y: f64) -> f64 {
        %p: f64 = pow %x, %y
        %q: f64 = sqrt %p
        %s: f64 = sin %q
        yield %s
      }`),
  );
  const first = forwardMode(f, request(f, ["x", "y"], ["return"]), "f1");
  const [x, y] = f.params as [Value, Value];
  const second = forwardMode(first.func, { wrt: new Set([x, y]), of: new Set(), results: new Set([1]) }, "f2");
  const along = (h: number): number => Math.sin(Math.sqrt((1.3 + 0.7 * h) ** (2.1 - 0.4 * h)));
  const h = 1e-3;
  const expected = (-along(2 * h) + 16 * along(h) - 30 * along(0) + 16 * along(-h) - along(-2 * h)) / (12 * h * h);
  const results = interpret(moduleOf(second.func), "f2", [1.3, 2.1, 0.7, -0.4, 0.7, -0.4]);
  assert.ok(Math.abs((results[2] as number) - expected) <= 1e-8, `${results[2]}, by differences ${expected}`);
});

test("a call with an adjoint has the tangent that its adjoint says", () => {
  const m = parse(`stage loop
    func @f(%a: f64, %k: index, %x: f32[%n]) -> f64 {
      yield 0f64
    }
    func @f_adj(%a: f64, %k: index, %x: f32[%n], %r: f64, %d: f64, %dx: f32[%m]) -> f64 {
      %p: f64 = mul 3f64, %d
      %q: f32 = cast %d
      %x0: f32 = load %x[0]
      %s: f32 = mul %q, %x0
      accum add %dx[0], %s
      accum add %dx[1], %q
      yield %p
    }
    export func @g(%a: f64, %x: f32[%n, %k]) -> f64 {
      %r: f64 = call @f(%a, 0, %x[1]) adjoint @f_adj
      %s: f64 = mul %r, 2f64
      yield %s
    }`);
  const g = m.funcs.find((f) => f.name === "g") as Func;
  const made = forwardMode(g, request(g, ["a", "x"], ["return"]), "g_jvp");
  const module = { ...m, funcs: [...m.funcs, made.func] };
  assert.equal(verify(module), []);
  const x = (...data: number[]) => ({ data: Float32Array.from(data), shape: [2, 2] });
  const results = interpret(module, "g_jvp", [1, x(9, 9, 5, 7), 0.5, x(100, 100, 10, 20)]);
  assert.equal(results, [0, 2 * (0.5 * 3 + 10 * 5 + 20)]);
});

// PolyBench.

interface Trial {
  readonly kernel: Kernel;
  /** Names of the parameters with a tangent. */
  readonly wrt: readonly string[];
  readonly inputs: Arrays;
  readonly directions: Arrays;
}

function trialOf(kernel: Kernel, scalars: boolean): Trial {
  const reals = kernel.args.filter((a) => a.kind === "scalar" && a.type === "real").map((a) => a.name);
  const arrays = kernel.args.filter((a) => a.kind === "array").map((a) => a.name);
  return {
    kernel,
    wrt: scalars ? [...arrays, ...reals] : arrays,
    inputs: inputsFor(kernel, "MINI", "seeded", "f64"),
    directions: directionsFor(kernel, "MINI"),
  };
}

const callArgs = ({ kernel }: Trial, arrays: Arrays) =>
  argumentsFor(kernel, sizesFor(kernel, "MINI", "seeded"), arrays).map((a: FlatArray | number) =>
    typeof a === "number" ? a : nested(a),
  );

/** The tangents of the live-out arrays. */
async function tangentsOn(
  target: "interp" | "wasm",
  trial: Trial,
): Promise<Readonly<Record<string, ArrayLike<number>>>> {
  const { kernel, wrt } = trial;
  const derivative = { kind: "jvp", kernel: kernel.exportName, wrt, of: kernel.outputs } as const;
  const unit = await jit(kernel.file, { target, derivative, ...instantiate(kernel, "f64") });
  const entry = unit.artifact.entries[0]!;
  const tangents = copyArrays(trial.directions);
  const extra = entry.derivative!.extra.map(({ leaf }) => {
    const array = tangents[leaf];
    return array === undefined ? scalarDirection(kernel, leaf) : nested(array);
  });
  await call(unit, entry.name, [...callArgs(trial, copyArrays(trial.inputs)), ...extra]);
  return Object.fromEntries(kernel.outputs.map((name) => [name, tangents[name]!.data]));
}

function expectedTangents(trial: Trial): Readonly<Record<string, ArrayLike<number>>> {
  const { kernel, wrt, inputs, directions } = trial;
  const program = dual({ file: fileURLToPath(kernel.file) }, instantiate(kernel, "f64"));
  const along = wrt.map((name) => {
    const array = directions[name];
    return [name, array === undefined ? scalarDirection(kernel, name) : nested(array)] as const;
  });
  const { tangents } = program.run(kernel.exportName, callArgs(trial, inputs), Object.fromEntries(along));
  return Object.fromEntries(
    kernel.outputs.map((name) => [name, (tangents[name] as number[]).flat(Infinity) as number[]]),
  );
}

for (const kernel of kernels.filter((k) => k.name !== "nussinov")) {
  test(`${kernel.name}: tangents of its outputs, on interp by its arrays, on wasm by scalars as well`, async () => {
    for (const target of ["interp", "wasm"] as const) {
      const trial = trialOf(kernel, target === "wasm");
      const expected = expectedTangents(trial);
      const actual = await tangentsOn(target, trial);
      for (const name of kernel.outputs) {
        const largest = Array.from(expected[name]!).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
        for (let k = 0; k < expected[name]!.length; k++) {
          const off = Math.abs(actual[name]![k]! - expected[name]![k]!);
          assert.ok(
            off <= 1e-11 * largest,
            `${target}: ${name} at ${k} is ${actual[name]![k]}, not ${expected[name]![k]}`,
          );
        }
      }
      const reference = target === "wasm" ? undefined : adjointReferenceFor(kernel.name, "MINI");
      if (reference === undefined) continue;
      const weights = weightsFor(kernel, "MINI");
      const along = kernel.outputs.map((name) => dot(weights[name]!.data, actual[name]!));
      const total = along.reduce((n, { value }) => n + value, 0);
      const scale = along.reduce((n, { scale }) => n + scale, 0);
      assert.ok(Math.abs(total - reference.jvp_all) <= 1e-12 * scale, `${target}: ${total}, not ${reference.jvp_all}`);
    }
  });
}

test("a tangent of another shape is refused", async () => {
  const gemm = kernels.find((k) => k.name === "gemm")!;
  const derivative = { kind: "jvp", kernel: "gemm", wrt: ["A"], of: ["C"] } as const;
  const unit = await jit(gemm.file, { target: "interp", derivative });
  const matrix = (n: number, m: number) => Array.from({ length: n }, () => new Float64Array(m));
  const args = [1, 1, matrix(2, 3), matrix(2, 4), matrix(4, 3)];
  await call(unit, "gemm_jvp", [...args, matrix(2, 3), matrix(2, 4)]);
  try {
    await call(unit, "gemm_jvp", [...args, matrix(2, 3), matrix(2, 5)]);
    assert.unreachable("it was taken");
  } catch (error) {
    assert.instance(error, LaunchError);
    assert.match((error as LaunchError).message, /t_A/);
  }
});

test.run();
