/** The arrays a kernel is run on: PolyBench's own, or seeded ones with directions and output weights. */
import { type Arrays, type DType, type FlatArray, zeroArray } from "./array.ts";
import { type Formula, type Init, initAlgebra, type Round } from "./init-algebra.ts";
import { initOthers } from "./init-others.ts";
import type { Dataset, KernelName, Sizes } from "./sizes.ts";
import { type ArrayArgument, type InputKind, type Kernel, sizesFor } from "./suite.ts";

/** What a random stream is for: inputs, directions of the derivatives, or output weights. */
export type Role = "x" | "v" | "w";

const inits: { readonly [K in KernelName]: Init<K> } = { ...initAlgebra, ...initOthers };

/**
 * Kernels whose matrix gets its number of rows added on the diagonal, and that matrix. From MEDIUM on this does not
 * make cholesky's positive definite: the right result then has NaN from some row on.
 */
const heavyDiagonal: Readonly<Partial<Record<KernelName, string>>> = {
  cholesky: "A",
  lu: "A",
  ludcmp: "A",
  trisolv: "L",
  gramschmidt: "A",
};

/**
 * Fresh arrays for every array parameter of `kernel`, as `dtype` (by default the C program's).
 *
 * `polybench`: what `init_array` computes in that type; arrays and parts that it leaves alone are zero. `seeded`: those
 * values, computed in f64 and perturbed as `adjoint-reference.json` defines, then rounded (integers: truncated).
 */
export function inputsFor(
  kernel: Kernel,
  dataset: Dataset,
  kind: InputKind = "polybench",
  dtype: DType = kernel.dtypes[0],
): Arrays {
  const sizes = sizesFor(kernel, dataset, kind);
  const round: Round = kind === "polybench" && dtype === "f32" ? Math.fround : (x) => x;
  const formulas = inits[kernel.name](sizes, round);
  return mapArrays(kernel, (arg) => {
    const shape = arg.dims.map((dim) => sizes[dim]);
    const array = zeroArray(arg.fixed ?? dtype, shape);
    const formula = formulas[arg.name];
    if (kind === "polybench") {
      if (formula) fill(array, formula);
      return array;
    }
    const exact = { data: new Float64Array(array.data.length), shape };
    if (formula) fill(exact, formula);
    perturb(kernel, arg.name, exact);
    array.data.set(exact.data);
    return array;
  });
}

/** A direction for every array parameter of `kernel`, in f64, shaped like the inputs of that kind. */
export function directionsFor(kernel: Kernel, dataset: Dataset, kind: InputKind = "seeded"): Arrays {
  const sizes = sizesFor(kernel, dataset, kind);
  return mapArrays(kernel, (arg) => centred(kernel, arg, sizes, "v"));
}

/** The direction of a scalar parameter; its value stays what it is. */
export function scalarDirection(kernel: Kernel, scalar: string): number {
  return stream(kernel.name, scalar, "v")() - 0.5;
}

/** The weights of the live-out arrays in the loss that is differentiated: L is the sum of weight times result. */
export function weightsFor(kernel: Kernel, dataset: Dataset, kind: InputKind = "seeded"): Arrays {
  const sizes = sizesFor(kernel, dataset, kind);
  const outputs = kernel.args.filter((arg) => arg.kind === "array" && kernel.outputs.includes(arg.name));
  return mapArrays({ ...kernel, args: outputs }, (arg) => centred(kernel, arg, sizes, "w"));
}

/** Numbers in [0, 1): xorshift32, seeded by the FNV-1a hash of `kernel/array/role`. */
export function stream(kernel: string, array: string, role: Role): () => number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${kernel}/${array}/${role}`)) {
    state = Math.imul(state ^ byte, 0x01000193);
  }
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function mapArrays(kernel: Kernel, make: (arg: ArrayArgument) => FlatArray): Arrays {
  return Object.fromEntries(kernel.args.flatMap((arg) => (arg.kind === "array" ? [[arg.name, make(arg)]] : [])));
}

function centred(kernel: Kernel, arg: ArrayArgument, sizes: Sizes, role: Role): FlatArray {
  const array = zeroArray(
    "f64",
    arg.dims.map((dim) => sizes[dim]),
  );
  const next = stream(kernel.name, arg.name, role);
  for (let i = 0; i < array.data.length; i++) array.data[i] = next() - 0.5;
  return array;
}

function fill({ data, shape }: FlatArray, formula: Formula): void {
  const [ni = 1, nj = 1, nk = 1] = shape;
  let at = 0;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      for (let k = 0; k < nk; k++) data[at++] = formula(i, j, k);
    }
  }
}

/** Turns PolyBench's values into seeded ones. */
function perturb(kernel: Kernel, name: string, { data, shape }: FlatArray): void {
  const next = stream(kernel.name, name, "x");
  const [rows = 0, columns = 1] = shape;
  for (let i = 0; i < data.length; i++) {
    const u = next();
    if (kernel.name === "durbin") data[i] = (0.5 * u - 0.25) / rows;
    else if (kernel.name === "gramschmidt" && name === "A") data[i] = u;
    else data[i] = data[i]! * (0.75 + 0.5 * u) + 0.1 * u;
  }
  if (heavyDiagonal[kernel.name] !== name) return;
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i]! += rows;
}
