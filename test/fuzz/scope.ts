/** What a place of a random kernel can use: variables, arrays, subscripts known to be inside, functions to call. */
import { randomOf } from "../passes/random-ir.ts";

export type ElemName = "f64" | "f32" | "i32" | "u32" | "bool";
export interface StructDef {
  readonly name: string;
  /** Fields in order; a tuple's are named by their number. */
  readonly fields: readonly { readonly name: string; readonly type: ElemName | StructDef }[];
  readonly tuple: boolean;
}
/** `float` variables hold any number; `int` ones whole numbers; `real` ones are floats by declaration. */
export type VarType = "real" | "f32" | "int" | "bool";

export interface Variable {
  readonly name: string;
  readonly type: VarType;
  readonly mutable: boolean;
}
export interface StructVariable {
  readonly name: string;
  readonly def: StructDef;
  readonly mutable: boolean;
}
export interface ArrayVariable {
  readonly name: string;
  readonly elem: ElemName | StructDef;
  /** Each axis' size, as text that is in scope: two axes with the same text have the same size. */
  readonly dims: readonly string[];
  readonly writable: boolean;
}
/** `text` is an integer in [0, dim). */
export interface Fact {
  readonly text: string;
  readonly dim: string;
}
export interface LoopScope {
  readonly label: string | null;
}
export type ParamType =
  | { readonly kind: "scalar"; readonly type: VarType; readonly text: string }
  | { readonly kind: "array"; readonly elems: readonly ElemName[]; readonly rank: number; readonly writable: boolean }
  | { readonly kind: "structs"; readonly def: StructDef }
  | { readonly kind: "struct"; readonly def: StructDef };
export type ResultType = VarType | StructDef | "void";
/** A function that later ones may call. */
export interface Signature {
  readonly name: string;
  readonly params: readonly ParamType[];
  readonly result: ResultType;
}
export interface Scope {
  readonly vars: readonly Variable[];
  readonly structs: readonly StructVariable[];
  readonly arrays: readonly ArrayVariable[];
  readonly facts: readonly Fact[];
  readonly loops: readonly LoopScope[];
  readonly result: ResultType;
  readonly depth: number;
}

export const emptyScope: Scope = { vars: [], structs: [], arrays: [], facts: [], loops: [], result: "void", depth: 0 };

/** What the names of sizes are, axis by axis, in kernels and in their launches. */
export const sizeNames = ["n", "m", "k", "n3", "n4", "n5"];

/** What kind of program is made: which constructs it may hold, and so who must agree on what it computes. */
export interface Traits {
  /** Node running the file as it stands gives the same bits: no f32 arithmetic, no integer −0. */
  readonly plain: boolean;
  /** Subscripts may be outside, now and then: then all compiled targets must say so in the same words. */
  readonly wild: boolean;
  /**
   * Floats flow into floats only, never into conditions, subscripts or integers, and stay where floats are many: so that
   * results can be compared where operations may be regrouped.
   */
  readonly tame: boolean;
  /** Elements are touched only in loops over their axes: sizes may be 0. */
  readonly hollow: boolean;
  /** Functions that are computed by a library (`Math.exp`, `**`) may be called. */
  readonly math: boolean;
  /**
   * Floats stay of a size, and so do their derivatives: what is stored is a mean of others, or squashed. They may decide.
   */
  readonly smooth: boolean;
  /** What `real` is. */
  readonly real: "f64" | "f32";
}
export const noTraits: Traits = {
  plain: false,
  wild: false,
  tame: false,
  hollow: false,
  math: false,
  smooth: false,
  real: "f64",
};

/** Random choices, and what the whole program shares. */
export class Choices {
  readonly traits: Traits;
  readonly structDefs: StructDef[] = [];
  readonly signatures: Signature[] = [];
  readonly constants: Variable[] = [];
  readonly tables: ArrayVariable[] = [];
  private readonly random: (n: number) => number;
  private names = 0;

  constructor(seed: number, traits: Traits) {
    this.random = randomOf(seed);
    this.traits = traits;
  }

  get plain(): boolean {
    return this.traits.plain;
  }
  get tame(): boolean {
    return this.traits.tame;
  }

  below(n: number): number {
    return this.random(n);
  }
  /** True once in `n` times. */
  once(n: number): boolean {
    return this.random(n) === 0;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }
  fresh(prefix: string): string {
    return `${prefix}${this.names++}`;
  }
  /** One of the weighted choices. */
  weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let at = this.random(choices.reduce((n, [w]) => n + w, 0));
    for (const [weight, choice] of choices) {
      if (at < weight) return choice;
      at -= weight;
    }
    return (choices[0] as readonly [number, T])[1];
  }
}
