import { Cache } from '../cache.js';
import type { AnyColumnFamily } from '../column-family.js';
import {
  type BlockCacheEntryStats,
  type DatabaseStats,
  readBlockCacheEntryStats,
  readColumnFamilyStats,
  readDatabaseStats,
  readStallCounts,
  type WriteStallState,
} from '../database-figures.js';
import type { Encodable, Encoding } from '../encoding.js';
import type { MemoryUsage, StatsRecord } from '../figures.js';
import * as figures from '../figures.js';
import type { KeyRange } from '../key-ranges.js';
import * as maintenance from '../maintenance.js';
import { objectOf } from '../option-errors.js';
import type { Measured, PerfLevel, PerfOptions } from '../perf-context.js';
import type { IntegerProperty, MapProperty, TextProperty } from '../statistics.gen.js';
import type { TableProperties } from '../table-properties.js';
import { invalid } from './core.js';
import { DatabaseLog } from './log.js';

interface OfFamily {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
}

/** A property that RocksDB knows, or one that a later version may. */
export type Known<Name extends string> = Name | (string & {});

/** Figures about a database. docs/statistics.md says what the important ones mean. */
export abstract class DatabaseStatistics<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseLog<KE, VE> {
  /** A property (`rocksdb.stats`, ...), or undefined when RocksDB knows none of that name. */
  getProperty(
    name: Known<TextProperty | IntegerProperty>,
    options: OfFamily = {},
  ): string | undefined {
    const family = this.useFamily(options);
    return maintenance.getProperty(this.engine, this.pointer, family, name);
  }

  /** A property that is a number, or undefined. */
  getIntProperty(name: Known<IntegerProperty>, options: OfFamily = {}): bigint | undefined {
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

  /** The sum of a property over all column families, or undefined when it is no number. */
  getAggregatedIntProperty(name: Known<IntegerProperty>): bigint | undefined {
    this.useFamily();
    return figures.getAggregatedIntProperty(this.engine, this.pointer, name);
  }

  /** A property that is a table of names and values, or undefined. */
  getMapProperty(
    name: Known<MapProperty>,
    options: OfFamily = {},
  ): Record<string, string> | undefined {
    const family = this.useFamily(options);
    return figures.getMapProperty(this.engine, this.pointer, family, name);
  }

  /**
   * What `rocksdb.stats` says, as data, from RocksDB's map properties: to the byte, and without beginning a new
   * interval, as asking for the text does. `parseStats` reads the text.
   */
  stats(): DatabaseStats {
    this.useFamily();
    const ofFamily = (family: AnyColumnFamily) =>
      readColumnFamilyStats(this.#map('rocksdb.cfstats', family));
    return {
      database: readDatabaseStats(this.#map('rocksdb.dbstats', this.useFamily())),
      columnFamilies: Object.fromEntries(
        this.openFamilies().map((family) => [family.name, ofFamily(family)]),
      ),
    };
  }

  /** What is in the block cache of a column family, by kind; undefined when it has none. */
  blockCacheEntryStats(options: OfFamily = {}): BlockCacheEntryStats | undefined {
    const found = this.getMapProperty('rocksdb.block-cache-entry-stats', options);
    return found === undefined || found.id === undefined
      ? undefined
      : readBlockCacheEntryStats(found);
  }

  /** Whether RocksDB slows writes down or stops them, and how often it did. */
  writeStallState(options: OfFamily = {}): WriteStallState {
    const family = this.useFamily(options);
    const number = (name: IntegerProperty) =>
      Number(maintenance.getIntProperty(this.engine, this.pointer, family, name));
    const delayedWriteRate = number('rocksdb.actual-delayed-write-rate');
    const stopped = number('rocksdb.is-write-stopped') === 1;
    return {
      state: stopped ? 'stopped' : delayedWriteRate > 0 ? 'delayed' : 'normal',
      delayedWriteRate,
      counts: readStallCounts(this.#map('rocksdb.cf-write-stall-stats', family)),
    };
  }

  /** Sets what `stats()` and `rocksdb.stats` count to 0, for all column families. */
  resetStats(): void {
    this.useFamily();
    const { native } = this.engine;
    native.check(native.calls.rdb_db_reset_stats(this.pointer));
  }

  /** What each table of a column family says about itself, by its path. Reads those that are not open. */
  getPropertiesOfAllTables(options: OfFamily = {}): Map<string, TableProperties> {
    const family = this.useFamily(options);
    return figures.getTableProperties(this.engine, this.pointer, family, undefined);
  }

  /** Likewise, of the tables that have keys in any of the ranges. */
  getPropertiesOfTablesInRange(
    ranges: readonly KeyRange<Encodable<KE>>[],
    options: OfFamily = {},
  ): Map<string, TableProperties> {
    const family = this.useFamily(options);
    if (!Array.isArray(ranges)) {
      throw invalid('getPropertiesOfTablesInRange: expected an array of { begin, end }');
    }
    return figures.getTableProperties(this.engine, this.pointer, family, ranges);
  }

  /**
   * What the tickers counted in each period of `statsPersistPeriodSec` (default 600 seconds) from `start` to before
   * `end`, oldest first; the database needs `statistics`. The periods end in background work. With `persistStatsToDisk`
   * those of earlier runs, too.
   */
  getStatsHistory(options: { start?: Date; end?: Date } = {}): StatsRecord[] {
    this.useFamily();
    const { start, end } = objectOf(options);
    return figures.getStatsHistory(this.engine, this.pointer, start, end);
  }

  /**
   * Bytes by what takes them, as RocksDB estimates them, of this database and of others of the same engine, with the
   * caches that they use. `engine.heap.owners()` counts to the byte.
   */
  memoryUsageByType(
    options: { databases?: readonly AnyDatabase[]; caches?: readonly Cache[] } = {},
  ): MemoryUsage {
    this.useFamily();
    const { databases = [], caches: given = [] } = objectOf(options);
    if (!Array.isArray(databases)) throw invalid('databases: expected an array');
    if (!Array.isArray(given)) throw invalid('caches: expected an array');
    const all: readonly AnyDatabase[] = [...new Set([this, ...databases])];
    for (const db of all) {
      if (!(db instanceof DatabaseStatistics)) throw invalid('databases: expected open databases');
      db.useFamily();
      if (db.engine !== this.engine) throw invalid('databases: one is of another engine');
    }
    const caches = given.map((cache) => {
      if (!(cache instanceof Cache)) throw invalid('caches: expected caches');
      return cache.pointerFor(this.engine, 'caches');
    });
    const pointers = all.map((db) => db.pointer);
    const families = all.flatMap((db) => db.openFamilies().map(({ pointer }) => pointer));
    return figures.memoryUsage(this.engine, pointers, families, caches);
  }

  /**
   * Runs a function and tells where the time and the bytes of the calls in it went. The counters are the engine's, so
   * that calls on its other databases count, too; background work does not. Costs nothing when it is not used.
   */
  withPerfContext<T>(level: PerfLevel, work: () => T, options: PerfOptions = {}): Measured<T> {
    this.useFamily();
    return this.engine.perfContext.measure(level, work, objectOf(options));
  }

  #map(name: MapProperty, family: AnyColumnFamily): Record<string, string> {
    return figures.getMapProperty(this.engine, this.pointer, family, name) ?? {};
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a database of whatever encodings
type AnyDatabase = DatabaseStatistics<any, any>;
