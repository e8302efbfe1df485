/**
 * Binaryen: optimises finished wasm modules without changing a bit of their results, validates them, and prints them as text.
 *
 * The package is loaded at the first call and kept; `wasm-process.ts` runs all of this in another process.
 */
type Binaryen = typeof import("binaryen").default;
type Module = ReturnType<Binaryen["readBinary"]>;
type Features = Parameters<Module["setFeatures"]>[0];

let loaded: Promise<Binaryen> | null = null;

/** Loads the package: 15 MB of code, which takes half a second. */
export function loadBinaryen(): Promise<Binaryen> {
  loaded ??= import("binaryen").then((module) => module.default);
  return loaded;
}

function read(binaryen: Binaryen, bytes: Uint8Array): Module {
  const { Features } = binaryen;
  const features =
    Features.SIMD128 |
    Features.Atomics |
    Features.BulkMemory |
    Features.BulkMemoryOpt |
    Features.MutableGlobals |
    Features.NontrappingFPToInt |
    Features.SignExt |
    Features.Multivalue |
    Features.ReferenceTypes;
  // The second parameter is there, though the package's typings lack it.
  const readBinary = binaryen.readBinary as (bytes: Uint8Array, features: Features) => Module;
  return readBinary(bytes, features);
}

/** Optimises a module as `wasm-opt -O3` does, and validates the result. Floats keep their bits: never fast-math. */
export async function optimiseWasm(bytes: Uint8Array): Promise<Uint8Array> {
  const binaryen = await loadBinaryen();
  const module = read(binaryen, bytes);
  try {
    // These are settings of the whole package, so each use sets what it relies on.
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(0);
    binaryen.setFastMath(false);
    binaryen.setTrapsNeverHappen(false);
    binaryen.setDebugInfo(false);
    module.optimize();
    if (module.validate() === 0) throw new Error("Binaryen finds the optimised module invalid");
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** The module in the WebAssembly text format. */
export async function toWat(bytes: Uint8Array): Promise<string> {
  const module = read(await loadBinaryen(), bytes);
  try {
    return module.emitText();
  } finally {
    module.dispose();
  }
}
