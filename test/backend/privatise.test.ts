/** Arrays of a workgroup that are kept by single threads, and those that are not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { privatise } from "../../compiler/backend/privatise.ts";
import type { Func } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { walk } from "../../compiler/ir/walk.ts";

/** A kernel of 4 × 8 threads with a shared array, and what they do to it before and after a barrier. */
function kernel(alloc: string, before: string, after: string): Func {
  const text = `stage kernel

kernel @k(%A: f64[%n, %m]) {
  for %b in grid.x(0, %n) {
    %s: f64${alloc} @shared = alloc
    for %y in threads.y(0, 4) {
      for %x in threads.x(0, 8) {
        ${before}
      }
    }
    for %y in threads.y(0, 4) {
      for %x in threads.x(0, 8) {
        ${after}
      }
    }
  }
}
`;
  return parse(text).funcs[0] as Func;
}

/** The space and the sizes of the only array that the kernel makes. */
function made(f: Func): string {
  for (const s of walk(privatise(f).body)) {
    if (s.kind === "alloc") {
      const { space, dims } = s.result.type;
      return `${space} ${dims.map((d) => (d.kind === "const" ? d.value : d.hint)).join()}`;
    }
  }
  return "none";
}

test("what each thread alone has its subscripts for is its own", () => {
  const f = kernel("[4, 8, 2]", "store %s[%y, %x, 1], 1f64", "%v: f64 = load %s[%y, %x, 1]\n accum add %A[%y, %x], %v");
  assert.is(made(f), "local 2");
});

test("an array of one element a thread keeps an axis", () => {
  const f = kernel("[4, 8]", "store %s[%y, %x], 1f64", "%v: f64 = load %s[%y, %x]\n accum add %A[%y, %x], %v");
  assert.is(made(f), "local 1");
});

test("what another thread reads is shared", () => {
  const swapped = kernel("[8, 8]", "store %s[%y, %x], 1f64", "%v: f64 = load %s[%x, %y]\n accum add %A[%y, %x], %v");
  assert.is(made(swapped), "shared 8,8");
  const next = "%z: index = sub 7, %x\n %v: f64 = load %s[%y, %z]\n accum add %A[%y, %x], %v";
  assert.is(made(kernel("[4, 8]", "store %s[%y, %x], 1f64", next)), "shared 4,8");
});

test("what threads along one axis share is shared", () => {
  const f = kernel("[8, 1]", "store %s[%x, 0], 1f64", "%v: f64 = load %s[%x, 0]\n accum add %A[%y, %x], %v");
  assert.is(made(f), "shared 8,1");
});

test("a loop that runs in steps has several iterations a thread, which are not told apart", () => {
  const text = `stage kernel

kernel @k(%A: f64[%n]) {
  for %b in grid.x(0, 1) {
    %s: f64[512, 1] @shared = alloc
    for %x in threads.x(0, 512) {
      store %s[%x, 0], 1f64
    }
    for %x in threads.x(0, 512) {
      %v: f64 = load %s[%x, 0]
      accum add %A[%x], %v
    }
  }
}
`;
  assert.is(made(parse(text).funcs[0] as Func), "shared 512,1");
});

test.run();
