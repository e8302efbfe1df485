/** How far a right result may be from the reference, and why: a matter of type, arithmetic mode and conditioning. */
import type { DType } from "./array.ts";
import type { KernelName } from "./sizes.ts";
import type { InputKind, Kernel } from "./suite.ts";

/** The arithmetic modes: program order as written, with fused multiply-add, or reassociated. */
export type Mode = "strict" | "contract" | "fast";

/** A bound on `maxError`, and the reason for it in a phrase. */
export interface Tolerance {
  readonly value: number;
  readonly why: string;
}

export const strictTolerance: Readonly<Record<DType, number>> = { f64: 1e-10, f32: 1e-4, i32: 0 };

interface Conditioning {
  /** Where f64 results may differ by rounding alone: `contract` and `fast`. */
  readonly f64?: number;
  /** For f32 instances of kernels that are f64 in C, held against f64 or other f32 results. */
  readonly f32?: number;
  /** Inputs on which the kernel is this sensitive; on the others the strict bounds hold. */
  readonly kind?: InputKind;
  readonly why: string;
}

/**
 * Kernels whose rounding errors grow beyond the strict bounds.
 *
 * Measured from MINI to LARGE on PolyBench's inputs: the C programs compiled by gcc 12 with and without FMA, with and
 * without `-ffast-math`, in double and float; and on the seeded inputs, from inputs changed in their last bit.
 * All other kernels stay below 1e-12 in f64 and 1e-4 in f32 everywhere.
 */
const conditioning: Readonly<Partial<Record<KernelName, Conditioning>>> = {
  durbin: {
    f64: 1e-6,
    f32: Infinity,
    kind: "polybench",
    why: "the Toeplitz matrix is nearly singular: FMA moves f64 by 1e-9 at MEDIUM, 1e-8 at LARGE; f32 has no right digit",
  },
};

/** The tolerance of a run against a reference of the same or a wider type. */
export function toleranceFor(run: {
  readonly kernel: Kernel;
  readonly kind: InputKind;
  readonly dtype: DType;
  readonly mode: Mode;
}): Tolerance {
  const { kernel, kind, dtype, mode } = run;
  const strict = {
    value: strictTolerance[dtype],
    why: dtype === "i32" ? "integers are exact" : `${dtype}, well conditioned`,
  };
  if (dtype === "i32") return strict;
  const row = conditioning[kernel.name];
  if (!row || (row.kind !== undefined && row.kind !== kind)) return strict;
  // In strict every f64 result has the C program's bits; an f32 result is still held against f64.
  const value = dtype === "f32" ? row.f32 : mode === "strict" ? undefined : row.f64;
  return value === undefined ? strict : { value, why: row.why };
}
