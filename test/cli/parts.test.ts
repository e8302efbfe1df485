/** The parts of the command that need no process: reading options, solving sizes, files and numbers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatSeconds, median, threeDigits } from "../../cli/numbers.ts";
import { assignment, integer, kernelPath, listOf, typeArguments } from "../../cli/options.ts";
import { writeWhole } from "../../cli/output.ts";
import { nestedJson, readArrayFile, toFlat, writeArrayFile } from "../../cli/run/files.ts";
import { showArray } from "../../cli/run/show.ts";
import { solveSizes } from "../../cli/run/sizes.ts";
import type { Leaf } from "../../compiler/artifact-leaves.ts";
import { isArray } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";

const folder = mkdtempSync(join(tmpdir(), "tsgpu-parts-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test("options", () => {
  assert.equal(kernelPath("a/gemm.ts:gemm"), { file: "a/gemm.ts", kernel: "gemm" });
  assert.equal(kernelPath("C:\\kernels\\gemm.ts"), { file: "C:\\kernels\\gemm.ts" });
  const list = listOf(["MINI", "SMALL"] as const);
  assert.equal(list("small,MINI,small"), ["SMALL", "MINI"]);
  assert.equal(list("MINI", ["SMALL"]), ["SMALL", "MINI"]);
  assert.throws(() => list("TINY"), /TINY is none of MINI, SMALL/);
  assert.is(integer(1)("12"), 12);
  for (const bad of ["0", "-1", "1.5", "x", ""]) assert.throws(() => integer(1)(bad), /no integer/);
  assert.equal(assignment("a=b")("n=1=2", { m: "0" }), { m: "0", n: "1=2" });
  assert.throws(() => assignment("n=100")("n"), /not of the form n=100/);
  assert.equal(typeArguments("T=f32,U=i32"), { T: "f32", U: "i32" });
  assert.throws(() => typeArguments("T=f16"), /T=f16/);
});

/** Sizes of a launch program in text, given what the user says. */
function sizes(text: string, given: Readonly<Record<string, number | readonly number[]>>): Record<string, unknown> {
  const host = parse(`stage kernel\n\nexport host @f(${text}\n{\n}\n`).funcs[0]!;
  const leaves = host.params.map((p): Leaf => {
    const rank = isArray(p) ? p.type.dims.length : 0;
    return {
      name: p.hint,
      rank,
      steps: new Array<"axis">(rank).fill("axis"),
      elem: isArray(p) ? p.type.elem : (p.type as "index"),
    };
  });
  const isSize = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === "number";
  const entries = Object.entries(given);
  const solved = solveSizes(host, leaves, {
    sizes: new Map(entries.filter(isSize)),
    shapes: new Map(entries.filter((e): e is [string, readonly number[]] => !isSize(e))),
    scalars: new Map(),
  });
  return { ...Object.fromEntries(solved.shapes), ...Object.fromEntries(solved.integers) };
}

test("sizes follow from what the kernel requires of them", () => {
  const gemm = `%C: f64[%ni, %nj], %A: f64[%A_0, %A_1], %B: f64[%nk, %B_1])
    requires %A_0 - %ni >= 0 when always else "A is too short"
    requires %A_1 - %nk >= 0 when always else "A is too short"
    requires %B_1 - %nj >= 0 when always else "B is too short"`;
  const solved = { C: [2, 3], A: [2, 4], B: [4, 3] };
  assert.equal(sizes(gemm, { ni: 2, nj: 3, nk: 4 }), solved);
  assert.equal(sizes(gemm, { C: [2, 3], nk: 4 }), solved);
  assert.equal(sizes(gemm, { A: [2, 4], nj: 3 }), solved);
  assert.throws(() => sizes(gemm, { ni: 2 }), /add --size nj=… --size nk=…\n {2}the parameters are C: f64\[ni, nj\]/);
  assert.throws(() => sizes(gemm, { q: 2 }), /--size q=2: there is no such size/);
  assert.throws(() => sizes(gemm, { Q: [2] }), /there is no array Q; the parameters are C/);
  assert.throws(() => sizes(gemm, { C: [2, 3, 4] }), /the shape 2x3x4 of C does not have the 2 axes/);
  assert.throws(() => sizes(gemm, { ni: 3, C: [2, 3] }), /the shape 2x3 of C makes ni 2, but it is already 3/);
  // A stencil needs less of its second array, a shifted access more.
  const stencil = (need: string): string =>
    `%A: f64[%n], %B: f64[%B_0])\n requires ${need} >= 0 when always else "short"`;
  assert.equal(sizes(stencil("%B_0 - %n + 1"), { n: 5 }), { A: [5], B: [5] });
  assert.equal(sizes(stencil("%B_0 - %n - 2"), { n: 5 }), { A: [5], B: [7] });
  // An integer parameter is a size too, but a constant bound alone says nothing.
  assert.equal(sizes(`%n: index, %A: f64[%A_0])\n requires %A_0 - %n >= 0 when always else "short"`, { n: 3 }), {
    A: [3],
    n: 3,
  });
  assert.throws(() => sizes(`%A: f64[%m])\n requires %m - 1 >= 0 when always else "short"`, {}), /add --size m=…/);
});

test("array files: what is written is read", () => {
  const data = new Float64Array([1, -2.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 0]);
  for (const extension of ["npy", "json", "bin"]) {
    const file = join(folder, `a.${extension}`);
    writeArrayFile(file, "f64", [2, 3], data);
    const { shape, values } = readArrayFile(file, "f64");
    assert.equal(shape, extension === "bin" ? null : [2, 3]);
    assert.equal([...toFlat(file, "f64", values)], [...data]);
  }
  const ragged = join(folder, "ragged.json");
  writeFileSync(ragged, "[[1, 2], [3]]");
  assert.throws(() => readArrayFile(ragged, "f64"), /rows of different lengths/);
  assert.throws(() => readArrayFile(join(folder, "a.npy").replace("npy", "txt"), "f64"));
  assert.throws(() => toFlat("x.json", "i32", [1, 2.5]), /x\.json: element 1 is 2\.5, the array holds i32/);
  assert.equal(nestedJson("bool", [2], [0, 1]), [false, true]);
});

test("a file is written whole or not at all", () => {
  const file = join(folder, "new/whole.txt");
  writeWhole(file, "one");
  writeWhole(file, "two");
  assert.is(readFileSync(file, "utf8"), "two");
  assert.throws(() => writeWhole(join(folder, "new"), "a folder is there"), /EISDIR|ENOTEMPTY|EPERM/);
  assert.equal(
    [...readdirSync(folder), ...readdirSync(join(folder, "new"))].filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("arrays and numbers as text", () => {
  assert.is(showArray("f64", [2, 2], [1, 2.5, -3, 4]), "[[ 1.0  2.5]\n [-3.0  4.0]]");
  assert.is(showArray("i32", [2000], new Int32Array(2000).fill(7)), "[7 7 7 … 7 7 7]");
  assert.is(showArray("f64", [3], [1e-9, 1, Number.NaN]), "[1.00000e-9 1.00000e+0        NaN]");
  assert.is(showArray("bool", [2], [0, 1]), "[false  true]");
  assert.is(showArray("f64", [0], []), "[]");
  assert.equal([1.5, 0.0123, 4.56e-6, 1.2e-7, 0.9999].map(formatSeconds), [
    "1.50 s",
    "12.3 ms",
    "4.56 µs",
    "120 ns",
    "1.00 s",
  ]);
  assert.equal([0, 0.0004, 0.123, 9.999, 99.96, 12345].map(threeDigits), [
    "0.000",
    "4.00e-4",
    "0.123",
    "10.0",
    "100",
    "12345",
  ]);
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 2, 3]), 2.5);
});

test.run();
