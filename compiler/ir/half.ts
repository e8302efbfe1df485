/**
 * Half precision (binary16 of IEEE 754): elements of `f16` arrays as numbers, and as the 16 bits that memory holds.
 *
 * A sign, 5 bits of exponent, 10 of mantissa: from 2^-24, the smallest subnormal, to 65504. 11 bits of precision.
 */

/** The magnitude from which a number is infinity as a half: half a unit above the largest one. */
const overflow = 65520;

/** The half nearest to `x`, ties to even. */
export function roundToHalf(x: number): number {
  const size = Math.abs(x);
  if (!(size < overflow)) return x * Number.POSITIVE_INFINITY;
  // A number that is that much larger has one bit in this one's place for each of the half's, and the sum rounds to it.
  const shift = 2 ** 42 * Math.max(2 ** -14, powerBelow(size));
  const rounded = size + shift - shift;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

const double = new DataView(new ArrayBuffer(8));
/** The largest power of two that is not above `size`. */
function powerBelow(size: number): number {
  double.setFloat64(0, size);
  double.setInt32(0, double.getInt32(0) & 0x7ff00000);
  double.setInt32(4, 0);
  return double.getFloat64(0);
}

/** The bits of the half nearest to `x`; every NaN has the same. */
export function halfBits(x: number): number {
  const half = roundToHalf(x);
  const sign = half < 0 || Object.is(half, -0) ? 0x8000 : 0;
  const size = Math.abs(half);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const power = powerBelow(size);
  return sign | ((Math.log2(power) + 15) << 10) | ((size / power - 1) * 1024);
}

/** The half that has these bits. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}
