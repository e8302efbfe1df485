/**
 * What holds of clean-up passes whatever they are given: of every golden file's input, and of random modules.
 *
 * The output verifies; running a pass again changes nothing, and then gives back the very module; the clean-ups together
 * keep what the program does. `TSGPU_FUZZ=5000` tries that many random modules, from `TSGPU_SEED` on.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import type { Module } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print } from "../../compiler/ir/print.ts";
import { verify } from "../../compiler/ir/verify.ts";
import type { Pass } from "../../compiler/pass.ts";
import { cleanup, inline, outline } from "../../compiler/passes/index.ts";
import { difference } from "../equivalent.ts";
import { readCase } from "../golden-case.ts";
import { randomModule } from "./random-ir.ts";

const golden = join(dirname(dirname(fileURLToPath(import.meta.url))), "golden");
const single = [inline, ...new Set(cleanup)];

function checkVerifies(m: Module, after: string): void {
  const [fault] = verify(m);
  if (fault !== undefined) throw new Error(`after ${after}, in @${fault.func}: ${fault.message}\n\n${print(m)}`);
}

function checkIdempotent(m: Module, pass: Pass): void {
  const once = pass.run(m);
  checkVerifies(once, pass.name);
  if (print(once) === print(m) && once !== m)
    throw new Error(`${pass.name} changed nothing, into a new module\n\n${print(m)}`);
  const twice = pass.run(once);
  if (twice !== once) {
    throw new Error(`${pass.name} of\n\n${print(m)}\n\ngives\n\n${print(once)}\n\nand then\n\n${print(twice)}`);
  }
}

function checkMeaning(m: Module, passes: readonly Pass[], tolerance: number, sizes: readonly number[] | null): void {
  let out = m;
  for (const pass of passes) {
    out = pass.run(out);
    checkVerifies(out, pass.name);
    const problem = difference(m, out, sizes === null ? { tolerance } : { tolerance, sizes });
    if (problem !== null) throw new Error(`after ${pass.name}: ${problem}\n\n${print(m)}\n\nbecomes\n\n${print(out)}`);
  }
}

const files = readdirSync(golden, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".ir") && !name.startsWith("verify/") && !name.startsWith("frontend/"))
  .sort();

for (const name of files) {
  const path = join(golden, name);
  const { input, tolerance, sizes } = readCase(path, readFileSync(path, "utf8"));
  const module = parse(input, path);
  test(`${name}: passes are idempotent`, () => {
    const inlined = inline.run(module);
    for (const pass of single) checkIdempotent(pass === inline ? module : inlined, pass);
  });
  test(`${name}: the clean-ups keep what it does`, () => {
    checkMeaning(module, [inline, ...cleanup, ...cleanup], tolerance, sizes);
  });
}

const count = Number(process.env.TSGPU_FUZZ ?? 100);
const first = Number(process.env.TSGPU_SEED ?? 1);
const sizes = [4, 7];

test(`${count} random modules`, () => {
  for (let seed = first; seed < first + count; seed++) {
    const module = randomModule(seed);
    try {
      checkVerifies(module, "the generator");
      checkIdempotent(module, inline);
      const inlined = inline.run(module);
      for (const pass of new Set(cleanup)) {
        checkIdempotent(inlined, pass);
        checkMeaning(inlined, [pass], 0, sizes);
      }
      checkMeaning(module, [inline, ...cleanup, ...cleanup, outline, ...cleanup], 0, sizes);
    } catch (e) {
      throw new Error(`seed ${seed}: ${e instanceof Error ? e.message : e}`);
    }
  }
});

test.run();
