/**
 * Where kernels come from: the file, name and options of every function that `load` or `tsgpu/register` gave, so that
 * more can be made of it than calls.
 */
import type { JitOptions } from "./jit.ts";
import { LaunchError } from "./launch-error.ts";

export interface Origin {
  readonly file: string | URL;
  readonly name: string;
  /** How the file is compiled. */
  readonly options: JitOptions;
}

const origins = new WeakMap<object, Origin>();

/** Notes where a kernel comes from; gives the kernel. */
export function comesFrom<F extends object>(kernel: F, origin: Origin): F {
  origins.set(kernel, origin);
  return kernel;
}

/** Where a kernel comes from. @throws LaunchError (TG3019) for what is no kernel. */
function originOf(kernel: unknown): Origin {
  const isObject = (typeof kernel === "object" || typeof kernel === "function") && kernel !== null;
  const origin = isObject ? origins.get(kernel) : undefined;
  if (origin !== undefined) return origin;
  const name = typeof kernel === "function" ? kernel.name || "a function" : String(kernel);
  throw new LaunchError("TG3019", name, "this is no kernel that `load` gave");
}

/** The same for a kernel that may have derivatives. @throws LaunchError (TG3019, TG3020) */
export function differentiableOrigin(kernel: unknown): Origin {
  const origin = originOf(kernel);
  if (origin.options.target !== "node") return origin;
  throw new LaunchError("TG3020", origin.name, "target node runs the TypeScript itself, which has no derivatives");
}
