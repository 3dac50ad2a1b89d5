/** What two cases gave, pair by pair. */
export interface Pairs<T> {
  ours: T[];
  yardstick: T[];
}

/**
 * Measures two cases next to each other, the order swapped from pair to pair: a machine that slows down meanwhile slows
 * both, and neither is always the warmer one. `rest` lets what the former case left behind come to its end.
 */
export async function inPairs<T>(
  pairs: number,
  ours: () => Promise<T>,
  yardstick: () => Promise<T>,
  rest: () => Promise<void>,
): Promise<Pairs<T>> {
  const measured: Pairs<T> = { ours: [], yardstick: [] };
  const one = async (side: keyof Pairs<T>) => {
    measured[side].push(await (side === 'ours' ? ours() : yardstick()));
    await rest();
  };
  for (let pair = 0; pair < pairs; pair += 1) {
    await one(pair % 2 === 0 ? 'ours' : 'yardstick');
    await one(pair % 2 === 0 ? 'yardstick' : 'ours');
  }
  return measured;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that so large a share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Ours as a multiple of the yardstick: the median over the pairs, not the ratio of medians. */
export function ratio<T>({ ours, yardstick }: Pairs<T>, figure: (one: T) => number): number {
  return median(ours.map((one, pair) => figure(one) / figure(yardstick[pair] as T)));
}
