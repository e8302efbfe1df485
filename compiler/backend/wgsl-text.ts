/** Words of WGSL: types, literals, and names that are taken. */
import type { Const, ScalarType } from "../ir/ir.ts";
import { level, type Piece, plain, shortestFloat, words } from "./text.ts";
import { type HelperName, helperNames } from "./wgsl-helpers.ts";

/** How WGSL holds a scalar; of an index, the low 32 bits. There is no f64. */
export const wgslType: Readonly<Record<Exclude<ScalarType, "f64">, string>> = {
  f32: "f32",
  i32: "i32",
  u32: "u32",
  index: "i32",
  bool: "bool",
};

/** The low 32 bits of an integer, as i32. */
export const lowWord = (x: number): number => Number(BigInt.asIntN(32, BigInt(x)));

/** A constant, an index as i32. NaN and infinities cannot be written: functions give them. */
export function literal(c: Const, helpers: Set<HelperName>): Piece {
  if (typeof c.value === "boolean") return plain(String(c.value));
  switch (c.type) {
    case "u32":
      return plain(`${c.value >>> 0}u`);
    case "i32":
    case "index":
      return integer(lowWord(c.value));
    default:
      return float(c.value, helpers);
  }
}

const integer = (x: number): Piece =>
  x === -(2 ** 31) ? plain("(-2147483647 - 1)") : plain(String(x), x < 0 ? level.unary : level.primary);

function float(x: number, helpers: Set<HelperName>): Piece {
  if (Number.isNaN(x)) return special("nan", "", helpers);
  if (Math.abs(x) === Number.POSITIVE_INFINITY) return special("infinity", x < 0 ? "-" : "", helpers);
  const digits = shortestFloat(x);
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`;
  const negative = x < 0 || Object.is(x, -0);
  return plain(`${Object.is(x, -0) ? "-" : ""}${text}f`, negative ? level.unary : level.primary);
}

function special(name: "nan" | "infinity", sign: string, helpers: Set<HelperName>): Piece {
  helpers.add(name);
  return plain(`${sign}${name}()`, sign === "" ? level.primary : level.unary);
}

/** The 64 bits of an integer. */
export function wideLiteral(x: number, helpers: Set<HelperName>): Piece {
  helpers.add("wide");
  const bits = BigInt.asUintN(64, BigInt(x));
  return plain(`wide(${bits & 0xffffffffn}u, ${bits >> 32n}u)`);
}

/** Names that no variable or function may take: keywords, words that are reserved, and what is predeclared or a helper. */
export const reservedInWgsl: readonly string[] = [
  ...words(`alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop
  override requires return struct switch true var while`),
  ...words(`NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class
  co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval constexpr
  constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export extends extern external
  fallthrough filter final finally friend from fxgroup get goto groupshared highp impl implements import inline instanceof
  interface layout lowp macro macro_rules match mediump meta mod module move mut mutable namespace new nil noexcept noinline
  nointerpolation non_coherent noncoherent noperspective null nullptr of operator package packoffset partition pass patch
  pixelfragment precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require
  resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine super target template
  this thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use using varying
  virtual volatile wgsl where with writeonly yield`),
  ...words(`array atomic bool f16 f32 i32 mat2x2 mat3x3 mat4x4 ptr sampler texture u32 vec2 vec3 vec4 bitcast all any select
  arrayLength abs acos acosh asin asinh atan atanh atan2 ceil clamp cos cosh countLeadingZeros cross degrees determinant distance dot
  exp exp2 floor fma fract frexp ldexp length log log2 max min mix modf normalize pow radians round sign sin sinh smoothstep
  sqrt step tan tanh transpose trunc atomicLoad atomicStore atomicAdd atomicMin atomicMax atomicCompareExchangeWeak
  workgroupBarrier storageBarrier workgroupUniformLoad function private workgroup uniform storage read write read_write
  vertex fragment compute group groups thread lane params`),
  ...helperNames,
];
