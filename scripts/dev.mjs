/**
 * Runs the TypeScript sources as they are on Node 20: `node --import ./scripts/dev.mjs cli/main.ts`.
 *
 * It is tsx, but for the packages' own modules: tsx looks through each for what it might rewrite, which takes seconds for Binaryen.
 */
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Left to itself, tsx does nothing in the worker threads of Node 20.
if (isMainThread) await import("tsx");
else (await import("tsx/esm/api")).register();
register("./dev-hooks.mjs", import.meta.url);
