import type { ReadOptions, WriteOptions } from './access.js';
import * as access from './access.js';
import type { Decoded, Encodable, Encoding } from './encoding.js';
import type { DBIterator, IteratorOptions } from './iterator.js';
import { ReadFlags, type TransactionPtr, WriteFlags } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { PinnedSlice } from './pinned-slice.js';
import { Snapshot } from './snapshot.js';
import { Timestamp } from './timestamp-words.js';
import { readTransactionInfo, type TransactionState } from './transaction-info.js';
import { checkLockTimeout } from './transaction-options.js';
import { invalid, View, type Viewed, type ViewOperationOptions, withFlags } from './view.js';
import type { WriteBatch } from './write-batch.js';
import { WriteBatchWithIndex } from './write-batch-with-index.js';

/** What a transaction needs of its database. */
export interface TransactionHome extends Viewed {
  /** False: an OptimisticTransactionDB. */
  readonly pessimistic: boolean;
  /** What is below can be read without the transaction's knowledge: policy `writeCommitted`. */
  readonly readsCommitted: boolean;
  /** Transactions by name, as long as they are not over. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  readonly namedTransactions: Map<string, Transaction<any, any>>;
}

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

/**
 * Changes that are applied together, or not at all, and do not overwrite what others do meanwhile. Reads see
 * its own changes over what the database has. Commit it or roll it back, and free it in the end: freed
 * before that, its changes are dropped and its locks given up (`using transaction = ...`). One that is
 * prepared stays so, for the next open.
 *
 * Of a TransactionDB: each write locks its key, and LockConflictError comes at once. Of an
 * OptimisticTransactionDB: `commit` throws it.
 */
export class Transaction<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends View<KE> {
  readonly #home: TransactionHome;
  readonly #pointer: TransactionPtr;
  #end: 'committed' | 'rolledBack' | undefined;
  #prepared: boolean;
  #snapshot: Snapshot | undefined;

  /** @internal Made by the database. `prepared`: it was recovered. */
  constructor(home: TransactionHome, pointer: TransactionPtr, prepared = false) {
    super('transaction', home, home, pointer, releaseTransaction);
    this.#home = home;
    this.#pointer = pointer;
    this.#prepared = prepared;
  }

  // --- reads ---------------------------------------------------------------------------------------

  /** The value of a key, its own changes included, or undefined. Takes no lock. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    this.#assertOpen();
    return this.readOne(key, options);
  }

  /** The values of keys, in their order; undefined where there is none. */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadOptions<E>,
  ): (Decoded<E> | undefined)[] {
    this.#assertOpen();
    return this.readMany(keys, options);
  }

  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: ReadOptions): boolean {
    this.#assertOpen();
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    return access.has(this.target(options), key, snapshot, options);
  }

  /** The value of a key without a copy, or undefined. It outlives the transaction: free it. */
  getPinned(key: Encodable<KE>, options?: ReadOptions): PinnedSlice | undefined {
    this.#assertOpen();
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    const found = access.getPinned(this.target(options), key, snapshot, options);
    if (found === undefined) return undefined;
    const { pointer, address, length } = found;
    return new PinnedSlice(this.engine, this.db, pointer, address, length);
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
    this.#assertActive();
    return this.readOne(key, options, lockFlags(options));
  }

  /** Like getMany, for update: all keys are locked before any is read. */
  getManyForUpdate<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: GetForUpdateOptions<E>,
  ): (Decoded<E> | undefined)[] {
    this.#assertActive();
    return this.readMany(keys, options, lockFlags(options));
  }

  /**
   * Gives the lock of getForUpdate up, unless the key was written too, or was locked before the last
   * savepoint, or more often than this was called.
   */
  undoGetForUpdate(key: Encodable<KE>, options?: ViewOperationOptions): void {
    this.#assertActive();
    const { family } = this.target(options);
    const { calls } = this.engine.native;
    this.staged(family.keys.encode(key), 'key', (at, length) =>
      calls.rdb_transaction_undo_get_for_update(this.#pointer, family.pointer, at, length),
    );
  }

  /**
   * A cursor over the database with the transaction's changes. Whether it sees those made after it is open
   * until the next `seek`. commit, rollback and rollbackToSavePoint free it. It cannot `refresh`.
   */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    this.#assertOpen();
    return this.scan<IK, IV, Decoded<IV>>(options, { flags: 0 });
  }

  // --- writes --------------------------------------------------------------------------------------

  put(key: Encodable<KE>, value: Encodable<VE>, options?: TransactionWriteOptions): void {
    this.#pair('rdb_db_put', key, value, options, this.#flags(options));
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
    this.#assertActive();
    const { calls } = this.engine.native;
    this.staged(data, 'data', (at, length) =>
      calls.rdb_transaction_put_log_data(this.#pointer, at, length),
    );
  }

  /** Does all that a batch says, as if it were said here. */
  rebuildFromWriteBatch(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any> | WriteBatchWithIndex<any, any>,
  ): void {
    this.#assertActive();
    const { calls } = this.engine.native;
    let status: number;
    if (batch instanceof WriteBatchWithIndex) {
      const from = batch.sealed(this.db, this.written);
      status = calls.rdb_transaction_rebuild_from_index(this.#pointer, from);
    } else {
      const from = batch.seal(this.db, this.written);
      status = calls.rdb_transaction_rebuild(this.#pointer, from);
    }
    if (status !== 0) throw this.engine.failed(status);
  }

  /**
   * What is written along with the commit of a prepared transaction, without locks and not part of what was
   * prepared; replaces what was set before. Only after `prepare` does `commit` take it.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
  setCommitTimeWriteBatch(batch: WriteBatch<any, any>): void {
    this.#assertOpen();
    const { native } = this.engine;
    const from = batch.seal(this.db, this.written);
    native.check(native.calls.rdb_transaction_set_commit_time_batch(this.#pointer, from));
  }

  /** Makes one put of what a key has: its merge operands, in the transaction and below it. */
  collapseKey(key: Encodable<KE>, options?: Pick<ReadOptions, 'columnFamily' | 'snapshot'>): void {
    this.#assertActive();
    const { family } = this.writeTarget(options);
    const { native } = this.engine;
    const snapshot = Snapshot.pointerOf(options?.snapshot, this.db);
    this.staged(family.keys.encode(key), 'key', (at, length) =>
      native.check(
        native.calls.rdb_transaction_collapse_key(
          this.#pointer,
          family.pointer,
          0,
          snapshot,
          at,
          length,
        ),
      ),
    );
  }

  /** From now on writes are not indexed: reads do not see them before the commit. Saves time. */
  disableIndexing(): void {
    this.#assertOpen();
    this.engine.native.calls.rdb_transaction_set_indexing(this.#pointer, 0);
  }

  enableIndexing(): void {
    this.#assertOpen();
    this.engine.native.calls.rdb_transaction_set_indexing(this.#pointer, 1);
  }

  /** Its changes as RocksDB keeps them: a batch with an index. The transaction frees it. */
  getWriteBatch(): WriteBatchWithIndex<KE, VE> {
    this.#assertOpen();
    const { calls } = this.engine.native;
    const pointer = calls.rdb_batch_with_index_of(this.#pointer);
    return new WriteBatchWithIndex<KE, VE>(this.#home, pointer, {
      parent: this,
      written: this.written,
      readsDatabase: this.#home.readsCommitted,
    });
  }

  // --- savepoints, snapshots -------------------------------------------------------------------------

  /** Remembers what the transaction is now. */
  setSavePoint(): void {
    this.#assertActive();
    this.engine.native.calls.rdb_transaction_set_savepoint(this.#pointer);
  }

  /** Undoes what was done since the last savepoint, with its locks, and takes that away. */
  rollbackToSavePoint(): void {
    this.#assertActive();
    this.freeIterators();
    this.#checkSavePoint(
      this.engine.native.calls.rdb_transaction_rollback_to_savepoint(this.#pointer),
    );
  }

  /** Takes the last savepoint away; nothing is undone. */
  popSavePoint(): void {
    this.#assertActive();
    this.#checkSavePoint(this.engine.native.calls.rdb_transaction_pop_savepoint(this.#pointer));
  }

  /**
   * From now on, a key that was written by others after this moment cannot be written nor read for update.
   * Reads see the present all the same, unless they are given the `snapshot`.
   */
  setSnapshot(): void {
    this.#assertActive();
    this.engine.native.calls.rdb_transaction_set_snapshot(this.#pointer, 0);
    this.#dropSnapshot();
  }

  /** Like setSnapshot, when a key is next written or read for update. */
  setSnapshotOnNextOperation(): void {
    this.#assertActive();
    this.engine.native.calls.rdb_transaction_set_snapshot(this.#pointer, 1);
  }

  clearSnapshot(): void {
    this.#assertOpen();
    this.engine.native.calls.rdb_transaction_clear_snapshot(this.#pointer);
    this.#dropSnapshot();
    this.engine.settle();
  }

  /** The present snapshot, for reads to be given; undefined when there is none. The transaction frees it. */
  get snapshot(): Snapshot | undefined {
    this.#assertOpen();
    const { calls } = this.engine.native;
    const number = calls.rdb_transaction_snapshot_number(this.#pointer);
    const known = this.#snapshot;
    if (known?.freed === false && Number(known.sequenceNumber) === number) return known;
    this.#dropSnapshot();
    const pointer = calls.rdb_transaction_get_snapshot(this.#pointer);
    if (pointer !== 0) this.#snapshot = new Snapshot(this.engine, this, pointer);
    return this.#snapshot;
  }

  // --- the end -------------------------------------------------------------------------------------

  /**
   * The first half of a commit in two phases: what it changes is in the log and survives a crash, not visible
   * yet; `getAllPreparedTransactions` finds it after the next open. Needs a name. Only of a TransactionDB.
   */
  prepare(): void {
    this.#assertActive();
    this.assertFamiliesWritable();
    this.#assertBudget();
    const { engine } = this;
    const status = engine.native.calls.rdb_transaction_prepare(this.#pointer);
    if (status !== 0) throw engine.failed(status);
    this.#prepared = true;
    engine.settle();
  }

  /**
   * Applies the changes. When it fails in a transaction that is not prepared, RocksDB has dropped the
   * changes of a pessimistic one, if it got as far as writing; an optimistic one is as it was.
   */
  commit(): void {
    this.#beforeCommit();
    const { engine } = this;
    const status = engine.native.calls.rdb_transaction_commit(this.#pointer);
    if (status !== 0) throw engine.failed(status);
    this.#over('committed');
  }

  /**
   * Commits at a timestamp, and keeps a snapshot of that moment, which `getTimestampedSnapshot` of the database
   * finds; free this hold on it. Undefined: a snapshot with a later timestamp exists. Only of a
   * TransactionDB that is `writeCommitted`.
   */
  commitAndTryCreateSnapshot(timestamp: bigint): Snapshot | undefined {
    this.#assertPessimistic('commitAndTryCreateSnapshot');
    const { low, high } = Timestamp.words(timestamp);
    this.#beforeCommit();
    const { native, out } = this.engine;
    const { calls } = native;
    const status = calls.rdb_transaction_commit_with_snapshot(this.#pointer, low, high, out);
    if (status !== 0) throw this.engine.failed(status);
    const pointer = native.heap.getWord(out) as ReturnType<typeof calls.rdb_snapshot_create>;
    const snapshot = pointer === 0 ? undefined : new Snapshot(this.engine, this.db, pointer);
    this.#over('committed');
    return snapshot;
  }

  /**
   * Drops the changes, and gives the locks up. One that was prepared is over then, and so is one that has
   * expired or failed to commit; any other can go on from nothing. Doing it again does nothing.
   */
  rollback(): void {
    if (this.#end !== 'rolledBack') this.#assertOpen();
    this.useView();
    if (this.#end === 'rolledBack') return;
    this.freeIterators();
    const { state } = this;
    const lost = state === 'locksStolen' || (state === 'awaitingCommit' && !this.#prepared);
    const { engine } = this;
    const status = lost ? 0 : engine.native.calls.rdb_transaction_rollback(this.#pointer);
    if (status !== 0) throw engine.failed(status);
    this.written.clear();
    if (lost || this.#prepared) this.#over('rolledBack');
    else engine.settle();
  }

  override free(): void {
    if (this.freed) return;
    this.#forgetName();
    super.free();
  }

  /** @internal It was begun anew, on the same C++ object. */
  begunAnew(): void {
    this.#end = undefined;
    this.#prepared = false;
    this.written.clear();
  }

  /** @internal Before it is begun anew: the pointer. */
  toBeginAnew(home: TransactionHome): TransactionPtr {
    this.useView();
    if (home !== this.#home) throw invalid('reuse: the transaction is of another database');
    if (this.#prepared && this.#end === undefined) {
      throw invalid('reuse: the transaction is prepared: commit it or roll it back');
    }
    this.#forgetName();
    this.freeIterators();
    this.#dropSnapshot();
    return this.#pointer;
  }

  // --- about it ------------------------------------------------------------------------------------

  get state(): TransactionState {
    return this.#end ?? this.#info.state;
  }

  /** RocksDB's id, by which `getLockStatusData` names it; 0n of an optimistic one. */
  get transactionId(): bigint {
    return this.#info.id;
  }

  /** The name that was set; undefined: none. */
  get name(): string | undefined {
    const { name } = this.#info;
    return name === '' ? undefined : name;
  }

  /** Names it, for `prepare` and getTransactionByName: once, and like no other one. Only of a TransactionDB. */
  setName(name: string): void {
    this.#assertPessimistic('setName');
    this.#assertActive();
    if (typeof name !== 'string' || name === '') {
      throw invalid(`setName: expected a text, got ${name === '' ? 'an empty one' : typeof name}`);
    }
    const { native } = this.engine;
    this.staged(name, 'name', (at, length) =>
      native.check(native.calls.rdb_transaction_set_name(this.#pointer, at, length)),
    );
    this.#home.namedTransactions.set(name, this);
  }

  get isDeadlockDetect(): boolean {
    return this.#info.deadlockDetect;
  }

  /** Keys that are locked or watched. */
  get numKeys(): number {
    return this.#info.keys;
  }

  get numPuts(): number {
    return this.#info.puts;
  }

  get numPutEntities(): number {
    return this.#info.putEntities;
  }

  get numDeletes(): number {
    return this.#info.deletes;
  }

  get numMerges(): number {
    return this.#info.merges;
  }

  /** Bytes of its changes, as they go into the log. */
  get byteLength(): number {
    return this.#info.batchBytes;
  }

  /** Milliseconds since it began, by the engine's clock. */
  get elapsedTime(): number {
    return this.#info.elapsed;
  }

  /** Number of the log that its preparation is in; 0n: it is not prepared. */
  get logNumber(): bigint {
    return this.#info.logNumber;
  }

  /** Milliseconds, as RocksDB has it; nothing waits here. */
  setLockTimeout(timeout: number | bigint): void {
    const milliseconds = checkLockTimeout(timeout);
    this.#assertOpen();
    this.engine.native.calls.rdb_transaction_set_lock_timeout(this.#pointer, milliseconds);
  }

  /** Of its preparation and its commit, instead of those that it was begun with. */
  setWriteOptions(options: Omit<WriteOptions, 'columnFamily'>): void {
    if (typeof options !== 'object' || options === null) {
      throw invalid('setWriteOptions: expected an object');
    }
    this.#assertOpen();
    const flags = access.writeFlags(options);
    this.engine.native.calls.rdb_transaction_set_write_flags(this.#pointer, flags);
  }

  /** Keys with timestamps that were written after this one cannot be written nor read for update. */
  setReadTimestampForValidation(timestamp: bigint): void {
    this.#setTimestamp('rdb_transaction_set_read_timestamp', timestamp);
  }

  /** The timestamp that all keys written with timestamps get. */
  setCommitTimestamp(timestamp: bigint): void {
    this.#setTimestamp('rdb_transaction_set_commit_timestamp', timestamp);
  }

  /** Undefined: it was not set. */
  get commitTimestamp(): bigint | undefined {
    return this.#info.commitTimestamp;
  }

  get #info() {
    this.engine.assertUsable();
    this.assertLive();
    return readTransactionInfo(this.engine, this.#pointer);
  }

  #setTimestamp(
    call: 'rdb_transaction_set_read_timestamp' | 'rdb_transaction_set_commit_timestamp',
    timestamp: bigint,
  ): void {
    const { low, high } = Timestamp.words(timestamp);
    this.#assertOpen();
    const { native } = this.engine;
    native.check(native.calls[call](this.#pointer, low, high));
  }

  #pair(
    call: 'rdb_db_put' | 'rdb_db_merge',
    key: unknown,
    value: unknown,
    options: ViewOperationOptions | undefined,
    flags: number,
  ): void {
    this.#assertActive();
    access.writePair(this.writeTarget(options), call, key, value, withFlags({}, flags));
  }

  #key(
    call: 'rdb_db_delete' | 'rdb_db_single_delete',
    key: unknown,
    options: ViewOperationOptions | undefined,
    flags: number,
  ): void {
    this.#assertActive();
    access.writeKey(this.writeTarget(options), call, key, withFlags({}, flags));
  }

  #flags(options: TransactionWriteOptions | undefined): number {
    if (options?.assumeTracked !== true) return 0;
    this.#assertPessimistic('assumeTracked');
    return WriteFlags.WriteAssumeTracked;
  }

  #assertPessimistic(what: string): void {
    if (!this.#home.pessimistic)
      throw invalid(`${what}: only transactions of a TransactionDB have it`);
  }

  /** It is not over. */
  #assertOpen(): void {
    if (this.#end === undefined) return;
    this.engine.assertUsable();
    this.assertLive();
    const how = this.#end === 'committed' ? 'was committed' : 'was rolled back';
    throw invalid(`transaction #${this.id} ${how}: begin another one`);
  }

  /** It is not over, and not prepared: what came after would be lost in a crash. */
  #assertActive(): void {
    this.#assertOpen();
    if (!this.#prepared) return;
    this.engine.assertUsable();
    this.assertLive();
    throw invalid(`transaction #${this.id} is prepared: it can only be committed or rolled back`);
  }

  #beforeCommit(): void {
    this.#assertOpen();
    this.useView();
    this.assertFamiliesWritable();
    this.#assertBudget();
    this.freeIterators();
  }

  #assertBudget(): void {
    if (this.engine.maxHeapBytes !== undefined) this.engine.assertBudget(2 * this.byteLength);
  }

  #checkSavePoint(status: number): void {
    if (status === 0) return;
    const error = this.engine.native.takeError(status);
    if (error.code !== 'ERR_ROCKSDB_NOT_FOUND') throw error;
    throw invalid('there is no savepoint: setSavePoint() makes one');
  }

  #over(end: 'committed' | 'rolledBack'): void {
    // RocksDB gives the name free at the commit; that of one that was rolled back goes with the object.
    if (end === 'committed') this.#forgetName();
    this.#end = end;
    // RocksDB would keep it, and all that it pins, until the transaction is freed.
    this.engine.native.calls.rdb_transaction_clear_snapshot(this.#pointer);
    this.#dropSnapshot();
    this.written.clear();
    this.engine.settle();
  }

  #forgetName(): void {
    const { namedTransactions } = this.#home;
    if (namedTransactions.size === 0 || this.engine.native.stopped) return;
    for (const [name, transaction] of namedTransactions) {
      if (transaction === this) namedTransactions.delete(name);
    }
  }

  /** An iterator may still read at it: then that goes first. */
  #dropSnapshot(): void {
    const known = this.#snapshot;
    this.#snapshot = undefined;
    if (known === undefined || known.freed || (known.core.borrowers?.size ?? 0) > 0) return;
    known.free();
  }
}

function lockFlags({ exclusive, validate }: GetForUpdateOptions = {}): number {
  let flags = ReadFlags.ReadForUpdate;
  if (exclusive === false) flags |= ReadFlags.ReadShared;
  if (validate === false) flags |= ReadFlags.ReadUnvalidated;
  return flags;
}

function releaseTransaction({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_transaction_free(pointer as TransactionPtr);
  context.settle();
}
