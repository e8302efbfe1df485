/** What the simulator has found in a launch, in words. */
import { axisOf, deviceKernel, gridExtent } from "../../compiler/analysis/device-kernel.ts";
import { bug } from "../../compiler/diagnostic.ts";
import type { Datum } from "../../compiler/ir/eval.ts";
import { type ArrayValue, type Func, isArray, type Value } from "../../compiler/ir/ir.ts";
import {
  everyThread,
  type FindingKind,
  finding,
  findingKinds,
  findingWords,
  siteOf,
  threadAt,
  totals,
  workgroupOf,
} from "../../compiler/simulator/layout.ts";
import type { Site } from "../../compiler/simulator/sites.ts";
import type { DeviceArray, Finding, KernelArg } from "../device.ts";
import type { LaunchCode } from "../launch-error.ts";
import { lineOf } from "../requirements.ts";

const codes: Readonly<Record<FindingKind, LaunchCode>> = { race: "TG3025", outside: "TG3013", unwritten: "TG3026" };

/** What the row of a site says. */
interface Entry {
  readonly site: Site;
  readonly count: number;
  readonly order: number;
  readonly word: (of: keyof typeof finding) => number;
}

/** The first finding of a launch, and which other accesses have some. */
export function tell(kernel: Func, args: readonly KernelArg[], sites: readonly Site[], rows: Float64Array): Finding {
  const all = sites.flatMap((site): readonly Entry[] => {
    const word = (of: keyof typeof finding): number => rows[site.number * findingWords + finding[of]] ?? 0;
    const count = word("count");
    return count === 0 ? [] : [{ site, count, order: word("order"), word }];
  });
  // What is read too early because threads race was not written yet: that is no finding of its own.
  const rank = ({ word, order }: Entry): number => (word("kind") === unwritten ? Infinity : order);
  const [first, ...rest] = all.sort((a, b) => (rank(a) === rank(b) ? a.order - b.order : rank(a) - rank(b)));
  if (first === undefined)
    return bug(`@${kernel.name} has ${rows[totals + finding.order]} findings and none has a site`);
  const kind = findingKinds[first.word("kind")] ?? "race";
  const told = new Teller(kernel, args, sites)[kind](first);
  const times = first.count > 1 ? `; ${first.count} times` : "";
  const lines = [...new Set(rest.map(({ site }) => `${site.verb} of ${site.array.hint}${lineOf(site.loc)}`))];
  const more =
    lines.length === 0 ? "" : `; also at the ${lines.slice(0, most).join(", the ")}${lines.length > most ? ", …" : ""}`;
  return { code: codes[kind], message: `${told}${times}${more}` };
}
const most = 4;
const unwritten = findingKinds.indexOf("unwritten");

class Teller {
  private readonly kernel: Func;
  private readonly args: readonly KernelArg[];
  private readonly sites: readonly Site[];

  constructor(kernel: Func, args: readonly KernelArg[], sites: readonly Site[]) {
    this.kernel = kernel;
    this.args = args;
    this.sites = sites;
  }

  race({ site, word }: Entry): string {
    const other = this.sites[siteOf(word("otherOrigin")) - 1] ?? bug("a race with no access");
    const here = workgroupOf(word("origin"));
    const there = workgroupOf(word("otherOrigin"));
    const element = this.element(site.array, word("at"));
    const isUpdate = (s: Site): boolean => s.verb.endsWith("update");
    const why =
      isUpdate(site) && isUpdate(other)
        ? "not both updates are atomic, and nothing reduces them"
        : here === there
          ? "there is no barrier between the two"
          : "workgroups run in any order";
    const one = `the ${site.verb} by ${this.thread(word("thread"), here)}${lineOf(site.loc)}`;
    const two = `the ${other.verb} by ${this.thread(word("otherThread"), there)}${lineOf(other.loc)}`;
    return `a race on ${element}: ${one} and ${two}: ${why}`;
  }

  outside({ site: { array, loc }, word }: Entry): string {
    const axis = word("axis");
    const subscript = `${array.hint}${"[…]".repeat(axis)}[${word("at")}]`;
    const who = this.thread(word("thread"), workgroupOf(word("origin")));
    const length = this.shape(array)[axis];
    return `${subscript} is outside of ${array.hint}: axis ${axis} has length ${length}${lineOf(loc)}, by ${who}`;
  }

  unwritten({ site, word }: Entry): string {
    const who = this.thread(word("thread"), workgroupOf(word("origin")));
    const element = this.element(site.array, word("at"));
    const whose = site.array.type.space === "shared" ? "the workgroup" : "the thread";
    return `the ${site.verb} of ${element} by ${who}${lineOf(site.loc)}, which ${whose} has not written before`;
  }

  private shape(array: ArrayValue): readonly number[] {
    const k = this.kernel.params.indexOf(array);
    if (k >= 0) return (this.args[k] as DeviceArray).shape;
    return array.type.dims.map((d) => (d.kind === "const" ? Number(d.value) : 0));
  }

  private element(array: ArrayValue, position: number): string {
    const shape = this.shape(array);
    let rest = position;
    const index = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      index[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    return `${array.hint}${index.map((i) => `[${i}]`).join("")}`;
  }

  private thread(thread: number, workgroup: number): string {
    const of = `of workgroup ${this.workgroup(workgroup)}`;
    if (thread === everyThread) return `all threads ${of}`;
    if (thread < 0) return `${this.thread(-1 - thread, workgroup)} and others`;
    const [x, y, z] = threadAt(thread);
    return `thread ${z > 0 ? `(${x}, ${y}, ${z})` : y > 0 ? `(${x}, ${y})` : x} ${of}`;
  }

  /** Workgroups are counted with the innermost grid loop fastest. */
  private workgroup(position: number): string {
    const device = deviceKernel(this.kernel) ?? bug(`@${this.kernel.name} is no kernel of a GPU`);
    const [x, y, z] = gridExtent(device, this.scalars());
    const counts = { x, y, z };
    const at = { x: 0, y: 0, z: 0 };
    let rest = position;
    for (const loop of [...device.grid].reverse()) {
      const count = Math.max(1, counts[axisOf(loop)]);
      at[axisOf(loop)] = rest % count;
      rest = Math.floor(rest / count);
    }
    const used = (["x", "y", "z"] as const).filter((axis) => device.grid.some((loop) => axisOf(loop) === axis));
    return used.length === 1 ? String(at[used[0] as "x"]) : `(${used.map((axis) => at[axis]).join(", ")})`;
  }

  private scalars(): ReadonlyMap<Value, Datum> {
    const known = new Map<Value, Datum>();
    this.kernel.params.forEach((p, k) => {
      if (!isArray(p)) known.set(p, this.args[k] as Datum);
      else {
        p.type.dims.forEach((d, axis) => {
          if (d.kind === "value") known.set(d, (this.args[k] as DeviceArray).shape[axis] as number);
        });
      }
    });
    return known;
  }
}
