/** What a database tells about itself, as functions on its pointer. */

import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import type { KeyRange } from './key-ranges.js';
import { type DbPtr, MemoryUsageLayout, SliceLayout, ValueLayout } from './native/exports.gen.js';
import { decodePlain } from './native/plain-data.js';
import { takeRecord } from './native/records.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import { objectOf } from './option-errors.js';
import { shown } from './shown.js';
import { TICKERS } from './statistics.gen.js';
import type { TickerName } from './statistics.js';
import { type TableProperties, tablesByPath } from './table-properties.js';

/** Bytes by what takes them, as RocksDB estimates them (MemoryUtil). */
export interface MemoryUsage {
  /** All memtables, those included that iterators keep alive. */
  readonly memTableTotal: number;
  /** Memtables that are not flushed yet. */
  readonly memTableUnFlushed: number;
  /** Index and filter blocks outside of the block cache, and what else open tables take. */
  readonly tableReadersTotal: number;
  /** What the caches hold, by their own count. */
  readonly cacheTotal: number;
}

/** What the tickers counted in the time up to `time`. */
export interface StatsRecord {
  readonly time: Date;
  readonly tickers: Readonly<Partial<Record<TickerName, number>>>;
}

export function getMapProperty(
  engine: Engine,
  db: DbPtr,
  family: AnyColumnFamily,
  name: string,
): Record<string, string> | undefined {
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(name, 'property', 0xffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_db_get_map_property(db, family.pointer, address, length, out));
  } finally {
    staging.end();
  }
  if (native.heap.getWord(out + SliceLayout.data) === 0) return undefined;
  return takeRecord(native, out, (reader) => reader.map(() => reader.text()));
}

export function getAggregatedIntProperty(
  engine: Engine,
  db: DbPtr,
  name: string,
): bigint | undefined {
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  staging.begin();
  try {
    staging.push(name, 'property', 0xffff);
    native.check(
      calls.rdb_db_get_aggregated_int_property(db, staging.address, staging.length, out),
    );
  } finally {
    staging.end();
  }
  if (heap.getWord(out + ValueLayout.found) === 0) return undefined;
  const low = heap.getWord(out + ValueLayout.data);
  return (BigInt(heap.getWord(out + ValueLayout.length)) << 32n) | BigInt(low);
}

/** Of all tables of a column family, or of those that have keys in the ranges. */
export function getTableProperties(
  engine: Engine,
  db: DbPtr,
  family: AnyColumnFamily,
  ranges: readonly KeyRange<unknown>[] | undefined,
): Map<string, TableProperties> {
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const keys = ranges?.flatMap((range) => {
    const { begin, end } = objectOf(range, 'ranges');
    return [encode(family, begin), encode(family, end)];
  });
  staging.begin();
  try {
    const at = keys === undefined ? 0 : staging.reserve(SliceLayout.byteLength * keys.length);
    keys?.forEach((key, index) => {
      staging.push(key, 'key', MAX_KEY_BYTES);
      const slice = at + SliceLayout.byteLength * index;
      heap.setWord(slice + SliceLayout.data, staging.address);
      heap.setWord(slice + SliceLayout.length, staging.length);
    });
    const count = ranges?.length ?? 0;
    native.check(calls.rdb_db_get_table_properties(db, family.pointer, at, count, out));
  } finally {
    staging.end();
  }
  const block = heap.getWord(out + SliceLayout.data);
  try {
    const length = heap.getWord(out + SliceLayout.length);
    return tablesByPath(decodePlain(heap.bytes(block, length)));
  } finally {
    calls.rdb_memory_free(block);
  }
}

function encode(family: AnyColumnFamily, key: unknown): Bytes {
  return family.keys.encode(key);
}

const NAME_OF_TICKER = new Map(
  Object.entries(TICKERS).map(([name, rocksdbName]) => [rocksdbName as string, name as TickerName]),
);

export function getStatsHistory(
  engine: Engine,
  db: DbPtr,
  start: Date | undefined,
  end: Date | undefined,
): StatsRecord[] {
  const seconds = (date: Date | undefined, otherwise: number) => {
    if (date === undefined) return otherwise;
    if (date instanceof Date && !Number.isNaN(date.getTime())) return Math.max(0, +date / 1000);
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `getStatsHistory: expected a Date, got ${shown(date)}`,
    );
  };
  const from = Math.floor(seconds(start, 0));
  const to = Math.ceil(seconds(end, Number.MAX_SAFE_INTEGER));
  const { native, out } = engine;
  native.check(native.calls.rdb_db_get_stats_history(db, from, to, out));
  return takeRecord(native, out, (records) =>
    records.list((reader) => ({
      time: new Date(reader.word() * 1000),
      tickers: namedTickers(reader.map(() => Number(reader.text()))),
    })),
  );
}

function namedTickers(figures: Readonly<Record<string, number>>) {
  const entries = Object.entries(figures).flatMap(([rocksdbName, count]) => {
    const name = NAME_OF_TICKER.get(rocksdbName);
    return name === undefined ? [] : [[name, count] as const];
  });
  return Object.fromEntries(entries) as Partial<Record<TickerName, number>>;
}

export function memoryUsage(
  engine: Engine,
  databases: readonly number[],
  families: readonly number[],
  caches: readonly number[],
): MemoryUsage {
  const { native, staging } = engine;
  const { heap, calls } = native;
  const layout = MemoryUsageLayout;
  staging.begin();
  try {
    const lists = [databases, families, caches].map((pointers) => {
      const at = staging.reserve(4 * pointers.length);
      pointers.forEach((pointer, index) => {
        heap.setWord(at + 4 * index, pointer);
      });
      return [at, pointers.length] as const;
    }) as [readonly [number, number], readonly [number, number], readonly [number, number]];
    const at = staging.reserve(layout.byteLength);
    native.check(calls.rdb_memory_usage_read(...lists[0], ...lists[1], ...lists[2], at));
    const bytes = (field: number) => heap.getDouble(at + field);
    return {
      memTableTotal: bytes(layout.memTableTotal),
      memTableUnFlushed: bytes(layout.memTableUnflushed),
      tableReadersTotal: bytes(layout.tableReadersTotal),
      cacheTotal: bytes(layout.cacheTotal),
    };
  } finally {
    staging.end();
  }
}
