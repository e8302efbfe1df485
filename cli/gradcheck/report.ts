/** What a check of a gradient prints, and what `--json` gets. */
import Table from "cli-table3";
import type { TargetName } from "../../compiler/artifact.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { counted } from "../numbers.ts";
import { type Colors, plainTable } from "../output.ts";
import type { Call } from "../run/call.ts";
import type { Row } from "./check.ts";

export interface Setting {
  readonly file: string;
  readonly target: TargetName;
  readonly mode: Mode;
  readonly real: "f64" | "f32";
  readonly seed: number;
  readonly of: readonly string[];
}

export function report(call: Call, rows: readonly Row[], { target, mode, of }: Setting, colors: Colors): string {
  const sizes = [...call.sizes].map(([name, n]) => `${name} = ${n}`);
  const scalars = call.params.flatMap(({ values }) =>
    values.flatMap((v) => (v.kind === "scalar" ? [`${v.leaf.name} = ${v.value}${v.random ? " (random)" : ""}`] : [])),
  );
  const on = [...sizes, ...scalars];
  const table = new Table({
    head: ["by", "⟨Jᵀw, v⟩", "⟨w, J v⟩", "difference", "by differences", ""],
    colAligns: ["left", "right", "right", "right", "right", "left"],
    ...plainTable,
  });
  for (const row of rows) {
    const verdict = row.ok ? colors.green("ok") : colors.red("FAILED");
    table.push([row.wrt, number(row.reverse), number(row.forward), small(row.difference), finite(row), verdict]);
  }
  const failed = rows.filter(({ ok }) => !ok);
  const color = failed.length > 0 ? colors.red : colors.green;
  return [
    `${colors.bold(call.entry.name)} on ${target}, ${mode}${on.length === 0 ? "" : `: ${on.join(", ")}`}`,
    `along random directions v, of the weighted sum Σ w·y of ${of.join(", ")}`,
    "",
    table.toString().replace(/ +$/gm, ""),
    ...failed.map(({ wrt, problem }) => colors.red(`  ${wrt}: ${problem}`)),
    "",
    color(`${rows.length - failed.length} of ${counted(rows.length, "derivative")} right`),
  ].join("\n");
}

const number = (x: number): string => (Number.isFinite(x) ? x.toPrecision(10) : String(x));
const small = (x: number): string => (x === 0 || !Number.isFinite(x) ? String(x) : x.toExponential(1));

function finite({ finite: { value, error, agrees } }: Row): string {
  if (agrees === null) return "not smooth here";
  return `${number(value)} ± ${small(error)}`;
}

/** NaN and the infinities are strings. */
export function jsonOf(call: Call, rows: readonly Row[], setting: Setting): unknown {
  const value = {
    ...{ file: setting.file, kernel: call.entry.name, target: setting.target, mode: setting.mode, real: setting.real },
    ...{ seed: setting.seed, sizes: Object.fromEntries(call.sizes), wrt: rows.map(({ wrt }) => wrt), of: setting.of },
    ok: rows.every(({ ok }) => ok),
    rows,
  };
  return JSON.parse(JSON.stringify(value, (_, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x)));
}
