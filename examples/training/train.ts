/** What the trainings share: their options, the loop with its progress, and the loss plotted at the end. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { svgPlot, textPlot } from "./plot.ts";

export interface Options {
  readonly steps: number;
  readonly seed: number;
  /** As `load` takes them. */
  readonly load: {
    readonly target?: "native" | "wasm";
    readonly mode: "strict" | "contract" | "fast";
    readonly real: "f64" | "f32";
  };
  readonly svg: string | undefined;
  readonly json: boolean;
}

const options = {
  steps: { type: "string" },
  seed: { type: "string", default: "1" },
  target: { type: "string" },
  mode: { type: "string", default: "contract" },
  real: { type: "string", default: "f64" },
  svg: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The command line; prints the help, or what is wrong, and ends the process. */
export function readOptions(what: string, defaults: { readonly steps: number }): Options {
  const help = `${what}

  --steps <n>        how many steps of the optimiser (default: ${defaults.steps})
  --seed <n>         other data and first weights (default: 1)
  --target <target>  native or wasm (default: native, or wasm without libLLVM)
  --mode <mode>      strict, contract or fast; in strict the losses are the same on all targets, to the bit (default: contract)
  --real <type>      f64 or f32 (default: f64)
  --svg <file>       plot the loss into a file, not as text
  --json             print the losses as JSON, and nothing else
  -h, --help         print this text`;
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const target = values.target === undefined ? {} : { target: oneOf("target", values.target, "native", "wasm") };
    return {
      steps: natural("steps", values.steps ?? String(defaults.steps), 1),
      seed: natural("seed", values.seed, 0),
      load: {
        ...target,
        mode: oneOf("mode", values.mode, "strict", "contract", "fast"),
        real: oneOf("real", values.real, "f64", "f32"),
      },
      svg: values.svg,
      json: values.json,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

function oneOf<T extends string>(name: string, value: string, ...choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${name} is one of ${choices.join(", ")}, not ${value}`);
  return found;
}

function natural(name: string, value: string, least: number): number {
  if (!/^\d+$/.test(value) || Number(value) < least)
    throw new Error(`--${name} is an integer, at least ${least}, not ${value}`);
  return Number(value);
}

/**
 * Takes the steps, each of which returns its loss, and prints the mean loss some twenty times on the way. Plots the losses when all are
 * done, and returns them.
 */
export async function train(
  title: string,
  o: Options,
  step: (k: number) => Promise<number>,
): Promise<readonly number[]> {
  const losses: number[] = [];
  const times: number[] = [];
  const every = Math.ceil(o.steps / 20);
  const say = (line: string): void => {
    if (!o.json) console.log(line);
  };
  say(`${title}: ${o.load.target ?? "default target"}, ${o.load.mode}, ${o.load.real}\n`);
  say("  step    mean loss   ms/step");
  for (let k = 0; k < o.steps; k++) {
    const start = performance.now();
    const loss = await step(k);
    times.push(performance.now() - start);
    if (!Number.isFinite(loss)) throw new Error(`the loss of step ${k + 1} is ${loss}: a smaller rate may help`);
    losses.push(loss);
    // The first step compiles the gradient.
    if (k === 0) say(`${row(1, losses, times)}  with compiling`);
    else if ((k + 1) % every === 0 || k + 1 === o.steps)
      say(row(k + 1, losses.slice(-every), times.slice(1).slice(-every)));
  }
  if (o.svg !== undefined) {
    writeFileSync(o.svg, svgPlot(losses, `${title}: loss`));
    say(`\n${o.svg} written\n`);
  } else {
    say(`\n${textPlot(losses)}\n`);
  }
  if (o.json) console.log(JSON.stringify({ losses, millisecondsPerStep: median(times.slice(1)) }));
  return losses;
}

function row(step: number, losses: readonly number[], times: readonly number[]): string {
  const mean = losses.reduce((sum, x) => sum + x, 0) / losses.length;
  return `${String(step).padStart(6)}  ${mean.toPrecision(5).padStart(11)}  ${median(times).toFixed(2).padStart(8)}`;
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] ?? 0;
