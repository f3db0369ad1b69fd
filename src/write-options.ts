/** What callers may say of a write. All but the timestamp crosses as flags. */

import type { AnyColumnFamily } from './column-family.js';
import { InvalidOptionError } from './errors.js';
import { WriteFlags } from './native/exports.gen.js';
import { objectOf } from './option-errors.js';
import type { ViewFlags } from './read-options.js';
import { shown } from './shown.js';
import type { Timestamp } from './timestamps.js';

export interface WriteOptions {
  /** Return only when the write is on disk (fsync of the log). Default: false. */
  sync?: boolean | undefined;
  /** Do not write the log: the write is lost by a crash before the next flush. Default: false. */
  disableWAL?: boolean | undefined;
  /** Fail with BusyError instead of waiting when RocksDB stalls writes. Default: false. */
  noSlowdown?: boolean | undefined;
  /** Let compaction go first when it is behind. Default: false. */
  lowPri?: boolean | undefined;
  /** Pass over writes to column families that were dropped, instead of refusing them. Default: false. */
  ignoreMissingColumnFamilies?: boolean | undefined;
  /** Keep a hint per batch of where its keys go. Of use only to concurrent writers. Default: false. */
  memtableInsertHintPerBatch?: boolean | undefined;
  /** `user`: charge the database's `rateLimiter` for the log. Default: not charged. */
  rateLimiterPriority?: 'user' | undefined;
  /** Bytes of checksum that guard each key on its way to the memtable: 0 (default) or 8. */
  protectionBytesPerKey?: 0 | 8 | undefined;
  /** Of the versions that are written, where the column family has user-defined timestamps: needed there. */
  timestamp?: Timestamp | undefined;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily | undefined;
}

/** @internal */
export function writeFlags(options: WriteOptions | undefined): number {
  if (options === undefined) return 0;
  objectOf(options);
  let flags = 0;
  if (options.sync === true) flags |= WriteFlags.WriteSync;
  if (options.disableWAL === true) flags |= WriteFlags.WriteDisableWal;
  if (options.noSlowdown === true) flags |= WriteFlags.WriteNoSlowdown;
  if (options.lowPri === true) flags |= WriteFlags.WriteLowPriority;
  if (options.ignoreMissingColumnFamilies === true) {
    flags |= WriteFlags.WriteIgnoreMissingColumnFamilies;
  }
  if (options.memtableInsertHintPerBatch === true) flags |= WriteFlags.WriteMemtableInsertHint;
  const { rateLimiterPriority, protectionBytesPerKey } = options;
  if (rateLimiterPriority === 'user') flags |= WriteFlags.WriteRateLimited;
  else if (rateLimiterPriority !== undefined) {
    throw wrong('rateLimiterPriority', rateLimiterPriority, "'user'");
  }
  if (protectionBytesPerKey === 8) flags |= WriteFlags.WriteProtected;
  else if (protectionBytesPerKey !== undefined && protectionBytesPerKey !== 0) {
    throw wrong('protectionBytesPerKey', protectionBytesPerKey, '0 or 8');
  }
  return flags | ((options as ViewFlags).viewFlags ?? 0);
}

function wrong(option: string, value: unknown, expected: string): InvalidOptionError {
  const got = typeof value === 'string' ? `'${shown(value)}'` : shown(value);
  return new InvalidOptionError(`${option}: expected ${expected}, got ${got}`, option, value);
}
