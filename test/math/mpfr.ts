/**
 * Exact values of mathematical functions, from libmpfr through koffi: what results are measured against.
 *
 * Values are computed to 200 bits and rounded once, to f64 or f32 with its subnormals. An ulp is the distance of floats in
 * the binade of the correctly rounded result: 2 ** -1074 or 2 ** -149 for subnormals, the largest binade's past overflow.
 */
import { type Koffi, loadKoffi } from "../../compiler/backend/libllvm-api.ts";

export type FloatType = "f64" | "f32";

const precision = 200;
const nearest = 0;
/** `mpfr_t` of 64-bit platforms: precision, sign, exponent, limbs. */
const structBytes = 32;

const names = [
  "libmpfr.so.6",
  "libmpfr.so.4",
  "libmpfr.6.dylib",
  "/opt/homebrew/lib/libmpfr.6.dylib",
  "/usr/local/lib/libmpfr.6.dylib",
  "libmpfr-6.dll",
];

type Library = ReturnType<Koffi["load"]>;
type Number200 = Uint8Array;

interface Mpfr {
  readonly library: Library;
  readonly init: (x: Number200, bits: number) => void;
  readonly set: (x: Number200, value: number, rounding: number) => number;
  readonly get: Readonly<Record<FloatType, (x: Number200, rounding: number) => number>>;
  readonly subtract: (to: Number200, x: Number200, y: number, rounding: number) => number;
  readonly scale: (to: Number200, x: Number200, by: number, rounding: number) => number;
  readonly isInfinite: (x: Number200) => number;
}

function open(): Mpfr | string {
  const koffi = loadKoffi();
  let library: Library | null = null;
  for (const name of names) {
    try {
      library = koffi.load(name);
      break;
    } catch {
      // The next name.
    }
  }
  if (library === null) return "libmpfr is not installed (`npm run setup` installs it)";
  return {
    library,
    init: library.func("void mpfr_init2(void *, long)"),
    set: library.func("int mpfr_set_d(void *, double, int)"),
    get: {
      f64: library.func("double mpfr_get_d(void *, int)"),
      f32: library.func("float mpfr_get_flt(void *, int)"),
    },
    subtract: library.func("int mpfr_sub_d(void *, void *, double, int)"),
    scale: library.func("int mpfr_mul_2si(void *, void *, long, int)"),
    isInfinite: library.func("int mpfr_inf_p(void *)"),
  };
}

let opened: Mpfr | string | undefined;
const mpfr = (): Mpfr | string => {
  opened ??= open();
  return opened;
};

/** Why nothing can be measured here; null when it can. */
export function whyNoMpfr(): string | null {
  const found = mpfr();
  return typeof found === "string" ? found : null;
}

const views = { f64: new DataView(new ArrayBuffer(8)), f32: new DataView(new ArrayBuffer(4)) };

/** k, where 2 ** k is the distance of floats in the binade of `x`. */
export function ulpExponent(x: number, type: FloatType): number {
  const view = views[type];
  if (type === "f64") {
    view.setFloat64(0, x);
    const exponent = (view.getUint32(0) >>> 20) & 0x7ff;
    return exponent === 0x7ff ? 971 : Math.max(exponent, 1) - 1075;
  }
  view.setFloat32(0, x);
  const exponent = (view.getUint32(0) >>> 23) & 0xff;
  return exponent === 0xff ? 104 : Math.max(exponent, 1) - 150;
}

/**
 * One function's exact values, one argument after the other.
 *
 *   const exact = new Exact("exp", 1, "f64");
 *   exact.at(1);                 // 2.718281828459045, correctly rounded
 *   exact.ulps(2.7182818284590455);
 */
export class Exact {
  /** The value rounded to the type. */
  rounded = Number.NaN;
  /** Whether the value is a float of the type (or NaN or an infinity) as it is. */
  exact = false;

  private readonly type: FloatType;
  private readonly arity: number;
  private readonly mpfr: Mpfr;
  private readonly call: (...args: readonly (Number200 | number)[]) => number;
  private readonly x: Number200;
  private readonly y: Number200;
  private readonly value: Number200;
  private readonly rest: Number200;

  /** `name` is MPFR's, without `mpfr_`. @throws where `whyNoMpfr` says why. */
  constructor(name: string, arity: 1 | 2, type: FloatType) {
    const found = mpfr();
    if (typeof found === "string") throw new Error(found);
    this.mpfr = found;
    this.type = type;
    this.arity = arity;
    this.call = found.library.func(`int mpfr_${name}(${"void *, ".repeat(arity + 1)}int)`);
    const fresh = (): Number200 => {
      // Of its own buffer, which never moves. Its limbs live as long as the process: there are few of these.
      const x = new Uint8Array(new ArrayBuffer(structBytes));
      found.init(x, precision);
      return x;
    };
    [this.x, this.y, this.value, this.rest] = [fresh(), fresh(), fresh(), fresh()];
  }

  /** Computes the value at `x` (and `y`), floats of the type, and gives it rounded. */
  at(x: number, y = 0): number {
    const { mpfr, value } = this;
    mpfr.set(this.x, x, nearest);
    let inexact: number;
    if (this.arity === 1) {
      inexact = this.call(value, this.x, nearest);
    } else {
      mpfr.set(this.y, y, nearest);
      inexact = this.call(value, this.x, this.y, nearest);
    }
    const rounded = mpfr.get[this.type](value, nearest);
    this.rounded = rounded;
    this.exact = inexact === 0 && (Number.isFinite(rounded) ? this.ulps(rounded) === 0 : this.isSpecial());
    return rounded;
  }

  /**
   * By how many ulps the last value and `computed` differ: at most 0.5 when it is the rounded value. An infinity stands
   * for the first power of two past overflow, unless the value is infinite itself. Infinite for a NaN on one side.
   */
  ulps(computed: number): number {
    const { mpfr, value, rest, rounded, type } = this;
    if (Number.isNaN(rounded) || Number.isNaN(computed)) return Object.is(rounded, computed) ? 0 : Infinity;
    if (!Number.isFinite(rounded) && computed === rounded) return 0;
    const k = ulpExponent(rounded, type);
    if (Number.isFinite(computed)) {
      mpfr.subtract(rest, value, computed, nearest);
      mpfr.scale(rest, rest, -k, nearest);
    } else {
      mpfr.scale(rest, value, -k, nearest);
      mpfr.subtract(rest, rest, Math.sign(computed) * 2 ** ((type === "f64" ? 1024 : 128) - k), nearest);
    }
    return Math.abs(mpfr.get.f64(rest, nearest));
  }

  /** Whether the value is NaN or infinite, not only past overflow. */
  private isSpecial(): boolean {
    return Number.isNaN(this.rounded) || this.mpfr.isInfinite(this.value) !== 0;
  }
}
