/** The options that say which derivative of a kernel is meant, and what they ask of the compiler. */
import { pathToFileURL } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { DerivativeKind } from "../compiler/artifact.ts";
import type { DerivativeRequest } from "../compiler/index.ts";
import { parseSize } from "../runtime/cache-folder.ts";
import { exportedFunctions } from "../runtime/kernel-module.ts";
import { Failure, UsageError } from "./errors.ts";
import { existingFile, type KernelPath } from "./options.ts";

/** What `addDerivative` adds. */
export interface DerivativeOptions {
  readonly wrt?: readonly string[];
  readonly of?: readonly string[];
  readonly tapeBudget?: number;
  readonly undo?: boolean;
}

/** `--tape-budget`. */
export const tapeBudget = (): Option =>
  new Option("--tape-budget <size>", "what may be kept for the reverse sweep, as in 512M").argParser(size);

/** Adds `--wrt`, `--of`, `--tape-budget` and `--undo`. */
export function addDerivative(command: Command): Command {
  return command
    .option("--wrt <list>", "parameters to differentiate by (default: all floats that the kernel reads)", names)
    .option(
      "--of <list>",
      "parameters to differentiate, and `return` (default: all float arrays that it writes, and its result)",
      names,
    )
    .addOption(tapeBudget())
    .option("--undo", "let `x += e` be undone by `x -= e`, which changes last bits");
}

/** The options that were given, as the command line has them. */
export const given = (options: DerivativeOptions): readonly string[] =>
  (["wrt", "of", "tapeBudget", "undo"] as const)
    .filter((name) => options[name] !== undefined)
    .map((name) => `--${name.replace("B", "-b")}`);

export function requestOf(kind: DerivativeKind, kernel: string, options: DerivativeOptions): DerivativeRequest {
  const { wrt, of, tapeBudget, undo } = options;
  return {
    kind,
    kernel,
    ...(wrt === undefined ? {} : { wrt }),
    ...(of === undefined ? {} : { of }),
    ...(tapeBudget === undefined ? {} : { tapeBudget }),
    ...(undo === undefined ? {} : { undo }),
  };
}

/** The kernel that is meant: the one that is named, or the only one of the file. */
export function oneKernel({ file, kernel }: KernelPath): string {
  if (kernel !== undefined) return kernel;
  const all = exportedFunctions(pathToFileURL(existingFile(file)));
  const [only, ...others] = all;
  if (only === undefined) throw new Failure(`${file} has no kernel`);
  if (others.length === 0) return only;
  throw new UsageError(`${file} has several kernels: name one, as in ${all.map((k) => `${file}:${k}`).join(", ")}`);
}

/** Reads `A,B`; given twice, the lists add up. */
function names(value: string, before: readonly string[] = []): readonly string[] {
  return [...new Set([...before, ...value.split(",").filter((name) => name !== "")])];
}

function size(value: string): number {
  const bytes = parseSize(value);
  if (bytes === null) throw new InvalidArgumentError(`${value} is no size: write 512M.`);
  return bytes;
}
