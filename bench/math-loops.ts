/**
 * What `bench/math.ts` compares: loops of one function over arrays, through tsgpu, and in C through gcc with the platform's
 * libm, or with libmvec, glibc's vector functions, which C programs get by asking for errors of up to 4 ulp.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TargetName } from "../compiler/artifact.ts";
import { compileC } from "../compiler/backend/cc.ts";
import { addressOf, loadSharedLibrary } from "../runtime/devices/native-loader.ts";
import { jit } from "../runtime/jit.ts";
import { makeResident } from "../runtime/resident.ts";

export type Range = readonly [lo: number, hi: number];

/** The functions, with the range of each argument: where programs call them most. */
export const functions: Readonly<Record<string, readonly Range[]>> = {
  exp: [[-20, 20]],
  expm1: [[-5, 5]],
  log: [[1e-3, 1e3]],
  log2: [[1e-3, 1e3]],
  log10: [[1e-3, 1e3]],
  log1p: [[-0.9, 10]],
  // biome-ignore format: one function a line
  pow: [[0.1, 10], [-10, 10]],
  sin: [[-10, 10]],
  cos: [[-10, 10]],
  tan: [[-10, 10]],
  asin: [[-1, 1]],
  acos: [[-1, 1]],
  atan: [[-10, 10]],
  // biome-ignore format: one function a line
  atan2: [[-10, 10], [-10, 10]],
  sinh: [[-5, 5]],
  cosh: [[-5, 5]],
  tanh: [[-5, 5]],
  asinh: [[-10, 10]],
  acosh: [[1, 10]],
  atanh: [[-1, 1]],
  cbrt: [[-1000, 1000]],
  // biome-ignore format: one function a line
  hypot: [[-10, 10], [-10, 10]],
};

/** `tolerance` is what two right libraries may differ by, relatively. */
export const types = {
  f64: { suffix: "", c: "double", bytes: 8, array: Float64Array, tolerance: 1e-14 },
  f32: { suffix: "f", c: "float", bytes: 4, array: Float32Array, tolerance: 1e-6 },
} as const;
export type Type = keyof typeof types;
export type Floats = Float64Array | Float32Array;

/** A loop with its arrays. */
export interface Loop {
  readonly run: () => void;
  /** What the last run wrote. */
  readonly result: () => Floats;
}

/** The loop of a function over these arguments; `copy` copies them. */
export type Loops = (type: Type, name: string, inputs: readonly Floats[]) => Promise<Loop>;

const parameters = (arity: number): readonly string[] => ["x", "y"].slice(0, arity);

/** One kernel a function: `z[i] = Math.exp(x[i])`. */
function kernelSource(type: Type): string {
  const kernel = (name: string, arity: number, value: string): string => {
    const inputs = parameters(arity).map((p) => `${p}: readonly ${type}[], `);
    return `export function ${name}(${inputs.join("")}z: ${type}[]): void {
  for (let i = 0; i < z.length; i++) z[i] = ${value};
}`;
  };
  const maps = Object.entries(functions).map(([name, { length }]) =>
    kernel(name, length, `Math.${name}(${parameters(length).map((p) => `${p}[i]`)})`),
  );
  return [`import type { ${type} } from "tsgpu";`, kernel("copy", 1, "x[i]"), ...maps].join("\n");
}

/** The loops on one of tsgpu's targets. */
export function kernelLoops(target: TargetName): Loops {
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const type of ["f64", "f32"] as const) writeFileSync(join(folder, `${type}.ts`), kernelSource(type));
  return async (type, name, inputs) => {
    const z = new types[type].array(inputs[0]?.length ?? 0);
    const unit = await jit(join(folder, `${type}.ts`), { target, kernels: [name] });
    const resident = await makeResident(unit, name, [...inputs, z]);
    return {
      run: () => resident.run(),
      result() {
        resident.download();
        return z;
      },
    };
  };
}

/** The same in C, with the entry of native code: one pointer to all arguments. */
function cSource(): string {
  const loop = (type: Type, name: string, arity: number): string => {
    const { c, suffix } = types[type];
    const inputs = parameters(arity).map((p, k) => `  const ${c} *restrict ${p} = a->array[${k}];\n`);
    return `int loop_${name}${suffix}(const struct arguments *a) {
${inputs.join("")}  ${c} *restrict z = a->array[2];
  for (long i = 0; i < a->n; i++) z[i] = ${name}${suffix}(${parameters(arity).map((p) => `${p}[i]`)});
  return 0;
}`;
  };
  const loops = Object.entries(functions).flatMap(([name, { length }]) => [
    loop("f64", name, length),
    loop("f32", name, length),
  ]);
  return ["#include <math.h>", "struct arguments { void *array[3]; long n; };", ...loops].join("\n");
}

/** glibc's header declares the vector functions where this is defined, and gcc calls them where it vectorises. */
const vectorFlags = ["-O3", "-D__FAST_MATH__"];

export const cFlags = { libm: ["-O2"], libmvec: vectorFlags } as const;

/** The loops in C; null where the platform has no libmvec. @throws where there is no gcc. */
export async function cLoops(library: keyof typeof cFlags): Promise<Loops | null> {
  const flags = cFlags[library];
  const compiled = await compileC(cSource(), { mode: "strict", compiler: "gcc", flags });
  if (library === "libmvec" && !Buffer.from(compiled.library).includes("libmvec.so")) return null;
  const module = loadSharedLibrary(compiled.library);
  return async (type, name, inputs) => {
    const z = new types[type].array(inputs[0]?.length ?? 0);
    const [x, y] = inputs.map((a) => addressOf(a));
    const block = new BigInt64Array([x ?? 0n, y ?? 0n, addressOf(z), BigInt(z.length)]);
    const entry = module.entry(`loop_${name}${types[type].suffix}`);
    return {
      run: () => entry.call(block),
      result() {
        void inputs; // C has their addresses only: they must live as long as the loop
        return z;
      },
    };
  };
}
