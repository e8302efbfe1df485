/**
 * What decides the result of a compilation besides its sources and options: this compiler, TypeScript, LLVM and the other
 * tools, and the machine. Loads none of them, but libLLVM for target native, which cannot run without it.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultArch } from "./artifact-arch.ts";
import { findLibLLVM, hostTarget, locateLibLLVM } from "./backend/libllvm.ts";
import type { CompileOptions, Format } from "./pipeline.ts";

/** What is compiled: for a target, or to a format. */
export type Product = Pick<CompileOptions, "target" | "cc" | "llvm" | "gpuArch"> & { readonly format?: Format };

export interface Fingerprint {
  /** What each of the tools is that make the product, and for which machine, where that matters: equal if all are the same. */
  readonly tools: Readonly<Record<string, string>>;
  /**
   * The tool that makes machine code which then runs without it. Where it is not here, nothing better can be made than what
   * another machine's has made.
   */
  readonly maker?: { readonly id: string; readonly isHere: () => Promise<boolean> };
}

const known = new Map<string, Promise<Fingerprint>>();

/** Looked up once: a process does not change its tools. */
export function fingerprint({ target, format, cc, llvm, gpuArch }: Product): Promise<Fingerprint> {
  // Other text is printed by the compiler itself; `node` and `interp` need nothing more either.
  const isWasm = format === "wasm" || format === "wat";
  const toolchain = format === undefined ? target : isWasm ? "wasm" : format === "ptx" ? "cuda" : "interp";
  const key = [toolchain, cc, llvm, gpuArch].join(" ");
  const given = { ...(cc && { cc }), ...(llvm && { llvm }), ...(gpuArch && { gpuArch }) };
  const found = known.get(key) ?? toolsOf({ target: toolchain, ...given });
  known.set(key, found);
  return found;
}

async function toolsOf({ target, cc, llvm, gpuArch }: Omit<Product, "format">): Promise<Fingerprint> {
  const common = { tsgpu: ownCode(), typescript: packageVersion("typescript") };
  switch (target) {
    case "simulator":
      // Without it, the interpreter runs what the cache has.
      if (findLibLLVM() === null) return { tools: { ...common, llvm: "none" } };
      return toolsOf({ target: "native" });
    case "native": {
      const { triple, cpu, features } = hostTarget();
      const version = `${findLibLLVM()?.version.join(".")} ${fileIdentity(locateLibLLVM())}`;
      return { tools: { ...common, llvm: version, triple, cpu, features } };
    }
    case "wasm": {
      const library = llvm === "embedded" ? null : locateLibLLVM();
      const used = library === null ? `embedded ${packageVersion("@yowasp/clang")}` : fileIdentity(library);
      return { tools: { ...common, llvm: used, binaryen: packageVersion("binaryen") } };
    }
    case "c": {
      const { findCC } = await import("./backend/cc.ts");
      const compiler = await findCC(cc);
      const id = compiler === null ? "none" : `${compiler.command}: ${compiler.version}`;
      return { tools: { ...common, cpu: cpuOfMachine() }, maker: { id, isHere: async () => compiler !== null } };
    }
    case "cuda":
    case "ptx-emulator": {
      const isHere = async (): Promise<boolean> =>
        (await import("./backend/ptx.ts")).whyNoPtx(gpuArch ?? defaultArch) === null;
      return { tools: common, maker: { id: fileIdentity(locateLibLLVM()), isHere } };
    }
    case "webgpu":
    case "interp":
    case "node":
      return { tools: common };
  }
}

/** A library's file, by what can be known without reading its hundred megabytes. */
function fileIdentity(file: string | null): string {
  const found = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
  return found === undefined ? String(file) : `${file} ${found.size} ${found.mtimeMs}`;
}

/** The version of a package that this one depends on. */
function packageVersion(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const file = join(folder, name, "package.json");
    if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return "unknown";
}

/**
 * A hash of the compiler's own code and of what was generated for it. A version number would do for a released package;
 * the code of a checkout, and of one that someone has patched, changes without it.
 */
function ownCode(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const isCode = (name: string): boolean => name.endsWith(suffix) && !name.endsWith(".d.ts");
  const base = dirname(here);
  // What is built lies in `dist/`, one folder below the package's root.
  const root = existsSync(join(base, "package.json")) ? base : dirname(base);
  const hash = createHash("sha256");
  const add = (folder: string, name: string, counts: (name: string) => boolean): void => {
    const path = join(folder, name);
    if (!existsSync(path)) return;
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = `${name}/${entry.name}`;
      if (entry.isDirectory()) add(folder, inside, counts);
      else if (counts(entry.name))
        hash
          .update(`${inside}\0`)
          .update(readFileSync(join(folder, inside)))
          .update("\0");
    }
  };
  add(base, "compiler", isCode);
  add(base, "ad", isCode);
  // The bodies of functions that the compiler puts in.
  add(root, "ir", () => true);
  return hash.digest("hex").slice(0, 16);
}

/** What `-march=native` means here, as far as the system says. */
function cpuOfMachine(): string {
  const model = `${process.platform} ${process.arch} ${cpus()[0]?.model ?? ""}`;
  try {
    const [first = ""] = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    return `${model} ${/^(?:flags|Features|isa)\s*:\s*(.*)$/m.exec(first)?.[1] ?? ""}`;
  } catch {
    return model;
  }
}
