/** Orders drawn from a seed: the same seed, the same order. */

export type Random = () => number;

/** Numbers in [0, 1), by Marsaglia's xorshift on 32 bits. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** 0 to count - 1: in order, or shuffled by Fisher and Yates. */
export function shuffled(count: number, random: Random | null): Iterable<number> {
  if (random === null) return upTo(count);
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  return order;
}

function* upTo(count: number): Iterable<number> {
  for (let k = 0; k < count; k++) yield k;
}
