/** Runs kernels of IR text on target simulator, by compiled loops and by interpreted ones. */
import type { Artifact } from "../../compiler/artifact.ts";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compileSimulator } from "../../compiler/backend/simulator.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { InterpArg } from "../../compiler/interp.ts";
import { isArray, type Module } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import type { DeviceArray, KernelProgram, Outcome, Settings } from "../../runtime/device.ts";
import { simulator } from "../../runtime/devices/simulator.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { skip } from "../skip.ts";

export const file = "kernel.ir";
/** A module whose statements know their lines. */
export function kernels(text: string): Module {
  const m = parse(text, file);
  const [fault] = verify(m);
  return fault === undefined ? m : bug(`${fault.message} (line ${fault.loc.span.line})`);
}

export type Engine = "native" | "interp";
export const engines: readonly Engine[] = findLibLLVM() === null ? ["interp"] : ["native", "interp"];
if (engines.length === 1) skip("compiled simulator", whyNoLibLLVM() ?? "no libLLVM");

export async function open(m: Module, engine: Engine, settings: Settings = {}): Promise<KernelProgram> {
  const code = engine === "native" ? compileSimulator(m) : null;
  const artifact: Artifact = { target: "simulator", file, entries: [], program: m, code };
  const program = await simulator.load(artifact, settings);
  return program.kind === "kernels" ? program : bug("the simulator runs kernels");
}

/** Launches a module's only kernel; arrays are written in place. @throws LaunchError */
export async function launch(
  m: Module,
  program: KernelProgram,
  args: readonly InterpArg[],
  name?: string,
): Promise<Outcome> {
  const kernel =
    m.funcs.find((f) => f.kind === "kernel" && (name === undefined || f.name === name)) ?? bug("no kernel");
  const placed = args.map((arg, k) => {
    const p = kernel.params[k];
    if (typeof arg !== "object" || p === undefined || !isArray(p)) return arg as number;
    return program.wrap(p.type.elem, arg.shape, arg.data);
  });
  try {
    const outcome = await program.launch(kernel, placed);
    const { finding } = outcome;
    if (finding !== undefined) throw new LaunchError(finding.code, kernel.name, finding.message);
    return outcome;
  } finally {
    args.forEach((arg, k) => {
      if (typeof arg === "object") program.download(placed[k] as DeviceArray, arg.data);
    });
  }
}

/** The error with which a launch fails; null where it does not. */
export async function failure(run: Promise<unknown>): Promise<LaunchError | null> {
  try {
    await run;
    return null;
  } catch (error) {
    if (error instanceof LaunchError) return error;
    throw error;
  }
}

export const floats = (...shape: number[]): { data: Float64Array; shape: readonly number[] } => ({
  data: new Float64Array(shape.reduce((a, b) => a * b, 1)),
  shape,
});
export const ints = (values: readonly number[]): { data: Int32Array; shape: readonly number[] } => ({
  data: Int32Array.from(values),
  shape: [values.length],
});
