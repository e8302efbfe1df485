/** What the derivative of L along each parameter's direction must be: the kernel file on dual numbers. */
import { fileURLToPath } from "node:url";
import { type Arrays, type FlatArray, nested } from "../../polybench/array.ts";
import { dot, type Expected, type Gradients } from "../../polybench/gradient.ts";
import { weightsFor } from "../../polybench/inputs.ts";
import { argumentsFor, instantiate, sizesFor } from "../../polybench/suite.ts";
import type { Group } from "./plan.ts";

/** By parameter; one run of the kernel for each. `doing` hears of it before. */
export async function directionalDerivatives(
  { kernel, dataset, kind, dtype }: Group,
  inputs: Arrays,
  wrt: readonly string[],
  directions: Gradients,
  doing: (name: string) => void,
): Promise<Expected> {
  const { dual } = await import("../../compiler/index.ts");
  const { exportName, args } = kernel;
  const program = dual({ file: fileURLToPath(kernel.file) }, { kernels: [exportName], ...instantiate(kernel, dtype) });
  const weights = weightsFor(kernel, dataset, kind);
  const nest = (arg: FlatArray | number): unknown => (typeof arg === "number" ? arg : nested(arg));
  const values = argumentsFor(kernel, sizesFor(kernel, dataset, kind), inputs).map(nest);
  const derivatives: Record<string, number> = {};
  let size = 0;
  for (const name of wrt) {
    doing(name);
    const arg = args.findIndex((a) => a.name === name);
    const data = directions[name]!;
    const direction = args[arg]?.kind === "scalar" ? data[0]! : nested({ data, shape: inputs[name]!.shape });
    const { outputs, tangents } = program.run(exportName, values, { [name]: direction });
    const weighted = (of: Readonly<Record<string, unknown>>) =>
      kernel.outputs.map((output) => dot(weights[output]!.data, (of[output] as number[]).flat(Infinity) as number[]));
    derivatives[name] = weighted(tangents).reduce((sum, { value }) => sum + value, 0);
    size = weighted(outputs).reduce((sum, { scale }) => sum + scale, 0);
    // Lets the spinner turn, and Ctrl-C come in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { derivatives, size };
}
