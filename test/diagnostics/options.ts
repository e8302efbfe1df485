import type { f32, f64 } from "tsgpu"; // TG1015 1 the file exports no function `gone`
// options { "kernels": ["scale", "gone"], "types": { "scale": { "T": "i32" } } }

export function scale<T extends f64 | f32>(x: T[]): void { // TG1036 23-41 `T` cannot be i32
  for (let i = 0; i < x.length; i++) x[i] = 2 * x[i] as T;
}
