/** A kernel loaded on one lane with its inputs: run once for its result, then warmed up and timed. */
import type { TargetName } from "../../compiler/artifact.ts";
import { type Arrays, copyArrays } from "../../polybench/array.ts";
import { argumentsFor, instantiate, sizesFor } from "../../polybench/suite.ts";
import { array } from "../../runtime/array.ts";
import { type JitOptions, jit } from "../../runtime/jit.ts";
import { makeResident, type Resident } from "../../runtime/resident.ts";
import { median } from "../numbers.ts";
import type { Group, Lane, Plan } from "./plan.ts";

/**
 * How long to run before measuring. JavaScript and wasm are compiled again, better, once they turn out to run often;
 * machine code only has to come into the caches.
 */
const warmSeconds: Readonly<Record<TargetName, number>> = { node: 0.2, wasm: 0.2, native: 0.02, c: 0.02, interp: 0 };
/** What the repetitions of one lane may take together. */
const budgetSeconds = 0.3;
const fewest = 3;
const most = 50;

export class Runner {
  readonly lane: Lane;
  private readonly arrays: Arrays;
  private readonly resident: Resident;
  private latest = Infinity;
  private readonly times: number[] = [];

  private constructor(lane: Lane, arrays: Arrays, resident: Resident) {
    this.lane = lane;
    this.arrays = arrays;
    this.resident = resident;
  }

  /** Compiles, loads and copies the inputs there. @throws CompileError or LaunchError. */
  static async open(
    lane: Lane,
    { kernel, dataset, kind, dtype }: Group,
    inputs: Arrays,
    { mode, cache }: Pick<Plan, "mode" | "cache">,
  ): Promise<Runner> {
    const options: JitOptions = {
      target: lane.target,
      mode,
      cache,
      kernels: [kernel.exportName],
      ...instantiate(kernel, dtype),
      ...(lane.cc === undefined ? {} : { cc: lane.cc }),
    };
    const unit = await jit(kernel.file, options);
    const arrays = copyArrays(inputs);
    const args = argumentsFor(kernel, sizesFor(kernel, dataset, kind), arrays);
    const values = args.map((arg) => (typeof arg === "number" ? arg : array(arg.data as Float64Array, arg.shape)));
    return new Runner(lane, arrays, await makeResident(unit, kernel.exportName, values));
  }

  /** What the arrays are after the first run, which this is unless it has been. They change with the next run. */
  result(): Arrays {
    if (this.latest === Infinity) this.run();
    return this.lastArrays();
  }

  /** The arrays after the latest run. */
  lastArrays(): Arrays {
    this.resident.download();
    return this.arrays;
  }

  /** Brings the code to its final speed; its first run has been. */
  async warmUp(): Promise<void> {
    const { target } = this.lane;
    const limit = warmSeconds[target];
    const start = performance.now();
    let pause = start;
    // V8 puts better code of JavaScript in place within a run, that of wasm only between runs.
    const enough = target === "wasm" ? Infinity : limit;
    if (this.latest >= enough) return;
    for (let n = 0; n === 0 || performance.now() - start < 1000 * limit; n++) {
      if (n === 0 || performance.now() - pause > 20) {
        // What other threads have compiled comes in.
        await new Promise((resolve) => setTimeout(resolve, 1));
        pause = performance.now();
      }
      this.run();
    }
  }

  /** How often to run, when nobody says. */
  repetitions(): number {
    if (this.lane.target === "interp") return 1;
    return Math.max(fewest, Math.min(most, Math.floor(budgetSeconds / this.latest)));
  }

  time(): void {
    this.times.push(this.run());
  }

  /** The median. */
  get seconds(): number {
    return median(this.times);
  }

  dispose(): void {
    this.resident.dispose();
  }

  private run(): number {
    this.resident.reset();
    this.latest = this.resident.run();
    return this.latest;
  }
}
