import type { Func } from "../compiler/ir/ir.ts";
import type { Pair } from "./pair.ts";
import type { Wanted } from "./wanted.ts";
export function checkpointed(
  _f: Func,
  _w: Wanted,
  _pair: Pair,
  _name: string,
  _budget: number,
): { func: Func; parts: readonly Func[] } | null {
  return null;
}
