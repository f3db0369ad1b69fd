/** Numbers that follow from a seed alone. */
export class Numbers {
  #state: number;

  /** Any integer. */
  constructor(seed: number) {
    // Seeds that lie next to each other must not give sequences that do.
    let mixed = Math.imul(seed ^ 0x5bf03635, 0x9e3779b1);
    mixed ^= mixed >>> 15;
    this.#state = Math.imul(mixed, 0x2c1b3c6d) | 1;
  }

  /** From 0 to below 1. Marsaglia's xorshift32. */
  float(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) / 0x1_0000_0000;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** An integer from 0 to below `limit`; the low ones are the frequent ones. */
  skewed(limit: number): number {
    return Math.floor(this.float() ** 3 * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Positive, with that mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.float()) * mean;
  }

  /** From `least` to `most`, with a heavy tail: the mean is far above what is usual. */
  heavyTailed(least: number, most: number, exponent = 1.2): number {
    return Math.min(most, least / (1 - this.float()) ** (1 / exponent));
  }
}
