/** Aligns two proteins' beginnings by their letters. `npx tsx examples/smith-waterman/main.ts` */
import { load, zeros } from "tsgpu";

const { score, trace } = await load<typeof import("./align.ts")>(new URL("./align.ts", import.meta.url));

// Haemoglobin, alpha and beta chain.
const alpha = "MVLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSFPTTKTYFPHFDLSHGSAQVKGHGKKVADALTNAV";
const beta = "MVHLTPEEKSAVTALWGKVNVDEVGGEALGRLLVVYPWTQRFFESFGDLSTPDAVMGNPKVKAHGKKVLGAFSDGL";
const [match, mismatch, gap] = [3, -1, -2];

const codes = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0));
const a = codes(alpha);
const b = codes(beta);
const H = zeros("i32", [a.length + 1, b.length + 1]);
const best = await score(a, b, H, match, mismatch, gap);

const left = new Int32Array(a.length + b.length);
const right = new Int32Array(a.length + b.length);
const length = await trace(a, b, H, best, match, mismatch, gap, left, right);
const letters = (text: string, at: Int32Array): string[] =>
  [...at.subarray(0, length)].reverse().map((i) => text[i] ?? "-");
const top = letters(alpha, left);
const bottom = letters(beta, right);
console.log(`score ${best.score}, ${length} columns`);
console.log(top.join(""));
console.log(top.map((letter, k) => (letter === bottom[k] ? "|" : " ")).join(""));
console.log(bottom.join(""));
