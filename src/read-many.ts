/** Reads of several keys in one crossing, over one or several column families. */
import { type ReadResult, type Target, valueCodec } from './access.js';
import { type AnyColumnFamily, ColumnFamily } from './column-family.js';
import { bytesOf, type Codec } from './encoding.js';
import { InvalidArgumentError } from './errors.js';
import { SliceLayout, type SnapshotPtr } from './native/exports.gen.js';
import type { Heap } from './native/heap.js';
import type { NativeObject } from './native/native-object.js';
import { MAX_KEY_BYTES } from './native/staging.js';
import {
  MANY_READ_OPTIONS,
  type MoreOptions,
  moreOf,
  type ReadManyOptions,
  readFlags,
  stageMore,
} from './read-options.js';
import { type Timestamp, timestampOf } from './timestamps.js';

const MISSING = 0xffffffff;

/** @internal Calls `read` for each of `count` byte strings, packed as rdb_db_multi_get gives them. */
export function unpack<T>(
  heap: Heap,
  block: number,
  count: number,
  read: (address: number, length: number, index: number) => T,
): (T | undefined)[] {
  let at = block;
  return Array.from({ length: count }, (_, index) => {
    const length = heap.getWord(at);
    at += 4;
    if (length === MISSING) return undefined;
    const value = read(at, length, index);
    at += (length + 3) & ~3;
    return value;
  });
}

/** @internal The column family of each key, when that was said. */
export function familiesOf(
  keys: unknown,
  options: ReadManyOptions | undefined,
  db: NativeObject,
): AnyColumnFamily[] | undefined {
  if (!Array.isArray(keys)) throw invalid('expected an array of keys');
  const columnFamilies: unknown = options?.columnFamilies;
  if (columnFamilies === undefined) return undefined;
  if (!Array.isArray(columnFamilies) || columnFamilies.length !== keys.length) {
    throw invalid(`columnFamilies: expected one for each of the ${keys.length} keys`);
  }
  return columnFamilies.map((family) => ColumnFamily.handleOf(family, db));
}

/** Values of keys, in their order. `families`: that of each key; undefined: the target's. */
export function getMany(
  target: Target,
  keys: readonly unknown[],
  families: readonly AnyColumnFamily[] | undefined,
  snapshot: SnapshotPtr,
  options: ReadManyOptions | undefined,
): unknown[] {
  const { family } = target;
  if (families !== undefined || moreOf(options, family) !== undefined) {
    const each = families ?? keys.map(() => family);
    return getManyResults(target, keys, each, snapshot, options).map((result) => result?.value);
  }
  const codec = valueCodec(family, options);
  const { heap } = target.engine.native;
  return readPlainly(target, keys, snapshot, options, (at, length) =>
    codec.decode(heap, at, length),
  );
}

/** Whether keys have values, in their order. */
export function hasMany(
  target: Target,
  keys: readonly unknown[],
  families: readonly AnyColumnFamily[] | undefined,
  snapshot: SnapshotPtr,
  options: ReadManyOptions | undefined,
): boolean[] {
  if (families !== undefined || moreOf(options, target.family) !== undefined) {
    const each = families ?? keys.map(() => target.family);
    const undecoded = { ...options, valueEncoding: 'view' } as const;
    return getManyResults(target, keys, each, snapshot, undecoded).map(
      (result) => result !== undefined,
    );
  }
  const found = readPlainly(target, keys, snapshot, options, () => true);
  return found.map((each) => each === true);
}

/** Keys of the target's column family, when nothing is said of the read but flags. */
function readPlainly<T>(
  { engine, db, family }: Target,
  keys: readonly unknown[],
  snapshot: SnapshotPtr,
  options: ReadManyOptions | undefined,
  read: (address: number, length: number) => T,
): (T | undefined)[] {
  const { native, staging, out } = engine;
  const { heap, calls } = native;
  const flags = readFlags(options, MANY_READ_OPTIONS);
  const packed = packKeys(keys, () => family.keys);
  staging.begin();
  let block: number;
  try {
    staging.push(packed, 'keys', 0xffffffff);
    const { address } = staging;
    const status = calls.rdb_db_multi_get(
      db,
      family.pointer,
      flags,
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
    return unpack(heap, block, keys.length, read);
  } finally {
    calls.rdb_memory_free(block);
  }
}

/** Keys and the column family of each, and what is said of the read. */
export interface ManyRead {
  readonly keys: readonly unknown[];
  readonly families: readonly AnyColumnFamily[];
  readonly snapshot: SnapshotPtr;
  readonly options: ReadManyOptions | undefined;
}

/** @internal Reads keys of column families in one call; returns a block for rdb_memory_free. */
export function readMany(
  { engine, db }: Target,
  call: 'rdb_db_multi_get_with' | 'rdb_db_multi_get_entity',
  { keys, families, snapshot, options }: ManyRead,
  timestamps: boolean,
): number {
  const { native, staging, out } = engine;
  const flags = readFlags(options, MANY_READ_OPTIONS);
  // Every family must take the timestamp; it is the same for all.
  let more: MoreOptions | undefined;
  for (const family of new Set(families)) more = moreOf(options, family) ?? more;
  const packed = packKeys(keys, (index) => (families[index] as AnyColumnFamily).keys);
  staging.begin();
  try {
    staging.push(packed, 'keys', 0xffffffff);
    const { address } = staging;
    const at = stageMore(native, staging, more);
    const pointers = staging.reserve(4 * families.length);
    families.forEach(({ pointer }, index) => {
      native.heap.setWord(pointers + 4 * index, pointer);
    });
    const count = keys.length;
    const { calls } = native;
    native.check(
      call === 'rdb_db_multi_get_with'
        ? calls[call](db, pointers, flags, snapshot, at, address, count, timestamps ? 1 : 0, out)
        : calls[call](db, pointers, flags, snapshot, at, address, count, out),
    );
    return native.heap.getWord(out + SliceLayout.data);
  } finally {
    staging.end();
  }
}

/** Values of keys of several column families, in the order of the keys. */
export function getManyResults(
  target: Target,
  keys: readonly unknown[],
  families: readonly AnyColumnFamily[],
  snapshot: SnapshotPtr,
  options: ReadManyOptions | undefined,
): (ReadResult<unknown> | undefined)[] {
  const codecs = families.map((family) => valueCodec(family, options));
  const { heap, calls } = target.engine.native;
  const timestamps =
    target.view !== true && families.some(({ timestampSize }) => timestampSize > 0);
  const read = { keys, families, snapshot, options };
  const block = readMany(target, 'rdb_db_multi_get_with', read, timestamps);
  try {
    let at = block;
    return codecs.map((codec) => {
      const length = heap.getWord(at);
      at += 4;
      if (length === MISSING) return undefined;
      const value = codec.decode(heap, at, length);
      at += (length + 3) & ~3;
      const mergeOperandThresholdExceeded = heap.getWord(at) === 1;
      at += 4;
      let timestamp: Timestamp | undefined;
      if (timestamps) {
        const size = heap.getWord(at);
        timestamp = timestampOf(heap.bytes(at + 4, size));
        at += 4 + ((size + 3) & ~3);
      }
      return { value, timestamp, mergeOperandThresholdExceeded };
    });
  } finally {
    calls.rdb_memory_free(block);
  }
}

/** @internal Keys as rdb_db_multi_get takes them: a uint32 length and the bytes, padded to 4. */
export function packKeys(keys: readonly unknown[], codecFor: (index: number) => Codec): Uint8Array {
  const encoded = keys.map((key, index) => {
    const bytes = bytesOf(codecFor(index).encode(key), 'key');
    if (bytes.length > MAX_KEY_BYTES) throw tooLarge(bytes.length);
    return bytes;
  });
  return pack(encoded);
}

const encoder = new TextEncoder();

/** @internal Texts in the form of packKeys(). */
export function packTexts(texts: readonly string[]): Uint8Array {
  return pack(texts.map((text) => encoder.encode(text)));
}

function pack(encoded: readonly Uint8Array[]): Uint8Array {
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

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

function tooLarge(bytes: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `key of ${bytes} bytes: the limit is ${MAX_KEY_BYTES} bytes`,
  );
}
