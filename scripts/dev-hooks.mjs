/** The module hook of `dev.mjs`: loads the ES modules of packages as Node itself does. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export async function load(url, context, next) {
  const plain = context.format === "module" && url.startsWith("file:") && url.includes("/node_modules/");
  if (!plain) return next(url, context);
  return { format: "module", source: await readFile(fileURLToPath(url)), shortCircuit: true };
}
