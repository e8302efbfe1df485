/** Kernels without faults: the simulator finds none in them and computes what the interpreter does, in every order of threads. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLibLLVM } from "../../compiler/backend/libllvm.ts";
import { type InterpArray, interpret } from "../../compiler/interp.ts";
import { type IrCase, irCases } from "../gpu/ir-cases.ts";
import { engines, launch, open } from "./simulate.ts";

const arraysOf = (args: readonly unknown[]): readonly InterpArray[] =>
  args.filter((a): a is InterpArray => typeof a === "object");
/** NaNs of any bits are alike. */
const bits = (args: readonly unknown[]): readonly string[] =>
  arraysOf(args).map(({ data }) => Array.from(data, (x) => (Object.is(x, -0) ? "-0" : String(x))).join(" "));

function expected({ module, kernel, args }: IrCase): readonly string[] {
  const own = args();
  interpret(module, kernel.name, own);
  return bits(own);
}

const byModule = new Map<IrCase["module"], IrCase[]>();
for (const real of ["f64", "f32"] as const) {
  for (const c of irCases(real)) byModule.set(c.module, [...(byModule.get(c.module) ?? []), c]);
}

for (const engine of engines) {
  for (const [module, cases] of byModule) {
    test(`${engine}: ${cases.map((c) => c.name).join(", ")}`, async () => {
      for (const seed of engine === "native" ? [0, 1, 2, 3] : [4]) {
        const program = await open(module, engine, { seed });
        for (const c of cases) {
          const args = c.args();
          const { statements } = await launch(module, program, args, c.kernel.name);
          assert.equal(bits(args), expected(c), `${c.name}, seed ${seed}`);
          assert.ok((statements?.parallel ?? 0) + (statements?.sequential ?? 0) > 0);
        }
        program.dispose();
      }
    });
  }
}

test("there are cases, and engines", () => {
  assert.ok(byModule.size > 4);
  assert.is(engines.includes("native"), findLibLLVM() !== null);
});

test.run();
