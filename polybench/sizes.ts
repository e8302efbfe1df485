/** PolyBench's facts as data: the sizes of the five datasets, and what the C programs computed. */
import { existsSync, readFileSync } from "node:fs";

export const datasets = ["MINI", "SMALL", "MEDIUM", "LARGE", "EXTRALARGE"] as const;
export type Dataset = (typeof datasets)[number];

/** The size parameters of each kernel, by PolyBench's names. */
interface SizeNames {
  correlation: "M" | "N";
  covariance: "M" | "N";
  "2mm": "NI" | "NJ" | "NK" | "NL";
  "3mm": "NI" | "NJ" | "NK" | "NL" | "NM";
  atax: "M" | "N";
  bicg: "M" | "N";
  doitgen: "NQ" | "NR" | "NP";
  mvt: "N";
  gemm: "NI" | "NJ" | "NK";
  gemver: "N";
  gesummv: "N";
  symm: "M" | "N";
  syr2k: "M" | "N";
  syrk: "M" | "N";
  trmm: "M" | "N";
  cholesky: "N";
  durbin: "N";
  gramschmidt: "M" | "N";
  lu: "N";
  ludcmp: "N";
  trisolv: "N";
  deriche: "W" | "H";
  "floyd-warshall": "N";
  nussinov: "N";
  adi: "TSTEPS" | "N";
  "fdtd-2d": "TMAX" | "NX" | "NY";
  "heat-3d": "TSTEPS" | "N";
  "jacobi-1d": "TSTEPS" | "N";
  "jacobi-2d": "TSTEPS" | "N";
  "seidel-2d": "TSTEPS" | "N";
}

export type KernelName = keyof SizeNames;
export type SizeName = SizeNames[KernelName];
/** The sizes of one kernel. Without a type argument: of some kernel, whose own names alone are present. */
export type Sizes<K extends KernelName = KernelName> = Readonly<Record<SizeNames[K], number>>;

/** The part of a live-out array that counts in comparisons with the C programs. */
export type Domain = "full array" | "lower triangle j<=i" | "upper triangle j>=i";

/** The columns of row `i` that are inside `domain`, as [from, to). */
export function domainColumns(domain: Domain, i: number, width: number): readonly [from: number, to: number] {
  if (domain === "lower triangle j<=i") return [0, i + 1];
  return domain === "upper triangle j>=i" ? [i, width] : [0, width];
}

/** What `sizes.json` says of one kernel. */
export interface KernelFacts {
  readonly category: string;
  readonly datatype: "double" | "float" | "int";
  readonly params: readonly SizeName[];
  readonly sizes: Readonly<Record<Dataset, Sizes>>;
  /** `type` is set where the element type is not the kernel's: nussinov's `base`. */
  readonly arrays: Readonly<Record<string, { readonly dims: readonly SizeName[]; readonly type?: string }>>;
  readonly live_out: readonly string[];
  readonly live_out_domain: Domain;
}

/** Sums and samples of one live-out array over its domain, in row-major order. */
export interface Summary {
  readonly count: number;
  readonly nonfinite: number;
  readonly sum: number;
  readonly abs_sum: number;
  readonly min: number;
  readonly max: number;
  readonly first8: readonly number[];
  readonly last4: readonly number[];
}

/** What one C program computed (`gcc -O2 -ffp-contract=off`) on PolyBench's own inputs. */
export interface Reference {
  /** SHA-256 of what the program prints with `-DPOLYBENCH_DUMP_ARRAYS`. */
  readonly dump_sha256: string;
  readonly live_out: Readonly<Record<string, Summary>>;
}

/** Directional derivatives on the seeded inputs; see `_meta` in `adjoint-reference.json`. */
export interface AdjointReference {
  readonly loss: number;
  readonly jvp_all: number;
  readonly jvp_by_array: Readonly<Record<string, number>>;
}

/** The folder of the kernels and the data, whether this file runs from its source or from `dist/`. */
export const polybenchRoot: URL = [new URL("./", import.meta.url), new URL("../../polybench/", import.meta.url)].find(
  (folder) => existsSync(new URL("data/sizes.json", folder)),
)!;

const read = (name: string): string => readFileSync(new URL(`data/${name}`, polybenchRoot), "utf8");

/** What `sizes.json` says of every kernel, in PolyBench's order. */
export const facts: Readonly<Record<KernelName, KernelFacts>> = JSON.parse(read("sizes.json"));

let references: Readonly<Record<KernelName, Readonly<Partial<Record<Dataset, Reference>>>>> | undefined;

/** What the C program of `kernel` computed; there are references for MINI, SMALL and MEDIUM. */
export function referenceFor(kernel: KernelName, dataset: Dataset): Reference | undefined {
  references ??= JSON.parse(read("reference.json")) as NonNullable<typeof references>;
  return references[kernel][dataset];
}

/** The independent derivatives of `kernel`; there are some for 14 kernels at MINI. */
export function adjointReferenceFor(kernel: KernelName, dataset: Dataset): AdjointReference | undefined {
  const all: Partial<Record<KernelName, Partial<Record<Dataset, AdjointReference>>>> = JSON.parse(
    read("adjoint-reference.json"),
  ).kernels;
  return all[kernel]?.[dataset];
}

/**
 * Seconds of the C programs at LARGE on the machine of record, by the columns of `baseline-large.csv`; empty where they
 * were not measured in that type.
 */
export function baselineFor(kernel: KernelName, dtype: "f64" | "f32" | "i32"): Readonly<Record<string, number>> {
  const [header = "", ...rows] = read("baseline-large.csv").trim().split("\n");
  const plain = facts[kernel].datatype === "int" ? "i32" : "f64";
  const label = dtype === plain ? kernel : `${kernel}-${dtype}`;
  const cells = rows.map((row) => row.split(",")).find((row) => row[0] === label) ?? [];
  return Object.fromEntries(
    header.split(",").flatMap((name, i) => (i > 0 && cells[i] ? [[name, Number(cells[i])]] : [])),
  );
}
