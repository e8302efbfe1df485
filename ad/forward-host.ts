/**
 * Forward mode of a launch program, as reverse mode makes them where a tape has to be counted, or may be too large: each function that
 * it calls is replaced by its own forward mode, and arrays have their tangents beside them, in snapshots as well.
 */
import { bug } from "../compiler/diagnostic.ts";
import { floatConst, value } from "../compiler/ir/build.ts";
import {
  type ArrayValue,
  arrayIn,
  type Block,
  type Call,
  type Func,
  isArray,
  isFloat,
  isScalar,
  type Operand,
  type Region,
  type Scalar,
  type Stmt,
  type Type,
  unrounded,
  type Value,
} from "../compiler/ir/ir.ts";
import { usesOf, walk } from "../compiler/ir/walk.ts";
import { isRegion } from "./custom.ts";
import { forwardMode } from "./forward.ts";
import { isWrite } from "./program.ts";
import { arraysOf, type Derived, scalarsOf, type Wanted } from "./wanted.ts";

/** @param parts the functions that it calls. Gives those that the derivative calls, in `parts`. */
export function forwardHost(
  host: Func,
  parts: readonly Func[],
  wanted: Wanted,
  name: string,
): Derived & { readonly parts: readonly Func[] } {
  return new ForwardHost(host, parts).run(wanted, name);
}

const tangentOf = <T extends Type>(v: Value<T>): Value<T> => value(`t_${v.hint}`, unrounded(v.type));
const isFloatArray = (v: Value): v is ArrayValue => isArray(v) && isFloat(v.type.elem);

class ForwardHost {
  private readonly host: Func;
  private readonly parts: readonly Func[];
  private readonly made = new Map<Func, Derived>();
  private readonly arrays = new Map<ArrayValue, ArrayValue>();
  private readonly scalars = new Map<Scalar, Scalar>();
  private readonly used = new Set<Func>();

  constructor(host: Func, parts: readonly Func[]) {
    this.host = host;
    this.parts = parts;
  }

  run(wanted: Wanted, name: string): Derived & { readonly parts: readonly Func[] } {
    const { host } = this;
    const named = new Set<Value>([...arraysOf(host, wanted), ...scalarsOf(host, wanted)]);
    const extra = host.params.filter((p) => named.has(p));
    const params = extra.map((p) => this.tangentParam(p));
    // What nobody gives a tangent has none, which the parts take as zeros.
    const first = host.params.filter(isFloatArray).flatMap((p) => (named.has(p) ? [] : [this.alloc(p)]));
    const { yields } = host.body;
    const stmts = [...first, ...this.block(host.body, []).stmts];
    const results = [...wanted.results].sort((a, b) => a - b);
    const tangents = results.map((i) => this.tangent(yields[i] ?? bug("no such result")));
    const func: Func = {
      ...host,
      name,
      params: [...host.params, ...params],
      results: [...host.results, ...tangents.map((t) => t.type)],
      body: { stmts, yields: [...yields, ...tangents] },
    };
    const parts = [...this.used, ...[...this.made.values()].map((d) => d.func)];
    return { func, parts, extra, results: results.map((result) => ({ result })) };
  }

  private tangentParam(p: Value): Value {
    const made = tangentOf(p);
    if (isArray(p)) this.arrays.set(p, made as ArrayValue);
    else this.scalars.set(p as Scalar, made as Scalar);
    return made;
  }
  private alloc(a: ArrayValue): Stmt {
    const result = tangentOf(a);
    this.arrays.set(a, result);
    return { kind: "alloc", result, loc: this.host.loc };
  }
  private tangent(o: Operand): Operand {
    return (o.kind === "value" ? this.scalars.get(o) : undefined) ?? floatConst(o.type, 0);
  }

  private stmt(s: Stmt): readonly Stmt[] {
    switch (s.kind) {
      case "alloc":
        return isFloatArray(s.result) ? [s, this.alloc(s.result)] : [s];
      case "let":
        // Lengths of segments are computed in floats, which depend on sizes alone.
        if (usesOf(s).some((v) => (isArray(v) ? isFloat(s.result.type) : this.scalars.has(v as Scalar)))) {
          bug("a launch program computes with the kernel's floats");
        }
        return [s];
      case "copy": {
        const own = isFloat(arrayIn(s.from).type.elem);
        return own ? [s, { ...s, from: this.region(s.from), to: this.region(s.to) }] : [s];
      }
      case "limit":
        return [s];
      case "if": {
        const [then, otherwise] = [s.then, s.else].map((b) => this.block(b, s.results)) as [Block, Block];
        return [{ ...s, then, else: otherwise, results: [...s.results, ...this.bind(s.results)] }];
      }
      case "for": {
        const inits = [...s.inits, ...s.inits.filter((o) => isFloat(o.type)).map((o) => this.tangent(o))];
        const carried = [...s.carried, ...this.bind(s.carried)];
        const body = this.block(s.body, s.carried);
        return [{ ...s, inits, carried, body, results: [...s.results, ...this.bind(s.results)] }];
      }
      case "call":
        return [this.call(s)];
      default:
        return bug(`forward mode of a ${s.kind} in @${this.host.name}`);
    }
  }

  /** A block, which yields the tangents of what it yields as floats to `results`, after that. */
  private block(b: Block, results: readonly Scalar[]): Block {
    const stmts = b.stmts.flatMap((s) => this.stmt(s));
    const tangents = b.yields.filter((_, k) => isFloat(results[k]?.type ?? "index")).map((o) => this.tangent(o));
    return { stmts, yields: [...b.yields, ...tangents] };
  }

  /** New tangents for the floats among the values. */
  private bind(values: readonly Scalar[]): readonly Scalar[] {
    return values
      .filter((v) => isFloat(v.type))
      .map((v) => {
        const made = tangentOf(v);
        this.scalars.set(v, made);
        return made;
      });
  }

  private region(r: Region): Region {
    const array = this.arrays.get(arrayIn(r)) ?? bug(`%${arrayIn(r).hint} has no tangent`);
    return r.kind === "view" ? { ...r, array } : array;
  }

  private call(s: Call): Call {
    const callee = this.parts.find((f) => f.name === s.callee) ?? bug(`no func @${s.callee}`);
    if (!carries(callee)) {
      this.used.add(callee);
      return s;
    }
    const derived = this.derived(callee);
    const extra = (derived.extra as readonly Value[]).map((p) => {
      const arg = s.args[callee.params.indexOf(p)] ?? bug(`@${callee.name} has no %${p.hint}`);
      if (!isRegion(arg)) return this.tangent(arg);
      return this.region(arg);
    });
    const tangents = derived.results.map((r) => {
      const of = "result" in r ? s.results[r.result] : undefined;
      const made = tangentOf(of ?? bug(`@${callee.name} lacks a result`));
      this.scalars.set(of as Scalar, made);
      return made;
    });
    return { ...s, callee: derived.func.name, args: [...s.args, ...extra], results: [...s.results, ...tangents] };
  }

  private derived(callee: Func): Derived {
    const known = this.made.get(callee);
    if (known !== undefined) return known;
    const floats = callee.params.filter((p) => isFloatArray(p) || (isScalar(p) && isFloat(p.type)));
    const made = forwardMode(
      callee,
      {
        wrt: new Set(floats),
        of: new Set(floats.filter(isArray)),
        results: new Set(callee.results.flatMap((t, i) => (isFloat(t) ? [i] : []))),
      },
      `${callee.name}_jvp`,
    );
    this.made.set(callee, made);
    return made;
  }
}

/** Does the function return floats, or leave them in its parameters? */
function carries(f: Func): boolean {
  const params = new Set<Value>(f.params);
  for (const s of walk(f.body)) if (isWrite(s) && params.has(s.array) && isFloat(s.array.type.elem)) return true;
  return f.results.some(isFloat);
}
