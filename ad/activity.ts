/**
 * Which values carry derivatives: those that depend on what is differentiated by (varied) and that what is differentiated
 * depends on (useful). Arrays count as wholes, scalars and accesses by themselves; a load that cannot see what its array held on
 * entry does not depend on that.
 */
import type { ArrayAnalysis } from "../compiler/analysis/dependence.ts";
import {
  type ArrayValue,
  arrayIn,
  type Block,
  type Call,
  isArray,
  isFloat,
  isScalar,
  type Let,
  type Operand,
  type Scalar,
  type Stmt,
  type Value,
} from "../compiler/ir/ir.ts";
import { blocksOf } from "../compiler/ir/walk.ts";
import { floatArrays, floatScalars } from "./custom.ts";
import { branchYields, isLoad, isWrite, loadOf, type Program, type Write } from "./program.ts";
import { binaryRules, unaryRules } from "./rules.ts";
import type { Wanted } from "./wanted.ts";

export interface Activity {
  /** Float scalars that need an adjoint. */
  readonly isActive: (o: Operand) => boolean;
  /** Arrays that need one: those of the request, and what active values pass through. */
  readonly arrays: ReadonlySet<ArrayValue>;
}

export function activityOf(program: Program, wanted: Wanted, analysis: ArrayAnalysis): Activity {
  const seesEntry: SeesEntry = (s, array) =>
    wanted.wrt.has(array) && (s.kind === "call" || analysis.exposed(s, null).holds);
  const { values: varied, arrays: written } = variedBy(program, wanted.wrt, seesEntry);
  const useful = new Useful(program, wanted).run();
  const isActive = (o: Operand): boolean => o.kind === "value" && isFloat(o.type) && varied.has(o) && useful.has(o);
  const arrays = new Set<ArrayValue>();
  for (const p of program.func.params) if (isArray(p) && (wanted.wrt.has(p) || wanted.of.has(p))) arrays.add(p);
  for (const s of program.stmts) {
    if (isLoad(s) && isActive(s.result)) arrays.add(loadOf(s).array);
    if (s.kind === "call" && s.results.some(isActive)) {
      for (const a of floatArrays(s).map(arrayIn)) if (wanted.wrt.has(a) || written.has(a)) arrays.add(a);
    }
    if (isWrite(s) && isActive(s.value)) arrays.add(s.array);
  }
  return { isActive, arrays };
}

/** The operands by which an expression has a derivative. */
export function smoothOperands(s: Let): readonly Operand[] {
  const e = s.expr;
  if (!isFloat(s.result.type)) return [];
  switch (e.kind) {
    case "unary":
      return unaryRules[e.op] === null ? [] : [e.a];
    case "binary": {
      const { a, b } = binaryRules[e.op];
      return [...(a === null ? [] : [e.a]), ...(b === null ? [] : [e.b])];
    }
    case "select":
      return [e.a, e.b];
    case "cast":
      return isFloat(e.a.type) ? [e.a] : [];
    case "compare":
    case "load":
      return [];
  }
}

/** Does what a load, a sum or a call finds in an array depend on what the array held on entry, which counts? */
export type SeesEntry = (s: Let | Call | (Write & { readonly kind: "accum" }), array: ArrayValue) => boolean;

/** The float values that depend on scalars of `from`, or on an array's entry; and the arrays that such values are written into. */
export const variedBy = (
  program: Program,
  from: ReadonlySet<Value>,
  seesEntry: SeesEntry,
): { readonly values: ReadonlySet<Value>; readonly arrays: ReadonlySet<ArrayValue> } =>
  new Varied(program, seesEntry).run(from);

class Varied {
  private readonly program: Program;
  private readonly seesEntry: SeesEntry;
  private readonly values = new Set<Value>();
  /** Arrays into which something varied was written. */
  private readonly written = new Set<ArrayValue>();
  private changed = true;

  constructor(program: Program, seesEntry: SeesEntry) {
    this.program = program;
    this.seesEntry = seesEntry;
  }

  run(from: ReadonlySet<Value>): { readonly values: ReadonlySet<Value>; readonly arrays: ReadonlySet<ArrayValue> } {
    for (const p of from) if (isScalar(p)) this.values.add(p);
    while (this.changed) {
      this.changed = false;
      for (const s of this.program.stmts) this.stmt(s);
    }
    return { values: this.values, arrays: this.written };
  }

  private has(o: Operand): boolean {
    return o.kind === "value" && this.values.has(o);
  }
  private add(v: Scalar, when: boolean): void {
    if (!when || !isFloat(v.type) || this.values.has(v)) return;
    this.values.add(v);
    this.changed = true;
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let":
        if (isLoad(s)) {
          const { array } = loadOf(s);
          if (!this.values.has(s.result)) this.add(s.result, this.written.has(array) || this.seesEntry(s, array));
        } else
          this.add(
            s.result,
            smoothOperands(s).some((o) => this.has(o)),
          );
        return;
      case "store":
      case "accum":
        if (this.written.has(s.array) || !isFloat(s.array.type.elem)) return;
        if (this.has(s.value) || (s.kind === "accum" && this.seesEntry(s, s.array))) {
          this.written.add(s.array);
          this.changed = true;
        }
        return;
      case "for":
      case "while":
        s.carried.forEach((c, i) => {
          const varied = this.has(s.inits[i] as Operand) || this.has(s.body.yields[i] as Operand);
          this.add(c, varied);
          this.add(s.results[i] as Scalar, varied);
        });
        return;
      case "if":
        s.results.forEach(
          (r, i) =>
            void this.add(
              r,
              branchYields(s, i).some((o) => this.has(o)),
            ),
        );
        return;
      case "call": {
        const arrays = floatArrays(s).map(arrayIn);
        const varied =
          floatScalars(s).some((o) => this.has(o)) || arrays.some((a) => this.written.has(a) || this.seesEntry(s, a));
        for (const r of s.results) this.add(r, varied);
        return;
      }
    }
  }
}

class Useful {
  private readonly program: Program;
  private readonly values = new Set<Value>();
  /** Arrays whose elements are still of use somewhere. */
  private readonly arrays = new Set<ArrayValue>();
  private changed = true;

  constructor(program: Program, wanted: Wanted) {
    this.program = program;
    for (const p of wanted.of) if (isArray(p)) this.arrays.add(p);
    program.func.body.yields.forEach((o, i) => {
      if (wanted.results.has(i)) this.add(o, true);
    });
  }

  run(): ReadonlySet<Value> {
    while (this.changed) {
      this.changed = false;
      this.block(this.program.func.body);
    }
    return this.values;
  }

  private add(o: Operand, when: boolean): void {
    if (!when || o.kind === "const" || !isFloat(o.type) || this.values.has(o)) return;
    this.values.add(o);
    this.changed = true;
  }

  private block(b: Block): void {
    for (const s of b.stmts.toReversed()) this.stmt(s);
  }

  private stmt(s: Stmt): void {
    switch (s.kind) {
      case "let": {
        const is = this.values.has(s.result);
        if (isLoad(s)) {
          const { array } = loadOf(s);
          if (is && !this.arrays.has(array)) {
            this.arrays.add(array);
            this.changed = true;
          }
        } else for (const o of smoothOperands(s)) this.add(o, is);
        return;
      }
      case "store":
      case "accum":
        this.add(s.value, this.arrays.has(s.array));
        return;
      case "for":
      case "while":
        s.carried.forEach((c, i) => {
          const is = this.values.has(s.results[i] as Scalar) || this.values.has(c);
          // Without a further trip, it is the result.
          this.add(c, is);
          this.add(s.body.yields[i] as Operand, is);
          this.add(s.inits[i] as Operand, is);
        });
        break;
      case "if":
        s.results.forEach((r, i) => {
          for (const o of branchYields(s, i)) this.add(o, this.values.has(r));
        });
        break;
      case "call": {
        if (!s.results.some((r) => this.values.has(r))) return;
        for (const o of floatScalars(s)) this.add(o, true);
        for (const a of floatArrays(s).map(arrayIn)) {
          if (this.arrays.has(a)) continue;
          this.arrays.add(a);
          this.changed = true;
        }
        return;
      }
    }
    for (const inner of blocksOf(s)) this.block(inner);
  }
}
