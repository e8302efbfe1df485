/** The IR texts in the tree. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { partsOf } from "../golden-case.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", ".git"]);

export interface IrText {
  /** The file, and which part of it where it has two. */
  readonly name: string;
  readonly text: string;
}

/** Every module in every `.ir` file; a golden file has two. */
export function irTexts(folder: string = root): IrText[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): IrText[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : irTexts(path);
    if (!entry.name.endsWith(".ir")) return [];
    const parts = partsOf(readFileSync(path, "utf8"));
    return parts.map((text, i) => ({ name: `${relative(root, path)}${i === 0 ? "" : " (output)"}`, text }));
  });
}
