/** Says whether a result is right: against the C programs' sums and samples, a full result, or by its bits. */
import { createHash } from "node:crypto";
import type { Arrays, DType, FlatArray, FlatData } from "./array.ts";
import { factorErrors } from "./gramschmidt.ts";
import { inputsFor } from "./inputs.ts";
import { type Dataset, type Domain, domainColumns, type Reference, referenceFor, type Summary } from "./sizes.ts";
import type { InputKind, Kernel } from "./suite.ts";
import { type Mode, toleranceFor } from "./tolerance.ts";

/** One run of a kernel, as far as it decides what its result must be. */
export interface Run {
  readonly kernel: Kernel;
  readonly dataset: Dataset;
  readonly kind: InputKind;
  readonly dtype: DType;
  readonly mode: Mode;
}

export interface Check {
  readonly ok: boolean;
  /** max |Δ| over max |reference|, of the worst array; what it is compared with is `tolerance`. */
  readonly maxError: number;
  readonly tolerance: number;
  /** What the result was held against. */
  readonly against: "C program" | "full result" | "QR = A";
  /** What is wrong, when something is. */
  readonly problem?: string;
}

/**
 * Checks the live-out arrays of a run. `expected`, the arrays of a run known to be right (plain JavaScript, or the
 * `node` target in `strict`), is used where the C programs left no reference: on seeded inputs, and above MEDIUM.
 * `undefined`: there is nothing to compare with.
 */
export function check(run: Run, arrays: Arrays, expected?: Arrays): Check | undefined {
  const { kernel, dataset, kind } = run;
  const tolerance = toleranceFor(run).value;
  if (kernel.name === "gramschmidt" && kind === "polybench") return checkFactors(run, arrays, tolerance);
  const reference = kind === "polybench" ? referenceFor(kernel.name, dataset) : undefined;
  if (reference) {
    // The C program's own type limits what its result is good for: deriche in f64 is right to 1e-4.
    const cTolerance = toleranceFor({ ...run, dtype: kernel.dtypes[0] }).value;
    return checkReference(kernel, arrays, reference, Math.max(tolerance, cTolerance));
  }
  if (!expected) return undefined;
  const error = maxError(kernel, arrays, expected);
  return verdict("full result", error, tolerance, "differs from the full result");
}

/** Compares counts exactly, samples and extremes by the largest magnitude, sums by the sum of magnitudes. */
export function checkReference(kernel: Kernel, arrays: Arrays, reference: Reference, tolerance: number): Check {
  let worst = 0;
  let problem = "";
  for (const name of kernel.outputs) {
    const summary = summarize(arrays[name]!, kernel.domain);
    const [error, what] = summaryError(summary, reference.live_out[name]!);
    if (!(error <= worst)) [worst, problem] = [error, `${what} of ${name} differs from the C program's`];
  }
  return verdict("C program", worst, tolerance, problem);
}

/** max |Δ| over max |expected|, of the worst live-out array. NaN equals NaN, and an infinity itself. */
export function maxError(kernel: Kernel, arrays: Arrays, expected: Arrays): number {
  return Math.max(0, ...kernel.outputs.map((name) => arrayError(arrays[name]!, expected[name]!)));
}

/** SHA-256 of the whole live-out arrays, in PolyBench's order. */
export const sha256 = (kernel: Kernel, arrays: Arrays): string =>
  digest(kernel.outputs.map((name) => arrays[name]!.data));

/** SHA-256 over the raw little-endian bits of arrays, with one NaN. */
export function digest(arrays: readonly FlatData[]): string {
  const hash = createHash("sha256");
  for (const data of arrays) {
    const { buffer, byteOffset, byteLength } = canonical(data);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

/** Sums and samples of `array` over `domain`, as the reference has them. Sums are of the finite elements. */
export function summarize(array: FlatArray, domain: Domain): Summary {
  const values = domainValues(array, domain);
  let nonfinite = 0;
  let sum = 0;
  let absSum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const x of values) {
    if (!Number.isFinite(x)) {
      nonfinite++;
      continue;
    }
    sum += x;
    absSum += Math.abs(x);
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const first8 = Array.from(values.subarray(0, 8));
  const last4 = Array.from(values.subarray(-4));
  return { count: values.length, nonfinite, sum, abs_sum: absSum, min, max, first8, last4 };
}

function domainValues({ data, shape }: FlatArray, domain: Domain): FlatData {
  if (domain === "full array") return data;
  const [rows = 1, width = 1] = shape;
  const values = new Float64Array((rows * (rows + 1)) / 2);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const [from, to] = domainColumns(domain, i, width);
    values.set(data.subarray(i * width + from, i * width + to), count);
    count += to - from;
  }
  return values;
}

function summaryError(actual: Summary, expected: Summary): readonly [error: number, what: string] {
  if (actual.count !== expected.count) return [Infinity, "number of elements"];
  if (actual.nonfinite !== expected.nonfinite) return [Infinity, "number of NaNs and infinities"];
  const scale = Math.max(Math.abs(expected.min), Math.abs(expected.max));
  const relative = (a: number, b: number, to: number): number => (a === b ? 0 : Math.abs(a - b) / to);
  const parts: readonly (readonly [number, string])[] = [
    [relative(actual.sum, expected.sum, expected.abs_sum), "sum"],
    [relative(actual.abs_sum, expected.abs_sum, expected.abs_sum), "sum of magnitudes"],
    [relative(actual.min, expected.min, scale), "minimum"],
    [relative(actual.max, expected.max, scale), "maximum"],
    ...expected.first8.map((x, i) => [relative(actual.first8[i]!, x, scale), `element ${i}`] as const),
    ...expected.last4.map((x, i) => [relative(actual.last4[i]!, x, scale), `element ${i - 4} from the end`] as const),
  ];
  return parts.reduce((worst, part) => (part[0] <= worst[0] ? worst : part));
}

function arrayError(actual: FlatArray, expected: FlatArray): number {
  const a = actual.data;
  const b = expected.data;
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  let error = 0;
  for (let i = 0; i < b.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
    if (Object.is(x, y) || x === y) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
    error = Math.max(error, Math.abs(x - y));
  }
  return error === 0 ? 0 : error / largest;
}

function checkFactors({ kernel, dataset, kind, dtype }: Run, arrays: Arrays, tolerance: number): Check {
  const { A } = inputsFor(kernel, dataset, kind, dtype);
  const { residual, orthogonality, columns } = factorErrors(A!, arrays.R!, arrays.Q!);
  const problem =
    residual >= orthogonality ? "Q R is not A" : `Q'Q is not the identity in its first ${columns} columns`;
  return verdict("QR = A", Math.max(residual, orthogonality), tolerance, problem);
}

function verdict(against: Check["against"], maxError: number, tolerance: number, problem: string): Check {
  const ok = maxError <= tolerance;
  return { ok, maxError, tolerance, against, ...(ok ? {} : { problem }) };
}

/** A copy of `data` with one bit pattern for NaN: the quiet one without sign or payload. */
function canonical(data: FlatData): FlatData {
  const copy = data.slice();
  if (copy instanceof Int32Array) return copy;
  const bits = copy instanceof Float64Array ? new BigUint64Array(copy.buffer) : new Uint32Array(copy.buffer);
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue;
    if (bits instanceof BigUint64Array) bits[i] = 0x7ff8000000000000n;
    else bits[i] = 0x7fc00000;
  }
  return copy;
}
