import type { i32, index } from "tsgpu";

/** Where the best local alignment of two sequences ends, and its score. */
export interface Best {
  score: i32;
  i: index;
  j: index;
}

/**
 * Scores of the local alignments of the sequences a and b that end at each pair of letters (Smith and Waterman, 1981),
 * with a score for equal letters, one for different ones, and one for each gap. Letters are any integers.
 *
 * Shapes: a[n], b[m], H[n + 1][m + 1]; what H holds before does not matter.
 */
export function score(a: readonly i32[], b: readonly i32[], H: i32[][], match: i32, mismatch: i32, gap: i32): Best {
  for (let i = 0; i <= a.length; i++) H[i][0] = 0;
  for (let j = 0; j <= b.length; j++) H[0][j] = 0;
  let best: i32 = 0;
  let bestI = 0,
    bestJ = 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const diagonal = H[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? match : mismatch);
      const h = Math.max(0, diagonal, H[i - 1][j] + gap, H[i][j - 1] + gap);
      H[i][j] = h;
      if (h > best) {
        best = h;
        bestI = i;
        bestJ = j;
      }
    }
  }
  return { score: best, i: bestI, j: bestJ };
}

/**
 * Walks back from where an alignment ends: pairs of positions in a and b, last pair first, −1 for a gap. Returns how
 * many there are.
 *
 * Shapes: as for `score`; left and right have room for n + m pairs.
 */
export function trace(
  a: readonly i32[],
  b: readonly i32[],
  H: readonly (readonly i32[])[],
  end: Best,
  match: i32,
  mismatch: i32,
  gap: i32,
  left: i32[],
  right: i32[],
): i32 {
  let i = end.i,
    j = end.j,
    length = 0;
  while (i > 0 && j > 0 && H[i][j] > 0) {
    const same = a[i - 1] === b[j - 1] ? match : mismatch;
    if (H[i][j] === H[i - 1][j - 1] + same) {
      i--;
      j--;
      left[length] = i;
      right[length] = j;
    } else if (H[i][j] === H[i - 1][j] + gap) {
      i--;
      left[length] = i;
      right[length] = -1;
    } else {
      j--;
      left[length] = -1;
      right[length] = j;
    }
    length++;
  }
  return length;
}
