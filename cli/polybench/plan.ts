/** What a run of the harness covers, and the rows that come of it. */
import type { TargetName } from "../../compiler/artifact.ts";
import type { CompilerName } from "../../compiler/backend/cc.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import type { DType } from "../../polybench/array.ts";
import type { Wrt } from "../../polybench/gradient.ts";
import type { Dataset } from "../../polybench/sizes.ts";
import { gradientType, type InputKind, type Kernel } from "../../polybench/suite.ts";
import type { Settings } from "../../runtime/device.ts";

/** One competitor: a target, and for target c the compiler. `named`: there are several, so that rows name theirs. */
export interface Lane {
  readonly target: TargetName;
  readonly cc?: CompilerName;
  readonly named?: boolean;
}

export const laneName = ({ target, cc, named }: Lane): string => (named ? `${target} ${cc}` : target);

export interface Plan {
  readonly kernels: readonly Kernel[];
  readonly datasets: readonly Dataset[];
  readonly inputs: readonly InputKind[];
  readonly lanes: readonly Lane[];
  readonly mode: Mode;
  readonly real: "f64" | "f32" | undefined;
  /** Whether GPUs are to compute the same bits from run to run. */
  readonly deterministic: boolean;
  /** What gradients are taken by, where they are run as well. */
  readonly grad: Wrt | undefined;
  /** What gradients may keep, in bytes. */
  readonly tapeBudget: number | undefined;
  readonly check: boolean;
  readonly repeat: number | undefined;
  /** Whether compilations go through the compile cache. */
  readonly cache: boolean;
  /** For devices that have a choice. */
  readonly settings: Settings;
  /** The folder for dumps. */
  readonly dump: string | undefined;
}

/** A kernel on some inputs: what the lanes compete in. */
export interface Group {
  readonly kernel: Kernel;
  readonly dataset: Dataset;
  readonly kind: InputKind;
  readonly dtype: DType;
}

/** One kernel or its gradient, on one input, on one lane. Numbers are null where there are none. */
export type Row = PrimalRow | GradientRow;

interface Common {
  readonly kernel: string;
  readonly dataset: Dataset;
  readonly target: TargetName;
  readonly cc?: CompilerName;
  readonly inputs: InputKind;
  readonly mode: Mode;
  readonly dtype: DType;
  /** Whether nothing is known to be wrong; true for a row that was skipped. */
  readonly ok: boolean;
  /** Why the row was not run: its target is absent. */
  readonly skipped?: string;
  /** What is wrong, when something is. */
  readonly problem?: string;
  /** The median of the kernel alone. */
  readonly seconds: number | null;
  readonly gflops: number | null;
  /** Of the statements that ran, the part in grid and threads loops of several iterations; null where nobody counts. */
  readonly parallelFraction: number | null;
  /** Over the bits of the live-out arrays, or of the gradients. */
  readonly sha256: string | null;
}

export interface PrimalRow extends Common {
  readonly part: "primal";
  /** max |Δ| over max |reference|; null when nothing was compared. */
  readonly maxError: number | null;
}

export interface GradientRow extends Common {
  readonly part: "gradient";
  /** max |⟨∂L/∂a, v⟩ − dL| over Σ |∂L/∂aᵢ vᵢ|, of the worst array; null when nothing was compared. */
  readonly maxError: number | null;
  readonly wrt: readonly string[];
  /** Seconds over those of the primal. */
  readonly ratio: number | null;
  readonly tapeBytes: number | null;
  readonly scratchBytes: number | null;
  readonly copyBytes: number | null;
  /** ⟨∂L/∂a, v⟩ by parameter. */
  readonly directional: Readonly<Record<string, number>> | null;
  /** The code of the diagnostic that says why there is no gradient, and its message. */
  readonly refused?: string;
  readonly why?: string;
}

/** The groups of a plan. Those of one kernel are next to each other, so that it is compiled once. */
export function groupsOf(plan: Plan): readonly Group[] {
  return plan.kernels.flatMap((kernel) => {
    const primal = kernel.dtypes.find((type) => type === plan.real) ?? kernel.dtypes[0];
    // Both parts in one type, so that their times compare.
    const dtype = plan.grad === undefined ? primal : gradientType(kernel, plan.real);
    return plan.datasets.flatMap((dataset) => plan.inputs.map((kind) => ({ kernel, dataset, kind, dtype })));
  });
}
