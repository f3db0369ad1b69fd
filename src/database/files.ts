import type { AnyColumnFamily } from '../column-family.js';
import { assertLogUnlocked } from '../database-hold.js';
import type { Encoding } from '../encoding.js';
import * as maintenance from '../maintenance.js';
import { DatabaseWideColumns } from './wide-columns.js';

/** Flush, compaction, and the files they make. */
export abstract class DatabaseFiles<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseWideColumns<KE, VE> {
  /** Writes the memtables of a column family (all of them by default) to files. */
  flush(options: { columnFamily?: AnyColumnFamily; wait?: boolean } = {}): void {
    this.useFamily(options);
    this.assertWritable();
    const wait = options.wait !== false;
    if (wait) this.assertBackgroundRuns('flush');
    else assertLogUnlocked(this.holds, 'flush');
    // RocksDB would first wait until it stalls no writes, which nothing ends while work is paused.
    const mayStall = this.holds.backgroundPause > 0;
    const families =
      options.columnFamily === undefined ? this.openFamilies() : [options.columnFamily];
    maintenance.flush(this.engine, this.pointer, families, wait, mayStall);
    this.engine.settle();
  }

  /** Compacts the keys from `begin` to `end`, both included; all by default. */
  compactRange(options: maintenance.CompactRangeOptions = {}): void {
    const family = this.useFamily(options);
    this.assertWritable();
    this.assertBackgroundRuns('compactRange');
    maintenance.compactRange(this.engine, this.pointer, family, options);
    this.engine.settle();
  }
}
