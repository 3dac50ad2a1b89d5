/** What 500 pairs of measured times say about whether one of two cases takes longer. */
export interface PairedTimes {
  pairs: number;
  /** Milliseconds by which the first case takes longer, in the median. */
  medianDifference: number;
  /** Median distance of the differences from their median, in milliseconds: the noise. */
  noise: number;
  /** Share of pairs in which the first case took longer; 0.5 where there is nothing to tell. */
  shareLonger: number;
  /** Distance of that share from a coin's, in standard deviations (sign test). */
  deviations: number;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
};

/** Judged by ranks, not by clocks: a slow machine or a pause shifts no sign. */
export function judgePairs(differences: readonly number[]): PairedTimes {
  const pairs = differences.length;
  const medianDifference = median(differences);
  const shareLonger = differences.filter((difference) => difference > 0).length / pairs;
  return {
    pairs,
    medianDifference,
    noise: median(differences.map((difference) => Math.abs(difference - medianDifference))),
    shareLonger,
    deviations: Math.abs(shareLonger - 0.5) / Math.sqrt(0.25 / pairs),
  };
}
