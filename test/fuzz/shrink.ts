/**
 * Makes a failing program small: it drops functions, statements, parameters and declarations, takes loops for their first
 * trip and branches for their bodies, and puts operands or constants in the place of expressions, as long as the program
 * still fails in the same way.
 */
import type { CpuTarget } from "../../compiler/artifact.ts";
import type { Mode } from "../../compiler/ir/ir.ts";
import { absent, type Failure, type Runner, type RunOptions, type Verdict } from "./run.ts";
import {
  type Block,
  type Expr,
  expr,
  type Func,
  type Program,
  printFiles,
  type Sources,
  type Stmt,
  stmt,
} from "./tree.ts";

/** Which edits are still to be tried is a stream: the edits of a program, the coarsest first. */
type Edits = Generator<Program>;

/** Does the program still fail as it is meant to? */
export type Test = (p: Program) => Promise<boolean>;

/** The smallest program found within `most` attempts. */
export async function shrink(program: Program, test: Test, most = 5000): Promise<Program> {
  let best = program;
  let left = most;
  for (let changed = true; changed; ) {
    changed = false;
    for (const pass of [oneFile, dropFuncs, dropStmts, dropParams, dropDecls, simplerExprs, shortBodies]) {
      for (let again = true; again; ) {
        again = false;
        // An edit that is taken leaves the stream where it was: what was tried in vain before it is not tried again at once.
        let skip = 0;
        let at = 0;
        for (let edits = pass(best); ; ) {
          const next = edits.next();
          if (next.done === true || left <= 0) break;
          if (at++ < skip) continue;
          left--;
          if (!(await test(next.value))) continue;
          best = next.value;
          changed = true;
          again = true;
          skip = Math.max(0, at - 1);
          at = 0;
          edits = pass(best);
        }
      }
    }
  }
  return best;
}

/** Runs a program's files: here, or in a process that may die of them. */
export type Execute = (sources: Sources, options: RunOptions) => Promise<Verdict>;

/** A test that a program fails on `runner`, with none of the others differing where they did not. */
export function failsOn(
  failure: Failure,
  { traits }: Program,
  mode: Mode,
  execute: Execute,
  among: readonly CpuTarget[],
  grad: Pick<RunOptions, "grad"> = {},
): Test {
  const targets = failure.runner === "process" ? among : isTarget(failure.runner) ? [failure.runner] : [];
  return async (p) => {
    const only = { ...traits, plain: traits.plain && failure.runner === "plain" };
    const { failures } = await execute(printFiles(p), { targets, mode, traits: only, ...grad });
    if (failures.some((f) => f.invalid)) return false;
    return failures.some((f) => f.runner === failure.runner && sortOf(f) === sortOf(failure));
  };
}
const isTarget = (r: Runner): r is CpuTarget => r in absent;
/** A wrong value, or the error without the names and numbers in it. */
const sortOf = (f: Failure): string => {
  const error = /^(\w*(?:Error|Bug)): (?:\S*:\d+:\d+: )?(.*)/.exec(f.what);
  return error === null ? "value" : `${error[1]} ${(error[2] ?? "").replaceAll(/`[^`]*`|@?\w*\d[\w.+-]*/g, "")}`;
};

const withFunc = (p: Program, k: number, f: Func): Program => ({
  ...p,
  funcs: p.funcs.map((g, i) => (i === k ? f : g)),
});

function* oneFile(p: Program): Edits {
  if (p.split) yield { ...p, split: false };
}

function* dropFuncs(p: Program): Edits {
  // Half of the kernels, then each function alone.
  for (const half of [0, 1]) {
    const kernels = p.funcs.filter((f) => f.exported);
    const kept = kernels.filter((_, i) => i < kernels.length / 2 === (half === 0));
    if (kept.length > 0 && kept.length < kernels.length) {
      yield { ...p, funcs: p.funcs.filter((f) => !f.exported || kept.includes(f)) };
    }
  }
  for (let k = p.funcs.length - 1; k >= 0; k--) yield { ...p, funcs: p.funcs.filter((_, i) => i !== k) };
}

function* dropStmts(p: Program): Edits {
  for (const [k, f] of p.funcs.entries()) {
    for (const body of blockEdits(f.body)) yield withFunc(p, k, { ...f, body });
  }
}

/** The block without some of its statements, or with one of them edited. */
function* blockEdits(b: Block): Generator<Block> {
  const { stmts } = b;
  for (let size = Math.floor(stmts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = stmts.length - size; from >= 0; from -= size) {
      yield { ...b, stmts: [...stmts.slice(0, from), ...stmts.slice(from + size)] };
    }
  }
  if (stmts.length === 1) yield { ...b, stmts: [] };
  for (const [i, s] of stmts.entries()) {
    for (const edited of stmtEdits(s)) yield { ...b, stmts: [...stmts.slice(0, i), ...edited, ...stmts.slice(i + 1)] };
  }
}

function* stmtEdits(s: Stmt): Generator<readonly Stmt[]> {
  const blocks = s.parts.filter((x): x is Block => typeof x !== "string" && x.kind === "block");
  if (s.once !== undefined && blocks[0] !== undefined) {
    const first = s.once === "" ? [] : [stmt(s.once)];
    yield [...first, ...blocks[0].stmts];
    yield [stmt({ ...blocks[0], stmts: [...first, ...blocks[0].stmts] })];
  } else {
    for (const inner of blocks) yield inner.stmts;
    for (const inner of blocks) yield [stmt(inner)];
  }
  // `if (a) {…} else {…}` without its last branch.
  const from = s.parts.findLastIndex((x) => typeof x === "string" && x.startsWith(" else"));
  if (from > 0) yield [{ ...s, parts: s.parts.slice(0, from) }];
  for (const [i, part] of s.parts.entries()) {
    if (typeof part === "string" || part.kind !== "block") continue;
    for (const inner of blockEdits(part)) yield [{ ...s, parts: s.parts.map((x, j) => (i === j ? inner : x)) }];
  }
}

function* dropParams(p: Program): Edits {
  for (const [k, f] of p.funcs.entries()) {
    for (let i = f.params.length - 1; i >= 0; i--) {
      const without: Func = { ...f, params: f.params.filter((_, j) => j !== i) };
      const calls = {
        ...p,
        funcs: p.funcs.map((g) => ({ ...g, body: mapBlock(g.body, (e) => withoutArg(e, f.name, i)) })),
      };
      yield withFunc(calls, k, { ...(calls.funcs[k] as Func), params: without.params });
    }
    if (f.result !== "void") yield withFunc(p, k, { ...f, result: "void", body: mapReturns(f.body) });
  }
}

function withoutArg(e: Expr, callee: string, index: number): Expr {
  if (e.callee !== callee) return e;
  const args = e.parts.filter((x): x is Expr => typeof x !== "string").filter((_, i) => i !== index);
  return { ...e, parts: [`${callee}(`, ...args.flatMap((a, k) => (k === 0 ? [a] : [", ", a])), ")"] };
}

const mapReturns = (b: Block): Block => ({
  ...b,
  stmts: b.stmts.map((s) => {
    if (typeof s.parts[0] === "string" && s.parts[0].startsWith("return ")) return stmt("return;");
    return { ...s, parts: s.parts.map((x) => (typeof x !== "string" && x.kind === "block" ? mapReturns(x) : x)) };
  }),
});

function mapBlock(b: Block, f: (e: Expr) => Expr): Block {
  const visit = (e: Expr): Expr => f({ ...e, parts: e.parts.map((x) => (typeof x === "string" ? x : visit(x))) });
  return {
    ...b,
    stmts: b.stmts.map((s) => ({
      ...s,
      parts: s.parts.map((x) => (typeof x === "string" ? x : x.kind === "block" ? mapBlock(x, f) : visit(x))),
    })),
  };
}

function* dropDecls(p: Program): Edits {
  for (let i = p.decls.length - 1; i >= 0; i--) yield { ...p, decls: p.decls.filter((_, j) => j !== i) };
}

function* simplerExprs(p: Program): Edits {
  for (const [k, f] of p.funcs.entries()) {
    for (const body of exprEdits(f.body)) yield withFunc(p, k, { ...f, body });
  }
}

function* exprEdits(b: Block): Generator<Block> {
  for (const [i, s] of b.stmts.entries()) {
    for (const [j, part] of s.parts.entries()) {
      if (typeof part === "string") continue;
      const edits = part.kind === "block" ? exprEdits(part) : smaller(part);
      for (const edited of edits) {
        const whole: Stmt = { ...s, parts: s.parts.map((x, k) => (k === j ? edited : x)) };
        yield { ...b, stmts: b.stmts.map((x, k) => (k === i ? whole : x)) };
      }
    }
  }
}

const isNumber = (e: Expr): boolean => e.kind === "real" || e.kind === "int" || e.kind === "number";
const constants: Readonly<Record<Expr["kind"], readonly string[]>> = {
  real: ["1.5", "0"],
  number: ["1", "0"],
  int: ["1", "0"],
  bool: ["true", "false"],
  subscript: ["0"],
  value: [],
};

/** An expression's operands, constants in its place, and it with smaller operands. */
function* smaller(e: Expr): Generator<Expr> {
  const operands = e.parts.filter((x): x is Expr => typeof x !== "string");
  const text = typeof e.parts[0] === "string" && e.parts.length === 1 ? e.parts[0] : null;
  if (text === null || !/^[\d.]+$|^true$|^false$/.test(text)) {
    for (const c of constants[e.kind]) yield expr(e.kind, c);
    for (const o of descendants(e)) if (o.kind === e.kind || (isNumber(o) && isNumber(e))) yield o;
  }
  for (const o of operands) {
    for (const edited of smaller(o)) yield { ...e, parts: e.parts.map((x) => (x === o ? edited : x)) };
  }
}
function* descendants(e: Expr): Generator<Expr> {
  for (const x of e.parts) {
    if (typeof x === "string") continue;
    yield x;
    yield* descendants(x);
  }
}

/** Subscripts and bounds that are plain text, made simpler there. */
function* shortBodies(p: Program): Edits {
  for (const [k, f] of p.funcs.entries()) {
    for (const body of textEdits(f.body)) yield withFunc(p, k, { ...f, body });
  }
}
function* textEdits(b: Block): Generator<Block> {
  for (const [i, s] of b.stmts.entries()) {
    for (const [j, part] of s.parts.entries()) {
      const edits = typeof part === "string" ? texts(part) : part.kind === "block" ? textEdits(part) : [];
      for (const edited of edits) {
        const whole: Stmt = { ...s, parts: s.parts.map((x, n) => (n === j ? edited : x)) };
        yield { ...b, stmts: b.stmts.map((x, n) => (n === i ? whole : x)) };
      }
    }
  }
}
/** Longer steps and labels that nothing asks for any more. */
function* texts(text: string): Generator<string> {
  const unlabelled = text.replace(/^loop\d+: /, "");
  if (unlabelled !== text) yield unlabelled;
  const counted = text.replace(/(\w+) (?:\+|-)= [23]\)/, "$1++)");
  if (counted !== text) yield counted;
}
