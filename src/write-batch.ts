import { type AnyColumnFamily, ColumnFamily } from './column-family.js';
import type { Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import type { WriteBatchPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type Bytes, MAX_KEY_BYTES, MAX_VALUE_BYTES, outOfMemory } from './native/staging.js';

/** Where an operation of a batch goes. */
export interface BatchOperationOptions {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
}

/** RocksDB's record tags: [default column family, with a column family's id]. */
const TAGS = {
  put: [0x1, 0x5],
  delete: [0x0, 0x4],
  merge: [0x2, 0x6],
  singleDelete: [0x7, 0x8],
  deleteRange: [0xf, 0xe],
} as const;

/** Sequence number (8 bytes) and count (4 bytes). */
const HEADER_BYTES = 12;
const COUNT_OFFSET = 8;
const FIRST_CAPACITY = 512;
/** A batch is held three times while it is written. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;
const VARINT_BYTES_MAX = 5;

/**
 * Updates that are applied together, atomically, by `db.write(batch)`. It is written in RocksDB's own
 * representation straight into linear memory, with no crossing an operation. It can be written again, and
 * cleared and filled anew; free it when it is not needed.
 */
export class WriteBatch<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  readonly #engine: Engine;
  readonly #db: NativeObject;
  readonly #default: AnyColumnFamily;
  /** Those that its operations name, the default one aside. */
  readonly #families = new Set<AnyColumnFamily>();
  readonly #pointer: WriteBatchPtr;
  /** Address and size of the bytes; they move only in #reserve. */
  #base = 0;
  #capacity = 0;
  #length = HEADER_BYTES;
  #count = 0;

  /** @internal Made by `db.batch()`. */
  constructor(engine: Engine, db: NativeObject, defaultFamily: AnyColumnFamily) {
    const pointer = engine.native.calls.rdb_write_batch_create();
    super(engine.context, 'writeBatch', db, pointer, releaseBatch);
    this.#engine = engine;
    this.#db = db;
    this.#default = defaultFamily;
    this.#pointer = pointer;
    try {
      this.#reserve(FIRST_CAPACITY);
    } catch (error) {
      this.free(); // nobody else can
      throw error;
    }
    this.clear();
  }

  /** Operations in it. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of its representation: what goes into the log. */
  get byteLength(): number {
    return this.#length;
  }

  put(key: Encodable<KE>, value: Encodable<VE>, options?: BatchOperationOptions): this {
    return this.#append('put', key, value, options);
  }

  delete(key: Encodable<KE>, options?: BatchOperationOptions): this {
    return this.#append('delete', key, undefined, options);
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: BatchOperationOptions): this {
    return this.#append('singleDelete', key, undefined, options);
  }

  /** Needs a `mergeOperator` on the column family. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: BatchOperationOptions): this {
    return this.#append('merge', key, operand, options);
  }

  /** Deletes the keys in [begin, end). */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options?: BatchOperationOptions): this {
    return this.#append('deleteRange', begin, end, options);
  }

  /** Removes all operations; the memory is kept for the next ones. */
  clear(): this {
    this.#use();
    this.#length = HEADER_BYTES;
    this.#count = 0;
    this.#families.clear();
    this.#engine.native.heap.HEAPU8.fill(0, this.#base, this.#base + HEADER_BYTES);
    return this;
  }

  /**
   * @internal Completes the representation; returns the pointer, when it can be written to `db`. `written`
   * hears of its column families.
   */
  seal(db: NativeObject, written?: Set<AnyColumnFamily>): WriteBatchPtr {
    this.#use();
    for (const family of this.#families) {
      family.assertWritable();
      written?.add(family);
    }
    if (db !== this.#db) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `the batch belongs to another database than db #${db.id}`,
      );
    }
    const { native } = this.#engine;
    native.heap.view.setUint32(this.#base + COUNT_OFFSET, this.#count, true);
    native.calls.rdb_write_batch_set_length(this.#pointer, this.#length);
    return this.#pointer;
  }

  #use(): void {
    this.#engine.assertUsable();
    this.assertLive();
    this.touch();
  }

  #append(
    operation: keyof typeof TAGS,
    key: unknown,
    value: unknown,
    options: BatchOperationOptions | undefined,
  ): this {
    this.#use();
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `options: expected an object, got ${options === null ? 'null' : typeof options}`,
      );
    }
    const family =
      options?.columnFamily === undefined
        ? this.#default
        : ColumnFamily.handleOf(options.columnFamily, this.#db);
    family.assertWritable();
    if (operation === 'merge') family.assertMergeable();
    // Before anything is written: a value's toJSON may use this very batch, or free it.
    const keyData = family.keys.encode(key);
    const pair = operation === 'put' || operation === 'merge';
    const range = operation === 'deleteRange';
    const other = pair
      ? family.values.encode(value)
      : range
        ? family.keys.encode(value)
        : undefined;
    this.#use();
    const before = this.#length;
    try {
      const id = family.familyId;
      const [plain, withFamily] = TAGS[operation];
      this.#ensure(1 + VARINT_BYTES_MAX);
      this.#engine.native.heap.HEAPU8[this.#base + this.#length++] = id === 0 ? plain : withFamily;
      if (id !== 0) this.#varint(id);
      const keyLength = this.#bytes(keyData, 'key', MAX_KEY_BYTES);
      const keyEnd = this.#length;
      if (pair) {
        this.#bytes(other as Bytes, operation === 'put' ? 'value' : 'operand', MAX_VALUE_BYTES);
      } else if (range) {
        const endLength = this.#bytes(other as Bytes, 'end key', MAX_KEY_BYTES);
        const begin = this.#base + keyEnd - keyLength;
        family.assertOrder(begin, keyLength, this.#base + this.#length - endLength, endLength);
      }
      if (id !== 0) this.#families.add(family);
    } catch (error) {
      this.#length = before; // nothing of it stays
      throw error;
    }
    this.#count++;
    return this;
  }

  /** A length-prefixed slice; returns its length without the prefix. */
  #bytes(data: Bytes, what: string, limit: number): number {
    const { heap } = this.#engine.native;
    if (typeof data !== 'string') {
      if (!(data instanceof Uint8Array)) throw wrongType(what, data);
      if (data.length > limit) throw tooLarge(what, data.length, limit);
      this.#ensure(VARINT_BYTES_MAX + data.length);
      this.#varint(data.length);
      heap.copyIn(data, this.#base + this.#length);
      this.#length += data.length;
      return data.length;
    }
    if (data.length > limit) throw tooLarge(what, data.length, limit);
    this.#ensure(VARINT_BYTES_MAX + data.length * 3);
    if (data.length * 3 < 0x80) {
      // The length takes one byte whatever the text is.
      const written = heap.writeText(data, this.#base + this.#length + 1);
      this.#varint(written);
      this.#length += written;
      return written;
    }
    const at = this.#base + this.#length + VARINT_BYTES_MAX;
    const written = heap.writeText(data, at);
    if (written > limit) throw tooLarge(what, written, limit);
    this.#varint(written);
    heap.HEAPU8.copyWithin(this.#base + this.#length, at, at + written);
    this.#length += written;
    return written;
  }

  #varint(value: number): void {
    const heap = this.#engine.native.heap.HEAPU8;
    let at = this.#base + this.#length;
    let rest = value;
    while (rest > 0x7f) {
      heap[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    heap[at++] = rest;
    this.#length = at - this.#base;
  }

  #ensure(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#capacity) return;
    if (needed > MAX_BATCH_BYTES) throw tooLarge('batch', needed, MAX_BATCH_BYTES);
    this.#engine.assertBudget(needed);
    this.#reserve(Math.min(Math.max(needed, this.#capacity * 2), MAX_BATCH_BYTES));
  }

  #reserve(capacity: number): void {
    const base = this.#engine.native.calls.rdb_write_batch_reserve(this.#pointer, capacity) >>> 0;
    if (base === 0) throw outOfMemory('the batch', capacity);
    this.#base = base;
    this.#capacity = capacity;
  }
}

function releaseBatch({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_write_batch_free(pointer as WriteBatchPtr);
}

function wrongType(what: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${what}: expected a string or a Uint8Array, got ${value === null ? 'null' : typeof value}`,
  );
}

function tooLarge(what: string, bytes: number, limit: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `${what} of ${bytes} bytes: the limit is ${limit} bytes`,
  );
}
