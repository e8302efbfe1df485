/** Target c: C text to a shared library by the system's gcc or clang: the yardstick that tsgpu's own code is measured by. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

export type CompilerName = "gcc" | "clang";

export interface CCompiler {
  readonly name: CompilerName;
  /** The command that runs it. */
  readonly command: string;
  /** The first line of what it says of itself. */
  readonly version: string;
}

/** What `fast` allows, said one by one: with -ffast-math, gcc links code that makes the whole process flush denormals. */
const fastMath = [
  "-fassociative-math",
  "-freciprocal-math",
  "-ffinite-math-only",
  "-fno-signed-zeros",
  "-fno-trapping-math",
];
/** What an arithmetic mode means to a C compiler. clang honours the pragma that pins single operations only if told so. */
const modeFlags = {
  gcc: {
    strict: ["-ffp-contract=off"],
    contract: ["-ffp-contract=fast"],
    fast: [...fastMath, "-ffp-contract=fast"],
  },
  clang: {
    strict: ["-ffp-contract=off"],
    contract: ["-ffp-contract=fast-honor-pragmas"],
    fast: [...fastMath, "-ffp-contract=fast-honor-pragmas"],
  },
} as const;

export interface CompileCOptions {
  readonly mode: keyof (typeof modeFlags)["gcc"];
  /** gcc where there is one, otherwise clang, unless this says. */
  readonly compiler?: CompilerName;
  /** More flags, after tsgpu's own. */
  readonly flags?: readonly string[];
}

export interface CLibrary {
  /** A shared library, for `loadSharedLibrary` of `runtime/devices/native-loader.ts`. */
  readonly library: Uint8Array;
  readonly compiler: CCompiler;
  readonly flags: readonly string[];
}

/** Newest tested first; the name without a version may be any. */
const commands: Readonly<Record<CompilerName, readonly string[]>> = {
  gcc: ["gcc", "gcc-14", "gcc-13", "gcc-12"],
  clang: ["clang-19", "clang-22", "clang-21", "clang-20", "clang"],
};

async function tryCommand(name: CompilerName, command: string): Promise<CCompiler | null> {
  try {
    const { stdout } = await execute(command, ["--version"]);
    const version = stdout.split("\n")[0] ?? "";
    // On macOS `gcc` is clang by another name.
    return name === "gcc" && /clang/i.test(stdout) ? null : { name, command, version };
  } catch {
    return null;
  }
}

const found = new Map<CompilerName, Promise<CCompiler | null>>();

/** The compiler of this name, or without one the first there is; null when there is none. Looked for once. */
export async function findCC(name?: CompilerName): Promise<CCompiler | null> {
  if (name === undefined) return (await findCC("gcc")) ?? (await findCC("clang"));
  let search = found.get(name);
  if (search === undefined) {
    search = (async () => {
      for (const command of commands[name]) {
        const compiler = await tryCommand(name, command);
        if (compiler !== null) return compiler;
      }
      return null;
    })();
    found.set(name, search);
  }
  return search;
}

/** Compiles at -O3 for this machine's CPU. What the compiler prints is in the error that it throws. */
export async function compileC(text: string, options: CompileCOptions): Promise<CLibrary> {
  const compiler = await findCC(options.compiler);
  if (compiler === null) {
    const wish = options.compiler ?? "gcc or clang";
    throw new Error(
      `target c needs a C compiler, and ${wish} was not found (\`npm run setup\` installs gcc and clang)`,
    );
  }
  // JavaScript's functions set no errno, and nobody reads it. A kernel named `write` is called, not the system's `write`.
  const common = [
    "-std=c99",
    "-O3",
    "-march=native",
    "-fPIC",
    "-shared",
    "-fno-math-errno",
    "-fno-semantic-interposition",
  ];
  const own = [...common, ...modeFlags[compiler.name][options.mode]];
  const flags = [...own, ...(options.flags ?? [])];
  const folder = await mkdtemp(join(tmpdir(), "tsgpu-"));
  try {
    const source = join(folder, "kernel.c");
    const output = join(folder, "kernel.so");
    await writeFile(source, text);
    await execute(compiler.command, [...flags, source, "-o", output, "-lm"], { maxBuffer: 1 << 26 });
    return { library: new Uint8Array(await readFile(output)), compiler, flags };
  } catch (error) {
    const printed = (error as { stderr?: string }).stderr?.replaceAll(join(folder, "kernel.c"), "kernel.c").trim();
    throw new Error(`${compiler.command} cannot compile this C: ${printed || String(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
