/**
 * Golden files of lowering: `test/golden/frontend/*.ts`, each with the IR that becomes of it in the `.ir` beside it.
 *
 * The IR verifies, and run by the interpreter, as it is and after all passes, it does what the JavaScript of target `node`
 * does, and the file itself in Node unless it says `// not plain` (f32, integers without −0): to the bit. A line
 * `// options {"real":"f32"}` is for the frontend. `UPDATE=1` writes the `.ir` files anew, where all the rest holds.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lower } from "../../compiler/frontend/frontend.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print } from "../../compiler/ir/print.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { runEverywhere } from "../fuzz/run.ts";
import { noTraits } from "../fuzz/scope.ts";
import { sameText } from "../golden-case.ts";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "golden", "frontend");
const update = process.env.UPDATE === "1";

for (const name of readdirSync(folder).filter((n) => n.endsWith(".ts"))) {
  const text = readFileSync(join(folder, name), "utf8");
  const { real = "f64" }: { real?: "f64" | "f32" } = JSON.parse(/^\/\/ options (.*)$/m.exec(text)?.[1] ?? "{}");
  const golden = join(folder, name.replace(/\.ts$/, ".ir"));
  const { module } = lower(join(folder, name), text, { mode: "strict", real });
  const ir = print(module);
  let runs = false;

  test(`${name} verifies, and prints to a fixed point of parse`, () => {
    assert.equal(verify(module), []);
    sameText(print(parse(ir)), ir);
  });

  test(`${name} does the same everywhere`, async () => {
    const plain = !/^\/\/ not plain$/m.test(text);
    const options = { targets: ["node"], traits: { ...noTraits, plain, real } } as const;
    const { failures } = await runEverywhere({ text, imports: {} }, options);
    assert.equal(
      failures.map((f) => `${f.kernel} on ${f.runner}: ${f.what}`),
      [],
    );
    runs = true;
  });

  test(`${name} lowers to its golden file`, () => {
    if (!update) return sameText(ir, existsSync(golden) ? readFileSync(golden, "utf8") : "");
    assert.ok(runs, "not written: it does not run as it should");
    writeFileSync(golden, ir);
  });
}

test.run();
