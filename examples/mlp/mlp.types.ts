// Written by `tsgpu types`: the names in mlp.ts, which types of functions do not tell. Do not edit.
import type { Named } from "tsgpu";
import type * as source from "./mlp.js";

/** What `load` takes for mlp.ts, so that gradients are typed by its parameters' names. */
export interface Module {
  readonly loss: Named<
    typeof source.loss,
    { params: ["W1", "b1", "W2", "b2", "W3", "b3", "x", "labels"]; wrt: "W1" | "b1" | "W2" | "b2" | "W3" | "b3" | "x"; of: "return"; outputs: never }
  >;
  readonly classify: Named<
    typeof source.classify,
    { params: ["W1", "b1", "W2", "b2", "W3", "b3", "x", "labels"]; wrt: "W1" | "b1" | "W2" | "b2" | "W3" | "b3" | "x"; of: never; outputs: "labels" }
  >;
}
