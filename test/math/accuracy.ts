/**
 * Measures the functions of `kernels/math` against MPFR, and prints a table in Markdown.
 *
 *   node --import ./scripts/dev.mjs test/math/accuracy.ts --function exp,expf --points 1000000
 *
 *   --function NAMES   C's names, with commas (all that kernels/math exports)
 *   --points N         points a function (1000000)     --seed N     where drawing starts (1)
 *   --library NAME     kernels, or node or libm to compare with (kernels)
 *   --json FILE        writes the results there, too
 *
 * The exit code is 1 when a function is off by more than 1.5 ulp or lacks a special value.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findFunction } from "./functions.ts";
import { type Library, libraries } from "./libraries.ts";
import { type Accuracy, bound, describeMiss, isFine, type Measured, measure, show } from "./measure.ts";
import { whyNoMpfr } from "./mpfr.ts";

/** An error of the caller's, to be said in one line. */
function refuse(message: string): never {
  console.error(`accuracy: ${message}`);
  process.exit(2);
}

const usage = (): string => {
  const text = readFileSync(fileURLToPath(import.meta.url), "utf8");
  return text.slice(text.indexOf("/**") + 4, text.indexOf("*/")).replaceAll(/^ \* ?/gm, "");
};

function options() {
  try {
    const { values } = parseArgs({
      options: {
        function: { type: "string" },
        points: { type: "string", default: "1000000" },
        seed: { type: "string", default: "1" },
        library: { type: "string", default: "kernels" },
        json: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    return refuse(`${(error as Error).message} (see --help)`);
  }
}

function wholeNumber(name: string, text: string): number {
  const n = Number(text);
  return Number.isSafeInteger(n) && n >= 0 ? n : refuse(`--${name} is a whole number, not "${text}"`);
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const heads = ["function", "max ulp", "at", "correctly rounded", "exact results missed", "wrong specials"];

function cellsOf(a: Accuracy): string[] {
  const at = a.worst === null ? "" : a.worst.at.map(show).join(", ");
  // Rounded down: 100 % are all.
  const share = `${(Math.floor(10_000 * a.correctlyRounded) / 100).toFixed(2)} %`;
  return [a.function, a.maxUlp.toFixed(3), at, share, String(a.exactMissed), String(a.mismatches)];
}

const values = options();
if (values.help) {
  console.log(usage());
  process.exit(0);
}
const points = wholeNumber("points", values.points);
const seed = wholeNumber("seed", values.seed);
const open = libraries[values.library as Library] ?? refuse(`--library is ${Object.keys(libraries).join(", ")}`);
const why = whyNoMpfr();
if (why !== null) refuse(why);

const library: Readonly<Record<string, Measured>> = await open();
const names = values.function?.split(",") ?? Object.keys(library);
const wanted = names.map((name) => {
  const found =
    findFunction(name) ?? refuse(`there is nothing to measure ${name} against (see test/math/functions.ts)`);
  const f =
    library[name] ?? refuse(`${values.library} has no function ${name}, only ${Object.keys(library).join(", ")}`);
  return { name, f, ...found };
});
const results: Accuracy[] = [];
console.log(`${row(heads)}\n|---|---:|---|---:|---:|---:|`);
for (const { name, f, info, type } of wanted) {
  const start = performance.now();
  const accuracy = measure(info, type, f, {
    points,
    seed,
    progress: (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${name} ${((100 * done) / points).toFixed(0)} %  `);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  results.push(accuracy);
  console.log(row(cellsOf(accuracy)));
  const { worst, firstMismatch } = accuracy;
  if (worst !== null && accuracy.maxUlp > bound) console.error(`too far off: ${describeMiss(name, worst)}`);
  if (firstMismatch !== null) console.error(`wrong special value: ${describeMiss(name, firstMismatch)}`);
  if (process.stderr.isTTY) console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
if (values.json !== undefined) {
  // JSON has no infinities, NaN and -0.
  const number = (_key: string, x: unknown): unknown =>
    typeof x === "number" && (!Number.isFinite(x) || Object.is(x, -0)) ? show(x) : x;
  writeFileSync(
    values.json,
    `${JSON.stringify({ library: values.library, points, seed, bound, results }, number, 2)}\n`,
  );
}
process.exit(results.every(isFine) ? 0 : 1);
