/** `tsgpu check`: all that is wrong with kernel files. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { formatDiagnostics, furtherReading, jsonDiagnostic, type ShowFile, shownFile } from "./diagnostics.ts";
import { exitCodes } from "./errors.ts";
import { type Candidate, candidateFiles, isWanted, showProgress } from "./kernel-files.ts";
import { counted } from "./numbers.ts";
import { addCommon, type Common } from "./options.ts";
import { jsonOnStdout, paint, writeJson } from "./output.ts";

export function define(command: Command): void {
  addCommon(command.argument("<file...>", "kernel files, and folders of kernel files")).action(action);
}

/** What a check has looked at, and what it found. */
interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
  /** Files of folders that do not import as kernel files do. */
  readonly passedOver: number;
}

async function action(paths: readonly string[], options: Common): Promise<void> {
  const candidates = candidateFiles(paths);
  const findings = await checkAll(candidates, options);
  const { diagnostics, files, passedOver } = findings;
  // A file is called what the user called it.
  const given = new Map(candidates.map(({ file }) => [resolve(file), file]));
  const show: ShowFile = (file) => given.get(file) ?? shownFile(file);
  if (!jsonOnStdout(options.json)) {
    const text = diagnostics.length > 0 ? `${formatDiagnostics(diagnostics, paint.stdout, show)}\n\n` : "";
    process.stdout.write(`${text}${conclusion(findings)}\n`);
  }
  const list = diagnostics.map((d) => jsonDiagnostic(d, show));
  writeJson(options.json, { files, passedOver, problems: list.length, diagnostics: list });
  process.exitCode = diagnostics.length > 0 ? exitCodes.failed : exitCodes.ok;
}

async function checkAll(candidates: readonly Candidate[], options: Common): Promise<Findings> {
  const { check } = await import("../compiler/index.ts");
  const real = options.real === undefined ? {} : { real: options.real };
  const found = new Map<string, Diagnostic>();
  let files = 0;
  for (const candidate of showProgress(candidates)) {
    if (!isWanted(candidate)) continue;
    const { file, asked } = candidate;
    files++;
    for (const d of check({ file: resolve(file) }, real)) {
      // In a folder, files without kernels are those that others import.
      if (d.code === "TG1014" && !asked) continue;
      // What is wrong with an imported file is found once for each that imports it.
      found.set(`${d.at.file}:${d.at.start}:${d.code}`, d);
    }
  }
  return { diagnostics: [...found.values()], files, passedOver: candidates.length - files };
}

function conclusion({ diagnostics, files, passedOver }: Findings): string {
  const is = passedOver === 1 ? "is no kernel file" : "are no kernel files";
  const others = passedOver === 0 ? "" : ` (${counted(passedOver, "other")} ${is})`;
  if (diagnostics.length === 0) return `${paint.stdout.green(`${counted(files, "file")}: nothing is wrong`)}${others}`;
  const bad = new Set(diagnostics.map((d) => d.at.file)).size;
  const said = paint.stdout.red(`${counted(diagnostics.length, "problem")} in ${bad} of ${counted(files, "file")}`);
  const further = furtherReading(diagnostics);
  return `${said}${others}${further === "" ? "" : `\n${further}`}`;
}
