/** Rows for people: a table that grows group by group, and at the end what it all amounts to. */
import Table from "cli-table3";
import { counted, formatBytes, formatSeconds, threeDigits } from "../numbers.ts";
import { type Colors, plainTable } from "../output.ts";
import { type GradientRow, laneName, type Plan, type Row } from "./plan.ts";

const nameOf = ({ target, cc }: Row): string => laneName({ target, ...(cc === undefined ? {} : { cc, named: true }) });

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  readonly cell: (row: Row, group: readonly Row[]) => string;
}

/** The columns of a plan. Those that would say the same in every row are left out. */
function columnsOf(plan: Plan, colors: Colors): readonly Column[] {
  const left = (title: string, names: readonly string[], cell: Column["cell"]): Column => {
    return { title, align: "left", width: Math.max(title.length, ...names.map((name) => name.length)), cell };
  };
  const right = (title: string, width: number, cell: Column["cell"]): Column => ({
    title,
    align: "right",
    width,
    cell,
  });
  const kernels = plan.kernels.map((kernel) => kernel.name);
  const grad = plan.grad !== undefined;
  const counts = plan.lanes.some(({ target }) => target === "simulator");
  const hasNode = plan.lanes.some((lane) => lane.target === "node") && plan.lanes.length > 1;
  return [
    left("kernel", kernels, (row) => row.kernel),
    left("dataset", plan.datasets, (row) => row.dataset),
    ...(plan.inputs.length > 1 ? [left("inputs", plan.inputs, (row) => row.inputs)] : []),
    left("type", [], (row) => row.dtype),
    left("target", plan.lanes.map(laneName), nameOf),
    ...(grad ? [left("part", ["gradient"], (row) => row.part)] : []),
    right("time", 7, (row) => (row.seconds === null ? "" : formatSeconds(row.seconds))),
    right("GFLOP/s", 7, (row) => (row.gflops === null ? "" : threeDigits(row.gflops))),
    ...(hasNode ? [right("× node", 6, (row, group) => maybe(ratioToNode(row, group), threeDigits))] : []),
    ...(grad ? [right("× primal", 8, (row) => maybe(gradient(row)?.ratio ?? null, threeDigits))] : []),
    ...(grad ? [right("tape", 8, (row) => maybe(gradient(row)?.tapeBytes ?? null, formatBytes))] : []),
    ...(counts ? [right("parallel", 8, (row) => maybe(row.parallelFraction, formatPercent))] : []),
    ...(plan.check ? [right("error", 7, (row) => maybe(row.maxError, formatError))] : []),
    left("", [grad ? "refused" : "skipped"], (row) => verdict(row, colors)),
  ];
}

const gradient = (row: Row): GradientRow | null => (row.part === "gradient" ? row : null);
const maybe = (x: number | null, format: (x: number) => string): string => (x === null ? "" : format(x));
const formatPercent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const formatError = (x: number): string => (x === 0 || !Number.isFinite(x) ? String(x) : x.toExponential(1));

function verdict(row: Row, colors: Colors): string {
  if (row.skipped !== undefined) return colors.yellow("skipped");
  if (!row.ok) return colors.red("FAILED");
  return colors.green(gradient(row)?.refused === undefined ? "ok" : "refused");
}

const subjectOf = (row: Row): string => `${row.part === "gradient" ? "the gradient of " : ""}${row.kernel}`;

/** Seconds over those of target node in the same group; gradients have theirs over those of the kernel. */
function ratioToNode(row: Row, group: readonly Row[]): number | null {
  if (row.part === "gradient") return null;
  const node = group.find((r) => r.target === "node")?.seconds;
  return row.seconds === null || node === null || node === undefined ? null : row.seconds / node;
}

function render(columns: readonly Column[], head: boolean, cells: readonly (readonly string[])[]): string {
  const table = new Table({
    ...(head ? { head: columns.map(({ title }) => title) } : {}),
    colWidths: columns.map(({ width }) => width + plainTable.style["padding-right"]),
    colAligns: columns.map(({ align }) => align),
    ...plainTable,
  });
  table.push(...cells.map((row) => [...row]));
  return table.toString().replace(/ +$/gm, "");
}

/** The table's head. */
export const tableHead = (plan: Plan, colors: Colors): string => render(columnsOf(plan, colors), true, []);

/** The rows of a group, and what is wrong with those that failed. */
export function tableRows(group: readonly Row[], plan: Plan, colors: Colors): string {
  const columns = columnsOf(plan, colors);
  const cells = group.map((row) => columns.map(({ cell }) => cell(row, group)));
  const problems = group.flatMap((row) =>
    row.problem === undefined ? [] : [colors.red(`  ${subjectOf(row)} on ${nameOf(row)}: ${row.problem}`)],
  );
  return [render(columns, false, cells), ...problems].join("\n");
}

/** How the lanes compare with node, why rows were skipped, and how many kernels and rows passed. */
export function summary(rows: readonly Row[], plan: Plan, colors: Colors): string {
  const kernels = [...new Set(rows.map((row) => row.kernel))];
  const of = (name: string): readonly Row[] => rows.filter((row) => row.kernel === name);
  const failed = kernels.filter((name) => of(name).some((row) => !row.ok));
  const skipped = kernels.filter((name) => of(name).every((row) => row.skipped !== undefined));
  const passed = kernels.length - failed.length - skipped.length;
  const verb = plan.check ? "pass" : "run (add --check to compare their results)";
  const color = failed.length > 0 ? colors.red : skipped.length > 0 ? colors.yellow : colors.green;
  const skippedRows = rows.filter((row) => row.skipped !== undefined);
  const failedRows = rows.filter((row) => !row.ok).length;
  const passedRows = rows.length - failedRows - skippedRows.length;
  return [
    ...comparisons(rows, plan),
    ...new Set(skippedRows.map((row) => `${nameOf(row)} was skipped: ${row.skipped}`)),
    ...new Set(rows.flatMap((row) => refusalOf(row))),
    `${counted(rows.length, "row")}: ${passedRows} passed, ${failedRows} failed, ${skippedRows.length} skipped`,
    color(`${passed} of ${kernels.length} kernels ${verb}`),
  ].join("\n");
}

/** A refusal that is as it must be. */
function refusalOf(row: Row): readonly string[] {
  const { refused, why } = gradient(row) ?? {};
  return row.ok && refused !== undefined ? [`${row.kernel} has no gradient: ${refused}: ${why}`] : [];
}

/** The geometric means of each lane's times over node's, and of its gradients' over its kernels'. */
function comparisons(rows: readonly Row[], plan: Plan): readonly string[] {
  return plan.lanes.flatMap((lane) => {
    const own = rows.filter((row) => nameOf(row) === laneName(lane));
    const toNode = own.map((row) =>
      ratioToNode(
        row,
        rows.filter((r) => r.part === "primal" && sameGroup(r, row)),
      ),
    );
    const name = laneName(lane);
    return [
      ...(lane.target === "node" ? [] : mean(toNode, (times) => `${name} takes ${times} the time of node`)),
      ...mean(
        own.map((row) => gradient(row)?.ratio ?? null),
        (times) => `on ${name}, gradients take ${times} the time of their kernels`,
      ),
    ];
  });
}

function mean(ratios: readonly (number | null)[], say: (times: string) => string): readonly string[] {
  const logs = ratios.filter((ratio) => ratio !== null).map(Math.log);
  if (logs.length < 2) return [];
  const value = Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
  return [`${say(`${threeDigits(value)}×`)} (geometric mean of ${logs.length})`];
}

const sameGroup = (a: Row, b: Row): boolean =>
  a.kernel === b.kernel && a.dataset === b.dataset && a.inputs === b.inputs;
