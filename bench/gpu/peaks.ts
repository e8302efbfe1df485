/** What the GPU can do at most, and what every launch and copy costs: measured by kernels of our own, and by copies. */
import type { DType } from "../../polybench/array.ts";
import { array } from "../../runtime/array.ts";
import type { KernelProgram } from "../../runtime/device.ts";
import type { Job, Subject } from "./jobs.ts";
import { Running } from "./run.ts";
import type { Source } from "./source.ts";

export interface Peak {
  readonly dtype: "f64" | "f32";
  /** A second. */
  readonly flops: number;
  readonly bytes: number;
}
export interface Overheads {
  /** Of a launch that does nothing: from the call to the return, and on the GPU. */
  readonly launchSeconds: number;
  readonly launchOnDevice: number;
  /** Bytes a second between host and GPU. */
  readonly upload: number;
  readonly download: number;
}

const file = new URL("./kernels/peaks.ts", import.meta.url);
const dtypes = ["f64", "f32"] as const;

/** The kernels that peaks are measured by. */
export const peakSubjects: readonly Subject[] = [
  ...dtypes.flatMap((T) => ["triad", "chains"].map((name) => subject(name, T))),
  subject("nothing", "f64"),
];

function subject(name: string, T: "f64" | "f32"): Subject {
  return { name: `peak-${name}-${T}`, file, options: { kernels: [name], real: T } };
}

/** A run of one of these kernels as a job; nobody compares its result. */
const job = (name: string, dtype: "f64" | "f32", values: () => readonly unknown[]): Job => ({
  ...{ kernel: name, group: "test set", part: "primal", dtype: dtype as DType, tolerance: 0 },
  subject: subject(name, dtype),
  values,
});

const filled = (dtype: "f64" | "f32", length: number): ReturnType<typeof array> =>
  array((dtype === "f64" ? new Float64Array(length) : new Float32Array(length)).fill(0.5) as Float64Array, [length]);

async function secondsOf(source: Source, what: Job): Promise<{ readonly kernels: number; readonly wall: number }> {
  const running = await Running.open(what, "cuda", source);
  try {
    return await running.timed(1);
  } finally {
    running.dispose();
  }
}

/** `memory`: of the GPU, in bytes. */
export async function measurePeaks(source: Source, memory: number): Promise<readonly Peak[]> {
  const peaks: Peak[] = [];
  for (const dtype of dtypes) {
    // More than any cache holds: 40 Mi elements in each of three arrays.
    const length = Math.min(40 * 2 ** 20, Math.floor(memory / 64));
    const size = dtype === "f64" ? 8 : 4;
    const triad = job("triad", dtype, () => [filled(dtype, length), filled(dtype, length), filled(dtype, length), 3]);
    const [threads, steps] = [2 ** 20, 4096];
    const chains = job("chains", dtype, () => [filled(dtype, threads), 0.999, 0.001, steps]);
    const moved = (await secondsOf(source, triad)).kernels;
    const computed = (await secondsOf(source, chains)).kernels;
    peaks.push({ dtype, bytes: (3 * size * length) / moved, flops: (2 * 8 * steps * threads) / computed });
  }
  return peaks;
}

export async function measureOverheads(source: Source, memory: number): Promise<Overheads> {
  const empty = await secondsOf(
    source,
    job("nothing", "f64", () => [filled("f64", 1)]),
  );
  const { program } = await source.unit(subject("nothing", "f64"), "cuda");
  const copies = await copySpeed(program as KernelProgram, Math.min(2 ** 24, Math.floor(memory / 64)));
  return { launchSeconds: empty.wall, launchOnDevice: empty.kernels, ...copies };
}

async function copySpeed(program: KernelProgram, length: number): Promise<Pick<Overheads, "upload" | "download">> {
  const data = new Float64Array(length).fill(1);
  const there = program.alloc("f64", [data.length]);
  const rate = async (copy: () => unknown): Promise<number> => {
    const all = async (times: number): Promise<void> => {
      for (let k = 0; k < times; k++) await copy();
      await program.read(there, 0);
    };
    await all(1);
    const start = performance.now();
    await all(5);
    return (5 * data.byteLength) / ((performance.now() - start) / 1000);
  };
  const upload = await rate(() => program.upload(there, data));
  const speeds = { upload, download: await rate(() => program.download(there, data)) };
  program.free(there);
  return speeds;
}
