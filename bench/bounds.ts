/**
 * What the checks of accesses cost: PolyBench and the programs under examples/, compiled as usual, without any check (for
 * this comparison only: `checks: "none"`), and in the version that runs where the launch requirements do not hold, which
 * checks all that was not proven for all sizes.
 *
 *   node --import ./scripts/dev.mjs bench/bounds.ts --dataset LARGE [--target native] [--rounds 5] [--json FILE] [KERNEL…]
 *
 * The versions run in turn, round after round, on the same inputs; a ratio is the median of the rounds' own ratios, so that
 * what else the machine does falls on all of them alike. Code without a check is the very code that is measured without.
 */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "../cli/numbers.ts";
import type { TargetName } from "../compiler/artifact.ts";
import { compile } from "../compiler/index.ts";
import { walk } from "../compiler/ir/walk.ts";
import type { ChecksMode } from "../compiler/passes/check-bounds.ts";
import { copyArrays } from "../polybench/array.ts";
import { inputsFor } from "../polybench/inputs.ts";
import { type Dataset, datasets } from "../polybench/sizes.ts";
import { argumentsFor, instantiate, kernels, sizesFor } from "../polybench/suite.ts";
import { array } from "../runtime/array.ts";
import { loadUnit } from "../runtime/jit.ts";
import { makeResident, type Resident } from "../runtime/resident.ts";
import { programs } from "./programs.ts";

/** What is measured: a kernel of a file on arguments. */
interface Subject {
  readonly name: string;
  readonly file: string;
  readonly kernel: string;
  readonly compile: object;
  readonly args: () => readonly unknown[];
}
interface Row {
  readonly name: string;
  readonly checks: number;
  readonly seconds: Readonly<Partial<Record<ChecksMode, number>>>;
  /** Of the time without checks; 1 where there are none. */
  readonly usual: number;
  readonly fallback: number;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dataset: { type: "string", default: "SMALL" },
    target: { type: "string", default: "native" },
    rounds: { type: "string", default: "5" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const rounds = Number(options.rounds);
const dataset = datasets.find((d) => d === options.dataset?.toUpperCase());
if (options.help || dataset === undefined || !(rounds >= 1)) {
  console.log(
    "usage: bounds.ts [--dataset MINI…EXTRALARGE] [--target native|wasm|c] [--rounds N] [--json FILE] [KERNEL…]",
  );
  process.exit(options.help ? 0 : 2);
}
const target = options.target as TargetName;

function polybenchSubjects(size: Dataset): readonly Subject[] {
  return kernels.map((k) => {
    const inputs = inputsFor(k, size, "polybench", k.dtypes[0]);
    return {
      name: k.name,
      file: fileURLToPath(k.file),
      kernel: k.exportName,
      compile: instantiate(k, k.dtypes[0]),
      args: () =>
        argumentsFor(k, sizesFor(k, size), copyArrays(inputs)).map((arg) =>
          typeof arg === "number" ? arg : array(arg.data as Float64Array, arg.shape),
        ),
    };
  });
}
const exampleSubjects: readonly Subject[] = programs.map(({ name, file, large }) => ({
  name: `${name} (${large.what})`,
  file: fileURLToPath(file),
  kernel: large.kernel,
  compile: {},
  args: large.args,
}));

/** The kernel in one version, with its arguments on the device, and how many checks it has. */
async function open(s: Subject, checks: ChecksMode): Promise<{ readonly resident: Resident; readonly checks: number }> {
  const make = (mode: ChecksMode) =>
    compile({ file: s.file }, { target, kernels: [s.kernel], ...s.compile, checks: mode });
  const artifact = await make(checks);
  const count = artifact.program.funcs.flatMap((f) => [...walk(f.body)]).filter((t) => t.kind === "check").length;
  const unit = await loadUnit(artifact, () => make("all"));
  return { resident: await makeResident(unit, s.kernel, s.args()), checks: count };
}

/** The median time of each version, and of its ratios to the last, round by round. */
function timeInTurn(versions: readonly Resident[]): {
  readonly seconds: readonly number[];
  readonly ratios: readonly number[];
} {
  const times = versions.map((): number[] => []);
  const run = (v: Resident): number => {
    v.reset();
    return v.run() as number;
  };
  // Short kernels run several times a round; the first run of each only warms up.
  const first = versions.map(run);
  const repeats = Math.max(1, Math.min(25, Math.round(0.02 / Math.max(...first))));
  for (let r = 0; r < rounds; r++) {
    const round = versions.map((): number[] => []);
    for (let k = 0; k < repeats; k++) for (const [i, v] of versions.entries()) round[i]?.push(run(v));
    for (const [i, list] of round.entries()) times[i]?.push(median(list));
  }
  const last = times.at(-1) ?? [];
  return {
    seconds: times.map(median),
    ratios: times.map((list) => median(list.map((t, r) => t / (last[r] as number)))),
  };
}

async function measure(s: Subject): Promise<Row> {
  const usual = await open(s, "assume");
  const all = await open(s, "all");
  const none = usual.checks === 0 ? null : await open(s, "none");
  const hasFallback = all.checks > usual.checks;
  const opened = [...(hasFallback ? [all] : []), usual, ...(none === null ? [] : [none])];
  const { seconds, ratios } = timeInTurn(opened.map((v) => v.resident));
  for (const v of opened) v.resident.dispose();
  const at = (v: typeof usual | null, list: readonly number[]): number | undefined =>
    v === null ? undefined : list[opened.indexOf(v)];
  const usualRatio = at(usual, ratios) ?? 1;
  return {
    name: s.name,
    checks: usual.checks,
    seconds: {
      assume: at(usual, seconds) ?? Number.NaN,
      ...(none === null ? {} : { none: at(none, seconds) ?? Number.NaN }),
      ...(hasFallback ? { all: at(all, seconds) ?? Number.NaN } : {}),
    },
    usual: usualRatio,
    fallback: hasFallback ? (at(all, ratios) ?? Number.NaN) : usualRatio,
  };
}

const percent = (ratio: number): string => `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(1)} %`;
const ms = (seconds: number | undefined): string => (seconds === undefined ? "" : (seconds * 1000).toPrecision(3));
const geomean = (xs: readonly number[]): number => Math.exp(xs.reduce((sum, x) => sum + Math.log(x), 0) / xs.length);

async function table(title: string, subjects: readonly Subject[]): Promise<readonly Row[]> {
  const wanted = subjects.filter((s) => positionals.length === 0 || positionals.some((p) => s.name.startsWith(p)));
  if (wanted.length === 0) return [];
  console.log(`${title}\n\n| kernel | checks | ms | checks cost | checked fallback costs |\n|---|---:|---:|---:|---:|`);
  const rows: Row[] = [];
  for (const s of wanted) {
    const row = await measure(s);
    rows.push(row);
    const cost = row.checks === 0 ? "none" : percent(row.usual);
    console.log(`| ${row.name} | ${row.checks} | ${ms(row.seconds.assume)} | ${cost} | ${percent(row.fallback)} |`);
  }
  const means = [rows.map((r) => r.usual), rows.map((r) => r.fallback)].map((list) => percent(geomean(list)));
  console.log(`| *geometric mean* | | | **${means[0]}** | ${means[1]} |\n`);
  return rows;
}

const result = {
  dataset,
  target,
  rounds,
  polybench: await table(`PolyBench ${dataset}, ${target}`, polybenchSubjects(dataset)),
  examples: await table(`The programs under examples/, ${target}`, exampleSubjects),
};
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written: ${basename(options.json)}`);
}
process.exit(0);
