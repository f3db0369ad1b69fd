/** Options by classic-level's names, as RocksDB's. */
import type { AbstractDatabaseOptions, AbstractOpenOptions } from 'abstract-level';
import { ENGINE_OPTIONS } from '../engine.js';
import { InvalidOptionError } from '../errors.js';
import type { OpenOptions } from '../open.js';
import { integer } from '../option-values.js';
import { type ColumnFamilyOptions, type DBOptions, isOpenOption } from '../options.js';

/** Options of RocksDB and its engine that a RocksLevel decides itself. */
type Decided = 'keyEncoding' | 'valueEncoding' | 'createIfMissing' | 'errorIfExists' | 'comparator';

/** RocksDB's own options, the engine's among them (`fileSystem`, `engine`, `tracking`, `background`, ...). */
export type RocksDBOptions = Omit<OpenOptions, Decided>;

export interface RocksLevelOpenOptions extends AbstractOpenOptions {
  /** True: snappy, as classic-level. False: none. Or RocksDB's name. Default: true. */
  compression?: boolean | ColumnFamilyOptions['compression'];
  /** Bytes of the block cache; 0: no cache. Default: 8 MiB. */
  cacheSize?: number | undefined;
  /** Bytes of a memtable, which is flushed when it has them. Default: 4 MiB. */
  writeBufferSize?: number | undefined;
  /** Bytes of a block of a table, before compression. Default: 4096. */
  blockSize?: number | undefined;
  /** Files that are kept open; -1: all. Default: 1000. */
  maxOpenFiles?: number | undefined;
  /** Entries between two whole keys in a block. Default: 16. */
  blockRestartInterval?: number | undefined;
  /** Bytes of a table file (RocksDB's `targetFileSizeBase`). Default: 2 MiB. */
  maxFileSize?: number | undefined;
  /** Refused when true: a database is open in one thread. */
  multithreading?: boolean | undefined;
  /** No writes, no lock; the database must be there. Default: false. */
  readOnly?: boolean | undefined;
  /** What RocksDB writes to its LOG file. Default: RocksDB's. */
  infoLogLevel?: DBOptions['infoLogLevel'];
  /** Any other option, by RocksDB's name; they win over those above. */
  rocksdb?: RocksDBOptions | undefined;
}

export interface RocksLevelOptions<K, V>
  extends AbstractDatabaseOptions<K, V>,
    Omit<RocksLevelOpenOptions, 'passive'> {}

const MIB = 1024 * 1024;
/** classic-level's, so that a flush or compaction is as short as there. */
const DEFAULTS = {
  compression: 'snappy',
  writeBufferSize: 4 * MIB,
  targetFileSizeBase: 2 * MIB,
  maxBytesForLevelBase: 10 * MIB,
  maxOpenFiles: 1000,
} as const;
const TABLE_DEFAULTS = {
  blockSize: 4096,
  blockRestartInterval: 16,
  filterPolicy: { type: 'bloom', bitsPerKey: 10 },
} as const;
const CACHE_BYTES = 8 * MIB;

const OWN_NAMES: ReadonlySet<string> = new Set([
  'createIfMissing',
  'errorIfExists',
  'compression',
  'writeBufferSize',
  'maxOpenFiles',
  'readOnly',
  'infoLogLevel',
]);

const ENGINE_NAMES: ReadonlySet<string> = new Set([...ENGINE_OPTIONS, 'engine', 'onUnreleased']);
const BYTEWISE = 'ranges and sublevels rest on the order of bytes, so there is no other';

/** What RocksDB.open is told. Throws InvalidOptionError for what it could not be. */
export function openOptionsOf(options: RocksLevelOpenOptions): OpenOptions<'view', 'view'> {
  assertNotMisplaced(options);
  const { rocksdb = {}, multithreading } = options;
  if (multithreading === true) {
    throw refused(
      'multithreading',
      multithreading,
      'a database is open in one thread; let the others reach it there (many-level, or messages)',
    );
  }
  if (typeof rocksdb !== 'object' || rocksdb === null) {
    throw refused('rocksdb', rocksdb, "expected an object with RocksDB's options");
  }
  for (const name of ['keyEncoding', 'valueEncoding', 'comparator', 'errorIfExists'] as const) {
    const given = (rocksdb as OpenOptions)[name];
    const why = name === 'comparator' ? BYTEWISE : 'give it beside rocksdb, not in it';
    if (given !== undefined) throw refused(`rocksdb.${name}`, given, why);
  }
  const { plainTable, cuckooTable } = rocksdb;
  const blockBased = plainTable === undefined && cuckooTable === undefined;
  return {
    ...DEFAULTS,
    ...named(options),
    // Work between the program's, one job a turn; an engine that is given has its own way.
    ...(rocksdb.engine === undefined ? { background: 'idle' as const } : {}),
    ...rocksdb,
    ...(blockBased ? { blockBasedTable: tableOptions(options, rocksdb.blockBasedTable) } : {}),
  };
}

function named(options: RocksLevelOpenOptions): OpenOptions<'view', 'view'> {
  const { createIfMissing, errorIfExists, readOnly, infoLogLevel, compression } = options;
  const { writeBufferSize, maxOpenFiles, maxFileSize } = options;
  const names: Record<string, unknown> = {
    createIfMissing: createIfMissing && readOnly !== true,
    errorIfExists,
    readOnly,
    infoLogLevel,
    compression: compression === true ? 'snappy' : compression === false ? 'none' : compression,
    writeBufferSize: size('writeBufferSize', writeBufferSize),
    targetFileSizeBase: size('maxFileSize', maxFileSize),
    maxOpenFiles,
  };
  return definedOf(names);
}

function tableOptions(
  options: RocksLevelOpenOptions,
  given: OpenOptions['blockBasedTable'] = {},
): OpenOptions['blockBasedTable'] {
  const { cacheSize, blockSize, blockRestartInterval } = options;
  const capacity = size('cacheSize', cacheSize, 0) ?? CACHE_BYTES;
  const cached = given.blockCache !== undefined || given.noBlockCache !== undefined;
  return {
    ...TABLE_DEFAULTS,
    ...definedOf({
      blockSize: size('blockSize', blockSize),
      blockRestartInterval: size('blockRestartInterval', blockRestartInterval),
    }),
    ...(cached ? {} : { blockCache: capacity === 0 ? (false as const) : capacity }),
    ...given,
  };
}

/** A size by classic-level's name, so that an error names that and not RocksDB's. */
function size(name: string, value: unknown, least = 1): number | undefined {
  return value === undefined ? undefined : integer(name, value, least, 0xffffffff, 0);
}

/**
 * Packages pass options on that are for others, so unknown ones are left alone; but one of RocksDB's that would have
 * no effect is a mistake.
 */
function assertNotMisplaced(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || OWN_NAMES.has(name)) continue;
    if (!isOpenOption(name) && !ENGINE_NAMES.has(name)) continue;
    const remedy = name === 'comparator' ? BYTEWISE : `give it as rocksdb: { ${name}: ... }`;
    throw refused(name, value, `it is RocksDB's: ${remedy}`);
  }
}

function refused(option: string, value: unknown, why: string): InvalidOptionError {
  return new InvalidOptionError(`${option}: ${why}`, option, value);
}

function definedOf<T extends object>(given: T): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
