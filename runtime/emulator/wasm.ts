/** WebAssembly's binary format, as far as the emulator writes it: code by instruction names, and one module around it. */

export type WasmType = "i32" | "i64" | "f32" | "f64";

const typeCodes: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

const opcodes = new Map<string, number>();
const numbered = (first: number, names: string): void => {
  for (const [k, name] of names.trim().split(/\s+/).entries()) opcodes.set(name, first + k);
};
numbered(0x00, "unreachable nop");
numbered(0x0f, "return");
numbered(0x1a, "drop select");
numbered(
  0x28,
  `i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u
   i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8 i32.store16
   i64.store8 i64.store16 i64.store32`,
);
const integerCompare = (t: string): string =>
  "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".replace(/\w+/g, (name) => `${t}.${name}`);
const floatCompare = (t: string): string => "eq ne lt gt le ge".replace(/\w+/g, (name) => `${t}.${name}`);
const integerOps = (t: string): string =>
  "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr".replace(
    /\w+/g,
    (name) => `${t}.${name}`,
  );
const floatOps = (t: string): string =>
  "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign".replace(/\w+/g, (name) => `${t}.${name}`);
numbered(
  0x45,
  `${integerCompare("i32")} ${integerCompare("i64")} ${floatCompare("f32")} ${floatCompare("f64")}
   ${integerOps("i32")} ${integerOps("i64")} ${floatOps("f32")} ${floatOps("f64")}
   i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u
   i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s
   f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u
   f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s
   i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s`,
);
/** Float to integer without traps: out of range clamps, NaN is 0. They have a prefix byte. */
const saturating = new Map(
  "i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u"
    .split(" ")
    .map((name, k) => [name, k]),
);

function unsigned(bytes: number[], n: number): void {
  let rest = n >>> 0;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
}

function signed(bytes: number[], n: bigint): void {
  let rest = n;
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest & 127n));
}

/** A number in five bytes, whatever it is: it can be changed in place. */
const padded = (n: number): number[] => [0, 7, 14, 21, 28].map((s) => ((n >>> s) & 127) | (s < 28 ? 128 : 0));

/** A run of instructions. `depth` counts the blocks that are open. */
export class Code {
  readonly bytes: number[] = [];
  private readonly ownCalls: { readonly at: number; readonly f: number }[] = [];
  depth = 0;

  /** Instructions without immediates, by name. */
  op(...names: readonly string[]): this {
    for (const name of names) {
      const code = opcodes.get(name);
      if (code !== undefined) this.bytes.push(code);
      else this.bytes.push(0xfc, saturating.get(name)!);
    }
    return this;
  }
  i32(n: number): this {
    this.bytes.push(0x41);
    signed(this.bytes, BigInt(n | 0));
    return this;
  }
  i64(n: bigint): this {
    this.bytes.push(0x42);
    signed(this.bytes, BigInt.asIntN(64, n));
    return this;
  }
  /** A float by its bits: NaNs keep their payload. */
  f32(bits: number): this {
    return this.i32(bits).op("f32.reinterpret_i32");
  }
  f64(bits: bigint): this {
    return this.i64(bits).op("f64.reinterpret_i64");
  }
  get(local: number): this {
    return this.indexed(0x20, local);
  }
  set(local: number): this {
    return this.indexed(0x21, local);
  }
  tee(local: number): this {
    return this.indexed(0x22, local);
  }
  /** Calls an import. */
  call(f: number): this {
    return this.indexed(0x10, f);
  }
  /** Calls a function of the module itself: how many imports come before it is known in the end. */
  callOwn(f: number): this {
    this.bytes.push(0x10);
    this.ownCalls.push({ at: this.bytes.length, f });
    this.bytes.push(...padded(f));
    return this;
  }
  /** A load or store at the address on the stack plus `offset`; any alignment. */
  memory(name: string, offset = 0): this {
    this.bytes.push(opcodes.get(name)!, 0);
    unsigned(this.bytes, offset);
    return this;
  }
  block(): this {
    return this.open(0x02);
  }
  loop(): this {
    return this.open(0x03);
  }
  if(result?: WasmType): this {
    return this.open(0x04, result);
  }
  else(): this {
    this.bytes.push(0x05);
    return this;
  }
  end(): this {
    this.bytes.push(0x0b);
    this.depth--;
    return this;
  }
  /** To the end of a block, or the start of a loop, that was opened when `depth` was `level`. */
  br(level: number): this {
    return this.indexed(0x0c, this.depth - level - 1);
  }
  brIf(level: number): this {
    return this.indexed(0x0d, this.depth - level - 1);
  }
  brTable(levels: readonly number[], otherwise: number): this {
    this.bytes.push(0x0e);
    unsigned(this.bytes, levels.length);
    for (const level of [...levels, otherwise]) unsigned(this.bytes, this.depth - level - 1);
    return this;
  }
  append(other: Code): this {
    for (const { at, f } of other.ownCalls) this.ownCalls.push({ at: at + this.bytes.length, f });
    for (const byte of other.bytes) this.bytes.push(byte);
    return this;
  }

  /** Numbers the calls of own functions, after so many imports. */
  link(imports: number): void {
    for (const { at, f } of this.ownCalls) this.bytes.splice(at, 5, ...padded(imports + f));
  }

  private indexed(code: number, n: number): this {
    this.bytes.push(code);
    unsigned(this.bytes, n);
    return this;
  }
  private open(code: number, result?: WasmType): this {
    this.bytes.push(code, result === undefined ? 0x40 : typeCodes[result]);
    this.depth++;
    return this;
  }
}

export interface Signature {
  readonly params: readonly WasmType[];
  readonly results: readonly WasmType[];
}

export interface WasmFunction {
  readonly signature: Signature;
  /** Locals beyond the parameters. */
  readonly locals: readonly WasmType[];
  readonly code: Code;
  /** Exported under this name, if any. */
  readonly exported: string | null;
}

/** A module that imports `env.memory` and functions of `env`, which are numbered before its own. */
export function wasmModule(
  imports: readonly { readonly name: string; readonly signature: Signature }[],
  functions: readonly WasmFunction[],
): Uint8Array<ArrayBuffer> {
  for (const f of functions) f.code.link(imports.length);
  const signatures = [...imports, ...functions].map((f) => f.signature);
  const out = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const section = (id: number, items: readonly number[][]): void => {
    const body: number[] = [];
    unsigned(body, items.length);
    for (const item of items) for (const byte of item) body.push(byte);
    out.push(id);
    unsigned(out, body.length);
    for (const byte of body) out.push(byte);
  };
  // One type a function: that some are the same costs a few bytes.
  section(1, signatures.map(signatureBytes));
  section(2, [
    [...text("env"), ...text("memory"), 2, 0, 1],
    ...imports.map(({ name }, k) => [...text("env"), ...text(name), 0, ...leb(k)]),
  ]);
  section(
    3,
    functions.map((_, k) => leb(imports.length + k)),
  );
  section(
    7,
    functions.flatMap((f, k) => (f.exported === null ? [] : [[...text(f.exported), 0, ...leb(imports.length + k)]])),
  );
  section(10, functions.map(functionBytes));
  return Uint8Array.from(out);
}

const leb = (n: number): number[] => {
  const bytes: number[] = [];
  unsigned(bytes, n);
  return bytes;
};

function text(s: string): number[] {
  const bytes = [...new TextEncoder().encode(s)];
  return [...leb(bytes.length), ...bytes];
}

const typeList = (list: readonly WasmType[]): number[] => [...leb(list.length), ...list.map((t) => typeCodes[t])];
const signatureBytes = (s: Signature): number[] => [0x60, ...typeList(s.params), ...typeList(s.results)];

function functionBytes(f: WasmFunction): number[] {
  const body = [...leb(f.locals.length), ...f.locals.flatMap((t) => [1, typeCodes[t]])];
  for (const byte of f.code.bytes) body.push(byte);
  body.push(0x0b);
  return [...leb(body.length), ...body].slice();
}
