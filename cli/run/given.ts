/** The options that say what a kernel is called with. */
import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { assignment } from "../options.ts";
import type { Given } from "./call.ts";

export type Assignments = Readonly<Record<string, string>>;

/** What `addSizes` adds. */
export interface SizeOptions {
  readonly size?: Assignments;
  readonly shape?: Assignments;
  readonly arg?: Assignments;
}
/** What `addInputs` adds. */
export interface InputOptions extends SizeOptions {
  readonly input?: Assignments;
}

/** Adds `--size`, `--shape` and `--arg`. */
export function addSizes(command: Command): Command {
  return command
    .option(
      "--size <name=n>",
      "a size, by the name that the source gives it, or an integer parameter",
      assignment("n=100"),
    )
    .option("--shape <array=nxm>", "the sizes of an array, as in A=100x200", assignment("A=100x200"))
    .option("--arg <name=value>", "a scalar parameter; floats are random when not given", assignment("alpha=1.5"));
}

/** Adds `--input` as well. */
export function addInputs(command: Command): Command {
  return addSizes(command).option(
    "--input <array=file>",
    "the elements of an array: a .npy, .json or .bin file",
    assignment("A=file"),
  );
}

/** @throws UsageError for what is no size. */
export const givenOf = (options: InputOptions, fill: Given["fill"]): Given => ({
  sizes: mapValues(options.size, sizeOf),
  shapes: mapValues(options.shape, shapeOf),
  scalars: options.arg ?? {},
  inputs: options.input ?? {},
  fill,
});

const mapValues = <T>(
  given: Assignments | undefined,
  read: (value: string, name: string) => T,
): ReadonlyMap<string, T> => new Map(Object.entries(given ?? {}).map(([name, value]) => [name, read(value, name)]));

function sizeOf(value: string, name: string): number {
  if (!/^\d+$/.test(value)) throw new UsageError(`--size ${name}=${value}: a size is an integer of at least 0`);
  return Number(value);
}

function shapeOf(value: string, name: string): readonly number[] {
  if (!/^\d+([x×,]\d+)*$/.test(value)) {
    throw new UsageError(`--shape ${name}=${value} is not of the form ${name}=100x200`);
  }
  return value.split(/[x×,]/).map(Number);
}
