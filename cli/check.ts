/** `tsgpu check`: all that is wrong with kernel files. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Diagnostic } from "../compiler/diagnostic.ts";
import { isMeantForKernels } from "../runtime/kernel-module.ts";
import { formatDiagnostics, furtherReading, jsonDiagnostic, type ShowFile, shownFile } from "./diagnostics.ts";
import { exitCodes, UsageError } from "./errors.ts";
import { counted } from "./numbers.ts";
import { addCommon, type Common, existingFile } from "./options.ts";
import { jsonOnStdout, paint, writeJson } from "./output.ts";

export function define(command: Command): void {
  addCommon(command.argument("<file...>", "kernel files, and folders of kernel files")).action(action);
}

/** A file to check. `asked`: the user named it, rather than a folder that it is in. */
interface Candidate {
  readonly file: string;
  readonly asked: boolean;
}

/** What a check has looked at, and what it found. */
interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly files: number;
  /** Files of folders that do not import as kernel files do. */
  readonly passedOver: number;
}

async function action(paths: readonly string[], options: Common): Promise<void> {
  const candidates = unique(paths.flatMap(expand));
  if (candidates.length === 0) throw new UsageError(`there is no .ts file in ${paths.join(", ")}`);
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
  for (const [k, { file, asked }] of candidates.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${k + 1}/${candidates.length} ${file}`);
    if (!asked && !isMeantForKernels(readFileSync(file, "utf8"))) continue;
    files++;
    for (const d of check({ file: resolve(file) }, real)) {
      // In a folder, files without kernels are those that others import.
      if (d.code === "TG1014" && !asked) continue;
      // What is wrong with an imported file is found once for each that imports it.
      found.set(`${d.at.file}:${d.at.start}:${d.code}`, d);
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
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

/** The kernel files that a path stands for. */
function expand(path: string): readonly Candidate[] {
  existingFile(path, "folder too");
  if (!statSync(path).isDirectory()) return [{ file: path, asked: true }];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): readonly Candidate[] => {
      const inside = join(path, entry.name);
      // Links to folders are not followed: they may lead back up.
      if (entry.isDirectory()) return /^(node_modules|dist|\..*)$/.test(entry.name) ? [] : expand(inside);
      const isKernelFile = /\.[cm]?ts$/.test(entry.name) && !/\.(d|test|spec|config)\.[cm]?ts$/.test(entry.name);
      return isKernelFile && statSync(inside, { throwIfNoEntry: false })?.isFile()
        ? [{ file: inside, asked: false }]
        : [];
    });
}

/** Each file once; a file that is named counts as named. */
function unique(candidates: readonly Candidate[]): readonly Candidate[] {
  const byPath = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const path = resolve(candidate.file);
    if (candidate.asked || !byPath.has(path)) byPath.set(path, candidate);
  }
  return [...byPath.values()];
}
