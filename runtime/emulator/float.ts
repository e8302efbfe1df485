/** Floating-point arithmetic. What only promises to be near the true result (`.approx`, `.full`) is refused: it has no one value. */

import { clampToUnit } from "./convert.ts";
import { type Emitter, type Family, stackType } from "./emitter.ts";
import type { Form } from "./form.ts";
import type { Operand, PtxType } from "./ptx.ts";

const modes = ["rn", "rz", "rm", "rp"] as const;

const countFlops = (e: Emitter, type: PtxType, by: number): void =>
  e.count(type.bits === 32 ? "flops32" : "flops64", by);

/** Reads the rounding mode and type; single precision may saturate. */
function head(form: Form, required: boolean): { mode: (typeof modes)[number]; saturates: boolean; type: PtxType } {
  const mode = required ? form.need(...modes) : (form.take(...modes) ?? "rn");
  const saturates = form.flag("sat");
  return { mode, saturates, type: form.type(saturates ? "f32" : "f32 f64") };
}

/** An operation that WebAssembly has for `.rn`, and a helper for the other modes. */
const arithmetic =
  (op: string, operands: number, required: boolean): Family =>
  (e, form) => {
    const { mode, saturates, type } = head(form, required);
    const [d, ...sources] = form.end(operands + 1) as [Operand, ...Operand[]];
    for (const operand of sources) e.push(operand, type);
    if (op === "fma" || mode !== "rn") e.help(`${op}.${mode}.${type.name}`);
    else e.code.op(`${stackType(type)}.${op}`);
    if (saturates) clampToUnit(e, type);
    countFlops(e, type, op === "fma" ? 2 : 1);
    e.pop(d, type);
  };

const reciprocal: Family = (e, form) => {
  const mode = form.need(...modes);
  const type = form.type("f32 f64");
  const [d, a] = form.end(2) as [Operand, Operand];
  if (mode === "rn") {
    if (type.bits === 32) e.code.f32(0x3f800000);
    else e.code.f64(0x3ff0000000000000n);
  }
  e.push(a, type);
  if (mode === "rn") e.code.op(`${type.name}.div`);
  else e.help(`rcp.${mode}.${type.name}`);
  countFlops(e, type, 1);
  e.pop(d, type);
};

/** The sign is a bit: NaNs have one too. */
const changeSign =
  (op: "abs" | "neg"): Family =>
  (e, form) => {
    const type = form.type("f32 f64");
    const [d, a] = form.end(2) as [Operand, Operand];
    e.push(a, type);
    e.code.op(`${type.name}.${op}`);
    e.pop(d, type);
  };

/** The other operand where one is NaN (`.NaN`: NaN); -0 is below +0. */
const extreme =
  (op: "min" | "max"): Family =>
  (e, form) => {
    const { code } = e;
    const keepsNaN = form.flag("NaN");
    const type = form.type(keepsNaN ? "f32" : "f32 f64");
    const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
    const t = stackType(type);
    const [x, y] = [e.temp(t, "a"), e.temp(t, "b")];
    e.push(a, type);
    code.set(x);
    e.push(b, type);
    code.set(y);
    if (keepsNaN) code.get(x).get(y).op(`${t}.${op}`);
    else {
      code.get(x).get(x).op(`${t}.eq`).if(t).get(y).get(y).op(`${t}.eq`).if(t);
      code.get(x).get(y).op(`${t}.${op}`).else().get(x).end();
      code.else().get(y).end();
    }
    countFlops(e, type, 1);
    e.pop(d, type);
  };

const copySign: Family = (e, form) => {
  const type = form.type("f32 f64");
  const [d, a, b] = form.end(3) as [Operand, Operand, Operand];
  e.push(b, type);
  e.push(a, type);
  e.code.op(`${type.name}.copysign`);
  e.pop(d, type);
};

export const floatFamilies: Readonly<Record<string, Family>> = {
  add: arithmetic("add", 2, false),
  sub: arithmetic("sub", 2, false),
  mul: arithmetic("mul", 2, false),
  fma: arithmetic("fma", 3, true),
  // Since sm_20 a fused one, as `fma`.
  mad: arithmetic("fma", 3, true),
  div: arithmetic("div", 2, true),
  sqrt: arithmetic("sqrt", 1, true),
  rcp: reciprocal,
  abs: changeSign("abs"),
  neg: changeSign("neg"),
  min: extreme("min"),
  max: extreme("max"),
  copysign: copySign,
};
