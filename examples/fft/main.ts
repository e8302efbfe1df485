/** Two tones and some noise: the transform finds the tones. `npx tsx examples/fft/main.ts` */
import { load } from "tsgpu";

const { fft, twiddles, magnitudes } = await load<typeof import("./fft.ts")>(new URL("./fft.ts", import.meta.url));

const n = 1 << 16;
const re = Float64Array.from({ length: n }, (_, i) => {
  const t = (2 * Math.PI * i) / n;
  const noise = 0.1 * Math.sin(i * i);
  return Math.sin(440 * t) + 0.5 * Math.sin(1000 * t) + noise;
});
const im = new Float64Array(n);
const cos = new Float64Array(n / 2);
const sin = new Float64Array(n / 2);
const power = new Float64Array(n);

await twiddles(cos, sin);
await fft(re, im, cos, sin);
await magnitudes(re, im, power);

// A real signal's upper half mirrors its lower one.
const strongest = [...power.subarray(0, n / 2).entries()].sort((a, b) => b[1] - a[1]).slice(0, 2);
for (const [frequency, amplitude] of strongest) {
  console.log(`${frequency} periods with amplitude ${(2 * amplitude).toFixed(3)}`);
}
