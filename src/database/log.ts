import { DatabaseHold } from '../database-hold.js';
import type { Encoding } from '../encoding.js';
import { SliceLayout } from '../native/exports.gen.js';
import { decodePlain, type Plain } from '../native/plain-data.js';
import {
  checkUpdatesArguments,
  TransactionLogIterator,
  type UpdatesOptions,
} from '../transaction-log.js';
import { invalid } from './core.js';
import { DatabaseFiles } from './files.js';

/** A file of the write-ahead log. */
export interface WalFileInfo {
  /** Below the log's folder: `/000007.log`, `/archive/000003.log`. */
  readonly pathName: string;
  readonly logNumber: number;
  /** `archived`: no longer needed, and kept for `walTtlSeconds` or within `walSizeLimitMb`. */
  readonly type: 'alive' | 'archived';
  /** Of its first batch; 0n when that is not looked up: in the current file. */
  readonly startSequence: bigint;
  readonly sizeFileBytes: number;
}

/** The write-ahead log, and background work. */
export abstract class DatabaseLog<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseFiles<KE, VE> {
  /** The sequence number of the last write; 0n before the first. */
  get latestSequenceNumber(): bigint {
    this.useFamily();
    return BigInt(this.engine.native.calls.rdb_db_latest_sequence_number(this.pointer));
  }

  /**
   * A secondary or a follower: takes up what its primary has written since (a follower: what the leader's
   * MANIFEST says). NotSupportedError for other databases.
   */
  tryCatchUpWithPrimary(): void {
    this.useFamily();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_try_catch_up(this.pointer));
    this.engine.settle();
  }

  /**
   * What was written from a sequence number on, batch by batch, as the log has it; the batch that the number
   * lies in comes whole. Loop over it, or free it. Without `walTtlSeconds` or `walSizeLimitMb` the log
   * is deleted once it is flushed: what it does not have any more is a LogGapError.
   *
   * Throws NotSupportedError, then or on reading, at transactions that were prepared (two-phase commit).
   */
  getUpdatesSince(sequenceNumber: bigint | number, options: UpdatesOptions = {}) {
    this.useFamily();
    const sequence = checkUpdatesArguments(sequenceNumber, options);
    return new TransactionLogIterator(this.engine, this, this.pointer, sequence, options);
  }

  /** The files of the log that there are, archived ones too, the oldest first. Empty ones are left out. */
  getSortedWalFiles(): WalFileInfo[] {
    return (this.#walFiles(0) as Plain[]).map(walFile);
  }

  /** The file that the log is written to at the moment. */
  getCurrentWalFile(): WalFileInfo {
    return walFile(this.#walFiles(1));
  }

  /**
   * Gives the file system what `manualWalFlush` has kept back of the log; with `sync`, fsyncs it, too.
   * Without that option there is nothing kept back.
   */
  flushWAL(sync = false): void {
    this.useFamily();
    this.assertWritable();
    if (typeof sync !== 'boolean') throw invalid('flushWAL: sync: expected true or false');
    const { native } = this.engine;
    native.check(native.calls.rdb_db_flush_wal(this.pointer, sync ? 1 : 0));
    this.engine.settle();
  }

  /** fsync of the log: everything written so far survives a power cut. */
  syncWAL(): void {
    this.flushWAL(true);
  }

  /**
   * Stops writes, and gives the file system all of the log, so that the files can be copied in a known state.
   * Writes, and calls that flush, throw BusyError (ERR_ROCKSDB_WAL_LOCKED) until the hold is freed; reads and
   * compaction in the background go on.
   */
  lockWAL(): DatabaseHold {
    this.useFamily();
    this.assertWritable();
    return new DatabaseHold(this, this.holds, 'walLock');
  }

  /** Frees the newest hold of lockWAL(). */
  unlockWAL(): void {
    this.useFamily();
    if (DatabaseHold.endNewest(this.core, 'walLock')) return;
    throw invalid('unlockWAL: the log is not locked');
  }

  /**
   * Runs what is queued of flushes and compactions, and starts no others until the hold is freed. Writes
   * that RocksDB would stall meanwhile throw BusyError, as do calls that wait for a flush or compaction
   * (ERR_ROCKSDB_BACKGROUND_PAUSED).
   */
  pauseBackgroundWork(): DatabaseHold {
    this.useFamily();
    this.assertWritable();
    const hold = new DatabaseHold(this, this.holds, 'backgroundPause');
    this.engine.settle();
    return hold;
  }

  /** Frees the newest hold of pauseBackgroundWork(). */
  continueBackgroundWork(): void {
    this.useFamily();
    if (DatabaseHold.endNewest(this.core, 'backgroundPause')) return;
    throw invalid('continueBackgroundWork: background work is not paused');
  }

  /**
   * Manual compactions throw BusyError (subcode `manualCompactionPaused`) until enableManualCompaction() was
   * called as often.
   */
  disableManualCompaction(): void {
    this.useFamily();
    this.assertWritable();
    this.engine.native.calls.rdb_db_disable_manual_compaction(this.pointer);
    this.#manualCompactionsDisabled++;
  }

  /** Takes back one `disableManualCompaction()`; manual compactions run again when all are taken back. */
  enableManualCompaction(): void {
    this.useFamily();
    this.assertWritable();
    if (this.#manualCompactionsDisabled === 0) {
      throw invalid('enableManualCompaction: manual compaction is not disabled');
    }
    this.#manualCompactionsDisabled--;
    this.engine.native.calls.rdb_db_enable_manual_compaction(this.pointer);
  }

  #manualCompactionsDisabled = 0;

  /**
   * Ends flushes and compactions for good, before closing: what is not flushed is flushed once more unless
   * `avoidFlushDuringShutdown`. Reads go on; flush and compaction are refused, and writes once they stall.
   */
  cancelAllBackgroundWork(): void {
    this.useFamily();
    this.assertWritable();
    this.assertBackgroundRuns('cancelAllBackgroundWork');
    this.engine.native.calls.rdb_db_cancel_all_background_work(this.pointer);
    this.engine.settle();
  }

  /** Goes on after a background error whose cause was removed (a full disk, say). */
  resume(): void {
    this.useFamily();
    this.assertWritable();
    this.assertBackgroundRuns('resume');
    const { native } = this.engine;
    native.check(native.calls.rdb_db_resume(this.pointer));
    this.engine.settle();
  }

  /**
   * When the oldest SST file was made, in seconds since 1970; 0: one file does not say, or there is none.
   * Throws NotSupportedError unless `maxOpenFiles` is -1, which is the default.
   */
  getCreationTimeOfOldestFile(): number {
    this.useFamily();
    const { native, out } = this.engine;
    native.check(native.calls.rdb_db_creation_time_of_oldest_file(this.pointer, out));
    return native.heap.getDouble(out);
  }

  #walFiles(current: 0 | 1): Plain {
    this.useFamily();
    const { native, out } = this.engine;
    const { heap, calls } = native;
    native.check(calls.rdb_db_get_wal_files(this.pointer, current, out));
    const block = heap.getWord(out + SliceLayout.data);
    try {
      return decodePlain(heap.bytes(block, heap.getWord(out + SliceLayout.length)));
    } finally {
      calls.rdb_memory_free(block);
    }
  }
}

function walFile(plain: Plain): WalFileInfo {
  const { archived, ...rest } = plain as { [name: string]: Plain };
  return { ...rest, type: archived === true ? 'archived' : 'alive' } as unknown as WalFileInfo;
}
