/**
 * Breaks every program at every token (mutants.ts), and says where the compiler does anything but refuse or compile it:
 * crashes, hangs, or takes a gigabyte of memory.
 *
 *   node --import ./scripts/dev.mjs test/frontend/robust.ts --part 1/8 gemm lu
 *
 *   --seed N    chooses what tokens are replaced by (0)
 *   --part K/N  every Nth token only, beginning with the Kth
 *   --one       one mutant a token, which the seed chooses, rather than all twenty
 *   --how TEXT  only mutants whose description has the text: "cut off", "left out", "doubled", "exchanged", "replaced", "inserted"
 *   NAME…       programs whose path contains one of the names; all when not given
 *
 * The work is done in a worker, so that one that hangs or dies can be replaced. The exit code is 1 when anything was found.
 */
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { randomOf } from "../passes/random-ir.ts";
import { mutantsAt, programs, tokensOf } from "./mutants.ts";
import { fault } from "./survives.ts";

/** Which mutant: of which program, at which token, which of the mutants there. */
type At = readonly [program: number, token: number, mutant: number];
interface Work {
  readonly names: readonly string[];
  readonly seed: number;
  readonly part: number;
  readonly parts: number;
  readonly how: string;
  readonly one: boolean;
  readonly from: At;
}
type Message = { readonly at: At; readonly how: string; readonly fault: string | null };

const hangMs = 30_000;
const memoryMb = 1024;

const chosen = (names: readonly string[]): ReturnType<typeof programs> =>
  programs().filter((p) => names.length === 0 || names.some((name) => p.name.includes(name)));

/** In the worker: tells of each mutant before it is tried, and of each fault. */
async function work({ names, seed, part, parts, how, one, from }: Work): Promise<void> {
  const tell = (m: Message): void => parentPort?.postMessage(m);
  for (const [p, program] of chosen(names).entries()) {
    if (p < from[0]) continue;
    const tokens = tokensOf(program.text);
    for (let i = 0; i < tokens.length; i++) {
      if ((i + p) % parts !== part - 1 || (p === from[0] && i < from[1])) continue;
      const random = randomOf(seed * 1_000_003 + p * 10_007 + i);
      const mutants = [...mutantsAt(program.text, tokens, i, random)];
      const only = one ? random(mutants.length) : null;
      for (const [k, mutant] of mutants.entries()) {
        const at: At = [p, i, k];
        if (only !== null && k !== only) continue;
        if (!mutant.how.includes(how) || (p === from[0] && i === from[1] && at[2] < from[2])) continue;
        tell({ at, how: mutant.how, fault: null });
        const found = await fault(program.file, mutant.text);
        if (found !== null) tell({ at, how: mutant.how, fault: found });
      }
    }
  }
}

/** In the main thread: one worker after another until all is done. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: "string", default: "0" },
      part: { type: "string", default: "1/1" },
      how: { type: "string", default: "" },
      one: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const [part = 1, parts = 1] = values.part.split("/").map(Number);
  const all = chosen(positionals);
  const sizes = all.map((p) => tokensOf(p.text).length);
  const total = sizes.reduce((a, b) => a + b, 0);
  const before = (p: number): number => sizes.slice(0, p).reduce((a, b) => a + b, 0);
  console.log(`${all.length} programs, ${total} tokens, part ${part} of ${parts}, seed ${values.seed}`);
  let tried = 0;
  let faults = 0;
  let from: At | null = [0, 0, 0];
  const report = (at: At, how: string, what: string): void => {
    faults++;
    const program = all[at[0]];
    const token = tokensOf(program?.text ?? "")[at[1]];
    const line = program?.text.slice(0, token?.start).split("\n").length;
    console.log(
      `\n${program?.name}:${line}, token ${at[1]} \`${program?.text.slice(token?.start, token?.end)}\` ${how}:`,
    );
    console.log(`  ${what.split("\n").slice(0, 12).join("\n  ")}`);
  };
  let shown = 0;
  const progress = (at: At): void => {
    const every = process.stdout.isTTY ? 500 : 30_000;
    if (performance.now() - shown < every) return;
    shown = performance.now();
    const percent = ((100 * (before(at[0]) + at[1])) / total).toFixed(1);
    const line = `${percent} %  ${all[at[0]]?.name}  ${tried} mutants, ${faults} faults`;
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
  while (from !== null) {
    const data: Work = {
      names: positionals,
      seed: Number(values.seed),
      part,
      parts,
      how: values.how,
      one: values.one,
      from,
    };
    const options = { workerData: data, resourceLimits: { maxOldGenerationSizeMb: memoryMb } };
    const worker = new Worker(new URL(import.meta.url), options);
    from = await new Promise<At | null>((resolve) => {
      let last: Message = { at: data.from, how: "", fault: null };
      let heard = performance.now();
      // Until the compiler is loaded nothing is heard.
      let limitMs = 10 * hangMs;
      const timer = setInterval(() => {
        if (performance.now() - heard > limitMs) over(`no answer within ${limitMs / 1000} s`);
      }, 1000);
      const over = (what: string | null): void => {
        clearInterval(timer);
        worker.removeAllListeners("exit");
        void worker.terminate();
        if (what !== null) report(last.at, last.how, what);
        resolve(what === null ? null : [last.at[0], last.at[1], last.at[2] + 1]);
      };
      worker.on("message", (m: Message) => {
        heard = performance.now();
        limitMs = hangMs;
        last = m;
        if (m.fault !== null) report(m.at, m.how, m.fault);
        else tried++;
        progress(m.at);
      });
      worker.on("error", (error) => over(`the worker died: ${error.message}`));
      worker.on("exit", () => over(null));
    });
  }
  console.log(`\n${tried} mutants, ${faults} faults`);
  process.exitCode = faults > 0 ? 1 : 0;
}

await (isMainThread ? main() : work(workerData as Work));
