/** PolyBench's `init_array` for the stencils, the data mining and the medley kernels, one formula an array. */
import type { Init } from "./init-algebra.ts";

type Other =
  | "correlation"
  | "covariance"
  | "deriche"
  | "floyd-warshall"
  | "nussinov"
  | "adi"
  | "fdtd-2d"
  | "heat-3d"
  | "jacobi-1d"
  | "jacobi-2d"
  | "seidel-2d";

export const initOthers: { readonly [K in Other]: Init<K> } = {
  correlation: ({ M }, round) => ({ data: (i, j) => round(round(i * j) / M) + i }),
  covariance: ({ M }, round) => ({ data: (i, j) => round(i * j) / M }),
  deriche: () => ({ imgIn: (i, j) => ((313 * i + 991 * j) % 65536) / 65535 }),
  "floyd-warshall": () => ({
    path: (i, j) => ((i + j) % 13 === 0 || (i + j) % 7 === 0 || (i + j) % 11 === 0 ? 999 : ((i * j) % 7) + 1),
  }),
  nussinov: () => ({ seq: (i) => (i + 1) % 4 }),
  adi: ({ N }) => ({ u: (i, j) => (i + N - j) / N }),
  "fdtd-2d": ({ NX, NY }, round) => ({
    _fict_: (t) => t,
    ex: (i, j) => round(i * (j + 1)) / NX,
    ey: (i, j) => round(i * (j + 2)) / NY,
    hz: (i, j) => round(i * (j + 3)) / NX,
  }),
  "heat-3d": ({ N }, round) => ({
    A: (i, j, k) => round((i + j + (N - k)) * 10) / N,
    B: (i, j, k) => round((i + j + (N - k)) * 10) / N,
  }),
  "jacobi-1d": ({ N }, round) => ({
    A: (i) => round(i + 2) / N,
    B: (i) => round(i + 3) / N,
  }),
  "jacobi-2d": ({ N }, round) => ({
    A: (i, j) => round(round(i * (j + 2)) + 2) / N,
    B: (i, j) => round(round(i * (j + 3)) + 3) / N,
  }),
  "seidel-2d": ({ N }, round) => ({ A: (i, j) => round(round(i * (j + 2)) + 2) / N }),
};
