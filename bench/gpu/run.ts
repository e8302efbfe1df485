/** One job on one target: a unit with its arguments in the device's memory, run, measured and read back. */

import { median } from "../../cli/numbers.ts";
import type { Entry, TargetName } from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { KernelProgram } from "../../runtime/device.ts";
import { makeResident, type Resident } from "../../runtime/resident.ts";
import type { Job } from "./jobs.ts";
import type { Source } from "./source.ts";

/** What a run of the launch program took. */
export interface Times {
  /** Of the kernels alone, by the device's own clock. */
  readonly kernels: number;
  /** Of the whole launch program, between the first launch and the last one's end, with what the host does in between. */
  readonly wall: number;
  readonly launches: number;
  /** By kernel, those that took longest first. */
  readonly parts: readonly { readonly kernel: string; readonly launches: number; readonly seconds: number }[];
}

type Parts = Map<string, { readonly launches: number; readonly seconds: number }>;

export class Running {
  private readonly resident: Resident;
  private readonly parts: Parts;
  private readonly profiling: { on: boolean };
  private readonly values: readonly unknown[];
  /** Where in the values what is computed begins: a gradient may leave the function's own arrays in any state. */
  private readonly from: number;
  /** What the arguments' arrays take, those that are read and those that are written: the least that moves. */
  readonly bytes: number;

  private constructor(
    resident: Resident,
    entry: Entry,
    values: readonly unknown[],
    parts: Parts,
    profiling: { on: boolean },
  ) {
    this.resident = resident;
    this.parts = parts;
    this.profiling = profiling;
    this.values = values;
    this.from = entry.derivative === undefined ? 0 : values.length - entry.derivative.extra.length;
    this.bytes = values.reduce<number>((sum, value, k) => {
      const size = flatten(value).reduce((n, a) => n + (ArrayBuffer.isView(a) ? a.byteLength : 0), 0);
      const access = entry.params[k]?.access;
      return sum + (access === "readwrite" ? 2 : access === "none" ? 0 : 1) * size;
    }, 0);
  }

  static async open(job: Job, target: TargetName, source: Source): Promise<Running> {
    const unit = await source.unit(job.subject, target);
    const entry: Entry = unit.artifact.entries[0] ?? bug(`${job.subject.name} has no entry`);
    const values = job.values(entry);
    if (unit.program.kind !== "kernels") return bug(`target ${target} has no launch programs`);
    const profiling = { on: false };
    const { program, parts } = observed(unit.program, profiling);
    return new Running(await makeResident({ ...unit, program }, entry.name, values), entry, values, parts, profiling);
  }

  /** One run on the arguments as they were at first. */
  async run(): Promise<Times> {
    this.resident.reset();
    const start = performance.now();
    const kernels = await this.resident.run();
    return { kernels, wall: (performance.now() - start) / 1000, launches: 0, parts: [] };
  }

  /** The run in the middle of as many as fit in a time: 3 to 50, after one that tells the kernels apart. */
  async timed(budgetSeconds = 0.5): Promise<Times> {
    const parts = await this.profile();
    const first = await this.run();
    const count = Math.max(3, Math.min(50, Math.floor(budgetSeconds / Math.max(first.wall, 1e-6))));
    const all: Times[] = [];
    for (let k = 0; k < count; k++) all.push(await this.run());
    const launches = parts.reduce((n, p) => n + p.launches, 0);
    return { kernels: median(all.map((t) => t.kernels)), wall: median(all.map((t) => t.wall)), launches, parts };
  }

  /** What the last run has computed, array by array, and its results. */
  async numbers(): Promise<readonly ArrayLike<number>[]> {
    const result = await this.resident.download();
    return [...this.values.slice(this.from), result].flatMap(flatten);
  }

  private async profile(): Promise<Times["parts"]> {
    const { parts } = this;
    parts.clear();
    this.profiling.on = true;
    await this.run();
    this.profiling.on = false;
    return [...parts].map(([kernel, part]) => ({ kernel, ...part })).sort((a, b) => b.seconds - a.seconds);
  }

  dispose(): void {
    this.resident.dispose();
  }
}

/** A program that waits for each launch, and keeps count of them, while it is profiled. */
function observed(
  program: KernelProgram,
  profiling: { on: boolean },
): { readonly program: KernelProgram; readonly parts: Parts } {
  const parts: Parts = new Map();
  const launch: KernelProgram["launch"] = async (kernel, args) => {
    const outcome = await program.launch(kernel, args);
    if (!profiling.on) return outcome;
    const seconds = outcome.seconds + ((await program.finish?.()) ?? 0);
    const part = parts.get(kernel.name) ?? { launches: 0, seconds: 0 };
    parts.set(kernel.name, { launches: part.launches + 1, seconds: part.seconds + seconds });
    return { ...outcome, seconds };
  };
  const handler: ProxyHandler<KernelProgram> = {
    get: (of, name) => {
      if (name === "launch") return launch;
      const member: unknown = Reflect.get(of, name);
      return typeof member === "function" ? member.bind(of) : member;
    },
  };
  return { program: new Proxy(program, handler), parts };
}

/** The arrays of numbers in a value: an NdArray's data, a typed array, rows, a scalar. */
function flatten(value: unknown): readonly ArrayLike<number>[] {
  if (typeof value === "number") return [[value]];
  if (typeof value === "boolean") return [[Number(value)]];
  if (typeof value !== "object" || value === null) return [];
  if (ArrayBuffer.isView(value)) return [value as Float64Array];
  if ("data" in value && "shape" in value) return [value.data as Float64Array];
  return Object.values(value).flatMap(flatten);
}

/** max |Δ| over max |expected| of the worst array; infinite where one has what the other has not. */
export function worstError(actual: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (const [k, want] of expected.entries()) {
    const got = actual[k] as ArrayLike<number>;
    if (got.length !== want.length) return Infinity;
    let [largest, error] = [0, 0];
    for (let i = 0; i < want.length; i++) {
      const [x, y] = [got[i] as number, want[i] as number];
      if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
      if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
      if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
      error = Math.max(error, Math.abs(x - y));
    }
    if (error > 0) worst = Math.max(worst, error / largest);
  }
  return worst;
}
