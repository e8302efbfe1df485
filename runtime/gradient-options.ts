/** The options of gradients, checked: they may come from JavaScript. */
import { LaunchError } from "./launch-error.ts";

/** By what and of what to differentiate, in the kernel's own names. */
export interface GradientOptions<Wrt extends string = string, Of extends string = string> {
  /** Parameters; by default all arrays and scalars of floats that the kernel reads. */
  readonly wrt?: readonly Wrt[];
  /** Parameters, and `return` for the result; by default all arrays of floats that the kernel writes, and its result. */
  readonly of?: readonly Of[];
  /**
   * Bytes that may be kept for the reverse sweep; by default a fraction of the machine's memory. A kernel that needs more is run
   * again from snapshots, or refused.
   */
  readonly tapeBudget?: number;
  /** Whether `x += e` may be undone by `x -= e`, which takes no memory and changes last bits. */
  readonly undo?: boolean;
}

interface Rule {
  readonly takes: (value: unknown) => boolean;
  readonly is: string;
}
const names: Rule = {
  takes: (v) => Array.isArray(v) && v.length > 0 && v.every((name) => typeof name === "string"),
  is: "a list of names",
};
const known: Readonly<Record<keyof GradientOptions, Rule>> = {
  wrt: names,
  of: names,
  tapeBudget: { takes: (v) => typeof v === "number" && v >= 0, is: "a number of bytes" },
  undo: { takes: (v) => typeof v === "boolean", is: "true or false" },
};

/** The options that are given, in one order and each name once. @throws LaunchError (TG3018) */
export function checkGradientOptions(kernel: string, options: GradientOptions): GradientOptions {
  const isObject = typeof options === "object" && options !== null;
  if (!isObject) throw new LaunchError("TG3018", kernel, `options are an object, not ${String(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      const choice = Object.keys(known).join(", ");
      throw new LaunchError("TG3018", kernel, `gradients have no option ${name}: there are ${choice}`);
    }
    const { takes, is } = known[name as keyof GradientOptions];
    if (value !== undefined && !takes(value)) {
      throw new LaunchError("TG3018", kernel, `${name} is ${is}, not ${JSON.stringify(value)}`);
    }
  }
  const { wrt, of, tapeBudget, undo } = options;
  return {
    ...(wrt === undefined ? {} : { wrt: [...new Set(wrt)] }),
    ...(of === undefined ? {} : { of: [...new Set(of)] }),
    ...(tapeBudget === undefined ? {} : { tapeBudget }),
    ...(undo === undefined ? {} : { undo }),
  };
}
