import type { wasmImports } from "../../compiler/artifact.ts";

/** The functions that a wasm kernel may import from `env`. */
export const wasmMath = {
  fmod: (a: number, b: number): number => a % b,
} satisfies Record<(typeof wasmImports)[number], (...args: number[]) => number>;
