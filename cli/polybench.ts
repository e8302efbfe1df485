/** `tsgpu polybench`: the command line of the PolyBench harness. */
import { type Command, Option } from "commander";
import type { TargetName } from "../compiler/artifact.ts";
import type { Wrt } from "../polybench/gradient.ts";
import { datasets } from "../polybench/sizes.ts";
import { kernels } from "../polybench/suite.ts";
import { tapeBudget } from "./derivative.ts";
import { exitCodes, UsageError } from "./errors.ts";
import {
  addCache,
  addCommon,
  addSimulator,
  type Cached,
  type Common,
  type Deterministic,
  deterministic,
  integer,
  listOf,
  type Simulator,
  simulatorSettings,
  targets,
} from "./options.ts";
import { jsonOnStdout, paint, writeJson } from "./output.ts";
import type { Lane, Plan } from "./polybench/plan.ts";

interface Options extends Common, Cached, Deterministic, Simulator {
  readonly dataset?: Plan["datasets"];
  readonly target?: readonly TargetName[];
  readonly inputs?: Plan["inputs"];
  readonly cc?: readonly ("gcc" | "clang")[];
  readonly check: boolean;
  readonly grad?: true;
  readonly wrt?: Wrt;
  readonly tapeBudget?: number;
  readonly repeat?: number;
  readonly dump?: string;
}

const names: readonly string[] = kernels.map((kernel) => kernel.name);

export function define(command: Command): void {
  addSimulator(
    addCache(
      addCommon(
        command
          .argument("[kernel...]", "kernels by PolyBench's names; all 30 when none is given")
          .option("--dataset <list>", `of ${datasets.join(", ")}`, listOf(datasets))
          .option(
            "--target <list>",
            `of ${targets.join(", ")} (default: node and native, or wasm without libLLVM)`,
            listOf(targets),
          )
          .option(
            "--inputs <list>",
            "of polybench (its own), seeded (well conditioned) (default: polybench; with --grad seeded)",
            listOf(["polybench", "seeded"] as const),
          )
          .option(
            "--cc <list>",
            "C compilers of target c: gcc, clang (default: the first one found)",
            listOf(["gcc", "clang"] as const),
          )
          .option(
            "--check",
            "compare the results with PolyBench's; in strict mode all targets must have the same bits",
            false,
          )
          .option("--grad", "run gradients as well: by reverse mode, of a weighted sum of the results")
          .addOption(
            new Option("--wrt <which>", "by what: arrays, or all, scalars too (default: arrays)").choices([
              "arrays",
              "all",
            ]),
          )
          .addOption(tapeBudget())
          .option("--repeat <n>", "time the median of n runs (default: as many as fit in 0.3 s, 3 to 50)", integer(1))
          .addOption(deterministic())
          .option("--dump <folder>", "write the results as PolyBench/C prints them"),
      ),
    ),
  ).action(action);
}

async function action(chosen: readonly string[], options: Options): Promise<void> {
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no kernel ${unknown}; there are ${names.join(", ")}`);
  const { defaultTarget } = await import("./toolchains.ts");
  const { runPlan } = await import("./polybench/run-plan.ts");
  const { summary } = await import("./polybench/report.ts");
  const grad = options.grad ? (options.wrt ?? "arrays") : undefined;
  const stray = options.wrt !== undefined ? "--wrt" : options.tapeBudget !== undefined ? "--tape-budget" : null;
  if (grad === undefined && stray !== null) throw new UsageError(`${stray} is for gradients: add --grad`);
  const wanted = options.target ?? (grad === undefined ? ["node", defaultTarget()] : [defaultTarget()]);
  if (grad !== undefined && wanted.every((target) => target === "node")) {
    throw new UsageError("target node runs the files themselves, which have no gradients: add a target");
  }
  const plan: Plan = {
    kernels: kernels.filter((kernel) => chosen.length === 0 || chosen.includes(kernel.name)),
    datasets: options.dataset ?? ["SMALL"],
    inputs: options.inputs ?? [grad === undefined ? "polybench" : "seeded"],
    lanes: lanesOf(wanted, options.cc ?? []),
    mode: options.mode ?? "contract",
    real: options.real,
    deterministic: options.deterministic === true,
    grad,
    tapeBudget: options.tapeBudget,
    check: options.check,
    repeat: options.repeat,
    cache: options.cache,
    settings: simulatorSettings(options, wanted),
    dump: options.dump,
  };
  const forJson = jsonOnStdout(options.json);
  const rows = await runPlan(plan, forJson);
  const out = forJson ? process.stderr : process.stdout;
  out.write(`\n${summary(rows, plan, forJson ? paint.stderr : paint.stdout)}\n`);
  writeJson(options.json, { rows });
  process.exitCode = rows.every((row) => row.ok) ? exitCodes.ok : exitCodes.failed;
}

/** Target c is one lane for each C compiler asked for. */
function lanesOf(wanted: readonly TargetName[], compilers: readonly ("gcc" | "clang")[]): readonly Lane[] {
  if (compilers.length > 0 && !wanted.includes("c")) throw new UsageError("--cc is for target c: add --target c");
  return wanted.flatMap((target): Lane[] => {
    if (target !== "c" || compilers.length === 0) return [{ target }];
    return compilers.map((cc) => ({ target, cc, ...(compilers.length > 1 ? { named: true } : {}) }));
  });
}
