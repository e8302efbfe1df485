/** A PTX text as a module: one WebAssembly module, and what the launcher has to know of it. */
import type { Shared, Weights } from "./emitter.ts";
import { type Translated, translateFunction } from "./function.ts";
import { type Helper, helperOf } from "./helpers.ts";
import { Layout } from "./layout.ts";
import { parseText } from "./parse.ts";
import { type Instruction, type PtxFunction, type PtxText, refuse } from "./ptx.ts";
import { type Signature, wasmModule } from "./wasm.ts";

export interface Kernel {
  readonly f: PtxFunction;
  readonly translated: Translated;
}

/** A checked and translated text; `launch` runs its kernels. */
export interface PtxModule {
  readonly text: PtxText;
  readonly kernels: ReadonlyMap<string, Kernel>;
  readonly layout: Layout;
  readonly wasm: WebAssembly.Module;
  readonly helpers: readonly Helper[];
  readonly sites: readonly Instruction[];
  readonly counters: readonly Weights[];
}

/** Imports that every module has, before the helpers; see `emitter.ts`. */
const fixedImports: readonly { readonly name: string; readonly signature: Signature }[] = [
  { name: "fault", signature: { params: ["i32", "i32", "i64"], results: [] } },
  { name: "leave", signature: { params: [], results: [] } },
  { name: "tick", signature: { params: ["i32"], results: [] } },
];

/**
 * Reads PTX text, refusing what it does not know, and makes it ready to be launched.
 *
 * @throws PtxError with the line, for anything that is no PTX or is not emulated.
 */
export function parsePtx(ptx: string): PtxModule {
  const text = parseText(ptx);
  refuseRecursion(text);
  const layout = new Layout(text);
  const functions = [...text.functions.values()];
  const indices = new Map(functions.map((f, k) => [f.name, k]));
  const helpers = new Map<string, number>();
  const sites: Instruction[] = [];
  const counters: Weights[] = [];
  const shared: Shared = {
    layout,
    helper: (name) => {
      const known = helpers.get(name) ?? fixedImports.length + helpers.size;
      helpers.set(name, known);
      return known;
    },
    functionIndex: (name) => indices.get(name),
    sites,
    counters,
  };
  const translated = functions.map((f) => translateFunction(f, text, shared));
  const used = [...helpers.keys()].map(helperOf);
  const bytes = wasmModule(
    [...fixedImports, ...used],
    translated.map((t) => t.wasm),
  );
  const kernels = functions.flatMap((f, k): [string, Kernel][] =>
    f.isKernel ? [[f.name, { f, translated: translated[k]! }]] : [],
  );
  const wasm = new WebAssembly.Module(bytes);
  return { text, kernels: new Map(kernels), layout, wasm, helpers: used, sites, counters };
}

/** Parameters and local variables of functions have one place each, so that no function may be active twice. */
function refuseRecursion(text: PtxText): void {
  const done = new Set<PtxFunction>();
  const active = new Set<PtxFunction>();
  const visit = (f: PtxFunction): void => {
    active.add(f);
    for (const i of f.body) {
      if (i.op[0] !== "call") continue;
      const name = i.operands.find((o) => o.kind === "name");
      const callee = name?.kind === "name" ? text.functions.get(name.name) : undefined;
      if (callee === undefined) continue;
      if (active.has(callee)) refuse(i, `${callee.name} calls itself, which is not emulated`);
      if (!done.has(callee)) visit(callee);
    }
    active.delete(f);
    done.add(f);
  };
  for (const f of text.functions.values()) if (!done.has(f)) visit(f);
}
