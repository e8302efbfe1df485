/** What can be wrong with a launch: the one table of codes, and the error that carries them. */

/** Each code with what it means and what to do about it. Codes are stable; the docs and tests name them. */
export const launchErrors = {
  TG3001: { meaning: "wrong number of arguments", help: "pass one argument for each parameter of the kernel" },
  TG3002: {
    meaning: "an argument of the wrong kind",
    help: "scalars are numbers, structs objects with the same fields, arrays nested arrays, typed arrays or NdArrays",
  },
  TG3003: {
    meaning: "a number outside of its integer type",
    help: "i32, u32 and index take integers in their range; convert with Math.trunc, `| 0` or `>>> 0` before the call",
  },
  TG3004: {
    meaning: "a typed array of another element type",
    help: "f64, index: Float64Array; f32: Float32Array; f16: Float16Array, or Uint16Array with its bits; i32: Int32Array; u32: Uint32Array; bool: Uint8Array",
  },
  TG3005: {
    meaning: "another number of axes than the parameter has",
    help: "nest one array per axis, or give a typed array its shape: array(data, [rows, columns])",
  },
  TG3006: { meaning: "rows of different lengths", help: "make all rows of an axis equally long" },
  TG3007: {
    meaning: "a typed array whose buffer is detached",
    help: "it was transferred to a worker, or its memory was resized: pass an array that still has its memory",
  },
  TG3008: { meaning: "a hole, or an element of the wrong kind", help: "fill every element before the call" },
  TG3009: {
    meaning: "arguments that overlap, though the kernel writes one of them",
    help: "pass a copy: `structuredClone(rows)` or `data.slice()`; rows made by `.fill(row)` are all one row",
  },
  TG3010: { meaning: "an axis longer than 2147483647", help: "split the array" },
  TG3011: { meaning: "a frozen array that the kernel writes", help: "pass an array that can be written" },
  TG3012: { meaning: "sizes for which an access is certain to be outside its array", help: "check the sizes passed" },
  TG3013: { meaning: "an access outside of its array", help: "nothing was written back; check the index at that line" },
  TG3014: {
    meaning: "out of memory",
    help: "the arrays and temporaries do not fit: use smaller sizes or another target",
  },
  TG3015: {
    meaning: "a target that this machine does not have, or whose toolchain failed",
    help: "`npx tsgpu targets` says what to install",
  },
  TG3016: { meaning: "no such file or kernel", help: "kernels are the exported functions of the file" },
  TG3017: { meaning: "a device that failed", help: "this is a bug in tsgpu or in its toolchain: please report it" },
  TG3018: {
    meaning: "an option that there is not, or a value that it does not take",
    help: "write one of those named",
  },
  TG3019: {
    meaning: "a derivative of what is no kernel",
    help: "pass a function as `load` gave it, or one that was imported under tsgpu/register",
  },
  TG3020: {
    meaning: "a derivative on target node",
    help: "load the file for another target: native, wasm, c or interp",
  },
  TG3021: {
    meaning: "a gradient of a kernel that returns no float",
    help: "let the kernel return its loss, or call vjp with cotangents of the arrays that it writes",
  },
  TG3022: {
    meaning: "cotangents, tangents or adjoints by other names than the derivative takes",
    help: "give one for each name in `of` or `wrt`",
  },
  TG3023: {
    meaning: "a cotangent, tangent or adjoint of another shape than its array",
    help: "give it the shape of the argument",
  },
  TG3024: {
    meaning: "sizes for which a gradient would keep more than its `tapeBudget`",
    help: "raise `tapeBudget`, or let the gradient keep less: by `undo: true`, by loops that can run again from snapshots, by `stopGradient`",
  },
  TG3025: {
    meaning: "a data race: two threads access one element, one of them writes, and nothing orders the two",
    help: "let the threads loop end between the two, which is a barrier, give each thread elements of its own, or reduce with `op=`",
  },
  TG3026: {
    meaning: "a read of a shared or local array's element that nobody has written",
    help: "write all elements first, or do not ask for it: the language makes these arrays of zeros",
  },
  TG3027: {
    meaning:
      "what a GPU has no room for: sizes and indices beyond 2^30, arrays of 2^31 elements; on WebGPU f64, and an array larger than its bindings",
    help: 'split the array, compile with `real: "f32"`, or take another target',
  },
  TG3028: {
    meaning: "a GPU that was lost",
    help: "start the program anew; the kernel named here broke it, which is a bug in tsgpu: please report it",
  },
} as const satisfies Readonly<Record<string, { readonly meaning: string; readonly help: string }>>;

export type LaunchCode = keyof typeof launchErrors;

/**
 * Thrown when a kernel cannot be launched or fails while it runs; the arguments are unchanged then.
 *
 * ```ts
 * try {
 *   await gemm(1, 0, C, A, B);
 * } catch (error) {
 *   if (error instanceof LaunchError && error.code === "TG3006") console.log(error.argument, "is ragged");
 * }
 * ```
 */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
  readonly code: LaunchCode;
  /** The kernel, or the file where there is no kernel yet. */
  readonly kernel: string;
  /** The parameter that the argument was for. */
  readonly argument: string | undefined;

  /** `message` is about the user's call: lower case, no full stop. `help` stands for that of the code, where more is known. */
  constructor(
    code: LaunchCode,
    kernel: string,
    message: string,
    argument?: string,
    { help, ...options }: ErrorOptions & { readonly help?: string } = {},
  ) {
    super(`${code}: ${kernel}: ${message}\n  help: ${help ?? launchErrors[code].help}`, options);
    this.code = code;
    this.kernel = kernel;
    this.argument = argument;
  }
}
