/// <reference types="@webgpu/types" />
/**
 * Copies of halves on a GPU. Two of them share a word (backend/wgsl-memory.ts), and WebGPU copies whole words: what begins or ends
 * in the middle of one is copied by a shader, which leaves the words' other halves as they are.
 */
import { compute } from "./webgpu-adapter.ts";
import type { CommandQueue } from "./webgpu-queue.ts";

/** Some elements of an array, by the position of the first. */
export interface Halves {
  readonly buffer: GPUBuffer;
  readonly at: number;
}

/** Do whole words take the elements along, and nothing else? `end` is where the array ends that they go to. */
export const areWords = (from: number, to: number, count: number, end: number): boolean =>
  from % 2 === 0 && to % 2 === 0 && (count % 2 === 0 || to + count === end);

const size = 64;
const code = `
struct Range { first: u32, into: u32, count: u32 }
@group(0) @binding(0) var<uniform> range: Range;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> destination: array<atomic<u32>>;
@compute @workgroup_size(${size})
fn copy_halves(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  for (var k = id.x; k < range.count; k += ${size}u * groups.x) {
    let a = range.first + k;
    let b = range.into + k;
    let half = source[a / 2u] >> (16u * (a % 2u));
    let place = 16u * (b % 2u);
    // The halves beside it may be on their way at the same time.
    let old = atomicLoad(&destination[b / 2u]) >> place;
    atomicXor(&destination[b / 2u], ((old ^ half) & 0xffffu) << place);
  }
}`;

/** The shader, compiled when first needed. */
export class HalfCopier {
  private readonly device: GPUDevice;
  private readonly queue: CommandQueue;
  private made: { readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout } | null = null;

  constructor(device: GPUDevice, queue: CommandQueue) {
    this.device = device;
    this.queue = queue;
  }

  /** Copies between two buffers. */
  copy(from: Halves, to: Halves, count: number): void {
    this.made ??= this.make();
    const { pipeline, layout } = this.made;
    const range = new Uint8Array(new Uint32Array([from.at, to.at, count, 0]).buffer);
    const { buffer, offset } = this.queue.block(range);
    const group = this.device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer, offset, size: range.length } },
        { binding: 1, resource: { buffer: from.buffer } },
        { binding: 2, resource: { buffer: to.buffer } },
      ],
    });
    const pass = this.queue.launch("copy");
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(Math.min(Math.ceil(count / size), this.device.limits.maxComputeWorkgroupsPerDimension));
  }

  private make(): { readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout } {
    const types = ["uniform", "read-only-storage", "storage"] as const;
    const layout = this.device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: compute, buffer: { type } })),
    });
    const pipeline = this.device.createComputePipeline({
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.device.createShaderModule({ code }), entryPoint: "copy_halves" },
    });
    return { pipeline, layout };
  }
}
