/**
 * The math library on arrays, against the platform's libm called from a plain C loop (gcc -O2), and against copying.
 *
 *   node --import ./scripts/dev.mjs bench/math.ts --function exp,expf --json bench/results/math.json
 *
 *   --function NAMES   C's names, with commas (all)       --pairs N      spans of each, in turn (15)
 *   --size N           elements of an array (1000000)     --json FILE    writes the results there, too
 *   --target NAME      native, wasm or node (native)
 *
 * All get the same arguments, drawn uniformly from the range that the table names, and must agree on the results. Inputs are
 * resident, code is warm; the sides run in turn for spans of the same length, so that what else the machine does hits
 * them alike. Times are medians of CPU time, the ratio is the median of the pairs' ratios. `copy` moves the same bytes
 * and computes nothing: no function of one argument can be faster. Where glibc has vector functions (libmvec: errors of
 * up to 4 ulp, and no vectors by default), they are measured as well.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "../cli/numbers.ts";
import { findCC } from "../compiler/backend/cc.ts";
import { stream } from "../polybench/inputs.ts";
import {
  cFlags,
  cLoops,
  type Floats,
  functions,
  kernelLoops,
  type Loop,
  type Range,
  type Type,
  types,
} from "./math-loops.ts";

interface Row {
  /** C's name, or `copy` and `copyf`. */
  readonly function: string;
  readonly ranges: readonly Range[];
  /** Nanoseconds an element; null where there is nothing to run. */
  readonly tsgpu: number;
  readonly libm: number | null;
  readonly libmvec: number | null;
  /** tsgpu's time over libm's. */
  readonly ratio: number | null;
  /** Read and written, in 10⁹ bytes a second. */
  readonly gigabytes: number;
}

/** How long a span is; one run may take longer. */
const spanSeconds = 0.02;

/** Seconds of CPU time that a run takes. */
function timed({ run }: Loop, repeat: number): number {
  const start = process.cpuUsage();
  for (let k = 0; k < repeat; k++) run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6 / repeat;
}

/** Times of each loop, in turn. The first runs warm up, and say how many make a span. */
function timesOf(loops: readonly Loop[], spans: number): readonly (readonly number[])[] {
  for (const loop of loops) loop.run();
  const repeats = loops.map((loop) => Math.max(1, Math.ceil(spanSeconds / timed(loop, 3))));
  const rounds = Array.from({ length: spans }, () => loops.map((loop, k) => timed(loop, repeats[k] as number)));
  return loops.map((_, k) => rounds.map((times) => times[k] as number));
}

function refuse(message: string): never {
  console.error(`math: ${message}`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        function: { type: "string" },
        size: { type: "string", default: "1000000" },
        pairs: { type: "string", default: "15" },
        target: { type: "string", default: "native" },
        json: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    return refuse(`${(error as Error).message} (see --help)`);
  }
}

const wholeNumber = (name: string, text: string): number =>
  /^[1-9]\d*$/.test(text) ? Number(text) : refuse(`--${name} is a number from 1 on, not "${text}"`);

const values = options();
if (values.help) {
  const text = readFileSync(fileURLToPath(import.meta.url), "utf8");
  console.log(text.slice(text.indexOf("/**") + 4, text.indexOf("*/")).replaceAll(/^ \* ?/gm, ""));
  process.exit(0);
}
const size = wholeNumber("size", values.size);
const pairs = wholeNumber("pairs", values.pairs);
const target =
  (["native", "wasm", "node"] as const).find((t) => t === values.target) ??
  refuse(`--target is native, wasm or node, not "${values.target}"`);
const all = (["f64", "f32"] as const).flatMap((t) => Object.keys(functions).map((name) => name + types[t].suffix));
const wanted = values.function?.split(",") ?? all;
for (const name of wanted) if (!all.includes(name)) refuse(`there is no function ${name}, only ${all.join(", ")}`);
const compiler = (await findCC("gcc")) ?? refuse("the C loops need gcc (`npm run setup` installs it)");
const kernels = kernelLoops(target);
const libm = (await cLoops("libm")) ?? refuse("there is no libm");
const libmvec = await cLoops("libmvec");

/** Two right libraries differ in the last bits only. */
function checkSame(name: string, type: Type, inputs: readonly Floats[], ours: Floats, theirs: Floats): void {
  for (let i = 0; i < size; i++) {
    const [a, b] = [ours[i] as number, theirs[i] as number];
    if (Object.is(a, b) || Math.abs(a - b) <= types[type].tolerance * Math.abs(b)) continue;
    refuse(`${name}(${inputs.map((x) => x[i]).join(", ")}) is ${a} on ${target} and ${b} in C`);
  }
}

async function measure(type: Type, name: string): Promise<Row> {
  const ranges = functions[name] ?? [[-10, 10]];
  const own = `${name}${types[type].suffix}`;
  const inputs = ranges.map(([lo, hi], k) => {
    const next = stream(name, String(k), "x");
    return new types[type].array(size).map(() => lo + (hi - lo) * next());
  });
  const inC = name === "copy" ? [] : libmvec === null ? [libm] : [libm, libmvec];
  const loops = await Promise.all([kernels, ...inC].map((loopsOf) => loopsOf(type, name, inputs)));
  const [ours, scalar, vector] = timesOf(loops, pairs);
  const [result, ...others] = loops.map((loop) => loop.result());
  for (const other of others) checkSame(own, type, inputs, result as Floats, other);
  const nanoseconds = (times: readonly number[] | undefined): number | null =>
    times === undefined ? null : (median(times) * 1e9) / size;
  const tsgpu = nanoseconds(ours) as number;
  return {
    function: own,
    ranges,
    tsgpu,
    libm: nanoseconds(scalar),
    libmvec: nanoseconds(vector),
    ratio: scalar === undefined ? null : median(scalar.map((time, k) => (ours?.[k] as number) / time)),
    gigabytes: ((ranges.length + 1) * types[type].bytes) / tsgpu,
  };
}

const show = (x: number | null): string => (x === null ? "" : x.toPrecision(3));
const rows: Row[] = [];
console.log("| function | arguments | tsgpu ns | libm ns | tsgpu / libm | libmvec ns | GB/s |");
console.log("|---|---|---:|---:|---:|---:|---:|");
for (const type of ["f64", "f32"] as const) {
  const names = Object.keys(functions).filter((name) => wanted.includes(name + types[type].suffix));
  for (const name of names.length === 0 ? [] : ["copy", ...names]) {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}${types[type].suffix} …`);
    const row = await measure(type, name);
    rows.push(row);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    const ranges = row.ranges.map((r) => `[${r.join(", ")}]`).join(" ");
    const numbers = [row.tsgpu, row.libm, row.ratio, row.libmvec, row.gigabytes].map(show);
    console.log(`| ${[row.function, ranges, ...numbers].join(" | ")} |`);
  }
}
const ratios = rows.flatMap((r) => (r.ratio === null ? [] : [r.ratio]));
const slower = rows.filter((r) => r.ratio !== null && r.ratio > 1).map((r) => r.function);
const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
console.log(`\nGeometric mean of tsgpu / libm: ${show(mean)}.`);
console.log(slower.length === 0 ? "None is slower than libm." : `Slower than libm: ${slower.join(", ")}.`);
if (values.json !== undefined) {
  const about = { target, size, pairs, cpu: cpus()[0]?.model, compiler: compiler.version, flags: cFlags };
  writeFileSync(values.json, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
}
process.exit(0);
