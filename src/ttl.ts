import type { AnyColumnFamily } from './column-family.js';
import { invalid } from './database/core.js';
import { openDatabase, openDatabaseOn } from './database/opening.js';
import type { DatabaseLease } from './database-lease.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { OpenMode } from './native/exports.gen.js';
import { checkOpenOptions, type OpenOptions } from './open.js';
import { type Made, RocksDB } from './rocksdb.js';
import { lendDatabase, type SharedOptions } from './shared-databases.js';
import { shown } from './shown.js';

/**
 * A database whose entries have a time to live (RocksDB's DBWithTTL): each value carries the second of its
 * writing, and compaction drops what is older than the `timeToLive` of its column family. Until then an expired entry
 * can still be read. The time to live may be another at every open.
 *
 * Such a database is opened by this class only, and no other by it: values would be cut, or come with
 * four bytes too many. Wide columns are not supported by RocksDB here, and a `compactionFilter` must be given as
 * a factory.
 */
export class DBWithTTL<KE extends Encoding = 'view', VE extends Encoding = 'view'> extends RocksDB<
  KE,
  VE
> {
  /** Like `RocksDB.open`; `timeToLive` is in seconds, for each column family its own. */
  static override async open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> = {},
  ): Promise<DBWithTTL<KE, VE>> {
    const construct = (...made: Made) => new DBWithTTL<KE, VE>(...made);
    return openDatabase(path, checkOpenOptions(options), howTo(options), construct);
  }

  /** Like `open`, on an engine that exists already. */
  static override openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & { engine: Engine },
  ): DBWithTTL<KE, VE> {
    const construct = (...made: Made) => new DBWithTTL<KE, VE>(...made);
    const checked = checkOpenOptions(options);
    return openDatabaseOn(options.engine, path, checked, howTo(options), construct);
  }

  /** Like `RocksDB.shared`. */
  static override async shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OpenOptions<KE, VE> & SharedOptions = {},
  ): Promise<DatabaseLease<DBWithTTL<KE, VE>>> {
    return lendDatabase(DBWithTTL, path, options, (at, how) => DBWithTTL.open<KE, VE>(at, how));
  }

  /** Another time to live, in seconds, for a column family: the next compactions go by it. */
  setTtl(seconds: number, options: { columnFamily?: AnyColumnFamily } = {}): void {
    const family = this.useFamily(options);
    this.assertWritable();
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 0x7fffffff) {
      throw invalid(`setTtl: expected seconds, 0 (for ever) to 2147483647, got ${shown(seconds)}`);
    }
    const { native } = this.engine;
    native.check(native.calls.rdb_ttl_set(this.pointer, family.pointer, seconds));
  }
}

function howTo({ readOnly }: OpenOptions) {
  return { mode: OpenMode.OpenTtl, readOnly: readOnly === true, expires: true };
}
