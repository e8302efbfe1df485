/** Runs a call on a loaded kernel, and times it. */
import type { Unit } from "../../runtime/call.ts";
import type { Later, Statements } from "../../runtime/device.ts";
import { gatherArray } from "../../runtime/nested.ts";
import { makeResident } from "../../runtime/resident.ts";
import { median } from "../numbers.ts";
import { slowTargets } from "../toolchains.ts";
import type { Call } from "./call.ts";

export interface Run {
  readonly result: unknown;
  /** The time of the kernel alone: of the one run, or the median. */
  readonly seconds: number;
  readonly repeat: number;
  /** Of targets that count. */
  readonly statements: Statements | null;
}

const warmSeconds = 0.2;

/** The arrays of the call hold the results afterwards. @throws LaunchError */
export async function execute(unit: Unit, call: Call, repeat: number | undefined): Promise<Run> {
  const args = call.params.map(({ arg }) => arg);
  const resident = await makeResident(unit, call.entry.name, args);
  const again = (): Later<number> => {
    resident.reset();
    return resident.run();
  };
  try {
    let seconds = await resident.run();
    const result = await resident.download();
    if (repeat !== undefined) {
      const start = performance.now();
      while (!slowTargets.has(unit.artifact.target) && performance.now() - start < 1000 * warmSeconds) await again();
      // What other threads have compiled comes in.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const times: number[] = [];
      while (times.length < repeat) times.push(await again());
      seconds = median(times);
    }
    for (const { arg, values } of call.params) {
      for (const v of values)
        if (v.kind === "array" && v.inObjects && v.written) gatherArray(v.leaf, arg, v.shape, v.data);
    }
    return { result, seconds, repeat: repeat ?? 1, statements: resident.statements() };
  } finally {
    resident.dispose();
  }
}
