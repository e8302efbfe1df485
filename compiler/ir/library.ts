/**
 * The math library: what computes each mathematical operator, as functions in this IR. The text lies in `ir/` at the
 * package's root, one file a function, made from `kernels/math` when the package is built (compiler/library-build.ts).
 */
import { existsSync, readFileSync } from "node:fs";
import * as helpers from "../../kernel.ts";
import { bug } from "../diagnostic.ts";
import type { Func, ScalarType } from "./ir.ts";
import { isMath, type MathOp } from "./ops.ts";
import { parse } from "./parse.ts";
import { walk } from "./walk.ts";

/** In which precision a function of f32 computes: in f64, rounding once, or in f32 alone, where a target has nothing else. */
export type Precision = "double" | "single";

/** What a module calls the function that computes `op` on floats of `type`: `math.exp`, and of f32 `math.expf` or `math.exps`. */
export const libraryName = (op: MathOp, type: ScalarType, precision: Precision = "double"): string =>
  `math.${op}${type !== "f32" ? "" : precision === "single" ? "s" : "f"}`;

/** The folder `ir/`, whether this file runs from its source or from `dist/`. */
export const libraryRoot = (): URL => {
  const folders = ["../../ir/", "../../../ir/"].map((path) => new URL(path, import.meta.url));
  return folders.find((folder) => existsSync(folder)) ?? bug("the folder ir/ is missing: npm run build makes it");
};

const read = new Map<string, Func | undefined>();

/** The library's function of that name, if it has one; what it calls are functions of the library too. */
export function libraryFunc(name: string): Func | undefined {
  if (!name.startsWith("math.")) return undefined;
  if (!read.has(name)) read.set(name, parse(readFileSync(new URL(`${name}.ir`, libraryRoot()), "utf8")).funcs[0]);
  return read.get(name);
}

/** The functions of the library that a function needs. */
export function neededBy(f: Func, precision: Precision): ReadonlySet<string> {
  const names = new Set<string>();
  for (const s of walk(f.body)) {
    if (s.kind === "call") names.add(s.callee);
    if (s.kind !== "let" || (s.expr.kind !== "unary" && s.expr.kind !== "binary")) continue;
    if (isMath(s.expr.op)) names.add(libraryName(s.expr.op, s.expr.a.type, precision));
  }
  return names;
}

export type MathFunctions = Readonly<Record<string, (...x: number[]) => number>>;
let functions: MathFunctions | null = null;

/** The library's functions as JavaScript, by name: `exp`, and `expf` of f32. They call one another through the same object. */
export function libraryMath(): MathFunctions {
  if (functions !== null) return functions;
  const math = {};
  const text = readFileSync(new URL("math.js", libraryRoot()), "utf8");
  const body = new Function("tsgpu", `"use strict";\n${text}\n//# sourceURL=math.js`);
  functions = Object.assign(math, body({ ...helpers, math }));
  return functions as MathFunctions;
}
