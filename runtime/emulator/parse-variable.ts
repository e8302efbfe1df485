/** Declarations of variables in memory, with their initial values. */
import { type Cursor, integer, isFloat, type Token } from "./lexer.ts";
import { PtxError, type PtxType, type Space, types, type Variable } from "./ptx.ts";

export const spaces = new Set([".global", ".const", ".shared", ".local", ".param"]);

/** `.space .align n .type name[count] = init`, without the semicolon. */
export function parseVariable(c: Cursor): Variable {
  const space = c.next().text.slice(1) as Space;
  const { line } = c;
  let align = 0;
  // What a kernel's pointer parameter promises of its target; the accesses themselves are checked.
  let type: PtxType | undefined;
  for (;;) {
    if (c.accept(".align")) align = c.count("an alignment");
    else if (c.accept(".ptr")) while (spaces.has(c.token.text)) c.next();
    else if (type === undefined && c.token.kind === "directive") type = types.get(c.next().text.slice(1));
    else break;
  }
  if (type === undefined || type.kind === "pred") throw new PtxError(line, "a variable of a type that is not known");
  const { text: name } = c.expectKind("word", "a name");
  let count = 1;
  let isArray = false;
  while (c.accept("[")) {
    isArray = true;
    count *= c.token.text === "]" ? 0 : c.count("a length");
    c.expect("]");
  }
  const bytes = type.bits / 8;
  const init = c.accept("=") ? parseInit(c, type) : null;
  const size = count * bytes;
  if (init !== null && init.length > size) throw new PtxError(line, `${name} has more initial values than elements`);
  return { name, space, type, align: Math.max(align, bytes), size, init, isArray, line };
}

/** Initial values: numbers, in braces for arrays. */
function parseInit(c: Cursor, type: PtxType): Uint8Array {
  const values: bigint[] = [];
  const one = (): void => {
    const negative = c.accept("-");
    const token = c.expectKind("number", "a number (addresses as initial values are not emulated)");
    if (isFloat(token)) {
      const bits = floatBits(token, type);
      values.push(negative ? bits ^ (1n << BigInt(type.bits - 1)) : bits);
    } else values.push(negative ? -integer(token) : integer(token));
  };
  if (!c.accept("{")) one();
  else
    while (!c.accept("}")) {
      one();
      if (c.token.text !== "}") c.expect(",");
    }
  const bytes = type.bits / 8;
  return Uint8Array.from({ length: values.length * bytes }, (_, k) =>
    Number((values[Math.floor(k / bytes)]! >> BigInt(8 * (k % bytes))) & 255n),
  );
}

/** The bits of a float literal as a value of a type. */
export function floatBits(token: Token, type: PtxType): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const { bits, width } = floatLiteral(token);
  if (type.kind !== "f" || type.bits < 32) throw new PtxError(token.line, `${token.text} is no .${type.name}`);
  if (width === type.bits) return bits;
  if (width === 32) throw new PtxError(token.line, `${token.text} is a single-precision number, not .${type.name}`);
  view.setBigUint64(0, bits);
  view.setFloat32(0, view.getFloat64(0));
  return BigInt(view.getUint32(0));
}

/** A float literal by its bits: `0f…` has 32, `0d…` and decimal ones 64. */
export function floatLiteral(token: Token): { readonly bits: bigint; readonly width: 32 | 64 } {
  const { text } = token;
  if (/^0[fFdD]/.test(text)) return { bits: BigInt(`0x${text.slice(2)}`), width: /^0[fF]/.test(text) ? 32 : 64 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Number(text));
  return { bits: view.getBigUint64(0), width: 64 };
}
