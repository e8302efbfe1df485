import type { f64 } from "tsgpu"; // TG1014 1 the file exports no function
const a = 1;
function notExported(x: f64): f64 {
  return x + a;
}
