/** Flushes and compactions that the program asks for, as functions on the database's pointer. */
import type { Target } from './access.js';
import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { CompactOptionsLayout, type DbPtr, WaitOptionsLayout } from './native/exports.gen.js';
import { RecordWriter, takeRecord } from './native/records.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import { expected } from './option-errors.js';
import { bytesCount, fieldsOf, flag, integer, oneOf, texts } from './option-values.js';

export interface FlushOptions {
  /** Default: all column families. */
  columnFamily?: AnyColumnFamily;
  /** Flush these; with `atomicFlush` as one. Not together with `columnFamily`. */
  columnFamilies?: readonly AnyColumnFamily[];
  /** Return only when the files are written. Default: true. */
  wait?: boolean;
  /** Flush at once even if writes would be stalled meanwhile. Default: false. */
  allowWriteStall?: boolean;
}

export interface CompactRangeOptions {
  /** Default: from the first key. */
  begin?: unknown;
  /** Included. Default: to the last key. */
  end?: unknown;
  columnFamily?: AnyColumnFamily;
  /** Whether the last level is rewritten too. Default: `ifHaveCompactionFilter`. */
  bottommostLevelCompaction?: 'skip' | 'ifHaveCompactionFilter' | 'force' | 'forceOptimized';
  /** Moves the result to `targetLevel` (-1: the lowest that can hold it). Default: false. */
  changeLevel?: boolean;
  /** Default: -1. */
  targetLevel?: number;
  /** Which of `dbPaths` the result goes to. Default: 0. */
  targetPathId?: number;
  /** No automatic compaction runs at the same time. Default: false. */
  exclusiveManualCompaction?: boolean;
  /** Begin at once even if writes would be stalled meanwhile. Default: false. */
  allowWriteStall?: boolean;
  /** In place of the database's `maxSubcompactions`; they run one after another. Default: 0, as that. */
  maxSubcompactions?: number;
  /** Versions below this user-defined timestamp may go, but for the newest of each key. */
  fullHistoryTsLow?: Uint8Array;
  /** Whether values are moved out of old blob files. Default: `useDefault`, the column family's. */
  blobGarbageCollectionPolicy?: 'force' | 'disable' | 'useDefault';
  /** Share of the blob files, the oldest ones, that are cleaned. Default: the column family's. */
  blobGarbageCollectionAgeCutoff?: number;
}

export interface CompactFilesOptions {
  columnFamily?: AnyColumnFamily;
  /** Level of the result. */
  outputLevel: number;
  /** Which of `dbPaths` the result goes to; -1 (default): as RocksDB chooses. */
  outputPathId?: number;
  /** Bytes at which a new file is begun. Default: one file. */
  outputFileSizeLimit?: number;
  /** As in CompactRangeOptions. */
  maxSubcompactions?: number;
}

/** What a compaction did. */
export interface CompactFilesResult {
  /** Paths of the files that it made. */
  outputFiles: string[];
  elapsedMicros: number;
  numInputFiles: number;
  numInputRecords: number;
  totalInputBytes: number;
  numOutputRecords: number;
  totalOutputBytes: number;
  /** Records that newer ones of the same key took the place of. */
  numRecordsReplaced: number;
}

export interface WaitForCompactOptions {
  /**
   * AbortedError at once while background work is paused. Without a timeout it is so in any case: nobody could
   * continue it while the call waits. Default: false.
   */
  abortOnPause?: boolean;
  /** Flush all column families first. Default: false. */
  flush?: boolean;
  /** Wait until files that are not needed are deleted, too. Default: false. */
  waitForPurge?: boolean;
  /** Close the database afterwards. Default: false. */
  closeDb?: boolean;
  /** Microseconds after which it fails with BusyError (TimedOut). Default: 0, never. */
  timeout?: number;
}

const COMPACT_RANGE = [
  'begin',
  'end',
  'columnFamily',
  'bottommostLevelCompaction',
  'changeLevel',
  'targetLevel',
  'targetPathId',
  'exclusiveManualCompaction',
  'allowWriteStall',
  'maxSubcompactions',
  'fullHistoryTsLow',
  'blobGarbageCollectionPolicy',
  'blobGarbageCollectionAgeCutoff',
] as const;
const COMPACT_FILES = [
  'columnFamily',
  'outputLevel',
  'outputPathId',
  'outputFileSizeLimit',
  'maxSubcompactions',
] as const;
const WAIT = ['abortOnPause', 'flush', 'waitForPurge', 'closeDb', 'timeout'] as const;
const BOTTOMMOST = ['skip', 'ifHaveCompactionFilter', 'force', 'forceOptimized'] as const;
const BLOB_POLICIES = ['force', 'disable', 'useDefault'] as const;
const MAX_INT = 0x7fffffff;
/** RocksDB's limit of levels, and far more paths than anybody has. */
const MAX_LEVEL = 255;

export function flush(
  engine: Engine,
  db: DbPtr,
  families: readonly AnyColumnFamily[],
  options: FlushOptions,
): void {
  const wait = flag('wait', options.wait, true);
  const allowWriteStall = flag('allowWriteStall', options.allowWriteStall, false);
  const { native, staging } = engine;
  staging.begin();
  try {
    const at = staging.reserve(4 * families.length);
    families.forEach((handle, index) => {
      native.heap.setWord(at + 4 * index, handle.pointer);
    });
    const flags = [wait ? 1 : 0, allowWriteStall ? 1 : 0] as const;
    const status = native.calls.rdb_db_flush(db, at, families.length, ...flags);
    if (status !== 0) throw engine.failed(status);
  } finally {
    staging.end();
  }
}

/** A staged key; [0, 0]: none. */
export function stageKey(
  engine: Engine,
  key: Bytes | undefined,
  what: string,
): readonly [address: number, length: number] {
  if (key === undefined) return [0, 0];
  const { staging } = engine;
  staging.push(key, what, MAX_KEY_BYTES);
  return [staging.address, staging.length];
}

/** What a key is in memory; undefined stays that. */
export function encodeKey(family: AnyColumnFamily, key: unknown): Bytes | undefined {
  return key === undefined ? undefined : family.keys.encode(key);
}

export function compactRange({ engine, db, family }: Target, options: CompactRangeOptions): void {
  fieldsOf('compactRange', options, COMPACT_RANGE);
  const layout = CompactOptionsLayout;
  const bottommost = oneOf(
    'bottommostLevelCompaction',
    options.bottommostLevelCompaction,
    BOTTOMMOST,
    'ifHaveCompactionFilter',
  );
  const policy = options.blobGarbageCollectionPolicy;
  const blobPolicy = oneOf('blobGarbageCollectionPolicy', policy, BLOB_POLICIES, 'useDefault');
  const words = [
    [layout.targetLevel, integer('targetLevel', options.targetLevel, -1, MAX_LEVEL, -1)],
    [layout.changeLevel, flag('changeLevel', options.changeLevel, false)],
    [layout.exclusive, flag('exclusiveManualCompaction', options.exclusiveManualCompaction, false)],
    [layout.bottommost, bottommost],
    [
      layout.maxSubcompactions,
      integer('maxSubcompactions', options.maxSubcompactions, 0, MAX_INT, 0),
    ],
    [layout.targetPathId, integer('targetPathId', options.targetPathId, 0, MAX_LEVEL, 0)],
    [layout.allowWriteStall, flag('allowWriteStall', options.allowWriteStall, false)],
    [layout.blobPolicy, blobPolicy],
  ] as const;
  const cutoff = blobCutoff(options.blobGarbageCollectionAgeCutoff);
  const first = encodeKey(family, options.begin);
  const last = encodeKey(family, options.end);
  const { native, staging } = engine;
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    const low = stageKey(engine, options.fullHistoryTsLow, 'fullHistoryTsLow');
    const begin = stageKey(engine, first, 'begin');
    const end = stageKey(engine, last, 'end');
    const { heap } = native;
    for (const [offset, value] of words) heap.setWord(at + offset, Number(value));
    heap.HEAPF64[(at + layout.blobAgeCutoff) >>> 3] = cutoff;
    heap.setWord(at + layout.historyLow, low[0]);
    heap.setWord(at + layout.historyLowLength, low[1]);
    native.check(native.calls.rdb_db_compact_range(db, family.pointer, ...begin, ...end, at));
  } finally {
    staging.end();
  }
}

function blobCutoff(value: unknown): number {
  if (value === undefined) return -1;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw expected('a number from 0 to 1', 'blobGarbageCollectionAgeCutoff', value);
}

/** Only tells RocksDB: its next automatic compactions will take the range. */
export function suggestCompactRange(
  { engine, db, family }: Target,
  range: { begin?: unknown; end?: unknown },
): void {
  const first = encodeKey(family, range.begin);
  const last = encodeKey(family, range.end);
  const { native, staging } = engine;
  staging.begin();
  try {
    const begin = stageKey(engine, first, 'begin');
    const end = stageKey(engine, last, 'end');
    native.check(native.calls.rdb_db_suggest_compact_range(db, family.pointer, ...begin, ...end));
  } finally {
    staging.end();
  }
}

export function promoteL0({ engine, db, family }: Target, targetLevel: unknown): void {
  const level = integer('targetLevel', targetLevel, 1, MAX_LEVEL, 1);
  engine.native.check(engine.native.calls.rdb_db_promote_l0(db, family.pointer, level));
}

export function compactFiles(
  { engine, db, family }: Target,
  files: readonly string[],
  options: CompactFilesOptions,
): CompactFilesResult {
  fieldsOf('compactFiles', options, COMPACT_FILES);
  if (options?.outputLevel === undefined) {
    throw expected('the level of the result', 'outputLevel', undefined);
  }
  const { outputFileSizeLimit } = options;
  const request = new RecordWriter()
    .texts(texts('compactFiles', files))
    .word(integer('outputLevel', options.outputLevel, 0, MAX_LEVEL, 0))
    .word(integer('outputPathId', options.outputPathId, -1, MAX_LEVEL, -1))
    .long(
      outputFileSizeLimit === undefined
        ? 2n ** 64n - 1n
        : bytesCount('outputFileSizeLimit', outputFileSizeLimit, 0),
    )
    .word(integer('maxSubcompactions', options.maxSubcompactions, 0, MAX_INT, 0))
    .finish();
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(request, 'files', 0xffffffff);
    native.check(native.calls.rdb_db_compact_files(db, family.pointer, staging.address, out));
  } finally {
    staging.end();
  }
  return takeRecord(native, out, (reader) => ({
    outputFiles: reader.list((each) => each.text()),
    elapsedMicros: reader.number(),
    numInputFiles: reader.number(),
    numInputRecords: reader.number(),
    totalInputBytes: reader.number(),
    numOutputRecords: reader.number(),
    totalOutputBytes: reader.number(),
    numRecordsReplaced: reader.number(),
  }));
}

export function waitForCompact(engine: Engine, db: DbPtr, options: WaitForCompactOptions): void {
  fieldsOf('waitForCompact', options, WAIT);
  const layout = WaitOptionsLayout;
  const timeout = bytesCount('timeout', options.timeout, 0);
  // Paused work would be waited for by nobody who can continue it.
  const abortOnPause = flag('abortOnPause', options.abortOnPause, false) || timeout === 0;
  const flushFirst = flag('flush', options.flush, false);
  const purge = flag('waitForPurge', options.waitForPurge, false);
  const { native, staging } = engine;
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    const { heap, calls } = native;
    heap.HEAPF64[(at + layout.timeoutMicros) >>> 3] = timeout;
    heap.setWord(at + layout.abortOnPause, abortOnPause ? 1 : 0);
    heap.setWord(at + layout.flush, flushFirst ? 1 : 0);
    heap.setWord(at + layout.waitForPurge, purge ? 1 : 0);
    native.check(calls.rdb_db_wait_for_compact(db, at));
  } finally {
    staging.end();
  }
}
