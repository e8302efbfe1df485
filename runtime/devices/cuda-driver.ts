/**
 * The part of CUDA's driver API that tsgpu calls, as one table of C declarations, and the way to find the library, which
 * comes with NVIDIA's driver. Nothing of the CUDA toolkit is needed.
 *
 * The library and koffi are loaded at the first call and kept: the only state here. All functions have been there since CUDA 11;
 * a name that ends in `_v2` is what cuda.h makes of the name without.
 */
import { type Koffi, loadKoffi } from "../../compiler/backend/libllvm-api.ts";

/** Functions with their parameters, in koffi's notation. All return a CUresult. */
export const cudaFunctions = {
  cuInit: "unsigned int flags",
  cuDriverGetVersion: "_Out_ int *version",
  cuGetErrorName: "int result, _Out_ const char **text",
  cuGetErrorString: "int result, _Out_ const char **text",
  cuDeviceGetCount: "_Out_ int *count",
  cuDeviceGet: "_Out_ int *device, int ordinal",
  cuDeviceGetName: "void *name, int length, int device",
  cuDeviceGetAttribute: "_Out_ int *value, int attribute, int device",
  cuDeviceTotalMem_v2: "_Out_ size_t *bytes, int device",
  cuDevicePrimaryCtxRetain: "_Out_ void **context, int device",
  cuDevicePrimaryCtxRelease_v2: "int device",
  cuCtxSetCurrent: "void *context",
  cuModuleLoadDataEx: "_Out_ void **module, void *image, unsigned int count, void *options, void *values",
  cuModuleUnload: "void *module",
  cuModuleGetFunction: "_Out_ void **function, void *module, const char *name",
  cuFuncGetAttribute: "_Out_ int *value, int attribute, void *function",
  cuLaunchKernel:
    "void *function, unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx, unsigned int by, unsigned int bz, " +
    "unsigned int sharedBytes, void *stream, void *params, void *extra",
  cuStreamCreate: "_Out_ void **stream, unsigned int flags",
  cuStreamSynchronize: "void *stream",
  cuEventCreate: "_Out_ void **event, unsigned int flags",
  cuEventRecord: "void *event, void *stream",
  cuEventQuery: "void *event",
  cuEventSynchronize: "void *event",
  cuEventElapsedTime: "_Out_ float *milliseconds, void *start, void *end",
  cuMemGetInfo_v2: "_Out_ size_t *free, _Out_ size_t *total",
  cuMemAlloc_v2: "_Out_ uint64_t *address, size_t bytes",
  cuMemFree_v2: "uint64_t address",
  cuMemHostAlloc: "_Out_ void **address, size_t bytes, unsigned int flags",
  cuMemcpyHtoDAsync_v2: "uint64_t to, const void *from, size_t bytes, void *stream",
  cuMemcpyDtoHAsync_v2: "void *to, uint64_t from, size_t bytes, void *stream",
  cuMemcpyDtoDAsync_v2: "uint64_t to, uint64_t from, size_t bytes, void *stream",
  cuMemsetD8Async: "uint64_t at, unsigned char value, size_t bytes, void *stream",
} as const;

export type CudaCall = keyof typeof cudaFunctions;

/** An address or handle that the driver gave us. */
export type Handle = bigint;

export interface CudaDriver {
  /** What the dynamic linker was asked for. */
  readonly path: string;
  /** The newest CUDA that the driver knows, as 12.4. */
  readonly version: string;
  readonly koffi: Koffi;
  /** Calls a function. @throws CudaError unless it succeeds. */
  readonly call: (name: CudaCall, ...args: readonly unknown[]) => void;
  /** The same, with the result for a caller to whom not every other one is a failure. */
  readonly result: (name: CudaCall, ...args: readonly unknown[]) => number;
  /** The error of a call that gave this result. */
  readonly error: (name: CudaCall, result: number) => CudaError;
  /** Calls a function whose first parameter is an out-parameter, for what it puts there. */
  readonly get: (name: CudaCall, ...args: readonly unknown[]) => unknown;
}

export const success = 0;
export const outOfMemory = 2;
export const notReady = 600;

/** A driver call that failed: `cuLaunchKernel: CUDA_ERROR_INVALID_VALUE (1): invalid argument`. */
export class CudaError extends Error {
  override readonly name = "CudaError";
  readonly call: CudaCall;
  readonly result: number;
  constructor(call: CudaCall, result: number, text: string) {
    super(`${call}: ${text}`);
    this.call = call;
    this.result = result;
  }
}

/**
 * Results after which a context is of no use any more: the memory may be damaged, and every later call gives the same.
 * (cuda.h says at each: "the process must be terminated and relaunched".)
 */
const sticky: ReadonlySet<number> = new Set([214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 911]);
export const isSticky = ({ result }: CudaError): boolean => sticky.has(result);

function open(koffi: Koffi, path: string): CudaDriver {
  const library = koffi.load(path);
  const bound = Object.fromEntries(
    Object.entries(cudaFunctions).map(([name, parameters]) => [name, library.func(`int ${name}(${parameters})`)]),
  ) as Record<string, unknown> as Readonly<Record<CudaCall, (...args: readonly unknown[]) => number>>;
  const text = (name: "cuGetErrorName" | "cuGetErrorString", result: number): string => {
    const out: [string | null] = [null];
    return bound[name](result, out) === success ? (out[0] ?? "") : "";
  };
  const error = (name: CudaCall, result: number): CudaError => {
    const known = text("cuGetErrorName", result) || "unknown result";
    return new CudaError(name, result, `${known} (${result}): ${text("cuGetErrorString", result) || "no description"}`);
  };
  const call: CudaDriver["call"] = (name, ...args) => {
    const result = bound[name](...args);
    if (result !== success) throw error(name, result);
  };
  const get: CudaDriver["get"] = (name, ...args) => {
    const out: [unknown] = [null];
    call(name, out, ...args);
    return out[0];
  };
  call("cuInit", 0);
  const version = get("cuDriverGetVersion") as number;
  return {
    path,
    version: `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`,
    koffi,
    call,
    result: (name, ...args) => bound[name](...args),
    error,
    get,
  };
}

/** What the driver's library is called here. WSL keeps it where the dynamic linker does not look. */
function candidates(): readonly string[] {
  if (process.platform === "win32") return ["nvcuda.dll"];
  return ["libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"];
}

function search(): CudaDriver | string {
  const wish = process.env.TSGPU_CUDA || undefined;
  if (wish === "none") return "TSGPU_CUDA=none turns CUDA off";
  const reasons: string[] = [];
  try {
    const koffi = loadKoffi();
    for (const path of wish === undefined ? candidates() : [wish]) {
      try {
        const driver = open(koffi, path);
        if ((driver.get("cuDeviceGetCount") as number) > 0) return driver;
        reasons.push(`${path} finds no GPU`);
      } catch (error) {
        // A driver that is there but fails says more than one that is not.
        if (error instanceof CudaError) reasons.unshift(`${path} cannot be used: ${error.message}`);
        else reasons.push(`${path}: ${messageOf(error)}`);
      }
    }
  } catch (error) {
    return `koffi cannot be loaded: ${messageOf(error)}`;
  }
  if (wish !== undefined) return `TSGPU_CUDA names ${reasons[0]}`;
  const advice = "it comes with NVIDIA's driver; TSGPU_CUDA=/path/to/libcuda.so.1 names one";
  return `CUDA's driver library was not found or has no GPU (${advice}): ${reasons[0]}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let found: CudaDriver | string | undefined;

/** Why target cuda cannot run here, in words for a user; null when it can. */
export function whyNotCuda(): string | null {
  found ??= search();
  return typeof found === "string" ? found : null;
}

/** The driver of this machine. @throws Error with `whyNotCuda` where there is none. */
export function needCuda(): CudaDriver {
  found ??= search();
  if (typeof found === "string") throw new Error(found);
  return found;
}
