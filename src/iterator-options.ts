/** What a scan covers and how it reads, and how it crosses to C++. */

import type { AnyColumnFamily, EncodingOptions } from './column-family.js';
import type { Codec, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError, NotSupportedError } from './errors.js';
import { IteratorOptionsLayout, ReadFlags } from './native/exports.gen.js';
import type { NativeObject } from './native/native-object.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import {
  type CommonReadOptions,
  checkNames,
  commonFlags,
  ITERATOR_TIERS,
  type MoreOptions,
  moreOf,
  stageMore,
  whole,
} from './read-options.js';
import { shown } from './shown.js';
import { Snapshot } from './snapshot.js';
import type { Timestamp } from './timestamps.js';
import type { ColumnNames } from './wide-columns.js';

/** What a scan covers and how it reads. */
export interface IteratorOptions<KE extends Encoding = Encoding, VE extends Encoding = Encoding>
  extends CommonReadOptions,
    EncodingOptions<KE, VE> {
  /** Lower bounds; at most one of the two. */
  gt?: unknown;
  gte?: unknown;
  /** Upper bounds; at most one of the two. */
  lt?: unknown;
  lte?: unknown;
  /** Only keys that begin with these bytes; stands for both bounds. */
  prefix?: Bytes;
  /**
   * Where to look. `blockCache`: BusyError (Incomplete) instead of reading a file; `memtable`: nothing but
   * memtables. Default: `all`.
   */
  readTier?: 'all' | 'blockCache' | 'memtable' | undefined;
  /** From the last to the first. */
  reverse?: boolean;
  /** At most so many entries. */
  limit?: number;
  /** Reads at this snapshot instead of the present; the iterator borrows it. */
  snapshot?: Snapshot | undefined;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
  /** False: values are not read, and come out empty. Default: true. */
  values?: boolean;
  /** True: entries are read with all their columns, for `iterator.columns`. Default: false. */
  columns?: boolean;
  /** How names of columns come out. Default: `utf8`. */
  columnNames?: ColumnNames;
  /**
   * Sees writes made after its creation, ahead of its position; forward only. After its end, `seek` to
   * go on. RocksDB's tailing iterators refuse range deletions, and report Corruption for values in blob
   * files that are younger than they are. Default: false.
   */
  tailing?: boolean;
  /** Bytes to read ahead; 0 (default): RocksDB adapts it. */
  readaheadSize?: number;
  /** Read no further ahead than the upper bound or the prefix, and what the cache has not. Default: true. */
  autoReadaheadSize?: boolean;
  /** Keep what was learned of how far to read ahead from file to file. Default: false. */
  adaptiveReadahead?: boolean;
  /** Ignore the prefix extractor. Default: true, unless `prefixSameAsStart` or `autoPrefixMode`. */
  totalOrderSeek?: boolean | undefined;
  /** With a prefix extractor: end where the prefix of the sought key ends. */
  prefixSameAsStart?: boolean;
  /** Use the prefix extractor where bounds and sought key show that it changes nothing. Default: false. */
  autoPrefixMode?: boolean;
  /** Keep all blocks that were read in memory as long as the iterator lives. Default: false. */
  pinData?: boolean;
  /** A move over more keys than these, overwritten or deleted, fails with BusyError (Incomplete). 0: never. */
  maxSkippableInternalKeys?: number;
  /** Leave the deletion of files that only this iterator kept to background work. Default: false. */
  backgroundPurgeOnIteratorCleanup?: boolean;
  /**
   * Of a column family with user-defined timestamps: all versions from this timestamp to `timestamp`, the
   * youngest of a key first, deletions among them (`iterator.deleted`). Not with a merge operator.
   */
  iterStartTimestamp?: Timestamp;
  /**
   * Values are not loaded until `iterator.prepareValue()`, and come out empty: for scans that need few of
   * them, of blob files or of several column families. Entries are read one a crossing then. Default: false.
   */
  allowUnpreparedValue?: boolean;
}

/** @internal Options that were looked at, and keys that were encoded: from here on none of the caller's code runs. */
export interface IteratorPlan {
  readonly flags: number;
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
  readonly more: MoreOptions | undefined;
  readonly snapshot: number;
  readonly readaheadBytes: number;
  readonly maxSkippableInternalKeys: number;
}

interface Bound {
  readonly key: Bytes;
  readonly name: string;
}

const WORD_MAX = 0xffffffff;

const ITERATOR_OPTIONS: Readonly<Record<keyof IteratorOptions, true>> = {
  gt: true,
  gte: true,
  lt: true,
  lte: true,
  prefix: true,
  reverse: true,
  limit: true,
  columnFamily: true,
  keyEncoding: true,
  valueEncoding: true,
  values: true,
  columns: true,
  columnNames: true,
  snapshot: true,
  fillCache: true,
  verifyChecksums: true,
  ignoreRangeDeletions: true,
  timestamp: true,
  iterStartTimestamp: true,
  deadline: true,
  ioTimeout: true,
  rateLimiterPriority: true,
  readTier: true,
  totalOrderSeek: true,
  prefixSameAsStart: true,
  autoPrefixMode: true,
  tailing: true,
  readaheadSize: true,
  autoReadaheadSize: true,
  adaptiveReadahead: true,
  pinData: true,
  maxSkippableInternalKeys: true,
  backgroundPurgeOnIteratorCleanup: true,
  allowUnpreparedValue: true,
};

/** @internal `families`: those that are read, one or more; `viewFlags`: what only a view is asked. */
export function planIterator(
  db: NativeObject,
  families: readonly AnyColumnFamily[],
  options: IteratorOptions,
  keys: Codec,
  viewFlags = 0,
): IteratorPlan {
  checkNames(options, ITERATOR_OPTIONS);
  if (options.tailing === true && options.reverse === true) {
    throw invalid('a tailing iterator goes forward only: leave reverse out');
  }
  let more: MoreOptions | undefined;
  for (const family of families) {
    more = moreOf(viewFlags === 0 ? options : { ...options, viewFlags }, family) ?? more;
    if (families.length > 1 && family.timestampSize > 0) {
      throw notSupported(
        `column family '${family.name}' has user-defined timestamps: iterate over it alone`,
      );
    }
    if (options.iterStartTimestamp !== undefined && family.canMerge) {
      throw notSupported(
        `iterStartTimestamp: column family '${family.name}' has a merge operator, and RocksDB cannot list ` +
          'its versions',
      );
    }
  }
  const { lower, upper } = bounds(options, keys);
  const snapshot = Snapshot.pointerOf(options.snapshot, db);
  let flags = flagsOf(options) | viewFlags;
  if (lower?.name === 'gt') flags |= ReadFlags.ReadLowerExclusive;
  if (upper?.name === 'lte') flags |= ReadFlags.ReadUpperInclusive;
  const { readaheadSize = 0, maxSkippableInternalKeys = 0 } = options;
  return {
    flags,
    lower,
    upper,
    more,
    snapshot,
    readaheadBytes: whole('readaheadSize', readaheadSize, WORD_MAX),
    maxSkippableInternalKeys: whole('maxSkippableInternalKeys', maxSkippableInternalKeys, WORD_MAX),
  };
}

/** @internal Puts a plan into memory, within a staging. */
export function stagePlan({ native, staging }: Engine, plan: IteratorPlan): number {
  const layout = IteratorOptionsLayout;
  const at = staging.reserve(layout.byteLength);
  const put = (offset: number, value: number) => native.heap.setWord(at + offset, value);
  const putKey = (bound: Bound | undefined, offset: number) => {
    if (bound !== undefined) staging.push(bound.key, bound.name, MAX_KEY_BYTES);
    put(offset, bound === undefined ? 0 : staging.address);
    put(offset + 4, bound === undefined ? 0 : staging.length);
  };
  putKey(plan.lower, layout.lower);
  putKey(plan.upper, layout.upper);
  put(layout.flags, plan.flags);
  put(layout.snapshot, plan.snapshot);
  put(layout.readaheadBytes, plan.readaheadBytes);
  put(layout.maxSkippableInternalKeys, plan.maxSkippableInternalKeys);
  put(layout.more, stageMore(native, staging, plan.more));
  return at;
}

/** Which flag an option sets when it has the value. */
const SWITCHES = [
  ['prefixSameAsStart', true, ReadFlags.ReadPrefixSameAsStart],
  ['autoPrefixMode', true, ReadFlags.ReadAutoPrefixMode],
  ['tailing', true, ReadFlags.ReadTailing],
  ['values', false, ReadFlags.ReadKeysOnly],
  ['columns', true, ReadFlags.ReadColumns],
  ['pinData', true, ReadFlags.ReadPinData],
  ['adaptiveReadahead', true, ReadFlags.ReadAdaptiveReadahead],
  ['autoReadaheadSize', false, ReadFlags.ReadNoAutoReadahead],
  ['backgroundPurgeOnIteratorCleanup', true, ReadFlags.ReadBackgroundPurge],
  ['allowUnpreparedValue', true, ReadFlags.ReadUnprepared],
] as const;

function flagsOf(options: IteratorOptions): number {
  let flags = commonFlags(options, ITERATOR_TIERS);
  for (const [name, value, flag] of SWITCHES) if (options[name] === value) flags |= flag;
  const byPrefix = options.prefixSameAsStart === true || options.autoPrefixMode === true;
  if (options.totalOrderSeek ?? !byPrefix) flags |= ReadFlags.ReadTotalOrderSeek;
  return flags;
}

/** The first key after all that begin with `prefix`; undefined when there is none (0xff...). */
function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const next = prefix.slice(0, length);
  next[length - 1] = (next[length - 1] as number) + 1;
  return next;
}

function bounds(
  options: IteratorOptions,
  keys: Codec,
): { lower: Bound | undefined; upper: Bound | undefined } {
  const pick = (inclusive: 'gte' | 'lte', exclusive: 'gt' | 'lt') => {
    if (options[inclusive] !== undefined && options[exclusive] !== undefined) {
      throw invalid(`${inclusive} and ${exclusive} were both given: use one`);
    }
    const name = options[inclusive] !== undefined ? inclusive : exclusive;
    const key = options[name];
    return key === undefined ? undefined : { key: keys.encode(key), name };
  };
  if (options.prefix !== undefined) {
    if (['gt', 'gte', 'lt', 'lte'].some((name) => options[name as 'gt'] !== undefined)) {
      throw invalid('prefix stands for both bounds: leave gt, gte, lt and lte out');
    }
    const { prefix } = options;
    const bytes = typeof prefix === 'string' ? new TextEncoder().encode(prefix) : prefix;
    if (!(bytes instanceof Uint8Array)) throw invalid('prefix: expected a string or a Uint8Array');
    const end = afterPrefix(bytes);
    return {
      lower: { key: bytes as Bytes, name: 'gte' },
      upper: end === undefined ? undefined : { key: end as Bytes, name: 'lt' },
    };
  }
  return { lower: pick('gte', 'gt'), upper: pick('lte', 'lt') };
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

function notSupported(message: string): NotSupportedError {
  return new NotSupportedError('ERR_ROCKSDB_NOT_SUPPORTED', message);
}

/** @internal How many entries a limit allows. */
export function checkLimit(limit: number | undefined): number {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY || limit === -1) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isInteger(limit) || limit < 0) {
    throw invalid(`limit: expected a number of entries, got ${shown(limit)}`);
  }
  return limit;
}
