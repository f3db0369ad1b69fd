/** What is known of keys and of ranges of keys without reading them, and what versions there are of them. */

import { type Target, valueCodec } from './access.js';
import type { AnyColumnFamily } from './column-family.js';
import type { Codec } from './encoding.js';
import { InvalidArgumentError } from './errors.js';
import {
  KeyVersionLayout,
  MayExistLayout,
  MemtableStatsLayout,
  SizeFlags,
  SliceLayout,
  type SnapshotPtr,
} from './native/exports.gen.js';
import { MAX_KEY_BYTES } from './native/staging.js';
import { packKeys, unpack } from './read-many.js';
import { moreOf, type ReadOptions, readFlags, stageMore, whole } from './read-options.js';
import { shown } from './shown.js';
import { type Timestamp, timestampBytes, timestampOf } from './timestamps.js';

/** The keys in [begin, end). */
export interface KeyRange<K> {
  begin: K;
  end: K;
}

/** What `approximateSizes` counts. */
export interface SizeApproximationOptions {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily | undefined;
  /** Count what is in files. Default: true. */
  includeFiles?: boolean | undefined;
  /** Count what is in memtables. Default: false. */
  includeMemtables?: boolean | undefined;
  /** By what part of all files' size the result may be wrong, for speed; such as 0.1. Default: as exact as can be. */
  filesSizeErrorMargin?: number | undefined;
}

/** A key in memtables and files, as RocksDB keeps it. */
export interface KeyVersion<K> {
  key: K;
  /** Of the user, where the column family has user-defined timestamps. */
  timestamp: Timestamp | undefined;
  /** As it is stored: a value, an operand, the serialization of an entity, a reference to a blob file. */
  value: Uint8Array;
  /** 0 where compaction has found it to be of no more use. */
  sequenceNumber: bigint;
  type: KeyVersionType;
}

export type KeyVersionType =
  | 'put'
  | 'timedPut'
  | 'putEntity'
  | 'putBlobIndex'
  | 'merge'
  | 'delete'
  | 'singleDelete'
  | 'deleteRange';

/** RocksDB's ValueType, of those that memtables and files hold. */
const VERSION_TYPES: Readonly<Record<number, KeyVersionType>> = {
  0: 'delete',
  1: 'put',
  2: 'merge',
  7: 'singleDelete',
  15: 'deleteRange',
  17: 'putBlobIndex',
  20: 'delete',
  22: 'putEntity',
  24: 'timedPut',
};

const WORD_MAX = 0xffffffff;

export function keyMayExist(
  { engine, db, family }: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions | undefined,
  withValue: boolean,
): { mayExist: boolean; value: unknown } {
  const codec = valueCodec(family, options);
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const flags = readFlags(options);
  const more = moreOf(options, family);
  const data = family.keys.encode(key);
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const at = stageMore(native, staging, more);
    const { pointer } = family;
    const value = withValue ? 1 : 0;
    native.check(
      calls.rdb_db_key_may_exist(db, pointer, flags, snapshot, at, address, length, value, out),
    );
  } finally {
    staging.end();
  }
  const layout = MayExistLayout;
  const mayExist = heap.getWord(out + layout.mayExist) === 1;
  if (heap.getWord(out + layout.valueFound) === 0) return { mayExist, value: undefined };
  const block = heap.getWord(out + layout.value);
  try {
    return { mayExist, value: codec.decode(heap, block, heap.getWord(out + layout.valueLength)) };
  } finally {
    calls.rdb_memory_free(block);
  }
}

export function getMergeOperands(
  { engine, db, family }: Target,
  key: unknown,
  snapshot: SnapshotPtr,
  options: ReadOptions & { maxOperands?: number | undefined } = {},
): unknown[] {
  const codec = valueCodec(family, options);
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const flags = readFlags(options);
  const more = moreOf(options, family);
  const { maxOperands } = options;
  const limit = maxOperands === undefined ? 0 : whole('maxOperands', maxOperands, 1 << 20);
  const data = family.keys.encode(key);
  const count = out + SliceLayout.byteLength;
  staging.begin();
  try {
    staging.push(data, 'key', MAX_KEY_BYTES);
    const { address, length } = staging;
    const at = stageMore(native, staging, more);
    const { pointer } = family;
    native.check(
      calls.rdb_db_get_merge_operands(
        db,
        pointer,
        flags,
        snapshot,
        at,
        address,
        length,
        limit,
        out,
        count,
      ),
    );
  } finally {
    staging.end();
  }
  const block = heap.getWord(out + SliceLayout.data);
  try {
    return unpack(heap, block, heap.getWord(count), (at, length) => codec.decode(heap, at, length));
  } finally {
    calls.rdb_memory_free(block);
  }
}

export function approximateSizes(
  { engine, db, family }: Target,
  ranges: readonly KeyRange<unknown>[],
  options: SizeApproximationOptions,
): number[] {
  const { includeFiles = true, includeMemtables = false, filesSizeErrorMargin = -1 } = options;
  if (!includeFiles && !includeMemtables) {
    throw invalid('approximateSizes: includeFiles and includeMemtables are both off');
  }
  if (typeof filesSizeErrorMargin !== 'number' || Number.isNaN(filesSizeErrorMargin)) {
    throw invalid(`filesSizeErrorMargin: expected a number, got ${shown(filesSizeErrorMargin)}`);
  }
  const flags =
    (includeFiles ? SizeFlags.SizeFiles : 0) | (includeMemtables ? SizeFlags.SizeMemtables : 0);
  const packed = packKeys(ranges.flatMap(boundsOf), () => family.keys);
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(packed, 'ranges', WORD_MAX);
    const { address } = staging;
    assertOrders(family, address, new DataView(packed.buffer), ranges.length);
    const sizes = staging.reserve(8 * ranges.length);
    const { pointer } = family;
    const margin = filesSizeErrorMargin;
    native.check(
      native.calls.rdb_db_approximate_sizes(
        db,
        pointer,
        flags,
        margin,
        address,
        ranges.length,
        sizes,
      ),
    );
    return ranges.map((_, index) => native.heap.view.getFloat64(sizes + 8 * index, true));
  } finally {
    staging.end();
  }
}

function boundsOf(range: unknown): [unknown, unknown] {
  if (typeof range !== 'object' || range === null || !('begin' in range && 'end' in range)) {
    throw invalid('a range: expected an object with begin and end');
  }
  return [range.begin, range.end];
}

/** RocksDB takes it that they are. */
function assertOrders(
  family: AnyColumnFamily,
  address: number,
  packed: DataView,
  count: number,
): void {
  let at = 0;
  const key = () => {
    const length = packed.getUint32(at, true);
    const begin = address + at + 4;
    at += 4 + ((length + 3) & ~3);
    return [begin, length] as const;
  };
  for (let i = 0; i < count; i++) family.assertOrder(...key(), ...key(), 'a range');
}

export function approximateMemTableStats(
  { engine, db, family }: Target,
  range: KeyRange<unknown>,
): { count: number; bytes: number } {
  const [begin, end] = boundsOf(range).map((key) => family.keys.encode(key)) as [string, string];
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(begin, 'begin', MAX_KEY_BYTES);
    const { address, length } = staging;
    staging.push(end, 'end', MAX_KEY_BYTES);
    family.assertOrder(address, length, staging.address, staging.length, 'a range');
    native.check(
      native.calls.rdb_db_approximate_memtable_stats(
        db,
        family.pointer,
        address,
        length,
        staging.address,
        staging.length,
        out,
      ),
    );
  } finally {
    staging.end();
  }
  return {
    count: native.heap.getDouble(out + MemtableStatsLayout.count),
    bytes: native.heap.getDouble(out + MemtableStatsLayout.bytes),
  };
}

export function getAllKeyVersions(
  { engine, db, family }: Target,
  begin: unknown,
  end: unknown,
  limit: number,
): KeyVersion<unknown>[] {
  const max = whole('maxKeys', limit, WORD_MAX);
  if (max === 0) return [];
  const bounds = [begin, end].map((key) =>
    key === undefined ? undefined : family.keys.encode(key),
  );
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const count = out + SliceLayout.byteLength;
  staging.begin();
  try {
    const [from, to] = bounds.map((key, index) => {
      if (key === undefined) return { address: 0, length: 0 };
      staging.push(key, index === 0 ? 'begin' : 'end', MAX_KEY_BYTES);
      return { address: staging.address, length: staging.length };
    }) as [{ address: number; length: number }, { address: number; length: number }];
    native.check(
      calls.rdb_db_get_key_versions(
        db,
        family.pointer,
        from.address,
        from.length,
        to.address,
        to.length,
        max,
        out,
        count,
      ),
    );
  } finally {
    staging.end();
  }
  const block = heap.getWord(out + SliceLayout.data);
  try {
    let at = block;
    return Array.from({ length: heap.getWord(count) }, () => {
      const { version, next } = readVersion(at);
      at = next;
      return version;
    });
  } finally {
    calls.rdb_memory_free(block);
  }

  function readVersion(at: number): { version: KeyVersion<unknown>; next: number } {
    const layout = KeyVersionLayout;
    const keyLength = heap.getWord(at + layout.keyLength) - family.timestampSize;
    const valueLength = heap.getWord(at + layout.valueLength);
    const key = at + layout.byteLength;
    const time = key + keyLength;
    const value = time + family.timestampSize;
    const { timestampSize } = family;
    const version: KeyVersion<unknown> = {
      key: (family.keys as Codec).decode(heap, key, keyLength),
      timestamp: timestampSize === 0 ? undefined : timestampOf(heap.bytes(time, timestampSize)),
      value: heap.copyOut(value, valueLength),
      sequenceNumber: BigInt(heap.getDouble(at + layout.sequenceNumber)),
      type: VERSION_TYPES[heap.getWord(at + layout.type)] as KeyVersionType,
    };
    return { version, next: (value + valueLength + 7) & ~7 };
  }
}

export function increaseFullHistoryTsLow({ engine, db, family }: Target, low: unknown): void {
  const bytes = timestampBytes(low, family, 'timestamp') ?? new Uint8Array();
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(bytes, 'timestamp', bytes.length);
    const { address, length } = staging;
    const { pointer } = family;
    native.check(native.calls.rdb_db_increase_full_history_ts_low(db, pointer, address, length));
  } finally {
    staging.end();
  }
}

export function getFullHistoryTsLow({ engine, db, family }: Target): Timestamp | undefined {
  if (family.timestampSize === 0) {
    throw invalid(`column family '${family.name}' has no user-defined timestamps`);
  }
  const { native, out } = engine;
  const { heap, calls } = native;
  native.check(calls.rdb_db_get_full_history_ts_low(db, family.pointer, out));
  const block = heap.getWord(out + SliceLayout.data);
  const length = heap.getWord(out + SliceLayout.length);
  try {
    return length === 0 ? undefined : timestampOf(heap.bytes(block, length));
  } finally {
    calls.rdb_memory_free(block);
  }
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
