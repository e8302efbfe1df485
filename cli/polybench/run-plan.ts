/** Runs a plan, group by group: all lanes of the kernel, then all lanes of its gradient. */

import { runGradients } from "./gradients.ts";
import type { Plan, Row } from "./plan.ts";
import { groupsOf } from "./plan.ts";
import { runPrimals } from "./primals.ts";
import { Progress } from "./progress.ts";

/** Prints rows as they come in. */
export async function runPlan(plan: Plan, stdoutIsForJson: boolean): Promise<readonly Row[]> {
  const groups = groupsOf(plan);
  const progress = new Progress(plan, groups.length, stdoutIsForJson);
  const rows: Row[] = [];
  try {
    for (const group of groups) {
      const primals = await runPrimals(group, plan, progress);
      const gradients = plan.grad === undefined ? [] : await runGradients(group, plan, plan.grad, primals, progress);
      rows.push(...primals, ...gradients);
      progress.group([...primals, ...gradients]);
      // Lets the spinner turn, and Ctrl-C come in.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    progress.end();
  }
  return rows;
}
