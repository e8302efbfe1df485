/** A process of its own that runs what it is sent, one program after another: it may die of one. See process.ts. */
import { runProgram } from "./grad.ts";
import type { RunOptions } from "./run.ts";
import type { Sources } from "./tree.ts";

process.on("message", async ({ sources, options }: { sources: Sources; options: RunOptions }) => {
  process.send?.(await runProgram(sources, options));
});
process.send?.("ready");
