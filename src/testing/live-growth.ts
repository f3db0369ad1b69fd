/** Handles that are left over after a round. */
import type { HandleRecord } from '../monitor/ledger.js';
import { handleLeak, type Leak } from './leak-error.js';
import { userPlace } from './places.js';

/** Live handles of one kind that were made at one place. */
type Groups = ReadonlyMap<string, readonly HandleRecord[]>;

/** Compares live handles, by kind and place of creation, with the most there were at earlier points. */
export class LiveGrowth {
  readonly #most = new Map<string, number>();
  /** By creation stack; equal ones are one string. */
  readonly #places = new Map<string, string>();

  /** Takes note of a point that is in order. */
  accept(live: readonly HandleRecord[]): void {
    for (const [key, records] of this.#group(live)) {
      this.#most.set(key, Math.max(records.length, this.#most.get(key) ?? 0));
    }
  }

  /** What there is more of than at any point that was accepted; most first. */
  leaks(live: readonly HandleRecord[], round: number): Leak[] {
    const groups = this.#group(live);
    const leaks: Leak[] = [];
    for (const [key, records] of groups) {
      const count = records.length - (this.#most.get(key) ?? 0);
      if (count > 0) leaks.push(handleLeak(records.slice(-count), count, round));
    }
    return withoutParts(leaks).sort((a, b) => b.count - a.count);
  }

  #group(live: readonly HandleRecord[]): Groups {
    const groups = new Map<string, HandleRecord[]>();
    for (const record of live) {
      const key = `${record.kind}\n${this.#place(record.site)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [record]);
      else group.push(record);
    }
    return groups;
  }

  /** The user's line, whoever called it. */
  #place(site: string | undefined): string {
    if (site === undefined) return '';
    let place = this.#places.get(site);
    if (place === undefined) {
      const { file, line, column } = userPlace(site) ?? {};
      place = file === undefined ? site : `${file}:${line}:${column}`;
      this.#places.set(site, place);
    }
    return place;
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
