/** The same programs on every device of this machine: element types, structs, failures, memory, and the event loop. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CpuTarget } from "../../compiler/artifact.ts";
import { findCC } from "../../compiler/backend/cc.ts";
import { whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { array, zeros } from "../../runtime/array.ts";
import { call, type Unit } from "../../runtime/call.ts";
import type { KernelProgram } from "../../runtime/device.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { makeResident } from "../../runtime/resident.ts";
import { skip } from "../skip.ts";
import { arrayOf, entryOf, type Source, scalar, struct, tuple, unitOf } from "./units.ts";

const why: Readonly<Record<CpuTarget, string | null>> = {
  interp: null,
  node: null,
  native: whyNoLibLLVM(),
  wasm: null,
  c: (await findCC()) === null ? "there is no C compiler" : null,
};
const targets = (Object.keys(why) as CpuTarget[]).filter((t) => {
  if (why[t] !== null) skip(`runtime: device ${t}`, why[t]);
  return why[t] === null;
});
const compiled = targets.filter((t) => t !== "node");

/** One test on each of the devices. */
function on(
  devices: readonly CpuTarget[],
  name: string,
  source: Source,
  run: (u: Unit, t: CpuTarget) => Promise<void>,
): void {
  for (const target of devices) test(`${target}: ${name}`, async () => run(await unitOf(target, source), target));
}

async function fails(code: string, message: RegExp, run: Promise<unknown>): Promise<void> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, LaunchError, String(error));
  assert.is((error as LaunchError).code, code, (error as LaunchError).message);
  assert.match((error as LaunchError).message, message);
}

const rw = (elem: Parameters<typeof arrayOf>[0], rank = 1) => [arrayOf(elem, rank), "readwrite"] as const;

const copyAll: Source = {
  ir: `stage loop
  export func @all(%a: f64, %b: f32, %c: i32, %d: u32, %e: index, %f: bool,
                   %A: f64[%n], %B: f32[%n1], %C: i32[%n2], %D: u32[%n3], %E: index[%n4], %F: bool[%n5])
      -> (f64, f32, i32, u32, index, bool) {
    %a0: f64 = load %A[0]  %b0: f32 = load %B[0]  %c0: i32 = load %C[0]
    %d0: u32 = load %D[0]  %e0: index = load %E[0]  %f0: bool = load %F[0]
    store %A[1], %a  store %B[1], %b  store %C[1], %c  store %D[1], %d  store %E[1], %e  store %F[1], %f
    yield %a0, %b0, %c0, %d0, %e0, %f0
  }`,
  js: `return { all(a, b, c, d, e, f, A, B, C, D, E, F) {
    A[1] = a; B[1] = b; C[1] = c; D[1] = d; E[1] = e; F[1] = f;
    return [A[0], B[0], C[0], D[0], E[0], F[0]];
  } };`,
  entries: [
    entryOf(
      "all",
      {
        a: scalar("f64"),
        b: scalar("f32"),
        c: scalar("i32"),
        d: scalar("u32"),
        e: scalar("index"),
        f: scalar("bool"),
        A: rw("f64"),
        B: rw("f32"),
        C: rw("i32"),
        D: rw("u32"),
        E: rw("index"),
        F: rw("bool"),
      },
      tuple(scalar("f64"), scalar("f32"), scalar("i32"), scalar("u32"), scalar("index"), scalar("bool")),
    ),
  ],
};

on(targets, "every element type, nested and typed, in and out", copyAll, async (unit) => {
  const scalars = [0.1, 0.2, -3, 2 ** 32 - 1, -(2 ** 31), true];
  const nested = [
    [1.5, 0],
    [0.3, 0],
    [-(2 ** 31), 0],
    [2 ** 31, 0],
    [2 ** 53 - 1, 0],
    [true, false],
  ];
  const result = await call(unit, "all", [...scalars, ...nested]);
  assert.equal(result, [1.5, Math.fround(0.3), -(2 ** 31), 2 ** 31, 2 ** 53 - 1, true]);
  const expected = [0.1, Math.fround(0.2), -3, 2 ** 32 - 1, -(2 ** 31), true];
  assert.equal(
    nested.map((row) => row[1]),
    expected,
  );
  const typed = [
    new Float64Array(2),
    new Float32Array(2),
    new Int32Array(2),
    new Uint32Array(2),
    array(new Float64Array(2), [2], "index"),
    new Uint8Array(2),
  ];
  assert.equal(await call(unit, "all", [...scalars, ...typed]), [0, 0, 0, 0, 0, false]);
  assert.equal(
    typed.map((x) => ("data" in x ? x.data : x)[1]),
    [0.1, Math.fround(0.2), -3, 2 ** 32 - 1, -(2 ** 31), 1],
  );
});

on(targets, "views in the middle of a buffer", copyAll, async (unit) => {
  const whole = new Float64Array([7, 1, 2, 7]);
  const rest = [
    new Float32Array(2),
    new Int32Array(2),
    new Uint32Array(2),
    new Float64Array(2),
    new Uint8Array(8).subarray(3, 5),
  ];
  await call(unit, "all", [5, 0, 0, 0, 9, true, whole.subarray(1, 3), ...rest]);
  assert.equal(whole, new Float64Array([7, 1, 5, 7]));
  assert.equal(rest[3], new Float64Array([0, 9]));
  assert.equal(new Uint8Array(rest[4]?.buffer as ArrayBuffer), new Uint8Array([0, 0, 0, 0, 1, 0, 0, 0]));
});

const structs: Source = {
  ir: `stage loop
  export func @move(%x: f64[%n], %f: bool[%n1], %t0: f32[%n2], %t1: f32[%n3], %by: f64, %V: f64[%r, %c]) -> (f64, bool) {
    for %i in seq(0, %n) {
      accum add %x[%i], %by
      %b: bool = load %f[%i]
      %nb: bool = not %b
      store %f[%i], %nb
      %s: f32 = load %t0[%i]
      store %t1[%i], %s
      %v: f64 = load %V[%i, 1]
      accum add %x[%i], %v
    }
    yield %by, true
  }`,
  js: `return { move(p, o) {
    for (let i = 0; i < p.length; i++) {
      p[i].x += o.by; p[i].f = !p[i].f; p[i].t[1] = p[i].t[0]; p[i].x += o.V[i][1];
    }
    return { a: o.by, b: true };
  } };`,
  entries: [
    entryOf(
      "move",
      {
        p: rw(struct({ x: scalar("f64"), f: scalar("bool"), t: tuple(scalar("f32"), scalar("f32")) })),
        o: struct({ by: scalar("f64"), V: arrayOf("f64", 2) }),
      },
      struct({ a: scalar("f64"), b: scalar("bool") }),
    ),
  ],
};

on(targets, "arrays of structs with tuples, structs with arrays, struct results", structs, async (unit) => {
  const p = [
    { x: 1, f: true, t: [0.1, 0] },
    { x: 2, f: false, t: [4, 0] },
  ];
  const result = await call(unit, "move", [p, { by: 10, V: [[0, 1], new Float64Array([0, 2])] }]);
  assert.equal(result, { a: 10, b: true });
  assert.equal(p, [
    { x: 12, f: false, t: [Math.fround(0.1), Math.fround(0.1)] },
    { x: 14, f: true, t: [4, 4] },
  ]);
});

on(compiled, "new arrays are zeros, also where memory is used again", structs, async ({ program }) => {
  const p = program as KernelProgram;
  for (const elem of ["f64", "f32", "i32", "u32", "index", "bool"] as const) {
    for (const n of [1, 100, 97]) {
      const data = new (elem === "bool" ? Uint8Array : Float64Array)(n).fill(1);
      const array = p.alloc(elem, [n]);
      p.upload(array, data);
      p.free(array);
      const again = p.alloc(elem, [n]);
      for (let k = 0; k < n; k++) assert.is(Number(await p.read(again, k)), 0, `${elem} ${k} of ${n}`);
      p.free(again);
    }
  }
});

const flags: Source = {
  ir: `stage loop
  export func @invert(%F: bool[%n, %m]) {
    for %i in seq(0, %n) {
      for %j in seq(0, %m) {
        %f: bool = load %F[%i, %j]
        %g: bool = not %f
        store %F[%i, %j], %g
      }
    }
  }`,
  js: "return { invert(F) { for (const r of F) for (let j = 0; j < r.length; j++) r[j] = !r[j]; } };",
  entries: [entryOf("invert", { F: rw("bool", 2) })],
};

on(targets, "nested booleans, and none at all", flags, async (unit) => {
  const F = [
    [true, false],
    [false, false],
  ];
  assert.is(await call(unit, "invert", [F]), undefined);
  assert.equal(F, [
    [false, true],
    [true, true],
  ]);
  for (const empty of [[], [[], []], zeros("bool", [0, 3]), zeros("bool", [3, 0])]) await call(unit, "invert", [empty]);
});

/** \`tmp\` is a temporary; the last access is checked, after A has been written. */
const picking: Source = {
  ir: `stage loop
  export func @pick(%A: f64[%n, %m], %i: index, %E: index[%k]) -> f64 {
    %tmp: f64[%n] = alloc
    store %A[0, 0], 99.0f64
    store %E[0], 5
    check %A axis 1 at %i !pick.ts:3:7:20-25
    %v: f64 = load %A[0, %i]
    store %tmp[0], %v
    %w: f64 = load %tmp[0]
    yield %w
  }`,
  entries: [entryOf("pick", { A: rw("f64", 2), i: scalar("index"), E: rw("index") }, scalar("f64"))],
};

on(compiled, "a failed check leaves typed and nested arrays unchanged", picking, async (unit) => {
  const A = array(new Float64Array([1, 2, 3, 4]), [2, 2]);
  const nested = [
    [1, 2],
    [3, 4],
  ];
  const E = new Float64Array([1]);
  const message = /pick: A\[…\]\[2\] is outside of A: axis 1 has length 2 \(pick.ts:3\)/;
  await fails("TG3013", message, call(unit, "pick", [A, 2, E]));
  await fails("TG3013", /A\[…\]\[-1\] is outside/, call(unit, "pick", [nested, -1, E]));
  await fails("TG3013", /A\[…\]\[2147483648\]/, call(unit, "pick", [A, 2 ** 31, E]));
  assert.equal(A.data, new Float64Array([1, 2, 3, 4]));
  assert.equal(nested, [
    [1, 2],
    [3, 4],
  ]);
  assert.equal(E, new Float64Array([1]));
  assert.is(await call(unit, "pick", [A, 1, E]), 2);
  assert.equal(A.data, new Float64Array([99, 2, 3, 4]));
  assert.equal(E, new Float64Array([5]));
});

const growing: Source = {
  ir: `stage loop
  export func @big(%x: f64[%n], %m: index) {
    %tmp: f64[%m, %m] = alloc
    store %tmp[0, 0], 1.0f64
    store %x[0], 2.0f64
  }`,
  entries: [entryOf("big", { x: rw("f64"), m: scalar("index") })],
};

on(compiled, "out of memory is an error, and the next call works", growing, async (unit) => {
  const x = new Float64Array(1);
  await fails("TG3014", /big: no memory for the local array tmp of 300000 × 300000 f64/, call(unit, "big", [x, 3e5]));
  await fails("TG3010", /the local array tmp would have 2147483648 × 2147483648/, call(unit, "big", [x, 2 ** 31]));
  assert.is(x[0], 0);
  await call(unit, "big", [x, 100]);
  assert.is(x[0], 2);
});

const adding: Source = {
  ir: `stage loop
  export func @add(%x: f64[%n], %y: f64[%m]) {
    for %i in seq(0, %n) {
      %v: f64 = load %y[%i]
      accum add %x[%i], %v
    }
  }`,
  js: "return { add(x, y) { for (let i = 0; i < x.length; i++) x[i] += y[i]; } };",
  entries: [entryOf("add", { x: rw("f64"), y: arrayOf("f64") })],
};

on(targets, "many calls at once, on small typed arrays, under garbage collection", adding, async (unit) => {
  const x = new Float64Array(3);
  const calls: Promise<unknown>[] = [];
  for (let k = 0; k < 500; k++) {
    calls.push(call(unit, "add", [x, new Float64Array([1, 2, k])]));
    if (k % 50 === 0) Array.from({ length: 1000 }, (_, i) => new Float64Array(i % 8));
  }
  await Promise.all(calls);
  assert.equal(x, new Float64Array([500, 1000, (499 * 500) / 2]));
});

on(targets, "bad arguments leave everything alone", adding, async (unit) => {
  const x = new Float64Array([1, 2]);
  const lost = new Float64Array(2);
  structuredClone(lost, { transfer: [lost.buffer] });
  await fails("TG3009", /x and y share memory/, call(unit, "add", [x, x]));
  await fails("TG3004", /y is Float32Array/, call(unit, "add", [x, new Float32Array(2)]));
  await fails("TG3007", /y has lost its memory/, call(unit, "add", [x, lost]));
  await fails("TG3008", /y\[1\] is undefined/, call(unit, "add", [x, [1, undefined]]));
  await fails("TG3001", /takes 2 \(x, y\), got 1/, call(unit, "add", [x]));
  assert.equal(x, new Float64Array([1, 2]));
  await call(unit, "add", [x, [1, 1]]);
  assert.equal(x, new Float64Array([2, 3]));
});

on(targets, "resizable and shared memory", adding, async (unit) => {
  const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
  const x = new Float64Array(new Resizable(16, { maxByteLength: 64 }));
  const y = new Float64Array(new SharedArrayBuffer(16)).fill(4);
  await call(unit, "add", [x, y]);
  assert.equal(x, new Float64Array([4, 4]));
  await call(unit, "add", [y, x]);
  assert.equal([...y], [8, 8]);
});

on(targets, "resident arrays: reset, run, download", adding, async (unit) => {
  const x = array(new Float64Array([1, 2]));
  const nested = [10, 20];
  const run = await makeResident(unit, "add", [x, nested]);
  assert.ok((await run.run()) >= 0);
  assert.ok((await run.run()) < 5);
  assert.equal(x.data, new Float64Array([1, 2]), "arguments change by download only");
  assert.is(run.download(), undefined);
  assert.equal(x.data, new Float64Array([21, 42]));
  run.reset();
  run.run();
  run.download();
  assert.equal(x.data, new Float64Array([11, 22]));
  run.dispose();
  run.dispose();
  const onNested = await makeResident(unit, "add", [nested, x]);
  onNested.run();
  onNested.reset();
  onNested.run();
  onNested.download();
  assert.equal(nested, [21, 42]);
  onNested.dispose();
});

on(targets, "resident arrays of structs, and a result", structs, async (unit) => {
  const p = [{ x: 1, f: true, t: [3, 0] }];
  const run = await makeResident(unit, "move", [p, { by: 2, V: [[0, 1]] }]);
  for (let k = 0; k < 2; k++) {
    run.reset();
    run.run();
  }
  assert.equal(run.download(), { a: 2, b: true });
  assert.equal(p, [{ x: 4, f: false, t: [3, 3] }]);
  run.dispose();
});

on(compiled, "a resident run that fails says so", picking, async (unit) => {
  const run = await makeResident(unit, "pick", [[[1, 2]], 2, [0]]);
  assert.throws(
    () => run.run(),
    (e: Error) => e instanceof LaunchError && e.code === "TG3013",
  );
  run.dispose();
});

const spinning: Source = {
  ir: `stage loop
  export func @spin(%x: f64[%n], %count: index) {
    for %i in seq(0, %count) {
      %a: f64 = load %x[0]
      %b: f64 = sin %a
      store %x[0], %b
    }
  }`,
  entries: [entryOf("spin", { x: rw("f64"), count: scalar("index") })],
};

on(
  targets.filter((t) => t === "native" || t === "wasm" || t === "c"),
  "the event loop stays free while a kernel runs",
  spinning,
  async (unit) => {
    await call(unit, "spin", [[1], 1]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    await call(unit, "spin", [[1], 2e7]);
    const ms = performance.now() - start;
    clearInterval(timer);
    assert.ok(ticks >= Math.min(3, ms / 50), `${ticks} ticks in ${ms} ms`);
  },
);

test("node: an empty array tells the sizes behind its empty axis", async () => {
  const seen: unknown[] = [];
  Object.assign(globalThis, { seen });
  const unit = await unitOf("node", { ...flags, js: "return { invert(F) { seen.push(F.length, F.sizes); } };" });
  for (const F of [zeros("bool", [0, 3]), zeros("bool", [2, 0]), zeros("bool", [1, 1])])
    await call(unit, "invert", [F]);
  assert.equal(seen, [0, [0, 3], 2, [2, 0], 1, undefined]);
});

test("node: what a function throws is what the call throws", async () => {
  const unit = await unitOf("node", { ...adding, js: "return { add() { throw new RangeError('mine'); } };" });
  await call(unit, "add", [[1], [2]]).then(
    () => assert.unreachable(),
    (e: Error) => assert.is(e.message, "mine"),
  );
});

test("node: the helpers of tsgpu/kernel are at hand", async () => {
  const js = "return { add(x, y) { const t = tsgpu.zeros('f64', 2); t[1] = 7; x[0] = t[0] + t[1]; } };";
  const x = [0];
  await call(await unitOf("node", { ...adding, js }), "add", [x, [1]]);
  assert.equal(x, [7]);
});

test.run();
