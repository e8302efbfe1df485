/** A process of its own that runs what it is sent, one program after another: it may die of one. See process.ts. */
import { type RunOptions, runEverywhere } from "./run.ts";
import type { Sources } from "./tree.ts";

process.on("message", async ({ sources, options }: { sources: Sources; options: RunOptions }) => {
  process.send?.(await runEverywhere(sources, options));
});
process.send?.("ready");
