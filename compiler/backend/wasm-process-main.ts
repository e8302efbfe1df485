/** What runs in the process that `wasm-process.ts` starts: each request is answered with a result or an error's message. */
import { setFlagsFromString } from "node:v8";
import { loadBinaryen, optimiseWasm, toWat } from "./binaryen.ts";
import { compileObject, loadClang } from "./wasm-clang.ts";

/** LLVM IR to an object file; a module to a better one, or to text; or only: load what compiling needs. */
export type Job =
  | {
      readonly do: "compile";
      readonly llvmText: string;
      readonly features: readonly string[];
      readonly vectorise: boolean;
    }
  | { readonly do: "optimise"; readonly module: Uint8Array }
  | { readonly do: "print"; readonly module: Uint8Array }
  | { readonly do: "prepare" };

export type Request = Job & { readonly id: number };

export type Reply = { readonly id: number } & ({ readonly result: Uint8Array | string } | { readonly error: string });

// LLVM and Binaryen run for a fraction of a second a kernel: optimising their own code costs more than that saves. The
// second and third flags follow from the first only where all are on the command line.
for (const flag of ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);

async function run(job: Job): Promise<Uint8Array | string> {
  switch (job.do) {
    case "compile":
      // Binaryen comes next.
      return (await Promise.all([compileObject(job.llvmText, job.features, job.vectorise), loadBinaryen()]))[0];
    case "optimise":
      return optimiseWasm(job.module);
    case "print":
      return toWat(job.module);
    case "prepare":
      await Promise.all([loadClang(), loadBinaryen()]);
      return "";
  }
}

async function answer(request: Request): Promise<Reply> {
  try {
    return { id: request.id, result: await run(request) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", async (request: Request) => {
  process.send?.(await answer(request));
});
process.on("disconnect", () => process.exit());
