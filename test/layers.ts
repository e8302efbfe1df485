/**
 * The house rules on imports, as tables: which layer a file is in, what a layer may import, and which third-party package
 * belongs where. `layers.test.ts` holds every source file to them.
 */

interface Room {
  /** Files whose path begins with this belong to the room; the longest match wins. */
  readonly path: string;
  readonly layer: number;
}

/** From the bottom up. A file imports its own room and lower layers; layers in `apart` keep their rooms from each other too. */
const rooms: readonly Room[] = [
  { path: "kernel-types.ts", layer: 0 },
  // The language's own values: the node target binds them too.
  { path: "kernel.ts", layer: 0 },
  { path: "compiler/diagnostic", layer: 0 },
  { path: "compiler/ir/", layer: 1 },
  { path: "compiler/pass.ts", layer: 2 },
  { path: "compiler/analysis/", layer: 2 },
  { path: "compiler/interp", layer: 2 },
  { path: "compiler/artifact", layer: 2 },
  { path: "compiler/simulator/", layer: 2 },
  { path: "compiler/frontend/", layer: 3 },
  { path: "compiler/passes/", layer: 3 },
  { path: "compiler/schedule/", layer: 3 },
  { path: "compiler/backend/", layer: 3 },
  { path: "ad/", layer: 3 },
  { path: "compiler/dual", layer: 4 },
  { path: "compiler/entries.ts", layer: 4 },
  { path: "compiler/library-build.ts", layer: 4 },
  { path: "compiler/pipeline.ts", layer: 4 },
  { path: "compiler/fingerprint.ts", layer: 4 },
  { path: "compiler/index.ts", layer: 4 },
  { path: "runtime/", layer: 5 },
  { path: "index.ts", layer: 6 },
  { path: "register.ts", layer: 6 },
  { path: "cli/", layer: 6 },
  { path: "kernels/", layer: 6 },
  { path: "polybench/", layer: 6 },
  { path: "bench/", layer: 6 },
  { path: "examples/", layer: 6 },
  // The GPU suite runs what the tests run.
  { path: "test/gpu/cases.ts", layer: 6 },
];

/** Layers whose rooms never import each other: what two of them share is an analysis. */
const apart: ReadonlySet<number> = new Set([3]);

/** The runtime sees the compiler's data (layers 0 to 2); these of its files see more. */
const runtimeMaySee: readonly { readonly from: string; readonly to: string }[] = [
  { from: "runtime/jit", to: "compiler/index.ts" },
  { from: "runtime/jit", to: "compiler/fingerprint.ts" },
  { from: "runtime/devices/native", to: "compiler/backend/libllvm" },
  // How koffi is set up.
  { from: "runtime/devices/cuda", to: "compiler/backend/libllvm-api" },
];

/** Every third-party package that source files may import, and the paths that may. */
const packages: Readonly<Record<string, readonly string[]>> = {
  typescript: ["compiler/frontend/"],
  koffi: ["compiler/backend/libllvm", "runtime/devices/native", "runtime/devices/cuda"],
  binaryen: ["compiler/backend/binaryen"],
  "@yowasp/clang": ["compiler/backend/wasm"],
  webgpu: ["runtime/devices/webgpu"],
  commander: ["cli/"],
  picocolors: ["cli/"],
  "cli-table3": ["cli/"],
  nanospinner: ["cli/"],
  benchmark: ["bench/"],
  tsgpu: ["kernels/", "polybench/kernels/", "examples/", "bench/"],
};

function roomOf(file: string): Room | null {
  let best: Room | null = null;
  for (const room of rooms) {
    if (file.startsWith(room.path) && room.path.length > (best?.path.length ?? 0)) best = room;
  }
  return best;
}

const startsWithOneOf = (file: string, paths: readonly string[]): boolean =>
  paths.some((path) => file.startsWith(path));

/** Says what is wrong with `from` importing `to`, a path from the repository's root or a package name; null when nothing is. */
export function fault(from: string, to: { readonly file: string } | { readonly package: string }): string | null {
  const here = roomOf(from);
  if (here === null) return `${from} belongs to no layer: give it a row in test/layers.ts`;
  if ("package" in to) {
    if (to.package.startsWith("node:")) return null;
    const allowed = packages[to.package];
    if (allowed === undefined) return `${from} imports ${to.package}, which has no row in test/layers.ts`;
    if (startsWithOneOf(from, allowed)) return null;
    return `${from} imports ${to.package}, which only ${allowed.join(", ")} may`;
  }
  const there = roomOf(to.file);
  if (there === null) return `${from} imports ${to.file}, which belongs to no layer: give it a row in test/layers.ts`;
  const arrow = `${from} (layer ${here.layer}) imports ${to.file} (layer ${there.layer})`;
  if (there.layer > here.layer) return `${arrow}: lower layers never import higher ones`;
  if (there.layer === here.layer && there !== here && apart.has(here.layer)) {
    return `${arrow}: ${here.path} and ${there.path} never import each other`;
  }
  if (here.layer === 5 && there.layer > 2 && there.layer < 5) {
    const known = runtimeMaySee.some((rule) => from.startsWith(rule.from) && to.file.startsWith(rule.to));
    if (!known) return `${arrow}: the runtime sees the compiler's data (layers 0 to 2), and only jit compiles`;
  }
  return null;
}

/** The first import cycle found, as the files on it; null when there is none. */
export function findCycle(imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    const seen = path.indexOf(file);
    if (seen >= 0) return [...path.slice(seen), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const cycle = visit(file);
    if (cycle !== null) return cycle;
  }
  return null;
}
