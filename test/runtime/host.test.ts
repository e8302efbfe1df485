/** Launch programs, requirements and failing kernels, on the interpreter's device. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Entry } from "../../compiler/artifact.ts";
import { CompilerBug } from "../../compiler/diagnostic.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { call, type Unit } from "../../runtime/call.ts";
import type { KernelProgram } from "../../runtime/device.ts";
import { interp } from "../../runtime/devices/interp.ts";
import { mayFail } from "../../runtime/host-memory.ts";
import { type LaunchCode, LaunchError } from "../../runtime/launch-error.ts";
import { arrayOf, entryOf, scalar, struct, tuple } from "./units.ts";

/** A unit of a module of stage `kernel`, on a device that counts what it allocates and frees. */
async function hostUnit(text: string, entries: readonly Entry[], limit = Number.POSITIVE_INFINITY) {
  const program = parse(text, "k.ir");
  assert.equal(verify(program), []);
  const loaded = (await interp.load({ target: "interp", file: "k.ts", entries, program, code: null })) as KernelProgram;
  const count = { alive: 0, most: 0, allocated: 0 };
  const counting: KernelProgram = Object.assign(Object.create(loaded) as KernelProgram, {
    alloc(...args: Parameters<KernelProgram["alloc"]>) {
      if (args[1].reduce((n, d) => n * d, 1) > limit) throw new RangeError("Array buffer allocation failed");
      count.most = Math.max(count.most, ++count.alive);
      count.allocated++;
      return loaded.alloc(...args);
    },
    wrap(...args: Parameters<KernelProgram["wrap"]>) {
      count.alive++;
      return loaded.wrap(...args);
    },
    free() {
      count.alive--;
    },
  });
  const artifact = { target: "interp" as const, file: "k.ts", entries, program, code: null };
  const unit: Unit = {
    artifact,
    program: counting,
    checked: () => Promise.reject(new Error("the checked version was asked for")),
  };
  return { unit, count, program };
}

async function fails(code: LaunchCode, message: RegExp, run: Promise<unknown>): Promise<LaunchError> {
  try {
    await run;
  } catch (error) {
    assert.instance(error, LaunchError, String(error));
    assert.is((error as LaunchError).code, code, (error as LaunchError).message);
    assert.match((error as LaunchError).message, message);
    return error as LaunchError;
  }
  throw new Error(`nothing failed, ${code} expected`);
}

const add = `
kernel @add(%x: f64[%n], %by: f64) {
  for %i in seq(0, %n) { accum add %x[%i], %by }
}`;
const x = [arrayOf("f64"), "readwrite"] as const;

test("alloc is zeroed, copies copy, loads read back, results are yielded", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    ${add}
    export host @k(%x: f64[%n]) -> (f64, bool) {
      %t: f64[%n] = alloc
      launch @add(%t, 2.0f64)
      %first: f64 = load %t[1]
      launch @add(%x, %first)
      copy %x to %t
      %last: f64 = load %t[0]
      %more: bool = gt %last, %first
      yield %last, %more
    }`,
    [entryOf("k", { x }, tuple(scalar("f64"), scalar("bool")))],
  );
  const data = new Float64Array([1, 5]);
  assert.equal(await call(unit, "k", [data]), [3, true]);
  assert.equal(data, new Float64Array([3, 7]));
  assert.equal(count, { alive: 0, most: 2, allocated: 1 });
});

test("loops, whiles and branches carry values", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    ${add}
    export host @k(%x: f64[%n], %rounds: index) -> (index, f64) {
      %sum: index = for %r in seq(0, %rounds) with %s = 0 {
        %t: f64[%r] = alloc
        launch @add(%x, 1.0f64)
        %s2: index = add %s, %r
        yield %s2
      }
      %steps: index = while with %c = 0 {
        %v: f64 = load %x[0]
        %go: bool = lt %v, 10.0f64
        yield %go
      } do {
        launch @add(%x, 2.0f64)
        %c2: index = add %c, 1
        yield %c2
      }
      %big: bool = gt %sum, %steps
      %out: f64 = if %big {
        %a: f64 = cast %sum
        yield %a
      } else {
        %neg: index = neg %steps
        %b: f64 = cast %neg
        yield %b
      }
      %sel: index = select %big, %sum, %steps
      yield %sel, %out
    }`,
    [entryOf("k", { x, rounds: scalar("index") }, struct({ n: scalar("index"), v: scalar("f64") }))],
  );
  const data = [0, 100];
  assert.equal(await call(unit, "k", [data, 3]), { n: 4, v: -4 });
  assert.equal(data, [11, 111]);
  assert.equal(await call(unit, "k", [[50], 4]), { n: 6, v: 6 });
  assert.equal(count, { alive: 0, most: 2, allocated: 7 });
});

test("two-dimensional read-back", async () => {
  const { unit } = await hostUnit(
    `stage kernel
    export host @k(%A: i32[%n, %m]) -> i32 {
      %v: i32 = load %A[1, 2]
      yield %v
    }`,
    [entryOf("k", { A: arrayOf("i32", 2) }, scalar("i32"))],
  );
  assert.is(
    await call(unit, "k", [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]),
    6,
  );
});

const failing = `
kernel @pick(%x: f64[%n], %i: index, %t: f64[%m]) {
  store %t[0], 1.0f64
  check %t axis 0 at 0
  store %x[0], 99.0f64
  check %x axis 0 at %i !src/k.ts:12:5:100-110
  %v: f64 = load %x[%i]
  store %t[0], %v
}`;

test("a failed check names kernel, array, index, extent and line; nothing is written back", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    ${failing}
    export host @k(%x: f64[%n], %i: index) {
      %t: f64[1] = alloc
      launch @pick(%x, %i, %t)
    }`,
    [entryOf("k", { x, i: scalar("index") })],
  );
  const typed = new Float64Array([1, 2, 3]);
  const error = await fails(
    "TG3013",
    /k: x\[7\] is outside of x: axis 0 has length 3 \(src\/k.ts:12\)/,
    call(unit, "k", [typed, 7]),
  );
  assert.is(error.kernel, "k");
  assert.is(error.argument, "x");
  assert.equal(typed, new Float64Array([1, 2, 3]));
  const nested = [1, 2, 3];
  await fails("TG3013", /x\[-1\] is outside of x/, call(unit, "k", [nested, -1]));
  assert.equal(nested, [1, 2, 3]);
  await call(unit, "k", [typed, 2]);
  assert.is(typed[0], 99);
  assert.is(count.alive, 0);
});

test("a failed check on a temporary names the temporary", async () => {
  const { unit } = await hostUnit(
    `stage kernel
    kernel @k_0(%n: index, %tmp: f64[%a, %b]) { check %tmp axis 1 at %n }
    export host @k(%n: index) {
      %tmp: f64[2, 4] = alloc
      launch @k_0(%n, %tmp)
    }`,
    [entryOf("k", { n: scalar("index") })],
  );
  const message = /tmp\[…\]\[4\] is outside of tmp: axis 1 has length 4 \(k.ir:2\)/;
  const error = await fails("TG3013", message, call(unit, "k", [4]));
  assert.is(error.argument, undefined);
  await call(unit, "k", [3]);
});

test("an access that nobody checks is still an error on the interpreter", async () => {
  const { unit } = await hostUnit(
    `stage kernel
    kernel @k_0(%x: f64[%n], %i: index) { store %x[%i], 1.0f64 }
    export host @k(%x: f64[%n], %i: index) { launch @k_0(%x, %i) }`,
    [entryOf("k", { x, i: scalar("index") })],
  );
  await fails("TG3013", /x/, call(unit, "k", [new Float64Array(2), 2]));
});

test("mayFail: checks, and memory taken, after the first write to what the caller gave", () => {
  const writing = "kernel @f(%x: f64[%n]) { store %x[0], 1f64 }";
  const host = (body: string, kernel = writing): boolean => {
    const m = parse(`stage kernel ${kernel} export host @k(%x: f64[%n], %y: f64[%n]) { ${body} }`);
    const func = m.funcs.find((f) => f.kind === "host");
    return func !== undefined && mayFail(m, func);
  };
  assert.not(host("launch @f(%x)"));
  assert.not(host("%t: f64[%n] = alloc launch @f(%x)"));
  assert.ok(host("launch @f(%x) %t: f64[%n] = alloc"));
  assert.ok(host("copy %y to %x %t: f64[%n] = alloc"));
  assert.ok(host("if true { launch @f(%x) } else { } if false { %t: f64[%n] = alloc }"));
  assert.not(host("%t: f64[%n] = alloc launch @f(%t) copy %x to %t %u: f64[%n] = alloc launch @f(%x)"));
  assert.not(host("for %i in seq(0, 3) { %t: f64[%n] = alloc }"));
  assert.ok(host("for %i in seq(0, 3) { %t: f64[%n] = alloc launch @f(%x) }"));
  const checking = "kernel @f(%x: f64[%n]) { store %x[0], 1f64 check %x axis 0 at 3 }";
  assert.ok(host("launch @f(%x)", checking));
  assert.not(host("%t: f64[%n] = alloc launch @f(%t)", checking));
  assert.not(host("launch @f(%x)", "kernel @f(%x: f64[%n]) { check %x axis 0 at 3 }"));
});

test("no memory for a temporary", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    ${add}
    export host @k(%x: f64[%n], %m: index) {
      %small: f64[%n] = alloc
      %huge: f64[%m, 1000] = alloc
      launch @add(%x, 1.0f64)
    }`,
    [entryOf("k", { x, m: scalar("index") })],
    1e6,
  );
  const data = [1];
  await fails("TG3014", /k: no memory for the local array huge of 1000000 × 1000 f64/, call(unit, "k", [data, 1e6]));
  await fails("TG3012", /the local array huge would have -1 × 1000 elements/, call(unit, "k", [data, -1]));
  assert.equal(data, [1]);
  assert.is(count.alive, 0);
});

test("what is allocated is freed after its last use, and when something fails", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    ${add}
    kernel @at(%x: f64[%n], %i: index) {
      check %x axis 0 at %i
    }
    export host @k(%x: f64[%n], %last: index) -> f64 {
      %a: f64[%n] = alloc
      launch @add(%a, 1.0f64)
      %v: f64 = load %a[0]
      %unused: f64[%n] = alloc
      %b: f64[%n] = alloc
      for %i in seq(0, %last) {
        %c: f64[%n] = alloc
        copy %b to %c
        launch @at(%x, %i)
        %d: f64[2, %n] = alloc
        copy %x to %d[1]
      }
      yield %v
    }`,
    [entryOf("k", { x, last: scalar("index") }, scalar("f64"))],
  );
  assert.is(await call(unit, "k", [[1, 2], 2]), 1);
  // The argument, %b, and one of the arrays in the loop.
  assert.equal(count, { alive: 0, most: 3, allocated: 7 });
  await fails("TG3013", /x\[2\] is outside of x/, call(unit, "k", [[1, 2], 4]));
  assert.is(count.alive, 0);
});

test("arrays of other sizes than a kernel takes them to be are a bug, not a wrong result", async () => {
  const { unit, count } = await hostUnit(
    `stage kernel
    kernel @sum(%x: f64[%n], %y: f64[%n]) { for %i in seq(0, %n) { %a: f64 = load %y[%i] accum add %x[%i], %a } }
    export host @launches(%x: f64[%n], %y: f64[%m]) { launch @sum(%x, %y) }
    export host @copies(%x: f64[%n], %y: f64[%m]) { copy %x to %y }
    export host @rows(%x: f64[%n], %y: f64[%m]) { %t: f64[2, %n] = alloc copy %t[%m] to %x }
    export host @loads(%x: f64[%n], %y: f64[%m]) -> f64 { %v: f64 = load %x[%m] yield %v }`,
    ["launches", "copies", "rows", "loads"].map((name) =>
      entryOf(name, { x, y: x }, name === "loads" ? scalar("f64") : null),
    ),
  );
  const bugs: Readonly<Record<string, RegExp>> = {
    launches: /@sum: axis 0 of %y has size 3, not 2/,
    copies: /a copy of 2 elements of %x to 3 of %y/,
    rows: /accesses 3 of 2 on axis 0/,
    loads: /accesses 3 of 2 on axis 0/,
  };
  for (const [name, message] of Object.entries(bugs)) {
    const error = await call(unit, name, [new Float64Array(2), new Float64Array(3)]).catch((e: unknown) => e);
    assert.instance(error, CompilerBug);
    assert.match((error as CompilerBug).message, message);
  }
  assert.is(count.alive, 0);
});

const needs = `stage kernel
  ${add}
  export host @k(%x: f64[%n], %m: index)
    requires %n - %m >= 0 when %m - 1 >= 0 else "x[m - 1] is outside of x"
    requires 2 * %m - %n >= 0 else "the last access may be outside of x" {
    launch @add(%x, 1.0f64)
  }`;

test("requirements: held, refused, or left to the checked version", async () => {
  const { unit } = await hostUnit(needs, [entryOf("k", { x, m: scalar("index") })]);
  const data = [1, 2, 3];
  await call(unit, "k", [data, 3]);
  assert.equal(data, [2, 3, 4]);
  const error = await fails(
    "TG3012",
    /k: x\[m - 1\] is outside of x, with x.length = 3, m = 4/,
    call(unit, "k", [data, 4]),
  );
  assert.is(error.kernel, "k");
  assert.equal(data, [2, 3, 4]);
  // Only the second fails, or the first where nothing makes the access certain.
  for (const args of [
    [data, 1],
    [[], -1],
  ]) {
    await call(unit, "k", args).then(
      () => assert.unreachable(),
      (e: Error) => assert.is(e.message, "the checked version was asked for"),
    );
  }
});

test("the checked version runs in the place of the other", async () => {
  const entries = [entryOf("k", { x, m: scalar("index") })];
  const { unit } = await hostUnit(needs, entries);
  const checked = await hostUnit(
    `stage kernel
    kernel @k_0(%x: f64[%n], %m: index) { check %x axis 0 at %m store %x[%m], 5.0f64 }
    export host @k(%x: f64[%n], %m: index) { launch @k_0(%x, %m) }`,
    entries,
  );
  const both: Unit = { ...unit, checked: async () => checked.unit };
  const data = [1, 2, 3];
  await call(both, "k", [data, 1]);
  assert.equal(data, [1, 5, 3]);
  await fails("TG3013", /x\[-3\] is outside of x/, call(both, "k", [[], -3]));
});

test("sizes that a version fixes are checked", async () => {
  const { unit } = await hostUnit(
    `stage kernel
    export host @k(%A: f64[%n, %n], %b: f64[4]) { }`,
    [entryOf("k", { A: arrayOf("f64", 2), b: arrayOf("f64") })],
  );
  await call(unit, "k", [
    [
      [1, 2],
      [3, 4],
    ],
    [1, 2, 3, 4],
  ]);
  await fails(
    "TG3012",
    /A\[0\].length is 3, this version .* for 2/,
    call(unit, "k", [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [1, 2, 3, 4],
    ]),
  );
  await fails("TG3012", /b.length is 1, this version .* for 4/, call(unit, "k", [[], [1]]));
});

test("calls run in the order in which they were made, and after one that failed", async () => {
  const { unit } = await hostUnit(
    `stage kernel
    ${add}
    kernel @double(%x: f64[%n]) { for %i in seq(0, %n) { accum mul %x[%i], 2.0f64 } }
    export host @add1(%x: f64[%n]) { launch @add(%x, 1.0f64) }
    export host @double1(%x: f64[%n]) { launch @double(%x) }`,
    [entryOf("add1", { x }), entryOf("double1", { x })],
  );
  const data = [1];
  const refused = call(unit, "add1", ["nothing"]);
  const all = [call(unit, "add1", [data]), call(unit, "double1", [data]), call(unit, "add1", [data])];
  await fails("TG3002", /x is the string "nothing"/, refused);
  await Promise.all(all);
  assert.equal(data, [5]);
  await fails("TG3016", /k.ts: there is no kernel add2; the file has add1, double1/, call(unit, "add2", [data]));
});

test.run();
