/** Differentiation: from a kernel in the IR to its gradient kernels in the IR. */
import type { Derivative, DerivativeKind, DerivativeLeaf } from "../compiler/artifact.ts";
import { bug } from "../compiler/diagnostic.ts";
import { type Func, isArray, type Module, type Value } from "../compiler/ir/ir.ts";
import { forwardMode } from "./forward.ts";
import { forwardHost } from "./forward-host.ts";
import { type Limits, modeOf } from "./pair.ts";
import { prepare } from "./prepare.ts";
import type { Decisions } from "./report.ts";
import { type DerivativeRequest, resolve, type Signature } from "./request.ts";
import { reverseMode } from "./reverse.ts";
import type { Derived, Wanted } from "./wanted.ts";

export type { Report } from "./report.ts";
export type { DerivativeRequest, Signature } from "./request.ts";

/**
 * The derivative of one function of a module of stage `loop`, everything inlined and its accesses proven or checked: a module
 * of what has been made of it. The function itself is not in there. `clean` inlines calls, and tidies up after.
 *
 * @throws CompileError (TG2…) where there is no derivative, or none that could be right.
 */
export function differentiate(
  m: Module,
  f: Func,
  signature: Signature,
  request: DerivativeRequest,
  clean: (m: Module) => Module,
): {
  readonly module: Module;
  readonly derivative: Derivative;
  readonly name: string;
  /** Of reverse mode. */
  readonly decisions: Decisions | null;
} {
  const { wanted, wrt, of, nameOf } = resolve(request, f, signature);
  const name = `${f.name}_${request.kind}`;
  const budget = request.tapeBudget ?? request.spare ?? defaultSpare;
  const limits = {
    budget: budget > Number.MAX_SAFE_INTEGER ? null : Math.floor(budget),
    isStrict: request.tapeBudget !== undefined,
    undo: request.undo ?? modeOf(f) === "fast",
    bits: request.bits ?? request.inParallel !== true,
    inParallel: request.inParallel === true,
    tangents: false,
  };
  const made = derive(f, wanted, request.kind, name, limits, (g, parts) => {
    const others = m.funcs.filter((x) => !x.exported);
    const cleaned = clean({ stage: m.stage, funcs: [g, ...parts, ...others] });
    return cleaned.funcs.find((x) => x.name === g.name) ?? bug(`@${g.name} was cleaned away`);
  });
  const leaf = ({ of, role }: Part): DerivativeLeaf => ({ leaf: nameOf(of), role });
  return {
    // What calls with an adjoint name is still called.
    module: { stage: m.stage, funcs: [made.func, ...made.parts, ...m.funcs.filter((x) => !x.exported)] },
    derivative: {
      kind: request.kind,
      kernel: f.name,
      wrt,
      of,
      extra: made.extra.map(leaf),
      results: made.results.map(leaf),
      ...(made.keeps === undefined ? {} : { keeps: made.keeps.map(nameOf) }),
      ...(made.restores === undefined ? {} : { restores: made.restores.map(nameOf) }),
      ...(made.decisions === undefined ? {} : memoryOf(made.decisions)),
    },
    name,
    decisions: made.decisions ?? null,
  };
}

const memoryOf = ({ tape, scratch, checkpoints }: Decisions): Pick<Derivative, "tape" | "scratch" | "tapeBudget"> => ({
  tape,
  scratch,
  ...(checkpoints === null ? {} : { tapeBudget: checkpoints.budget }),
});

/** Bytes of tape, where the request says nothing: what a small machine can spare. */
const defaultSpare = 2 ** 30;

/** A parameter or result that a derived function has besides those of the function: what it belongs to, and as what. */
interface Part {
  readonly of: Derived["extra"][number];
  readonly role: DerivativeLeaf["role"];
}
interface Made extends Omit<Derived, "extra" | "results"> {
  /** Functions that it calls. */
  readonly parts: readonly Func[];
  readonly extra: readonly Part[];
  readonly results: readonly Part[];
}

const as = (role: Part["role"], parts: Derived["extra"]): readonly Part[] => parts.map((of) => ({ of, role }));

/** A function without calls of others, in the shortest form. */
type Clean = (f: Func, parts: readonly Func[]) => Func;

function derive(f: Func, wanted: Wanted, kind: DerivativeKind, name: string, limits: Limits, clean: Clean): Made {
  if (kind === "jvp") {
    const made = forwardMode(f, wanted, name);
    return { ...made, parts: [], extra: as("tangent", made.extra), results: as("tangent", made.results) };
  }
  // What is differentiated again is one function, unless it would keep more than it may.
  const again = { ...limits, budget: limits.isStrict ? limits.budget : null, tangents: true };
  const made = reverseMode(clean(prepare(f), []), wanted, name, kind === "hvp" ? again : limits);
  const adjoint = { ...made, extra: as("adjoint", made.extra), results: as("adjoint", made.results) };
  if (kind === "vjp") return adjoint;
  const isOne = made.func.kind === "func";
  return alongDirection(f, wanted, isOne ? { ...adjoint, func: clean(made.func, made.parts), parts: [] } : adjoint);
}

/** Forward over reverse mode: what a gradient does along a direction of `wrt`. */
function alongDirection(f: Func, wanted: Wanted, gradient: Made): Made {
  const { func } = gradient;
  const own = f.params.length;
  const partOf = (p: Value): Part => {
    const i = func.params.indexOf(p);
    const param = f.params[i];
    if (param !== undefined) return { of: param, role: "tangent" };
    return { of: (gradient.extra[i - own] ?? bug(`@${func.name} has no %${p.hint}`)).of, role: "adjoint-tangent" };
  };
  const direction = func.params.filter((_, i) => wanted.wrt.has(f.params[i] as Value));
  const along: Wanted = {
    wrt: new Set(direction),
    of: new Set(func.params.slice(own).filter(isArray)),
    results: new Set(gradient.results.map((_, i) => f.results.length + i)),
  };
  const made =
    func.kind === "func"
      ? { ...forwardMode(func, along, func.name), parts: [] }
      : forwardHost(func, gradient.parts, along, func.name);
  const products = gradient.results.map(({ of }): Part => ({ of, role: "adjoint-tangent" }));
  return {
    ...gradient,
    func: made.func,
    parts: made.parts,
    extra: [...gradient.extra, ...(made.extra as readonly Value[]).map(partOf)],
    results: [...gradient.results, ...products],
  };
}
