/** What a PTX text says, as data: modules, functions, instructions, operands. `parse.ts` makes it, `translate.ts` reads it. */

export type Kind = "b" | "u" | "s" | "f" | "pred";

/** A fundamental type: `.u32` has kind `u` and 32 bits. Predicates have one bit. */
export interface PtxType {
  readonly name: string;
  readonly kind: Kind;
  readonly bits: number;
}

const named = (name: string): [string, PtxType] => {
  const bits = name === "pred" ? 1 : Number(name.slice(1));
  return [name, { name, kind: name === "pred" ? "pred" : (name[0] as Kind), bits }];
};

/** Every type that the emulator knows; `.b128`, packed and 8-bit float types are not among them. */
export const types: ReadonlyMap<string, PtxType> = new Map(
  "b8 b16 b32 b64 u8 u16 u32 u64 s8 s16 s32 s64 f16 f32 f64 pred".split(" ").map(named),
);
export const typeOf = (name: string): PtxType => types.get(name)!;

export type Space = "global" | "const" | "shared" | "local" | "param";

/** A variable in memory: of a module, of a function, or a parameter. */
export interface Variable {
  readonly name: string;
  readonly space: Space;
  readonly type: PtxType;
  readonly align: number;
  /** Bytes; 0 for `.extern .shared` arrays, whose size the launch gives. */
  readonly size: number;
  /** What it holds when the module is loaded; zeros where it is shorter than the variable. */
  readonly init: Uint8Array | null;
  /** Whether it was declared with `[n]`: a scalar parameter takes a number, an array bytes. */
  readonly isArray: boolean;
  readonly line: number;
}

/** A register of one function. */
export interface Register {
  readonly name: string;
  readonly type: PtxType;
}

export type Operand =
  | { readonly kind: "register"; readonly register: Register; readonly negated: boolean }
  | { readonly kind: "special"; readonly name: string }
  | { readonly kind: "integer"; readonly value: bigint }
  /** A float literal, by its bits: `0f…` has 32 of them, `0d…` and decimal ones 64. */
  | { readonly kind: "float"; readonly bits: bigint; readonly width: 32 | 64 }
  | { readonly kind: "variable"; readonly variable: Variable; readonly offset: bigint }
  | { readonly kind: "address"; readonly base: Operand | null; readonly offset: bigint }
  | { readonly kind: "vector"; readonly elements: readonly Operand[] }
  /** `p|q`: two results. */
  | { readonly kind: "pair"; readonly first: Operand; readonly second: Operand }
  /** What stands in parentheses after `call`. */
  | { readonly kind: "list"; readonly elements: readonly Operand[] }
  /** A label or a function. */
  | { readonly kind: "name"; readonly name: string }
  /** `_`: a result that nobody wants. */
  | { readonly kind: "sink" };

export interface Instruction {
  /** The parts of the opcode between its dots: `add`, `rn`, `f64`. */
  readonly op: readonly string[];
  readonly operands: readonly Operand[];
  /** The predicate that decides whether it runs. */
  readonly guard: { readonly register: Register; readonly negated: boolean } | null;
  readonly line: number;
  /** As written, on one line. */
  readonly text: string;
  /** Where it comes from, by the `.loc` before it. */
  readonly source: string | null;
}

/** A function or kernel. Labels are indices into `body`. */
export interface PtxFunction {
  readonly name: string;
  readonly isKernel: boolean;
  readonly params: readonly Variable[];
  readonly results: readonly Variable[];
  /** Its variables in `.shared`, `.local` and `.param`. */
  readonly variables: readonly Variable[];
  readonly body: readonly Instruction[];
  readonly labels: ReadonlyMap<string, number>;
  /** The lists of `.branchtargets`. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /** `.maxntid` and `.reqntid`. */
  readonly maxThreads: readonly number[] | null;
  readonly requiredThreads: readonly number[] | null;
  readonly line: number;
}

export interface PtxText {
  readonly version: string;
  readonly target: string;
  readonly variables: readonly Variable[];
  readonly functions: ReadonlyMap<string, PtxFunction>;
}

/** Thrown for text that is no PTX, or that the emulator does not know: it never guesses. */
export class PtxError extends Error {
  override readonly name = "PtxError";
  readonly line: number;
  constructor(line: number, message: string, text?: string) {
    super(`PTX line ${line}: ${message}${text === undefined ? "" : `\n  ${text}`}`);
    this.line = line;
  }
}

export function refuse(at: { readonly line: number; readonly text?: string }, message: string): never {
  throw new PtxError(at.line, message, at.text);
}
