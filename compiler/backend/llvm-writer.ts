/** LLVM IR text as it grows: one writer for the module (what its functions need declared), one for each function. */
import { bug } from "../diagnostic.ts";
import type { Const, ElemType, Operand, ScalarType, Value } from "../ir/ir.ts";
import { type IndexForm, wideIndices } from "./llvm-index.ts";

/** What the text depends on besides the module; everything else is up to the LLVM that reads it. */
export interface LlvmTarget {
  /** Subscripts are computed in integers of this width: wasm's memory is addressed by 32 bits. */
  readonly pointerBits: 32 | 64;
  /** `target triple` and `target datalayout` lines, where the reader of the text does not set them. */
  readonly head?: string;
  /** Kernels are those of a GPU (analysis/device-kernel.ts), whose memory is in several spaces. */
  readonly gpu?: true;
  /** What converts halves: the machine's `half`, PTX's `cvt`, and integer arithmetic when not given. */
  readonly halves?: "type" | "cvt";
  /** LLVM may add neither calls (`memset` for a loop that fills) nor data (tables for a switch): there is no linker. */
  readonly selfContained?: boolean;
}

/**
 * How a scalar is held in a register. An index is an i64, but on GPUs (llvm-index.ts): on wasm, where addresses have 32 bits, i32
 * made seven kernels of PolyBench's kind 0 to 3 % faster, which is not worth the proofs.
 */
export const llvmType: Readonly<Record<ScalarType, string>> = {
  f64: "double",
  f32: "float",
  i32: "i32",
  u32: "i32",
  index: "i64",
  bool: "i1",
};

/** How an array holds it. */
export const memoryType = (type: ElemType): string =>
  type === "bool" ? "i8" : type === "f16" ? "i16" : llvmType[type];

/** `name` as a global symbol. */
export const symbol = (name: string): string => (/^[A-Za-z$._][\w$.]*$/.test(name) ? `@${name}` : `@"${name}"`);

/** A constant as an operand, without its type. Floats that a short decimal would not say exactly are written in hex. */
export function constantText(c: Const): string {
  if (typeof c.value === "boolean") return String(c.value);
  switch (c.type) {
    case "f64":
    case "f32":
      return floatText(c.value);
    case "i32":
    case "u32":
      return String(c.value | 0);
    case "index":
      return String(BigInt(c.value));
    default:
      return bug(`a constant ${c.value} of type ${c.type}`);
  }
}

/** A float literal of either type: LLVM writes both with the bits of a double. */
export function floatText(x: number): string {
  if (Number.isInteger(x) && Math.abs(x) < 1e15 && !Object.is(x, -0)) return `${x}.0`;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  return `0x${bits.getBigUint64(0).toString(16).toUpperCase().padStart(16, "0")}`;
}

/** Attribute groups, by what they are for. */
export type Attributes = "entry" | "body" | "openBody" | "helper" | "math" | "rare" | "kernel" | "openKernel";

export class ModuleWriter {
  readonly target: LlvmTarget;
  private readonly declarations = new Set<string>();
  private readonly helpers = new Map<string, string>();
  private readonly metadata: string[] = [];
  private readonly nodes = new Map<string, string>();
  private readonly lists = new Map<string, readonly string[]>();

  constructor(target: LlvmTarget) {
    this.target = target;
  }

  /** Makes sure that the line `declare …` stands in the module. */
  declare(text: string): void {
    this.declarations.add(text);
  }

  /** Makes sure that the function `name` is defined by `text`. */
  helper(name: string, text: () => string): void {
    if (!this.helpers.has(name)) this.helpers.set(name, text());
  }

  /** The metadata node of that content, shared by all who ask for it. */
  node(content: string): string {
    const known = this.nodes.get(content);
    if (known !== undefined) return known;
    const name = `!${this.metadata.length}`;
    this.metadata.push(`${name} = !{${content}}`);
    this.nodes.set(content, name);
    return name;
  }

  /** A metadata node that is equal to itself alone: what identifies a loop, or a scope. */
  distinct(refs: readonly string[]): string {
    const name = `!${this.metadata.length}`;
    this.metadata.push(`${name} = distinct !{${[name, ...refs].join(", ")}}`);
    return name;
  }

  /** Metadata that identifies one loop. */
  loop(properties: readonly string[]): string {
    return this.distinct(properties.map((p) => this.node(p)));
  }

  /** Adds a node to the module's list of that name. */
  annotate(list: string, content: string): void {
    this.lists.set(list, [...(this.lists.get(list) ?? []), this.node(content)]);
  }

  /** The whole module around the text of its functions. */
  finish(functions: readonly string[]): string {
    const head = this.target.head === undefined ? [] : [this.target.head];
    const text = [...functions, ...this.helpers.values()];
    const declarations = [...this.declarations].sort().join("\n");
    const used = (Object.keys(groups) as Attributes[]).filter((g) => text.some((t) => t.includes(` ${attribute[g]} `)));
    const alone = this.target.selfContained === true ? ' "no-builtins" "no-jump-tables"="true"' : "";
    const attributes = used.map((g) => `attributes ${attribute[g]} = { ${groups[g]}${g === "math" ? "" : alone} }`);
    const lists = [...this.lists].map(([name, nodes]) => `!${name} = !{${nodes.join(", ")}}`);
    return [...head, ...text, declarations, attributes.join("\n"), [...lists, ...this.metadata].join("\n")]
      .filter((part) => part !== "")
      .map((part) => `${part.trimEnd()}\n`)
      .join("\n");
  }
}

/** How a function or call names its attribute group; a blank follows it everywhere, so that #1 is never seen in #12. */
export const attribute: Readonly<Record<Attributes, string>> = {
  entry: "#0",
  body: "#1",
  openBody: "#2",
  helper: "#3",
  math: "#4",
  rare: "#5",
  kernel: "#6",
  openKernel: "#7",
};

const groups: Readonly<Record<Attributes, string>> = {
  entry: "nofree norecurse nosync nounwind",
  body: "mustprogress nofree noinline norecurse nosync nounwind willreturn memory(argmem: readwrite)",
  // Has a `while` that nothing bounds, which may run for ever.
  openBody: "nofree noinline norecurse nosync nounwind memory(argmem: readwrite)",
  helper: "alwaysinline mustprogress nofree norecurse nosync nounwind willreturn memory(none)",
  // LLVM neither folds nor replaces these calls: the result is the linked library's, to the bit.
  math: "nobuiltin nofree nosync nounwind willreturn memory(none)",
  rare: "cold mustprogress nofree noinline norecurse nosync nounwind willreturn memory(none)",
  // Waits at barriers, where all threads of a workgroup have to arrive.
  kernel: "convergent mustprogress nofree norecurse nounwind",
  openKernel: "convergent nofree norecurse nounwind",
};

/** Picks names that are unique in one function. */
export class Names {
  private readonly taken = new Set<string>();
  /** For a base, the smallest number that may be free: many equal hints stay linear. */
  private readonly next = new Map<string, number>();

  fresh(hint: string): string {
    const base = hint.replace(/[^\w.]/g, "_").replace(/^(?=\d|$)/, "v");
    let name = base;
    let n = this.next.get(base) ?? 1;
    for (; this.taken.has(name); n++) name = `${base}.${n}`;
    this.next.set(base, n);
    this.taken.add(name);
    return name;
  }
}

/** The body of one function: its lines so far, the block that is open, and what each value is called. */
export class FuncWriter {
  readonly module: ModuleWriter;
  readonly lines: string[] = [];
  readonly names = new Names();
  /** The label of the block that lines go to: what a phi names as where control came from. */
  label = "entry";
  /** Sizes and parameters that the body reads, in the order of first use. */
  readonly used = new Set<Value>();
  /** What ends loads and stores of each array: which other accesses they cannot meet, where its declaration does not say. */
  readonly aliasing = new Map<Value, string>();
  /** In how many bits it computes indices. */
  readonly index: IndexForm;
  private readonly values = new Map<Value, string>();

  constructor(module: ModuleWriter, index: IndexForm = wideIndices) {
    this.module = module;
    this.index = index;
    this.names.fresh("entry");
  }

  /** How it holds a scalar. */
  type(t: ScalarType): string {
    return t === "index" ? this.index.type : llvmType[t];
  }

  /** The type in which subscripts address memory. */
  get addressType(): "i32" | "i64" {
    return this.module.target.pointerBits === 32 ? "i32" : this.index.type;
  }

  /** Gives `v` the text by which its uses refer to it. */
  bind(v: Value, text: string): void {
    this.values.set(v, text);
  }

  /** How a use refers to `v`. */
  ref(v: Value): string {
    this.used.add(v);
    return this.values.get(v) ?? bug(`%${v.hint} is used where it is not bound`);
  }

  /** An operand without its type. */
  operand(o: Operand): string {
    return o.kind === "const" ? constantText(o) : this.ref(o);
  }

  /** An operand with its type. */
  typed(o: Operand): string {
    return `${this.type(o.type)} ${this.operand(o)}`;
  }

  /** Adds `%hint = text` and returns the name it was given. */
  let(hint: string, text: string): string {
    const name = `%${this.names.fresh(hint)}`;
    this.line(`${name} = ${text}`);
    return name;
  }

  line(text: string): void {
    this.lines.push(`  ${text}`);
  }

  /** Opens a block; what came before it must have ended in a branch. */
  open(label: string): void {
    this.lines.push(`${label}:`);
    this.label = label;
  }
}
