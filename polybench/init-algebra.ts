/** PolyBench's `init_array` for the linear algebra kernels, one formula an array. */
import type { KernelName, Sizes } from "./sizes.ts";

/** The value of the element at (i, j, k), before it is stored. */
export type Formula = (i: number, j: number, k: number) => number;

/** Rounds to the kernel's element type, where the C program's arithmetic does. */
export type Round = (x: number) => number;

/** The arrays that `init_array` fills; it leaves the others as they are, which is zero here. */
export type Init<K extends KernelName> = (sizes: Sizes<K>, round: Round) => Readonly<Record<string, Formula>>;

/**
 * The matrix of cholesky, lu and ludcmp: B Bᵀ, where B[i][j] is −j / N + 1 below the diagonal and 1 on it.
 *
 * B's rows differ only in length, so the sums are prefixes of one another: the same additions in the same order as in
 * C, in O(N²).
 */
function gramMatrix(N: number, round: Round): Formula {
  const below = (j: number): number => round(round(-j / N) + 1);
  const prefix = [0];
  for (let j = 0; j < N; j++) prefix.push(round((prefix[j] ?? 0) + round(below(j) * below(j))));
  return (i, j) => {
    const last = Math.min(i, j);
    return round((prefix[last] ?? 0) + (i === j ? 1 : below(last)));
  };
}

type Algebra =
  | "2mm"
  | "3mm"
  | "atax"
  | "bicg"
  | "doitgen"
  | "mvt"
  | "gemm"
  | "gemver"
  | "gesummv"
  | "symm"
  | "syr2k"
  | "syrk"
  | "trmm"
  | "cholesky"
  | "durbin"
  | "gramschmidt"
  | "lu"
  | "ludcmp"
  | "trisolv";

export const initAlgebra: { readonly [K in Algebra]: Init<K> } = {
  "2mm": ({ NI, NJ, NK, NL }) => ({
    A: (i, j) => ((i * j + 1) % NI) / NI,
    B: (i, j) => ((i * (j + 1)) % NJ) / NJ,
    C: (i, j) => ((i * (j + 3) + 1) % NL) / NL,
    D: (i, j) => ((i * (j + 2)) % NK) / NK,
  }),
  "3mm": ({ NI, NJ, NK, NL }) => ({
    A: (i, j) => ((i * j + 1) % NI) / (5 * NI),
    B: (i, j) => ((i * (j + 1) + 2) % NJ) / (5 * NJ),
    C: (i, j) => ((i * (j + 3)) % NL) / (5 * NL),
    D: (i, j) => ((i * (j + 2) + 2) % NK) / (5 * NK),
  }),
  atax: ({ M, N }, round) => ({
    x: (i) => 1 + round(i / N),
    A: (i, j) => ((i + j) % N) / (5 * M),
  }),
  bicg: ({ M, N }) => ({
    p: (i) => (i % M) / M,
    r: (i) => (i % N) / N,
    A: (i, j) => ((i * (j + 1)) % N) / N,
  }),
  doitgen: ({ NP }) => ({
    A: (i, j, k) => ((i * j + k) % NP) / NP,
    C4: (i, j) => ((i * j) % NP) / NP,
  }),
  mvt: ({ N }) => ({
    x1: (i) => (i % N) / N,
    x2: (i) => ((i + 1) % N) / N,
    y_1: (i) => ((i + 3) % N) / N,
    y_2: (i) => ((i + 4) % N) / N,
    A: (i, j) => ((i * j) % N) / N,
  }),
  gemm: ({ NI, NJ, NK }) => ({
    C: (i, j) => ((i * j + 1) % NI) / NI,
    A: (i, j) => ((i * (j + 1)) % NK) / NK,
    B: (i, j) => ((i * (j + 2)) % NJ) / NJ,
  }),
  gemver: ({ N }, round) => ({
    u1: (i) => i,
    u2: (i) => round((i + 1) / N) / 2,
    v1: (i) => round((i + 1) / N) / 4,
    v2: (i) => round((i + 1) / N) / 6,
    y: (i) => round((i + 1) / N) / 8,
    z: (i) => round((i + 1) / N) / 9,
    A: (i, j) => ((i * j) % N) / N,
  }),
  gesummv: ({ N }) => ({
    x: (i) => (i % N) / N,
    A: (i, j) => ((i * j + 1) % N) / N,
    B: (i, j) => ((i * j + 2) % N) / N,
  }),
  symm: ({ M, N }) => ({
    C: (i, j) => ((i + j) % 100) / M,
    B: (i, j) => ((N + i - j) % 100) / M,
    // −999 marks what must not be read.
    A: (i, j) => (j <= i ? ((i + j) % 100) / M : -999),
  }),
  syr2k: ({ M, N }) => ({
    A: (i, j) => ((i * j + 1) % N) / N,
    B: (i, j) => ((i * j + 2) % M) / M,
    C: (i, j) => ((i * j + 3) % N) / M,
  }),
  syrk: ({ M, N }) => ({
    A: (i, j) => ((i * j + 1) % N) / N,
    C: (i, j) => ((i * j + 2) % M) / M,
  }),
  trmm: ({ M, N }) => ({
    A: (i, j) => (j < i ? ((i + j) % M) / M : j === i ? 1 : 0),
    B: (i, j) => ((N + (i - j)) % N) / N,
  }),
  cholesky: ({ N }, round) => ({ A: gramMatrix(N, round) }),
  durbin: ({ N }) => ({ r: (i) => N + 1 - i }),
  gramschmidt: ({ M }, round) => ({
    A: (i, j) => round(round(((i * j) % M) / M) * 100) + 10,
  }),
  lu: ({ N }, round) => ({ A: gramMatrix(N, round) }),
  ludcmp: ({ N }, round) => ({
    b: (i) => round((i + 1) / N) / 2 + 4,
    A: gramMatrix(N, round),
  }),
  trisolv: ({ N }, round) => ({
    x: () => -999,
    b: (i) => i,
    L: (i, j) => (j <= i ? round((i + N - j + 1) * 2) / N : 0),
  }),
};
