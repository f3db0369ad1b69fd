import type { Target } from './access.js';
import * as access from './access.js';
import {
  type BatchEntry,
  type BatchIteratorOptions,
  entryOptions,
  entryReader,
} from './batch-entries.js';
import type { AnyColumnFamily } from './column-family.js';
import type { EntityOptions } from './database/wide-columns.js';
import type { Decoded, Encodable, Encoding } from './encoding.js';
import * as entities from './entities.js';
import { InvalidOptionError, NotSupportedError } from './errors.js';
import type { DBIterator } from './iterator.js';
import type { IteratorOptions } from './iterator-options.js';
import {
  type BatchWithIndexPtr,
  BatchWithIndexInfoLayout as Layout,
  ReadFlags,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import type { NativeObject } from './native/native-object.js';
import { expected } from './option-errors.js';
import { formatInteger } from './option-formats.js';
import type { ReadManyOptions, ReadOptions } from './read-options.js';
import { type Timestamp, timestampBytes } from './timestamps.js';
import { invalid, View, type ViewChanges, type Viewed, type ViewOperationOptions } from './view.js';
import type { ColumnNames, WideColumns, WideColumnsInput } from './wide-columns.js';

export interface WriteBatchWithIndexOptions {
  /**
   * True: the index has one entry a key, the newest, merges aside. False: all of them, in the order in which
   * they were made. Default: false.
   */
  overwriteKey?: boolean;
  /** Bytes to reserve at once. Default: 0. */
  reservedBytes?: number;
  /** Bytes that it may take; an operation beyond fails (MemoryLimit). 0 (default): any. */
  maxBytes?: number;
  /** Checksums of each operation in memory: 0 (default) or 8 bytes. */
  protectionBytesPerKey?: 0 | 8;
}

interface Origin {
  readonly parent: NativeObject;
  readonly changes?: ViewChanges;
  /** Of a transaction's own batch: throws when the transaction takes no writes. */
  readonly assertActive?: () => void;
  /** False: the database below must not be read beside the transaction. */
  readonly readsDatabase: boolean;
}

/**
 * Updates that are applied together by `db.write(batch)`, and can be read before that: alone, or over what
 * the database has. It has no range deletions. Made by `db.batchWithIndex()`: free it; or a transaction's own.
 */
export class WriteBatchWithIndex<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends View<KE> {
  readonly #pointer: BatchWithIndexPtr;
  readonly #readsDatabase: boolean;
  readonly #assertActive: (() => void) | undefined;

  /** @internal Made by `db.batchWithIndex()` and `transaction.getWriteBatch()`. */
  constructor(db: Viewed, pointer: BatchWithIndexPtr, origin: Origin) {
    super('writeBatch', db, origin.parent, pointer, releaseBatch, origin.changes);
    this.#pointer = pointer;
    this.#readsDatabase = origin.readsDatabase;
    this.#assertActive = origin.assertActive;
  }

  /** Operations in it; overwritten ones count, too. */
  get count(): number {
    return this.#word(Layout.count);
  }

  /** Bytes of its representation: what goes into the log. */
  get byteLength(): number {
    return this.#word(Layout.length);
  }

  get overwriteKey(): boolean {
    return this.#word(Layout.overwriteKey) === 1;
  }

  /** RocksDB's representation of the batch, copied. */
  get data(): Uint8Array {
    const length = this.#word(Layout.length);
    const { heap } = this.engine.native;
    return heap.copyOut(heap.getWord(this.engine.out + Layout.data), length);
  }

  /** Sets a key's value when the batch is written; reads through the batch see it at once. */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: ViewOperationOptions): this {
    access.writePair(this.writeTarget(options), 'rdb_db_put', key, value, undefined);
    return this;
  }

  /** An entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: ViewOperationOptions,
  ): this {
    entities.putEntity(this.writeTarget(options), key, columns, undefined);
    return this;
  }

  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: ViewOperationOptions): this {
    access.writeKey(this.writeTarget(options), 'rdb_db_delete', key, undefined);
    return this;
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: ViewOperationOptions): this {
    access.writeKey(this.writeTarget(options), 'rdb_db_single_delete', key, undefined);
    return this;
  }

  /** Needs a `mergeOperator` on the column family. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: ViewOperationOptions): this {
    access.writePair(this.writeTarget(options), 'rdb_db_merge', key, operand, undefined);
    return this;
  }

  /** Puts bytes into the log, for those who read that; no key is written. */
  putLogData(data: string | Uint8Array): this {
    this.useView();
    this.#assertActive?.();
    const { native } = this.engine;
    this.staged(data, 'data', (at, length) =>
      native.check(native.calls.rdb_batch_with_index_put_log_data(this.#pointer, at, length)),
    );
    return this;
  }

  /**
   * The value that the batch gives a key; undefined when it gives none. With merge operands that need what the
   * database has: an error of the code ERR_ROCKSDB_MERGE_IN_PROGRESS.
   */
  getFromBatch<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: Pick<ReadOptions<E>, 'columnFamily' | 'valueEncoding'>,
  ): Decoded<E> | undefined {
    return this.readOne(key, options, ReadFlags.ReadBatchOnly);
  }

  /** The value that a key would have, were the batch written now. */
  getFromBatchAndDB<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    this.#assertReadsDatabase();
    return this.readOne(key, options);
  }

  /** The columns that the batch gives a key; undefined when it gives none. Otherwise like `getFromBatch`. */
  getEntityFromBatch<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: Pick<ReadOptions<E>, 'columnFamily' | 'valueEncoding'> & EntityOptions<N>,
  ): WideColumns<Decoded<E>, N> | undefined {
    return this.readEntities<E, N>([key], options, ReadFlags.ReadBatchOnly)[0];
  }

  /** The columns that a key would have, were the batch written now. Of a plain value: the default column. */
  getEntityFromBatchAndDB<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: ReadOptions<E> & EntityOptions<N>,
  ): WideColumns<Decoded<E>, N> | undefined {
    this.#assertReadsDatabase();
    return this.readEntities<E, N>([key], options)[0];
  }

  /** The same of several keys, in their order. */
  getManyEntityFromBatchAndDB<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E> & EntityOptions<N>,
  ): (WideColumns<Decoded<E>, N> | undefined)[] {
    this.#assertReadsDatabase();
    return this.readEntities<E, N>(keys, options);
  }

  /** The values that keys would have, in their order. `columnFamilies` says which is for which. */
  getManyFromBatchAndDB<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E>,
  ): (Decoded<E> | undefined)[] {
    this.#assertReadsDatabase();
    return this.readMany(keys, options);
  }

  /** A cursor over the entries of the batch alone, by key. clear and rollbackToSavePoint free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: BatchIteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, BatchEntry<Decoded<IV>>> {
    const over = { flags: ReadFlags.ReadBatchOnly, readValue: entryReader };
    return this.scan<IK, IV, BatchEntry<Decoded<IV>>>(entryOptions(options), over);
  }

  /**
   * A cursor over the database as if the batch were written. Whether it sees operations that are added after
   * it is open until the next `seek`. clear and rollbackToSavePoint free it. It cannot `refresh`.
   */
  iteratorWithBase<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    this.#assertReadsDatabase();
    return this.scan<IK, IV, Decoded<IV>>(options);
  }

  /** Gives all its keys, in column families with user-defined timestamps, this timestamp: `db.write` needs it. */
  updateTimestamps(timestamp: Timestamp): this {
    this.useView();
    this.#assertOwn();
    this.assertOrdered();
    const families = [this.db.defaultColumnFamily, ...this.written];
    const timed = families.filter((family) => family.timestampSize > 0);
    if (timed.length === 0) {
      throw invalid('updateTimestamps: no column family of the batch has user-defined timestamps');
    }
    const [bytes] = timed.map((family) => timestampBytes(timestamp, family) as Uint8Array);
    const { native } = this.engine;
    this.staged(bytes as Uint8Array, 'data', (at, length) =>
      native.check(native.calls.rdb_batch_with_index_update_timestamps(this.#pointer, at, length)),
    );
    return this;
  }

  /** Remembers what the batch is now. */
  setSavePoint(): void {
    this.useView();
    this.#assertOwn();
    this.assertOrdered();
    this.engine.native.calls.rdb_batch_with_index_set_savepoint(this.#pointer);
  }

  /** Takes out what was added since the last savepoint, and that with it. */
  rollbackToSavePoint(): void {
    this.useView();
    this.#assertOwn();
    this.freeIterators();
    const { calls } = this.engine.native;
    this.reindex(() =>
      this.#checkSavePoint(calls.rdb_batch_with_index_rollback_to_savepoint(this.#pointer)),
    );
    this.changes.index.madeAnew();
  }

  /** Takes the last savepoint away; nothing is taken out. */
  popSavePoint(): void {
    this.useView();
    this.#assertOwn();
    const { calls } = this.engine.native;
    this.#checkSavePoint(calls.rdb_batch_with_index_pop_savepoint(this.#pointer));
  }

  /** Removes all operations and savepoints. */
  clear(): this {
    this.useView();
    this.#assertOwn();
    this.freeIterators();
    this.engine.native.calls.rdb_batch_with_index_clear(this.#pointer);
    this.written.clear();
    this.changes.index.madeAnew();
    return this;
  }

  /** Bytes that it may take from now on; 0: any. */
  setMaxBytes(bytes: number): void {
    const checked = Number(formatInteger('size', bytes, 'bytes'));
    this.useView();
    this.engine.native.calls.rdb_batch_with_index_set_max_bytes(this.#pointer, checked);
  }

  /** @internal The pointer, when it can be applied to `db`; `written` hears of its column families. */
  sealed(db: NativeObject, written?: Set<AnyColumnFamily>): BatchWithIndexPtr {
    this.engine.assertUsable();
    this.assertLive();
    this.touch();
    this.#assertOwn();
    this.assertOrdered();
    if (db !== this.db) throw invalid(`the batch belongs to another database than db #${db.id}`);
    this.assertFamiliesWritable();
    for (const family of this.written) written?.add(family);
    return this.#pointer;
  }

  protected override writeTarget(options: ViewOperationOptions | undefined): Target {
    const target = super.writeTarget(options);
    this.#assertActive?.();
    return target;
  }

  /** What a transaction knows of its batch would not be true any more. */
  #assertOwn(): void {
    if (this.#assertActive === undefined) return;
    throw invalid("the batch is a transaction's: commit that, or roll it back");
  }

  #word(offset: number): number {
    this.engine.assertUsable();
    this.assertLive();
    const { out, native } = this.engine;
    native.calls.rdb_batch_with_index_get_info(this.#pointer, out);
    return native.heap.getWord(out + offset);
  }

  #assertReadsDatabase(): void {
    if (this.#readsDatabase) return;
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      'with this write policy the database holds what is not committed: read through a transaction',
    );
  }

  #checkSavePoint(status: number): void {
    if (status === 0) return;
    const error = this.engine.native.takeError(status);
    if (error.code !== 'ERR_ROCKSDB_NOT_FOUND') throw error;
    throw invalid('there is no savepoint: setSavePoint() makes one');
  }
}

/** @internal Makes one for `db.batchWithIndex()`. */
export function createBatchWithIndex<KE extends Encoding, VE extends Encoding>(
  db: Viewed,
  dbPointer: Parameters<Viewed['engine']['native']['calls']['rdb_batch_with_index_create']>[0],
  options: WriteBatchWithIndexOptions,
  readsDatabase: boolean,
): WriteBatchWithIndex<KE, VE> {
  const { engine } = db;
  const checked = checkOptions(options);
  engine.assertBudget(checked.reservedBytes);
  const { native, out } = engine;
  native.check(
    native.calls.rdb_batch_with_index_create(
      dbPointer,
      checked.overwriteKey ? 1 : 0,
      checked.reservedBytes,
      checked.maxBytes,
      checked.protectionBytesPerKey,
      out,
    ),
  );
  const pointer = native.heap.getWord(out) as BatchWithIndexPtr;
  return new WriteBatchWithIndex<KE, VE>(db, pointer, { parent: db, readsDatabase });
}

/** What is reserved at once would stop the engine if it were not there. */
const MAX_RESERVED_BYTES = 256 * 1024 * 1024;

function checkOptions(options: WriteBatchWithIndexOptions): Required<WriteBatchWithIndexOptions> {
  if (typeof options !== 'object' || options === null)
    throw expected('an object', 'options', options);
  const known = ['overwriteKey', 'reservedBytes', 'maxBytes', 'protectionBytesPerKey'];
  const extra = Object.keys(options).find((name) => !known.includes(name));
  if (extra !== undefined) throw expected(`no option but ${known.join(', ')}`, 'options', extra);
  const { overwriteKey = false, protectionBytesPerKey = 0 } = options;
  if (typeof overwriteKey !== 'boolean')
    throw expected('true or false', 'overwriteKey', overwriteKey);
  if (protectionBytesPerKey !== 0 && protectionBytesPerKey !== 8) {
    throw expected('0 or 8', 'protectionBytesPerKey', protectionBytesPerKey);
  }
  const size = (name: 'reservedBytes' | 'maxBytes') =>
    Number(formatInteger('size', options[name] ?? 0, name));
  const reservedBytes = size('reservedBytes');
  if (reservedBytes > MAX_RESERVED_BYTES) {
    throw new InvalidOptionError(
      `reservedBytes: ${reservedBytes} is more than ${MAX_RESERVED_BYTES}`,
      'reservedBytes',
      reservedBytes,
    );
  }
  return { overwriteKey, protectionBytesPerKey, reservedBytes, maxBytes: size('maxBytes') };
}

function releaseBatch({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_batch_with_index_free(pointer as BatchWithIndexPtr);
}
