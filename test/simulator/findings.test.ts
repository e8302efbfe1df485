/** What the simulator finds: one planted bug of each kind, reported at its lines, and not in the kernel that has it mended. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { InterpArg } from "../../compiler/interp.ts";
import type { Settings } from "../../runtime/device.ts";
import { engines, failure, file, floats, ints, kernels, launch, open } from "./simulate.ts";

interface Planted {
  readonly name: string;
  /** Lines that begin with `-` are the bug, those with `+` stand in their place in the kernel without it. */
  readonly text: string;
  readonly args: () => readonly InterpArg[];
  readonly settings?: Settings;
  /** What the message says; `#a` stands for the line that ends in that comment. */
  readonly says: readonly string[];
  readonly code: string;
}

const planted: readonly Planted[] = [
  {
    name: "two threads loops fused across their barrier",
    text: `
  kernel @k(%A: f64[%n]) {
    for %b in grid.x(0, 2) {
      %tile: f64[8]@shared = alloc
      %first: index = mul %b, 8
      for %t in threads.x(0, 8) {
        %i: index = add %first, %t
        %a: f64 = load %A[%i]
        store %tile[%t], %a #store
+     }
+     for %t in threads.x(0, 8) {
+       %i: index = add %first, %t
        %mirror: index = sub 7, %t
        %m: f64 = load %tile[%mirror] #load
        store %A[%i], %m
      }
    }
  }`,
    args: () => [floats(16)],
    says: [
      "a race on tile[",
      "the read by thread ",
      "the write by thread ",
      " of workgroup ",
      "#store",
      "#load",
      "no barrier",
    ],
    code: "TG3025",
  },
  {
    name: "an off-by-one guard",
    text: `
  kernel @k(%A: f64[%n, %m]) {
    for %b in grid.y(0, %n) {
      for %t in threads.x(0, 16) {
-       %inside: bool = le %t, %m
+       %inside: bool = lt %t, %m
        if %inside {
          store %A[%b, %t], 1f64 #store
        }
      }
    }
  }`,
    args: () => [floats(3, 13)],
    says: ["A[…][13] is outside of A: axis 1 has length 13", "#store", "by thread 13 of workgroup ", "; 3 times"],
    code: "TG3013",
  },
  {
    name: "an index below zero, where threads loops stand around",
    text: `
  kernel @k(%A: f64[%n], %s: f64[%m]) {
    for %b in grid.x(0, 1) {
-     %x: f64 = load %A[-1] #load
+     %x: f64 = load %A[0] #load
      for %t in threads.x(0, %m) {
        store %s[%t], %x
      }
    }
  }`,
    args: () => [floats(3), floats(2)],
    says: ["A[-1] is outside of A: axis 0 has length 3", "#load", "by all threads of workgroup 0"],
    code: "TG3013",
  },
  {
    name: "a plain store where a reduction is due",
    text: `
  kernel @k(%A: f64[%n], %s: f64[%m]) {
    for %b in grid.x(0, 1) {
      for %t in threads.x(0, %n) {
        %a: f64 = load %A[%t]
-       %before: f64 = load %s[0] #load
-       %after: f64 = add %before, %a
-       store %s[0], %after #store
+       accum atomic add %s[0], %a
      }
    }
  }`,
    args: () => [floats(5), floats(1)],
    says: ["a race on s[0]", "the write by thread ", "#store", "no barrier"],
    code: "TG3025",
  },
  {
    name: "an update that is not atomic",
    text: `
  kernel @k(%bin: i32[%n], %count: i32[%m]) {
    for %b in grid.x(0, 1) {
      for %t in threads.x(0, %n) {
        %i: i32 = load %bin[%t]
        %k: index = cast %i
-       accum add %count[%k], 1i32 #update
+       accum atomic add %count[%k], 1i32 #update
      }
    }
  }`,
    args: () => [ints([3, 1, 0, 4, 1, 2]), ints([0, 0, 0, 0, 0])],
    says: ["a race on count[1]: the update by thread ", "#update", "not both updates are atomic"],
    code: "TG3025",
  },
  {
    name: "one of two updates that is not atomic, in another workgroup",
    text: `
  kernel @k(%s: f64[%n]) {
    for %y in grid.y(0, 3) {
      for %x in grid.x(0, 2) {
        %first: bool = eq %x, 0
        if %first {
          for %t in threads.x(0, 4) {
            accum atomic add %s[%y], 1f64 #atomic
          }
        } else {
          for %t in threads.x(0, 1) {
-           accum add %s[%y], 1f64 #plain
+           accum atomic add %s[%y], 1f64 #plain
          }
        }
      }
    }
  }`,
    args: () => [floats(3)],
    says: [
      "a race on s[",
      "of workgroup (0, ",
      "of workgroup (1, ",
      "#atomic",
      "#plain",
      "not both updates are atomic",
    ],
    code: "TG3025",
  },
  {
    name: "a read of what another workgroup writes",
    text: `
  kernel @k(%A: f64[%n]) {
    for %b in grid.x(0, 4) {
      for %t in threads.x(0, 1) {
-       %last: index = sub 3, %b
+       %last: index = add 0, %b
        %x: f64 = load %A[%last] #load
        %y: f64 = add %x, 1f64
        store %A[%b], %y #store
      }
    }
  }`,
    args: () => [floats(4)],
    says: ["a race on A[", " of workgroup ", "#load", "#store", "workgroups run in any order"],
    code: "TG3025",
  },
  {
    name: "iterations that one thread would run in steps",
    text: `
  kernel @k(%A: f64[%n]) {
    for %b in grid.x(0, 1) {
      for %t in threads.x(0, 1000) {
-       %k: index = rem %t, 500
+       %k: index = rem %t, 1000
        %x: f64 = cast %t
        store %A[%k], %x #store
      }
    }
  }`,
    args: () => [floats(1000)],
    says: ["a race on A[", "#store"],
    code: "TG3025",
  },
  {
    name: "a write beside a load that all threads make, in another workgroup",
    text: `
  kernel @k(%s: f64[%n]) {
    for %b in grid.x(0, 2) {
      %x: f64 = load %s[0] #load
-     %at: index = add 0, %b
+     %at: index = add 1, %b
      for %t in threads.x(0, 1) {
        store %s[%at], %x #store
      }
    }
  }`,
    args: () => [floats(3)],
    says: ["a race on s[0]", "all threads of workgroup 1", "thread 0 of workgroup 0", "#load", "#store"],
    code: "TG3025",
  },
  {
    name: "a shared element that nobody has written",
    text: `
  kernel @k(%A: f64[%n]) {
    for %b in grid.x(0, 1) {
      %tile: f64[9]@shared = alloc
      for %t in threads.x(0, 8) {
        %a: f64 = load %A[%t]
        store %tile[%t], %a
+       store %tile[8], 0f64
      }
      for %t in threads.x(0, 8) {
        %next: index = add %t, 1
        %x: f64 = load %tile[%next] #load
        store %A[%t], %x
      }
    }
  }`.replace("+       store", "+     }\n+     for %u in threads.x(0, 1) {\n+       store"),
    args: () => [floats(8)],
    settings: { unwritten: true },
    says: ["the read of tile[8] by thread 7 of workgroup 0", "#load", "which the workgroup has not written before"],
    code: "TG3026",
  },
  {
    name: "a local element that its thread has not written, though another has",
    text: `
  kernel @k(%A: f64[%n]) {
    for %b in grid.x(0, 1) {
      for %t in threads.x(0, 4) {
        %own: f64[2]@local = alloc
-       %odd: index = rem %t, 2
+       %odd: index = mul %t, 0
        store %own[%odd], 1f64
        %x: f64 = load %own[0] #load
        store %A[%t], %x
      }
    }
  }`,
    args: () => [floats(4)],
    settings: { unwritten: true },
    says: ["the read of own[0] by thread ", "#load", "which the thread has not written before", "; 2 times"],
    code: "TG3026",
  },
];

const version = (text: string, kept: "-" | "+"): string =>
  ["stage kernel", ...text.split("\n")]
    .filter((line) => !line.startsWith(kept === "-" ? "+" : "-"))
    .map((line) => line.replace(/^[-+]/, " "))
    .join("\n");

function lineWith(text: string, comment: string): string {
  const line = text.split("\n").findIndex((l) => l.endsWith(comment));
  assert.ok(line >= 0, `no line ends in ${comment}`);
  return `(${file}:${line + 1})`;
}

for (const engine of engines) {
  for (const { name, text, args, settings, says, code } of planted) {
    test(`${engine}: ${name}`, async () => {
      const broken = version(text, "-");
      const m = kernels(broken);
      for (const seed of [0, 1, 2, 3]) {
        const program = await open(m, engine, { ...settings, seed });
        const error = await failure(launch(m, program, args()));
        assert.is(error?.code, code, `seed ${seed}: ${error?.message ?? "nothing was found"}`);
        for (const part of says) {
          const expected = part.startsWith("#") ? lineWith(broken, part) : part;
          assert.ok(error?.message.includes(expected), `seed ${seed}: no ${expected} in: ${error?.message}`);
        }
        // The next launch starts with clean books.
        assert.is((await failure(launch(m, program, args())))?.code, code);
        program.dispose();
      }
    });

    test(`${engine}: ${name}: mended`, async () => {
      const m = kernels(version(text, "+"));
      for (const seed of [0, 1]) {
        const program = await open(m, engine, { ...settings, seed });
        assert.is((await failure(launch(m, program, args())))?.message, undefined);
        program.dispose();
      }
    });
  }

  test(`${engine}: zeros that nobody wrote over are zeros, and no finding unless asked for`, async () => {
    const m = kernels(`stage kernel
kernel @k(%A: f64[%n]) {
  for %b in grid.x(0, 4) {
    %sums: f64[4]@shared = alloc
    for %t in threads.x(0, 4) {
      %own: f64[3]@local = alloc
      accum add %own[1], 2f64
      %x: f64 = load %own[1]
      %y: f64 = load %own[2]
      %z: f64 = add %x, %y
      accum add %sums[%t], %z
    }
    for %t in threads.x(0, 1) {
      %s: f64 = load %sums[3]
      store %A[%b], %s
    }
  }
}`);
    const A = floats(4);
    await launch(m, await open(m, engine), [A]);
    assert.equal([...A.data], [2, 2, 2, 2]);
    const strict = await open(m, engine, { unwritten: true });
    assert.is((await failure(launch(m, strict, [floats(4)])))?.code, "TG3026");
  });

  test(`${engine}: launches are in order, and barriers, whatever the order of threads`, async () => {
    const m = kernels(`stage kernel
kernel @write(%A: f64[%n]) {
  for %b in grid.x(0, %n) {
    for %t in threads.x(0, 1) {
      %x: f64 = cast %b
      store %A[%b], %x
    }
  }
}
kernel @turn(%A: f64[%n], %k: index) {
  for %b in grid.x(0, 1) {
    for %s in seq(0, %k) {
      %first: f64 = load %A[0]
      %last: index = sub %n, 1
      for %t in threads.x(0, %last) {
        %next: index = add %t, 1
        %x: f64 = load %A[%next]
        %even: index = rem %s, 2
        %old: bool = eq %even, 0
        if %old {
        } else {
          store %A[%t], %first
        }
        %use: f64 = mul %x, 1f64
      }
    }
  }
}`);
    const program = await open(m, engine, { seed: 5 });
    await launch(m, program, [floats(7)], "write");
    assert.is((await failure(launch(m, program, [floats(7), 1], "turn")))?.code, undefined);
    assert.is((await failure(launch(m, program, [floats(7), 2], "turn")))?.code, "TG3025");
    assert.is((await failure(launch(m, program, [floats(7)], "write")))?.code, undefined);
  });
}

test.run();
