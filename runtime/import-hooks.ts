/**
 * The hooks of `tsgpu/register`: Node resolves and loads modules through them, on a thread of its own. An import of a
 * kernel file becomes one of `file.ts?kernel`, and that is loaded as JavaScript that compiles it.
 */
import type { LoadHook, ResolveHook } from "node:module";
import { kernelUrl, moduleOf } from "./kernel-module.ts";

export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  // What Node was started with is the program.
  const url = context.parentURL === undefined ? null : kernelUrl(resolved.url);
  return url === null ? resolved : { ...resolved, url, format: "module", shortCircuit: true };
};

export const load: LoadHook = async (url, context, next) => {
  const source = moduleOf(url);
  if (source !== null) return { format: "module", source, shortCircuit: true };
  try {
    return await next(url, context);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION") {
      error.message += `
  help: if this is a kernel file, import the scalar types in it from "tsgpu", or say so where it is imported: "./file.ts?kernel"`;
    }
    throw error;
  }
};
