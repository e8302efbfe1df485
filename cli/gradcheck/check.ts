/** Holds a gradient against dual numbers and against differences of the kernel. */
import type { FloatType } from "../../compiler/ir/ir.ts";
import { derivativeAtZero, type Estimate } from "./differences.ts";
import type { Probe } from "./probe.ts";

/** The derivative along the direction of one leaf, had in three ways. */
export interface Row {
  readonly wrt: string;
  /** ⟨Jᵀw, v⟩, by the gradient. */
  readonly reverse: number;
  /** ⟨w, J v⟩, by dual numbers. */
  readonly forward: number;
  readonly difference: number;
  /** What the difference may be. */
  readonly allowed: number;
  /** By differences; `agrees` is null where they have no answer, as at a kink. */
  readonly finite: Estimate & { readonly agrees: boolean | null };
  readonly ok: boolean;
  readonly problem?: string;
}

/** What rounding may do, by the narrowest float type of the kernel. */
export interface Precision {
  /** Of Σ |∂L/∂aᵢ vᵢ|: between the gradient and dual numbers; between it and differences; what differences may be unsure by. */
  readonly exact: number;
  readonly finite: number;
  readonly unsure: number;
  /** Of Σ |wᵢ yᵢ|: derivatives that cancel to nothing are noise of that size. */
  readonly noise: number;
  /** The first step of the differences; inputs are about 1. */
  readonly step: number;
  readonly epsilon: number;
}
export const precisions: Readonly<Record<FloatType | "f16", Precision>> = {
  f64: { exact: 1e-9, finite: 1e-6, unsure: 1e-3, noise: 1e-13, step: 2 ** -6, epsilon: 2 ** -52 },
  f16: { exact: 1e-2, finite: 2e-1, unsure: 1, noise: 1e-3, step: 2 ** -1, epsilon: 2 ** -10 },
  f32: { exact: 1e-3, finite: 2e-2, unsure: 1e-1, noise: 1e-5, step: 2 ** -3, epsilon: 2 ** -23 },
};

/** @throws LaunchError where the kernel or its gradient do not run on these inputs. */
export async function checkGradient(
  probe: Pick<Probe, "wrt" | "loss" | "reverse" | "forward" | "moved">,
  precision: Precision,
  doing: (what: string) => void = () => {},
): Promise<readonly Row[]> {
  doing("running the gradient");
  const reverse = await probe.reverse();
  const { scale: size } = await probe.loss();
  const rows: Row[] = [];
  for (const wrt of probe.wrt) {
    doing(`${wrt}: dual numbers`);
    const { value, scale } = reverse.get(wrt)!;
    const forward = probe.forward(wrt);
    const difference = Math.abs(value - forward);
    const noise = precision.noise * size;
    const allowed = precision.exact * scale + noise;
    doing(`${wrt}: differences`);
    const finite = await derivativeAtZero((t) => probe.moved(wrt, t), precision.step, precision.epsilon);
    const isSure = finite.error <= precision.unsure * scale + noise / precision.step;
    const may = precision.finite * scale + 10 * finite.error + noise / precision.step;
    const agrees = isSure ? Math.abs(value - finite.value) <= may : null;
    const problem = problemOf({ value, forward, difference, allowed, agrees });
    rows.push({
      ...{ wrt, reverse: value, forward, difference, allowed, finite: { ...finite, agrees }, ok: problem === null },
      ...(problem === null ? {} : { problem }),
    });
  }
  return rows;
}

function problemOf(r: {
  readonly value: number;
  readonly forward: number;
  readonly difference: number;
  readonly allowed: number;
  readonly agrees: boolean | null;
}): string | null {
  if (!Number.isFinite(r.forward)) return "on these inputs there is no derivative: try others, by --input or --seed";
  if (!Number.isFinite(r.value)) return "the gradient is no number, where the derivative is";
  if (!(r.difference <= r.allowed)) return "the gradient is not that of the kernel on dual numbers";
  return r.agrees === false ? "the gradient is not that of the compiled kernel, by differences" : null;
}
