/** The table of the kernels agrees with the kernels' source: parameters, types, and operations. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nested } from "../../polybench/array.ts";
import { inputsFor } from "../../polybench/inputs.ts";
import { baselineFor, datasets } from "../../polybench/sizes.ts";
import { argumentsFor, findKernel, instantiate, type Kernel, kernels, sizesFor } from "../../polybench/suite.ts";
import { countingSource } from "./counting.ts";

function exportedFunction(kernel: Kernel): ts.FunctionDeclaration {
  const source = ts.createSourceFile("kernel.ts", readFileSync(kernel.file, "utf8"), ts.ScriptTarget.Latest, true);
  const exported = source.statements
    .filter(ts.isFunctionDeclaration)
    .filter((f) => f.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword));
  assert.is(exported.length, 1);
  return exported[0]!;
}

test("there are 30 kernels, each findable by its name", () => {
  assert.is(kernels.length, 30);
  for (const kernel of kernels) assert.is(findKernel(kernel.name), kernel);
  assert.is(findKernel("2MM"), undefined);
});

for (const kernel of kernels) {
  test(`${kernel.name}: arguments are the parameters of its function`, () => {
    const f = exportedFunction(kernel);
    assert.is(f.name?.text, kernel.exportName);
    assert.equal(
      f.parameters.map((p) => p.name.getText()),
      kernel.args.map((arg) => arg.name),
    );
    const depth = (type: string): number => type.split("[]").length - 1;
    const element = kernel.generic ? "T" : "real";
    for (const [i, arg] of kernel.args.entries()) {
      const type = f.parameters[i]!.type!.getText();
      assert.is(depth(type), arg.kind === "array" ? arg.dims.length : 0);
      const expected = arg.kind === "scalar" && arg.type === "index" ? "index" : element;
      assert.match(type, arg.kind === "array" && arg.fixed ? arg.fixed : expected);
    }
    const constraint = f.typeParameters?.[0]?.constraint?.getText();
    assert.is(constraint, kernel.generic ? kernel.dtypes.join(" | ") : undefined);
  });

  test(`${kernel.name}: arrays typed readonly are not written, outputs are`, async () => {
    const f = exportedFunction(kernel);
    const body = f.body!.getText();
    for (const p of f.parameters.filter((p) => p.type!.getText().includes("[]"))) {
      const name = p.name.getText();
      const written = new RegExp(`(?<![\\w.])${name}(\\[[^=;]*?\\])+ [-+*/]?=\\s`).test(body);
      assert.is(written, !p.type!.getText().startsWith("readonly"), name);
      if (kernel.outputs.includes(name)) assert.ok(written, name);
    }
  });

  test(`${kernel.name}: flops are what its loops do`, async () => {
    const sizes = sizesFor(kernel, "MINI");
    const run = new Function("count", "zeros", countingSource(kernel));
    const count = { ops: 0 };
    const zeros = (_: string, n: number): Float64Array => new Float64Array(n);
    const f: (...args: unknown[]) => void = run(count, zeros);
    const args = argumentsFor(kernel, sizes, inputsFor(kernel, "MINI"));
    f(...args.map((arg) => (typeof arg === "number" ? arg : nested(arg))));
    assert.is(kernel.flops(sizes), count.ops);
  });

  test(`${kernel.name}: sizes grow with the dataset, and its arrays have them`, () => {
    const work = datasets.map((dataset) => kernel.flops(sizesFor(kernel, dataset)));
    // atax and bicg are smaller in one direction at EXTRALARGE than at LARGE; that is PolyBench's doing.
    const growing = kernel.name === "atax" || kernel.name === "bicg" ? work.slice(0, 4) : work;
    assert.equal(
      growing,
      [...growing].sort((a, b) => a - b),
    );
    for (const { data, shape } of Object.values(inputsFor(kernel, "MINI"))) {
      assert.is(
        data.length,
        shape.reduce((a, b) => a * b, 1),
      );
    }
  });
}

test("an instance is chosen by `real`, or by T", () => {
  assert.equal(instantiate(findKernel("gemm")!, "f32"), { real: "f32", types: {} });
  assert.equal(instantiate(findKernel("deriche")!, "f64"), { real: "f64", types: { deriche: { T: "f64" } } });
  assert.equal(instantiate(findKernel("floyd-warshall")!, "i32").types, { floydWarshall: { T: "i32" } });
  assert.throws(() => instantiate(findKernel("gemm")!, "i32"), /no instance/);
});

test("the baseline is in the type asked for", () => {
  assert.is(baselineFor("gemm", "f64")["gcc12-O3"], 0.154711);
  assert.is(baselineFor("deriche", "f32")["gcc12-O3"], 0.272007);
  assert.is(baselineFor("floyd-warshall", "i32")["gcc12-O3"], 13.415026);
  assert.is(baselineFor("floyd-warshall", "f64")["gcc12-O3"], 16.489998);
  assert.equal(baselineFor("gemm", "f32"), {});
});

test.run();
