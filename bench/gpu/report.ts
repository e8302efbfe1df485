/** What a run of the suite has found: the shape of its JSON file. */
import type { CudaInfo } from "../../runtime/devices/cuda-context.ts";
import type { Overheads, Peak } from "./peaks.ts";
import type { Times } from "./run.ts";
import type { Sanitized } from "./sanitizer.ts";

export interface Row {
  readonly kernel: string;
  readonly group: "polybench" | "test set";
  readonly part: "primal" | "gradient";
  readonly dtype: string;
  readonly dataset: string | null;
  readonly ok: boolean;
  /** Of the result against the CPU's; null when it did not run. */
  readonly error: number | null;
  readonly tolerance: number;
  readonly problem?: string;
  /** On the CPU, one run. */
  readonly cpuSeconds: number | null;
  /** On the GPU; null where nothing is timed. */
  readonly times: Times | null;
  /** Of the function's own operations, a second; and what part of the measured peak that is. */
  readonly flops: number | null;
  readonly flopFraction: number | null;
  /** Of the arguments' arrays, each moved once, a second; and what part of the measured peak that is. No kernel moves less. */
  readonly bytes: number | null;
  readonly byteFraction: number | null;
  /** A gradient's time over its function's. */
  readonly ratio: number | null;
}

export interface GemmRow {
  readonly dtype: "f64" | "f32";
  readonly dataset: string;
  readonly seconds: number;
  /** Or why it is not known. */
  readonly cublas: number | string;
}

export interface Report {
  readonly target: string;
  readonly reference: string;
  readonly code: string;
  readonly gpu: CudaInfo | null;
  readonly machine: string;
  readonly date: string;
  readonly rows: readonly Row[];
  readonly peaks: readonly Peak[];
  readonly overheads: Overheads | null;
  readonly gemm: readonly GemmRow[];
  readonly sanitizer: readonly Sanitized[];
  /** What was not done, and why. */
  readonly skipped: readonly string[];
}

export const isRight = ({ rows, sanitizer }: Pick<Report, "rows" | "sanitizer">): boolean =>
  rows.every((r) => r.ok) && sanitizer.every((s) => s.ok);
