/** What the gradients of PolyBench lean on: which values are final, which are overwritten, which are never read as given. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, ArrayAnalysis } from "../../compiler/analysis/dependence.ts";
import { lower } from "../../compiler/frontend/frontend.ts";
import type { Accum, Alloc, For, Func, Let, Operand, Stmt, Store } from "../../compiler/ir/ir.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { runPasses } from "../../compiler/pass.ts";
import { passesBefore } from "../../compiler/pipeline.ts";

const folder = fileURLToPath(new URL("../../polybench/kernels/", import.meta.url));

type Write = Store | Accum | Alloc;
const arrayOf = (s: Let | Write): string | null => {
  if (s.kind === "let") return s.expr.kind === "load" ? s.expr.array.hint : null;
  return s.kind === "alloc" ? s.result.hint : s.array.hint;
};
const text = (o: Operand): string => (o.kind === "const" ? String(o.value) : o.hint);
/** An access as `A[i,k]`, by the names of its subscripts' values. */
function nameOf(s: Let | Write): string {
  const index = s.kind === "alloc" ? [] : s.kind !== "let" ? s.index : s.expr.kind === "load" ? s.expr.index : [];
  return `${arrayOf(s)}[${index.map(text)}]`;
}

class Kernel {
  readonly func: Func;
  readonly analysis: ArrayAnalysis;
  readonly loads: readonly Let[];
  readonly writes: readonly Write[];
  readonly loops: readonly For[];

  constructor(name: string) {
    const { module } = lower(`${folder}${name}.ts`, undefined, { mode: "contract", real: "f64" });
    this.func = runPasses(module, passesBefore({})).funcs[0] as Func;
    this.analysis = new ArrayAnalysis(this.func);
    const all = [...walk(this.func.body)];
    this.loads = all.filter((s): s is Let => s.kind === "let" && s.expr.kind === "load");
    this.writes = all.filter((s): s is Write => s.kind === "store" || s.kind === "accum" || s.kind === "alloc");
    this.loops = all.filter((s): s is For => s.kind === "for");
  }

  loadsOf(name: string): readonly Let[] {
    const found = this.loads.filter((s) => nameOf(s) === name || arrayOf(s) === name);
    assert.ok(found.length > 0, `no load ${name}`);
    return found;
  }
  writesOf(name: string): readonly Write[] {
    const found = this.writes.filter((s) => nameOf(s) === name || arrayOf(s) === name);
    assert.ok(found.length > 0, `no write ${name}`);
    return found;
  }
  /** The writes that may overwrite what the load has read, after it. */
  overwriting(load: Let): readonly string[] {
    const own = this.writes.filter((w) => arrayOf(w) === arrayOf(load));
    return own.filter((w) => this.analysis.overwrittenAfter(load, w, load).holds).map((w) => `${w.kind} ${nameOf(w)}`);
  }

  /** What these loads read is still there at the end. */
  keeps(...names: readonly string[]): void {
    for (const name of names) for (const s of this.loadsOf(name)) assert.equal(this.overwriting(s), [], nameOf(s));
  }
  /** These loads (and the reads of accums) see only what the kernel wrote. */
  neverReadsEntry(...names: readonly string[]): void {
    for (const name of names) {
      const accums = this.writes.filter((s): s is Accum => s.kind === "accum" && arrayOf(s) === name);
      for (const s of [...this.loadsOf(name), ...accums]) denied(this.analysis.exposed(s, null));
    }
  }
}
const denied = (a: Answer): void => assert.not(a.holds, a.why);
const holds = (a: Answer): void => assert.ok(a.holds, a.why);

test("lu: factors are final when they are used", () => {
  const k = new Kernel("lu");
  k.keeps("A[i,k]", "A[k,j]", "A[j,j]");
  // What a quotient divides is overwritten by the quotient, which then stays.
  const [operand] = k.loadsOf("A[i,j]") as [Let];
  const [quotient] = k.writes.filter((s) => s.kind === "store") as [Store];
  assert.equal(k.overwriting(operand), ["store A[i,j]"]);
  for (const w of k.writes) denied(k.analysis.overwrittenAfterAccess(quotient, w, null));
});

test("cholesky: factors are final, and so are quotients and roots", () => {
  const k = new Kernel("cholesky");
  k.keeps("A[i,k]", "A[j,k]", "A[j,j]");
  for (const s of k.writes.filter((w) => w.kind === "store")) {
    for (const w of k.writes) denied(k.analysis.overwrittenAfterAccess(s as Store, w, null));
  }
  for (const s of [...k.loadsOf("A[i,j]"), ...k.loadsOf("A[i,i]")]) assert.is(k.overwriting(s).length, 1);
});

test("ludcmp, trisolv: all that is multiplied or divided by is final", () => {
  const ludcmp = new Kernel("ludcmp");
  ludcmp.keeps("A[i,k]", "A[k,j]", "A[j,j]", "y", "x");
  ludcmp.neverReadsEntry("y", "x");
  const trisolv = new Kernel("trisolv");
  trisolv.keeps("L", "b", "x[j]");
  trisolv.neverReadsEntry("x");
});

test("trmm: each row is used, and then overwritten by its own sum", () => {
  const k = new Kernel("trmm");
  k.keeps("A");
  const [factor] = k.loadsOf("B[k,j]") as [Let];
  assert.equal(k.overwriting(factor), ["accum B[i,j]", "store B[i,j]"]);
  const inner = k.loops[2] as For;
  for (const w of k.writesOf("B")) denied(k.analysis.overwrittenBetween(factor, w, inner.body.stmts.at(-1) as Stmt));
  const [sum] = k.loadsOf("B[i,j]") as [Let];
  assert.equal(k.overwriting(sum), ["store B[i,j]"]);
});

test("gramschmidt: Q and R are final, the columns of A are not", () => {
  const k = new Kernel("gramschmidt");
  k.keeps("Q", "R", "A[i,k]");
  k.neverReadsEntry("Q", "R");
  for (const s of k.loadsOf("A[i,j]")) assert.equal(k.overwriting(s), ["store A[i,j]"]);
});

test("durbin: y is overwritten in each round, z is of the round", () => {
  const k = new Kernel("durbin");
  k.keeps("r");
  k.neverReadsEntry("y", "z");
  for (const s of k.loadsOf("y")) assert.ok(k.overwriting(s).includes("store y[i]"), nameOf(s));
  const round = k.loops[0] as For;
  for (const s of k.loadsOf("z")) denied(k.analysis.exposed(s, round));
  for (const s of k.loadsOf("y")) holds(k.analysis.exposed(s, round));
});

test("adi: p, q and v are never read as given", () => {
  const k = new Kernel("adi");
  k.neverReadsEntry("p", "q", "v");
  const step = k.loops[0] as For;
  for (const s of [...k.loadsOf("p"), ...k.loadsOf("q"), ...k.loadsOf("v")]) denied(k.analysis.exposed(s, step));
  assert.ok(k.loadsOf("u").some((s) => k.analysis.exposed(s, null).holds));
});

test("seidel-2d: neighbours before and after, with their distances", () => {
  const k = new Kernel("seidel-2d");
  const [write] = k.writesOf("A") as [Write];
  const vectors = (kind: string): readonly string[] =>
    k.analysis
      .dependences()
      .filter((d) => d.kind === kind && d.distances[0] === 0)
      .map((d) => `${d.distances}`)
      .sort();
  // In one sweep, the row above and the left are new; the right and the row below are old.
  assert.equal(vectors("flow"), ["0,0,1", "0,1,-1", "0,1,0", "0,1,1"]);
  assert.equal(vectors("anti"), ["0,0,0", "0,0,1", "0,1,-1", "0,1,0", "0,1,1"]);
  holds(k.analysis.injective(write, k.loops.slice(1)));
  denied(k.analysis.injective(write, k.loops));
});

test("correlation: means and deviations are final when used, data only after they are normalised", () => {
  const k = new Kernel("correlation");
  k.neverReadsEntry("mean", "stddev", "corr");
  const [sum, square, centred, ...normalised] = k.loadsOf("data") as readonly [Let, Let, Let, ...Let[]];
  assert.is(normalised.length, 2);
  for (const s of [sum, square]) assert.equal(k.overwriting(s), ["accum data[i,j]", "store data[i,j]"]);
  assert.equal(k.overwriting(centred), ["store data[i,j]"]);
  for (const s of normalised) assert.equal(k.overwriting(s), []);
  // The first mean that is read is the sum, which the quotient overwrites.
  const [first, ...means] = k.loadsOf("mean") as readonly [Let, ...Let[]];
  assert.equal(k.overwriting(first), ["store mean[j]"]);
  for (const s of means) assert.equal(k.overwriting(s), []);
});

test("doitgen: a row is overwritten after all of it was used; sums are never read as given", () => {
  const k = new Kernel("doitgen");
  k.neverReadsEntry("sum");
  k.keeps("C4");
  const [row] = k.loadsOf("A") as [Let];
  const [copy] = k.writesOf("A") as [Write];
  holds(k.analysis.overwrittenAfter(row, copy, row));
  const [, q, p] = k.loops as [For, For, For];
  denied(k.analysis.overwrittenBetween(row, copy, k.writesOf("sum").at(-1) as Stmt));
  denied(k.analysis.carried(row, copy, q));
  for (const s of k.loadsOf("sum")) denied(k.analysis.exposed(s, q));
  assert.ok(p.body.stmts.length > 0);
});

test("floyd-warshall: every distance that is read may be overwritten", () => {
  const k = new Kernel("floyd-warshall");
  for (const s of k.loadsOf("path")) assert.equal(k.overwriting(s), ["store path[i,j]"]);
  for (const s of k.loadsOf("path")) holds(k.analysis.exposed(s, null));
});

test("gemm's updates collide only along the sum; jacobi-1d's distances", () => {
  const gemm = new Kernel("gemm");
  const update = gemm.writes[1] as Accum;
  const [i, , k, j] = gemm.loops as [For, For, For, For];
  holds(gemm.analysis.injective(update, [i, j]));
  denied(gemm.analysis.injective(update, [i, k, j]));
  const jacobi = new Kernel("jacobi-1d");
  const flow = jacobi.analysis.dependences().filter((d) => d.kind === "flow");
  assert.ok(flow.every((d) => d.directions[0] === "=" || d.directions[0] === "<"));
});

test("all kernels: within time, and every answer says why", () => {
  const slow: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const k = new Kernel(file.slice(0, -3));
    const before = process.cpuUsage().user;
    for (const s of k.loads) {
      const answers = [k.analysis.exposed(s, null)];
      for (const w of k.writes) answers.push(k.analysis.overwrittenAfter(s, w, s));
      for (const a of answers) assert.ok(a.why.length > 10);
    }
    const ms = (process.cpuUsage().user - before) / 1000;
    // Far above what it takes, but for machines that are busy and slow.
    if (ms > 2000) slow.push(`${file}: ${ms} ms`);
  }
  assert.equal(slow, []);
});

test.run();
