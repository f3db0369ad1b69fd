/** RocksDB's map properties as data. */
import type { CacheEntryRole } from './secondary-cache.js';
import { LEVEL_FIGURES } from './statistics.gen.js';

export type LevelFigure = keyof typeof LEVEL_FIGURES;

/**
 * A level of the tree. `numFiles`, `sizeBytes` and `score` are of the present, the rest is of all compactions into the
 * level since the database was opened: GB are 2^30 bytes, MBps 2^20 bytes a second.
 */
export type LevelStats = Readonly<Record<LevelFigure, number>>;

/** Since the database was opened, or `db.resetStats()`. */
export interface WholeDatabaseStats {
  readonly uptimeSeconds: number;
  /** Bytes of keys and values that were written, with what a batch adds. */
  readonly userBytesWritten: number;
  readonly userKeysWritten: number;
  /** Writes that led a group, and those that followed one: in one thread none. */
  readonly userWritesBySelf: number;
  readonly userWritesByOther: number;
  readonly userWritesWithWal: number;
  /** Time in which writes stood still or were slowed down. */
  readonly userWriteStallMicros: number;
  readonly walBytesWritten: number;
  readonly walSyncs: number;
  /** Writes that the write-buffer manager stopped. */
  readonly writeBufferManagerLimitStops: number;
}

export interface ColumnFamilyStats {
  /** Those that have files, or had compactions, by their number. */
  readonly levels: Readonly<Record<number, LevelStats>>;
  /** All levels together. Its `writeAmp` is what a written byte costs in all. */
  readonly sum: LevelStats;
  /** How often writes were delayed and stopped, by cause: `memtableLimitStops`, `totalDelays`, ... */
  readonly writeStalls: Readonly<Record<string, number>>;
}

export interface DatabaseStats {
  readonly database: WholeDatabaseStats;
  /** The open ones, by name. */
  readonly columnFamilies: Readonly<Record<string, ColumnFamilyStats>>;
}

export interface BlockCacheEntryStats {
  /** Which cache: its kind, address and process. */
  readonly id: string;
  readonly capacity: number;
  /** When it was looked through: RocksDB does so every 10 seconds at most. */
  readonly secondsSinceCollection: number;
  readonly entries: Readonly<
    Partial<Record<CacheEntryRole, { count: number; bytes: number; percent: number }>>
  >;
}

/** What RocksDB makes of writes at the moment. */
export interface WriteStallState {
  /** `delayed`: at `delayedWriteRate`; `stopped`: until a flush or compaction has run. */
  readonly state: 'normal' | 'delayed' | 'stopped';
  /** Bytes a second; 0 when they are not delayed. */
  readonly delayedWriteRate: number;
  /** How often each cause has delayed and stopped writes of the column family. */
  readonly counts: Readonly<Record<string, number>>;
}

type Figures = Readonly<Record<string, string>>;

const camel = (name: string) => name.replace(/[-_](\w)/g, (_, letter) => letter.toUpperCase());

const numberOf = (figures: Figures, name: string) => Number(figures[name] ?? Number.NaN);

/** Of `rocksdb.dbstats`. */
export function readDatabaseStats(figures: Figures): WholeDatabaseStats {
  return {
    uptimeSeconds: numberOf(figures, 'db.uptime'),
    userBytesWritten: numberOf(figures, 'db.user_bytes_written'),
    userKeysWritten: numberOf(figures, 'db.user_keys_written'),
    userWritesBySelf: numberOf(figures, 'db.user_writes_by_self'),
    userWritesByOther: numberOf(figures, 'db.user_writes_by_other'),
    userWritesWithWal: numberOf(figures, 'db.user_writes_with_wal'),
    userWriteStallMicros: numberOf(figures, 'db.user_write_stall_micros'),
    walBytesWritten: numberOf(figures, 'db.wal_bytes_written'),
    walSyncs: numberOf(figures, 'db.wal_syncs'),
    writeBufferManagerLimitStops: numberOf(figures, 'write-buffer-manager-limit-stops'),
  };
}

/** Of `rocksdb.cfstats`. */
export function readColumnFamilyStats(figures: Figures): ColumnFamilyStats {
  const names = Object.keys(figures).map((name) => /^compaction\.L(\d+)\./.exec(name)?.[1]);
  const levels = [...new Set(names.filter((level) => level !== undefined))];
  return {
    levels: Object.fromEntries(levels.map((level) => [level, levelStats(figures, `L${level}`)])),
    sum: levelStats(figures, 'Sum'),
    writeStalls: readStallCounts(figures),
  };
}

function levelStats(figures: Figures, level: string): LevelStats {
  const entries = Object.entries(LEVEL_FIGURES).map(([name, [property]]) => [
    name,
    numberOf(figures, `compaction.${level}.${property}`),
  ]);
  return Object.fromEntries(entries) as LevelStats;
}

/** Those of causes, `total-delays` and the like: what has no dot in its name. */
export function readStallCounts(figures: Figures): Record<string, number> {
  const counts = Object.entries(figures).filter(([name]) => !name.includes('.'));
  return Object.fromEntries(counts.map(([name, count]) => [camel(name), Number(count)]));
}

/** Of `rocksdb.block-cache-entry-stats`. */
export function readBlockCacheEntryStats(figures: Figures): BlockCacheEntryStats {
  const roles = Object.keys(figures)
    .map((name) => /^count\.(.+)$/.exec(name)?.[1])
    .filter((role) => role !== undefined);
  const entries = roles.map((role) => [
    camel(role),
    {
      count: numberOf(figures, `count.${role}`),
      bytes: numberOf(figures, `bytes.${role}`),
      percent: numberOf(figures, `percent.${role}`),
    },
  ]);
  return {
    id: figures.id ?? '',
    capacity: numberOf(figures, 'capacity'),
    secondsSinceCollection: numberOf(figures, 'secs_since_last_collection'),
    entries: Object.fromEntries(entries),
  };
}
