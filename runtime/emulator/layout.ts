/** Where the variables of a module lie: offsets within their windows, given out once, since no function calls itself. */
import { type Operand, type PtxFunction, type PtxText, refuse, type Variable } from "./ptx.ts";

/** Between two variables of shared or local memory, so that running over the end of one is no access to the next. */
const gap = 16;
const mostStaticShared = 48 * 1024;

/** Offsets from the start of one window. */
class Window {
  readonly offsets = new Map<Variable, number>();
  size = 0;
  private readonly gap: number;
  constructor(gap: number) {
    this.gap = gap;
  }
  add(variable: Variable): void {
    const at = Math.ceil(this.size / variable.align) * variable.align;
    this.offsets.set(variable, at);
    this.size = at + variable.size + this.gap;
  }
}

export class Layout {
  readonly shared = new Window(gap);
  readonly local = new Window(gap);
  /** `.global` and `.const` of the module. */
  readonly module = new Window(gap);
  /** Parameters of calls; those of kernels have a window each. */
  readonly calls = new Window(0);
  readonly kernels = new Map<PtxFunction, Window>();
  /** Where `.extern .shared` arrays start: the launch says how long they are. */
  readonly dynamicShared: number;

  constructor(text: PtxText) {
    const dynamic: Variable[] = [];
    const place = (v: Variable): void => {
      if (v.space === "shared" && v.size === 0) dynamic.push(v);
      else if (v.space === "param") this.calls.add(v);
      else this[v.space === "shared" || v.space === "local" ? v.space : "module"].add(v);
    };
    for (const v of text.variables) place(v);
    for (const f of text.functions.values()) {
      for (const v of f.variables) place(v);
      if (f.isKernel) {
        const window = new Window(0);
        for (const v of f.params) window.add(v);
        this.kernels.set(f, window);
      } else for (const v of [...f.params, ...f.results]) place(v);
    }
    for (const f of text.functions.values()) if (f.isKernel) requireFitting(f, text);
    this.dynamicShared = Math.ceil(this.shared.size / 16) * 16;
    for (const v of dynamic) this.shared.offsets.set(v, this.dynamicShared);
  }

  /** The offset of a parameter in its window: the kernel's, or that of calls. */
  param(v: Variable): { readonly base: "params" | "calls"; readonly offset: number } {
    for (const window of this.kernels.values()) {
      const offset = window.offsets.get(v);
      if (offset !== undefined) return { base: "params", offset };
    }
    return { base: "calls", offset: this.calls.offsets.get(v)! };
  }
}

/** A workgroup has all that its kernel, and what this calls, names. @throws PtxError where that is more than a device gives. */
function requireFitting(kernel: PtxFunction, text: PtxText): void {
  const named = new Set<Variable>();
  const seen = new Set<PtxFunction>();
  const visit = (f: PtxFunction): void => {
    if (seen.has(f)) return;
    seen.add(f);
    for (const v of f.variables) if (v.space === "shared") named.add(v);
    for (const { operands } of f.body) for (const o of operands) operand(o);
  };
  const operand = (o: Operand): void => {
    if (o.kind === "variable" && o.variable.space === "shared") named.add(o.variable);
    else if (o.kind === "address" && o.base !== null) operand(o.base);
    else if (o.kind === "vector" || o.kind === "list") o.elements.forEach(operand);
    else if (o.kind === "pair") [o.first, o.second].forEach(operand);
    else if (o.kind === "name") {
      const callee = text.functions.get(o.name);
      if (callee !== undefined) visit(callee);
    }
  };
  visit(kernel);
  const bytes = [...named].reduce((sum, v) => sum + v.size, 0);
  if (bytes <= mostStaticShared) return;
  const what = `${bytes} bytes of .shared variables in ${kernel.name}`;
  refuse(
    [...named].at(-1) ?? kernel,
    `${what}: more than ${mostStaticShared} must be an .extern array that the launch sizes`,
  );
}
