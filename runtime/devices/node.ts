/**
 * Device node: the TypeScript file's own JavaScript, on nested arrays. It has no launch programs, kernels or arrays of
 * its own.
 */
import type { Artifact } from "../../compiler/artifact.ts";
import { roundToHalf } from "../../compiler/ir/half.ts";
import { libraryMath } from "../../compiler/ir/library.ts";
import * as helpers from "../../kernel.ts";
import type { Device, FunctionProgram } from "../device.ts";
import { LaunchError } from "../launch-error.ts";

export const node: Device = {
  target: "node",
  async load(artifact) {
    return { kind: "functions", functions: evaluate(artifact), dispose() {} };
  },
};

/** Rounds what it stores, and gives what it was given, as an assignment does. */
function storeHalf(row: number[], at: number, x: number): number {
  row[at] = roundToHalf(x);
  return x;
}

/** `code` is the body of a function of the helpers of `tsgpu/kernel`, which returns the entries by name. */
function evaluate({ code, file }: Artifact): FunctionProgram["functions"] {
  if (typeof code !== "string") throw new LaunchError("TG3017", file, "the node artifact holds no JavaScript");
  // The source map's name: what stack traces show instead of "anonymous".
  const body = new Function("tsgpu", `"use strict";\n${code}\n//# sourceURL=${file}.node.js`);
  return body({ ...helpers, half: roundToHalf, storeHalf, math: libraryMath() }) as FunctionProgram["functions"];
}
