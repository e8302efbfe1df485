/** Who calls whom. */
import type { Module } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";

/** The names of the functions that host functions call: what is to be launched. */
export function calledByHosts(m: Module): ReadonlySet<string> {
  const hosts = m.funcs.filter((f) => f.kind === "host");
  return new Set(hosts.flatMap((f) => [...walk(f.body)].flatMap((s) => (s.kind === "call" ? [s.callee] : []))));
}
