/// <reference types="@webgpu/types" />
/**
 * Device webgpu: kernels as WGSL on a GPU, in browsers and in Node. Arrays live in the GPU's memory, each in a buffer of its own.
 *
 * Nobody can wait for a GPU here but by promises, so `launch` only asks for the kernel to be run; what it computed, how long it took
 * and what went wrong is known when something is read back, or at `finish`.
 */
import { deviceKernel, gridExtent } from "../../compiler/analysis/device-kernel.ts";
import type { Artifact } from "../../compiler/artifact.ts";
import { type Binding, entryPoints, type WgslLayout, wgslLayout, wordsOf } from "../../compiler/artifact-wgsl.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import { type ArrayValue, type ElemType, type Func, isArray, type Scalar, type Value } from "../../compiler/ir/ir.ts";
import { type Flat, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome } from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { type Elements, elementAt, elementsOf, getElements, setElements } from "./elements.ts";
import { scalarsOf } from "./launch-values.ts";
import { compute, type Gpu, lostError, openGpu, readMode, usage } from "./webgpu-adapter.ts";
import { areWords, HalfCopier } from "./webgpu-halves.ts";
import { BufferPool } from "./webgpu-memory.ts";
import { CommandQueue } from "./webgpu-queue.ts";

export const webgpu: Device = {
  target: "webgpu",
  async load(artifact) {
    const why = await whyNotWebgpu();
    if (why !== null) throw new LaunchError("TG3015", artifact.file, why);
    return WebgpuProgram.load(await openGpu(), artifact);
  },
};

/** Why target webgpu cannot run here, in words for a user; null when it can. */
export const whyNotWebgpu = async (): Promise<string | null> =>
  openGpu().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** What runs it, in words for a user. @throws Error with `whyNotWebgpu`. */
export const webgpuName = async (): Promise<string> => (await openGpu()).name;

interface WebgpuArray extends DeviceArray {
  readonly count: number;
  /** Of which the array's elements are the beginning. */
  readonly buffer: GPUBuffer;
}

/** What stays the same from launch to launch of a kernel. */
interface Prepared {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroupLayout;
  readonly layout: WgslLayout;
}

const bytesOf = ({ elem, count }: { readonly elem: ElemType; readonly count: number }): number =>
  4 * wordsOf(elem, count);

/** What has happened is known at `finish`. */
const asked: Outcome = { status: 0, index: 0, seconds: 0 };

class WebgpuProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly gpu: Gpu;
  private readonly module: GPUShaderModule;
  private readonly entries: ReadonlyMap<string, string>;
  private readonly queue: CommandQueue;
  private readonly arrays: BufferPool;
  private readonly staging: BufferPool;
  private readonly halves: HalfCopier;
  private readonly kernels = new Map<string, Promise<Prepared>>();

  private constructor(gpu: Gpu, module: GPUShaderModule, entries: ReadonlyMap<string, string>) {
    this.gpu = gpu;
    this.module = module;
    this.entries = entries;
    this.queue = new CommandQueue(gpu);
    this.arrays = new BufferPool(gpu.device, this.queue, usage.storage | usage.copySrc | usage.copyDst);
    this.halves = new HalfCopier(gpu.device, this.queue);
    this.staging = new BufferPool(gpu.device, this.queue, usage.mapRead | usage.copyDst);
  }

  /** @throws LaunchError (TG3017) when the GPU's compiler refuses the code */
  static async load(gpu: Gpu, { file, code, program }: Artifact): Promise<WebgpuProgram> {
    if (typeof code !== "string") throw new LaunchError("TG3017", file, "the webgpu artifact holds no WGSL");
    gpu.device.pushErrorScope("validation");
    const module = gpu.device.createShaderModule({ code });
    const [{ messages }] = await Promise.all([module.getCompilationInfo(), gpu.device.popErrorScope()]);
    const [first] = messages.filter((m) => m.type === "error");
    if (first !== undefined) {
      const line = code.split("\n")[first.lineNum - 1]?.trim() ?? "";
      throw new LaunchError("TG3017", file, `WGSL line ${first.lineNum}: ${first.message}: \`${line}\``);
    }
    return new WebgpuProgram(gpu, module, entryPoints(program));
  }

  alloc(elem: ElemType, shape: readonly number[]): WebgpuArray {
    const array = this.take(elem, shape);
    this.queue.copies().clearBuffer(array.buffer, 0, Math.max(4, bytesOf(array)));
    return array;
  }

  wrap(elem: ElemType, shape: readonly number[], data: Flat): WebgpuArray {
    const array = this.take(elem, shape);
    this.upload(array, data);
    return array;
  }

  upload(to: WebgpuArray, data: Flat): void {
    if (to.count === 0) return;
    let elements: Elements = data;
    if (to.elem === "bool") elements = Uint32Array.from(data, Number);
    else if (to.elem === "index") {
      elements = new elementsOf.index(to.count);
      setElements(elements, data);
    } else if (to.elem === "f16" && to.count % 2 === 1) {
      elements = new Uint16Array(to.count + 1);
      elements.set(data);
    }
    this.queue.write(to.buffer, elements);
  }

  async download(from: WebgpuArray, data: Flat): Promise<void> {
    if (from.count > 0) getElements(await this.fetch(from, 0, from.count), data);
  }

  async read(from: WebgpuArray, position: number): Promise<Datum> {
    return elementAt(from.elem, await this.fetch(from, position, 1), 0);
  }

  copy(from: WebgpuArray, fromAt: number, to: WebgpuArray, toAt: number, count: number): void {
    if (count === 0) return;
    if (from.elem === "f16" && !areWords(fromAt, toAt, count, to.count)) {
      this.copyHalves(from, fromAt, to, toAt, count);
      return;
    }
    const at = (a: WebgpuArray, position: number): number => bytesOf({ elem: a.elem, count: position });
    const bytes = at(from, count);
    const encoder = this.queue.copies();
    if (from.buffer !== to.buffer) {
      encoder.copyBufferToBuffer(from.buffer, at(from, fromAt), to.buffer, at(to, toAt), bytes);
      return;
    }
    // WebGPU copies from one buffer to another only.
    const between = this.arrays.take(bytes);
    encoder.copyBufferToBuffer(from.buffer, at(from, fromAt), between, 0, bytes);
    encoder.copyBufferToBuffer(between, 0, to.buffer, at(to, toAt), bytes);
    this.arrays.give(between);
  }

  private copyHalves(from: WebgpuArray, fromAt: number, to: WebgpuArray, toAt: number, count: number): void {
    if (from.buffer !== to.buffer) {
      this.halves.copy({ buffer: from.buffer, at: fromAt }, { buffer: to.buffer, at: toAt }, count);
      return;
    }
    // A shader reads and writes two buffers.
    const first = fromAt - (fromAt % 2);
    const bytes = bytesOf({ elem: "f16", count: fromAt + count - first });
    const between = this.arrays.take(bytes);
    this.queue.copies().copyBufferToBuffer(from.buffer, 2 * first, between, 0, bytes);
    this.halves.copy({ buffer: between, at: fromAt - first }, { buffer: to.buffer, at: toAt }, count);
    this.arrays.give(between);
  }

  free({ buffer }: WebgpuArray): void {
    this.arrays.give(buffer);
  }

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    if (this.gpu.lost !== null) throw lostError(this.gpu, kernel.name);
    let prepared = this.kernels.get(kernel.name);
    if (prepared === undefined) {
      prepared = this.prepare(kernel);
      this.kernels.set(kernel.name, prepared);
    }
    this.start(kernel, args as readonly (WebgpuArray | Datum)[], await prepared);
    if (this.queue.isFull) await this.queue.waitFor(this.gpu.device.queue.onSubmittedWorkDone());
    return asked;
  }

  launchSync(kernel: Func): Outcome {
    throw new LaunchError("TG3017", kernel.name, "target webgpu runs nothing on the calling thread");
  }

  finish(): Promise<number> {
    return this.queue.finish();
  }

  dispose(): void {
    this.arrays.dispose();
    this.staging.dispose();
    this.queue.dispose();
  }

  private take(elem: ElemType, shape: readonly number[]): WebgpuArray {
    if (elem === "f64") throw new LaunchError("TG3027", "webgpu", "WebGPU has no f64");
    const count = product(shape);
    const bytes = bytesOf({ elem, count });
    const { maxStorageBufferBindingSize } = this.gpu.device.limits;
    if (bytes > maxStorageBufferBindingSize) {
      const size = `an array of ${shape.join(" × ")} ${elem} takes ${bytes} bytes`;
      throw new LaunchError(
        "TG3027",
        "webgpu",
        `${size}, a kernel on this GPU sees at most ${maxStorageBufferBindingSize}`,
      );
    }
    return { elem, shape, count, buffer: this.arrays.take(bytes) };
  }

  /** Elements from a position on, when all that was asked for before has happened. */
  private async fetch(from: WebgpuArray, position: number, count: number): Promise<Elements> {
    // A half comes with the one that it shares a word with.
    const before = from.elem === "f16" ? position % 2 : 0;
    const bytes = bytesOf({ elem: from.elem, count: before + count });
    const staging = this.staging.take(bytes);
    const offset = bytesOf({ elem: from.elem, count: position - before });
    this.queue.copies().copyBufferToBuffer(from.buffer, offset, staging, 0, bytes);
    this.queue.flush();
    try {
      await this.queue.waitFor(staging.mapAsync(readMode, 0, bytes));
      const memory = staging.getMappedRange(0, bytes).slice(0);
      staging.unmap();
      this.staging.give(staging);
      const kind = from.elem === "bool" ? "u32" : from.elem;
      return new elementsOf[kind](memory, before * elementsOf[kind].BYTES_PER_ELEMENT, count);
    } catch (error) {
      this.queue.destroy(staging);
      throw error;
    }
  }

  private async prepare(kernel: Func): Promise<Prepared> {
    const { device } = this.gpu;
    const layout = wgslLayout(kernel);
    const entries: GPUBindGroupLayoutEntry[] = layout.bindings.map(({ written }, k) => ({
      binding: k + 1,
      visibility: compute,
      buffer: { type: written ? "storage" : "read-only-storage" },
    }));
    if (layout.uniforms.length > 0) {
      const buffer: GPUBufferBindingLayout = { type: "uniform" };
      entries.push({ binding: 0, visibility: compute, buffer });
    }
    const bindings = device.createBindGroupLayout({ entries });
    const stage = {
      module: this.module,
      entryPoint: this.entries.get(kernel.name) ?? bug(`no kernel @${kernel.name}`),
    };
    try {
      const pipeline = await device.createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [bindings] }),
        compute: stage,
      });
      return { pipeline, bindings, layout };
    } catch (cause) {
      if (this.gpu.lost !== null) throw lostError(this.gpu, kernel.name, cause);
      throw new LaunchError("TG3017", kernel.name, (cause as Error).message, undefined, { cause });
    }
  }

  private start(kernel: Func, args: readonly (WebgpuArray | Datum)[], { pipeline, bindings, layout }: Prepared): void {
    const scalars = scalarsOf(kernel, args);
    const arrays = new Map(kernel.params.flatMap((p, k) => (isArray(p) ? [[p as Value, args[k] as WebgpuArray]] : [])));
    const grid = gridExtent(deviceKernel(kernel) ?? bug(`@${kernel.name} is no kernel of a GPU`), scalars);
    if (grid.some((n) => n === 0)) return;
    const packed = layout.bindings.find((b) => b.packed);
    const places = packed === undefined ? null : this.pack(packed, arrays);
    const entries: GPUBindGroupEntry[] = layout.bindings.map((b, k) => ({
      binding: k + 1,
      resource: b === packed && places !== null ? places.binding : whole(arrays.get(b.arrays[0] as Value)),
    }));
    if (layout.uniforms.length > 0) {
      const block = uniformBlock(kernel, layout, scalars, places?.offsets ?? new Map());
      const { buffer, offset } = this.queue.block(block);
      entries.push({ binding: 0, resource: { buffer, offset, size: block.length } });
    } else this.queue.block(new Uint8Array(0));
    const group = this.gpu.device.createBindGroup({ layout: bindings, entries });
    const most = this.gpu.device.limits.maxComputeWorkgroupsPerDimension;
    const [x, y, z] = grid.map((n) => Math.min(n, most)) as [number, number, number];
    const pass = this.queue.launch(kernel.name);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
    if (places !== null) this.unpack(layout, places, arrays);
  }

  /** Copies the arrays of a packed binding into one buffer. */
  private pack({ arrays: members }: Binding, arrays: ReadonlyMap<Value, WebgpuArray>): Packed {
    const offsets = new Map<ArrayValue, number>();
    let bytes = 0;
    for (const a of members) {
      offsets.set(a, bytes / 4);
      bytes += bytesOf(arrays.get(a) as WebgpuArray);
    }
    const { maxStorageBufferBindingSize } = this.gpu.device.limits;
    if (bytes > maxStorageBufferBindingSize) {
      const names = members.map((a) => a.hint).join(", ");
      throw new LaunchError("TG3027", "webgpu", `the arrays ${names} share a binding and take ${bytes} bytes together`);
    }
    const buffer = this.arrays.take(Math.max(4, bytes));
    const encoder = this.queue.copies();
    for (const [a, at] of offsets) {
      const { buffer: from, ...array } = arrays.get(a) as WebgpuArray;
      if (array.count > 0) encoder.copyBufferToBuffer(from, 0, buffer, 4 * at, bytesOf(array));
    }
    return { binding: { buffer, size: Math.max(4, bytes) }, buffer, offsets };
  }

  /** Copies what the kernel has written back. */
  private unpack({ written }: WgslLayout, { buffer, offsets }: Packed, arrays: ReadonlyMap<Value, WebgpuArray>): void {
    const encoder = this.queue.copies();
    for (const [a, at] of offsets) {
      const { buffer: to, ...array } = arrays.get(a) as WebgpuArray;
      if (written.has(a) && array.count > 0) encoder.copyBufferToBuffer(buffer, 4 * at, to, 0, bytesOf(array));
    }
    this.arrays.give(buffer);
  }
}

interface Packed {
  readonly binding: GPUBufferBinding;
  readonly buffer: GPUBuffer;
  /** Where each array begins, in words. */
  readonly offsets: ReadonlyMap<ArrayValue, number>;
}

const whole = (array: WebgpuArray | undefined): GPUBufferBinding =>
  array === undefined ? bug("an array without a buffer") : { buffer: array.buffer, size: Math.max(4, bytesOf(array)) };

function uniformBlock(
  kernel: Func,
  { uniforms }: WgslLayout,
  scalars: ReadonlyMap<Value, Datum>,
  offsets: ReadonlyMap<ArrayValue, number>,
): Uint8Array {
  // A uniform block takes up multiples of 16 bytes.
  const block = new DataView(new ArrayBuffer(16 * Math.ceil(uniforms.length / 4)));
  uniforms.forEach((u, k) => {
    if (u.kind === "offset")
      block.setInt32(4 * k, offsets.get(u.array) ?? bug("an array that is packed nowhere"), true);
    else setUniform(block, 4 * k, u.value, scalars.get(u.value) ?? bug(`@${kernel.name} lacks %${u.value.hint}`));
  });
  return new Uint8Array(block.buffer);
}

function setUniform(block: DataView, at: number, { type }: Scalar, x: Datum): void {
  if (type === "f32") block.setFloat32(at, Number(x), true);
  else if (type === "u32" || type === "bool") block.setUint32(at, Number(x), true);
  else block.setInt32(at, Number(x), true);
}
