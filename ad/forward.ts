/** Forward mode: `f` with the tangents of its values beside them. */
import { bug } from "../compiler/diagnostic.ts";
import type { Func } from "../compiler/ir/ir.ts";
import type { Derived, Wanted } from "./wanted.ts";

/** @param name of the function made. */
export function forwardMode(f: Func, _wanted: Wanted, name: string): Derived {
  return bug(`forward mode of @${f.name} as @${name}`);
}
