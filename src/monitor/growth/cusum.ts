/** Sums of what is above a reference. */

export interface CusumOptions {
  /** What each value may be without counting; usually half of the shift that is looked for. */
  readonly reference: number;
  /** The sum from which a shift is established; usually four to five standard deviations. */
  readonly decision: number;
}

export interface Cusum {
  /** `S(i) = max(0, S(i - 1) + x(i) - reference)`, after the last value. */
  readonly sum: number;
  /** Index of the first value of the present run above 0: when the shift began. Undefined at 0. */
  readonly since: number | undefined;
  /** Whether `sum` has come to the decision. */
  readonly holds: boolean;
}

/** Page's one-sided cumulative sum, which finds a small lasting shift upwards and forgets what goes back. */
export function cusum(values: readonly number[], options: CusumOptions): Cusum {
  let sum = 0;
  let since: number | undefined;
  values.forEach((value, index) => {
    sum = Math.max(0, sum + value - options.reference);
    if (sum === 0) since = undefined;
    else since ??= index;
  });
  return { sum, since, holds: sum > 0 && sum >= options.decision };
}
