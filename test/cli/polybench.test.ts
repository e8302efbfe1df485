/** `tsgpu polybench`: rows, checks, skips and failures. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { paint } from "../../cli/output.ts";
import type { Row } from "../../cli/polybench/plan.ts";
import { summary, tableRows } from "../../cli/polybench/report.ts";
import { findKernel } from "../../polybench/suite.ts";
import { makePlace } from "./tsgpu.ts";

const place = makePlace();
test.after(place.remove);
const rowsOf = (text: string): readonly Row[] => JSON.parse(text).rows;

test("rows have what they promise, and all targets the same bits in strict mode", async () => {
  const args = [
    "polybench",
    "gemm",
    "nussinov",
    "--dataset",
    "MINI",
    "--target",
    "node,interp,wasm",
    "--mode",
    "strict",
  ];
  const { code, stdout, stderr } = await place.tsgpu([
    ...args,
    "--inputs",
    "polybench,seeded",
    "--check",
    "--repeat",
    "2",
    "--json",
    "out/rows.json",
  ]);
  assert.is(code, exitCodes.ok, stdout + stderr);
  assert.match(stdout, /^kernel +dataset +inputs +type +target +time +GFLOP\/s +× node +error$/m);
  assert.match(stdout, /^gemm +MINI +seeded +f64 +wasm .*ok$/m);
  assert.match(stdout, /^12 rows: 12 passed, 0 failed, 0 skipped\n2 of 2 kernels pass\n$/m);
  const rows = rowsOf(readFileSync(join(place.folder, "out/rows.json"), "utf8"));
  assert.is(rows.length, 12);
  for (const row of rows) {
    assert.equal(Object.keys(row), [
      ...[
        "kernel",
        "dataset",
        "target",
        "inputs",
        "mode",
        "part",
        "dtype",
        "ok",
        "maxError",
        "seconds",
        "gflops",
        "parallelFraction",
        "sha256",
      ],
    ]);
    assert.ok(row.ok && row.part === "primal" && row.seconds! > 0 && row.gflops! > 0);
    assert.is(row.dtype, row.kernel === "gemm" ? "f64" : "i32");
  }
  for (const inputs of ["polybench", "seeded"]) {
    const hashes = new Set(rows.filter((r) => r.kernel === "gemm" && r.inputs === inputs).map((r) => r.sha256));
    assert.is(hashes.size, 1);
    assert.match([...hashes][0]!, /^[0-9a-f]{64}$/);
  }
});

test("an absent target is skipped, not passed; JSON on stdout is nothing but JSON; dumps", async () => {
  const args = ["polybench", "mvt", "--dataset", "mini", "--target", "native,node", "--real", "f32", "--repeat", "1"];
  const { code, stdout, stderr } = await place.tsgpu([...args, "--dump", "dumps", "--json"], { TSGPU_LIBLLVM: "none" });
  assert.is(code, exitCodes.ok, stderr);
  const [native, node] = rowsOf(stdout);
  assert.match(native!.skipped!, "libLLVM");
  assert.equal([native!.ok, native!.seconds, native!.sha256], [true, null, null]);
  assert.equal([node!.ok, node!.dtype, node!.maxError, node!.skipped], [true, "f32", null, undefined]);
  assert.match(stderr, /2 rows: 1 passed, 0 failed, 1 skipped\n1 of 1 kernels run \(add --check/);
  assert.match(
    readFileSync(join(place.folder, "dumps/mvt.MINI.polybench.node.txt"), "utf8"),
    /^==BEGIN DUMP_ARRAYS==\nbegin dump: x1\n/,
  );
  assert.not(existsSync(join(place.folder, "dumps/mvt.MINI.polybench.native.txt")));
});

test("the simulator says how much ran in parallel, and takes an order of threads", async () => {
  const args = [
    "polybench",
    "gemm",
    "--dataset",
    "mini",
    "--target",
    "simulator,node",
    "--check",
    "--seed",
    "7",
    "--grad",
  ];
  const { code, stdout, stderr } = await place.tsgpu([...args, "--mode", "strict", "--repeat", "2", "--json"]);
  assert.is(code, exitCodes.ok, stderr);
  const rows = rowsOf(stdout);
  const parallel = rows.map((row) => row.parallelFraction);
  assert.equal(
    rows.map((row) => `${row.part} ${row.target}`),
    ["primal simulator", "primal node", "gradient simulator"],
  );
  assert.ok(parallel[0]! > 0.9 && parallel[0]! <= 1 && parallel[2]! > 0.9, String(parallel));
  assert.is(parallel[1], null);
  assert.match(stderr, /^gemm .* 100\.0 % .* ok$/m);
});

test("a failed row says why, and its kernel does not pass", () => {
  const row: Row = {
    kernel: "gemm",
    dataset: "MINI",
    target: "node",
    inputs: "polybench",
    mode: "strict",
    part: "primal",
    dtype: "f64",
    ok: true,
    maxError: 1e-16,
    seconds: 1e-4,
    gflops: 1.5,
    parallelFraction: null,
    sha256: "0",
  };
  const wasm: Row = { ...row, target: "wasm", ok: false, problem: "its bits differ from those of node" };
  const absent: Row = {
    ...row,
    target: "native",
    skipped: "libLLVM was not found",
    maxError: null,
    seconds: null,
    gflops: null,
  };
  const plan = {
    kernels: [findKernel("gemm")!],
    datasets: ["MINI"],
    inputs: ["polybench"],
    lanes: [{ target: "node" }, { target: "wasm" }, { target: "native" }],
    mode: "strict",
    real: undefined,
    deterministic: false,
    grad: undefined,
    tapeBudget: undefined,
    check: true,
    repeat: undefined,
    cache: false,
    settings: {},
    dump: undefined,
  } as const;
  const text = tableRows([row, wasm, absent], plan, paint.stdout);
  assert.match(text, /^gemm +MINI +f64 +node +100 µs +1\.50 +1\.00 +1\.0e-16 +ok$/m);
  assert.match(text, /^gemm .*FAILED\n.*skipped\n {2}gemm on wasm: its bits differ from those of node$/m);
  const end = summary([row, wasm, absent], plan, paint.stdout);
  assert.match(
    end,
    "native was skipped: libLLVM was not found\n3 rows: 1 passed, 1 failed, 1 skipped\n0 of 1 kernels pass",
  );
});

test.run();
