/** Point reads and writes on a database's pointer: one crossing each. And what callers may say with them. */
import type { AnyColumnFamily } from './column-family.js';
import { type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import {
  type DbPtr,
  type PinnedSlicePtr,
  ReadFlags,
  SliceLayout,
  type SnapshotPtr,
  ValueLayout,
  WriteFlags,
} from './native/exports.gen.js';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
import type { Snapshot } from './snapshot.js';

export interface WriteOptions {
  /** Return only when the write is on disk (fsync of the log). Default: false. */
  sync?: boolean;
  /** Do not write the log: the write is lost by a crash before the next flush. Default: false. */
  disableWAL?: boolean;
  /** Fail with BusyError instead of waiting when RocksDB stalls writes. Default: false. */
  noSlowdown?: boolean;
  /** Let compaction go first when it is behind. Default: false. */
  lowPri?: boolean;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
}

export interface ReadOptions<VE extends Encoding = Encoding> {
  /** Read at this snapshot. Default: the present. */
  snapshot?: Snapshot;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean;
  /** Default: true. */
  verifyChecksums?: boolean;
  /** `blockCache`: BusyError (Incomplete) instead of reading a file. Default: `all`. */
  readTier?: 'all' | 'blockCache';
  /** Default: the column family's. */
  valueEncoding?: VE;
}

/** @internal What only views are asked (a transaction, a batch with an index): bits of the flags. */
export interface ViewFlags {
  viewFlags?: number;
}

export function writeFlags(options: WriteOptions | undefined): number {
  if (options === undefined) return 0;
  let flags = 0;
  if (options.sync === true) flags |= WriteFlags.WriteSync;
  if (options.disableWAL === true) flags |= WriteFlags.WriteDisableWal;
  if (options.noSlowdown === true) flags |= WriteFlags.WriteNoSlowdown;
  if (options.lowPri === true) flags |= WriteFlags.WriteLowPriority;
  return flags | ((options as ViewFlags).viewFlags ?? 0);
}

function readFlags(options: ReadOptions | undefined): number {
  if (options === undefined) return 0;
  let flags = 0;
  if (options.verifyChecksums === false) flags |= ReadFlags.ReadNoChecksums;
  if (options.fillCache === false) flags |= ReadFlags.ReadNoFillCache;
  if (options.readTier === 'blockCache') flags |= ReadFlags.ReadCacheOnly;
  return flags | ((options as ViewFlags).viewFlags ?? 0);
}

function valueCodec(family: AnyColumnFamily, options: ReadOptions | undefined): Codec {
  const encoding = options?.valueEncoding;
  return encoding === undefined ? family.values : codecOf(encoding, 'valueEncoding');
}

/** Where an operation goes. */
export interface Target {
  readonly engine: Engine;
  /** The database, or a view of it. */
  readonly db: DbPtr;
  readonly family: AnyColumnFamily;
}

/** Writes of a key and something beside it: a value, an operand, or the end of a range. */
export function writePair(
  { engine, db, family }: Target,
  call: 'rdb_db_put' | 'rdb_db_merge' | 'rdb_db_delete_range',
  key: unknown,
  other: unknown,
  options: WriteOptions | undefined,
): void {
  const { staging, native } = engine;
  const range = call === 'rdb_db_delete_range';
  family.assertWritable();
  if (call === 'rdb_db_merge') family.assertMergeable();
  // First of all: a value's toJSON may use the database, and with it the staging area.
  const first = family.keys.encode(key);
  const second = (range ? family.keys : family.values).encode(other);
  staging.begin();
  try {
    staging.push(first, range ? 'begin key' : 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    if (range) {
      staging.push(second, 'end key', MAX_KEY_BYTES);
      family.assertOrder(address, length, staging.address, staging.length);
    } else {
      staging.push(second, call === 'rdb_db_put' ? 'value' : 'operand', MAX_VALUE_BYTES);
    }
    engine.assertBudget(2 * staging.length);
    const status = native.calls[call](
      db,
      family.pointer,
      writeFlags(options),
      address,
      length,
      staging.address,
      staging.length,
    );
    if (status !== 0) throw engine.failed(status);
  } finally {
    staging.end();
  }
  engine.settle();
}

export function writeKey(
  { engine, db, family }: Target,
  call: 'rdb_db_delete' | 'rdb_db_single_delete',
  key: unknown,
  options: WriteOptions | undefined,
): void {
  const { staging, native } = engine;
  family.assertWritable();
  const data = family.keys.encode(key);
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    engine.assertBudget(2 * staging.length);
    const { address, length } = staging;
    const status = native.calls[call](db, family.pointer, writeFlags(options), address, length);
    if (status !== 0) throw engine.failed(status);
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

export function get(
  target: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): unknown {
  const codec = valueCodec(target.family, options);
  if (!find(target, 'rdb_db_get', key, readFlags(options), snapshot)) return undefined;
  const { native, out } = target.engine;
  const { heap } = native;
  const pinned = heap.getWord(out + ValueLayout.pinned) === 1;
  try {
    return codec.decode(
      heap,
      heap.getWord(out + ValueLayout.data),
      heap.getWord(out + ValueLayout.length),
    );
  } finally {
    if (pinned) native.calls.rdb_db_release(target.db);
  }
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
  const data = family.keys.encode(key);
  const value = out + 8;
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const flags = readFlags(options);
    native.check(
      calls.rdb_pinned_slice_create(
        db,
        family.pointer,
        flags,
        snapshot,
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
  return find(target, 'rdb_db_has', key, readFlags(options), snapshot);
}

const MISSING = 0xffffffff;

/** Values of keys, in their order. */
export function getMany(
  { engine, db, family }: Target,
  keys: readonly unknown[],
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
): unknown[] {
  const codec = valueCodec(family, options);
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const packed = packKeys(keys, family.keys);
  staging.begin();
  let block: number;
  try {
    staging.push(packed, 'keys', 0xffffffff);
    const { address } = staging;
    const status = calls.rdb_db_multi_get(
      db,
      family.pointer,
      readFlags(options),
      snapshot,
      address,
      keys.length,
      out,
    );
    if (status !== 0) throw native.takeError(status);
    block = heap.getWord(out + SliceLayout.data);
  } finally {
    staging.end();
  }
  try {
    let at = block;
    return keys.map(() => {
      const length = heap.getWord(at);
      at += 4;
      if (length === MISSING) return undefined;
      const value = codec.decode(heap, at, length);
      at += (length + 3) & ~3;
      return value;
    });
  } finally {
    calls.rdb_memory_free(block);
  }
}

const encoder = new TextEncoder();

/** Keys as rdb_db_multi_get takes them: a uint32 length and the bytes, padded to 4. */
function packKeys(keys: readonly unknown[], codec: Codec): Uint8Array {
  const encoded = keys.map((key) => {
    const data = codec.encode(key);
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    if (!(bytes instanceof Uint8Array)) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `key: expected a string or a Uint8Array, got ${bytes === null ? 'null' : typeof bytes}`,
      );
    }
    if (bytes.length > MAX_KEY_BYTES) throw tooLarge(bytes.length);
    return bytes;
  });
  const size = encoded.reduce((sum, bytes) => sum + 4 + ((bytes.length + 3) & ~3), 0);
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.length, true);
    packed.set(bytes, at + 4);
    at += 4 + ((bytes.length + 3) & ~3);
  }
  return packed;
}

function tooLarge(bytes: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `key of ${bytes} bytes: the limit is ${MAX_KEY_BYTES} bytes`,
  );
}
