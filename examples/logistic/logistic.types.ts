// Written by `tsgpu types`: the names in logistic.ts, which types of functions do not tell. Do not edit.
import type { Named } from "tsgpu";
import type * as source from "./logistic.js";

/** What `load` takes for logistic.ts, so that gradients are typed by its parameters' names. */
export interface Module {
  readonly loss: Named<
    typeof source.loss,
    { params: ["w", "b", "x", "y", "decay"]; wrt: "w" | "b" | "x" | "y" | "decay"; of: "return"; outputs: never }
  >;
  readonly classify: Named<
    typeof source.classify,
    { params: ["w", "b", "x", "inClass1"]; wrt: "w" | "b" | "x"; of: never; outputs: "inClass1" }
  >;
}
