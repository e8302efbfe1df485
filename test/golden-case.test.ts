/** The golden runner itself: what it accepts, what it refuses to bless. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Module } from "../compiler/ir/ir.ts";
import { parse } from "../compiler/ir/parse.ts";
import { mapBodies, mapStmts } from "../compiler/ir/walk.ts";
import { funcPass, type Pass } from "../compiler/pass.ts";
import { difference } from "./equivalent.ts";
import { actualFaults, checksOf, expectedFaults, readCase } from "./golden-case.ts";

const identity = funcPass("identity", "changes nothing", (f) => f);
const dropStores: Pass = {
  name: "drop-stores",
  summary: "wrong on purpose",
  run: (m) => mapBodies(m, (body) => mapStmts(body, (s) => (s.kind === "store" ? null : s))),
};
const table = { identity, "drop-stores": dropStores };

const input = `# test identity
# What it is about.

stage loop

func @f(%A: f64[%n]) {
  store %A[0], 1f64 # why
}
`;
const printed = "stage loop\n\nfunc @f(%A: f64[%n]) {\n  store %A[0], 1f64\n}\n";
const sized = (text: string): string => text.replace("# What it is about.", "# sizes 4 7");

/** Runs all checks of the text as a file; what each threw, and the file after it. */
function outcome(text: string, update = false): { readonly failed: readonly string[]; readonly after: string } {
  const folder = mkdtempSync(join(tmpdir(), "golden-"));
  try {
    const path = join(folder, "case.ir");
    writeFileSync(path, text);
    const failed = Object.entries(checksOf(readCase(path, text), table, update)).flatMap(([name, check]) => {
      try {
        check();
        return [];
      } catch (e) {
        return [`${name}: ${(e as Error).message.split("\n")[0]}`];
      }
    });
    return { failed, after: readFileSync(path, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a case that holds", () => {
  assert.equal(outcome(`${sized(input)}\n===\n${printed}`).failed, []);
});

test("another output is shown with its first line that differs", () => {
  const { failed } = outcome(`${sized(input)}\n===\n${printed.replace("1f64", "2f64")}`);
  assert.equal(failed, ['output: line 4 is "  store %A[0], 1f64", expected "  store %A[0], 2f64"']);
});

test("an unknown pass is named, with those there are", () => {
  const [first] = outcome(input.replace("identity", "nosuch")).failed;
  assert.is(first, "output: there is no pass nosuch; there are identity, drop-stores");
});

test("UPDATE writes the output below the input", () => {
  const { failed, after } = outcome(sized(input), true);
  assert.equal(failed, []);
  assert.is(after, `${sized(input)}\n===\n${printed}`);
});

test("UPDATE refuses when the meaning changed, and leaves the file", () => {
  const text = sized(input).replace("identity", "drop-stores");
  const { failed, after } = outcome(text, true);
  assert.is(after, text);
  assert.match(failed[0] as string, "output: @f at size 4: %A[0] was 1, is");
});

test("a case that itself fails at its first size is refused, at others passed over", () => {
  const fails = outcome(input.replace("%A[0]", "%A[4]")).failed;
  assert.match(fails.at(-1) as string, "same meaning: @f fails at size 4 as it is");
  assert.equal(outcome(`${input}\n===\n${printed}`).failed, []);
});

test("several passes, a tolerance, sizes", () => {
  const c = readCase("x.ir", "# test cse, dce ~1e-12\n# sizes 40 33\nstage loop\n===\nstage loop\n");
  assert.equal([c.passes, c.tolerance, c.sizes, c.output], [["cse", "dce"], 1e-12, [40, 33], "stage loop\n"]);
});

const sum = (result: string, params = "%n: index"): Module =>
  parse(`stage loop export func @f(${params}) -> f64 { yield ${result} }`);

test("difference: results, signatures, tolerance", () => {
  assert.is(difference(sum("1f64"), sum("1f64")), null);
  assert.is(difference(sum("0f64"), sum("-0f64")), "@f at size 4: result 0 was 0, is -0");
  assert.is(difference(sum("0f64"), sum("-0f64"), { tolerance: 1e-15 }), null);
  assert.match(difference(sum("1f64"), sum("1f64", "")) ?? "", "@f is not what it was: () -> f64");
  assert.match(difference(sum("1f64"), { stage: "loop", funcs: [] }) ?? "", "gone");
});

test("difference: sizes that break a requirement are passed over, a check that fails must fail still", () => {
  const load = (index: string, head = ""): Module =>
    parse(`stage loop func @f(%A: f64[%n], %k: index) -> f64 ${head} { ${index} %x: f64 = load %A[3] yield %x }`);
  const need = 'requires %n - 4 >= 0 else ""';
  assert.is(difference(load("", need), load("", need)), null);
  assert.is(difference(load("check %A axis 0 at 9"), load("check %A axis 0 at 9")), null);
  assert.match(difference(load("check %A axis 0 at 9"), load("")) ?? "", "now runs");
});

test("expected faults stand in comments on their lines", () => {
  const text = "stage loop\nfunc @f(%x: f64) { # error: one  # error: two\n}\n# error: three";
  assert.equal(expectedFaults(text), ["2: one", "2: two", "4: three"]);
  assert.equal(actualFaults("stage loop\nfunc @f(%x: f64) -> f64 {\n}", "a.ir"), [
    "2: @f has 1 result, its body yields 0",
  ]);
});

test.run();
