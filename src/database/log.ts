import type { Encoding } from '../encoding.js';
import { DatabaseFiles } from './files.js';

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

  /** Goes on after a background error whose cause was removed (a full disk, say). */
  resume(): void {
    this.useFamily();
    this.assertWritable();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_resume(this.pointer));
    this.engine.settle();
  }
}
