/**
 * Inputs for the kernels in `kernels/`: each has been a way to a wrong gradient in some system. Sizes 0, 1 and 2 are among
 * them wherever a kernel can have them.
 */
import { randomNumbers } from "./directions.ts";

export interface Case {
  /** The kernel, and which of its inputs. */
  readonly name: string;
  readonly file: URL;
  readonly kernel: string;
  /** Fresh arguments, equal each time. */
  readonly args: () => unknown[];
  /** Parameters whose gradient is zero, to the bit. */
  readonly zero: readonly string[];
  /** As DerivativeRequest has them. */
  readonly wrt?: readonly string[];
  readonly of?: readonly string[];
}

/** Random inputs, in [-1, 1) where nothing else is said. */
class Inputs {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = randomNumbers(seed);
  }
  scalar(low = -1, high = 1): number {
    return low + (high - low) * this.random();
  }
  vector(n: number, low = -1, high = 1): Float64Array {
    return Float64Array.from({ length: n }, () => this.scalar(low, high));
  }
  singles(n: number, low = -1, high = 1): Float32Array {
    return Float32Array.from(this.vector(n, low, high));
  }
  matrix(n: number, m: number, low = -1, high = 1): Float64Array[] {
    return Array.from({ length: n }, () => this.vector(m, low, high));
  }
  /** Integers from 0 to below `end`, some of them more than once. */
  indices(n: number, end: number): Int32Array {
    return Int32Array.from({ length: n }, () => Math.floor(this.scalar(0, end)));
  }
  list<T>(n: number, make: (i: number) => T): T[] {
    return Array.from({ length: n }, (_, i) => make(i));
  }
}

type Row = (r: Inputs) => readonly unknown[][];
interface Kernels {
  readonly [kernel: string]:
    | Row
    | (Omit<Case, "name" | "file" | "kernel" | "args" | "zero"> & {
        readonly zero?: readonly string[];
        readonly inputs: Row;
      });
}

const sizes = [0, 1, 2, 5] as const;
const words = [0, 1, 31, 32, 33, 70] as const;
/** One set of inputs for each size. */
const each =
  (make: (r: Inputs, n: number) => unknown[], from: readonly number[] = sizes): Row =>
  (r) =>
    from.map((n) => make(r, n));
const f64 = (...x: number[]): Float64Array => Float64Array.from(x);
const i32 = (...x: number[]): Int32Array => Int32Array.from(x);
const body = (r: Inputs, id: number): unknown => ({ at: { x: r.scalar(), y: r.scalar() }, mass: r.scalar(1, 2), id });

const table: Readonly<Record<string, Kernels>> = {
  overwriting: {
    addsOfItself: (r) => [
      [r.vector(5), 3],
      [r.vector(1), 1],
      [f64(), 2],
      [r.vector(2), 0],
    ],
    sinesOfSines: (r) => [
      [r.vector(4), 3],
      [r.vector(1), 1],
      [r.vector(2), 0],
      [r.vector(3), -2],
    ],
    readThenOverwrite: each((r, n) => [r.vector(n), r.vector(n)]),
    overwriteBetweenReads: each((r, n) => [r.vector(n), r.vector(n)]),
    multiplyInPlace: (r) => [
      ...sizes.map((n) => [r.vector(n), r.vector(n), 3]),
      [r.vector(3), r.vector(3), 0],
      [f64(0, 2, 0), f64(0, 0, 3), 2],
    ],
    divideInPlace: each((r, n) => [r.vector(n, 1, 2), r.vector(n, 1, 2)]),
    updateInPlace: each((r, n) => [r.vector(n, 0.2, 1), r.vector(n, -3, 3)]),
    squareRepeatedly: (r) => [...sizes.map((n) => [r.vector(n), 4]), [r.vector(2), 0], [r.vector(2), 1]],
    prefixProduct: (r) => [...sizes.map((n) => [r.vector(n)]), [f64(2, 0, 3, 0, 5)]],
    smoothInPlace: (r) => [...sizes.map((n) => [r.vector(n), 3]), [r.vector(3), 1], [r.vector(4), 0]],
    shiftWithin: (r) => [...sizes.map((n) => [r.vector(n), 1]), [r.vector(6), 0], [r.vector(6), 2], [r.vector(6), 4]],
    copyWithOffsets: (r) => [
      [r.vector(6), r.vector(6), 0, 0, 6],
      [r.vector(6), r.vector(5), 2, 1, 3],
      [r.vector(2), r.vector(2), 1, 1, 1],
      [r.vector(2), r.vector(0), 0, 0, 0],
    ],
    reverseInPlace: each((r, n) => [r.vector(n)], [0, 1, 2, 3, 6]),
    overwriteOnly: { inputs: each((r, n) => [r.vector(n), r.vector(n)]), wrt: ["x", "y"], zero: ["y"] },
    pingPong: (r) => [
      ...[2, 3, 6].map((n) => [r.vector(n), r.vector(n), 3]),
      [r.vector(4), r.vector(4), 0],
      [r.vector(4), r.vector(4), 1],
    ],
  },
  loops: {
    guardedTrips: each((r, n) => [r.vector(n)], [1, 2, 3, 4, 6]),
    accumulatorAfterLoop: (r) => [
      ...sizes.map((n) => [r.vector(n), r.vector(n)]),
      [r.vector(0), r.vector(2)],
      [r.vector(2), r.vector(0)],
    ],
    carriedProduct: each((r, n) => [r.vector(n)]),
    carriedPair: each((r, n) => [r.vector(n)]),
    beforeInsideAfter: each((r, n) => [r.vector(n), r.vector(n), r.scalar()]),
    nestedDynamic: (r) => [
      [r.matrix(4, 4), 4],
      [r.matrix(4, 4), 2],
      [r.matrix(1, 1), 1],
      [r.matrix(2, 2), 0],
      [[], 0],
    ],
    triangular: each((r, n) => [r.matrix(n, n).map((row, i) => row.map((x, j) => (i === j ? 2 + x : x))), r.vector(n)]),
    emptyLoops: (r) =>
      [
        [0, 0],
        [1, 1],
        [1, 2],
        [2, 1],
        [0, 4],
        [3, 0],
      ].map((range) => [r.vector(4, 0.5, 1.5), ...range]),
    stridedLoops: each((r, n) => [r.vector(n)], [0, 1, 2, 3, 4, 7]),
    localInLoop: (r) =>
      [
        [3, 4],
        [1, 1],
        [2, 1],
        [1, 2],
        [0, 0],
      ].map(([n, m]) => [r.matrix(n as number, m as number), r.vector(n as number)]),
    localAcrossLoops: (r) => [...sizes.map((n) => [r.vector(n), 3]), [r.vector(3), 0], [r.vector(3), 1]],
    localLiteral: each((r, n) => [r.vector(n), r.scalar()]),
    doWhile: each((r, n) => [r.vector(n)]),
    resetEachTrip: (r) => [0, 1, 3].map((steps) => [r.vector(3), r.scalar(), steps]),
    delayed: each((r, n) => [r.vector(n)]),
    idleLoop: (r) => [0, 1, 7, 60].map((n) => [r.vector(2), n]),
  },
  jumps: {
    continueInLoop: each((r, n) => [r.vector(n), r.vector(n, 0, 2)]),
    breakFromLoop: (r) => [...sizes.map((n) => [r.vector(n)]), [f64(0.5, 3, 0.1, 0.2)], [f64(3, 0.3)]],
    returnFromLoop: (r) => [...sizes.map((n) => [r.vector(n), 0.4]), [f64(1, 0.2), 0.5], [f64(0.1, 0.2, 0.3), 5]],
    breakFromBoth: (r) => [
      [r.matrix(3, 4)],
      [r.matrix(1, 1)],
      [r.matrix(2, 1)],
      [[]],
      [[f64(0.5, 0.95, 3), f64(-3, 0.2, 0.3), f64(1, 2, 3)]],
    ],
    newtonRoot: (r) => [...sizes.map((n) => [r.vector(n, -3, 3), r.vector(n)]), [f64(0, 1, 40), f64(1, 1, 1)]],
    whileInPlace: (r) => [...sizes.map((n) => [r.vector(n), 0.3]), [f64(0.1), 1], [f64(1, 1), 1.2]],
    boundFromArray: (r) => [
      [i32(0, 2, 2, 5), r.vector(5), r.vector(3)],
      [i32(0, 1), r.vector(1), r.vector(1)],
      [i32(0, 0), r.vector(0), r.vector(1)],
      [i32(0), r.vector(0), r.vector(0)],
      [i32(0, 3, 2, 4), r.vector(4), r.vector(3)],
    ],
    boundFromTrip: each((r, n) => [r.vector(n), r.indices(n, 4)]),
  },
  // Words have 32 bits.
  branches: {
    relaxRows: (r) => [...words.map((n) => [r.vector(n), r.vector(n), 3]), [r.vector(33), r.vector(33), 0]],
    relaxOnce: each((r, n) => [r.vector(n), r.scalar()], words),
    relaxTriangle: (r) => [
      [r.matrix(5, 5), 3],
      [r.matrix(35, 35), 1],
      [r.matrix(1, 1), 2],
      [[], 2],
    ],
    relaxDownwards: each((r, n) => [r.vector(n), 3], [...words, 34, 35, 98]),
    relaxTwice: each((r, n) => [r.vector(n), r.vector(n), r.vector(n), 3], words),
    relaxSome: (r) => [...[0, 1, 5].map((n) => [r.matrix(n, n), r.vector(n), 4]), [r.matrix(34, 34), r.vector(34), 2]],
    relaxPart: (r) =>
      [
        [0, 0],
        [3, 4],
        [5, 2],
        [1, 33],
        [2, 33],
        [0, 33],
      ].map(([from, to]) => [r.vector(33), from, to, 2]),
    relaxBand: (r) => [
      [r.matrix(5, 5), 1, 3],
      [r.matrix(6, 6), 9, 2],
      [r.matrix(2, 2), 0, 2],
      [[], 1, 2],
    ],
    relaxAfterFirst: each((r, n) => [r.vector(n), 3], words),
    relaxCurved: each((r, n) => [r.vector(n), r.vector(n, 0.3, 1), 3], words),
    relaxShort: (r) => [
      [r.matrix(3, 5), 2],
      [r.matrix(1, 5), 1],
      [r.matrix(2, 5), 0],
      [[], 1],
    ],
    relaxRagged: (r) => [
      [i32(0, 2, 2, 35), r.vector(35), 2],
      [i32(0, 1), r.vector(1), 2],
      [i32(0), r.vector(0), 2],
    ],
  },
  indirect: {
    gather: (r) => [
      [r.vector(4), i32(3, 0, 0, 2, 3), r.vector(5)],
      [r.vector(1), i32(0, 0), r.vector(2)],
      [r.vector(2), i32(1), r.vector(1)],
      [r.vector(2), i32(), r.vector(0)],
    ],
    scatter: (r) => [
      [r.vector(5), i32(3, 0, 0, 2, 3), r.vector(4)],
      [r.vector(2), i32(0, 0), r.vector(1)],
      [r.vector(2), i32(1), r.vector(2)],
      [r.vector(0), i32(), r.vector(2)],
    ],
    scatterAdd: (r) => [
      [r.vector(5), i32(3, 0, 0, 2, 3), r.vector(4)],
      [r.vector(2), i32(0, 0), r.vector(1)],
      [r.vector(0), i32(), r.vector(2)],
    ],
    scatterMultiply: (r) => [
      [r.vector(5), i32(3, 0, 0, 2, 3), r.vector(4)],
      [f64(0, 0, 2), i32(0, 0, 1), f64(3, 4)],
      [r.vector(0), i32(), r.vector(2)],
    ],
    permuteInPlace: (r) => [
      [r.vector(4), i32(0, 1, 1, 3, 2), i32(1, 1, 0, 0, 3)],
      [r.vector(1), i32(0, 0), i32(0, 0)],
      [r.vector(2), i32(), i32()],
    ],
    overwrittenIndices: (r) => [
      [r.vector(4), i32(3, 0, 0, 2, 3), r.vector(5)],
      [r.vector(1), i32(0), r.vector(1)],
      [r.vector(2), i32(1, 1), r.vector(2)],
    ],
    table: (r) => [
      [r.vector(6), r.vector(5)],
      [r.vector(1), r.vector(2)],
      [r.vector(0), r.vector(2)],
    ],
  },
  calls: {
    rowsPassed: (r) =>
      [
        [3, 3],
        [1, 1],
        [2, 2],
        [0, 0],
      ].map(([n, m]) => [r.matrix(n as number, m as number), r.vector(n as number)]),
    twoRowsOfOneArray: (r) => [[r.matrix(3, 4)], [r.matrix(1, 2)], [r.matrix(2, 1)], [r.matrix(2, 0)], [[]]],
    oneRowTwice: (r) => [[r.matrix(3, 2)], [r.matrix(1, 1)], [r.matrix(2, 0)]],
    calledTwice: each((r, n) => [r.vector(n), r.scalar()]),
    calledInLoop: (r) => [
      ...sizes.map((n) => [r.vector(n), r.vector(n), 3]),
      [r.vector(2), r.vector(3), 0],
      [r.vector(2), r.vector(0), 1],
    ],
    returnsEarly: (r) => [...sizes.map((n) => [r.vector(n)]), [f64(-0.5, 0.5, 2)]],
    genericTwice: each((r, n) => [r.vector(n), r.vector(n), r.singles(n), r.singles(n), r.scalar()]),
    straightThrough: each((r, n) => [r.vector(n), 3]),
    customOfRows: (r) => [
      [r.matrix(3, 2), r.vector(3)],
      [r.matrix(1, 1), r.vector(1)],
      [[], f64()],
    ],
    stopped: each((r, n) => [r.vector(n)]),
  },
  structs: {
    componentsOneByOne: each((r, n) => [r.vector(n)]),
    componentsAtOnce: each((r, n) => [r.vector(n)]),
    arrayOfStructs: each((r, n) => [r.list(n, () => ({ x: r.scalar(), y: r.scalar() })), r.scalar()]),
    nestedStructs: (r) => [
      [r.list(3, (i) => body(r, 2 - i)), r.vector(3)],
      [r.list(1, () => body(r, 0)), r.vector(1)],
      [r.list(2, () => body(r, 1)), r.vector(2)],
      [[], r.vector(1)],
    ],
    structParameter: each((r, n) => [{ x: r.scalar(), y: r.scalar() }, r.vector(n)]),
    tuples: each((r, n) => [r.vector(n)]),
    severalResults: each((r, n) => [r.vector(n), r.scalar()]),
    tupleResult: each((r, n) => [r.vector(n)]),
  },
  singular: {
    guardedBranch: (r) => [
      [f64(0, 0.5, -1, 0, 2), r.vector(5)],
      [f64(0), r.vector(1)],
      [f64(), f64()],
    ],
    unusedRoot: (r) => [
      [f64(0, 0.5, -1, 0, 2), r.vector(5)],
      [f64(0), r.vector(1)],
      [f64(), f64()],
    ],
    constantPoles: {
      inputs: (r) => [
        [f64(0, 1, 0, 4), r.vector(4)],
        [f64(0), f64(0)],
        [f64(), f64()],
      ],
      wrt: ["x"],
    },
    droppedProducts: (r) => [
      [f64(0.5, 1, -2), f64(Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY), f64(-1, 1, 0), 0],
      [r.vector(3), r.vector(3), f64(-1, 1, 0), 2],
    ],
    powersAtZero: (r) => [
      [f64(0, 0, 0, 0.5, 1), f64(1, 2, 3, 0, 1.5)],
      [f64(0, 0.3), f64(1, r.scalar(1, 2))],
      [f64(), f64()],
    ],
    ties: (r) => [
      [f64(1, 2, 0, -1), f64(1, 2, 0, -2)],
      [f64(0, -0), f64(-0, 0)],
      [r.vector(3), r.vector(3)],
      [f64(), f64()],
    ],
    rectified: (r) => [
      [f64(0, 1, -1, 0.5), f64(1, 2, 3, 0)],
      [f64(0), f64(0)],
      [r.vector(2), r.vector(2)],
    ],
    runningExtremes: (r) => [...sizes.map((n) => [r.vector(n)]), [f64(1, 1, -1, 1, 2)]],
    clamps: (r) => [...sizes.map((n) => [r.vector(n), r.vector(n)]), [f64(-0.5, 0.5, 0, 0.75, -0.25), r.vector(5)]],
    casts: (r) => [...sizes.map((n) => [r.vector(n), r.indices(n, 5)]), [f64(0, 1, -1, 0.5, 2.5), i32(1, 2, 3, 4, 5)]],
    onlyRoundings: { inputs: each((r, n) => [r.vector(n), r.vector(n)]), zero: ["x"] },
    independent: { inputs: each((r, n) => [r.vector(n), r.vector(n)]), zero: ["x"] },
    overwrittenAway: { inputs: each((r, n) => [r.vector(n), r.vector(n)]), wrt: ["x"], zero: ["x"] },
  },
  precision: {
    singleChain: (r) => [...sizes.map((n) => [r.singles(n), 3]), [r.singles(3), 0], [r.singles(3), 1]],
    singleFunctions: each((r, n) => [r.singles(n), r.singles(n)]),
    mixed: each((r, n) => [r.singles(n), r.vector(n)]),
  },
  functions: {
    elementary: each((r, n) => [r.vector(n), r.vector(n, 0.1, 1)]),
    trigonometric: each((r, n) => [r.vector(n), r.vector(n)]),
    reuse: (r) => [
      [r.scalar(1, 2), r.scalar(1, 2)],
      [1, 1],
      [0, 0.5],
    ],
  },
};

/** The kernels' files, by name. */
export const files = Object.keys(table);

export const cases: readonly Case[] = Object.entries(table).flatMap(([name, kernels]) => {
  const file = new URL(`kernels/${name}.ts`, import.meta.url);
  return Object.entries(kernels).flatMap(([kernel, given]) => {
    const { inputs, ...options } = typeof given === "function" ? { inputs: given } : given;
    const make = (): readonly unknown[][] => inputs(new Inputs(kernel.length));
    return make().map(
      (_, i): Case => ({
        zero: [],
        ...options,
        name: `${name}.${kernel}, inputs ${i + 1}`,
        file,
        kernel,
        args: () => make()[i] as unknown[],
      }),
    );
  });
});
