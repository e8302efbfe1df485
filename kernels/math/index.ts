/** The math library in the kernel language: JavaScript's `Math`, in f64 under its names and in f32 under C's. */

export { cbrt, cbrtf } from "./cbrt.ts";
export { exp, expf, expm1, expm1f } from "./exp.ts";
export { acosh, acoshf, asinh, asinhf, atanh, atanhf, cosh, coshf, sinh, sinhf, tanh, tanhf } from "./hyperbolic.ts";
export { hypot, hypotf } from "./hypot.ts";
export { acos, acosf, asin, asinf, atan, atan2, atan2f, atanf } from "./inverse-trig.ts";
export { log, log1p, log1pf, log2, log2f, log10, log10f, logf } from "./log.ts";
export { pow, powf } from "./pow.ts";
export { cos, cosf, sin, sinf, tan, tanf } from "./trig.ts";
