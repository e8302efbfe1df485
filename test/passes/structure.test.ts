/** What golden files cannot show of `inline` and `outline`: locations, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CompileError, CompilerBug, type Loc } from "../../compiler/diagnostic.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { print } from "../../compiler/ir/print.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { inline, outline, passes } from "../../compiler/passes/index.ts";

const lines = (loc: Loc): number[] => [loc.span.line, ...(loc.inlinedAt === undefined ? [] : lines(loc.inlinedAt))];

test("inline: a statement says through which calls it came, innermost first", () => {
  const m = parse(
    `stage loop
func @inner(%x: f64[%n]) {
  store %x[0], 1.0f64
}
func @middle(%x: f64[%n]) {
  call @inner(%x)
  store %x[1], 2.0f64
}
export func @outer(%x: f64[%n]) {
  call @middle(%x)
  store %x[2], 3.0f64
}`,
    "f.ir",
  );
  const [outer] = inline.run(m).funcs;
  assert.equal(
    outer?.body.stmts.map((s) => lines(s.loc)),
    [[3, 6, 10], [7, 10], [11]],
  );
});

test("inline: what an adjoint calls is adjoint", () => {
  const m = parse(`stage loop
func @inner(%x: f64[%n]) {
  store %x[0], 1.0f64
}
export func @outer(%x: f64[%n]) {
  call @inner(%x) !f.ts:1:1:0-1 adjoint
}`);
  assert.equal(
    inline.run(m).funcs[0]?.body.stmts.map((s) => s.loc.role),
    ["adjoint"],
  );
});

test("inline: nothing to do gives the same module", () => {
  const m = parse("stage loop\nexport func @f(%x: f64[%n]) { store %x[0], 1.0f64 }");
  assert.is(inline.run(m), m);
});

/** The messages of what outline refuses of a function with this body. */
function refused(body: string): readonly string[] {
  try {
    const m = outline.run(
      parse(`stage loop\nexport func @f(%x: f64[%n], %k: i32[%m], %s: index) {\n${body}\n}`, "f.ir"),
    );
    return [`nothing:\n${print(m)}`];
  } catch (e) {
    if (!(e instanceof CompileError)) throw e;
    return e.diagnostics.map((d) => {
      assert.is(d.code, "TG1090");
      assert.ok(d.help !== undefined && d.help.length > 0);
      return `${d.at.line}: ${d.message}`;
    });
  }
}
const unknown =
  "the size of this local array is not known before the kernel runs: it depends on a loop or on array elements";

test("outline: a size that depends on a loop variable or on an element is refused, each at its place", () => {
  assert.equal(
    refused(`for %i in seq(1, %n) {
      %t: f64[%i] = alloc
      store %t[0], 1.0f64
    }
    %a: i32 = load %k[0]
    %b: index = cast %a
    %c: index = add %b, 1
    %u: f64[4, %c] = alloc
    store %u[0, 0], 1.0f64`),
    [`4: ${unknown}`, `10: ${unknown}`],
  );
});

test("outline: a size by a division that perhaps does not happen is refused", () => {
  assert.equal(
    refused(`%c: bool = gt %s, 0
    if %c {
      %d: index = floordiv %n, %s
      %t: f64[%d] = alloc
      store %t[0], 1.0f64
    }`),
    [`6: ${unknown}`],
  );
  assert.match(refused("%d: index = floordiv %n, %s %t: f64[%d] = alloc")[0] as string, /^nothing/);
});

test("outline: an array of its own for each iteration of a parallel loop is refused", () => {
  assert.equal(refused("for %i in par(0, %n) {\n%t: f64[2] = alloc\nstore %t[0], 1.0f64\n}"), [
    "4: a local array inside a parallel loop",
  ]);
});

test("outline: takes nothing that still calls", () => {
  const m = parse(`stage loop
func @g(%x: f64[%n]) {
  store %x[0], 1.0f64
}
export func @f(%x: f64[%n]) {
  call @g(%x)
}`);
  assert.throws(
    () => outline.run(m),
    (e: unknown) => e instanceof CompilerBug,
  );
});

test("outline: nobody would evaluate what a function between two launches requires", () => {
  const m = parse(`stage loop
func @g(%x: f64[%n])
  requires %n - 1 >= 0 else "x is empty"
{
  store %x[0], 1.0f64
}
export host @f(%x: f64[%n]) {
  call @g(%x)
}`);
  assert.throws(
    () => outline.run(m),
    (e: unknown) => e instanceof CompilerBug && /@g has requirements/.test(e.message),
  );
});

test("outline: what a host function calls and the outside too is one kernel, with a launch program of its own", () => {
  const m = outline.run(
    parse(`stage loop
export func @g(%x: f64[%n]) {
  store %x[0], 1.0f64
}
func @h(%x: f64[%n]) {
  store %x[0], 2.0f64
}
export host @f(%x: f64[%n]) {
  call @g(%x)
  call @h(%x)
}`),
  );
  const launches = m.funcs.map((f) =>
    [...walk(f.body)].map((s) => (s.kind === "launch" ? ` ${s.callee}` : "")).join(""),
  );
  assert.equal(
    m.funcs.map((f, i) => `${f.kind} ${f.name}:${launches[i]}`),
    ["kernel g_0:", "host g: g_0", "kernel h:", "host f: g_0 h"],
  );
});

test("outline: the size of a local array of what a host function calls is refused at its place", () => {
  const m = parse(
    `stage loop
func @g(%k: index[%n]) {
  %a: index = load %k[0]
  %t: f64[%a] = alloc
  store %t[0], 1.0f64
}
export host @f(%k: index[%n]) {
  call @g(%k)
}`,
    "f.ir",
  );
  assert.throws(
    () => outline.run(m),
    (e: unknown) => e instanceof CompileError && e.diagnostics[0]?.code === "TG1090" && e.diagnostics[0].at.line === 4,
  );
});

test("outline: kernels get names of their own, and a second run changes nothing", () => {
  const m = outline.run(parse("stage loop\nexport func @f() { }\nexport func @f_0() { }"));
  assert.equal(
    m.funcs.map((f) => `${f.kind} ${f.name}`),
    ["kernel f_1", "host f", "kernel f_0_0", "host f_0"],
  );
  assert.is(outline.run(m), m);
});

test("outline: arrays of a workgroup or a thread stay in the kernel", () => {
  const m = outline.run(
    parse(`stage loop
export func @f(%x: f64[%n]) {
  for %b in grid.x(0, %n) {
    %t: f64[4] @shared = alloc
    for %j in threads.x(0, 4) {
      %u: f64[2] @local = alloc
      store %u[0], 1.0f64
      store %t[%j], 1.0f64
    }
  }
}`),
  );
  const [kernel] = m.funcs;
  assert.is([...walk(kernel?.body ?? { stmts: [], yields: [] })].filter((s) => s.kind === "alloc").length, 2);
  assert.is(kernel?.params.length, 1);
});

test("passes are named as their table says", () => {
  for (const [name, pass] of Object.entries(passes)) {
    assert.is(pass.name, name);
    assert.ok(pass.summary.length > 10);
  }
});

test.run();
