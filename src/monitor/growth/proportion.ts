/** Of the normal distribution, one-sided 95 %. */
const Z_95 = 1.645;

/**
 * The upper bound of a proportion of which `hits` in `trials` were seen, with a confidence of 95 %: Wilson's
 * score interval, one-sided, which also holds for few trials and for none or all of them. 1 without trials.
 */
export function proportionAtMost(hits: number, trials: number): number {
  if (trials <= 0) return 1;
  const p = hits / trials;
  const z2 = Z_95 * Z_95;
  const centre = p + z2 / (2 * trials);
  const spread = Z_95 * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return Math.min(1, (centre + spread) / (1 + z2 / trials));
}
