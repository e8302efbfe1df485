/** What the suite runs: the PolyBench kernels and their gradients, and the test set of kernels written for GPUs. */
import type { Entry } from "../../compiler/artifact.ts";
import { copyArrays, type DType, zeroArray } from "../../polybench/array.ts";
import { wrtOf } from "../../polybench/gradient.ts";
import { inputsFor, weightsFor } from "../../polybench/inputs.ts";
import type { Dataset } from "../../polybench/sizes.ts";
import { argumentsFor, gradientType, instantiate, type Kernel, kernels, sizesFor } from "../../polybench/suite.ts";
import { gradientTolerance, toleranceFor } from "../../polybench/tolerance.ts";
import { array } from "../../runtime/array.ts";
import type { JitOptions } from "../../runtime/jit.ts";

/** One function of a file, to be compiled for some target. */
export interface Subject {
  /** Unique, and good for a file's name: `gemm-f64-gradient`. */
  readonly name: string;
  readonly file: URL;
  readonly options: JitOptions;
}

export interface Job {
  readonly kernel: string;
  readonly group: "polybench" | "test set";
  readonly part: "primal" | "gradient";
  readonly dtype: DType;
  /** Absent for the test set, which is small. */
  readonly dataset?: Dataset;
  readonly subject: Subject;
  /** Fresh arguments of the entry, equal each time; what they hold after `download` is the result. */
  readonly values: (entry: Entry) => readonly unknown[];
  /** max |Δ| over max |expected|, of the worst array. */
  readonly tolerance: number;
  /** Operations that the kernel does, where they are known. */
  readonly flops?: number;
}

/** A kernel of PolyBench, and its gradient of the weighted sum of the live-out arrays by all arrays. */
export function polybenchJobs(
  chosen: readonly string[],
  sizes: readonly Dataset[],
  real: "f64" | "f32",
): readonly Job[] {
  const wanted = kernels.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  return sizes.flatMap((dataset) =>
    wanted.flatMap((kernel) => {
      const dtype = gradientType(kernel, real === "f64" ? undefined : real);
      const primal = primalJob(kernel, dataset, dtype);
      // Integers have no derivative.
      return dtype === "i32" ? [primal] : [primal, gradientJob(kernel, dataset, dtype)];
    }),
  );
}

function primalJob(kernel: Kernel, dataset: Dataset, dtype: DType): Job {
  return {
    ...{ kernel: kernel.name, group: "polybench", part: "primal", dtype, dataset },
    subject: {
      name: `${kernel.name}-${dtype}-primal`,
      file: kernel.file,
      options: { kernels: [kernel.exportName], ...instantiate(kernel, dtype) },
    },
    values: () => primalValues(kernel, dataset, dtype),
    tolerance: toleranceFor({ kernel, kind: "seeded", dtype, mode: "contract" }).value,
    flops: kernel.flops(sizesFor(kernel, dataset, "seeded")),
  };
}

function gradientJob(kernel: Kernel, dataset: Dataset, dtype: DType): Job {
  // What is differentiated by does not depend on sizes.
  const wrt = wrtOf(kernel, inputsFor(kernel, "MINI", "seeded", dtype), "arrays");
  return {
    ...primalJob(kernel, dataset, dtype),
    part: "gradient",
    subject: {
      name: `${kernel.name}-${dtype}-gradient`,
      file: kernel.file,
      options: {
        derivative: { kind: "vjp", kernel: kernel.exportName, wrt, of: kernel.outputs },
        ...instantiate(kernel, dtype),
      },
    },
    values: ({ derivative }) => {
      const inputs = inputsFor(kernel, dataset, "seeded", dtype);
      const weights = weightsFor(kernel, dataset, "seeded");
      const adjoints = (derivative?.extra ?? []).map(({ leaf }) => {
        const made = zeroArray(dtype, inputs[leaf]?.shape ?? []);
        if (weights[leaf] !== undefined) made.data.set(weights[leaf].data);
        return array(made.data as Float64Array, made.shape);
      });
      return [...primalValues(kernel, dataset, dtype), ...adjoints];
    },
    // Adjoints pass through the function's own rounding errors.
    tolerance: Math.max(
      gradientTolerance[dtype === "f32" ? "f32" : "f64"],
      primalJob(kernel, dataset, dtype).tolerance,
    ),
  };
}

function primalValues(kernel: Kernel, dataset: Dataset, dtype: DType): readonly unknown[] {
  const inputs = copyArrays(inputsFor(kernel, dataset, "seeded", dtype));
  const values = argumentsFor(kernel, sizesFor(kernel, dataset, "seeded"), inputs);
  return values.map((v) => (typeof v === "number" ? v : array(v.data as Float64Array, v.shape)));
}

/** A call of the test set: plain data, so that a carried suite has them as they are. */
export interface RecordedCase {
  readonly name: string;
  readonly file: string;
  readonly kernel: string;
  readonly args: readonly unknown[];
}

/** The calls of the test set, and of their gradients by everything that has one. */
export function caseJobs(cases: readonly RecordedCase[]): readonly Job[] {
  return cases.flatMap((c) => {
    const file = new URL(c.file);
    const job = (part: Job["part"], options: JitOptions, values: Job["values"]): Job => ({
      ...{ kernel: c.name, group: "test set", part, dtype: "f64", tolerance: 1e-4, values },
      subject: { name: `${nameOf(c)}-${part}`, file, options },
    });
    const fresh = (): readonly unknown[] => structuredClone(c.args);
    return [
      job("primal", { kernels: [c.kernel] }, fresh),
      job("gradient", { derivative: { kind: "vjp", kernel: c.kernel } }, (entry) => [
        ...fresh(),
        ...(entry.derivative?.extra ?? []).map(({ leaf }) => {
          const of = entry.params.findIndex((p) => p.name === leaf);
          return of < 0 ? 1 : seedLike(c.args[of]);
        }),
      ]),
    ];
  });
}

const nameOf = ({ file, kernel }: RecordedCase): string => `${/(\w+)\.ts$/.exec(file)?.[1]}-${kernel}`;

/** What an adjoint begins with: numbers in [1, 2) that differ, in the form of the argument. */
function seedLike(value: unknown): unknown {
  let k = 0;
  const next = (): number => 1 + ((k++ * 0.6180339887498949) % 1);
  const like = (v: unknown): unknown => {
    if (typeof v === "number") return next();
    if (Array.isArray(v)) return v.map(like);
    return (v as Float64Array).map(next);
  };
  return like(value);
}
