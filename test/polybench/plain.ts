/** Runs a PolyBench kernel as what it is: plain JavaScript on nested arrays. */
import { type Arrays, copyArrays, type DType, type FlatArray, type Nested, nested } from "../../polybench/array.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import type { Dataset } from "../../polybench/sizes.ts";
import { argumentsFor, type InputKind, type Kernel, sizesFor } from "../../polybench/suite.ts";

type PlainFunction = (...args: (number | Nested)[]) => void;

/** The arrays after one call of `kernel` in plain JavaScript. */
export async function runPlain(
  kernel: Kernel,
  dataset: Dataset,
  kind: InputKind = "polybench",
  dtype: DType = kernel.dtypes[0],
): Promise<Arrays> {
  return runPlainOn(kernel, dataset, kind, inputsFor(kernel, dataset, kind, dtype));
}

/** As `runPlain`, on these inputs, which stay as they are. */
export async function runPlainOn(kernel: Kernel, dataset: Dataset, kind: InputKind, inputs: Arrays): Promise<Arrays> {
  const module: Record<string, PlainFunction> = await import(kernel.file.href);
  const arrays = copyArrays(inputs);
  const args = argumentsFor(kernel, sizesFor(kernel, dataset, kind), arrays);
  module[kernel.exportName]!(...args.map((arg: FlatArray | number) => (typeof arg === "number" ? arg : nested(arg))));
  return arrays;
}
