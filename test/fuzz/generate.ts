/** Random kernel files: structs, constants, helpers that call one another, and kernels, from a seed. */

import type { Mode } from "../../compiler/ir/ir.ts";
import { Loops } from "./loops.ts";
import {
  type ArrayVariable,
  type ElemName,
  emptyScope,
  type ParamType,
  type ResultType,
  type Scope,
  type StructDef,
  sizeNames,
  type Traits,
  type VarType,
} from "./scope.ts";
import { block, type Func, type Param, type Program, type Stmt, stmt } from "./tree.ts";

export interface GenerateOptions {
  readonly kernels: number;
  /** Statements of a kernel, at most. */
  readonly size: number;
  /** Programs for `contract` and `fast` are tame. */
  readonly mode?: Mode;
  /** Whether the math library is called; when not given, the seed decides. */
  readonly math?: boolean;
  readonly real?: "f64" | "f32";
}

/** A program of `kernels` exported functions; what kind of program is the seed's choice, as far as the options leave one. */
export function generate(seed: number, options: GenerateOptions = { kernels: 10, size: 24 }): Program {
  return new Generator(seed, options).program();
}

/**
 * Of strict programs every third is plain, and every fifth of the others wild. Every seventh of those not wild is hollow.
 * Another third calls the math library.
 */
function traitsOf(seed: number, options: GenerateOptions): Traits {
  const { mode = "strict", math = seed % 3 === 1, real = "f64" } = options;
  const tame = mode !== "strict";
  const plain = seed % 3 === 0 && !tame && !math && real === "f64";
  const wild = seed % 3 !== 0 && seed % 5 === 1 && !tame;
  return { plain, wild, tame, hollow: !wild && seed % 7 === 3, math, smooth: false, real };
}

export class Generator extends Loops {
  protected readonly seed: number;
  private readonly options: GenerateOptions;
  private readonly decls: string[] = [];
  protected readonly funcs: Func[] = [];

  constructor(seed: number, options: GenerateOptions, traits = traitsOf(seed, options)) {
    super(seed * 2654435761 + 17, traits);
    this.seed = seed;
    this.options = options;
  }

  program(): Program {
    this.declareStructs();
    this.declareConstants();
    const helpers = 2 + this.below(4);
    for (let i = 0; i < helpers; i++) this.helper();
    this.genericFunctions();
    for (let i = 0; i < this.options.kernels; i++) this.kernel(i);
    if (this.once(2) && !this.traits.smooth) this.genericKernel();
    const { seed, decls, funcs, traits } = this;
    return { seed, decls, funcs, traits, split: seed % 4 === 2 };
  }

  /** What a field of numbers is. */
  protected fieldType(): ElemName {
    return this.pick<ElemName>(this.plain ? ["f64", "f64", "i32", "u32"] : ["f64", "f32", "i32", "u32"]);
  }

  private declareStructs(): void {
    const number = (): ElemName => this.fieldType();
    const fields = (names: readonly string[], types: readonly (ElemName | StructDef)[]): StructDef["fields"] =>
      names.map((name, i) => ({ name, type: types[i] as ElemName }));
    const p: StructDef = { name: "P", tuple: false, fields: fields(["x", "y"], ["f64", number()]) };
    const q: StructDef = { name: "Q", tuple: false, fields: fields(["c", "on", "w"], [number(), "bool", number()]) };
    const pair: StructDef = { name: "Pair", tuple: true, fields: fields(["0", "1"], ["f64", number()]) };
    const nested: StructDef = { name: "Nested", tuple: false, fields: fields(["p", "k", "t"], [p, number(), pair]) };
    for (const def of [p, q, pair, nested]) {
      this.structDefs.push(def);
      const typed = def.fields.map((f) => [f.name, typeof f.type === "string" ? f.type : f.type.name]);
      this.decls.push(
        def.tuple
          ? `type ${def.name} = [${typed.map(([, type]) => type).join(", ")}];`
          : `interface ${def.name} {\n${typed.map(([name, type]) => `  ${name}: ${type};\n`).join("")}}`,
      );
    }
  }

  private declareConstants(): void {
    this.decls.push(
      `const STEP = ${this.pick(["1", "2", "3"])};`,
      `const SCALE = ${this.pick(["0.5", "1.25", "1 / 3"])};`,
    );
    this.constants.push({ name: "STEP", type: "int", mutable: false });
    this.constants.push({ name: "SCALE", type: "real", mutable: false });
    this.decls.push(`const ON = ${this.pick(["true", "false", "1 < 2"])};`, "const GRID = [[1.5, -0.5], [0.25, 3]];");
    this.constants.push({ name: "ON", type: "bool", mutable: false });
    this.tables.push({ name: "GRID", elem: "f64", dims: ["2", "2"], writable: false });
    this.decls.push("const WEIGHTS = [0.25, 0.5, 1.5];", "const STEPS: i32[] = [1, -2, 3, 0];");
    this.tables.push({ name: "WEIGHTS", elem: "f64", dims: ["3"], writable: false });
    this.tables.push({ name: "STEPS", elem: "i32", dims: ["4"], writable: false });
  }

  private base(): Scope {
    const some = <T>(list: readonly T[]): T[] => list.filter(() => this.once(3));
    return { ...emptyScope, vars: some(this.constants), arrays: some(this.tables) };
  }

  // Parameters.

  /** What the elements of a kernel's arrays are, by the array's number. */
  protected elemName(_ = 1): ElemName {
    return this.pick<ElemName>(["f64", "f64", "f64", "f32", "i32", "i32", "u32", "bool"]);
  }

  private arrayParam(
    name: string,
    elem: ElemName | StructDef,
    dims: readonly string[],
    writable: boolean,
  ): { param: Param; array: ArrayVariable } {
    const others = elem === "f64" ? ["number"] : [];
    if (elem === this.traits.real) others.push("real");
    const renamed = others.length > 0 && this.once(3);
    const elemText = typeof elem !== "string" ? elem.name : renamed ? this.pick(others) : elem;
    const type = `${writable ? "" : "readonly "}${elemText}${"[]".repeat(dims.length)}`;
    return { param: { name, type }, array: { name, elem, dims, writable } };
  }

  protected readonly scalarTypes: readonly (readonly [VarType, string])[] = [
    ["real", "f64"],
    ["real", "number"],
    ["real", "real"],
    ["int", "i32"],
    ["int", "index"],
    ["int", "u32"],
    ["bool", "boolean"],
    ["f32", "f32"],
  ];

  /** `const n = A.length;` for the sizes that arrays in scope have. */
  private sizes(arrays: readonly ArrayVariable[]): readonly Stmt[] {
    const rank = Math.max(0, ...arrays.map((a) => a.dims.length));
    const stmts: Stmt[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const a = this.pick(arrays.filter((x) => x.dims.length > axis));
      stmts.push(stmt(`const ${sizeNames[axis]} = ${a.name}${"[0]".repeat(axis)}.length;`));
    }
    return stmts;
  }

  protected kernel(number: number): void {
    let s = this.base();
    const params: Param[] = [];
    const arrays: ArrayVariable[] = [];
    const count = 1 + this.below(4);
    for (let i = 0; i < count; i++) {
      const struct = this.once(6) ? this.pick(this.structDefs) : null;
      const rank =
        struct !== null
          ? 1
          : this.weighted([
              [4, 1],
              [4, 2],
              [1, 3],
              [this.once(4) ? 1 : 0, 4 + this.below(3)],
            ]);
      const { param, array } = this.arrayParam(
        `A${i}`,
        struct ?? this.elemName(i),
        sizeNames.slice(0, rank),
        i === 0 || !this.once(3),
      );
      params.push(param);
      arrays.push(array);
    }
    const stmts = this.sizes(arrays);
    // Sizes as the kernel reads them off, or as they are passed.
    const head = stmts.filter((_, axis) => {
      if (!this.once(5)) return true;
      params.push({ name: sizeNames[axis] ?? "", type: "index" });
      return false;
    });
    s = { ...s, arrays: [...s.arrays, ...arrays] };
    const scalars = this.below(4);
    for (let i = 0; i < scalars; i++) {
      const [type, text] = this.pick(this.scalarTypes.filter(([t]) => !(this.plain && t === "f32")));
      const name = `x${i}`;
      params.push({ name, type: text });
      s = { ...s, vars: [...s.vars, { name, type, mutable: this.once(3) }] };
    }
    if (this.once(4)) {
      const def = this.pick(this.structDefs);
      params.push({ name: "q", type: def.name });
      s = { ...s, structs: [{ name: "q", def, mutable: false }] };
    }
    const result = this.resultType();
    this.define(`kernel${number}`, true, "", params, { ...s, result }, head, this.options.size);
  }

  protected resultType(): ResultType {
    return this.weighted<ResultType>([
      [6, "void"],
      [3, "real"],
      [2, "int"],
      [1, "bool"],
      [2, this.pick(this.structDefs)],
    ]);
  }

  private define(
    name: string,
    exported: boolean,
    generics: string,
    params: readonly Param[],
    s: Scope,
    head: readonly Stmt[],
    size: number,
  ): void {
    this.budget = size;
    const body = this.block({ ...s, depth: -1 }, size / 2, false, Math.floor(size / 3));
    const last = s.result === "void" ? [] : [this.returned({ ...s, depth: 0 })];
    const before = exported ? this.atTheEnd(s) : [];
    const { result } = s;
    const names: Readonly<Record<VarType | "void", string>> = {
      real: "f64",
      f32: "f32",
      int: "i32",
      bool: "bool",
      void: "void",
    };
    this.funcs.push({
      name,
      exported,
      generics,
      params,
      result: typeof result === "string" ? names[result] : result.name,
      body: block([...head, ...body.stmts, ...before, ...last]),
    });
  }

  /** What a kernel does last. */
  protected atTheEnd(_: Scope): readonly Stmt[] {
    return [];
  }

  // Functions that kernels call.

  protected genericFunctions(): void {
    for (let i = 0; i < 2; i++) this.genericHelper();
  }

  private helper(): void {
    const name = this.fresh("helper");
    const types: ParamType[] = [];
    const params: Param[] = [];
    let s = this.base();
    const head: Stmt[] = [];
    const count = 1 + this.below(3);
    for (let i = 0; i < count; i++) {
      const p = `${name}_${i}`;
      const kind = this.below(8);
      if (kind < 3) {
        const [type, text] = this.pick(this.scalarTypes.filter(([t]) => !(this.plain && t === "f32")));
        types.push({ kind: "scalar", type, text });
        params.push({ name: p, type: text });
        s = { ...s, vars: [...s.vars, { name: p, type, mutable: this.once(3) }] };
      } else if (kind === 3) {
        const def = this.pick(this.structDefs);
        types.push({ kind: "struct", def });
        params.push({ name: p, type: def.name });
        s = { ...s, structs: [...s.structs, { name: p, def, mutable: false }] };
      } else {
        const struct = kind === 4 ? this.pick(this.structDefs) : null;
        const elem = struct ?? this.elemName();
        const rank = struct === null && this.once(4) ? 2 : 1;
        const writable = struct === null && this.once(2);
        const dims = Array.from({ length: rank }, (_, axis) => `${p}_s${axis}`);
        const { param, array } = this.arrayParam(p, elem, dims, writable);
        head.push(...dims.map((d, axis) => stmt(`const ${d} = ${p}${"[0]".repeat(axis)}.length;`)));
        types.push(
          struct === null
            ? { kind: "array", elems: [elem as ElemName], rank, writable }
            : { kind: "structs", def: struct },
        );
        params.push(param);
        s = { ...s, arrays: [...s.arrays, array] };
      }
    }
    const result = this.resultType();
    this.define(name, false, "", params, { ...s, result }, head, 7);
    this.signatures.push({ name, params: types, result });
  }

  /** An entry that is instantiated with the first type of its constraint. */
  private genericKernel(): void {
    const elems = this.pick(
      this.plain ? ["f64 | i32", "i32 | f64"] : ["f64 | f32", "f32 | f64", "i32 | f64", "u32 | i32"],
    );
    const [i, c] = [this.fresh("g"), this.fresh("g")];
    const s: Scope = { ...emptyScope, facts: [{ text: i, dim: "n" }], depth: 9 };
    const [step, other] = [this.pick(["+", "-"]), this.pick(["+", "-"])];
    const inner = [
      stmt(`${c} = (${c} ${step} A0[`, this.subscript(s, "n", 0), "]) as T;"),
      stmt(`A0[${i}] = (${c} ${other} x0) as T;`),
    ];
    const body = [
      stmt("const n = A0.length;"),
      stmt(`let ${c} = x0;`),
      stmt(`for (let ${i} = 0; ${i} < n; ${i}++) `, block(inner)),
      stmt(`return ${c};`),
    ];
    const params: Param[] = [
      { name: "A0", type: "T[]" },
      { name: "x0", type: "T" },
    ];
    const generics = `<T extends ${elems}>`;
    this.funcs.push({ name: "generic", exported: true, generics, params, result: "T", body: block(body) });
  }

  /** Generic functions are of a few fixed forms: TypeScript itself lets few things be done with a `T`. */
  private genericHelper(): void {
    const name = this.fresh("generic");
    const elems: ElemName[] = this.plain
      ? ["f64", "i32"]
      : this.pick<ElemName[]>([
          ["f64", "f32"],
          ["f64", "f32", "i32"],
          ["i32", "f64", "u32"],
        ]);
    const generics = `<T extends ${elems.join(" | ")}>`;
    const [i, c] = [this.fresh("g"), this.fresh("g")];
    const fact = { text: i, dim: `${name}_a.length` };
    const s: Scope = { ...emptyScope, facts: [fact], depth: 9 };
    const step = this.pick(["+", "-", ...(this.plain ? [] : ["*"])]);
    const writes = this.once(2);
    const loop = `for (let ${i} = 0; ${i} < ${name}_a.length; ${i}++) `;
    const body = writes
      ? [
          stmt(
            loop,
            block([
              stmt(`${name}_a[`, this.subscript(s, fact.dim, 0), `] = (${name}_a[${i}] ${step} ${name}_b) as T;`),
            ]),
          ),
        ]
      : [
          stmt(`let ${c} = ${name}_b;`),
          stmt(loop, block([stmt(`${c} = (${c} ${step} ${name}_a[`, this.subscript(s, fact.dim, 0), "]) as T;")])),
          stmt(`return ${c};`),
        ];
    const params: Param[] = [
      { name: `${name}_a`, type: `${writes ? "" : "readonly "}T[]` },
      { name: `${name}_b`, type: "T" },
    ];
    this.funcs.push({ name, exported: false, generics, params, result: writes ? "void" : "T", body: block(body) });
    // An integer is passed as any of the types.
    const types: ParamType[] = [
      { kind: "array", elems, rank: 1, writable: writes },
      { kind: "scalar", type: "int", text: "T" },
    ];
    this.signatures.push({
      name,
      params: types,
      result: writes ? "void" : elems.every((e) => e !== "f64" && e !== "f32") ? "int" : "real",
    });
  }
}
