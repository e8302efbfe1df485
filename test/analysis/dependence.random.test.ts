/** What dependence.ts says of random nests, held against what happens at small sizes: it never denies what is seen. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, ArrayAnalysis, type Dependence } from "../../compiler/analysis/dependence.ts";
import type { Accum, Block, For, Func, Let, Stmt, Store, While } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
import { blocksOf } from "../../compiler/ir/walk.ts";
import { randomOf } from "../passes/random-ir.ts";
import { randomAccesses } from "./affine-nests.ts";
import { type Setting, Trace } from "./trace.ts";
import {
  arrayOf,
  sawCarried,
  sawCollision,
  sawDependences,
  sawExposed,
  sawOverwrittenAfter,
  sawOverwrittenBetween,
  sawTogether,
} from "./truth.ts";

const nests = Number(process.env.TSGPU_NESTS ?? 600);
/** These take longer, and show less: only that nothing is denied that is seen. */
const oddNests = Math.ceil(nests / 6);
const firstSeed = Number(process.env.TSGPU_SEED ?? 1);

/** Where the statements of a function stand. */
interface Stand {
  readonly stmt: Stmt;
  readonly loops: readonly (For | While)[];
  /** Statements in whose scope its results are: after it in its block, and all inside of these. */
  readonly scope: readonly Stmt[];
}

function standsOf(b: Block, loops: readonly (For | While)[] = []): readonly Stand[] {
  return b.stmts.flatMap((stmt, i) => {
    const scope = b.stmts.slice(i + 1).flatMap((s) => [s, ...insideOf(s)]);
    const inner = stmt.kind === "for" || stmt.kind === "while" ? [...loops, stmt] : loops;
    return [{ stmt, loops, scope }, ...blocksOf(stmt).flatMap((x) => standsOf(x, inner))];
  });
}
const insideOf = (s: Stmt): readonly Stmt[] => blocksOf(s).flatMap((b) => b.stmts.flatMap((x) => [x, ...insideOf(x)]));

/** The one question, and how to see whether it is so in a run. */
interface Question {
  readonly kind: string;
  readonly name: string;
  /** Does the analysis say that it may be so? */
  readonly may: boolean;
  readonly why: string;
  readonly seen: (t: Trace) => boolean;
}

function* questionsOf(f: Func, random: (n: number) => number): Generator<Question> {
  const analysis = new ArrayAnalysis(f);
  // Arrays of integers are only read.
  const stands = standsOf(f.body).filter(({ stmt }) => arrayOf(stmt)?.type.elem !== "i32");
  const accesses = stands.filter(({ stmt }) => arrayOf(stmt) !== null);
  const ask = (kind: string, name: string, a: Answer, seen: (t: Trace) => boolean): Question => ({
    kind,
    name,
    may: a.holds,
    why: a.why,
    seen,
  });
  const writers = accesses.filter(({ stmt }) => stmt.kind !== "let").map(({ stmt }) => stmt);
  const id = (s: Stmt | null): string => (s === null ? "null" : `#${stands.findIndex((x) => x.stmt === s)} ${s.kind}`);
  const pick = <T>(list: readonly T[]): readonly T[] =>
    list.length <= 3 ? list : [0, 1, 2].map(() => list[random(list.length)] as T);
  for (const { stmt, loops, scope } of accesses) {
    const same = writers.filter((w) => arrayOf(w) === arrayOf(stmt));
    if (stmt.kind === "let") {
      for (const w of same) {
        for (const until of [null, ...pick(scope)]) {
          yield ask("between", `${id(stmt)} ${id(w)} ${id(until)}`, analysis.overwrittenBetween(stmt, w, until), (t) =>
            sawOverwrittenBetween(t, stmt, w, until),
          );
        }
        for (const from of [stmt, ...pick(scope)]) {
          yield ask("after", `${id(stmt)} ${id(w)} ${id(from)}`, analysis.overwrittenAfter(stmt, w, from), (t) =>
            sawOverwrittenAfter(t, stmt, w, from),
          );
        }
      }
    } else if (stmt.kind !== "alloc") {
      for (const w of same) {
        const access = stmt as Store | Accum;
        for (const from of [null, ...pick(scope)]) {
          yield ask(
            "after-access",
            `${id(stmt)} ${id(w)} ${id(from)}`,
            analysis.overwrittenAfterAccess(access, w, from),
            (t) => sawOverwrittenAfter(t, access, w, from ?? access),
          );
        }
      }
    }
    if (stmt.kind === "let" || stmt.kind === "accum") {
      for (const loop of [null, ...loops]) {
        yield ask("exposed", `${id(stmt)} ${id(loop)}`, analysis.exposed(stmt as Let | Accum, loop), (t) =>
          sawExposed(t, stmt as Let | Accum, loop, same),
        );
      }
    }
    if (stmt.kind === "alloc") continue;
    for (const { stmt: other, loops: others } of accesses) {
      if (arrayOf(other) !== arrayOf(stmt) || other.kind === "alloc") continue;
      const common = loops.filter((l) => others.includes(l));
      yield ask("together", `${id(stmt)} ${id(other)}`, analysis.together(stmt, other), (t) =>
        sawTogether(t, stmt, other, common),
      );
      for (const loop of common) {
        yield ask("carried", `${id(stmt)} ${id(other)} ${id(loop)}`, analysis.carried(stmt, other, loop), (t) =>
          sawCarried(t, stmt, other, loop),
        );
      }
    }
    for (const of of [loops, pick(loops).slice(0, 1)]) {
      const chosen = loops.filter((l) => of.includes(l));
      const a = analysis.injective(stmt, chosen);
      yield ask("collides", `${id(stmt)} ${chosen.map(id)}`, { ...a, holds: !a.holds }, (t) =>
        sawCollision(t, stmt, chosen),
      );
    }
  }
  yield* dependenceQuestions(f, analysis, accesses, id);
}

/** One for each dependence that is listed, and one for each pair: that nothing is seen but what is listed. */
function* dependenceQuestions(
  f: Func,
  analysis: ArrayAnalysis,
  accesses: readonly Stand[],
  id: (s: Stmt) => string,
): Generator<Question> {
  const listed = analysis.dependences();
  for (const { stmt: from, loops } of accesses) {
    for (const { stmt: to, loops: others } of accesses) {
      if (
        arrayOf(from) !== arrayOf(to) ||
        (from.kind === "let" && to.kind === "let") ||
        from.kind === "alloc" ||
        to.kind === "alloc"
      )
        continue;
      const common = loops.filter((l) => others.includes(l));
      const own = listed.filter((d) => d.from === from && d.to === to);
      const name = `${id(from)} ${id(to)}`;
      yield {
        kind: "unlisted",
        name,
        may: false,
        why: `listed: ${own.map(show)}`,
        seen: (t) => sawDependences(t, from, to, common).some((v) => !own.some((d) => fits(d, v))),
      };
      for (const d of own)
        yield {
          kind: "dependence",
          name,
          may: true,
          why: show(d),
          seen: (t) => sawDependences(t, from, to, common).some((v) => fits(d, v)),
        };
    }
  }
  if (listed.some((d) => !f.params.includes(d.array) && d.array.hint !== "t"))
    throw new Error("a dependence of no array");
}
const show = (d: Dependence): string => `${d.kind} (${d.directions}) (${d.distances}) ${d.why}`;

function fits(d: Dependence, difference: readonly number[]): boolean {
  return difference.every((x, k) => {
    const distance = d.distances[k];
    if (distance != null && distance !== x) return false;
    const direction = d.directions[k];
    return direction === "*" || direction === (x > 0 ? "<" : x < 0 ? ">" : "=");
  });
}

/** Of one kind of question: how many were asked, how many answered with "may", and how many of these never seen. */
interface Count {
  asked: number;
  may: number;
  unseen: number;
}
const counts = { affine: new Map<string, Count>(), odd: new Map<string, Count>() };

/** Sizes up to 6, in random order; then larger ones. */
function settingsFor(random: (n: number) => number): readonly Setting[] {
  const data = (): number[] => Array.from({ length: 5 }, () => random(6) - 1);
  const sizes = [...Array(mostSize + 1).keys()];
  const all = sizes.flatMap((n) =>
    sizes.map((m) => ({ values: { n, m, p: 400, p0: 400, p1: 400, r: 400 }, data: data() })),
  );
  const rank = ({ values: { n, m } }: (typeof all)[number]): number =>
    Math.max(n, m) <= 6 ? random(100) : 100 + n + m;
  return all
    .map((s) => [rank(s), s] as const)
    .sort(([a], [b]) => a - b)
    .map(([, s]) => s);
}
const mostSize = 8;

/** The sizes of the example that an answer gives. */
function exampleIn(why: string, like: Setting): readonly Setting[] {
  const of = (name: string): number => Number(why.match(new RegExp(`\\b${name} = (\\d+)`))?.[1] ?? 0);
  return [{ ...like, values: { ...like.values, n: of("n"), m: of("m") } }];
}

function compare(seed: number, kind: keyof typeof counts): void {
  const m = randomAccesses(seed, kind === "odd");
  const f = m.funcs[0] as Func;
  const random = randomOf(seed + 1e6);
  const settings = settingsFor(random);
  const traces = new Map<Setting, Trace>();
  const traceOf = (s: Setting): Trace => {
    const known = traces.get(s) ?? new Trace(f, s);
    traces.set(s, known);
    return known;
  };
  for (const q of questionsOf(f, random)) {
    const count = counts[kind].get(q.kind) ?? { asked: 0, may: 0, unseen: 0 };
    counts[kind].set(q.kind, count);
    count.asked++;
    const tried = q.may ? [...settings, ...exampleIn(q.why, settings[0] as Setting)] : settings.slice(0, 14);
    const seen = tried.find((s) => q.seen(traceOf(s)));
    if (q.may) count.may++;
    if (q.may && seen === undefined) count.unseen++;
    if (!q.may && seen !== undefined) {
      const at = JSON.stringify(seen.values);
      throw new Error(`nest ${seed}: ${q.kind} ${q.name} is denied (${q.why}) but seen at ${at}\n\n${print(m)}`);
    }
  }
}

for (const [kind, count] of [
  ["affine", nests],
  ["odd", oddNests],
] as const) {
  test(`${count} random ${kind} nests`, () => {
    for (let seed = firstSeed; seed < firstSeed + count; seed++) compare(seed, kind);
  });
}

const total = (kind: keyof typeof counts): Count => {
  const all = [...counts[kind].values()];
  const sum = (of: keyof Count): number => all.reduce((n, c) => n + c[of], 0);
  return { asked: sum("asked"), may: sum("may"), unseen: sum("unseen") };
};
const shown = (): string => JSON.stringify({ affine: [...counts.affine], odd: [...counts.odd] });

test("of affine nests, at most 1 % of the answers are left open", () => {
  for (const { asked, unseen } of counts.affine.values()) assert.ok(unseen <= asked / 100, shown());
});

test("of odd ones, few", () => {
  const { asked, unseen } = total("odd");
  assert.ok(unseen <= asked / 25, shown());
});

test("every question is answered both ways", () => {
  for (const [kind, { asked, may }] of counts.affine) {
    if (kind === "unlisted" || kind === "dependence") continue;
    assert.ok(may > nests / 10 && may < asked - nests / 10, `${kind}: ${shown()}`);
  }
  if (process.env.TSGPU_NESTS !== undefined) console.log(shown());
});

test.run();
