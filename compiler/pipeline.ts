/**
 * Source to artifact, in order: this file is the whole compiler, everything else is a step of it.
 *
 *   kernel file ─ frontend ─▶ stage loop ─ passes ─▶ stage kernel ─ printer ─▶ LLVM IR or C ─ toolchain ─▶ artifact
 *
 * A derivative is made in stage loop (ad/), after the first passes, and has passes of its own (schedule/) before the others.
 */
import { type DerivativeRequest, differentiate, type Report } from "../ad/index.ts";
import { type Artifact, type Entry, isGpuTarget, type TargetName } from "./artifact.ts";
import { defaultArch } from "./artifact-arch.ts";
import { artifactToJson } from "./artifact-json.ts";
import { printC } from "./backend/c.ts";
import { compileC } from "./backend/cc.ts";
import { printLlvm } from "./backend/llvm.ts";
import { compileNative, nativeTarget } from "./backend/native.ts";
import { compilePtx } from "./backend/ptx.ts";
import { compileSimulator } from "./backend/simulator.ts";
import { compileWasm, toWat } from "./backend/wasm.ts";
import { printWgsl } from "./backend/wgsl.ts";
import { bug, CompileError, type Diagnostic } from "./diagnostic.ts";
import { copiesOf, derivedEntry, entriesOf } from "./entries.ts";
import type { Lowered } from "./frontend/frontend.ts";
import { lower } from "./frontend/frontend.ts";
import type { For, Mode, Module, ScalarType } from "./ir/ir.ts";
import { print } from "./ir/print.ts";
import { verify } from "./ir/verify.ts";
import { type Pass, runPasses, type Trace } from "./pass.ts";
import { type ChecksMode, checkBounds } from "./passes/check-bounds.ts";
import {
  cleanup,
  cse,
  dce,
  dropStop,
  groupWrites,
  inline,
  inlinePlain,
  licm,
  localArrays,
  lowerMath,
  lowerMathSingle,
  orderReductions,
  outline,
  sequential,
  simplify,
  versionChecks,
} from "./passes/index.ts";
import {
  accumulate,
  distribute,
  expandArrays,
  expandLocals,
  fission,
  freeOrderSums,
  freeSums,
  gather,
  interchange,
  mapToGpu,
  markAtomics,
  mergeZeroed,
  orderedLoops,
  orderUpdates,
  parallelise,
  paralleliseInOrder,
  recordChecks,
  sharedLoops,
  spillSums,
  sums,
  tile,
  untiledNests,
  upward,
} from "./schedule/index.ts";

export interface CompileOptions {
  readonly target: TargetName;
  /** What may be done to float operations; `contract` when not given. */
  readonly mode?: Mode;
  /** What `real` is; f64 when not given. */
  readonly real?: "f64" | "f32";
  /** Exported functions to compile; all of them when not given. */
  readonly kernels?: readonly string[];
  /** Compiles a derivative of one function instead of the functions themselves. */
  readonly derivative?: DerivativeRequest;
  /** Type arguments of generic kernels: `{ axpy: { T: "f32" } }`; by default the first type of each constraint. */
  readonly types?: Readonly<Record<string, Readonly<Record<string, ScalarType>>>>;
  /** `assume`: accesses that hold when the launch requirements hold are not checked. `all`: for when these fail. */
  readonly checks?: ChecksMode;
  /** The C compiler of target c; the first one found when not given. */
  readonly cc?: "gcc" | "clang";
  /** Whether wasm code expects memory that threads share; it does when not given. */
  readonly memory?: "shared" | "unshared";
  /** Where LLVM comes from on target wasm; libLLVM where it is installed, when not given. */
  readonly llvm?: "libllvm" | "embedded";
  /**
   * Whether results on a GPU are the same bits from run to run: threads do not add to one float then, whose value would depend on
   * their order. They may when not given.
   */
  readonly deterministic?: boolean;
  /** The GPU that PTX is for: `sm_75` (also what runs on all later ones) and up; sm_75 when not given. */
  readonly gpuArch?: string;
  readonly trace?: (t: Trace) => void;
}

export type Format = "ir" | "llvm" | "wasm" | "wat" | "c" | "js" | "ptx" | "wgsl" | "webgpu";

/** A source file by absolute path; `text` stands for the file's content when given. */
export interface Source {
  readonly file: string;
  readonly text?: string;
  /**
   * Reads this file and whatever its imports may mean, undefined for what is not there; from the disk when not given. All
   * that the compiler learns of the file system comes through it.
   */
  readonly readFile?: (file: string) => string | undefined;
}

/** What the passes depend on. */
interface PassOptions {
  readonly target?: TargetName;
  readonly checks?: ChecksMode;
  readonly derivative?: Pick<DerivativeRequest, "kind">;
  readonly deterministic?: boolean;
}

/** The passes of a compilation, in the order in which they run: up to where differentiation stands, and after it. */
export function passesBefore(options: PassOptions): readonly Pass[] {
  return [
    // Differentiation wants to see what the user says of derivatives; nothing else does.
    ...(options.derivative === undefined ? [inline, dropStop, workgroups(options)] : [inlinePlain]),
    // What licm computes though a loop may make no trip would have a derivative there.
    ...(options.derivative === undefined ? cleanup : cleanup.filter((p) => p !== licm)),
    localArrays,
    // Subscripts are at their simplest, and loops still as written.
    checkBounds(options.checks ?? "assume"),
    ...(options.derivative === undefined ? [] : [orderReductions]),
  ];
}
/** What the program says of workgroups and threads is for GPUs; and for differentiation, which keeps it. */
const workgroups = ({ target }: PassOptions): Pass =>
  target !== undefined && isGpuTarget(target) ? groupWrites : sequential;

export function passesAfter(options: PassOptions): readonly Pass[] {
  const onGpu = options.target !== undefined && isGpuTarget(options.target);
  return [
    // Gradients access what the primal does, which is safe by now.
    ...(options.derivative === undefined
      ? []
      : [inline, dropStop, workgroups(options), ...cleanup, ...scheduled(options.derivative, onGpu)]),
    ...(onGpu
      ? mapped(options.deterministic === true)
      : // Before what makes subscripts of either copy simpler.
        [versionChecks]),

    // After everything that wants to know a function by its name.
    // WebGPU has no f64.
    options.target === "webgpu" ? lowerMathSingle : lowerMath,
    simplify,
    cse,
    dce,

    // The change of stage: from here on, launch programs and kernels.
    outline,
    dce,
  ];
}

/** From loops to kernels of a GPU. */
const mapped = (isDeterministic: boolean): readonly Pass[] => [
  // First: what it puts in order may be parallel in other ways.
  ...(isDeterministic ? [orderUpdates] : []),
  recordChecks,
  accumulate,
  spillSums,
  expandLocals,
  expandArrays,
  fission,
  isDeterministic ? paralleliseInOrder : parallelise,
  freeOrderSums,
  markAtomics,
  tile,
  mapToGpu,
];

/** Orders the sums of a gradient, and its loops for vector code and caches. Decides the same for all CPUs. */
export function scheduled({ kind }: Pick<DerivativeRequest, "kind">, onGpu = false): readonly Pass[] {
  if (kind === "jvp") return [];
  return [
    // First: updates in place are no dependence between iterations then.
    mergeZeroed,
    // The others look for subscripts that are indices plus constants.
    upward,
    ...cleanup,
    // interchange before gather, which takes loops as they stand; distribute is for what gather has left. GPUs have fission for both.
    ...(onGpu ? [gather] : [interchange, gather, distribute]),
    ...cleanup,
    // Last, when sums have their places; what was zeroed may have come to stand beside its update.
    mergeZeroed,
    freeSums,
    // A sum in a value ties its loop together, which fission would take apart.
    ...(onGpu ? [] : [sums]),
    ...cleanup,
  ];
}

interface Compiled {
  readonly lowered: Lowered;
  readonly entries: readonly Entry[];
  readonly program: Module;
  /** Of a derivative by reverse mode. */
  readonly report: Report | null;
}

function compileIr(source: Source, options: CompileOptions): Compiled {
  const kernels = options.derivative === undefined ? options.kernels : [options.derivative.kernel];
  const lowered = lower(source.file, source.text, {
    mode: options.mode ?? "contract",
    real: options.real ?? "f64",
    ...(kernels === undefined ? {} : { kernels }),
    ...(options.types === undefined ? {} : { types: options.types }),
    ...(source.readFile === undefined ? {} : { readFile: source.readFile }),
  });
  options.trace?.({ pass: "frontend", changed: true, ms: 0, after: lowered.module });
  let module = runPasses(lowered.module, passesBefore(options), options.trace);
  let entries = entriesOf(lowered, module);
  let report: Report | null = null;
  if (options.derivative !== undefined)
    ({ module, entries, report } = derive(module, entries, lowered, requestFor(options), options.trace));
  const program = runPasses(module, passesAfter(options), options.trace);
  return { lowered, entries, program, report };
}

function requestFor({ target, derivative }: CompileOptions): DerivativeRequest {
  const request = derivative ?? bug("no derivative is asked for");
  return isGpuTarget(target) ? { inParallel: true, ...request } : request;
}

/** The module and the entry of a derivative. */
function derive(
  m: Module,
  entries: readonly Entry[],
  { declared }: Lowered,
  request: DerivativeRequest,
  trace: CompileOptions["trace"],
): { readonly module: Module; readonly entries: readonly Entry[]; readonly report: Report | null } {
  const entry = entries.find((e) => e.name === request.kernel) ?? bug(`no entry ${request.kernel}`);
  const f = m.funcs.find((x) => x.name === request.kernel) ?? bug(`no func @${request.kernel}`);
  // What cannot be launched is refused before it is differentiated.
  runPasses(m, [inline, sequential, outline]);
  const start = performance.now();
  const places = declared.get(request.kernel) ?? bug(`@${request.kernel} is declared nowhere`);
  const { module, name, derivative, decisions } = differentiate(m, f, { ...entry, places }, request, (x) =>
    runPasses(x, [inlinePlain, ...cleanup.filter((p) => p !== licm)]),
  );
  const faults = verify(module);
  if (faults[0]) bug(`after ad, in @${faults[0].func}: ${faults[0].message}\n\n${print(module)}`);
  trace?.({ pass: "ad", changed: true, ms: performance.now() - start, after: module });
  const func = module.funcs.find((x) => x.name === name) ?? bug(`no func @${name}`);
  const { kernel, wrt, of } = derivative;
  const report = decisions && { kernel, wrt, of, copies: copiesOf(entry, f), ...decisions };
  return { module, entries: [derivedEntry(func, entry, derivative)], report };
}

/** All that is wrong with a kernel file, in the order of its source. */
export function diagnose(source: Source, options: CompileOptions): readonly Diagnostic[] {
  try {
    compileIr(source, options);
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
}

/** What reverse mode decides on a kernel, without code. @throws CompileError with all diagnostics. */
export function explainDerivative(
  source: Source,
  request: Omit<DerivativeRequest, "kind">,
  options: Omit<CompileOptions, "target" | "derivative"> = {},
): Report {
  const { report } = compileIr(source, { target: "interp", ...options, derivative: { ...request, kind: "vjp" } });
  return report ?? bug(`reverse mode gives no account of @${request.kernel}`);
}

/** A loop of a kernel for a GPU, and what is to say of it. */
export interface ExplainedLoop {
  readonly file: string;
  readonly line: number;
  /** What its index is called. */
  readonly index: string;
  readonly what: string;
}

export interface ExplainedLoops {
  /** Those that the launch program, one workgroup or one thread runs in order, and what is against their iterations running at the same time. */
  readonly sequential: readonly ExplainedLoop[];
  /** Those in which threads work together on values, and how. */
  readonly shared: readonly ExplainedLoop[];
  /** Nests with a loop inside whose operands each thread loads for itself, instead of sharing tiles with its workgroup; and why. */
  readonly untiled: readonly ExplainedLoop[];
}

/** The loops that stay in order on a GPU, and why; reductions, and how they are done. @throws CompileError with all diagnostics. */
export function explainLoops(source: Source, options: CompileOptions): ExplainedLoops {
  const sequential: ExplainedLoop[] = [];
  const shared: ExplainedLoop[] = [];
  const untiled: ExplainedLoop[] = [];
  const explained = ({ index, loc: { span } }: For, what: string): ExplainedLoop => {
    return { file: span.file, line: span.line, index: index.hint, what };
  };
  const trace = ({ pass, after }: Trace): void => {
    for (const f of after.funcs.filter((g) => g.kind === "func")) {
      if (pass === fission.name) {
        const found = orderedLoops(f, options.deterministic === true);
        sequential.push(...found.map(({ loop, why }) => explained(loop, why)));
      }
      if (pass === freeOrderSums.name) shared.push(...sharedLoops(f).map(({ loop, how }) => explained(loop, how)));
      if (pass === markAtomics.name) untiled.push(...untiledNests(f).map(({ loop, why }) => explained(loop, why)));
    }
  };
  compileIr(source, { ...options, target: isGpuTarget(options.target) ? options.target : "cuda", trace });
  return { sequential, shared, untiled };
}

/** Compiles a kernel file. @throws CompileError with all diagnostics. */
export async function compile(source: Source, options: CompileOptions): Promise<Artifact> {
  const { lowered, entries, program } = compileIr(source, options);
  const artifact = { target: options.target, file: source.file, entries, program };
  switch (options.target) {
    case "native":
      return { ...artifact, code: compileNative(printLlvm(program, nativeTarget())).object };
    case "wasm": {
      const memory = options.memory ?? "shared";
      return { ...artifact, code: await wasmOf(program, memory, options), memory };
    }
    case "c": {
      const mode = options.mode ?? "contract";
      const library = await compileC(printC(program), {
        mode,
        ...(options.cc === undefined ? {} : { compiler: options.cc }),
      });
      return { ...artifact, code: library.library };
    }
    case "cuda":
    case "ptx-emulator":
      return { ...artifact, code: compilePtx(program, { arch: options.gpuArch ?? defaultArch }) };
    case "webgpu":
      return { ...artifact, code: printWgsl(program) };
    case "simulator":
      return { ...artifact, code: compileSimulator(program) };
    case "interp":
      return { ...artifact, code: null };
    case "node":
      return { ...artifact, code: lowered.js() };
  }
}

/** Compiles a kernel file to the text (or bytes) of a format. @throws CompileError with all diagnostics. */
export async function emit(source: Source, format: Format, options: CompileOptions): Promise<string | Uint8Array> {
  const { lowered, entries, program } = compileIr(source, options);
  switch (format) {
    case "ir":
      return print(program);
    case "llvm":
      return printLlvm(program, { pointerBits: 64 });
    case "c":
      return printC(program);
    case "ptx":
      return compilePtx(program, { arch: options.gpuArch ?? defaultArch });
    case "wgsl":
      return printWgsl(program);
    case "webgpu":
      return artifactToJson({ target: "webgpu", file: source.file, entries, program, code: printWgsl(program) });
    case "js":
      return lowered.js();
    case "wasm":
      return wasmOf(program, options.memory ?? "shared", options);
    case "wat":
      return toWat(await wasmOf(program, options.memory ?? "shared", options));
  }
}

function wasmOf(program: Module, memory: "shared" | "unshared", options: CompileOptions): Promise<Uint8Array> {
  const exports = program.funcs.filter((f) => f.kind === "kernel").map((f) => f.name);
  const text = printLlvm(program, { pointerBits: 32, selfContained: true });
  return compileWasm(text, { exports, memory, ...(options.llvm === undefined ? {} : { via: options.llvm }) });
}
