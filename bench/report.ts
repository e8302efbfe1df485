/**
 * Tables from what `tsgpu polybench --json FILE` wrote, in Markdown: each kernel's time on each target, and ratios to
 * one of them, with their geometric means.
 *
 *   tsgpu polybench --dataset LARGE --target native,c --cc gcc,clang --json large.json
 *   node --import ./scripts/dev.mjs bench/report.ts large.json "c clang" [baseline column]
 *
 * With a column of polybench/data/baseline-large.csv, the times of the reference target are set against it, scaled by
 * the geometric mean: what is far from 1 is a kernel whose C is not what PolyBench's own C is.
 */
import { readFileSync } from "node:fs";
import { baselineFor } from "../polybench/sizes.ts";
import { findKernel } from "../polybench/suite.ts";

interface Row {
  readonly kernel: string;
  readonly dtype: string;
  readonly target: string;
  readonly cc?: string;
  readonly seconds: number;
  readonly ok: boolean;
}

const [file, reference, column] = process.argv.slice(2);
if (file === undefined || reference === undefined) throw new Error("usage: report.ts FILE.json REFERENCE [COLUMN]");
const { rows } = JSON.parse(readFileSync(file, "utf8")) as { readonly rows: readonly Row[] };
const label = (r: Row): string => (r.cc === undefined ? r.target : `${r.target} ${r.cc}`);
const targets = [...new Set(rows.map(label))];
if (!targets.includes(reference)) throw new Error(`${file} has no target ${reference}, only ${targets.join(", ")}`);
const others = targets.filter((t) => t !== reference);
const kernels = [...new Set(rows.map((r) => r.kernel))];
const time = (kernel: string, target: string): number =>
  rows.find((r) => r.kernel === kernel && label(r) === target)?.seconds ?? Number.NaN;
const geomean = (xs: readonly number[]): number => Math.exp(xs.reduce((s, x) => s + Math.log(x), 0) / xs.length);
const ms = (s: number): string => (s * 1000).toPrecision(4);

const baseline = (kernel: string): number => {
  const found = findKernel(kernel as Parameters<typeof findKernel>[0]);
  const dtype = rows.find((r) => r.kernel === kernel)?.dtype;
  if (column === undefined || found === undefined || dtype === undefined) return Number.NaN;
  return baselineFor(found.name, dtype as Parameters<typeof baselineFor>[1])[column] ?? Number.NaN;
};
const ofBaseline = kernels.map((k) => time(k, reference) / baseline(k));
const scale = geomean(ofBaseline.filter((x) => Number.isFinite(x)));

const heads = ["kernel", ...targets.map((t) => `${t} ms`), ...others.map((t) => `${t} / ${reference}`)];
if (column !== undefined) heads.push(`${reference} / ${column}, scaled`);
console.log(`| ${heads.join(" | ")} |\n|${heads.map((_, i) => (i === 0 ? "---|" : "---:|")).join("")}`);
for (const [i, k] of kernels.entries()) {
  const cells = [
    k,
    ...targets.map((t) => ms(time(k, t))),
    ...others.map((t) => (time(k, t) / time(k, reference)).toFixed(2)),
  ];
  if (column !== undefined) cells.push(((ofBaseline[i] as number) / scale).toFixed(2));
  console.log(`| ${cells.join(" | ")} |`);
}
const means = others.map((t) => geomean(kernels.map((k) => time(k, t) / time(k, reference))).toFixed(3));
const best = geomean(
  kernels.map((k) => {
    const others = targets.filter((t) => t.startsWith("c "));
    return time(k, targets[0] as string) / Math.min(...others.map((t) => time(k, t)));
  }),
);
console.log(`\nGeometric means: ${others.map((t, i) => `${t} / ${reference} ${means[i]}`).join(", ")}.`);
if (targets.some((t) => t.startsWith("c "))) console.log(`${targets[0]} / the best C compiler: ${best.toFixed(3)}.`);
