import type { f64, i32 } from "tsgpu";

/**
 * How many steps z := z² + c takes from 0 to leave the circle of radius 2, at most `limit`, for c over a rectangle.
 *
 * Shapes: steps[height][width], rows from yMax downwards.
 */
export function mandelbrot(steps: i32[][], xMin: f64, xMax: f64, yMin: f64, yMax: f64, limit: i32): void {
  const height = steps.length,
    width = steps[0].length;
  for (let row = 0; row < height; row++) {
    const cy = yMax - ((yMax - yMin) * (row + 0.5)) / height;
    for (let column = 0; column < width; column++) {
      const cx = xMin + ((xMax - xMin) * (column + 0.5)) / width;
      let x = 0,
        y = 0,
        n = 0;
      while (n < limit && x * x + y * y <= 4) {
        const next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        n++;
      }
      steps[row][column] = n;
    }
  }
}
