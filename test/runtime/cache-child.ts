/**
 * What the tests of the compile cache run in processes of their own.
 *
 *   cache-child.ts errors FILE TARGET     the results and errors of calls, and what was loaded to get there, as JSON
 *   cache-child.ts race FOLDER SEED       many compilations of few files through one cache folder; prints wrong results
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { TargetName } from "../../compiler/artifact.ts";
import { print } from "../../compiler/ir/print.ts";
import { throughCache } from "../../runtime/cache.ts";
import { CacheStore } from "../../runtime/cache-store.ts";
import { call } from "../../runtime/call.ts";
import { jit } from "../../runtime/jit.ts";

async function errors(file: string, target: TargetName): Promise<void> {
  const unit = await jit(file, { target });
  const outcomes: unknown[] = [];
  const arrays = { at: [1, 2, 3], chase: [1, 2], shift: [1, 0, 0] };
  const calls: readonly (readonly [kernel: string, ...args: unknown[]])[] = [
    ["at", arrays.at, 2],
    ["at", arrays.at, 3],
    ["chase", arrays.chase, [1]],
    ["chase", arrays.chase, [5]],
    // Breaks a requirement where that need not matter: the version with all checks runs.
    ["shift", arrays.shift, 3],
    ["shift", arrays.shift, 1],
    ["rows", [[1, 2]], -3],
  ];
  for (const [kernel, ...args] of calls) {
    outcomes.push(await call(unit, kernel, args).catch((error: Error) => error.message));
  }
  // Kernel files are in the cache of loaded modules, TypeScript is if it was loaded, native libraries are in the map of memory.
  const modules = Object.keys(createRequire(import.meta.url).cache);
  const maps = existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8") : "";
  console.log(
    JSON.stringify({
      cached: unit.cached,
      typescript: modules.some((path) => /node_modules.typescript/.test(path)),
      llvm: maps.includes("libLLVM"),
      outcomes,
      arrays,
      entries: unit.artifact.entries,
      program: print(unit.artifact.program, { spans: true }),
    }),
  );
}

/** Every file's result is a text that follows from the file alone, so that a wrong one shows. */
async function race(folder: string, seed: number): Promise<void> {
  const store = new CacheStore(join(folder, "cache"), 100_000);
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const counts = { wrong: 0, hits: 0 };
  for (let k = 0; k < 400; k++) {
    const file = join(folder, `kernel${below(12)}.ts`);
    const { value, cached } = await throughCache(
      { file, product: "artifact", options: {}, tools: {} },
      async (read) => (read(file) ?? "").repeat(1000),
      store,
    );
    if (cached) counts.hits++;
    if (value !== readFileSync(file, "utf8").repeat(1000)) counts.wrong++;
    if (below(60) === 0) store.clear();
  }
  console.log(JSON.stringify(counts));
}

const [what, place = "", more = ""] = process.argv.slice(2);
await (what === "race" ? race(place, Number(more)) : errors(place, more as TargetName));
