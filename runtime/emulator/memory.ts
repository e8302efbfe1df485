/**
 * The device's memory: one WebAssembly memory, of which the lower half holds data and the upper half a shadow byte for each.
 *
 * A shadow byte says what the byte below is: of which state space, if it belongs to anything at all, and whether it holds a
 * value. Translated code looks at the shadow before every access (`access.ts`), so that no access is trusted.
 */

/** The bits of a shadow byte. A byte of no space at all is not to be touched. */
export const mark = {
  global: 1,
  /** It has been written. */
  written: 2,
  /** This launch has read it by `ld.global.nc`, which promises that the launch does not write it. */
  constant: 4,
  /** This launch has written it. */
  changed: 8,
  shared: 16,
  local: 32,
  const: 64,
} as const;

/** Where data starts in the address space of the device: pointers need their upper halves, as on a real one. */
export const deviceBase = 0x7f00_0000_0000n;

const page = 65536;
/** Between any two allocations there is this much that belongs to nothing; it is also how they are aligned. */
const redZone = 256;
/** The lowest bytes hold the launch record (`record.ts`). */
const firstFree = 4096;
const mostBytes = 2 ** 31;

interface Range {
  readonly start: number;
  readonly bytes: number;
  /** Whether the host asked for it; the rest is the emulator's own. */
  readonly isHosts: boolean;
}

/** Global memory as the host sees it. Addresses are those that kernels get. */
export class DeviceMemory {
  readonly wasm = new WebAssembly.Memory({ initial: (2 * 2 ** 20) / page, maximum: (2 * mostBytes) / page });
  /** In order of their addresses. */
  private readonly ranges: Range[] = [];

  /** Bytes of data that there is room for: where the shadow starts. */
  get capacity(): number {
    return this.wasm.buffer.byteLength / 2;
  }

  /** New memory, which nothing has been written to. @throws RangeError when there is no more. */
  alloc(bytes: number): bigint {
    const start = this.reserve(bytes, true);
    this.setMarks(start, bytes, mark.global);
    return deviceBase + BigInt(start);
  }

  /** @throws RangeError for what `alloc` did not return, or what was freed before. */
  free(address: bigint): void {
    const start = Number(address - deviceBase);
    if (!this.ranges.some((r) => r.isHosts && r.start === start)) {
      throw new RangeError("what is to be freed was not allocated, or was freed before");
    }
    this.release(start);
  }

  write(address: bigint, data: ArrayBufferView): void {
    const start = this.inside(address, data.byteLength);
    this.bytes(start, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.setMarks(start, data.byteLength, mark.global | mark.written);
  }

  /** A copy of what is there. */
  read(address: bigint, bytes: number): Uint8Array<ArrayBuffer> {
    return this.bytes(this.inside(address, bytes), bytes).slice();
  }

  /** Copies within the device; what was not written stays so. */
  copy(to: bigint, from: bigint, bytes: number): void {
    const [target, source] = [this.inside(to, bytes), this.inside(from, bytes)];
    const all = new Uint8Array(this.wasm.buffer);
    all.copyWithin(target, source, source + bytes);
    all.copyWithin(this.capacity + target, this.capacity + source, this.capacity + source + bytes);
  }

  /** What a launch noted about global memory does not concern the next one. `allWritten`: all of it counts as written. */
  startLaunch(allWritten: boolean): void {
    const set = allWritten ? 0x01010101 * mark.written : 0;
    const keep = ~(0x01010101 * (mark.constant | mark.changed));
    for (const { start, bytes } of this.ranges) {
      const words = new Int32Array(this.wasm.buffer, this.capacity + start, Math.ceil(bytes / 4));
      for (let k = 0; k < words.length; k++) words[k] = (words[k]! & keep) | set;
    }
  }

  /** Room, of zeros that belong to no state space yet; returns an offset. */
  reserve(bytes: number, isHosts = false): number {
    if (!(Number.isSafeInteger(bytes) && bytes >= 0)) throw new RangeError(`cannot allocate ${bytes} bytes`);
    let start = firstFree;
    let at = 0;
    const end = (r: Range): number => Math.ceil((r.start + r.bytes) / redZone + 1) * redZone;
    while (at < this.ranges.length && start + bytes + redZone > this.ranges[at]!.start) start = end(this.ranges[at++]!);
    if (start + bytes + redZone > this.capacity) this.grow(start + bytes + redZone);
    this.ranges.splice(at, 0, { start, bytes, isHosts });
    this.bytes(start, bytes).fill(0);
    return start;
  }

  release(start: number): void {
    const at = this.ranges.findIndex((r) => r.start === start);
    const [range] = this.ranges.splice(at, 1);
    this.setMarks(start, range!.bytes, 0);
  }

  bytes(start: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.wasm.buffer as ArrayBuffer, start, length);
  }

  setMarks(start: number, length: number, marks: number): void {
    this.bytes(this.capacity + start, length).fill(marks);
  }

  /** The marks at an offset; 0 beyond all memory. */
  marksAt(offset: number): number {
    return offset >= 0 && offset < this.capacity ? this.bytes(this.capacity + offset, 1)[0]! : 0;
  }

  private inside(address: bigint, bytes: number): number {
    const start = Number(address - deviceBase);
    const range = this.ranges.find((r) => r.isHosts && start >= r.start && start + bytes <= r.start + r.bytes);
    if (range === undefined && bytes > 0) {
      throw new RangeError(`${bytes} bytes at 0x${address.toString(16)} are not within one allocation`);
    }
    return start;
  }

  private grow(needed: number): void {
    const before = this.capacity;
    if (needed > mostBytes)
      throw new RangeError(`the emulated device has ${mostBytes} bytes, and ${needed} are needed`);
    const after = Math.min(mostBytes, Math.ceil(Math.max(needed, 2 * before) / page) * page);
    this.wasm.grow((2 * (after - before)) / page);
    const all = new Uint8Array(this.wasm.buffer);
    all.copyWithin(after, before, 2 * before);
    all.fill(0, before, Math.min(2 * before, after));
  }
}
