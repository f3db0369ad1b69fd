/** What callers may say of a read, and how it crosses: flags for the usual, a struct for the rest. */

import type { AnyColumnFamily } from './column-family.js';
import type { Encoding } from './encoding.js';
import { InvalidOptionError } from './errors.js';
import { ReadFlags, ReadOptionsLayout } from './native/exports.gen.js';
import type { Native } from './native/module.js';
import type { Staging } from './native/staging.js';
import { unknownName } from './option-errors.js';
import { shown } from './shown.js';
import type { Snapshot } from './snapshot.js';
import { type Timestamp, timestampBytes } from './timestamps.js';

/** What all reads take. */
export interface CommonReadOptions {
  /** Read at this snapshot. Default: the present. */
  snapshot?: Snapshot | undefined;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean | undefined;
  /** Default: true. */
  verifyChecksums?: boolean | undefined;
  /** Do not look for range deletions: wrong where there are any, faster elsewhere. Default: false. */
  ignoreRangeDeletions?: boolean | undefined;
  /**
   * Reads the newest versions that are not younger. Needed where the column family has user-defined
   * timestamps, an error elsewhere.
   */
  timestamp?: Timestamp | undefined;
  /**
   * When to give up, milliseconds since 1970 by the engine's clock: BusyError (TimedOut). RocksDB looks at it
   * when it reads a file. Default: never.
   */
  deadline?: number | undefined;
  /** Milliseconds that one file read may take. Given to the file system, which may pass over it. Default: any. */
  ioTimeout?: number | undefined;
  /** Charge the database's `rateLimiter` for file reads, at this priority. Default: not charged. */
  rateLimiterPriority?: RateLimiterPriority | undefined;
  /** Ignore the prefix extractor. Default: false; of iterators true, unless `prefixSameAsStart`. */
  totalOrderSeek?: boolean | undefined;
}

export type RateLimiterPriority = 'low' | 'mid' | 'high' | 'user';

/** Of point reads. */
export interface ReadOptions<VE extends Encoding = Encoding> extends CommonReadOptions {
  /**
   * Where to look. `blockCache`: BusyError (Incomplete) instead of reading a file; `persisted`: only what a
   * crash would not lose. Default: `all`.
   */
  readTier?: 'all' | 'blockCache' | 'persisted' | undefined;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily | undefined;
  /** Default: the column family's. */
  valueEncoding?: VE | undefined;
  /** getMany: BusyError (Aborted) once the values are larger, together, than this many bytes. Default: any size. */
  valueSizeSoftLimit?: number | undefined;
  /** `getResult` says when a value was merged from more operands than this. Default: it does not. */
  mergeOperandCountThreshold?: number | undefined;
}

/** Of reads of several keys. */
export interface ReadManyOptions<VE extends Encoding = Encoding> extends ReadOptions<VE> {
  /** The column family of each key, instead of `columnFamily`: as many as keys. */
  columnFamilies?: readonly AnyColumnFamily[] | undefined;
}

/** @internal What is rarely said; times in microseconds. */
export interface MoreOptions {
  deadlineMicros: number;
  ioTimeoutMicros: number;
  valueSizeSoftLimit: number;
  mergeOperandCountThreshold: number;
  rateLimiterPriority: number;
  timestamp: Uint8Array | undefined;
  iterStartTimestamp: Uint8Array | undefined;
}

const NO_THRESHOLD = 0xffffffff;
const PRIORITIES: Readonly<Record<string, number>> = { low: 0, mid: 1, high: 2, user: 3, total: 4 };
type Tiers = Readonly<Record<string, number>>;
const POINT_TIERS: Tiers = {
  all: 0,
  blockCache: ReadFlags.ReadCacheOnly,
  persisted: ReadFlags.ReadPersisted,
};
/** @internal RocksDB knows another one for iterators, and not `persisted`. */
export const ITERATOR_TIERS: Tiers = {
  all: 0,
  blockCache: ReadFlags.ReadCacheOnly,
  memtable: ReadFlags.ReadMemtable,
};

/** @internal The flags of what all reads take, totalOrderSeek aside. */
export function commonFlags(
  options: CommonReadOptions & { readTier?: string | undefined },
  tiers: Tiers,
): number {
  let flags = 0;
  if (options.verifyChecksums === false) flags |= ReadFlags.ReadNoChecksums;
  if (options.fillCache === false) flags |= ReadFlags.ReadNoFillCache;
  if (options.ignoreRangeDeletions === true) flags |= ReadFlags.ReadIgnoreRangeDeletions;
  const { readTier } = options;
  if (readTier !== undefined) {
    const tier = Object.hasOwn(tiers, readTier) ? tiers[readTier] : undefined;
    if (tier === undefined) throw wrong('readTier', readTier, oneOf(tiers));
    flags |= tier;
  }
  return flags;
}

type Names<T> = Readonly<Record<keyof T, true>>;
const READ_OPTIONS: Names<ReadOptions & OfSomeReads> = {
  snapshot: true,
  fillCache: true,
  verifyChecksums: true,
  ignoreRangeDeletions: true,
  timestamp: true,
  deadline: true,
  ioTimeout: true,
  rateLimiterPriority: true,
  totalOrderSeek: true,
  readTier: true,
  columnFamily: true,
  valueEncoding: true,
  valueSizeSoftLimit: true,
  mergeOperandCountThreshold: true,
  viewFlags: true,
  columnNames: true,
  maxOperands: true,
  exclusive: true,
  validate: true,
};
/** @internal What reads of several keys may be told. */
export const MANY_READ_OPTIONS: Names<ReadManyOptions & OfSomeReads> = {
  ...READ_OPTIONS,
  columnFamilies: true,
};

/** @internal Those that single kinds of reads take besides: entities, operands, reads for update, views. */
interface OfSomeReads extends ViewFlags {
  columnNames?: unknown;
  maxOperands?: unknown;
  exclusive?: unknown;
  validate?: unknown;
}

/** @internal Refuses options that are none; undefined stands for those that are left out. */
export function checkNames(options: object, names: Readonly<Record<string, true>>): void {
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue;
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const known = Object.keys(names).filter((each) => each !== 'viewFlags');
    throw unknownName(name, value, known);
  }
}

/** @internal What only views are asked (a transaction, a batch with an index): bits of the flags. */
export interface ViewFlags {
  viewFlags?: number;
}

/** @internal The flags of a point read. */
export function readFlags(
  options: ReadOptions | undefined,
  names: Readonly<Record<string, true>> = READ_OPTIONS,
): number {
  if (options === undefined) return 0;
  checkNames(options, names);
  const flags = commonFlags(options, POINT_TIERS) | ((options as ViewFlags).viewFlags ?? 0);
  return options.totalOrderSeek === true ? flags | ReadFlags.ReadTotalOrderSeek : flags;
}

/** @internal What flags cannot say; undefined when there is nothing of it. */
export function moreOf(
  options: MoreSaid | undefined,
  family: AnyColumnFamily,
): MoreOptions | undefined {
  const timed = family.timestampSize > 0 && !readsUntimed(options);
  if (!timed && (options === undefined || !saysMore(options))) return undefined;
  const { deadline, ioTimeout, valueSizeSoftLimit, mergeOperandCountThreshold } = options ?? {};
  const start = options?.iterStartTimestamp;
  return {
    deadlineMicros: micros('deadline', deadline),
    ioTimeoutMicros: micros('ioTimeout', ioTimeout),
    valueSizeSoftLimit:
      valueSizeSoftLimit === undefined
        ? Number.POSITIVE_INFINITY
        : whole('valueSizeSoftLimit', valueSizeSoftLimit, Number.MAX_SAFE_INTEGER),
    mergeOperandCountThreshold:
      mergeOperandCountThreshold === undefined
        ? NO_THRESHOLD
        : whole('mergeOperandCountThreshold', mergeOperandCountThreshold, NO_THRESHOLD - 1),
    rateLimiterPriority: priorityOf(options?.rateLimiterPriority),
    timestamp:
      timed || options?.timestamp !== undefined
        ? timestampBytes(options?.timestamp, family)
        : undefined,
    iterStartTimestamp:
      start === undefined ? undefined : timestampBytes(start, family, 'iterStartTimestamp'),
  };
}

/** A transaction knows the timestamp that it reads at for update; what a batch has is not committed. */
function readsUntimed(options: ViewFlags | undefined): boolean {
  const flags = options?.viewFlags ?? 0;
  return (flags & (ReadFlags.ReadForUpdate | ReadFlags.ReadBatchOnly)) !== 0;
}

type MoreSaid = Omit<ReadOptions, 'readTier'> & ViewFlags & { iterStartTimestamp?: unknown };

function saysMore(options: MoreSaid): boolean {
  return (
    options.timestamp !== undefined ||
    options.deadline !== undefined ||
    options.ioTimeout !== undefined ||
    options.rateLimiterPriority !== undefined ||
    options.valueSizeSoftLimit !== undefined ||
    options.mergeOperandCountThreshold !== undefined ||
    options.iterStartTimestamp !== undefined
  );
}

/** @internal Puts it into memory, within a staging; 0 when there is nothing. */
export function stageMore(native: Native, staging: Staging, more: MoreOptions | undefined): number {
  if (more === undefined) return 0;
  const layout = ReadOptionsLayout;
  const at = staging.reserve(layout.byteLength);
  const bytes = (data: Uint8Array | undefined, offset: number) => {
    if (data !== undefined) staging.push(data, 'timestamp', data.length);
    native.heap.setWord(at + offset, data === undefined ? 0 : staging.address);
    native.heap.setWord(at + offset + 4, data === undefined ? 0 : staging.length);
  };
  bytes(more.timestamp, layout.timestamp);
  bytes(more.iterStartTimestamp, layout.iterStartTimestamp);
  const { view } = native.heap;
  view.setFloat64(at + layout.deadlineMicros, more.deadlineMicros, true);
  view.setFloat64(at + layout.ioTimeoutMicros, more.ioTimeoutMicros, true);
  view.setFloat64(at + layout.valueSizeSoftLimit, more.valueSizeSoftLimit, true);
  view.setUint32(at + layout.rateLimiterPriority, more.rateLimiterPriority, true);
  view.setUint32(at + layout.mergeOperandCountThreshold, more.mergeOperandCountThreshold, true);
  return at;
}

/** @internal RocksDB's Env::IOPriority. */
export function priorityOf(priority: unknown): number {
  if (priority === undefined) return PRIORITIES.total as number;
  const known = typeof priority === 'string' && Object.hasOwn(PRIORITIES, priority);
  if (!known) throw wrong('rateLimiterPriority', priority, oneOf(PRIORITIES));
  return PRIORITIES[priority] as number;
}

function micros(option: string, milliseconds: unknown): number {
  if (milliseconds === undefined) return 0;
  if (typeof milliseconds === 'number' && milliseconds > 0 && milliseconds < 2 ** 53 / 1000) {
    return Math.ceil(milliseconds * 1000);
  }
  throw wrong(option, milliseconds, 'a number of milliseconds above 0');
}

/** @internal A whole number from 0 to `max`. */
export function whole(option: string, value: unknown, max: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) {
    return value as number;
  }
  throw wrong(option, value, `a whole number from 0 to ${max}`);
}

function oneOf(names: Readonly<Record<string, number>>): string {
  return `one of ${Object.keys(names)
    .map((name) => `'${name}'`)
    .join(', ')}`;
}

function wrong(option: string, value: unknown, what: string): InvalidOptionError {
  const got = typeof value === 'string' ? `'${shown(value)}'` : shown(value);
  return new InvalidOptionError(`${option}: expected ${what}, got ${got}`, option, value);
}
