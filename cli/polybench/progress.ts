/** Says on stderr how far a run is: a spinner on a terminal, elsewhere a line for each row. */
import { createSpinner, type Spinner } from "nanospinner";
import { paint } from "../output.ts";
import type { Group, Plan, Row } from "./plan.ts";
import { describe } from "./report.ts";

export class Progress {
  private readonly total: number;
  private readonly plan: Plan;
  private readonly spinner: Spinner | null;
  private done = 0;
  private failed = 0;

  constructor(total: number, plan: Plan) {
    this.total = total;
    this.plan = plan;
    this.spinner = process.stderr.isTTY ? createSpinner("", { stream: process.stderr }).start() : null;
  }

  /** What happens now. */
  step({ kernel, dataset, kind }: Group, doing: string): void {
    const inputs = this.plan.inputs.length > 1 ? ` ${kind}` : "";
    const failed = this.failed > 0 ? paint.stderr.red(` ${this.failed} failed`) : "";
    this.spinner?.update({ text: `${this.done}/${this.total}${failed}  ${kernel.name} ${dataset}${inputs}: ${doing}` });
    this.spinner?.render();
  }

  /** A row is there. */
  row(row: Row): void {
    this.done++;
    if (!row.ok) this.failed++;
    if (this.spinner === null) process.stderr.write(`${describe(row, this.plan, paint.stderr)}\n`);
    else if (!row.ok) {
      this.spinner.clear();
      process.stderr.write(`${describe(row, this.plan, paint.stderr)}\n`);
    }
  }

  end(): void {
    this.spinner?.clear();
    this.spinner?.stop();
  }
}
