/** Deleting ranges. */
import type { RocksDB } from '../rocksdb.js';
import type { CursorOptions } from './cursor.js';
import { boundsOf, type RangeOptions, successor } from './range.js';
import { RocksSnapshot } from './snapshot.js';
import { pause } from './turns.js';

/** Keys that are deleted one by one in a write; a larger range is deleted as a range. */
const KEYS_AT_ONCE = 1000;

export type ClearOptions = Pick<CursorOptions, 'reverse' | 'limit' | 'snapshot'> & RangeOptions;
type DeleteKeys = (keys: readonly Uint8Array[]) => void;

/**
 * Deletes a range. All of it: in one write, key by key while they are few, else as RocksDB's range, so that neither
 * the work nor what later reads pass over grows with it. With a limit, at a snapshot, or without `ranges`
 * (RocksDB has none beside a row cache): key by key, and other work goes on between the writes.
 */
export async function clearRange(
  db: RocksDB,
  options: ClearOptions,
  ranges: boolean,
  deleteKeys: DeleteKeys,
): Promise<void> {
  const { reverse, limit } = options;
  const snapshot = RocksSnapshot.nativeOf(options.snapshot);
  const bounds = boundsOf(options);
  const whole = ranges && snapshot === undefined && limit < 0;
  const iterator = db.iterator({
    ...bounds,
    reverse: reverse && !whole,
    limit,
    values: false,
    snapshot,
  });
  try {
    for (;;) {
      const keys = iterator.nextMany(KEYS_AT_ONCE).map(([key]) => key);
      const more = keys.length === KEYS_AT_ONCE;
      if (whole && more) {
        db.deleteRange(keys[0] as Uint8Array, successor(lastKey(db, bounds)));
        return;
      }
      if (keys.length > 0) deleteKeys(keys);
      if (!more) return;
      await pause();
    }
  } finally {
    iterator.free();
  }
}

/** Of a range that is not empty. */
function lastKey(db: RocksDB, bounds: RangeOptions): Uint8Array {
  const iterator = db.iterator({ ...bounds, reverse: true, limit: 1, values: false });
  try {
    return (iterator.next() as [Uint8Array, unknown])[0];
  } finally {
    iterator.free();
  }
}
