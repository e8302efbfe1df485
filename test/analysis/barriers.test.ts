/** Where barriers stand: before the lines that say so, and before no others. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { barriersOf } from "../../compiler/analysis/barriers.ts";
import { deviceKernel } from "../../compiler/analysis/device-kernel.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";

const cases: Readonly<Record<string, string>> = {
  "loops that only read in common": `
    for %t in threads.x(0, 8) {
      %a: f64 = load %x[%t]
      store %y[%t], %a
    }
    for %t in threads.x(0, 8) {
      %a: f64 = load %x[%t]
      store %z[%t], %a
    }`,
  "a loop that reads what another has written": `
    for %t in threads.x(0, 8) {
      store %y[%t], 1f64
    }
    for %t in threads.x(0, 8) { # global
      %a: f64 = load %y[%t]
      store %z[%t], %a
    }`,
  "atomic updates do not mind each other, others do": `
    for %t in threads.x(0, 8) {
      accum atomic add %y[0], 1f64
    }
    for %t in threads.x(0, 8) {
      accum atomic add %y[1], 1f64
    }
    for %t in threads.x(0, 8) { # global
      accum add %y[%t], 1f64
    }`,
  "a load by all threads, before a loop that writes and after one": `
    %a: f64 = load %y[0]
    for %t in threads.x(0, 8) { # global
      store %y[%t], %a
    }
    %e: f64 = load %y[1] # global
    %c: f64 = load %y[2]
    for %t in threads.x(0, 8) {
      %d: f64 = add %e, %c
      store %z[%t], %d
    }`,
  "one loop after another, over and over": `
    for %k in seq(0, 9) {
      for %t in threads.x(0, 8) { # global
        store %y[%t], 1f64
      }
      for %t in threads.x(0, 8) { # global
        %a: f64 = load %y[%t]
        store %z[%t], %a
      }
    }`,
  "either branch": `
    %any: bool = lt %b, 3
    for %t in threads.x(0, 8) {
      store %y[%t], 1f64
    }
    if %any {
      for %t in threads.x(0, 8) {
        store %z[%t], 1f64
      }
    } else {
      for %t in threads.x(0, 8) { # global
        store %y[%t], 1f64
      }
    }
    for %t in threads.x(0, 8) { # global
      %a: f64 = load %z[%t]
      store %z[%t], %a
    }`,
  "the condition of a while": `
    %end: f64 = while with %s = 0f64 {
      %a: f64 = load %y[0] # global
      %go: bool = lt %a, %s
      yield %go
    } do {
      for %t in threads.x(0, 8) { # global
        store %y[%t], 1f64
      }
      %next: f64 = add %s, 1f64
      yield %next
    }`,
  "a shared array, which the next iteration of the grid loop uses again": `
    %s: f64[8]@shared = alloc
    for %t in threads.x(0, 8) { # shared
      store %s[%t], 1f64
    }
    for %t in threads.x(0, 8) { # shared
      %a: f64 = load %s[%t]
      store %z[%t], %a
    }`,
  "a shared array that has to be set to zero": `
    %s: f64[8]@shared = alloc # shared
    for %t in threads.x(0, 8) { # shared
      accum add %s[%t], 1f64
    }`,
  "a local array is its thread's own business": `
    for %t in threads.x(0, 8) {
      %s: f64[8]@local = alloc
      store %s[%t], 1f64
    }`,
};

for (const [name, body] of Object.entries(cases)) {
  test(name, () => {
    const text = `stage kernel
kernel @k(%x: f64[%n], %y: f64[%m], %z: f64[%l]) {
  for %b in grid.x(0, 9) {${body}
  }
}`;
    const m = parse(text, "k.ir");
    assert.equal(
      verify(m).map((f) => f.message),
      [],
    );
    const device = m.funcs[0] && deviceKernel(m.funcs[0]);
    assert.ok(device);
    const found = [...barriersOf(device)].map(([s, { shared, global }]) => {
      return [s.loc.span.line, `${shared ? "shared" : ""}${global ? "global" : ""}`] as const;
    });
    const expected = text.split("\n").flatMap((line, k) => {
      const space = / # (\w+)$/.exec(line)?.[1];
      return space === undefined ? [] : [[k + 1, space] as const];
    });
    assert.equal(
      found.sort((a, b) => a[0] - b[0]),
      expected,
    );
  });
}

test.run();
