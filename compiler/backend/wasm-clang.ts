/** The LLVM inside the package `@yowasp/clang`: clang as WebAssembly, as a compiler from LLVM IR to wasm objects. */
type Clang = typeof import("@yowasp/clang");

const noProgress = (): void => {};

let loaded: Promise<Clang> | null = null;

/** Loads it: 75 MB of code, which takes about a second. */
export function loadClang(): Promise<Clang> {
  loaded ??= import("@yowasp/clang").then(async (clang) => {
    // Without arguments it only fetches and compiles itself.
    await clang.runLLVM(undefined, {}, { fetchProgress: noProgress });
    return clang;
  });
  return loaded;
}

/** Calls the compiler proper: the driver in front of it would only work out these flags, in as much time again. */
const flags = [
  ["-cc1", "-triple", "wasm32-unknown-unknown", "-target-cpu", "generic", "-mrelocation-model", "static"],
  ["-emit-obj", "-O3", "-disable-free", "-Wno-override-module"],
  ["-x", "ir", "kernel.ll", "-o", "kernel.o"],
].flat();
const vectorisers = ["-vectorize-loops", "-vectorize-slp"];

/** LLVM IR to an object file at O3. What clang prints is in the error that it throws. */
export async function compileObject(
  llvmText: string,
  features: readonly string[],
  vectorise: boolean,
): Promise<Uint8Array> {
  const clang = await loadClang();
  const decoder = new TextDecoder();
  let printed = "";
  const print = (bytes: Uint8Array | null): void => {
    if (bytes !== null) printed += decoder.decode(bytes, { stream: true });
  };
  const enabled = features.flatMap((feature) => ["-target-feature", `+${feature}`]);
  const args = ["clang", ...flags, ...(vectorise ? vectorisers : []), ...enabled];
  try {
    const files = await clang.runLLVM(
      args,
      { "kernel.ll": llvmText },
      { stdout: print, stderr: print, fetchProgress: noProgress },
    );
    const object = files?.["kernel.o"];
    if (object instanceof Uint8Array) return object;
    throw new Error("it wrote no object file");
  } catch (error) {
    const reason = printed.trim() || (error instanceof Error ? error.message : String(error));
    throw new Error(`the embedded LLVM cannot compile this IR: ${reason}`, { cause: error });
  }
}
