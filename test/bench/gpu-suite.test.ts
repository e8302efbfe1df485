/** The GPU suite, on what stands for a GPU: the simulator, and device cuda on the stand-in of its driver, which runs the PTX by the emulator. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { polybenchJobs } from "../../bench/gpu/jobs.ts";
import type { Report } from "../../bench/gpu/report.ts";
import { worstError } from "../../bench/gpu/run.ts";
import { Carrier } from "../../bench/gpu/source.ts";
import { findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compile } from "../../compiler/index.ts";
import { skip } from "../skip.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tsgpu-suite-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Absent where the suite did not come that far. */
  readonly report: () => Report;
}

function suite(args: readonly string[], env: Readonly<Record<string, string>> = {}, emulated = false): Ran {
  const before = emulated ? ["--import", "./test/runtime/cuda/emulated.ts"] : [];
  const own = ["--import", "./scripts/dev.mjs", ...before, "bench/gpu/suite.ts", "--out", folder, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, own, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  const report = (): Report => JSON.parse(readFileSync(join(folder, "gpu.json"), "utf8")) as Report;
  return { code: status, stdout, stderr, report };
}

test("errors are measured by the array's largest element", () => {
  assert.is(worstError([[1, 2, Number.NaN]], [[1, 2, Number.NaN]]), 0);
  assert.is(worstError([[1, 2.5], [0]], [[1, 2], [0]]), 0.25);
  assert.is(worstError([[1]], [[1], [2]]), Infinity);
  assert.is(worstError([[1]], [[Number.NaN]]), Infinity);
  assert.is(worstError([[1e-30]], [[0]]), Infinity);
});

test("what is wrong with the command line is said, with the usage", () => {
  assert.is(suite(["--help"]).code, 0);
  for (const [args, why] of [
    [["--dataset", "HUGE"], /--dataset HUGE: there are MINI/],
    [["--target", "native"], /--target native: the suite runs on cuda/],
    [["gem"], /there is no kernel gem: there are correlation/],
  ] as const) {
    const { code, stderr } = suite(args);
    assert.is(code, 2);
    assert.match(stderr, why);
    assert.match(stderr, /usage:/);
  }
});

test("without a GPU it says why, and what else there is", () => {
  const { code, stderr } = suite([], { TSGPU_CUDA: "none" });
  assert.is(code, 1);
  assert.match(stderr, /there is no GPU to run on: TSGPU_CUDA=none turns CUDA off\n--target simulator/);
});

const noLLVM = whyNoLibLLVM();
if (noLLVM !== null) skip("the GPU suite on kernels", noLLVM);
else testSuite();
const cc = await findCC();
const noCC = cc === null ? "there is no C compiler" : noLLVM;
if (noCC !== null) skip("the GPU suite on device cuda", noCC);
else testCuda();

function testSuite(): void {
  test("the simulator: results are right, nothing is timed, and that is said", () => {
    const { code, stdout, stderr, report } = suite(["--target", "simulator", "gemm", "nussinov"]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /3 of 3 results are right on simulator/);
    assert.match(stdout, /skipped times, .*: simulator is no GPU/);
    assert.equal(
      report().rows.map(({ kernel, part, ok, times }) => [kernel, part, ok, times]),
      [
        ["gemm", "primal", true, null],
        ["gemm", "gradient", true, null],
        ["nussinov", "primal", true, null],
      ],
    );
  });
}

function testCuda(): void {
  test("cuda: times, parts of the peak, the gradient over the function, and a page", () => {
    const cublas = fileURLToPath(new URL("../runtime/cuda/fake-cublas.c", import.meta.url));
    execFileSync(cc?.command ?? "cc", ["-shared", "-fPIC", "-Werror", "-o", join(folder, "libcublas.so.12"), cublas]);
    const env = { TSGPU_EMULATED_SKIP: "triad,chains", LD_LIBRARY_PATH: folder };
    const { code, stderr, report } = suite(["--dataset", "MINI", "--no-sanitizer", "gemm"], env, true);
    assert.is(code, 0, stderr);
    const { gpu, peaks, overheads, rows, gemm, skipped } = report();
    assert.is(gpu?.name, "Fake GPU 0");
    assert.equal(
      peaks.map((p) => p.dtype),
      ["f64", "f32"],
    );
    assert.ok((overheads?.upload ?? 0) > 0 && (overheads?.launchSeconds ?? 0) > 0);
    const [primal, gradient] = rows;
    assert.ok(primal?.ok && gradient?.ok);
    // Each launch takes 2 ms there.
    assert.is(primal?.times?.kernels.toFixed(6), (0.002 * (primal?.times?.launches ?? 0)).toFixed(6));
    assert.ok((primal?.flopFraction ?? 0) > 0 && (primal?.byteFraction ?? 0) > 0);
    assert.is(gradient?.ratio, (gradient?.times?.kernels ?? 0) / (primal?.times?.kernels ?? 0));
    assert.equal(
      gemm.map(({ dtype, dataset, cublas }) => [dtype, dataset, typeof cublas]),
      [["f64", "MINI", "number"]],
    );
    assert.equal(skipped, []);
    const html = readFileSync(join(folder, "gpu.html"), "utf8");
    assert.match(html, /2 of 2 results are right/);
    assert.match(html, /<svg /);
    assert.not.match(html, /NaN|undefined|src=|href=/);
  });

  test("carried code runs without a compiler, and what it computes wrong is found", async () => {
    const artifacts = join(folder, "artifacts");
    const carrier = new Carrier(artifacts);
    const jobs = polybenchJobs(["trisolv"], ["MINI"], "f64");
    const wrong = join(folder, "wrong");
    const spoilt = new Carrier(wrong);
    for (const { subject } of jobs) {
      for (const target of ["cuda", "wasm"] as const) {
        const { cache: _, ...options } = subject.options;
        const artifact = await compile({ file: fileURLToPath(subject.file) }, { ...options, target });
        carrier.add(subject, target, artifact);
        const code =
          target === "cuda" ? (artifact.code as string).replace(/div\.rn\.f64/, "mul.rn.f64") : artifact.code;
        spoilt.add(subject, target, { ...artifact, code });
      }
    }
    const common = ["--dataset", "MINI", "--no-times", "--no-sanitizer", "trisolv"];
    const env = { TSGPU_LIBLLVM: "none" };
    const good = suite(["--artifacts", artifacts, ...common], env, true);
    assert.is(good.code, 0, good.stderr);
    assert.match(good.report().code, /^carried in /);
    const bad = suite(["--artifacts", wrong, ...common], env, true);
    assert.is(bad.code, 1);
    assert.match(bad.stderr, /trisolv MINI f64 primal: WRONG: off by/);
    const missing = suite(
      ["--artifacts", artifacts, "--dataset", "MINI", "--no-times", "--no-sanitizer", "atax"],
      env,
      true,
    );
    assert.is(missing.code, 1);
    assert.match(missing.stderr, /atax-f64-primal-wasm is not there/);
  });
}

test.run();
