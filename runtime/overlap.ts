/**
 * The overlap check: compiled code assumes that two arrays of a call never share memory when it writes one of them.
 * Typed arrays are compared by their bytes, nested arrays by the identity of their rows.
 */
import { viewName } from "./array.ts";
import { LaunchError } from "./launch-error.ts";
import type { Place } from "./read-argument.ts";

/** Where one array argument's elements are. */
export interface Region {
  /** The array as the user would say it: `A`, `points[].x`. */
  readonly name: string;
  readonly param: string;
  readonly written: boolean;
  readonly places: readonly Place[];
}

/** A typed array's bytes within its buffer. */
interface Range {
  readonly region: Region;
  readonly start: number;
  readonly end: number;
}

/** @throws LaunchError when two arrays of the call, or two rows of one, share elements and one of them is written. */
export function checkOverlap(kernel: string, regions: readonly Region[]): void {
  if (!regions.some((r) => r.written)) return;
  const buffers = new Map<ArrayBufferLike, Range[]>();
  const cells = new Map<object, { readonly region: Region; readonly field: string | number | null }[]>();
  for (const region of regions) {
    for (const { container, field } of region.places) {
      if (viewName(container) !== null) {
        const { buffer, byteOffset, byteLength } = container as Uint8Array;
        const range = { region, start: byteOffset, end: byteOffset + byteLength };
        const ranges = buffers.get(buffer);
        if (ranges === undefined) buffers.set(buffer, [range]);
        else ranges.push(range);
        continue;
      }
      if (region.written && Object.isFrozen(container)) {
        throw new LaunchError("TG3011", kernel, `${region.name} is written, but (a row of) it is frozen`, region.param);
      }
      const others = cells.get(container);
      if (others === undefined) {
        cells.set(container, [{ region, field }]);
        continue;
      }
      for (const other of others) {
        const same = other.field === field || other.field === null || field === null;
        if (same && (other.region.written || region.written)) refuse(kernel, other.region, region);
      }
      others.push({ region, field });
    }
  }
  for (const ranges of buffers.values()) checkRanges(kernel, ranges);
}

/** In order of their starts, a range overlaps an earlier one exactly when it begins before the furthest end so far. */
function checkRanges(kernel: string, ranges: Range[]): void {
  ranges.sort((a, b) => a.start - b.start);
  let furthest: Range | null = null;
  let furthestWritten: Range | null = null;
  for (const range of ranges) {
    if (range.end === range.start) continue;
    const before: Range | null = range.region.written ? furthest : furthestWritten;
    if (before !== null && range.start < before.end) refuse(kernel, before.region, range.region);
    if (furthest === null || range.end > furthest.end) furthest = range;
    if (range.region.written && (furthestWritten === null || range.end > furthestWritten.end)) furthestWritten = range;
  }
}

function refuse(kernel: string, a: Region, b: Region): never {
  const written = b.written ? b : a;
  const other = written === a ? b : a;
  const message =
    a === b
      ? `rows of ${a.name} share memory, and the kernel writes them`
      : `${written.name} and ${other.name} share memory, and the kernel writes ${written.name}`;
  throw new LaunchError("TG3009", kernel, message, written.param);
}
