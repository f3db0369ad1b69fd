/** Point reads and writes on a database's pointer: one crossing each. */
import type { AnyColumnFamily } from './column-family.js';
import { bytesOf, type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import {
  type DbPtr,
  type PinnedSlicePtr,
  SliceLayout,
  type SnapshotPtr,
  ValueLayout,
  WriteFlags,
} from './native/exports.gen.js';
import { type Bytes, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
import {
  type MoreOptions,
  moreOf,
  type ReadOptions,
  readFlags,
  stageMore,
} from './read-options.js';
import { type Timestamp, timestampBytes, timestampOf } from './timestamps.js';
import { type WriteOptions, writeFlags } from './write-options.js';

/** @internal */
export function valueCodec(
  family: AnyColumnFamily,
  options: { valueEncoding?: Encoding | undefined } | undefined,
): Codec {
  const encoding = options?.valueEncoding;
  return encoding === undefined ? family.values : codecOf(encoding, 'valueEncoding');
}

/** Where an operation goes. */
export interface Target {
  readonly engine: Engine;
  /** The database, or a view of it. */
  readonly db: DbPtr;
  readonly family: AnyColumnFamily;
  /** It is a view: what is written gets its timestamp when it is committed, and what is read tells none. */
  readonly view?: boolean;
  /** Of a view: told of a write that threw, whose operation may be misplaced in its index. */
  readonly changeThrew?: (error: unknown) => void;
}

/** @internal Refuses a write to a family that was dropped, unless such are to be passed over. */
export function assertWritable(family: AnyColumnFamily, options: WriteOptions | undefined): void {
  if (options?.ignoreMissingColumnFamilies !== true) family.assertWritable();
}

/** @internal A key with the timestamp at its end, as RocksDB has it; the key itself when there is none. */
export function timedKey(key: Bytes, timestamp: Uint8Array | undefined, what: string): Bytes {
  if (timestamp === undefined) return key;
  const bytes = bytesOf(key, what);
  const timed = new Uint8Array(bytes.length + timestamp.length);
  timed.set(bytes);
  timed.set(timestamp, bytes.length);
  return timed;
}

/** Writes of a key and something beside it: a value, an operand, or the end of a range. */
export function writePair(
  { engine, db, family, view, changeThrew }: Target,
  call: 'rdb_db_put' | 'rdb_db_merge' | 'rdb_db_delete_range' | 'rdb_db_put_entity',
  key: unknown,
  other: unknown,
  options: WriteOptions | undefined,
): void {
  const { staging, native } = engine;
  const range = call === 'rdb_db_delete_range';
  assertWritable(family, options);
  if (call === 'rdb_db_merge') family.assertMergeable();
  const time = view === true ? undefined : timestampBytes(options?.timestamp, family);
  const timeBytes = time === undefined ? 0 : time.length;
  const flags = writeFlags(options) | (time === undefined ? 0 : WriteFlags.WriteTimestamped);
  // First of all: a value's toJSON may use the database, and with it the staging area.
  const first = timedKey(family.keys.encode(key), time, range ? 'begin key' : 'key');
  const second = range
    ? timedKey(family.keys.encode(other), time, 'end key')
    : call === 'rdb_db_put_entity'
      ? (other as Uint8Array)
      : family.values.encode(other);
  const keyLimit = MAX_KEY_BYTES + timeBytes;
  staging.begin();
  try {
    staging.push(first, range ? 'begin key' : 'key', keyLimit);
    const { address, length } = staging;
    if (range) {
      staging.push(second, 'end key', keyLimit);
      const endLength = staging.length - timeBytes;
      family.assertOrder(address, length - timeBytes, staging.address, endLength);
    } else {
      staging.push(second, call === 'rdb_db_merge' ? 'operand' : 'value', MAX_VALUE_BYTES);
    }
    engine.assertBudget(2 * staging.length);
    const status = native.calls[call](
      db,
      family.pointer,
      flags,
      address,
      length,
      staging.address,
      staging.length,
    );
    if (status !== 0) throw engine.failed(status);
  } catch (error) {
    changeThrew?.(error);
    throw error;
  } finally {
    staging.end();
  }
  engine.settle();
}

export function writeKey(
  { engine, db, family, view, changeThrew }: Target,
  call: 'rdb_db_delete' | 'rdb_db_single_delete',
  key: unknown,
  options: WriteOptions | undefined,
): void {
  const { staging, native } = engine;
  assertWritable(family, options);
  const time = view === true ? undefined : timestampBytes(options?.timestamp, family);
  const flags = writeFlags(options) | (time === undefined ? 0 : WriteFlags.WriteTimestamped);
  const data = timedKey(family.keys.encode(key), time, 'key');
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES + (time?.length ?? 0));
    engine.assertBudget(2 * staging.length);
    const { address, length } = staging;
    const status = native.calls[call](db, family.pointer, flags, address, length);
    if (status !== 0) throw engine.failed(status);
  } catch (error) {
    changeThrew?.(error);
    throw error;
  } finally {
    staging.end();
  }
  engine.settle();
}

/** Looks a key up; the result is at `engine.out`. Returns whether it was found. */
function find(
  { engine, db, family }: Target,
  call: 'rdb_db_get' | 'rdb_db_has',
  key: unknown,
  flags: number,
  snapshot: SnapshotPtr,
): boolean {
  const { staging, native, out } = engine;
  const data = family.keys.encode(key);
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const status = native.calls[call](db, family.pointer, flags, snapshot, address, length, out);
    if (status !== 0) throw native.takeError(status);
  } finally {
    staging.end();
  }
  return native.heap.getWord(out + ValueLayout.found) === 1;
}

/** The same for reads that say more. What is found is pinned, and must be released. */
function findWith(
  { engine, db, family, view }: Target,
  key: unknown,
  flags: number,
  snapshot: SnapshotPtr,
  more: MoreOptions | undefined,
): { found: number; timestamp: Timestamp | undefined } {
  const { staging, native, out } = engine;
  const data = family.keys.encode(key);
  const size = view === true ? 0 : family.timestampSize;
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const at = stageMore(native, staging, more);
    const time = size === 0 ? 0 : staging.reserve(size);
    const { pointer } = family;
    const status = native.calls.rdb_db_get_with(
      db,
      pointer,
      flags,
      snapshot,
      at,
      address,
      length,
      out,
      time,
    );
    if (status !== 0) throw native.takeError(status);
    const found = native.heap.getWord(out + ValueLayout.found);
    const timed = found !== 0 && time !== 0;
    return { found, timestamp: timed ? timestampOf(native.heap.bytes(time, size)) : undefined };
  } finally {
    staging.end();
  }
}

/** The value at `engine.out`, which is released. */
function takeValue({ engine, db }: Target, codec: Codec): unknown {
  const { native, out } = engine;
  const { heap } = native;
  const pinned = heap.getWord(out + ValueLayout.pinned) === 1;
  try {
    return codec.decode(
      heap,
      heap.getWord(out + ValueLayout.data),
      heap.getWord(out + ValueLayout.length),
    );
  } finally {
    if (pinned) native.calls.rdb_db_release(db);
  }
}

export function get(
  target: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): unknown {
  const codec = valueCodec(target.family, options);
  const more = moreOf(options, target.family);
  if (more !== undefined) return getResult(target, key, snapshot, options)?.value;
  if (!find(target, 'rdb_db_get', key, readFlags(options), snapshot)) return undefined;
  return takeValue(target, codec);
}

/** What is known of a value that was read. */
export interface ReadResult<V> {
  value: V;
  /** Of the version that was found, where the column family has user-defined timestamps. */
  timestamp: Timestamp | undefined;
  /** It was merged from more operands than `mergeOperandCountThreshold`. */
  mergeOperandThresholdExceeded: boolean;
}

export function getResult(
  target: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): ReadResult<unknown> | undefined {
  const codec = valueCodec(target.family, options);
  const more = moreOf(options, target.family);
  const { found, timestamp } = findWith(target, key, readFlags(options), snapshot, more);
  if (found === 0) return undefined;
  const value = takeValue(target, codec);
  return { value, timestamp, mergeOperandThresholdExceeded: found === 2 };
}

/** Looks a value up to leave it in place; undefined when there is none. */
export function getPinned(
  { engine, db, family }: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): { pointer: PinnedSlicePtr; address: number; length: number } | undefined {
  const { staging, native, out } = engine;
  const { heap, calls } = native;
  const flags = readFlags(options);
  const more = moreOf(options, family);
  const data = family.keys.encode(key);
  const value = out + 8;
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const { pointer } = family;
    const at = stageMore(native, staging, more);
    native.check(
      at === 0
        ? calls.rdb_pinned_slice_create(db, pointer, flags, snapshot, address, length, out, value)
        : calls.rdb_pinned_slice_create_with(
            db,
            pointer,
            flags,
            snapshot,
            at,
            address,
            length,
            out,
            value,
          ),
    );
  } finally {
    staging.end();
  }
  const pointer = heap.getWord(out) as PinnedSlicePtr;
  if (pointer === 0) return undefined;
  return {
    pointer,
    address: heap.getWord(value + SliceLayout.data),
    length: heap.getWord(value + SliceLayout.length),
  };
}

export function has(
  target: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): boolean {
  const more = moreOf(options, target.family);
  const flags = readFlags(options);
  if (more === undefined) return find(target, 'rdb_db_has', key, flags, snapshot);
  const { found } = findWith(target, key, flags, snapshot, more);
  if (found !== 0) target.engine.native.calls.rdb_db_release(target.db);
  return found !== 0;
}
