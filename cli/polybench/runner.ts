/** A program loaded on one lane with its arguments: run once for its result, then warmed up and timed. */
import type { Entry, TargetName } from "../../compiler/artifact.ts";
import { funcNamed } from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Func, Module } from "../../compiler/ir/ir.ts";
import type { FlatArray } from "../../polybench/array.ts";
import { array } from "../../runtime/array.ts";
import type { Unit } from "../../runtime/call.ts";
import { type JitOptions, jit } from "../../runtime/jit.ts";
import { makeResident, type Resident } from "../../runtime/resident.ts";
import { median, parallelFraction } from "../numbers.ts";
import { slowTargets } from "../toolchains.ts";
import type { Lane, Plan } from "./plan.ts";

export type OpenOptions = Pick<Plan, "mode" | "deterministic" | "cache" | "settings">;

/** What is run: the one entry of a compiled file. */
export interface Subject {
  readonly file: URL;
  readonly options: JitOptions;
  /** Arguments of its own for each runner, in order. */
  readonly arguments: (entry: Entry) => readonly (FlatArray | number)[];
}

/**
 * How long to run before measuring. JavaScript and wasm are compiled again, better, once they turn out to run often;
 * machine code only has to come into the caches.
 */
const warmSeconds: Readonly<Partial<Record<TargetName, number>>> = { node: 0.2, wasm: 0.2, native: 0.02, c: 0.02 };
/** What the repetitions of one lane may take together. */
const budgetSeconds = 0.3;
const fewest = 3;
const most = 50;

export class Runner {
  readonly lane: Lane;
  readonly entry: Entry;
  /** The launch program, and the module that it is of. */
  readonly host: Func;
  readonly program: Module;
  /** The arrays are what the latest run that was asked for left of them. */
  readonly args: readonly (FlatArray | number)[];
  private readonly resident: Resident;
  private latest = Infinity;
  private readonly times: number[] = [];

  private constructor(lane: Lane, { artifact }: Unit, entry: Entry, args: Runner["args"], resident: Resident) {
    this.lane = lane;
    this.entry = entry;
    this.program = artifact.program;
    this.host = funcNamed(artifact.program, entry.name) ?? bug(`no launch program @${entry.name}`);
    this.args = args;
    this.resident = resident;
  }

  /** Compiles, loads and copies the arguments there. @throws CompileError or LaunchError. */
  static async open(
    lane: Lane,
    subject: Subject,
    { mode, deterministic, cache, settings }: OpenOptions,
  ): Promise<Runner> {
    const cc = lane.cc === undefined ? {} : { cc: lane.cc };
    const unit = await jit(subject.file, {
      target: lane.target,
      mode,
      deterministic,
      cache,
      ...settings,
      ...subject.options,
      ...cc,
    });
    const entry = unit.artifact.entries[0] ?? bug(`${subject.file} has no entry`);
    const args = subject.arguments(entry);
    const values = args.map((arg) => (typeof arg === "number" ? arg : array(arg.data as Float64Array, arg.shape)));
    return new Runner(lane, unit, entry, args, await makeResident(unit, entry.name, values));
  }

  /** The result of the first run, which this is unless it has been; `args` are as it left them until the next run. */
  async first(): Promise<unknown> {
    if (this.latest === Infinity) await this.run();
    return this.last();
  }

  /** The result of the latest run, and `args` as it left them. */
  async last(): Promise<unknown> {
    return this.resident.download();
  }

  /** Brings the code to its final speed; its first run has been. */
  async warmUp(): Promise<void> {
    const { target } = this.lane;
    const limit = warmSeconds[target] ?? 0;
    const start = performance.now();
    let pause = start;
    // V8 puts better code of JavaScript in place within a run, that of wasm only between runs.
    const enough = target === "wasm" ? Infinity : limit;
    if (this.latest >= enough) return;
    for (let n = 0; n === 0 || performance.now() - start < 1000 * limit; n++) {
      if (n === 0 || performance.now() - pause > 20) {
        // What other threads have compiled comes in.
        await new Promise((resolve) => setTimeout(resolve, 1));
        pause = performance.now();
      }
      await this.run();
    }
  }

  /** How often to run, when nobody says. */
  repetitions(): number {
    if (this.lane.target !== "simulator" && slowTargets.has(this.lane.target)) return 1;
    return Math.max(fewest, Math.min(most, Math.floor(budgetSeconds / this.latest)));
  }

  async time(): Promise<void> {
    this.times.push(await this.run());
  }

  /** The median. */
  get seconds(): number {
    return median(this.times);
  }

  /** Of the latest run, the part of the statements in grid and threads loops; null where nobody counts. */
  get parallelFraction(): number | null {
    const statements = this.resident.statements();
    return statements && parallelFraction(statements);
  }

  dispose(): void {
    this.resident.dispose();
  }

  private async run(): Promise<number> {
    this.resident.reset();
    this.latest = await this.resident.run();
    return this.latest;
  }
}
