/** Statements and control flow as LLVM basic blocks. */
import { bug } from "../diagnostic.ts";
import {
  type Accum,
  type Block,
  type Call,
  type Check,
  type For,
  type If,
  type Operand,
  type Scalar,
  type Stmt,
  valueType,
  type While,
} from "../ir/ir.ts";
import { binaryText, expr, flagsOf } from "./llvm-expr.ts";
import { variantAttribute } from "./llvm-function.ts";
import { address, loadFrom, storeTo } from "./llvm-memory.ts";
import { type FuncWriter, llvmType, symbol } from "./llvm-writer.ts";

/** One way into the block that reports a failed check. */
interface Failure {
  readonly from: string;
  readonly check: number;
  readonly index: string;
}

/** What the statements of one function share. */
export interface BodyScope {
  readonly w: FuncWriter;
  /** The number by which the function reports each check. */
  readonly checks: ReadonlyMap<Check, number>;
  readonly failures: Failure[];
  /** The label of the block that reports failures. */
  readonly fail: string;
  /** Adds a statement that a GPU has a way of its own for; returns whether it is one. */
  readonly device?: (s: Stmt) => boolean;
}

/** Adds the statements of a block; what it yields is the business of the statement around it. */
export function block(scope: BodyScope, b: Block): void {
  for (const s of b.stmts) stmt(scope, s);
}

function stmt(scope: BodyScope, s: Stmt): void {
  const { w } = scope;
  if (scope.device?.(s)) return;
  switch (s.kind) {
    case "let":
      w.bind(s.result, expr(w, s.expr, s.result.hint, s.result.type === "index" && w.index.isExact(s.result)));
      return;
    case "store":
      storeTo(w, s.array.type.elem, address(w, s.array, s.index), w.operand(s.value));
      return;
    case "accum":
      accum(w, s);
      return;
    case "check":
      check(scope, s);
      return;
    case "for":
      forLoop(scope, s);
      return;
    case "while":
      whileLoop(scope, s);
      return;
    case "if":
      branch(scope, s);
      return;
    case "call":
      callFunction(w, s);
      return;
    default:
      bug(`a kernel holds a statement of kind ${s.kind}`);
  }
}

/** A call among the functions of scalars. */
function callFunction(w: FuncWriter, s: Call): void {
  const [result] = s.results;
  if (result === undefined) return bug("a function of scalars has one result");
  const args = s.args.map((a) => w.typed(a as Operand)).join(", ");
  const types = s.args.map((a) => (a as Operand).type);
  const variants = variantAttribute(w.module, s.callee, types);
  w.bind(result, w.let(result.hint, `call ${llvmType[result.type]} ${symbol(s.callee)}(${args})${variants}`));
}

function accum(w: FuncWriter, s: Accum): void {
  const elem = s.array.type.elem;
  const type = valueType(elem);
  const at = address(w, s.array, s.index);
  const before = loadFrom(w, elem, at, s.array.hint);
  storeTo(w, elem, at, binaryText(w, s.op, type, before, s.value, flagsOf(type, s.mode, true), s.op));
}

/** Index and extent compare as unsigned numbers, which catches indices below 0 as well. */
function check(scope: BodyScope, s: Check): void {
  const { w } = scope;
  const index = w.operand(s.index);
  const extent = w.operand(s.array.type.dims[s.axis]!);
  const inside = w.let("inside", `icmp ult i64 ${index}, ${extent}`);
  const next = w.names.fresh("checked");
  const check = scope.checks.get(s) ?? bug("a check without a number");
  const weights = w.module.node('!"branch_weights", i32 1048575, i32 1');
  scope.failures.push({ from: w.label, check, index });
  w.line(`br i1 ${inside}, label %${next}, label %${scope.fail}, !prof ${weights}`);
  w.open(next);
}

/**
 * A loop as its header (which tests), its body and what follows. Whatever the body opens inside, its last block is the one
 * that branches back; so the phis of the header are written when the body is done.
 */
export function loop(
  w: FuncWriter,
  hint: string,
  carried: readonly Scalar[],
  starts: readonly string[],
  parts: {
    /** Adds the rest of the header and returns the condition on which the body runs. */
    readonly test: () => string;
    /** Adds the body and returns what it carries on. */
    readonly body: () => readonly string[];
    readonly metadata: readonly string[];
  },
): void {
  const [head, body, done] = ["head", "body", "done"].map((part) => w.names.fresh(`${hint}.${part}`));
  const before = w.label;
  w.line(`br label %${head}`);
  w.open(head!);
  const names = carried.map((v) => `%${w.names.fresh(v.hint)}`);
  carried.forEach((v, k) => {
    w.bind(v, names[k]!);
  });
  const phis = w.lines.length;
  const test = parts.test();
  w.line(`br i1 ${test}, label %${body}, label %${done}`);
  w.open(body!);
  const nexts = parts.body();
  const metadata = parts.metadata.length === 0 ? "" : `, !llvm.loop ${w.module.loop(parts.metadata)}`;
  const texts = carried.map(
    (v, k) => `  ${names[k]} = phi ${w.type(v.type)} [ ${starts[k]}, %${before} ], [ ${nexts[k]}, %${w.label} ]`,
  );
  w.lines.splice(phis, 0, ...texts);
  w.line(`br label %${head}${metadata}`);
  w.open(done!);
}

/** Gives what a statement results in the operands that hold it. */
function bindAll(w: FuncWriter, results: readonly Scalar[], texts: readonly string[]): void {
  results.forEach((v, k) => {
    w.bind(v, texts[k] ?? bug("fewer values than results"));
  });
}

const mustProgress = '!"llvm.loop.mustprogress"';

/** Where an index starts, if not at the loop's own bound, and what comes next, if not one more. */
export interface Steps {
  readonly start: string;
  readonly next: (index: string) => string;
  readonly metadata?: readonly string[];
}

/** A counted loop, from its bounds and by one or in steps of some other kind. */
export function forLoop(scope: BodyScope, s: For, steps?: Steps): void {
  const { w } = scope;
  const hi = w.operand(s.hi);
  const {
    index: { type },
  } = w;
  const one = (index: string): string => `add nsw ${type} ${index}, 1`;
  const { start, next, metadata = [] } = steps ?? { start: w.operand(s.lo), next: one };
  const vector = s.mode === "vector" ? ['!"llvm.loop.vectorize.enable", i1 true'] : [];
  loop(w, s.index.hint, [s.index, ...s.carried], [start, ...s.inits.map((o) => w.operand(o))], {
    test: () => w.let("more", `icmp slt ${type} ${w.ref(s.index)}, ${hi}`),
    body() {
      block(scope, s.body);
      const carried = s.body.yields.map((o) => w.operand(o));
      return [w.let(`${s.index.hint}.next`, next(w.ref(s.index))), ...carried];
    },
    metadata: [mustProgress, ...vector, ...metadata],
  });
  bindAll(
    w,
    s.results,
    s.carried.map((v) => w.ref(v)),
  );
}

function whileLoop(scope: BodyScope, s: While): void {
  const { w } = scope;
  const starts = s.inits.map((o) => w.operand(o));
  loop(w, "while", s.carried, starts, {
    test() {
      block(scope, s.cond);
      return w.operand(s.cond.yields[0] ?? bug("a while without a condition"));
    },
    body() {
      block(scope, s.body);
      return s.body.yields.map((o) => w.operand(o));
    },
    metadata: s.max === null ? [] : [mustProgress],
  });
  bindAll(
    w,
    s.results,
    s.carried.map((v) => w.ref(v)),
  );
}

function branch(scope: BodyScope, s: If): void {
  const { w } = scope;
  const [then, otherwise, join] = ["then", "else", "join"].map((part) => w.names.fresh(part));
  w.line(`br i1 ${w.operand(s.cond)}, label %${then}, label %${otherwise}`);
  const ends = [
    [then!, s.then],
    [otherwise!, s.else],
  ].map(([label, side]) => {
    w.open(label as string);
    block(scope, side as Block);
    const values = (side as Block).yields.map((o) => w.operand(o));
    w.line(`br label %${join}`);
    return { from: w.label, values };
  });
  w.open(join!);
  s.results.forEach((v, k) => {
    const ways = ends.map((end) => `[ ${end.values[k]}, %${end.from} ]`);
    w.bind(v, w.let(v.hint, `phi ${w.type(v.type)} ${ways.join(", ")}`));
  });
}

/** Adds the block that leaves the index of a failed check in the error record and returns the check's number. */
export function failBlock(scope: BodyScope, error: string): void {
  const { w, failures } = scope;
  if (failures.length === 0) return;
  w.open(scope.fail);
  const phi = (type: string, of: (f: Failure) => string | number): string =>
    `phi ${type} ${failures.map((f) => `[ ${of(f)}, %${f.from} ]`).join(", ")}`;
  const check = w.let(
    "check",
    phi("i32", (f) => f.check),
  );
  const index = w.let(
    "index",
    phi("i64", (f) => f.index),
  );
  w.line(`store i64 ${index}, ptr ${error}`);
  w.line(`ret i32 ${check}`);
}
