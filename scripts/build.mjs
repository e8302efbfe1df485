/**
 * `npm run build`, and `prepare`, which npm runs at the end of `npm ci` in a checkout and before it packs: a fresh `dist/`, with
 * the command in it executable (npm sets that bit only once, when it links the command).
 *
 * It is built beside and takes the place of the one before when it is whole, so that what runs from there keeps running.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const cache = join(root, ".tsgpu-cache");
mkdirSync(cache, { recursive: true });
const work = mkdtempSync(join(cache, "build-"));
const built = join(work, "dist");

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const args = [tsc, "-p", "tsconfig.build.json", "--outDir", built];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
if (status === 0) {
  chmodSync(join(built, "cli", "main.js"), 0o755);
  if (existsSync(dist)) renameSync(dist, join(work, "before"));
  renameSync(built, dist);
}
rmSync(work, { recursive: true, force: true });
process.exitCode = status ?? 1;
