/** What this machine has of what each target needs. */
import type { TargetName } from "../compiler/artifact.ts";
import { type CompilerName, findCC } from "../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../compiler/backend/libllvm.ts";

/** Why a target cannot run here; null when it can. */
export async function whyAbsent(target: TargetName, cc?: CompilerName): Promise<string | null> {
  if (target === "native") return whyNoLibLLVM();
  if (target !== "c" || (await findCC(cc)) !== null) return null;
  return `${cc ?? "gcc or clang"} was not found (\`npm run setup\` installs gcc and clang)`;
}
