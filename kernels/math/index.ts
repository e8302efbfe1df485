/** The math library in the kernel language: JavaScript's `Math`, in f64 under its names and in f32 under C's. */

export { cbrt, cbrtf } from "./cbrt.ts";
export { exp, expf, expm1, expm1f } from "./exp.ts";
export { acosh, acoshf, asinh, asinhf, atanh, atanhf, cosh, coshf, sinh, sinhf, tanh, tanhf } from "./hyperbolic.ts";
export { hypot, hypotf } from "./hypot.ts";
export { acos, acosf, asin, asinf, atan, atan2, atan2f, atanf } from "./inverse-trig.ts";
export { log, log1p, log1pf, log2, log2f, log10, log10f, logf } from "./log.ts";
export { pow, powf } from "./pow.ts";
// The same in f32 alone, for targets that have no f64.
export { coshs, expm1s, exps, sinhs, tanhs } from "./single-exp.ts";
export { acoss, asins, atan2s, atans } from "./single-inverse.ts";
export { acoshs, asinhs, atanhs, log1ps, log2s, log10s, logs } from "./single-log.ts";
export { cbrts, hypots, pows } from "./single-pow.ts";
export { coss, sins, tans } from "./single-trig.ts";
export { cos, cosf, sin, sinf, tan, tanf } from "./trig.ts";
