/** Which shared arrays a workgroup has to set to zero: none whose elements are all written before any is read. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { barriersOf } from "../../compiler/analysis/barriers.ts";
import { type DeviceKernel, deviceKernel } from "../../compiler/analysis/device-kernel.ts";
import { zeroedAllocs } from "../../compiler/analysis/zeroing.ts";
import type { Func } from "../../compiler/ir/ir.ts";
import { parsed } from "../backend/differential.ts";
import { irCases } from "../gpu/ir-cases.ts";

function kernel(body: string): DeviceKernel {
  const text = `stage kernel\nkernel @k(%n: index, %x: f64[%m]) {\nfor %b in grid.x(0, %n) {\n%s: f64[8, 4]@shared = alloc\n${body}\n}\n}`;
  return deviceKernel(parsed(text).funcs[0] as Func) as DeviceKernel;
}
const isZeroed = (body: string): boolean => zeroedAllocs(kernel(body)).size === 1;

const write = "store %s[%y, %t], 1.0f64";
const read = "%v: f64 = load %s[%y, %t]";
const nest = (body: string, trips = "4"): string =>
  `for %y in threads.y(0, 8) {\nfor %t in threads.x(0, ${trips}) {\n${body}\n}\n}`;

test("written as a whole, then read", () => {
  assert.not(isZeroed(nest(write) + nest(read)));
  assert.not(isZeroed(nest(`${write}\n${read}`)));
  assert.not(isZeroed(nest(write)));
  // In each branch, or by a loop of each thread's own.
  assert.not(isZeroed(nest(`%c: bool = lt %t, 2\nif %c {\n${write}\n} else {\n${write}\n}`) + nest(read)));
  const own = "for %y in threads.y(0, 8) {\nfor %t in seq(0, 4) {\nstore %s[%y, %t], 1.0f64\n}\n}\n";
  assert.not(isZeroed(own + nest(read)));
  // A loop of any number of trips reads what it has written itself.
  assert.not(isZeroed(`for %k in seq(0, %n) {\n${nest(write)}\n${nest(read)}\n}`));
});

test("read before, or not written as a whole", () => {
  assert.ok(isZeroed(nest(read) + nest(write)));
  assert.ok(isZeroed(nest("accum add %s[%y, %t], 1.0f64")));
  assert.ok(isZeroed("%v: f64 = load %s[0, 0]"));
  assert.ok(isZeroed(nest(write, "3") + nest(read)));
  assert.ok(isZeroed(nest("store %s[%y, 0], 1.0f64") + nest(read)));
  assert.ok(isZeroed(nest(`%c: bool = lt %t, 2\nif %c {\n${write}\n}`) + nest(read)));
  // Perhaps not written at all.
  assert.ok(isZeroed(`for %k in seq(0, %n) {\n${nest(write)}\n}\n${nest(read)}`));
  // Another iteration's element, which comes only later.
  const early =
    "for %y in threads.y(0, 8) {\nfor %t in seq(0, 4) {\nstore %s[%y, %t], 1.0f64\n%v: f64 = load %s[%y, 3]\n}\n}";
  assert.ok(isZeroed(early));
});

test("a barrier stands between zeros and their readers, and before zeros of the next workgroup", () => {
  const k = kernel(nest("accum add %s[%y, %t], 1.0f64"));
  const kinds = [...barriersOf(k).keys()].map((s) => s.kind);
  assert.equal(kinds.sort(), ["alloc", "for"]);
});

test("of the kernels of test/gpu/ir", () => {
  const zeroed = irCases().flatMap(({ kernel: f }) =>
    [...zeroedAllocs(deviceKernel(f) as DeviceKernel)].map((s) => `${f.name} ${s.result.hint}`),
  );
  const expected = [
    "histogram own",
    "histogram sum",
    "fresh count",
    "fresh seen",
    "matmul ct",
    "stencil tile",
    "rowSums s",
  ];
  assert.equal([...new Set(zeroed)].sort(), [...expected, "rotate old", "settle changed"].sort());
});

test.run();
