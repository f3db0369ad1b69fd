/** What a transaction reads and writes. */
import * as access from '../access.js';
import { type AnyColumnFamily, ColumnFamily } from '../column-family.js';
import type { EntityOptions } from '../database/wide-columns.js';
import type { Decoded, Encodable, Encoding } from '../encoding.js';
import * as entities from '../entities.js';
import type { DBIterator } from '../iterator.js';
import type { IteratorOptions } from '../iterator-options.js';
import { type AttributeGroup, openMultiIterator } from '../iterators.js';
import {
  type BatchWithIndexPtr,
  ReadFlags,
  type TransactionPtr,
  type WriteBatchPtr,
  WriteFlags,
} from '../native/exports.gen.js';
import { expected } from '../option-errors.js';
import { PinnedSlice } from '../pinned-slice.js';
import type { ReadManyOptions, ReadOptions } from '../read-options.js';
import { Snapshot } from '../snapshot.js';
import { type ViewOperationOptions, withFlags } from '../view.js';
import type { ColumnNames, WideColumns, WideColumnsInput } from '../wide-columns.js';
import { WriteBatch } from '../write-batch.js';
import { WriteBatchWithIndex } from '../write-batch-with-index.js';
import { TransactionCore, type TransactionHome } from './core.js';

export interface TransactionWriteOptions extends ViewOperationOptions {
  /** The key is locked already, by getForUpdate with the same snapshot: neither lock nor check it. */
  assumeTracked?: boolean;
}

export interface GetForUpdateOptions<VE extends Encoding = Encoding> extends ReadOptions<VE> {
  /** False: others may read for update, too, not exclusively. Default: true. */
  exclusive?: boolean;
  /** False: whatever was written since the transaction's snapshot. Default: true. */
  validate?: boolean;
}

export abstract class TransactionOperations<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends TransactionCore<KE> {
  #batch: WriteBatchWithIndex<KE, VE> | undefined;

  /** @internal Said, because JavaScriptCore gives the frame of one that is not said no file: a false site. */
  protected constructor(home: TransactionHome, pointer: TransactionPtr, prepared: boolean) {
    super(home, pointer, prepared);
  }

  /** The value of a key, its own changes included, or undefined. Takes no lock. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    this.assertOpen();
    return this.readOne(key, options);
  }

  /** The values of keys, in their order; undefined where there is none. `columnFamilies` says which is for which. */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E>,
  ): (Decoded<E> | undefined)[] {
    this.assertOpen();
    return this.readMany(keys, options);
  }

  /** The columns of a key, its own changes included, or undefined. Of a plain value: the default column alone. */
  getEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: ReadOptions<E> & EntityOptions<N>,
  ): WideColumns<Decoded<E>, N> | undefined {
    this.assertOpen();
    return this.readEntities<E, N>([key], options)[0];
  }

  /** The columns of keys, in their order; undefined where there are none. */
  getManyEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E> & EntityOptions<N>,
  ): (WideColumns<Decoded<E>, N> | undefined)[] {
    this.assertOpen();
    return this.readEntities<E, N>(keys, options);
  }

  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: ReadOptions): boolean {
    this.assertOpen();
    const target = this.target(options);
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    return access.has(target, key, snapshot, options);
  }

  /** The value of a key without a copy, or undefined. It outlives the transaction: free it. */
  getPinned(key: Encodable<KE>, options?: ReadOptions): PinnedSlice | undefined {
    this.assertOpen();
    const target = this.target(options);
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const found = access.getPinned(target, key, snapshot, options);
    if (found === undefined) return undefined;
    const { pointer, address, length } = found;
    return new PinnedSlice(this.engine, this.db, target.family, pointer, address, length);
  }

  /**
   * Like get, and makes sure that nobody else writes the key before the transaction is over: by a lock, or
   * (optimistic) by a check at the commit. LockConflictError when it is locked, or was written since the
   * transaction's snapshot. The key need not exist.
   */
  getForUpdate<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: GetForUpdateOptions<E>,
  ): Decoded<E> | undefined {
    this.assertActive();
    return this.readOne(key, options, lockFlags(options));
  }

  /** Like getEntity, for update. */
  getEntityForUpdate<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: GetForUpdateOptions<E> & EntityOptions<N>,
  ): WideColumns<Decoded<E>, N> | undefined {
    this.assertActive();
    return this.readEntities<E, N>([key], options, lockFlags(options))[0];
  }

  /** Like getMany, for update: all keys are locked before any is read. */
  getManyForUpdate<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: GetForUpdateOptions<E> & ReadManyOptions<E>,
  ): (Decoded<E> | undefined)[] {
    this.assertActive();
    return this.readMany(keys, options, lockFlags(options));
  }

  /**
   * Gives the lock of getForUpdate up, unless the key was written too, or was locked before the last
   * savepoint, or more often than this was called.
   */
  undoGetForUpdate(key: Encodable<KE>, options?: ViewOperationOptions): void {
    this.assertActive();
    const { family } = this.target(options);
    const { calls } = this.engine.native;
    this.staged(family.keys.encode(key), 'key', (at, length) =>
      calls.rdb_transaction_undo_get_for_update(this.handle, family.pointer, at, length),
    );
  }

  /**
   * A cursor over the database with the transaction's changes. Whether it sees those made after it is open
   * until the next `seek`. commit, rollback and rollbackToSavePoint free it. It cannot `refresh`.
   */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    this.assertOpen();
    return this.scan<IK, IV, Decoded<IV>>(options);
  }

  /** Over several column families as if they were one; see the database's. Otherwise like `iterator`. */
  coalescingIterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    columnFamilies: readonly AnyColumnFamily[],
    options: Omit<IteratorOptions<IK, IV>, 'columnFamily'> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    const iterator = this.#scanAll('coalescing', columnFamilies, options);
    return iterator as DBIterator<Decoded<IK>, Decoded<IV>>;
  }

  /** Of each key, the columns in each of the column families. Otherwise like `iterator`. */
  attributeGroupIterator<IK extends Encoding = KE, N extends ColumnNames = 'utf8'>(
    columnFamilies: readonly AnyColumnFamily[],
    options: Omit<IteratorOptions<IK>, 'columnFamily' | 'columns'> & { columnNames?: N } = {},
    // biome-ignore lint/suspicious/noExplicitAny: values are in the encodings of whatever families
  ): DBIterator<Decoded<IK>, AttributeGroup<any, N>[]> {
    const iterator = this.#scanAll('attributeGroups', columnFamilies, options);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return iterator as DBIterator<Decoded<IK>, AttributeGroup<any, N>[]>;
  }

  /**
   * Sets a key's value, in a TransactionDB once the key is locked: throws LockConflictError, whose `reason` says why, when it
   * cannot be.
   */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: TransactionWriteOptions): void {
    this.#pair('rdb_db_put', key, value, options, this.#flags(options));
  }

  /** Writes an entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: TransactionWriteOptions,
  ): void {
    this.#entity(key, columns, options, this.#flags(options));
  }

  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: TransactionWriteOptions): void {
    this.#key('rdb_db_delete', key, options, this.#flags(options));
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: TransactionWriteOptions): void {
    this.#key('rdb_db_single_delete', key, options, this.#flags(options));
  }

  /** Adds an operand for the column family's `mergeOperator`. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: TransactionWriteOptions): void {
    this.#pair('rdb_db_merge', key, operand, options, this.#flags(options));
  }

  /** Like put; locks the key, but does not look whether it was written since the snapshot. */
  putUntracked(key: Encodable<KE>, value: Encodable<VE>, options?: ViewOperationOptions): void {
    this.#pair('rdb_db_put', key, value, options, WriteFlags.WriteUntracked);
  }

  /** Likewise. */
  putEntityUntracked(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: ViewOperationOptions,
  ): void {
    this.#entity(key, columns, options, WriteFlags.WriteUntracked);
  }

  /** Likewise. */
  deleteUntracked(key: Encodable<KE>, options?: ViewOperationOptions): void {
    this.#key('rdb_db_delete', key, options, WriteFlags.WriteUntracked);
  }

  /** Likewise. */
  singleDeleteUntracked(key: Encodable<KE>, options?: ViewOperationOptions): void {
    this.#key('rdb_db_single_delete', key, options, WriteFlags.WriteUntracked);
  }

  /** Likewise. */
  mergeUntracked(key: Encodable<KE>, operand: Encodable<VE>, options?: ViewOperationOptions): void {
    this.#pair('rdb_db_merge', key, operand, options, WriteFlags.WriteUntracked);
  }

  /** Puts bytes into the log, for those who read that; no key is written. */
  putLogData(data: string | Uint8Array): void {
    this.assertActive();
    const { calls } = this.engine.native;
    this.staged(data, 'data', (at, length) =>
      calls.rdb_transaction_put_log_data(this.handle, at, length),
    );
  }

  /** Does all that a batch says, as if it were said here. */
  rebuildFromWriteBatch(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any> | WriteBatchWithIndex<any, any>,
  ): void {
    this.assertActive();
    this.assertOrdered();
    const { calls } = this.engine.native;
    const { written } = this;
    const indexed = batch instanceof WriteBatchWithIndex;
    if (!indexed && !(batch instanceof WriteBatch)) {
      throw expected('a batch of db.batch() or db.batchWithIndex()', 'batch', batch);
    }
    const from = indexed ? batch.sealed(this.db, written) : batch.seal(this.db, { written });
    this.reindex(() => {
      const status = indexed
        ? calls.rdb_transaction_rebuild_from_index(this.handle, from as BatchWithIndexPtr)
        : calls.rdb_transaction_rebuild(this.handle, from as WriteBatchPtr);
      if (status !== 0) throw this.engine.failed(status);
    });
  }

  /**
   * What is written along with the commit of a prepared transaction, without locks and not part of what was
   * prepared; replaces what was set before. Only after `prepare` does `commit` take it.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
  setCommitTimeWriteBatch(batch: WriteBatch<any, any>): void {
    this.assertOpen();
    if (!(batch instanceof WriteBatch)) throw expected('a batch of db.batch()', 'batch', batch);
    const { native } = this.engine;
    const from = batch.seal(this.db, { written: this.written });
    native.check(native.calls.rdb_transaction_set_commit_time_batch(this.handle, from));
  }

  /** Makes one put of what a key has: its merge operands, in the transaction and below it. */
  collapseKey(key: Encodable<KE>, options?: Pick<ReadOptions, 'columnFamily' | 'snapshot'>): void {
    this.assertActive();
    const { family } = this.writeTarget(options);
    const { native } = this.engine;
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const { calls } = native;
    const bytes = family.keys.encode(key);
    this.reindex(() =>
      this.staged(bytes, 'key', (at, length) =>
        native.check(
          calls.rdb_transaction_collapse_key(this.handle, family.pointer, 0, snapshot, at, length),
        ),
      ),
    );
  }

  /** From now on writes are not indexed: reads do not see them before the commit. Saves time. */
  disableIndexing(): void {
    this.assertOpen();
    this.engine.native.calls.rdb_transaction_set_indexing(this.handle, 0);
  }

  /** Has writes indexed again: reads of the transaction see them. */
  enableIndexing(): void {
    this.assertOpen();
    this.engine.native.calls.rdb_transaction_set_indexing(this.handle, 1);
  }

  /**
   * Its changes as RocksDB keeps them: a batch with an index, to be read. What is written to it directly takes
   * no locks. The transaction frees it.
   */
  getWriteBatch(): WriteBatchWithIndex<KE, VE> {
    this.assertOpen();
    if (this.#batch?.freed === false) return this.#batch;
    this.useView();
    const pointer = this.engine.native.calls.rdb_batch_with_index_of(this.handle);
    this.#batch = new WriteBatchWithIndex<KE, VE>(this.home, pointer, {
      parent: this,
      changes: this.changes,
      assertActive: () => this.assertActive(),
      readsDatabase: this.home.readsCommitted,
    });
    return this.#batch;
  }

  #scanAll(
    type: 'coalescing' | 'attributeGroups',
    columnFamilies: readonly AnyColumnFamily[],
    options: IteratorOptions,
  ): DBIterator<unknown, unknown> {
    this.assertOpen();
    this.useView();
    this.assertOrdered();
    const families = ColumnFamily.handlesOf(columnFamilies, this.db);
    return openMultiIterator(this.source, families, type, options);
  }

  #entity(
    key: unknown,
    columns: unknown,
    options: ViewOperationOptions | undefined,
    flags: number,
  ): void {
    this.assertActive();
    entities.putEntity(this.writeTarget(options), key, columns, withFlags({}, flags));
  }

  #pair(
    call: 'rdb_db_put' | 'rdb_db_merge',
    key: unknown,
    value: unknown,
    options: ViewOperationOptions | undefined,
    flags: number,
  ): void {
    this.assertActive();
    access.writePair(this.writeTarget(options), call, key, value, withFlags({}, flags));
  }

  #key(
    call: 'rdb_db_delete' | 'rdb_db_single_delete',
    key: unknown,
    options: ViewOperationOptions | undefined,
    flags: number,
  ): void {
    this.assertActive();
    access.writeKey(this.writeTarget(options), call, key, withFlags({}, flags));
  }

  #flags(options: TransactionWriteOptions | undefined): number {
    if (options?.assumeTracked !== true) return 0;
    this.assertPessimistic('assumeTracked');
    return WriteFlags.WriteAssumeTracked;
  }
}

/** What is no object is told by whoever reads the other options. */
function lockFlags(options: GetForUpdateOptions | undefined): number {
  let flags = ReadFlags.ReadForUpdate;
  if (options?.exclusive === false) flags |= ReadFlags.ReadShared;
  if (options?.validate === false) flags |= ReadFlags.ReadUnvalidated;
  return flags;
}
