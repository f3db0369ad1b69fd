/** The slope of a series, robustly. */

export interface Slope {
  /** The median of the slopes between all pairs of points. */
  readonly slope: number;
  /** Bounds that hold the true slope with a confidence of 95 %. */
  readonly lower: number;
  readonly upper: number;
}

/** Of the normal distribution, two-sided 95 %. */
const Z_95 = 1.96;

/**
 * Theil and Sen's estimator: the median of the slopes between all pairs of points. Up to 29 % of the points may be
 * anything without moving it far. The bounds are Sen's: as many slopes from the median as Kendall's score
 * strays by chance, `1.96 sqrt(var)` with `var = (n (n - 1) (2 n + 5) - sum over groups of t equal y's of
 * t (t - 1) (2 t + 5)) / 18`. Undefined with fewer than three points, or when all have one x.
 *
 * `xs` ascend. The bounds suppose that the points do not depend on each other; for a count over time they do, so
 * alone they say too often that there is growth.
 */
export function theilSen(xs: readonly number[], ys: readonly number[]): Slope | undefined {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} x and ${ys.length} y`);
  if (xs.length < 3) return undefined;
  const slopes = pairSlopes(xs, ys);
  const count = slopes.length;
  if (count === 0) return undefined;
  const stray = Z_95 * Math.sqrt(scoreVariance(ys));
  const at = (rank: number) => slopes[Math.min(count, Math.max(1, rank)) - 1] as number;
  return {
    slope: middle(slopes),
    lower: at(Math.floor((count - stray) / 2)),
    upper: at(Math.ceil((count + stray) / 2) + 1),
  };
}

/** Ascending. */
function pairSlopes(xs: readonly number[], ys: readonly number[]): Float64Array {
  const n = xs.length;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  for (let j = 1; j < n; j++) {
    for (let i = 0; i < j; i++) {
      const dx = (xs[j] as number) - (xs[i] as number);
      if (dx > 0) slopes[count++] = ((ys[j] as number) - (ys[i] as number)) / dx;
    }
  }
  return slopes.subarray(0, count).sort();
}

/** Of Kendall's score, when nothing grows. */
function scoreVariance(ys: readonly number[]): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const equal = new Map<number, number>();
  for (const y of ys) equal.set(y, (equal.get(y) ?? 0) + 1);
  let ties = 0;
  for (const count of equal.values()) ties += term(count);
  return Math.max(0, term(ys.length) - ties) / 18;
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}
