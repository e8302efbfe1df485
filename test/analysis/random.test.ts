/** What bounds.ts says of random nests, held against enumeration, and check-bounds against the interpreter. */
import { test } from "uvu";
import { type InterpArg, InterpError, interpreter } from "../../compiler/interp.ts";
import type { Func, Module } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { checkBounds } from "../../compiler/passes/check-bounds.ts";
import { versionChecks } from "../../compiler/passes/version-checks.ts";
import { randomOf } from "../passes/random-ir.ts";
import { claimsOf, Enumeration, type Setting } from "./enumerate.ts";
import { randomNest } from "./nests.ts";

const nests = Number(process.env.TSGPU_NESTS ?? 400);
const firstSeed = Number(process.env.TSGPU_SEED ?? 1);
const settingsEach = 16;

function settingFor(random: (n: number) => number): Setting {
  const sizes = { n: random(random(2) === 0 ? 5 : 20), p: random(4), q: random(4), m: random(4) };
  const scalars = { s: random(7) - 2, t: random(7) - 2 };
  return { values: { ...sizes, ...scalars }, data: Array.from({ length: 5 }, () => random(6) - 1) };
}

function argumentsFor({ values, data }: Setting): InterpArg[] {
  const { n = 0, p = 0, q = 0, m = 0, s = 0, t = 0 } = values;
  const k = Int32Array.from({ length: m }, (_, i) => data[i % data.length] as number);
  return [
    s,
    t,
    { data: new Float64Array(n), shape: [n] },
    { data: new Float64Array(p * q), shape: [p, q] },
    { data: k, shape: [m] },
  ];
}

/** Why a run of the module ends early; null where it does not. */
function failure(m: Module, setting: Setting): string | null {
  try {
    interpreter(m, { maxSteps: 100_000 })("f", argumentsFor(setting));
    return null;
  } catch (e) {
    if (e instanceof InterpError) return e.reason;
    throw e;
  }
}

const counts = { inside: 0, when: 0, unknown: 0, held: 0, refused: 0, versioned: 0 };

function compare(seed: number): void {
  const m = randomNest(seed);
  const fail = (what: string, setting: Setting): never => {
    throw new Error(`nest ${seed} at ${JSON.stringify(setting)}: ${what}\n\n${print(m)}`);
  };
  const random = randomOf(seed + 1e6);
  const f = m.funcs[0] as Func;
  const claims = claimsOf(f);
  for (const c of claims) counts[c.verdict.kind]++;
  const assumed = checkBounds("assume").run(m);
  const checked = checkBounds("all").run(m);
  const versioned = versionChecks.run(checked);
  if (versioned !== checked) counts.versioned++;
  const requires = (assumed.funcs[0] as Func).requires;
  for (let k = 0; k < settingsEach; k++) {
    const setting = settingFor(random);
    const seen = new Enumeration(f, setting);
    for (const c of claims) {
      if (!seen.wentOutside(c)) continue;
      const where = `axis ${c.axis} of %${c.array.hint} goes outside`;
      if (c.verdict.kind === "inside") fail(`${where}, and is said to stay inside`, setting);
      if (c.verdict.kind === "when" && seen.meets(c.verdict.requires)) fail(`${where} where it is required`, setting);
    }
    if (!seen.finished) continue;
    const plain = failure(m, setting);
    if ((plain === "bounds") !== seen.anyOutside) fail(`the interpreter says ${plain}`, setting);
    if (failure(checked, setting) !== (plain === "bounds" ? "check" : plain)) fail("checks miss it", setting);
    if (failure(versioned, setting) !== failure(checked, setting)) fail("checks at the ends miss it", setting);
    if (seen.meets(requires)) {
      counts.held++;
      if (failure(assumed, setting) === "bounds") fail("an unchecked access goes outside", setting);
    }
    const refusing = requires.find((r) => !seen.holds(r.need) && r.when?.every((w) => seen.holds(w)));
    if (refusing === undefined) continue;
    counts.refused++;
    if (plain !== "bounds") fail(`is refused: ${refusing.message}`, setting);
  }
}

test(`${nests} random nests`, () => {
  for (let seed = firstSeed; seed < firstSeed + nests; seed++) compare(seed);
});

test("the nests are of all kinds", () => {
  for (const [kind, count] of Object.entries(counts)) {
    if (count < nests / 8) throw new Error(`only ${count} ${kind} in ${JSON.stringify(counts)}`);
  }
});

test("the nests verify", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const nest = randomNest(seed);
    const checked = checkBounds("all").run(nest);
    for (const m of [nest, checkBounds("assume").run(nest), checked, versionChecks.run(checked)]) {
      const [fault] = verify(m);
      if (fault !== undefined) throw new Error(`nest ${seed}: ${fault.message}`);
    }
  }
});

test.run();
