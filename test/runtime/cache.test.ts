/** The compile cache: what makes an entry stale, what damage does, and that it never outgrows its limit. */
import * as disk from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serialize } from "node:v8";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fingerprint } from "../../compiler/fingerprint.ts";
import { type Compilation, cacheTrouble, throughCache } from "../../runtime/cache.ts";
import { cachePlace, defaultLimit, parseSize } from "../../runtime/cache-folder.ts";
import { CacheStore, type Disk } from "../../runtime/cache-store.ts";

const folder = disk.mkdtempSync(join(tmpdir(), "tsgpu-cache-"));
test.after(() => disk.rmSync(folder, { recursive: true, force: true }));

let places = 0;
const newStore = (limit = defaultLimit, functions?: Disk): CacheStore =>
  new CacheStore(join(folder, `cache${places++}`), limit, functions);
const write = (name: string, text: string | Uint8Array): string => {
  const file = join(folder, name);
  disk.writeFileSync(file, text);
  return file;
};

const compilation = (file: string, more: Partial<Compilation> = {}): Compilation => ({
  file,
  product: "artifact",
  options: { target: "interp", mode: "contract" },
  tools: { tsgpu: "1", typescript: "2" },
  ...more,
});

/** Compiles by reading files, and says whether that was needed. */
async function ask(store: CacheStore, c: Compilation, imports: readonly string[] = []): Promise<[string, boolean]> {
  const { value, cached } = await throughCache(
    c,
    async (read) => [c.file, ...imports].map((file) => read(file) ?? "absent").join("|"),
    store,
  );
  return [value, cached];
}

test("a result is kept, with everything that plain data can be", async () => {
  const store = newStore();
  const file = write("plain.ts", "a");
  const shared = { kind: "value", hint: "x" };
  const made = {
    code: new Uint8Array([0, 255, 10]),
    numbers: [-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324],
    nested: { none: null, nothing: undefined, text: "ä\n" },
    twice: [shared, shared],
  };
  const first = await throughCache(compilation(file), async () => made, store);
  const second = await throughCache<typeof made>(compilation(file), async () => assert.unreachable() as never, store);
  assert.equal([first.cached, second.cached], [false, true]);
  assert.equal(second.value, made);
  assert.ok(Object.is(second.value.numbers[0], -0));
  assert.is(second.value.twice[0], second.value.twice[1], "one object stays one object");
  const { hits, misses, since } = store.usage();
  assert.equal([hits, misses], [1, 1]);
  assert.ok(Math.abs(Date.now() - (since?.getTime() ?? 0)) < 60_000);
});

test("only content counts: of the file, of what it imports, and of what is not there", async () => {
  const store = newStore();
  const file = write("kernel.ts", "one");
  const imported = write("imported.ts", "two");
  const absent = join(folder, "absent.ts");
  const c = compilation(file);
  const imports = [imported, absent];
  assert.equal(await ask(store, c, imports), ["one|two|absent", false]);
  assert.equal(await ask(store, c, imports), ["one|two|absent", true]);

  const { atime, mtime } = disk.statSync(imported);
  disk.utimesSync(file, 0, 0);
  assert.is((await ask(store, c, imports))[1], true, "another time of modification is no change");
  write("imported.ts", "TWO");
  disk.utimesSync(imported, atime, mtime);
  assert.equal(await ask(store, c, imports), ["one|TWO|absent", false], "same size and time, other content");
  assert.is((await ask(store, c, imports))[1], true);

  write("kernel.ts", "three");
  assert.equal(await ask(store, c, imports), ["three|TWO|absent", false]);
  write("kernel.ts", "one");
  assert.equal(await ask(store, c, imports), ["one|TWO|absent", true], "back to what was compiled before");

  write("absent.ts", "here");
  assert.equal(await ask(store, c, imports), ["one|TWO|here", false]);
  disk.rmSync(absent);
  disk.mkdirSync(absent);
  assert.equal(await ask(store, c, imports), ["one|TWO|absent", false], "a folder is no file");
  disk.rmSync(imported);
  assert.equal(await ask(store, c, imports), ["one|absent|absent", false]);
  disk.rmdirSync(absent);
});

test("another file, product, option or tool is another entry", async () => {
  const store = newStore();
  const file = write("options.ts", "text");
  const other = write("other.ts", "text");
  const options = { target: "interp", mode: "contract" };
  const tools = { tsgpu: "1", typescript: "2" };
  const all: readonly Compilation[] = [
    compilation(file),
    compilation(other),
    compilation(file, { product: "wat" }),
    compilation(file, { options: { ...options, mode: "strict" } }),
    compilation(file, { options: { ...options, kernels: ["f"] } }),
    compilation(file, { options: { ...options, types: { f: { T: "f32" } } } }),
    compilation(file, { options: { ...options, types: { f: { T: "f64" } } } }),
    compilation(file, { tools: { ...tools, tsgpu: "2" } }),
    compilation(file, { tools: { ...tools, llvm: "19" } }),
  ];
  for (const c of all) assert.is((await ask(store, c))[1], false, JSON.stringify(c));
  for (const c of all) assert.is((await ask(store, c))[1], true, JSON.stringify(c));
  assert.is((await ask(store, compilation(file, { options: { mode: "contract", target: "interp" } })))[1], true);
  assert.is(store.entries().length, all.length);
});

test("where another tool makes the code it is made anew; where there is none, anyone's will do", async () => {
  const store = newStore();
  const file = write("made.ts", "text");
  const by = (id: string, isHere: boolean): Compilation =>
    compilation(file, { maker: { id, isHere: async () => isHere } });
  const asked: readonly (readonly [id: string, isHere: boolean, cached: boolean])[] = [
    ["null", false, false],
    ["llvm 19", true, false],
    ["llvm 19", true, true],
    ["llvm 22", true, false],
    ["llvm 19", true, false],
    ["null", false, true],
    // There, but not of use.
    ["llvm 18", false, true],
  ];
  for (const [id, isHere, cached] of asked) assert.is((await ask(store, by(id, isHere)))[1], cached, id);
  assert.is(store.entries().length, 1);
  write("made.ts", "other");
  assert.is((await ask(store, by("null", false)))[1], false, "its sources count all the same");
});

test("a file that changes while it is compiled is not taken for what it was before", async () => {
  const store = newStore();
  const file = write("racing.ts", "before");
  const imported = write("racing-import.ts", "before");
  const c = compilation(file);
  const { value } = await throughCache(
    c,
    async (read) => {
      const text = `${read(file)}|${read(imported)}`;
      write("racing.ts", "after");
      write("racing-import.ts", "after");
      assert.is(`${read(file)}|${read(imported)}`, text, "a compilation sees one state of a file");
      return text;
    },
    store,
  );
  assert.is(value, "before|before");
  assert.equal(await ask(store, c, [imported]), ["after|after", false]);
  write("racing.ts", "before");
  assert.equal(await ask(store, c, [imported]), ["before|after", false]);
});

test("a compilation that fails leaves nothing, and its error is what is thrown", async () => {
  const store = newStore();
  const file = write("failing.ts", "text");
  const fail = new Error("no");
  const error = await throughCache(compilation(file), () => Promise.reject(fail), store).catch((e: unknown) => e);
  assert.is(error, fail);
  assert.equal(store.entries(), []);
});

test("a torn, flipped or foreign entry is a miss, and gone", async () => {
  const store = newStore();
  const file = write("torn.ts", "text");
  const c = compilation(file);
  await ask(store, c);
  const [entry] = store.entries();
  const path = join(store.folder, entry!.name);
  const whole = disk.readFileSync(path);
  const damaged = [
    ...[0, 1, 10, 78, 79, 100, whole.length - 1].map((length) => whole.subarray(0, length)),
    Buffer.concat([whole, Buffer.from("x")]),
    Buffer.alloc(whole.length),
    Buffer.from("not an entry\nat all\n"),
    ...Array.from(whole, (byte, at) => {
      const flipped = Buffer.from(whole);
      flipped[at] = byte ^ (1 << (at % 8));
      return flipped;
    }),
  ];
  for (const bytes of damaged) {
    disk.writeFileSync(path, bytes);
    assert.is(store.read(entry!.name), null);
    assert.not(disk.existsSync(path));
  }
  disk.writeFileSync(path, damaged[3]!);
  assert.equal(await ask(store, c), ["text", false]);
  assert.equal(await ask(store, c), ["text", true]);
});

test("an entry under another's name, or with a body of another make, is a miss", async () => {
  const store = newStore();
  const a = compilation(write("a.ts", "a"));
  const b = compilation(write("b.ts", "b"));
  await ask(store, a);
  const [nameA] = store.entries().map((e) => e.name);
  await ask(store, b);
  const nameB = store
    .entries()
    .map((e) => e.name)
    .find((name) => name !== nameA)!;
  disk.copyFileSync(join(store.folder, nameB), join(store.folder, nameA!));
  assert.equal(await ask(store, a), ["a", false]);
  for (const body of [Buffer.from("what no deserialiser reads"), serialize(null), serialize({ files: 3 })]) {
    store.write(nameA!, store.headOf(nameA!)!, body);
    assert.equal(await ask(store, a), ["a", false]);
  }
  assert.equal(await ask(store, a), ["a", true]);
});

/** The disk, with one function that fails. */
const failing = (name: keyof Disk, code: string, before?: (path: string) => void): Disk => ({
  ...disk,
  [name]: (path: string) => {
    before?.(path);
    throw Object.assign(new Error(`${code}: ${name}`), { code });
  },
});

test("a full disk, and one that refuses: the result is there, and nothing is left behind", async () => {
  const file = write("full.ts", "text");
  const half = (path: string): void => disk.writeFileSync(path, "half of it");
  const disks: readonly Disk[] = [
    failing("writeFileSync", "ENOSPC", half),
    failing("mkdirSync", "EROFS"),
    failing("renameSync", "EACCES"),
    failing("renameSync", "ENOENT"),
    failing("readFileSync", "EIO"),
    failing("appendFileSync", "ENOSPC"),
    failing("utimesSync", "EROFS"),
    failing("statSync", "EIO"),
    failing("readdirSync", "EACCES"),
  ];
  for (const functions of disks) {
    const store = newStore(defaultLimit, functions);
    disk.mkdirSync(store.folder);
    for (let k = 0; k < 2; k++) assert.is((await ask(store, compilation(file)))[0], "text");
    assert.equal(
      disk.readdirSync(store.folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
  }
  assert.match(cacheTrouble() ?? "", /ENOSPC/, "the first reason is kept");
  const full = newStore(defaultLimit, failing("writeFileSync", "ENOSPC", half));
  assert.match(full.whyNotWritable() ?? "", /ENOSPC/);
  assert.is(newStore().whyNotWritable(), null);
});

test("a folder that cannot be: a file stands in its place", async () => {
  const store = new CacheStore(join(write("a-file", ""), "cache"), defaultLimit);
  const file = write("nowhere.ts", "text");
  assert.equal(await ask(store, compilation(file)), ["text", false]);
  assert.equal(await ask(store, compilation(file)), ["text", false]);
  assert.equal([store.entries(), store.clear(), store.usage().hits], [[], [], 0]);
});

test("the limit holds: what was used last stays", async () => {
  const kept = newStore(20_000);
  const used = CacheStore.nameOf("used");
  kept.write(used, "{}", new Uint8Array(1000));
  for (let k = 0; k < 60; k++) {
    kept.write(CacheStore.nameOf(`entry ${k}`), "{}", new Uint8Array(1000));
    const old = new Date(Date.now() - 1e6 + 1000 * k);
    disk.utimesSync(join(kept.folder, CacheStore.nameOf(`entry ${k}`)), old, old);
    kept.touch(used);
    const total = kept.entries().reduce((sum, e) => sum + e.bytes, 0);
    assert.ok(total <= 20_000, `${total} bytes after ${k}`);
  }
  const names = kept.entries().map((e) => e.name);
  assert.ok(names.includes(used));
  const left = names.filter((name) => name !== used);
  assert.ok(left.length >= 14, `${left.length} entries are left`);
  const last = Array.from({ length: left.length }, (_, k) => CacheStore.nameOf(`entry ${60 - left.length + k}`));
  assert.equal(left, last);
  kept.write(CacheStore.nameOf("too large"), "{}", new Uint8Array(30_000));
  assert.is(kept.read(CacheStore.nameOf("too large")), null);
  assert.ok(kept.entries().length >= 15, "nothing made way for it");
});

test("another process's writing counts for the limit as well", () => {
  const one = newStore(50_000);
  for (let k = 0; k < 30; k++) one.write(CacheStore.nameOf(`one ${k}`), "{}", new Uint8Array(1500));
  const two = new CacheStore(one.folder, 10_000);
  two.write(CacheStore.nameOf("two"), "{}", new Uint8Array(100));
  assert.ok(two.entries().reduce((sum, e) => sum + e.bytes, 0) <= 10_000);
  assert.ok(two.read(CacheStore.nameOf("two")) !== null);
});

test("clearing takes the store's own files, by age if asked, and no others", () => {
  const store = newStore();
  const [fresh, old] = [CacheStore.nameOf("fresh"), CacheStore.nameOf("old")];
  for (const name of [fresh, old]) store.write(name, "{}", new Uint8Array(10));
  const dayAgo = new Date(Date.now() - 8.64e7);
  disk.utimesSync(join(store.folder, old), dayAgo, dayAgo);
  const theirs = [join(store.folder, "notes.txt"), join(store.folder, "abc.entry")];
  for (const path of theirs) disk.writeFileSync(path, "mine");
  const [abandoned, writing] = [`${old}.00ff.tmp`, `${fresh}.00ff.tmp`].map((name) => join(store.folder, name));
  for (const path of [abandoned!, writing!]) disk.writeFileSync(path, "half");
  disk.utimesSync(abandoned!, dayAgo, dayAgo);

  assert.equal(
    store.clear(new Date(Date.now() - 3.6e6)).map((e) => e.name),
    [old],
  );
  assert.equal([disk.existsSync(abandoned!), disk.existsSync(writing!)], [false, true]);
  const ahead = new Date(Date.now() + 1000);
  disk.utimesSync(writing!, ahead, ahead);
  assert.equal(
    store.clear().map((e) => e.name),
    [fresh],
  );
  assert.equal(disk.readdirSync(store.folder).sort(), ["abc.entry", "notes.txt"]);
});

test("where the cache is, by environment and system", () => {
  const home = (): string => "/home/me";
  const none = (): never => {
    throw new Error("no home");
  };
  const at = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = "linux", of: () => string = home): string => {
    const place = cachePlace(env, platform, of);
    return "off" in place ? place.off : place.folder;
  };
  assert.is(at({}), "/home/me/.cache/tsgpu");
  assert.is(at({ XDG_CACHE_HOME: "/var/me" }), "/var/me/tsgpu");
  assert.is(at({ XDG_CACHE_HOME: "not/absolute" }), "/home/me/.cache/tsgpu");
  assert.is(at({ XDG_CACHE_HOME: "/var/me", TSGPU_CACHE: "/mine" }), "/mine");
  assert.is(at({}, "darwin"), "/home/me/Library/Caches/tsgpu");
  assert.match(at({ LOCALAPPDATA: "/local" }, "win32"), /^\/local.tsgpu$/);
  assert.match(at({ TSGPU_CACHE: "off" }), /turns the cache off/);
  assert.match(at({ TSGPU_CACHE_SIZE: "0" }), /turns the cache off/);
  assert.match(at({}, "linux", none), /there is no home folder/);
  assert.match(
    at({}, "linux", () => ""),
    /there is no home folder/,
  );
  assert.is(at({ TSGPU_CACHE: "/mine" }, "linux", none), "/mine");
  const sizes = ["1048576", "512M", "64 MiB", "1.5gb", "2t", "-1", "lots", ""].map(parseSize);
  assert.equal(sizes, [2 ** 20, 2 ** 29, 2 ** 26, 1.5 * 2 ** 30, 2 ** 41, null, null, null]);
  const wrong = cachePlace({ TSGPU_CACHE_SIZE: "lots" }, "linux", home);
  assert.ok("limit" in wrong && wrong.limit === defaultLimit && /lots is not understood/.test(wrong.warning ?? ""));
});

test("the tools are told apart", async () => {
  const prints = await Promise.all([
    fingerprint({ target: "interp" }),
    fingerprint({ target: "node" }),
    fingerprint({ target: "wasm" }),
    fingerprint({ target: "wasm", llvm: "embedded" }),
    fingerprint({ target: "wasm", format: "wat" }),
    fingerprint({ target: "c", format: "c" }),
    fingerprint({ target: "cuda" }),
    fingerprint({ target: "cuda", format: "ptx", gpuArch: "sm_90" }),
    fingerprint({ target: "ptx-emulator" }),
  ]);
  const [interp, node, wasm, embedded, wat, c, cuda, ptx, emulator] = prints.map(({ tools }) => tools);
  assert.match(interp?.tsgpu ?? "", /^[0-9a-f]{16}$/);
  assert.match(interp?.typescript ?? "", /^\d+\.\d+\.\d+/);
  for (const same of [node, c, cuda, ptx, emulator]) assert.equal(same, interp);
  assert.match(embedded?.llvm ?? "", /^embedded \d/);
  assert.match(embedded?.binaryen ?? "", /^\d/);
  assert.equal(wat, wasm);
  assert.equal(
    prints.map(({ maker }) => maker === undefined),
    [...Array(6).fill(true), ...Array(3).fill(false)],
    "PTX runs without the LLVM that made it",
  );
});

test.run();
