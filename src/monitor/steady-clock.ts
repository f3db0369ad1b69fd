/** Time that does not go back: what is due by a clock comes, and grows as old as it is, though the clock is set back. */

/** Milliseconds since 1970 by `clock`; once that was set back, more by as much, so that it goes on from where it was. */
export function steady(clock: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return () => {
    const time = clock();
    if (time < last) ahead += last - time;
    last = time;
    return time + ahead;
  };
}
