/** Where a thread of a GPU is: the registers that say so, read once at the beginning of a kernel. */
import { type Axis, axes, type Extent } from "../analysis/device-kernel.ts";
import type { FuncWriter } from "./llvm-writer.ts";

export class ThreadRegisters {
  /** Instructions of the entry block that the body's stand behind: these registers, and what else is there from the start. */
  readonly entry: string[] = [];
  private readonly w: FuncWriter;
  private readonly workgroup: Extent;
  private readonly registers = new Map<string, string>();

  constructor(w: FuncWriter, workgroup: Extent) {
    this.w = w;
    this.workgroup = workgroup;
  }

  /** Adds `%hint = text` to the entry block. */
  first(hint: string, text: string): string {
    const name = `%${this.w.names.fresh(hint)}`;
    this.entry.push(`${name} = ${text}`);
    return name;
  }

  extent(axis: Axis): number {
    return this.workgroup[axes.indexOf(axis)] as number;
  }

  /** A register that says where a thread is, as an index below `limit`. */
  register(name: string, limit: number): string {
    let known = this.registers.get(name);
    if (known === undefined) {
      const { module } = this.w;
      module.declare(`declare i32 @llvm.nvvm.read.ptx.sreg.${name}()`);
      const range = module.node(`i32 0, i32 ${limit | 0}`);
      const narrow = this.first(name, `call i32 @llvm.nvvm.read.ptx.sreg.${name}(), !range ${range}`);
      const wide = this.w.index.type === "i64";
      known = wide ? this.first(`${name}.index`, `zext nneg i32 ${narrow} to i64`) : narrow;
      this.registers.set(name, known);
    }
    return known;
  }

  /** The thread's place along an axis. */
  thread(axis: Axis): string {
    const extent = this.extent(axis);
    return extent === 1 ? "0" : this.register(`tid.${axis}`, extent);
  }

  /** The thread's number among those of the workgroup, along x first. */
  number(): string {
    const { w } = this;
    const { type } = w.index;
    const [z, y, x] = (["z", "y", "x"] as const).map((axis) => this.thread(axis));
    const layer = w.let("layer", `mul ${type} ${z}, ${this.extent("y")}`);
    const row = w.let("row", `add ${type} ${layer}, ${y}`);
    const before = w.let("before", `mul ${type} ${row}, ${this.extent("x")}`);
    return w.let("number", `add ${type} ${before}, ${x}`);
  }
}
