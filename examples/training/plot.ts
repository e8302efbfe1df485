/** A curve of positive numbers over steps, with a logarithmic axis: as text, or as an SVG picture. */

/** `height` lines of the plot, and two with the steps below. */
export function textPlot(values: readonly number[], { width = 64, height = 12 } = {}): string {
  const { position, labels } = axis(values);
  const line = (v: number): number => Math.round((1 - position(v)) * (height - 1));
  const rows = Array.from({ length: height }, () => new Array<string>(width).fill(" "));
  for (let column = 0; column < width; column++) {
    const from = Math.floor((column * values.length) / width);
    const part = values.slice(from, Math.max(from + 1, Math.floor(((column + 1) * values.length) / width)));
    for (let k = line(Math.max(...part)); k <= line(Math.min(...part)); k++) rows[k]![column] = "•";
  }
  const names = new Map(labels.map((v) => [line(v), String(v)]));
  const lines = rows.map((row, k) => `${(names.get(k) ?? "").padStart(8)} │${row.join("")}`.trimEnd());
  const last = String(values.length).padStart(width - 1);
  return [...lines, `${"".padStart(9)}└${"─".repeat(width)}`, `${"".padStart(10)}1${last}`].join("\n");
}

/** An SVG document; `title` is its heading. */
export function svgPlot(values: readonly number[], title: string): string {
  const [width, height, margin] = [640, 360, 48];
  const { position, labels } = axis(values);
  const x = (k: number): number => margin + (k / Math.max(1, values.length - 1)) * (width - 2 * margin);
  const y = (v: number): string => (height - margin - position(v) * (height - 2 * margin)).toFixed(1);
  const grid = labels.map(
    (v) => `<path stroke="#ddd" d="M${margin} ${y(v)}H${width - margin}"/>
<text x="${margin - 6}" y="${y(v)}" text-anchor="end" dominant-baseline="middle">${v}</text>`,
  );
  const below = height - margin + 18;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${width / 2}" y="24" text-anchor="middle" font-size="15">${title}</text>
${grid.join("\n")}
<text x="${margin}" y="${below}">1</text>
<text x="${width - margin}" y="${below}" text-anchor="end">${values.length} steps</text>
<polyline fill="none" stroke="#2563eb" stroke-width="1.5" points="${values.map((v, k) => `${x(k).toFixed(1)},${y(v)}`).join(" ")}"/>
</svg>
`;
}

/** A logarithmic axis around the values. Its ends are 1, 2 or 5 times powers of ten; its labels are these, or the powers alone. */
function axis(values: readonly number[]): { position(v: number): number; readonly labels: readonly number[] } {
  const wrong = values.find((v) => !(v > 0 && v < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw new RangeError(`a logarithmic axis takes positive numbers, not ${wrong}`);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const first = Math.floor(Math.log10(least)),
    powers = Math.floor(Math.log10(most)) + 2 - first;
  const ticks = Array.from({ length: powers }, (_, k) => [1, 2, 5].map((m) => Number(`${m}e${first + k}`))).flat();
  const low = ticks.findLastIndex((v) => v <= least),
    high = ticks.findIndex((v) => v > most);
  const [bottom, top] = [Math.log10(ticks[low]!), Math.log10(ticks[high]!)];
  const all = high - low < 6;
  return {
    position: (v) => (Math.log10(v) - bottom) / (top - bottom),
    labels: ticks.filter((_, k) => k >= low && k <= high && (all || k % 3 === 0)),
  };
}
