/**
 * From a kernel file to a loaded program: compiled once per process and options. The only file of the runtime that
 * knows the compiler, which it imports when it first compiles: loading `tsgpu` loads no TypeScript.
 */
import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Artifact, TargetName } from "../compiler/artifact.ts";
import type { CompileOptions } from "../compiler/index.ts";
import { throughCache } from "./cache.ts";
import type { Unit } from "./call.ts";
import type { Device, Settings } from "./device.ts";
import { LaunchError } from "./launch-error.ts";

/** How to compile a file, and for what: plain data, and part of the cache's key. */
type Options = Partial<
  Pick<
    CompileOptions,
    "target" | "mode" | "real" | "types" | "kernels" | "derivative" | "deterministic" | "cc" | "llvm" | "memory"
  >
>;

export interface JitOptions extends Options, Settings {
  /** Whether the compile cache on disk is used; it is when not given. */
  readonly cache?: boolean;
}

/** The devices by target; each is loaded when first asked for, as native loads koffi and interp the interpreter. */
const devices: Readonly<Record<TargetName, () => Promise<Device>>> = {
  native: async () => (await import("./devices/native.ts")).native,
  c: async () => (await import("./devices/native.ts")).c,
  wasm: async () => (await import("./devices/wasm.ts")).wasm,
  interp: async () => (await import("./devices/interp.ts")).interp,
  node: async () => (await import("./devices/node.ts")).node,
  cuda: async () => (await import("./devices/cuda.ts")).cuda,
  webgpu: async () => (await import("./devices/webgpu.ts")).webgpu,
  simulator: async () => (await import("./devices/simulator.ts")).simulator,
  "ptx-emulator": async () => (await import("./devices/ptx-emulator.ts")).ptxEmulator,
};

/** A unit, and whether its artifact comes from the compile cache. */
export interface JitUnit extends Unit {
  readonly cached: boolean;
}

const units = new Map<string, Promise<JitUnit>>();

/**
 * Compiles a kernel file and loads the code. The same file and options give the same unit; a failure is not kept, so
 * that a file can be mended. Without a `target`: native where libLLVM is found, otherwise wasm.
 *
 * @throws CompileError with all diagnostics; LaunchError when there is no such file or target here.
 */
export async function jit(file: string | URL, options: JitOptions = {}): Promise<JitUnit> {
  const path = sourcePath(file);
  const target = options.target ?? (await defaultTarget());
  const key = JSON.stringify([path, Object.entries({ ...options, target }).sort()]);
  let unit = units.get(key);
  if (unit === undefined) {
    unit = compileUnit(path, { ...options, target });
    units.set(key, unit);
    unit.catch(() => units.delete(key));
  }
  return unit;
}

/** Loads an artifact. `recompile` makes the version of it that checks every access, when a call needs it. */
export async function loadUnit(
  artifact: Artifact,
  recompile: () => Promise<Artifact>,
  settings: Settings = {},
): Promise<Unit> {
  const device = await devices[artifact.target]();
  let checked: Promise<Unit> | undefined;
  const unit: Unit = {
    artifact,
    program: await device.load(artifact, settings),
    checked() {
      checked ??= recompile().then(async (all) => {
        const program = await device.load(all, settings);
        return { artifact: all, program, checked: async (): Promise<Unit> => unit };
      });
      return checked;
    },
  };
  return unit;
}

async function compileUnit(
  file: string,
  { cache, seed, unwritten, device, ...options }: JitOptions & { readonly target: TargetName },
): Promise<JitUnit> {
  if (options.target === "native") await requireNative(file);
  const gpu = options.target === "cuda" ? await cudaArch(file, device) : null;
  const { fingerprint } = await import("../compiler/fingerprint.ts");
  const by = await fingerprint(options);
  const memory = typeof SharedArrayBuffer === "undefined" ? "unshared" : "shared";
  const make = (checks: "assume" | "all"): Promise<{ readonly value: Artifact; readonly cached: boolean }> => {
    // Whether an option is given or left at its default makes no difference.
    const defaults = { mode: "contract", real: "f64", deterministic: false, memory } as const;
    const gpuArch = gpu === null ? {} : { gpuArch: gpu };
    const all = { ...defaults, ...options, ...budgeted(options), ...gpuArch, checks };
    const made = throughCache(
      { file, product: "artifact", options: all, ...by },
      async (readFile) => {
        const { archFor, compile } = await import("../compiler/index.ts");
        return compile({ file, readFile }, gpu === null ? all : { ...all, gpuArch: archFor(gpu) });
      },
      cache === false ? null : undefined,
    );
    return made.catch((error: unknown) => refuse(file, error));
  };
  const { value, cached } = await make("assume");
  const settings = {
    ...(seed !== undefined && { seed }),
    ...(unwritten !== undefined && { unwritten }),
    ...(device !== undefined && { device }),
  };
  return { ...(await loadUnit(value, async () => (await make("all")).value, settings)), cached };
}

/** The request for a derivative with what its tape may well take: an eighth of the memory here, and at most a gibibyte. */
function budgeted({ derivative }: Options): Pick<Options, "derivative"> {
  if (derivative === undefined) return {};
  return { derivative: { spare: Math.min(2 ** 30, Math.floor(totalmem() / 8)), ...derivative } };
}

/** The program's diagnostics and the compiler's bugs have classes of their own; plain errors are the toolchain's. */
function refuse(file: string, error: unknown): never {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  throw new LaunchError("TG3015", file, error.message, undefined, { cause: error });
}

/** Asked for before compiling, which would fail as well, but not say so well. */
async function requireNative(file: string): Promise<void> {
  const { whyNotNative } = await import("./devices/native.ts");
  const why = whyNotNative();
  if (why !== null) throw new LaunchError("TG3015", file, why);
}

/** The architecture of the GPU that is to run it. Asked for before compiling as well. */
async function cudaArch(file: string, device: number | undefined): Promise<string> {
  const { cudaInfo } = await import("./devices/cuda.ts");
  try {
    return cudaInfo(device).arch;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new LaunchError("TG3015", file, cause.message, undefined, { cause });
  }
}

/** Where kernels run when nobody says: native where libLLVM is found, otherwise wasm. */
export async function defaultTarget(): Promise<TargetName> {
  const { whyNotNative } = await import("./devices/native.ts");
  return whyNotNative() === null ? "native" : "wasm";
}

/** The absolute path of the TypeScript file that a path or URL names; `gemm.js` stands for the `gemm.ts` beside it. */
export function sourcePath(file: string | URL): string {
  const isUrl = file instanceof URL || file.startsWith("file:");
  if (file instanceof URL && file.protocol !== "file:") {
    throw new LaunchError("TG3016", file.href, "kernels are loaded from files: this is no file: URL");
  }
  const path = isUrl ? fileURLToPath(file) : resolve(file as string);
  const source = path.replace(/\.(c|m)?js$/, ".$1ts");
  if (existsSync(source)) return source;
  throw new LaunchError("TG3016", path, source === path ? "there is no such file" : `there is no ${source} beside it`);
}
