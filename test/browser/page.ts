/** What the page of webgpu.test.ts runs: `window.run(json, kernel, args)` calls a compiled kernel. */
import { array, loadCompiled } from "../../runtime/browser.ts";

/** An argument as the test sends it: a number, or elements with their shape. */
export type Sent = number | { readonly data: readonly number[]; readonly shape: readonly number[] };

async function run(json: string, kernel: string, args: readonly Sent[]): Promise<readonly Sent[]> {
  const values = args.map((a) => (typeof a === "number" ? a : array(Float32Array.from(a.data), a.shape)));
  await (await loadCompiled(json))[kernel]?.(...values);
  return values.map((v) => (typeof v === "number" ? v : { data: Array.from(v.data), shape: v.shape }));
}

Object.assign(globalThis, { run });
