/**
 * The compile cache: results of compilations, kept on disk from one process to the next.
 *
 * What a compilation yields depends on its options, on the compiler and its tools, and on the source files: the kernel file, all
 * that it imports, and the absence of files that an import would mean if they were there. Which files these are only
 * a compilation finds out. So an entry is named by all that is known before: options, tools, and the content of the
 * kernel file; in it stands every other file that the compiler asked for, with a hash of its content, or that it was not
 * there. The entry is used when all of them are still so. Nothing is concluded from times, and TypeScript is not needed.
 *
 * Machine code that runs without the tool that made it names that tool in the entry. Where this one has another, it makes
 * its own; where it has none, the entry is the best that there can be.
 *
 * A cache is a convenience: whatever goes wrong with it, from a full disk to a torn file, is as if the entry were not
 * there. `cacheTrouble` has the reason.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { cachePlace } from "./cache-folder.ts";
import { CacheStore } from "./cache-store.ts";

/** A compilation that may have been done before. */
export interface Compilation {
  /** The kernel file, by absolute path. */
  readonly file: string;
  /** What comes of it: an artifact, or the text of a format. */
  readonly product: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The compiler and what it uses, in the versions that are here. */
  readonly tools: Readonly<Record<string, string>>;
  /** The tool that the result needs no more once it is made, and whether there is one here. */
  readonly maker?: { readonly id: string; readonly isHere: () => Promise<boolean> };
}

/** Reads a source file; undefined when there is none. */
type ReadFile = (file: string) => string | undefined;

/** What entries hold: the files that were asked for, by absolute path, with their hashes or null for absent, and the result. */
interface Body {
  readonly files: readonly (readonly [file: string, hash: string | null])[];
  readonly maker?: string;
  readonly value: unknown;
}

let trouble: string | null = null;

/** Why the cache was not used, or not written, in this process; null when nothing kept it from that. */
export const cacheTrouble = (): string | null => trouble;

/** The cache of this process's environment; null when it has none. */
export function openCache(): CacheStore | null {
  const place = cachePlace();
  if ("off" in place) {
    trouble ??= place.off;
    return null;
  }
  trouble ??= place.warning;
  return new CacheStore(place.folder, place.limit);
}

let opened: CacheStore | null | undefined;
/** One for the process: it remembers what it has written. */
function ownCache(): CacheStore | null {
  if (opened === undefined) opened = openCache();
  return opened;
}

/**
 * The result of a compilation: the one in the cache, or else what `compile` makes, which is then kept. It must read
 * source files by the function that it is given, and its result must be plain data.
 *
 * @throws what `compile` does
 */
export async function throughCache<T>(
  compilation: Compilation,
  compile: (readFile: ReadFile) => Promise<T>,
  store: CacheStore | null = ownCache(),
): Promise<{ readonly value: T; readonly cached: boolean }> {
  const { maker } = compilation;
  const sources = new Sources();
  if (store === null) return { value: await compile((file) => sources.read(file)), cached: false };
  const head = headOf(compilation);
  const name = CacheStore.nameOf(`${head}\n${sources.hash(compilation.file)}`);
  const found = bodyOf(store, name, head);
  const isCurrent = found?.files.every(([file, hash]) => sources.hash(file) === hash) === true;
  if (isCurrent && (found.maker === maker?.id || !(await maker?.isHere()))) {
    store.touch(name);
    return { value: found.value as T, cached: true };
  }
  const value = await compile((file) => sources.read(file));
  try {
    const body: Body = { files: sources.wereRead(), ...(maker && { maker: maker.id }), value };
    store.write(name, head, serialize(body));
  } catch (error) {
    trouble ??= `${store.folder}: ${error instanceof Error ? error.message : String(error)}`;
  }
  store.miss();
  return { value, cached: false };
}

/** One line that says what the entry is of; options in the order of their names. */
function headOf({ file, product, options, tools }: Compilation): string {
  const sorted = Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  // Bodies are in the format of V8, which may change with it.
  return JSON.stringify({ file, product, options: sorted, tools: { ...tools, v8: process.versions.v8 } });
}

function bodyOf(store: CacheStore, name: string, head: string): Body | null {
  const entry = store.read(name);
  if (entry === null || entry.head !== head) return null;
  try {
    const body = deserialize(entry.body) as Partial<Body> | null;
    if (Array.isArray(body?.files)) return body as Body;
  } catch {
    // Not what V8 writes.
  }
  store.remove(name);
  return null;
}

/** The source files as they are at the first look: what is hashed is what is compiled, however they change meanwhile. */
class Sources {
  private readonly contents = new Map<string, Buffer | null>();
  private readonly asked = new Set<string>();

  read(file: string): string | undefined {
    this.asked.add(file);
    return this.content(file)?.toString("utf8");
  }

  /** Null for a file that is not there. What cannot be read has no hash that anything is equal to. */
  hash(file: string): string | null {
    try {
      const content = this.content(file);
      return content === null ? null : createHash("sha256").update(content).digest("base64");
    } catch {
      return "unreadable";
    }
  }

  /** All files that were read, or would have been, with their hashes. */
  wereRead(): Body["files"] {
    return [...this.asked].map((file) => [file, this.hash(file)]);
  }

  private content(file: string): Buffer | null {
    let content = this.contents.get(file);
    if (content === undefined) {
      content = contentOf(file);
      this.contents.set(file, content);
    }
    return content;
  }
}

/** Null for what is no file. @throws what the system says of a file that may not be read. */
const contentOf = (file: string): Buffer | null =>
  existsSync(file) && statSync(file).isFile() ? readFileSync(file) : null;
