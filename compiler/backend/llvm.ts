/**
 * Kernels as LLVM IR text, valid for LLVM 19 to 22: the one printer behind the native and wasm targets.
 *
 * Each kernel is two functions. Its entry has the kernel's name, takes the argument block (artifact.ts) and only unpacks
 * it; the body takes every array as a parameter of its own, because that is where LLVM learns that arrays do not overlap
 * and which of them are only read. A body is not inlined, or that knowledge would be lost.
 */
import { elemBytes, type Layout, layoutOf, type Slot } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import type { ArrayValue, Check, Func, Module, Value } from "../ir/ir.ts";
import { isArray } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import { block, failBlock } from "./llvm-block.ts";
import {
  type Attributes,
  attribute,
  FuncWriter,
  type LlvmTarget,
  llvmType,
  ModuleWriter,
  symbol,
} from "./llvm-writer.ts";

export type { LlvmTarget } from "./llvm-writer.ts";

/** The LLVM IR text of every kernel of a module of stage `kernel`. */
export function printLlvm(m: Module, target: LlvmTarget): string {
  if (m.stage !== "kernel") bug(`printLlvm got a module of stage ${m.stage}`);
  const module = new ModuleWriter(target);
  const functions = m.funcs.filter((f) => f.kind === "kernel").flatMap((f) => printKernel(module, f));
  return module.finish(functions);
}

/** A parameter of the body: something that the block holds. */
interface BodyParam {
  readonly declaration: string;
  /** Reads it from the block, in the entry; returns the argument. */
  readonly unpack: (w: FuncWriter) => string;
}

function printKernel(module: ModuleWriter, kernel: Func): readonly string[] {
  const w = new FuncWriter(module);
  const error = `%${w.names.fresh("error")}`;
  const fail = w.names.fresh("fail");
  const layout = layoutOf(kernel);
  for (const v of kernel.params.flatMap((p) => [p, ...axesOf(p)])) w.bind(v, `%${w.names.fresh(v.hint)}`);

  const scope = { w, checks: numberChecks(kernel), failures: [], fail };
  block(scope, kernel.body);
  w.line("ret i32 0");
  failBlock(scope, error);

  const params = [...bodyParams(kernel, layout, w), ...(scope.checks.size > 0 ? [errorParam(layout, error)] : [])];
  const name = symbol(`${kernel.name}.body`);
  const list = params.map((p) => p.declaration).join(", ");
  const group: Attributes = mayNotEnd(kernel) ? "openBody" : "body";
  const body = `define internal i32 ${name}(${list}) ${attribute[group]} {\nentry:\n${w.lines.join("\n")}\n}`;
  return [printEntry(module, kernel, name, params), body];
}

/** The entry reads from the block what the body takes, and no more. */
function printEntry(module: ModuleWriter, kernel: Func, body: string, params: readonly BodyParam[]): string {
  const w = new FuncWriter(module);
  w.names.fresh("args");
  const args = params.map((p) => p.unpack(w)).join(", ");
  w.line(`ret i32 ${w.let("status", `call i32 ${body}(${args})`)}`);
  return `define i32 ${symbol(kernel.name)}(ptr %args) ${attribute.entry} {\n${w.lines.join("\n")}\n}`;
}

/** The parameters that the body uses: arrays, then sizes and scalars where they stand in the block. */
function bodyParams(kernel: Func, layout: Layout, w: FuncWriter): readonly BodyParam[] {
  const access = arrayAccess(kernel);
  return kernel.params.flatMap((p, k) => {
    const slot = layout.slots[k] ?? bug("a parameter without a slot");
    if (!isArray(p)) return w.used.has(p) && slot.kind === "scalar" ? [scalarParam(p, slot, w.ref(p))] : [];
    if (slot.kind !== "array") return bug(`%${p.hint} has a scalar's slot`);
    const array = w.used.has(p) ? [arrayParam(p, slot, w.ref(p), access)] : [];
    const sizes = p.type.dims.flatMap((d, axis) =>
      d.kind === "value" && w.used.has(d) ? [wordParam("i64", d.hint, w.ref(d), slot.sizes + 8 * axis)] : [],
    );
    return [...array, ...sizes];
  });
}

function wordParam(type: string, hint: string, name: string, at: number): BodyParam {
  return {
    declaration: `${type} noundef ${name}`,
    unpack: (w) => `${type} ${w.let(hint, `load ${type}, ptr ${slotAddress(w, at)}`)}`,
  };
}

function scalarParam(p: Value, slot: Slot & { readonly kind: "scalar" }, name: string): BodyParam {
  if (slot.type !== "bool") return wordParam(llvmType[slot.type], p.hint, name, slot.at);
  return {
    declaration: `i1 noundef ${name}`,
    unpack(w) {
      const byte = w.let("byte", `load i8, ptr ${slotAddress(w, slot.at)}`);
      return `i1 ${w.let(p.hint, `icmp ne i8 ${byte}, 0`)}`;
    },
  };
}

function arrayParam(
  p: ArrayValue,
  slot: Slot & { readonly kind: "array" },
  name: string,
  access: { readonly read: ReadonlySet<Value>; readonly written: ReadonlySet<Value> },
): BodyParam {
  const only = !access.written.has(p) ? "readonly " : !access.read.has(p) ? "writeonly " : "";
  return {
    declaration: `ptr noalias ${only}noundef align ${elemBytes[slot.elem]} ${name}`,
    unpack: (w) => `ptr ${w.let(p.hint, `load ptr, ptr ${slotAddress(w, slot.pointer)}`)}`,
  };
}

const errorParam = (layout: Layout, name: string): BodyParam => ({
  declaration: `ptr noalias writeonly noundef align 8 ${name}`,
  unpack: (w) => `ptr ${w.let("error", `load ptr, ptr ${slotAddress(w, layout.error)}`)}`,
});

const slotAddress = (w: FuncWriter, at: number): string =>
  at === 0 ? "%args" : w.let("slot", `getelementptr inbounds i8, ptr %args, i64 ${at}`);

const axesOf = (p: Value): readonly Value[] =>
  isArray(p) ? p.type.dims.flatMap((d) => (d.kind === "value" ? [d] : [])) : [];

/** The number by which a kernel reports each of its checks: from 1, in program order. */
function numberChecks(kernel: Func): ReadonlyMap<Check, number> {
  const checks = new Map<Check, number>();
  for (const s of walk(kernel.body)) if (s.kind === "check") checks.set(s, checks.size + 1);
  return checks;
}

function arrayAccess(kernel: Func): { readonly read: ReadonlySet<Value>; readonly written: ReadonlySet<Value> } {
  const read = new Set<Value>();
  const written = new Set<Value>();
  for (const s of walk(kernel.body)) {
    if (s.kind === "let" && s.expr.kind === "load") read.add(s.expr.array);
    if (s.kind === "accum") read.add(s.array);
    if (s.kind === "accum" || s.kind === "store") written.add(s.array);
  }
  return { read, written };
}

function mayNotEnd(kernel: Func): boolean {
  for (const s of walk(kernel.body)) if (s.kind === "while" && s.max === null) return true;
  return false;
}
