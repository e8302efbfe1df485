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

/** Division toward −∞ of integers of 64 bits; narrower ones are widened, whose quotients always fit. */
export const floorDivide = (): string =>
  define(
    "i64 @tsgpu.floordiv(i64 %a, i64 %b)",
    `  %quotient = sdiv i64 %a, %b
  %product = mul i64 %quotient, %b
  %rest = sub i64 %a, %product
  %inexact = icmp ne i64 %rest, 0
  %signs = xor i64 %rest, %b
  %opposite = icmp slt i64 %signs, 0
  %down = and i1 %inexact, %opposite
  %correction = sext i1 %down to i64
  %result = add i64 %quotient, %correction
  ret i64 %result`,
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
