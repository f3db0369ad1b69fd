/**
 * RocksDB's `rocksdb.stats` as data: for the text of a property, and for what RocksDB writes into its LOG, which may be
 * another process's or another version's. `db.stats()` gives the same without text.
 */
import type { LevelFigure } from './database-figures.js';
import { LEVEL_FIGURES } from './statistics.gen.js';

/** A row of a table of compactions. `sizeBytes` is of the precision that the text has. */
export type LevelRow = Readonly<Partial<Record<LevelFigure, number>>> & {
  readonly filesBeingCompacted: number;
};

/** Since the database was opened; since the text was asked for the last time. */
export interface Interval {
  readonly cumulative: number;
  readonly interval: number;
}

export interface CompactionTotals {
  readonly writeGB: number;
  readonly writeMBps: number;
  readonly readGB: number;
  readonly readMBps: number;
  readonly seconds: number;
}

export interface TextHistogram {
  readonly count: number;
  readonly average: number;
  readonly stdDev: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** `p50` ... `p99.99`. */
  readonly percentiles: Readonly<Record<string, number>>;
}

/** Figures that the text did not have are not there. */
export interface ColumnFamilyText {
  /** By name: `L0` ..., `Sum`, `Int`. */
  levels: Record<string, LevelRow>;
  /** By the queue that ran them: `High` (flushes), `Low`, `Bottom`, `User`. */
  priorities: Record<string, LevelRow>;
  uptimeSeconds?: { readonly total: number; readonly interval: number };
  blobFiles?: {
    readonly count: number;
    readonly totalGB: number;
    readonly garbageGB: number;
    readonly spaceAmp: number;
  };
  flushGB?: Interval;
  addFileGB?: Interval;
  addFileTotalFiles?: Interval;
  addFileL0Files?: Interval;
  addFileKeys?: Interval;
  cumulativeCompaction?: CompactionTotals;
  intervalCompaction?: CompactionTotals;
  estimatedPendingCompactionBytes?: number;
  writeStalls: Record<string, number>;
  blockCache?: {
    readonly id: string;
    readonly capacityBytes: number;
    readonly usageBytes: number;
    readonly entries: Record<
      string,
      { readonly count: number; readonly bytes: number; readonly percent: number }
    >;
  };
  /** Microseconds of reads from tables, by level. */
  fileReadLatency: Record<number, TextHistogram>;
}

export interface WritesText {
  readonly writes: number;
  readonly keys: number;
  readonly commitGroups: number;
  /** Of the text's own unit: 2^30 bytes of all writes, 2^20 bytes of an interval's. */
  readonly ingest: number;
  readonly ingestMBps: number;
}

export interface WalText {
  readonly writes: number;
  readonly syncs: number;
  readonly writtenGB: number;
  readonly writtenMBps: number;
}

export interface DatabaseText {
  uptimeSeconds?: { readonly total: number; readonly interval: number };
  cumulativeWrites?: WritesText;
  intervalWrites?: WritesText;
  cumulativeWal?: WalText;
  intervalWal?: WalText;
  cumulativeStallSeconds?: number;
  cumulativeStallPercent?: number;
  intervalStallSeconds?: number;
  intervalStallPercent?: number;
  writeStalls: Record<string, number>;
}

export interface StatsText {
  /** By name, in the order of the text; of several dumps the last one counts. */
  readonly columnFamilies: Record<string, ColumnFamilyText>;
  readonly database: DatabaseText | undefined;
}

/**
 * Reads `rocksdb.stats`, `rocksdb.cfstats` or `rocksdb.dbstats`, or a LOG with dumps of them. Lines that are none of
 * these are passed over.
 */
export function parseStats(text: string): StatsText {
  const result = { columnFamilies: {} as Record<string, ColumnFamilyText> };
  let database: DatabaseText | undefined;
  let section: Section | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const [, title, name] = /^\*\* (.+?)(?: \[(.*)\])? \*\*$/.exec(line) ?? [];
    if (title === 'DB Stats') {
      database = { writeStalls: {} };
      section = databaseSection(database);
    } else if (name !== undefined && title === 'Compaction Stats') {
      // Tables by level begin a dump; one by priority goes on with it.
      section = compactionSection(result.columnFamilies, name);
    } else if (name !== undefined && title === 'File Read Latency Histogram By Level') {
      const family = result.columnFamilies[name] ?? emptyFamily();
      result.columnFamilies[name] = family;
      section = latencySection(family);
    } else if (section !== undefined) {
      section(line);
    }
  }
  return { ...result, database };
}

/** Takes the lines below a title. */
type Section = (line: string) => void;

const emptyFamily = (): ColumnFamilyText => ({
  levels: {},
  priorities: {},
  writeStalls: {},
  fileReadLatency: {},
});

function compactionSection(families: Record<string, ColumnFamilyText>, name: string): Section {
  let columns: string[] = [];
  let family = families[name] ?? emptyFamily();
  let rows: Record<string, LevelRow> | undefined;
  return (line) => {
    const [first, ...rest] = line.split(/\s+/);
    if (first === 'Level') {
      family = emptyFamily();
      families[name] = family;
    }
    if (first === 'Level' || first === 'Priority') {
      rows = first === 'Level' ? family.levels : family.priorities;
      columns = rest;
    } else if (rows !== undefined && columns.length > 0 && /^\d+\/\d+$/.test(rest[0] ?? '')) {
      rows[first as string] = readRow(rest, columns);
    } else {
      readFamilyLine(line, family);
    }
  };
}

const FIGURE_OF_COLUMN = new Map(
  Object.entries(LEVEL_FIGURES).map(([name, [, column]]) => [
    column as string,
    name as LevelFigure,
  ]),
);

/** `0/0    0.00 KB   0.0 ...` below `Files   Size   Score ...`. */
function readRow(cells: readonly string[], columns: readonly string[]): LevelRow {
  const [files = '', size, unit, ...rest] = cells;
  const [numFiles, filesBeingCompacted] = files.split('/').map(Number) as [number, number];
  const row: Record<string, number> = { numFiles, filesBeingCompacted };
  row.sizeBytes = bytesOf(`${size} ${unit}`);
  columns.slice(2).forEach((column, index) => {
    const figure = FIGURE_OF_COLUMN.get(column);
    if (figure !== undefined) row[figure] = humanNumber(rest[index] ?? '');
  });
  return row as LevelRow;
}

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 2 ** 10,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
};

/** `40.48 KB` */
function bytesOf(text: string): number {
  const [, amount, unit] = /^([\d.]+) ?([KMGT]?B)$/.exec(text) ?? [];
  return Number(amount) * (BYTES[unit ?? ''] ?? Number.NaN);
}

/** `14K`: RocksDB counts keys in powers of ten. */
function humanNumber(text: string): number {
  const [, amount, unit] = /^(-?[\d.]+)([KMGT]?)$/.exec(text) ?? [];
  const power = unit === undefined ? Number.NaN : ['', 'K', 'M', 'G', 'T'].indexOf(unit);
  return Number(amount) * 1000 ** power;
}

const NUMBER = '([\\d.]+)';
const pattern = (text: string) => new RegExp(`^${text.replaceAll('#', NUMBER)}$`);

const UPTIME = pattern('Uptime\\(secs\\): # total, # interval');
const STALLS = /^Write Stall \(count\): (.*)$/;
const INTERVAL = pattern('(.+): cumulative #, interval #');
const COMPACTION = pattern(
  '(Cumulative|Interval) compaction: # GB write, # MB/s write, # GB read, # MB/s read, # seconds',
);
const BLOBS = pattern('Blob file count: #, total size: # GB, garbage size: # GB, space amp: #');
const PENDING = pattern('Estimated pending compaction bytes: #');
const CACHE = /^Block cache (\S+) capacity: ([\d.]+ \w+) .*?usage: ([\d.]+ \w+) /;
const CACHE_ENTRIES = /^Block cache entry stats\(count,size,portion\): (.*)$/;

const INTERVALS = {
  'Flush(GB)': 'flushGB',
  'AddFile(GB)': 'addFileGB',
  'AddFile(Total Files)': 'addFileTotalFiles',
  'AddFile(L0 Files)': 'addFileL0Files',
  'AddFile(Keys)': 'addFileKeys',
} as const;

function numbers(found: RegExpExecArray | null, from = 1): number[] | undefined {
  return found?.slice(from).map(Number);
}

function readFamilyLine(line: string, family: ColumnFamilyText): void {
  const uptime = numbers(UPTIME.exec(line));
  if (uptime !== undefined) family.uptimeSeconds = uptimeOf(uptime);
  const interval = INTERVAL.exec(line);
  if (interval?.[1] !== undefined && Object.hasOwn(INTERVALS, interval[1])) {
    const field = INTERVALS[interval[1] as keyof typeof INTERVALS];
    family[field] = { cumulative: Number(interval[2]), interval: Number(interval[3]) };
  }
  const compaction = COMPACTION.exec(line);
  if (compaction !== null) {
    const [writeGB, writeMBps, readGB, readMBps, seconds] = numbers(compaction, 2) as Five;
    const totals = { writeGB, writeMBps, readGB, readMBps, seconds };
    if (compaction[1] === 'Interval') family.intervalCompaction = totals;
    else family.cumulativeCompaction = totals;
  }
  const blobs = numbers(BLOBS.exec(line)) as Five | undefined;
  if (blobs !== undefined) {
    const [count, totalGB, garbageGB, spaceAmp] = blobs;
    family.blobFiles = { count, totalGB, garbageGB, spaceAmp };
  }
  const pending = numbers(PENDING.exec(line));
  if (pending?.[0] !== undefined) family.estimatedPendingCompactionBytes = pending[0];
  readStalls(line, family.writeStalls);
  readCache(line, family);
}

type Five = [number, number, number, number, number];

const uptimeOf = ([total = 0, interval = 0]: number[]) => ({ total, interval });

function readStalls(line: string, into: Record<string, number>): void {
  for (const part of STALLS.exec(line)?.[1]?.split(', ') ?? []) {
    const [, name, count] = /^([a-z0-9-]+): (\d+)$/.exec(part) ?? [];
    if (name === undefined) continue;
    into[name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = Number(count);
  }
}

function readCache(line: string, family: ColumnFamilyText): void {
  const [, id, capacity, usage] = CACHE.exec(line) ?? [];
  if (id !== undefined) {
    const sizes = { capacityBytes: bytesOf(capacity ?? ''), usageBytes: bytesOf(usage ?? '') };
    family.blockCache = { id, ...sizes, entries: {} };
  }
  const list = CACHE_ENTRIES.exec(line)?.[1] ?? '';
  for (const [, role, count, size, percent] of list.matchAll(ENTRY)) {
    if (family.blockCache === undefined || role === undefined) continue;
    family.blockCache.entries[(role[0] as string).toLowerCase() + role.slice(1)] = {
      count: Number(count),
      bytes: bytesOf(size ?? ''),
      percent: Number(percent),
    };
  }
}

/** `DataBlock(12,34.00 KB,0.1%)` */
const ENTRY = /(\w+)\((\d+),([\d.]+ \w+),([\d.e+-]+)%\)/g;

const WRITES = pattern(
  '(Cumulative|Interval) writes: (\\S+) writes, (\\S+) keys, (\\S+) commit groups, ' +
    '# writes per commit group, ingest: # \\w+, # MB/s',
);
const WAL = pattern(
  '(Cumulative|Interval) WAL: (\\S+) writes, (\\S+) syncs, # writes per sync, ' +
    'written: # GB, # MB/s',
);
const STALL_TIME = pattern('(Cumulative|Interval) stall: (\\d+):(\\d+):# H:M:S, # percent');

function databaseSection(into: DatabaseText): Section {
  return (line) => {
    const uptime = numbers(UPTIME.exec(line));
    if (uptime !== undefined) into.uptimeSeconds = uptimeOf(uptime);
    readStalls(line, into.writeStalls);
    const writes = WRITES.exec(line);
    if (writes !== null) into[key(writes, 'Writes')] = writesOf(writes);
    const wal = WAL.exec(line);
    if (wal !== null) into[key(wal, 'Wal')] = walOf(wal);
    const stall = STALL_TIME.exec(line);
    if (stall !== null) {
      const [hours, minutes, seconds, percent] = numbers(stall, 2) as Five;
      into[key(stall, 'StallSeconds')] = hours * 3600 + minutes * 60 + seconds;
      into[key(stall, 'StallPercent')] = percent;
    }
  };
}

/** `cumulativeWal` of a line that begins with `Cumulative`. */
function key<Rest extends string>(found: RegExpExecArray, rest: Rest) {
  return `${found[1] === 'Interval' ? 'interval' : 'cumulative'}${rest}` as const;
}

const writesOf = ([, , writes, keys, groups, , ingest, rate]: string[]): WritesText => ({
  writes: humanNumber(writes ?? ''),
  keys: humanNumber(keys ?? ''),
  commitGroups: humanNumber(groups ?? ''),
  ingest: Number(ingest),
  ingestMBps: Number(rate),
});

const walOf = ([, , writes, syncs, , written, rate]: string[]): WalText => ({
  writes: humanNumber(writes ?? ''),
  syncs: humanNumber(syncs ?? ''),
  writtenGB: Number(written),
  writtenMBps: Number(rate),
});

function latencySection(family: ColumnFamilyText): Section {
  let level: number | undefined;
  let parts: Omit<TextHistogram, 'percentiles'> | undefined;
  let [count, average, stdDev] = [0, 0, 0];
  return (line) => {
    const [, number] = /^\*\* Level (\d+) read latency histogram \(micros\):$/.exec(line) ?? [];
    if (number !== undefined) level = Number(number);
    const first = /^Count: (\d+) +Average: ([\d.]+) +StdDev: ([\d.]+)$/.exec(line);
    if (first !== null) [count, average, stdDev] = numbers(first) as Five;
    const second = /^Min: (\d+) +Median: ([\d.]+) +Max: (\d+)$/.exec(line);
    if (second !== null) {
      const [min, median, max] = numbers(second) as Five;
      parts = { count, average, stdDev, min, median, max };
    }
    const [, list] = /^Percentiles: (.*)$/.exec(line) ?? [];
    if (list === undefined || parts === undefined || level === undefined) return;
    const found = [...list.matchAll(/P([\d.]+): ([\d.]+)/g)];
    const percentiles = Object.fromEntries(found.map(([, p, value]) => [`p${p}`, Number(value)]));
    family.fileReadLatency[level] = { ...parts, percentiles };
  };
}
