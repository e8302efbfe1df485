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
import { type HostRun, runHost } from "./host.ts";
import { mayFail } from "./host-memory.ts";
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

/** Runs a call when those before it have ended. */
export function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const turn = last.then(run);
  last = turn.catch(() => {});
  return turn;
}

/** Runs the kernel and gives its result. @throws LaunchError; the arguments are unchanged then. */
export function call(unit: Unit, kernel: string, values: readonly unknown[]): Promise<unknown> {
  return inTurn(async () => {
    const prepared = await prepare(unit, kernel, values);
    const result = await runPrepared(prepared);
    prepared.bound.writeBack();
    return result;
  });
}

/** Checks the arguments, and picks the version of the kernel that their sizes ask for. */
export const prepare = (unit: Unit, kernel: string, values: readonly unknown[]): Promise<Prepared> =>
  prepareBound(unit, kernel, (entry, host) => bindArguments(entry, host, values));

/** The same for arguments that the caller binds. */
export async function prepareBound(
  unit: Unit,
  kernel: string,
  bind: (entry: Entry, host: Func) => Bound,
): Promise<Prepared> {
  const { artifact, program } = unit;
  const entry = entryOf(artifact, kernel);
  const host = hostOf(artifact, kernel);
  const bound = bind(entry, host);
  // Plain JavaScript has no unchecked version to be wrong.
  if (decideVersion(host, bound) === "assume" || program.kind === "functions") {
    return { entry, host, artifact, program, bound };
  }
  const checked = await unit.checked();
  return { entry, host: hostOf(checked.artifact, kernel), ...checked, bound };
}

/** Runs a call that is prepared: its results are in the arguments' data then, not yet in what they were read from. */
export async function runPrepared(prepared: Prepared): Promise<unknown> {
  const { program } = prepared;
  return program.kind === "kernels" ? runKernels(prepared, program) : runFunction(prepared, program);
}

/** The entry of that name. @throws LaunchError (TG3016) */
export function entryOf(artifact: Artifact, kernel: string): Entry {
  const entry = artifact.entries.find((e) => e.name === kernel);
  if (entry !== undefined) return entry;
  const names = artifact.entries.map((e) => e.name).join(", ");
  throw new LaunchError("TG3016", artifact.file, `there is no kernel ${kernel}; the file has ${names || "none"}`);
}

const hostOf = (artifact: Artifact, name: string): Func =>
  funcNamed(artifact.program, name) ?? bug(`no launch program @${name}`);

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
    for (const { arg, array } of placed) if (arg.written) await program.download(array, arg.data);
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
