/** Halves as the interpreter and the runtime compute them, against their definition (half-model.ts). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { halfBits, halfValue, roundToHalf } from "../../compiler/ir/half.ts";
import { midpoints, nearest, numberFrom, specials } from "./half-model.ts";

test("the model: what the standard says of some halves", () => {
  const known = [
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 2 ** -14 - 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0x7bff, 65504],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ] as const;
  for (const [bits, x] of known) assert.is(numberFrom(bits), x);
  for (const [bits, x] of known) assert.is(nearest(x), bits);
});

test("all 65,536 bit patterns: what they stand for, and back", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const x = numberFrom(bits);
    if (!Object.is(halfValue(bits), x)) assert.unreachable(`${bits} is ${x}, not ${halfValue(bits)}`);
    if (!Object.is(roundToHalf(x), x)) assert.unreachable(`${x} is rounded to ${roundToHalf(x)}`);
    const back = Number.isNaN(x) ? 0x7e00 : bits;
    if (halfBits(x) !== back) assert.unreachable(`${x} has the bits ${back}, not ${halfBits(x)}`);
  }
});

test("what is between two halves goes to the nearest, ties to even", () => {
  for (const x of [...midpoints(), ...specials, 1e300, -1e300, 5e-324, 1 + 2 ** -11 + 2 ** -52]) {
    if (halfBits(x) !== nearest(x)) assert.unreachable(`${x} is ${nearest(x)}, not ${halfBits(x)}`);
    if (!Object.is(roundToHalf(x), numberFrom(nearest(x)))) assert.unreachable(`${x} is rounded to ${roundToHalf(x)}`);
  }
});

test.run();
