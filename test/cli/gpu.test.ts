/** GPUs on the command line: PTX as a format, and what kernels take of a GPU. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { whyNoPtxas } from "../../compiler/backend/ptxas.ts";
import { skip } from "../skip.ts";
import type { Ran } from "../spawned.ts";
import { axpy, makePlace } from "./tsgpu.ts";

/** A product with a vector, a reduction, and a recurrence. */
const rows = `import type { f64 } from "tsgpu";
export function rows(A: readonly (readonly f64[])[], x: readonly f64[], y: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < A.length; i++) {
    for (let j = 0; j < A[0].length; j++) y[i] += A[i][j] * x[j];
  }
  for (let i = 0; i < y.length; i++) sum += y[i];
  for (let i = 1; i < y.length; i++) y[i] = y[i] / y[i - 1];
  return sum;
}
`;
const place = makePlace({ "axpy.ts": axpy, "rows.ts": rows });
test.after(place.remove);

test("without libLLVM there is no PTX, and the command says why", async () => {
  const { code, stderr } = await place.tsgpu(["compile", "axpy.ts", "--target", "ptx"], { TSGPU_LIBLLVM: "none" });
  assert.is(code, exitCodes.failed);
  assert.match(stderr, /^error: TSGPU_LIBLLVM=none turns libLLVM off\n$/);
});

test("--gpu-arch: of the known ones, and for PTX alone", async () => {
  const [unknown, stray] = await Promise.all([
    place.tsgpu(["compile", "axpy.ts", "--target", "ptx", "--gpu-arch", "sm_12"]),
    place.tsgpu(["compile", "axpy.ts", "--target", "c", "--gpu-arch", "sm_90"]),
  ]);
  assert.is(unknown.code, exitCodes.usage);
  assert.match(unknown.stderr, /sm_75, .*sm_90/);
  assert.is(stray.code, exitCodes.usage);
  assert.match(stray.stderr, /--gpu-arch is for --target ptx/);
});

test("explain wants to know what", async () => {
  const { code, stderr } = await place.tsgpu(["explain", "axpy.ts"]);
  assert.is(code, exitCodes.usage);
  assert.match(stderr, /say what to explain: --grad, --target ptx, or both/);
});

if (findLibLLVM() === null) skip("gpu: compile and explain", whyNoLibLLVM() ?? "");
else {
  test("compile --target ptx: kernels and gradients, for the GPUs that are named", async () => {
    const cache = { TSGPU_CACHE: place.folder };
    const [oldest, gradient] = await Promise.all([
      place.tsgpu(["compile", "axpy.ts", "--target", "ptx"], cache),
      place.tsgpu(["compile", "axpy.ts", "--target", "ptx", "--gpu-arch", "sm_90", "--grad", "--json"], cache),
    ]);
    assert.match(oldest.stdout, /\.target sm_75\n/);
    assert.match(oldest.stdout, /\.visible \.entry axpy_\d/);
    const { target, text, derivative } = JSON.parse(gradient.stdout) as Record<string, string>;
    assert.equal([target, derivative], ["ptx", "vjp"]);
    assert.match(text ?? "", /\.target sm_90\n/);
  });

  test("what the cache has needs no libLLVM; what it lacks is skipped, or says what is missing", async () => {
    const here = { TSGPU_CACHE: join(place.folder, "shipped") };
    const there = { ...here, TSGPU_LIBLLVM: "none" };
    const compile = ["compile", "axpy.ts", "--target", "ptx"];
    const run = ["run", "axpy.ts", "--size", "n=3", "--target", "ptx-emulator"];
    const bench = ["polybench", "trisolv", "--dataset", "MINI", "--target", "ptx-emulator", "--json"];
    const [ptx, before, rows] = await Promise.all([compile, run, bench].map((args) => place.tsgpu(args, here)));
    for (const ran of [ptx, before, rows]) assert.is(ran?.code, exitCodes.ok, ran?.stderr);
    const [same, after, hit, other, missing, skipped] = await Promise.all([
      ...[compile, run, bench].map((args) => place.tsgpu(args, there)),
      place.tsgpu([...compile, "--gpu-arch", "sm_80"], there),
      place.tsgpu([...run, "--mode", "strict"], there),
      place.tsgpu([...bench, "--mode", "strict"], there),
    ]);
    assert.equal([same?.stdout, after?.code, hit?.code], [ptx?.stdout, exitCodes.ok, exitCodes.ok]);
    const row = (ran: Ran | undefined): unknown => JSON.parse(ran?.stdout ?? "").rows[0].skipped;
    assert.equal([row(hit), row(skipped)], [undefined, "TSGPU_LIBLLVM=none turns libLLVM off"]);
    for (const ran of [other, missing]) {
      assert.is(ran?.code, exitCodes.failed);
      assert.match(ran?.stderr ?? "", /TSGPU_LIBLLVM=none turns libLLVM off/);
    }
  });

  const why = await whyNoPtxas();
  if (why !== null) skip("explain --target ptx: registers", why);
  test("explain --target ptx: each kernel, and what it takes where ptxas tells", async () => {
    const [text, json] = await Promise.all([
      place.tsgpu(["explain", "axpy.ts", "--target", "ptx", "--grad"]),
      place.tsgpu(["explain", "axpy.ts", "--target", "ptx", "--gpu-arch", "sm_90", "--json"]),
    ]);
    assert.match(text.stdout, /the gradient of axpy/);
    assert.match(text.stdout, /\d+ kernels? on sm_75:\n\nkernel +line +workgroup +registers +spilled +shared/);
    const { arch, kernels, missing } = (JSON.parse(json.stdout) as { gpu: GpuJson }).gpu;
    assert.is(arch, "sm_90");
    assert.is(missing, why);
    assert.ok(kernels.length > 0);
    for (const { use, occupancy, workgroup } of kernels) {
      assert.is(use === null, why !== null);
      if (use !== null) assert.ok(use.registers > 0 && use.registers < 256);
      if (occupancy !== null) assert.ok(occupancy > 0 && occupancy <= 1);
      assert.is(workgroup.length, 3);
    }
  });
}

if (findLibLLVM() !== null) {
  test("explain --target ptx: loops that threads share, and those that run in order", async () => {
    const { stdout } = await place.tsgpu(["explain", "rows.ts", "--target", "ptx", "--json"]);
    const { shared, sequential } = (JSON.parse(stdout) as { gpu: LoopsJson }).gpu;
    assert.equal(
      shared.map(({ line, index, what }) => [line, index, what.split(",")[0]]),
      [
        [4, "i", "a workgroup has an iteration"],
        [7, "i", "a reduction by all workgroups; one of them combines their parts"],
      ],
    );
    assert.equal(
      sequential.map(({ line, index }) => [line, index]),
      [[8, "i"]],
    );
  });
}

interface LoopsJson {
  readonly shared: readonly LoopJson[];
  readonly sequential: readonly LoopJson[];
}
interface LoopJson {
  readonly line: number;
  readonly index: string;
  readonly what: string;
}
interface GpuJson {
  readonly arch: string;
  readonly missing: string | null;
  readonly kernels: readonly {
    readonly use: { readonly registers: number } | null;
    readonly occupancy: number | null;
    readonly workgroup: readonly number[];
  }[];
}

test.run();
