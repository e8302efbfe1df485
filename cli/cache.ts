/** `tsgpu cache`: what the compile cache holds, and clearing it. */
import Table from "cli-table3";
import { type Command, InvalidArgumentError } from "commander";
import type { DerivativeRequest } from "../compiler/index.ts";
import { cacheTrouble, openCache } from "../runtime/cache.ts";
import type { CacheStore, StoredEntry } from "../runtime/cache-store.ts";
import { shownFile } from "./diagnostics.ts";
import { counted, formatAge, formatBytes } from "./numbers.ts";
import { addJson } from "./options.ts";
import { type JsonTo, jsonOnStdout, paint, plainTable, writeJson } from "./output.ts";

interface Options {
  readonly json?: JsonTo;
  readonly all?: boolean;
}
interface ClearOptions {
  readonly json?: JsonTo;
  readonly olderThan?: number;
}

/** So many rows without `--all`. */
const fewRows = 20;

export function define(command: Command): void {
  addJson(command.option("--all", `list all entries, not the ${fewRows} used last`)).action(show);
  addJson(
    command
      .command("clear")
      .summary("remove entries")
      .description("Removes the entries of the compile cache. Programs that run meanwhile go on without them.")
      .option("--older-than <time>", "only entries not used for so long: 30d, 12h, 90m", duration),
  ).action((options: ClearOptions) => clear(options));
}

const msOf: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };

/** Reads `30d` as milliseconds. */
function duration(value: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(value) ?? [];
  if (number === undefined || unit === undefined) throw new InvalidArgumentError(`${value} is not of the form 30d.`);
  return Number(number) * msOf[unit]!;
}

/** What an entry's head says it is of; null for one that cannot be read. */
interface Content {
  readonly file: string;
  readonly product: string;
  readonly options: Readonly<Record<string, unknown>>;
}

function contentOf(store: CacheStore, { name }: StoredEntry): Content | null {
  const head = store.headOf(name);
  return head === null ? null : (JSON.parse(head) as Content);
}

function show({ json, all }: Options): void {
  const store = openCache();
  if (store === null) {
    if (!jsonOnStdout(json)) process.stdout.write(`the compile cache is off: ${cacheTrouble()}\n`);
    writeJson(json, { location: null, trouble: cacheTrouble() });
    return;
  }
  const entries = store.entries().toReversed();
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const trouble = cacheTrouble() ?? store.whyNotWritable();
  if (!jsonOnStdout(json)) process.stdout.write(`${text(store, entries, bytes, trouble, all === true)}\n`);
  const { hits, misses, since } = store.usage();
  writeJson(json, {
    location: store.folder,
    entries: entries.flatMap((entry) => {
      const content = contentOf(store, entry);
      return content === null
        ? []
        : [{ ...content, name: entry.name, bytes: entry.bytes, lastUse: new Date(entry.lastUse).toISOString() }];
    }),
    bytes,
    limit: store.limit,
    hits,
    misses,
    since: since?.toISOString() ?? null,
    trouble,
  });
}

function text(
  store: CacheStore,
  entries: readonly StoredEntry[],
  bytes: number,
  trouble: string | null,
  all: boolean,
): string {
  const { bold, yellow } = paint.stdout;
  const { hits, misses, since } = store.usage();
  const lines = [
    `location  ${store.folder}`,
    `entries   ${entries.length}, ${formatBytes(bytes)} of ${formatBytes(store.limit)}`,
    `hits      ${hits} of ${counted(hits + misses, "compilation")}${since === null ? "" : ` since ${day(since)}`}`,
    ...(trouble === null ? [] : [yellow(`trouble   ${trouble}`)]),
  ];
  const shown = all ? entries : entries.slice(0, fewRows);
  const rows = shown.flatMap((entry) => {
    const content = contentOf(store, entry);
    return content === null ? [] : [[...cellsOf(content), formatBytes(entry.bytes), formatAge(entry.lastUse)]];
  });
  if (rows.length === 0) return lines.join("\n");
  const head = ["kernel file", "for", "options", "size", "last use"].map((title) => bold(title));
  const table = new Table({ head, colAligns: ["left", "left", "left", "right", "right"], ...plainTable });
  table.push(...rows);
  const rest = entries.length - shown.length;
  return [
    ...lines,
    "",
    table.toString().replace(/ +$/gm, ""),
    ...(rest > 0 ? [`and ${rest} more (--all lists them)`] : []),
  ].join("\n");
}

/** The kernel file, what it was compiled for, and the options that are not what they are by default. */
function cellsOf({ file, product, options }: Content): readonly [string, string, string] {
  const { target, mode, real, checks, memory, deterministic, kernels, derivative, ...others } = options;
  const { kernel, kind, wrt, of, ...how } = (derivative ?? {}) as Partial<DerivativeRequest>;
  const functions = kernel === undefined ? kernels : [kernel];
  const names = Array.isArray(functions) ? `:${functions.join(",")}` : "";
  const said = [
    mode,
    ...(kind === undefined ? [] : [[kind, ...list("by", wrt), ...list("of", of)].join(" ")]),
    ...(real === "f32" ? ["real f32"] : []),
    ...(checks === "all" ? ["all accesses checked"] : []),
    ...(memory === "unshared" ? ["unshared memory"] : []),
    ...(deterministic === true ? ["deterministic"] : []),
    ...Object.entries({ ...others, ...how }).map(([name, value]) =>
      typeof value === "string" ? `${name} ${value}` : `${name} ${JSON.stringify(value).replaceAll('"', "")}`,
    ),
  ];
  return [`${shownFile(file)}${names}`, product === "artifact" ? String(target) : product, said.join(", ")];
}

const list = (word: string, names: readonly string[] | undefined): readonly string[] =>
  names === undefined ? [] : [word, ...names];
const day = (date: Date): string => date.toISOString().slice(0, 10);

function clear({ json, olderThan }: ClearOptions): void {
  const store = openCache();
  const gone = store?.clear(olderThan === undefined ? undefined : new Date(Date.now() - olderThan)) ?? [];
  const bytes = gone.reduce((sum, entry) => sum + entry.bytes, 0);
  const entries = gone.length === 1 ? "1 entry" : `${gone.length} entries`;
  const off = store === null ? ` (the compile cache is off: ${cacheTrouble()})` : "";
  if (!jsonOnStdout(json)) process.stdout.write(`removed ${entries}, ${formatBytes(bytes)}${off}\n`);
  writeJson(json, { location: store?.folder ?? null, removed: gone.length, bytes });
}
