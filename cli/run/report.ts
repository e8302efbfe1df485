/** What a run prints, and what it writes. */
import type { SourceType, TargetName } from "../../compiler/artifact.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { numbersOf } from "../../runtime/array.ts";
import type { Statements } from "../../runtime/device.ts";
import { formatSeconds, parallelFraction } from "../numbers.ts";
import { paint } from "../output.ts";
import type { Call, LeafValue } from "./call.ts";
import type { Run } from "./execute.ts";
import { jsonNumber, nestedJson, writeArrayFile } from "./files.ts";
import { showArray } from "./show.ts";

export interface Setting {
  readonly file: string;
  readonly target: TargetName;
  readonly mode: Mode;
  readonly real: "f64" | "f32";
  /** How long it took to have the code, and whether it came from the compile cache. */
  readonly compile: { readonly seconds: number; readonly cached: boolean };
}

type ArrayLeaf = Extract<LeafValue, { kind: "array" }>;
type ScalarLeaf = Extract<LeafValue, { kind: "scalar" }>;

const leaves = (call: Call): readonly LeafValue[] => call.params.flatMap((p) => p.values);
const arrays = (call: Call): readonly ArrayLeaf[] => leaves(call).flatMap((v) => (v.kind === "array" ? [v] : []));
const scalars = (call: Call): readonly ScalarLeaf[] => leaves(call).flatMap((v) => (v.kind === "scalar" ? [v] : []));

/** The kernel and its arguments, what it wrote and returned, and how long it took. */
export function report(call: Call, run: Run, { target, mode, compile }: Setting): string {
  const { bold, dim } = paint.stdout;
  const sizes = [...call.sizes].map(([name, n]) => `${name} = ${n}`);
  const given = scalars(call).map(({ leaf, value, random }) => `${leaf.name} = ${value}${random ? " (random)" : ""}`);
  const of = [...sizes, ...given];
  const lines = [`${bold(call.entry.name)} on ${target}, ${mode}${of.length === 0 ? "" : `: ${of.join(", ")}`}`];
  for (const { leaf, shape, data } of arrays(call).filter((a) => a.written)) {
    lines.push(
      "",
      `${bold(leaf.name)} ${dim(`${leaf.elem}[${shape.join(", ")}]`)}`,
      showArray(leaf.elem, shape, numbersOf(data)),
    );
  }
  if (call.entry.result !== null) lines.push("", `${bold("result")} ${showResult(run.result)}`);
  const times = run.repeat > 1 ? `, the median of ${run.repeat} runs` : "";
  const compiled = `${compile.cached ? "from the cache" : "compiled"} in ${formatSeconds(compile.seconds)}`;
  if (run.statements !== null) lines.push("", sayStatements(run.statements));
  return [...lines, "", `${formatSeconds(run.seconds)}${times} (${compiled})`].join("\n");
}

const sayStatements = (s: Statements): string =>
  `${(100 * parallelFraction(s)).toFixed(1)} % of ${s.parallel + s.sequential} statements in grid and threads loops`;

const showResult = (result: unknown): string =>
  typeof result === "object"
    ? JSON.stringify(result, (_, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x))
    : String(result);

/** What `--json` gets. NaN and the infinities are strings. */
export function jsonOf(call: Call, run: Run, setting: Setting): unknown {
  return {
    file: setting.file,
    kernel: call.entry.name,
    target: setting.target,
    mode: setting.mode,
    real: setting.real,
    sizes: Object.fromEntries(call.sizes),
    scalars: Object.fromEntries(
      scalars(call).map(({ leaf, value }) => [leaf.name, jsonNumber(leaf.elem, Number(value))]),
    ),
    ...(call.entry.result === null ? {} : { result: jsonResult(call.entry.result, run.result) }),
    arrays: Object.fromEntries(
      arrays(call)
        .filter((a) => a.written)
        .map(({ leaf: { name, elem }, shape, data }) => [
          name,
          { dtype: elem, shape, values: nestedJson(elem, shape, numbersOf(data)) },
        ]),
    ),
    seconds: run.seconds,
    repeat: run.repeat,
    ...(run.statements === null ? {} : { parallelFraction: parallelFraction(run.statements) }),
    compile: setting.compile,
  };
}

function jsonResult(type: SourceType, value: unknown): unknown {
  switch (type.kind) {
    case "scalar":
      return jsonNumber(type.type, Number(value));
    case "struct":
      return Object.fromEntries(
        type.fields.map((f) => [f.name, jsonResult(f.type, (value as Record<string, unknown>)[f.name])]),
      );
    case "tuple":
      return type.elems.map((e, i) => jsonResult(e, (value as readonly unknown[])[i]));
    case "array":
      return null;
  }
}

/** Writes the arrays that `--output` names. */
export function writeOutputs(outputs: Readonly<Record<string, string>>, call: Call): void {
  for (const [name, file] of Object.entries(outputs)) {
    const found = arrays(call).find((a) => a.leaf.name === name);
    if (found !== undefined) writeArrayFile(file, found.leaf.elem, found.shape, found.data);
  }
}
