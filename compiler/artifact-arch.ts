/** NVIDIA's GPUs by architecture: what code for each needs, and how much of it runs at the same time. */

export interface ArchLimits {
  /** Of one multiprocessor: resident threads and workgroups, bytes of shared memory. */
  readonly threads: number;
  readonly blocks: number;
  readonly sharedBytes: number;
  /** Bytes of shared memory that each workgroup takes besides its own. */
  readonly reservedBytes: number;
}

export interface Arch extends ArchLimits {
  /** The PTX version that first has it, times ten, and the LLVM that first knows it. */
  readonly ptx: number;
  readonly llvm: number;
}

const arch = (
  ptx: number,
  llvm: number,
  threads: number,
  blocks: number,
  sharedKiB: number,
  reserved = 1024,
): Arch => ({
  ptx,
  llvm,
  threads,
  blocks,
  sharedBytes: 1024 * sharedKiB,
  reservedBytes: reserved,
});

/**
 * Code for one runs on all later ones. Versions are from the release notes of the PTX ISA and from LLVM's NVPTX.td, limits
 * from the CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
 */
export const gpuArchs = {
  sm_75: arch(63, 19, 1024, 16, 64, 0),
  sm_80: arch(70, 19, 2048, 32, 164),
  sm_86: arch(71, 19, 1536, 16, 100),
  sm_87: arch(74, 19, 1536, 16, 164),
  sm_89: arch(78, 19, 1536, 24, 100),
  sm_90: arch(78, 19, 2048, 32, 228),
  sm_100: arch(86, 20, 2048, 32, 228),
  sm_103: arch(88, 21, 2048, 32, 228),
  sm_120: arch(87, 20, 1536, 24, 100),
  sm_121: arch(88, 21, 1536, 24, 100),
} as const satisfies Record<string, Arch>;

export type GpuArch = keyof typeof gpuArchs;
/** From the oldest to the newest. */
export const archNames = Object.keys(gpuArchs) as readonly GpuArch[];
/** What runs on every GPU that is supported. */
export const defaultArch: GpuArch = "sm_75";
export const isGpuArch = (name: string): name is GpuArch => Object.hasOwn(gpuArchs, name);

/** What all of them share: registers of a multiprocessor, which warps get in whole units, and threads of a warp. */
const registers = 65536;
const registerUnit = 256;
const warp = 32;
/** Parts of a multiprocessor, among which its warps and registers are divided evenly. */
const parts = 4;

/** What a kernel takes of a multiprocessor. */
export interface Footprint {
  readonly registers: number;
  readonly sharedBytes: number;
  readonly threads: number;
}

/**
 * The part of a multiprocessor's threads that can be resident at the same time, from 0 to 1: as in the occupancy calculator of
 * the CUDA toolkit (cuda_occupancy.h).
 */
export function occupancy(name: GpuArch, kernel: Footprint): number {
  const limits: ArchLimits = gpuArchs[name];
  const warps = Math.ceil(kernel.threads / warp);
  const each = Math.max(registerUnit, Math.ceil((kernel.registers * warp) / registerUnit) * registerUnit);
  const byRegisters = Math.floor((parts * Math.floor(registers / parts / each)) / warps);
  const shared = kernel.sharedBytes + limits.reservedBytes;
  const byShared = shared === 0 ? limits.blocks : Math.floor(limits.sharedBytes / shared);
  const byThreads = Math.floor(limits.threads / (warps * warp));
  const blocks = Math.min(limits.blocks, byRegisters, byShared, byThreads);
  return (blocks * warps * warp) / limits.threads;
}
