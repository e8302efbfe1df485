/** Device ptx-emulator: what the PTX of kernels computes, to the bit what the interpreter says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLibLLVM, whyNoLibLLVM } from "../../compiler/backend/libllvm.ts";
import { compilePtx } from "../../compiler/backend/ptx.ts";
import { type InterpArg, interpreter } from "../../compiler/interp.ts";
import { type Func, isArray, type Module } from "../../compiler/ir/ir.ts";
import type { DeviceArray, KernelArg, KernelProgram } from "../../runtime/device.ts";
import { ptxEmulator } from "../../runtime/devices/ptx-emulator.ts";
import { elementDifferences, same } from "../backend/differential.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";
import { testCases } from "./device-cases.ts";
import { irCases } from "./ir-cases.ts";
import { gpuOperators } from "./operators.ts";

const arch = "sm_75";
const load = async (program: Module, code: string, seed?: number): Promise<KernelProgram> => {
  const artifact = { target: "ptx-emulator", file: "test.ir", entries: [], program, code } as const;
  return (await ptxEmulator.load(artifact, seed === undefined ? {} : { seed })) as KernelProgram;
};

/** Runs a kernel on the interpreter's arguments, which are written in place. */
function run(program: KernelProgram, kernel: Func, args: readonly InterpArg[]): void {
  const arrays = new Map<InterpArg, DeviceArray>();
  const given = args.map((a, k): KernelArg => {
    const p = kernel.params[k];
    if (typeof a !== "object" || p === undefined || !isArray(p)) return a as KernelArg;
    const array = program.wrap(p.type.elem, a.shape, a.data);
    arrays.set(a, array);
    return array;
  });
  program.launchSync(kernel, given);
  for (const [a, array] of arrays) {
    if (typeof a === "object") program.download(array, a.data);
    program.free(array);
  }
}

const differences = (
  name: string,
  mine: readonly InterpArg[],
  theirs: readonly InterpArg[],
  exact = true,
): readonly string[] => elementDifferences(name, mine, theirs, (x, y) => same(x, y, exact)).slice(0, 3);

if (findLibLLVM() === null) skip("ptx-emulator", whyNoLibLLVM() ?? "");
else {
  for (const real of ["f64", "f32"] as const) {
    const compiled = new Map<Module, string>();
    for (const c of irCases(real)) {
      test(`${c.name}, ${real}: as the interpreter, in any order of threads`, async () => {
        const code = compiled.get(c.module) ?? compilePtx(c.module, { arch });
        compiled.set(c.module, code);
        const expected = c.args();
        interpreter(c.module)(c.kernel.name, expected);
        for (const seed of [undefined, 1, 2]) {
          const args = c.args();
          run(await load(c.module, code, seed), c.kernel, args);
          assert.equal(differences(`seed ${seed}`, args, expected), []);
        }
      });
    }
  }

  for (const { mode, module, cases } of gpuOperators()) {
    test(`operators, ${mode}: ${cases.length} kernels`, async () => {
      const program = await load(module, compilePtx(module, { arch }));
      const interpret = interpreter(module);
      const faults = cases.flatMap((c) => {
        const [mine, theirs] = [c.args(), c.args()];
        interpret(c.name, theirs);
        run(program, module.funcs.find((f) => f.name === c.name) as Func, mine);
        return differences(c.name, mine, theirs, c.exact);
      });
      assert.equal(faults, []);
    });
  }

  testCases("ptx-emulator", cases);

  const saxpy = irCases().find((c) => c.name === "saxpy 2") as ReturnType<typeof irCases>[number];
  const code = compilePtx(saxpy.module, { arch });

  test("new arrays are zeros, also where memory is used again", async () => {
    const program = await load(saxpy.module, code);
    const ones = Float64Array.of(1, 1, 1);
    program.free(program.wrap("f64", [3], ones));
    program.download(program.alloc("f64", [3]), ones);
    assert.equal(ones, new Float64Array(3));
  });

  test("a wrong instruction is noticed", async () => {
    const [args, expected] = [saxpy.args(), saxpy.args()];
    interpreter(saxpy.module)("saxpy", expected);
    run(await load(saxpy.module, code.replace("add.rn.f64", "sub.rn.f64")), saxpy.kernel, args);
    assert.not.equal(differences("saxpy", args, expected), []);
  });

  test("sizes beyond 32 bits are refused before the launch", async () => {
    const program = await load(saxpy.module, code);
    // Only its shape is looked at.
    const long = { elem: "f64", shape: [2 ** 30 + 1] } as const;
    assert.throws(() => program.launchSync(saxpy.kernel, [1, long, long]), /TG3027: saxpy: axis 0 of x is 1073741825/);
  });

  test("an access outside of an array fails the launch, and names kernel and instruction", async () => {
    // Elements of 16 bytes where they have 8.
    const broken = code.replace(/(\.entry saxpy\([\s\S]*?mul\.wide\.[us]32\s+%rd\d+, %r\d+, )8/, "$116");
    assert.not.equal(broken, code);
    const program = await load(saxpy.module, broken);
    assert.throws(() => run(program, saxpy.kernel, saxpy.args()), /TG3017: saxpy: .*out of bounds[\s\S]*ld\.global/);
  });
}

test.run();
