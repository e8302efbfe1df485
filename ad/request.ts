/** From names, as users give them, to parameters of the IR; and back, to say what a derived function takes. */

import type { Access, DerivativeKind, SourceType } from "../compiler/artifact.ts";
import { leavesOf } from "../compiler/artifact-leaves.ts";
import { CompileError, type Diagnostic } from "../compiler/diagnostic.ts";
import { type Func, isArray, isFloat, type Value } from "../compiler/ir/ir.ts";
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
   * Bytes that may be kept for the reverse sweep; beyond, the outermost loop is checkpointed, and a kernel that cannot be is refused at
   * launch. Without a limit (`Infinity`) the derivative is a single function, unless a tape has to be counted.
   */
  readonly tapeBudget?: number;
  /** Where there is no budget: beyond these bytes kernels are checkpointed that can be, and none is refused. */
  readonly spare?: number;
  /** Whether `x += e` may be undone by `x -= e`, which changes last bits. */
  readonly undo?: boolean;
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
  const report = (code: AdCode, message: string): void => {
    const { kind, help } = adCodes[code];
    faults.push({ kind, code, message, at: f.loc.span, help });
  };
  const carries = (p: Named): boolean => p.leaves.some((l) => l.isFloat);
  const pick = (names: readonly string[] | undefined, from: readonly Named[], byDefault: (p: Named) => boolean) => {
    if (names === undefined) return from.filter((p) => carries(p) && byDefault(p));
    return names.flatMap((name) => {
      const found = from.find((p) => p.name === name);
      if (found === undefined) {
        report(
          "TG2001",
          `\`${f.name}\` has no \`${name}\` here; it has ${from.map((p) => p.name).join(", ") || "none"}`,
        );
      } else if (!carries(found)) report("TG2002", `\`${name}\` of \`${f.name}\` holds no floats`);
      else return [found];
      return [];
    });
  };
  const isRead = (p: Named): boolean => p.access === "read" || p.access === "readwrite";
  const isWritten = (p: Named): boolean => p.access === "write" || p.access === "readwrite";
  const wrt = pick(request.wrt, params, isRead);
  const outputs = [...params.filter((p) => p.isArray), ...(result === null ? [] : [result])];
  const of = pick(request.of, outputs, (p) => p === result || isWritten(p));
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
