/** Golden text: what a printer makes of each `golden/*.ir`, kept beside it. `UPDATE=1` writes the files anew. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { Module } from "../../compiler/ir/ir.ts";
import { parsed } from "./differential.ts";

const folder = new URL("./golden/", import.meta.url);

/** The modules by their files' names, without the ending. */
export const goldenModules: readonly { readonly name: string; readonly module: Module }[] = readdirSync(folder)
  .filter((file) => file.endsWith(".ir"))
  .map((file) => ({ name: file.slice(0, -3), module: parsed(readFileSync(new URL(file, folder), "utf8")) }));

/** Compares a text with the file of that name, or writes the file. */
export function golden(file: string, text: string): void {
  const path = fileURLToPath(new URL(file, folder));
  if (process.env.UPDATE === "1") writeFileSync(path, text);
  assert.fixture(text, readFileSync(path, "utf8"));
}
