/** What dependence.ts says of small functions: one for each thing that it has to understand. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, ArrayAnalysis } from "../../compiler/analysis/dependence.ts";
import type { Accum, For, Func, Let, Stmt, Store, While } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { walk } from "../../compiler/ir/walk.ts";

/** The function's parts, each kind in program order. */
function functionOf(params: string, body: string, requires = "") {
  const func = parse(`stage loop func @f(${params}) ${requires} { ${body} }`).funcs[0] as Func;
  const all = [...walk(func.body)];
  const of = <K extends Stmt["kind"]>(kind: K) => all.filter((s): s is Stmt & { kind: K } => s.kind === kind);
  return {
    analysis: new ArrayAnalysis(func),
    loads: of("let").filter((s) => s.expr.kind === "load") as readonly Let[],
    stores: of("store") as readonly Store[],
    accums: of("accum") as readonly Accum[],
    loops: all.filter((s) => s.kind === "for" || s.kind === "while") as readonly (For | While)[],
    allocs: of("alloc"),
    ifs: of("if"),
  };
}
type Parts = ReturnType<typeof functionOf>;
const load = (f: Parts, i = 0): Let => f.loads[i] as Let;
const store = (f: Parts, i = 0): Store => f.stores[i] as Store;
const loop = (f: Parts, i = 0): For | While => f.loops[i] as For | While;

const holds = (a: Answer): void => assert.ok(a.holds, a.why);
const denied = (a: Answer): void => assert.not(a.holds, a.why);

const n = "%n: index";
const x = "%x: f64[%p]";

test("an element that the next iteration writes", () => {
  const f = functionOf(
    `${n}, ${x}`,
    "for %i in seq(1, %n) { %a: f64 = load %x[%i]  %j: index = sub %i, 1  store %x[%j], %a }",
  );
  denied(f.analysis.overwrittenBetween(load(f), store(f), store(f)));
  const after = f.analysis.overwrittenAfter(load(f), store(f), store(f));
  holds(after);
  assert.is(after.blame, store(f));
  assert.is(
    after.why,
    "`store x[i - 1]` may write `load x[i]` again in a later iteration of `i`, as with n = 3, i = 1, i' = 2",
  );
  assert.match(f.analysis.carried(load(f), store(f), loop(f)).why, /1 iteration later of `i`/);
});

test("an element that no later iteration writes", () => {
  const f = functionOf(
    `${n}, ${x}`,
    "for %i in seq(1, %n) { %j: index = sub %i, 1  %a: f64 = load %x[%j]  store %x[%i], %a }",
  );
  denied(f.analysis.overwrittenAfter(load(f), store(f), load(f)));
  holds(f.analysis.exposed(load(f), null));
  holds(f.analysis.carried(store(f), load(f), loop(f)));
});

test("until and from: what has run by then, with all of its blocks", () => {
  const f = functionOf(
    `${n}, ${x}`,
    `%a: f64 = load %x[0]
     for %i in seq(0, %n) { store %x[%i], %a  %b: f64 = load %x[%i]  for %j in seq(0, %n) { store %x[%j], %b } }`,
  );
  const [outer, inner] = [loop(f, 0), loop(f, 1)];
  holds(f.analysis.overwrittenBetween(load(f), store(f), outer));
  denied(f.analysis.overwrittenAfter(load(f), store(f), outer));
  // In its first iteration, %j = 0 is there; before, %x[%i] is by %i = 0.
  holds(f.analysis.overwrittenBetween(load(f), store(f, 1), inner));
  denied(f.analysis.overwrittenBetween(load(f, 1), store(f), inner));
  holds(f.analysis.overwrittenAfter(load(f, 1), store(f, 1), inner));
});

test("branches exclude each other in one iteration; in all, where the condition does not change", () => {
  const f = functionOf(
    `${n}, ${x}`,
    "for %i in seq(0, %n) { %d: bool = lt %i, 5  if %d { %a: f64 = load %x[0] } else { store %x[0], 1f64 } }",
  );
  holds(f.analysis.overwrittenAfter(load(f), store(f), load(f)));
  const g = functionOf(
    `${n}, %c: bool, ${x}`,
    "for %i in seq(0, %n) { if %c { %a: f64 = load %x[0] } else { store %x[0], 1f64 } }",
  );
  denied(g.analysis.overwrittenAfter(load(g), store(g), load(g)));
  denied(g.analysis.carried(load(g), store(g), loop(g)));
});

test("written first: an element, a recurrence, a triangle, a nest before", () => {
  const row = functionOf(
    `${n}, ${x}`,
    "for %i in seq(0, %n) { store %x[%i], 0f64  for %k in seq(0, %n) { accum add %x[%i], 1f64 } %a: f64 = load %x[%i] }",
  );
  denied(row.analysis.exposed(row.accums[0] as Accum, null));
  denied(row.analysis.exposed(load(row), loop(row)));
  holds(row.analysis.exposed(row.accums[0] as Accum, loop(row, 1)));
  const recurrence = functionOf(
    `${n}, ${x}`,
    "store %x[0], 1f64  for %i in seq(1, %n) { %j: index = sub %i, 1  %a: f64 = load %x[%j]  store %x[%i], %a }",
  );
  denied(recurrence.analysis.exposed(load(recurrence), null));
  holds(recurrence.analysis.exposed(load(recurrence), loop(recurrence)));
  const triangle = (hi: string): Parts =>
    functionOf(
      `${n}, %A: f64[%p, %q]`,
      `for %i in seq(0, %n) { %m: index = add %i, 1  for %j in seq(0, %m) { store %A[%i, %j], 1f64 } }
       for %i in seq(0, %n) { %m: index = add %i, 1  for %j in seq(0, ${hi}) { %a: f64 = load %A[%i, %j] } }`,
    );
  const below = triangle("%m");
  denied(below.analysis.exposed(load(below), null));
  const whole = triangle("%n");
  holds(whole.analysis.exposed(load(whole), null));
  const down = functionOf(
    `${n}, ${x}`,
    `for %i in seq(0, %n) { %k: index = sub %n, %i  %j: index = sub %k, 1  store %x[%j], 1f64 }
     for %i in seq(0, %n) { %a: f64 = load %x[%i] }`,
  );
  denied(down.analysis.exposed(load(down), null));
});

test("written first: every other element, and the rest; every element of a row that is a part of an array", () => {
  const even = (second: string): Parts =>
    functionOf(
      `${n}, ${x}`,
      `for %i in seq(0, %n) { %j: index = mul %i, 2  store %x[%j], 0f64  %k: index = add %j, 1  ${second} }
       %m: index = mul %n, 2
       for %i in seq(0, %m) { %a: f64 = load %x[%i] }`,
    );
  const all = even("store %x[%k], 0f64");
  denied(all.analysis.exposed(load(all), null));
  const half = even("");
  holds(half.analysis.exposed(load(half), null));
  const rows = functionOf(
    `${n}, %m: index, %N: f64[%a, %b], ${x}`,
    `for %i in seq(0, %a) { for %j in seq(0, %b) { %r: index = mul %i, %b  %k: index = add %r, %j  store %x[%k], 1f64 } }
     for %i in seq(0, %a) { for %j in seq(0, %b) { %r: index = mul %i, %b  %k: index = add %r, %j  %y: f64 = load %x[%k] } }`,
  );
  denied(rows.analysis.exposed(load(rows), null));
  denied(rows.analysis.carried(store(rows), store(rows), loop(rows)));
  holds(rows.analysis.injective(store(rows), rows.loops.slice(0, 2)));
});

test("written first on a condition: the same one, or another", () => {
  const guarded = (second: string): Parts =>
    functionOf(`%c: bool, ${x}`, `if %c { store %x[3], 1f64 } %d: bool = not %c  ${second}`);
  const same = guarded("if %c { %a: f64 = load %x[3] }");
  denied(same.analysis.exposed(load(same), null));
  const other = guarded("if %d { %a: f64 = load %x[3] }");
  holds(other.analysis.exposed(load(other), null));
  const either = guarded("if %d { store %x[3], 2f64 } %a: f64 = load %x[3]");
  denied(either.analysis.exposed(load(either), null));
  const masks = (array: string): Parts =>
    functionOf(
      `${n}, %k: bool[%q], %l: bool[%r], ${x}`,
      `for %i in seq(0, %n) { %c: bool = load %k[%i]  if %c { store %x[%i], 1f64 } }
       for %i in seq(0, %n) { %c: bool = load ${array}[%i]  if %c { %a: f64 = load %x[%i] } }`,
    );
  const mask = masks("%k");
  denied(mask.analysis.exposed(load(mask, 2), null));
  const apart = masks("%l");
  holds(apart.analysis.exposed(load(apart, 2), null));
});

test("local arrays: zero at first, and each iteration's own", () => {
  const f = functionOf(
    `${n}`,
    "for %i in seq(0, %n) { %t: f64[%n] = alloc  for %j in seq(0, %n) { %a: f64 = load %t[%j]  store %t[%j], %a } }",
  );
  denied(f.analysis.exposed(load(f), null));
  denied(f.analysis.exposed(load(f), loop(f)));
  holds(f.analysis.exposed(load(f), loop(f, 1)));
  denied(f.analysis.carried(store(f), load(f), loop(f)));
  // The next iteration's array may be the same memory.
  holds(f.analysis.overwrittenAfter(load(f), f.allocs[0] as Stmt, load(f)));
  denied(f.analysis.overwrittenBetween(load(f), f.allocs[0] as Stmt, store(f)));
});

test("counters, whiles, and what they make of subscripts", () => {
  const counter = functionOf(
    `${n}, ${x}`,
    "%e: index = for %i in seq(0, %n) with %c = 3 { store %x[%c], 1f64  %d: index = add %c, 2  yield %d } %a: f64 = load %x[%e]",
  );
  holds(counter.analysis.injective(store(counter), counter.loops));
  denied(counter.analysis.carried(store(counter), store(counter), loop(counter)));
  holds(counter.analysis.exposed(load(counter), null));
  const compaction = functionOf(
    `${n}, %m: f64[%q], ${x}`,
    `%e: index = for %i in seq(0, %n) with %c = 0 {
       %v: f64 = load %m[%i]  %keep: bool = gt %v, 0f64
       %d: index = if %keep { store %x[%c], %v  %s: index = add %c, 1  yield %s } else { yield %c }
       yield %d
     }`,
  );
  denied(compaction.analysis.carried(store(compaction), store(compaction), loop(compaction)));
  const search = functionOf(
    `${n}, ${x}`,
    `%e: index = while with %i = 0 { %t: bool = lt %i, %n  yield %t }
     do { %a: f64 = load %x[%i]  store %x[%i], 1f64  %j: index = add %i, 1  yield %j }`,
  );
  denied(search.analysis.overwrittenAfter(load(search), store(search), store(search)));
  holds(search.analysis.injective(store(search), search.loops));
  const data = functionOf(
    `${n}, %k: i32[%q], ${x}`,
    "for %i in seq(0, %n) { %w: i32 = load %k[%i]  %j: index = cast %w  %a: f64 = load %x[%j]  store %x[%j], 1f64 }",
  );
  holds(data.analysis.carried(store(data), store(data), loop(data)));
  denied(data.analysis.overwrittenBetween(load(data), store(data), load(data, 1)));
});

test("how far a while gets is not known; how far it got before is", () => {
  const f = functionOf(
    `${n}, %k: bool[%q], ${x}`,
    `%e: index = while with %i = 0 { %t: bool = load %k[%i]  yield %t }
     do { store %x[%i], 1f64  %h: index = floordiv %i, 2  %a: f64 = load %x[%h]  %j: index = add %i, 1  yield %j }
     %c: bool = load %k[5]  if %c { %b: f64 = load %x[5] }`,
  );
  denied(f.analysis.exposed(load(f, 1), null));
  holds(f.analysis.exposed(load(f, 1), loop(f)));
  // It may have ended before it came to 5, though the test would hold there.
  holds(f.analysis.exposed(load(f, 3), null));
});

test("subscripts from memory: what was scattered is gathered", () => {
  const f = (array: string): Parts =>
    functionOf(
      `${n}, %k: i32[%q], %l: i32[%r], ${x}`,
      `for %i in seq(0, %n) { %w: i32 = load %k[%i]  %j: index = cast %w  store %x[%j], 0f64 }
       for %i in seq(0, %n) { %w: i32 = load ${array}[%i]  %j: index = cast %w  accum add %x[%j], 1f64 }`,
    );
  const same = f("%k");
  denied(same.analysis.exposed(same.accums[0] as Accum, null));
  holds(same.analysis.carried(same.accums[0] as Accum, same.accums[0] as Accum, loop(same, 1)));
  const other = f("%l");
  holds(other.analysis.exposed(other.accums[0] as Accum, null));
});

test("halves, remainders, minima, choices", () => {
  const f = functionOf(
    `${n}, ${x}`,
    `for %i in seq(0, %n) {
       %h: index = floordiv %i, 2  %r: index = rem %i, 2  %u: index = add %h, 100  store %x[%u], 1f64  store %x[%r], 1f64
       %m: index = min %i, 7  %v: index = add %m, 10  store %x[%v], 1f64
       %c: bool = lt %i, 5  %s: index = select %c, %i, 5  %w: index = add %s, 50  store %x[%w], 1f64
       %a: f64 = load %x[60]  %b: f64 = load %x[30]
     }`,
  );
  const [half, rest, least, chosen] = f.stores as [Store, Store, Store, Store];
  const at = loop(f);
  // 2k and 2k + 1 have one half.
  holds(f.analysis.carried(half, half, at));
  for (const s of [rest, least, chosen]) denied(f.analysis.carried(half, s, at));
  for (const s of [half, rest, least, chosen]) for (const l of f.loads) denied(f.analysis.overwrittenAfter(l, s, l));
  holds(f.analysis.carried(least, least, at));
});

test("what holds only in a branch that was not taken is not believed", () => {
  // %m is there only for %i >= 5, where it shows that %i is not negative; elsewhere it says nothing.
  const f = functionOf(
    `%i: index, ${x}`,
    `%c: bool = ge %i, 5
     %j: index = if %c { %m: index = min %i, 9  yield %m } else { yield %i }
     %u: index = add %j, 20  %v: index = add %i, 20
     %a: f64 = load %x[%u]  %d: bool = lt %i, 0  if %d { store %x[%v], 1f64 }`,
  );
  holds(f.analysis.overwrittenAfter(load(f), store(f), load(f)));
});

test("what the function requires of its sizes counts", () => {
  const after = (requires: string): Answer => {
    const f = functionOf(
      `${n}, %m: index, %q: index, ${x}`,
      "for %i in seq(0, %n) { %a: f64 = load %x[%i] } for %i in seq(%m, %q) { store %x[%i], 1f64 }",
      requires,
    );
    return f.analysis.overwrittenAfter(load(f), store(f), load(f));
  };
  holds(after(""));
  denied(after('requires %m - %n >= 0 else "too short"'));
});

test("dependences: distances and directions", () => {
  const f = functionOf(
    `${n}, %A: f64[%p, %q]`,
    `for %t in seq(0, %n) { for %i in seq(1, %n) { %j: index = sub %i, 1  %k: index = add %t, 2
       %a: f64 = load %A[%t, %j]  store %A[%k, %i], %a } }`,
  );
  const all = f.analysis.dependences().map((d) => `${d.kind} ${d.directions} ${d.distances}`);
  assert.equal(all, ["flow <,< 2,1"]);
  const sum = functionOf(`${n}, ${x}`, "for %i in seq(0, %n) { for %j in seq(0, %n) { accum add %x[%j], 1f64 } }");
  const shown = sum.analysis.dependences().map((d) => `${d.kind} ${d.directions} ${d.distances}`);
  assert.equal(shown, ["flow <,= ,0", "anti <,= ,0", "output <,= ,0"]);
});

test("injective in some loops, whatever others do", () => {
  const f = functionOf(
    `${n}, %A: f64[%p, %q]`,
    "for %i in seq(0, %n) { for %k in seq(0, %n) { for %j in seq(0, %n) { accum add %A[%i, %j], 1f64 } } }",
  );
  const access = f.accums[0] as Accum;
  const [i, k, j] = f.loops as [For, For, For];
  holds(f.analysis.injective(access, [i, j]));
  holds(f.analysis.injective(access, [i]));
  holds(f.analysis.injective(access, [j]));
  denied(f.analysis.injective(access, [k]));
  denied(f.analysis.injective(access, [i, k, j]));
});

test("iterations in any order: both may come first, and none has surely been", () => {
  const f = functionOf(
    `${n}, ${x}`,
    "for %i in par(1, %n) { %j: index = sub %i, 1  %a: f64 = load %x[%j]  store %x[%i], %a }",
  );
  holds(f.analysis.overwrittenAfter(load(f), store(f), load(f)));
  holds(f.analysis.carried(load(f), store(f), loop(f)));
  const first = functionOf(
    `${n}, ${x}`,
    "store %x[0], 1f64  for %i in par(1, %n) { %j: index = sub %i, 1  %a: f64 = load %x[%j]  store %x[%i], %a }",
  );
  holds(first.analysis.exposed(load(first), null));
});

test.run();
