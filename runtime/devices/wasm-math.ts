/** The functions that a wasm kernel may import from `env`: what neither wasm nor the math library computes. */
export const wasmMath: Readonly<Record<string, (...args: number[]) => number>> = {
  fmod: (a, b) => (a as number) % (b as number),
};
