/**
 * Turns a wasm object file into a module that can be instantiated, without a linker.
 *
 * An object file is a module that lacks its exports and calls its memory `env.__linear_memory`; the rest of linking is to place
 * data and the stack, and the code of tsgpu's kernels has neither: the runtime owns the one memory, and whatever
 * memory a kernel needs is in its arguments. What would need placing is refused here, by name.
 */

export interface LinkOptions {
  /** Functions of the object to export, under their own names. */
  readonly exports: readonly string[];
  /** Whether the imported memory, `env.memory`, is one that workers share. */
  readonly memory: "shared" | "unshared";
}

const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
};
const functionKind = 0;
const memoryKind = 2;
/** 65536 pages of 64 KiB: all that 32-bit addresses reach. A shared memory must say its maximum. */
const maxPages = 65536;

interface Section {
  readonly id: number;
  readonly name: string;
  readonly body: Uint8Array;
}

interface Import {
  readonly module: string;
  readonly field: string;
  readonly kind: number;
  /** What follows the kind: a type's index, or limits. */
  readonly description: Uint8Array;
}

/** Reads a module's bytes in order. */
class Reader {
  readonly bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new Error("the wasm module ends early");
    return value;
  }
  /** An unsigned integer in LEB128. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }
  limits(): void {
    const flags = this.byte();
    this.unsigned();
    if (flags & 1) this.unsigned();
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

function nameBytes(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...unsigned(bytes.length), ...bytes];
}

function readSections(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes);
  if (String.fromCharCode(...reader.take(4)) !== "\0asm") throw new Error("not a wasm module");
  reader.take(4);
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const body = new Reader(reader.take(reader.unsigned()));
    const name = id === sectionIds.custom ? body.name() : "";
    sections.push({ id, name, body: body.bytes.subarray(body.at) });
  }
  return sections;
}

function readImports(sections: readonly Section[]): Import[] {
  const body = sections.find((section) => section.id === sectionIds.import)?.body;
  if (body === undefined) return [];
  const reader = new Reader(body);
  return Array.from({ length: reader.unsigned() }, () => {
    const module = reader.name();
    const field = reader.name();
    const kind = reader.byte();
    const start = reader.at;
    if (kind === functionKind) reader.unsigned();
    else if (kind === memoryKind) reader.limits();
    else if (kind === 1) {
      reader.byte();
      reader.limits();
    } else reader.take(2);
    return { module, field, kind, description: body.subarray(start, reader.at) };
  });
}

interface Symbols {
  /** Defined functions, by name. */
  readonly functions: ReadonlyMap<string, number>;
  /** Constants that would need a place in memory. */
  readonly data: readonly string[];
}

/** The symbol table of the `linking` section: the only place where an object names its functions. */
function readSymbols(sections: readonly Section[]): Symbols {
  const functions = new Map<string, number>();
  const data: string[] = [];
  const body = sections.find((section) => section.name === "linking")?.body;
  const linking = new Reader(body ?? new Uint8Array([2]));
  const version = linking.unsigned();
  if (version !== 2) throw new Error(`cannot read version ${version} of wasm object files`);
  while (!linking.done) {
    const kind = linking.byte();
    const part = new Reader(linking.take(linking.unsigned()));
    if (kind !== 8) continue;
    for (let left = part.unsigned(); left > 0; left--) {
      const symbol = part.byte();
      const flags = part.unsigned();
      const defined = (flags & 0x10) === 0;
      if (symbol === 1) {
        data.push(part.name());
        if (defined) for (let field = 0; field < 3; field++) part.unsigned();
      } else {
        const index = part.unsigned();
        // Sections have no names, nor have undefined symbols that are called as they are imported.
        if (symbol === 3 || (!defined && (flags & 0x40) === 0)) continue;
        const name = part.name();
        if (symbol === functionKind && defined) functions.set(name, index);
      }
    }
  }
  return { functions, data };
}

function section(id: number, body: readonly number[] | Uint8Array): Uint8Array {
  const head = [id, ...unsigned(body.length)];
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

function importSection(imports: readonly Import[], memory: LinkOptions["memory"]): Uint8Array {
  const limits = memory === "shared" ? [3, 0, ...unsigned(maxPages)] : [0, 0];
  const functions = imports.filter((entry) => entry.kind === functionKind);
  const body = [...unsigned(functions.length + 1), ...nameBytes("env"), ...nameBytes("memory"), memoryKind, ...limits];
  for (const { field, description } of functions) {
    body.push(...nameBytes("env"), ...nameBytes(field), functionKind, ...description);
  }
  return section(sectionIds.import, body);
}

/** Makes the module. Undefined functions stay imports from `env`. */
export function linkObject(object: Uint8Array, options: LinkOptions): Uint8Array {
  const sections = readSections(object);
  const imports = readImports(sections);
  const symbols = readSymbols(sections);
  refuseWhatNeedsPlacing(sections, imports, symbols.data);
  const exports = options.exports.flatMap((name) => {
    const index = symbols.functions.get(name);
    if (index === undefined) throw new Error(`the wasm object defines no function "${name}" to export`);
    return [...nameBytes(name), functionKind, ...unsigned(index)];
  });
  const copy = (id: number): Uint8Array[] =>
    sections.filter((entry) => entry.id === id).map((entry) => section(id, entry.body));
  const parts = [
    object.subarray(0, 8),
    ...copy(sectionIds.type),
    importSection(imports, options.memory),
    ...copy(sectionIds.function),
    section(sectionIds.export, [...unsigned(options.exports.length), ...exports]),
    ...copy(sectionIds.code),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The code keeps something in memory of its own: an alloca, or a vector that is subscripted by a variable. */
export class NeedsStack extends Error {}

function refuseWhatNeedsPlacing(
  sections: readonly Section[],
  imports: readonly Import[],
  data: readonly string[],
): void {
  const has = (id: number): boolean =>
    sections.some((entry) => entry.id === id && entry.body.length > 0 && entry.body[0] !== 0);
  if (imports.some((entry) => entry.field === "__stack_pointer")) {
    throw new NeedsStack("wasm kernels have no stack in memory, and LLVM put something there");
  }
  if (has(sectionIds.data) || data.length > 0) {
    throw new Error(`wasm kernels have no data of their own, and this one needs ${data.join(", ") || "some"}`);
  }
  if (has(sectionIds.table) || has(sectionIds.element) || imports.some((entry) => entry.kind === 1)) {
    throw new Error("wasm kernels have no table: a function is called through a pointer");
  }
  const other = imports.find((entry) => entry.kind !== functionKind && entry.kind !== memoryKind);
  if (other !== undefined || has(sectionIds.global))
    throw new Error(`wasm kernels have no globals (${other?.field ?? "defined"})`);
}

/** The functions that a finished module takes from `env`; throws unless it is as `linkObject` leaves modules. */
export function checkModule(module: Uint8Array): readonly string[] {
  const sections = readSections(module);
  const imports = readImports(sections);
  refuseWhatNeedsPlacing(sections, imports, []);
  if (sections.some((entry) => entry.id === sectionIds.start)) throw new Error("wasm kernels have no start function");
  const stranger = imports.find((entry) => entry.module !== "env");
  if (stranger !== undefined)
    throw new Error(`wasm kernels import from env only, not ${stranger.module}.${stranger.field}`);
  return imports.filter((entry) => entry.kind === functionKind).map((entry) => entry.field);
}
