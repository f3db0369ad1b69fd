import type { Encoding } from './encoding.js';
import type { SnapshotPtr, TransactionPtr } from './native/exports.gen.js';
import { Snapshot } from './snapshot.js';
import type { TransactionHome } from './transactions/core.js';
import { TransactionOperations } from './transactions/operations.js';
import { Timestamp } from './transactions/timestamp.js';
import { invalid } from './view.js';

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
> extends TransactionOperations<KE, VE> {
  #snapshot: Snapshot | undefined;

  /** @internal Made by the database. `prepared`: it was recovered. */
  constructor(home: TransactionHome, pointer: TransactionPtr, prepared = false) {
    super(home, pointer, prepared);
  }

  /** Remembers what the transaction is now. */
  setSavePoint(): void {
    this.assertActive();
    this.assertOrdered();
    this.engine.native.calls.rdb_transaction_set_savepoint(this.handle);
  }

  /** Undoes what was done since the last savepoint, with its locks, and takes that away. */
  rollbackToSavePoint(): void {
    this.assertActive();
    this.freeIterators();
    const { calls } = this.engine.native;
    this.reindex(() =>
      this.#checkSavePoint(calls.rdb_transaction_rollback_to_savepoint(this.handle)),
    );
    this.changes.index.madeAnew();
  }

  /** Takes the last savepoint away; nothing is undone. */
  popSavePoint(): void {
    this.assertActive();
    this.#checkSavePoint(this.engine.native.calls.rdb_transaction_pop_savepoint(this.handle));
  }

  /**
   * From now on, a key that was written by others after this moment cannot be written nor read for update.
   * Reads see the present all the same, unless they are given the `snapshot`.
   */
  setSnapshot(): void {
    this.assertActive();
    this.engine.native.calls.rdb_transaction_set_snapshot(this.handle, 0);
    this.#dropSnapshot();
  }

  /** Like setSnapshot, when a key is next written or read for update. */
  setSnapshotOnNextOperation(): void {
    this.assertActive();
    this.engine.native.calls.rdb_transaction_set_snapshot(this.handle, 1);
  }

  /** Lets go of the transaction's snapshot: later writes are checked against changes since they are made. */
  clearSnapshot(): void {
    this.assertOpen();
    this.engine.native.calls.rdb_transaction_clear_snapshot(this.handle);
    this.#dropSnapshot();
    this.engine.settle();
  }

  /** The present snapshot, for reads to be given; undefined when there is none. The transaction frees it. */
  get snapshot(): Snapshot | undefined {
    this.assertOpen();
    const { calls } = this.engine.native;
    const number = calls.rdb_transaction_snapshot_number(this.handle);
    const known = this.#snapshot;
    if (known?.freed === false && Number(known.sequenceNumber) === number) return known;
    this.#dropSnapshot();
    const pointer = calls.rdb_transaction_get_snapshot(this.handle);
    if (pointer !== 0) this.#snapshot = new Snapshot(this.engine, this, pointer);
    return this.#snapshot;
  }

  /**
   * The first half of a commit in two phases: what it changes is in the log and survives a crash, not visible
   * yet; `getAllPreparedTransactions` finds it after the next open. Needs a name. Only of a TransactionDB.
   */
  prepare(): void {
    this.assertActive();
    this.assertOrdered();
    this.home.assertWritesFlow();
    this.assertFamiliesWritable();
    this.#assertBudget();
    const { engine } = this;
    const status = engine.native.calls.rdb_transaction_prepare(this.handle);
    if (status !== 0) throw engine.failed(status);
    this.prepared = true;
    engine.settle();
  }

  /**
   * Applies the changes. When it fails in a transaction that is not prepared, RocksDB has dropped the
   * changes of a pessimistic one, if it got as far as writing; an optimistic one is as it was.
   */
  commit(): void {
    this.#beforeCommit();
    const { engine } = this;
    const status = engine.native.calls.rdb_transaction_commit(this.handle);
    if (status !== 0) throw engine.failed(status);
    this.#over('committed');
  }

  /**
   * Commits at a timestamp, and keeps a snapshot of that moment, which `getTimestampedSnapshot` of the database
   * finds; free this hold on it. Undefined: a snapshot with a later timestamp exists. Only of a
   * TransactionDB that is `writeCommitted`.
   */
  commitAndTryCreateSnapshot(timestamp: bigint): Snapshot | undefined {
    this.assertPessimistic('commitAndTryCreateSnapshot');
    const { low, high } = Timestamp.words(timestamp);
    this.engine.context.assertRoom('snapshot');
    this.#beforeCommit();
    const { native, out } = this.engine;
    const { calls } = native;
    const status = calls.rdb_transaction_commit_with_snapshot(this.handle, low, high, out);
    if (status !== 0) throw this.engine.failed(status);
    const pointer = native.heap.getWord(out) as SnapshotPtr;
    const snapshot = pointer === 0 ? undefined : new Snapshot(this.engine, this.db, pointer);
    this.#over('committed');
    return snapshot;
  }

  /**
   * Drops the changes, and gives the locks up. One that was prepared is over then, and so is one that has
   * expired or failed to commit; any other can go on from nothing. Doing it again does nothing.
   */
  rollback(): void {
    if (this.ended !== 'rolledBack') this.assertOpen();
    this.useView();
    if (this.ended === 'rolledBack') return;
    if (this.prepared) this.home.assertWritesFlow();
    this.freeIterators();
    const { state } = this;
    const lost = state === 'locksStolen' || (state === 'awaitingCommit' && !this.prepared);
    const { engine } = this;
    const status = lost ? 0 : engine.native.calls.rdb_transaction_rollback(this.handle);
    if (status !== 0) throw engine.failed(status);
    this.#changesDropped();
    if (lost || this.prepared) this.#over('rolledBack');
    else engine.settle();
  }

  override free(): void {
    if (this.freed) return;
    this.forgetName();
    super.free();
  }

  /** @internal It was begun anew, on the same C++ object. */
  begunAnew(): void {
    this.ended = undefined;
    this.prepared = false;
    this.#changesDropped();
  }

  /** @internal Before it is begun anew: the pointer. */
  toBeginAnew(home: TransactionHome): TransactionPtr {
    this.useView();
    if (home !== this.home) throw invalid('reuse: the transaction is of another database');
    if (this.prepared && this.ended === undefined) {
      throw invalid('reuse: the transaction is prepared: commit it or roll it back');
    }
    this.forgetName();
    this.freeIterators();
    this.#dropSnapshot();
    return this.handle;
  }

  #changesDropped(): void {
    this.written.clear();
    this.changes.index.madeAnew();
  }

  #beforeCommit(): void {
    this.assertOpen();
    this.useView();
    this.assertOrdered();
    this.home.assertWritesFlow();
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
    if (end === 'committed') this.forgetName();
    this.ended = end;
    // RocksDB would keep it, and all that it pins, until the transaction is freed.
    this.engine.native.calls.rdb_transaction_clear_snapshot(this.handle);
    this.#dropSnapshot();
    this.written.clear();
    this.engine.settle();
  }

  /** An iterator may still read at it: then that goes first. */
  #dropSnapshot(): void {
    const known = this.#snapshot;
    this.#snapshot = undefined;
    if (known === undefined || known.freed || (known.core.borrowers?.size ?? 0) > 0) return;
    known.free();
  }
}
