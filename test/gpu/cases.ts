/**
 * How the kernels in `kernels/` are called: the loops over `parallel`, `grid` and `threads` that gradients and GPUs have to get
 * right. Sizes are no multiples of tiles and workgroups, and 0 and 1 are among them.
 */
import type { Case } from "../ad/cases.ts";
import { randomNumbers } from "../ad/directions.ts";

class Inputs {
  private readonly random = randomNumbers(5);
  scalar(low = -1, high = 1): number {
    return low + (high - low) * this.random();
  }
  vector(n: number, low = -1, high = 1): Float64Array {
    return Float64Array.from({ length: n }, () => this.scalar(low, high));
  }
  matrix(n: number, m: number): Float64Array[] {
    return Array.from({ length: n }, () => this.vector(m));
  }
  singles(n: number, m: number): Float32Array[] {
    return Array.from({ length: n }, () => Float32Array.from(this.vector(m)));
  }
  /** Integers from 0 to below `end`, most of them more than once. */
  indices(n: number, end: number): Int32Array {
    return Int32Array.from({ length: n }, () => Math.floor(this.scalar(0, end)));
  }
}

type Make = (r: Inputs) => readonly unknown[];
const table: Readonly<Record<string, Readonly<Record<string, readonly Make[]>>>> = {
  matmul: {
    tiled: [
      (r) => [0.7, r.matrix(5, 7), r.matrix(5, 6), r.matrix(6, 7)],
      (r) => [-1, r.matrix(4, 4), r.matrix(4, 4), r.matrix(4, 4)],
      (r) => [2, r.matrix(1, 2), r.matrix(1, 9), r.matrix(9, 2)],
    ],
    columns: [
      (r) => [r.singles(3, 11), r.singles(3, 10), r.singles(10, 11)],
      (r) => [r.singles(1, 1), r.singles(1, 1), r.singles(1, 1)],
    ],
  },
  reduction: {
    tree: [(r) => [r.vector(19), r.vector(3)], (r) => [r.vector(0), r.vector(0)], (r) => [r.vector(8), r.vector(2)]],
    product: [(r) => [r.vector(13, 0.5, 2), r.vector(2)], (r) => [r.vector(1), r.vector(1)]],
    norms: [(r) => [r.matrix(3, 6), r.vector(3)], (r) => [r.matrix(1, 1), r.vector(1)]],
    total: [(r) => [r.vector(9), r.vector(9), 0.3], (r) => [r.vector(0), r.vector(0), 2]],
    extrema: [(r) => [r.vector(7), 0.2], (r) => [r.vector(1), -1]],
    largest: [(r) => [r.singles(4, 5), Float32Array.of(-9, 0.5, -9, 9)]],
    peaks: [
      (r) => [r.vector(19), 1.3, r.vector(3), r.vector(3)],
      (r) => [r.vector(1), 2, r.vector(1), r.vector(1)],
      (r) => [r.vector(0), 2, r.vector(0), r.vector(0)],
    ],
    lowest: [
      (r) => [r.vector(21), r.indices(21, 5), r.vector(5, -0.2, 0.2)],
      (r) => [r.vector(0), Int32Array.of(), r.vector(5)],
    ],
    histogram: [
      (r) => [r.indices(21, 5), r.vector(21), new Int32Array(5), r.vector(5)],
      (r) => [Int32Array.of(), r.vector(0), new Int32Array(5), r.vector(5)],
    ],
  },
  stencil: {
    smooth: [
      (r) => [r.vector(14), r.vector(14), 0.3],
      (r) => [r.vector(1), r.vector(1), 0.3],
      (r) => [r.vector(12), r.vector(12), -1],
    ],
    twice: [(r) => [r.matrix(5, 7), r.matrix(5, 7)], (r) => [r.matrix(1, 1), r.matrix(1, 1)]],
  },
  indirect: {
    gather: [(r) => [r.vector(5), r.indices(11, 5), r.vector(11)], (r) => [r.vector(1), Int32Array.of(), r.vector(0)]],
    scatter: [(r) => [r.vector(11), r.indices(11, 4), r.vector(4), 0.5]],
    update: [(r) => [r.vector(11), r.indices(11, 4), r.vector(4), r.vector(4)]],
  },
  local: {
    polynomial: [(r) => [r.vector(6), r.vector(5), r.vector(6)], (r) => [r.vector(1), r.vector(5), r.vector(1)]],
    medians: [(r) => [r.matrix(6, 3), r.vector(6)]],
    branches: [(r) => [r.vector(10), r.indices(10, 3), r.vector(10), 0.8]],
    phases: [
      (r) => [r.vector(6), r.vector(6), 3],
      (r) => [r.vector(4), r.vector(4), 0],
      (r) => [r.vector(1), r.vector(1), 1],
    ],
    softmax: [(r) => [r.matrix(3, 4), 0.7], (r) => [r.matrix(1, 1), 2]],
    steps: [(r) => [r.vector(6), r.vector(6), 3], (r) => [r.vector(1), r.vector(1), 0]],
  },
};

export const cases: readonly Case[] = Object.entries(table).flatMap(([file, kernels]) =>
  Object.entries(kernels).flatMap(([kernel, rows]) =>
    rows.map((make, k) => ({
      name: `${file}/${kernel} ${k}`,
      file: new URL(`kernels/${file}.ts`, import.meta.url),
      kernel,
      args: () => [...make(new Inputs())],
      zero: [],
    })),
  ),
);
