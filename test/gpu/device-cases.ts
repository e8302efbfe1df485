/** The kernels in `kernels/`, and their derivatives in both modes, on a device that is a GPU or stands for one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GpuTarget } from "../../compiler/artifact.ts";
import type { Unit } from "../../runtime/call.ts";
import { load } from "../../runtime/load.ts";
import type { Case } from "../ad/cases.ts";
import { checkGradient, checkTangents, derivedUnit } from "../ad/check-gradient.ts";
import { flatten } from "../ad/directions.ts";

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** All that a call leaves behind. */
async function outcome(functions: Functions, { kernel, args }: Case): Promise<readonly number[]> {
  const given = args();
  const result = await functions[kernel]?.(...given);
  return [...given, result].flatMap((x) => (x === undefined ? [] : flatten(x)));
}

const isSingle = (c: Case): boolean => c.args().some((x) => [x].flat().some((row) => row instanceof Float32Array));

/**
 * Each call is what target interp makes of it, up to the order of sums, and each derivative what dual numbers say. `seeds` are
 * orders of threads, on devices that have a choice.
 */
export function testCases(
  target: GpuTarget,
  cases: readonly Case[],
  seeds: readonly (number | undefined)[] = [undefined],
): void {
  // WebGPU has no f64; bare numbers are f64 otherwise.
  const reals = target === "webgpu" ? ({ real: "f32" } as const) : {};
  for (const c of cases) {
    test(`${target}, ${c.name}: as target interp, up to the order of sums`, async () => {
      const expected = await outcome(await load(c.file, { target: "interp", ...reals, kernels: [c.kernel] }), c);
      const tolerance = isSingle(c) ? 1e-5 : 1e-12;
      for (const seed of seeds) {
        const options = { target, ...reals, kernels: [c.kernel], ...(seed !== undefined && { seed }) };
        const actual = await outcome(await load(c.file, options), c);
        assert.is(actual.length, expected.length);
        actual.forEach((x, i) => {
          const y = expected[i] as number;
          const isNear = Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
          assert.ok(isNear, `seed ${seed}, ${i}: ${x}, on interp ${y}`);
        });
      }
    });
  }
  for (const [kind, check] of [
    ["vjp", checkGradient],
    ["jvp", checkTangents],
  ] as const) {
    const units = new Map<string, Promise<Unit>>();
    for (const c of cases) {
      test(`${target}, ${c.name}: its ${kind} is right`, async () => {
        const name = `${c.file.href} ${c.kernel}`;
        const unit = units.get(name) ?? derivedUnit(c, kind, { target, ...reals });
        units.set(name, unit);
        await check(c, await unit);
      });
    }
  }
}

/** The cases in f32, with files of their own: for devices without f64. */
export function inSingle(cases: readonly Case[]): readonly Case[] {
  // Inside the repository, where `tsgpu` resolves to the sources.
  const temporary = fileURLToPath(new URL("../tmp/", import.meta.url));
  mkdirSync(temporary, { recursive: true });
  const folder = mkdtempSync(join(temporary, "single-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return cases.map((c) => {
    const file = join(folder, basename(c.file.pathname));
    writeFileSync(file, readFileSync(c.file, "utf8").replaceAll("f64", "f32").replace("f32, f32", "f32"));
    return { ...c, file: pathToFileURL(file), args: () => c.args().map(singleOf) };
  });
}

const singleOf = (x: unknown): unknown =>
  Array.isArray(x) ? x.map(singleOf) : x instanceof Float64Array ? Float32Array.from(x) : x;
