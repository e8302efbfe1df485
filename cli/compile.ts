/** `tsgpu compile`: what a kernel file becomes, as text or bytes, and on the way there. */
import { type Command, Option } from "commander";
import type { DerivativeKind, TargetName } from "../compiler/artifact.ts";
import { defaultArch, type GpuArch } from "../compiler/artifact-arch.ts";
import type { CompileOptions, Format } from "../compiler/index.ts";
import type { ScalarType } from "../compiler/ir/ir.ts";
import type { Trace } from "../compiler/pass.ts";
import { addDerivative, type DerivativeOptions, given, oneKernel, requestOf } from "./derivative.ts";
import { orDiagnostics } from "./diagnostics.ts";
import { UsageError } from "./errors.ts";
import {
  addCache,
  addCommon,
  type Cached,
  type Common,
  type Deterministic,
  deterministic,
  existingFile,
  gpuArch,
  kernelPath,
  requirePtx,
  typeArguments,
} from "./options.ts";
import { jsonOnStdout, writeJson, writeWhole } from "./output.ts";

interface Options extends Common, Cached, Deterministic, DerivativeOptions {
  readonly target?: Format;
  readonly grad?: true;
  readonly jvp?: true;
  readonly hvp?: true;
  readonly types?: Readonly<Record<string, ScalarType>>;
  readonly gpuArch?: GpuArch;
  readonly output?: string;
  readonly printAfter?: string;
}

/** The formats, and which target the compiler works for to get each. */
const formats: Readonly<Record<Format, TargetName>> = {
  ir: "native",
  llvm: "native",
  wasm: "wasm",
  wat: "wasm",
  c: "c",
  js: "node",
  ptx: "cuda",
  wgsl: "webgpu",
  webgpu: "webgpu",
};

export function define(command: Command): void {
  const target = new Option("--target <format>", "what to print (default: ir)").choices(Object.keys(formats));
  const what = command
    .argument("<file[:kernel]>", "a kernel file, and the function that is meant (default: all that it exports)")
    .addOption(target)
    .option("--types <list>", "type arguments of a generic kernel: T=f32,U=i32", typeArguments)
    .addOption(gpuArch())
    .addOption(deterministic())
    .option("--grad", "the kernel's gradient instead of the kernel (reverse mode)")
    .option("--jvp", "or its derivative along tangents (forward mode)")
    .addOption(new Option("--hvp", "or that of its gradient (forward over reverse mode)").conflicts("jvp"));
  addCache(
    addCommon(
      addDerivative(what)
        .option("-o, --output <file>", "write there instead of to stdout")
        .option(
          "--print-after <pass>",
          "print the IR after each run of a pass, or after `all`: instead of the target, or beside it to stderr",
        ),
    ),
  ).action(action);
}

async function action(path: string, options: Options): Promise<void> {
  const named = kernelPath(path);
  const { file } = named;
  const source = { file: existingFile(file) };
  const format = options.target ?? "ir";
  const kind = kindOf(options, format);
  const kernel = kind === null ? named.kernel : oneKernel(named);
  if (options.types !== undefined && kernel === undefined) {
    throw new UsageError(`--types is for one kernel: name it, as in ${file}:kernel`);
  }
  const binary = format === "wasm";
  if (binary && options.output === undefined && options.json === undefined && process.stdout.isTTY) {
    throw new UsageError("a wasm module is no text: name a file by -o, or print it by --target wat");
  }
  if (format !== "ptx" && options.gpuArch !== undefined) throw new UsageError("--gpu-arch is for --target ptx");
  const compileOptions: CompileOptions = {
    target: formats[format],
    ...(format === "ptx" ? { gpuArch: options.gpuArch ?? defaultArch } : {}),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.real === undefined ? {} : { real: options.real }),
    ...(options.deterministic === undefined ? {} : { deterministic: true }),
    ...(kernel === undefined ? {} : { kernels: [kernel] }),
    ...(kernel === undefined || kind === null ? {} : { derivative: requestOf(kind, kernel, options) }),
    ...(kernel === undefined || options.types === undefined ? {} : { types: { [kernel]: options.types } }),
    ...(options.printAfter === undefined ? {} : { trace: await printerAfter(options.printAfter, options) }),
  };
  // What the passes say on the way is not in the cache.
  const cache = options.cache && options.printAfter === undefined;
  const result = await orDiagnostics(options.json, () => emit(source.file, format, compileOptions, cache));
  if (options.printAfter !== undefined && options.target === undefined && options.output === undefined) return;
  if (options.output !== undefined) writeWhole(options.output, result);
  else if (!jsonOnStdout(options.json)) process.stdout.write(ended(result));
  writeJson(options.json, {
    file,
    ...(kernel === undefined ? {} : { kernel }),
    ...(kind === null ? {} : { derivative: kind }),
    target: format,
    mode: options.mode ?? "contract",
    real: options.real ?? "f64",
    bytes: typeof result === "string" ? Buffer.byteLength(result) : result.length,
    ...(options.output === undefined ? content(result) : { output: options.output }),
  });
}

/** Which derivative is asked for; null where the kernels themselves are. */
function kindOf(options: Options, format: Format): DerivativeKind | null {
  const kind = options.hvp ? "hvp" : options.jvp ? "jvp" : options.grad ? "vjp" : null;
  const [stray] = given(options);
  if (kind === null && stray !== undefined) throw new UsageError(`${stray} is for derivatives: add --grad`);
  if (kind !== null && format === "js") {
    const others = Object.keys(formats).filter((name) => name !== "js");
    throw new UsageError(`JavaScript is the kernel as written, without derivatives: take ${others.join(", ")}`);
  }
  return kind;
}

/** The file in that format: from the compile cache, where it may be. */
async function emit(
  file: string,
  format: Format,
  options: CompileOptions,
  cache: boolean,
): Promise<string | Uint8Array> {
  const { throughCache } = await import("../runtime/cache.ts");
  const { fingerprint } = await import("../compiler/fingerprint.ts");
  const { trace, ...key } = { mode: "contract", real: "f64", ...options } as const;
  const { value } = await throughCache(
    { file, product: format, options: key, ...(await fingerprint({ ...options, format })) },
    async (readFile) => {
      if (format === "ptx") await requirePtx(options.gpuArch);
      return (await import("../compiler/index.ts")).emit({ file, readFile }, format, {
        ...key,
        ...(trace && { trace }),
      });
    },
    cache ? undefined : null,
  );
  return value;
}

/** Text that ends in a newline. */
const ended = (result: string | Uint8Array): string | Uint8Array =>
  typeof result === "string" && !result.endsWith("\n") ? `${result}\n` : result;

const content = (result: string | Uint8Array): object =>
  typeof result === "string" ? { text: result } : { base64: Buffer.from(result).toString("base64") };

/** Prints modules as they come by: to stdout when they are all that is wanted, otherwise beside the target's text. */
async function printerAfter(pass: string, { target, grad, jvp, hvp }: Options): Promise<(t: Trace) => void> {
  const { passesAfter, passesBefore } = await import("../compiler/pipeline.ts");
  const { print } = await import("../compiler/ir/print.ts");
  const kind = grad ? "vjp" : jvp ? "jvp" : hvp ? "hvp" : null;
  const on = kind === null ? {} : { derivative: { kind } as const };
  const ad = kind === null ? [] : ["ad"];
  const passes = [passesBefore(on), passesAfter(on)].map((list) => list.map((p) => p.name));
  const names = ["frontend", ...new Set([...passes[0]!, ...ad, ...passes[1]!])];
  if (pass !== "all" && !names.includes(pass)) {
    throw new UsageError(`there is no pass ${pass}; there are ${names.join(", ")}, and all`);
  }
  const out = target === undefined ? process.stdout : process.stderr;
  const runs = new Map<string, number>();
  return (t) => {
    const run = (runs.get(t.pass) ?? 0) + 1;
    runs.set(t.pass, run);
    if (pass !== "all" && pass !== t.pass) return;
    const head = `# after ${t.pass}${run > 1 ? `, run ${run}` : ""}`;
    // One that was asked for by name is shown even where it did nothing.
    out.write(t.changed || pass !== "all" ? `${head}\n${print(t.after)}\n` : `${head}: no change\n\n`);
  };
}
