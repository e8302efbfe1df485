/**
 * Functions of scalars, the math library's, as LLVM IR. All are inlined where they are called but those marked noinline:
 * these are rare paths, too long for every lane of a vectorised loop to compute just in case. So that their calls do not
 * keep a loop from being vectorised, each has variants for vectors that take a mask (LLVM's vector function ABI), which
 * look at the mask first and nearly always return at once.
 */
import { bug } from "../diagnostic.ts";
import type { Func, ScalarType } from "../ir/ir.ts";
import { isScalar } from "../ir/ir.ts";
import { type Attributes, attribute, type FuncWriter, llvmType, type ModuleWriter, symbol } from "./llvm-writer.ts";

/** How many lanes a vector may have: as the target's vectors hold 64-bit or 32-bit floats. A GPU's threads have none. */
const lanesOf = ({ target }: ModuleWriter): readonly number[] =>
  target.gpu === true ? [] : target.pointerBits === 32 ? [2, 4] : [2, 4, 8, 16];

/** A function; `body` adds its statements to the writer. */
export function printFunction(w: FuncWriter, f: Func, body: () => void): readonly string[] {
  const params = f.params.filter(isScalar);
  for (const p of params) w.bind(p, `%${w.names.fresh(p.hint)}`);
  body();
  const [result] = f.body.yields;
  if (result === undefined) return bug(`@${f.name} returns nothing`);
  w.line(`ret ${w.typed(result)}`);
  const list = params.map((p) => `${llvmType[p.type]} noundef ${w.ref(p)}`).join(", ");
  const group: Attributes = f.noinline === true ? "rare" : "helper";
  const head = `define internal ${llvmType[result.type]} ${symbol(f.name)}(${list}) ${attribute[group]}`;
  const scalar = `${head} {\nentry:\n${w.lines.join("\n")}\n}`;
  if (f.noinline !== true) return [scalar];
  const types = params.map((p) => p.type);
  return [scalar, ...lanesOf(w.module).map((lanes) => variant(f.name, types, result.type, lanes))];
}

const variantName = (name: string, lanes: number): string => `${name}.v${lanes}`;

/** What a call of a noinline function says of the function's variants, by LLVM's naming of them (masked, no ISA). */
export function variantAttribute(module: ModuleWriter, name: string, params: readonly ScalarType[]): string {
  const variants = lanesOf(module).map(
    (lanes) => `_ZGV_LLVM_M${lanes}${"v".repeat(params.length)}_${name}(${variantName(name, lanes)})`,
  );
  return variants.length === 0 ? "" : ` "vector-function-abi-variant"="${variants.join(",")}"`;
}

/** Computes the lanes that the mask names, one after another; the others are zero. */
function variant(name: string, params: readonly ScalarType[], result: ScalarType, lanes: number): string {
  const vector = (type: string): string => `<${lanes} x ${type}>`;
  const to = llvmType[result];
  const list = [...params.map((t, k) => `${vector(llvmType[t])} %x${k}`), `${vector("i1")} %mask`];
  const lines = [
    "entry:",
    `  %bits = bitcast ${vector("i1")} %mask to i${lanes}`,
    `  %none = icmp eq i${lanes} %bits, 0`,
    "  br i1 %none, label %done, label %lane0",
  ];
  for (let k = 0; k < lanes; k++) {
    const before = k === 0 ? "zeroinitializer" : `%r${k - 1}`;
    const args = params.map((t, p) => `${llvmType[t]} %x${p}.${k}`).join(", ");
    lines.push(
      `lane${k}:`,
      `  %wanted${k} = extractelement ${vector("i1")} %mask, i32 ${k}`,
      `  br i1 %wanted${k}, label %call${k}, label %next${k}`,
      `call${k}:`,
      ...params.map((t, p) => `  %x${p}.${k} = extractelement ${vector(llvmType[t])} %x${p}, i32 ${k}`),
      `  %y${k} = call ${to} ${symbol(name)}(${args})`,
      `  %with${k} = insertelement ${vector(to)} ${before}, ${to} %y${k}, i32 ${k}`,
      `  br label %next${k}`,
      `next${k}:`,
      `  %r${k} = phi ${vector(to)} [ ${before}, %lane${k} ], [ %with${k}, %call${k} ]`,
      k === lanes - 1 ? "  br label %done" : `  br label %lane${k + 1}`,
    );
  }
  lines.push(
    "done:",
    `  %result = phi ${vector(to)} [ zeroinitializer, %entry ], [ %r${lanes - 1}, %next${lanes - 1} ]`,
    `  ret ${vector(to)} %result`,
  );
  // Only the attribute names it, which would not keep an internal function.
  const head = `define ${vector(to)} ${symbol(variantName(name, lanes))}(${list.join(", ")}) ${attribute.rare}`;
  return `${head} {\n${lines.join("\n")}\n}`;
}
