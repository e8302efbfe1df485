// Written by `tsgpu types`: the names in adding.ts, which types of functions do not tell. Do not edit.
import type { Named } from "tsgpu";
import type * as source from "./adding.js";

/** What `load` takes for adding.ts, so that gradients are typed by its parameters' names. */
export interface Module {
  readonly loss: Named<
    typeof source.loss,
    { params: ["W", "U", "bias", "out", "shift", "x", "y"]; wrt: "W" | "U" | "bias" | "out" | "shift" | "x" | "y"; of: "return"; outputs: never }
  >;
}
