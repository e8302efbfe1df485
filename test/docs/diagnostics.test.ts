/**
 * docs/diagnostics.md: every code has its section, its title and help are those of the compiler's tables, what a section
 * shows first causes that code and nothing else, and what it shows last compiles, or runs. `UPDATE=1` writes titles and
 * help anew.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { adCodes } from "../../ad/codes.ts";
import { targetCodes } from "../../compiler/backend/codes.ts";
import { CompileError } from "../../compiler/diagnostic.ts";
import { codes } from "../../compiler/frontend/codes.ts";
import { check, type DerivativeRequest, emit, explainDerivative } from "../../compiler/index.ts";
import { diagnose } from "../../compiler/pipeline.ts";
import { scheduleCodes } from "../../compiler/schedule/codes.ts";
import { array, grad, LaunchError, load, vjp } from "../../index.ts";
import { launchErrors } from "../../runtime/launch-error.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = join(root, "docs", "diagnostics.md");
const text = readFileSync(page, "utf8");
const prologue =
  'import type { bool, f16, f32, f64, i32, index, u32 } from "tsgpu";\nimport { parallel, zeros } from "tsgpu/kernel";\n';

const blocksOf = (body: string): readonly string[] =>
  [...body.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((m) => m[1] ?? "");

/** The sections by code: what stands between its heading and the next. */
const sections = new Map(
  [...text.matchAll(/^### (TG\d+)\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)].map((m) => [m[1] as string, m[2] as string]),
);

/** What the tables of the compiler and the runtime say of a code, as the page has it. */
const said = new Map<string, { readonly title: string; readonly help: string }>([
  ...Object.entries({ ...codes, ...adCodes, ...targetCodes, ...scheduleCodes }).map(
    ([code, { kind, title, help }]) =>
      [
        code,
        { title: `**${kind === "error" ? "Error" : "Unsupported"}:** ${title}.`, help: `Instead: ${help}.` },
      ] as const,
  ),
  ...Object.entries(launchErrors).map(
    ([code, { meaning, help }]) => [code, { title: `**Error:** ${meaning}.`, help: `Instead: ${help}.` }] as const,
  ),
]);

test("every code has a section, once and in the order of the tables, and every section a code", () => {
  const headings = [...text.matchAll(/^### (\S+)$/gm)].map((m) => m[1]);
  assert.equal([...headings].sort(), [...said.keys()].sort());
  assert.is(new Set(headings).size, headings.length);
});

test("titles and help are those of the compiler", () => {
  if (process.env.UPDATE === "1") {
    const fresh = text.replace(
      /^### (TG\d+)\n\n(\*\*.*?:\*\* .*?\.)(?= [A-Z`])([\s\S]*?)^Instead: .*$/gm,
      (all, code, _, rest) => {
        const now = said.get(code);
        return now === undefined ? all : `### ${code}\n\n${now.title}${rest}${now.help}`;
      },
    );
    writeFileSync(page, fresh);
    return;
  }
  for (const [code, { title, help }] of said) {
    const body = sections.get(code) ?? "";
    assert.ok(body.startsWith(`\n${title} `), `${code} begins with "${body.slice(0, 80)}", not "${title}"`);
    assert.ok(body.includes(`\n${help}\n`), `${code} has no line "${help}"`);
  }
});

/** Inside the repository, where `tsgpu` resolves to the sources. */
mkdirSync(join(root, "test", "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "test", "tmp", "diagnostics-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const asked = { TG1015: { kernels: ["total"] } } as const;
for (const code of Object.keys(codes)) {
  test(`${code}: the first example causes it, the last compiles`, () => {
    const blocks = blocksOf(sections.get(code) ?? "");
    assert.is(blocks.length, 2);
    const found = blocks.map((block) => {
      const source = block.includes("import ") ? block : prologue + block;
      const options = code in asked ? asked[code as keyof typeof asked] : {};
      return check({ file: join(folder, "example.ts"), text: source }, options).map((d) => `${d.code} ${d.message}`);
    });
    assert.equal([...new Set(found[0]?.map((d) => d.split(" ")[0]))], [code], found[0]?.join("\n"));
    assert.equal(found[1], []);
  });
}

/** What a block asks for in its first line: `// --wrt x,y --of return --tape-budget 100`. */
function requestIn(block: string): Omit<DerivativeRequest, "kind"> {
  const kernel = /export function (\w+)/.exec(block)?.[1] ?? "";
  const list = (option: string) => new RegExp(`^// .*--${option} (\\S+)`).exec(block)?.[1]?.split(",");
  const [wrt, of] = [list("wrt"), list("of")];
  const tapeBudget = Number(list("tape-budget") ?? Number.NaN);
  const budget = Number.isNaN(tapeBudget) ? {} : { tapeBudget };
  return { kernel, ...(wrt && { wrt }), ...(of && { of }), ...budget };
}

for (const code of Object.keys(adCodes)) {
  test(`${code}: the first example has no such derivative, the last has`, () => {
    const [wrong, right, ...others] = blocksOf(sections.get(code) ?? "");
    assert.is(others.length, 0);
    const file = join(folder, "example.ts");
    const explain = (block = "") => {
      const source = { file, text: prologue + block };
      if (!block.includes("--target ptx")) return explainDerivative(source, requestIn(block));
      const faults = diagnose(source, { target: "cuda", derivative: { kind: "vjp", ...requestIn(block) } });
      if (faults.length > 0) throw new CompileError(faults);
      return { wrt: ["x"], of: ["x"] };
    };
    assert.throws(
      () => explain(wrong),
      (e: unknown) => e instanceof CompileError && e.diagnostics.length === 1 && e.diagnostics[0]?.code === code,
    );
    const { wrt, of } = explain(right);
    assert.ok(wrt.length > 0 && of.length > 0);
  });
}

for (const code of Object.keys(targetCodes)) {
  test(`${code}: the first example is no WGSL, the last is`, async () => {
    const [wrong = "", right = "", ...others] = blocksOf(sections.get(code) ?? "");
    assert.is(others.length, 0);
    const print = (block: string) =>
      emit({ file: join(folder, "example.ts"), text: block.includes("import ") ? block : prologue + block }, "wgsl", {
        target: "webgpu",
      });
    const error = await print(wrong).then(
      () => null,
      (e: unknown) => e,
    );
    assert.ok(error instanceof CompileError, `${error}`);
    assert.equal([...new Set(error.diagnostics.map((d) => d.code))], [code]);
    await print(right);
  });
}

for (const code of Object.keys(scheduleCodes)) {
  test(`${code}: the first example is refused when deterministic, the last is not`, () => {
    const found = blocksOf(sections.get(code) ?? "").map((text) =>
      diagnose({ file: join(folder, "example.ts"), text }, { target: "cuda", deterministic: true }).map((d) => d.code),
    );
    assert.equal(found, [[code], []]);
  });
}

/** Codes that no example can cause: they depend on the machine, or on a bug. */
const withoutExample = new Set(["TG3015", "TG3017", "TG3027", "TG3028"]);
const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => (...args: unknown[]) => Promise<void>;
for (const code of Object.keys(launchErrors)) {
  test(`${code}: the first call fails with it, the last does not`, async () => {
    const blocks = blocksOf(sections.get(code) ?? "");
    assert.is(blocks.length, withoutExample.has(code) ? 0 : 2);
    const file = join(folder, "kernels.ts");
    const kernels = blocksOf(text).find((b) => b.startsWith("// kernels.ts\n")) ?? "";
    writeFileSync(file, prologue + kernels);
    const functions = await load(file, { target: "interp" });
    const names = Object.keys(functions);
    const loadHere = (name: string, options = {}): unknown =>
      load(join(folder, name), { target: "interp", ...options });
    const run = (block: string): Promise<void> =>
      new AsyncFunction("array", "grad", "vjp", "load", "x", ...names, block)(
        array,
        grad,
        vjp,
        loadHere,
        new Float64Array(4),
        ...Object.values(functions),
      );
    const [wrong, right] = blocks;
    if (wrong === undefined || right === undefined) return;
    const error = await run(wrong).then(
      () => null,
      (e: unknown) => e,
    );
    assert.ok(error instanceof LaunchError, `${error}`);
    assert.is(error.code, code, error.message);
    await run(right);
  });
}

test.run();
