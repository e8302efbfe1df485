/**
 * The trainings under examples/: in mode strict the loss curve is the same on all targets, to the bit, and falls; the gradients of
 * their losses agree with dual numbers and with central differences; their optimisers and plots do what they say.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { adam, momentum } from "../../examples/training/optimisers.ts";
import { svgPlot, textPlot } from "../../examples/training/plot.ts";
import { randomNumbers } from "../../examples/training/random.ts";
import { array, type NdArray } from "../../runtime/array.ts";
import { valueAndGrad } from "../../runtime/grad.ts";
import { load } from "../../runtime/load.ts";
import type { Case } from "../ad/cases.ts";
import { checkGradient, checkTangents, derivedUnit } from "../ad/check-gradient.ts";
import { absent } from "../fuzz/run.ts";
import { skip } from "../skip.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dev = ["--import", join(root, "scripts/dev.mjs")];
const run = promisify(execFile);
const targets = (["native", "wasm"] as const).filter((target) => absent[target] === null);
for (const target of ["native", "wasm"] as const) {
  if (absent[target] !== null) skip(`trainings: ${target}`, absent[target]);
}

interface Training {
  readonly main: string;
  readonly kernels: string;
  readonly wrt: readonly string[];
  /** After so many steps the mean of the last five losses is at most the first loss times `factor`. */
  readonly steps: number;
  readonly factor: number;
  /** Small arguments of its loss; weights first, in the order of `wrt`. */
  args(random: (...shape: number[]) => NdArray<"f64">): unknown[];
}

const trainings: readonly Training[] = [
  {
    main: "logistic/main.ts",
    kernels: "logistic/logistic.ts",
    wrt: ["w", "b"],
    steps: 60,
    factor: 0.55,
    args: (random) => [random(3), 0.2, random(7, 3), Float64Array.of(1, 0, 0, 1, 1, 0, 1), 0.1],
  },
  {
    main: "mlp/main.ts",
    kernels: "mlp/mlp.ts",
    wrt: ["W1", "b1", "W2", "b2", "W3", "b3"],
    steps: 150,
    factor: 0.15,
    args: (random) => [
      ...[random(2, 5), random(5), random(5, 4), random(4), random(4, 3), random(3)],
      ...[random(6, 2), Int32Array.of(0, 2, 1, 1, 0, 2)],
    ],
  },
  {
    main: "lstm/train.ts",
    kernels: "lstm/adding.ts",
    wrt: ["W", "U", "bias", "out", "shift"],
    steps: 100,
    factor: 0.1,
    args: (random) => [random(2, 12), random(3, 12), random(12), random(3), 0.3, random(5, 4, 2), random(4)],
  },
];

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

async function curve(main: string, ...options: string[]): Promise<readonly number[]> {
  const args = [...dev, join(root, "examples", main), "--mode", "strict", "--json", ...options];
  return JSON.parse((await run(process.execPath, args)).stdout).losses;
}

for (const { main, steps, factor } of trainings) {
  for (const real of main.startsWith("lstm") ? ["f64", "f32"] : ["f64"]) {
    const length = real === "f64" ? steps : 10;
    let first: readonly number[] | undefined;
    for (const target of targets) {
      test(`${main}, ${real}: the losses on ${target}, which fall and are those of every target`, async () => {
        const losses = await curve(main, "--target", target, "--real", real, "--steps", String(length));
        assert.is(losses.length, length);
        const [start = Number.NaN] = losses;
        if (real === "f64") assert.ok(mean(losses.slice(-5)) <= factor * start, `${start} became ${losses.slice(-5)}`);
        assert.is(new Set(losses).size, length, "steps change the loss");
        first ??= losses;
        assert.equal(losses, first, "the bits of the targets before");
      });
    }
  }
}

/** Fresh arguments, the same each time, as nested arrays for what cannot take others. */
const argsOf = (t: Training): unknown[] => {
  const random = randomNumbers(5);
  return t.args((...shape) => {
    const length = shape.reduce((n, size) => n * size, 1);
    return array(
      Float64Array.from({ length }, () => 0.5 * random.normal()),
      shape,
    );
  });
};
function nested(x: unknown): unknown {
  if (!(typeof x === "object" && x !== null && "shape" in x)) return x;
  const { shape, data } = x as NdArray<"f64">;
  const build = (axis: number, at: number): unknown => {
    const inner = shape.slice(axis + 1).reduce((n, size) => n * size, 1);
    if (axis === shape.length - 1) return data.slice(at, at + (shape[axis] as number));
    return Array.from({ length: shape[axis] as number }, (_, i) => build(axis + 1, at + i * inner));
  };
  return build(0, 0);
}

for (const t of trainings) {
  const file = new URL(`../../examples/${t.kernels}`, import.meta.url);
  for (const target of ["interp", ...targets] as const) {
    test(`${t.kernels}: derivatives agree with dual numbers on ${target}`, async () => {
      const args = (): unknown[] => argsOf(t).map(nested);
      const c: Case = { name: t.kernels, file, kernel: "loss", args, zero: [], wrt: t.wrt };
      await checkGradient(c, await derivedUnit(c, "vjp", { target }));
      await checkTangents(c, await derivedUnit(c, "jvp", { target }));
    });
  }
  test(`${t.kernels}: the gradient agrees with central differences`, async () => {
    const { loss } = await load<{ loss: (...args: never[]) => number }>(file, { mode: "strict" });
    const call = loss as (...args: unknown[]) => Promise<number>;
    const { value, grads } = await valueAndGrad(call, { wrt: t.wrt })(...argsOf(t));
    assert.is(value, await call(...argsOf(t)));
    for (const [k, name] of t.wrt.entries()) {
      const flat = (x: unknown): Float64Array => (x as NdArray<"f64">).data ?? Float64Array.of(x as number);
      const gradient = flat((grads as Record<string, unknown>)[name]);
      const random = randomNumbers(k);
      const direction = gradient.map(() => random.normal());
      const moved = (by: number): Promise<number> => {
        const args = argsOf(t);
        if (typeof args[k] === "number") args[k] += by * (direction[0] as number);
        else {
          const { data } = args[k] as NdArray<"f64">;
          for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + by * (direction[i] as number);
        }
        return call(...args);
      };
      const h = 1e-5;
      const difference = ((await moved(h)) - (await moved(-h))) / (2 * h);
      const along = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
      assert.ok(Math.abs(along) > 1e-4, `${name}: a gradient that is not zero`);
      assert.ok(
        Math.abs(along - difference) <= 1e-7 * Math.max(1, Math.abs(along)),
        `${name}: ${along}, ${difference}`,
      );
    }
  });
}

test("the files of `tsgpu types` are up to date", async () => {
  const files = trainings.map(({ kernels }) => join(root, "examples", kernels));
  await run(process.execPath, [...dev, join(root, "cli/main.ts"), "types", "--check", ...files]);
});

test("momentum: the velocity remembers earlier gradients", () => {
  const p = { w: array(Float64Array.of(1, 2)), b: 3 };
  const optimise = momentum({ rate: 0.5, momentum: 0.5 });
  const g = { w: array(Float64Array.of(1, -2)), b: 4 };
  optimise(p, g);
  assert.equal([...p.w.data, p.b], [0.5, 3, 1]);
  optimise(p, g);
  assert.equal([...p.w.data, p.b], [-0.25, 4.5, -2]);
});

test("adam: the first step is the rate, whatever the gradient's size; then the algorithm's own numbers", () => {
  const p = { w: array(Float64Array.of(1, 1)), b: 0 };
  const optimise = adam({ rate: 0.25, beta1: 0.5, beta2: 0.5, epsilon: 0 });
  optimise(p, { w: array(Float64Array.of(1000, -1e-6)), b: 3 });
  assert.equal([...p.w.data, p.b], [0.75, 1.25, -0.25]);
  optimise(p, { w: array(Float64Array.of(0, -1e-6)), b: 3 });
  // m = 250 / 0.75, v = 250000 / 0.75: the ratio is 1/√3.
  const expected = [0.75 - 0.25 / Math.sqrt(3), 1.5, -0.5];
  for (const [k, x] of [...p.w.data, p.b].entries()) {
    assert.ok(Math.abs(x - (expected[k] as number)) < 1e-12, `${k}: ${x}`);
  }
});

test("plots: every value has its place, in text and in SVG", () => {
  const values = [8, 1, 0.3, 0.02, 0.02];
  const lines = textPlot(values, { width: 5, height: 4 }).split("\n");
  const expected = [
    "      10 │•",
    "       1 │ •",
    "     0.1 │  •",
    "         │   ••",
    "         └─────",
    "          1   5",
  ];
  assert.equal(lines, expected);
  const svg = svgPlot(values, "title");
  const points = /points="([^"]*)"/.exec(svg)?.[1]?.split(" ") ?? [];
  const ys = points.map((point) => Number(point.split(",")[1]));
  assert.is(points.length, values.length);
  assert.ok(ys.every((y, k) => k === 0 || y >= (ys[k - 1] as number)) && ys[4] === ys[3], svg);
  for (const label of ["title", "10", "1", "0.1"]) assert.match(svg, `>${label}<`);
  assert.is(textPlot([2, 2], { width: 4, height: 2 }).split("\n").length, 4);
  assert.throws(() => textPlot([1, 0]), /positive numbers, not 0/);
});

test("trainings: --svg writes the curve, --help helps, and what is wrong is said", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-training-"));
  const main = [...dev, join(root, "examples/logistic/main.ts")];
  try {
    const file = join(folder, "loss.svg");
    const { stdout } = await run(process.execPath, [...main, "--steps", "3", "--svg", file]);
    assert.match(
      stdout,
      /\n {5}3 +0\.6\d+ +\d+\.\d\d\n\n.*loss\.svg written\n\nweights .*\nbest .*\n.* % of the samples/,
    );
    assert.is(/points="([^"]*)"/.exec(readFileSync(file, "utf8"))?.[1]?.split(" ").length, 3);
    assert.match((await run(process.execPath, [...main, "--help"])).stdout, /--target <target>/);
    for (const [option, value, say] of [
      ["--target", "gpu", /--target is one of native, wasm, not gpu/],
      ["--steps", "0", /--steps is an integer, at least 1, not 0/],
    ] as const) {
      const failed = await run(process.execPath, [...main, option, value]).catch((error) => error);
      assert.is(failed.code, 2);
      assert.match(failed.stderr, say);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
