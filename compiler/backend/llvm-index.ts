/**
 * In how many bits a kernel of a GPU computes indices. Its registers have 32, and an operation on 64 is two or more: where all
 * indices of a kernel fit in 32 bits, at sizes that the launch has checked (`indexLimit`), it holds them so, and addresses
 * are a base and an offset of 32 bits.
 */
import { IndexWidths } from "../analysis/index-widths.ts";
import { type Func, isFloat, isInt, type Operand, type Stmt } from "../ir/ir.ts";
import { operandsOf, usesOf, walk } from "../ir/walk.ts";

export interface IndexForm {
  readonly type: "i32" | "i64";
  /** Whether an index is surely what mathematics says; else it may have wrapped, and only its low bits are asked for. */
  readonly isExact: (o: Operand) => boolean;
  /** Whether `o`, a loop's end, can be passed by so much. */
  readonly hasRoom: (o: Operand, step: number) => boolean;
}

/** CPUs', and that of kernels with indices that are larger. */
export const wideIndices: IndexForm = { type: "i64", isExact: () => true, hasRoom: () => true };

const most = 2 ** 31 - 1;

export function indexForm(kernel: Func): IndexForm {
  const widths = new IndexWidths(kernel);
  const fits = (o: Operand): boolean => {
    const { lo, hi } = widths.range(o);
    return lo >= -most - 1 && hi <= most;
  };
  for (const s of walk(kernel.body)) {
    if (needsWide(s, widths) || (s.kind === "let" && s.result.type === "index" && mustFit(s) && !fits(s.result)))
      return wideIndices;
  }
  return { type: "i32", isExact: fits, hasRoom: (o, step) => widths.range(o).hi + step <= most };
}

/** Has the statement to do with an index of more than 32 bits, or may it have? */
function needsWide(s: Stmt, widths: IndexWidths): boolean {
  const used = [...usesOf(s), ...(s.kind === "let" ? operandsOf(s.expr) : [])];
  return used.some((o) => (isOperand(o) ? o.type === "index" && widths.isWide(o) : o.type.elem === "index"));
}

const isOperand = (o: ReturnType<typeof usesOf>[number]): o is Operand =>
  o.kind === "const" || typeof o.type === "string";

/** Do its low bits depend on more than those of its operands? */
function mustFit(s: Extract<Stmt, { kind: "let" }>): boolean {
  const e = s.expr;
  switch (e.kind) {
    case "unary":
      return e.op !== "neg";
    case "binary":
      return e.op !== "add" && e.op !== "sub" && e.op !== "mul";
    case "cast":
      return isFloat(e.a.type);
    default:
      return isInt(s.result.type) && e.kind === "load";
  }
}
