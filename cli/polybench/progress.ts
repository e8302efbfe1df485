/** Shows how far a run is: the table as it grows and, on a terminal, a spinner with what happens now. */
import { createSpinner, type Spinner } from "nanospinner";
import { type Colors, canSpin, paint } from "../output.ts";
import type { Group, Plan, Row } from "./plan.ts";
import { tableHead, tableRows } from "./report.ts";

export class Progress {
  private readonly plan: Plan;
  private readonly out: NodeJS.WriteStream;
  private readonly colors: Colors;
  private readonly total: number;
  private readonly spinner: Spinner | null;
  private done = 0;

  /** The table goes to stdout, unless that is for JSON. */
  constructor(plan: Plan, groups: number, stdoutIsForJson: boolean) {
    this.plan = plan;
    this.total = groups;
    this.out = stdoutIsForJson ? process.stderr : process.stdout;
    this.colors = stdoutIsForJson ? paint.stderr : paint.stdout;
    this.out.write(`${this.colors.bold(tableHead(plan, this.colors))}\n`);
    this.spinner = canSpin() ? createSpinner("", { stream: process.stderr }).start() : null;
  }

  /** What happens now. */
  step({ kernel, dataset, kind }: Group, doing: string): void {
    const inputs = this.plan.inputs.length > 1 ? ` ${kind}` : "";
    this.spinner?.update({ text: `${this.done}/${this.total} ${kernel.name} ${dataset}${inputs}: ${doing}` });
    this.spinner?.spin();
  }

  /** The rows of a group are there. */
  group(rows: readonly Row[]): void {
    this.done++;
    this.spinner?.clear();
    this.out.write(`${tableRows(rows, this.plan, this.colors)}\n`);
  }

  end(): void {
    this.spinner?.clear();
    this.spinner?.stop();
    this.spinner?.clear();
  }
}
