/** LLVM functions for operators that take more than an instruction or two; they are inlined where they are called. */
import { attribute, floatText } from "./llvm-writer.ts";

const two53 = floatText(2 ** 53);
const two63 = floatText(2 ** 63);
const farAway = "4611686018427387904";

const define = (head: string, body: string): string => `define internal ${head} ${attribute.helper} {\n${body}\n}`;

/**
 * JavaScript's `x | 0`. Up to 2^63 the machine's conversion to i64 has the right low bits; beyond, the mantissa is
 * shifted, and what was shifted by 32 or more (NaN and the infinities too) has none left.
 */
export const toInt32 = (): string =>
  define(
    "i32 @tsgpu.i32(double %x)",
    `entry:
  %size = call double @llvm.fabs.f64(double %x)
  %near = fcmp olt double %size, ${two63}
  br i1 %near, label %small, label %large
small:
  %whole = fptosi double %x to i64
  %low = trunc i64 %whole to i32
  ret i32 %low
large:
  %bits = bitcast double %x to i64
  %exponent.sign = lshr i64 %bits, 52
  %exponent = and i64 %exponent.sign, 2047
  %shift = sub i64 %exponent, 1075
  %some = icmp ult i64 %shift, 32
  %mantissa = trunc i64 %bits to i32
  %shift.wide = trunc i64 %shift to i32
  %shift.32 = and i32 %shift.wide, 31
  %shifted = shl i32 %mantissa, %shift.32
  %negative = icmp slt i64 %bits, 0
  %negated = sub i32 0, %shifted
  %signed = select i1 %negative, i32 %negated, i32 %shifted
  %result = select i1 %some, i32 %signed, i32 0
  ret i32 %result`,
  );

/** A float as an index: exact, or outside of every array (eval.ts says where). */
export const toIndex = (): string =>
  define(
    "i64 @tsgpu.index(double %x)",
    `  %size = call double @llvm.fabs.f64(double %x)
  %near = fcmp ole double %size, ${two53}
  %whole = fptosi double %x to i64
  %back = sitofp i64 %whole to double
  %same = fcmp oeq double %back, %x
  %exact = select i1 %near, i1 %same, i1 false
  %beyond = fcmp ogt double %x, ${two53}
  %outside = select i1 %beyond, i64 ${farAway}, i64 -${farAway}
  %result = select i1 %exact, i64 %whole, i64 %outside
  ret i64 %result`,
  );

/** Division toward −∞. i32 are widened, whose quotients always fit then; indices of 32 bits have them in range. */
export const floorDivide = (type: "i64" | "i32", suffix = ""): string =>
  define(
    `${type} @tsgpu.floordiv${suffix}(${type} %a, ${type} %b)`,
    `  %quotient = sdiv ${type} %a, %b
  %product = mul ${type} %quotient, %b
  %rest = sub ${type} %a, %product
  %inexact = icmp ne ${type} %rest, 0
  %signs = xor ${type} %rest, %b
  %opposite = icmp slt ${type} %signs, 0
  %down = and i1 %inexact, %opposite
  %correction = sext i1 %down to ${type}
  %result = add ${type} %quotient, %correction
  ret ${type} %result`,
  );

/** JavaScript's Math.round: the floor, or one more from the half on; the sign of the argument stays on a zero. */
export const round = (type: "double" | "float", suffix: string): string =>
  define(
    `${type} @tsgpu.round.${suffix}(${type} %x)`,
    `  %down = call ${type} @llvm.floor.${suffix}(${type} %x)
  %fraction = fsub ${type} %x, %down
  %up = fadd ${type} %down, 1.0
  %half = fcmp oge ${type} %fraction, 0.5
  %nearest = select i1 %half, ${type} %up, ${type} %down
  %result = call ${type} @llvm.copysign.${suffix}(${type} %nearest, ${type} %x)
  ret ${type} %result`,
  );

/** JavaScript's Math.sign: zeros and NaN are returned as they are. */
export const sign = (type: "double" | "float", suffix: string): string =>
  define(
    `${type} @tsgpu.sign.${suffix}(${type} %x)`,
    `  %positive = fcmp ogt ${type} %x, 0.0
  %negative = fcmp olt ${type} %x, 0.0
  %below = select i1 %negative, ${type} -1.0, ${type} %x
  %result = select i1 %positive, ${type} 1.0, ${type} %below
  ret ${type} %result`,
  );

/**
 * C's fmod, exactly, by integers: with |x| = m·2^e and |y| = n·2^f as IEEE 754 holds them, the remainder is (m·2^(e−f) mod n)·2^f.
 * The power comes in by as many bits at a time as there is room for above a mantissa.
 */
export const remainder = (): string =>
  `define internal double @tsgpu.fmod(double %x, double %y) ${attribute.rare} {
entry:
  %x.bits = bitcast double %x to i64
  %y.bits = bitcast double %y to i64
  %x.size = and i64 %x.bits, 9223372036854775807
  %y.size = and i64 %y.bits, 9223372036854775807
  %x.finite = icmp ult i64 %x.size, 9218868437227405312
  %y.number = icmp ule i64 %y.size, 9218868437227405312
  %y.some = icmp ne i64 %y.size, 0
  %numbers = and i1 %x.finite, %y.number
  %defined = and i1 %numbers, %y.some
  br i1 %defined, label %compare, label %undefined
undefined:
  ret double 0x7FF8000000000000
compare:
  %x.field = lshr i64 %x.size, 52
  %y.field = lshr i64 %y.size, 52
  %less = icmp ult i64 %x.field, %y.field
  br i1 %less, label %same, label %divide
same:
  ret double %x
divide:
  %x.low = and i64 %x.size, 4503599627370495
  %y.low = and i64 %y.size, 4503599627370495
  %x.high = or i64 %x.low, 4503599627370496
  %y.high = or i64 %y.low, 4503599627370496
  %x.tiny = icmp eq i64 %x.field, 0
  %y.tiny = icmp eq i64 %y.field, 0
  %m = select i1 %x.tiny, i64 %x.low, i64 %x.high
  %n = select i1 %y.tiny, i64 %y.low, i64 %y.high
  %e = select i1 %x.tiny, i64 1, i64 %x.field
  %f = select i1 %y.tiny, i64 1, i64 %y.field
  %shift = sub i64 %e, %f
  %first = urem i64 %m, %n
  br label %head
head:
  %rest = phi i64 [ %first, %divide ], [ %next, %body ]
  %left = phi i64 [ %shift, %divide ], [ %fewer, %body ]
  %more = icmp ne i64 %left, 0
  br i1 %more, label %body, label %done
body:
  %fits = icmp ult i64 %left, 11
  %step = select i1 %fits, i64 %left, i64 11
  %shifted = shl i64 %rest, %step
  %next = urem i64 %shifted, %n
  %fewer = sub i64 %left, %step
  br label %head
done:
  %units = uitofp i64 %rest to double
  %field = sub i64 %f, 52
  %normal = shl i64 %field, 52
  %place = sub i64 %f, 1
  %place.64 = and i64 %place, 63
  %subnormal = shl i64 1, %place.64
  %isNormal = icmp ugt i64 %f, 52
  %unit.bits = select i1 %isNormal, i64 %normal, i64 %subnormal
  %unit = bitcast i64 %unit.bits to double
  %size = fmul double %units, %unit
  %size.bits = bitcast double %size to i64
  %sign = and i64 %x.bits, -9223372036854775808
  %result.bits = or i64 %size.bits, %sign
  %result = bitcast i64 %result.bits to double
  ret double %result
}`;
