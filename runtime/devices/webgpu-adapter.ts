/// <reference types="@webgpu/types" />
/**
 * The GPU of this process: found once, shared by all programs, and found again when it was lost. In browsers it is the page's
 * (`navigator.gpu`), in Node that of the package `webgpu` (webgpu-node.ts).
 */
import { LaunchError } from "../launch-error.ts";

/** Flags of WebGPU, whose names Node does not have as globals. */
export const usage = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const compute = 0x4;
export const readMode = 0x1;

/** A device with what is known of it. */
export interface Gpu {
  readonly device: GPUDevice;
  /** In words for a user. */
  readonly name: string;
  /** Why there is none any more; null while there is. */
  lost: string | null;
}

let current: Promise<Gpu> | null = null;
/** Whoever lets go of it takes the devices with it. */
const kept: unknown[] = [];

/** @throws Error that says why there is no GPU, in words for a user. */
export async function openGpu(): Promise<Gpu> {
  const known = await current?.catch(() => null);
  if (known != null && known.lost === null) return known;
  current = request();
  return current;
}

async function request(): Promise<Gpu> {
  const page = (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  const { gpu, adapter } = page === undefined ? await findOutside() : await findIn(page);
  kept.push(gpu);
  const device = await adapter.requestDevice({ requiredLimits: limitsOf(adapter) });
  const { description, device: model, vendor, architecture } = adapter.info;
  const name = [description || model || architecture, vendor].filter((word) => word !== "").join(", ");
  const opened: Gpu = { device, name: name || "a GPU without a name", lost: null };
  device.lost.then(({ reason, message }) => {
    opened.lost = message || reason;
  });
  return opened;
}

async function findIn(gpu: GPU): Promise<{ readonly gpu: GPU; readonly adapter: GPUAdapter }> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("the browser gives no GPU to this page");
  return { gpu, adapter };
}

async function findOutside(): Promise<{ readonly gpu: GPU; readonly adapter: GPUAdapter }> {
  if (typeof process === "undefined") throw new Error("this browser has no WebGPU");
  return (await import("./webgpu-node.ts")).findInNode();
}

/** All that the adapter can do of what arrays and kernels may need. */
const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

const limitsOf = (adapter: GPUAdapter): Record<string, number> =>
  Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));

/** What happened to a kernel when the GPU was lost under it. */
export const lostError = (gpu: Gpu, kernel: string, cause?: unknown): LaunchError =>
  new LaunchError("TG3028", kernel, `the GPU was lost: ${gpu.lost}`, undefined, { cause });
