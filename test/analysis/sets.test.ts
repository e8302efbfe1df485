/** Random sets of a few small integers, held against enumeration; and what takes products or cases to decide. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addScaled, multiply, plus, polyConst, polyOf, scale, sub } from "../../compiler/analysis/polynomial.ts";
import { decide, holdsAt, type IntegerSet, intersect, isEmpty, oneOf, setOf } from "../../compiler/analysis/sets.ts";
import { value } from "../../compiler/ir/build.ts";
import type { Polynomial, Scalar } from "../../compiler/ir/ir.ts";
import { randomOf } from "../passes/random-ir.ts";

const index = (name: string): Scalar => value(name, "index" as const);
const [x, y, z, w] = ["x", "y", "z", "w"].map(index) as [Scalar, Scalar, Scalar, Scalar];
const [a, b, c, d] = [x, y, z, w].map(polyOf) as [Polynomial, Polynomial, Polynomial, Polynomial];
const box = 3;

/** `-box <= v <= box`, for each value. */
const inBox = (values: readonly Scalar[]): IntegerSet =>
  setOf(values.flatMap((v) => [plus(polyOf(v), box), plus(scale(polyOf(v), -1), box)]));

function* points(values: readonly Scalar[]): Generator<Map<Scalar, number>> {
  const [v, ...others] = values;
  if (v === undefined) {
    yield new Map();
    return;
  }
  for (const rest of points(others)) for (let k = -box; k <= box; k++) yield new Map([...rest, [v, k]]);
}

function randomForm(random: (n: number) => number, values: readonly Scalar[], size: number): Polynomial {
  let form = polyConst(random(2 * size + 1) - size);
  for (const v of values) if (random(3) > 0) form = addScaled(form, polyOf(v), random(2 * size + 1) - size);
  return form;
}

test("2000 random sets: empty where enumeration finds nothing, and points that are in them", () => {
  const counts = { empty: 0, inhabited: 0, unknown: 0 };
  for (let seed = 1; seed <= 2000; seed++) {
    const random = randomOf(seed);
    const values = [x, y, z, w].slice(0, 2 + random(random(8) === 0 ? 3 : 2));
    const size = 2 + random(6);
    const forms = (n: number): Polynomial[] => Array.from({ length: n }, () => randomForm(random, values, size));
    const alternatives =
      random(3) === 0 ? oneOf([setOf(forms(2)), setOf(forms(1), forms(1)), setOf(forms(3))]) : setOf([]);
    const set = intersect([inBox(values), setOf(forms(1 + random(4)), forms(random(3))), alternatives]);
    const found = decide(set);
    counts[found.kind]++;
    const seen = [...points(values)].some((p) => holdsAt(set, p));
    if (found.kind === "empty") assert.not(seen, `seed ${seed} is said to be empty`);
    if (found.kind === "inhabited")
      assert.ok(holdsAt(set, found.point), `seed ${seed}: a point that is not in the set`);
    if (found.kind === "inhabited") assert.ok(seen, `seed ${seed} is said to have a point`);
  }
  assert.ok(counts.empty > 200 && counts.inhabited > 200, JSON.stringify(counts));
  assert.ok(counts.unknown <= 4, JSON.stringify(counts));
});

test("no integer lies where only fractions do", () => {
  // 2x = 2y + 1; 3x − 1 <= 2y <= 3x − 1 with x even.
  assert.ok(isEmpty(setOf([], [plus(scale(sub(a, b), 2), -1)])));
  const even = setOf([], [sub(a, scale(c, 2))]);
  assert.ok(isEmpty(intersect([even, setOf([], [plus(sub(scale(a, 3), scale(b, 2)), -1)])])));
  // 27 <= 11x + 13y <= 45, −10 <= 7x − 9y <= 4: Pugh's example, whose real points hold no integer one.
  const p = addScaled(scale(a, 11), b, 13);
  const q = addScaled(scale(a, 7), b, -9);
  assert.ok(isEmpty(setOf([plus(p, -27), plus(scale(p, -1), 45), plus(q, 10), plus(scale(q, -1), 4)])));
});

test("for all sizes: nothing is below 0 and above the size", () => {
  assert.ok(isEmpty(setOf([a, plus(sub(b, a), -1), sub(a, b)])));
  const found = decide(setOf([a, plus(sub(b, a), -1)]));
  assert.is(found.kind, "inhabited");
});

test("rows of one array do not meet: i·m + j", () => {
  // 0 <= j, j' < m, i < i', i·m + j = i'·m + j' with i = a, j = b, i' = c, j' = d.
  const m = polyOf(index("m"));
  const inRow = (j: Polynomial): IntegerSet => setOf([m, j, plus(sub(m, j), -1)]);
  const at = (i: Polynomial, j: Polynomial): Polynomial => addScaled(multiply(i, m), j);
  const same = setOf([], [sub(at(a, b), at(c, d))]);
  assert.ok(isEmpty(intersect([inRow(b), inRow(d), same, setOf([plus(sub(c, a), -1)])])));
  assert.not(isEmpty(intersect([inRow(b), same, setOf([plus(sub(c, a), -1)])])));
});

test("cases are all tried", () => {
  const either = oneOf([setOf([], [plus(a, -1)]), setOf([], [plus(a, -5)])]);
  assert.ok(isEmpty(intersect([either, setOf([plus(a, -2), plus(scale(a, -1), 4)])])));
  const found = decide(intersect([either, setOf([plus(a, -2)])]));
  assert.ok(found.kind === "inhabited" && found.point.get(x) === 5);
});

test.run();
