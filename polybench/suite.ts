/** The 30 kernels of PolyBench/C 4.2.1: where each is, its arguments and results, and how much work it does. */
import type { Arrays, DType, FlatArray } from "./array.ts";
import {
  type Dataset,
  type Domain,
  facts,
  type KernelName,
  polybenchRoot,
  type SizeName,
  type Sizes,
} from "./sizes.ts";

/** PolyBench's own `init_array`, or the seeded streams that `adjoint-reference.json` defines. */
export type InputKind = "polybench" | "seeded";

export interface ArrayArgument {
  readonly kind: "array";
  readonly name: string;
  readonly dims: readonly SizeName[];
  /** The element type where it is not the kernel's own: nussinov's `seq` is always integers. */
  readonly fixed?: DType;
}

export interface ScalarArgument {
  readonly kind: "scalar";
  readonly name: string;
  /** `real`: of the kernel's own type. */
  readonly type: "real" | "index";
  readonly value: (sizes: Sizes) => number;
}

export type Argument = ArrayArgument | ScalarArgument;

export interface Kernel {
  readonly name: KernelName;
  /** The kernel's TypeScript file. */
  readonly file: URL;
  /** What the file exports. */
  readonly exportName: string;
  /** PolyBench's folder: `linear-algebra/blas`. */
  readonly category: string;
  readonly sizeNames: readonly SizeName[];
  /** In the order of the function's parameters. */
  readonly args: readonly Argument[];
  /** The live-out arrays, in the order in which PolyBench dumps them. */
  readonly outputs: readonly string[];
  /** The part of the outputs that counts against the C programs. Everything else uses whole arrays. */
  readonly domain: Domain;
  /** The element types it can be compiled for; the first is the C program's. */
  readonly dtypes: readonly [DType, ...DType[]];
  /** Whether the type is a parameter `T` of the function; otherwise it is written in `real`. */
  readonly generic: boolean;
  /**
   * Operations in the loops: `+ - * /`, `sqrt`, and a compare-select each count one; negation, subscripts and loop
   * control do not, nor what is computed once before the loops. Integer operations on elements count alike.
   */
  readonly flops: (sizes: Sizes) => number;
}

/** How to compile a kernel for an element type: `load`'s `real`, and its `types` by function. */
export interface Instantiation {
  readonly real: "f64" | "f32";
  readonly types: Readonly<Record<string, { readonly T: DType }>>;
}

interface Row<K extends KernelName> {
  readonly exportName: string;
  /** Names are arrays, whose dimensions `sizes.json` knows. */
  readonly args: readonly (string | ScalarArgument)[];
  readonly flops: (sizes: Sizes<K>) => number;
}

const scalar = (name: string, type: "real" | "index", value: (sizes: Sizes) => number): ScalarArgument => ({
  kind: "scalar",
  name,
  type,
  value,
});
const alpha = scalar("alpha", "real", () => 1.5);
const beta = scalar("beta", "real", () => 1.2);
const filterAlpha = scalar("alpha", "real", () => 0.25);
const floatN = scalar("float_n", "real", ({ N }) => N);
const tsteps = scalar("tsteps", "index", ({ TSTEPS }) => TSTEPS);

/** Operations of an LU factorisation: Σ over i of 2iN − i². */
const luFlops = ({ N }: { readonly N: number }): number => N * N * (N - 1) - ((N - 1) * N * (2 * N - 1)) / 6;

const rows: { readonly [K in KernelName]: Row<K> } = {
  correlation: {
    exportName: "correlation",
    args: [floatN, "data", "corr", "mean", "stddev"],
    flops: ({ M, N }) => M * (N + 1) + M * (4 * N + 3) + 4 * N * M + M * (M - 1) * N,
  },
  covariance: {
    exportName: "covariance",
    args: [floatN, "data", "cov", "mean"],
    flops: ({ M, N }) => M * (N + 1) + N * M + M * (M + 1) * (N + 1),
  },
  "2mm": {
    exportName: "k2mm",
    args: [alpha, beta, "tmp", "A", "B", "C", "D"],
    flops: ({ NI, NJ, NK, NL }) => 3 * NI * NJ * NK + NI * NL * (1 + 2 * NJ),
  },
  "3mm": {
    exportName: "k3mm",
    args: ["E", "A", "B", "F", "C", "D", "G"],
    flops: ({ NI, NJ, NK, NL, NM }) => 2 * (NI * NJ * NK + NJ * NL * NM + NI * NL * NJ),
  },
  atax: { exportName: "atax", args: ["A", "x", "y", "tmp"], flops: ({ M, N }) => 4 * M * N },
  bicg: { exportName: "bicg", args: ["A", "s", "q", "p", "r"], flops: ({ M, N }) => 4 * M * N },
  doitgen: { exportName: "doitgen", args: ["A", "C4", "sum"], flops: ({ NQ, NR, NP }) => 2 * NR * NQ * NP * NP },
  mvt: { exportName: "mvt", args: ["x1", "x2", "y_1", "y_2", "A"], flops: ({ N }) => 4 * N * N },
  gemm: {
    exportName: "gemm",
    args: [alpha, beta, "C", "A", "B"],
    flops: ({ NI, NJ, NK }) => NI * NJ * (1 + 3 * NK),
  },
  gemver: {
    exportName: "gemver",
    args: [alpha, beta, "A", "u1", "v1", "u2", "v2", "w", "x", "y", "z"],
    flops: ({ N }) => 10 * N * N + N,
  },
  gesummv: {
    exportName: "gesummv",
    args: [alpha, beta, "A", "B", "tmp", "x", "y"],
    flops: ({ N }) => N * (4 * N + 3),
  },
  symm: {
    exportName: "symm",
    args: [alpha, beta, "C", "A", "B"],
    flops: ({ M, N }) => N * ((5 * M * (M - 1)) / 2 + 6 * M),
  },
  syr2k: {
    exportName: "syr2k",
    args: [alpha, beta, "C", "A", "B"],
    flops: ({ M, N }) => ((N * (N + 1)) / 2) * (1 + 6 * M),
  },
  syrk: {
    exportName: "syrk",
    args: [alpha, beta, "C", "A"],
    flops: ({ M, N }) => ((N * (N + 1)) / 2) * (1 + 3 * M),
  },
  trmm: { exportName: "trmm", args: [alpha, "A", "B"], flops: ({ M, N }) => N * M * M },
  cholesky: { exportName: "cholesky", args: ["A"], flops: ({ N }) => (N * (N + 1) * (2 * N + 1)) / 6 },
  durbin: { exportName: "durbin", args: ["r", "y"], flops: ({ N }) => 2 * N * (N - 1) + 5 * (N - 1) },
  gramschmidt: {
    exportName: "gramschmidt",
    args: ["A", "R", "Q"],
    flops: ({ M, N }) => N * (3 * M + 1) + 2 * M * N * (N - 1),
  },
  lu: { exportName: "lu", args: ["A"], flops: luFlops },
  ludcmp: {
    exportName: "ludcmp",
    args: ["A", "b", "x", "y"],
    flops: ({ N }) => luFlops({ N }) + 2 * N * (N - 1) + N,
  },
  trisolv: { exportName: "trisolv", args: ["L", "x", "b"], flops: ({ N }) => N * N },
  deriche: {
    exportName: "deriche",
    args: [filterAlpha, "imgIn", "imgOut", "y1", "y2"],
    flops: ({ W, H }) => 32 * W * H,
  },
  "floyd-warshall": { exportName: "floydWarshall", args: ["path"], flops: ({ N }) => 2 * N ** 3 },
  nussinov: {
    exportName: "nussinov",
    args: ["seq", "table"],
    flops: ({ N }) => {
      const pairs = (N * (N - 1)) / 2;
      const neighbours = N - 1;
      const splits = (N * (N - 1) * (N - 2)) / 6;
      return 2 * pairs + neighbours + 4 * (pairs - neighbours) + 2 * splits;
    },
  },
  adi: {
    exportName: "adi",
    args: [tsteps, "u", "v", "p", "q"],
    flops: ({ TSTEPS, N }) => 34 * TSTEPS * (N - 2) ** 2,
  },
  "fdtd-2d": {
    exportName: "fdtd2d",
    args: ["ex", "ey", "hz", "_fict_"],
    flops: ({ TMAX, NX, NY }) => TMAX * (3 * (NX - 1) * NY + 3 * NX * (NY - 1) + 5 * (NX - 1) * (NY - 1)),
  },
  "heat-3d": {
    exportName: "heat3d",
    args: [tsteps, "A", "B"],
    flops: ({ TSTEPS, N }) => 30 * TSTEPS * (N - 2) ** 3,
  },
  "jacobi-1d": {
    exportName: "jacobi1d",
    args: [tsteps, "A", "B"],
    flops: ({ TSTEPS, N }) => 6 * TSTEPS * (N - 2),
  },
  "jacobi-2d": {
    exportName: "jacobi2d",
    args: [tsteps, "A", "B"],
    flops: ({ TSTEPS, N }) => 10 * TSTEPS * (N - 2) ** 2,
  },
  "seidel-2d": {
    exportName: "seidel2d",
    args: [tsteps, "A"],
    flops: ({ TSTEPS, N }) => 9 * TSTEPS * (N - 2) ** 2,
  },
};

const dtypesOf: Readonly<Record<"double" | "float" | "int", readonly [DType, ...DType[]]>> = {
  double: ["f64", "f32"],
  float: ["f32", "f64"],
  int: ["i32", "f64", "f32"],
};

function kernelOf(name: KernelName): Kernel {
  const { exportName, args, flops } = rows[name];
  const { category, datatype, params, arrays, live_out, live_out_domain } = facts[name];
  const arrayArgument = (array: string): ArrayArgument => {
    const { dims, type } = arrays[array]!;
    return { kind: "array", name: array, dims, ...(type === "base" ? { fixed: "i32" } : {}) };
  };
  const computesWithIntegers = Object.values(arrays).some(({ type }) => type === "base");
  return {
    name,
    file: new URL(`kernels/${name}.ts`, polybenchRoot),
    exportName,
    category,
    sizeNames: params,
    args: args.map((arg) => (typeof arg === "string" ? arrayArgument(arg) : arg)),
    outputs: live_out,
    domain: live_out_domain,
    dtypes: computesWithIntegers ? ["i32", "f64"] : dtypesOf[datatype],
    generic: datatype !== "double",
    flops,
  };
}

/** All kernels, in PolyBench's order. */
export const kernels: readonly Kernel[] = (Object.keys(facts) as KernelName[]).map(kernelOf);

/** The kernel that PolyBench calls `name`, if there is one. */
export function findKernel(name: string): Kernel | undefined {
  return kernels.find((kernel) => kernel.name === name);
}

/** The sizes of `kernel`. Seeded gramschmidt has M and N swapped, so that its matrix can have full column rank. */
export function sizesFor(kernel: Kernel, dataset: Dataset, kind: InputKind = "polybench"): Sizes {
  const sizes = facts[kernel.name].sizes[dataset];
  return kernel.name === "gramschmidt" && kind === "seeded" ? { ...sizes, M: sizes.N, N: sizes.M } : sizes;
}

/** How to compile `kernel` for elements of `dtype`, one of `kernel.dtypes`. */
export function instantiate(kernel: Kernel, dtype: DType): Instantiation {
  if (!kernel.dtypes.includes(dtype)) throw new RangeError(`${kernel.name} has no instance for ${dtype}`);
  if (kernel.generic) return { real: "f64", types: { [kernel.exportName]: { T: dtype } } };
  return { real: dtype === "f32" ? "f32" : "f64", types: {} };
}

/**
 * The element type in which the gradient of `kernel` is taken: `real`, where that is one of its types, otherwise f64. A
 * kernel with an array that always holds integers computes with integers, and stays as it is.
 */
export function gradientType(kernel: Kernel, real: "f64" | "f32" | undefined): DType {
  const asked = kernel.dtypes.find((type) => type === real);
  const isInteger = kernel.args.some((arg) => arg.kind === "array" && arg.fixed === "i32");
  return asked ?? (isInteger ? kernel.dtypes[0] : "f64");
}

/** What to call the kernel with, in order: `arrays` by name, and the scalars of these `sizes`. */
export function argumentsFor(kernel: Kernel, sizes: Sizes, arrays: Arrays): (FlatArray | number)[] {
  return kernel.args.map((arg) => (arg.kind === "scalar" ? arg.value(sizes) : arrays[arg.name]!));
}
