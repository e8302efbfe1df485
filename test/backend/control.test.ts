/**
 * Control flow, arrays and checks: the kernels of `kernels/` on each backend against the interpreter, to the bit, and those
 * of `golden/`, whose operations may be fused.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import { elemArrays, type InterpArg } from "../../compiler/interp.ts";
import { type ArrayValue, type Func, isArray, type Operand, type ScalarType, valueType } from "../../compiler/ir/ir.ts";
import { skip } from "../skip.ts";
import { compare, parsed, type Trial } from "./differential.ts";
import { backends, missing } from "./run-kernel.ts";

const sizes = [0, 1, 2, 5, 18];

/** A generator of numbers in [-1, 1) that is the same for every call. */
function random(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

/** Small integers reach a little beyond the arrays that they may be subscripts of. */
function sample(type: ScalarType, size: number, next: () => number): number {
  switch (type) {
    case "f64":
      return next();
    case "f32":
      return Math.fround(next());
    case "i32":
    case "index":
      return Math.floor((next() + 0.9) * 0.6 * (size + 1));
    case "u32":
      return Math.floor((next() + 1) * 2 ** 31);
    case "bool":
      return next() > 0 ? 1 : 0;
  }
}

/** Arguments for a kernel; sizes called alike but for primes and numbers are the same: `%n`, `%n'`. */
function argsOf(kernel: Func, size: number): readonly InterpArg[] {
  const next = random();
  const known = new Map<string, number>();
  const extent = (d: Operand): number => {
    if (d.kind === "const") return Number(d.value);
    const name = d.hint.replace(/['_\d]+$/, "");
    if (!known.has(name)) known.set(name, size + known.size);
    return known.get(name) as number;
  };
  const array = (a: ArrayValue): InterpArg => {
    const shape = a.type.dims.map(extent);
    const data = new elemArrays[a.type.elem](shape.reduce((n, d) => n * d, 1));
    return { data: data.map(() => sample(valueType(a.type.elem), size, next)), shape };
  };
  const scalar = (type: ScalarType): InterpArg => {
    const x = sample(type, size, next);
    return type === "bool" ? x !== 0 : x;
  };
  return kernel.params.map((p) => (isArray(p) ? array(p) : scalar(p.type as ScalarType)));
}

const folder = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const files = ["kernels", "golden"].flatMap((name) =>
  readdirSync(join(folder, name))
    .filter((file) => file.endsWith(".ir"))
    .map((file) => join(folder, name, file)),
);

for (const file of files) {
  const module = parsed(readFileSync(file, "utf8"));
  const trials = module.funcs
    .filter((f) => f.kind === "kernel")
    .flatMap((f) =>
      sizes.map((n): Trial => ({ name: f.name, args: () => argsOf(f, n), exact: file.includes("kernels") })),
    );
  for (const backend of backends) {
    const title = `${file.slice(folder.length)} on ${backend}`;
    const reason = await missing(backend);
    if (reason !== null) skip(title, reason);
    else test(title, () => compare(module, trials, backend, "strict"));
  }
}

test.run();
