import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { NotSupportedError } from './errors.js';
import { withFolders } from './folders.js';
import { getIntProperty } from './maintenance.js';
import { type DbPtr, SequenceLayout } from './native/exports.gen.js';
import { bytesCount, fieldsOf } from './option-values.js';
import { parentOf } from './wasi/paths.js';

export interface CheckpointOptions {
  /**
   * Flush first when the write-ahead log has at least so many bytes; less is copied as log. Default: 0, always.
   * With another value, what was written with `disableWAL` may be missing.
   */
  logSizeForFlush?: number;
}

/** Returns a sequence number that the checkpoint surely contains. */
export function checkpoint(
  engine: Engine,
  db: DbPtr,
  folder: string,
  options: CheckpointOptions,
): bigint {
  fieldsOf('checkpoint', options, ['logSizeForFlush']);
  const logSize = bytesCount('logSizeForFlush', options.logSizeForFlush, 0);
  const { native, staging, out } = engine;
  // RocksDB makes it as a sibling of that name with `.tmp`, and renames that.
  return withFolders(engine, [parentOf(folder)], () => {
    staging.begin();
    try {
      staging.push(folder, 'path', 0xffff);
      const { address, length } = staging;
      native.check(native.calls.rdb_db_checkpoint(db, address, length, logSize, out));
    } finally {
      staging.end();
    }
    return BigInt(native.heap.getDouble(out + SequenceLayout.number));
  });
}

/**
 * Throws when a database that is open for reading has something in its log only: RocksDB copies no log then, and
 * says nothing.
 */
export function assertNothingInLog(
  engine: Engine,
  db: DbPtr,
  families: readonly AnyColumnFamily[],
): void {
  const entries = (family: AnyColumnFamily) =>
    getIntProperty(engine, db, family, 'rocksdb.num-entries-active-mem-table') ?? 0n;
  const family = families.find((each) => entries(each) > 0n);
  if (family === undefined) return;
  throw new NotSupportedError(
    'ERR_ROCKSDB_NOT_SUPPORTED',
    `column family '${family.name}' has entries in the log only, which a copy of a database that is open for ` +
      'reading leaves out: copy it from where it is open for writing, or open it for writing here',
  );
}
