/**
 * Runs the tests: each `test/**` file that ends in `.test.ts` is a process of its own, as many at a time as the machine has cores (at most four).
 *
 *   npm test                  all of them
 *   npm test -- ir backend    only files whose path contains "ir" or "backend"
 *
 * The last line is `N passed, N failed, N skipped`; the exit code is 1 when anything failed. A file that crashes, hangs or
 * runs no test at all counts as one failure.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { skipMark } from "./skip.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const jobs = Number(process.env.TSGPU_TEST_JOBS) || Math.min(availableParallelism(), 4);
const limitMs = 1000 * (Number(process.env.TSGPU_TEST_SECONDS) || 600);

interface Result {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skips: readonly string[];
  readonly seconds: number;
  readonly output: string;
}

function findTests(filters: readonly string[]): string[] {
  const all = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name).replaceAll("\\", "/"))
    .sort();
  return filters.length === 0 ? all : all.filter((file) => filters.some((filter) => file.includes(filter)));
}

/** Sums uvu's own summary lines; a file may run several suites, of which it prints one summary. */
function tally(file: string, output: string, fault: string | null, seconds: number): Result {
  const plain = stripVTControlCharacters(output);
  const sum = (label: string): number =>
    [...plain.matchAll(new RegExp(`^ +${label}: +(\\d+)`, "gm"))].reduce((n, match) => n + Number(match[1]), 0);
  const skips = plain
    .split("\n")
    .filter((line) => line.startsWith(skipMark))
    .map((line) => line.slice(skipMark.length));
  const unexplained = sum("Skipped");
  if (unexplained > 0) skips.push(`${file}: ${unexplained} marked test.skip`);
  const passed = sum("Passed");
  let failed = sum("Total") - passed;
  let text = output;
  const nothing = passed + failed + skips.length === 0 ? "ran no test (is test.run() missing?)" : null;
  const reason = failed > 0 ? null : (fault ?? nothing);
  if (reason !== null) {
    failed = 1;
    text += `\n${file}: ${reason}\n`;
  }
  return { file, passed, failed, skips, seconds, output: text };
}

function runFile(file: string): Promise<Result> {
  const start = performance.now();
  return new Promise((resolve) => {
    const args = ["--import", "./scripts/dev.mjs", file];
    // What was compiled before must not decide a test; those of the cache have their own.
    const env = { ...process.env, TSGPU_CACHE: "off" };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limitMs);
    const append = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", append);
    child.stderr.on("data", append);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const ended = late ? `stopped after ${limitMs / 1000} s` : signal !== null ? `died of ${signal}` : null;
      const fault = ended ?? (code === 0 ? null : `exit code ${code}`);
      resolve(tally(file, output, fault, (performance.now() - start) / 1000));
    });
  });
}

function report(result: Result): void {
  const mark = result.failed > 0 ? "FAIL" : "ok  ";
  const skipped = result.skips.length > 0 ? `, ${result.skips.length} skipped` : "";
  console.log(`${mark} ${result.file}  ${result.passed} passed${skipped}  ${result.seconds.toFixed(1)} s`);
  for (const line of result.skips) console.log(`     skipped ${line}`);
  if (result.failed > 0) console.log(result.output);
}

const filters = process.argv.slice(2);
const files = findTests(filters);
const results: Result[] = [];
const queue = [...files];
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file);
      results.push(result);
      report(result);
    }
  }),
);

const total = (count: (r: Result) => number): number => results.reduce((n, r) => n + count(r), 0);
const failed = total((r) => r.failed);
const broken = results.filter((r) => r.failed > 0).map((r) => relative(root, join(root, r.file)));
if (files.length === 0) console.log(`no test file matches ${filters.join(" ")}`);
if (broken.length > 0) console.log(`\nfailed: ${broken.join(" ")}`);
console.log(`${total((r) => r.passed)} passed, ${failed} failed, ${total((r) => r.skips.length)} skipped`);
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
