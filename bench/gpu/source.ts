/**
 * Where compiled code comes from: the compiler, or a folder that was filled where there is one, for machines that have neither
 * TypeScript nor LLVM.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { TargetName } from "../../compiler/artifact.ts";
import type { Unit } from "../../runtime/call.ts";
import { jit, loadUnit } from "../../runtime/jit.ts";
import type { RecordedCase, Subject } from "./jobs.ts";

export interface Source {
  /** In words. */
  readonly name: string;
  readonly unit: (subject: Subject, target: TargetName) => Promise<Unit>;
  /** The calls of the test set. */
  readonly cases: () => Promise<readonly RecordedCase[]>;
}

/** Compiles what is asked for. */
export const compiler = (cases: () => Promise<readonly RecordedCase[]>): Source => ({
  name: "compiled here",
  unit: ({ file, options }, target) => jit(file, { ...options, target, cache: false }),
  cases,
});

/** Loads what `carry` has left in a folder. */
export function carried(folder: string): Source {
  const read = (name: string): unknown => {
    const file = join(folder, name);
    if (!existsSync(file)) throw new Error(`${file} is not there: the folder was made for other kernels or targets`);
    return deserialize(readFileSync(file));
  };
  return {
    name: `carried in ${folder}`,
    unit: async ({ name }, target) => {
      const artifact = read(`${name}-${target}`) as Unit["artifact"];
      return loadUnit(artifact, async () => {
        throw new Error(`${name}: these sizes need code that checks every access, which only the compiler makes`);
      });
    },
    cases: async () => read("cases") as readonly RecordedCase[],
  };
}

/** Fills a folder for `carried`. */
export class Carrier {
  private readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }
  add(subject: Subject, target: TargetName, artifact: Unit["artifact"]): void {
    // Where the sources were is nobody's business elsewhere.
    this.write(`${subject.name}-${target}`, { ...artifact, file: `${subject.name}.ts` });
  }
  cases(cases: readonly RecordedCase[]): void {
    this.write(
      "cases",
      cases.map((c) => ({ ...c, file: `file:///${c.file.split("/").at(-1)}` })),
    );
  }
  private write(name: string, value: unknown): void {
    writeFileSync(join(this.folder, name), serialize(value));
  }
}
