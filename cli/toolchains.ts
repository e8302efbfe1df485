/** What this machine has of what each target needs. */
import type { TargetName } from "../compiler/artifact.ts";
import { defaultArch } from "../compiler/artifact-arch.ts";
import type { CompilerName } from "../compiler/backend/cc.ts";
import { findLibLLVM, whyNoLibLLVM } from "../compiler/backend/libllvm.ts";

/** Why a target cannot run here, not even what is in the compile cache; null when it can. */
export async function whyAbsent(target: TargetName): Promise<string | null> {
  switch (target) {
    case "native":
      return whyNoLibLLVM();
    case "cuda":
      return (await import("../runtime/devices/cuda-driver.ts")).whyNotCuda();
    case "webgpu":
      return (await import("../runtime/devices/webgpu.ts")).whyNotWebgpu();
    default:
      return null;
  }
}

/** Why nothing can be compiled here for a target, which may run what is in the compile cache; null when it can. */
export async function whyNoCode(target: TargetName, cc?: CompilerName): Promise<string | null> {
  switch (target) {
    case "native":
      return whyNoLibLLVM();
    case "c":
      return whyNoCC(cc);
    case "cuda":
    case "ptx-emulator":
      return (await import("../compiler/backend/ptx.ts")).whyNoPtx(defaultArch);
    default:
      return null;
  }
}

async function whyNoCC(cc: CompilerName | undefined): Promise<string | null> {
  const { findCC } = await import("../compiler/backend/cc.ts");
  if ((await findCC(cc)) !== null) return null;
  return `${cc ?? "gcc or clang"} was not found (\`npm run setup\` installs gcc and clang)`;
}

/** Those that nobody runs for their speed: no warming up, no repetitions. */
export const slowTargets: ReadonlySet<TargetName> = new Set<TargetName>(["interp", "simulator", "ptx-emulator"]);

/** Where kernels run when nobody says. */
export const defaultTarget = (): TargetName => (findLibLLVM() === null ? "wasm" : "native");

/** A target of this machine, or one that it could have. */
export interface Availability {
  readonly target: TargetName;
  readonly available: boolean;
  /** What runs it, or why nothing does. */
  readonly through: readonly string[];
  /** What to install for more. */
  readonly install?: string;
}

export async function availability(): Promise<readonly Availability[]> {
  const llvm = findLibLLVM();
  const library = llvm === null ? null : `libLLVM ${llvm.version.join(".")} (${llvm.path})`;
  const setup = "`npm run setup` installs";
  return [
    {
      target: "native",
      available: library !== null,
      through: [library ?? whyNoLibLLVM() ?? "libLLVM was not found"],
      ...(library === null ? { install: `${setup} libLLVM: target native, and a faster compiler for wasm` } : {}),
    },
    {
      target: "wasm",
      available: true,
      through: [library ?? "the LLVM that comes with npm", `Node's V8 ${process.versions.v8}`],
    },
    await cAvailability(setup),
    { target: "interp", available: true, through: ["the interpreter of tsgpu's IR: slow, checks every access"] },
    { target: "node", available: true, through: [`the kernel file itself, in Node ${process.versions.node}`] },
    await gpuAvailability("cuda", "NVIDIA's driver, which brings libcuda, where there is such a GPU", async () => {
      const { cudaInfo } = await import("../runtime/devices/cuda.ts");
      const { name, arch, driver } = cudaInfo();
      return `${name} (${arch}), driver ${driver}`;
    }),
    await gpuAvailability("webgpu", "`npm install webgpu`, and `npm run setup` for machines without a GPU", async () =>
      (await import("../runtime/devices/webgpu.ts")).webgpuName(),
    ),
    {
      target: "simulator",
      available: true,
      through: [`GPU kernels as loops that watch every access, on ${library === null ? "interp: slow" : "native"}`],
      ...(library === null ? { install: `${setup} libLLVM: a fast simulator` } : {}),
    },
    await gpuAvailability(
      "ptx-emulator",
      `${setup} libLLVM`,
      async () => `the PTX of target cuda, through ${library}, an instruction at a time: slow`,
    ),
  ];
}

async function gpuAvailability(
  target: TargetName,
  install: string,
  through: () => Promise<string>,
): Promise<Availability> {
  const absent = await whyAbsent(target);
  const why = absent ?? (await whyNoCode(target));
  if (why === null) return { target, available: true, through: [await through()] };
  const rest = absent === null ? ["what the compile cache has runs without it"] : [];
  return { target, available: false, through: [why, ...rest], install: `${install}: target ${target}` };
}

async function cAvailability(setup: string): Promise<Availability> {
  const { findCC } = await import("../compiler/backend/cc.ts");
  const names = ["gcc", "clang"] as const;
  const found = await Promise.all(names.map(findCC));
  const through = found.flatMap((cc) => (cc === null ? [] : [`${cc.command}: ${cc.version}`]));
  const missing = names.filter((_, k) => found[k] === null);
  return {
    target: "c",
    available: through.length > 0,
    through: through.length > 0 ? through : ["neither gcc nor clang was found"],
    ...(missing.length > 0 ? { install: `${setup} ${missing.join(" and ")}: target c` } : {}),
  };
}
