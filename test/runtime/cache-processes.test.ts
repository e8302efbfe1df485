/** The compile cache between processes: the same program, the same errors, nothing loaded that need not be, many at once. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetName } from "../../compiler/artifact.ts";
import { findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { skip } from "../skip.ts";
import { spawned } from "../spawned.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tsgpu-cache-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `cache-child.ts`, and gives what it prints. */
async function child(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<string> {
  const script = join(root, "test", "runtime", "cache-child.ts");
  const imports = ["./scripts/dev.mjs", ...before].flatMap((file) => ["--import", file]);
  const { code, stdout, stderr } = await spawned(process.execPath, [...imports, script, ...args], {
    cwd: root,
    env: { ...process.env, TSGPU_CACHE_SIZE: "", ...env },
  });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** A second file, so that there is an import; and locals of one name, of which the IR keeps the hints. */
const files = {
  "first.ts": `import type { f64 } from "tsgpu";
export function first(x: readonly f64[]): f64 {
  const tmp = x[0];
  return tmp;
}
`,
  "outside.ts": `import type { f64, i32, index } from "tsgpu";
import { zeros } from "tsgpu/kernel";
import { first } from "./first.js";

export function at(x: readonly f64[], i: index): f64 {
  const tmp = x[i];
  return tmp + 0 * first(x);
}
export function chase(x: f64[], next: readonly i32[]): f64 {
  x[0] = 7;
  return x[next[0]];
}
export function shift(x: f64[], by: index): void {
  for (let i = 0; i < x.length; i++) if (x[i] > 0) x[i] = x[i + by];
}
export function rows(x: f64[][], n: index): void {
  for (let k = 0; k < 2; k++) {
    const tmp = zeros("f64", x.length, 2);
    for (let i = 0; i < x.length; i++) tmp[i][k] = x[i][0] + i;
    x[0][0] += tmp[x.length - 1][k];
  }
  const tmp = zeros("f64", n, n);
  for (let i = 0; i < n; i++) tmp[i][0] = x[0][0] + i;
  x[0][0] += tmp[n - 1][0];
}
`,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

const why: Readonly<Partial<Record<TargetName, string | null>>> = {
  interp: null,
  node: null,
  wasm: null,
  native: whyNoLibLLVM(),
  "ptx-emulator": whyNoLibLLVM(),
  c: (await findCC()) === null ? "there is no C compiler" : null,
};

for (const [target, reason] of Object.entries(why)) {
  if (reason !== null) {
    skip(`cache: target ${target}`, reason);
    continue;
  }
  test(`${target}: results, errors and the program are the same from the cache, without a compiler`, async () => {
    const TSGPU_CACHE = join(folder, `cache-${target}`);
    const run = async (env: Readonly<Record<string, string>>): Promise<Record<string, unknown>> =>
      JSON.parse(await child(["errors", join(folder, "outside.ts"), target], env));
    const cold = await run({ TSGPU_CACHE });
    const warm = await run({ TSGPU_CACHE });
    assert.equal([cold.cached, warm.cached], [false, true]);
    assert.equal([cold.typescript, warm.typescript], [true, false]);
    assert.is(warm.llvm, target === "native" && existsSync("/proc/self/maps"));
    for (const what of ["outcomes", "arrays", "entries", "program"]) {
      assert.equal(warm[what], cold[what]);
    }
    if (target === "node") return;
    const outcomes = warm.outcomes as readonly string[];
    assert.match(outcomes[1]!, /TG3012: at: .*with .*outside\.ts:6\)/);
    assert.match(outcomes[3]!, /TG3013: chase: x\[5\] is outside of x: axis 0 has length 2 \(.*outside\.ts:11\)/);
    assert.match(outcomes[4]!, /TG3013: shift: x\[3\] is outside of x/);
    assert.match(outcomes[6]!, /TG3012: rows: tmp is subscripted below 0 .*with n = -3 /);
    const entries = readdirSync(TSGPU_CACHE).filter((name) => name.endsWith(".entry"));
    assert.is(entries.length, 2, "one with all checks, which a call needed, and one without");
  });
}

/** What runs machine code without the tool that makes it; and how to hide that tool. */
const hidden: readonly (readonly [TargetName, string | null, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["ptx-emulator", whyNoLibLLVM(), { TSGPU_LIBLLVM: "none" }, []],
  ["cuda", whyNoLibLLVM() ?? why.c ?? null, { TSGPU_LIBLLVM: "none" }, ["./test/runtime/cuda/emulated.ts"]],
  ["c", why.c ?? null, { PATH: "" }, []],
];
for (const [target, reason, env, before] of hidden) {
  if (reason !== null) {
    skip(`cache: target ${target} without its toolchain`, reason);
    continue;
  }
  test(`${target}: code from the cache runs where nothing could make it`, async () => {
    const TSGPU_CACHE = join(folder, `cache-without-${target}`);
    const args = ["errors", join(folder, "outside.ts"), target];
    const cold = JSON.parse(await child(args, { TSGPU_CACHE }, before));
    // The stand-in of CUDA's driver is built by the compiler that is hidden from target c only.
    const warm = JSON.parse(await child(args, { TSGPU_CACHE, ...env }, before));
    assert.equal([cold.cached, warm.cached, warm.llvm, warm.typescript], [false, true, false, false]);
    for (const what of ["outcomes", "arrays", "program"]) assert.equal(warm[what], cold[what]);
    rmSync(TSGPU_CACHE, { recursive: true });
    const error = await child(args, { TSGPU_CACHE, ...env }, before).then(() => "", String);
    assert.match(error, /TG3015.*(TSGPU_LIBLLVM=none|found)/);
  });
}

test("eight processes at once on a cold cache", async () => {
  const TSGPU_CACHE = join(folder, "cache-at-once");
  const file = join(folder, "outside.ts");
  const outputs = await Promise.all(
    Array.from({ length: 8 }, () => child(["errors", file, "interp"], { TSGPU_CACHE })),
  );
  const parsed = outputs.map((text) => JSON.parse(text) as Record<string, unknown>);
  for (const { outcomes, program } of parsed)
    assert.equal([outcomes, program], [parsed[0]!.outcomes, parsed[0]!.program]);
  const names = readdirSync(TSGPU_CACHE);
  assert.equal(
    names.filter((name) => name.endsWith(".tmp")),
    [],
  );
  assert.is(names.filter((name) => name.endsWith(".entry")).length, 2);
  assert.is((JSON.parse(await child(["errors", file, "interp"], { TSGPU_CACHE })) as { cached: boolean }).cached, true);
});

test("eight processes that read, write, evict and clear at once: never a wrong result", async () => {
  const place = join(folder, "race");
  mkdirSync(place);
  for (let k = 0; k < 12; k++) writeFileSync(join(place, `kernel${k}.ts`), `kernel ${k};\n`);
  const outputs = await Promise.all(Array.from({ length: 8 }, (_, seed) => child(["race", place, String(seed + 1)])));
  const counts = outputs.map((text) => JSON.parse(text) as { wrong: number; hits: number });
  assert.is(
    counts.reduce((sum, c) => sum + c.wrong, 0),
    0,
  );
  assert.ok(
    counts.every(({ hits }) => hits > 0),
    JSON.stringify(counts),
  );
  assert.equal(
    readdirSync(join(place, "cache")).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test.run();
