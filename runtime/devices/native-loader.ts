/**
 * Native code in this process: object files through LLVM's ORC JIT, shared libraries through the dynamic linker; and the one
 * way to call an entry of either, `i32 f(ptr args)`.
 *
 * Every object gets a JIT of its own: that costs 0.4 ms, keeps the symbols of two kernels apart, and disposing it
 * returns all of its memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Koffi, loadKoffi, needLibLLVM, type Pointer, takeError } from "../../compiler/backend/libllvm-api.ts";

type Bytes = ArrayBuffer | ArrayBufferView;

/** A compiled function that takes one block of arguments and returns a status. */
export interface NativeEntry {
  readonly address: bigint;
  /** Calls it on this thread. */
  readonly call: (args: Bytes) => number;
  /** Calls it on a thread of libuv's pool. Everything `args` points to must stay where it is until then: `keep` holds it. */
  readonly callAsync: (args: Bytes, keep?: unknown) => Promise<number>;
}

/** How koffi calls a function pointer. */
interface RawEntry {
  (args: Bytes): number;
  async: (args: Bytes, done: (error: Error | null, status: number) => void) => void;
}

/** Loaded code. */
export interface NativeModule {
  /** The address of a symbol; throws when the code has none of that name. */
  readonly lookup: (symbol: string) => bigint;
  readonly entry: (symbol: string) => NativeEntry;
  /** Gives the memory back, after the calls that are still running; entries refuse to be called from then on. */
  readonly dispose: () => void;
}

/** Where the bytes of a typed array lie; valid as long as the array lives. Its memory never moves. */
export function addressOf(bytes: Bytes): bigint {
  return loadKoffi().address(bytes);
}

/** A module that frees its code once it is disposed of and the last running call has returned. */
function moduleOf(koffi: Koffi, lookup: (symbol: string) => bigint, free: () => void): NativeModule {
  const type = koffi.proto("int", ["void *"]);
  let open = true;
  let running = 0;
  const check = (symbol: string): void => {
    if (!open) throw new Error(`${symbol}: its code is disposed of`);
  };
  const find = (symbol: string): bigint => {
    check(symbol);
    return lookup(symbol);
  };
  const freeWhenIdle = (): void => {
    if (!open && running === 0) free();
  };
  return {
    lookup: find,
    entry(symbol) {
      const address = find(symbol);
      const raw = koffi.decode(address, type) as RawEntry;
      const call = (args: Bytes): number => {
        check(symbol);
        return raw(args);
      };
      const callAsync = (args: Bytes, keep?: unknown): Promise<number> =>
        new Promise((resolve, reject) => {
          check(symbol);
          running++;
          raw.async(args, (error, status) => {
            void [args, keep]; // reachable until here, so that nothing is collected under the kernel
            running--;
            freeWhenIdle();
            if (error) reject(error);
            else resolve(status);
          });
        });
      return { address, call, callAsync };
    },
    dispose() {
      if (!open) return;
      open = false;
      freeWhenIdle();
    },
  };
}

/** Links an object file of this machine's format into the process; functions it lacks (libm's) come from the process. */
export function loadObject(object: Uint8Array): NativeModule {
  const lib = needLibLLVM();
  lib.initialise(hostArch());
  const { api, koffi } = lib;
  const jit: [Pointer] = [null];
  orThrow(api.LLVMOrcCreateLLJIT(jit, null), "create a JIT");
  const reported: string[] = [];
  const reporter = koffi.register(
    (_user: Pointer, error: Pointer): void => {
      reported.push(takeError(lib, error) ?? "");
    },
    koffi.pointer(koffi.proto("void", ["void *", "void *"])),
  );
  api.LLVMOrcExecutionSessionSetErrorReporter(api.LLVMOrcLLJITGetExecutionSession(jit[0]), reporter, null);
  const free = (): void => {
    const error = api.LLVMOrcDisposeLLJIT(jit[0]);
    koffi.unregister(reporter);
    orThrow(error, "dispose of a JIT");
  };
  /** LLVM's errors are terse; what it reports beside them says which symbol was missing. */
  function orThrow(error: Pointer, what: string): void {
    const text = takeError(lib, error);
    if (text === null) return;
    const message = [text, ...reported.splice(0)].join("; ");
    throw new Error(`LLVM's JIT cannot ${what}: ${message}`);
  }

  try {
    const dylib = api.LLVMOrcLLJITGetMainJITDylib(jit[0]);
    const generator: [Pointer] = [null];
    const prefix = process.platform === "darwin" ? "_".charCodeAt(0) : 0;
    orThrow(
      api.LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(generator, prefix, null, null),
      "search the process for symbols",
    );
    api.LLVMOrcJITDylibAddGenerator(dylib, generator[0]);
    // The JIT owns the buffer from here on.
    const buffer = api.LLVMCreateMemoryBufferWithMemoryRangeCopy(object, object.length, "kernel.o");
    orThrow(api.LLVMOrcLLJITAddObjectFile(jit[0], dylib, buffer), "load an object file");
  } catch (error) {
    free();
    throw error;
  }
  const lookup = (symbol: string): bigint => {
    const address: [number | bigint] = [0];
    orThrow(api.LLVMOrcLLJITLookup(jit[0], address, symbol), `link ${symbol}`);
    return BigInt(address[0]);
  };
  return moduleOf(koffi, lookup, free);
}

/** Loads the bytes of a shared library, as `compiler/backend/cc.ts` makes them. */
export function loadSharedLibrary(library: Uint8Array): NativeModule {
  const koffi = loadKoffi();
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const file = join(folder, `kernel${koffi.extension}`);
    writeFileSync(file, library);
    const handle = koffi.load(file);
    // Elsewhere the file may go at once: the mapping keeps its contents.
    if (process.platform === "win32") process.once("exit", remove);
    else remove();
    return moduleOf(
      koffi,
      (symbol) => handle.symbol(symbol) as bigint,
      () => handle.unload(),
    );
  } catch (error) {
    remove();
    throw error;
  }
}

function hostArch(): string {
  const arch = { x64: "X86", arm64: "AArch64", riscv64: "RISCV" }[process.arch as string];
  if (arch === undefined) throw new Error(`native code for ${process.arch} is not supported`);
  return arch;
}
