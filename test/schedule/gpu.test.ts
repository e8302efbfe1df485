/**
 * Random nests as launch programs of a GPU: on the simulator, in several orders of threads, each does what the loops do in order, but
 * for the order of sums, and no two threads race. `TSGPU_FUZZ=5000` tries that many, from `TSGPU_SEED` on.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Artifact, Entry, TargetName } from "../../compiler/artifact.ts";
import { isArray, type Module } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print } from "../../compiler/ir/print.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { runPasses } from "../../compiler/pass.ts";
import { cleanup } from "../../compiler/passes/index.ts";
import { passesAfter } from "../../compiler/pipeline.ts";
import { array, type NdArray } from "../../index.ts";
import { call } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { arrayOf } from "../runtime/units.ts";
import { randomNests } from "./random-nests.ts";

const count = Number(process.env.TSGPU_FUZZ ?? 60);
const first = Number(process.env.TSGPU_SEED ?? 1);

function artifactOf(m: Module, target: TargetName): Artifact {
  const entries = m.funcs.map(
    (f): Entry => ({
      name: f.name,
      params: f.params.filter(isArray).map((p) => ({
        name: p.hint,
        type: arrayOf(p.type.elem, p.type.dims.length),
        access: "readwrite" as const,
      })),
      result: null,
    }),
  );
  // Without code the interpreter runs the simulator's loops, which for these sizes is faster than to compile them.
  return { target, file: "nests.ts", entries, program: runPasses(m, passesAfter({ target })), code: null };
}

function argumentsFor({ entries }: Artifact, size: number): readonly NdArray[] {
  return (entries[0] as Entry).params.map(({ type }, k) => {
    const rank = type.kind === "array" ? type.rank : 0;
    const shape = new Array<number>(rank).fill(size);
    const data = Float64Array.from({ length: size ** rank }, (_, i) => Math.sin(1 + i * (k + 2)));
    return array(data, shape);
  });
}

async function outcome(artifact: Artifact, size: number, seed: number): Promise<readonly number[]> {
  const unit = await loadUnit(artifact, () => Promise.reject(new Error("nothing is checked")), { seed });
  const args = argumentsFor(artifact, size);
  await call(unit, "f", [...args]);
  return args.flatMap((a) => [...(a.data as Float64Array)]);
}

/** Only these come in an order that nobody knows. */
const hasAtomics = (m: Module): boolean =>
  m.funcs.some((f) => [...walk(f.body)].some((s) => s.kind === "accum" && s.atomic === true));

let parallel = 0;
let kept = 0;
test(`${count} random nests on the simulator`, async () => {
  for (let seed = first; seed < first + count; seed++) {
    const m = runPasses(randomNests(seed, { sums: seed % 2 === 0 }), cleanup);
    const [plain, mapped] = [artifactOf(m, "interp"), artifactOf(m, "simulator")];
    if (mapped.program.funcs.some((f) => / (32|256)\)/.test(print({ ...mapped.program, funcs: [f] })))) parallel++;
    if (/%\w+_each\b/.test(print(mapped.program))) kept++;
    for (const size of [9, 4]) {
      const expected = await outcome(plain, size, 0);
      const outcomes: (readonly number[])[] = [];
      for (const order of [0, 1]) {
        const actual = await outcome(mapped, size, order).catch((e: unknown) => {
          throw new Error(`seed ${seed}: ${e}\n\n${print(m)}\n\nbecomes\n\n${print(mapped.program)}`);
        });
        outcomes.push(actual);
        const wrong = expected.findIndex(
          (v, i) => Math.abs(v - (actual[i] as number)) > 1e-9 * Math.max(1, Math.abs(v)),
        );
        const what = `seed ${seed}, size ${size}, order ${order}: element ${wrong}`;
        assert.is(wrong, -1, `${what}\n\n${print(m)}\n\nbecomes\n\n${print(mapped.program)}`);
      }
      if (!hasAtomics(mapped.program))
        assert.equal(outcomes[0], outcomes[1], `seed ${seed}: the order of threads counts`);
    }
  }
});

test("most of them have something for many threads", () => {
  assert.ok(parallel >= count / 2, `${parallel} of ${count}`);
});

test("some of them keep values for other nests", () => {
  assert.ok(kept >= count / 20, `${kept} of ${count}`);
});

/** Reductions over more elements than a workgroup takes, and over as many as an element says. */
const large = `
stage loop

export func @f(%A: f64[%n, %m], %y: f64[%n'], %s: f64[%k]) {
  %l: f64 = load %s[0]
  %most: f64 = min %l, 1f64
  %part: f64 = abs %most
  %c: f64 = cast %n
  %d: f64 = mul %c, %part
  %whole: f64 = floor %d
  %count: index = cast %whole
  %a: f64 = for %i in seq(0, %count) with %t = 0.5f64 {
    %v: f64 = load %A[%i, 0]
    %next: f64 = add %t, %v
    yield %next
  }
  %b: f64, %e: f64 = for %i in seq(0, %n) with %t = %a, %u = 0f64 {
    %f: f64, %g: f64 = for %j in seq(0, %m) with %p = %t, %q = %u {
      %v: f64 = load %A[%i, %j]
      %w: f64 = mul %v, 0.5f64
      store %A[%i, %j], %w
      %x: f64 = sub %p, %w
      %z: f64 = max %q, %v
      yield %x, %z
    }
    yield %f, %g
  }
  %h: f64 = for %i in seq(0, %n) with %t = 0f64 {
    %r: f64 = for %j in seq(0, %m) with %p = 0f64 {
      %v: f64 = load %A[%i, %j]
      %z: f64 = add %p, %v
      yield %z
    }
    store %y[%i], %r
    %x: f64 = add %t, %r
    yield %x
  }
  %all: f64 = add %b, %e
  %sum: f64 = add %all, %h
  store %s[0], %sum
}
`;

test("large reductions", async () => {
  const m = runPasses(parse(large), cleanup);
  const [plain, mapped] = [artifactOf(m, "interp"), artifactOf(m, "simulator")];
  assert.not(hasAtomics(mapped.program));
  const shapes = [
    [2500, 3],
    [90, 70],
    [3, 600],
    [1, 1],
    [0, 4],
  ] as const;
  for (const [rows, columns] of shapes) {
    const args = (): readonly NdArray[] => {
      const data = Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i + 1));
      return [array(data, [rows, columns]), array(new Float64Array(rows), [rows]), array(Float64Array.of(0.7), [1])];
    };
    const results = await Promise.all(
      [plain, mapped, mapped].map(async (artifact, seed) => {
        const unit = await loadUnit(artifact, () => Promise.reject(new Error("nothing is checked")), { seed });
        const own = args();
        await call(unit, "f", [...own]);
        return own.flatMap((a) => [...(a.data as Float64Array)]);
      }),
    );
    const [expected, one, other] = results as [number[], number[], number[]];
    expected.forEach((v, i) => {
      assert.ok(Math.abs(v - (one[i] as number)) < 1e-9, `${rows} × ${columns}, element ${i}: ${one[i]}, not ${v}`);
    });
    assert.equal(one, other);
  }
});

test.run();
