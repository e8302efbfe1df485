/** What keeping a value costs: its bytes, times how often it is computed, as far as a glance at the loops says. */
import { elemBytes } from "../compiler/artifact.ts";
import {
  type For,
  type Func,
  isArray,
  isConst,
  type Scalar,
  type Stmt,
  type Value,
  type While,
} from "../compiler/ir/ir.ts";
import type { Program, Write } from "./program.ts";
import type { Site } from "./tape.ts";

/** Trips of a loop whose bounds are sizes. Only relations matter: a triangle has half as many. */
const unknownTrips = 1000;

export function keepingCost(program: Program, node: Scalar | Write | While): number {
  const loops = node.kind === "value" ? program.loopsOf(node) : program.loopsAround(node);
  const type = node.kind === "value" ? node.type : node.kind === "while" ? "index" : node.array.type.elem;
  const def = node.kind === "value" ? program.defOf(node) : null;
  // Parameters are always there, and so are the indices of loops.
  if (def?.kind === "param" || def?.kind === "index") return Number.POSITIVE_INFINITY;
  const bytes = type === "bool" ? 1 / 8 : elemBytes[type];
  return loops.reduce((cost, loop) => cost * tripsOf(program, loop), bytes);
}

/** Of which degree in the sizes the tape of a site is, where that is a formula, and of which the largest array of the function. */
export const growthOf = ({ rank }: Site): number =>
  rank === null ? 0 : Math.max(0, ...rank.size.form.terms.map((t) => t.values.length));
export const growthOfArrays = (f: Func): number =>
  Math.max(1, ...f.params.filter(isArray).map((a) => a.type.dims.filter((d) => d.kind === "value").length));

/** How often a statement runs in one iteration of a loop around it. */
export const tripsWithin = (program: Program, s: Stmt, loop: For | While): number => {
  const loops = program.loopsAround(s);
  return loops.slice(loops.indexOf(loop) + 1).reduce((times, l) => times * tripsOf(program, l), 1);
};

function tripsOf(program: Program, loop: For | While): number {
  if (loop.kind === "while") return unknownTrips;
  if (isConst(loop.lo) && isConst(loop.hi)) return Math.max(1, Number(loop.hi.value) - Number(loop.lo.value));
  const isVariant = [loop.lo, loop.hi].some((o) => o.kind === "value" && dependsOnLoop(program, o));
  return isVariant ? unknownTrips / 2 : unknownTrips;
}

function dependsOnLoop(program: Program, v: Value): boolean {
  const def = program.defOf(v as Scalar);
  if (def.kind === "index" || def.kind === "carried") return true;
  if (def.kind !== "let") return false;
  const stmt: Stmt = def.stmt;
  return program.loopsAround(stmt).length > 0;
}
