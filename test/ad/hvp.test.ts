/**
 * Products of second derivatives with a direction, against central differences of gradients: PolyBench kernels, whose loss
 * is the weighted sum of their outputs, on seeded inputs.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Arrays, copyArrays, type FlatArray, nested } from "../../polybench/array.ts";
import { directionsFor, inputsFor, scalarDirection, weightsFor } from "../../polybench/inputs.ts";
import { argumentsFor, findKernel, type Kernel, sizesFor } from "../../polybench/suite.ts";
import { call } from "../../runtime/call.ts";
import { jit } from "../../runtime/jit.ts";

interface Row {
  readonly name: string;
  readonly wrt: readonly string[];
}
const rows: readonly Row[] = [
  { name: "gemm", wrt: ["C", "A", "B", "alpha", "beta"] },
  { name: "trisolv", wrt: ["L", "b"] },
  { name: "lu", wrt: ["A"] },
  { name: "cholesky", wrt: ["A"] },
  { name: "durbin", wrt: ["r"] },
  { name: "correlation", wrt: ["data"] },
];

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** Calls a derivative; `arrays` and `scalars` are the arguments, `along` the direction. Gives what has that role at the end. */
async function run(
  kernel: Kernel,
  { wrt }: Row,
  kind: "vjp" | "hvp",
  [arrays, scalars]: Point,
  role: "adjoint" | "adjoint-tangent",
): Promise<Numbers> {
  const derivative = { kind, kernel: kernel.exportName, wrt, of: kernel.outputs } as const;
  const unit = await jit(kernel.file, { target: "wasm", derivative });
  const entry = unit.artifact.entries[0]!;
  const inputs = copyArrays(arrays);
  const args = argumentsFor(kernel, sizesFor(kernel, "MINI", "seeded"), inputs).map((a, i) => {
    const { name } = kernel.args[i]!;
    return typeof a === "number" ? (scalars[name] ?? a) : nested(a);
  });
  const [weights, directions] = [weightsFor(kernel, "MINI"), directionsFor(kernel, "MINI")];
  const results: Record<string, FlatArray> = {};
  const extra = entry.derivative!.extra.map(({ leaf, role: as }) => {
    const input = arrays[leaf];
    if (input === undefined) return scalarDirection(kernel, leaf);
    const zero = { data: input.data.map(() => 0), shape: input.shape };
    const from = as === "tangent" ? directions[leaf]! : as === "adjoint" ? (weights[leaf] ?? zero) : zero;
    const array = { data: from.data.slice(), shape: from.shape };
    if (as === role) results[leaf] = array;
    return nested(array);
  });
  const returned = (await call(unit, entry.name, [...args, ...extra])) as readonly number[] | undefined;
  const own = (returned?.length ?? 0) - entry.derivative!.results.length;
  const ofScalars = entry.derivative!.results.flatMap(({ leaf, role: as }, i) =>
    as === role ? [[leaf, [returned![own + i]!]] as const] : [],
  );
  const ofArrays = Object.entries(results).map(([name, { data }]) => [name, data] as const);
  return Object.fromEntries([...ofArrays, ...ofScalars].filter(([name]) => wrt.includes(name)));
}

type Point = readonly [arrays: Arrays, scalars: Readonly<Record<string, number>>];

function pointAt(kernel: Kernel, { wrt }: Row, by: number): Point {
  const arrays = copyArrays(inputsFor(kernel, "MINI", "seeded", "f64"));
  const directions = directionsFor(kernel, "MINI");
  const sizes = sizesFor(kernel, "MINI", "seeded");
  const scalars: Record<string, number> = {};
  for (const arg of kernel.args) {
    if (!wrt.includes(arg.name)) continue;
    if (arg.kind === "scalar") scalars[arg.name] = arg.value(sizes) + by * scalarDirection(kernel, arg.name);
    else {
      const { data } = arrays[arg.name]!;
      data.set(data.map((x, i) => x + by * directions[arg.name]!.data[i]!));
    }
  }
  return [arrays, scalars];
}

for (const row of rows) {
  test(`${row.name}: second derivatives along a direction of ${row.wrt.join(", ")}`, async () => {
    const kernel = findKernel(row.name)!;
    const step = 1e-5;
    const gradient = (by: number) => run(kernel, row, "vjp", pointAt(kernel, row, by), "adjoint");
    const [up, down] = [await gradient(step), await gradient(-step)];
    const products = await run(kernel, row, "hvp", pointAt(kernel, row, 0), "adjoint-tangent");
    assert.equal(Object.keys(products).toSorted(), row.wrt.toSorted());
    for (const [name, product] of Object.entries(products)) {
      const differences = Array.from(up[name]!, (x, i) => (x - down[name]![i]!) / (2 * step));
      const largest = differences.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      // gemm is linear in C.
      if (name !== "C") assert.ok(largest > 0, `${name}: nothing is tested`);
      for (const [i, difference] of differences.entries()) {
        const off = Math.abs(product[i]! - difference);
        assert.ok(off <= 1e-6 * largest, `${name} at ${i}: ${product[i]}, by differences ${difference}`);
      }
    }
    const again = await run(kernel, row, "hvp", pointAt(kernel, row, 0), "adjoint");
    const there = await gradient(0);
    for (const [name, values] of Object.entries(again)) {
      assert.equal(Array.from(values), Array.from(there[name]!), `${name}: the gradient itself`);
    }
  });
}

test.run();
