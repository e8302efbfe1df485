/**
 * Updates of elements that several threads may make at the same time: an instruction where GPUs have one, otherwise compare and
 * swap until nobody has come between.
 */
import { type Accum, isFloat, type ScalarType, valueType } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import { binaryText, flagsOf } from "./llvm-expr.ts";
import { address, type Place } from "./llvm-memory.ts";
import { type FuncWriter, llvmType } from "./llvm-writer.ts";

/** Order among the accesses of other elements is the barriers' business. */
const ordering = "monotonic";

export function atomicAccum(w: FuncWriter, s: Accum): void {
  const { space } = s.array.type;
  // Halves have none: kernel.ts refuses them.
  const elem = valueType(s.array.type.elem);
  const place = address(w, s.array, s.index);
  const scope = `syncscope("${space === "shared" ? "block" : "device"}")`;
  // An f32 that is added in global memory takes denormals for zero.
  const flushes = elem === "f32" && s.op === "add" && space === "global";
  const name = flushes && s.mode === "strict" ? null : instruction(s.op, elem);
  if (name === null) swap(w, s, place, scope);
  else w.let("before", `atomicrmw ${name} ${place.pointer}, ${w.typed(s.value)} ${scope} ${ordering}${place.aliasing}`);
}

/** What LLVM calls an update that is an instruction; its minima and maxima of floats are not JavaScript's. */
function instruction(op: ReduceOp, elem: ScalarType): string | null {
  if (op === "mul") return null;
  if (isFloat(elem)) return op === "add" ? "fadd" : null;
  if (op === "add") return "add";
  return elem === "u32" ? `u${op}` : op;
}

function swap(w: FuncWriter, s: Accum, { pointer, aliasing }: Place, scope: string): void {
  const elem = valueType(s.array.type.elem);
  const type = llvmType[elem];
  const word = elem === "f64" || elem === "index" ? "i64" : "i32";
  const [bytes, from, head, done] = [word === "i64" ? 8 : 4, w.label, w.names.fresh("swap"), w.names.fresh("swapped")];
  const first = w.let("first", `load atomic ${word}, ${pointer} ${scope} ${ordering}, align ${bytes}${aliasing}`);
  const [expected, seen] = [`%${w.names.fresh("expected")}`, `%${w.names.fresh("seen")}`];
  w.line(`br label %${head}`);
  w.open(head);
  w.line(`${expected} = phi ${word} [ ${first}, %${from} ], [ ${seen}, %${head} ]`);
  const before = type === word ? expected : w.let(s.array.hint, `bitcast ${word} ${expected} to ${type}`);
  const after = binaryText(w, s.op, elem, before, s.value, flagsOf(elem, s.mode, true), "after");
  const bits = type === word ? after : w.let("bits", `bitcast ${type} ${after} to ${word}`);
  const pair = w.let(
    "pair",
    `cmpxchg ${pointer}, ${word} ${expected}, ${word} ${bits} ${scope} ${ordering} ${ordering}${aliasing}`,
  );
  w.line(`${seen} = extractvalue { ${word}, i1 } ${pair}, 0`);
  w.line(`br i1 ${w.let("unchanged", `extractvalue { ${word}, i1 } ${pair}, 1`)}, label %${done}, label %${head}`);
  w.open(done);
}
