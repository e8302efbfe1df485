/**
 * Target webgpu against the interpreter: kernels of all forms, and every operator on the edges of its types. Integers have the
 * same bits; floats where WGSL promises that an operation rounds once, others by the error that it allows. What WGSL leaves open is
 * left out: subnormal numbers, which may become zeros, and products of a constant zero and an infinity.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isMath } from "../../compiler/ir/ops.ts";
import { whyNotWebgpu } from "../../runtime/devices/webgpu.ts";
import { openGpu } from "../../runtime/devices/webgpu-adapter.ts";
import { LaunchError } from "../../runtime/launch-error.ts";
import { parsed } from "../backend/differential.ts";
import { type Case, moduleOf } from "../backend/operators.ts";
import { skip } from "../skip.ts";
import { cases } from "./cases.ts";
import { inSingle, testCases } from "./device-cases.ts";
import { irCases } from "./ir-cases.ts";
import { gpuCases } from "./operators.ts";
import { differences, load, run } from "./webgpu-program.ts";

/** 64-bit integers are added atomically, but no more. */
const without64 = (text: string): string => text.replace(/^.*accum atomic (mul|min|max) %ks.*$/gm, "");

/** What functions of single precision may be off, besides the quotients in them. */
const mathUlps = 6;

function testKernels(): void {
  const cases = irCases("f32", { precision: "single", edit: without64 });
  for (const module of new Set(cases.map((c) => c.module))) {
    const own = cases.filter((c) => c.module === module);
    test(own.map((c) => c.name).join(", "), async () => {
      const program = await load(module);
      const faults: string[] = [];
      for (const c of own) {
        const allowed = c.kernel.name === "functions" ? mathUlps : 0;
        faults.push(
          ...(await differences(program, module, { name: c.kernel.name, args: c.args }, allowed)).slice(0, 3),
        );
      }
      program.dispose();
      assert.equal(faults, []);
    });
  }
}

/** The units in the last place by which a result may be off, from the table of accuracies in WGSL's specification. */
function allowedFor({ name }: Case): number {
  const op = name.split("_")[name.startsWith("const") || name.startsWith("accum") ? 1 : 0] as string;
  if (isMath(op)) return mathUlps;
  return op === "div" || op === "sqrt" ? 3 : 0;
}

function testOperators(): void {
  for (const [group, all] of Object.entries(gpuCases)) {
    const cases = all.filter(({ name, text }) => !text.includes("f64") && !/fast$|^const_mul_f32_m0/.test(name));
    test(`${group}: ${cases.length} kernels`, async () => {
      const faults: string[] = [];
      // A GPU's compiler goes through the whole module for each kernel.
      for (let first = 0; first < cases.length; first += 8) {
        const some = cases.slice(first, first + 8);
        const module = moduleOf(some, "single");
        const program = await load(module);
        for (const c of some) faults.push(...(await differences(program, module, c, allowedFor(c))).slice(0, 2));
        program.dispose();
      }
      assert.equal(faults, []);
    });
  }
}

const double = `stage kernel

kernel @double(%x: f32[%n], %from: index) {
  for %b in grid.x(0, %n) {
    for %t in threads.x(0, 1) {
      %at: index = add %b, %from
      %v: f32 = load %x[%at]
      %w: f32 = add %v, %v
      store %x[%at], %w
    }
  }
}
`;

const failsWith = async (code: string, action: () => Promise<unknown>): Promise<void> => {
  try {
    await action();
  } catch (error) {
    assert.instance(error, LaunchError);
    assert.is((error as LaunchError).code, code);
    return;
  }
  assert.unreachable(`nothing threw ${code}`);
};

function testDevice(): void {
  const module = parsed(double);
  const kernel = module.funcs[0]!;
  test("more launches than a batch, copies within an array, single elements", async () => {
    const p = await load(module);
    const x = p.wrap("f32", [5], Float32Array.of(1, 2, 3, 4, 5));
    for (let n = 0; n < 100; n++) await p.launch(kernel, [x, 0]);
    assert.is(await p.read(x, 1), Math.fround(2 ** 101));
    p.copy(x, 1, x, 3, 2);
    const back = new Float32Array(5);
    await p.download(x, back);
    assert.equal(
      Array.from(back, (v) => v / 2 ** 100),
      [1, 2, 3, 2, 3],
    );
    assert.ok(((await p.finish?.()) as number) >= 0);
    p.dispose();
  });

  test("arrays given back are zeros when they are made anew", async () => {
    const p = await load(module);
    p.free(p.wrap("f32", [5], Float32Array.of(1, 2, 3, 4, 5)));
    const zeros = new Float32Array(5).fill(7);
    await p.download(p.alloc("f32", [5]), zeros);
    assert.equal(zeros, new Float32Array(5));
    p.dispose();
  });

  test("indices and arrays that are too large are refused", async () => {
    const p = await load(module);
    await failsWith("TG3027", async () => p.alloc("f32", [2 ** 30, 4]));
    const x = p.alloc("f32", [1]);
    await failsWith("TG3027", () => p.launch(kernel, [x, 2 ** 31]));
    await failsWith("TG3017", async () => p.launchSync(kernel, [x, 0]));
    p.dispose();
  });

  test("a lost GPU is a failed launch, and the next program has another", async () => {
    const p = await load(module);
    const x = p.wrap("f32", [2], Float32Array.of(1, 2));
    await p.launch(kernel, [x, 0]);
    (await openGpu()).device.destroy();
    await failsWith("TG3028", async () => {
      for (let n = 0; n < 3; n++) await p.launch(kernel, [x, 0]);
      await p.finish?.();
    });
    const again = await load(module);
    const y = { data: Float32Array.of(1, 2), shape: [2] };
    await run(again, kernel, [y, 0]);
    assert.equal(y.data, Float32Array.of(2, 4));
    again.dispose();
  });
}

const reason = await whyNotWebgpu();
if (reason !== null) skip("target webgpu", reason);
else {
  testKernels();
  testCases("webgpu", inSingle(cases));
  testOperators();
  testDevice();
}

test.run();
