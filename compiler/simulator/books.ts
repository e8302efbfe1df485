/** How a simulated kernel watches one access: is it inside, was the element written, who else is at it? */
import { bug } from "../diagnostic.ts";
import type { Builder } from "../ir/build.ts";
import { type ArrayValue, indexConst, type Operand } from "../ir/ir.ts";
import { type FindingKind, finding, findingKinds, seen, state, totals } from "./layout.ts";
import { type Actor, ElementShadow, originOf } from "./shadow.ts";
import type { Site } from "./sites.ts";

/** The arrays of the books. */
export interface Books {
  readonly state: ArrayValue;
  readonly findings: ArrayValue;
  /** For arrays that several threads see and the kernel writes. */
  readonly shadows: ReadonlyMap<ArrayValue, ArrayValue>;
  /** For shared and local arrays: which of the arrays made in this place an element was last written for. */
  readonly stamps: ReadonlyMap<ArrayValue, ArrayValue>;
  /** Those of them whose zeros are put there when they are made; of the others, nobody may see that they are missing. */
  readonly zeroed: ReadonlySet<ArrayValue>;
}

const n = indexConst;

/** The instructions around one access. */
export class Watch {
  private readonly books: Books;
  private readonly site: Site;
  private readonly actor: Actor;

  constructor(books: Books, site: Site, actor: Actor) {
    this.books = books;
    this.site = site;
    this.actor = actor;
  }

  /** Is every subscript inside? */
  inside(b: Builder, index: readonly Operand[]): Operand {
    const tests = index.flatMap((i, axis) => [
      b.compare("ge", i, n(0), "low"),
      b.compare("lt", i, this.extent(axis), "high"),
    ]);
    return tests.reduce<Operand>((all, t) => b.binary("and", all, t, "inside"), {
      kind: "const",
      type: "bool",
      value: true,
    });
  }

  /** Notes that one is not. */
  outside(b: Builder, index: readonly Operand[]): void {
    let axis: Operand = n(0);
    let at: Operand = index[0] ?? n(0);
    for (let k = index.length - 1; k > 0; k--) {
      const i = index[k] as Operand;
      const wrong = b.binary("or", b.compare("lt", i, n(0)), b.compare("ge", i, this.extent(k)), "wrong");
      axis = b.select(wrong, n(k), axis, "axis");
      at = b.select(wrong, i, at, "at");
    }
    this.report(b, "outside", at, axis);
  }

  /** The element's row-major position. */
  position(b: Builder, index: readonly Operand[]): Operand {
    const [first = n(0), ...rest] = index;
    return rest.reduce<Operand>((at, i, k) => b.binary("add", b.binary("mul", at, this.extent(k + 1)), i, "at"), first);
  }

  /** Is the element of a shared or local array still the zero that it began as? Notes that that is read. `made` is which array. */
  unwritten(b: Builder, at: Operand, made: Operand): Operand {
    const { array, verb } = this.site;
    const stamps = this.books.stamps.get(array) ?? bug(`%${array.hint} has no stamps`);
    const unwritten = b.compare("ne", b.load(stamps, [at], "stamp"), made, "unwritten");
    if (verb !== "write") {
      const asked = b.compare("ne", b.load(this.books.state, [n(state.zeros)], "asked"), n(0), "asked");
      b.if(this.books.zeroed.has(array) ? b.binary("and", unwritten, asked) : unwritten, (then) => {
        this.report(then, "unwritten", at, n(0));
        return [];
      });
    }
    if (verb !== "read") b.store(stamps, [at], made);
    return unwritten;
  }

  /** Notes that another thread accesses the element with nothing to order the two, and then this access itself. */
  race(b: Builder, at: Operand): void {
    const book = this.books.shadows.get(this.site.array);
    if (book === undefined) return;
    const now = this.actor.now ?? b.load(this.books.state, [n(state.tick)], "now");
    const element = new ElementShadow(b, book, at, now, this.actor, this.site);
    const conflicts = element.conflicts();
    const any = conflicts.map(([, c]) => c).reduce((x, y) => b.binary("or", x, y, "race"));
    b.if(any, (then) => {
      const slot = conflicts.reduceRight<Operand>((other, [s, c]) => then.select(c, n(s), other, "slot"), n(0));
      const word = (k: number): Operand => then.load(book, [at, then.binary("add", slot, n(k), "word")], "other");
      this.report(then, "race", at, n(0), { thread: word(seen.thread), origin: word(seen.origin) });
      return [];
    });
    element.note();
  }

  private extent(axis: number): Operand {
    return this.site.array.type.dims[axis] as Operand;
  }

  private report(
    b: Builder,
    kind: FindingKind,
    at: Operand,
    axis: Operand,
    other: { readonly thread: Operand; readonly origin: Operand } = { thread: n(0), origin: n(0) },
  ): void {
    const { findings } = this.books;
    const row = n(this.site.number);
    const isFirst = b.compare("eq", b.load(findings, [row, n(finding.count)], "count"), n(0), "first");
    b.if(isFirst, (then) => {
      const order = [n(totals), n(finding.order)];
      then.accum("add", findings, order, n(1));
      const words: Readonly<Record<Exclude<keyof typeof finding, "count">, Operand>> = {
        order: then.load(findings, order, "order"),
        kind: n(findingKinds.indexOf(kind)),
        at,
        axis,
        thread: this.actor.thread,
        origin: originOf(then, this.site, this.actor),
        otherThread: other.thread,
        otherOrigin: other.origin,
      };
      for (const [word, value] of Object.entries(words)) {
        then.store(findings, [row, n(finding[word as keyof typeof words])], value);
      }
      return [];
    });
    b.accum("add", findings, [row, n(finding.count)], n(1));
  }
}
