/** Runs the command as users do: a process of its own, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Ran, spawned } from "../spawned.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const loader = pathToFileURL(join(root, "scripts/dev.mjs")).href;

export interface Place {
  readonly folder: string;
  /** Runs `tsgpu` there. */
  readonly tsgpu: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;
  readonly remove: () => void;
}

/** A new folder with these files. */
export function makePlace(files: Readonly<Record<string, string>> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-cli-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    folder,
    tsgpu: (args, env = {}) => run(folder, args, env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const run = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  spawned(process.execPath, ["--import", loader, join(root, "cli/main.ts"), ...args], {
    cwd,
    env: { ...process.env, FORCE_COLOR: "", ...env },
  });

/** A kernel that needs little: what most tests compile and run. */
export const axpy = `import type { real } from "tsgpu";

/** y += alpha x, and the sum of y. */
export function axpy(alpha: real, x: readonly real[], y: real[]): real {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    y[i] += alpha * x[i];
    sum += y[i];
  }
  return sum;
}
`;

/** What the checks of kernel files must find: two things that kernels do not have. */
export const wrong = `import type { f64 } from "tsgpu";
export function wrong(x: f64[]): void {
  var first = x[0];
  for (const a of x) x[0] = a + first;
}
`;
