/**
 * The math library: what computes each mathematical operator, as functions in this IR. The text lies in `ir/` at the
 * package's root, one file a function, made from `kernels/math` when the package is built (compiler/library-build.ts).
 */
import { existsSync, readFileSync } from "node:fs";
import * as helpers from "../../kernel.ts";
import { bug } from "../diagnostic.ts";
import type { Func, ScalarType } from "./ir.ts";
import type { MathOp } from "./ops.ts";
import { parse } from "./parse.ts";

/** What a module calls the function that computes `op` on floats of `type`: `math.exp`, and `math.expf` of f32. */
export const libraryName = (op: MathOp, type: ScalarType): string => `math.${op}${type === "f32" ? "f" : ""}`;

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
