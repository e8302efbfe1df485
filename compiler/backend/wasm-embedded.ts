/**
 * The LLVM that comes with `npm ci`: clang as WebAssembly, from the package `@yowasp/clang`, used as a compiler from LLVM IR
 * to wasm objects. Its first call loads 75 MB of code (1 to 2 s); later ones take about 0.2 s.
 */
type Clang = typeof import("@yowasp/clang");

let loaded: Promise<Clang> | null = null;

const noProgress = (): void => {};

function load(): Promise<Clang> {
  loaded ??= import("@yowasp/clang").then(async (clang) => {
    // Without arguments it only fetches and compiles itself, which two first calls at once would both do.
    await clang.runLLVM(undefined, {}, { fetchProgress: noProgress });
    return clang;
  });
  return loaded;
}

/** Starts loading it, so that the first kernel waits less; most of that is not on the main thread. */
export async function prepareEmbedded(): Promise<void> {
  await load();
}

/** Calls the compiler proper: the driver in front of it would only work out these flags, in as much time again. */
const flags = [
  ["-cc1", "-triple", "wasm32-unknown-unknown", "-target-cpu", "generic", "-mrelocation-model", "static"],
  ["-emit-obj", "-O3", "-vectorize-loops", "-vectorize-slp", "-disable-free", "-Wno-override-module"],
  ["-x", "ir", "kernel.ll", "-o", "kernel.o"],
].flat();

/** LLVM IR to an object file at O3. What clang prints is in the error that it throws. */
export async function embeddedObject(llvmText: string, features: readonly string[]): Promise<Uint8Array> {
  const clang = await load();
  const decoder = new TextDecoder();
  let printed = "";
  const print = (bytes: Uint8Array | null): void => {
    if (bytes !== null) printed += decoder.decode(bytes, { stream: true });
  };
  const args = ["clang", ...flags, ...features.flatMap((feature) => ["-target-feature", `+${feature}`])];
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
