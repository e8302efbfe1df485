/** Compiled kernels in a page, on WebGPU in headless Chromium: gemm, jacobi-2d and the gradient of gemm against the interpreter. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DerivativeRequest } from "../../ad/index.ts";
import { compile, emit } from "../../compiler/index.ts";
import { array, type NdArray } from "../../runtime/array.ts";
import { call } from "../../runtime/call.ts";
import { loadUnit } from "../../runtime/jit.ts";
import { randomNumbers } from "../ad/directions.ts";
import { skip } from "../skip.ts";
import type { Sent } from "./page.ts";
import { serve } from "./serve.ts";

const browser = process.env.TSGPU_CHROMIUM ?? "/usr/bin/chromium";
const flags = [
  ...["--headless=new", "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  ...["--enable-features=Vulkan", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** The page's code; Node's modules, which it never asks for, are empty in it. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["webgpu"],
    plugins: [
      {
        name: "without-node",
        setup(b) {
          b.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "none" }));
          b.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "module.exports = {}" }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

const random = randomNumbers(3);
const matrix = (n: number, m: number): NdArray<"f32"> =>
  array(
    Float32Array.from({ length: n * m }, () => random() - 0.5),
    [n, m],
  );
const polybench = (name: string): string =>
  fileURLToPath(new URL(`../../polybench/kernels/${name}.ts`, import.meta.url));

interface Case {
  readonly title: string;
  readonly file: string;
  readonly kernel: string;
  readonly derivative?: DerivativeRequest;
  readonly args: () => readonly (number | NdArray<"f32">)[];
}
const cases: readonly Case[] = [
  {
    title: "gemm",
    file: polybench("gemm"),
    kernel: "gemm",
    args: () => [1.5, 1.2, matrix(37, 41), matrix(37, 53), matrix(53, 41)],
  },
  {
    title: "jacobi-2d",
    file: polybench("jacobi-2d"),
    kernel: "jacobi2d",
    args: () => [10, matrix(33, 33), matrix(33, 33)],
  },
  {
    title: "the gradient of gemm",
    file: polybench("gemm"),
    kernel: "gemm_vjp",
    derivative: { kernel: "gemm", kind: "vjp", wrt: ["A", "B"], of: ["C"] },
    args: () => [
      ...[1.5, 1.2, matrix(9, 10), matrix(9, 17), matrix(17, 10)],
      ...[matrix(9, 10), matrix(9, 17), matrix(17, 10)],
    ],
  },
];

const sent = (args: readonly (number | NdArray<"f32">)[]): readonly Sent[] =>
  args.map((a) => (typeof a === "number" ? a : { data: Array.from(a.data), shape: a.shape }));

/** What the page makes of it and what the interpreter does agree, but for roundings. */
async function compare(page: Page, { file, kernel, derivative, args }: Case): Promise<void> {
  const options = { real: "f32", ...(derivative && { derivative }) } as const;
  const json = (await emit({ file }, "webgpu", { target: "webgpu", ...options })) as string;
  const artifact = await compile({ file }, { target: "interp", ...options });
  const name = artifact.entries[0]?.name ?? kernel;
  const values = args();
  const given = sent(values);
  const unit = await loadUnit(artifact, async () => artifact);
  await call(unit, name, values);
  const wanted = sent(values);
  // The page's functions have no types here.
  const got = (await page.evaluate(
    `run(${JSON.stringify(json)}, ${JSON.stringify(name)}, ${JSON.stringify(given)})`,
  )) as Sent[];
  assert.is(got.length, wanted.length);
  got.forEach((a, k) => {
    const b = wanted[k];
    if (typeof a === "number" || typeof b !== "object") return;
    const off = Math.max(...a.data.map((x, i) => Math.abs(x - (b.data[i] as number))));
    assert.ok(off < 1e-4, `argument ${k} is off by ${off}`);
  });
  assert.ok(
    got.some((a, k) => JSON.stringify(a) !== JSON.stringify(given[k])),
    "nothing was written",
  );
}

if (!existsSync(browser)) skip("WebGPU in a page", `${browser} is not installed (\`npm run setup\` installs Chromium)`);
else {
  test("gemm, jacobi-2d and a gradient in headless Chromium", async () => {
    const html = '<!doctype html><title>tsgpu</title><script type="module" src="/page.js"></script>';
    const served = await serve({ "/": html, "/page.js": await bundle() });
    const chrome = await chromium.launch({ executablePath: browser, args: flags });
    try {
      const page = await chrome.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().includes("favicon")) problems.push(message.text());
      });
      await page.goto(served.url);
      await page.waitForFunction("typeof run === 'function'");
      assert.ok(await page.evaluate("crossOriginIsolated"));
      for (const c of cases) await compare(page, c);
      assert.equal(
        problems.filter((p) => !p.includes("404")),
        [],
      );
    } finally {
      await chrome.close();
      served.close();
    }
  });
}

test.run();
