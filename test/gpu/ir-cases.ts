/**
 * How the kernels in `ir/` are launched: what GPU backends have to get right, in the form in which they get it. Sizes are no
 * multiples of workgroups and tiles. The interpreter says what comes of it, to the bit: all float operations are strict, and
 * what atomics add up is exact in any order.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type DeviceKernel, deviceKernel, type Extent, gridExtent } from "../../compiler/analysis/device-kernel.ts";
import { elemArrays, type InterpArg, type InterpArray } from "../../compiler/interp.ts";
import { type Func, isArray, type Module, type ScalarType, type Value } from "../../compiler/ir/ir.ts";
import type { Precision } from "../../compiler/ir/library.ts";
import { randomNumbers } from "../ad/directions.ts";
import { parsed } from "../backend/differential.ts";

export interface IrCase {
  readonly name: string;
  readonly module: Module;
  readonly kernel: Func;
  /** Fresh arguments for each call. */
  readonly args: () => readonly InterpArg[];
}

/** Makes arguments, of f32 where the kernels' floats are. */
class Inputs {
  private readonly random = randomNumbers(7);
  private readonly real: "f64" | "f32";
  constructor(real: "f64" | "f32") {
    this.real = real;
  }
  array(elem: ScalarType, shape: readonly number[], at: (i: number) => number): InterpArray {
    const length = shape.reduce((n, d) => n * d, 1);
    const data = new elemArrays[elem === "f64" ? this.real : elem](length);
    for (let i = 0; i < length; i++) data[i] = at(i);
    return { data, shape };
  }
  floats(...shape: readonly number[]): InterpArray {
    return this.array("f64", shape, () => 4 * this.random() - 2);
  }
  /** Integers from `low` to below `high`. */
  integers(elem: ScalarType, low: number, high: number, ...shape: readonly number[]): InterpArray {
    return this.array(elem, shape, () => low + Math.floor((high - low) * this.random()));
  }
  zeros(elem: ScalarType, ...shape: readonly number[]): InterpArray {
    return this.array(elem, shape, () => 0);
  }
  list(elem: ScalarType, ...values: readonly number[]): InterpArray {
    return this.array(elem, [values.length], (i) => values[i] as number);
  }
}

type Make = (r: Inputs) => readonly InterpArg[];
const updates = (r: Inputs, n: number): readonly InterpArray[] => [
  r.floats(n),
  r.array("f64", [n], (i) => [2, 0.5, 1, 4, 0.25][i % 5] as number),
  // Odd, so that no product is 0 in the end.
  r.array("i32", [n], (i) => ((i * 37) % 19) * 2 - 19),
];
const table: Readonly<Record<string, readonly Make[]>> = {
  saxpy: [7, 64, 200, 0].map((n) => (r) => [0.3125, r.floats(n), r.floats(n)]),
  affine: [
    [3, 500],
    [0, 7],
    [9, 5],
  ].map(([from, n]) => (r) => {
    const [x, y] = [r.integers("i32", -99, 99, n as number), r.zeros("u32", n as number)];
    return [-77, true, from as number, 4000000000, x, y, r.zeros("bool", n as number)];
  }),
  transpose: [
    [3, 9, 17],
    [1, 1, 1],
  ].map(([n = 0, m = 0, l = 0]) => (r) => [r.floats(n, m, l), r.zeros("f64", l, m, n)]),
  quads: [(r) => [r.floats(19, 4), r.zeros("f64", 19, 4)]],
  functions: [(r) => [r.floats(50), r.zeros("f64", 50, 6)]],
  collatz: [(r) => [r.integers("i32", -5, 90, 300), r.zeros("i32", 300)]],
  medians: [(r) => [r.floats(6, 7), r.zeros("f64", 6)], (r) => [r.floats(1, 1), r.zeros("f64", 1)]],
  settle: [(r) => [r.integers("i32", 0, 900, 70), r.zeros("i32", 1)]],
  rotate: [(r) => [3, r.floats(90)], (r) => [5, r.floats(1)], (r) => [2, r.floats(0)]],
  matmul: [
    [9, 20, 17],
    [1, 1, 1],
    [8, 0, 3],
  ].map(([n = 0, k = 0, m = 0]) => (r) => [r.floats(n, k), r.floats(k, m), r.floats(n, m)]),
  stencil: [(r) => [r.floats(10, 19), r.zeros("f64", 10, 19)], (r) => [r.floats(1, 2), r.zeros("f64", 1, 2)]],
  tree: [(r) => [r.floats(1000), r.zeros("f64", 3)], (r) => [r.floats(5), r.zeros("f64", 2)]],
  fresh: [(r) => [3, r.zeros("i32", 5)]],
  rowSums: [(r) => [r.floats(7, 12), r.floats(7)]],
  histogram: [
    (r) => [r.integers("i32", 0, 6, 100), r.integers("f64", -9, 9, 100), r.zeros("i32", 6), r.zeros("f64", 6)],
  ],
  updates: [
    (r) => {
      const n = 40;
      const more = [r.array("u32", [n], (i) => ((i * 31) % 47) * 2 + 1), r.integers("index", -9, 9, n)];
      const starts = [r.list("i32", 5, 1, 3, -3), r.list("u32", 5, 3, 30, 3), r.list("index", 5, 1, 3, -3)];
      return [...updates(r, n), ...more, r.list("f64", 1, 1, 0.5, -0.5), ...starts];
    },
  ],
  sharedUpdates: [(r) => [...updates(r, 75), r.zeros("f64", 4), r.zeros("i32", 4)]],
};

const folder = new URL("./ir/", import.meta.url);
const texts: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".ir"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"));

/** What a target that has less is given. */
interface Variant {
  /** Changes the text. */
  readonly edit?: (text: string) => string;
  readonly precision?: Precision;
}

/** All cases, with floats of the type that is asked for. */
export function irCases(real: "f64" | "f32" = "f64", { edit, precision }: Variant = {}): readonly IrCase[] {
  return texts.map(edit ?? ((text) => text)).flatMap((text) => {
    const module = parsed(real === "f64" ? text : text.replaceAll("f64", "f32"), precision);
    const kernels = module.funcs.filter((f) => f.kind === "kernel");
    return kernels.flatMap((kernel) => {
      const makes = table[kernel.name];
      if (makes === undefined) throw new Error(`test/gpu/ir-cases.ts has no arguments for @${kernel.name}`);
      return makes.map(
        (make, k): IrCase => ({ name: `${kernel.name} ${k}`, module, kernel, args: () => make(new Inputs(real)) }),
      );
    });
  });
}

/** The workgroups that a launch with these arguments wants, and the threads of each. */
export function launchOf(kernel: Func, args: readonly InterpArg[]): { readonly grid: Extent; readonly block: Extent } {
  const device: DeviceKernel | null = deviceKernel(kernel);
  if (device === null) throw new Error(`@${kernel.name} is no kernel of a GPU`);
  const scalars = new Map<Value, number | boolean>();
  kernel.params.forEach((p, k) => {
    const arg = args[k] as InterpArg;
    if (typeof arg !== "object") scalars.set(p, arg);
    else if (isArray(p)) {
      p.type.dims.forEach((d, axis) => {
        if (d.kind === "value" && !scalars.has(d)) scalars.set(d, arg.shape[axis] as number);
      });
    }
  });
  return { grid: gridExtent(device, scalars), block: device.workgroup };
}
