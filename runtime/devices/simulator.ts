/**
 * Device simulator: kernels of a GPU, run on the CPU one workgroup after another in an order that a seed decides, with books kept of
 * every access (compiler/simulator). A launch in which two threads race, an access is outside of its array, or something
 * is read that nobody has written fails, and says where.
 *
 * The loops run on device native, or on the interpreter where the artifact holds no machine code. Their arrays are those of that
 * device; each that a kernel writes gets a shadow of a dozen words an element the first time.
 */
import type { Artifact } from "../../compiler/artifact.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import type { ElemType, Func, Value } from "../../compiler/ir/ir.ts";
import { type Extra, type Simulated, simulate, simulateKernels } from "../../compiler/simulator/instrument.ts";
import {
  finding,
  findingWords,
  orders,
  shadowWords,
  state,
  stateWords,
  totals,
} from "../../compiler/simulator/layout.ts";
import { type Flat, product } from "../array.ts";
import type {
  Device,
  DeviceArray,
  KernelArg,
  KernelProgram,
  Later,
  Outcome,
  Program,
  Settings,
  Statements,
} from "../device.ts";
import { LaunchError } from "../launch-error.ts";
import { tell } from "./simulator-findings.ts";

export const simulator: Device = {
  target: "simulator",
  async load(artifact, settings = {}) {
    const { seed = 0 } = settings;
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new LaunchError("TG3018", artifact.file, `seed takes an integer from 0 on, not ${seed}`);
    }
    return new SimulatorProgram(kernelsOf(await loadLoops(artifact)), settings);
  },
};

async function loadLoops(artifact: Artifact): Promise<Program> {
  if (artifact.code === null) {
    const { interp } = await import("./interp.ts");
    return interp.load({ ...artifact, program: simulateKernels(artifact.program) });
  }
  const { native } = await import("./native.ts");
  return native.load(artifact);
}

const kernelsOf = (p: Program): KernelProgram => (p.kind === "kernels" ? p : bug("simulated kernels are no functions"));

/** A kernel with what stays its own from launch to launch. */
interface Kernel {
  readonly simulated: Simulated;
  /** The memory of its shared and local arrays, and their books. */
  readonly own: ReadonlyMap<Extra, DeviceArray>;
  readonly findings: DeviceArray;
}

class SimulatorProgram implements KernelProgram {
  readonly kind = "kernels";
  private readonly loops: KernelProgram;
  private readonly state: DeviceArray;
  private readonly orders: DeviceArray;
  private readonly kernels = new Map<Func, Kernel>();
  private readonly shadows = new Map<DeviceArray, DeviceArray>();
  private counted: Statements = { parallel: 0, sequential: 0 };

  constructor(loops: KernelProgram, { seed = 0, unwritten = false }: Settings = {}) {
    this.loops = loops;
    const start = new Float64Array(stateWords);
    start[state.random] = 1 + ((seed * 7919 + 1) % (2 ** 31 - 2));
    start[state.zeros] = Number(unwritten);
    this.state = loops.wrap("index", [stateWords], start);
    this.orders = loops.wrap("index", [orders.length], Float64Array.from(orders));
  }

  alloc(elem: ElemType, shape: readonly number[]): DeviceArray {
    return this.loops.alloc(elem, shape);
  }
  /** A copy: any launch may fail, and leaves its arrays in any state then. */
  wrap(elem: ElemType, shape: readonly number[], data: Flat): DeviceArray {
    const array = this.loops.alloc(elem, shape);
    this.loops.upload(array, data);
    return array;
  }
  upload(to: DeviceArray, data: Flat): void {
    this.loops.upload(to, data);
  }
  download(from: DeviceArray, data: Flat): void {
    this.loops.download(from, data);
  }
  copy(from: DeviceArray, fromAt: number, to: DeviceArray, toAt: number, count: number): void {
    this.loops.copy(from, fromAt, to, toAt, count);
  }
  read(from: DeviceArray, position: number): Later<Datum> {
    return this.loops.read(from, position);
  }
  free(array: DeviceArray): void {
    const shadow = this.shadows.get(array);
    if (shadow !== undefined) this.loops.free(shadow);
    this.shadows.delete(array);
    this.loops.free(array);
  }

  async launch(kernel: Func, args: readonly KernelArg[]): Promise<Outcome> {
    const { simulated, findings, all } = this.prepare(kernel, args);
    return this.outcome(kernel, args, simulated, findings, await this.loops.launch(simulated.kernel, all));
  }

  launchSync(kernel: Func, args: readonly KernelArg[]): Outcome {
    const { simulated, findings, all } = this.prepare(kernel, args);
    return this.outcome(kernel, args, simulated, findings, this.loops.launchSync(simulated.kernel, all));
  }

  dispose(): void {
    this.loops.dispose();
  }

  private prepare(kernel: Func, args: readonly KernelArg[]): Kernel & { readonly all: readonly KernelArg[] } {
    const known = this.kernels.get(kernel) ?? this.make(kernel);
    const books = known.simulated.extra.map((extra): KernelArg => {
      if (extra.role === "state") return this.state;
      if (extra.role === "orders") return this.orders;
      const own = known.own.get(extra);
      return own ?? this.shadowOf(args[kernel.params.indexOf(extra.of as Value)] as DeviceArray);
    });
    return { ...known, all: [...args, ...books] };
  }

  private make(kernel: Func): Kernel {
    const simulated = simulate(kernel);
    const own = new Map<Extra, DeviceArray>();
    for (const extra of simulated.extra) {
      const { elem, dims } = extra.param.type;
      // State and orders are the program's; shadows of parameters are the argument's.
      if (extra.role === "state" || extra.role === "orders" || !dims.every((d) => d.kind === "const")) continue;
      own.set(
        extra,
        this.loops.alloc(
          elem,
          dims.map((d) => Number(d.kind === "const" && d.value)),
        ),
      );
    }
    const findings = [...own].find(([extra]) => extra.role === "findings")?.[1] ?? bug("a kernel without findings");
    const made = { simulated, own, findings };
    this.kernels.set(kernel, made);
    return made;
  }

  private shadowOf(array: DeviceArray): DeviceArray {
    let shadow = this.shadows.get(array);
    if (shadow === undefined) {
      shadow = this.loops.alloc("index", [product(array.shape), shadowWords]);
      this.shadows.set(array, shadow);
    }
    return shadow;
  }

  private outcome(
    kernel: Func,
    args: readonly KernelArg[],
    { sites }: Simulated,
    findings: DeviceArray,
    outcome: Outcome,
  ): Outcome {
    if (Number(this.loops.read(findings, totals * findingWords + finding.order)) > 0) {
      const rows = new Float64Array(product(findings.shape));
      this.loops.download(findings, rows);
      this.loops.upload(findings, new Float64Array(rows.length));
      return { ...outcome, finding: tell(kernel, args, sites, rows) };
    }
    const words = new Float64Array(stateWords);
    this.loops.download(this.state, words);
    const before = this.counted;
    this.counted = { parallel: words[state.parallel] ?? 0, sequential: words[state.sequential] ?? 0 };
    const statements = {
      parallel: this.counted.parallel - before.parallel,
      sequential: this.counted.sequential - before.sequential,
    };
    return { ...outcome, statements };
  }
}
