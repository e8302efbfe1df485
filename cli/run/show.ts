/** Arrays as text, as NumPy prints them: large ones abbreviated, columns aligned. */
import { type ElemType, isFloat } from "../../compiler/ir/ir.ts";

/** Larger arrays are abbreviated to so many elements at both ends of an axis. */
const wholeUpTo = 1000;
const edge = 3;
const lineWidth = 100;

/** The array without its type and shape. */
export function showArray(elem: ElemType, shape: readonly number[], data: ArrayLike<number>): string {
  if (data.length === 0) return "[]";
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const indices = (axis: number): readonly (number | null)[] => {
    const n = shape[axis] as number;
    const all = Array.from({ length: n }, (_, i) => i);
    return data.length > wholeUpTo && n > 2 * edge ? [...all.slice(0, edge), null, ...all.slice(-edge)] : all;
  };
  const shown: number[] = [];
  const collect = (axis: number, at: number): void => {
    for (const i of indices(axis)) {
      if (i === null) continue;
      const inner = at + i * strides[axis]!;
      if (axis === shape.length - 1) shown.push(data[inner] as number);
      else collect(axis + 1, inner);
    }
  };
  collect(0, 0);
  const format = formatter(elem, shown);
  const width = Math.max(...shown.map((x) => format(x).length));

  const rows = (axis: number, at: number): string => {
    const indent = " ".repeat(axis + 1);
    if (axis === shape.length - 1) {
      return `[${wrap(
        indices(axis).map((i) => (i === null ? "…" : format(data[at + i] as number).padStart(width))),
        indent,
      )}]`;
    }
    const separator = `${"\n".repeat(shape.length - 1 - axis)}${indent}`;
    return `[${indices(axis)
      .map((i) => (i === null ? "…" : rows(axis + 1, at + i * strides[axis]!)))
      .join(separator)}]`;
  };
  return rows(0, 0);
}

function wrap(cells: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const cell of cells) {
    if (line !== "" && indent.length + line.length + cell.length + 2 > lineWidth) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? cell : ` ${cell}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

/** One way to write all the numbers of an array. */
function formatter(elem: ElemType, shown: readonly number[]): (x: number) => string {
  if (elem === "bool") return (x) => (x !== 0 ? "true" : "false");
  if (!isFloat(elem)) return String;
  const sizes = shown.map(Math.abs).filter((x) => x > 0 && x < Infinity);
  const largest = Math.max(0, ...sizes);
  const smallest = Math.min(Infinity, ...sizes);
  const special = (x: number, text: (x: number) => string): string => (Number.isFinite(x) ? text(x) : String(x));
  if (largest >= 1e8 || (sizes.length > 0 && (smallest < 1e-4 || largest / smallest > 1e6))) {
    return (x) => special(x, (y) => y.toExponential(5));
  }
  const before = Math.max(1, Math.floor(Math.log10(largest || 1)) + 1);
  const room = Math.max(1, 8 - before);
  const needed = Math.max(0, ...sizes.map((x) => (x.toFixed(room).replace(/0+$/, "").split(".")[1] ?? "").length));
  return (x) => special(x, (y) => (needed === 0 ? `${y}.` : y.toFixed(needed)));
}
