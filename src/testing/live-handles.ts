import { Engine } from '../engine.js';
import type { HandleRecord } from '../monitor/ledger.js';
import { RocksDB } from '../rocksdb.js';
import { handleLeak, type Leak, LeakError } from './leak-error.js';
import { Places, pointAt } from './places.js';
import { type AnyRocksDB, isUsers, subtree } from './scope.js';

/**
 * Throws LeakError when handles of a database are live, but for itself and the column families that were
 * opened with it; or handles of an engine, but for itself. Places are known for handles made while
 * `tracking` was on.
 */
export function assertNoLiveHandles(target: AnyRocksDB | Engine): void {
  const { stack } = new Error();
  const leak = liveHandles(target);
  if (leak !== undefined) throw pointAt(leak, stack);
}

/** The handles that are live, as an error; undefined when there are none. */
export function liveHandles(target: unknown): LeakError | undefined {
  const records = recordsOf(target);
  if (records.length === 0) return undefined;
  return new LeakError(byKindAndPlace(records), 'not freed');
}

/** Records of the live handles that someone forgot to free, oldest first. */
export function recordsOf(target: unknown): HandleRecord[] {
  if (target instanceof Engine) {
    return target.ledger.live().filter((each) => isForgettable(each) && each.id !== target.id);
  }
  if (target instanceof RocksDB) return recordsBelow(target.engine.ledger.live(), target);
  throw new TypeError('expected a RocksDB or an Engine');
}

function recordsBelow(live: readonly HandleRecord[], db: AnyRocksDB): HandleRecord[] {
  const own = subtree(live, db.id);
  const root = own.find(({ id }) => id === db.id);
  // Opening is one operation; a column family that is created later counts as a later one.
  const openedWithIt = ({ kind, owner, bornOperation }: HandleRecord) =>
    kind === 'columnFamily' && owner === db.id && bornOperation === root?.bornOperation;
  return own.filter((each) => isForgettable(each) && each !== root && !openedWithIt(each));
}

/** A pool stands for as long as its database, if nobody wants it to end before. */
const isForgettable = (record: HandleRecord) => isUsers(record) && record.kind !== 'iteratorPool';

function byKindAndPlace(records: readonly HandleRecord[]): Leak[] {
  const groups = [...new Places().group(records).values()];
  return groups.map((group) => handleLeak(group, group.length, 0));
}
