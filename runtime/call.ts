/**
 * One call of a kernel, from arguments to result: bind, decide the version, put the arrays on the device, run, write
 * back.
 *
 * Calls run one after another in the order in which they were made, whatever their kernels and devices, so that a call
 * sees what the calls before it wrote. (A task system that lets independent calls overlap is to come.)
 */
import { type Artifact, type Entry, funcNamed } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import type { Func } from "../compiler/ir/ir.ts";
import { type ArrayArgument, type Bound, bindArguments } from "./arguments.ts";
import type { DeviceArray, FunctionProgram, KernelArg, KernelProgram, Program } from "./device.ts";
import { type HostRun, mayFail, runHost } from "./host.ts";
import { LaunchError } from "./launch-error.ts";
import { compose, gatherArray, type LeafData, nest } from "./nested.ts";
import { decideVersion } from "./requirements.ts";

/** A compiled and loaded file. */
export interface Unit {
  readonly artifact: Artifact;
  readonly program: Program;
  /** The same file with every access checked: for calls that break the requirements. Compiled when first asked for. */
  readonly checked: () => Promise<Unit>;
}

/** A kernel call that has its version and its arguments. */
export interface Prepared {
  readonly entry: Entry;
  readonly host: Func;
  readonly artifact: Artifact;
  readonly program: Program;
  readonly bound: Bound;
}

let last: Promise<unknown> = Promise.resolve();

/** Runs the kernel and gives its result. @throws LaunchError; the arguments are unchanged then. */
export function call(unit: Unit, kernel: string, values: readonly unknown[]): Promise<unknown> {
  const turn = last.then(async () => {
    const prepared = await prepare(unit, kernel, values);
    const { program } = prepared;
    const result = program.kind === "kernels" ? await runKernels(prepared, program) : runFunction(prepared, program);
    prepared.bound.writeBack();
    return result;
  });
  last = turn.catch(() => {});
  return turn;
}

/** Checks the arguments, and picks the version of the kernel that their sizes ask for. */
export async function prepare(unit: Unit, kernel: string, values: readonly unknown[]): Promise<Prepared> {
  const { artifact, program } = unit;
  const entry = artifact.entries.find((e) => e.name === kernel);
  if (entry === undefined) throw noKernel(artifact, kernel);
  const host = hostOf(artifact, kernel);
  const bound = bindArguments(entry, host, values);
  // Plain JavaScript has no unchecked version to be wrong.
  if (decideVersion(host, bound) === "assume" || program.kind === "functions") {
    return { entry, host, artifact, program, bound };
  }
  const checked = await unit.checked();
  return { entry, host: hostOf(checked.artifact, kernel), ...checked, bound };
}

const hostOf = (artifact: Artifact, name: string): Func =>
  funcNamed(artifact.program, name) ?? bug(`no launch program @${name}`);

function noKernel(artifact: Artifact, kernel: string): LaunchError {
  const names = artifact.entries.map((e) => e.name).join(", ");
  return new LaunchError("TG3016", artifact.file, `there is no kernel ${kernel}; the file has ${names || "none"}`);
}

/** The launch program with its arguments on the device, for `runHost` and `runHostSync`. */
export function hostRun(
  { host, artifact, bound }: Prepared,
  program: KernelProgram,
  args: readonly KernelArg[],
): HostRun {
  return { module: artifact.program, host, program, args, names: bound.args.map((a) => a.name) };
}

async function runKernels(prepared: Prepared, program: KernelProgram): Promise<unknown> {
  const { entry, host, artifact, bound } = prepared;
  const inCopy = mayFail(artifact.program, host);
  const placed: { readonly arg: ArrayArgument; readonly array: DeviceArray }[] = [];
  try {
    const args = bound.args.map((arg): KernelArg => {
      if (arg.kind === "scalar") return arg.value;
      // The user's own memory must not change when the kernel fails half-way.
      const array = place(entry, program, arg, inCopy && arg.borrowed && arg.written);
      placed.push({ arg, array });
      return array;
    });
    const { results } = await runHost(hostRun(prepared, program, args));
    for (const { arg, array } of placed) if (arg.written) program.download(array, arg.data);
    return resultOf(entry, results);
  } finally {
    for (const { array } of placed) program.free(array);
  }
}

/** The array on the device. @throws LaunchError (TG3014) when it does not fit. */
export function place(entry: Entry, program: KernelProgram, arg: ArrayArgument, asCopy: boolean): DeviceArray {
  try {
    if (!asCopy) return program.wrap(arg.elem, arg.shape, arg.data);
    const array = program.alloc(arg.elem, arg.shape);
    program.upload(array, arg.data);
    return array;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `no memory for ${arg.name}, ${arg.shape.join(" × ")} ${arg.elem}`;
    throw new LaunchError("TG3014", entry.name, message, arg.name, { cause });
  }
}

export const resultOf = (entry: Entry, results: readonly Datum[]): unknown =>
  entry.result === null ? undefined : compose(entry.result, results.values() as Iterator<Datum, undefined>);

function runFunction({ entry, bound }: Prepared, program: FunctionProgram): unknown {
  const nested = nestArguments(
    entry,
    bound.args.map((arg) => (arg.kind === "scalar" ? { value: arg.value } : arg)),
  );
  const result = functionOf(program, entry.name)(...nested.values);
  nested.gather();
  return result;
}

export const functionOf = (program: FunctionProgram, name: string): ((...args: unknown[]) => unknown) =>
  program.functions[name] ?? bug(`the JavaScript has no function ${name}`);

/** The arguments of a plain function over the leaves' data; `gather` brings back what is not a view of the data. */
export function nestArguments(
  entry: Entry,
  data: readonly LeafData[],
): { readonly values: readonly unknown[]; readonly gather: () => void } {
  let next = 0;
  const params = entry.params.map((param) => {
    const leaves = leavesOf(param.name, param.type);
    const own = data.slice(next, next + leaves.length);
    next += leaves.length;
    return { access: param.access, leaves, own, value: nest(param.type, own) };
  });
  return {
    values: params.map((p) => p.value),
    gather() {
      for (const { access, leaves, own, value } of params) {
        if (access !== "write" && access !== "readwrite") continue;
        leaves.forEach((leaf, k) => {
          const to = own[k];
          if (to !== undefined && "data" in to) gatherArray(leaf, value, to.shape, to.data);
        });
      }
    },
  };
}
