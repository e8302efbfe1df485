/** What the printing of JavaScript shares: names, and values whose type is known. */
import type ts from "typescript";
import type { Floats } from "./js-floats.ts";
import type { Instance, Session } from "./session.ts";
import { isNumber, type Ty } from "./types.ts";

/** Functions of instances are named apart from all variables, whose names `jsVariable` keeps from beginning with `$`. */
export const jsName = (instance: Instance): string => `$${instance.name}`;

/** What the printed code itself needs under its name. */
const needed: ReadonlySet<string> = new Set([
  "Math",
  "NaN",
  "Infinity",
  "tsgpu",
  "dual",
  "sizeOf",
  "Float64Array",
  "Float32Array",
  "Int32Array",
  "Uint32Array",
  "Uint8Array",
]);
/**
 * A variable's name in the printed code: its own, unless that would hide what the code needs. No variable and no function
 * is called `_$of`, `_$at` or `_$v`: these are names for what is computed once and used several times.
 */
export const jsVariable = (name: string): string => (needed.has(name) || /^_?\$/.test(name) ? `_$${name}` : name);

/** What printing an expression needs to know of the function that it stands in. */
export abstract class JsScope {
  readonly session: Session;
  readonly instance: Instance;
  readonly floats: Floats;
  /** Module constants that are arrays, made anew in each call. */
  readonly constants = new Map<ts.Symbol, string>();

  constructor(session: Session, instance: Instance, floats: Floats) {
    this.session = session;
    this.instance = instance;
    this.floats = floats;
  }

  /** The expression as JavaScript, converted to `to` where that is given (js-expr.ts). */
  abstract expression(e: ts.Expression, to?: Ty): string;

  type(e: ts.Node): Ty {
    return this.instance.types.get(e) as Ty;
  }
}

/** The number that an expression holds, whatever floats are; of a bool, the bool. */
export const numberJs = (p: JsScope, e: ts.Expression): string => p.floats.number(p.expression(e), p.type(e));

/** `text`, of type `from`, as a `to`. */
export function converted(p: JsScope, text: string, from: Ty, to: Ty): string {
  if (to.kind !== "float" || !isNumber(from)) return p.floats.number(text, from);
  return from.kind === "literal" ? p.floats.constant(from.value, to) : p.floats.converted(text, from, to);
}

/** Does the type hold integers, whole or as a part? */
export const hasInts = (t: Ty): boolean =>
  t.kind === "struct"
    ? [...t.fields.values()].some(hasInts)
    : t.kind === "tuple"
      ? t.elems.some(hasInts)
      : t.kind === "int";

/** The value `v` of a struct or tuple taken apart and put together again, its scalars by way of `leaf`. */
export function eachLeaf(v: string, t: Ty, leaf: (v: string, t: Ty) => string): string {
  if (t.kind === "tuple") return `[${t.elems.map((x, k) => eachLeaf(`${v}[${k}]`, x, leaf)).join(", ")}]`;
  if (t.kind !== "struct") return leaf(v, t);
  return `({ ${[...t.fields].map(([n, f]) => `${n}: ${eachLeaf(`${v}.${n}`, f, leaf)}`).join(", ")} })`;
}
