/**
 * 300 random kernels, and the smallest forms of all that random kernels ever found: on every target of this machine, to
 * the bit, against the interpreter, and where the language says so against plain JavaScript.
 *
 * A failure prints how to hunt it down: `test/fuzz/cli.ts` shrinks it to a file for `test/fuzz/regressions/`, whose first
 * line may say `// not plain` (Node differs by design: f32 arithmetic, an integer −0).
 */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../skip.ts";
import { generate } from "./generate.ts";
import { absent, type Failure, runEverywhere } from "./run.ts";
import { printProgram } from "./tree.ts";

const files = 30;
const size = 16;
const texts = (list: readonly Failure[]): string[] => list.map((f) => `${f.kernel} on ${f.runner}: ${f.what}`);

for (const [target, why] of Object.entries(absent)) if (why !== null) skip(`fuzz: target ${target}`, why);

const folder = new URL("./regressions/", import.meta.url);
for (const name of readdirSync(folder).sort()) {
  test(`regression ${name}`, async () => {
    const text = readFileSync(new URL(name, folder), "utf8");
    assert.equal(texts(await runEverywhere(text, { plain: !text.startsWith("// not plain") })), []);
  });
}

for (let seed = 0; seed < files; seed++) {
  test(`ten kernels, seed ${seed}`, async () => {
    const program = generate(seed, { kernels: 10, size });
    const failures = texts(await runEverywhere(printProgram(program), { plain: program.plain, wild: program.wild }));
    const how = `node --import ./scripts/dev.mjs test/fuzz/cli.ts --seed ${seed} --count 1 --size ${size}`;
    assert.equal(failures, [], `${how}\n${failures.join("\n")}`);
  });
}

test("a seed gives the same program each time, and seeds give different ones", () => {
  assert.is(printProgram(generate(7)), printProgram(generate(7)));
  assert.is.not(printProgram(generate(7)), printProgram(generate(8)));
});

test.run();
