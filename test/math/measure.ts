/** How far off a function is, over many points: its largest error, and where it has not JavaScript's special values. */
import type { FunctionInfo } from "./functions.ts";
import { Exact, type FloatType } from "./mpfr.ts";
import { edges, pointsOf } from "./points.ts";

/** What no function may exceed, in ulps. */
export const bound = 1.5;

/** What is measured: a function of `kernels/math`, or of any other library. */
export type Measured = (x: number, y: number) => number;

export interface Miss {
  readonly at: readonly number[];
  readonly computed: number;
  readonly expected: number;
}

export interface Accuracy {
  readonly function: string;
  readonly points: number;
  /** The largest error in ulps, at points that are not special; at most 0.5 when all results are the rounded ones. */
  readonly maxUlp: number;
  readonly worst: Miss | null;
  /** The share of results that are correctly rounded, in [0, 1], without those of the search for the worst. */
  readonly correctlyRounded: number;
  /** Results that are floats and were missed, as log2(8) is 3; no fault while they are within the bound. */
  readonly exactMissed: number;
  /** NaN, zeros, infinities and their signs, and exact results of special arguments, that are not JavaScript's. */
  readonly mismatches: number;
  readonly firstMismatch: Miss | null;
}

export interface MeasureOptions {
  readonly points: number;
  readonly seed: number;
  /** Called every now and then with the number of points done. */
  readonly progress?: (done: number) => void;
}

const isSpecial = (x: number): boolean => x === 0 || !Number.isFinite(x);
const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/**
 * Measures `f` at the edges of the function, and as many drawn points as are missing; one of eight is close to the worst
 * so far, as P. Zimmermann and others search ("Accuracy of Mathematical Functions", 2020 on).
 *
 * @throws where `whyNoMpfr` says why.
 */
export function measure(info: FunctionInfo, type: FloatType, f: Measured, options: MeasureOptions): Accuracy {
  const exact = new Exact(info.name, info.arity, type);
  const drawn = pointsOf(info, type, options.seed);
  const first = edges(info, type);
  const points = Math.max(options.points, first.length);
  const args = new Float64Array([0, 1]);
  let ordinary = 0;
  let wrong = 0;
  let maxUlp = 0;
  let exactMissed = 0;
  let mismatches = 0;
  let worst: Miss | null = null;
  let firstMismatch: Miss | null = null;
  for (let i = 0; i < points; i++) {
    if ((i & 0x3fff) === 0) options.progress?.(i);
    const edge = first[i];
    const isSearch: boolean = edge === undefined && worst !== null && i % 8 === 0;
    if (edge !== undefined) args.set(edge);
    else if (isSearch) drawn.near(worst?.at ?? [], args);
    else drawn.next(args);
    const x = args[0] as number;
    const y = args[1] as number;
    const expected = info.javascript?.(x, y) ?? exact.at(x, y);
    const computed = f(x, y);
    const miss = (): Miss => ({ at: info.arity === 1 ? [x] : [x, y], computed, expected });
    const isExact = exact.exact && (isSpecial(expected) || isSpecial(x) || isSpecial(y));
    if (isExact ? !Object.is(computed, expected) : !isPlausible(computed, expected, type)) {
      mismatches++;
      firstMismatch ??= miss();
      continue;
    }
    if (Number.isNaN(expected)) continue;
    if (!isSearch) ordinary++;
    if (computed !== expected) {
      if (!isSearch) wrong++;
      if (exact.exact) exactMissed++;
      const ulps = exact.ulps(computed);
      if (ulps > maxUlp) {
        maxUlp = ulps;
        worst = miss();
      }
    }
  }
  return {
    function: type === "f64" ? info.name : `${info.name}f`,
    points,
    maxUlp: worst === null ? 0.5 : maxUlp,
    worst,
    correctlyRounded: ordinary === 0 ? 1 : 1 - wrong / ordinary,
    exactMissed,
    mismatches,
    firstMismatch,
  };
}

/** Whether `computed` is of the type, and NaN or negative where `expected` is: by how much it is off is another matter. */
function isPlausible(computed: number, expected: number, type: FloatType): boolean {
  if (type === "f32" && !Object.is(Math.fround(computed), computed)) return false;
  if (Number.isNaN(computed) || Number.isNaN(expected)) return Object.is(computed, expected);
  return isNegative(computed) === isNegative(expected);
}

/** Whether the function keeps to the bound and to JavaScript's special values. */
export const isFine = (a: Accuracy): boolean => a.maxUlp <= bound && a.mismatches === 0;

/** `f(x, y) is 1, not 2`. */
export const describeMiss = (name: string, { at, computed, expected }: Miss): string =>
  `${name}(${at.map(show).join(", ")}) is ${show(expected)}, not ${show(computed)}`;

export const show = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
