/** Gradients of 200 random kernels, against dual numbers; a part of them on every target of this machine, to the bit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../skip.ts";
import { texts } from "./check.ts";
import { constructsIn } from "./constructs.ts";
import { features } from "./features.ts";
import { runGradients } from "./grad.ts";
import { generateGradients } from "./gradients.ts";
import { absent, noCoverage, presentTargets } from "./run.ts";
import { printFiles } from "./tree.ts";

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: gradients on ${target}`, why);

const [files, kernels, size] = [40, 5, 5];
const all = noCoverage();

for (let seed = 0; seed < files; seed++) {
  test(`gradients of five programs, seed ${seed}`, async () => {
    const program = generateGradients(seed, { kernels, size });
    const targets = seed % 10 === 0 ? presentTargets : [];
    const verdict = await runGradients(printFiles(program), { targets, traits: program.traits, grad: seed });
    const how = `node --import ./scripts/dev.mjs test/fuzz/cli.ts --grad --seed ${seed} --count ${kernels} --size ${size}`;
    assert.equal(texts(verdict), [], `${how}\n${texts(verdict).join("\n")}`);
    for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += verdict.coverage[key];
  });
}

test("few gradients are refused, or no numbers; most depend on their inputs", () => {
  const { calls, undecided, range, floats, sharp, refused } = all;
  assert.ok(refused <= 0.02 * files * kernels, `${refused} refused`);
  assert.ok(range <= 0.05 * (calls + range), `${range} of ${calls + range} calls without a derivative`);
  assert.ok(undecided <= 0.2 * calls, `${undecided} of ${calls} calls would keep more than they may`);
  assert.ok(sharp >= 0.5 * floats, `${sharp} of ${floats} derivatives are along a direction that counts`);
});

test("each feature stands in 3 % of 200 programs of one kernel or more", () => {
  const counts = new Map(Object.keys(features).map((name) => [name, 0]));
  const seeds = 200;
  let empty = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const program = generateGradients(seed, { kernels: 1, size });
    if (program.traits.hollow) empty++;
    const { text, imports } = printFiles(program);
    const found = new Set([text, ...Object.values(imports)].flatMap((part) => [...constructsIn(part, features)]));
    for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  counts.set("empty arrays", empty);
  const rare = [...counts].filter(([, n]) => n < 0.03 * seeds);
  assert.equal(rare, []);
});

test.run();
