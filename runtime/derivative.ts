/**
 * A kernel's derivative, compiled and run (compiler/artifact.ts says what it takes and gives). In a run the arguments are read,
 * what the kernel writes is copied, adjoints and tangents are put beside them, and what comes of it is found by its leaf's
 * name.
 */
import type {
  Derivative,
  DerivativeKind,
  DerivativeLeaf,
  Entry,
  EntryParam,
  SourceType,
} from "../compiler/artifact.ts";
import { type Leaf, leavesOf } from "../compiler/artifact-leaves.ts";
import { bug } from "../compiler/diagnostic.ts";
import type { Datum } from "../compiler/ir/eval.ts";
import { type ElemType, type Func, valueType } from "../compiler/ir/ir.ts";
import { type Argument, type ArrayArgument, type Bound, bindSizes, readArguments } from "./arguments.ts";
import { type Flat, flatZeros, product } from "./array.ts";
import { entryOf, inTurn, prepareBound, runPrepared, type Unit } from "./call.ts";
import { inFormOf, zeroLeaf } from "./form.ts";
import type { GradientOptions } from "./gradient-options.ts";
import { jit } from "./jit.ts";
import { LaunchError } from "./launch-error.ts";
import { compose, type LeafData } from "./nested.ts";
import type { Origin } from "./origin.ts";

/** A kernel and its derivative, compiled. */
export interface Derived {
  /** The kernel itself. */
  readonly primal: Unit;
  readonly entry: Entry;
  /** Its derivative. */
  readonly unit: Unit;
  readonly derivedEntry: Entry;
  readonly derivative: Derivative;
}

/** Gives a derivative, compiled when first asked for. */
export type Derive = () => Promise<Derived>;

/**
 * The derivative of a kernel: compiled once per process, file, options and request, but again after it failed, so that a file can be
 * mended. `check` may refuse the kernel.
 *
 * The promise rejects with a CompileError (TG2…) or a LaunchError.
 */
export function derivativeOf(
  { file, name, options }: Origin,
  kind: DerivativeKind,
  request: GradientOptions,
  check: (entry: Entry) => void = () => {},
): Derive {
  let compiled: Promise<Derived> | undefined;
  const compile = async (): Promise<Derived> => {
    const primal = await jit(file, options);
    check(entryOf(primal.artifact, name));
    const unit = await jit(file, { ...options, derivative: { kind, kernel: name, ...request } });
    return derivedOf(primal, name, unit);
  };
  return () => {
    if (compiled === undefined) {
      compiled = compile();
      compiled.catch(() => {
        compiled = undefined;
      });
    }
    return compiled;
  };
}

/** Runs `body` with a derivative when the calls before have ended: so it sees what they write. It is compiled meanwhile. */
export function callDerived<T>(derive: Derive, body: (d: Derived) => Promise<T>): Promise<T> {
  const compiled = derive();
  // A failure is for the turn to tell, which may come much later.
  compiled.catch(() => {});
  return inTurn(async () => body(await compiled));
}

/** A kernel's unit and that of its derivative as one. */
function derivedOf(primal: Unit, kernel: string, unit: Unit): Derived {
  const [derivedEntry] = unit.artifact.entries;
  const derivative = derivedEntry?.derivative;
  if (derivedEntry === undefined || derivative === undefined) return bug(`no derivative of ${kernel} in its artifact`);
  return { primal, entry: entryOf(primal.artifact, kernel), unit, derivedEntry, derivative };
}

/** The arguments of a call, checked and flat. */
export interface Inputs {
  readonly values: readonly unknown[];
  readonly args: readonly Argument[];
}

/**
 * Reads the arguments of the functional forms. They are values: what is written is a copy, so that they may share memory
 * and be frozen.
 *
 * @throws LaunchError (TG3001 to TG3010)
 */
export function readInputs({ entry }: Derived, values: readonly unknown[]): Inputs {
  return { values, args: readArguments(entry, values).args };
}

/** The array leaf of that name. */
export function arrayLeaf(inputs: Inputs, name: string): ArrayArgument {
  const found = inputs.args.find((arg) => arg.name === name);
  return found?.kind === "array" ? found : bug(`${name} is no array of the kernel`);
}

/** What adjoints and tangents hold on entry, by leaf; zero for those that are not there. */
export class Seeds {
  private readonly values = new Map<string, Flat | Datum>();

  get isEmpty(): boolean {
    return this.values.size === 0;
  }
  get(leaf: DerivativeLeaf): Flat | Datum | undefined {
    return this.values.get(keyOf(leaf));
  }
  /** An array's memory becomes the run's. */
  set(leaf: DerivativeLeaf, value: Flat | Datum): this {
    this.values.set(keyOf(leaf), value);
    return this;
  }
}
const keyOf = ({ leaf, role }: DerivativeLeaf): string => `${role} ${leaf}`;

/** How a run has ended. */
export interface Outcome {
  /** What the kernel returned; undefined for nothing. */
  readonly value: unknown;
  /** An adjoint's or tangent's array or number; undefined where the derivative has none. */
  readonly at: (leaf: DerivativeLeaf) => LeafData | undefined;
  /** An argument: for an array what the run has left in it. */
  readonly state: (leaf: string) => LeafData | undefined;
}

/**
 * Runs the derivative on copies of what the kernel writes. Reverse mode may leave any state in these, forward mode leaves
 * the final one.
 *
 * @throws LaunchError
 */
export function runDerived(d: Derived, inputs: Inputs, seeds: Seeds): Promise<Outcome> {
  return runOn(d, ownCopies(d.entry.name, inputs.args), extraArguments(d, inputs, seeds));
}

/** Runs the derivative on this very memory. @throws LaunchError */
export async function runOn(d: Derived, own: readonly Argument[], extra: readonly Argument[]): Promise<Outcome> {
  const { entry, derivative } = d;
  const bind = boundTo([...own, ...extra]);
  const prepared = await prepareBound(d.unit, d.derivedEntry.name, bind);
  const results = ((await runPrepared(prepared)) ?? []) as readonly Datum[];
  const found = new Map<string, LeafData>();
  derivative.extra.forEach((leaf, k) => {
    const arg = extra[k];
    if (arg?.kind === "array") found.set(keyOf(leaf), arg);
  });
  const first = results.length - derivative.results.length;
  derivative.results.forEach((leaf, k) => void found.set(keyOf(leaf), { value: results[first + k] as Datum }));
  const value =
    entry.result === null ? undefined : compose(entry.result, results.values() as Iterator<Datum, undefined>);
  return { value, at: (leaf) => found.get(keyOf(leaf)), state: stateOf(own) };
}

/** Runs the kernel itself on copies. @throws LaunchError */
export async function runPrimal({ primal, entry }: Derived, inputs: Inputs): Promise<Omit<Outcome, "at">> {
  const own = ownCopies(entry.name, inputs.args);
  const value = await runPrepared(await prepareBound(primal, entry.name, boundTo(own)));
  return { value, state: stateOf(own) };
}

const boundTo =
  (args: readonly Argument[]) =>
  (entry: Entry, host: Func): Bound => ({ args, ...bindSizes(entry, host, args), writeBack() {} });

const stateOf =
  (args: readonly Argument[]) =>
  (leaf: string): LeafData | undefined =>
    args.find((arg) => arg.name === leaf);

/** The arguments, with memory of their own for what the kernel writes. @throws LaunchError (TG3014) */
const ownCopies = (kernel: string, args: readonly Argument[]): readonly Argument[] =>
  args.map((arg) => {
    if (arg.kind === "scalar" || !arg.written) return arg;
    const data = zeros(kernel, arg.name, arg.elem, arg.shape);
    data.set(arg.data);
    return { ...arg, data, borrowed: false };
  });

/** The arguments for the parameters that a derivative has beside the kernel's own. @throws LaunchError (TG3014) */
function extraArguments(
  { entry, derivedEntry, derivative }: Derived,
  inputs: Inputs,
  seeds: Seeds,
): readonly Argument[] {
  return extraParams({ derivedEntry, derivative }).map(({ name, type }, k): Argument => {
    const leaf = derivative.extra[k] as DerivativeLeaf;
    const seed = seeds.get(leaf);
    if (type.kind === "scalar")
      return { kind: "scalar", name, type: valueType(type.type), value: (seed as Datum) ?? 0 };
    if (type.kind !== "array" || type.elem.kind !== "scalar") return bug(`${name} is no array of scalars`);
    const elem = type.elem.type;
    const { shape } = arrayLeaf(inputs, leaf.leaf);
    const data = (seed as Flat | undefined) ?? zeros(entry.name, name, elem, shape);
    return { kind: "array", name, elem, shape, data, borrowed: false, written: true };
  });
}

/** The parameters that a derivative has beside the kernel's own. */
export const extraParams = ({
  derivedEntry,
  derivative,
}: Pick<Derived, "derivedEntry" | "derivative">): readonly EntryParam[] =>
  derivedEntry.params.slice(derivedEntry.params.length - derivative.extra.length);

function zeros(kernel: string, name: string, elem: ElemType, shape: readonly number[]): Flat {
  try {
    return flatZeros(elem, product(shape));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `no memory for ${name}, ${shape.join(" × ")} ${elem}`;
    throw new LaunchError("TG3014", kernel, message, undefined, { cause });
  }
}

/** The parameters that have such a leaf, in order, and `return`. */
export function namesWith(entry: Entry, leaves: readonly string[]): readonly string[] {
  const own = (leaf: Leaf): boolean => leaves.includes(leaf.name);
  const params = entry.params.filter((p) => leavesOf(p.name, p.type).some(own)).map((p) => p.name);
  const result = entry.result !== null && leavesOf("return", entry.result).some(own);
  return result ? [...params, "return"] : params;
}

/** The parameters whose arrays the kernel writes. */
export const namesWritten = ({ params }: Entry): readonly string[] =>
  params.filter((p) => p.access === "write" || p.access === "readwrite").map((p) => p.name);

/** A record of values in the forms of the arguments, made of leaves; leaves that are not there are zeros. */
export function formsOf(
  { entry }: Derived,
  inputs: Inputs,
  names: readonly string[],
  at: (leaf: string) => LeafData | undefined,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.map((name) => {
      const k = entry.params.findIndex((p) => p.name === name);
      const type = typeOf(entry, name);
      const leaves = leavesOf(name, type).map((leaf) => {
        const shape = leaf.rank === 0 ? null : arrayLeaf(inputs, leaf.name).shape;
        return at(leaf.name) ?? zeroLeaf(valueType(leaf.elem), shape);
      });
      return [name, inFormOf(inputs.values[k], type, leaves)];
    }),
  );
}

/** The type of a parameter, or of the result. */
export function typeOf({ name, params, result }: Entry, param: string): SourceType {
  const type = param === "return" ? result : params.find((p) => p.name === param)?.type;
  return type ?? bug(`${name} has no ${param}`);
}
