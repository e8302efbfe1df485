/**
 * The GPU suite: are the kernels and their gradients right on this GPU, and how fast are they?
 *
 *   npm run gpu-suite -- [--target cuda] [--dataset SMALL,MEDIUM,LARGE] [--real f64,f32] [--out FOLDER] [KERNEL…]
 *
 * Every result is compared with that of the CPU. What is timed is set against what the GPU can do at most, which is measured as
 * well. Writes `gpu.json` and `gpu.html`. On a target that only stands for a GPU, nothing is timed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type GpuTarget, isGpuTarget, type TargetName } from "../../compiler/artifact.ts";
import { type Dataset, datasets } from "../../polybench/sizes.ts";
import { findKernel, kernels, sizesFor } from "../../polybench/suite.ts";
import { defaultTarget } from "../../runtime/jit.ts";
import { cublasSeconds } from "./cublas.ts";
import { caseJobs, type Job, polybenchJobs } from "./jobs.ts";
import { page } from "./page.ts";
import { measureOverheads, measurePeaks, type Overheads, type Peak } from "./peaks.ts";
import { type GemmRow, isRight, type Report, type Row } from "./report.ts";
import { Running, type Times, worstError } from "./run.ts";
import { type Sanitized, sanitize } from "./sanitizer.ts";
import { carried, compiler, type Source } from "./source.ts";
import { testSet } from "./test-set.ts";

const usage = `usage: gpu-suite [options] [KERNEL…]

  --target <target>    cuda (default); or, without times, simulator, ptx-emulator
  --dataset <list>     of ${datasets.join(", ")} (default: SMALL,MEDIUM,LARGE; elsewhere than on cuda MINI)
  --group <list>       of polybench, test-set (default: both; with kernels named, polybench)
  --real <list>        of f64, f32 (default: f64)
  --cpu <target>       what results are compared with (default: native, or wasm without libLLVM)
  --artifacts <folder> code that was compiled before, instead of compiling it
  --out <folder>       where gpu.json and gpu.html go (default: bench/results/gpu)
  --no-times           only whether results are right
  --no-sanitizer       not under compute-sanitizer
  -h, --help`;

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", default: "cuda" },
    dataset: { type: "string" },
    group: { type: "string" },
    real: { type: "string", default: "f64" },
    cpu: { type: "string" },
    artifacts: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../results/gpu", import.meta.url)) },
    "no-times": { type: "boolean", default: false },
    "no-sanitizer": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);
function refuse(why: string): never {
  say(`${why}\n\n${usage}`);
  process.exit(2);
}

if (given.help) {
  console.log(usage);
  process.exit(0);
}
const target = given.target as GpuTarget;
if (!isGpuTarget(target) || target === "webgpu")
  refuse(`--target ${target}: the suite runs on cuda, simulator and ptx-emulator`);
const sizes = (given.dataset ?? (target === "cuda" ? "SMALL,MEDIUM,LARGE" : "MINI"))
  .toUpperCase()
  .split(",") as Dataset[];
const reals = given.real.split(",") as ("f64" | "f32")[];
const groups = (given.group ?? (positionals.length === 0 ? "polybench,test-set" : "polybench")).split(",");
for (const g of groups)
  if (g !== "polybench" && g !== "test-set") refuse(`--group ${g}: there are polybench and test-set`);
for (const size of sizes) if (!datasets.includes(size)) refuse(`--dataset ${size}: there are ${datasets.join(", ")}`);
for (const real of reals) if (real !== "f64" && real !== "f32") refuse(`--real ${real}: there are f64 and f32`);
for (const name of positionals) {
  if (findKernel(name) === undefined)
    refuse(`there is no kernel ${name}: there are ${kernels.map((k) => k.name).join(", ")}`);
}

if (target === "cuda") {
  const { whyNotCuda } = await import("../../runtime/devices/cuda-driver.ts");
  const why = whyNotCuda();
  if (why !== null) {
    say(`there is no GPU to run on: ${why}\n--target simulator and ptx-emulator stand for one, without times`);
    process.exit(1);
  }
}

const source: Source = given.artifacts === undefined ? compiler(testSet) : carried(given.artifacts);
const reference = (given.cpu ?? (given.artifacts === undefined ? await defaultTarget() : "wasm")) as TargetName;
const timed = target === "cuda" && !given["no-times"];
const skipped: string[] = [];
if (target !== "cuda") skipped.push(`times, peaks, overheads, cuBLAS, compute-sanitizer: ${target} is no GPU`);
else if (!timed) skipped.push("times, peaks, overheads, cuBLAS: --no-times");

const gpu = target === "cuda" ? (await import("../../runtime/devices/cuda.ts")).cudaInfo() : null;
const peaks: readonly Peak[] = timed ? await measurePeaks(source, gpu?.memory ?? 0) : [];
const overheads: Overheads | null = timed ? await measureOverheads(source, gpu?.memory ?? 0) : null;
for (const { dtype, flops, bytes } of peaks)
  say(`peak ${dtype}: ${(flops / 1e9).toFixed(0)} GFLOP/s, ${(bytes / 1e9).toFixed(0)} GB/s`);

const jobs = [
  ...(groups.includes("test-set") ? caseJobs(await source.cases()) : []),
  ...(groups.includes("polybench") ? reals.flatMap((real) => polybenchJobs(positionals, sizes, real)) : []),
];
const rows: Row[] = [];
for (const [k, job] of jobs.entries()) {
  const row = await runJob(job);
  rows.push(row);
  const what = [job.kernel, job.dataset, job.dtype, job.part].filter((x) => x !== undefined).join(" ");
  const time = row.times === null ? "" : `, ${(row.times.kernels * 1e3).toPrecision(3)} ms`;
  say(
    `[${k + 1}/${jobs.length}] ${what}: ${row.ok ? `right to ${row.error?.toExponential(0)}${time}` : `WRONG: ${row.problem}`}`,
  );
}

const gemm = timed ? gemmRows() : [];
const sanitizer = sanitized();
const report: Report = {
  ...{ target, reference, code: source.name, gpu, machine: cpus()[0]?.model ?? process.arch },
  ...{ date: new Date().toISOString(), rows, peaks, overheads, gemm, sanitizer, skipped },
};
mkdirSync(given.out, { recursive: true });
writeFileSync(join(given.out, "gpu.json"), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(join(given.out, "gpu.html"), page(report));
const right = rows.filter((r) => r.ok).length;
console.log(`${right} of ${rows.length} results are right on ${target}; ${join(given.out, "gpu.json")}, gpu.html`);
for (const line of skipped) console.log(`skipped ${line}`);
process.exit(isRight(report) ? 0 : 1);

/** The target's result against the CPU's, and its times. */
async function runJob(job: Job): Promise<Row> {
  const { kernel, group, part, dtype, tolerance } = job;
  const common = { kernel, group, part, dtype, dataset: job.dataset ?? null, tolerance };
  const none = { times: null, flops: null, flopFraction: null, bytes: null, byteFraction: null, ratio: null };
  let cpuSeconds: number | null = null;
  let running: Running | null = null;
  try {
    const cpu = await Running.open(job, reference, source);
    cpuSeconds = (await cpu.run()).kernels;
    const expected = await cpu.numbers();
    cpu.dispose();
    running = await Running.open(job, target, source);
    await running.run();
    const error = worstError(await running.numbers(), expected);
    const ok = error <= tolerance;
    const wrong = ok
      ? {}
      : { problem: `off by ${error.toExponential(1)}, where ${tolerance.toExponential(0)} is allowed` };
    const times = timed && ok && group === "polybench" ? await running.timed() : null;
    return { ...common, ok, error, ...wrong, cpuSeconds, ...none, ...(times && speedOf(job, times, running.bytes)) };
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    return { ...common, ok: false, error: null, problem, cpuSeconds, ...none };
  } finally {
    running?.dispose();
  }
}

function speedOf(
  job: Job,
  times: Times,
  moved: number,
): Pick<Row, "times" | "flops" | "flopFraction" | "bytes" | "byteFraction" | "ratio"> {
  const peak = peaks.find(({ dtype }) => dtype === job.dtype);
  const primal = rows.find(
    (r) => r.part === "primal" && r.kernel === job.kernel && r.dataset === job.dataset && r.dtype === job.dtype,
  );
  const flops = job.part === "primal" && job.flops !== undefined ? job.flops / times.kernels : null;
  const bytes = moved / times.kernels;
  const isGradient = job.part === "gradient" && primal?.times != null;
  return {
    ...{ times, flops, bytes },
    flopFraction: flops === null || peak === undefined ? null : flops / peak.flops,
    byteFraction: peak === undefined ? null : bytes / peak.bytes,
    ratio: isGradient ? times.kernels / (primal.times?.kernels ?? Number.NaN) : null,
  };
}

/** Our gemm beside cuBLAS, of the sizes that were timed. */
function gemmRows(): readonly GemmRow[] {
  const ours = rows.filter((r) => r.kernel === "gemm" && r.part === "primal" && r.times !== null);
  return ours.map(({ dtype, dataset, times }) => {
    const { NI, NJ, NK } = sizesFor(findKernel("gemm")!, dataset as Dataset) as Readonly<
      Record<"NI" | "NJ" | "NK", number>
    >;
    const cublas = cublasSeconds(dtype as "f64" | "f32", NI, NJ, NK);
    if (typeof cublas === "string" && !skipped.includes(`cuBLAS: ${cublas}`)) skipped.push(`cuBLAS: ${cublas}`);
    return { dtype: dtype as "f64" | "f32", dataset: dataset as string, seconds: times?.kernels ?? Number.NaN, cublas };
  });
}

function sanitized(): readonly Sanitized[] {
  if (target !== "cuda" || given["no-sanitizer"]) return [];
  const carry = given.artifacts === undefined ? [] : ["--artifacts", given.artifacts];
  const own = [fileURLToPath(import.meta.url), "--no-times", "--no-sanitizer", "--dataset", "MINI", ...carry];
  const found = sanitize([...own, "--out", join(given.out, "sanitizer"), ...positionals], say);
  if (typeof found !== "string") return found;
  skipped.push(`compute-sanitizer: ${found}`);
  return [];
}
