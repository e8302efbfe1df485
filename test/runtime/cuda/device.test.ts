/** Device cuda on the stand-in of CUDA's driver: what it calls, in which order, and what becomes of failures. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Artifact, funcNamed } from "../../../compiler/artifact.ts";
import type { ScalarType } from "../../../compiler/ir/ir.ts";
import { parse } from "../../../compiler/ir/parse.ts";
import { verify } from "../../../compiler/ir/verify.ts";
import { call } from "../../../runtime/call.ts";
import type { KernelProgram } from "../../../runtime/device.ts";
import { cudaInfo } from "../../../runtime/devices/cuda.ts";
import { cudaFunctions } from "../../../runtime/devices/cuda-driver.ts";
import { classOf } from "../../../runtime/devices/cuda-memory.ts";
import { loadUnit } from "../../../runtime/jit.ts";
import { LaunchError } from "../../../runtime/launch-error.ts";
import { skip } from "../../skip.ts";
import { arrayOf, entryOf, scalar } from "../units.ts";
import { cudaHeader, type FakeCuda, fakeCuda } from "./fake.ts";

const program = parse(`stage kernel
export host @saxpy(%a: f64, %x: f64[%n], %y: f64[%m]) { launch @saxpy_kernel(%x, %y, %a) }
export host @crash(%x: f64[%n]) { launch @crash_kernel(%x) }
kernel @saxpy_kernel(%x: f64[%n], %y: f64[%m], %a: f64) {
  %up: index = add %n, 255  %groups: index = floordiv %up, 256
  for %g in grid.x(0, %groups) { for %t in threads.x(0, 256) {
    %at: index = mul %g, 256  %i: index = add %at, %t  %in: bool = lt %i, %n
    if %in { %v: f64 = load %x[%i]  %p: f64 = mul %a, %v  accum add %y[%i], %p }
  } }
}
kernel @crash_kernel(%x: f64[%n]) { for %g in grid.y(0, %n) { for %t in threads.x(0, 1) { store %x[0], 0.0f64 } } }
`);

const entryText = (name: string, count: number): string =>
  `.visible .entry ${name}(${Array.from({ length: count }, (_, k) => `.param .u64 ${name}_${k}`).join(", ")}) { ret; }\n`;
const ptx = `.version 7.0\n.target sm_75\n${entryText("saxpy_kernel", 5)}${entryText("crash_kernel", 2)}`;
const artifact: Artifact = {
  target: "cuda",
  file: "kernels.ts",
  entries: [
    entryOf("saxpy", { a: scalar("f64"), x: arrayOf("f64"), y: [arrayOf("f64"), "readwrite"] }),
    entryOf("crash", { x: [arrayOf("f64"), "write"] }),
  ],
  program,
  code: ptx,
};

const fake = await fakeCuda();
if (typeof fake === "string") skip("runtime: device cuda", fake);
else testDevice(fake);

test("classes of sizes waste little", () => {
  for (let bytes = 1; bytes < 2 ** 42; bytes = Math.ceil(bytes * 1.01)) {
    const size = classOf(bytes);
    assert.ok(size >= bytes && size % 256 === 0 && classOf(size) === size, `${bytes}: ${size}`);
    if (bytes > 4096) assert.ok(size <= bytes * 1.13, `${bytes}: ${size}`);
  }
});

const headerText = cudaHeader === undefined ? null : readFileSync(cudaHeader, "utf8");
if (headerText === null) skip("runtime: the declarations of CUDA's driver API", "there is no cuda.h");
else test("the table of functions is what cuda.h declares", () => compareWith(headerText));

/** Kinds of parameters, as far as a call can tell: an address, or a number of a width. */
function kindOf(type: string): string {
  if (/[*]/.test(type) || /^(const )?CU(context|module|function|stream|event)\b/.test(type)) return "address";
  if (/uint64_t|CUdeviceptr/.test(type)) return "64";
  if (/size_t/.test(type)) return "size";
  if (/unsigned char/.test(type)) return "8";
  return /unsigned/.test(type) ? "unsigned" : "int";
}

function compareWith(header: string): void {
  const kinds = (parameters: string): readonly string[] =>
    parameters
      .replace(/__\w+|_Out_/g, "")
      .split(",")
      .map((p) => p.trim())
      .filter((p) => p !== "" && p !== "void")
      .map(kindOf);
  for (const [name, parameters] of Object.entries(cudaFunctions)) {
    const declared = new RegExp(`CUresult CUDAAPI ${name.replace(/_v2$/, "")}\\(([^)]*)\\)`).exec(header);
    assert.ok(declared, `cuda.h has no ${name}`);
    assert.equal(kinds(parameters), kinds(declared[1]!.replace(/\[\]/g, "*")), name);
  }
}

const child = fileURLToPath(new URL("./why.ts", import.meta.url));
/** What a process of that environment says of CUDA. */
const whyWith = (env: Readonly<Record<string, string>>): string =>
  spawnSync(process.execPath, ["--import", "./scripts/dev.mjs", child], {
    encoding: "utf8",
    env: { ...process.env, TSGPU_CUDA: "", ...env },
  }).stdout.trim();

test("no driver: what was looked for, and how to name one", () => {
  assert.is(whyWith({ TSGPU_CUDA: "none" }), "TSGPU_CUDA=none turns CUDA off");
  assert.match(
    whyWith({ TSGPU_CUDA: "/nowhere/libcuda.so" }),
    /^TSGPU_CUDA names \/nowhere\/libcuda\.so: .*cannot open/,
  );
});

async function thrown(run: Promise<unknown>): Promise<LaunchError> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, LaunchError, String(error));
  return error as LaunchError;
}

function testDevice(fake: FakeCuda): void {
  const unit = () => loadUnit(artifact, async () => artifact);
  const kernels = async (): Promise<KernelProgram> => (await unit()).program as KernelProgram;
  const saxpy = funcNamed(program, "saxpy_kernel")!;
  const crash = funcNamed(program, "crash_kernel")!;

  /** A test on a driver that is whole, at the end of which nobody has misused it. */
  const on = (name: string, run: () => void | Promise<void>): void =>
    test(name, async () => {
      fake.mend();
      fake.set({});
      fake.calls();
      fake.faults();
      await run();
      assert.is(fake.faults(), "");
    });

  on("the kernels' programs are right", () => assert.equal(verify(program), []));

  on("a call: arguments up, one launch, results down", async () => {
    const y = Float64Array.of(1, 2, 3);
    await call(await unit(), "saxpy", [2, Float64Array.of(10, 20, 30), y]);
    assert.equal(y, Float64Array.of(21, 42, 63));
    const calls = fake.calls();
    assert.equal(
      calls.filter((line) => line.startsWith("launch")),
      ["launch saxpy_kernel 1,1,1 256,1,1 params 5"],
    );
    assert.ok(calls.indexOf("cuMemcpyDtoHAsync_v2") > calls.indexOf("cuLaunchKernel"));
  });

  on("what the GPU is", () => {
    const { name, arch, maxGrid, multiprocessors, memory, driver } = cudaInfo();
    assert.equal([name, arch, multiprocessors, driver], ["Fake GPU 0", "sm_86", 20, "12.4"]);
    assert.equal(maxGrid, [2147483647, 65535, 65535]);
    assert.is(memory, 64 << 20);
  });

  on("every element type, there and back, whole and one element", async () => {
    const p = await kernels();
    const data = {
      f64: Float64Array.of(0.1, -0),
      f32: Float32Array.of(0.1, 2),
      i32: Int32Array.of(-1, 2),
      u32: Uint32Array.of(2 ** 32 - 1, 1),
      index: Float64Array.of(-(2 ** 53), 7),
      bool: Uint8Array.of(1, 0),
    };
    for (const [elem, given] of Object.entries(data) as [ScalarType, Float64Array][]) {
      const array = p.wrap(elem, [2], given);
      const back = given.slice().fill(0);
      await p.download(array, back);
      assert.equal(back, given);
      assert.is(await p.read(array, 0), elem === "bool" ? true : given[0]);
      p.copy(array, 0, array, 1, 1);
      assert.is(await p.read(array, 1), elem === "bool" ? true : given[0]);
      p.free(array);
    }
  });

  on("new arrays are zeros, also where memory is used again; arrays of nothing do no harm", async () => {
    const p = await kernels();
    const first = p.wrap("f64", [8], new Float64Array(8).fill(7));
    p.free(first);
    const again = p.alloc("f64", [2, 4]);
    const back = new Float64Array(8).fill(5);
    await p.download(again, back);
    assert.equal(back, new Float64Array(8));
    p.free(again);
    const none = p.wrap("f64", [3, 0], new Float64Array(0));
    await p.download(none, new Float64Array(0));
    p.copy(none, 0, none, 0, 0);
    p.free(none);
    p.free(p.alloc("i32", [0]));
  });

  on("large arrays go through pinned memory, in chunks", async () => {
    const p = await kernels();
    const data = Float64Array.from({ length: 1_700_001 }, (_, k) => k);
    const array = p.wrap("f64", [data.length], data);
    const back = new Float64Array(data.length);
    await p.download(array, back);
    assert.ok(back.every((x, k) => x === k));
    p.free(array);
    const calls = fake.calls();
    assert.is(calls.filter((name) => name === "cuMemcpyHtoDAsync_v2").length, 4);
    assert.is(calls.filter((name) => name === "cuMemcpyDtoHAsync_v2").length, 4);
  });

  on("the event loop runs while kernels do, and their time is the GPU's", async () => {
    const p = await kernels();
    fake.set({ queries: 40 });
    const x = p.alloc("f64", [4]);
    assert.equal(await p.launch(saxpy, [x, p.alloc("f64", [4]), 1]), { status: 0, index: 0, seconds: 0 });
    await p.launch(saxpy, [x, x, 1]);
    assert.not.ok(
      fake.calls().some((name) => /Synchronize|Query/.test(name)),
      "a launch waits for another",
    );
    let turns = 0;
    const turn = (): void => void (turns++ < 1000 && setImmediate(turn));
    turn();
    assert.is(await p.finish?.(), 0.004);
    assert.ok(turns > 20, `${turns} turns of the event loop`);
    assert.is(await p.finish?.(), 0);
  });

  on("long queues are waited for, and all times are in the sum", async () => {
    const p = await kernels();
    const x = p.alloc("f64", [4]);
    for (let k = 0; k < 600; k++) await p.launch(saxpy, [x, x, 0]);
    assert.ok(Math.abs((await p.finish!()) - 1.2) < 1e-6);
  });

  on("no elements: no launch", async () => {
    const p = await kernels();
    const x = p.alloc("f64", [0]);
    await p.launch(saxpy, [x, x, 1]);
    assert.is(await p.finish?.(), 0);
    assert.not.ok(fake.calls().includes("cuLaunchKernel"));
  });

  on("grids are no larger than the GPU's limits: kernels step", async () => {
    const p = await kernels();
    const x = p.alloc("f64", [70000]);
    fake.fail("cuLaunchKernel", 1, 701);
    const error = await thrown(p.launch(crash, [x]));
    assert.match(
      error.message,
      /crash_kernel: on a grid of 1 × 65535 × 1 workgroups of 1 × 1 × 1 threads: cuLaunchKernel/,
    );
    p.free(x);
  });

  on("a launch that the driver refuses fails alone, and says which, how large and why", async () => {
    const u = await unit();
    fake.fail("cuLaunchKernel", 1, 701);
    const y = Float64Array.of(1);
    const error = await thrown(call(u, "saxpy", [1, Float64Array.of(1), y]));
    assert.is(error.code, "TG3017");
    assert.match(
      error.message,
      /saxpy_kernel: on a grid of 1 × 1 × 1 workgroups of 256 × 1 × 1 threads: cuLaunchKernel: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES \(701\): too many resources/,
    );
    assert.equal(y, Float64Array.of(1));
    await call(u, "saxpy", [1, Float64Array.of(1), y]);
    assert.equal(y, Float64Array.of(2));
  });

  on("a workgroup that the kernel's registers leave no room for is refused before it is launched", async () => {
    fake.set({ threads: 128 });
    const p = await kernels();
    const x = p.alloc("f64", [4]);
    const error = await thrown(p.launch(saxpy, [x, x, 1]));
    assert.match(error.message, /at most 128 threads, 32 registers each, and it has 256/);
  });

  on("PTX that the driver's compiler refuses is shown with what it says", async () => {
    const broken = { ...artifact, code: "nonsense" };
    const error = await thrown(loadUnit(broken, async () => broken));
    assert.is(error.code, "TG3017");
    assert.match(
      error.message,
      /kernels\.ts: the driver does not load the PTX: .*INVALID_PTX \(218\).*\nptxas .*line 1; fatal/s,
    );
  });

  on("PTX that is too new for driver or GPU: what to do", async () => {
    fake.fail("cuModuleLoadDataEx", 1, 222);
    assert.match((await thrown(kernels())).message, /the driver knows CUDA 12\.4: install a newer one/);
    fake.fail("cuModuleLoadDataEx", 1, 209);
    assert.match((await thrown(kernels())).message, /the PTX is for sm_75, Fake GPU 0 is sm_86/);
  });

  on("a kernel that the PTX lacks", async () => {
    const p = (await loadUnit({ ...artifact, code: ptx.replaceAll("crash", "crush") }, async () => artifact)).program;
    const x = (p as KernelProgram).alloc("f64", [1]);
    assert.match(
      (await thrown((p as KernelProgram).launch(crash, [x]))).message,
      /crash_kernel: cuModuleGetFunction: .*\(500\)/,
    );
  });

  on("code is given back once", async () => {
    const before = fake.modules();
    const p = await kernels();
    assert.is(fake.modules(), before + 1);
    p.dispose();
    assert.is(fake.modules(), before);
    p.dispose();
    assert.is(fake.modules(), before);
  });

  on("memory is used again, and goes back to the driver when there is too much of it or none left", async () => {
    const p = await kernels();
    const mebibyte = 2 ** 17;
    p.free(p.alloc("f64", [mebibyte]));
    fake.calls();
    p.free(p.alloc("f64", [mebibyte]));
    p.free(p.alloc("f64", [mebibyte - 5]));
    assert.not.ok(fake.calls().includes("cuMemAlloc_v2"));
    // A quarter of the GPU's 64 MiB may wait.
    const arrays = Array.from({ length: 24 }, () => p.alloc("f64", [mebibyte]));
    for (const array of arrays) p.free(array);
    assert.ok(fake.bytesInUse() <= 17 << 20, `${fake.bytesInUse()}`);
    // More than is left beside what waits.
    const large = p.alloc("f64", [55 * mebibyte]);
    assert.throws(
      () => p.alloc("f64", [20 * mebibyte]),
      (e: unknown) =>
        e instanceof RangeError && /Fake GPU 0 has \d+ of 64 MiB free, where 20 are wanted/.test(e.message),
    );
    p.free(large);
    p.free(p.alloc("f64", [20 * mebibyte]));
  });

  on("a call that does not fit fails with the reason, and leaves no memory behind", async () => {
    const u = await unit();
    const size = 5 * 2 ** 20;
    const error = await thrown(call(u, "saxpy", [1, new Float64Array(size), new Float64Array(size)]));
    assert.is(error.code, "TG3014");
    assert.match(error.message, /no memory for y, 5242880 f64/);
    assert.match((error.cause as Error).message, /MiB free/);
    await call(u, "saxpy", [1, new Float64Array(size / 2), new Float64Array(size / 2)]);
  });

  on("memory goes back where filling it fails", async () => {
    const p = await kernels();
    const before = fake.bytesInUse();
    fake.fail("cuMemsetD8Async", 1, 1);
    assert.throws(() => p.alloc("f64", [99991]), /cuMemsetD8Async: CUDA_ERROR_INVALID_VALUE/);
    const bytes = fake.bytesInUse();
    p.free(p.alloc("f64", [99991]));
    assert.is(fake.bytesInUse(), bytes);
    assert.ok(bytes > before);
  });

  on("calls of several programs in one stream", async () => {
    const [a, b] = [await unit(), await unit()];
    const y = Float64Array.of(0, 0);
    await Promise.all([a, b, a].map((u, k) => call(u, "saxpy", [10 ** k, Float64Array.of(1, 2), y])));
    assert.equal(y, Float64Array.of(111, 222));
  });

  on("a failed launch leaves nothing in the queue", async () => {
    const p = await kernels();
    const x = p.alloc("f64", [4]);
    await p.launch(saxpy, [x, x, 1]);
    fake.fail("cuLaunchKernel", 1, 1);
    await thrown(p.launch(saxpy, [x, x, 1]));
    assert.is(await p.finish?.(), 0);
  });

  on("a kernel that breaks the GPU fails, and all that come after it with the same cause", async () => {
    const u = await unit();
    await call(u, "saxpy", [1, Float64Array.of(1), Float64Array.of(1)]);
    const p = u.program as KernelProgram;
    const x = p.alloc("f64", [1]);
    const first = await thrown(call(u, "crash", [Float64Array.of(1, 2)]));
    assert.is(first.code, "TG3028");
    assert.match(
      first.message,
      /crash_kernel: Fake GPU 0 \(GPU 0\) was lost, on a grid of 1 × 2 × 1 .*ILLEGAL_ADDRESS \(700\)/,
    );
    assert.is((await thrown(p.launch(saxpy, [x, x, 1]))).message, first.message);
    const y = Float64Array.of(1);
    const later = await thrown(call(u, "saxpy", [1, Float64Array.of(1), y]));
    assert.is(later.code, "TG3028");
    assert.is(later.cause, first.cause);
    assert.is(later.message, first.message);
    assert.equal(y, Float64Array.of(1));
    const reload = await thrown(loadUnit(artifact, async () => artifact));
    assert.is(reload.cause, first.cause);
    // Nothing is asked of the driver any more.
    fake.calls();
    u.program.dispose();
    assert.equal(fake.calls(), []);
  });

  on("a driver without a GPU, and one that does not start", () => {
    const env = { TSGPU_CUDA: fake.path };
    assert.match(whyWith({ ...env, FAKE_CUDA: "none" }), /cannot be used: cuInit: CUDA_ERROR_NO_DEVICE \(100\)/);
    assert.match(
      whyWith({ ...env, FAKE_CUDA: "999" }),
      /cannot be used: cuInit: unknown result \(999\): no description/,
    );
    assert.is(whyWith({ ...env, TSGPU_DEVICE: "0" }), "Fake GPU 0");
    assert.match(whyWith({ ...env, TSGPU_DEVICE: "1" }), /there is no GPU 1: CUDA counts 1, from 0/);
    assert.match(whyWith({ ...env, TSGPU_DEVICE: "first" }), /TSGPU_DEVICE=first is no number/);
  });
}

test.run();
