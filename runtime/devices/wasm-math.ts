/** The functions that a wasm kernel may import from `env`: libm's names, with JavaScript's semantics. */

const fromMath = [
  "exp",
  "expm1",
  "log",
  "log2",
  "log10",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "cbrt",
  "pow",
  "atan2",
  "hypot",
] as const satisfies readonly (keyof Math)[];

/** By their names in C. LLVM itself turns `pow(2, x)` into `exp2` or `ldexp`. */
export const wasmMath: Readonly<Record<string, (...args: number[]) => number>> = {
  ...Object.fromEntries(fromMath.map((name) => [name, Math[name] as (...args: number[]) => number])),
  fmod: (a, b) => (a as number) % (b as number),
  exp2: (a) => 2 ** (a as number),
  exp10: (a) => 10 ** (a as number),
  ldexp: (a, n) => scale(a as number, n as number),
};

/** x · 2ⁿ, rounded once, though 2ⁿ alone may be out of range. */
function scale(x: number, n: number): number {
  if (n > 1023) return scale(x * 2 ** 1023, Math.min(n, 4096) - 1023);
  // Steps of 2⁻⁹⁶⁹ keep 53 bits above the subnormals until the last step, so that only that one rounds.
  if (n < -1022) return scale(x * 2 ** -969, Math.max(n, -4096) + 969);
  return x * 2 ** n;
}
