/** What differentiation decided on a kernel, as data: what `tsgpu explain --grad` prints. Types only. */
import type { ByteFormula } from "../compiler/artifact-bytes.ts";
import type { Span } from "../compiler/diagnostic.ts";

/**
 * Where the reverse sweep has a primal value from that a derivative needs, cheapest first.
 *
 * - `live`: it is still where it was read from (or a scalar that stays in scope).
 * - `result`: a rule reads the result of the operation instead.
 * - `recomputed`: from values that are there.
 * - `recorded`: the store that destroys it puts the old value on the tape.
 * - `undone`: the update that destroyed it is inverted, where the user allows that.
 */
export type ValueCase = "live" | "result" | "recomputed" | "recorded" | "undone";

/** A primal value that the reverse sweep needs. */
export interface NeededValue {
  /** As the source has it: `A[i][k]`, `alpha`. */
  readonly name: string;
  /** Where it is read. */
  readonly at: Span;
  readonly case: ValueCase;
  /** Why this case and none before it: in words, with the statements that matter. */
  readonly why: string;
}

/** Adjoint updates of a loop that may hit one element from several iterations, so that they cannot simply run in parallel. */
export interface Collision {
  /** The array whose adjoint it is. */
  readonly array: string;
  /** The read that the updates are the adjoint of. */
  readonly at: Span;
  /** The index map to blame: `(i, j, k) → [i, k]`. */
  readonly map: string;
  readonly why: string;
}

/** What reverse mode decided, in the names of the source. */
export interface Decisions {
  /** What the forward part writes only for the reverse part: records and snapshots. */
  readonly tape: ByteFormula;
  /** What the sweeps work in besides: adjoints of local arrays, arrays that are computed again, rows of bits. */
  readonly scratch: ByteFormula;
  /** The loop that runs again from snapshots where the tape would take more bytes than the budget; null where none does. */
  readonly checkpoints: { readonly at: Span; readonly budget: number } | null;
  readonly values: readonly NeededValue[];
  readonly collisions: readonly Collision[];
}

export interface Report extends Decisions {
  readonly kernel: string;
  /** Leaves, as `Derivative` names them. */
  readonly wrt: readonly string[];
  readonly of: readonly string[];
  /** The arrays that the kernel writes, which the functional forms copy first. */
  readonly copies: ByteFormula;
}
