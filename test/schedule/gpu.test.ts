/**
 * Random nests as launch programs of a GPU: on the simulator, in several orders of threads, each does what the loops do in order, but
 * for the order of sums, and no two threads race. `TSGPU_FUZZ=5000` tries that many, from `TSGPU_SEED` on.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Artifact, Entry, TargetName } from "../../compiler/artifact.ts";
import { isArray, type Module } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
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
      for (const order of [0, 1]) {
        const actual = await outcome(mapped, size, order).catch((e: unknown) => {
          throw new Error(`seed ${seed}: ${e}\n\n${print(m)}\n\nbecomes\n\n${print(mapped.program)}`);
        });
        const wrong = expected.findIndex(
          (v, i) => Math.abs(v - (actual[i] as number)) > 1e-9 * Math.max(1, Math.abs(v)),
        );
        const what = `seed ${seed}, size ${size}, order ${order}: element ${wrong}`;
        assert.is(wrong, -1, `${what}\n\n${print(m)}\n\nbecomes\n\n${print(mapped.program)}`);
      }
    }
  }
});

test("most of them have something for many threads", () => {
  assert.ok(parallel >= count / 2, `${parallel} of ${count}`);
});

test("some of them keep values for other nests", () => {
  assert.ok(kept >= count / 20, `${kept} of ${count}`);
});

test.run();
