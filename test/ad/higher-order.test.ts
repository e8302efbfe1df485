/** Gradients of gradients: reverse mode of what reverse mode made, against products of `hvp` and differences of gradients. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { differentiate } from "../../ad/index.ts";
import type { Entry } from "../../compiler/artifact.ts";
import { lower } from "../../compiler/frontend/frontend.ts";
import { interpret } from "../../compiler/interp.ts";
import type { Func, Module } from "../../compiler/ir/ir.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { runPasses } from "../../compiler/pass.ts";
import { cleanup, inline } from "../../compiler/passes/index.ts";
import { hvp, load } from "../../index.ts";

const file = fileURLToPath(new URL("./kernels/steps.ts", import.meta.url));
const clean = (m: Module): Module => runPasses(m, [inline, ...cleanup]);

interface Loss {
  readonly kernel: "steps" | "bumps";
  /** Scalars after x. */
  readonly more: readonly number[];
  readonly x: readonly number[];
}
const losses: readonly Loss[] = [
  { kernel: "bumps", more: [], x: [0.7, -1.2, 0.4, 2.1, -0.3] },
  { kernel: "steps", more: [4, 0.3], x: [0.3, -0.8, 0.5, 0.9, -0.2] },
];

/** The gradient by x of ⟨u, gradient by x⟩: reverse over reverse. */
function twice({ kernel, more, x }: Loss, u: readonly number[]): readonly number[] {
  const lowered = lower(file, undefined, { mode: "strict", real: "f64", kernels: [kernel] });
  const module = clean(lowered.module);
  const f = module.funcs.find((g) => g.name === kernel) as Func;
  const params: Entry["params"] = lowered.params
    .get(kernel)!
    .map((p) => ({ ...p, access: p.type.kind === "array" ? "readwrite" : "read" }));
  const result = lowered.entries[0]!.result;
  const once = differentiate(
    module,
    f,
    { params, result },
    { kind: "vjp", kernel, wrt: ["x"], of: ["return"], tapeBudget: Number.POSITIVE_INFINITY },
    clean,
  );
  const flat = clean(once.module);
  const gradient = flat.funcs.find((g) => g.name === once.name) as Func;
  assert.is(gradient.kind, "func");
  const again = differentiate(
    flat,
    gradient,
    {
      params: [
        ...params,
        { name: "d_x", type: params[0]!.type, access: "readwrite" },
        { name: "d_return", type: { kind: "scalar", type: "f64" }, access: "read" },
      ],
      result,
    },
    { kind: "vjp", kernel: once.name, wrt: ["x"], of: ["d_x"], tapeBudget: Number.POSITIVE_INFINITY },
    clean,
  );
  assert.equal(verify(again.module), []);
  const array = (data: readonly number[]) => ({ data: Float64Array.from(data), shape: [data.length] });
  const zeros = x.map(() => 0);
  const [second, seed] = [array(zeros), array(u)];
  interpret(again.module, again.name, [array(x), ...more, array(zeros), 1, second, seed]);
  return [...second.data];
}

test("roots: hvp through a tape that is counted first", async () => {
  const { roots } = await load(file, { target: "interp", mode: "strict" });
  const x = [2, 3, 5];
  const u = [0.3, -0.2, 0.5];
  const { hvps } = (await hvp(roots as never, { wrt: ["x"] } as never)(
    [x] as never,
    {
      x: u,
    } as never,
  )) as unknown as { readonly hvps: { readonly x: readonly number[] } };
  // s = √(x₀ x₁ x₂): ∂²s/∂xᵢ∂xⱼ = s / (4 xᵢ xⱼ), and −s / (4 xᵢ²) where they are the same.
  const s = Math.sqrt(x[0]! * x[1]! * x[2]!);
  x.forEach((xi, i) => {
    const exact = u.reduce((sum, uj, j) => sum + ((i === j ? -1 : 1) * uj * s) / (4 * xi * x[j]!), 0);
    assert.ok(Math.abs(hvps.x[i]! - exact) <= 1e-9, `${hvps.x[i]} is not ${exact}`);
  });
});

for (const loss of losses) {
  test(`${loss.kernel}: the gradient of a gradient is the product of hvp`, async () => {
    const kernels = await load(file, { target: "interp", mode: "strict" });
    const u = loss.x.map((_, i) => Math.cos(5 * i + 1));
    const kernel = kernels[loss.kernel] as unknown as (x: number[]) => Promise<number>;
    const { hvps } = (await hvp(kernel as never, { wrt: ["x"] } as never)(
      [[...loss.x], ...loss.more] as never,
      {
        x: u,
      } as never,
    )) as unknown as { readonly hvps: { readonly x: readonly number[] } };
    const scale = Math.max(...hvps.x.map(Math.abs));
    assert.ok(scale > 0.1);
    twice(loss, u).forEach((g, i) => {
      assert.ok(Math.abs(g - hvps.x[i]!) <= 1e-10 * scale, `${g} is not ${hvps.x[i]}`);
    });
  });
}

test.run();
