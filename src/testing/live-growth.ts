/** Handles that are left over after a round. */
import type { HandleRecord } from '../monitor/ledger.js';
import { handleLeak, type Leak } from './leak-error.js';
import { Places } from './places.js';

/** Compares live handles, by kind and place of creation, with the most there were at earlier points. */
export class LiveGrowth {
  readonly #most = new Map<string, number>();
  readonly #places = new Places();

  /** Takes note of a point that is in order. */
  accept(live: readonly HandleRecord[]): void {
    for (const [key, records] of this.#places.group(live)) {
      this.#most.set(key, Math.max(records.length, this.#most.get(key) ?? 0));
    }
  }

  /** What there is more of than at any point that was accepted; most first. */
  leaks(live: readonly HandleRecord[], round: number): Leak[] {
    const groups = this.#places.group(live);
    const leaks: Leak[] = [];
    for (const [key, records] of groups) {
      const count = records.length - (this.#most.get(key) ?? 0);
      if (count > 0) leaks.push(handleLeak(records.slice(-count), count, round));
    }
    return withoutParts(leaks).sort((a, b) => b.count - a.count);
  }
}

/** Opening a database also makes its engine and the handles of its column families: that is one leak. */
function withoutParts(leaks: readonly Leak[]): Leak[] {
  const opened = leaks.filter(({ kind }) => kind === 'db');
  const isPart = ({ kind, site, count }: Leak) =>
    (kind === 'engine' || kind === 'columnFamily') &&
    opened.some((db) => db.site === site && count % db.count === 0);
  return leaks.filter((leak) => !isPart(leak));
}
