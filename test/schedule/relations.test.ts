/**
 * What holds of the passes over loops, of random nests: the output verifies, running a pass again changes nothing, and each of them,
 * and all of them as gradients go through them, keep what the program does, but for the order of adjoint sums. Each pass has
 * something to do in at least a few of a hundred nests. `TSGPU_FUZZ=5000` tries that many, from `TSGPU_SEED` on.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Module } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
import { verify } from "../../compiler/ir/verify.ts";
import type { Pass } from "../../compiler/pass.ts";
import { cleanup } from "../../compiler/passes/index.ts";
import { scheduled } from "../../compiler/pipeline.ts";
import { expandArrays, fission, gradientPasses } from "../../compiler/schedule/index.ts";
import { difference } from "../equivalent.ts";
import { randomNests } from "./random-nests.ts";

const count = Number(process.env.TSGPU_FUZZ ?? 150);
const first = Number(process.env.TSGPU_SEED ?? 1);
const options = { tolerance: 1e-10, sizes: [4, 5, 7, 9] };

function ran(m: Module, list: readonly Pass[]): Module {
  return list.reduce((before, pass) => {
    const after = pass.run(before);
    const [fault] = verify(after);
    if (fault !== undefined) throw new Error(`after ${pass.name}: ${fault.message}\n\n${print(after)}`);
    return after;
  }, m);
}

function same(before: Module, after: Module, what: string): void {
  const problem = difference(before, after, options);
  if (problem !== null) throw new Error(`${what}: ${problem}\n\n${print(before)}\n\nbecomes\n\n${print(after)}`);
}

const changed = new Map<string, number>();
test(`${count} random nests`, () => {
  for (let seed = first; seed < first + count; seed++) {
    try {
      const module = ran(randomNests(seed), cleanup);
      for (const pass of gradientPasses) {
        const once = ran(module, [pass]);
        if (once === module) continue;
        changed.set(pass.name, (changed.get(pass.name) ?? 0) + 1);
        same(module, once, pass.name);
        if (pass.run(once) !== once) throw new Error(`${pass.name} goes on\n\n${print(module)}\n\n${print(once)}`);
      }
      same(module, ran(module, scheduled({ kind: "vjp" })), "all together");
    } catch (e) {
      throw new Error(`seed ${seed}: ${e instanceof Error ? e.message : e}`);
    }
  }
});

/** Those that take apart what GPUs run. */
const splits = [expandArrays, fission];
test(`${count} random nests, taken apart`, () => {
  for (let seed = first; seed < first + count; seed++) {
    const module = ran(randomNests(seed, { sums: true }), cleanup);
    for (const pass of splits) {
      const after = ran(module, [pass]);
      if (after === module) continue;
      changed.set(pass.name, (changed.get(pass.name) ?? 0) + 1);
      same(module, after, `seed ${seed}: ${pass.name}`);
    }
  }
});

test("each pass has something to do", () => {
  for (const { name } of [...gradientPasses, ...splits]) {
    assert.ok((changed.get(name) ?? 0) >= count / 75, `${name} changed ${changed.get(name) ?? 0} of ${count} nests`);
  }
});

test.run();
