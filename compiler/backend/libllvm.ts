/**
 * LLVM IR text to optimised code, in process, by libLLVM: any target the library has, chosen by triple.
 *
 * The passes and the code generator are those of `clang -O3`. Every LLVM object made here is disposed of on every path.
 */
import { type LibLLVM, needLibLLVM, type Pointer, takeError, takeString } from "./libllvm-api.ts";

export { findLibLLVM, type LibLLVM, locateLibLLVM, whyNoLibLLVM } from "./libllvm-api.ts";

/** What code is generated for, in LLVM's words. */
export interface LLVMTarget {
  readonly triple: string;
  readonly cpu: string;
  /** `+avx2,-avx512f`: what the CPU has beyond, or lacks of, what its name says. */
  readonly features: string;
}

export interface EmitOptions extends Partial<LLVMTarget> {
  readonly emit: "object" | "assembly" | "llvm";
  /** Whether loops and straight-line code become vector code; they do when not given. */
  readonly vectorise?: boolean;
  /** Called with LLVM's warnings, such as a loop that asked for vectorisation and did not get it. */
  readonly onWarning?: (message: string) => void;
}

/** What LLVM calls a back end, by the first part of a triple, and how its code is addressed. */
const backEnds: Readonly<Record<string, { readonly arch: string; readonly reloc: number }>> = {
  x86_64: { arch: "X86", reloc: 2 },
  aarch64: { arch: "AArch64", reloc: 2 },
  arm64: { arch: "AArch64", reloc: 2 },
  riscv64: { arch: "RISCV", reloc: 2 },
  // Position-independent wasm would import its table and memory base.
  wasm32: { arch: "WebAssembly", reloc: 1 },
  nvptx64: { arch: "NVPTX", reloc: 0 },
};

const aggressive = 3;
const fileTypes = { assembly: 0, object: 1 } as const;
const returnStatus = 2;

/**
 * The machine that tsgpu runs on: native code is compiled for exactly it, but for arithmetic in halves. Nothing asks for that, and
 * where LLVM finds it to do as well as that in f32 it may fuse what the program has rounded in between.
 */
export function hostTarget(): LLVMTarget {
  const lib = needLibLLVM();
  return {
    triple: takeString(lib, lib.api.LLVMGetDefaultTargetTriple()),
    cpu: takeString(lib, lib.api.LLVMGetHostCPUName()),
    features: takeString(lib, lib.api.LLVMGetHostCPUFeatures()).replace(/\+(avx512fp16|fullfp16)\b/g, "-$1"),
  };
}

/**
 * Parses, verifies, optimises (O3) and emits a module of LLVM IR: an object file as bytes, assembly (for `nvptx64`: PTX)
 * or the optimised IR as text. The triple is the host's unless one is given. What LLVM finds wrong is thrown as an
 * `Error` that shows the line.
 */
export function emit(irText: string, options: EmitOptions & { readonly emit: "object" }): Uint8Array;
export function emit(irText: string, options: EmitOptions & { readonly emit: "assembly" | "llvm" }): string;
export function emit(irText: string, options: EmitOptions): Uint8Array | string {
  const lib = needLibLLVM();
  const disposals: (() => void)[] = [];
  try {
    return emitWith(lib, irText, options, (dispose) => disposals.push(dispose));
  } finally {
    for (const dispose of disposals.reverse()) dispose();
  }
}

function emitWith(
  lib: LibLLVM,
  irText: string,
  options: EmitOptions,
  later: (dispose: () => void) => void,
): Uint8Array | string {
  const { api } = lib;
  const target = options.triple === undefined ? { ...hostTarget(), ...options } : options;
  const triple = target.triple ?? "";

  const context = api.LLVMContextCreate();
  later(() => api.LLVMContextDispose(context));
  const errors = listen(lib, context, options.onWarning, later);
  const module = parse(lib, context, irText);
  later(() => api.LLVMDisposeModule(module));
  const machine = createMachine(lib, triple, target.cpu ?? "", target.features ?? "");
  later(() => api.LLVMDisposeTargetMachine(machine));

  api.LLVMSetTarget(module, triple);
  const layout = api.LLVMCreateTargetDataLayout(machine);
  api.LLVMSetModuleDataLayout(module, layout);
  api.LLVMDisposeTargetData(layout);
  verify(lib, module);
  runPasses(lib, module, machine, options.vectorise ?? true);
  if (options.emit === "llvm") return takeString(lib, api.LLVMPrintModuleToString(module));

  const message: [Pointer] = [null];
  const buffer: [Pointer] = [null];
  if (api.LLVMTargetMachineEmitToMemoryBuffer(machine, module, fileTypes[options.emit], message, buffer) !== 0) {
    throw new Error(`LLVM cannot emit code for ${triple}: ${takeString(lib, message[0])}`);
  }
  later(() => api.LLVMDisposeMemoryBuffer(buffer[0]));
  if (errors.length > 0) throw new Error(`LLVM cannot emit code for ${triple}: ${errors.join("\n")}`);
  const size = api.LLVMGetBufferSize(buffer[0]);
  const bytes = new Uint8Array(lib.koffi.view(api.LLVMGetBufferStart(buffer[0]), size)).slice();
  return options.emit === "object" ? bytes : new TextDecoder().decode(bytes);
}

/** Collects what the context reports; without a handler LLVM prints it, and ends the process at an error. */
function listen(
  lib: LibLLVM,
  context: Pointer,
  onWarning: ((message: string) => void) | undefined,
  later: (dispose: () => void) => void,
): readonly string[] {
  const { api, koffi } = lib;
  const errors: string[] = [];
  const handler = koffi.register(
    (info: Pointer): void => {
      const severity = api.LLVMGetDiagInfoSeverity(info);
      const text = takeString(lib, api.LLVMGetDiagInfoDescription(info));
      if (severity === 0) errors.push(text);
      else if (severity === 1) onWarning?.(text);
    },
    koffi.pointer(koffi.proto("void", ["void *", "void *"])),
  );
  later(() => koffi.unregister(handler));
  api.LLVMContextSetDiagnosticHandler(context, handler, null);
  return errors;
}

function parse(lib: LibLLVM, context: Pointer, irText: string): Pointer {
  const bytes = new TextEncoder().encode(irText);
  // The parser owns the buffer from here on, whether it succeeds or not.
  const buffer = lib.api.LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, bytes.length, "kernel.ll");
  const module: [Pointer] = [null];
  const message: [Pointer] = [null];
  if (lib.api.LLVMParseIRInContext(context, buffer, module, message) !== 0) {
    throw new Error(`LLVM cannot read this IR: ${takeString(lib, message[0]).trimEnd()}`);
  }
  return module[0];
}

function verify(lib: LibLLVM, module: Pointer): void {
  const message: [Pointer] = [null];
  const broken = lib.api.LLVMVerifyModule(module, returnStatus, message) !== 0;
  const text = takeString(lib, message[0]);
  if (broken) throw new Error(`LLVM finds this IR malformed: ${text.trimEnd()}`);
}

function createMachine(lib: LibLLVM, triple: string, cpu: string, features: string): Pointer {
  const backEnd = backEnds[triple.split("-")[0] ?? ""];
  if (backEnd === undefined) {
    throw new Error(`no back end for "${triple}": tsgpu uses ${Object.keys(backEnds).join(", ")}`);
  }
  lib.initialise(backEnd.arch);
  const target: [Pointer] = [null];
  const message: [Pointer] = [null];
  if (lib.api.LLVMGetTargetFromTriple(triple, target, message) !== 0) {
    throw new Error(`LLVM does not know ${triple}: ${takeString(lib, message[0])}`);
  }
  return lib.api.LLVMCreateTargetMachine(target[0], triple, cpu, features, aggressive, backEnd.reloc, 0);
}

function runPasses(lib: LibLLVM, module: Pointer, machine: Pointer, vectorise: boolean): void {
  const { api } = lib;
  const options = api.LLVMCreatePassBuilderOptions();
  // As clang sets them at -O3; the library's own default leaves SLP vectorisation out.
  api.LLVMPassBuilderOptionsSetLoopInterleaving(options, 1);
  api.LLVMPassBuilderOptionsSetLoopVectorization(options, vectorise ? 1 : 0);
  api.LLVMPassBuilderOptionsSetSLPVectorization(options, vectorise ? 1 : 0);
  api.LLVMPassBuilderOptionsSetLoopUnrolling(options, 1);
  const error = takeError(lib, api.LLVMRunPasses(module, "default<O3>", machine, options));
  api.LLVMDisposePassBuilderOptions(options);
  if (error !== null) throw new Error(`LLVM's optimiser failed: ${error}`);
}
