/** PTX by hand for the emulator's tests: kernels of a few instructions, tables of their results, and what ptxas says of them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  DeviceMemory,
  type Dim,
  type LaunchOptions,
  type LaunchReport,
  launch,
  PtxError,
  PtxFault,
  parsePtx,
} from "../../../runtime/emulator/index.ts";
import { skip } from "../../skip.ts";

export const header = ".version 8.0\n.target sm_90\n.address_size 64\n";

/** Everything that a test file ran, for `checkByPtxas`. */
const texts: string[] = [];

/** A text that ptxas is to accept as well. */
export function valid(body: string): string {
  const text = header + body;
  texts.push(text);
  return text;
}

const registers = `.reg .pred %p<16>; .reg .b16 %h<16>; .reg .b32 %r<32>; .reg .b64 %d<32>; .reg .f32 %f<16>; .reg .f64 %g<16>;`;

/** A kernel named `k` with parameters `p0`, `p1`, … (64 bits each) in `%d0`, `%d1`, …, and registers to use. */
export function kernel(
  params: number,
  body: string,
  more: { readonly module?: string; readonly locals?: string } = {},
): string {
  const list = Array.from({ length: params }, (_, k) => `.param .b64 p${k}`).join(", ");
  const loads = Array.from({ length: params }, (_, k) => `ld.param.b64 %d${k}, [p${k}];`).join("\n");
  return `${more.module ?? ""}
.visible .entry k(${list})
{
${registers}
${more.locals ?? ""}
${loads}
${body}
ret;
}
`;
}

export const one: Dim = [1, 1, 1];

export interface Run {
  readonly grid?: Dim;
  readonly block?: Dim;
  readonly options?: Partial<LaunchOptions>;
}

/** Runs kernel `k` of a text on copies of arrays, one for each parameter; returns what they hold afterwards. */
export function runOn<T extends readonly ArrayBufferView[]>(
  text: string,
  arrays: T,
  { grid = one, block = one, options = {} }: Run = {},
): { readonly arrays: T; readonly report: LaunchReport } {
  const memory = new DeviceMemory();
  const params = arrays.map((a) => {
    const address = memory.alloc(a.byteLength);
    memory.write(address, a);
    return address;
  });
  const report = launch(parsePtx(text), "k", { grid, block, params, memory, ...options });
  const after = arrays.map((a, k) => {
    const bytes = memory.read(params[k]!, a.byteLength);
    return new (a.constructor as Float64ArrayConstructor)(bytes.buffer);
  });
  return { arrays: after as unknown as T, report };
}

/** How a table writes values down: floats as numbers, integers as BigInts, by the bits of the type. */
type Value = number | bigint;
const bytesOf = (type: string): number => Math.max(1, Number(type.slice(1)) / 8);

function put(view: DataView, at: number, type: string, value: Value): void {
  if (type === "f64") view.setFloat64(at, Number(value), true);
  else if (type === "f32") view.setFloat32(at, Number(value), true);
  else view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
}

function take(view: DataView, at: number, type: string): Value {
  if (type === "f64") return view.getFloat64(at, true);
  if (type === "f32") return view.getFloat32(at, true);
  const bits = 8 * bytesOf(type);
  const raw = BigInt.asUintN(bits, view.getBigUint64(at, true));
  return type[0] === "s" ? BigInt.asIntN(bits, raw) : raw;
}

const bank: Readonly<Record<string, string>> = { f64: "%g", f32: "%f" };
const register = (type: string, k: number): string =>
  `${bank[type] ?? { 8: "%h", 16: "%h", 32: "%r", 64: "%d" }[8 * bytesOf(type)]}${k}`;
/** 8-bit values are in 16-bit registers, and are loaded and stored as what they are. */
const stored = (type: string): string => (type === "b8" ? "u8" : type);

/**
 * Runs instructions on rows of inputs: `$0`, `$1`, … are their registers, `$d` that of the result. Each row is a thread.
 * Inputs are of types `ins`, and the result of type `out`.
 */
export function evaluate(
  code: string,
  ins: readonly string[],
  out: string,
  rows: readonly (readonly Value[])[],
): Value[] {
  const operand = (name: string): string =>
    name === "d" ? register(out, 15) : register(ins[Number(name)]!, 8 + Number(name));
  const stride = 8 * (ins.length + 1);
  const body = `
mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mad.lo.u32 %r0, %r1, %r2, %r0;
mul.wide.u32 %d1, %r0, ${stride}; add.u64 %d0, %d0, %d1;
${ins.map((type, k) => `ld.global.${stored(type)} ${register(type, 8 + k)}, [%d0+${8 * k}];`).join("\n")}
${code.replace(/\$(\w)/g, (_, name: string) => operand(name))}
st.global.${stored(out)} [%d0+${8 * ins.length}], ${register(out, 15)};`;
  const text = valid(kernel(1, body));
  const grid = [Math.ceil(rows.length / 32), 1, 1] as const;
  const view = new DataView(new ArrayBuffer(stride * 32 * grid[0]));
  for (let k = 0; k < 32 * grid[0]; k++) {
    // The last block may have more threads than there are rows left.
    const row = rows[k] ?? rows[0]!;
    for (const [j, value] of row.entries()) put(view, stride * k + 8 * j, ins[j]!, value);
  }
  const { arrays } = runOn(text, [new Uint8Array(view.buffer)] as const, { grid, block: [32, 1, 1] });
  const after = new DataView(arrays[0].buffer);
  return rows.map((_, k) => take(after, stride * k + 8 * ins.length, out));
}

/** Checks a table: rows of inputs, each followed by the result that the manual says. */
export function table(code: string, ins: readonly string[], out: string, rows: readonly (readonly Value[])[]): void {
  const results = evaluate(
    code,
    ins,
    out,
    rows.map((row) => row.slice(0, -1)),
  );
  for (const [k, row] of rows.entries()) {
    const expected = row.at(-1)!;
    const wanted =
      typeof expected === "bigint" && out[0] === "s" ? BigInt.asIntN(8 * bytesOf(out), expected) : expected;
    const same = Object.is(results[k], wanted);
    assert.ok(same, `${code} of ${row.slice(0, -1).join(", ")} is ${show(results[k]!)}, not ${show(wanted)}`);
  }
}

const show = (x: Value): string => (Object.is(x, -0) ? "-0" : String(x));

/** That running the text faults, with this message, at the line with this instruction. */
export function faults(
  text: string,
  arrays: readonly ArrayBufferView[],
  message: RegExp,
  at: string,
  run: Run = {},
): PtxFault {
  try {
    runOn(text, arrays, run);
  } catch (error) {
    assert.instance(error, PtxFault, String(error));
    const fault = error as PtxFault;
    assert.match(fault.message, message);
    assert.ok(fault.instruction.includes(at), `${fault.instruction} is blamed, not ${at}`);
    assert.ok(text.split("\n")[fault.line - 1]!.includes(at), `line ${fault.line} is not that of ${at}`);
    return fault;
  }
  throw new Error(`nothing faults, ${message} expected`);
}

/** That the text is refused, with this message and at this line of the body. */
export function refused(text: string, message: RegExp, at: string): void {
  try {
    parsePtx(text);
  } catch (error) {
    assert.instance(error, PtxError, String(error));
    assert.match((error as PtxError).message, message);
    const line = text.split("\n")[(error as PtxError).line - 1]!;
    assert.ok(line.includes(at), `the line blamed is: ${line}`);
    return;
  }
  throw new Error(`the text is accepted, ${message} expected`);
}

/** Adds the test that NVIDIA's assembler takes every text of this file: what we think is PTX, is. */
export function checkByPtxas(name: string): void {
  test(`${name}: ptxas accepts every text of this file`, () => {
    if (spawnSync("ptxas", ["--version"]).error !== undefined) {
      skip(`${name}: ptxas`, "ptxas is not installed");
      return;
    }
    assert.ok(texts.length > 0);
    const folder = mkdtempSync(join(tmpdir(), "tsgpu-ptx-"));
    try {
      // One file of all: each kernel with a name of its own.
      const bodies = texts.map((text, k) =>
        text.slice(header.length).replaceAll(/\b(k|fn_\w+|sm_\w+|gv_\w+)\b/g, `$1_${k}`),
      );
      const file = join(folder, "all.ptx");
      writeFileSync(file, header + bodies.join("\n"));
      const result = spawnSync("ptxas", ["-arch=sm_90", "-O0", "-o", join(folder, "all.cubin"), file], {
        encoding: "utf8",
      });
      assert.is(result.status, 0, result.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
