/** Faults that text cannot have: the parser knows no such names. test/golden/verify has all others. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { noLoc } from "../../compiler/diagnostic.ts";
import { Builder, value } from "../../compiler/ir/build.ts";
import { constant, type For, type Func, indexConst, type Scalar, type Value } from "../../compiler/ir/ir.ts";
import { verify } from "../../compiler/ir/verify.ts";

function faultsOf(params: readonly Value[], build: (b: Builder) => void): string[] {
  const b = new Builder(noLoc);
  build(b);
  const f: Func = {
    kind: "func",
    name: "f",
    exported: false,
    params,
    results: [],
    requires: [],
    body: b.block(),
    loc: noLoc,
  };
  return verify({ stage: "loop", funcs: [f] }).map((fault) => fault.message);
}

const x: Scalar = value("x", "f64");

test("a value that is never bound", () => {
  assert.equal(
    faultsOf([], (b) => b.unary("neg", x)),
    ["%x? is used where it is not defined"],
  );
});

test("a value that is bound inside a loop and used after it", () => {
  const faults = faultsOf([x], (b) => {
    let inner = x;
    b.for("i", "seq", indexConst(0), indexConst(4), [], (body) => {
      inner = body.unary("neg", x);
      return [];
    });
    b.unary("neg", inner);
  });
  assert.equal(faults, ["%neg is used where it is not defined"]);
});

test("a value that is bound after its use, in the other branch, in its own loop", () => {
  const faults = faultsOf([x], (b) => {
    const late = value("late", "f64" as const);
    b.unary("neg", late);
    b.stmts.push({ kind: "let", result: late, expr: { kind: "unary", op: "neg", a: x, mode: "contract" }, loc: noLoc });
    let other = x;
    b.if(
      constant("bool", true),
      (then) => {
        other = then.unary("abs", x);
        return [];
      },
      (otherwise) => {
        otherwise.unary("neg", other);
        return [];
      },
    );
    const result = value("result", "f64" as const);
    b.for("i", "seq", indexConst(0), indexConst(4), [x], () => [result]);
    const loop = b.stmts.pop() as For;
    b.stmts.push({ ...loop, results: [result] });
  });
  assert.equal(faults, [
    "%late is used where it is not defined",
    "%abs is used where it is not defined",
    "%result is used where it is not defined",
  ]);
});

test("a value that is bound twice", () => {
  const faults = faultsOf([x, x], (b) => {
    b.unary("neg", x);
    b.stmts.push(b.stmts[0] as (typeof b.stmts)[number]);
    const i = value("i", "index" as const);
    const loop: For = {
      kind: "for",
      mode: "seq",
      index: i,
      lo: indexConst(0),
      hi: indexConst(4),
      inits: [],
      carried: [],
      body: { stmts: [], yields: [] },
      results: [],
      loc: noLoc,
    };
    b.stmts.push(loop, { ...loop });
  });
  assert.equal(faults, [
    "%x is bound twice",
    "the statement stands in two places",
    "%neg is bound twice",
    "%i is bound twice",
  ]);
});

test("a loop's index and what it carries", () => {
  const faults = faultsOf([x], (b) => {
    b.for("i", "seq", indexConst(0), indexConst(4), [x], (_, __, carried) => carried);
    const loop = b.stmts.pop() as For;
    const index = value("k", "i32" as const) as unknown as For["index"];
    b.stmts.push({ ...loop, index, inits: [] });
    b.for("i", "seq", indexConst(0), indexConst(4), [x], (_, __, carried) => carried);
    const second = b.stmts.pop() as For;
    b.stmts.push({ ...second, inits: [constant("f32", 0)] });
  });
  assert.equal(faults, [
    "the loop's index %k is i32, not index",
    "the loop carries 1 value, it starts from 0",
    "%x_3 is f64, it starts from f32",
  ]);
});

test("constants that are none of their type", () => {
  const faults = faultsOf([], (b) => {
    b.unary("neg", constant("f32", 0.1));
    b.unary("not", constant("bool", 1));
    b.unary("neg", constant("f64", true));
    b.unary("neg", constant("index", 1.5));
    b.unary("neg", constant("index", Number.POSITIVE_INFINITY));
  });
  assert.equal(faults, ["0.1 is no f32", "1 is no bool", "true is no f64", "1.5 is no index", "Infinity is no index"]);
});

test("a fault knows its statement", () => {
  const b = new Builder(noLoc);
  b.unary("sqrt", indexConst(3));
  const f: Func = {
    kind: "func",
    name: "g",
    exported: false,
    params: [],
    results: [],
    requires: [],
    body: b.block(),
    loc: noLoc,
  };
  const [fault] = verify({ stage: "loop", funcs: [f] });
  assert.is(fault?.stmt, b.stmts[0]);
  assert.is(fault?.func, "g");
});

test.run();
