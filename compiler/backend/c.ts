/**
 * Kernels as portable C99, to be read, kept and compiled by anyone; also what tsgpu's own code is measured against.
 *
 * A kernel is a function of ordinary C parameters, and a second one of the kernel's own name that takes tsgpu's argument
 * block (artifact.ts). Compiled with `-ffp-contract=off` the results of strict arithmetic are those of every other
 * target, to the bit. What other modes allow is up to the compiler's flags: `-ffp-contract=fast` (with clang
 * `fast-honor-pragmas`) for contract, `-ffast-math` for fast. Where a module has strict operations among others, those
 * are functions that compilers do not contract (gcc then contracts nothing in the whole kernel); but `-ffast-math` may
 * still assume that there are no NaNs.
 */
import { kernelParams, layoutOf } from "../artifact.ts";
import { bug } from "../diagnostic.ts";
import type { ArrayValue, Func, Mode, Module, Operand, OpMode, ScalarType, Value } from "../ir/ir.ts";
import { isArray, isFloat } from "../ir/ir.ts";
import { walk } from "../ir/walk.ts";
import { BlockPrinter, type KernelContext } from "./c-block.ts";
import { type HelperName, helperNames, helperText } from "./c-helpers.ts";
import { cType, elemType, reservedInC } from "./c-text.ts";
import { arrayAccess, numberChecks } from "./kernel.ts";
import { type Piece, plain, Scope } from "./text.ts";
import { Uses } from "./uses.ts";

export interface COptions {
  /** Leaves out the functions that take an argument block: for readers who call the others. */
  readonly entries?: boolean;
}

/** The C text of every kernel of a module of stage `kernel`. */
export function printC(m: Module, options: COptions = {}): string {
  if (m.stage !== "kernel") bug(`printC got a module of stage ${m.stage}`);
  const kernels = m.funcs.filter((f) => f.kind === "kernel");
  const entries = options.entries ?? true;
  const file = new Scope(null, [...reservedInC, ...helperNames, ...(entries ? kernels.map((k) => k.name) : [])]);
  const helpers = new Set<HelperName>();
  const modes = modesOf(kernels);
  const library = m.funcs.filter((f) => f.kind === "func");
  const names = new Map(library.map((f) => [f.name, file.fresh(f.name.replace(/\W/g, "_"))]));
  const functionName = (name: string): string => names.get(name) ?? bug(`there is no function @${name}`);
  const scalarFunctions = library.map((f) => printFunction(f, file, functionName, helpers));
  const mixed = modes.has("strict") && modes.size > 1;
  const functions = kernels.map((k) => {
    const name = file.fresh(hostOf(m, k) ?? k.name);
    const { doc, text, needs } = printKernel(k, name, file, mixed, functionName);
    for (const helper of needs) helpers.add(helper);
    const attributes = `${entries ? "KERNEL " : ""}${isPinned(needs) ? "SOME_STRICT " : ""}`;
    return `${doc}${attributes}${text}${entries ? `\n\n${printEntry(k, name)}` : ""}`;
  });
  const parts = [
    head(modes),
    entries ? kernelMacro : "",
    helperText(helpers),
    ...librarySection(scalarFunctions, modes),
    ...functions,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function head(modes: ReadonlySet<Mode>): string {
  const mode = modes.has("fast") ? "fast" : modes.has("contract") ? "contract" : "strict";
  const flag = { strict: "-ffp-contract=off", contract: "-ffp-contract=fast", fast: "-ffast-math" }[mode];
  return [
    `/* C99, made by tsgpu. The arithmetic mode is ${mode}: compile with ${flag}. Arrays must not overlap. */`,
    "#include <math.h>",
    "#include <stdint.h>",
  ].join("\n");
}

/** Inlined into its entry, a kernel would lose what `restrict` says. */
const kernelMacro = `#if defined(__GNUC__)
#define KERNEL __attribute__((noinline))
#else
#define KERNEL
#endif`;

/** The launch program that launches just this kernel, and it alone: then its name is the user's own. */
function hostOf(m: Module, kernel: Func): string | undefined {
  const launches = (f: Func): readonly string[] =>
    [...walk(f.body)].flatMap((s) => (s.kind === "launch" ? [s.callee] : []));
  return m.funcs.find((f) => f.kind === "host" && launches(f).join() === kernel.name)?.name;
}

function modesOf(kernels: readonly Func[]): ReadonlySet<Mode> {
  const modes = new Set<Mode>();
  const add = (mode: OpMode, type: ScalarType): void => {
    // C cannot say of one sum that its order is free.
    if (isFloat(type)) modes.add(mode === "reassociate" ? "contract" : mode);
  };
  for (const s of kernels.flatMap((k) => [...walk(k.body)])) {
    if (s.kind === "accum") add(s.mode, s.value.type);
    if (s.kind === "let" && (s.expr.kind === "unary" || s.expr.kind === "binary")) add(s.expr.mode, s.expr.a.type);
  }
  return modes;
}

interface PrintedFunction {
  readonly head: string;
  readonly body: string;
}

/** A function of scalars, of the math library. */
function printFunction(
  f: Func,
  file: Scope,
  functionName: (name: string) => string,
  helpers: Set<HelperName>,
): PrintedFunction {
  const scope = file.inner();
  const bound = new Map<Value, Piece>();
  const params = f.params.map((p) => {
    const name = scope.fresh(p.hint);
    bound.set(p, plain(name));
    return `${cType[p.type as ScalarType]} ${name}`;
  });
  const context: KernelContext = { uses: new Uses(f), checks: new Map(), helpers, mixed: false, bound, functionName };
  const printer = new BlockPrinter(context, f.body, scope, 1, []);
  printer.statements();
  const result = f.body.yields[0] ?? bug(`@${f.name} returns nothing`);
  const value = printer.take(result).text;
  const rare = f.noinline === true ? "RARE " : "";
  return {
    head: `static ${rare}LIBRARY ${cType[result.type]} ${functionName(f.name)}(${params.join(", ")})`,
    body: [" {", ...printer.lines, `  return ${value};`, "}"].join("\n"),
  };
}

/**
 * The math library's functions. They are exact as written: where the file's own mode allows compilers more, they are told
 * so for these (and gcc then inlines none).
 */
function librarySection(functions: readonly PrintedFunction[], modes: ReadonlySet<Mode>): readonly string[] {
  if (functions.length === 0) return [];
  const loose = modes.has("contract") || modes.has("fast");
  return [
    loose ? looseMacros : strictMacros,
    functions.map((f) => `${f.head};`).join("\n"),
    ...(loose
      ? ["#if defined(__clang__)\n#pragma float_control(precise, on, push)\n#pragma STDC FP_CONTRACT OFF\n#endif"]
      : []),
    ...functions.map((f) => f.head + f.body),
    ...(loose ? ["#if defined(__clang__)\n#pragma float_control(pop)\n#endif"] : []),
  ];
}

const rareMacro = `#if defined(__GNUC__)
#define RARE __attribute__((noinline, cold))
#else
#define RARE
#endif`;
const strictMacros = `${rareMacro}
#define LIBRARY inline`;
const looseMacros = `${rareMacro}
#if defined(__GNUC__) && !defined(__clang__)
#define LIBRARY __attribute__((optimize("fp-contract=off", "no-associative-math", "no-reciprocal-math", "no-finite-math-only", "signed-zeros")))
#else
#define LIBRARY inline
#endif`;

interface PrintedKernel {
  readonly doc: string;
  readonly text: string;
  readonly needs: ReadonlySet<HelperName>;
}

const isPinned = (needs: ReadonlySet<HelperName>): boolean => [...needs].some((name) => name.startsWith("strict_"));

function printKernel(
  kernel: Func,
  name: string,
  file: Scope,
  mixed: boolean,
  functionName: (name: string) => string,
): PrintedKernel {
  const scope = file.inner();
  const helpers = new Set<HelperName>();
  const bound = new Map<Value, Piece>();
  const checks = numberChecks(kernel);
  if (checks.size > 0) scope.fresh("error");
  const given = kernelParams(kernel);
  for (const { value } of given) bound.set(value, plain(scope.fresh(value.hint)));

  const context: KernelContext = { uses: new Uses(kernel), checks, helpers, mixed, bound, functionName };
  const body = new BlockPrinter(context, kernel.body, scope, 1, []).all();
  const nameOf = (v: Value): string => bound.get(v)?.text ?? bug("a parameter without a name");
  const { written } = arrayAccess(kernel);
  const params = given.map(({ value: v }) =>
    isArray(v)
      ? `${written.has(v) ? "" : "const "}${elemType(v.type.elem)} *restrict ${nameOf(v)}`
      : `${cType[v.type as ScalarType]} ${nameOf(v)}`,
  );
  if (checks.size > 0) params.push("int64_t *error");
  const signature = wrap(`int32_t ${name}(`, params.length === 0 ? ["void"] : params, ") {");
  const doc = comment(kernel.params.filter(isArray), nameOf, checks.size > 0);
  return { doc, needs: helpers, text: [signature, ...body, "  return 0;", "}"].join("\n") };
}

/** The shapes of the arrays, as C would declare them. */
function comment(arrays: readonly ArrayValue[], nameOf: (v: Value) => string, checked: boolean): string {
  const extent = (d: Operand): string => (d.kind === "const" ? String(d.value) : nameOf(d));
  const shapes = arrays.map((a) => `${nameOf(a)}${a.type.dims.map((d) => `[${extent(d)}]`).join("")}`);
  const status = "Returns 0, or the number of the check that failed; *error is then the index that was outside.";
  const lines = [...(shapes.length > 0 ? [wrap("", shapes, ".", " * ")] : []), ...(checked ? [status] : [])];
  return lines.length === 0 ? "" : `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

/** A list on as many lines as it needs, which begin with `indent` from the second on. */
function wrap(head: string, items: readonly string[], tail: string, indent = "  "): string {
  const lines = [head];
  items.forEach((item, k) => {
    const text = item + (k === items.length - 1 ? tail : ",");
    const line = lines[lines.length - 1] ?? "";
    if (line.length + text.length > 108) lines.push(`${indent}${text}`);
    else lines[lines.length - 1] = k === 0 ? line + text : `${line} ${text}`;
  });
  return lines.join("\n");
}

/** The same over an argument block. */
function printEntry(kernel: Func, name: string): string {
  if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(kernel.name)) bug(`C cannot name a function ${kernel.name}`);
  const args = kernelParams(kernel).map((p) => {
    const type = p.kind === "array" ? `${elemType(p.value.type.elem)} **` : `${elemType(p.value.type as ScalarType)} *`;
    return `*(${type})(slot + ${p.at})`;
  });
  if (numberChecks(kernel).size > 0) args.push(`*(int64_t **)(slot + ${layoutOf(kernel).error})`);
  const call = wrap(`  return ${name}(`, args, ");", "    ");
  return `int32_t ${kernel.name}(void *args) {\n  char *slot = args;\n${call}\n}`;
}
