/** Modules in memories: their variables, and the WebAssembly that runs there. */
import { type DeviceMemory, mark } from "./memory.ts";
import type { PtxModule } from "./translate.ts";

/** What translated code calls of the launch that runs. */
export interface Current {
  failed(site: number, reason: number, detail: bigint): never;
  refuel(site: number): void;
}

/** How a thread ends within a function that its kernel calls. */
export class LeaveThread extends Error {}

/** A module in a memory: its variables keep their values from launch to launch. */
export interface Loaded {
  readonly exports: WebAssembly.Instance["exports"];
  /** Where its variables are. */
  readonly variables: number;
  /** The launch that runs. */
  current: Current | null;
}

const loadedIn = new WeakMap<DeviceMemory, WeakMap<PtxModule, Loaded>>();

/** The module in the memory, loaded at its first launch there. */
export function load(module: PtxModule, memory: DeviceMemory): Loaded {
  let known = loadedIn.get(memory);
  if (known === undefined) loadedIn.set(memory, (known = new WeakMap()));
  let loaded = known.get(module);
  if (loaded === undefined) known.set(module, (loaded = loadNew(module, memory)));
  return loaded;
}

function loadNew(module: PtxModule, memory: DeviceMemory): Loaded {
  const { offsets, size } = module.layout.module;
  const variables = memory.reserve(size);
  for (const [v, offset] of offsets) {
    if (v.init !== null) memory.bytes(variables + offset, v.size).set(v.init);
    memory.setMarks(variables + offset, v.size, (v.space === "const" ? mark.const : mark.global) | mark.written);
  }
  const env = {
    memory: memory.wasm,
    fault: callable((site: number, reason: number, detail: bigint) => loaded.current!.failed(site, reason, detail)),
    leave: callable(() => {
      throw new LeaveThread();
    }),
    tick: callable((site: number) => loaded.current!.refuel(site)),
    ...Object.fromEntries(module.helpers.map((h) => [h.name, callable(h.run)])),
  };
  const { exports } = new WebAssembly.Instance(module.wasm, { env });
  const loaded: Loaded = { exports, variables, current: null };
  return loaded;
}

/** A function as WebAssembly's types want it: they do not know that i64 is a BigInt. */
const callable = (f: (...args: never[]) => unknown) => f as (...args: number[]) => unknown;
