/** What is left to check, and what is required of the sizes, in kernels that people write. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lower } from "../../compiler/frontend/frontend.ts";
import type { Func } from "../../compiler/ir/ir.ts";
import { print } from "../../compiler/ir/print.ts";
import { walk } from "../../compiler/ir/walk.ts";
import { runPasses } from "../../compiler/pass.ts";
import { cleanup, inline, passes } from "../../compiler/passes/index.ts";

const header = 'import type { f64, i32, index, u32 } from "tsgpu";\nimport { zeros } from "tsgpu/kernel";\n';

/** The checks that are left, as `array axis line`, and the requirements as the IR prints them. */
function left(body: string): { readonly checks: readonly string[]; readonly requires: readonly string[] } {
  const { module } = lower("/kernel.ts", header + body, { mode: "strict", real: "f64" });
  const safe = runPasses(module, [inline, ...cleanup, passes["check-bounds"] as never]);
  const f = safe.funcs.at(-1) as Func;
  const checks = [...walk(f.body)].flatMap((s) =>
    s.kind === "check" ? [`${s.array.hint} ${s.axis} line ${s.loc.span.line - 2}`] : [],
  );
  const requires = [...print(safe).matchAll(/^ *requires (.*?)(?: at .*)? else/gm)].map((m) => m[1] as string);
  return { checks, requires };
}
const proven = { checks: [], requires: [] };

test("a kernel over one array's own sizes needs nothing", () => {
  const body = `export function f(A: f64[][]): void {
    for (let i = 0; i < A.length; i++) for (let j = 0; j < A[0].length; j++) A[i][j] *= 2;
    for (let i = A.length - 1; i >= 0; i--) for (let j = 1; j < A[0].length; j += 2) A[i][j] += A[i][j - 1];
  }`;
  assert.equal(left(body), proven);
});

test("sizes of other arrays are required, only where a trip is certain as errors", () => {
  const body = `export function f(x: f64[], y: f64[], c: f64): void {
    for (let i = 0; i < x.length; i++) x[i] += y[i];
    if (c > 0) for (let i = 0; i < y.length; i++) y[i] += x[i];
  }`;
  assert.equal(left(body), {
    checks: [],
    requires: ["%y_0 - %x_0 >= 0 when %x_0 - 1 >= 0", "%x_0 - %y_0 >= 0"],
  });
});

test("triangles", () => {
  const body = `export function f(A: f64[][]): void {
    const n = A.length;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) for (let k = j + 1; k <= i; k++) A[i][j] += A[k][i - j] * A[n - 1 - i][k - j];
  }`;
  assert.equal(left(body), { checks: [], requires: ["%A_1 - %n >= 0 when %n - 2 >= 0"] });
});

test("insertion sort: the inner while ends at -1", () => {
  const body = `export function f(a: f64[]): void {
    for (let i = 1; i < a.length; i++) {
      const v = a[i];
      let j = i - 1;
      while (j >= 0 && a[j] > v) {
        a[j + 1] = a[j];
        j--;
      }
      a[j + 1] = v;
    }
  }`;
  assert.equal(left(body), proven);
});

test("two pointers that meet", () => {
  const body = `export function f(a: f64[]): void {
    for (let i = 0, j = a.length - 1; i < j; i++, j--) [a[i], a[j]] = [a[j], a[i]];
  }`;
  assert.equal(left(body), proven);
});

test("binary search: the middle is checked, nothing else", () => {
  const body = `export function f(a: readonly f64[], x: f64): i32 {
    let lo = 0, hi = a.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (a[mid] < x) lo = mid + 1; else hi = mid;
    }
    return lo;
  }`;
  assert.equal(left(body), { checks: ["a 0 line 5"], requires: [] });
});

test("sparse rows: what comes from memory is checked, once", () => {
  const body = `export function f(start: i32[], column: u32[], v: f64[], x: f64[], y: f64[]): void {
    for (let i = 0; i < y.length; i++)
      for (let k = start[i]; k < start[i + 1]; k++) {
        y[i] += v[k] * x[column[k]];
        y[i] += v[k];
      }
  }`;
  assert.equal(left(body), {
    checks: ["v 0 line 4", "column 0 line 4", "x 0 line 4"],
    requires: ["%start_0 - %y_0 - 1 >= 0 when %y_0 - 1 >= 0"],
  });
});

test("a guard is as good as a proof", () => {
  const body = `export function f(k: i32[], u: u32[], h: i32[]): void {
    for (let i = 0; i < k.length; i++) {
      if (k[i] >= 0 && k[i] < h.length) h[k[i]]++;
      if (!(u[i] >= h.length)) h[u[i]]++;
      const j = Math.min(i, h.length - 1);
      if (j > 0) h[j - 1] = h[j];
      if (i % 3 < h.length) h[i % 3] = i & 7;
    }
  }`;
  assert.equal(left(body), { checks: [], requires: ["%u_0 - %k_0 >= 0 when %k_0 - 1 >= 0"] });
});

test("masks and remainders bound a subscript by themselves", () => {
  const body = `export function f(k: i32[], small: f64[]): void {
    const table = zeros("f64", 16);
    for (let i = 0; i < k.length; i++) {
      table[k[i] & 15] += 1;
      table[i % 16] += table[(k[i] >>> 0) % 16];
      small[k[i] & 3] += table[i & 15];
    }
  }`;
  assert.equal(left(body), { checks: [], requires: ["%small_0 - 4 >= 0"] });
});

test("a counter only goes up: its lower side is known", () => {
  const body = `export function f(a: f64[], out: f64[]): i32 {
    let n = 0;
    for (let i = 0; i < a.length; i++) if (a[i] > 0 && n < out.length) out[n++] = a[i];
    return n;
  }`;
  assert.equal(left(body), proven);
});

test("parameters are bounded by the requirement that an access makes of them", () => {
  const body = `export function f(x: f64[], at: index, n: index): void {
    x[at] = 1;
    for (let i = 0; i < n; i++) x[at + i] = 2;
  }`;
  assert.equal(left(body), {
    checks: [],
    requires: ["%at >= 0 when always", "%x_0 - %at - 1 >= 0 when always", "%x_0 - %at - %n >= 0 when %n - 1 >= 0"],
  });
});

test("rows of a flat array: the product of the sizes is required", () => {
  const body = `export function f(A: f64[], x: f64[], y: f64[], k: index): void {
    const n = x.length, m = y.length;
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) A[i * m + j] = x[i] * y[j];
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[j * n + i] = A[n * n - 1 - (i * n + j)];
    for (let i = 1; i < n - 1; i++) for (let j = 0; j < m; j++) A[(i - 1) * m + j] = A[(i + 1) * m + j];
    for (let j = 0; j < m; j++) A[k * m + j] = 1;
  }`;
  const { checks, requires } = left(body);
  assert.equal(checks, []);
  assert.equal(
    requires.filter((r) => !r.includes("67108864")),
    [
      "%A_0 - %n * %m >= 0 when %n - 1 >= 0, %m - 1 >= 0",
      "%A_0 - %n * %n >= 0 when %n - 1 >= 0",
      "%A_0 + 2 * %m - %n * %m >= 0 when %n - 3 >= 0, %m - 1 >= 0",
      "%k * %m >= 0 when %m - 1 >= 0",
      "%A_0 - %k * %m - %m >= 0 when %m - 1 >= 0",
    ],
  );
});

test("a product whose factor may be negative is not bounded by it", () => {
  // Columns from m down: for m < 0 there is no trip, and for the others i * m is least at 0.
  const body = `export function f(A: f64[], n: index, m: index): void {
    for (let i = 0; i < n; i++) A[i * m] = 1;
  }`;
  assert.equal(left(body).checks, ["A 0 line 2"]);
});

test("neighbours that are clamped, halved or wrapped around", () => {
  const body = `export function f(x: f64[], y: f64[]): void {
    const n = x.length;
    for (let i = 0; i < n; i++) {
      y[i] = x[Math.max(i - 1, 0)] + x[Math.min(i + 1, n - 1)] + x[Math.min(Math.max(i - 3, 0), n - 1)];
      y[i] += x[i >> 1] + x[Math.floor(i / 2)] + x[i & 1] + x[(i + 1) % n] + x[(i + n - 1) % n];
      y[i] += x[i > 0 ? i - 1 : n - 1] + x[i === n - 1 ? 0 : i + 1] + x[i < n - 1 ? i + 1 : i];
      let j = i;
      if (j === 0) j = n;
      y[i] += x[j - 1] + x[Math.abs(i - (n - 1))];
    }
  }`;
  assert.equal(left(body), { checks: [], requires: ["%y_0 - %n >= 0 when %n - 1 >= 0"] });
});

test("a hash table of any size that is not empty", () => {
  const body = `export function f(keys: i32[], table: i32[]): void {
    const mask = table.length - 1;
    if (table.length === 0) return;
    for (let i = 0; i < keys.length; i++) table[keys[i] & mask] += 1;
  }`;
  assert.equal(left(body), proven);
});

test("no requirement asks for what only a type's range bounds", () => {
  const body = `export function f(k: i32[], x: f64[], y: f64[], n: index): void {
    for (let i = 0; i < k.length; i++) if (k[i] < x.length) y[k[i]] += 1;
    for (let i = 0; i < k.length; i++) for (let j = k[i]; j < n; j++) x[j] += 1;
  }`;
  assert.equal(left(body), { checks: ["y 0 line 2", "x 0 line 3"], requires: [] });
});

test("scaled requirements are reduced", () => {
  const body = `export function f(x: f64[], y: f64[]): void {
    for (let i = 0; i < x.length; i++) y[2 * i] = x[i];
    for (let i = 0; 2 * i + 1 < x.length; i++) x[2 * i] = x[2 * i + 1];
    for (let i = 0; i < 4 * y.length; i++) x[i] = 1;
  }`;
  assert.equal(left(body), {
    checks: [],
    requires: ["%y_0 - 2 * %x_0 + 1 >= 0 when %x_0 - 1 >= 0", "%x_0 - 4 * %y_0 >= 0 when %y_0 - 1 >= 0"],
  });
});

test("what is outside for every size is said to be", () => {
  const body = `export function f(x: f64[]): void {
    for (let i = 0; i < x.length; i++) x[i - 1] = x[i];
  }`;
  assert.equal(left(body), { checks: [], requires: ["-1 >= 0 when %x_0 - 1 >= 0"] });
});

test("an early return leaves nothing certain", () => {
  const body = `export function f(x: f64[], n: index): f64 {
    for (let i = 0; i < n; i++) {
      if (x[i] > 1) return 1;
    }
    return x[n];
  }`;
  const { checks, requires } = left(body);
  assert.equal(checks, []);
  assert.ok(requires.every((r) => !r.includes("when")));
});

test.run();
