import type { f64 } from "tsgpu"; //! the file exports no function
const a = 1;
function notExported(x: f64): f64 {
  return x + a;
}
