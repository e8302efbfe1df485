/** What only the wasm device has: its memory, its math, its thread, and modules for memory that is not shared. */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { funcNamed } from "../../compiler/artifact.ts";
import { parse } from "../../compiler/ir/parse.ts";
import type { KernelProgram } from "../../runtime/device.ts";
import { wasm } from "../../runtime/devices/wasm.ts";
import { wasmMath } from "../../runtime/devices/wasm-math.ts";
import { WasmMemory } from "../../runtime/devices/wasm-memory.ts";
import { WasmThread } from "../../runtime/devices/wasm-thread.ts";
import { LaunchError } from "../../runtime/launch-error.ts";

test("memory: allocations are aligned, apart, and found again", () => {
  const m = new WasmMemory(false);
  const a = m.allocate(1);
  const b = m.allocate(65);
  const c = m.allocate(0);
  assert.equal([a, b, c], [64, 128, 256]);
  m.release(b);
  assert.is(m.allocate(100), b);
  m.release(a);
  m.release(b);
  m.release(c);
  m.release(c);
  assert.is(m.allocate(65536 - 64), 64, "the free parts have become one again");
  assert.is(m.buffer.byteLength, 65536);
});

test("memory: grows by what is missing", () => {
  const m = new WasmMemory(true);
  assert.instance(m.buffer, SharedArrayBuffer);
  assert.is(m.allocate(65536), 64);
  assert.is(m.buffer.byteLength, 2 * 65536);
  assert.is(m.allocate(1e6), 64 + 65536);
  assert.throws(() => m.allocate(2 ** 33), RangeError);
  assert.throws(() => m.allocate(Number.POSITIVE_INFINITY), RangeError);
});

test("memory: random allocations never overlap, and all come back", () => {
  const m = new WasmMemory(false);
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  const live: { at: number; bytes: number }[] = [];
  for (let k = 0; k < 3000; k++) {
    if (live.length > 0 && random(2) === 0) {
      const [gone] = live.splice(random(live.length), 1);
      if (gone !== undefined) m.release(gone.at);
      continue;
    }
    const bytes = 1 + random(5000);
    const at = m.allocate(bytes);
    assert.ok(at % 64 === 0 && at >= 64 && at + bytes <= m.buffer.byteLength);
    assert.not(live.some((o) => at < o.at + o.bytes && o.at < at + bytes));
    live.push({ at, bytes });
  }
  for (const { at } of live) m.release(at);
  assert.is(m.allocate(m.buffer.byteLength - 64), 64);
});

test("math: the remainder, which wasm has no instruction for", () => {
  assert.is(wasmMath.fmod(-5.5, 2), -1.5);
  assert.ok(Object.is(wasmMath.fmod(-4, 2), -0));
  assert.ok(Number.isNaN(wasmMath.fmod(1, 0)));
});

/** `(func (export "k") (param i32) (result i32) …)` on `env.memory`, shared or not: returns the block's first word. */
function module(shared: boolean, body: readonly number[] = [0x20, 0, 0x28, 2, 0, 0x0b]): Uint8Array {
  const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const text = (s: string): number[] => [s.length, ...Buffer.from(s)];
  const limits = shared ? [3, 1, 0x80, 0x80, 4] : [0, 1];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
    ...section(2, 1, ...text("env"), ...text("memory"), 2, ...limits),
    ...section(3, 1, 0),
    ...section(7, 1, ...text("k"), 0, 0),
    ...section(10, 1, body.length + 1, 0, ...body),
  ]);
}

async function program(shared: boolean, body?: readonly number[]): Promise<KernelProgram> {
  return (await wasm.load({
    target: "wasm",
    file: "k.ts",
    entries: [],
    program: kernels,
    code: module(shared, body),
    memory: shared ? "shared" : "unshared",
  })) as KernelProgram;
}

const kernels = parse("stage kernel kernel @k(%x: i32, %y: f64[%n, %m]) { } kernel @none() { }");
const k = funcNamed(kernels, "k");
const none = funcNamed(kernels, "none");
if (k === undefined || none === undefined) throw new Error("no kernels");

for (const shared of [true, false]) {
  const kind = shared ? "shared" : "unshared";
  test(`${kind}: launches, arrays, growth between them`, async () => {
    const p = await program(shared);
    const y = p.wrap("f64", [2, 3], new Float64Array([1, 2, 3, 4, 5, 6]));
    const z = p.alloc("f64", [300, 300]);
    assert.is(p.read(y, 4), 5);
    assert.is(p.read(z, 89999), 0);
    const { status, seconds } = await p.launch(k, [42, y]);
    assert.is(status, 42);
    assert.ok(seconds >= 0 && seconds < 5);
    assert.is(p.launchSync(k, [-7, y]).status, -7);
    const copy = p.alloc("f64", [2, 3]);
    p.copy(y, 0, copy, 0, 6);
    p.copy(y, 4, copy, 1, 2);
    const out = new Float64Array(6);
    p.download(copy, out);
    assert.equal(out, new Float64Array([1, 5, 6, 4, 5, 6]));
    for (const a of [y, z, copy]) p.free(a);
    p.dispose();
  });

  test(`${kind}: a trap is an error, and the next launch works`, async () => {
    const trap = await program(shared, [0x00, 0x0b]);
    const crashed = (e: unknown): boolean =>
      e instanceof LaunchError && e.code === "TG3017" && /unreachable/.test(e.message);
    const y = trap.alloc("f64", [1, 1]);
    assert.ok(crashed(await trap.launch(k, [1, y]).catch((e: unknown) => e)));
    assert.throws(() => trap.launchSync(k, [1, y]), crashed);
    const p = await program(shared);
    assert.is((await p.launch(k, [3, y])).status, 3);
    await p.launch(none, []).then(
      () => assert.unreachable(),
      (e: Error) => assert.match(e.message, /no function none/),
    );
  });
}

test("a process with an idle thread ends by itself", () => {
  const code = `
    const { wasmThread } = await import("./runtime/devices/wasm-thread.ts");
    const thread = wasmThread();
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log("idle", thread !== null);
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.is(stdout.trim(), "idle true");
  assert.is(status, 0);
});

const script = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const empty = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

test("a thread that does not start runs nothing; one that dies fails what it was running", async () => {
  const absent = new WasmThread(script("throw new Error('no')"));
  assert.is(await absent.run(0, empty, shared, "k", 0), null);
  assert.is(await absent.run(0, empty, shared, "k", 0), null);
  absent.dispose(0);
  const dying = new WasmThread(
    script(`
      import { parentPort } from "node:worker_threads";
      parentPort.postMessage("ready");
      parentPort.on("message", (m) => { if (m.kind === "run") process.exit(1); });
    `),
  );
  assert.equal(await dying.run(0, empty, shared, "k", 0), { error: "its thread has ended" });
});

test.run();
