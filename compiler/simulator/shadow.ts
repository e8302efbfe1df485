/** What a simulated kernel remembers of who accessed an element, and which accesses collide (layout.ts says in which words). */
import type { Builder } from "../ir/build.ts";
import { type ArrayValue, indexConst, type Operand } from "../ir/ir.ts";
import type { CompareOp } from "../ir/ops.ts";
import { seen, shadow, siteUnit } from "./layout.ts";
import type { Site } from "./sites.ts";

/** Who does it, and when. */
export interface Actor {
  readonly thread: Operand;
  /** The tick; null outside of threads loops, where it is looked up each time. */
  readonly now: Operand | null;
  /** The ticks at which the launch and the workgroup began. */
  readonly launch: Operand;
  readonly group: Operand;
  readonly workgroup: Operand;
}

const n = indexConst;
/** Where an access is remembered. */
export type Slot = (typeof shadow)[keyof typeof shadow];

/** Which access it is, in which workgroup. */
export function originOf(b: Builder, { number, verb }: Site, { workgroup }: Actor): Operand {
  const origin = b.binary("add", workgroup, n(number * siteUnit), "origin");
  return verb === "atomic update" ? b.unary("neg", origin, "origin") : origin;
}

/** The shadow of one element, and an access to it. */
export class ElementShadow {
  private readonly b: Builder;
  private readonly book: ArrayValue;
  private readonly at: Operand;
  private readonly now: Operand;
  private readonly actor: Actor;
  private readonly site: Site;
  private readonly loaded = new Map<number, Operand>();

  constructor(b: Builder, book: ArrayValue, at: Operand, now: Operand, actor: Actor, site: Site) {
    this.b = b;
    this.book = book;
    this.at = at;
    this.now = now;
    this.actor = actor;
    this.site = site;
  }

  /** Workgroups do not see each other's shared arrays. */
  private get isGlobal(): boolean {
    return this.site.array.type.space === "global";
  }

  /** For each sort of access that this one may collide with: does it? */
  conflicts(): readonly (readonly [Slot, Operand])[] {
    const { verb } = this.site;
    const own = verb === "read" ? ([shadow.write] as const) : ([shadow.write, shadow.read] as const);
    return own.flatMap((slot): readonly (readonly [Slot, Operand])[] => {
      const before: Slot = slot === shadow.write ? shadow.otherWrite : shadow.otherRead;
      const minds = (s: Slot, collides: Operand): Operand =>
        verb === "atomic update" && slot === shadow.write ? this.and(collides, this.plain(s)) : collides;
      const latest = this.isGlobal ? this.or(this.elsewhere(slot), this.sameTime(slot)) : this.sameTime(slot);
      const list = [[slot, minds(slot, latest)] as const];
      return this.isGlobal ? [...list, [before, minds(before, this.elsewhere(before))] as const] : list;
    });
  }

  /** Remembers the access. */
  note(): void {
    const { b, site } = this;
    const slot = site.verb === "read" ? shadow.read : shadow.write;
    if (site.verb === "write" || site.verb === "update") {
      // What this replaces is ordered with it, or was reported: others that collide with that collide with this as well.
      this.put(b, slot);
      return;
    }
    const isAtomic = site.verb === "atomic update";
    b.if(
      this.compare("eq", this.word(slot, seen.tick), this.now),
      (then) => {
        const other = this.word(slot, seen.thread);
        const isAnother = then.binary(
          "and",
          then.compare("ne", other, this.actor.thread),
          then.compare("ge", other, n(0)),
        );
        // A plain write of this thread stays the latest: other atomic updates collide with it.
        const isShared = isAtomic
          ? then.binary("and", isAnother, then.compare("lt", this.word(slot, seen.origin), n(0)))
          : isAnother;
        then.if(isShared, (several) => {
          this.store(several, slot, seen.thread, several.binary("sub", n(-1), other, "several"));
          return [];
        });
        return [];
      },
      (otherwise) => {
        if (this.isGlobal) this.keep(otherwise, slot, isAtomic);
        this.put(otherwise, slot);
        return [];
      },
    );
  }

  /** Moves the latest access over, when it is one that other workgroups' accesses may collide with. */
  private keep(b: Builder, slot: Slot, isAtomic: boolean): void {
    const before: Slot = slot === shadow.write ? shadow.otherWrite : shadow.otherRead;
    const tick = this.word(slot, seen.tick);
    const inLaunch = b.compare("ge", tick, this.actor.launch);
    // Of reads, those of other workgroups; of writes, plain ones of this too, and atomic ones never in place of a plain one.
    const isKept = isAtomic
      ? b.binary(
          "or",
          b.compare("ge", this.word(slot, seen.origin), n(0)),
          b.compare("lt", this.word(before, seen.tick), this.actor.launch),
        )
      : b.compare("lt", tick, this.actor.group);
    b.if(b.binary("and", inLaunch, isKept), (then) => {
      for (const k of Object.values(seen)) this.store(then, before, k, this.word(slot, k));
      return [];
    });
  }

  private put(b: Builder, slot: Slot): void {
    this.store(b, slot, seen.tick, this.now);
    this.store(b, slot, seen.thread, this.actor.thread);
    this.store(b, slot, seen.origin, originOf(b, this.site, this.actor));
  }

  private store(b: Builder, slot: Slot, k: number, value: Operand): void {
    b.store(this.book, [this.at, n(slot + k)], value);
  }

  /** A word as it was before this access: loaded where it is first asked for, which must be before any branch. */
  private word(slot: Slot, k: number): Operand {
    const known = this.loaded.get(slot + k);
    if (known !== undefined) return known;
    const loaded = this.b.load(this.book, [this.at, n(slot + k)], "seen");
    this.loaded.set(slot + k, loaded);
    return loaded;
  }

  /** No barrier since, and another thread. */
  private sameTime(slot: Slot): Operand {
    return this.and(
      this.compare("eq", this.word(slot, seen.tick), this.now),
      this.compare("ne", this.word(slot, seen.thread), this.actor.thread),
    );
  }
  /** By another workgroup of this launch. */
  private elsewhere(slot: Slot): Operand {
    const tick = this.word(slot, seen.tick);
    return this.and(this.compare("ge", tick, this.actor.launch), this.compare("lt", tick, this.actor.group));
  }
  private plain(slot: Slot): Operand {
    return this.compare("ge", this.word(slot, seen.origin), n(0));
  }

  private compare(op: CompareOp, x: Operand, y: Operand): Operand {
    return this.b.compare(op, x, y);
  }
  private and(x: Operand, y: Operand): Operand {
    return this.b.binary("and", x, y);
  }
  private or(x: Operand, y: Operand): Operand {
    return this.b.binary("or", x, y);
  }
}
