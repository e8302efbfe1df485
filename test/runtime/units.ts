/** Units made by hand for the runtime's tests: IR text, outlined and loaded on a device, without frontend or pipeline. */
import type { Access, Artifact, CpuTarget, Entry, SourceType } from "../../compiler/artifact.ts";
import type { ElemType } from "../../compiler/ir/ir.ts";
import { parse } from "../../compiler/ir/parse.ts";
import { verify } from "../../compiler/ir/verify.ts";
import { withLibrary } from "../../compiler/passes/lower-math.ts";
import { outline } from "../../compiler/passes/outline.ts";
import type { Unit } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";

export const scalar = (type: ElemType): SourceType => ({ kind: "scalar", type });
export const arrayOf = (elem: ElemType | SourceType, rank = 1): SourceType => ({
  kind: "array",
  rank,
  elem: typeof elem === "string" ? scalar(elem) : elem,
});
export const struct = (fields: Readonly<Record<string, SourceType>>): SourceType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
export const tuple = (...elems: SourceType[]): SourceType => ({ kind: "tuple", elems });

/** `{ A: [type, "readwrite"], n: type }`: without an access a parameter is read. */
export type Params = Readonly<Record<string, SourceType | readonly [SourceType, Access]>>;

export const entryOf = (name: string, params: Params, result: SourceType | null = null): Entry => ({
  name,
  params: Object.entries(params).map(([name, p]) =>
    "kind" in p ? { name, type: p, access: "read" as const } : { name, type: p[0], access: p[1] },
  ),
  result,
});

/** A file by hand. `checked` is the IR text of the version in which every access is checked. */
export interface Source {
  readonly ir: string;
  readonly checked?: string;
  readonly js?: string;
  readonly entries: readonly Entry[];
}

export async function artifactOf(target: CpuTarget, source: Source, text = source.ir): Promise<Artifact> {
  const program = withLibrary(outline.run(parse(text)));
  const faults = verify(program);
  if (faults[0] !== undefined) throw new Error(`the test's IR: @${faults[0].func}: ${faults[0].message}`);
  const common = { target, file: "test.ts", entries: source.entries, program } as const;
  const kernels = program.funcs.filter((f) => f.kind === "kernel").map((f) => f.name);
  switch (target) {
    case "interp":
      return { ...common, code: null };
    case "node":
      return { ...common, code: source.js ?? "return {};" };
    case "native": {
      const { printLlvm } = await import("../../compiler/backend/llvm.ts");
      const { compileNative } = await import("../../compiler/backend/native.ts");
      return { ...common, code: compileNative(printLlvm(program, { pointerBits: 64 })).object };
    }
    case "wasm": {
      const { printLlvm } = await import("../../compiler/backend/llvm.ts");
      const { compileWasm } = await import("../../compiler/backend/wasm.ts");
      const text = printLlvm(program, { pointerBits: 32, selfContained: true });
      return { ...common, code: await compileWasm(text, { exports: kernels, memory: "shared" }), memory: "shared" };
    }
    case "c": {
      const { printC } = await import("../../compiler/backend/c.ts");
      const { compileC } = await import("../../compiler/backend/cc.ts");
      return { ...common, code: (await compileC(printC(program), { mode: "strict" })).library };
    }
  }
}

/** The source compiled and loaded. */
export async function unitOf(target: CpuTarget, source: Source): Promise<Unit> {
  return loadUnit(await artifactOf(target, source), async () => {
    if (source.checked === undefined) throw new Error("this test has no checked version");
    return artifactOf(target, source, source.checked);
  });
}
