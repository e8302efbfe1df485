/** NVIDIA's assembler, where the CUDA toolkit is installed: what it makes of PTX, kernel by kernel. Nothing is compiled by it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What a kernel takes, for the GPU that it was assembled for. */
export interface KernelUse {
  /** Its name in the PTX. */
  readonly kernel: string;
  /** Registers of a thread, of 32 bits. */
  readonly registers: number;
  /** Bytes that a thread has stored and loaded for want of registers; not how often. */
  readonly spillStores: number;
  readonly spillLoads: number;
  /** Bytes of shared memory of a workgroup, and of stack of a thread. */
  readonly sharedBytes: number;
  readonly stackBytes: number;
}

let found: Promise<string | null> | undefined;

/** The command: in PATH, or in the folder of the toolkit that CUDA_HOME names; null when there is none. Looked for once. */
export function findPtxas(): Promise<string | null> {
  found ??= search();
  return found;
}

async function search(): Promise<string | null> {
  const homes = [process.env.CUDA_HOME, process.env.CUDA_PATH, "/usr/local/cuda"];
  const inside = homes.flatMap((home) => (home === undefined || home === "" ? [] : [join(home, "bin", "ptxas")]));
  for (const command of ["ptxas", ...inside]) {
    try {
      await execute(command, ["--version"]);
      return command;
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** Why `assemble` cannot run here; null when it can. */
export async function whyNoPtxas(): Promise<string | null> {
  if ((await findPtxas()) !== null) return null;
  return "ptxas was not found: it comes with NVIDIA's CUDA toolkit, in a folder that PATH or CUDA_HOME names";
}

/** Assembles PTX for a GPU. @throws Error with what ptxas says, where it does not accept the text; or where there is no ptxas. */
export async function assemble(ptx: string, arch: string): Promise<readonly KernelUse[]> {
  const command = await findPtxas();
  if (command === null) throw new Error((await whyNoPtxas()) ?? "");
  const folder = await mkdtemp(join(tmpdir(), "tsgpu-"));
  try {
    const source = join(folder, "kernels.ptx");
    await writeFile(source, ptx);
    const args = [`-arch=${arch}`, "-v", source, "-o", join(folder, "kernels.cubin")];
    const { stderr } = await execute(command, args, { maxBuffer: 1 << 26 });
    return usesIn(stderr);
  } catch (error) {
    const printed = (error as { stderr?: string }).stderr
      ?.replaceAll(join(folder, "kernels.ptx"), "kernels.ptx")
      .trim();
    throw new Error(`ptxas does not accept this PTX for ${arch}: ${printed || String(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `ptxas -v` prints: a line that names a kernel, then lines about it. */
function usesIn(printed: string): readonly KernelUse[] {
  const parts = printed.split(/Compiling entry function '([^']+)'/).slice(1);
  const uses: KernelUse[] = [];
  for (let k = 0; k < parts.length; k += 2) {
    const [kernel = "", about = ""] = parts.slice(k, k + 2);
    const number = (before: RegExp): number => Number(before.exec(about)?.[1] ?? 0);
    uses.push({
      kernel,
      registers: number(/Used (\d+) registers/),
      spillStores: number(/(\d+) bytes spill stores/),
      spillLoads: number(/(\d+) bytes spill loads/),
      sharedBytes: number(/(\d+) bytes smem/),
      stackBytes: number(/(\d+) bytes stack frame/),
    });
  }
  return uses.sort((a, b) => (a.kernel < b.kernel ? -1 : 1));
}
