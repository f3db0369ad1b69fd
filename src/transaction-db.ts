import type { AnyColumnFamily } from './column-family.js';
import { openDatabase, openDatabaseOn } from './database/opening.js';
import type { DatabaseLease } from './database-lease.js';
import type { Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { NotSupportedError } from './errors.js';
import {
  OpenMode,
  SliceLayout,
  type SnapshotPtr,
  type TransactionPtr,
} from './native/exports.gen.js';
import { expected } from './option-errors.js';
import { type Made, RocksDB } from './rocksdb.js';
import { lendDatabase, type SharedOptions } from './shared-databases.js';
import { Snapshot } from './snapshot.js';
import { Transaction } from './transaction.js';
import type { TransactionHome } from './transactions/core.js';
import { type DeadlockPath, type KeyLock, readDeadlocks, readLocks } from './transactions/locks.js';
import { planTransactional, type TransactionalOpenOptions } from './transactions/opening.js';
import {
  checkDeadlockBufferSize,
  checkTransactionOptions,
  stageTransactionOptions,
  type TransactionDBOptions,
  type TransactionOptions,
  transactionDBOptions,
} from './transactions/options.js';
import { Timestamp } from './transactions/timestamp.js';
import { WriteBatch } from './write-batch.js';
import type { WriteBatchWithIndex } from './write-batch-with-index.js';
import { type WriteOptions, writeFlags } from './write-options.js';

export type TransactionDBOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = TransactionalOpenOptions<KE, VE> & { transactionDBOptions?: TransactionDBOptions };

/** RocksDB's TransactionDBWriteOptimizations. */
export interface TransactionDBWriteOptions
  extends Omit<WriteOptions, 'columnFamily' | 'timestamp'> {
  /** The program knows that no transaction has to do with these keys; range deletions need it. */
  skipConcurrencyControl?: boolean;
  /** The program knows that no key is in it twice; only policies beside `writeCommitted` look. */
  skipDuplicateKeyCheck?: boolean;
}

export interface BeginOptions {
  /** An old transaction of this database, to be begun anew in place of a new one: saves memory traffic. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  reuse?: Transaction<any, any>;
}

/**
 * A database whose transactions lock the keys that they write (pessimistic). A write outside of transactions
 * takes the locks, too: LockConflictError when a transaction has one. `RocksDB.open` opens the same database, and
 * leaves what is prepared as it is; with the other write policies it must be flushed and closed before that.
 */
export class TransactionDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends RocksDB<KE, VE> {
  /** @internal */
  readonly pessimistic = true;
  /** @internal */
  readonly readsCommitted: boolean;
  /** @internal */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  readonly namedTransactions = new Map<string, Transaction<any, any>>();

  /** Like `RocksDB.open`. Prepared transactions of before are there: `getAllPreparedTransactions`. */
  static override async open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: TransactionDBOpenOptions<KE, VE> = {},
  ): Promise<TransactionDB<KE, VE>> {
    const { checked, how, construct } = plan<KE, VE>(options);
    return openDatabase(path, checked, how, construct);
  }

  /** Like `RocksDB.shared`. */
  static override async shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: TransactionDBOpenOptions<KE, VE> & SharedOptions = {},
  ): Promise<DatabaseLease<TransactionDB<KE, VE>>> {
    return lendDatabase(TransactionDB, path, options, (at, how) =>
      TransactionDB.open<KE, VE>(at, how),
    );
  }

  /** Like `open`, on an engine that exists already. */
  static override openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: TransactionDBOpenOptions<KE, VE> & { engine: Engine },
  ): TransactionDB<KE, VE> {
    const { checked, how, construct } = plan<KE, VE>(options);
    return openDatabaseOn(options.engine, path, checked, how, construct);
  }

  /** @internal */
  protected constructor(readsCommitted: boolean, ...made: Made) {
    super(...made);
    this.readsCommitted = readsCommitted;
  }

  /** @internal */
  static make<KE extends Encoding, VE extends Encoding>(readsCommitted: boolean, made: Made) {
    return new TransactionDB<KE, VE>(readsCommitted, ...made);
  }

  /** @internal */
  override assertWritesFlow(): void {
    super.assertWritesFlow();
  }

  /** Begins a transaction. Commit it or roll it back, and free it. */
  beginTransaction(options: TransactionOptions & BeginOptions = {}): Transaction<KE, VE> {
    this.useFamily();
    return begin<KE, VE>(this, options, this.pointer);
  }

  /** The live transaction of a name, or a prepared one that was recovered: then free it, too. */
  getTransactionByName(name: string): Transaction<KE, VE> | undefined {
    this.useFamily();
    if (typeof name !== 'string') throw expected('a text', 'name', name);
    const known = this.namedTransactions.get(name);
    if (known?.freed === false) return known.state === 'rolledBack' ? undefined : known;
    const { staging, native, out } = this.engine;
    staging.begin();
    try {
      staging.push(name, 'name', 0xffffff);
      const { address, length } = staging;
      native.check(native.calls.rdb_transaction_db_take(this.pointer, address, length, out));
    } finally {
      staging.end();
    }
    const pointer = native.heap.getWord(out) as TransactionPtr;
    if (pointer === 0) return undefined;
    const taken = new Transaction<KE, VE>(this, pointer, true);
    this.namedTransactions.set(name, taken);
    return taken;
  }

  /**
   * All that are prepared and neither committed nor rolled back, those among them that were recovered when the
   * database was opened. Recovered ones hold no locks: finish them before others write their keys. Free them;
   * those that are neither committed nor rolled back are there again after the next open.
   */
  getAllPreparedTransactions(): Transaction<KE, VE>[] {
    this.useFamily();
    const names = this.#packed('rdb_transaction_db_prepared', (at, count) => {
      const { heap } = this.engine.native;
      const found: string[] = [];
      for (let i = 0; i < count; i++) {
        const length = heap.getWord(at);
        found.push(heap.readText(at + 4, length));
        at += 4 + ((length + 3) & ~3);
      }
      return found;
    });
    return names.flatMap((name) => this.getTransactionByName(name) ?? []);
  }

  /** Locks that transactions hold now. */
  getLockStatusData(): KeyLock[] {
    this.useFamily();
    const families = this.#familiesById();
    return this.#packed('rdb_transaction_db_locks', (at, count) =>
      readLocks(this.engine.native.heap, at, count, families),
    );
  }

  /** The last deadlocks that were found, with `deadlockDetect`; on one thread there is none. */
  getDeadlockInfoBuffer(): DeadlockPath[] {
    this.useFamily();
    const families = this.#familiesById();
    return this.#packed('rdb_transaction_db_deadlocks', (at, count) =>
      readDeadlocks(this.engine.native.heap, at, count, families),
    );
  }

  /** How many deadlocks are remembered. */
  setDeadlockInfoBufferSize(size: number): void {
    const checked = checkDeadlockBufferSize(size);
    this.useFamily();
    this.engine.native.calls.rdb_transaction_db_set_deadlock_buffer_size(this.pointer, checked);
  }

  /** Applies a batch atomically; locks its keys for that. */
  override write(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any> | WriteBatchWithIndex<any, any>,
    options?: TransactionDBWriteOptions,
  ): void {
    const skipControl = options?.skipConcurrencyControl === true;
    const skipCheck = options?.skipDuplicateKeyCheck === true;
    if (!(batch instanceof WriteBatch) || (!skipControl && !skipCheck)) {
      super.write(batch, options);
      return;
    }
    this.useFamily();
    this.assertWritesFlow();
    const { engine } = this;
    const pointer = batch.seal(this, {
      ignoreMissing: options?.ignoreMissingColumnFamilies === true,
    });
    engine.assertBudget(3 * batch.byteLength);
    const flags = writeFlags(options);
    const status = engine.native.calls.rdb_transaction_db_write(
      this.pointer,
      flags,
      skipControl ? 1 : 0,
      skipCheck ? 1 : 0,
      pointer,
    );
    if (status !== 0) throw engine.failed(status);
    engine.settle();
  }

  /** Not of a TransactionDB, which locks keys and not ranges. */
  override deleteRange(_begin: Encodable<KE>, _end: Encodable<KE>, _options?: WriteOptions): never {
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      'deleteRange: a TransactionDB locks no ranges. If no transaction has to do with these keys, put the ' +
        'deletion into a batch and write that with skipConcurrencyControl',
    );
  }

  /**
   * A snapshot that the database keeps under a timestamp, higher than those before, until
   * `releaseTimestampedSnapshotsOlderThan`. Free this hold on it, too.
   */
  createTimestampedSnapshot(timestamp: bigint): Snapshot {
    const { low, high } = Timestamp.words(timestamp);
    this.useFamily();
    const { native, out } = this.engine;
    this.engine.context.assertRoom('snapshot');
    native.check(native.calls.rdb_timestamped_snapshot_create(this.pointer, low, high, out));
    const pointer = native.heap.getWord(out) as SnapshotPtr;
    return this.#wrapSnapshot(pointer) as Snapshot;
  }

  /** A hold on the snapshot of that timestamp: free it. Undefined: there is none. */
  getTimestampedSnapshot(timestamp: bigint): Snapshot | undefined {
    const { low, high } = Timestamp.words(timestamp);
    this.useFamily();
    const { calls } = this.engine.native;
    return this.#wrapSnapshot(calls.rdb_timestamped_snapshot_get(this.pointer, low, high));
  }

  /** Likewise of the latest. */
  getLatestTimestampedSnapshot(): Snapshot | undefined {
    return this.getTimestampedSnapshot(Timestamp.none);
  }

  /** The timestamps of the snapshots that are kept, from `lower` up to, not with, `upper`, ascending. */
  getSnapshotTimestamps(lower = 0n, upper: bigint = Timestamp.none): bigint[] {
    const from = Timestamp.words(lower);
    const to = Timestamp.words(upper);
    this.useFamily();
    const { native, out } = this.engine;
    const count = out + SliceLayout.byteLength;
    native.check(
      native.calls.rdb_timestamped_snapshot_list(
        this.pointer,
        from.low,
        from.high,
        to.low,
        to.high,
        out,
        count,
      ),
    );
    return this.#takePacked((at, length) =>
      Array.from({ length }, (_, i) =>
        Timestamp.of(native.heap.getWord(at + 8 * i), native.heap.getWord(at + 8 * i + 4)),
      ),
    );
  }

  /** Gives up those whose timestamps are lower; holds on them that are not freed yet keep them. */
  releaseTimestampedSnapshotsOlderThan(timestamp: bigint): void {
    const { low, high } = Timestamp.words(timestamp);
    this.useFamily();
    this.engine.native.calls.rdb_timestamped_snapshot_release(this.pointer, low, high);
    this.engine.settle();
  }

  #wrapSnapshot(pointer: SnapshotPtr): Snapshot | undefined {
    return pointer === 0 ? undefined : new Snapshot(this.engine, this, pointer);
  }

  #familiesById(): ReadonlyMap<number, AnyColumnFamily> {
    return new Map(this.openFamilies().map((family) => [family.familyId, family]));
  }

  #packed<T>(
    call:
      | 'rdb_transaction_db_prepared'
      | 'rdb_transaction_db_locks'
      | 'rdb_transaction_db_deadlocks',
    read: (at: number, count: number) => T,
  ): T {
    const { native, out } = this.engine;
    native.check(native.calls[call](this.pointer, out, out + SliceLayout.byteLength));
    return this.#takePacked(read);
  }

  /** Reads the block at `out`, and frees it. */
  #takePacked<T>(read: (at: number, count: number) => T): T {
    const { native, out } = this.engine;
    const block = native.heap.getWord(out + SliceLayout.data);
    try {
      return read(block, native.heap.getWord(out + SliceLayout.byteLength));
    } finally {
      native.calls.rdb_memory_free(block);
    }
  }
}

const KIND = {
  name: 'a TransactionDB',
  mode: OpenMode.OpenTransactional,
  optionsName: 'transactionDBOptions',
  prepare: transactionDBOptions,
};

function plan<KE extends Encoding, VE extends Encoding>(options: TransactionDBOpenOptions<KE, VE>) {
  const { checked, how, own } = planTransactional(KIND, options);
  const readsCommitted = (own?.writePolicy ?? 'writeCommitted') === 'writeCommitted';
  const construct = (...made: Made) => TransactionDB.make<KE, VE>(readsCommitted, made);
  return { checked, how, construct };
}

/** @internal Begins a transaction of either kind of database. */
export function begin<KE extends Encoding, VE extends Encoding>(
  home: TransactionHome,
  options: TransactionOptions & BeginOptions,
  db: Parameters<Engine['native']['calls']['rdb_transaction_begin']>[0],
): Transaction<KE, VE> {
  if (typeof options !== 'object' || options === null)
    throw expected('an object', 'options', options);
  const { reuse, ...given } = options;
  const checked = checkTransactionOptions(given, !home.pessimistic);
  if (reuse !== undefined && !(reuse instanceof Transaction)) {
    throw expected('a Transaction', 'options.reuse', reuse);
  }
  const old = reuse?.toBeginAnew(home) ?? (0 as TransactionPtr);
  const { native, staging, out } = home.engine;
  staging.begin();
  try {
    const at = stageTransactionOptions(home.engine, checked);
    native.check(native.calls.rdb_transaction_begin(db, at, old, out));
  } finally {
    staging.end();
  }
  if (reuse !== undefined) {
    reuse.begunAnew();
    return reuse;
  }
  return new Transaction<KE, VE>(home, native.heap.getWord(out) as TransactionPtr);
}
