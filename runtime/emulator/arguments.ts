/** What a launch is asked to do, and whether the kernel can be asked so. */
import type { Counted } from "./emitter.ts";
import type { Dim } from "./faults.ts";
import type { DeviceMemory } from "./memory.ts";
import type { Variable } from "./ptx.ts";
import type { Kernel } from "./translate.ts";

/** A kernel's argument: a number or BigInt for what is declared as one, else its bytes. */
export type Param = bigint | number | ArrayBufferView;

export interface LaunchOptions {
  readonly grid: Dim;
  readonly block: Dim;
  readonly params: readonly Param[];
  readonly memory: DeviceMemory;
  /** Bytes of `.extern .shared` memory; none when not given. */
  readonly sharedBytes?: number;
  /** Threads and blocks run in an order drawn from it; in that of their numbers when not given. */
  readonly seed?: number;
  /** How many branches backward may be taken in all; 2^32 when not given. A kernel that takes more is taken to hang. */
  readonly limit?: number;
  /** What a read of memory that nothing was written to is: a fault, unless this says `allow`. */
  readonly uninitialised?: "fault" | "allow";
}

/** What a launch has done, summed over all threads. Of predicated instructions that did not run only the issue is counted. */
export type LaunchReport = Readonly<Record<Counted | "threads", number>>;

/** What a GPU allows: bytes of shared memory are those of sm_90. */
const mostThreads = 1024;
const mostShared = 227 * 1024;

/** @throws RangeError for what no GPU would launch, or not this kernel. */
export function checkSizes({ f }: Kernel, { grid, block, params, sharedBytes = 0 }: LaunchOptions): void {
  const fail = (message: string): never => {
    throw new RangeError(`${f.name}: ${message}`);
  };
  for (const [what, dim, most] of [
    ["grid", grid, [2 ** 31 - 1, 65535, 65535]],
    ["block", block, [1024, 1024, 64]],
  ] as const) {
    if (!dim.every((n, k) => Number.isInteger(n) && n >= 1 && n <= most[k]!)) {
      fail(`a ${what} of ${dim.join(" x ")}: 1 to ${most.join(", ")} are possible`);
    }
  }
  const threads = volume(block);
  if (threads > mostThreads) fail(`${threads} threads a block: at most ${mostThreads} are possible`);
  if (f.maxThreads !== null && threads > volume(f.maxThreads)) {
    fail(`${threads} threads a block: it was compiled for at most ${volume(f.maxThreads)} (.maxntid)`);
  }
  if (f.requiredThreads !== null && block.some((n, k) => n !== (f.requiredThreads![k] ?? 1))) {
    fail(`a block of ${block.join(" x ")}: it was compiled for ${f.requiredThreads.join(" x ")} (.reqntid)`);
  }
  if (params.length !== f.params.length) fail(`it has ${f.params.length} parameters, and ${params.length} were given`);
  if (!Number.isInteger(sharedBytes) || sharedBytes < 0 || sharedBytes > mostShared) {
    fail(`${sharedBytes} bytes of shared memory: at most ${mostShared} are possible`);
  }
}

/** How many there are. */
export const volume = (dim: readonly number[]): number => dim.reduce((n, d) => n * d, 1);

/** Puts an argument where the kernel finds it. */
export function writeParam({ f }: Kernel, p: Variable, value: Param, into: Uint8Array): void {
  const fail = (message: string): never => {
    throw new RangeError(
      `${f.name}: parameter ${p.name} is .${p.type.name}${p.isArray ? `[${p.size / (p.type.bits / 8)}]` : ""}: ${message}`,
    );
  };
  if (typeof value === "object") {
    if (value.byteLength !== p.size) fail(`it has ${p.size} bytes, and ${value.byteLength} were given`);
    into.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return;
  }
  if (p.isArray) fail("pass its bytes");
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const { kind, bits } = p.type;
  if (kind === "f" && bits >= 32) {
    if (typeof value === "bigint") fail("pass a number");
    if (bits === 64) view.setFloat64(0, Number(value), true);
    else view.setFloat32(0, Number(value), true);
    return;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value))
    fail(`${value} is no whole number; pass a float's bytes`);
  const whole = BigInt(value);
  if (whole < -(2n ** BigInt(bits - 1)) || whole >= 2n ** BigInt(bits)) fail(`${value} does not fit`);
  for (let k = 0; k < p.size; k++) into[k] = Number((whole >> BigInt(8 * k)) & 255n);
}
