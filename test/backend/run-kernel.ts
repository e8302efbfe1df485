/** Runs a kernel on a backend with the interpreter's arguments: packs them in an argument block, calls, copies back. */
import { elemBytes, type Layout, layoutOf } from "../../compiler/artifact.ts";
import { printC } from "../../compiler/backend/c.ts";
import { type CompilerName, compileC, findCC } from "../../compiler/backend/cc.ts";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { printLlvm } from "../../compiler/backend/llvm.ts";
import { compileNative } from "../../compiler/backend/native.ts";
import { compileWasm } from "../../compiler/backend/wasm.ts";
import type { InterpArg, InterpArray } from "../../compiler/interp.ts";
import type { ElemType, Mode, Module, ScalarType } from "../../compiler/ir/ir.ts";
import { addressOf, loadObject, loadSharedLibrary, type NativeModule } from "../../runtime/devices/native-loader.ts";

export const backends = ["native", "wasm-libllvm", "wasm-embedded", "gcc", "clang"] as const;
export type Backend = (typeof backends)[number];

/** How a call ended: 0, or the number of the check that failed and the index that failed it. */
export interface Outcome {
  readonly status: number;
  readonly index: number;
}
/** Calls a kernel; arrays are written in place. */
export type Run = (kernel: string, args: readonly InterpArg[]) => Outcome;

/** Why a backend cannot run here; null when it can. */
export async function missing(backend: Backend): Promise<string | null> {
  if (backend === "native" || backend === "wasm-libllvm") {
    return findLibLLVM() === null ? (whyNoLibLLVM() ?? "no libLLVM") : null;
  }
  if (backend === "wasm-embedded") return null;
  return (await findCC(backend)) === null ? `${backend} is not installed` : null;
}

/** Compiles every kernel of the module. */
export async function load(m: Module, backend: Backend, mode: Mode = "strict"): Promise<Run> {
  switch (backend) {
    case "native":
      return native(m, loadObject(compileNative(printLlvm(m, { pointerBits: 64 })).object));
    case "gcc":
    case "clang":
      return native(m, await viaC(m, backend, mode));
    default:
      return wasm(m, backend === "wasm-embedded" ? "embedded" : "libllvm");
  }
}

async function viaC(m: Module, compiler: CompilerName, mode: Mode): Promise<NativeModule> {
  const warnings = ["-Wall", "-Werror", "-Wno-unknown-pragmas", "-Wno-nan-infinity-disabled"];
  const honest = compiler === "clang" && mode !== "strict" ? ["-ffp-contract=fast-honor-pragmas"] : [];
  return loadSharedLibrary((await compileC(printC(m), { mode, compiler, flags: [...warnings, ...honest] })).library);
}

const layouts = (m: Module): ReadonlyMap<string, Layout> =>
  new Map(m.funcs.filter((f) => f.kind === "kernel").map((f) => [f.name, layoutOf(f)]));

type Elements = InterpArray["data"] | BigInt64Array;

/** The interpreter keeps indices in doubles, kernels in 64-bit integers. */
const toMemory = (a: InterpArray, elem: ElemType): Elements =>
  elem === "index" ? BigInt64Array.from(a.data as Float64Array, BigInt) : a.data;
function fromMemory(a: InterpArray, memory: Elements): void {
  if (memory !== a.data) (a.data as Float64Array).set(Array.from(memory, Number));
}

function native(m: Module, code: NativeModule): Run {
  const known = layouts(m);
  return (kernel, args) => {
    const layout = known.get(kernel) as Layout;
    const arrays = placed(layout, args);
    const error = new BigInt64Array(1);
    const block = new DataView(new ArrayBuffer(layout.bytes));
    // koffi gives no address for an empty array; nothing reads it.
    const addresses = arrays.map((a) => (a.memory.length === 0 ? 8n : addressOf(a.memory)));
    fill(block, layout, args, addresses, addressOf(error));
    const status = code.entry(kernel).call(block);
    for (const a of arrays) fromMemory(a.array, a.memory);
    return { status, index: Number(error[0]) };
  };
}

async function wasm(m: Module, via: "embedded" | "libllvm"): Promise<Run> {
  const known = layouts(m);
  const text = printLlvm(m, { pointerBits: 32, selfContained: true });
  const bytes = await compileWasm(text, { exports: [...known.keys()], memory: "unshared", via });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const fmod = (a: number, b: number): number => a % b;
  const math = Object.fromEntries(Object.getOwnPropertyNames(Math).map((n) => [n, Math[n as keyof Math]]));
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, { env: { ...math, fmod, memory } });
  return (kernel, args) => {
    const layout = known.get(kernel) as Layout;
    const arrays = placed(layout, args);
    let top = 64 + layout.bytes;
    const addresses = arrays.map(({ memory: { byteLength } }) => {
      const at = (top + 15) & ~15;
      top = at + byteLength;
      return at;
    });
    if (top > memory.buffer.byteLength) memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
    const view = (a: Elements, at: number): Uint8Array => new Uint8Array(memory.buffer, at, a.byteLength);
    const raw = (a: Elements): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
    arrays.forEach((a, k) => {
      view(a.memory, addresses[k] as number).set(raw(a.memory));
    });
    fill(new DataView(memory.buffer, 64), layout, args, addresses.map(BigInt), 8n);
    new DataView(memory.buffer).setBigInt64(8, 0n);
    const status = (instance.exports[kernel] as (block: number) => number)(64);
    arrays.forEach((a, k) => {
      raw(a.memory).set(view(a.memory, addresses[k] as number));
      fromMemory(a.array, a.memory);
    });
    return { status, index: Number(new DataView(memory.buffer).getBigInt64(8, true)) };
  };
}

interface Placed {
  readonly array: InterpArray;
  readonly memory: Elements;
}

/** The array arguments, as kernels see them. */
const placed = (layout: Layout, args: readonly InterpArg[]): readonly Placed[] =>
  layout.slots.flatMap((slot, k) => {
    const array = args[k];
    return slot.kind === "array" && typeof array === "object" ? [{ array, memory: toMemory(array, slot.elem) }] : [];
  });

function fill(
  block: DataView,
  layout: Layout,
  args: readonly InterpArg[],
  addresses: readonly bigint[],
  error: bigint,
): void {
  let next = 0;
  layout.slots.forEach((slot, k) => {
    const arg = args[k];
    if (slot.kind === "scalar") setScalar(block, slot.at, slot.type, Number(arg));
    else {
      block.setBigUint64(slot.pointer, addresses[next++] as bigint, true);
      const { shape } = arg as InterpArray;
      shape.forEach((size, axis) => {
        const stride = shape.slice(axis + 1).reduce((product, d) => product * d, 1);
        block.setBigInt64(slot.sizes + 8 * axis, BigInt(size), true);
        block.setBigInt64(slot.strides + 8 * axis, BigInt(stride), true);
      });
    }
  });
  block.setBigUint64(layout.error, error, true);
}

function setScalar(block: DataView, at: number, type: ScalarType, x: number): void {
  if (type === "f64") block.setFloat64(at, x, true);
  else if (type === "f32") block.setFloat32(at, x, true);
  else if (type === "index") block.setBigInt64(at, BigInt(x), true);
  else if (elemBytes[type] === 1) block.setUint8(at, x);
  else block.setInt32(at, x, true);
}
