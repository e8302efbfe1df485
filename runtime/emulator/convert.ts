/** `cvt`: between all types, with rounding and saturation. */
import { type Emitter, type Family, integerType, stackType } from "./emitter.ts";
import type { Form } from "./form.ts";
import type { Operand, PtxType } from "./ptx.ts";

const toInteger = { rni: "nearest", rzi: "trunc", rmi: "floor", rpi: "ceil" } as const;
type Integral = keyof typeof toInteger;
const toFloat = ["rn", "rz", "rm", "rp"] as const;

const convert: Family = (e, form) => {
  const integral = form.take(...(Object.keys(toInteger) as Integral[]));
  const mode = form.take(...toFloat);
  const saturates = form.flag("sat");
  const to = form.anyType();
  const from = form.anyType();
  const [d, a] = form.end(2) as [Operand, Operand];
  if ([to, from].some((t) => t.kind === "b" || t.kind === "pred")) form.refuse("cvt is between numbers");
  const kinds = `${from.kind === "f" ? "float" : "integer"} to ${to.kind === "f" ? "float" : "integer"}`;
  const needs = (rounding: Integral | (typeof toFloat)[number] | null, wanted: boolean): void => {
    if ((rounding !== null) !== wanted)
      form.refuse(`${kinds}, .${from.name} to .${to.name}, ${wanted ? "needs" : "takes no"} rounding`);
  };
  e.push(a, from, true);
  if (to.kind !== "f") {
    needs(mode, false);
    needs(integral, from.kind === "f");
    if (from.kind === "f") floatToInteger(e, integral!, to, from);
    else integerToInteger(e, saturates, to, from);
  } else if (from.kind === "f") floatToFloat(e, form, { integral, mode, saturates }, to, from);
  else {
    needs(integral, false);
    needs(mode, true);
    integerToFloat(e, mode!, to, from);
    if (saturates) clampToUnit(e, to);
  }
  e.pop(d, to, true);
};

function integerToInteger(e: Emitter, saturates: boolean, to: PtxType, from: PtxType): void {
  const { code } = e;
  if (saturates) clampInteger(e, to, from);
  if (to.bits === 64 && from.bits < 64) code.op(from.kind === "s" ? "i64.extend_i32_s" : "i64.extend_i32_u");
  else if (to.bits < 64 && from.bits === 64) code.op("i32.wrap_i64");
  e.narrow(to);
}

/** Into the range of `to`, in the type of `from`; bounds that `from` cannot pass are left out. */
function clampInteger(e: Emitter, to: PtxType, from: PtxType): void {
  const { code } = e;
  const t = integerType(from);
  const x = e.temp(t, "clamp");
  const bound = (n: bigint): void => {
    if (t === "i64") code.i64(n);
    else code.i32(Number(BigInt.asIntN(32, n)));
  };
  const sign = from.kind === "s" ? "s" : "u";
  const range = (type: PtxType): readonly [bigint, bigint] => {
    const half = 1n << BigInt(type.bits - 1);
    return type.kind === "s" ? [-half, half - 1n] : [0n, 2n * half - 1n];
  };
  const [[least, most], [lowest, highest]] = [range(to), range(from)];
  const clamp = (n: bigint, op: string): void => {
    code.set(x);
    bound(n);
    code.get(x).get(x);
    bound(n);
    code.op(`${t}.${op}_${sign}`, "select");
  };
  if (least > lowest) clamp(least, "lt");
  if (most < highest) clamp(most, "gt");
}

/**
 * Rounded, then clamped to the range whether `.sat` is there or not. NaN gives 0, but for f64 sources and 64-bit
 * results, where it gives the number with only the top bit set.
 */
function floatToInteger(e: Emitter, mode: Integral, to: PtxType, from: PtxType): void {
  const { code } = e;
  if (from.bits === 16) e.help("cvt.rn.f32.f16");
  const t = from.bits === 64 ? "f64" : "f32";
  const x = e.temp(t, "cvt");
  code.op(`${t}.${toInteger[mode]}`).set(x);
  const result = integerType(to);
  const sign = to.kind === "s" ? "s" : "u";
  if (to.bits < 32) {
    // Through s32, which holds the range of all narrower types.
    const most = to.kind === "s" ? 2 ** (to.bits - 1) - 1 : 2 ** to.bits - 1;
    const least = to.kind === "s" ? -(2 ** (to.bits - 1)) : 0;
    const wide = e.temp("i32", "cvt");
    const clamp = (n: number, op: string): void => {
      code.set(wide).i32(n).get(wide).get(wide).i32(n).op(op, "select");
    };
    code.get(x).op(`i32.trunc_sat_${t}_s`);
    clamp(most, "i32.gt_s");
    clamp(least, "i32.lt_s");
  } else code.get(x).op(`${result}.trunc_sat_${t}_${sign}`);
  if (t === "f32" && to.bits < 64) return;
  const found = e.temp(result, "found");
  code.set(found);
  if (result === "i64") code.i64(1n << 63n);
  else code.i32(2 ** (to.bits - 1));
  code.get(found).get(x).get(x).op(`${t}.ne`, "select");
  e.narrow(to);
}

function integerToFloat(e: Emitter, mode: (typeof toFloat)[number], to: PtxType, from: PtxType): void {
  const { code } = e;
  const sign = from.kind === "s" ? "s" : "u";
  if (mode === "rn" && to.bits >= 32) {
    code.op(`${stackType(to)}.convert_${integerType(from)}_${sign}`);
    return;
  }
  if (from.bits < 64) code.op(`i64.extend_i32_${sign}`);
  e.help(`cvt.${mode}.${to.name}.${sign === "s" ? "s64" : "u64"}`);
}

interface Rounding {
  readonly integral: Integral | null;
  readonly mode: (typeof toFloat)[number] | null;
  readonly saturates: boolean;
}

/** To a narrower type with rounding; to the same with rounding to a whole number, or as it is. */
function floatToFloat(e: Emitter, form: Form, r: Rounding, to: PtxType, from: PtxType): void {
  const { code } = e;
  const narrows = to.bits < from.bits;
  if ((r.mode !== null) !== narrows) {
    form.refuse(
      `.${from.name} to .${to.name} ${narrows ? "needs a rounding mode" : "is not rounded, or by .rni and the like"}`,
    );
  }
  if (r.integral !== null && to.bits !== from.bits) form.refuse("rounding to a whole number keeps the type");
  if (to.bits === from.bits) {
    if (r.integral !== null) {
      if (to.bits === 16) form.refuse("rounding .f16 to a whole number is not emulated");
      code.op(`${to.name}.${toInteger[r.integral]}`);
    }
  } else if (to.name === "f64" && from.name === "f32") code.op("f64.promote_f32");
  else if (to.name === "f32" && from.name === "f64" && r.mode === "rn") code.op("f32.demote_f64");
  else e.help(`cvt.${r.mode ?? "rn"}.${to.name}.${from.name}`);
  if (r.saturates) clampToUnit(e, to);
}

/** `.sat` of floats: into 0 to 1; NaN becomes +0. */
export function clampToUnit(e: Emitter, type: PtxType): void {
  if (type.bits < 32) e.refuse("saturating .f16 is not emulated");
  const t = stackType(type);
  const x = e.temp(t, "unit");
  const number = (bits32: number, bits64: bigint): void => {
    if (t === "f64") e.code.f64(bits64);
    else e.code.f32(bits32);
  };
  e.code.tee(x);
  number(0, 0n);
  e.code.op(`${t}.max`);
  number(0x3f800000, 0x3ff0000000000000n);
  e.code.op(`${t}.min`);
  number(0, 0n);
  e.code.get(x).get(x).op(`${t}.eq`, "select");
}

export const convertFamilies: Readonly<Record<string, Family>> = { cvt: convert };
