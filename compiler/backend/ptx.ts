/**
 * Kernels of a GPU as PTX text, through libLLVM's NVPTX target.
 *
 *   IR --(llvm.ts, llvm-device.ts)--> LLVM IR --(libLLVM, O3)--> PTX
 *
 * No library of NVIDIA's is linked: mathematical functions are tsgpu's own. What may be fused is each operation's mode;
 * the others are printed with their rounding (`add.rn.f64`), which the assembler of the driver leaves alone.
 */
import { archNames, defaultArch, type GpuArch, gpuArchs, isGpuArch } from "../artifact-arch.ts";
import type { Module } from "../ir/ir.ts";
import { emit, findLibLLVM, whyNoLibLLVM } from "./libllvm.ts";
import { type LlvmTarget, printLlvm } from "./llvm.ts";

/** What to compile for where a GPU is of this architecture: that, or the newest before it that libLLVM knows. */
export function archFor(gpu: string): GpuArch {
  const version = (arch: string): number => Number(arch.replace(/\D/g, ""));
  const major = findLibLLVM()?.version[0] ?? 0;
  return archNames.findLast((a) => gpuArchs[a].llvm <= major && version(a) <= version(gpu)) ?? defaultArch;
}

export const ptxTarget: LlvmTarget = { pointerBits: 64, gpu: true, halves: "cvt" };

/** Why there can be no PTX for an architecture here, and what to do about it; null when there can. */
export function whyNoPtx(arch: string): string | null {
  if (!isGpuArch(arch)) return `there is no GPU architecture ${arch}: take one of ${archNames.join(", ")}`;
  const llvm = findLibLLVM();
  if (llvm === null) return whyNoLibLLVM();
  const needed = gpuArchs[arch].llvm;
  const [major] = llvm.version;
  if (major >= needed) return null;
  const known = archNames.findLast((a) => gpuArchs[a].llvm <= major) ?? defaultArch;
  return `${arch} needs LLVM ${needed}, and ${llvm.path} is LLVM ${llvm.version.join(".")}: take ${known}, whose code later GPUs run too`;
}

/** The PTX of every kernel of a module of stage `kernel`. @throws Error with `whyNoPtx`. */
export function compilePtx(m: Module, { arch }: { readonly arch: string }): string {
  const why = whyNoPtx(arch);
  if (why !== null) throw new Error(why);
  const { ptx } = gpuArchs[arch as GpuArch];
  return emit(printLlvm(m, ptxTarget), {
    triple: "nvptx64-nvidia-cuda",
    cpu: arch,
    features: `+ptx${ptx}`,
    emit: "assembly",
    // A thread is one lane already; the code generator joins loads and stores of neighbours by itself.
    vectorise: false,
  });
}
