/**
 * How long a kernel takes from source, and from IR, to code that can be called, once the process is warm: the second
 * kernel and later ones. `node --import ./scripts/dev.mjs bench/compile-time.ts`, or `npm run bench:compile`.
 *
 * What is reported is the median over PolyBench kernels of different sizes, each compiled several times, in milliseconds.
 */
import { fileURLToPath } from "node:url";
import Benchmark from "benchmark";
import { printLlvm } from "../compiler/backend/llvm.ts";
import { compileNative } from "../compiler/backend/native.ts";
import { compileWasm } from "../compiler/backend/wasm.ts";
import { emit } from "../compiler/index.ts";
import type { Module } from "../compiler/ir/ir.ts";
import { parse } from "../compiler/ir/parse.ts";
import { findKernel } from "../polybench/suite.ts";
import { loadObject } from "../runtime/devices/native-loader.ts";

const names = ["gemm", "jacobi-2d", "cholesky", "nussinov", "deriche", "adi"];

async function programOf(name: string): Promise<Module> {
  const kernel = findKernel(name);
  if (kernel === undefined) throw new Error(`no kernel ${name}`);
  return parse((await emit({ file: fileURLToPath(kernel.file) }, "ir", { target: "interp" })) as string);
}

const kernelOf = (m: Module): string => m.funcs.find((f) => f.kind === "kernel")?.name ?? "";

/** IR text of stage `kernel` to a callable address. */
function native(m: Module): void {
  const { object } = compileNative(printLlvm(m, { pointerBits: 64 }));
  const module = loadObject(object);
  module.lookup(kernelOf(m));
  module.dispose();
}

async function wasm(m: Module, via: "embedded" | "libllvm"): Promise<void> {
  const text = printLlvm(m, { pointerBits: 32, selfContained: true });
  const bytes = await compileWasm(text, { exports: [kernelOf(m)], memory: "unshared", via });
  await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
}

function measure(name: string, run: () => void | Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options: Benchmark.Options = { defer: true, minSamples: 5, maxTime: 1, initCount: 1 };
    const bench = new Benchmark(name, {
      ...options,
      fn(deferred: { resolve(): void }) {
        Promise.resolve(run()).then(() => deferred.resolve(), reject);
      },
      onComplete() {
        const times = [...bench.stats.sample].sort((a, b) => a - b);
        resolve((times[times.length >> 1] ?? Number.NaN) * 1000);
      },
      onError: reject,
    });
    bench.run({ async: true });
  });
}

for (const name of names) {
  const m = await programOf(name);
  const file = fileURLToPath(findKernel(name)?.file ?? new URL("file:///"));
  const row: Record<string, () => void | Promise<void>> = {
    "frontend and passes": async () => void (await emit({ file }, "ir", { target: "interp" })),
    native: () => native(m),
    "wasm, libLLVM": () => wasm(m, "libllvm"),
    "wasm, embedded LLVM": () => wasm(m, "embedded"),
  };
  const cells: string[] = [];
  for (const [what, run] of Object.entries(row)) {
    try {
      await run(); // the first call loads libraries
      cells.push(`${what} ${(await measure(what, run)).toFixed(0)} ms`);
    } catch (error) {
      cells.push(`${what}: skipped, ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  console.log(`${name.padEnd(10)} ${cells.join(" | ")}`);
}
process.exit(0);
