import type { AnyColumnFamily } from '../column-family.js';
import type { Encoding } from '../encoding.js';
import * as maintenance from '../maintenance.js';
import { DatabaseWrites } from './writes.js';

/** Flush, compaction, and the files they make. */
export abstract class DatabaseFiles<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseWrites<KE, VE> {
  /** Writes the memtables of a column family (all of them by default) to files. */
  flush(options: { columnFamily?: AnyColumnFamily; wait?: boolean } = {}): void {
    this.useFamily(options);
    this.assertWritable();
    const families =
      options.columnFamily === undefined ? this.openFamilies() : [options.columnFamily];
    maintenance.flush(this.engine, this.pointer, families, options.wait !== false);
    this.engine.settle();
  }

  /** Compacts the keys from `begin` to `end`, both included; all by default. */
  compactRange(options: maintenance.CompactRangeOptions = {}): void {
    const family = this.useFamily(options);
    this.assertWritable();
    maintenance.compactRange(this.engine, this.pointer, family, options);
    this.engine.settle();
  }
}
