/**
 * A kernel with its arguments resident on the device, for benchmarks: runs it synchronously, as often as wanted, and
 * measures the kernel alone. Not part of the public face; `jit` makes the unit.
 *
 *   const unit = await jit("polybench/kernels/gemm.ts", { target: "native" });
 *   const run = await makeResident(unit, "gemm", [1.5, 1.2, C, A, B]);
 *   const seconds = [];
 *   for (let k = 0; k < 5; k++) {
 *     run.reset();
 *     seconds.push(run.run());
 *   }
 *   run.download();  // C holds the result of the last run
 *   run.dispose();
 */
import type { Datum } from "../compiler/ir/eval.ts";
import type { ArrayArgument } from "./arguments.ts";
import type { Flat } from "./array.ts";
import { functionOf, hostRun, nestArguments, type Prepared, place, prepare, resultOf, type Unit } from "./call.ts";
import type { DeviceArray, FunctionProgram, KernelProgram, Later, Statements } from "./device.ts";
import { type HostResult, runHost, runHostSync } from "./host.ts";

export interface Resident {
  /** Puts the arguments as they were passed to `makeResident` back into the device's arrays that the kernel writes. */
  reset(): void;
  /**
   * Runs the kernel once, on the arrays as they are: on the calling thread, unless the device answers later (device.ts).
   *
   * @returns the seconds that the kernels alone took: no copies, no allocation, no binding of arguments.
   * @throws LaunchError when an access is out of bounds.
   */
  run(): Later<number>;
  /** What the last run executed, on devices that count. */
  statements(): Statements | null;
  /** Writes the device's arrays into the arguments, as a call would, and gives the last run's result. */
  download(): Later<unknown>;
  /** Frees the device's arrays; the unit stays. */
  dispose(): void;
}

/**
 * Checks the arguments as a call does and copies them to the device; the arguments are changed by `download` only.
 *
 * @throws LaunchError
 */
export async function makeResident(unit: Unit, kernel: string, values: readonly unknown[]): Promise<Resident> {
  const prepared = await prepare(unit, kernel, values);
  const { program } = prepared;
  return program.kind === "kernels" ? residentKernels(prepared, program) : residentFunction(prepared, program);
}

/** An array argument with the values that `reset` brings back: `data` itself will be overwritten by `download`. */
const withInitial = (arg: ArrayArgument): { readonly arg: ArrayArgument; readonly initial: Flat } => ({
  arg,
  initial: arg.written ? arg.data.slice() : arg.data,
});

function residentKernels(prepared: Prepared, program: KernelProgram): Resident {
  const { entry, bound } = prepared;
  const arrays: { readonly arg: ArrayArgument; readonly initial: Flat; readonly array: DeviceArray }[] = [];
  const dispose = (): void => {
    for (const { array } of arrays.splice(0)) program.free(array);
  };
  try {
    const args = bound.args.map((arg) => {
      if (arg.kind === "scalar") return arg.value;
      const array = place(entry, program, arg, true);
      arrays.push({ ...withInitial(arg), array });
      return array;
    });
    const run = hostRun(prepared, program, args);
    let results: readonly Datum[] = [];
    let statements: Statements | null = null;
    const keep = (done: HostResult): number => {
      ({ results, statements } = done);
      return done.seconds;
    };
    const deliver = (): unknown => {
      bound.writeBack();
      return results.length > 0 ? resultOf(entry, results) : undefined;
    };
    return {
      reset() {
        for (const { arg, initial, array } of arrays) if (arg.written) program.upload(array, initial);
      },
      run() {
        if (program.finish === undefined) return keep(runHostSync(run));
        return runHost(run).then(keep);
      },
      statements: () => statements,
      download() {
        const waits = arrays.map(({ arg, array }) => (arg.written ? program.download(array, arg.data) : undefined));
        return program.finish === undefined ? deliver() : Promise.all(waits).then(deliver);
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

function residentFunction({ entry, bound }: Prepared, program: FunctionProgram): Resident {
  const own = bound.args.map((arg) =>
    arg.kind === "scalar" ? arg : { kind: arg.kind, shape: arg.shape, data: arg.data.slice(), ...withInitial(arg) },
  );
  const f = functionOf(program, entry.name);
  let nested = nestArguments(entry, own);
  let result: unknown;
  return {
    reset() {
      for (const a of own) if (a.kind === "array" && a.arg.written) a.data.set(a.initial);
      nested = nestArguments(entry, own);
    },
    run() {
      const { values } = nested;
      const start = performance.now();
      result = f(...values);
      return (performance.now() - start) / 1000;
    },
    statements: () => null,
    download() {
      nested.gather();
      for (const a of own) if (a.kind === "array" && a.arg.written) a.arg.data.set(a.data);
      bound.writeBack();
      return result;
    },
    dispose() {},
  };
}
