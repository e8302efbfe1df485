/**
 * Kernels in a page, on its GPU: loads what `tsgpu compile --target webgpu` has written. There is no compiler in here; a bundler that
 * takes this file as its entry leaves out `webgpu` and gives it nothing for Node's own modules, which are asked for outside of
 * pages only (docs/webgpu.md).
 */
import type { Artifact } from "../compiler/artifact.ts";
import { artifactFromJson } from "../compiler/artifact-json.ts";
import { call, type Unit } from "./call.ts";
import { webgpu } from "./devices/webgpu.ts";
import { LaunchError } from "./launch-error.ts";

export { array, NdArray, zeros } from "./array.ts";
export { LaunchError } from "./launch-error.ts";

/** The kernels by name, as `load` gives them: called with nested or typed arrays, and waited for. */
export type Kernels = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/**
 * Loads compiled kernels onto the page's GPU.
 *
 *   const { gemm } = await loadCompiled(await (await fetch("gemm.json")).text());
 *   await gemm(1, 0, C, A, B);
 *
 * @throws TypeError for other JSON; LaunchError (TG3015) where the page has no GPU, (TG3017) where the GPU refuses the code
 */
export async function loadCompiled(json: string): Promise<Kernels> {
  const artifact = artifactFromJson(json);
  const unit: Unit = { artifact, program: await webgpu.load(artifact), checked: () => noOther(artifact) };
  const kernel =
    (name: string) =>
    (...values: unknown[]): Promise<unknown> =>
      call(unit, name, values);
  return Object.fromEntries(artifact.entries.map(({ name }) => [name, kernel(name)]));
}

/** Arguments for which accesses would have to be checked ask for other code, which nobody here can make. */
async function noOther({ file }: Artifact): Promise<never> {
  throw new LaunchError("TG3012", file, "for these sizes accesses would have to be checked, which was not compiled");
}
