/** `tsgpu run`: sizes, inputs, targets, results. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { axpy, makePlace } from "./tsgpu.ts";

const points = `import type { f64, i32, index } from "tsgpu";
interface Point { x: f64; n: i32 }
/** Moves the points; how many, and the sum of their n. */
export function move(p: Point, by: readonly [f64, f64], points: Point[], times: index): { count: i32; sum: f64 } {
  let sum = 0.0;
  let count: i32 = 0;
  for (let t = 0; t < times; t++)
    for (let i = 0; i < points.length; i++) {
      points[i].x += p.x + by[0] + by[1];
      sum += points[i].n;
      count++;
    }
  return { count, sum };
}
export function other(x: f64[]): void { x[0] = NaN; }
`;
const halo = `import type { f64 } from "tsgpu";
import { zeros } from "tsgpu/kernel";
/** Differences of neighbours, of which the last one is forgotten. */
export function halo(x: readonly f64[], y: f64[]): void {
  for (let i = 0; i < x.length; i++) {
    const two = zeros("f64", 2);
    for (let k = 0; k < 2; k++) if (i + k < x.length) two[k] = x[i + k];
    y[i] = two[1] - two[0];
  }
}
`;
const place = makePlace({
  "halo.ts": halo,
  "axpy.ts": axpy,
  "points.ts": points,
  "x.json": "[1, 2, 3]",
});
test.after(place.remove);
const at = (name: string): string => join(place.folder, name);

test("the simulator tells of what nobody wrote, when asked", async () => {
  const args = ["run", "halo.ts", "--shape", "x=300", "--shape", "y=300", "--target", "simulator"];
  const [text, asked, native] = await Promise.all([
    place.tsgpu([...args, "--seed", "3"]),
    place.tsgpu([...args, "--unwritten"]),
    place.tsgpu(["run", "halo.ts", "--shape", "x=3", "--shape", "y=3", "--target", "wasm", "--unwritten"]),
  ]);
  assert.is(text.code, exitCodes.ok, text.stderr);
  assert.match(text.stdout, /^\d+\.\d % of \d+ statements in grid and threads loops$/m);
  assert.is(asked.code, exitCodes.failed);
  assert.match(
    asked.stderr,
    /TG3026: halo: the read of two\[1\] by thread .* of workgroup \d+ \(.*halo\.ts:8\), which the thread/,
  );
  assert.is(native.code, exitCodes.usage);
  assert.match(native.stderr, "--unwritten is for target simulator");
});

test("given inputs, the result is the kernel's, on every embedded target", async () => {
  writeFileSync(at("y.bin"), new Uint8Array(new Float64Array([10, 20, 30]).buffer));
  const inputs = ["--input", "x=x.json", "--input", "y=y.bin", "--arg", "alpha=0.5"];
  const targets = ["wasm", "interp", "node"];
  const runs = await Promise.all(
    targets.map((target) =>
      place.tsgpu(["run", "axpy.ts", ...inputs, "--target", target, "--json", "--output", `y=${target}.npy`]),
    ),
  );
  runs.forEach(({ code, stdout, stderr }, k) => {
    assert.is(code, exitCodes.ok, stderr);
    const { kernel, target, sizes, scalars, result, arrays, seconds, repeat } = JSON.parse(stdout);
    assert.equal([kernel, target, repeat], ["axpy", targets[k], 1]);
    assert.equal(sizes, { n: 3 });
    assert.equal(scalars, { alpha: 0.5 });
    assert.is(result, 63);
    assert.equal(arrays, { y: { dtype: "f64", shape: [3], values: [10.5, 21, 31.5] } });
    assert.ok(seconds > 0);
    const npy = readFileSync(at(`${targets[k]}.npy`));
    assert.is(npy.toString("latin1", 1, 6), "NUMPY");
    assert.match(npy.toString("latin1"), /{'descr': '<f8', 'fortran_order': False, 'shape': \(3,\), } +\n/);
    assert.equal(
      [...new Float64Array(npy.buffer.slice(npy.byteOffset + npy.length - 24, npy.byteOffset + npy.length))],
      [10.5, 21, 31.5],
    );
  });
});

test("one size is enough: the others follow, and the same seed makes the same numbers", async () => {
  const [first, again, other, zeros] = await Promise.all([
    place.tsgpu(["run", "axpy.ts", "--size", "n=4", "--target", "interp", "--json"]),
    place.tsgpu([
      "run",
      "axpy.ts",
      "--shape",
      "y=4",
      "--target",
      "node",
      "--random",
      "0",
      "--mode",
      "strict",
      "--json",
    ]),
    place.tsgpu(["run", "axpy.ts", "--size", "n=4", "--target", "interp", "--random", "7", "--json"]),
    place.tsgpu(["run", "axpy.ts", "--size", "n=2000", "--target", "interp", "--zeros", "--repeat", "3"]),
  ]);
  const of = ({ stdout }: { readonly stdout: string }): { result: number; arrays: unknown } => JSON.parse(stdout);
  assert.equal(of(first).arrays, of(again).arrays);
  assert.is(of(first).result, of(again).result);
  assert.is.not(of(first).result, of(other).result);
  assert.match(
    zeros.stdout,
    /^axpy on interp, contract: n = 2000, alpha = 0\n\ny f64\[2000\]\n\[0\. 0\. 0\. … 0\. 0\. 0\.\]\n\nresult 0\n\n/,
  );
  assert.match(zeros.stdout, /, the median of 3 runs \(compiled in /);
});

test("structs, tuples and scalars", async () => {
  const sizes = [
    "--shape",
    "points=2",
    "--arg",
    "p.n=0",
    "--arg",
    "times=3",
    "--arg",
    "p.x=1",
    "--arg",
    "by[0]=2",
    "--arg",
    "by[1]=3",
  ];
  const { code, stdout, stderr } = await place.tsgpu([
    "run",
    "points.ts:move",
    ...sizes,
    "--target",
    "node",
    "--zeros",
    "--json",
  ]);
  assert.is(code, exitCodes.ok, stderr);
  const { result, arrays } = JSON.parse(stdout);
  assert.equal(result, { count: 6, sum: 0 });
  assert.equal(arrays["points[].x"].values, [18, 18]);
});

test("what is missing or does not fit is said, with code 2; a refused launch has code 1", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["axpy.ts"], 2, /some sizes are not known: add --size n=…\n {2}the parameters are x: f64\[n\], y: f64\[y_0\]/],
    [["axpy.ts", "--size", "n=3", "--arg", "beta=4"], 2, /there is no such scalar; there are alpha/],
    [["axpy.ts", "--size", "n=3", "--input", "z=x.json"], 2, /the arrays are x, y/],
    [["axpy.ts", "--size", "n=3", "--output", "y=y.txt"], 2, /write \.npy, \.json or \.bin/],
    [["points.ts"], 2, /several kernels: name one, as in points\.ts:move, points\.ts:other/],
    [["axpy.ts", "--size", "n=3", "--shape", "y=2"], 1, /TG3012.*y is too short/],
  ];
  const results = await Promise.all(cases.map(([args]) => place.tsgpu(["run", ...args, "--target", "interp"])));
  results.forEach(({ code, stderr }, k) => {
    assert.match(stderr, cases[k]![2]);
    assert.is(code, cases[k]![1], stderr);
  });
  const absent = await place.tsgpu(["run", "axpy.ts", "--size", "n=3", "--target", "native"], {
    TSGPU_LIBLLVM: "none",
  });
  assert.is(absent.code, exitCodes.failed);
  assert.match(absent.stderr, /target native is absent: .*libLLVM/);
});

test.run();
