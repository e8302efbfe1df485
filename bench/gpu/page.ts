/** A report as one HTML page: no scripts, no files beside it; the plots are SVG. */
import { isRight, type Report, type Row } from "./report.ts";

/** The page of a report. */
export function page(report: Report): string {
  const { gpu, target, reference, machine, date, rows, skipped } = report;
  const on =
    gpu === null ? target : `${gpu.name} (${gpu.arch}, ${gpu.multiprocessors} multiprocessors, CUDA ${gpu.driver})`;
  const wrong = rows.filter((r) => !r.ok);
  const largest = rows.filter((r) => r.times !== null).at(-1)?.dataset ?? null;
  const timed = rows.filter((r) => r.times !== null && r.dataset === largest);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>tsgpu on ${text(on)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-size: 13px; } td, th { padding: 2px 10px 2px 0; text-align: right; }
td:first-child, th:first-child { text-align: left; } tr:hover { background: #f3f3f3; }
.wrong { color: #b00; font-weight: bold; } svg { display: block; margin: 1rem 0; font: 12px system-ui, sans-serif; }
</style>
<h1>tsgpu on ${text(on)}</h1>
<p>${text(date)}; compared with target ${text(reference)} on ${text(machine)}; code ${text(report.code)}.</p>
<h2>Right?</h2>
<p${isRight(report) ? "" : ' class="wrong"'}>${rows.length - wrong.length} of ${rows.length} results are right.</p>
${table(
  ["kernel", "part", "type", "size", "what is wrong"],
  wrong.map((r) => [...nameCells(r), r.problem ?? ""]),
)}
${report.sanitizer.map((s) => `<p${s.ok ? "" : ' class="wrong"'}>compute-sanitizer, ${s.tool}: ${s.ok ? "nothing" : `<pre>${text(s.output)}</pre>`}</p>`).join("\n")}
${skipped.map((line) => `<p>Not done: ${text(line)}.</p>`).join("\n")}
${limits(report)}
${
  timed.length === 0
    ? ""
    : `<h2>How fast? (${text(largest ?? "")})</h2>
<p>What part of the measured peak a kernel reaches: of arithmetic by its own operations, of memory by its arguments moved once,
whichever is more. What a kernel moves more than once is not counted, so the true part of memory's peak is larger.</p>
${bars(
  timed.filter((r) => r.part === "primal"),
  "part of the peak",
  (r) => Math.max(r.flopFraction ?? 0, r.byteFraction ?? 0),
  (r) => ((r.flopFraction ?? 0) > (r.byteFraction ?? 0) ? "#4477aa" : "#cc8844"),
)}
<p><span style="color:#4477aa">■</span> arithmetic <span style="color:#cc8844">■</span> memory</p>
<h3>Gradients</h3><p>Their time over the function's own.</p>
${bars(
  timed.filter((r) => r.ratio !== null),
  "times the function",
  (r) => r.ratio ?? 0,
  () => "#558855",
)}
<h3>CPU</h3><p>The time of ${text(reference)}, one thread, over the GPU's.</p>
${bars(
  timed.filter((r) => r.cpuSeconds !== null),
  "times as fast",
  (r) => (r.cpuSeconds ?? 0) / (r.times?.kernels ?? 1),
  () => "#886699",
)}`
}
<h2>All results</h2>
${table(
  [
    "kernel",
    "part",
    "type",
    "size",
    "error",
    "ms",
    "wall ms",
    "launches",
    "GFLOP/s",
    "of peak",
    "GB/s",
    "of peak",
    "ratio",
  ],
  rows.map((r) => [
    ...nameCells(r),
    r.error === null ? "" : r.error.toExponential(0),
    number(r.times && r.times.kernels * 1e3),
    number(r.times && r.times.wall * 1e3),
    r.times === null ? "" : String(r.times.launches),
    number(r.flops && r.flops / 1e9),
    percent(r.flopFraction),
    number(r.bytes && r.bytes / 1e9),
    percent(r.byteFraction),
    number(r.ratio),
  ]),
)}
</html>
`;
}

/** Peaks, overheads and cuBLAS. */
function limits({ peaks, overheads, gemm }: Report): string {
  if (peaks.length === 0) return "";
  const micro = (s: number): string => `${number(s * 1e6)} µs`;
  return `<h2>What the GPU can do</h2>
${table(
  ["type", "GFLOP/s", "GB/s"],
  peaks.map((p) => [p.dtype, number(p.flops / 1e9), number(p.bytes / 1e9)]),
)}
${overheads === null ? "" : `<p>A launch of nothing takes ${micro(overheads.launchSeconds)}, of that ${micro(overheads.launchOnDevice)} on the GPU; copies to it run at ${number(overheads.upload / 1e9)} GB/s, from it at ${number(overheads.download / 1e9)} GB/s.</p>`}
${
  gemm.length === 0
    ? ""
    : `<h3>gemm beside cuBLAS</h3>${table(
        ["size", "type", "ms", "cuBLAS ms", "ours over cuBLAS"],
        gemm.map(({ dataset, dtype, seconds, cublas }) => {
          const known = typeof cublas === "number";
          return [
            dataset,
            dtype,
            number(seconds * 1e3),
            known ? number(cublas * 1e3) : cublas,
            known ? number(seconds / cublas) : "",
          ];
        }),
      )}`
}`;
}

/** One horizontal bar a row, on a logarithmic axis where values lie far apart. */
function bars(rows: readonly Row[], unit: string, value: (r: Row) => number, color: (r: Row) => string): string {
  const values = rows.map(value).filter((v) => v > 0);
  if (values.length === 0) return "";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLog = most / least > 50;
  const [left, width, height] = [190, 560, 18];
  const low = Math.floor(Math.log10(least));
  const span = Math.max(1, Math.ceil(Math.log10(most)) - low);
  const x = (v: number): number =>
    isLog ? (width * (Math.log10(Math.max(v, least)) - low)) / span : (width * v) / most;
  const ticks = isLog
    ? Array.from({ length: span + 1 }, (_, k) => 10 ** (low + k))
    : [0, most / 4, most / 2, (3 * most) / 4, most];
  const bottom = rows.length * height;
  const lines = ticks.map((t) => {
    const at = left + x(t === 0 ? 0 : t);
    return `<line x1="${at}" x2="${at}" y1="0" y2="${bottom}" stroke="#ddd"/><text x="${at}" y="${bottom + 15}" text-anchor="middle">${number(t)}</text>`;
  });
  const marks = rows.map((r, k) => {
    const y = k * height;
    const name = `${r.kernel}${r.part === "gradient" ? " gradient" : ""}${r.dtype === "f64" ? "" : ` ${r.dtype}`}`;
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${text(name)}</text><rect x="${left}" y="${y + 3}" width="${Math.max(1, x(value(r))).toFixed(1)}" height="${height - 6}" fill="${color(r)}"><title>${text(name)}: ${number(value(r))} ${unit}</title></rect>`;
  });
  return `<svg viewBox="0 0 ${left + width + 30} ${bottom + 36}" width="${left + width + 30}" role="img" aria-label="${unit}">${lines.join("")}${marks.join("")}<text x="${left + width / 2}" y="${bottom + 32}" text-anchor="middle">${unit}</text></svg>`;
}

const nameCells = (r: Row): readonly string[] => [r.kernel, r.part, r.dtype, r.dataset ?? ""];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((c) => `<${tag}>${text(c)}</${tag}>`).join("")}</tr>`;
  return `<table>${line(head, "th")}${rows.map((r) => line(r, "td")).join("\n")}</table>`;
}

const number = (x: number | null): string =>
  x === null ? "" : x === 0 ? "0" : x >= 1000 ? x.toFixed(0) : x.toPrecision(3);
const percent = (x: number | null): string => (x === null ? "" : `${(100 * x).toPrecision(2)} %`);
const text = (s: string): string => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
