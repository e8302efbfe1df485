/**
 * Hunts: runs random programs on all targets of this machine, and shrinks what differs.
 *
 *   node --import ./scripts/dev.mjs test/fuzz/cli.ts --seed 1000 --count 100
 *
 *   --seed N      the first program's seed (0)        --count N    how many programs of ten kernels (10)
 *   --targets T,… instead of all that are there       --keep       report failures as they are, without shrinking
 *   --size N      statements of a kernel, at most (24)
 *   --show        print the program of the seed, and run nothing
 */
import { parseArgs } from "node:util";
import type { TargetName } from "../../compiler/artifact.ts";
import { generate } from "./generate.ts";
import { absent, type Failure, presentTargets, runEverywhere } from "./run.ts";
import { failsOn, shrink } from "./shrink.ts";
import { type Program, printProgram } from "./tree.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "0" },
    size: { type: "string", default: "24" },
    count: { type: "string", default: "10" },
    targets: { type: "string" },
    keep: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const options = { kernels: 10, size: Number(values.size) };
const targets = (values.targets?.split(",") as TargetName[] | undefined) ?? presentTargets;

/** The failure's kernel alone, shrunk, as a file to put into test/fuzz/regressions. */
async function reduced(program: Program, failure: Failure): Promise<string> {
  const test = failsOn(failure, program);
  const alone = { ...program, funcs: program.funcs.filter((f) => !f.exported || f.name === failure.kernel) };
  const start = failure.kernel !== "" && (await test(alone)) ? alone : program;
  const small = await shrink(start, test);
  return `// Seed ${program.seed}, ${failure.runner}: ${failure.what}\n${printProgram(small)}`;
}

async function hunt(seed: number): Promise<number> {
  const program = generate(seed, options);
  const failures = await runEverywhere(printProgram(program), { targets, plain: program.plain, wild: program.wild });
  for (const f of failures)
    console.log(`seed ${seed} ${f.kernel} on ${f.runner}${f.invalid ? " (no program)" : ""}: ${f.what}`);
  const shown = new Set<string>();
  for (const f of failures) {
    if (values.keep || f.invalid || shown.has(f.runner)) continue;
    shown.add(f.runner);
    console.log(await reduced(program, f));
  }
  return failures.length;
}

if (values.show) {
  console.log(printProgram(generate(first, options)));
} else {
  for (const [target, why] of Object.entries(absent)) if (why !== null) console.log(`without ${target}: ${why}`);
  let failed = 0;
  for (let seed = first; seed < first + Number(values.count); seed++) failed += (await hunt(seed)) > 0 ? 1 : 0;
  console.log(`${values.count} programs, ${failed} differ`);
  // Workers of the wasm target stay alive otherwise.
  process.exit(failed > 0 ? 1 : 0);
}
