/** PTX: golden LLVM IR of kernels of a GPU, what libLLVM makes of it, and that NVIDIA's assembler takes it all. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { archNames, gpuArchs, occupancy } from "../../compiler/artifact-arch.ts";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { printLlvm } from "../../compiler/backend/llvm.ts";
import { compilePtx, ptxTarget, whyNoPtx } from "../../compiler/backend/ptx.ts";
import { assemble, whyNoPtxas } from "../../compiler/backend/ptxas.ts";
import type { Module } from "../../compiler/ir/ir.ts";
import { irCases } from "../gpu/ir-cases.ts";
import { gpuOperators } from "../gpu/operators.ts";
import { skip } from "../skip.ts";
import { parsed } from "./differential.ts";
import { golden } from "./golden.ts";

/** One kernel of test/gpu/ir. */
function module(name: string): Module {
  const found = irCases().find(({ kernel }) => kernel.name === name);
  if (found === undefined) throw new Error(`there is no kernel @${name}`);
  return { stage: "kernel", funcs: [found.kernel] };
}

for (const name of ["saxpy", "matmul", "rotate", "histogram"]) {
  test(`golden: ${name}`, () => golden(`gpu.${name}.ll`, printLlvm(module(name), ptxTarget)));
}

const kernel = (params: string, body: string): Module =>
  parsed(`stage kernel\nkernel @k(${params}) {\nfor %b in grid.x(0, 1) {\n${body}\n}\n}`);

test("kernels of another form are the compiler's fault", () => {
  const print = (m: Module) => () => printLlvm(m, ptxTarget);
  const seq = parsed("stage kernel\nkernel @k(%x: f64[%n]) {\nfor %i in seq(0, %n) { store %x[%i], 0.0f64 }\n}");
  assert.throws(print(seq), /@k is no kernel of a GPU/);
  assert.throws(print(kernel("%x: f64[%n]", "store %x[0], 1.0f64")), /stores to %x outside of threads loops/);
  const twice = "for %y in threads.y(0, 4) {\naccum add %x[%y], 1.0f64\nfor %t in threads.x(0, 4) {}\n}";
  assert.throws(print(kernel("%x: f64[%n]", twice)), /several threads run one accum of %x/);
  const checked = "for %t in threads.x(0, 4) {\ncheck %x axis 0 at %t\n}";
  assert.throws(print(kernel("%x: f64[%n]", checked)), /@k checks a subscript/);
});

test("occupancy: by registers, shared memory, threads and blocks, whichever is least", () => {
  assert.is(occupancy("sm_90", { registers: 32, sharedBytes: 0, threads: 256 }), 1);
  assert.is(occupancy("sm_90", { registers: 128, sharedBytes: 0, threads: 256 }), 0.25);
  // 3 blocks of 64 + 1 KiB in 228 KiB.
  assert.is(occupancy("sm_90", { registers: 32, sharedBytes: 65536, threads: 256 }), 0.375);
  assert.is(occupancy("sm_90", { registers: 16, sharedBytes: 0, threads: 32 }), 0.5);
  assert.is(occupancy("sm_75", { registers: 255, sharedBytes: 0, threads: 512 }), 0);
});

const llvm = findLibLLVM();
if (llvm === null) skip("ptx: what libLLVM makes of it", whyNoLibLLVM() ?? "");
else {
  const [major] = llvm.version;
  const known = archNames.filter((a) => gpuArchs[a].llvm <= major);

  test("architectures: each that LLVM knows, and what to do about the others", () => {
    for (const arch of known) assert.match(compilePtx(module("saxpy"), { arch }), `.target ${arch}\n`);
    for (const arch of archNames.filter((a) => !known.includes(a))) {
      assert.match(whyNoPtx(arch) ?? "", new RegExp(`^${arch} needs LLVM .*: take ${known.at(-1)}`));
    }
    assert.match(whyNoPtx("sm_12") ?? "", /there is no GPU architecture sm_12: take one of sm_75, /);
  });

  const modules = [...new Set((["f64", "f32"] as const).flatMap((real) => irCases(real).map((c) => c.module)))];
  const ptx = (m: Module): string => compilePtx(m, { arch: "sm_80" });

  test("names: any that JavaScript has", () => {
    const text = "stage kernel\nkernel @`größe$1`() {\nfor %b in grid.x(0, 1) {}\n}";
    const m = parsed(text.replaceAll("`", '"'));
    assert.match(ptx(m), /\.entry gr\$f6\$\$df\$e\$24\$1\(/);
  });

  test("launch bounds: the workgroup of the kernel", () => {
    assert.match(ptx(module("saxpy")), /\.reqntid 64, 1, 1\n/);
    assert.match(ptx(module("transpose")), /\.reqntid 8, 4, 2\n/);
  });

  test("loads: of what nobody writes through the read-only cache, of neighbours together", () => {
    const saxpy = ptx(module("saxpy"));
    assert.is(saxpy.match(/ld\.global\.nc\.f64/g)?.length, 1);
    assert.is(saxpy.match(/ld\.global\.f64/g)?.length, 1);
    const quads = ptx(module("quads"));
    assert.is(quads.match(/ld\.global\.nc\.v2\.f64/g)?.length, 2);
    assert.is(quads.match(/st\.global\.v2\.f64/g)?.length, 2);
    assert.match(ptx(module("matmul")), /ld\.shared\.v2\.f64/);
  });

  test("memory: each array in its space", () => {
    const text = modules.map(ptx).join("\n");
    for (const instruction of ["ld.shared", "st.shared", "ld.local", "st.local", "atom.shared", "atom.global"])
      assert.match(text, instruction);
    assert.not.match(text, /\b(ld|st|atom)\.(relaxed\.|volatile\.)?(f64|u64|u32|b64|b32|v2)/);
  });

  test("indices: 32 bits where they fit, 64 where they may not", () => {
    for (const name of ["saxpy", "affine", "transpose", "quads", "stencil"])
      assert.not.match(ptx(module(name)), /(setp\.\w+|mul\.lo|div|rem)\.[su]64/, name);
    const wide = kernel(
      "%x: f64[%n], %y: f64[%m]",
      `for %t in threads.x(0, 32) {
         %v: f64 = load %x[%t]
         %i: index = cast %v
         %inside: bool = lt %i, %m
         if %inside { store %y[%t], %v }
       }`,
    );
    assert.match(ptx(wide), /setp\.\w+\.s64/);
  });

  test("barriers: none where no thread waits for another", () => {
    for (const name of ["saxpy", "quads", "updates"]) assert.not.match(ptx(module(name)), /bar(rier)?\./);
    // What all threads load before a loop, some thread writes in it.
    assert.match(ptx(module("rotate")), /ld\.global\.f64[^\n]*\n(?:(?!ld\.|st\.).*\n)*\tbar\.sync/);
  });

  test("modes: only what allows it is fused", () => {
    const text = (mode: string): Module =>
      kernel(
        "%x: f64[%n], %y: f32[%n']",
        `for %t in threads.x(0, 32) {
           %a: f64 = load %x[%t]
           %p: f64 = mul ${mode} %a, %a
           %q: f64 = add ${mode} %p, %a
           store %x[%t], %q
           %c: f32 = load %y[%t]
           %d: f32 = mul ${mode} %c, %c
           %e: f32 = add ${mode} %d, %c
           %f: f32 = div ${mode} %e, %d
           %g: f32 = sqrt ${mode} %f
           store %y[%t], %g
         }`,
      );
    const [strict, contract, fast] = ["strict", "", "fast"].map((mode) => ptx(text(mode))) as [string, string, string];
    assert.not.match(strict, /fma|\.ftz|approx/);
    // Without the rounding in their names, the driver's assembler would fuse them.
    for (const rounded of ["mul.rn.f64", "add.rn.f64", "mul.rn.f32", "add.rn.f32", "div.rn.f32", "sqrt.rn.f32"])
      assert.match(strict, rounded);
    for (const fused of [contract, fast]) {
      assert.match(fused, "fma.rn.f64");
      assert.match(fused, "fma.rn.f32");
      assert.not.match(fused, ".ftz");
    }
    assert.match(contract, "div.rn.f32");
  });

  const why = await whyNoPtxas();
  if (why !== null) skip("ptxas: accepts every kernel", why);
  else {
    const accepts = async (m: Module, arch: string): Promise<void> => {
      const kernels = m.funcs.filter((f) => f.kind === "kernel").map((f) => f.name);
      const uses = await assemble(compilePtx(m, { arch }), arch);
      assert.equal(uses.map((u) => u.kernel).sort(), kernels.sort());
      for (const use of uses) assert.ok(use.registers > 0, use.kernel);
    };
    for (const arch of [archNames[0], known.at(-1)]) {
      if (arch === undefined) continue;
      test(`ptxas: accepts every kernel for ${arch}`, async () => {
        for (const m of modules) await accepts(m, arch);
      });
    }
    for (const { mode, module: m, cases } of gpuOperators()) {
      test(`ptxas: accepts all ${cases.length} operators, ${mode}`, () => accepts(m, "sm_75"));
    }
    test("ptxas: says what is wrong", async () => {
      const broken = ptx(module("saxpy")).replace("fma", "frob").replace("add.rn", "frob.rn");
      const message = await assemble(broken, "sm_80").then(String, String);
      assert.match(message, /does not accept this PTX for sm_80: ptxas kernels\.ptx, line \d+.*frob/);
    });
  }
}

test.run();
