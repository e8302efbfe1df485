/**
 * Puts the stand-in in the place of CUDA's driver, with the PTX emulator as what runs its kernels: device cuda from end to end,
 * without a GPU. To be imported before the program that is to find a GPU.
 *
 *   TSGPU_EMULATED_SKIP=triad,chains   kernels that are too large for that: they do nothing
 */
import { loadKoffi } from "../../../compiler/backend/libllvm-api.ts";
import { DeviceMemory, launch, type PtxModule, parsePtx } from "../../../runtime/emulator/index.ts";
import { type FakeCuda, fakeCuda } from "./fake.ts";

const skipped = new Set((process.env.TSGPU_EMULATED_SKIP ?? "").split(","));
const modules = new Map<string, PtxModule>();
const bytesOf: Readonly<Record<string, number>> = { "8": 1, "16": 2, "32": 4, "64": 8 };

/** Bytes of each parameter of an entry. */
function paramBytes(ptx: string, name: string): readonly number[] {
  const [, list = ""] = ptx.split(`.entry ${name}(`);
  const [params = ""] = list.split(")");
  return [...params.matchAll(/\.param\s+\.[a-z](\d+)/g)].map(([, bits]) => bytesOf[bits as string] as number);
}

function emulate(fake: FakeCuda): void {
  const koffi = loadKoffi();
  const bytesAt = (address: bigint, count: number): Uint8Array => new Uint8Array(koffi.view(address, count));
  fake.run((name, image, params, ...extents) => {
    if (skipped.has(name.replace(/_\d+$/, ""))) return 0;
    try {
      const module = modules.get(image) ?? parsePtx(image);
      modules.set(image, module);
      const sizes = paramBytes(image, name);
      const addresses = new BigUint64Array(koffi.view(params, 8 * sizes.length));
      const memory = new DeviceMemory();
      const arrays: { readonly host: bigint; readonly there: bigint; readonly bytes: number }[] = [];
      const given = sizes.map((size, k) => {
        const value = bytesAt(addresses[k] as bigint, size).slice();
        const host = size === 8 ? new DataView(value.buffer).getBigUint64(0, true) : 0n;
        const bytes = fake.extent(host);
        if (bytes === 0) return value;
        const there = arrays.find((a) => a.host === host)?.there ?? memory.alloc(bytes);
        memory.write(there, bytesAt(host, bytes));
        arrays.push({ host, there, bytes });
        return BigUint64Array.of(there);
      });
      const [gx, gy, gz, bx, by, bz] = extents;
      launch(module, name, { grid: [gx, gy, gz], block: [bx, by, bz], params: given, memory });
      for (const { host, there, bytes } of arrays) bytesAt(host, bytes).set(memory.read(there, bytes));
      return 0;
    } catch (error) {
      console.error(`emulated: ${error instanceof Error ? error.message : error}`);
      return 719;
    }
  });
}

const fake = await fakeCuda();
if (typeof fake === "string") throw new Error(fake);
emulate(fake);
process.on("exit", () => {
  const faults = fake.faults();
  if (faults === "") return;
  console.error(`the driver was misused: ${faults}`);
  process.exitCode = 1;
});
