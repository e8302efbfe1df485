/** Rows for people: a line each while they come in, a table at the end, and what it all amounts to. */
import Table from "cli-table3";
import { counted, formatSeconds, threeDigits } from "../numbers.ts";
import { type Colors, paint, plainTable } from "../output.ts";
import { laneName, type Plan, type Row } from "./plan.ts";

const nameOf = ({ target, cc }: Row): string => laneName({ target, ...(cc === undefined ? {} : { cc, named: true }) });

function verdict(row: Row, colors: Colors): string {
  if (row.skipped !== undefined) return colors.yellow("skipped");
  return row.ok ? colors.green("ok") : colors.red("FAILED");
}

/** A row in a line. */
export function describe(row: Row, plan: Plan, colors: Colors): string {
  const parts = [
    row.kernel.padEnd(15),
    row.dataset.padEnd(plan.datasets.length > 1 ? 11 : row.dataset.length + 1),
    ...(plan.inputs.length > 1 ? [row.inputs.padEnd(10)] : []),
    nameOf(row).padEnd(plan.lanes.some((lane) => lane.named) ? 8 : 7),
    verdict(row, colors),
  ];
  if (row.seconds !== null) parts.push(formatSeconds(row.seconds), `${threeDigits(row.gflops ?? 0)} GFLOP/s`);
  const reason = row.problem ?? row.skipped;
  return parts.join(" ") + (reason === undefined ? "" : `: ${reason}`);
}

/** Seconds over those of target node in the same group. */
function ratioToNode(row: Row, rows: readonly Row[]): number | null {
  const node = rows.find(
    (r) => r.target === "node" && r.kernel === row.kernel && r.dataset === row.dataset && r.inputs === row.inputs,
  );
  if (row.seconds === null || node === undefined || node.seconds === null) return null;
  return row.seconds / node.seconds;
}

/** All rows. Columns that would say the same everywhere are left out. */
export function table(rows: readonly Row[], plan: Plan): string {
  const colors = paint.stdout;
  const withNode = plan.lanes.some((lane) => lane.target === "node") && plan.lanes.length > 1;
  const columns: readonly (readonly [string, "left" | "right", (row: Row) => string])[] = [
    ["kernel", "left", (row) => row.kernel],
    ["dataset", "left", (row) => row.dataset],
    ...(plan.inputs.length > 1 ? [["inputs", "left", (row: Row) => row.inputs] as const] : []),
    ["type", "left", (row) => row.dtype],
    ["target", "left", nameOf],
    ["time", "right", (row) => (row.seconds === null ? "" : formatSeconds(row.seconds))],
    ["GFLOP/s", "right", (row) => (row.gflops === null ? "" : threeDigits(row.gflops))],
    ...(withNode ? [["× node", "right", (row: Row) => maybe(ratioToNode(row, rows))] as const] : []),
    ...(plan.check ? [["error", "right", (row: Row) => formatError(row.maxError)] as const] : []),
    ["", "left", (row) => verdict(row, colors)],
  ];
  const out = new Table({
    head: columns.map(([title]) => title),
    colAligns: columns.map(([, align]) => align),
    ...plainTable,
  });
  for (const row of rows) out.push(columns.map(([, , cell]) => cell(row)));
  const problems = rows.flatMap((row) => (row.ok ? [] : [describe(row, plan, colors)]));
  return [out.toString(), ...(problems.length > 0 ? ["", ...problems] : [])].join("\n");
}

const maybe = (x: number | null): string => (x === null ? "" : threeDigits(x));
const formatError = (x: number | null): string => (x === null ? "" : x === 0 ? "0" : x.toExponential(1));

/** The kernels that passed, failed and were skipped; the rows; and how the lanes compare with node. */
export function summary(rows: readonly Row[], plan: Plan): string {
  const colors = paint.stdout;
  const kernels = [...new Set(rows.map((row) => row.kernel))];
  const of = (name: string): readonly Row[] => rows.filter((row) => row.kernel === name);
  const failed = kernels.filter((name) => of(name).some((row) => !row.ok));
  const skipped = kernels.filter((name) => of(name).every((row) => row.skipped !== undefined));
  const passed = kernels.length - failed.length - skipped.length;
  const verb = plan.check ? "pass" : "run (not compared with anything: add --check)";
  const head = `${passed} of ${kernels.length} kernels ${verb}`;
  const skippedRows = rows.filter((row) => row.skipped !== undefined);
  const failedRows = rows.filter((row) => !row.ok).length;
  const counts = `${counted(rows.length, "row")}: ${rows.length - failedRows - skippedRows.length} passed, ${failedRows} failed, ${skippedRows.length} skipped`;
  const lines = [...comparisons(rows, plan), ...reasons(skippedRows)];
  const color = failed.length > 0 ? colors.red : skipped.length > 0 ? colors.yellow : colors.green;
  return [...lines, color(head), counts].join("\n");
}

/** Why rows were skipped, each reason once. */
const reasons = (skipped: readonly Row[]): readonly string[] => [
  ...new Set(skipped.map((row) => `${nameOf(row)} skipped: ${row.skipped}`)),
];

/** The geometric mean of each lane's time over node's. */
function comparisons(rows: readonly Row[], plan: Plan): readonly string[] {
  return plan.lanes.flatMap((lane) => {
    if (lane.target === "node") return [];
    const logs = rows
      .filter((row) => nameOf(row) === laneName(lane))
      .map((row) => ratioToNode(row, rows))
      .filter((ratio) => ratio !== null)
      .map(Math.log);
    if (logs.length < 2) return [];
    const mean = Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
    return [`${laneName(lane)} takes ${threeDigits(mean)}× the time of node (geometric mean of ${logs.length})`];
  });
}
