/** Control in the PTX emulator: branches, loops, calls, barriers, warps, and what a planted wrong instruction changes. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DeviceMemory, launch, PtxError, PtxFault, parsePtx } from "../../../runtime/emulator/index.ts";
import { checkByPtxas, faults, header, kernel, refused, runOn, valid } from "./ptx.ts";

const shared = { module: ".shared .align 8 .b8 sm_x[2048];" };
const ramp = (n: number): Float64Array<ArrayBuffer> => Float64Array.from({ length: n }, (_, k) => k + 1);

/** Reverses the elements of each block through shared memory. */
const reversal = kernel(
  1,
  `mov.u32 %r1, %tid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %ctaid.x;
mad.lo.u32 %r4, %r3, %r2, %r1; mul.wide.u32 %d1, %r4, 8; add.u64 %d1, %d0, %d1;
ld.global.f64 %g1, [%d1];
mov.u64 %d2, sm_x; mul.wide.u32 %d3, %r1, 8; add.u64 %d3, %d2, %d3;
st.shared.f64 [%d3], %g1;
bar.sync 0;
sub.u32 %r5, %r2, %r1; add.u32 %r5, %r5, -1; mul.wide.u32 %d4, %r5, 8; add.u64 %d4, %d2, %d4;
ld.shared.f64 %g2, [%d4];
st.global.f64 [%d1], %g2;`,
  shared,
);

/** The sum of a block of 2^n threads by a tree in shared memory; thread 0 writes it. */
const treeSum = kernel(
  2,
  `mov.u32 %r1, %tid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %ctaid.x;
mad.lo.u32 %r4, %r3, %r2, %r1; mul.wide.u32 %d2, %r4, 8; add.u64 %d2, %d0, %d2;
ld.global.f64 %g1, [%d2];
mov.u64 %d3, sm_x; mul.wide.u32 %d4, %r1, 8; add.u64 %d4, %d3, %d4;
st.shared.f64 [%d4], %g1;
shr.u32 %r5, %r2, 1;
LOOP:
bar.sync 0;
setp.ge.u32 %p1, %r1, %r5;
@%p1 bra NEXT;
mul.wide.u32 %d5, %r5, 8; add.u64 %d5, %d4, %d5;
ld.shared.f64 %g2, [%d4];
ld.shared.f64 %g3, [%d5];
add.rn.f64 %g2, %g2, %g3;
st.shared.f64 [%d4], %g2;
NEXT:
shr.u32 %r5, %r5, 1;
setp.ne.u32 %p2, %r5, 0;
@%p2 bra LOOP;
setp.ne.u32 %p3, %r1, 0;
@%p3 ret;
mul.wide.u32 %d6, %r3, 8; add.u64 %d6, %d1, %d6;
st.global.f64 [%d6], %g2;`,
  shared,
);

test("threads exchange values across a barrier, in any order", () => {
  const text = valid(reversal);
  for (const seed of [undefined, 1, 2, 3]) {
    const run = { grid: [2, 1, 1], block: [100, 1, 1], options: seed === undefined ? {} : { seed } } as const;
    const { arrays, report } = runOn(text, [ramp(200)] as const, run);
    const expected = [...ramp(200)].map((_, k) => (k < 100 ? 100 - k : 300 - k));
    assert.equal([...arrays[0]], expected);
    assert.is(report.barriers, 200);
    assert.is(report.threads, 200);
    assert.is(report.sharedBytes, 200 * 16);
    assert.is(report.globalLoadBytes, 200 * 8);
  }
});

test("a tree of sums", () => {
  const text = valid(treeSum);
  for (const seed of [undefined, 7]) {
    const run = { grid: [3, 1, 1], block: [256, 1, 1], options: seed === undefined ? {} : { seed } } as const;
    const { arrays, report } = runOn(text, [ramp(768), new Float64Array(3)] as const, run);
    assert.equal(
      [...arrays[1]],
      [0, 1, 2].map((b) => 256 * 256 * b + (256 * 257) / 2),
    );
    assert.is(report.flops64, 3 * 255);
  }
});

test("without its barrier the exchange is noticed", () => {
  faults(header + reversal.replace("bar.sync 0;", ""), [ramp(64)], /never written/, "ld.shared.f64", {
    block: [64, 1, 1],
  });
});

test("a barrier that some threads do not reach", () => {
  const missing = `mov.u32 %r1, %tid.x; setp.lt.u32 %p1, %r1, 32;
@%p1 bra OTHER;
bar.sync 0;
bra DONE;
OTHER:
bar.sync 1;
DONE:`;
  faults(
    valid(kernel(0, missing)),
    [],
    /not all threads reach this barrier: thread \(0, 0, 0\) waits at PTX line \d+: bar\.sync 1;/,
    "bar.sync 0",
    {
      block: [64, 1, 1],
    },
  );
  // Within a warp it must be the very same instruction.
  const apart = missing.replace("32;", "16;").replace("bar.sync 1", "bar.sync 0");
  faults(valid(kernel(0, apart)), [], /not all threads reach this barrier/, "bar.sync 0", { block: [64, 1, 1] });
});

test("threads that have ended are not waited for", () => {
  const text = valid(
    kernel(1, `mov.u32 %r1, %tid.x; setp.ge.u32 %p1, %r1, 7;\n@%p1 exit;\nbar.sync 0;\nred.global.add.u32 [%d0], 1;`),
  );
  assert.is(runOn(text, [new Uint32Array(1)] as const, { block: [64, 1, 1] }).arrays[0][0], 7);
});

test("branches that diverge, loops with different counts, and jumps into them", () => {
  // Collatz steps: different for each thread; the loop is entered in its middle.
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.x; mul.wide.u32 %d1, %r1, 4; add.u64 %d1, %d0, %d1; add.u32 %r2, %r1, 1; mov.u32 %r3, 0;
bra.uni TEST;
BODY:
and.b32 %r4, %r2, 1; setp.eq.u32 %p1, %r4, 0;
@%p1 bra EVEN;
mad.lo.u32 %r2, %r2, 3, 1;
bra COUNT;
EVEN:
shr.u32 %r2, %r2, 1;
COUNT:
add.u32 %r3, %r3, 1;
TEST:
setp.ne.u32 %p2, %r2, 1;
@%p2 bra BODY;
st.global.u32 [%d1], %r3;`,
    ),
  );
  const steps = (n: number): number => (n === 1 ? 0 : 1 + steps(n % 2 === 0 ? n / 2 : 3 * n + 1));
  const { arrays } = runOn(text, [new Uint32Array(100)] as const, { block: [100, 1, 1] });
  assert.equal(
    [...arrays[0]],
    Array.from({ length: 100 }, (_, k) => steps(k + 1)),
  );
});

test("a table of branches", () => {
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.x; mul.wide.u32 %d1, %r1, 4; add.u64 %d1, %d0, %d1;
TABLE: .branchtargets A, B, A;
brx.idx %r1, TABLE;
A: st.global.u32 [%d1], 10; ret;
B: st.global.u32 [%d1], 20;`,
    ),
  );
  assert.equal([...runOn(text, [new Uint32Array(3)] as const, { block: [3, 1, 1] }).arrays[0]], [10, 20, 10]);
  faults(text, [new Uint32Array(4)], /entry 3 of its table/, "brx.idx", { block: [4, 1, 1] });
});

const functions = `
.func (.param .b64 fn_r) fn_square(.param .b64 fn_x)
{
.reg .f64 %g<3>;
ld.param.f64 %g1, [fn_x]; mul.rn.f64 %g2, %g1, %g1; st.param.f64 [fn_r], %g2; ret;
}
.func (.param .align 8 .b8 fn_pr[16]) fn_both(.param .f64 fn_y)
{
.reg .f64 %g<4>;
ld.param.f64 %g1, [fn_y];
{ .param .b64 a; .param .b64 b; st.param.f64 [a], %g1; call.uni (b), fn_square, (a); ld.param.f64 %g2, [b]; }
neg.f64 %g3, %g1; st.param.v2.f64 [fn_pr], {%g2, %g3}; ret;
}`;

test("functions call functions, and return more than one value", () => {
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.x; mul.wide.u32 %d1, %r1, 16; add.u64 %d1, %d0, %d1; ld.global.f64 %g1, [%d1];
{ .param .f64 arg; .param .align 8 .b8 ret0[16]; st.param.f64 [arg], %g1; call (ret0), fn_both, (arg); ld.param.f64 %g2, [ret0]; ld.param.f64 %g3, [ret0+8]; }
st.global.f64 [%d1], %g2; st.global.f64 [%d1+8], %g3;`,
      { module: functions },
    ),
  );
  const { arrays } = runOn(text, [Float64Array.of(3, 0, -5, 0)] as const, { block: [2, 1, 1] });
  assert.equal([...arrays[0]], [9, -3, 25, 5]);
});

test("a function may end its thread, but not call itself", () => {
  const leaving = valid(kernel(1, "{ call fn_end; } st.global.u32 [%d0], 1;", { module: ".func fn_end() { exit; }" }));
  assert.is(runOn(leaving, [new Uint32Array(1)] as const).arrays[0][0], 0);
  refused(`${header}.func fn_a()\n{\ncall fn_a;\nret;\n}`, /fn_a calls itself/, "call fn_a");
});

test("threads of a warp shuffle and vote", () => {
  const per = (code: string): Uint32Array => {
    const text = valid(
      kernel(
        1,
        `mov.u32 %r1, %tid.x; mul.wide.u32 %d1, %r1, 4; add.u64 %d1, %d0, %d1; add.u32 %r2, %r1, 100; and.b32 %r3, %r1, 1; setp.eq.u32 %p1, %r3, 0;
${code}
st.global.u32 [%d1], %r9;`,
      ),
    );
    return runOn(text, [new Uint32Array(64)] as const, { block: [64, 1, 1], options: { seed: 5 } }).arrays[0];
  };
  const lanes = Array.from({ length: 64 }, (_, k) => k);
  const warp = (k: number): number => k & 32;
  assert.equal(
    [...per("shfl.sync.bfly.b32 %r9, %r2, 1, 31, -1;")],
    lanes.map((k) => 100 + (k ^ 1)),
  );
  assert.equal(
    [...per("shfl.sync.down.b32 %r9, %r2, 4, 31, -1;")],
    lanes.map((k) => 100 + (k % 32 < 28 ? k + 4 : k)),
  );
  assert.equal(
    [...per("shfl.sync.up.b32 %r9|%p2, %r2, 4, 0, -1; @!%p2 mov.u32 %r9, 0;")],
    lanes.map((k) => (k % 32 < 4 ? 0 : 96 + k)),
  );
  assert.equal(
    [...per("shfl.sync.idx.b32 %r9, %r2, 3, 31, -1;")],
    lanes.map((k) => 103 + warp(k)),
  );
  // Segments of eight lanes.
  assert.equal(
    [...per("shfl.sync.idx.b32 %r9, %r2, 3, 0x181f, -1;")],
    lanes.map((k) => 103 + (k & ~7)),
  );
  assert.equal(
    [...per("vote.sync.ballot.b32 %r9, %p1, -1;")],
    lanes.map(() => 0x55555555),
  );
  assert.equal(
    [...per("vote.sync.any.pred %p2, %p1, -1; selp.u32 %r9, 1, 0, %p2;")],
    lanes.map(() => 1),
  );
  assert.equal(
    [...per("vote.sync.all.pred %p2, !%p1, -1; selp.u32 %r9, 1, 0, %p2;")],
    lanes.map(() => 0),
  );
});

test("a warp that cannot come together", () => {
  const code = `mov.u32 %r1, %tid.x; setp.ge.u32 %p1, %r1, 20;\n@%p1 ret;\nshfl.sync.bfly.b32 %r2, %r1, 1, 31, -1;\nst.global.u32 [%d0], %r2;`;
  faults(
    valid(kernel(1, code)),
    [new Uint32Array(1)],
    /waits for thread \(20, 0, 0\) of its warp, which has ended/,
    "shfl.sync",
    { block: [32, 1, 1] },
  );
});

test("a thread that waits for another in a loop lets it run", () => {
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.x; setp.eq.u32 %p1, %r1, 1;\n@%p1 bra SET;\nSPIN:\nld.volatile.global.u32 %r2, [%d0]; setp.eq.u32 %p2, %r2, 0;\n@%p2 bra SPIN;\nret;\nSET:\nst.volatile.global.u32 [%d0], 1;`,
    ),
  );
  assert.is(runOn(text, [new Uint32Array(1)] as const, { block: [2, 1, 1] }).arrays[0][0], 1);
});

test("a kernel that does not end is stopped", () => {
  const text = valid(kernel(0, "FOREVER:\nbra FOREVER;"));
  faults(text, [], /more than 1000000 branches backward: the kernel seems to hang/, "bra FOREVER", {
    options: { limit: 1e6 },
  });
});

test("a thread knows where it is", () => {
  const names = [
    "%tid.x",
    "%tid.y",
    "%tid.z",
    "%ntid.x",
    "%ntid.y",
    "%ntid.z",
    "%ctaid.x",
    "%ctaid.y",
    "%ctaid.z",
    "%nctaid.x",
    "%nctaid.y",
    "%nctaid.z",
    "%laneid",
    "%warpid",
  ];
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.z; mov.u32 %r2, %ctaid.y; add.u32 %r1, %r1, %r2; setp.ne.u32 %p1, %r1, 3;\n@%p1 ret;
${names.map((name, k) => `mov.u32 %r3, ${name}; st.global.u32 [%d0+${4 * k}], %r3;`).join("\n")}`,
    ),
  );
  const { arrays } = runOn(text, [new Uint32Array(14)] as const, { grid: [2, 3, 1], block: [5, 7, 2] });
  // The last thread of the last block wrote last.
  assert.equal([...arrays[0]], [4, 6, 1, 5, 7, 2, 1, 2, 0, 2, 3, 1, 69 % 32, 2]);
});

test("source lines are told where the text has them", () => {
  const text =
    header.replace(".address_size", '.file 1 "kernel.ts"\n.address_size') +
    kernel(1, ".loc 1 42 7\nld.global.u32 %r1, [%d0+64];");
  faults(text, [new Uint32Array(1)], /from kernel\.ts:42/, "ld.global");
});

/** Every way to change one instruction of a text for another of the same form. */
function mutants(body: string): string[] {
  const swaps: readonly (readonly [RegExp, string])[] = [
    [/add\.rn\.f64/g, "sub.rn.f64"],
    [/\badd\.u64/g, "sub.u64"],
    [/mul\.wide\.u32/g, "mul.wide.u16"],
    [/setp\.ge/g, "setp.gt"],
    [/setp\.ne/g, "setp.eq"],
    [/shr\.u32/g, "shl.b32"],
    [/@%p/g, "@!%p"],
    [/bar\.sync 0;/g, ""],
    [/%tid\.x/g, "%tid.y"],
    [/%ctaid\.x/g, "%ctaid.y"],
    [/%ntid\.x/g, "%nctaid.x"],
    [/, 8;/g, ", 4;"],
    [/mad\.lo\.u32/g, "mad.hi.u32"],
  ];
  return swaps.flatMap(([pattern, replacement]) =>
    [...body.matchAll(pattern)].map((m) => body.slice(0, m.index) + replacement + body.slice(m.index + m[0].length)),
  );
}

test("a wrong instruction planted in a kernel is noticed", () => {
  const run = { grid: [3, 1, 1], block: [64, 1, 1], options: { seed: 1, limit: 4 * 2 ** 20 } } as const;
  const outcome = (body: string): string => {
    try {
      return JSON.stringify(
        runOn(header + body, [ramp(192), new Float64Array(3)] as const, run).arrays.map((a) => [...a]),
      );
    } catch (error) {
      if (error instanceof PtxFault || error instanceof PtxError) return error.message;
      throw error;
    }
  };
  const right = outcome(treeSum);
  assert.match(right, /2080,6176,10272/);
  const all = mutants(treeSum);
  assert.ok(all.length >= 20);
  for (const body of all) assert.is.not(outcome(body), right, `not noticed: ${body}`);
});

test("the example of the folder runs", () => {
  const source = readFileSync(new URL("../../../runtime/emulator/index.ts", import.meta.url), "utf8");
  const [, comment] = /```ts\n([\s\S]*?)\* ```/.exec(source)!;
  const example = comment!.replace(/^ \* ?/gm, "");
  const printed: unknown[] = [];
  const run = new Function("parsePtx", "launch", "DeviceMemory", "console", example);
  run(parsePtx, launch, DeviceMemory, { log: (x: unknown) => printed.push(x) });
  assert.equal(printed, [Float64Array.of(2, 4, 6)]);
});

checkByPtxas("control");
test.run();
