/**
 * Runs any verified module, at any stage, one statement after another: the oracle of every test, and the `interp` target.
 *
 * Operators are those of ir/eval.ts, which the constant folder uses as well; `mode` makes no difference (a result is that
 * of `strict`). Parallel loops run in order. Every access is checked. Requirements are not looked at.
 *
 *   const x = { data: new Float64Array([1, 2, 3]), shape: [3] };
 *   const [dot] = interpret(module, "dot", [x, x]); // 14
 */
import { Program } from "./interp-compile.ts";
import { type ElemArray, elemArrays, InterpError } from "./interp-frame.ts";
import { type ArrayValue, isArray, isScalar, type Module, type Scalar, type ScalarType } from "./ir/ir.ts";
import { libraryName } from "./ir/library.ts";
import type { MathOp } from "./ir/ops.ts";

export { type ElemArray, elemArrays, InterpError } from "./interp-frame.ts";

/** A dense row-major array. The elements' type decides the class of `data`, see `elemArrays`. */
export interface InterpArray {
  readonly data: ElemArray;
  readonly shape: readonly number[];
}
export type InterpArg = number | boolean | InterpArray;

export interface InterpOptions {
  /** Also checks after every index operation that its result is an integer within ±2^53. */
  readonly paranoid?: boolean;
  /** How many statements a call may run, roughly (loops count them an iteration at a time), before it throws. */
  readonly maxSteps?: number;
}

/**
 * Calls function `name` and returns its scalar results; arrays are written in place. Arguments are in the order of the
 * parameters; sizes come from the arrays' shapes. Throws an InterpError where the program does what it must not.
 */
export function interpret(
  m: Module,
  name: string,
  args: readonly InterpArg[],
  options: InterpOptions = {},
): (number | boolean)[] {
  return interpreter(m, options)(name, args);
}

/** `interpret` for many calls: each function of the module is prepared once. */
export function interpreter(
  m: Module,
  options: InterpOptions = {},
): (name: string, args: readonly InterpArg[]) => (number | boolean)[] {
  const program = new Program(m, options.paranoid === true);
  return (name, args) => {
    const { frame, run, results } = program.code(name);
    const { params } = frame.func;
    if (args.length !== params.length) {
      throw new InterpError("argument", `@${name} takes ${params.length} arguments, not ${args.length}`);
    }
    for (const [i, p] of params.entries()) {
      const arg = args[i] as InterpArg;
      if (isScalar(p)) frame.scalars[frame.slot(p)] = scalarOf(p, arg);
      else if (isArray(p)) frame.arrays[frame.array(p)] = { ...arrayOf(p, arg), base: 0 };
    }
    program.state.left = options.maxSteps ?? Number.POSITIVE_INFINITY;
    run();
    return results.map((slot, i) => {
      const x = frame.scalars[slot] as number;
      return frame.func.results[i] === "bool" ? x !== 0 : x;
    });
  };
}

/** The function that computes an operator of the math library on floats of `type`. */
export function mathEval(op: MathOp, type: ScalarType): (...args: number[]) => number {
  const name = libraryName(op, type);
  const run = interpreter({ stage: "loop", funcs: [] });
  return (...args) => run(name, args)[0] as number;
}

function arrayOf(p: ArrayValue, arg: InterpArg): { readonly data: ElemArray; readonly dims: readonly number[] } {
  const fail = (problem: string): never => {
    throw new InterpError("argument", `%${p.hint} ${problem}`, { array: p.hint });
  };
  if (typeof arg !== "object") return fail(`is an array, its argument ${arg}`);
  const { data, shape } = arg;
  const { elem, dims } = p.type;
  if (!(data instanceof elemArrays[elem])) return fail(`holds ${elem}, its argument is a ${data.constructor.name}`);
  if (shape.length !== dims.length) return fail(`has ${dims.length} axes, its argument ${shape.length}`);
  const length = shape.reduce((n, d) => n * d, 1);
  return data.length === length
    ? { data, dims: shape }
    : fail(`is ${shape.join(" x ")}, but has ${data.length} elements`);
}

const inRange: Readonly<Record<ScalarType, (x: number | boolean) => boolean>> = {
  f64: (x) => typeof x === "number",
  f32: (x) => typeof x === "number",
  i32: (x) => typeof x === "number" && (x | 0) === x,
  u32: (x) => typeof x === "number" && x >>> 0 === x,
  index: (x) => Number.isSafeInteger(x),
  bool: (x) => typeof x === "boolean",
};

function scalarOf(p: Scalar, arg: InterpArg): number {
  if (typeof arg === "object") throw new InterpError("argument", `%${p.hint} is ${p.type}, its argument an array`);
  if (!inRange[p.type](arg)) throw new InterpError("argument", `%${p.hint} is ${p.type}, its argument ${arg}`);
  if (p.type === "f32") return Math.fround(Number(arg));
  return p.type === "f64" ? Number(arg) : Number(arg) + 0; // an integer has no −0
}
