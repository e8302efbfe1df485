/**
 * The Mandelbrot set as text, or as a PGM picture in a file: `npx tsx examples/mandelbrot/main.ts [set.pgm]`
 */
import { writeFileSync } from "node:fs";
import { load, zeros } from "tsgpu";

const { mandelbrot } = await load<typeof import("./mandelbrot.ts")>(new URL("./mandelbrot.ts", import.meta.url));

const file = process.argv[2];
const [width, height] = file === undefined ? [78, 32] : [1200, 900];
const limit = 255;
const steps = zeros("i32", [height, width]);
await mandelbrot(steps, -2.2, 0.8, -1.15, 1.15, limit);

const rows = Array.from({ length: height }, (_, i) => steps.data.subarray(i * width, (i + 1) * width));
if (file === undefined) {
  const shades = " .,:;i1tfLCG08@";
  for (const row of rows) {
    console.log(Array.from(row, (n) => (n === limit ? " " : shades[Math.min(n - 1, shades.length - 1)])).join(""));
  }
} else {
  const body = rows.map((row) => Array.from(row, (n) => (n === limit ? 0 : limit - n)).join(" "));
  writeFileSync(file, `P2\n${width} ${height}\n${limit}\n${body.join("\n")}\n`);
  console.log(`${file}: ${width} × ${height}`);
}
