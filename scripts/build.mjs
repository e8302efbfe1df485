/**
 * `npm run build`, and `prepare`, which npm runs at the end of `npm ci` in a checkout: a fresh `dist/`, with the command in
 * it executable (npm sets that bit only once, when it links the command); and a fresh `ir/`, the math library as data, which
 * the compiler just built makes from kernels/math.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
const command = join(root, "dist", "cli", "main.js");
if (existsSync(command)) chmodSync(command, 0o755);
if (status === 0) {
  const { buildLibrary } = await import(new URL("../dist/compiler/library-build.js", import.meta.url).href);
  const files = buildLibrary(join(root, "kernels", "math", "index.ts"));
  rmSync(join(root, "ir"), { recursive: true, force: true });
  mkdirSync(join(root, "ir"));
  for (const [name, text] of files) writeFileSync(join(root, "ir", name), text);
}
process.exitCode = status ?? 1;
