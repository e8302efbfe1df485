/**
 * Kernels as LLVM IR text, valid for LLVM 19 to 22: the one printer behind the native, wasm and PTX targets. What is a GPU's
 * own is in llvm-device.ts.
 *
 * On CPUs each kernel is two functions. Its entry has the kernel's name, takes the argument block (artifact.ts) and only unpacks
 * it; the body takes every array as a parameter of its own, because that is where LLVM learns that arrays do not overlap
 * and which of them are only read. A body is not inlined, or that knowledge would be lost.
 */
import { elemBytes, type KernelParam, kernelParams, layoutOf } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import type { Func, Module, ScalarType } from "../ir/ir.ts";
import { type ArrayAccess, arrayAccess, mayNotEnd, numberChecks } from "./kernel.ts";
import { block, failBlock } from "./llvm-block.ts";
import { printDeviceKernel } from "./llvm-device.ts";
import { printFunction } from "./llvm-function.ts";
import { loadFrom, placeAt } from "./llvm-memory.ts";
import {
  type Attributes,
  attribute,
  FuncWriter,
  type LlvmTarget,
  llvmType,
  ModuleWriter,
  symbol,
} from "./llvm-writer.ts";
import { privatise } from "./privatise.ts";

export type { LlvmTarget } from "./llvm-writer.ts";

/** The LLVM IR text of every kernel of a module of stage `kernel`. */
export function printLlvm(m: Module, target: LlvmTarget): string {
  if (m.stage !== "kernel") bug(`printLlvm got a module of stage ${m.stage}`);
  const module = new ModuleWriter(target);
  const functions = m.funcs.flatMap((f) => {
    if (f.kind === "kernel")
      return target.gpu === true ? printDeviceKernel(module, privatise(f)) : printKernel(module, f);
    return f.kind === "func" ? printScalarFunction(module, f) : [];
  });
  return module.finish(functions);
}

function printScalarFunction(module: ModuleWriter, f: Func): readonly string[] {
  const w = new FuncWriter(module);
  return printFunction(w, f, () => block({ w, checks: new Map(), failures: [], fail: "" }, f.body));
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
  const given = kernelParams(kernel);
  for (const { value } of given) w.bind(value, `%${w.names.fresh(value.hint)}`);

  const scope = { w, checks: numberChecks(kernel), failures: [], fail };
  block(scope, kernel.body);
  w.line("ret i32 0");
  failBlock(scope, error);

  const access = arrayAccess(kernel);
  const used = given.filter((p) => w.used.has(p.value)).map((p) => bodyParam(p, w.ref(p.value), access));
  const params = scope.checks.size > 0 ? [...used, errorParam(kernel, error)] : used;
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

function bodyParam(p: KernelParam, name: string, access: ArrayAccess): BodyParam {
  const { hint, type } = p.value;
  if (p.kind === "array") {
    const only = !access.written.has(p.value) ? "readonly " : !access.read.has(p.value) ? "writeonly " : "";
    return {
      declaration: `ptr noalias ${only}noundef align ${elemBytes[p.value.type.elem]} ${name}`,
      unpack: (w) => `ptr ${w.let(hint, `load ptr, ptr ${slotAddress(w, p.at)}`)}`,
    };
  }
  const scalar = type as ScalarType;
  return {
    declaration: `${llvmType[scalar]} noundef ${name}`,
    unpack: (w) => `${llvmType[scalar]} ${loadFrom(w, scalar, placeAt(slotAddress(w, p.at)), hint)}`,
  };
}

const errorParam = (kernel: Func, name: string): BodyParam => ({
  declaration: `ptr noalias writeonly noundef align 8 ${name}`,
  unpack: (w) => `ptr ${w.let("error", `load ptr, ptr ${slotAddress(w, layoutOf(kernel).error)}`)}`,
});

const slotAddress = (w: FuncWriter, at: number): string =>
  at === 0 ? "%args" : w.let("slot", `getelementptr inbounds i8, ptr %args, i64 ${at}`);
