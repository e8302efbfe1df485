#!/usr/bin/env node
/** The `tsgpu` command. It loads the one subcommand that is asked for, so that `tsgpu --help` loads no compiler. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { exitCodes, report } from "./errors.ts";

interface Subcommand {
  readonly summary: string;
  readonly define: () => Promise<(command: Command) => void>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  compile: {
    summary: "print what a kernel file compiles to: IR, LLVM IR, WebAssembly, C, JavaScript",
    define: async () => (await import("./compile.ts")).define,
  },
  run: {
    summary: "compile a kernel and run it on random inputs or on files",
    define: async () => (await import("./run.ts")).define,
  },
  check: {
    summary: "say all that is wrong with kernel files",
    define: async () => (await import("./check.ts")).define,
  },
  types: {
    summary: "write the names of kernels' parameters beside their files, for typed gradients",
    define: async () => (await import("./types.ts")).define,
  },
  gradcheck: {
    summary: "check a kernel's gradient on random inputs",
    define: async () => (await import("./gradcheck.ts")).define,
  },
  explain: {
    summary: "say what the compiler decided: how a kernel is differentiated, and what that takes",
    define: async () => (await import("./explain.ts")).define,
  },
  polybench: {
    summary: "run, check and time the 30 PolyBench kernels",
    define: async () => (await import("./polybench.ts")).define,
  },
  cache: {
    summary: "show and clear the compile cache",
    define: async () => (await import("./cache.ts")).define,
  },
  targets: {
    summary: "what this machine can run kernels on, and what to install for the rest",
    define: async () => (await import("./targets.ts")).define,
  },
};

/** The package's own version; the sources lie one folder below its root, `dist/` two. */
function version(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (name === "tsgpu") return found;
    } catch {
      // Not there: the other one is.
    }
  }
  return "unknown";
}

/** `--json` in front of a kernel file, a folder or a kernel's name does not mean to write over it: `--json -`. */
function withJsonOnStdout(argv: readonly string[]): readonly string[] {
  return argv.flatMap((arg, k) => {
    const next = argv[k + 1];
    const isFile =
      next === undefined || next.startsWith("-") || (/[./]/.test(next) && !/(\.[cm]?[jt]s(:\w+)?|\/|\.)$/.test(next));
    return arg === "--json" && !isFile ? [arg, "-"] : [arg];
  });
}

const verbose = new Option(
  "--verbose",
  "print the stack trace of unexpected errors, and why the compile cache is not used (TSGPU_DEBUG=1 does too)",
);
const isVerbose = (argv: readonly string[]): boolean => argv.includes("--verbose") || Boolean(process.env.TSGPU_DEBUG);

async function main(argv: readonly string[]): Promise<void> {
  const args = withJsonOnStdout(argv);
  const asked = argv.find((arg) => !arg.startsWith("-"));
  const program = new Command("tsgpu")
    .description("Compiles array kernels written in plain TypeScript, and runs them.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this text, or that of a subcommand")
    .helpCommand("help [command]", "print the help of a subcommand")
    .addOption(verbose)
    .showHelpAfterError("(add --help for what there is)")
    .enablePositionalOptions()
    .exitOverride();
  const helped = asked === "help" ? argv[argv.indexOf("help") + 1] : asked;
  for (const [name, { summary, define }] of Object.entries(subcommands)) {
    const command = program
      .command(name)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .summary(summary);
    if (name !== helped) continue;
    (await define())(command);
    for (const c of [command, ...command.commands]) c.addOption(verbose);
  }
  if (argv.length === 0) program.help();
  await program.parseAsync(args, { from: "user" });
  if (isVerbose(argv)) await reportCacheTrouble();
}

/** Runs go on without the cache; this says why. */
async function reportCacheTrouble(): Promise<void> {
  const { cacheTrouble } = await import("../runtime/cache.ts");
  const trouble = cacheTrouble();
  if (trouble !== null) process.stderr.write(`compile cache: ${trouble}\n`);
}

// A reader that has seen enough, as `head` does, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
});

const argv = process.argv.slice(2);
try {
  await main(argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else process.exitCode = report(error, isVerbose(argv));
}
