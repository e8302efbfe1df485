/** The public face of gradients: what the calls take, in which form they give, what they leave alone, and how they fail. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  adjoint,
  array,
  CompileError,
  grad,
  hvp,
  jacobian,
  jvp,
  LaunchError,
  load,
  NdArray,
  valueAndGrad,
  vjp,
  zeros,
} from "../../index.ts";
import { defaultTarget, jit } from "../../runtime/jit.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tsgpu-grad-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

write("package.json", '{ "type": "module" }');
const file = write(
  "kernels.ts",
  `import type { bool, f32, f64, i32, index } from "tsgpu";

/** The mean squared error of a straight line; leaves the residuals in r. */
export function loss(w: readonly f64[], b: f64, x: readonly (readonly f64[])[], y: readonly f64[], r: f64[]): f64 {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    r[i] = b - y[i];
    for (let j = 0; j < w.length; j++) r[i] += w[j] * x[i][j];
    sum += r[i] * r[i];
  }
  return sum / x.length;
}
/** In place: u becomes rate u². */
export function square(u: f64[], rate: f64): void {
  for (let i = 0; i < u.length; i++) u[i] = rate * u[i] * u[i];
}
export interface Body { x: f64; kind: i32; y: f64; fixed: bool }
/** Scales bodies that are not fixed, and gives Σ x·y of them. */
export function push(bodies: Body[], by: readonly [f64, f64]): f64 {
  let sum = 0;
  for (let i = 0; i < bodies.length; i++) {
    if (!bodies[i].fixed) bodies[i].x *= by[0];
    sum += bodies[i].x * bodies[i].y * by[1];
  }
  return sum;
}
/** Both results depend on all of p and s. */
export function polar(p: readonly f64[], s: f64): { r: f64; t: f64 } {
  return { r: s * Math.sqrt(p[0] * p[0] + p[1] * p[1]), t: Math.atan2(p[1], p[0]) };
}
export function single(x: readonly f32[]): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}
export function spread(x: readonly f64[], out: f64[][]): void {
  for (let i = 0; i < out.length; i++) for (let j = 0; j < out[0].length; j++) out[i][j] = x[0] * (i + 1) + x[1] * j;
}
/** Writes, then reads where the data says. */
export function chase(x: f64[], next: readonly i32[]): f64 {
  x[0] = 7 * x[0];
  return x[next[0]] * x[1];
}
export function count(n: index): index {
  return n;
}
export function nothing(x: f64[]): void {
  x[0] = x[0] * 2;
}
`,
);

interface Body {
  x: number;
  kind: number;
  y: number;
  fixed: boolean;
}
type Module = {
  loss: (
    w: readonly number[],
    b: number,
    x: readonly (readonly number[])[],
    y: readonly number[],
    r: number[],
  ) => number;
  square: (u: number[], rate: number) => void;
  push: (bodies: Body[], by: readonly [number, number]) => number;
  polar: (p: readonly number[], s: number) => { r: number; t: number };
  single: (x: readonly number[]) => number;
  spread: (x: readonly number[], out: number[][]) => void;
  chase: (x: number[], next: readonly number[]) => number;
  count: (n: number) => number;
  nothing: (x: number[]) => void;
};
const k = await load<Module>(file, { target: "interp" });

const w = [1, 2];
const X = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const y = [1, 2, 3];
const r = [0, 0, 0];
/** ∂/∂w of the mean of (b + Xw − y)², by hand. */
const residual = X.map((row, i) => 0.5 + row.reduce((s, x, j) => s + x * (w[j] as number), 0) - (y[i] as number));
const byW = w.map((_, j) => (2 / 3) * residual.reduce((s, e, i) => s + e * (X[i]?.[j] as number), 0));
const byY = residual.map((e) => (-2 / 3) * e);
const sum = (values: readonly number[]): number => values.reduce((s, x) => s + x, 0);
const mean = sum(residual.map((e) => e * e)) / 3;
const near = (a: unknown, b: unknown): void => {
  const numbers = (v: unknown): number[] =>
    typeof v === "number"
      ? [v]
      : v instanceof NdArray
        ? [...v.data].map(Number)
        : Object.values(v as object).flatMap((e) => numbers(e));
  const [p, q] = [numbers(a), numbers(b)];
  assert.is(p.length, q.length);
  for (const [i, x] of p.entries()) {
    assert.ok(Math.abs(x - (q[i] as number)) <= 1e-9 * Math.max(1, Math.abs(x)), `${p} is not ${q}`);
  }
};

async function fails(code: string, message: RegExp, run: () => unknown): Promise<void> {
  const error = await (async () => run())().then(
    () => null,
    (e: unknown) => e,
  );
  assert.instance(error, LaunchError, String(error));
  assert.is((error as LaunchError).code, code);
  assert.match((error as LaunchError).message, message);
}

for (const target of ["interp", "wasm", await defaultTarget()] as const) {
  test(`${target}: the gradient, in the form of each argument, and the arguments as they were`, async () => {
    const { loss } = await load<Module>(file, { target });
    const flat = new Float64Array(y);
    const whole = array(new Float64Array(X.flat()), [3, 2]);
    const mine = Object.freeze([9, 9, 9]) as unknown as number[];
    const g = await grad(loss)(w, 0.5, whole, flat, mine);
    assert.equal(Object.keys(g), ["w", "b", "x", "y", "r"]);
    near(g.w, byW);
    near(g.b, (2 / 3) * sum(residual));
    near(g.y, byY);
    assert.ok(Array.isArray(g.w) && typeof g.b === "number");
    assert.instance(g.x, NdArray);
    assert.equal((g.x as NdArray).shape, [3, 2]);
    assert.instance(g.y, Float64Array);
    // Its values on entry are overwritten before they are read.
    assert.equal(g.r, [0, 0, 0]);
    assert.equal([mine, flat, whole.data], [[9, 9, 9], new Float64Array(y), new Float64Array(X.flat())]);

    const { value, grads } = await valueAndGrad(loss, { wrt: ["x"] })(
      w,
      0.5,
      [X[0], new Float64Array([3, 4]), X[2]] as number[][],
      y,
      r,
    );
    near(value, mean);
    assert.equal(Object.keys(grads), ["x"]);
    const rows = grads.x as unknown as ArrayLike<number>[];
    assert.ok(Array.isArray(rows[0]) && rows[1] instanceof Float64Array && Array.isArray(rows[2]));
    near(
      rows,
      residual.map((e) => w.map((c) => (2 / 3) * e * c)),
    );
    assert.equal(r, [0, 0, 0]);
  });
}

test("vjp: of an array in place, by its values on entry", async () => {
  const u = [1, 2, 3];
  const { outputs, grads, ...rest } = await vjp(k.square)([u, 0.5], { u: new Float64Array([1, 10, 100]) });
  assert.equal(rest, {});
  assert.equal(outputs, { u: [0.5, 2, 4.5] });
  assert.equal(grads, { u: [1, 20, 300], rate: 1 + 40 + 900 });
  assert.equal(u, [1, 2, 3]);
  // The cotangent is the caller's.
  const cotangent = new Float64Array([1, 1, 1]);
  await vjp(k.square)([u, 0.5], { u: cotangent });
  assert.equal(cotangent, new Float64Array([1, 1, 1]));
});

test("vjp: of the result and of arrays together", async () => {
  const only = async (cotangents: { return?: number; r?: number[] }) =>
    (await vjp(k.loss, { wrt: ["w"] })([w, 0.5, X, y, r], cotangents)).grads.w as number[];
  const [a, b, both] = [
    await only({ return: 1 }),
    await only({ r: [1, 2, 3] }),
    await only({ return: 1, r: [1, 2, 3] }),
  ];
  near(a, byW);
  near(b, [1 + 6 + 15, 2 + 8 + 18]);
  near(
    both,
    a.map((x, i) => x + (b[i] as number)),
  );
  const { value, outputs } = await vjp(k.loss)([w, 0.5, X, y, r], { return: 0 });
  near(value, mean);
  near(outputs.r, residual);
});

test("vjp: what does not fit", async () => {
  const of = vjp(k.loss, { of: ["r", "return"] });
  const args = [w, 0.5, X, y, r] as const;
  await fails("TG3022", /loss: cotangents lack r/, () => of(args, { return: 1 } as never));
  await fails("TG3022", /loss: cotangents are of r, return, not of w/, () => of(args, { return: 1, r, w } as never));
  await fails("TG3022", /cotangents are an object of r, return, not undefined/, () => of(args, undefined as never));
  await fails("TG3022", /without any cotangent/, () => vjp(k.loss)(args, {}));
  await fails("TG3023", /cotangents.r is 2, r is 3/, () => of(args, { return: 1, r: [1, 2] }));
  await fails("TG3002", /cotangents.return is the string "1", not a number/, () =>
    of(args, { return: "1", r } as never),
  );
  await fails("TG3004", /cotangents.r is Float32Array/, () => of(args, { return: 1, r: new Float32Array(3) }));
  await fails("TG3023", /cotangents.out is 2 × 3, out is 3 × 2/, () =>
    vjp(k.spread)([w, zeros("f64", [3, 2])], { out: zeros("f64", [2, 3]) }),
  );
  await fails("TG3001", /loss: takes 5/, () => of([w, 0.5] as never, { return: 1, r }));
  await fails("TG3005", /loss: x/, () => of([w, 0.5, w, y, r] as never, { return: 1, r }));
});

test("jvp: a direction forward; missing tangents are zero", async () => {
  const args = [w, 0.5, X, y, r] as const;
  const { value, outputs, tangents } = await jvp(k.loss)(args, { w: [1, 0], b: 2 });
  near(value, mean);
  near(outputs.r, residual);
  const dr = X.map((row) => (row[0] as number) + 2);
  near(tangents.r, dr);
  near(tangents.return, (2 / 3) * residual.reduce((s, e, i) => s + e * (dr[i] as number), 0));
  assert.equal(r, [0, 0, 0]);
  const none = await jvp(k.loss, { of: ["return"] })(args, {});
  assert.equal(none.tangents, { return: 0 });
  await fails("TG3022", /tangents are of w, not of b/, () => jvp(k.loss, { wrt: ["w"] })(args, { b: 1 } as never));
  await fails("TG3023", /tangents.w is 3, w is 2/, () => jvp(k.loss)(args, { w: [1, 2, 3] }));
});

test("hvp: the change of the gradient along a direction", async () => {
  const v = [0.3, -0.7];
  const { value, grads, hvps } = await hvp(k.loss, { wrt: ["w", "b"] })([w, 0.5, X, y, r], { w: v, b: 0.1 });
  near(value, mean);
  near(grads.w, byW);
  // Of a quadratic, differences of gradients are exact.
  const at = async (h: number): Promise<number[]> => {
    const moved = w.map((c, i) => c + h * (v[i] as number));
    const g = await grad(k.loss, { wrt: ["w", "b"] })(moved, 0.5 + 0.1 * h, X, y, r);
    return [...(g.w as number[]), g.b as number];
  };
  const [plus, minus] = [await at(1), await at(-1)];
  near(
    [...(hvps.w as number[]), hvps.b as number],
    plus.map((p, i) => (p - (minus[i] as number)) / 2),
  );
});

test("jacobian: by columns and by rows, nested as `of` outside and as `wrt` inside", async () => {
  const { out: tall } = await jacobian(k.spread)(new Float64Array([5, 6]), zeros("f64", [3, 2]));
  const rows = [0, 1, 2].map((i) => [0, 1].map((j) => new Float64Array([i + 1, j])));
  assert.equal(tall?.x, rows);

  const wide = await jacobian(k.loss, { of: ["return"] })(w, 0.5, X, y, r);
  near(wide.return?.w, byW);
  near(wide.return?.y, byY);
  const { return: polar } = await jacobian(k.polar)([3, 4], 2);
  near(polar?.p, { r: [6 / 5, 8 / 5], t: [-4 / 25, 3 / 25] });
  near(polar?.s, { r: 5, t: 0 });
  const inPlace = await jacobian(k.square, { wrt: ["u"] })([1, 2], 0.5);
  near(inPlace, {
    u: {
      u: [
        [1, 0],
        [0, 2],
      ],
    },
  });
});

test("structs: gradients have their shape; integers are 0 and booleans false", async () => {
  const bodies = [
    { x: 2, kind: 1, y: 3, fixed: false },
    { x: 5, kind: 2, y: 7, fixed: true },
  ];
  const before = structuredClone(bodies);
  const { value, grads } = await valueAndGrad(k.push)(bodies, [10, 0.5]);
  near(value, 0.5 * (60 + 35));
  assert.equal(grads, {
    bodies: [
      { x: 15, kind: 0, y: 10, fixed: false },
      { x: 3.5, kind: 0, y: 2.5, fixed: false },
    ],
    by: [3, 95],
  });
  assert.equal(bodies, before);
  const direction = bodies.map((_, i) => ({ x: i, y: 1 }));
  const { outputs, tangents } = await jvp(k.push)([bodies, [10, 0.5]], { bodies: direction as Body[] });
  assert.equal((outputs.bodies as Body[])[0], { x: 20, kind: 1, y: 3, fixed: false });
  near(tangents.return, 10 + 3.5 + 2.5);
});

test("single precision stays so", async () => {
  const g = await grad(k.single)(new Float32Array([1, 0.1]));
  assert.equal(g.x, new Float32Array([2, 0.2]));
  const whole = await grad(k.single)(array(new Float32Array([1, 0.1])));
  assert.is((whole.x as NdArray).dtype, "f32");
  await fails("TG3004", /single: x is Float64Array/, () => grad(k.single)(new Float64Array(1)));
});

test("adjoint: works in the arrays given, adds to those of what is only read", async () => {
  const u = new Float64Array([1, 2, 3]);
  const du = new Float64Array([1, 10, 100]);
  const { grads } = await adjoint(k.square)([u, 0.5], { u: du });
  assert.equal(du, new Float64Array([1, 20, 300]));
  assert.equal(grads, { rate: 941 });

  const dw = [1000, 1000];
  const run = adjoint(k.loss, { wrt: ["w", "b"], of: ["return"] });
  const { value, grads: scalars } = await run([w, 0.5, X, y, [0, 0, 0]], { w: dw, return: 2 } as never);
  near(value, mean);
  near(
    dw,
    byW.map((g) => 1000 + 2 * g),
  );
  near(scalars, { b: (4 / 3) * sum(residual) });

  await fails("TG3022", /adjoints lack w/, () => run([w, 0.5, X, y, [0, 0, 0]], { return: 2 } as never));
  await fails("TG3023", /adjoints.w is 1, w is 2/, () =>
    run([w, 0.5, X, y, [0, 0, 0]], { w: [0], return: 2 } as never),
  );
  await fails("TG3009", /w share memory|share memory/, () => run([w, 0.5, X, y, [0, 0, 0]], { w, return: 2 } as never));
});

test("options: what there is, and what the kernel has", async () => {
  await fails("TG3018", /loss: gradients have no option tape: there are wrt, of, tapeBudget, undo/, () =>
    grad(k.loss, { tape: 1 } as never),
  );
  await fails("TG3018", /wrt is a list of names, not "w"/, () => grad(k.loss, { wrt: "w" } as never));
  await fails("TG3018", /wrt is a list of names, not \[\]/, () => grad(k.loss, { wrt: [] }));
  await fails("TG3018", /tapeBudget is a number of bytes, not -1/, () => vjp(k.loss, { tapeBudget: -1 }));
  await fails("TG3018", /of the result/, () => grad(k.loss, { of: ["r"] } as never));
  const refused = await grad(k.loss, { wrt: ["weights"] })(w, 0.5, X, y, r).catch((e: unknown) => e);
  assert.instance(refused, CompileError);
  assert.match((refused as CompileError).message, /TG2001[\s\S]*weights/);
});

test("what has no gradient", async () => {
  await fails("TG3019", /Math.max|max: this is no kernel/, () => grad(Math.max as never));
  await fails("TG3019", /undefined: this is no kernel/, () => vjp(undefined as never));
  const plain = await load<Module>(file, { target: "node" });
  await fails("TG3020", /loss: target node/, () => grad(plain.loss));
  await fails("TG3021", /nothing: it returns nothing/, () => grad(k.nothing as never as typeof k.single)([1]));
  await fails("TG3021", /polar: it returns a struct/, () => valueAndGrad(k.polar as never as typeof k.single)([1]));
  await fails("TG3021", /count: it returns a value of type index/, () => hvp(k.count)([1], {}));
});

test("an access outside: refused, with everything as it was, and what follows goes on", async () => {
  const x = new Float64Array([1, 2]);
  await fails("TG3013", /chase\w*: x\[5\] is outside of x: axis 0 has length 2 .*kernels.ts/, () =>
    grad(k.chase)(x, [5]),
  );
  assert.equal(x, new Float64Array([1, 2]));
  const dx = new Float64Array(2);
  await fails("TG3013", /chase/, () => adjoint(k.chase)([x, [5]], { x: dx, return: 1 }));
  assert.equal([x, dx], [new Float64Array([1, 2]), new Float64Array(2)]);
  assert.equal(await grad(k.chase)(x, [0]), { x: new Float64Array([14, 7]) });
  // Repeated: both factors are x[1].
  assert.equal(await grad(k.chase)([1, 2], [1]), { x: [0, 4] });
});

test("arguments may share memory: they are values here", async () => {
  const both = [1, 2, 3];
  const { grads } = await vjp(k.loss, { wrt: ["y"] })([w, 0.5, X, both, both], { return: 1 });
  near(grads.y, byY);
  assert.equal(both, [1, 2, 3]);
});

test("calls keep their order, whoever waits", async () => {
  const u = [3];
  const first = k.square(u, 1);
  const g = vjp(k.square)([u, 1], { u: [1] });
  await first;
  assert.equal((await g).grads, { u: [18], rate: 81 });
  const [a, b] = await Promise.all([grad(k.single)([1]), grad(k.single)([2])]);
  assert.equal([a, b], [{ x: [2] }, { x: [4] }]);
});

test("a derivative is compiled once per process and request", async () => {
  const derivative = { kind: "vjp", kernel: "single", of: ["return"] } as const;
  const before = await jit(file, { target: "interp", derivative });
  await grad(k.single)([1]);
  assert.is(await jit(file, { target: "interp", derivative }), before);
  assert.is.not(await jit(file, { target: "interp" }), before);
  assert.is.not(await jit(file, { target: "interp", derivative: { ...derivative, kind: "jvp" } }), before);
});

test("kernels that were imported or required under tsgpu/register", () => {
  const register = pathToFileURL(join(root, "register.ts")).href;
  const index = pathToFileURL(join(root, "index.ts")).href;
  const run = (name: string, code: string): string => {
    const args = ["--import", "tsx", "--import", register, write(name, code)];
    const env = { ...process.env, TSGPU_REGISTER: "target=interp" };
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
    assert.is(status, 0, stderr);
    return stdout.trim();
  };
  const show = "console.log(JSON.stringify(await grad(single)([1, 2])));";
  const imported = `import { grad } from ${JSON.stringify(index)};\nimport { single } from "./kernels.ts";\n${show}`;
  assert.is(run("app.mjs", imported), '{"x":[2,4]}');
  const required = `import { createRequire } from "node:module";\nimport { grad } from ${JSON.stringify(index)};
const { single } = createRequire(import.meta.url)("./kernels.ts");\n${show}`;
  assert.is(run("required.mjs", required), '{"x":[2,4]}');
});

test.run();
