/**
 * Arrays as WGSL: how each is declared, and how its elements are read, written and updated.
 *
 * Elements are f32, i32 and u32 as they are, bools words of 0 or 1, indices two words, the low one first. An array that a kernel
 * updates atomically is one of atomic words in that kernel; floats are then exchanged by their bits, as WGSL has no atomic floats.
 * A packed array (artifact-wgsl.ts) is a part of a larger one of words.
 *
 * Halves share words in buffers, the one with the even subscript in the low bits. WGSL's own f16 is nothing that all devices have,
 * and how it rounds is theirs to choose. Two threads may write the halves of one word, so whoever writes flips the bits of its own
 * that change, atomically. Shared arrays and those of a thread hold f32, rounded.
 */
import { bug } from "../diagnostic.ts";
import { type ArrayValue, type ElemType, valueType } from "../ir/ir.ts";
import type { ReduceOp } from "../ir/ops.ts";
import type { HelperName } from "./wgsl-helpers.ts";

/** Where an array's elements are. */
export interface Storage {
  /** The variable. */
  readonly name: string;
  readonly elem: ElemType;
  /** Halves share words. */
  readonly paired: boolean;
  readonly atomic: boolean;
  /** For a part of a packed array, the name of its first word's position. */
  readonly offset: string | null;
}

/** What one element is declared as. */
export function elementType({ elem, paired, atomic, offset }: Omit<Storage, "name">): string {
  if (offset !== null || paired) return atomic ? "atomic<u32>" : "u32";
  if (atomic) return elem === "i32" ? "atomic<i32>" : "atomic<u32>";
  return plainType[elem as keyof typeof plainType] ?? bug("an array of f64");
}
const plainType = { f32: "f32", f16: "f32", i32: "i32", u32: "u32", bool: "u32", index: "vec2<u32>" } as const;

/** Atomic arrays of indices count their words. */
export const elementCount = (s: Storage, length: number): number =>
  s.atomic && s.elem === "index" ? 2 * length : length;

/** Where the word is that a half is in. */
function wordOfPair({ name, offset }: Storage, at: string): string {
  const word = `${/^\w+$/.test(at) ? at : `(${at})`} >> 1u`;
  return `${name}[${offset === null ? word : `${offset} + (${word})`}]`;
}

/** The words of an element: its declared type, or words to be put together. */
interface Words {
  readonly places: readonly string[];
  /** What each place holds. */
  readonly type: "f32" | "i32" | "u32" | "vec2<u32>";
}

function wordsAt({ name, elem, atomic, offset }: Storage, at: string): Words {
  if (offset === null && !(atomic && elem === "index")) {
    const type = atomic && elem === "f32" ? "u32" : plainType[elem as keyof typeof plainType];
    return { places: [`${name}[${at}]`], type };
  }
  const first = elem === "index" ? `2 * (${at})` : at;
  const from = offset === null ? first : `${offset} + ${first}`;
  return {
    places: elem === "index" ? [`${name}[${from}]`, `${name}[${from} + 1]`] : [`${name}[${from}]`],
    type: "u32",
  };
}

const readWord = (s: Storage, place: string): string => (s.atomic ? `atomicLoad(&${place})` : place);

/** The functions that a read and a write of an element call. */
export const readHelpers = (s: Storage): readonly HelperName[] => (s.paired ? ["half_in"] : []);
export const writeHelpers = (s: Storage): readonly HelperName[] =>
  s.paired ? ["half_change"] : s.elem === "f16" ? ["half_to_f32", "f32_to_half"] : [];

/** The element's value; of an index its 64 bits, or with `low` its low 32 as i32. */
export function readElement(s: Storage, at: string, low: boolean): string {
  if (s.paired) return `half_in(${readWord(s, wordOfPair(s, at))}, ${at})`;
  const { places, type } = wordsAt(s, at);
  const [first, second] = places.map((p) => readWord(s, p));
  if (s.elem === "index") {
    if (low) return `bitcast<i32>(${type === "vec2<u32>" ? `${first}.x` : first})`;
    return type === "vec2<u32>" ? `${first}` : `wide(${first}, ${second})`;
  }
  if (s.elem === "bool") return `${first} != 0u`;
  return type === valueType(s.elem) ? `${first}` : `bitcast<${s.elem}>(${first})`;
}

/** The statements that give the element a value, of an index its 64 bits. */
export function writeElement(s: Storage, at: string, value: string): readonly string[] {
  if (s.paired) {
    const place = wordOfPair(s, at);
    return [`atomicXor(&${place}, half_change(atomicLoad(&${place}), ${at}, ${value}));`];
  }
  const { places, type } = wordsAt(s, at);
  const put = (place: string, x: string): string => (s.atomic ? `atomicStore(&${place}, ${x});` : `${place} = ${x};`);
  const [first = "", second] = places;
  if (second !== undefined) return [put(first, `${value}.x`), put(second, `${value}.y`)];
  if (s.elem === "bool") return [put(first, `select(0u, 1u, ${value})`)];
  if (s.elem === "f16") return [put(first, `half_to_f32(f32_to_half(${value}))`)];
  return [put(first, type === s.elem || type === "vec2<u32>" ? value : `bitcast<u32>(${value})`)];
}

/** What an atomic update of an array is called, and what its function does. */
export const updateName = (s: Storage, array: ArrayValue, op: ReduceOp): string =>
  `${s.offset ?? s.name}_${op}_${array.type.elem}`;

const native = { add: "atomicAdd", min: "atomicMin", max: "atomicMax", mul: null } as const satisfies Record<
  ReduceOp,
  unknown
>;

/**
 * The function that updates an element while other threads may: an instruction where there is one, else the exchange of its bits
 * until no other thread came between. `compute` gives the text of `old op x`.
 */
export function updateFunction(
  name: string,
  s: Storage,
  op: ReduceOp,
  compute: (old: string, x: string) => string,
): string | null {
  if (s.elem === "index") return op === "add" ? wideAdd(name, s) : null;
  const { places, type } = wordsAt(s, "at");
  const place = places[0] ?? bug("an element without words");
  const head = `fn ${name}(at: i32, x: ${s.elem}) {`;
  const instruction = native[op];
  // The sum of two integers has the same bits with a sign and without.
  if (instruction !== null && (type === s.elem || (op === "add" && s.elem === "i32"))) {
    const value = type === s.elem ? "x" : "bitcast<u32>(x)";
    return [head, `  ${instruction}(&${place}, ${value});`, "}"].join("\n");
  }
  const decode = (bits: string): string => (type === s.elem ? bits : `bitcast<${s.elem}>(${bits})`);
  const value = compute(decode("old"), "x");
  return [
    head,
    `  var old = atomicLoad(&${place});`,
    "  loop {",
    `    let next = ${type === s.elem ? value : `bitcast<u32>(${value})`};`,
    `    let swap = atomicCompareExchangeWeak(&${place}, old, next);`,
    "    if (swap.exchanged) { break; }",
    "    old = swap.old_value;",
    "  }",
    "}",
  ].join("\n");
}

/** The low words are added first; who makes them overflow carries. */
function wideAdd(name: string, s: Storage): string {
  const [low, high] = wordsAt(s, "at").places;
  return [
    `fn ${name}(at: i32, x: wide) {`,
    `  let old = atomicAdd(&${low}, x.x);`,
    `  atomicAdd(&${high}, x.y + select(0u, 1u, old + x.x < old));`,
    "}",
  ].join("\n");
}
