/** `tsgpu run`: compiles a kernel, makes up or reads its arguments, runs it, and shows what came out. */
import { type Command, Option } from "commander";
import { funcNamed, type TargetName } from "../compiler/artifact.ts";
import type { ScalarType } from "../compiler/ir/ir.ts";
import { orDiagnostics } from "./diagnostics.ts";
import { Failure, UsageError } from "./errors.ts";
import {
  addCache,
  addCommon,
  addSimulator,
  assignment,
  type Cached,
  type Common,
  type Deterministic,
  deterministic,
  existingFile,
  integer,
  kernelPath,
  type Simulator,
  simulatorSettings,
  targets,
  typeArguments,
} from "./options.ts";
import { jsonOnStdout, writeJson } from "./output.ts";
import type { Call } from "./run/call.ts";
import { type Assignments, addInputs, givenOf, type InputOptions } from "./run/given.ts";
import { defaultTarget } from "./toolchains.ts";

interface Options extends Common, Cached, Deterministic, InputOptions, Simulator {
  readonly target?: TargetName;
  readonly types?: Readonly<Record<string, ScalarType>>;
  readonly random?: number | true;
  readonly zeros?: boolean;
  readonly output?: Assignments;
  readonly repeat?: number;
}

export function define(command: Command): void {
  addSimulator(
    addCache(
      addCommon(
        addInputs(
          command
            .argument("<file[:kernel]>", "a kernel file, and which of its functions to run (default: the only one)")
            .addOption(
              new Option("--target <target>", "where to run it (default: native, or wasm without libLLVM)").choices(
                targets,
              ),
            )
            .option("--types <list>", "type arguments of a generic kernel: T=f32,U=i32", typeArguments)
            .addOption(deterministic()),
        )
          .addOption(
            new Option("--random [seed]", "fill all other arrays with numbers from 0.5 to 1.5 (the default)").argParser(
              integer(0),
            ),
          )
          .addOption(new Option("--zeros", "fill all other arrays with zeros").conflicts("random"))
          .option(
            "--output <array=file>",
            "write an array after the run: a .npy, .json or .bin file",
            assignment("A=file"),
          )
          .option(
            "--repeat <n>",
            "run n times on the same inputs, after warming up, and give the median time",
            integer(1),
          ),
      ),
    ),
  ).action(action);
}

async function action(path: string, options: Options): Promise<void> {
  const { file, kernel } = kernelPath(path);
  const source = existingFile(file);
  if (options.types !== undefined && kernel === undefined) {
    throw new UsageError(`--types is for one kernel: name it, as in ${file}:kernel`);
  }
  const target = options.target ?? defaultTarget();
  const settings = simulatorSettings(options, [target]);
  const { whyAbsent } = await import("./toolchains.ts");
  const absent = await whyAbsent(target);
  if (absent !== null) throw new Failure(`target ${target} is absent: ${absent}`);
  const { jit } = await import("../runtime/jit.ts");
  const start = performance.now();
  const unit = await orDiagnostics(options.json, () =>
    jit(source, {
      target,
      ...settings,
      cache: options.cache,
      ...(options.mode === undefined ? {} : { mode: options.mode }),
      ...(options.real === undefined ? {} : { real: options.real }),
      ...(options.deterministic === undefined ? {} : { deterministic: true }),
      ...(kernel === undefined ? {} : { kernels: [kernel] }),
      ...(kernel === undefined || options.types === undefined ? {} : { types: { [kernel]: options.types } }),
    }),
  );
  const compile = { seconds: (performance.now() - start) / 1000, cached: unit.cached };
  const { entries, program } = unit.artifact;
  const entry = entries[0];
  const host = entry === undefined ? undefined : funcNamed(program, entry.name);
  if (entry === undefined || host === undefined) throw new Failure(`${file} has no kernel`);
  if (entries.length > 1) {
    throw new UsageError(
      `${file} has several kernels: name one, as in ${entries.map((e) => `${file}:${e.name}`).join(", ")}`,
    );
  }
  const { makeCall } = await import("./run/call.ts");
  const fill = options.zeros === true ? "zeros" : typeof options.random === "number" ? options.random : 0;
  const call = makeCall(entry, host, givenOf(options, fill));
  checkOutputs(options.output, call);
  const { execute } = await import("./run/execute.ts");
  const run = await execute(unit, call, options.repeat);
  const { jsonOf, report, writeOutputs } = await import("./run/report.ts");
  writeOutputs(options.output ?? {}, call);
  const setting = {
    file,
    target,
    mode: options.mode ?? "contract",
    real: options.real ?? "f64",
    compile,
  } as const;
  if (!jsonOnStdout(options.json)) process.stdout.write(`${report(call, run, setting)}\n`);
  writeJson(options.json, jsonOf(call, run, setting));
}

/** Before the run, so that it is not in vain. */
function checkOutputs(outputs: Assignments | undefined, call: Call): void {
  const names = call.params.flatMap((p) => p.values).flatMap((v) => (v.kind === "array" ? [v.leaf.name] : []));
  for (const [name, file] of Object.entries(outputs ?? {})) {
    if (!names.includes(name)) throw new UsageError(`--output ${name}=${file}: the arrays are ${names.join(", ")}`);
    if (!/\.(npy|json|bin)$/.test(file)) throw new UsageError(`--output ${name}=${file}: write .npy, .json or .bin`);
  }
}
