/** `tsgpu cache`, and what the commands that compile do with the cache. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { formatAge, formatBytes } from "../../cli/numbers.ts";
import type { Ran } from "../spawned.ts";
import { axpy, makePlace } from "./tsgpu.ts";

const place = makePlace({ "axpy.ts": axpy });
test.after(place.remove);

let caches = 0;
/** Runs commands on a cache of their own. */
function withCache(): (...args: string[]) => Promise<Ran> {
  const TSGPU_CACHE = join(place.folder, `cache${caches++}`);
  return (...args) => place.tsgpu(args, { TSGPU_CACHE, TSGPU_CACHE_SIZE: "" });
}
const run = ["run", "axpy.ts", "--target", "interp", "--size", "n=3", "--json"];
const ok = ({ code, stdout, stderr }: Ran): string => {
  assert.is(code, exitCodes.ok, stderr);
  return stdout;
};

test("a run says whether its code is from the cache; the cache says what it holds; clearing empties it", async () => {
  const tsgpu = withCache();
  const first = JSON.parse(ok(await tsgpu(...run)));
  const [second, without] = (await Promise.all([tsgpu(...run), tsgpu(...run, "--no-cache")])).map((ran) =>
    JSON.parse(ok(ran)),
  );
  assert.equal(
    [first, second, without].map(({ compile }) => compile.cached),
    [false, true, false],
  );
  assert.equal([second.arrays, second.result], [first.arrays, first.result]);
  assert.equal([without.arrays, without.result], [first.arrays, first.result]);
  assert.ok(second.compile.seconds > 0);

  const shown = ok(await tsgpu("cache"));
  assert.match(
    shown,
    /^location {2}.*cache0\nentries {3}1, \d+(\.\d+)? KiB of 512 MiB\nhits {6}1 of 2 compilations since 20/,
  );
  assert.match(shown, /\naxpy\.ts +interp +contract +[\d.]+ KiB +(now|1 minute ago)\n?$/);

  const listed = JSON.parse(ok(await tsgpu("cache", "--json")));
  assert.equal(
    [listed.entries.length, listed.limit, listed.hits, listed.misses, listed.trouble],
    [1, 2 ** 29, 1, 1, null],
  );
  const [entry] = listed.entries;
  assert.is(entry.file, join(place.folder, "axpy.ts"));
  assert.is(entry.options.target, "interp");
  assert.is(entry.bytes, listed.bytes);

  assert.match(ok(await tsgpu("cache", "clear", "--older-than", "1h")), /^removed 0 entries, 0 B\n$/);
  const cleared = JSON.parse(ok(await tsgpu("cache", "clear", "--json")));
  assert.equal([cleared.removed, cleared.bytes], [1, listed.bytes]);
  assert.match(ok(await tsgpu("cache")), /entries {3}0, 0 B of 512 MiB\nhits {6}0 of 0 compilations$/m);
});

test("compile and polybench use it too; printed passes come from no cache", async () => {
  const tsgpu = withCache();
  const compile = ["compile", "axpy.ts", "--target", "c"];
  const cold = ok(await tsgpu(...compile));
  const warm = ok(await tsgpu(...compile));
  assert.is(warm, cold);
  const printed = ok(await tsgpu("compile", "axpy.ts", "--print-after", "inline"));
  assert.match(printed, /^# after inline/);
  const bench = ["polybench", "gemm", "--dataset", "MINI", "--target", "interp", "--json"];
  for (const more of [["--no-cache"], [], []]) ok(await tsgpu(...bench, ...more));
  const { entries, hits, misses } = JSON.parse(ok(await tsgpu("cache", "--json")));
  assert.equal([entries.length, hits, misses], [2, 2, 2]);
  ok(await tsgpu(...compile, "--grad", "--wrt", "x", "--tape-budget", "1M"));
  const shown = ok(await tsgpu("cache"));
  assert.match(shown, /\naxpy\.ts +c +contract/);
  assert.match(shown, /\naxpy\.ts:axpy +c +contract, vjp by x, tapeBudget 1048576 /);
  assert.match(shown, /gemm\.ts:gemm +interp +contract/);
});

test("a change of the file, or of what it imports, is seen", async () => {
  const tsgpu = withCache();
  const helper = (file: string, factor: number): void =>
    writeFileSync(
      join(place.folder, file),
      `import type { f64 } from "tsgpu";\nexport function scale(x: f64): f64 { return ${factor} * x; }\n`,
    );
  const result = async (): Promise<unknown> => {
    const args = ["run", "twice.ts:twice", "--target", "interp", "--arg", "x=5", "--json"];
    const { result: value, compile } = JSON.parse(ok(await tsgpu(...args)));
    return [value, compile.cached];
  };
  writeFileSync(
    join(place.folder, "twice.ts"),
    `import type { f64 } from "tsgpu";
import { scale } from "./helper";
export function twice(x: f64): f64 { return scale(x); }
`,
  );
  mkdirSync(join(place.folder, "helper"));
  helper("helper/index.ts", 2);
  assert.equal(await result(), [10, false]);
  assert.equal(await result(), [10, true]);
  helper("helper/index.ts", 3);
  assert.equal(await result(), [15, false]);
  assert.equal(await result(), [15, true]);
  // Where this file is, it is what the import means.
  helper("helper.ts", 4);
  assert.equal(await result(), [20, false]);
});

test("without a usable cache everything goes on; --verbose says why, once", async () => {
  writeFileSync(join(place.folder, "file"), "");
  const nowhere = join(place.folder, "file", "cache");
  const [quiet, verbose, off, shown, lots, homeless] = await Promise.all([
    place.tsgpu(run, { TSGPU_CACHE: nowhere }),
    place.tsgpu([...run, "--verbose"], { TSGPU_CACHE: nowhere }),
    place.tsgpu(["cache"], { TSGPU_CACHE: "off" }),
    place.tsgpu(["cache"], { TSGPU_CACHE: nowhere }),
    place.tsgpu(["cache", "--json"], { TSGPU_CACHE: nowhere, TSGPU_CACHE_SIZE: "lots" }),
    place.tsgpu([...run, "--verbose"], { TSGPU_CACHE: "", XDG_CACHE_HOME: "", HOME: "", LOCALAPPDATA: "" }),
  ]);
  assert.is(JSON.parse(ok(quiet)).compile.cached, false);
  assert.is(quiet.stderr, "");
  assert.is(ok(verbose).length > 0, true);
  assert.match(verbose.stderr, /^compile cache: .*(ENOTDIR|EEXIST|ENOENT).*\n$/);
  assert.match(ok(off), /the compile cache is off: TSGPU_CACHE=off turns the cache off/);
  assert.match(ok(shown), /trouble {3}(ENOTDIR|EEXIST|ENOENT)/);
  assert.match(JSON.parse(ok(lots)).trouble, /TSGPU_CACHE_SIZE=lots is not understood/);
  ok(homeless);
  assert.match(homeless.stderr, /^compile cache: there is no home folder/);
});

test("usage errors, and numbers for people", async () => {
  const [unit, unknown] = await Promise.all([
    place.tsgpu(["cache", "clear", "--older-than", "soon"]),
    place.tsgpu(["cache", "burn"]),
  ]);
  assert.is(unit.code, exitCodes.usage);
  assert.match(unit.stderr, /soon is not of the form 30d/);
  assert.is(unknown.code, exitCodes.usage);
  assert.equal([0, 999, 1024, 12_595, 2 ** 29, 3 * 2 ** 41].map(formatBytes), [
    "0 B",
    "999 B",
    "1 KiB",
    "12.3 KiB",
    "512 MiB",
    "6 TiB",
  ]);
  const ages = [0, 59, 60, 7199, 90_000].map((seconds) => formatAge(0, 1000 * seconds));
  assert.equal(ages, ["now", "now", "1 minute ago", "1 hour ago", "1 day ago"]);
});

test.run();
