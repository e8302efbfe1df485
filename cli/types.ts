/**
 * `tsgpu types`: writes, beside each kernel file, the names that TypeScript's types do not tell, so that gradients are typed by
 * them: `gemm.types.ts` for `gemm.ts`.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { Entry, EntryParam } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { CompileError, type Diagnostic } from "../compiler/diagnostic.ts";
import { isFloat } from "../compiler/ir/ir.ts";
import { formatDiagnostics, jsonDiagnostic } from "./diagnostics.ts";
import { exitCodes } from "./errors.ts";
import { candidateFiles, isWanted, showProgress } from "./kernel-files.ts";
import { counted } from "./numbers.ts";
import { addJson } from "./options.ts";
import { type JsonTo, jsonOnStdout, paint, writeJson, writeWhole } from "./output.ts";

interface Options {
  readonly check?: boolean;
  readonly json?: JsonTo;
}

export function define(command: Command): void {
  addJson(
    command
      .argument("<file...>", "kernel files, and folders of kernel files")
      .option("--check", "write nothing; fail if a file is missing or out of date (for CI)"),
  ).action(action);
}

/** What was found of one file. */
type State = "written" | "unchanged" | "missing" | "out of date" | "wrong";
interface Row {
  readonly file: string;
  readonly types: string;
  readonly state: State;
}

async function action(paths: readonly string[], options: Options): Promise<void> {
  const rows: Row[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const candidate of showProgress(candidateFiles(paths).filter(({ file }) => !isTypesFile(file)))) {
    if (!isWanted(candidate)) continue;
    const { file } = candidate;
    const types = typesFile(file);
    try {
      const state = update(types, await typesOf(file), options.check === true);
      rows.push({ file, types, state });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      diagnostics.push(...error.diagnostics);
      rows.push({ file, types, state: "wrong" });
    }
  }
  const failed = rows.some(({ state }) => state !== "written" && state !== "unchanged");
  if (!jsonOnStdout(options.json)) {
    if (diagnostics.length > 0) process.stdout.write(`${formatDiagnostics(diagnostics, paint.stdout)}\n\n`);
    for (const { file, types, state } of rows)
      if (state !== "unchanged") process.stdout.write(`${say[state](file, types)}\n`);
    const same = rows.filter(({ state }) => state === "unchanged").length;
    if (same > 0) process.stdout.write(`${counted(same, "file")} up to date\n`);
    else if (rows.length === 0) process.stdout.write("no kernel files\n");
  }
  writeJson(options.json, { files: rows, diagnostics: diagnostics.map((d) => jsonDiagnostic(d)) });
  process.exitCode = failed ? exitCodes.failed : exitCodes.ok;
}

const say: Readonly<Record<Exclude<State, "unchanged">, (file: string, types: string) => string>> = {
  written: (_, types) => `${types} written`,
  missing: (file, types) => `${types} is missing: run \`tsgpu types ${file}\``,
  "out of date": (file, types) => `${types} is out of date: run \`tsgpu types ${file}\``,
  wrong: (file) => `${file} does not compile`,
};

const isTypesFile = (file: string): boolean => /\.types\.[cm]?ts$/.test(file);
const typesFile = (file: string): string => file.replace(/(\.[cm]?ts)$/, ".types$1");

/** Writes the file where it says something else, or only says so. */
function update(file: string, text: string, checkOnly: boolean): State {
  const before = existsSync(file) ? readFileSync(file, "utf8").replaceAll("\r\n", "\n") : null;
  if (before === text) return "unchanged";
  if (checkOnly) return before === null ? "missing" : "out of date";
  writeWhole(file, text);
  return "written";
}

/** The declarations for a kernel file. @throws CompileError */
async function typesOf(file: string): Promise<string> {
  const { compile } = await import("../compiler/index.ts");
  const { entries } = await compile({ file: resolve(file) }, { target: "interp" });
  const name = basename(file);
  const imported = name.replace(/ts$/, "js");
  return `// Written by \`tsgpu types\`: the names in ${name}, which types of functions do not tell. Do not edit.
import type { Named } from "tsgpu";
import type * as source from "./${imported}";

/** What \`load\` takes for ${name}, so that gradients are typed by its parameters' names. */
export interface Module {
${entries.map(member).join("\n")}
}
`;
}

function member(entry: Entry): string {
  const { params } = entry;
  const list = params.map((p) => JSON.stringify(p.name)).join(", ");
  const wrt = params.filter((p) => holdsFloats(p) && reads(p)).map((p) => p.name);
  const outputs = params.filter(writes).map((p) => p.name);
  const of = [
    ...params.filter((p) => holdsFloats(p) && writes(p)).map((p) => p.name),
    ...(returnsFloats(entry) ? ["return"] : []),
  ];
  return `  readonly ${entry.name}: Named<
    typeof source.${entry.name},
    { params: [${list}]; wrt: ${union(wrt)}; of: ${union(of)}; outputs: ${union(outputs)} }
  >;`;
}

const union = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(" | ") || "never";
const reads = ({ access }: EntryParam): boolean => access === "read" || access === "readwrite";
const writes = ({ access }: EntryParam): boolean => access === "write" || access === "readwrite";
const holdsFloats = ({ name, type }: EntryParam): boolean => leavesOf(name, type).some((leaf) => isFloat(leaf.elem));
const returnsFloats = ({ result }: Entry): boolean =>
  result !== null && leavesOf("return", result).some((leaf) => isFloat(leaf.elem));
