import type { Encoding } from '../encoding.js';
import { WaitOptionsLayout } from '../native/exports.gen.js';
import { invalid } from './core.js';
import { DatabaseFiles } from './files.js';

export interface WaitForCompactOptions {
  /** Flush all column families first. Default: false. */
  flush?: boolean;
  /** Wait for obsolete files to be deleted, too. Default: false. */
  waitForPurge?: boolean;
  /** Milliseconds by the engine's clock. Default: 0, as long as there is work. */
  timeout?: number;
}

/** The write-ahead log, and background work. */
export abstract class DatabaseLog<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseFiles<KE, VE> {
  /** fsync of the log: everything written so far survives a power cut. */
  syncWAL(): void {
    this.useFamily();
    this.assertWritable();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_sync_wal(this.pointer));
  }

  /** The sequence number of the last write. */
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
   * Runs the background work that there is, in every mode of `background`, until flushes and compactions have nothing
   * more to do. BusyError when it is paused, and when the time is up.
   */
  waitForCompact(options: WaitForCompactOptions = {}): void {
    this.useFamily();
    this.assertWritable();
    const { timeout = 0 } = options;
    if (typeof timeout !== 'number' || !(timeout >= 0)) {
      throw invalid(`timeout: expected milliseconds, 0 (for none) or more, got ${timeout}`);
    }
    const { native, staging } = this.engine;
    const layout = WaitOptionsLayout;
    staging.begin();
    try {
      const at = staging.reserve(layout.byteLength);
      native.heap.setDouble(at + layout.timeoutMicros, Math.ceil(timeout * 1000));
      native.heap.setWord(at + layout.flush, options.flush === true ? 1 : 0);
      native.heap.setWord(at + layout.waitForPurge, options.waitForPurge === true ? 1 : 0);
      native.check(native.calls.rdb_db_wait_for_compact(this.pointer, at));
    } finally {
      staging.end();
    }
    this.engine.settle();
  }

  /** Goes on after a background error whose cause was removed (a full disk, say). */
  resume(): void {
    this.useFamily();
    this.assertWritable();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_resume(this.pointer));
    this.engine.settle();
  }
}
