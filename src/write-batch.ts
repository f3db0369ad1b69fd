import { BatchBuffer, MAX_BATCH_BYTES, tooLarge } from './batch-buffer.js';
import { assertAppendable, withoutTimes } from './batch-checks.js';
import { type AnyColumnFamily, ColumnFamily } from './column-family.js';
import type { Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { assertTakesEntities } from './entities.js';
import { InvalidArgumentError, RocksDBError } from './errors.js';
import type { WriteBatchPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type Bytes, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
import { objectOf } from './option-errors.js';
import { whole } from './read-options.js';
import { type Timestamp, timestampBytes, unixTimeBytes } from './timestamps.js';
import { encodeColumns, type WideColumnsInput } from './wide-columns.js';
import {
  BATCH_HEADER_BYTES,
  decodeWriteBatch,
  readBatchRecords,
  type WriteBatchOperation,
  withoutNoops,
} from './write-batch-decoder.js';

/** Where an operation of a batch goes. */
export interface BatchOperationOptions {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily | undefined;
  /**
   * Of the version that is written, where the column family has user-defined timestamps. It may be left out
   * and given to all keys later, by `updateTimestamps`.
   */
  timestamp?: Timestamp | undefined;
}

export interface BatchOptions {
  /** An operation that would make the batch larger than this many bytes is refused. Default: 1 GiB. */
  maxBytes?: number | undefined;
}

/** RocksDB's record tags: [default column family, with a column family's id]. */
const TAGS = {
  put: [0x1, 0x5],
  delete: [0x0, 0x4],
  merge: [0x2, 0x6],
  singleDelete: [0x7, 0x8],
  deleteRange: [0xf, 0xe],
  putEntity: [0x16, 0x17],
  timedPut: [0x18, 0x19],
} as const;
const LOG_DATA_TAG = 0x3;

const COUNT_OFFSET = 8;
const FIRST_CAPACITY = 512;

/** What a batch was at a save point. */
interface SavePoint {
  readonly length: number;
  readonly count: number;
  readonly untimed: number;
  readonly families: readonly AnyColumnFamily[];
}

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
  readonly #buffer: BatchBuffer;
  readonly #maxBytes: number;
  readonly #savePoints: SavePoint[] = [];
  #count = 0;
  /** Operations whose keys wait for updateTimestamps(). */
  #untimed = 0;

  /** @internal Made by `db.batch()`; or by `owner`, for its own use. */
  constructor(
    engine: Engine,
    db: NativeObject,
    defaultFamily: AnyColumnFamily,
    options: BatchOptions = {},
    owner?: NativeObject,
  ) {
    const { maxBytes = MAX_BATCH_BYTES } = objectOf(options);
    const limit = whole('maxBytes', maxBytes, MAX_BATCH_BYTES);
    const pointer = engine.native.calls.rdb_write_batch_create();
    const kind = owner === undefined ? 'writeBatch' : 'buffer';
    super(engine.context, kind, owner ?? db, pointer, releaseBatch);
    this.#engine = engine;
    this.#db = db;
    this.#default = defaultFamily;
    this.#pointer = pointer;
    this.#maxBytes = limit;
    this.#buffer = new BatchBuffer(engine, pointer);
    try {
      this.#buffer.reserve(FIRST_CAPACITY);
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
    return this.#buffer.length;
  }

  /**
   * Bytes that it holds on the wasm heap for its representation, room to grow in included. clear() keeps them, free()
   * gives them back.
   */
  get capacityBytes(): number {
    return this.freed ? 0 : this.#buffer.capacity;
  }

  /** A copy of its representation, which `db.batchFrom` and RocksDB everywhere understand. */
  get data(): Uint8Array {
    return this.#complete().slice();
  }

  /** Sets a key's value when the batch is written. The batch itself is returned. */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: BatchOperationOptions): this {
    return this.#append('put', key, value, options);
  }

  /**
   * A put that counts as written at `writeUnixTime`, seconds since 1970: tiered storage takes it for as old as
   * that. RocksDB calls it experimental; not with user-defined timestamps.
   */
  timedPut(
    key: Encodable<KE>,
    value: Encodable<VE>,
    writeUnixTime: bigint | number,
    options?: Omit<BatchOperationOptions, 'timestamp'>,
  ): this {
    return this.#append('timedPut', key, value, options, unixTimeBytes(writeUnixTime));
  }

  /** An entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: Omit<BatchOperationOptions, 'timestamp'>,
  ): this {
    return this.#append('putEntity', key, columns, options);
  }

  /** Deletes a key when the batch is written; it need not exist. */
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

  /** Bytes for whoever reads the log (`getUpdatesSince`, native tools): the database has nothing of them. */
  putLogData(data: Bytes): this {
    this.#use();
    return this.#whole(() => {
      this.#buffer.tag(LOG_DATA_TAG, 0);
      this.#buffer.slice(data, 'log data', MAX_VALUE_BYTES);
    });
  }

  /** Its operations, in order, as bytes: keys and values are not decoded. */
  operations(): WriteBatchOperation[] {
    const sizes = new Map([...this.#families].map((each) => [each.familyId, each.timestampSize]));
    sizes.set(0, this.#default.timestampSize);
    return decodeWriteBatch(this.#complete(), { timestampSize: (id) => sizes.get(id) ?? 0 });
  }

  /** Remembers its present state, for rollbackToSavePoint(). */
  setSavePoint(): this {
    this.#use();
    this.#savePoints.push({
      length: this.#buffer.length,
      count: this.#count,
      untimed: this.#untimed,
      families: [...this.#families],
    });
    return this;
  }

  /** Takes back what was added since the last save point, and the save point. Throws when there is none. */
  rollbackToSavePoint(): this {
    const { length, count, untimed, families } = this.#popSavePoint('rollbackToSavePoint');
    this.#buffer.length = length;
    this.#count = count;
    this.#untimed = untimed;
    this.#families.clear();
    for (const family of families) this.#families.add(family);
    return this;
  }

  /** Forgets the last save point; the operations stay. Throws when there is none. */
  popSavePoint(): this {
    this.#popSavePoint('popSavePoint');
    return this;
  }

  /** Gives all its keys, in column families with user-defined timestamps, this timestamp. */
  updateTimestamps(timestamp: Timestamp): this {
    const bytes = this.#complete();
    const families = [this.#default, ...this.#families].filter((each) => each.timestampSize > 0);
    if (families.length === 0) {
      throw invalid('updateTimestamps: no column family of the batch has user-defined timestamps');
    }
    const times = new Map(
      families.map((each) => [each.familyId, timestampBytes(timestamp, each) as Uint8Array]),
    );
    for (const { type, counted, columnFamilyId, first, second } of readBatchRecords(bytes)) {
      const time = times.get(columnFamilyId);
      if (!counted || time === undefined) continue;
      first.set(time, first.length - time.length);
      if (type === 'deleteRange') second.set(time, second.length - time.length);
    }
    this.#untimed = 0;
    return this;
  }

  /** Removes all operations and save points; the memory is kept for the next ones. */
  clear(): this {
    this.#use();
    this.#buffer.length = BATCH_HEADER_BYTES;
    this.#buffer.view().fill(0);
    this.#count = 0;
    this.#untimed = 0;
    this.#families.clear();
    this.#savePoints.length = 0;
    return this;
  }

  /** @internal Adds the operations of a representation; `open`: column families that it may name. */
  append(given: Uint8Array, open: readonly AnyColumnFamily[]): void {
    this.#use();
    const data = withoutNoops(given);
    const families = new Map(open.map((family) => [family.familyId, family]));
    const records = readBatchRecords(data);
    this.#whole(() => {
      const begin = this.#buffer.length;
      this.#buffer.raw(data.subarray(BATCH_HEADER_BYTES));
      // In linear memory, where keys can be compared.
      const base = this.#buffer.address(begin - BATCH_HEADER_BYTES) - data.byteOffset;
      const named = records.map((record) => assertAppendable(record, families, base));
      for (const family of named) if (family?.familyId) this.#families.add(family);
    });
    this.#count += records.filter(({ counted }) => counted).length;
  }

  /**
   * @internal Completes the representation; returns the pointer, when it can be written to `db`. `written`
   * hears of its column families: they are a transaction's then, and their keys get its timestamp.
   */
  seal(
    db: NativeObject,
    how: { ignoreMissing?: boolean; written?: Set<AnyColumnFamily> } = {},
  ): WriteBatchPtr {
    this.#use();
    for (const family of this.#families) {
      if (how.ignoreMissing !== true) family.assertWritable();
      how.written?.add(family);
    }
    if (db !== this.#db) throw invalid(`the batch belongs to another database than db #${db.id}`);
    if (this.#untimed > 0 && how.written === undefined) throw withoutTimes(this.#untimed);
    this.#complete();
    this.#engine.native.calls.rdb_write_batch_set_length(this.#pointer, this.#buffer.length);
    return this.#pointer;
  }

  /** Its bytes, with the count, until the next call. */
  #complete(): Uint8Array {
    this.#use();
    const { native } = this.#engine;
    native.heap.view.setUint32(this.#buffer.address(COUNT_OFFSET), this.#count, true);
    return this.#buffer.view();
  }

  #use(): void {
    this.#engine.assertUsable();
    this.assertLive();
    this.touch();
  }

  #popSavePoint(call: string): SavePoint {
    this.#use();
    const point = this.#savePoints.pop();
    if (point !== undefined) return point;
    throw new RocksDBError('ERR_ROCKSDB_NOT_FOUND', `${call}: the batch has no save point`);
  }

  /** Nothing of what `write` adds stays when it throws. */
  #whole(write: () => void): this {
    const before = this.#buffer.length;
    try {
      write();
      const { length } = this.#buffer;
      if (length > this.#maxBytes) throw tooLarge('batch', length, this.#maxBytes);
    } catch (error) {
      this.#buffer.length = before;
      throw error;
    }
    return this;
  }

  #append(
    operation: keyof typeof TAGS,
    key: unknown,
    value: unknown,
    options: BatchOperationOptions | undefined,
    /** What the value ends with. */
    suffix?: Uint8Array,
  ): this {
    this.#use();
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      const got = options === null ? 'null' : typeof options;
      throw invalid(`options: expected an object, got ${got}`);
    }
    const family =
      options?.columnFamily === undefined
        ? this.#default
        : ColumnFamily.handleOf(options.columnFamily, this.#db);
    family.assertWritable();
    if (operation === 'merge') family.assertMergeable();
    if (operation === 'putEntity' || operation === 'timedPut') assertTakesEntities(family);
    const untimed = family.timestampSize > 0 && options?.timestamp === undefined;
    const time = untimed
      ? new Uint8Array(family.timestampSize)
      : timestampBytes(options?.timestamp, family);
    // Before anything is written: a value's toJSON may use this very batch, or free it.
    const first = family.keys.encode(key);
    const second = encodeSecond(operation, family, value);
    this.#use();
    this.#whole(() => {
      const id = family.familyId;
      const [plain, withFamily] = TAGS[operation];
      this.#buffer.tag(id === 0 ? plain : withFamily, id);
      const what = operation === 'deleteRange' ? 'begin key' : 'key';
      const length = this.#buffer.slice(first, what, MAX_KEY_BYTES, time);
      if (operation === 'delete' || operation === 'singleDelete') return;
      const end = this.#buffer.length;
      if (operation === 'deleteRange') {
        const endLength = this.#buffer.slice(second, 'end key', MAX_KEY_BYTES, time);
        this.#assertOrder(family, end - length, length, this.#buffer.length - endLength, endLength);
      } else {
        const whatValue = operation === 'merge' ? 'operand' : 'value';
        this.#buffer.slice(second, whatValue, MAX_VALUE_BYTES, suffix);
      }
    });
    if (family.familyId !== 0) this.#families.add(family);
    if (untimed) this.#untimed++;
    this.#count++;
    return this;
  }

  /** Of keys in the buffer, which end with their timestamps. */
  #assertOrder(
    family: AnyColumnFamily,
    begin: number,
    beginLength: number,
    end: number,
    endLength: number,
  ): void {
    const size = family.timestampSize;
    const from = this.#buffer.address(begin);
    family.assertOrder(from, beginLength - size, this.#buffer.address(end), endLength - size);
  }
}

/** What comes after the key: the end of a range, or a value. */
function encodeSecond(
  operation: keyof typeof TAGS,
  family: AnyColumnFamily,
  value: unknown,
): Bytes {
  switch (operation) {
    case 'delete':
    case 'singleDelete':
      return '';
    case 'deleteRange':
      return family.keys.encode(value);
    case 'putEntity':
      return encodeColumns(value, family.values);
    default:
      return family.values.encode(value);
  }
}

function releaseBatch({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_write_batch_free(pointer as WriteBatchPtr);
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
