/**
 * Device ptx-emulator: the PTX that device cuda runs on a GPU, executed on the CPU with every access checked (runtime/emulator). It
 * is there to show that the code is right, and is slow: a million times slower than a GPU.
 */
import { type DeviceKernel, deviceKernel, type Extent, gridExtent } from "../../compiler/analysis/device-kernel.ts";
import {
  elemBytes,
  type KernelParam,
  kernelParams,
  kernelSymbol,
  type Layout,
  layoutOf,
} from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func } from "../../compiler/ir/ir.ts";
import { type Flat, product } from "../array.ts";
import type { Device, DeviceArray, KernelArg, KernelProgram, Outcome, Settings } from "../device.ts";
import { DeviceMemory, launch, type PtxModule, parsePtx } from "../emulator/index.ts";
import { LaunchError } from "../launch-error.ts";
import { fillBlock } from "./block.ts";
import { elementAt, elementsOf, getElements, setElements } from "./elements.ts";
import { scalarsOf } from "./launch-values.ts";

export const ptxEmulator: Device = {
  target: "ptx-emulator",
  async load({ file, code }, settings) {
    if (typeof code !== "string") throw new LaunchError("TG3017", file, "the ptx-emulator artifact holds no PTX");
    return new EmulatedProgram(code, settings);
  },
};

interface EmulatedArray extends DeviceArray {
  readonly address: bigint;
  readonly length: number;
}

/** What stays the same from launch to launch of a kernel. */
interface EmulatedKernel {
  readonly shape: DeviceKernel;
  readonly layout: Layout;
  readonly params: readonly KernelParam[];
}

/** As on GPUs; kernels step through what is beyond. */
const mostGroups: Extent = [2 ** 31 - 1, 65535, 65535];

class EmulatedProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly module: PtxModule;
  private readonly memory = new DeviceMemory();
  private readonly settings: Settings;
  private readonly kernels = new Map<string, EmulatedKernel>();

  constructor(ptx: string, settings: Settings = {}) {
    this.module = parsePtx(ptx);
    this.settings = settings;
  }

  alloc(elem: ElemType, shape: readonly number[]): EmulatedArray {
    const array = this.reserve(elem, shape);
    this.memory.write(array.address, new Uint8Array(array.length * elemBytes[elem]));
    return array;
  }

  wrap(elem: ElemType, shape: readonly number[], data: Flat): EmulatedArray {
    const array = this.reserve(elem, shape);
    this.upload(array, data);
    return array;
  }

  upload(to: EmulatedArray, data: Flat): void {
    const elements = new elementsOf[to.elem](to.length);
    setElements(elements, data);
    this.memory.write(to.address, elements);
  }

  download({ elem, address, length }: EmulatedArray, data: Flat): void {
    const { buffer } = this.memory.read(address, length * elemBytes[elem]);
    getElements(new elementsOf[elem](buffer, 0, length), data);
  }

  copy(from: EmulatedArray, fromAt: number, to: EmulatedArray, toAt: number, count: number): void {
    this.memory.copy(place(to, toAt), place(from, fromAt), count * elemBytes[from.elem]);
  }

  read(from: EmulatedArray, position: number): Datum {
    const { buffer } = this.memory.read(place(from, position), elemBytes[from.elem]);
    return elementAt(from.elem, new elementsOf[from.elem](buffer, 0, 1), 0);
  }

  free({ address }: EmulatedArray): void {
    this.memory.free(address);
  }

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    return this.launchSync(kernel, args);
  }

  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome {
    const { shape, layout, params } = this.find(kernel);
    const start = performance.now();
    const wanted = gridExtent(shape, scalarsOf(kernel, args));
    if (!wanted.includes(0)) {
      const block = new DataView(new ArrayBuffer(layout.bytes));
      fillBlock(block, layout, args, ({ address }: EmulatedArray) => address, 0n);
      const [x, y, z] = wanted.map((n, k) => Math.min(n, mostGroups[k] as number));
      try {
        launch(this.module, kernelSymbol(kernel.name), {
          grid: [x, y, z] as Extent,
          block: shape.workgroup,
          params: params.map((p) => new Uint8Array(block.buffer, p.at, bytesOf(p))),
          memory: this.memory,
          ...(this.settings.seed !== undefined && { seed: this.settings.seed }),
        });
      } catch (cause) {
        if (!(cause instanceof Error)) throw cause;
        throw new LaunchError("TG3017", kernel.name, cause.message, undefined, { cause });
      }
    }
    return { status: 0, index: 0, seconds: (performance.now() - start) / 1000 };
  }

  dispose(): void {}

  private reserve(elem: ElemType, shape: readonly number[]): EmulatedArray {
    const length = product(shape);
    return { elem, shape, length, address: this.memory.alloc(length * elemBytes[elem]) };
  }

  private find(kernel: Func): EmulatedKernel {
    let known = this.kernels.get(kernel.name);
    if (known === undefined) {
      const shape = deviceKernel(kernel) ?? bug(`@${kernel.name} is no kernel of a GPU`);
      known = { shape, layout: layoutOf(kernel), params: kernelParams(kernel) };
      this.kernels.set(kernel.name, known);
    }
    return known;
  }
}

const place = ({ address, elem }: EmulatedArray, position: number): bigint =>
  address + BigInt(position * elemBytes[elem]);

/** Bytes of a parameter, in the argument block and in the kernel. */
const bytesOf = ({ kind, value }: KernelParam): number => (kind === "array" ? 8 : elemBytes[value.type]);
