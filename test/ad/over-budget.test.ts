/**
 * Gradients that would keep more than their budget are refused, when they are compiled or launched: by the byte, with the store that
 * destroys what is kept and the read that needs it, before anything has run. Integers have no gradients, and are shown where they stand.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DerivativeRequest } from "../../ad/index.ts";
import { funcNamed } from "../../compiler/artifact.ts";
import { CompileError, type Diagnostic, type Span } from "../../compiler/diagnostic.ts";
import { explainDerivative } from "../../compiler/index.ts";
import { call, type Unit } from "../../runtime/call.ts";
import { peakBytes } from "../../runtime/dry-run.ts";
import { jit } from "../../runtime/jit.ts";
import { LaunchError } from "../../runtime/launch-error.ts";

const url = new URL("./kernels/budgets.ts", import.meta.url);
const file = fileURLToPath(url);
const source = readFileSync(file, "utf8");
const textAt = ({ start, end }: Span): string => source.slice(start, end);
/** The line of a text that stands once in the source. */
const lineOf = (text: string): number => source.slice(0, source.indexOf(text)).split("\n").length;

const unitFor = (kernel: string, request: Omit<DerivativeRequest, "kind" | "kernel">): Promise<Unit> =>
  jit(url, { target: "interp", derivative: { kind: "vjp", kernel, ...request } });

function refusals(request: Omit<DerivativeRequest, "kind">): readonly Diagnostic[] {
  try {
    explainDerivative({ file }, request);
    return [];
  } catch (error) {
    assert.instance(error, CompileError);
    return (error as CompileError).diagnostics;
  }
}

/** The error of a launch that must fail with TG3024, and must leave its arguments as they are. */
async function refusedLaunch(unit: Unit, name: string, args: readonly unknown[]): Promise<string> {
  const before = structuredClone(args);
  try {
    await call(unit, name, args);
  } catch (error) {
    assert.instance(error, LaunchError);
    assert.is((error as LaunchError).code, "TG3024");
    assert.equal(args, before);
    return (error as LaunchError).message;
  }
  return assert.unreachable(`${name} keeps within its budget`) as never;
}

const bytesIn = (message: string): number => Number(/would keep (\d+) bytes/.exec(message)?.[1]);
const floats = (n: number, of: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => of(i));

test("constant sizes: one byte too little is an error of the compiler, with the store, the read and ways out", () => {
  assert.equal(refusals({ kernel: "power", tapeBudget: 800 }), []);
  const [refusal, ...others] = refusals({ kernel: "power", tapeBudget: 799 });
  assert.is(others.length, 0);
  const { code, message, at, related, help } = refusal as Diagnostic;
  assert.is(code, "TG2005");
  assert.match(message, "the gradient of `power` keeps 800 bytes, more than its tapeBudget of 799: all for `x[0]`");
  assert.equal([at.line, textAt(at)], [lineOf("x[0] = x[0] * x[0]"), "x[0] = x[0] * x[0]"]);
  assert.is(related?.length, 1);
  assert.is(related?.[0]?.message, "`x[0]` is needed here for the derivative of `x[0] * x[0]`");
  assert.is(related?.[0]?.at.line, at.line);
  assert.match(help as string, /^raise `tapeBudget` to 800; or put `stopGradient\(…\)` around `x\[0\]`/);
});

test("what no size makes smaller is refused by the compiler, the rest when it is launched", async () => {
  const [refusal] = refusals({ kernel: "both", tapeBudget: 47 });
  assert.match(
    (refusal as Diagnostic).message,
    "keeps 48 bytes or more, whatever the sizes, more than its tapeBudget of 47",
  );
  assert.is(textAt((refusal as Diagnostic).at), "y[0] = y[0] * y[0]");
  const unit = await unitFor("both", { tapeBudget: 48 });
  const args = (n: number) => [floats(n, (i) => i), floats(1, () => 1), floats(n, () => 1), floats(1, () => 1)];
  await call(unit, "both_vjp", args(0));
  assert.match(
    await refusedLaunch(unit, "both_vjp", args(1)),
    /would keep 56 bytes.*tapeBudget of 48, with x\.length = 1:/,
  );
});

test("sizes decide at launch: both places, and `undo` where the update could be undone", async () => {
  const unit = await unitFor("sums", { tapeBudget: 64 });
  const args = (n: number) => [1, 2, 3, 4, 5, 6].map((k) => floats(n, (i) => k + i));
  await call(unit, "sums_vjp", args(8));
  const message = await refusedLaunch(unit, "sums_vjp", args(9));
  assert.match(
    message,
    "the gradient would keep 72 bytes, more than its tapeBudget of 64, with x.length = 9: all for `x[i]`",
  );
  assert.match(message, `which is destroyed at ${file}:${lineOf("x[i] += y[i]")}; `);
  assert.match(
    message,
    `\`x[i]\`, read at ${file}:${lineOf("out[i] = x[i]")}, is needed for the derivative of \`x[i] * x[i]\``,
  );
  assert.match(message, "or allow `undo: true`, which takes the update back");
  await call(await unitFor("sums", { tapeBudget: 0, undo: true }), "sums_vjp", args(9));
});

const relaxArgs = (n: number, steps: number): readonly unknown[] => [
  floats(n, (i) => 1 + 1e-3 * i),
  steps,
  floats(n, Math.cos),
];

test("snapshots count: the budget is judged by the byte, and by what is allocated", async () => {
  for (const [n, steps] of [
    [5, 60],
    [9, 7],
    [2, 200],
    [40, 3],
  ] as const) {
    const none = await unitFor("relax", { tapeBudget: 0 });
    const message = await refusedLaunch(none, "relax_vjp", relaxArgs(n, steps));
    assert.match(message, `with x.length = ${n}, steps = ${steps}: `);
    assert.match(message, `the loop at ${file}:${lineOf("t < steps")} run again from snapshots`);
    const bytes = bytesIn(message);
    assert.ok(bytes > 0 && bytes <= 8 * (n - 1) * steps, `${bytes}`);
    const little = await unitFor("relax", { tapeBudget: bytes - 1 });
    assert.is(bytesIn(await refusedLaunch(little, "relax_vjp", relaxArgs(n, steps))), bytes);
    const enough = await unitFor("relax", { tapeBudget: bytes });
    const args = relaxArgs(n, steps);
    await call(enough, "relax_vjp", args);
    const recorded = relaxArgs(n, steps);
    await call(await unitFor("relax", { tapeBudget: 1e6 }), "relax_vjp", recorded);
    assert.equal(args, recorded);
    const { program } = enough.artifact;
    const host = funcNamed(program, "relax_vjp");
    assert.is(peakBytes(program, host!, [[n], steps, [n]]), bytes);
  }
});

test("second derivatives keep within the budget as well, with the tangents of what is kept", async () => {
  const hvp = (tapeBudget: number, kernel = "relax", target: "interp" | "simulator" = "interp"): Promise<Unit> =>
    jit(url, { target, derivative: { kind: "hvp", kernel, tapeBudget } });
  const argsOf = (n: number, steps: number): readonly unknown[] => [
    ...relaxArgs(n, steps),
    floats(n, (i) => Math.sin(i + 1)),
    floats(n, (i) => 0.1 * i),
  ];
  for (const [n, steps] of [
    [5, 60],
    [2, 200],
    [40, 3],
  ] as const) {
    const bytes = bytesIn(await refusedLaunch(await hvp(0), "relax_hvp", argsOf(n, steps)));
    assert.ok(bytes > 0 && bytes <= 16 * (n - 1) * steps, `${bytes}`);
    assert.is(bytesIn(await refusedLaunch(await hvp(bytes - 1), "relax_hvp", argsOf(n, steps))), bytes);
    const recorded = argsOf(n, steps);
    await call(await hvp(Number.POSITIVE_INFINITY), "relax_hvp", recorded);
    for (const target of ["interp", "simulator"] as const) {
      const enough = await hvp(bytes, "relax", target);
      const args = argsOf(n, steps);
      await call(enough, "relax_hvp", args);
      (args as readonly Float64Array[]).forEach((a, k) => {
        if (typeof a === "number") return;
        const exact = recorded[k] as Float64Array;
        a.forEach((v, i) => void assert.ok(Math.abs(v - exact[i]!) <= 1e-12 * Math.abs(exact[i]!), `${k} ${i}`));
      });
      if (target !== "interp") continue;
      const { program } = enough.artifact;
      assert.is(peakBytes(program, funcNamed(program, "relax_hvp")!, [[n], steps, [n], [n], [n]]), bytes);
    }
  }
  const short = await jit(url, {
    target: "interp",
    derivative: { kind: "hvp", kernel: "power", tapeBudget: 1599 },
  }).then(
    () => null,
    (e: unknown) => e,
  );
  assert.match(String(short), /TG2005.*keeps 1600 bytes, more than its tapeBudget of 1599/);
  await hvp(1600, "power");
  const counted = await hvp(40, "halve");
  const args = (): readonly unknown[] => [
    Float64Array.of(7, 9, 0.5),
    Float64Array.of(0, 0, 0),
    1,
    Float64Array.of(1, 1, 1),
    Float64Array.of(0, 0, 0),
  ];
  await refusedLaunch(counted, "halve_hvp", args());
});

test("no trips: nothing is kept", async () => {
  const unit = await unitFor("relax", { tapeBudget: 0 });
  for (const steps of [0, -3]) await call(unit, "relax_vjp", relaxArgs(4, steps));
});

test("counted tapes are judged when they have been counted, and before anything is written", async () => {
  const args = () => [Float64Array.of(7, 9, 0.5), Float64Array.of(0, 0, 0), 1];
  const none = await unitFor("halve", { tapeBudget: 32 });
  const message = await refusedLaunch(none, "halve_vjp", args());
  assert.match(
    message,
    /the largest part for `z`, which is replaced at \S+:(\d+) in every trip; `z` is needed at \S+:\1 for/,
  );
  assert.match(message, "or give all loops bounds that follow from sizes and scalar parameters");
  const bytes = bytesIn(message);
  await call(await unitFor("halve", { tapeBudget: bytes }), "halve_vjp", args());
  await refusedLaunch(await unitFor("halve", { tapeBudget: bytes - 1 }), "halve_vjp", args());
  // Other data take another number of trips.
  await call(none, "halve_vjp", [Float64Array.of(0.5), Float64Array.of(0), 1]);
});

test("the default budget refuses nothing", async () => {
  await call(await unitFor("halve", { spare: 0 }), "halve_vjp", [Float64Array.of(7), Float64Array.of(0), 1]);
  await call(await unitFor("relax", { spare: 0 }), "relax_vjp", relaxArgs(6, 9));
  assert.equal(refusals({ kernel: "power", spare: 0 }), []);
});

test("integers: where they are declared, and where they are read or written", () => {
  const places = (request: Omit<DerivativeRequest, "kind" | "kernel">) =>
    refusals({ kernel: "count", ...request }).map(({ code, at, related }) => [
      code,
      textAt(at),
      related?.map((r) => `${r.message}: ${textAt(r.at).split("\n")[0]}`),
    ]);
  assert.equal(places({ of: ["hits", "return"] }), [
    ["TG2002", "hits: i32[]", ["its integers are written here: hits[i] = found"]],
    ["TG2002", "i32", ["it is computed here: for (let i = 0; i < n; i++) {"]],
  ]);
  assert.equal(places({ wrt: ["n"], of: ["hits"] })[0], [
    "TG2002",
    "n: i32",
    ["its integers are read here: for (let i = 0; i < n; i++) {"],
  ]);
});

test.run();
