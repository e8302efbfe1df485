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

/**
 * What |⟨∂L/∂a, v⟩ − the oracle's dL| may be of Σ |∂L/∂aᵢ vᵢ|, by the type of the kernel. The oracle's tangents are f64 in
 * either case.
 */
export const gradientTolerance: Readonly<Record<"f64" | "f32", number>> = { f64: 1e-9, f32: 1e-3 };

interface Conditioning {
  /** Bound on f64 results in `contract` and `fast`; in `strict` all have the C program's bits. */
  readonly f64?: number;
  /** Bound on f32 instances of kernels that are f64 in C, in every mode: what they are held against may be f64. */
  readonly f32?: number;
  readonly why: string;
}

/**
 * Kernels whose rounding errors can grow beyond the strict bounds, by the inputs that make them.
 *
 * Measured from MINI to LARGE. On PolyBench's inputs: the C programs by gcc 12 with and without FMA, and with
 * `-ffast-math`, in double and float. On the seeded inputs: plain JavaScript on inputs changed in their last bit, and
 * on f32 arrays. The bounds leave a factor of ten and more. All other kernels stay below 1e-12 in f64 and 3e-5 in f32.
 */
const conditioning: Readonly<Record<InputKind, Readonly<Partial<Record<KernelName, Conditioning>>>>> = {
  polybench: {
    durbin: {
      f64: 1e-6,
      f32: Infinity,
      why: "T is nearly singular: f64 moves by 1e-9 at MEDIUM and 8e-9 at LARGE; f32 has no right digit from MEDIUM on",
    },
    trisolv: { f64: 1e-9, f32: 5e-2, why: "errors add up along the recurrence: 1e-11 and 5e-3 at LARGE" },
    adi: { f32: 2e-2, why: "the tridiagonal systems' condition grows as n²: 2e-3 at LARGE" },
    cholesky: { f32: 2e-3, why: "the condition grows with n: 1e-4 at LARGE" },
    lu: { f32: 2e-3, why: "the condition grows with n: 2e-4 at LARGE" },
    "fdtd-2d": { f32: 1e-3, why: "errors add up over time steps: 9e-5 at LARGE" },
  },
  seeded: {
    lu: { f64: 1e-6, f32: Infinity, why: "no pivoting: large multipliers at LARGE, where f64 moves by 4e-9" },
    ludcmp: { f64: 1e-8, f32: 1e-2, why: "no pivoting: f64 moves by 2e-11 at LARGE, f32 by 2e-4" },
    adi: { f32: 2e-2, why: "the tridiagonal systems' condition grows as n²: 8e-4 at LARGE" },
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
  const strict = strictTolerance[dtype];
  if (dtype === "i32") return { value: strict, why: "integers are exact" };
  const row = conditioning[kind][kernel.name];
  const value = dtype === "f32" ? row?.f32 : mode === "strict" ? undefined : row?.f64;
  return row && value !== undefined ? { value, why: row.why } : { value: strict, why: `${dtype}, well conditioned` };
}
