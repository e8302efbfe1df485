/** The stand-in for CUDA's driver of fake-driver.c: compiled, put in the driver's place, and asked what it saw. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCC } from "../../../compiler/backend/cc.ts";
import { loadKoffi } from "../../../compiler/backend/libllvm-api.ts";

/** Where a CUDA toolkit has its headers, if there is one. */
export const cudaHeader = [process.env.CUDA_HOME, process.env.CUDA_PATH, "/usr/local/cuda"]
  .map((root) => join(root ?? "", "include", "cuda.h"))
  .find((file) => file !== "include/cuda.h" && existsSync(file));

/** How a kernel is run in the stand-in's place: 0, or the CUresult that the launch fails with. */
export type Runner = (
  name: string,
  image: string,
  params: bigint,
  gx: number,
  gy: number,
  gz: number,
  bx: number,
  by: number,
  bz: number,
) => number;

export interface FakeCuda {
  readonly path: string;
  /** The n-th call of a function from now on gives this CUresult. */
  fail(call: string, nth: number, result: number): void;
  /** Makes a broken context whole, and forgets failures that are to come. */
  mend(): void;
  set(what: { readonly devices?: number; readonly queries?: number; readonly threads?: number }): void;
  run(runner: Runner): void;
  /** The calls since the last time. */
  calls(): readonly string[];
  /** What was done wrong since the last time. */
  faults(): string;
  /** The bytes from an address to the end of its allocation; 0 where nothing is allocated. */
  extent(address: bigint): number;
  bytesInUse(): number;
  modules(): number;
}

/** Compiles the stand-in and names it in TSGPU_CUDA; the reason where it cannot. */
export async function fakeCuda(): Promise<FakeCuda | string> {
  const cc = await findCC();
  if (cc === null) return "there is no C compiler";
  const folder = mkdtempSync(join(tmpdir(), "tsgpu-fake-cuda-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "libcuda-fake.so");
  const source = fileURLToPath(new URL("./fake-driver.c", import.meta.url));
  const header = cudaHeader === undefined ? [] : ["-DHAVE_CUDA_H", `-I${join(cudaHeader, "..")}`];
  const flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", ...header];
  execFileSync(cc.command, [...flags, "-o", path, source], { stdio: ["ignore", "inherit", "inherit"] });
  process.env.TSGPU_CUDA = path;
  const koffi = loadKoffi();
  const library = koffi.load(path);
  const set = library.func("void fake_set(int, int, int)");
  const run = library.func("void fake_run(void *)");
  const runner = koffi.pointer(
    koffi.proto("int", ["const char *", "const char *", "void *", ...Array(6).fill("unsigned int")]),
  );
  const calls = library.func("const char *fake_calls()");
  return {
    path,
    fail: library.func("void fake_fail(const char *, int, int)") as unknown as FakeCuda["fail"],
    mend: library.func("void fake_mend()") as unknown as FakeCuda["mend"],
    set: ({ devices = 1, queries = 0, threads = 1024 }) => set(devices, queries, threads),
    run: (f) => run(koffi.register(f, runner)),
    calls: () => (calls() as string).split("\n").filter((line) => line !== ""),
    faults: library.func("const char *fake_faults()") as unknown as FakeCuda["faults"],
    extent: library.func("double fake_extent(uint64_t)") as unknown as FakeCuda["extent"],
    bytesInUse: library.func("double fake_in_use()") as unknown as FakeCuda["bytesInUse"],
    modules: library.func("int fake_live_modules()") as unknown as FakeCuda["modules"],
  };
}
