/** A heated plate's temperatures, from the Poisson equation as a sparse system. `npx tsx examples/spmv/main.ts` */
import { load } from "tsgpu";

const { spmv, solve } = await load<typeof import("./spmv.ts")>(new URL("./spmv.ts", import.meta.url));

// The five-point Laplacian on a square grid; the plate's edge is kept at 0.
const side = 200;
const rows: [column: number, value: number][][] = [];
for (let i = 0; i < side; i++) {
  for (let j = 0; j < side; j++) {
    const row: [number, number][] = [];
    const link = (r: number, c: number, value: number): void => {
      if (r >= 0 && r < side && c >= 0 && c < side) row.push([r * side + c, value]);
    };
    link(i - 1, j, -1);
    link(i, j - 1, -1);
    link(i, j, 4);
    link(i, j + 1, -1);
    link(i + 1, j, -1);
    rows.push(row);
  }
}
const n = rows.length;
const rowPtr = new Int32Array(n + 1);
for (const [i, row] of rows.entries()) rowPtr[i + 1] = rowPtr[i]! + row.length;
const colIdx = Int32Array.from(rows.flat(), ([column]) => column);
const values = Float64Array.from(rows.flat(), ([, value]) => value);

// One hot spot, left of the middle.
const b = new Float64Array(n);
b[(side / 2) * side + side / 4] = 100;
const x = new Float64Array(n);
const steps = await solve(rowPtr, colIdx, values, b, x, 1e-10, 10_000);

const Ax = new Float64Array(n);
await spmv(rowPtr, colIdx, values, x, Ax);
const error = Math.hypot(...Ax.map((v, i) => v - b[i]!).filter((d) => d !== 0));
console.log(`${n} unknowns, ${values.length} entries: ${steps} steps, residual ${error.toExponential(1)}`);
for (let i = 0; i < side; i += 10) {
  let line = "";
  for (let j = 0; j < side; j += 5) {
    const heat = x[i * side + j]!;
    line += " .:-=+*#%@"[Math.max(0, Math.min(9, Math.floor(2 * Math.log2(heat + 1e-9) + 6)))];
  }
  console.log(line);
}
