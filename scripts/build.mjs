/**
 * `npm run build`, and `prepare`, which npm runs at the end of `npm ci` in a checkout and before it packs: a fresh `dist/`, with
 * the command in it executable (npm sets that bit only once, when it links the command); and a fresh `ir/`, the math library
 * as data, which the compiler just built makes from kernels/math.
 *
 * Both are built beside and take the places of those before when they are whole, so that what runs from there keeps running.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".tsgpu-cache");
mkdirSync(cache, { recursive: true });
const work = mkdtempSync(join(cache, "build-"));

/** Puts what was built in place of the folder of that name. */
function replace(name) {
  if (existsSync(join(root, name))) renameSync(join(root, name), join(work, `${name}-before`));
  renameSync(join(work, name), join(root, name));
}

const built = join(work, "dist");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const args = [tsc, "-p", "tsconfig.build.json", "--outDir", built];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
if (status === 0) {
  chmodSync(join(built, "cli", "main.js"), 0o755);
  const { buildLibrary } = await import(pathToFileURL(join(built, "compiler", "library-build.js")).href);
  const files = buildLibrary(join(root, "kernels", "math", "index.ts"));
  mkdirSync(join(work, "ir"));
  for (const [name, text] of files) writeFileSync(join(work, "ir", name), text);
  replace("ir");
  replace("dist");
}
rmSync(work, { recursive: true, force: true });
process.exitCode = status ?? 1;
