/** `tsgpu gradcheck`: whether the gradient of a kernel is right, on random inputs. */
import { type Command, Option } from "commander";
import { createSpinner } from "nanospinner";
import { funcNamed, type TargetName } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import { type FloatType, isFloat, type ScalarType } from "../compiler/ir/ir.ts";
import { numberAt, setNumber } from "../runtime/array.ts";
import { addDerivative, type DerivativeOptions, oneKernel, requestOf } from "./derivative.ts";
import { orDiagnostics } from "./diagnostics.ts";
import { exitCodes, Failure } from "./errors.ts";
import {
  addCache,
  addCommon,
  type Cached,
  type Common,
  type Deterministic,
  deterministic,
  existingFile,
  integer,
  kernelPath,
  targets,
  typeArguments,
} from "./options.ts";
import { canSpin, jsonOnStdout, paint, writeJson } from "./output.ts";
import type { Call } from "./run/call.ts";
import { addInputs, givenOf, type InputOptions } from "./run/given.ts";
import { defaultTarget, whyAbsent } from "./toolchains.ts";

interface Options extends Common, Cached, Deterministic, DerivativeOptions, InputOptions {
  readonly target?: TargetName;
  readonly types?: Readonly<Record<string, ScalarType>>;
  readonly seed: number;
}

/** Plain JavaScript has no gradients. */
const compiled = targets.filter((target) => target !== "node");

export function define(command: Command): void {
  const what = command
    .argument("<file[:kernel]>", "a kernel file, and which of its functions to check (default: the only one)")
    .addOption(
      new Option("--target <target>", "where to run it (default: native, or wasm without libLLVM)").choices(compiled),
    )
    .option("--types <list>", "type arguments of a generic kernel: T=f32,U=i32", typeArguments)
    .option("--seed <n>", "other random inputs, weights and directions", integer(0), 0)
    .addOption(deterministic());
  addCache(addCommon(addInputs(addDerivative(what)))).action(action);
}

async function action(path: string, options: Options): Promise<void> {
  const named = kernelPath(path);
  const { file } = named;
  const source = existingFile(file);
  const kernel = oneKernel(named);
  const { mode = "contract", real = "f64", seed } = options;
  const target = options.target ?? defaultTarget();
  const absent = await whyAbsent(target);
  if (absent !== null) throw new Failure(`target ${target} is absent: ${absent}`);
  const { jit } = await import("../runtime/jit.ts");
  const { dual } = await import("../compiler/index.ts");
  const types = options.types === undefined ? {} : { types: { [kernel]: options.types } };
  const exact = options.deterministic === undefined ? {} : { deterministic: true };
  const common = { target, mode, real, cache: options.cache, kernels: [kernel], ...exact, ...types };
  const programs = await orDiagnostics(options.json, async () => ({
    primal: await jit(source, common),
    gradient: await jit(source, { ...common, derivative: requestOf("vjp", kernel, options) }),
    duals: dual({ file: source }, { real, kernels: [kernel], ...types }),
  }));
  const { entries, program } = programs.primal.artifact;
  const entry = entries[0] ?? bug(`${file} has no entry`);
  const { makeCall } = await import("./run/call.ts");
  const call = makeCall(
    entry,
    funcNamed(program, kernel) ?? bug(`no launch program @${kernel}`),
    givenOf(options, seed),
  );
  condition(call, options.input ?? {});
  const { Probe } = await import("./gradcheck/probe.ts");
  const { checkGradient, precisions } = await import("./gradcheck/check.ts");
  const probe = new Probe(programs, { call, seed });
  const spinner = canSpin() ? createSpinner("", { stream: process.stderr }) : null;
  const doing = (text: string): void => void spinner?.update({ text }).spin();
  const rows = await checkGradient(probe, precisions[narrowestFloat(call)], doing);
  spinner?.clear();
  const { jsonOf, report } = await import("./gradcheck/report.ts");
  const setting = { file, target, mode, real, seed, of: probe.of };
  const forJson = jsonOnStdout(options.json);
  const out = forJson ? process.stderr : process.stdout;
  out.write(`${report(call, rows, setting, forJson ? paint.stderr : paint.stdout)}\n`);
  writeJson(options.json, jsonOf(call, rows, setting));
  process.exitCode = rows.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}

/** Adds the number of rows to the diagonals of square matrices: such systems can be solved and factored well. */
function condition({ params }: Call, inputs: Readonly<Record<string, string>>): void {
  for (const v of params.flatMap(({ values }) => values)) {
    if (v.kind !== "array" || v.leaf.name in inputs) continue;
    const [rows = 0, columns = 0, ...more] = v.shape;
    if (!isFloat(v.leaf.elem) || rows !== columns || more.length > 0) continue;
    for (let i = 0; i < rows; i++) {
      const at = i * columns + i;
      setNumber(v.data, at, numberAt(v.data, at) + rows);
    }
  }
}

function narrowestFloat({ entry, params }: Call): FloatType | "f16" {
  const leaves = params.flatMap(({ values }) => values.map((v) => v.leaf));
  const elems = [...leaves, ...(entry.result ? leavesOf("", entry.result) : [])].map(({ elem }) => elem);
  return elems.includes("f16") ? "f16" : elems.includes("f32") ? "f32" : "f64";
}
