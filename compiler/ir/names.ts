/** Gives every value of a function the name it has in text: its hint, with a number where that is taken. */
import { type Block, type Func, isArrayType, type Value } from "./ir.ts";
import { bindersOf, blocksOf, resultsOf } from "./walk.ts";

/**
 * The names of a function's values, without the `%`. A name is unique among those in scope, siblings may share one; the
 * results of a loop or branch have names that nothing inside it has. A value that the function nowhere binds has its
 * hint and a `?`, which no parser accepts.
 */
export function namesOf(f: Func): (v: Value) => string {
  const names = new Map<Value, string>();
  const scope = new Scope();
  const bind = (v: Value): void => {
    if (!names.has(v)) names.set(v, scope.take(identifier(v.hint)));
  };
  const block = (b: Block): void => {
    const mark = scope.mark();
    for (const s of b.stmts) {
      resultsOf(s).forEach(bind);
      const inner = scope.mark();
      bindersOf(s).forEach(bind);
      blocksOf(s).forEach(block);
      scope.release(inner);
    }
    scope.release(mark);
  };
  for (const p of f.params) {
    bind(p);
    if (!isArrayType(p.type)) continue;
    for (const d of p.type.dims) if (d.kind === "value") bind(d);
  }
  block(f.body);
  return (v) => names.get(v) ?? `${v.hint}?`;
}

const start = /^[\p{ID_Start}_$]/u;
const other = /[^\p{ID_Continue}$.']/gu;

/** Whether `name` can stand behind `%` or `@` as it is. */
export const isIdentifier = (name: string): boolean => start.test(name) && identifier(name) === name;

function identifier(hint: string): string {
  const name = hint.replace(other, "_");
  return start.test(name) ? name : `_${name}`;
}

const suffix = /_(\d{1,9})$/;
const baseOf = (name: string): string => name.replace(suffix, "");

/** The names in scope. A taken name gets the smallest number that makes it free. */
class Scope {
  private readonly taken = new Set<string>();
  private readonly order: string[] = [];
  /** For a base, a number below which every suffix is taken: many equal hints stay linear. */
  private readonly next = new Map<string, number>();

  mark(): number {
    return this.order.length;
  }

  release(mark: number): void {
    for (const name of this.order.splice(mark)) {
      this.taken.delete(name);
      const number = suffix.exec(name)?.[1];
      if (number === undefined) continue;
      const base = baseOf(name);
      this.next.set(base, Math.min(this.next.get(base) ?? 1, Number(number)));
    }
  }

  take(hint: string): string {
    let name = hint;
    if (this.taken.has(name)) {
      const base = baseOf(hint);
      let i = Math.max(1, this.next.get(base) ?? 1);
      while (this.taken.has(`${base}_${i}`)) i++;
      this.next.set(base, i + 1);
      name = `${base}_${i}`;
    }
    this.taken.add(name);
    this.order.push(name);
    return name;
  }
}
