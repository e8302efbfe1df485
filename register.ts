/**
 * `tsgpu/register`: lets a program import kernel files, which gives it their compiled functions.
 *
 *   node --import tsgpu/register app.js
 *
 * ```js
 * import { gemm } from "./gemm.ts";
 * await gemm(1, 0, C, A, B);
 * ```
 *
 * `import` compiles the file and fails with all that is wrong in it; `require` gives the same functions, which compile it at
 * their first call. docs/package.md says which files count as kernels, and how to choose the target.
 */
import Module, { register } from "node:module";
import { pathToFileURL } from "node:url";
import { exportedFunctions, kernelUrl, loadUrl, optionsOf } from "./runtime/kernel-module.ts";
import type { load } from "./runtime/load.ts";
import { comesFrom } from "./runtime/origin.ts";

registerHooks();
for (const extension of [".ts", ".mts", ".cts"]) hookRequire(extension);

function registerHooks(): void {
  // Hooks run on a thread, and Node talks to it through shared memory. It finds the class in the globals.
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  if (/--no-?harmony[-_]sharedarraybuffer/.test(flags)) {
    process.emitWarning("without shared memory Node has no import hooks: kernel files can be required, not imported");
    return;
  }
  const hooks = new URL(`./runtime/import-hooks.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  if (typeof SharedArrayBuffer !== "undefined") return register(hooks);
  const { buffer } = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true });
  Object.assign(globalThis, { SharedArrayBuffer: buffer.constructor });
  try {
    register(hooks);
  } finally {
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  }
}

/** How Node's `require` loads the files of an extension. */
type RequireHook = (module: NodeModule, file: string) => void;

function hookRequire(extension: string): void {
  const hooks = (Module as unknown as { readonly _extensions: Record<string, RequireHook> })._extensions;
  const before = hooks[extension];
  hooks[extension] = (module, file) => {
    const isKernel = kernelUrl(pathToFileURL(file).href) !== null;
    if (isKernel) module.exports = kernelsOf(file);
    // Without a hook for an extension, Node takes the file for JavaScript.
    else (before ?? (hooks[".js"] as RequireHook))(module, file);
  };
}

type Kernel = (...args: unknown[]) => Promise<unknown>;

/** A kernel file's functions at once, though the file is only compiled when the first is called. */
function kernelsOf(file: string): Readonly<Record<string, Kernel>> {
  let kernels: Promise<Readonly<Record<string, Kernel>>> | undefined;
  const compiled = async (): Promise<Readonly<Record<string, Kernel>>> => {
    const { load: loadKernels } = (await import(loadUrl)) as { readonly load: typeof load };
    return loadKernels<Record<string, (...args: unknown[]) => unknown>>(file, optionsOf());
  };
  const names = exportedFunctions(pathToFileURL(file));
  return Object.fromEntries(
    names.map((name) => {
      const kernel: Kernel = async (...args) => {
        kernels ??= compiled();
        return ((await kernels)[name] as Kernel)(...args);
      };
      return [name, comesFrom(kernel, { file, name, options: optionsOf() })];
    }),
  );
}
