/** The package as users have it: packed, installed by npm into an empty project outside of the repository, and run there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ran, spawned } from "../spawned.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What `npm pack` says of the package. */
export interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

export interface Project {
  readonly folder: string;
  readonly packed: Packed;
  /** Runs Node there. */
  readonly node: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  readonly remove: () => void;
}

/** The blocks of a page of the documentation that begin with a file's name. */
export function filesOf(page: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/```(?:ts|js|json)\n\/\/ (\S+)\n([\s\S]*?)```/g)];
  return Object.fromEntries(blocks.map(([, name, body]) => [name, body]));
}

/** What npm says when it cannot reach its registry, and its cache does not have what is missing. */
const unreachable = /\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

/** A project that has installed the package; or, where npm cannot, why. @throws Error when packing or installing fails. */
export async function makeProject(): Promise<Project | string> {
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-package-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const packed = await npm(["pack", "--json", "--pack-destination", folder], root);
    if (packed.code !== 0) throw new Error(`npm pack: ${packed.stderr}`);
    // What the build prints comes first.
    const [about] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("[\n"))) as [Packed];
    const write = (files: Readonly<Record<string, string>>): void => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    };
    write({ "package.json": JSON.stringify({ name: "project", private: true, type: "module" }) });
    const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const types = `@types/node@${devDependencies["@types/node"]}`;
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=0"];
    const installed = await npm(["install", ...quiet, `./${about.filename}`, types], folder);
    if (installed.code !== 0) {
      const reason = unreachable.exec(installed.stderr);
      if (reason === null) throw new Error(`npm install: ${installed.stderr}`);
      remove();
      return `npm cannot install its dependencies here: ${reason[0]}`;
    }
    const node: Project["node"] = (args, env) => run(process.execPath, args, folder, env);
    return { folder, packed: about, node, write, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

const npm = (args: readonly string[], cwd: string): Promise<Ran> =>
  run(process.platform === "win32" ? "npm.cmd" : "npm", args, cwd);

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  // As from a shell: npm, which may have started the tests, tells its children much about the repository.
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/.test(name));
  // Its own compile cache: what other runs have compiled proves nothing here.
  const cache = { TSGPU_CACHE: join(cwd, ".tsgpu-cache") };
  return spawned(command, args, { cwd, env: { ...Object.fromEntries(own), ...cache, ...env } });
}
