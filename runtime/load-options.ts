/** The options of `load`, checked: they may come from JavaScript, or from the query of an import. */
import type { JitOptions } from "./jit.ts";
import { LaunchError } from "./launch-error.ts";

type LoadOptions = Omit<JitOptions, "derivative">;

/** What each option takes: one of some words, or a value of a type. */
const known: { readonly [K in keyof LoadOptions]-?: readonly LoadOptions[K][] | "boolean" | "number" | "object" } = {
  target: ["native", "wasm", "c", "interp", "node", "cuda", "webgpu", "simulator", "ptx-emulator"],
  mode: ["strict", "contract", "fast"],
  real: ["f64", "f32"],
  types: "object",
  kernels: "object",
  deterministic: "boolean",
  cache: "boolean",
  cc: ["gcc", "clang"],
  llvm: ["libllvm", "embedded"],
  memory: ["shared", "unshared"],
  device: "number",
  seed: "number",
  unwritten: "boolean",
};

/** @throws LaunchError (TG3018) for an option that there is not, or a value that it does not take. */
export function checkOptions(file: string | URL, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new LaunchError(
        "TG3018",
        String(file),
        `no option is called ${name}: there are ${Object.keys(known).join(", ")}`,
      );
    }
    const takes: readonly unknown[] | string = known[name as keyof typeof known];
    const fits = typeof takes === "string" ? typeof value === takes : takes.includes(value);
    if (value === undefined || fits) continue;
    const expected = typeof takes === "string" ? `takes a value of type ${takes}` : `is one of ${takes.join(", ")}`;
    throw new LaunchError("TG3018", String(file), `${name} ${expected}, not ${JSON.stringify(value)}`);
  }
}
