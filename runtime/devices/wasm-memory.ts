/** A WebAssembly memory and who has which part of it: first fit, 64-byte alignment, grown on demand, never shrunk. */

const pageBytes = 65536;
/** All that a 32-bit address reaches. */
const maxPages = 65536;
export const alignment = 64;

interface Span {
  readonly at: number;
  readonly bytes: number;
}

export class WasmMemory {
  readonly memory: WebAssembly.Memory;
  /** The free parts, in order, no two adjacent. */
  private free: Span[];
  private readonly used = new Map<number, number>();

  constructor(shared: boolean) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: maxPages, shared });
    // Address 0 stays unused: no array is at the null pointer.
    this.free = [{ at: alignment, bytes: pageBytes - alignment }];
  }

  /** The current buffer: growing replaces it, so nobody keeps it. */
  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  /** The address of so many bytes, of any content. @throws RangeError when 4 GiB are not enough. */
  allocate(size: number): number {
    const bytes = Math.max(alignment, Math.ceil(size / alignment) * alignment);
    let k = this.free.findIndex((span) => span.bytes >= bytes);
    if (k < 0) k = this.grow(bytes);
    const { at, bytes: available } = this.free[k] as Span;
    this.free.splice(k, 1, ...(available > bytes ? [{ at: at + bytes, bytes: available - bytes }] : []));
    this.used.set(at, bytes);
    return at;
  }

  /** Gives back what `allocate` gave; for an address that it did not give, or twice, nothing happens. */
  release(at: number): void {
    const bytes = this.used.get(at);
    if (bytes === undefined) return;
    this.used.delete(at);
    let k = this.free.findIndex((span) => span.at > at);
    if (k < 0) k = this.free.length;
    const before = this.free[k - 1];
    const after = this.free[k];
    const joinsBefore = before !== undefined && before.at + before.bytes === at;
    const joinsAfter = after !== undefined && at + bytes === after.at;
    const start = joinsBefore ? before.at : at;
    const end = joinsAfter ? after.at + after.bytes : at + bytes;
    const first = joinsBefore ? k - 1 : k;
    this.free.splice(first, (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), { at: start, bytes: end - start });
  }

  /** Makes room for so many bytes at the end, and says which free part has it. */
  private grow(bytes: number): number {
    const end = this.memory.buffer.byteLength;
    const last = this.free.at(-1);
    const tail = last !== undefined && last.at + last.bytes === end ? last : null;
    const missing = Math.ceil((bytes - (tail?.bytes ?? 0)) / pageBytes);
    if (end / pageBytes + missing > maxPages) throw new RangeError("more than 4 GiB of WebAssembly memory");
    this.memory.grow(missing);
    const at = tail?.at ?? end;
    const span = { at, bytes: end + missing * pageBytes - at };
    if (tail === null) this.free.push(span);
    else this.free[this.free.length - 1] = span;
    return this.free.length - 1;
  }
}
