/** `tsgpu types`: the files that it writes, what `--check` says of them, and that their names are those of the derivatives. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import type { DerivativeKind } from "../../compiler/artifact.ts";
import { compile } from "../../compiler/index.ts";
import { makePlace, wrong } from "./tsgpu.ts";

const kernels = `import type { f64, i32, index } from "tsgpu";

export function gather(x: readonly f64[], at: readonly i32[], out: f64[], seen: i32[]): void {
  for (let i = 0; i < at.length; i++) {
    out[i] = x[at[i]];
    seen[at[i]] += 1;
  }
}
export function scale(s: f64, x: { re: f64; im: f64 }[]): f64 {
  for (let i = 0; i < x.length; i++) x[i].re *= s;
  return s;
}
export function count(n: index): index {
  return n;
}
`;
const place = makePlace({ "kernels.ts": kernels, "app.ts": "export const answer = 42;\n" });
test.after(place.remove);
const read = (name: string): string => readFileSync(join(place.folder, name), "utf8");

test("writes what is missing or out of date, and nothing else", async () => {
  const missing = await place.tsgpu(["types", "--check", "."]);
  assert.is(missing.code, exitCodes.failed);
  assert.is(missing.stdout, "kernels.types.ts is missing: run `tsgpu types kernels.ts`\n");
  assert.is((await place.tsgpu(["types", "."])).stdout, "kernels.types.ts written\n");
  const text = read("kernels.types.ts");
  assert.match(text, 'import type * as source from "./kernels.js";');
  assert.match(text, '{ params: ["x", "at", "out", "seen"]; wrt: "x"; of: "out"; outputs: "out" | "seen" }');
  assert.match(text, '{ params: ["s", "x"]; wrt: "s" | "x"; of: "x" | "return"; outputs: "x" }');
  assert.match(text, '{ params: ["n"]; wrt: never; of: never; outputs: never }');
  const again = await place.tsgpu(["types", ".", "--json"]);
  assert.equal(JSON.parse(again.stdout), {
    files: [{ file: "kernels.ts", types: "kernels.types.ts", state: "unchanged" }],
    diagnostics: [],
  });
  writeFileSync(join(place.folder, "kernels.ts"), kernels.replace("readonly at", "at").replaceAll("seen", "counts"));
  const stale = await place.tsgpu(["types", "--check", "kernels.ts"]);
  assert.is(stale.code, exitCodes.failed);
  assert.is(stale.stdout, "kernels.types.ts is out of date: run `tsgpu types kernels.ts`\n");
  assert.is(read("kernels.types.ts"), text);
  assert.is((await place.tsgpu(["types", "kernels.ts"])).code, exitCodes.ok);
  assert.match(read("kernels.types.ts"), '"counts"');
  writeFileSync(join(place.folder, "kernels.ts"), kernels);
});

test("what does not compile is said, and fails", async () => {
  const other = makePlace({ "wrong.ts": wrong });
  const { code, stdout } = await other.tsgpu(["types", "wrong.ts"]);
  assert.is(code, exitCodes.failed);
  assert.match(stdout, /wrong.ts:3:3: unsupported TG1007[\s\S]*wrong.ts does not compile\n$/);
  other.remove();
});

test("the names are those that the compiler differentiates by and of", async () => {
  const file = join(place.folder, "kernels.ts");
  const [text] = [read("kernels.types.ts").replaceAll("counts", "seen")];
  const derivative = async (kernel: string, kind: DerivativeKind) =>
    (await compile({ file, text: kernels }, { target: "interp", derivative: { kernel, kind } })).entries[0]?.derivative;
  for (const kernel of ["gather", "scale"]) {
    const made = await derivative(kernel, "jvp");
    const [, wrt, of] = new RegExp(`source.${kernel},\\s*{ params: .*; wrt: (.*); of: (.*); outputs`).exec(text) ?? [];
    const union = (leaves: readonly string[] = []): string =>
      [...new Set(leaves.map((leaf) => JSON.stringify(leaf.replace(/[[.].*/, ""))))].join(" | ");
    assert.equal([wrt, of], [union(made?.wrt), union(made?.of)]);
  }
});

test.run();
