import type { AnyColumnFamily } from '../column-family.js';
import type { Encoding } from '../encoding.js';
import * as maintenance from '../maintenance.js';
import { DatabaseLog } from './log.js';

/** Figures about a database. */
export abstract class DatabaseStatistics<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseLog<KE, VE> {
  /** A property (`rocksdb.stats`, ...), or undefined when RocksDB knows none of that name. */
  getProperty(name: string, options: { columnFamily?: AnyColumnFamily } = {}): string | undefined {
    const family = this.useFamily(options);
    return maintenance.getProperty(this.engine, this.pointer, family, name);
  }

  /** A property that is a number, or undefined. */
  getIntProperty(
    name: string,
    options: { columnFamily?: AnyColumnFamily } = {},
  ): bigint | undefined {
    const family = this.useFamily(options);
    return maintenance.getIntProperty(this.engine, this.pointer, family, name);
  }

  /** The id that the database got when it was made; a copy of its files has the same. */
  getDbIdentity(): string {
    this.useFamily();
    return maintenance.getIdentity(this.engine, this.pointer, false);
  }

  /** The id of this opening; every open has another. */
  getDbSessionId(): string {
    this.useFamily();
    return maintenance.getIdentity(this.engine, this.pointer, true);
  }
}
