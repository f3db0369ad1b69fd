/** Single handles that are held for very long while everything goes on: a snapshot that nobody releases. */
import type { HandleKind, Ledger } from '../ledger.js';
import { grouped } from '../text.js';
import type { IdleHandles } from './idle-handles.js';
import type { GrowthSettings } from './options.js';

/** A handle that was not used for far longer than others of its kind live. It is one, so it does not grow. */
export interface HeldHandle {
  readonly kind: HandleKind;
  readonly id: number;
  /** Its creation stack, when that was taken. */
  readonly site: string | undefined;
  readonly bornOperation: number;
  /** Operations since it was used. */
  readonly unused: number;
  /** The longest life of those of its kind that were freed, in operations; 0: none was. */
  readonly longest: number;
  /** The same in words. */
  readonly text: string;
}

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

/** Those that were not used since that operation, nor for long in comparison with others; oldest first. */
export function heldHandles(
  heldBefore: number,
  idle: IdleHandles,
  ledger: Ledger,
  settings: GrowthSettings,
): HeldHandle[] {
  const found: HeldHandle[] = [];
  let totals: ReturnType<Ledger['totals']> | undefined;
  for (const [kind, population] of idle.kinds) {
    // More of them are a matter of growth.
    if (!PINNING.has(kind) || population.idle >= settings.handles) continue;
    for (const { record, lastUse } of population.stays) {
      if (lastUse > heldBefore) continue;
      totals ??= ledger.totals();
      const longest = totals.get(kind)?.longestOperations ?? 0;
      const unused = ledger.operations - lastUse;
      if (unused < settings.heldFactor * longest) continue;
      const { id, site, bornOperation } = record;
      const text =
        `${kind} #${id} was not used for ${grouped(unused)} operations; ` +
        `of those that were freed none lived longer than ${grouped(longest)}`;
      found.push({ kind, id, site, bornOperation, unused, longest, text });
    }
  }
  return found.sort((a, b) => a.id - b.id);
}
