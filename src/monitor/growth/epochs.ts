/** When those that are still there were born. */
export interface Births {
  /** Counts in equal parts of the time looked at, oldest first. */
  readonly parts: readonly number[];
  /** Parts that are not empty. */
  readonly occupied: number;
  /** Births in the later half of the parts for each in the earlier; Infinity when those are empty. */
  readonly ratio: number;
}

/**
 * Divides the time from `from` to `to` into `count` birth epochs (an even number) and counts who of `born` is of which.
 * Leaked handles are of all epochs, and those that make them of the early epochs stay. What fills up and stops has few births in
 * the later ones; what is given back after a time, however long, has none in the early ones.
 */
export function birthEpochs(
  born: Iterable<number>,
  from: number,
  to: number,
  count: number,
): Births {
  const parts = new Array<number>(count).fill(0);
  const width = (to - from) / count;
  for (const at of born) {
    if (at < from || at > to) continue;
    const part = Math.min(count - 1, Math.floor((at - from) / width));
    parts[part] = (parts[part] as number) + 1;
  }
  const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  const half = count / 2;
  const [early, late] = [sum(parts.slice(0, half)), sum(parts.slice(half))];
  return {
    parts,
    occupied: parts.filter((births) => births > 0).length,
    ratio: early > 0 ? late / early : late > 0 ? Number.POSITIVE_INFINITY : 0,
  };
}
