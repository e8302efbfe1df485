/** Where the compile cache lies and how large it may become, by the environment and the habits of the system. */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** The cache's folder and limit in bytes; or why there is no cache. */
export type CachePlace =
  | { readonly folder: string; readonly limit: number; readonly warning: string | null }
  | { readonly off: string };

export const defaultLimit = 512 * 2 ** 20;

/**
 * `TSGPU_CACHE` names the folder, or is `off`; otherwise it is the one where the system's caches are. `TSGPU_CACHE_SIZE`
 * is a number of bytes, or has a unit: `64 MiB`, `2G`.
 */
export function cachePlace(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
): CachePlace {
  const wish = env.TSGPU_CACHE;
  if (wish === "off") return { off: "TSGPU_CACHE=off turns the cache off" };
  const text = env.TSGPU_CACHE_SIZE;
  const size = text === undefined || text === "" ? defaultLimit : parseSize(text);
  const limit = size ?? defaultLimit;
  const warning =
    size === null ? `TSGPU_CACHE_SIZE=${text} is not understood (write 512M): the limit is 512 MiB` : null;
  if (limit === 0) return { off: "TSGPU_CACHE_SIZE=0 turns the cache off" };
  if (wish !== undefined && wish !== "") return { folder: resolve(wish), limit, warning };
  const parent = cachesOfUser(env, platform, home);
  return parent === null
    ? { off: "there is no home folder; TSGPU_CACHE names a folder for the cache" }
    : { folder: join(parent, "tsgpu"), limit, warning };
}

/** Where programs put what they can make again. */
function cachesOfUser(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: () => string): string | null {
  if (platform === "win32" && env.LOCALAPPDATA) return env.LOCALAPPDATA;
  // By the XDG specification a path that is not absolute is to be ignored.
  if (platform !== "darwin" && env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME;
  let own: string;
  try {
    own = home();
  } catch {
    return null;
  }
  if (!isAbsolute(own)) return null;
  if (platform === "darwin") return join(own, "Library", "Caches");
  return platform === "win32" ? join(own, "AppData", "Local") : join(own, ".cache");
}

const units: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes, from `1048576`, `512M`, `64 MiB`, `1.5 GB`; null for anything else. Units are powers of 1024. */
export function parseSize(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  const [, number, unit] = match ?? [];
  return number === undefined || unit === undefined ? null : Math.floor(Number(number) * units[unit.toLowerCase()]!);
}
