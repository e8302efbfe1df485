/**
 * What a gradient costs: reverse mode's time over the function's own, on PolyBench, in machine code on one thread.
 *
 *   node --import ./scripts/dev.mjs bench/gradients.ts --dataset LARGE [--rounds 5] [--mode contract] [--json FILE] [KERNEL…]
 *
 * A gradient is of the weighted sum of the live-out arrays by all arrays; its time is of everything that `f_vjp` does, the
 * function itself included. Function and gradient run in turn, round after round, on the same inputs, and a ratio is the median of
 * the rounds' own. A time is the lesser of the clock's and of the processor's (one thread computes, nothing waits), so that what else
 * the machine does costs little. The rates are of the function's own operations, as suite.ts counts them.
 */
import { writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { median, threeDigits } from "../cli/numbers.ts";
import type { Entry } from "../compiler/artifact.ts";
import { CompileError } from "../compiler/diagnostic.ts";
import type { Mode } from "../compiler/ir/ir.ts";
import { copyArrays, type FlatArray, zeroArray } from "../polybench/array.ts";
import { wrtOf } from "../polybench/gradient.ts";
import { inputsFor, weightsFor } from "../polybench/inputs.ts";
import { type Dataset, datasets } from "../polybench/sizes.ts";
import { argumentsFor, instantiate, type Kernel, kernels, sizesFor } from "../polybench/suite.ts";
import { array } from "../runtime/array.ts";
import { jit } from "../runtime/jit.ts";
import { makeResident, type Resident } from "../runtime/resident.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dataset: { type: "string", default: "MEDIUM" },
    mode: { type: "string", default: "contract" },
    rounds: { type: "string", default: "5" },
    skip: { type: "string", default: "" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const rounds = Number(options.rounds);
const dataset = datasets.find((d) => d === options.dataset?.toUpperCase());
const mode = options.mode as Mode;
if (options.help || dataset === undefined || !(rounds >= 1) || !/^(strict|contract|fast)$/.test(mode)) {
  console.log(
    "usage: gradients.ts [--dataset MINI…EXTRALARGE] [--mode strict|contract|fast] [--rounds N] [--skip KERNEL,…] [--json FILE] [KERNEL…]",
  );
  process.exit(options.help ? 0 : 2);
}

interface Row {
  readonly kernel: string;
  readonly primalSeconds: number;
  readonly gradientSeconds: number;
  /** The median of the rounds' own ratios. */
  readonly ratio: number;
  readonly primalGflops: number;
  /** Of the function's operations as well. */
  readonly gradientGflops: number;
}

/** What is measured, with its arguments on the device. */
async function open(kernel: Kernel, size: Dataset, isGradient: boolean): Promise<Resident> {
  const inputs = inputsFor(kernel, size, "seeded", "f64");
  const weights = weightsFor(kernel, size, "seeded");
  const adjoint = (name: string): FlatArray => {
    const made = zeroArray("f64", inputs[name]?.shape ?? []);
    if (weights[name] !== undefined) made.data.set(weights[name].data);
    return made;
  };
  const wrt = wrtOf(kernel, inputs, "arrays");
  const derivative = { kind: "vjp", kernel: kernel.exportName, wrt, of: kernel.outputs } as const;
  const unit = await jit(kernel.file, {
    target: "native",
    mode,
    cache: false,
    ...instantiate(kernel, "f64"),
    ...(isGradient ? { derivative } : {}),
  });
  const entry = unit.artifact.entries[0] as Entry;
  const args = [
    ...argumentsFor(kernel, sizesFor(kernel, size, "seeded"), copyArrays(inputs)),
    ...(entry.derivative?.extra ?? []).map(({ leaf }) => adjoint(leaf)),
  ];
  const values = args.map((a) => (typeof a === "number" ? a : array(a.data as Float64Array, a.shape)));
  return makeResident(unit, entry.name, values);
}

/** Seconds of the kernels, by the clock or of the processor: the clock runs on when others compute, and so does a collector. */
function timed(r: Resident): number {
  r.reset();
  const before = process.cpuUsage();
  const seconds = r.run() as number;
  const { user, system } = process.cpuUsage(before);
  return Math.min(seconds, (user + system) / 1e6);
}

async function measure(kernel: Kernel, size: Dataset): Promise<Row> {
  const primal = await open(kernel, size, false);
  const gradient = await open(kernel, size, true);
  // The first run warms up; short ones run several times a round.
  const [first] = [timed(primal), timed(gradient)];
  const repeats = Math.max(1, Math.min(50, Math.round(0.02 / Math.max(first, 1e-5))));
  const times = { primal: [] as number[], gradient: [] as number[] };
  for (let r = 0; r < rounds; r++) {
    times.primal.push(median(Array.from({ length: repeats }, () => timed(primal))));
    times.gradient.push(median(Array.from({ length: Math.max(1, Math.round(repeats / 3)) }, () => timed(gradient))));
  }
  primal.dispose();
  gradient.dispose();
  const [primalSeconds, gradientSeconds] = [median(times.primal), median(times.gradient)];
  const gflops = (seconds: number): number => kernel.flops(sizesFor(kernel, size, "seeded")) / seconds / 1e9;
  return {
    kernel: kernel.name,
    primalSeconds,
    gradientSeconds,
    ratio: median(times.gradient.map((t, r) => t / (times.primal[r] as number))),
    primalGflops: gflops(primalSeconds),
    gradientGflops: gflops(gradientSeconds),
  };
}

const geomean = (xs: readonly number[]): number => Math.exp(xs.reduce((sum, x) => sum + Math.log(x), 0) / xs.length);

const skipped = options.skip?.split(",") ?? [];
// nussinov counts matches in whole numbers, which have no derivative.
const chosen = kernels.filter(
  ({ name }) =>
    name !== "nussinov" && !skipped.includes(name) && (positionals.length === 0 || positionals.includes(name)),
);
console.log(
  "| kernel | function ms | gradient ms | ratio | GFLOP/s of the function | in its gradient |\n|---|---:|---:|---:|---:|---:|",
);
const rows: Row[] = [];
for (const kernel of chosen) {
  try {
    const row = await measure(kernel, dataset);
    rows.push(row);
    const numbers = [
      row.primalSeconds * 1e3,
      row.gradientSeconds * 1e3,
      row.ratio,
      row.primalGflops,
      row.gradientGflops,
    ];
    console.log(`| ${row.kernel} | ${numbers.map(threeDigits).join(" | ")} |`);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.log(`| ${kernel.name} | refused: ${error.diagnostics[0]?.code} | | | | |`);
  }
}
const mean = geomean(rows.map((r) => r.ratio));
console.log(`| *geometric mean* | | | **${threeDigits(mean)}** | | |`);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ dataset, mode, rounds, geomean: mean, rows }, null, 2)}\n`);
  console.log(`written: ${basename(dirname(options.json))}/${basename(options.json)}`);
}
process.exit(0);
