/** Reverse mode: `f`, then its adjoint. */
import { bug } from "../compiler/diagnostic.ts";
import type { Func } from "../compiler/ir/ir.ts";
import type { Derived, Wanted } from "./wanted.ts";

export function reverseMode(f: Func, _wanted: Wanted, name: string): Derived {
  return bug(`reverse mode of @${f.name} as @${name}`);
}
