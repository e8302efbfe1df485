/** Memory in the PTX emulator: state spaces, vectors, atomics, variables of modules, and every way to access what one must not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DeviceMemory, launch, parsePtx } from "../../../runtime/emulator/index.ts";
import { checkByPtxas, faults, header, kernel, one, refused, runOn, valid } from "./ptx.ts";

const zeros = (n: number): Float64Array<ArrayBuffer> => new Float64Array(n);

test("vectors are loaded and stored whole", () => {
  const text = valid(
    kernel(
      2,
      "ld.global.nc.v2.f64 {%g1, %g2}, [%d0]; st.global.v2.f64 [%d1], {%g2, %g1}; ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%d0+16]; st.global.v4.b32 [%d1+16], {%r4, %r3, %r2, %r1};",
    ),
  );
  const { arrays, report } = runOn(text, [Float64Array.of(1, 2, 3, 4), zeros(4)] as const);
  assert.equal([...arrays[1].slice(0, 2)], [2, 1]);
  const words = new Uint32Array(arrays[1].buffer);
  assert.equal([...words.slice(4)], [...new Uint32Array(Float64Array.of(3, 4).buffer)].reverse());
  assert.is(report.globalLoadBytes, 32);
  assert.is(report.globalStoreBytes, 32);
});

test("narrow loads extend as their type says, into wider registers", () => {
  const text = valid(
    kernel(
      2,
      "ld.global.s8 %d2, [%d0]; st.global.s64 [%d1], %d2; ld.global.u16 %r1, [%d0]; cvt.u64.u32 %d3, %r1; st.global.u64 [%d1+8], %d3; st.global.u8 [%d1+16], %d2;",
    ),
  );
  const { arrays } = runOn(text, [Uint8Array.of(0xfe, 0xff), new BigInt64Array(3)] as const);
  assert.equal([...arrays[1]], [-2n, 0xfffen, 0xfen]);
});

test("local memory is each thread's own, by its address as well", () => {
  const text = valid(
    kernel(
      1,
      `mov.u32 %r1, %tid.x; mov.u64 %d1, buf; cvta.local.u64 %d2, %d1; st.u32 [%d2+4], %r1; ld.local.u32 %r2, [%d1+4];
       mul.wide.u32 %d3, %r1, 4; add.u64 %d3, %d0, %d3; st.global.u32 [%d3], %r2;`,
      { locals: ".local .align 8 .b8 buf[16];" },
    ),
  );
  const { arrays } = runOn(text, [new Uint32Array(64)] as const, { block: [64, 1, 1], options: { seed: 3 } });
  assert.equal(
    [...arrays[0]],
    Array.from({ length: 64 }, (_, k) => k),
  );
});

test("variables of a module have their initial values, and keep what launches write", () => {
  const text = valid(
    kernel(
      1,
      `ld.const.f64 %g1, [gv_table+8]; st.global.f64 [%d0], %g1; mov.u64 %d1, gv_count; cvta.global.u64 %d1, %d1;
       ld.u32 %r1, [%d1]; add.u32 %r1, %r1, 1; st.global.u32 [gv_count], %r1; cvt.rn.f64.u32 %g2, %r1; st.global.f64 [%d0+8], %g2;
       ld.global.u8 %h1, [gv_bytes+2]; cvt.rn.f64.u16 %g3, %h1; st.global.f64 [%d0+16], %g3;`,
      {
        module:
          ".const .align 8 .f64 gv_table[2] = {0d3FF0000000000000, 2.5};\n.global .align 4 .u32 gv_count = 40;\n.global .align 1 .b8 gv_bytes[4] = {1, 2, 0xff};",
      },
    ),
  );
  const memory = new DeviceMemory();
  const module = parsePtx(text);
  const out = memory.alloc(24);
  const options = { grid: one, block: one, params: [out], memory };
  launch(module, "k", options);
  launch(module, "k", options);
  assert.equal([...new Float64Array(memory.read(out, 24).buffer)], [2.5, 42, 255]);
});

test("arrays without a length are as long as the launch says", () => {
  const text = valid(
    kernel(
      1,
      "mov.u64 %d1, sm_dyn; st.shared.f64 [%d1+8], 0d4008000000000000; ld.shared.f64 %g1, [%d1+8]; st.global.f64 [%d0], %g1;",
      {
        module: ".extern .shared .align 16 .b8 sm_dyn[];",
      },
    ),
  );
  assert.is(runOn(text, [zeros(1)] as const, { options: { sharedBytes: 16 } }).arrays[0][0], 3);
  faults(text, [zeros(1)], /beyond the 8 bytes of \.shared memory/, "st.shared", { options: { sharedBytes: 8 } });
});

test("atomics return what was there before", () => {
  const each: readonly [string, bigint, bigint][] = [
    ["add.u32 %r9, [%d0], 5", 7n, 12n],
    ["min.s32 %r9, [%d0], -2", 7n, 0xfffffffen],
    ["min.u32 %r9, [%d0], -2", 7n, 7n],
    ["max.u32 %r9, [%d0], 9", 7n, 9n],
    ["and.b32 %r9, [%d0], 6", 7n, 6n],
    ["or.b32 %r9, [%d0], 8", 7n, 15n],
    ["xor.b32 %r9, [%d0], 1", 7n, 6n],
    ["exch.b32 %r9, [%d0], 3", 7n, 3n],
    ["cas.b32 %r9, [%d0], 7, 1", 7n, 1n],
    ["cas.b32 %r9, [%d0], 8, 1", 7n, 7n],
    ["inc.u32 %r9, [%d0], 7", 7n, 0n],
    ["inc.u32 %r9, [%d0], 9", 7n, 8n],
    ["dec.u32 %r9, [%d0], 9", 7n, 6n],
    ["dec.u32 %r9, [%d0], 5", 7n, 5n],
  ];
  for (const [code, before, after] of each) {
    const text = valid(kernel(1, `atom.global.${code}; st.global.u32 [%d0+4], %r9;`));
    const { arrays } = runOn(text, [Uint32Array.of(Number(before), 0)] as const);
    assert.equal([...arrays[0]], [Number(after), Number(before)], code);
  }
  const text = valid(
    kernel(
      1,
      "atom.add.f64 %g1, [%d0], 0d3FF8000000000000; red.relaxed.gpu.global.add.f64 [%d0], %g1; atom.global.max.s64 %d3, [%d0+8], -5; red.global.add.f32 [%d0+16], 0f3F000000;",
    ),
  );
  const { arrays } = runOn(text, [Float64Array.of(2, 0, 0)] as const);
  assert.is(arrays[0][0], 5.5);
  assert.is(new Float32Array(arrays[0].buffer)[4], 0.5);
});

test("atomics of many threads lose nothing, in any order", () => {
  const text = valid(
    kernel(
      2,
      `mov.u32 %r1, %tid.x; and.b32 %r2, %r1, 3; mul.wide.u32 %d2, %r2, 4; add.u64 %d2, %d0, %d2; red.global.add.u32 [%d2], 1;
       atom.global.add.u32 %r3, [%d1], 1; atom.global.cas.b32 %r4, [%d1+4], 0, %r1;`,
    ),
  );
  const seen = new Set<number>();
  for (let seed = 1; seed <= 5; seed++) {
    const { arrays } = runOn(text, [new Uint32Array(4), new Uint32Array(2)] as const, {
      grid: [3, 2, 1],
      block: [96, 1, 1],
      options: { seed },
    });
    assert.equal([...arrays[0]], [144, 144, 144, 144]);
    assert.is(arrays[1][0], 576);
    seen.add(arrays[1][1]!);
  }
  assert.ok(seen.size > 1, "the order is not random: the same thread came first each time");
});

const misuse: readonly (readonly [string, string, RegExp, string])[] = [
  [
    "past the end",
    "ld.global.f64 %g1, [%d0+16];",
    /8 bytes at global address 0x7f\w+, which are in no allocation: out of bounds/,
    "ld.global.f64",
  ],
  ["before the start", "st.global.f64 [%d0+-8], 0d0000000000000000;", /in no allocation/, "st.global.f64"],
  ["half past the end", "st.global.v2.f64 [%d0+16], {%g1, %g1};", /in no allocation/, "st.global.v2"],
  ["null", "mov.u64 %d1, 0; ld.u32 %r1, [%d1];", /address 0x0, which are in no allocation/, "ld.u32"],
  ["misaligned", "ld.global.u32 %r1, [%d0+2];", /no multiple of 4: misaligned/, "ld.global.u32"],
  ["a misaligned vector", "ld.global.v2.f64 {%g1, %g2}, [%d0+8];", /no multiple of 16: misaligned/, "ld.global.v2"],
  ["atomic past the end", "red.global.add.u32 [%d0+64], 1;", /in no allocation/, "red.global"],
  [
    "shared past its variable",
    "mov.u64 %d1, sm_a; st.shared.u32 [%d1+16], 1;",
    /belong to no variable: out of bounds/,
    "st.shared",
  ],
  [
    "shared far away",
    "mov.u64 %d1, sm_a; st.shared.u32 [%d1+65536], 1;",
    /beyond the \d+ bytes of \.shared/,
    "st.shared",
  ],
  ["shared before written", "ld.shared.u32 %r1, [sm_a+4];", /are read, which were never written/, "ld.shared"],
  ["partly written", "st.shared.u16 [sm_a], 1; ld.shared.u32 %r1, [sm_a];", /never written/, "ld.shared"],
  ["local before written", "ld.local.u32 %r1, [buf];", /never written/, "ld.local"],
  ["local past its end", "st.local.u32 [buf+8], 1;", /out of bounds/, "st.local"],
  [
    "shared as global",
    "mov.u64 %d1, sm_a; cvta.shared.u64 %d1, %d1; st.global.u32 [%d1], 1;",
    /are in \.shared memory: out of bounds/,
    "st.global",
  ],
  [
    "written after ld.nc",
    "ld.global.nc.f64 %g1, [%d0]; st.global.f64 [%d0], %g1;",
    /has read by ld\.global\.nc/,
    "st.global",
  ],
  [
    "ld.nc after written",
    "st.global.f64 [%d0], 0d0000000000000000; ld.global.nc.f64 %g1, [%d0];",
    /as if they did not change, which this launch has written/,
    "ld.global.nc",
  ],
  ["a division by zero", "mov.u32 %r1, 0; div.u32 %r2, 5, %r1;", /divided by zero/, "div.u32"],
  ["trap", "trap;", /by trap/, "trap"],
];

for (const [name, code, message, at] of misuse) {
  test(`reported: ${name}`, () => {
    const text = valid(
      kernel(1, code.replaceAll("; ", ";\n"), {
        module: ".shared .align 8 .b8 sm_a[16];",
        locals: ".local .align 8 .b8 buf[8];",
      }),
    );
    const fault = faults(text, [zeros(2)], message, at);
    assert.is(fault.kernel, "k");
    assert.equal([...fault.thread!, ...fault.block], [0, 0, 0, 0, 0, 0]);
  });
}

test("a fault names the thread and the block", () => {
  const text = valid(
    kernel(
      1,
      "mov.u32 %r1, %tid.y; mov.u32 %r2, %ctaid.x; add.u32 %r1, %r1, %r2; setp.eq.u32 %p1, %r1, 3;\n@%p1 st.global.u32 [%d0+64], %r1;",
    ),
  );
  const { thread, block } = faults(text, [zeros(1)], /thread \(0, 1, 0\) of block \(2, 0, 0\)/, "st.global", {
    grid: [3, 1, 1],
    block: [1, 2, 1],
  });
  assert.equal(
    [thread, block],
    [
      [0, 1, 0],
      [2, 0, 0],
    ],
  );
});

test("freed memory is nobody's", () => {
  const memory = new DeviceMemory();
  const x = memory.alloc(8);
  memory.write(x, zeros(1));
  memory.free(x);
  const module = parsePtx(valid(kernel(1, "ld.global.f64 %g1, [%d0];")));
  assert.throws(() => launch(module, "k", { grid: one, block: one, params: [x], memory }), /in no allocation/);
  assert.throws(() => memory.free(x), /was not allocated, or was freed before/);
  assert.throws(() => memory.read(x, 8), /not within one allocation/);
});

test("memory that was never written may be allowed to be read", () => {
  const text = valid(
    kernel(1, "ld.shared.u32 %r1, [sm_b]; st.global.u32 [%d0], 7;", { module: ".shared .align 4 .b8 sm_b[4];" }),
  );
  const { arrays } = runOn(text, [new Uint32Array(1)] as const, { options: { uninitialised: "allow" } });
  assert.is(arrays[0][0], 7);
});

test("memory grows, and keeps what it holds and knows", () => {
  const memory = new DeviceMemory();
  const small = memory.alloc(64);
  memory.write(small, Float64Array.of(1, 2, 3));
  const large = memory.alloc(9 * 2 ** 20);
  memory.write(large + 8n * 2n ** 20n, Float64Array.of(4));
  assert.equal([...new Float64Array(memory.read(small, 24).buffer)], [1, 2, 3]);
  const module = parsePtx(
    valid(kernel(2, "ld.global.f64 %g1, [%d1+8388608]; st.global.f64 [%d0], %g1;\nld.global.f64 %g2, [%d0+24];")),
  );
  const run = () => launch(module, "k", { grid: one, block: one, params: [small, large], memory });
  assert.throws(run, /never written/);
  assert.is(new Float64Array(memory.read(small, 8).buffer)[0], 4);
});

test("arguments must fit the kernel", () => {
  const memory = new DeviceMemory();
  const module = parsePtx(
    valid(".visible .entry k(.param .u32 a, .param .f64 b, .param .align 8 .b8 c[16]) .maxntid 64, 1, 1 { ret; }\n"),
  );
  const run = (
    params: readonly (number | bigint | ArrayBufferView)[],
    block: readonly [number, number, number] = one,
  ) => launch(module, "k", { grid: one, block, params, memory });
  const c = zeros(2);
  run([1, 2.5, c]);
  assert.throws(() => run([1, 2.5]), /3 parameters, and 2 were given/);
  assert.throws(() => run([1.5, 2.5, c]), /parameter a is \.u32: 1\.5 is no whole number/);
  assert.throws(() => run([2 ** 32, 2.5, c]), /does not fit/);
  assert.throws(() => run([1, 2n, c]), /pass a number/);
  assert.throws(() => run([1, 2, zeros(1)]), /c is \.b8\[16\]: it has 16 bytes, and 8 were given/);
  assert.throws(() => run([1, 2, 3]), /pass its bytes/);
  assert.throws(() => run([1, 2, c], [65, 1, 1]), /at most 64 \(\.maxntid\)/);
  assert.throws(() => run([1, 2, c], [0, 1, 1]), /a block of 0 x 1 x 1/);
  assert.throws(() => launch(module, "nope", { grid: one, block: one, params: [], memory }), /no kernel nope: k/);
});

test("what is not known is refused, with its line", () => {
  const of = (code: string): string => header + kernel(1, code);
  for (const [code, message] of [
    ["ex2.approx.f32 %f1, %f2;", /ex2 is an instruction that is not emulated/],
    ["div.approx.f32 %f1, %f2, %f3;", /\.approx is not emulated in this instruction/],
    ["add.ftz.f32 %f1, %f2, %f3;", /\.ftz is not emulated/],
    ["add.rn.f64 %g1, %g2;", /has 3 operands here, not 2/],
    ["add.s32 %r1, %d2, %r3;", /%d2 has 64 bits where \.s32 is expected/],
    ["add.s32 %r1, %r2, 5000000000;", /5000000000 does not fit into \.s32/],
    ["mov.u32 %r1, %clock;", /%clock is no register that is known/],
    ["cvt.f32.f64 %f1, %g1;", /needs a rounding mode/],
    ["cvt.s32.f64 %r1, %g1;", /needs rounding/],
    ["setp.lo.s32 %p1, %r1, %r2;", /\.lo does not compare \.s32/],
    ["bra NOWHERE;", /there is no label NOWHERE/],
    ["call.uni printf, ();", /there is no function printf/],
    [
      "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%g1}, {%g2}, {%g3}, {%g4};",
      /mma is an instruction that is not emulated/,
    ],
    ["st.param.b64 [p0], %d1;", /parameters of kernels cannot be written/],
    ["ld.param.b64 %d1, [p0+8];", /bytes 8 to 16 of p0, which has 8/],
    ["ld.global.f64 %g1, %d0;", /an address in brackets/],
    ["@%p1 bar.sync 0;", /under a predicate/],
  ] as const) {
    refused(of(code), message, code);
  }
  refused(`${header}.visible .entry k() { .reg .q32 %x; }`, /a type that is not known/, ".q32");
  refused("int main() {}", /is not known here/, "int");
  refused(`${header}.visible .entry k() { § }`, /unexpected "§"/, "§");
});

checkByPtxas("memory");

test("a kernel may name 48 KiB of shared variables, whatever the module's other kernels name", () => {
  const of = (name: string, ...variables: string[]): string =>
    `.visible .entry ${name}() { .reg .b64 %d<2>; ${variables.map((v) => `mov.u64 %d0, ${v};`).join(" ")} ret; }`;
  const text = (...kernels: string[]): string =>
    [header, ".shared .align 8 .b8 sm_a[32768];", ".shared .align 8 .b8 sm_b[32768];", ...kernels].join("\n");
  assert.ok(parsePtx(text(of("one", "sm_a"), of("two", "sm_b"))));
  assert.throws(() => parsePtx(text(of("both", "sm_a", "sm_b"))), /65536 bytes of \.shared variables in both/);
});

test.run();
