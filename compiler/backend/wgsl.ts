/**
 * Kernels of a GPU as WGSL text, one module for all of them. artifact-wgsl.ts says how arguments are bound.
 *
 *   kernel @scale(%alpha: f32, %x: f32[%n]) {          struct ScaleParams { alpha: f32, n: i32 }
 *     for %b in grid.x(0, %blocks) {                   @group(0) @binding(0) var<uniform> scale_params: ScaleParams;
 *       for %t in threads.x(0, 64) {             =>    @group(0) @binding(1) var<storage, read_write> scale_x: array<f32>;
 *         …                                            @compute @workgroup_size(64, 1, 1) fn kernel_scale(…) { … }
 *
 * WGSL cannot promise what the other targets do in mode `strict`: implementations may fuse operations, divide with an error of
 * 2.5 ulp, flush subnormal numbers, and take it that there are no NaNs. Integers are exact.
 */
import { barriersOf } from "../analysis/barriers.ts";
import { type DeviceKernel, deviceKernel } from "../analysis/device-kernel.ts";
import { IndexWidths } from "../analysis/index-widths.ts";
import { zeroedAllocs } from "../analysis/zeroing.ts";
import { entryPoints, type Uniform, type WgslLayout, wgslLayout } from "../artifact-wgsl.ts";
import { bug } from "../diagnostic.ts";
import type { typeOf } from "../ir/build.ts";
import {
  type Accum,
  type ArrayValue,
  type Func,
  isArray,
  type Module,
  type Operand,
  type ScalarType,
  type Value,
  valueType,
} from "../ir/ir.ts";
import { neededBy } from "../ir/library.ts";
import { walk } from "../ir/walk.ts";
import { refuse } from "./codes.ts";
import { refuseAtomicHalves } from "./kernel.ts";
import { privatise } from "./privatise.ts";
import { plain, Scope } from "./text.ts";
import { Uses } from "./uses.ts";
import { BlockPrinter, type FunctionContext } from "./wgsl-block.ts";
import { type HelperName, helperTexts } from "./wgsl-helpers.ts";
import { KernelBlockPrinter, type KernelContext, type KernelParts } from "./wgsl-kernel-block.ts";
import { elementCount, elementType, type Storage, updateFunction, updateName } from "./wgsl-memory.ts";
import { binary } from "./wgsl-operators.ts";
import { reservedInWgsl, wgslType } from "./wgsl-text.ts";

/** The WGSL of every kernel of a module of stage `kernel`. @throws CompileError (TG4001) */
export function printWgsl(m: Module): string {
  if (m.stage !== "kernel") bug(`printWgsl got a module of stage ${m.stage}`);
  const file = new Scope(null, reservedInWgsl);
  const helpers = new Set<HelperName>();
  const entries = entryPoints(m);
  for (const name of entries.values()) file.fresh(name);
  const kernels = m.funcs.filter((f) => f.kind === "kernel");
  const library = libraryOf(m, kernels);
  const names = new Map(library.map((f) => [f.name, file.fresh(f.name.replace(/\W/g, "_"))]));
  const functionName = (name: string): string => names.get(name) ?? bug(`there is no function @${name}`);
  const texts = kernels.map((k) => {
    singleOnly(k);
    refuseAtomicHalves(k);
    return new KernelPrinter(privatise(k), entries.get(k.name) ?? "", file, helpers, functionName).text();
  });
  const functions = library.map((f) => printFunction(f, file, helpers, functionName));
  const parts = ["// WGSL, made by tsgpu.", ...helperTexts(helpers), ...functions, ...texts];
  return `${parts.join("\n\n")}\n`;
}

/** The functions of the math library that the kernels need; launch programs compute on the host. */
function libraryOf(m: Module, kernels: readonly Func[]): readonly Func[] {
  const needed = [...kernels];
  const names = new Set<string>();
  // The list grows while it is walked.
  for (const f of needed) {
    for (const name of neededBy(f, "single")) {
      if (names.has(name)) continue;
      names.add(name);
      needed.push(m.funcs.find((g) => g.name === name) ?? bug(`there is no function @${name}`));
    }
  }
  return needed.slice(kernels.length);
}

/** @throws CompileError (TG4001) where the kernel computes in f64. */
function singleOnly(kernel: Func): void {
  for (const p of kernel.params) {
    if (elemOf(p.type) === "f64") refuse("TG4001", `%${p.hint} is f64, which WebGPU does not have`, kernel.loc);
  }
  for (const s of walk(kernel.body)) {
    const types: readonly ScalarType[] =
      s.kind === "let"
        ? [s.result.type, ...operandTypes(s.expr)]
        : s.kind === "alloc"
          ? [valueType(s.result.type.elem)]
          : [];
    if (types.includes("f64")) refuse("TG4001", "this is computed in f64, which WebGPU does not have", s.loc);
  }
}
const elemOf = (type: Value["type"]): ScalarType => (typeof type === "string" ? type : valueType(type.elem));
const operandTypes = (e: Parameters<typeof typeOf>[0]): readonly ScalarType[] =>
  e.kind === "load" ? [] : e.kind === "select" ? [e.a.type] : [e.a.type];

/** A function of scalars, of the math library. */
function printFunction(f: Func, file: Scope, helpers: Set<HelperName>, functionName: (name: string) => string): string {
  const scope = file.inner();
  const bound: FunctionContext["bound"] = new Map();
  const type = (t: ScalarType): string => wgslType[t as keyof typeof wgslType] ?? bug(`@${f.name} has an f64`);
  const params = f.params.map((p) => {
    if (isArray(p)) return bug(`@${f.name} takes an array`);
    const name = scope.fresh(p.hint);
    bound.set(p, plain(name));
    return `${name}: ${type(p.type as ScalarType)}`;
  });
  const widths = new IndexWidths(f);
  const context = { uses: new Uses(f), widths, functionName, helpers, bound };
  const printer = new BlockPrinter(context, f.body, scope, 1);
  printer.statements();
  const result: Operand = f.body.yields[0] ?? bug(`@${f.name} returns nothing`);
  const value = printer.take(result).text;
  const head = `fn ${functionName(f.name)}(${params.join(", ")}) -> ${type(result.type)} {`;
  return [head, ...printer.lines, `  return ${value};`, "}"].join("\n");
}

/** One kernel: its bindings, its shared memory, the functions that update its arrays, its entry point. */
class KernelPrinter {
  private readonly kernel: Func;
  private readonly entry: string;
  private readonly file: Scope;
  private readonly helpers: Set<HelperName>;
  private readonly functionName: (name: string) => string;
  private readonly layout: WgslLayout;
  private readonly device: DeviceKernel;
  /** Arrays that are updated atomically, and those of halves that are written. */
  private readonly atomic: ReadonlySet<ArrayValue>;
  private readonly arrays = new Map<ArrayValue, Storage>();
  private readonly declarations: string[] = [];
  private readonly handovers = new Map<string, string>();
  private readonly updates = new Map<string, string>();

  constructor(
    kernel: Func,
    entry: string,
    file: Scope,
    helpers: Set<HelperName>,
    functionName: (name: string) => string,
  ) {
    this.kernel = kernel;
    this.entry = entry;
    this.file = file;
    this.helpers = helpers;
    this.functionName = functionName;
    this.layout = wgslLayout(kernel);
    this.device = deviceKernel(kernel) ?? bug(`@${kernel.name} is no kernel of a GPU`);
    this.atomic = new Set([
      ...[...walk(kernel.body)].flatMap((s) => (s.kind === "accum" && s.atomic === true ? [s.array] : [])),
      ...kernel.params.filter(isArray).filter((a) => a.type.elem === "f16" && this.layout.written.has(a)),
    ]);
  }

  text(): string {
    const { kernel, layout } = this;
    const params = this.declareUniforms();
    layout.bindings.forEach((_, k) => void this.declareBinding(k, params));
    const scope = this.file.inner();
    const bound: FunctionContext["bound"] = new Map();
    const lines = layout.uniforms.flatMap((u, k) => {
      if (u.kind === "offset" || !this.isUsed(u.value)) return [];
      const name = scope.fresh(u.value.hint);
      bound.set(u.value, plain(name));
      const member = `${params}.${memberName(u, k)}`;
      return [`  let ${name} = ${u.value.type === "bool" ? `${member} != 0u` : member};`];
    });
    const context: KernelContext = {
      uses: new Uses(kernel),
      widths: new IndexWidths(kernel),
      functionName: this.functionName,
      helpers: this.helpers,
      bound,
      arrays: this.arrays,
      kernel: this.parts(),
    };
    const body = new KernelBlockPrinter(context, kernel.body, scope, 1).all();
    const [x, y, z] = this.device.workgroup;
    return [
      ...this.declarations,
      ...this.updates.values(),
      `@compute @workgroup_size(${x}, ${y}, ${z})`,
      `fn ${this.entry}(`,
      "  @builtin(workgroup_id) group: vec3<u32>,",
      "  @builtin(num_workgroups) groups: vec3<u32>,",
      "  @builtin(local_invocation_id) thread: vec3<u32>,",
      "  @builtin(local_invocation_index) lane: u32,",
      ") {",
      ...lines,
      ...body,
      "}",
    ].join("\n");
  }

  private parts(): KernelParts {
    return {
      workgroup: this.device.workgroup,
      barriers: barriersOf(this.device),
      zeroed: zeroedAllocs(this.device),
      written: this.layout.written,
      shared: (array) => this.declareShared(array),
      handover: (type) => {
        let name = this.handovers.get(type);
        if (name === undefined) {
          name = this.file.fresh(`${this.prefix}_uniform_${type}`);
          this.handovers.set(type, name);
          this.declarations.push(`var<workgroup> ${name}: ${type};`);
        }
        return name;
      },
      update: (s, storage) => this.declareUpdate(s, storage),
    };
  }

  private get prefix(): string {
    return this.kernel.name.replace(/\W/g, "_").replace(/^_+/, "k");
  }

  /** Sizes are printed where a subscript, a bound or a statement mentions them. */
  private isUsed(v: Value): boolean {
    this.used ??= usedIn(this.kernel);
    return this.used.has(v);
  }
  private used: ReadonlySet<Value> | null = null;

  private declareUniforms(): string {
    const { uniforms } = this.layout;
    if (uniforms.length === 0) return "";
    const type = this.file.fresh(`${this.prefix}_Params`);
    const name = this.file.fresh(`${this.prefix}_params`);
    const members = uniforms.map((u, k) => {
      const t = u.kind === "offset" ? "i32" : u.value.type === "bool" ? "u32" : wgslType[u.value.type as "f32"];
      return `  ${memberName(u, k)}: ${t},`;
    });
    this.declarations.push(
      `struct ${type} {\n${members.join("\n")}\n}`,
      `@group(0) @binding(0) var<uniform> ${name}: ${type};`,
    );
    return name;
  }

  private declareBinding(k: number, params: string): void {
    const { arrays, packed, written } = this.layout.bindings[k] ?? bug("no such binding");
    const atomic = arrays.some((a) => this.atomic.has(a));
    const [only] = arrays;
    const name = this.file.fresh(
      packed || only === undefined ? `${this.prefix}_packed` : `${this.prefix}_${only.hint}`,
    );
    for (const a of arrays) {
      const at = this.layout.uniforms.findIndex((u) => u.kind === "offset" && u.array === a);
      const offset = packed ? `${params}.${memberName(this.layout.uniforms[at] as Uniform, at)}` : null;
      this.arrays.set(a, { name, elem: a.type.elem, paired: a.type.elem === "f16", atomic, offset });
    }
    const type = elementType(this.arrays.get(only as ArrayValue) ?? bug("an empty binding"));
    const access = written ? "read_write" : "read";
    this.declarations.push(`@group(0) @binding(${k + 1}) var<storage, ${access}> ${name}: array<${type}>;`);
  }

  private declareShared(array: ArrayValue): Storage {
    const { elem, dims } = array.type;
    const name = this.file.fresh(`${this.prefix}_${array.hint}`);
    const storage = { name, elem, paired: false, atomic: this.atomic.has(array), offset: null };
    const length = dims.reduce((n, d) => n * (d.kind === "const" ? Number(d.value) : bug("a size that varies")), 1);
    const count = Math.max(1, elementCount(storage, length));
    this.declarations.push(`var<workgroup> ${name}: array<${elementType(storage)}, ${count}>;`);
    return storage;
  }

  private declareUpdate(s: Accum, storage: Storage): string {
    const key = updateName(storage, s.array, s.op);
    if (this.updates.has(key)) return this.updateNames.get(key) ?? key;
    const name = this.file.fresh(key.replace(/\W/g, "_"));
    const elem = s.value.type;
    const context = { functionName: this.functionName, helpers: this.helpers };
    if (elem === "index") this.helpers.add("wide");
    const text = updateFunction(name, storage, s.op, (old, x) => {
      const operand: Operand = { kind: "value", type: elem, hint: "x" };
      return binary(context, s.op, elem, plain(old), plain(x), operand).text;
    });
    // The language has no arrays of indices; those of the compiler's own are added to at most.
    if (text === null) bug(`several threads take the ${s.op} of one index`);
    this.updates.set(key, text);
    this.updateNames.set(key, name);
    return name;
  }
  private readonly updateNames = new Map<string, string>();
}

/** A member of the uniform block. */
const memberName = (u: Uniform, k: number): string =>
  `${(u.kind === "value" ? u.value.hint : `${u.array.hint}_at`).replace(/\W/g, "_")}_${k}`;

/** The values that a kernel's statements mention, sizes in flat subscripts among them. */
function usedIn(kernel: Func): ReadonlySet<Value> {
  const used = new Set<Value>();
  const note = (o: Operand): void => {
    if (o.kind === "value") used.add(o);
  };
  const inner = (a: ArrayValue): void => a.type.dims.slice(1).forEach(note);
  for (const v of new Uses(kernel).all()) used.add(v);
  for (const s of walk(kernel.body)) {
    if (s.kind === "store" || s.kind === "accum") inner(s.array);
    if (s.kind === "let" && s.expr.kind === "load") inner(s.expr.array);
  }
  return used;
}
