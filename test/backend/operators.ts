/**
 * A kernel for every operator on every type in every mode, every cast and every accumulation, as IR text, with data that
 * covers the edges of each type.
 */
import { elemArrays, type InterpArray } from "../../compiler/interp.ts";
import type { Mode, Module, ScalarType } from "../../compiler/ir/ir.ts";
import type { Precision } from "../../compiler/ir/library.ts";
import {
  type BinaryOp,
  binaryOps,
  compareOps,
  isMath,
  reduceOps,
  resultType,
  type UnaryOp,
  unaryOps,
} from "../../compiler/ir/ops.ts";
import { domainTypes } from "../../compiler/ir/verify-operands.ts";
import { parsed } from "./differential.ts";

export const types = ["f64", "f32", "i32", "u32", "index", "bool"] as const satisfies readonly ScalarType[];

const floats = [
  ...[0, -0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, -2.5, 3, -7, 0.1, -0.3, 1e-5, 255.75, 1e6, -123456.789],
  ...[0.49999999999999994, 0.5000000000000001, -0.49999999999999994, 4503599627370497, -4503599627370495.5],
  ...[2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 32 + 5, -(2 ** 32) - 5, 2 ** 53, 2 ** 53 - 1, -(2 ** 53)],
  ...[2 ** 53 + 2, 2 ** 62, 2 ** 63, -(2 ** 63), 2 ** 64 + 2 ** 12, 2 ** 83 + 2 ** 31, 2 ** 84, 1e300, -1e300],
  ...[5e-324, -5e-324, 2.2e-308, 1.7976931348623157e308, 1e-45, 3.4e38, Infinity, -Infinity, NaN],
];
const ints = [0, 1, -1, 2, -2, 3, 7, -7, 8, 31, 32, 33, 100, -100, 65535, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1];

/** Values that a type's arrays are filled with. */
export const samples: Readonly<Record<ScalarType, readonly number[]>> = {
  f64: floats,
  f32: floats.map(Math.fround),
  i32: ints,
  u32: ints.map((x) => x >>> 0),
  index: [0, 1, -1, 2, -3, 7, -7, 8, -8, 100, -1000001, 2 ** 26 - 1, -(2 ** 26)],
  bool: [0, 1],
};
/** More for casts: nothing is computed with them. */
const wideIndices = [2 ** 31, 2 ** 32 + 5, -(2 ** 32) - 5, 2 ** 53, -(2 ** 53) + 1, 2 ** 62, -(2 ** 62)];
/** What `fast` is defined for, and where its results are close to strict ones. */
const tame = [0.5, 1, 1.5, 2.25, 3, 7, 10.125, 100];

export interface Case {
  readonly name: string;
  readonly text: string;
  /** Fresh arguments for each call. */
  readonly args: () => readonly InterpArray[];
  /** To the bit: all but what `fast` may change. */
  readonly exact: boolean;
}

const array = (type: ScalarType, data: readonly number[]): InterpArray => ({
  data: elemArrays[type].from(data),
  shape: [data.length],
});

/** `y[i] := f(a[i], …)`: `lines` compute `%r`. */
function elementwise(
  name: string,
  inputs: readonly ScalarType[],
  result: ScalarType,
  lines: readonly string[],
  rows: readonly (readonly number[])[],
  exact = true,
): Case {
  const params = inputs.map((t, k) => `%x${k}: ${t}[%n${k}]`);
  const loads = inputs.map((t, k) => `%v${k}: ${t} = load %x${k}[%i]`);
  const body = [...loads, ...lines, "store %y[%i], %r"].map((line) => `    ${line}`).join("\n");
  return {
    name,
    text: `kernel @${name}(${[...params, `%y: ${result}[%n]`].join(", ")}) {\n  for %i in seq(0, %n) {\n${body}\n  }\n}`,
    args: () => [
      ...inputs.map((t, k) =>
        array(
          t,
          rows.map((row) => row[k] as number),
        ),
      ),
      array(
        result,
        rows.map(() => 0),
      ),
    ],
    exact,
  };
}

const pairs = (list: readonly number[]): (readonly number[])[] => list.flatMap((a) => list.map((b) => [a, b]));

/** What the math library computes is the same in every mode. */
const modesOf = (op: string, type: ScalarType): readonly Mode[] =>
  isMath(op) ? ["contract"] : type === "f64" || type === "f32" ? ["strict", "contract", "fast"] : ["contract"];
const printed = (mode: Mode): string => (mode === "contract" ? "" : `${mode} `);

function unaryCases(): Case[] {
  return (Object.keys(unaryOps) as UnaryOp[]).flatMap((op) =>
    types
      .filter((t) => domainTypes[unaryOps[op].on].includes(t))
      .flatMap((t) =>
        modesOf(op, t).map((mode) => {
          const exact = mode !== "fast";
          const data = mode === "fast" ? tame : samples[t];
          const to = resultType(op, t);
          const line = `%r: ${to} = ${op} ${printed(mode)}%v0`;
          return elementwise(
            `${op}_${t}_${mode}`,
            [t],
            to,
            [line],
            data.map((x) => [x]),
            exact,
          );
        }),
      ),
  );
}

function binaryCases(): Case[] {
  return (Object.keys(binaryOps) as BinaryOp[]).flatMap((op) =>
    types
      .filter((t) => domainTypes[binaryOps[op].on].includes(t))
      .flatMap((t) =>
        modesOf(op, t).map((mode) => {
          const exact = mode !== "fast";
          const divides = (op === "rem" || op === "floordiv") && t !== "f64" && t !== "f32";
          const rows = pairs(mode === "fast" ? tame : samples[t]).filter(([, b]) => !divides || b !== 0);
          const to = resultType(op, t);
          const line = `%r: ${to} = ${op} ${printed(mode)}%v0, %v1`;
          return elementwise(`${op}_${t}_${mode}`, [t, t], to, [line], rows, exact);
        }),
      ),
  );
}

function compareCases(): Case[] {
  return Object.keys(compareOps).flatMap((op) =>
    types
      .filter((t) => t !== "bool" || op === "eq" || op === "ne")
      .map((t) => elementwise(`${op}_${t}`, [t, t], "bool", [`%r: bool = ${op} %v0, %v1`], pairs(samples[t]))),
  );
}

function castCases(): Case[] {
  return types.flatMap((from) =>
    types.map((to) => {
      const data = from === "index" ? [...samples.index, ...wideIndices] : samples[from];
      const line = from === to ? `%r: ${to} = select true, %v0, %v0` : `%r: ${to} = cast %v0`;
      return elementwise(
        `cast_${from}_${to}`,
        [from],
        to,
        [line],
        data.map((x) => [x]),
      );
    }),
  );
}

function selectCases(): Case[] {
  const rows = (t: ScalarType): (readonly number[])[] =>
    pairs(samples[t]).flatMap(
      ([a, b]) =>
        [
          [0, a, b],
          [1, a, b],
        ] as number[][],
    );
  return types.map((t) => elementwise(`select_${t}`, ["bool", t, t], t, [`%r: ${t} = select %v0, %v1, %v2`], rows(t)));
}

/** Operators with a constant on either side are printed differently here and there. */
function constantCases(): Case[] {
  const on = (t: ScalarType, op: string, a: string, b: string, mode = ""): Case => {
    const name = `const_${op}_${t}_${a}_${b}`.replace(/-/g, "m").replace(/\W/g, "_");
    const line = `%r: ${t} = ${op} ${mode} ${a}, ${b}`;
    return elementwise(
      name,
      [t],
      t,
      [line],
      samples[t].map((x) => [x]),
    );
  };
  const x = "%v0";
  const divisions = (t: ScalarType, constants: readonly string[]): Case[] =>
    constants.flatMap((c) => [on(t, "floordiv", x, c), on(t, "rem", x, c)]);
  const shifts = (t: "i32" | "u32"): Case[] =>
    ["0", "5", "31", "32", "37"].flatMap((c) => [on(t, "shl", x, c + t), on(t, "shr", x, c + t)]);
  const doubles = ["-0.0", "NaN", "-Infinity", "0.1", "1e300", "5e-324", "-3.0"].map((c) => `${c}f64`);
  const singles = ["-0.0f32", "NaNf32", "0.10000000149011612f32"];
  return [
    ...divisions("i32", ["-7i32", "-1i32", "1i32", "8i32", "-2147483648i32"]),
    ...divisions("index", ["-8", "-1", "3", "64"]),
    ...divisions("u32", ["16u32", "3000000000u32"]),
    ...shifts("i32"),
    ...shifts("u32"),
    ...[on("i32", "shr", "-5i32", x), on("i32", "sub", "-2147483648i32", x), on("u32", "sub", "3u32", x)],
    ...[on("index", "add", x, "-3"), on("index", "sub", x, "-3"), on("index", "mul", "-3", x)],
    ...doubles.flatMap((c) => ["min", "add", "sub"].map((op) => on("f64", op, x, c, "strict"))),
    ...doubles.flatMap((c) => ["max", "sub", "div"].map((op) => on("f64", op, c, x, "strict"))),
    ...singles.flatMap((c) => [on("f32", "max", x, c, "strict"), on("f32", "mul", c, x, "strict")]),
  ];
}

function accumCases(): Case[] {
  return Object.keys(reduceOps).flatMap((op) =>
    types
      .filter((t) => t !== "bool")
      .map((t) => {
        const name = `accum_${op}_${t}`;
        const mode = t === "f64" || t === "f32" ? "strict " : "";
        const start = op === "mul" ? 1 : op === "add" ? 0 : (samples[t][0] as number);
        const data = t === "index" && op === "mul" ? [3, -5, 7] : samples[t];
        return {
          name,
          text: `kernel @${name}(%x: ${t}[%n], %y: ${t}[%m]) {
  for %i in seq(0, %n) {
    %v: ${t} = load %x[%i]
    %k: index = rem %i, 3
    accum ${op} ${mode}%y[%k], %v
  }
}`,
          args: () => [array(t, data), array(t, [start, start, start])],
          exact: true,
        };
      }),
  );
}

/** All cases, by what they are of. */
export const operatorCases = {
  unary: unaryCases(),
  binary: binaryCases(),
  compare: compareCases(),
  cast: castCases(),
  select: selectCases(),
  constant: constantCases(),
  accum: accumCases(),
} as const satisfies Readonly<Record<string, readonly Case[]>>;
export type CaseGroups = Readonly<Record<keyof typeof operatorCases, readonly Case[]>>;

/** The cases in three modules' worth, one for each mode; what has no mode goes with `strict`. */
export function casesByMode({ unary, binary, compare, cast, select, constant, accum }: CaseGroups) {
  const others = [...compare, ...cast, ...select, ...constant, ...accum];
  return (["strict", "contract", "fast"] as const).map((mode: Mode) => {
    const named = [...unary, ...binary].filter((c) => c.name.endsWith(`_${mode}`));
    return { mode, cases: mode === "strict" ? [...others, ...named] : named };
  });
}

/** The module of the cases' kernels. */
export const moduleOf = (cases: readonly Case[], precision?: Precision): Module =>
  parsed(`stage kernel\n\n${cases.map((c) => c.text).join("\n\n")}\n`, precision);
