/**
 * A folder of cache entries that any number of processes share without locks: each entry is a file that appears whole
 * and never changes.
 *
 *   tsgpu-cache 1 <sha256 of the rest, in hex>\n
 *   <head: one line of JSON>\n
 *   <body: any bytes>
 *
 * Writing goes to a temporary file, which is then renamed, so nobody sees half an entry of a running process. After a crash of the
 * system a file may be torn all the same, as nothing is forced to the disk: forcing takes longer than some kernels take to
 * compile, and the checksum finds a torn entry when it is read. What does not match its checksum is deleted, and counts as
 * not there. Files that the store did not name are never touched.
 *
 * An entry's time of modification is when it was last used: the oldest go first when the folder outgrows its limit.
 */
import { createHash, randomBytes } from "node:crypto";
import * as disk from "node:fs";
import { join } from "node:path";

/** The functions of `node:fs` that the store calls; tests put failing ones in their place. */
export type Disk = Pick<
  typeof disk,
  | "appendFileSync"
  | "existsSync"
  | "mkdirSync"
  | "readdirSync"
  | "readFileSync"
  | "renameSync"
  | "rmSync"
  | "statSync"
  | "utimesSync"
  | "writeFileSync"
>;

/** An entry as it lies in the folder. */
export interface StoredEntry {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly lastUse: number;
}

/** How often entries were asked for. */
export interface Usage {
  readonly hits: number;
  readonly misses: number;
  /** When counting began; null when nothing was counted. */
  readonly since: Date | null;
}

const magic = "tsgpu-cache 1 ";
const entryName = /^[0-9a-f]{40}\.entry$/;
const temporaryName = /^[0-9a-f]{40}\.entry\.[0-9a-f]+\.tmp$/;
const usageName = "usage";
/** The counting starts again when its file has so many bytes, one for each use. */
const usageLimit = 1 << 20;
/** A temporary file of that age was left by a process that died. */
const abandonedMs = 60 * 60 * 1000;
/** Room is made for more than the next entry, so that not every one has to. */
const keptShare = 0.9;

export class CacheStore {
  readonly folder: string;
  /** In bytes, over all entries. */
  readonly limit: number;
  private readonly disk: Disk;
  /** What this process has written since it last looked how full the folder is. */
  private unseen = Number.POSITIVE_INFINITY;

  constructor(folder: string, limit: number, functions: Disk = disk) {
    this.folder = folder;
    this.limit = limit;
    this.disk = functions;
  }

  /** The name of the entry for this text. */
  static nameOf(text: string): string {
    return `${createHash("sha256").update(text).digest("hex").slice(0, 40)}.entry`;
  }

  /** The entry's head and body; null when there is none that is whole. */
  read(name: string): { readonly head: string; readonly body: Uint8Array } | null {
    let bytes: Buffer;
    try {
      bytes = this.disk.readFileSync(join(this.folder, name));
    } catch {
      return null;
    }
    const parts = take(bytes);
    if (parts === null) this.remove(name);
    return parts;
  }

  /** Says that an entry was of use, and counts it. */
  touch(name: string): void {
    const now = new Date();
    attempt(() => this.disk.utimesSync(join(this.folder, name), now, now));
    this.count("h");
  }

  /** Counts a use that found nothing. */
  miss(): void {
    this.count("m");
  }

  /** Adds or replaces an entry, then keeps the limit. `head` is one line. @throws what the disk does; the folder is as it was then. */
  write(name: string, head: string, body: Uint8Array): void {
    const content = Buffer.concat([Buffer.from(`${head}\n`), body]);
    const bytes = Buffer.concat([Buffer.from(`${magic}${checksum(content)}\n`), content]);
    if (bytes.length > this.limit) return;
    try {
      this.place(name, bytes);
    } catch (error) {
      // Somebody has cleared the folder in between.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      this.place(name, bytes);
    }
    // Looking takes as long as there are entries: it is done at a process's first entry, and then now and again.
    this.unseen += bytes.length;
    if (this.unseen > this.limit / 64) this.keepLimit();
  }

  remove(name: string): boolean {
    return attempt(() => this.disk.rmSync(join(this.folder, name)));
  }

  /** All entries, the least recently used first. */
  entries(): readonly StoredEntry[] {
    return this.files(entryName).sort((a, b) => a.lastUse - b.lastUse || (a.name < b.name ? -1 : 1));
  }

  /** The head of an entry; null when it cannot be read. */
  headOf(name: string): string | null {
    return this.read(name)?.head ?? null;
  }

  /** Removes the entries that were last used before `before`; all of them, and the counts, when not given. */
  clear(before?: Date): readonly StoredEntry[] {
    const gone = this.entries().filter(
      (e) => (before === undefined || e.lastUse < before.getTime()) && this.remove(e.name),
    );
    // Files have fractions of milliseconds, the clock has none: what was written just now is of the future.
    this.sweep(before === undefined ? Number.NEGATIVE_INFINITY : abandonedMs);
    if (before === undefined) this.remove(usageName);
    return gone;
  }

  /** What the disk says when something is written; null when nothing is wrong. */
  whyNotWritable(): string | null {
    const name = CacheStore.nameOf("");
    try {
      this.place(name, new Uint8Array(4096));
      this.remove(name);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  usage(): Usage {
    let text = "";
    attempt(() => {
      text = this.disk.readFileSync(join(this.folder, usageName), "latin1");
    });
    const since = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(text)?.[0];
    const count = (letter: string): number => text.split(letter).length - 1;
    return { hits: count("h"), misses: count("m"), since: since === undefined ? null : new Date(since) };
  }

  private place(name: string, bytes: Uint8Array): void {
    this.disk.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, name);
    const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
    try {
      this.disk.writeFileSync(temporary, bytes, { flag: "wx", mode: 0o600 });
      this.disk.renameSync(temporary, path);
    } catch (error) {
      attempt(() => this.disk.rmSync(temporary, { force: true }));
      throw error;
    }
  }

  /** Removes the least recently used entries beyond the limit, and what dead processes left. */
  private keepLimit(): void {
    this.unseen = 0;
    this.sweep(abandonedMs);
    const all = this.entries();
    let total = all.reduce((sum, e) => sum + e.bytes, 0);
    if (total <= this.limit) return;
    for (const { name, bytes } of all) {
      if (total <= this.limit * keptShare) return;
      // Where another process was faster the room is made as well.
      this.remove(name);
      total -= bytes;
    }
  }

  private sweep(olderThanMs: number): void {
    for (const { name, lastUse } of this.files(temporaryName))
      if (Date.now() - lastUse >= olderThanMs) this.remove(name);
    attempt(() => {
      if (this.disk.statSync(join(this.folder, usageName)).size > usageLimit) this.remove(usageName);
    });
  }

  /** One byte, appended: concurrent processes lose none. In front is the date of whoever came first. */
  private count(letter: "h" | "m"): void {
    const path = join(this.folder, usageName);
    attempt(() => {
      const text = this.disk.existsSync(path) ? letter : `${new Date().toISOString()}\n${letter}`;
      this.disk.appendFileSync(path, text, { mode: 0o600 });
    });
  }

  private files(pattern: RegExp): StoredEntry[] {
    let names: readonly string[] = [];
    attempt(() => {
      names = this.disk.readdirSync(this.folder);
    });
    const found: StoredEntry[] = [];
    for (const name of names.filter((n) => pattern.test(n))) {
      // Another process may have removed it by now.
      attempt(() => {
        const { size, mtimeMs } = this.disk.statSync(join(this.folder, name));
        found.push({ name, bytes: size, lastUse: mtimeMs });
      });
    }
    return found;
  }
}

/** Head and body of a file's content; null when its checksum is not that of the rest. */
function take(bytes: Buffer): { readonly head: string; readonly body: Uint8Array } | null {
  const start = magic.length + 65;
  if (bytes.length < start || bytes.toString("latin1", 0, magic.length) !== magic) return null;
  const content = bytes.subarray(start);
  if (bytes.toString("latin1", magic.length, start) !== `${checksum(content)}\n`) return null;
  const end = content.indexOf("\n");
  return end < 0 ? null : { head: content.toString("utf8", 0, end), body: content.subarray(end + 1) };
}

const checksum = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Does what may fail without consequence, and says whether it did not. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
