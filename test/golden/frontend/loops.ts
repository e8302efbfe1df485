// Loops whose trips are known on entry count; all others are `while`s.
import type { f64, i32, index } from "tsgpu";

export function up(x: f64[]): void {
  for (let i = 0; i < x.length; i++) x[i] = i;
  for (let i = 1; i <= x.length - 1; ++i) x[i] += i;
  for (let i = 0; x.length > i; i += 1) x[i] += i;
}

export function down(x: f64[]): void {
  for (let i = x.length - 1; i >= 0; i--) x[i] = i;
  for (let i = x.length; i > 0; i -= 1) x[i - 1] *= i;
}

export function steps(x: f64[]): void {
  const two = 2;
  for (let i = 0; i < x.length; i += 3) x[i] = i;
  for (let i = x.length - 1; i >= 0; i -= two) x[i] += i;
  for (let i = 0; i < x.length; i = i + 2) x[i] += 1;
}

export function several(x: f64[]): void {
  for (let i = 0, j = x.length - 1; i < j; i++, j--) x[i] += x[j];
  for (let i = 0, j = 1; i < x.length; i++, j += 2) x[i] += j;
  for (let i = 0, n = x.length; i < n; i++) x[i] -= n;
}

export function float(x: f64[], limit: f64): void {
  let k = 0;
  for (let t = 0; t < 1; t += 0.25) k++;
  for (let i = 0; i < limit && i < x.length; i++) x[i] = k;
  for (let i = 0; i < Infinity; i++) {
    if (i >= x.length) break;
    x[i] -= 1;
  }
  for (let i = 0; i < -0.5 && i <= NaN; i++) x[0] = i;
  for (let i = 0; i <= NaN; i++) x[0] = i;
  for (let i = 2; i >= -0.5; i--) k++;
  const some = Math.min(limit, x.length);
  for (let i = 0; i < some; i++) x[i] += 1;
}

// The bound moves, the counter is assigned, or the test is another: no counted loops.
export function unknown(x: f64[], k: i32[]): void {
  let n = x.length;
  for (let i = 0; i < n; i++) {
    if (x[i] > 0) n--;
  }
  for (let i = 0; i < x.length; i++) {
    if (x[i] < 0) i++;
  }
  for (let i = 0; i !== x.length; i++) x[i] += 1;
  for (let i = 0; i < k[0] && i < x.length; i++) x[i] *= 2;
}

export function whiles(x: f64[]): index {
  let i = 0;
  while (i < x.length) {
    x[i] += 1;
    i++;
  }
  do i--;
  while (i > 0 && x[i] > 0);
  while (i++ < 3) x[0] += i;
  return i;
}

export function afterwards(n: index): index {
  let last = -1;
  for (let i = 0; i < n; i++) last = i;
  return last;
}
