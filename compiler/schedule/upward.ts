/**
 * Lets a loop that counts down count up, where any order of its iterations does the same.
 *
 *   for %t in seq(0, %n) {                        for %i in seq(0, %n) {
 *     %i: index = sub %last, %t           =>        %x: f64 = load %A[%i]
 *     %x: f64 = load %A[%i]                       }
 *   }
 *
 * Reverse mode makes such loops, as the iterations of the function must be undone from the last to the first; mostly for nothing.
 * Memory is then walked as caches expect it, and subscripts are the loop's own index.
 *
 * Needs: `%t` used for nothing but `%i`, and subscripts in their simplest form.
 */
import { addScaled, Forms, plus, polyOf, sub } from "../analysis/polynomial.ts";
import { value } from "../ir/build.ts";
import type { Block, For, Func, Polynomial, Scalar, Stmt } from "../ir/ir.ts";
import { mapBlocks, Substitution, usesOf, walk } from "../ir/walk.ts";
import { funcPass, type Pass } from "../pass.ts";
import { Order } from "./order.ts";

export const upward: Pass = funcPass("upward", "lets loops count up that need not count down", (f: Func) => {
  // A subscript that is reflected twice is turned twice.
  for (;;) {
    const body = once(f);
    if (body === f.body) return f;
    f = { ...f, body };
  }
});

function once(f: Func): Block {
  const order = new Order(f);
  const down = new Map<For, Scalar>();
  const forms = new Forms();
  for (const s of walk(f.body)) forms.define(s);
  for (const s of walk(f.body)) {
    const index = s.kind === "for" ? downward(s, forms) : null;
    if (index !== null && order.whyOrdered(s as For) === null) down.set(s as For, index);
  }
  return turned(f.body, down);
}

const isZero = ({ constant, terms }: Polynomial): boolean => constant === 0 && terms.length === 0;

/** What runs from the loop's last index to its first, and is all that its own index is for. */
function downward(loop: For, forms: Forms): Scalar | null {
  const ends = plus(addScaled(forms.of(loop.lo), forms.of(loop.hi)), -1);
  for (const s of loop.body.stmts) {
    if (s.kind !== "let" || s.result.type !== "index") continue;
    const both = addScaled(forms.of(s.result), polyOf(loop.index));
    if (isZero(sub(both, ends)) && isOnlyFor(loop, s.result)) return s.result;
  }
  return null;
}

/** Is the loop's index used by `u` alone, by way of one value at most? */
function isOnlyFor(loop: For, u: Scalar): boolean {
  for (let v = loop.index; v !== u; ) {
    const users = [...walk(loop.body)].filter((s) => usesOf(s).includes(v));
    const [user] = users;
    if (users.length !== 1 || user?.kind !== "let" || loop.body.yields.includes(v)) return false;
    v = user.result;
  }
  return true;
}

function turned(b: Block, down: ReadonlyMap<For, Scalar>): Block {
  let changed = false;
  const stmts = b.stmts.map((s): Stmt => {
    const own = s.kind === "for" ? down.get(s) : undefined;
    const out = mapBlocks(s, (inner) => turned(inner, down));
    changed ||= out !== s || own !== undefined;
    return own === undefined ? out : counting(out as For, own);
  });
  return changed ? { stmts, yields: b.yields } : b;
}

/** The loop with `u` as its index. */
function counting(loop: For, u: Scalar): For {
  const dead = new Set<Scalar>([loop.index]);
  const stmts = loop.body.stmts.filter((s) => {
    const isPart =
      s.kind === "let" && s.expr.kind !== "load" && usesOf(s).some((v) => dead.has(v as Scalar)) && !dead.has(u);
    if (isPart) dead.add(s.result);
    return !isPart;
  });
  const index = value(u.hint, u.type);
  const subst = new Substitution();
  subst.set(u, index);
  return { ...loop, index, body: subst.block({ stmts, yields: loop.body.yields }) };
}
