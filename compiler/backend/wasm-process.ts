/**
 * The wasm tools that come with `npm ci`, LLVM and Binaryen, in a process of their own: both are large WebAssembly programs
 * themselves. They load in about 1.5 s, and then take some 0.1 s a kernel.
 *
 * In this process they would take a multiple of that (see the flags in `wasm-process-main.ts`), keep the event loop
 * waiting, and stay in memory. The process ends with this one, or after a minute without work.
 */
import { type ChildProcess, fork } from "node:child_process";
import type { Job, Reply, Request } from "./wasm-process-main.ts";

const idleMs = 60_000;

interface Waiting {
  readonly resolve: (result: Uint8Array | string) => void;
  readonly reject: (error: Error) => void;
}

interface Tools {
  readonly process: ChildProcess;
  readonly waiting: Map<number, Waiting>;
  idle: NodeJS.Timeout | null;
}

let running: Tools | null = null;
let nextId = 0;

function start(): Tools {
  const fromSource = import.meta.url.endsWith(".ts");
  const child = fork(new URL(`./wasm-process-main.${fromSource ? "ts" : "js"}`, import.meta.url), {
    execArgv: fromSource ? loaderFlags() : [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const tools: Tools = { process: child, waiting: new Map(), idle: null };
  const end = (reason: string): void => {
    if (running === tools) running = null;
    for (const { reject } of tools.waiting.values()) reject(new Error(`the process of the wasm tools ${reason}`));
    tools.waiting.clear();
    if (tools.idle !== null) clearTimeout(tools.idle);
  };
  child.on("message", (reply: Reply) => {
    const waiting = tools.waiting.get(reply.id);
    tools.waiting.delete(reply.id);
    if (tools.waiting.size === 0) rest(tools);
    if ("result" in reply) waiting?.resolve(reply.result);
    else waiting?.reject(new Error(reply.error));
  });
  child.on("error", (error) => end(`failed: ${error.message}`));
  child.on("exit", (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`));
  child.unref();
  return tools;
}

/** Run from the sources, the other process needs whatever loads TypeScript in this one. */
function loaderFlags(): string[] {
  const flag = /^--(import|require|loader)$/;
  return process.execArgv.filter((arg, i, all) => flag.test(arg.split("=")[0] ?? "") || flag.test(all[i - 1] ?? ""));
}

/** Nothing is asked of the tools: they keep neither this process nor, after a while, themselves. */
function rest(tools: Tools): void {
  tools.process.channel?.unref();
  tools.idle = setTimeout(() => {
    if (running === tools) running = null;
    tools.process.kill();
  }, idleMs).unref();
}

function ask(job: Job): Promise<Uint8Array | string> {
  running ??= start();
  const tools = running;
  if (tools.idle !== null) clearTimeout(tools.idle);
  tools.idle = null;
  tools.process.channel?.ref();
  const request: Request = { ...job, id: nextId++ };
  return new Promise((resolve, reject) => {
    tools.waiting.set(request.id, { resolve, reject });
    tools.process.send(request, (error) => {
      if (error !== null && tools.waiting.delete(request.id)) reject(error);
    });
  });
}

/** Loads the tools, so that the first kernel waits less for them. Need not be awaited. */
export async function prepareWasmTools(): Promise<void> {
  await ask({ do: "prepare" });
}

/** LLVM IR to a wasm object file at O3 by the embedded LLVM. What it prints is in the error that this rejects with. */
export async function embeddedObject(
  llvmText: string,
  features: readonly string[],
  vectorise: boolean,
): Promise<Uint8Array> {
  return (await ask({ do: "compile", llvmText, features, vectorise })) as Uint8Array;
}

/** `optimiseWasm` of `binaryen.ts`, there. */
export async function optimised(module: Uint8Array): Promise<Uint8Array> {
  return (await ask({ do: "optimise", module })) as Uint8Array;
}

/** `toWat` of `binaryen.ts`, there. */
export async function printed(module: Uint8Array): Promise<string> {
  return (await ask({ do: "print", module })) as string;
}
