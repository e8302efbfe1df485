/** Options and arguments that mean the same in every command, and how they are read. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { TargetName } from "../compiler/artifact.ts";
import { archNames, defaultArch } from "../compiler/artifact-arch.ts";
import type { Mode, ScalarType } from "../compiler/ir/ir.ts";
import { Failure, UsageError } from "./errors.ts";
import type { JsonTo } from "./output.ts";

export const modes = ["strict", "contract", "fast"] as const satisfies readonly Mode[];
export const targets = [
  "native",
  "wasm",
  "c",
  "interp",
  "node",
  "cuda",
  "webgpu",
  "simulator",
  "ptx-emulator",
] as const satisfies readonly TargetName[];

export interface Common {
  readonly mode?: Mode;
  readonly real?: "f64" | "f32";
  readonly json?: JsonTo;
}

/** Adds `--mode`, `--real` and `--json`. */
export function addCommon(command: Command): Command {
  return addJson(
    command
      .addOption(new Option("--mode <mode>", "what may be done to float operations (default: contract)").choices(modes))
      .addOption(new Option("--real <type>", "what `real` is (default: f64)").choices(["f64", "f32"])),
  );
}

/** Adds `--no-cache`: for commands that compile. */
export function addCache(command: Command): Command {
  return command.option("--no-cache", "compile anew, and keep nothing (see `tsgpu cache`)");
}

/** What `addCache` adds. */
export interface Cached {
  readonly cache: boolean;
}

/** `--deterministic`: for commands that compile for GPUs. */
export const deterministic = (): Option =>
  new Option("--deterministic", "on GPUs: the same bits from run to run, without threads that add to one float");

/** What `deterministic` adds. */
export interface Deterministic {
  readonly deterministic?: true;
}

/** `--gpu-arch`: the GPUs that PTX is for. */
export const gpuArch = (): Option =>
  new Option("--gpu-arch <arch>", `the oldest GPUs that PTX is to run on (default: ${defaultArch})`).choices(archNames);

/** @throws Failure where there can be no PTX for these GPUs here. */
export async function requirePtx(arch: string = defaultArch): Promise<void> {
  const { whyNoPtx } = await import("../compiler/backend/ptx.ts");
  const why = whyNoPtx(arch);
  if (why !== null) throw new Failure(why);
}

/** Adds the options of target simulator. */
export function addSimulator(command: Command): Command {
  return command
    .option("--seed <n>", "target simulator: which of the orders of threads (default: 0)", integer(0))
    .option("--unwritten", "target simulator: report reads of shared and local elements that nobody has written");
}

/** What `addSimulator` adds. */
export interface Simulator {
  readonly seed?: number;
  readonly unwritten?: true;
}

/** The settings of devices that the options mean. @throws UsageError where no target heeds them. */
export function simulatorSettings({ seed, unwritten }: Simulator, targets: readonly TargetName[]): Simulator {
  const given = seed !== undefined ? "--seed" : unwritten ? "--unwritten" : null;
  if (given !== null && !targets.includes("simulator")) {
    throw new UsageError(`${given} is for target simulator: add --target simulator`);
  }
  return { ...(seed === undefined ? {} : { seed }), ...(unwritten ? { unwritten } : {}) };
}

/** Adds `--json`. */
export function addJson(command: Command): Command {
  return command.option("--json [file]", "write the result as JSON, to stdout without a file", jsonFile);
}

/** Never over a kernel file. */
function jsonFile(value: string): string {
  const isFolder = existsSync(value) && statSync(value).isDirectory();
  if (isFolder || /\.[cm]?[jt]s(:|$)/.test(value)) {
    throw new InvalidArgumentError(`${value} is no place for JSON.`);
  }
  return value;
}

/** Reads `A,B,…` of the given choices, in any case; given twice, the lists add up. */
export function listOf<T extends string>(
  choices: readonly T[],
): (value: string, before?: readonly T[]) => readonly T[] {
  return (value, before = []) => {
    const names = value.split(",").filter((name) => name !== "");
    const list = names.map((name) => {
      const found = choices.find((choice) => choice.toLowerCase() === name.toLowerCase());
      if (found === undefined) throw new InvalidArgumentError(`${name} is none of ${choices.join(", ")}.`);
      return found;
    });
    return [...new Set([...before, ...list])];
  };
}

/** Reads an integer of at least `least`. */
export function integer(least: number): (value: string) => number {
  return (value) => {
    const n = Number(value);
    if (!/^\d+$/.test(value) || n < least || !Number.isSafeInteger(n)) {
      throw new InvalidArgumentError(`${value} is no integer of at least ${least}.`);
    }
    return n;
  };
}

/** Reads `name=value`, any number of times. */
export function assignment(
  what: string,
): (value: string, before?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (value, before = {}) => {
    const at = value.indexOf("=");
    if (at < 1) throw new InvalidArgumentError(`${value} is not of the form ${what}.`);
    return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
  };
}

/** A kernel file, and the function that is meant, if one is named. */
export interface KernelPath {
  readonly file: string;
  readonly kernel?: string;
}

/** Reads `FILE[:KERNEL]`. A colon may be part of the file's own name, as in `C:\gemm.ts`. */
export function kernelPath(value: string): KernelPath {
  const match = /^(.+):([A-Za-z_$][\w$]*)$/.exec(value);
  const [, file, kernel] = match ?? [];
  if (file === undefined || kernel === undefined || existsSync(value)) return { file: value };
  return { file, kernel };
}

/** The absolute path of a file that is there; of a folder, where `folders` allows that. */
export function existingFile(file: string, folders?: "folder too"): string {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  if (folders === undefined && statSync(file).isDirectory()) throw new UsageError(`${file} is a folder, not a file`);
  return resolve(file);
}

/** `--types T=f32,U=i32`: type arguments of a generic kernel. */
export function typeArguments(
  value: string,
  before: Readonly<Record<string, ScalarType>> = {},
): Readonly<Record<string, ScalarType>> {
  const scalars: readonly string[] = ["f64", "f32", "i32", "u32", "index", "bool"] satisfies readonly ScalarType[];
  const all: Record<string, ScalarType> = { ...before };
  for (const part of value.split(",")) {
    const [name = "", type = ""] = part.split("=");
    if (name === "" || !scalars.includes(type)) {
      throw new InvalidArgumentError(`${part} is not of the form T=${scalars.join("|")}.`);
    }
    all[name] = type as ScalarType;
  }
  return all;
}
