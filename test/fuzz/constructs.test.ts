/** What random programs are made of: every construct of the language, often enough to meet every other. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { constructs, constructsIn, libraryConstructs } from "./constructs.ts";
import { type GenerateOptions, generate } from "./generate.ts";
import { printFiles } from "./tree.ts";

/** Of all files of one kernel (and its helpers), at least this part holds each construct. */
const leastShare = 0.01;

function shares(
  of: Parameters<typeof constructsIn>[1],
  seeds: number,
  options: Partial<GenerateOptions>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(Object.keys(of).map((name) => [name, 0]));
  for (let seed = 0; seed < seeds; seed++) {
    const { text, imports } = printFiles(generate(seed, { kernels: 1, size: 16, ...options }));
    const found = new Set([text, ...Object.values(imports)].flatMap((file) => [...constructsIn(file, of)]));
    for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].map(([name, n]) => [name, n / seeds]));
}
const rare = (all: ReadonlyMap<string, number>): string[] =>
  [...all].filter(([, share]) => share < leastShare).map(([name, share]) => `${name}: ${(100 * share).toFixed(1)} %`);

test("each construct stands in 1 % of 500 programs or more", () => {
  assert.equal(rare(shares(constructs, 500, {})), []);
});

test("library functions stand in programs that may call them, and in no others", () => {
  assert.equal(rare(shares(libraryConstructs, 100, { math: true })), []);
  assert.equal(rare(shares(libraryConstructs, 300, {})), []);
  const found = [...shares(libraryConstructs, 50, { math: false })].filter(([, share]) => share > 0);
  assert.equal(found, []);
});

test("tame programs hold all but what makes floats decide, or is not finite", () => {
  const missing = rare(shares(constructs, 200, { mode: "fast" })).map((line) => line.split(":")[0]);
  assert.equal(missing, ["bound from data", "Infinity, NaN"]);
});

test.run();
