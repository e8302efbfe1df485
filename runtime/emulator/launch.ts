/** Runs a kernel over a grid. */
import { checkSizes, type LaunchOptions, type LaunchReport } from "./arguments.ts";
import { LaunchRun } from "./run.ts";
import type { PtxModule } from "./translate.ts";

/**
 * Runs a kernel to its end, and says what it has done; `index.ts` has an example.
 *
 * @throws RangeError for arguments that do not fit the kernel, PtxFault for what the kernel does wrong.
 */
export function launch(module: PtxModule, kernelName: string, options: LaunchOptions): LaunchReport {
  const kernel = module.kernels.get(kernelName);
  if (kernel === undefined) {
    throw new RangeError(`there is no kernel ${kernelName}: ${[...module.kernels.keys()].join(", ")}`);
  }
  checkSizes(kernel, options);
  const run = new LaunchRun(module, kernel, options);
  try {
    run.prepare();
    run.blocks();
    return run.report();
  } finally {
    run.dispose();
  }
}
