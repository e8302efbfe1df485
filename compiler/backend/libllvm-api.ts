/**
 * The part of libLLVM's C API that tsgpu calls, as one table of C declarations, and the way to find the library.
 *
 * The library and koffi are loaded at the first call and kept: the only state here. LLVM 19 to 22 are supported; every
 * function of the table exists in all of them with the same meaning.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, isAbsolute, join } from "node:path";

/** An address that LLVM gave us; koffi passes addresses as integers, and the null pointer as null. */
export type Pointer = bigint | null;

export type Koffi = typeof import("koffi");

const oldest = 19;
const newest = 22;

/** koffi runs C on stacks of its own, by default of 128 KiB off the main thread; LLVM and kernels expect a usual one. */
const stackSize = 8 << 20;

let loadedKoffi: Koffi | null = null;
/** The foreign function interface, loaded and set up at the first call. */
export function loadKoffi(): Koffi {
  if (loadedKoffi === null) {
    loadedKoffi = createRequire(import.meta.url)("koffi") as Koffi;
    loadedKoffi.config({ sync_stack_size: stackSize, async_stack_size: stackSize });
  }
  return loadedKoffi;
}

/** C functions by what they return: each with its parameters, in koffi's notation. */
const returningPointer = {
  LLVMContextCreate: "",
  LLVMGetDefaultTargetTriple: "",
  LLVMNormalizeTargetTriple: "const char *triple",
  LLVMGetHostCPUName: "",
  LLVMGetHostCPUFeatures: "",
  LLVMCreateMemoryBufferWithMemoryRangeCopy: "const void *bytes, size_t size, const char *name",
  LLVMGetBufferStart: "void *buffer",
  LLVMPrintModuleToString: "void *module",
  LLVMGetDiagInfoDescription: "void *info",
  LLVMCreateTargetMachine:
    "void *target, const char *triple, const char *cpu, const char *features, int level, int reloc, int model",
  LLVMCreateTargetDataLayout: "void *machine",
  LLVMCreatePassBuilderOptions: "",
  LLVMRunPasses: "void *module, const char *passes, void *machine, void *options",
  LLVMGetErrorMessage: "void *error",
  LLVMOrcCreateLLJIT: "_Out_ void **jit, void *builder",
  LLVMOrcDisposeLLJIT: "void *jit",
  LLVMOrcLLJITGetMainJITDylib: "void *jit",
  LLVMOrcLLJITGetExecutionSession: "void *jit",
  LLVMOrcLLJITAddObjectFile: "void *jit, void *dylib, void *buffer",
  LLVMOrcLLJITLookup: "void *jit, _Out_ uint64_t *address, const char *name",
  LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess:
    "_Out_ void **generator, char prefix, void *filter, void *context",
} as const;

const returningInt = {
  LLVMParseIRInContext: "void *context, void *buffer, _Out_ void **module, _Out_ void **message",
  LLVMVerifyModule: "void *module, int action, _Out_ void **message",
  LLVMGetTargetFromTriple: "const char *triple, _Out_ void **target, _Out_ void **message",
  LLVMTargetMachineEmitToMemoryBuffer:
    "void *machine, void *module, int fileType, _Out_ void **message, _Out_ void **buffer",
  LLVMGetDiagInfoSeverity: "void *info",
} as const;

const returningSize = {
  LLVMGetBufferSize: "void *buffer",
} as const;

const returningNothing = {
  LLVMGetVersion: "_Out_ uint32_t *major, _Out_ uint32_t *minor, _Out_ uint32_t *patch",
  LLVMDisposeMessage: "void *message",
  LLVMContextDispose: "void *context",
  LLVMContextSetDiagnosticHandler: "void *context, void *handler, void *user",
  LLVMDisposeModule: "void *module",
  LLVMDisposeMemoryBuffer: "void *buffer",
  LLVMSetTarget: "void *module, const char *triple",
  LLVMSetModuleDataLayout: "void *module, void *layout",
  LLVMDisposeTargetData: "void *layout",
  LLVMDisposeTargetMachine: "void *machine",
  LLVMPassBuilderOptionsSetLoopInterleaving: "void *options, int on",
  LLVMPassBuilderOptionsSetLoopVectorization: "void *options, int on",
  LLVMPassBuilderOptionsSetSLPVectorization: "void *options, int on",
  LLVMPassBuilderOptionsSetLoopUnrolling: "void *options, int on",
  LLVMDisposePassBuilderOptions: "void *options",
  LLVMDisposeErrorMessage: "void *message",
  LLVMOrcJITDylibAddGenerator: "void *dylib, void *generator",
  LLVMOrcExecutionSessionSetErrorReporter: "void *session, void *reporter, void *user",
} as const;

type Functions<Table, Result> = Readonly<Record<keyof Table, (...args: readonly unknown[]) => Result>>;

/** The bound functions. Out-parameters are arrays of one element that the call fills. */
export type LLVMApi = Functions<typeof returningPointer, Pointer> &
  Functions<typeof returningInt, number> &
  Functions<typeof returningSize, number> &
  Functions<typeof returningNothing, void>;

export interface LibLLVM {
  readonly path: string;
  readonly version: readonly [major: number, minor: number, patch: number];
  readonly api: LLVMApi;
  readonly koffi: Koffi;
  /** Calls `LLVMInitialize<arch><part>` for all parts of a back end, once; throws when the library was built without it. */
  readonly initialise: (arch: string) => void;
}

/** Where the library may be: names for the dynamic linker first, then folders it does not search. */
function candidates(): string[] {
  const versions = Array.from({ length: newest - oldest + 1 }, (_, i) => oldest + i);
  const inPath = versions.flatMap((v) => [`libLLVM.so.${v}.1`, `libLLVM-${v}.so`, `libLLVM-${v}.so.1`]);
  const folders = versions.flatMap((v) => [
    `/usr/lib/llvm-${v}/lib/libLLVM.so.1`,
    `/usr/lib64/llvm${v}/lib64/libLLVM.so.${v}.1`,
    `/opt/homebrew/opt/llvm@${v}/lib/libLLVM.dylib`,
    `/usr/local/opt/llvm@${v}/lib/libLLVM.dylib`,
  ]);
  const unversioned = ["/opt/homebrew/opt/llvm/lib/libLLVM.dylib", "/usr/local/opt/llvm/lib/libLLVM.dylib"];
  return [...inPath, ...[...folders, ...unversioned].filter(existsSync)];
}

function open(koffi: Koffi, path: string): LibLLVM {
  const library = koffi.load(path);
  const bind = (result: string, table: Readonly<Record<string, string>>): Record<string, unknown> => {
    const functions: Record<string, unknown> = {};
    for (const [name, parameters] of Object.entries(table)) {
      functions[name] = library.func(`${result}${name}(${parameters})`);
    }
    return functions;
  };
  const api = {
    ...bind("void *", returningPointer),
    ...bind("int ", returningInt),
    ...bind("size_t ", returningSize),
    ...bind("void ", returningNothing),
  } as LLVMApi;
  const [major, minor, patch] = [[0], [0], [0]];
  api.LLVMGetVersion(major, minor, patch);
  const version = [major![0]!, minor![0]!, patch![0]!] as const;
  if (version[0] < oldest || version[0] > newest) {
    throw new Error(`it is LLVM ${version.join(".")}, and tsgpu knows ${oldest} to ${newest}`);
  }
  const ready = new Set<string>();
  const initialise = (arch: string): void => {
    if (ready.has(arch)) return;
    for (const part of ["TargetInfo", "Target", "TargetMC", "AsmPrinter"]) {
      try {
        library.func(`void LLVMInitialize${arch}${part}()`)();
      } catch {
        throw new Error(`${path} was built without LLVM's ${arch} back end`);
      }
    }
    ready.add(arch);
  };
  return { path, version, api, koffi, initialise };
}

function search(): LibLLVM | string {
  const wish = process.env.TSGPU_LIBLLVM;
  if (wish === "none") return "TSGPU_LIBLLVM=none turns libLLVM off";
  const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  let koffi: Koffi;
  try {
    koffi = loadKoffi();
  } catch (error) {
    return `koffi cannot be loaded: ${message(error)}`;
  }
  if (wish !== undefined && wish !== "") {
    try {
      return open(koffi, wish);
    } catch (error) {
      return `TSGPU_LIBLLVM=${wish} cannot be used: ${message(error)}`;
    }
  }
  const unusable: string[] = [];
  for (const path of candidates()) {
    try {
      return open(koffi, path);
    } catch (error) {
      if (existsSync(path) || !/cannot open|no such file|not found/i.test(message(error))) {
        unusable.push(`; ${path} cannot be used: ${message(error)}`);
      }
    }
  }
  const advice = "`npm run setup` installs it; TSGPU_LIBLLVM=/path/to/libLLVM.so names one";
  return `libLLVM ${oldest} to ${newest} was not found (${advice})${unusable.join("")}`;
}

let found: LibLLVM | string | null = null;

/** The LLVM library of this machine; null when there is none. `TSGPU_LIBLLVM` names one, or `none`. */
export function findLibLLVM(): LibLLVM | null {
  found ??= search();
  return typeof found === "string" ? null : found;
}

/**
 * The file that `findLibLLVM` opens, found without opening anything: an open library takes time and memory that a program
 * that is already compiled need not spend. Null when there is none.
 */
export function locateLibLLVM(): string | null {
  const wish = process.env.TSGPU_LIBLLVM;
  if (wish === "none") return null;
  const named = wish !== undefined && wish !== "" ? [wish] : candidates();
  const searched = linkerFiles();
  for (const candidate of named) {
    const path = isAbsolute(candidate) ? candidate : searched(candidate);
    if (path !== null && existsSync(path)) return path;
  }
  // The dynamic linker has more places than are looked at here.
  return findLibLLVM()?.path ?? null;
}

/** The file that a name means to the dynamic linker, by its search path and, on Linux, its cache of libraries. */
function linkerFiles(): (name: string) => string | null {
  const folders = (process.env.LD_LIBRARY_PATH ?? process.env.DYLD_LIBRARY_PATH ?? "")
    .split(delimiter)
    .filter(isAbsolute);
  let cached: readonly string[] = [];
  try {
    // Names and paths, each ended by a zero, behind a table that nothing here needs.
    cached = readFileSync("/etc/ld.so.cache", "latin1").match(/\/[^\0]*\/libLLVM[^\0]*/g) ?? [];
  } catch {
    // Not Linux, or not glibc.
  }
  return (name) =>
    folders.map((folder) => join(folder, name)).find(existsSync) ??
    cached.find((path) => basename(path) === name) ??
    null;
}

/** Why `findLibLLVM` returns null, in words for a user; null when it does not. */
export function whyNoLibLLVM(): string | null {
  found ??= search();
  return typeof found === "string" ? found : null;
}

/** The library, where nothing can be done without it. */
export function needLibLLVM(): LibLLVM {
  const lib = findLibLLVM();
  if (lib === null) throw new Error(whyNoLibLLVM() ?? "libLLVM was not found");
  return lib;
}

/** Reads a C string that LLVM allocated, and frees it. */
export function takeString(lib: LibLLVM, pointer: Pointer): string {
  if (pointer === null) return "";
  const text = lib.koffi.decode.string(pointer);
  lib.api.LLVMDisposeMessage(pointer);
  return text;
}

/** Reads an `LLVMErrorRef`, and frees it; null when it is success. */
export function takeError(lib: LibLLVM, error: Pointer): string | null {
  if (error === null) return null;
  const pointer = lib.api.LLVMGetErrorMessage(error);
  const text = lib.koffi.decode.string(pointer);
  lib.api.LLVMDisposeErrorMessage(pointer);
  return text;
}
