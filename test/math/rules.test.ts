/** What passes take for granted about the library's functions: the rewrites of `pow` must not change a bit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pow, powf } from "../../kernels/math/index.ts";

const edges = [0, 1, 2, 3, 0.1, 1.5, 1e-200, 1e200, 1e155, 5e-324, 2 ** 52 + 1, Number.MAX_VALUE, Infinity];
let seed = 12345;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const drawn = Array.from({ length: 2000 }, () => (random() * 2 - 1) * 2 ** Math.floor(random() * 200 - 100));
const values = [...edges, ...drawn].flatMap((x) => [x, -x]).concat(Number.NaN);

for (const [name, f, round] of [
  ["pow", pow, (x: number) => x],
  ["powf", powf, Math.fround],
] as const) {
  test(`${name}(x, 0) is 1, ${name}(x, 1) is x, ${name}(x, 2) is x * x`, () => {
    for (const x of values.map(round)) {
      for (const zero of [0, -0]) assert.is(f(x, zero), 1, `${x} ** ${zero}`);
      assert.ok(Object.is(f(x, 1), x), `${x} ** 1 is ${f(x, 1)}`);
      assert.ok(Object.is(f(x, 2), round(x * x)), `${x} ** 2 is ${f(x, 2)}, not ${round(x * x)}`);
    }
  });
}

test.run();
