/**
 * Random accesses, as tables say: the simulator finds a race exactly where some pair of accesses is one, whatever the order of
 * threads; and where there is none, all orders give the same.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomNumbers } from "../ad/directions.ts";
import { engines, failure, floats, ints, kernels, launch, open } from "./simulate.ts";

const verbs = ["none", "read", "write", "update", "atomic"] as const;
type Verb = (typeof verbs)[number];
interface Access {
  readonly group: number;
  readonly phase: number;
  readonly thread: number;
  readonly verb: Verb;
  readonly at: number;
}

const groups = 3;
const phases = 3;
const threads = 4;
const steps = 2;
const elements = 6;

/** Each thread of each workgroup does in each phase, in order, what `verb` says to the element `at`. */
const text = (space: "global" | "shared"): string =>
  `stage kernel
kernel @k(%verb: i32[%v], %at: i32[%v], %A: f64[${elements}], %R: f64[%v]) {
  for %b in grid.x(0, ${groups}) {
    ${space === "shared" ? `%S: f64[${elements}]@shared = alloc` : ""}
    for %p in seq(0, ${phases}) {
      for %t in threads.x(0, ${threads}) {
        for %s in seq(0, ${steps}) {
          %g: index = mul %b, ${phases}
          %gp: index = add %g, %p
          %h: index = mul %gp, ${threads}
          %ht: index = add %h, %t
          %j: index = mul %ht, ${steps}
          %q: index = add %j, %s
          %verb32: i32 = load %verb[%q]
          %at32: i32 = load %at[%q]
          %i: index = cast %at32
          %isRead: bool = eq %verb32, 1i32
          %isWrite: bool = eq %verb32, 2i32
          %isUpdate: bool = eq %verb32, 3i32
          %isAtomic: bool = eq %verb32, 4i32
          %x: f64 = cast %q
          if %isRead {
            %r: f64 = load %X[%i]
            store %R[%q], %r
          }
          if %isWrite {
            store %X[%i], %x
          }
          if %isUpdate {
            accum add %X[%i], %x
          }
          if %isAtomic {
            accum atomic add %X[%i], 1f64
          }
        }
      }
    }
  }
}`.replaceAll("%X", space === "shared" ? "%S" : "%A");

function isRace(a: Access, b: Access, space: "global" | "shared"): boolean {
  if (a.at !== b.at || a.verb === "none" || b.verb === "none") return false;
  if ((a.verb === "read" && b.verb === "read") || (a.verb === "atomic" && b.verb === "atomic")) return false;
  if (a.group !== b.group) return space === "global";
  return a.phase === b.phase && a.thread !== b.thread;
}

function randomAccesses(random: () => number, density: number, kinds: readonly Verb[]): readonly Access[] {
  const pick = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: groups * phases * threads * steps }, (_, q) => ({
    group: Math.floor(q / (phases * threads * steps)),
    phase: Math.floor(q / (threads * steps)) % phases,
    thread: Math.floor(q / steps) % threads,
    verb: random() < density ? (kinds[pick(kinds.length)] as Verb) : "none",
    at: pick(elements),
  }));
}

for (const engine of engines) {
  for (const space of ["global", "shared"] as const) {
    test(`${engine}: ${space} accesses race where two of them do`, async () => {
      const m = kernels(text(space));
      const programs = await Promise.all([0, 1, 2].map((seed) => open(m, engine, { seed })));
      const random = randomNumbers(space === "global" ? 11 : 12);
      const seen = { races: 0, none: 0 };
      for (let trial = 0; trial < (engine === "native" ? 600 : 60); trial++) {
        const kinds = verbs.slice(1).filter(() => random() < 0.6);
        const density = [0.05, 0.1, 0.4][trial % 3] as number;
        const accesses = randomAccesses(random, density, kinds.length === 0 ? ["atomic"] : kinds);
        const races = accesses.some((a, k) => accesses.slice(k + 1).some((b) => isRace(a, b, space)));
        const results: string[] = [];
        for (const program of programs) {
          const [A, R] = [floats(elements), floats(accesses.length)];
          const tables = [ints(accesses.map((a) => verbs.indexOf(a.verb))), ints(accesses.map((a) => a.at))];
          const error = await failure(launch(m, program, [...tables, A, R]));
          const shown = JSON.stringify(accesses.filter((a) => a.verb !== "none"));
          assert.is(error?.code, races ? "TG3025" : undefined, `${shown}: ${error?.message ?? "no race was found"}`);
          results.push(JSON.stringify([[...A.data], [...R.data]]));
        }
        if (!races) assert.is(new Set(results).size, 1, "the order of threads decides the result");
        seen[races ? "races" : "none"]++;
      }
      assert.ok(seen.races > 5 && seen.none > 5, JSON.stringify(seen));
    });
  }
}

test.run();
