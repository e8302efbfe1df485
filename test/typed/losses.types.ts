// Written by `tsgpu types`: the names in losses.ts, which types of functions do not tell. Do not edit.
import type { Named } from "tsgpu";
import type * as source from "./losses.js";

/** What `load` takes for losses.ts, so that gradients are typed by its parameters' names. */
export interface Module {
  readonly gemm: Named<
    typeof source.gemm,
    { params: ["alpha", "C", "A"]; wrt: "alpha" | "C" | "A"; of: "C"; outputs: "C" }
  >;
  readonly center: Named<
    typeof source.center,
    { params: ["points", "shift"]; wrt: "points" | "shift"; of: "return"; outputs: never }
  >;
  readonly pick: Named<
    typeof source.pick,
    { params: ["x", "at", "n", "out", "counts"]; wrt: "x"; of: "out"; outputs: "out" | "counts" }
  >;
  readonly loss: Named<
    typeof source.loss,
    { params: ["w", "b", "x", "y", "r"]; wrt: "w" | "b" | "x" | "y" | "r"; of: "r" | "return"; outputs: "r" }
  >;
}
