/** The kernel files that a command line names: files, and folders of them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isMeantForKernels } from "../runtime/kernel-module.ts";
import { UsageError } from "./errors.ts";
import { existingFile } from "./options.ts";

/** A file that may be a kernel file. `asked`: the user named it, rather than a folder that it is in. */
export interface Candidate {
  readonly file: string;
  readonly asked: boolean;
}

/** The TypeScript files of these paths, each once. @throws UsageError when there are none */
export function candidateFiles(paths: readonly string[]): readonly Candidate[] {
  const candidates = unique(paths.flatMap(expand));
  if (candidates.length === 0) throw new UsageError(`there is no .ts file in ${paths.join(", ")}`);
  return candidates;
}

/** Whether it is meant to be a kernel file: a folder has others too. */
export const isWanted = ({ file, asked }: Candidate): boolean => asked || isMeantForKernels(readFileSync(file, "utf8"));

/** The candidates one after another, counted on a terminal. */
export function* showProgress(candidates: readonly Candidate[]): Iterable<Candidate> {
  for (const [k, candidate] of candidates.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${k + 1}/${candidates.length} ${candidate.file}`);
    yield candidate;
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
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
