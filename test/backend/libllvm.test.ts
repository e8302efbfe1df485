/** The binding of libLLVM: emission for each target, LLVM's own errors, and life without the library. */
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { emit, findLibLLVM, hostTarget, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { skip } from "../skip.ts";
import { double } from "./ir.ts";

const lib = findLibLLVM();

if (lib === null) {
  skip("libLLVM: emission", whyNoLibLLVM() ?? "");
} else {
  test("version: one of those supported", () => {
    assert.ok(lib.version[0] >= 19 && lib.version[0] <= 22);
    assert.is(whyNoLibLLVM(), null);
  });

  test("host: the triple, CPU and features are this machine's", () => {
    const { triple, cpu, features } = hostTarget();
    assert.match(triple, /^(x86_64|aarch64|arm64|riscv64)-/);
    assert.ok(cpu.length > 0);
    assert.match(features, /^[+-]/);
  });

  test("llvm: O3 vectorises a plain loop", () => {
    assert.match(emit(double({ pointer: 8 }), { emit: "llvm" }), /fmul <\d+ x double>/);
  });

  test("object: bytes of an object file", () => {
    const object = emit(double({ pointer: 8 }), { emit: "object" });
    if (process.platform === "linux") assert.equal([...object.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
    assert.ok(object.length > 100);
  });

  test("nvptx64: PTX text", () => {
    const target = { triple: "nvptx64-nvidia-cuda", cpu: "sm_90", features: "+ptx80" };
    const ptx = emit(double({ pointer: 8 }), { ...target, emit: "assembly" });
    assert.match(ptx, /\.target sm_90/);
    assert.match(ptx, /(mul|add)(\.rn)?\.f64/);
  });

  test("wasm32: an object with SIMD", () => {
    const target = { triple: "wasm32-unknown-unknown", features: "+simd128" };
    assert.match(emit(double({ pointer: 4 }), { ...target, emit: "assembly" }), /f64x2\.(mul|add)/);
  });

  test("contraction: only where the IR allows it", () => {
    const fused = (flags: string): boolean => {
      const text = `define double @f(double %a, double %b, double %c) {
        %p = fmul ${flags} double %a, %b
        %s = fadd ${flags} double %p, %c
        ret double %s
      }`;
      return /fma/.test(emit(text, { triple: "x86_64-pc-linux-gnu", features: "+fma", emit: "assembly" }));
    };
    assert.is(fused(""), false);
    assert.is(fused("contract"), true);
  });

  const faults: readonly [what: string, text: string, message: RegExp][] = [
    ["a syntax error", "define i32 @f(i32 {", /cannot read this IR: kernel\.ll:1:19: error/],
    [
      "an undefined value",
      "define double @f() {\n  %x = fadd double %y, 1.0\n  ret double %x\n}",
      /kernel\.ll:2:20: error: use of undefined value '%y'\n {2}%x = fadd double %y, 1\.0\n/,
    ],
    [
      "a malformed phi",
      "define i32 @f(i32 %n) {\na:\n  br label %b\nb:\n  %x = phi i32 [ 0, %a ], [ %x, %c ]\n  ret i32 %x\nc:\n  ret i32 0\n}",
      /malformed: PHINode should have one entry for each predecessor[\s\S]*%x = phi/,
    ],
  ];
  for (const [what, text, message] of faults) {
    test(`error: ${what} is shown with its line`, () => {
      assert.throws(
        () => emit(text, { emit: "object" }),
        (error: Error) => message.test(error.message),
      );
    });
  }

  test("error: a target that is none", () => {
    assert.throws(() => emit("", { triple: "pdp11-dec-unix", emit: "object" }), /no back end for "pdp11-dec-unix"/);
  });

  test("warning: a loop that cannot be vectorised as it asked", () => {
    const text = `define void @f(ptr %x, i64 %n) {
      entry:
        br label %loop
      loop:
        %i = phi i64 [ 1, %entry ], [ %next, %loop ]
        %before = add i64 %i, -1
        %q = getelementptr double, ptr %x, i64 %before
        %p = getelementptr double, ptr %x, i64 %i
        %a = load double, ptr %q
        %b = fdiv double 1.0, %a
        store double %b, ptr %p
        %next = add i64 %i, 1
        %more = icmp slt i64 %next, %n
        br i1 %more, label %loop, label %done, !llvm.loop !0
      done:
        ret void
      }
      !0 = distinct !{!0, !1}
      !1 = !{!"llvm.loop.vectorize.enable", i1 true}`;
    const warnings: string[] = [];
    emit(text, { emit: "object", onWarning: (message) => warnings.push(message) });
    assert.match(warnings.join("\n"), /loop not vectorized/);
  });
}

const tellWith = (wish: string): string => {
  const script =
    'import("./compiler/backend/libllvm.ts").then((m) => console.log(m.findLibLLVM() === null, m.whyNoLibLLVM()))';
  return execFileSync(process.execPath, ["--import", "./scripts/dev.mjs", "--input-type=module", "-e", script], {
    env: { ...process.env, TSGPU_LIBLLVM: wish },
    encoding: "utf8",
  });
};

test("absent: null and a reason, not an error", () => {
  assert.match(tellWith("none"), /^true TSGPU_LIBLLVM=none turns libLLVM off/);
});

test("absent: a wrong path says what is wrong with it", () => {
  assert.match(tellWith("/nowhere/libLLVM.so"), /^true TSGPU_LIBLLVM=\/nowhere\/libLLVM\.so cannot be used: /);
});

test.run();
