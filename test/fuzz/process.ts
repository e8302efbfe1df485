/** Runs programs in a process of their own, so that one which crashes or never ends is a failure like any other. */
import { type ChildProcess, fork } from "node:child_process";
import { noCoverage, type RunOptions, type Verdict } from "./run.ts";
import type { Sources } from "./tree.ts";

const childFile = new URL("./child.ts", import.meta.url);
/** Compiled code and its memory pile up: after so many files the process is a fresh one. */
const filesOfAProcess = 40;

export class Sandbox {
  private child: ChildProcess | null = null;
  private runs = 0;
  private readonly seconds: number;

  /** A file gets `seconds` to compile and run: many, where other work shares the machine. */
  constructor(seconds = 900) {
    this.seconds = seconds;
  }

  /** Runs a program's files; where the process dies of them, that is the one failure. */
  async run(sources: Sources, options: RunOptions): Promise<Verdict> {
    if (this.runs >= filesOfAProcess) this.close();
    this.runs++;
    const child = this.child ?? (await this.start());
    return new Promise((resolve) => {
      const finish = (verdict: Verdict): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(verdict);
      };
      const died = (what: string): void => {
        this.close();
        const failure = { kernel: "", runner: "process", what, invalid: false } as const;
        finish({ failures: [failure], coverage: noCoverage() });
      };
      const timer = setTimeout(() => died(`does not end within ${this.seconds} s`), this.seconds * 1000);
      child.once("message", (verdict) => finish(verdict as Verdict));
      child.once("exit", (code, signal) => died(`ends with ${signal ?? `exit code ${code}`}`));
      child.send({ sources, options });
    });
  }

  close(): void {
    this.child?.removeAllListeners();
    this.child?.kill("SIGKILL");
    this.child = null;
    this.runs = 0;
  }

  private async start(): Promise<ChildProcess> {
    const child = fork(childFile, { serialization: "advanced" });
    this.child = child;
    await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", () => reject(new Error("the process that runs programs does not start")));
    });
    child.removeAllListeners();
    return child;
  }
}
