/** Single handles that are held for very long while everything goes on: a snapshot that nobody releases. */
import type { HandleKind, Ledger, LedgerRecord } from '../ledger.js';
import { grouped } from '../text.js';
import type { Criterion } from './criteria.js';
import type { IdleHandles } from './idle-handles.js';
import type { GrowthSettings } from './options.js';

/** Kinds that are made for one use and hold back what RocksDB would drop. */
const PINNING: ReadonlySet<HandleKind> = new Set<HandleKind>([
  'iterator',
  'snapshot',
  'pinnedSlice',
  'transaction',
  'transactionLogIterator',
  'databaseHold',
  'snapshotHold',
]);
/** Kinds that are also kept for many uses: these are compared with others of their kind, of which so many were freed. */
const REUSED: ReadonlySet<HandleKind> = new Set<HandleKind>(['iterator', 'transaction']);
const SIBLINGS_MIN = 20;

export class HeldHandles {
  readonly #ledger: Ledger;
  readonly #settings: GrowthSettings;

  constructor(ledger: Ledger, settings: GrowthSettings) {
    this.#ledger = ledger;
    this.#settings = settings;
  }

  /** Those that were not used since that operation, nor for long in comparison with others. */
  look(heldBefore: number, idle: IdleHandles): { record: LedgerRecord; criterion: Criterion }[] {
    const found: { record: LedgerRecord; criterion: Criterion }[] = [];
    let totals: ReturnType<Ledger['totals']> | undefined;
    for (const [kind, population] of idle.kinds) {
      // More of them are a matter of growth.
      if (!PINNING.has(kind) || population.idle >= this.#settings.handles) continue;
      for (const { record, lastUse } of population.stays) {
        if (lastUse > heldBefore) continue;
        totals ??= this.#ledger.totals();
        const siblings = totals.get(kind) ?? { freed: 0, longestOperations: 0 };
        const criterion = this.#compare(kind, lastUse, siblings);
        if (criterion.holds) found.push({ record, criterion });
      }
    }
    return found;
  }

  #compare(
    kind: HandleKind,
    lastUse: number,
    { freed, longestOperations }: { freed: number; longestOperations: number },
  ): Criterion {
    const unused = this.#ledger.operations - lastUse;
    const { heldOperations, heldFactor } = this.#settings;
    const threshold = Math.max(heldOperations, heldFactor * longestOperations);
    return {
      name: 'held',
      holds: unused >= threshold && (freed >= SIBLINGS_MIN || !REUSED.has(kind)),
      value: unused,
      threshold,
      text:
        `not used for ${grouped(unused)} operations; the longest life of the ${grouped(freed)} ` +
        `that were freed is ${grouped(longestOperations)} (from ${grouped(threshold)} on)`,
    };
  }
}
