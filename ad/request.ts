/** From names, as users give them, to parameters of the IR; and back, to say what a derived function takes. */

import { writesOf } from "../compiler/analysis/effects.ts";
import type { Access, DerivativeKind, SourceType } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { CompileError, type Diagnostic, type Span } from "../compiler/diagnostic.ts";
import { type Func, isArray, isFloat, type Operand, type Value } from "../compiler/ir/ir.ts";
import { resultsOf, usesOf, walk } from "../compiler/ir/walk.ts";
import { type AdCode, adCodes } from "./codes.ts";
import type { Wanted } from "./wanted.ts";

/** A derivative to compile, by the names of the source. */
export interface DerivativeRequest {
  readonly kind: DerivativeKind;
  readonly kernel: string;
  /** Parameters; by default all with floats that the kernel reads. */
  readonly wrt?: readonly string[];
  /** Parameters, and `return`; by default all arrays of floats that the kernel writes, and its result. */
  readonly of?: readonly string[];
  /**
   * Bytes that may be kept for the reverse sweep; beyond, the outermost loop is checkpointed. Where that does not do either, the kernel is
   * refused: at launch, or when it is compiled if no sizes would do. Without a limit (`Infinity`) the derivative is a single function, unless a tape has to be counted.
   */
  readonly tapeBudget?: number;
  /** Where there is no budget: beyond these bytes kernels are checkpointed that can be, and none is refused. */
  readonly spare?: number;
  /** Whether `x += e` may be undone by `x -= e`, which changes last bits. */
  readonly undo?: boolean;
  /**
   * Whether bools that are kept are packed, 32 to a word (they are when not given). Each run of a loop then leaves them in the same row of
   * bytes first; iterations that are to run in parallel need them apart.
   */
  readonly bits?: boolean;
  /** Whether loops that may run at the same time will: what these keep must have places of its own then. Not when not given. */
  readonly inParallel?: boolean;
}

/** A parameter or the result of the source, with the IR's parameters (or results) that are its leaves. */
interface Named {
  readonly name: string;
  readonly leaves: readonly { readonly name: string; readonly isFloat: boolean; readonly value: Value | null }[];
  readonly access: Access;
  readonly isArray: boolean;
}

export interface Signature {
  readonly params: readonly { readonly name: string; readonly type: SourceType; readonly access: Access }[];
  readonly result: SourceType | null;
  /** Where the parameters are declared, and the type of the result, by the name `return`. */
  readonly places?: ReadonlyMap<string, Span>;
}

export interface Resolved {
  readonly wanted: Wanted;
  /** Names of leaves. */
  readonly wrt: readonly string[];
  readonly of: readonly string[];
  readonly nameOf: (v: Value | { readonly result: number }) => string;
}

/** @throws CompileError (TG2001 to TG2004) when a name means nothing that carries a derivative. */
export function resolve(request: DerivativeRequest, f: Func, signature: Signature): Resolved {
  const params = paramsOf(f, signature);
  const result = resultOf(signature);
  const faults: Diagnostic[] = [];
  const report = (code: AdCode, message: string, more: Partial<Pick<Diagnostic, "at" | "related">> = {}): void => {
    const { kind, help } = adCodes[code];
    faults.push({ kind, code, message, at: f.loc.span, help, ...more });
  };
  const carries = (p: Named): boolean => p.leaves.some((l) => l.isFloat);
  const integers = (p: Named, verb: "read" | "written"): Pick<Diagnostic, "at" | "related"> => {
    const at = verb === "written" ? writeOf(f, p) : readOf(f, p);
    const message = p.name === "return" ? "it is computed here" : `its integers are ${verb} here`;
    const related = at === null ? {} : { related: [{ message, at }] };
    return { at: signature.places?.get(p.name) ?? f.loc.span, ...related };
  };
  const pick = (
    names: readonly string[] | undefined,
    from: readonly Named[],
    verb: "read" | "written",
    byDefault: (p: Named) => boolean,
  ) => {
    if (names === undefined) return from.filter((p) => carries(p) && byDefault(p));
    return names.flatMap((name) => {
      const found = from.find((p) => p.name === name);
      if (found === undefined) {
        report(
          "TG2001",
          `\`${f.name}\` has no \`${name}\` here; it has ${from.map((p) => p.name).join(", ") || "none"}`,
        );
      } else if (!carries(found))
        report("TG2002", `\`${name}\` of \`${f.name}\` holds no floats`, integers(found, verb));
      else return [found];
      return [];
    });
  };
  const isRead = (p: Named): boolean => p.access === "read" || p.access === "readwrite";
  const isWritten = (p: Named): boolean => p.access === "write" || p.access === "readwrite";
  const wrt = pick(request.wrt, params, "read", isRead);
  const outputs = [...params.filter((p) => p.isArray), ...(result === null ? [] : [result])];
  const of = pick(request.of, outputs, "written", (p) => p === result || isWritten(p));
  if (faults.length === 0 && wrt.length === 0) report("TG2003", `\`${f.name}\` reads no floats to differentiate by`);
  if (faults.length === 0 && of.length === 0) {
    report("TG2004", `\`${f.name}\` writes no floats and returns none: there is nothing to differentiate`);
  }
  if (faults.length > 0) throw new CompileError(faults);

  const floats = (list: readonly Named[]) => list.flatMap((p) => p.leaves.filter((l) => l.isFloat));
  const values = (list: readonly Named[]): ReadonlySet<Value> =>
    new Set(floats(list).flatMap((l) => (l.value === null ? [] : [l.value])));
  const resultNames = result?.leaves ?? [];
  const results = new Set(of.includes(result as Named) ? resultNames.flatMap((l, i) => (l.isFloat ? [i] : [])) : []);
  const names = new Map(params.flatMap((p) => p.leaves.map((l) => [l.value, l.name] as const)));
  return {
    wanted: { wrt: values(wrt), of: values(of), results },
    wrt: floats(wrt).map((l) => l.name),
    of: floats(of).map((l) => l.name),
    nameOf: (v) => ("result" in v ? (resultNames[v.result]?.name ?? "return") : (names.get(v) ?? v.hint)),
  };
}

/** Where the function first writes one of the leaves, or comes by its result. */
function writeOf(f: Func, p: Named): Span | null {
  if (p.leaves.every((l) => l.value === null)) return boundAt(f, f.body.yields);
  const leaves = p.leaves.map((l) => l.value);
  for (const s of walk(f.body)) if (writesOf(s).some((a) => leaves.includes(a))) return s.loc.span;
  return null;
}

/** Where the function first reads one of the leaves. */
function readOf(f: Func, p: Named): Span | null {
  const values = new Set<unknown>(p.leaves.map((l) => l.value));
  for (const s of walk(f.body)) {
    if (s.kind === "store" || !usesOf(s).some((o) => values.has(o))) continue;
    // An integer is computed with as another type: that is no use of it yet.
    if (s.kind !== "let" || s.expr.kind !== "cast") return s.loc.span;
    values.add(s.result);
  }
  return null;
}

/** The last statement that binds one of the values. */
function boundAt(f: Func, values: readonly Operand[]): Span | null {
  const of = [...walk(f.body)].filter((s) => resultsOf(s).some((r) => values.includes(r as Operand)));
  return of.at(-1)?.loc.span ?? null;
}

function paramsOf(f: Func, signature: Signature): readonly Named[] {
  let at = 0;
  return signature.params.map((p): Named => {
    const leaves = leavesOf(p.name, p.type).map((leaf) => {
      const value = f.params[at++] as Value;
      return { name: leaf.name, isFloat: isFloat(leaf.elem), value };
    });
    const isArr = leaves.some((l) => isArray(l.value));
    return { name: p.name, leaves, access: p.access, isArray: isArr };
  });
}

function resultOf({ result }: Signature): Named | null {
  if (result === null) return null;
  const leaves = leavesOf("return", result).map((l) => ({ name: l.name, isFloat: isFloat(l.elem), value: null }));
  return { name: "return", leaves, access: "write", isArray: false };
}
