/** What this machine has of what each target needs. */
import type { TargetName } from "../compiler/artifact.ts";
import type { CompilerName } from "../compiler/backend/cc.ts";
import { findLibLLVM, whyNoLibLLVM } from "../compiler/backend/libllvm.ts";

/** Why a target cannot run here; null when it can. */
export async function whyAbsent(target: TargetName, cc?: CompilerName): Promise<string | null> {
  if (target === "native") return whyNoLibLLVM();
  if (target !== "c") return null;
  const { findCC } = await import("../compiler/backend/cc.ts");
  if ((await findCC(cc)) !== null) return null;
  return `${cc ?? "gcc or clang"} was not found (\`npm run setup\` installs gcc and clang)`;
}

/** Where kernels run when nobody says. */
export const defaultTarget = (): TargetName => (findLibLLVM() === null ? "wasm" : "native");

/** A target of this machine, or one that it could have. */
export interface Availability {
  readonly target: TargetName;
  readonly available: boolean;
  /** What runs it, or why nothing does. */
  readonly through: readonly string[];
  /** What to install for more. */
  readonly install?: string;
}

export async function availability(): Promise<readonly Availability[]> {
  const llvm = findLibLLVM();
  const library = llvm === null ? null : `libLLVM ${llvm.version.join(".")} (${llvm.path})`;
  const setup = "`npm run setup` installs";
  return [
    {
      target: "native",
      available: library !== null,
      through: [library ?? whyNoLibLLVM() ?? "libLLVM was not found"],
      ...(library === null ? { install: `${setup} libLLVM: target native, and a faster compiler for wasm` } : {}),
    },
    {
      target: "wasm",
      available: true,
      through: [library ?? "the LLVM that comes with npm", `Node's V8 ${process.versions.v8}`],
    },
    await cAvailability(setup),
    { target: "interp", available: true, through: ["the interpreter of tsgpu's IR: slow, checks every access"] },
    { target: "node", available: true, through: [`the kernel file itself, in Node ${process.versions.node}`] },
  ];
}

async function cAvailability(setup: string): Promise<Availability> {
  const { findCC } = await import("../compiler/backend/cc.ts");
  const names = ["gcc", "clang"] as const;
  const found = await Promise.all(names.map(findCC));
  const through = found.flatMap((cc) => (cc === null ? [] : [`${cc.command}: ${cc.version}`]));
  const missing = names.filter((_, k) => found[k] === null);
  return {
    target: "c",
    available: through.length > 0,
    through: through.length > 0 ? through : ["neither gcc nor clang was found"],
    ...(missing.length > 0 ? { install: `${setup} ${missing.join(" and ")}: target c` } : {}),
  };
}
