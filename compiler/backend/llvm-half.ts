/**
 * Halves (ir/half.ts) as LLVM functions over their 16 bits, inlined where they are called.
 *
 * On CPUs with instructions for it LLVM's `half` is their name; elsewhere it would be a call into a library that is not there, and
 * integers do the same, to the bit. PTX has instructions too, but LLVM would go on and compute in halves where it can: as
 * assembly, a conversion is a conversion.
 */
import { attribute, type LlvmTarget } from "./llvm-writer.ts";

type Halves = LlvmTarget["halves"];

const define = (head: string, body: string): string => `define internal ${head} ${attribute.helper} {\n${body}\n}`;

/** The f32 that a half is. */
export const wideningHalf = (by: Halves): string =>
  define(
    "float @tsgpu.f32.of.half(i16 %x)",
    by === "cvt"
      ? `  %result = call float asm "cvt.f32.f16 $0, $1;", "=f,h"(i16 %x)
  ret float %result`
      : by === "type"
        ? `  %half = bitcast i16 %x to half
  %result = fpext half %half to float
  ret float %result`
        : widening,
  );

/** The half nearest to an f32. */
export const roundingToHalf = (by: Halves): string =>
  define(
    "i16 @tsgpu.half.of.f32(float %x)",
    by === "cvt"
      ? `  %result = call i16 asm "cvt.rn.f16.f32 $0, $1;", "=h,f"(float %x)
  ret i16 %result`
      : by === "type"
        ? `  %half = fptrunc float %x to half
  %result = bitcast half %half to i16
  ret i16 %result`
        : rounding,
  );

/** The exponent is 112 higher, and 224 where it says infinity or NaN; below the normal halves, the bits count units of 2^-24. */
const widening = `  %bits = zext i16 %x to i32
  %size = and i32 %bits, 32767
  %field = shl i32 %size, 13
  %normal = add i32 %field, 939524096
  %special = add i32 %field, 1879048192
  %isSpecial = icmp uge i32 %size, 31744
  %large = select i1 %isSpecial, i32 %special, i32 %normal
  %units = uitofp i32 %size to float
  %small = fmul float %units, 0x3E70000000000000
  %small.bits = bitcast float %small to i32
  %isSmall = icmp ult i32 %size, 1024
  %result.size = select i1 %isSmall, i32 %small.bits, i32 %large
  %sign = and i32 %bits, 32768
  %sign.place = shl i32 %sign, 16
  %result.bits = or i32 %result.size, %sign.place
  %result = bitcast i32 %result.bits to float
  ret float %result`;

/**
 * Of a normal half, the 13 bits that go are rounded by what is added below them: half a unit, less one where the bit above them is
 * even. The last bit of 0.5 + x is worth 2^-24, as that of a subnormal half.
 */
const rounding = `  %bits = bitcast float %x to i32
  %size = and i32 %bits, 2147483647
  %above = lshr i32 %size, 13
  %odd = and i32 %above, 1
  %rebiased = add i32 %size, -939520001
  %rounded = add i32 %rebiased, %odd
  %normal = lshr i32 %rounded, 13
  %magnitude = bitcast i32 %size to float
  %sum = fadd float %magnitude, 0.5
  %sum.bits = bitcast float %sum to i32
  %small = sub i32 %sum.bits, 1056964608
  %isSmall = icmp ult i32 %size, 947912704
  %finite = select i1 %isSmall, i32 %small, i32 %normal
  %isNaN = icmp ugt i32 %size, 2139095040
  %special = select i1 %isNaN, i32 32256, i32 31744
  %isLarge = icmp uge i32 %size, 1199570944
  %result.size = select i1 %isLarge, i32 %special, i32 %finite
  %sign.place = lshr i32 %bits, 16
  %sign = and i32 %sign.place, 32768
  %result.bits = or i32 %result.size, %sign
  %result = trunc i32 %result.bits to i16
  ret i16 %result`;
