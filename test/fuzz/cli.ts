/**
 * Hunts: runs random programs on all targets of this machine, shrinks what differs, and writes it as files for
 * test/fuzz/regressions. A program is a kernel with all that it calls; ten of them share a file and its seed.
 *
 *   node --import ./scripts/dev.mjs test/fuzz/cli.ts --count 3000 --seed 0 --modes strict,contract,fast
 *   node --import ./scripts/dev.mjs test/fuzz/cli.ts --count 3000 --grad
 *
 * Exit code 1 when anything differed, 2 when the options are wrong. Interrupted, it sums up what it has run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CpuTarget } from "../../compiler/artifact.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { constructsIn } from "./constructs.ts";
import { features } from "./features.ts";
import { type GenerateOptions, generate } from "./generate.ts";
import { generateGradients } from "./gradients.ts";
import { Sandbox } from "./process.ts";
import { regressionFiles } from "./regressions.ts";
import { absent, type Coverage, type Failure, noCoverage, presentTargets } from "./run.ts";
import { failsOn, shrink } from "./shrink.ts";
import { type Program, printFiles } from "./tree.ts";

const usage = `Runs random programs on all targets and shrinks what differs.

  --count N        programs, rounded up to tens (100)
  --seed N         the seed of the first ten; each ten have the next (0)
  --modes M,…      strict, contract, fast (strict)
  --targets T,…    node, interp, native, wasm, c (all that this machine has)
  --real f32       what \`real\` is (f64)
  --math           with Math.exp, Math.pow, ** and the like in every program, not just a third
  --size N         statements of a kernel, at most (16)
  --grad           differentiate smooth programs, and compare their derivatives; other targets run every fourth file
  --keep           report failures as they are, without shrinking
  --out FOLDER     where shrunk failures are written (a folder of the system's for temporary files)
  --show           print the program of the seed, and run nothing
  --json           print the summary as JSON
`;
const allModes: readonly Mode[] = ["strict", "contract", "fast"];
const allTargets = Object.keys(absent) as CpuTarget[];

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        seed: { type: "string", default: "0" },
        count: { type: "string", default: "100" },
        modes: { type: "string", default: "strict" },
        targets: { type: "string", default: presentTargets.join(",") },
        real: { type: "string", default: "f64" },
        math: { type: "boolean", default: false },
        size: { type: "string", default: "16" },
        grad: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        out: { type: "string", default: join(tmpdir(), "tsgpu-fuzz") },
        show: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (e) {
    return fail((e as Error).message);
  }
}
const values = readOptions();

function whole(name: "seed" | "count" | "size"): number {
  const n = Number(values[name]);
  return Number.isSafeInteger(n) && n >= 0 ? n : fail(`--${name} is a whole number, not ${values[name]}`);
}
function listed<T extends string>(name: "modes" | "targets", all: readonly T[]): readonly T[] {
  const list = values[name].split(",");
  const unknown = list.find((x) => !(all as readonly string[]).includes(x));
  return unknown === undefined ? (list as T[]) : fail(`--${name}: there is no ${unknown}; choose of ${all.join(", ")}`);
}

if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [first, count, size] = [whole("seed"), whole("count"), whole("size")];
/** Gradients are compiled one by one, from the whole file. */
const kernelsOfAFile = values.grad ? 5 : 10;
const modes = listed("modes", allModes);
const targets = listed("targets", allTargets);
const { real } = values;
if (real !== "f64" && real !== "f32") fail(`--real is f64 or f32, not ${real}`);
if (values.grad && modes.some((m) => m !== "strict")) fail("--grad: derivatives are compared in strict");
const missing = targets.find((t) => absent[t] !== null);
if (missing !== undefined) fail(`--targets: ${missing} cannot run here: ${absent[missing]}`);

interface Tally {
  programs: number;
  failures: number;
  readonly coverage: Coverage;
}
interface Found extends Failure {
  readonly seed: number;
  readonly mode: Mode;
  /** The shrunk program's file; null where it was not shrunk. */
  readonly file: string | null;
}
const tallies = new Map<Mode, Tally>(modes.map((m) => [m, { programs: 0, failures: 0, coverage: noCoverage() }]));
const found: Found[] = [];
const sandbox = new Sandbox();
const files = Math.ceil(count / kernelsOfAFile);

const optionsFor = (mode: Mode): GenerateOptions => ({
  kernels: kernelsOfAFile,
  size,
  mode,
  real: real as "f64" | "f32",
  ...(values.math ? { math: true } : {}),
});

const programOf = (seed: number, mode: Mode): Program =>
  (values.grad ? generateGradients : generate)(seed, optionsFor(mode));
/** Of gradients, in how many files each feature stands, and how often each refusal was met. */
const featureCounts = new Map<string, number>(Object.keys(features).map((name) => [name, 0]));
const refusals = new Map<string, number>();
const count1 = (of: Map<string, number>, key: string): void => void of.set(key, (of.get(key) ?? 0) + 1);

if (values.show) {
  const { text, imports } = printFiles(programOf(first, modes[0] as Mode));
  for (const [name, part] of Object.entries(imports)) console.log(`// ${name}\n${part}`);
  console.log(text);
  process.exit(0);
}
if (!values.json) for (const [t, why] of Object.entries(absent)) if (why !== null) console.log(`without ${t}: ${why}`);
const start = performance.now();
// What was found until then is told when someone has no more patience.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, finish);
for (let i = 0; i < files; i++) {
  for (const mode of modes) await hunt(first + i, mode);
  progress(i + 1);
}
finish();

function finish(): never {
  sandbox.close();
  summarize();
  process.exit(found.length > 0 ? 1 : 0);
}

async function hunt(seed: number, mode: Mode): Promise<void> {
  const program = programOf(seed, mode);
  const sources = printFiles(program);
  const grad = values.grad ? { grad: seed } : {};
  const own = values.grad && seed % 4 !== 0 ? [] : targets;
  const verdict = await sandbox.run(sources, { targets: own, mode, traits: program.traits, ...grad });
  const { failures, coverage } = verdict;
  if (values.grad) {
    const found = [sources.text, ...Object.values(sources.imports)].flatMap((text) => [
      ...constructsIn(text, features),
    ]);
    for (const name of new Set(found)) count1(featureCounts, name);
    for (const refusal of verdict.refusals ?? []) {
      count1(refusals, /TG\d+/.exec(refusal)?.[0] ?? refusal);
      if (!values.json) console.log(`seed ${seed}: refused: ${refusal}`);
    }
  }
  const tally = tallies.get(mode) as Tally;
  tally.programs += program.funcs.filter((f) => f.exported).length;
  tally.failures += new Set(failures.map((f) => f.kernel)).size;
  for (const key of Object.keys(coverage) as (keyof Coverage)[]) tally.coverage[key] += coverage[key];
  const shrunk = new Set<string>();
  for (const failure of failures) {
    const again = values.keep || failure.invalid || shrunk.has(failure.runner);
    shrunk.add(failure.runner);
    report(seed, mode, failure);
    const file = again ? null : await writeReduced(program, mode, failure);
    found.push({ ...failure, seed, mode, file });
    if (file !== null && !values.json) console.log(`  shrunk to ${file}`);
  }
}

function report(seed: number, mode: Mode, f: Failure): void {
  if (values.json) return;
  clearProgress();
  const where = `${f.kernel === "" ? "the file" : f.kernel} on ${f.runner}`;
  console.log(`seed ${seed}, ${mode}: ${where}${f.invalid ? " (no program)" : ""}: ${f.what}`);
}

/** The failure's kernel alone, shrunk; the name of its file. */
async function writeReduced(program: Program, mode: Mode, failure: Failure): Promise<string> {
  const test = failsOn(failure, program, mode, (sources, options) => sandbox.run(sources, options), targets, {
    ...(values.grad ? { grad: program.seed } : {}),
  });
  const alone = { ...program, funcs: program.funcs.filter((f) => !f.exported || f.name === failure.kernel) };
  const small = await shrink(failure.kernel !== "" && (await test(alone)) ? alone : program, test);
  mkdirSync(values.out, { recursive: true });
  const name = `seed-${program.seed}-${failure.runner}-${values.grad ? "grad" : mode}`;
  const written = Object.entries(regressionFiles(small, mode, failure, name)).map(([file, text]) => {
    writeFileSync(join(values.out, file), text);
    return join(values.out, file);
  });
  return written[0] as string;
}

function progress(done: number): void {
  const seconds = (performance.now() - start) / 1000;
  const left = Math.round((seconds / done) * (files - done));
  const line = `${done * kernelsOfAFile} of ${files * kernelsOfAFile} programs, ${found.length} failures, ${left} s left`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (done % 10 === 0 || done === files) console.error(line);
}
function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

function summarize(): void {
  clearProgress();
  const seconds = Math.round((performance.now() - start) / 1000);
  if (values.json) {
    const summary = Object.fromEntries([...tallies].map(([mode, t]) => [mode, t]));
    const grad = values.grad
      ? { features: Object.fromEntries(featureCounts), refusals: Object.fromEntries(refusals) }
      : {};
    const all = { seed: first, real, targets, seconds, modes: summary, ...grad, failures: found };
    console.log(JSON.stringify(all, null, 2));
    return;
  }
  const columns = ["mode", "programs", "calls", "undecided", "range", "floats", "sharp", "refused", "differ"];
  const rows = [...tallies].map(([mode, { programs, failures, coverage: c }]) =>
    [mode, programs, c.calls, c.undecided, c.range, c.floats, c.sharp, c.refused, failures].map(String),
  );
  for (const row of [columns, ...rows])
    console.log(row.map((cell, k) => (k === 0 ? cell.padEnd(9) : cell.padStart(10))).join(""));
  console.log(`on ${targets.join(", ")}, ${seconds} s`);
}
