/** Transactions, pessimistic and optimistic by turns, and batches with an index. */
import {
  type DBIterator,
  OptimisticTransactionDB,
  type PinnedSlice,
  type Snapshot,
  type Transaction,
  TransactionDB,
  type WriteBatchWithIndex,
} from 'rocksdb-wasm';
import { expect } from 'vitest';
import type { Subject, Weighted, World } from './world.js';

type Text = 'utf8';
const OPTIONS = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  writeBufferSize: 64 * 1024,
  mergeOperator: 'stringappend',
  onUnreleased() {},
} as const;

export class Transactions implements Subject {
  #pessimistic = false;
  #db!: TransactionDB<Text, Text> | OptimisticTransactionDB<Text, Text>;
  #transactions: Transaction<Text, Text>[] = [];
  #batches: WriteBatchWithIndex<Text, Text>[] = [];
  #iterators: DBIterator<unknown, unknown>[] = [];
  #slices: PinnedSlice[] = [];
  #snapshots: Snapshot[] = [];
  #names = 0;
  readonly steps: readonly Weighted[];

  constructor(readonly world: World) {
    this.#open();
    this.steps = [
      ...this.#transactionSteps(),
      ...this.#batchSteps(),
      ...this.#wrongSteps(),
      [2, () => this.#db.put(world.key(), world.value())],
      [1, () => world.freeOne(this.#transactions)],
      [3, () => this.#freeIterator()],
      [1, () => world.freeOne(this.#slices)],
      [1, world.rarely(30, () => this.#db.flush())],
      [1, world.rarely(60, () => this.recover())],
      [1, world.rarely(12, () => this.#faultyCommit())],
    ];
  }

  #transactionSteps(): Weighted[] {
    const { world } = this;
    return [
      [2, () => this.#begin()],
      [4, () => this.#some()?.put(world.key(), world.value())],
      [1, () => this.#some()?.merge(world.key(), 'operand')],
      [1, () => this.#some()?.delete(world.key())],
      [1, () => this.#some()?.putEntity(world.key(), { name: world.value() })],
      [1, () => this.#some()?.putUntracked(world.key(), world.value())],
      [2, () => this.#some()?.getForUpdate(world.key(), { exclusive: world.once(2) })],
      [1, () => this.#some()?.getManyForUpdate([world.key(), world.key()])],
      [1, () => this.#some()?.undoGetForUpdate(world.key())],
      [1, () => this.#some()?.get(world.key())],
      [1, () => this.#some()?.getEntity(world.key())],
      [1, () => this.#pin()],
      [1, () => this.#iterate()],
      [2, () => this.#useIterator()],
      [1, () => this.#some()?.setSavePoint()],
      [1, () => this.#some()?.rollbackToSavePoint()],
      [1, () => this.#some()?.popSavePoint()],
      [1, () => this.#takeSnapshot()],
      [1, () => this.#prepare()],
      [2, () => this.#end('commit')],
      [1, () => this.#end('rollback')],
      [1, () => this.#inspect()],
    ];
  }

  #batchSteps(): Weighted[] {
    const { world } = this;
    const batch = () => world.pick(this.#batches);
    return [
      [1, () => this.#newBatch()],
      [3, () => batch()?.put(world.key(), world.value())],
      [1, () => batch()?.merge(world.key(), 'operand')],
      [1, () => batch()?.delete(world.key())],
      [1, () => batch()?.getFromBatch(world.key())],
      [1, () => batch()?.getFromBatchAndDB(world.key())],
      [1, () => batch()?.getManyFromBatchAndDB([world.key(), world.key()])],
      [1, () => this.#iterateBatch()],
      [1, () => batch()?.setSavePoint()],
      [1, () => batch()?.rollbackToSavePoint()],
      [1, () => this.#writeBatch()],
      [1, () => this.#freeBatch()],
    ];
  }

  #wrongSteps(): Weighted[] {
    const { world } = this;
    const freed = () => world.freed as never;
    return [
      [1, () => this.#conflict()],
      [1, world.rarely(3, () => this.#deadlock())],
      [1, world.rarely(3, () => this.#some()?.setName(''))],
      [1, world.rarely(3, () => this.#some()?.put('key', 7 as never))],
      [1, world.rarely(3, () => this.#some()?.get('key', { snapshot: freed() }))],
      [1, world.rarely(3, () => this.#db.beginTransaction({ lockTimeout: -5 } as never))],
      [1, world.rarely(3, () => this.#db.write(freed()))],
      [1, world.rarely(3, () => this.#db.deleteRange('a', 'b'))],
    ];
  }

  #open(): void {
    const { world } = this;
    this.#pessimistic = world.once(2);
    const options = { engine: world.engine, ...OPTIONS };
    if (this.#pessimistic) {
      const transactionDBOptions = { numStripes: 4, maxNumLocks: 40 } as const;
      const db = TransactionDB.openSync('/locks', { ...options, transactionDBOptions });
      this.#db = db;
      // Those that were prepared when the database was closed.
      this.#transactions = db.getAllPreparedTransactions();
    } else {
      const optimisticTransactionDBOptions = { occLockBuckets: 16 } as const;
      const more = { optimisticTransactionDBOptions };
      this.#db = OptimisticTransactionDB.openSync('/optimistic', { ...options, ...more });
    }
  }

  /** With what hangs on it: transactions are abandoned, prepared ones too. */
  #close(): void {
    this.#transactions = [];
    this.#batches = [];
    this.#iterators = [];
    this.#slices = [];
    this.#snapshots = [];
    this.#db.close();
  }

  get lost(): boolean {
    return this.#db.freed;
  }

  recover(): void {
    try {
      this.#close();
    } finally {
      this.#open();
    }
  }

  close(): void {
    this.world.attempt(() => this.#close());
  }

  #some(): Transaction<Text, Text> | undefined {
    return this.world.pick(this.#transactions);
  }

  #begin(): void {
    const { world } = this;
    world.atMost(5, this.#transactions);
    const shared = { setSnapshot: world.once(2) };
    const more = { deadlockDetect: world.once(2), maxWriteBatchSize: world.once(4) ? 2000 : 0 };
    const begin = this.#db.beginTransaction.bind(this.#db) as (
      options: object,
    ) => Transaction<Text, Text>;
    const reuse = this.#transactions.find(({ state }) => state === 'committed');
    if (reuse !== undefined && world.once(2)) begin({ ...shared, reuse });
    else this.#transactions.push(begin(this.#pessimistic ? { ...shared, ...more } : shared));
  }

  /** What its batch gives is the transaction's. */
  #pin(): void {
    this.world.atMost(3, this.#slices);
    const slice = this.#some()?.getPinned(this.world.key());
    if (slice !== undefined) this.#slices.push(slice);
  }

  #iterate(): void {
    const { world } = this;
    world.atMost(4, this.#iterators);
    const [gte, lt] = world.range();
    const iterator = this.#some()?.iterator({ gte, lt, reverse: world.once(3) });
    if (iterator !== undefined) this.#iterators.push(iterator);
  }

  #iterateBatch(): void {
    const { world } = this;
    const batch = world.pick(this.#batches);
    if (batch === undefined) return;
    world.atMost(4, this.#iterators);
    const made = world.once(2) ? batch.iterator() : batch.iteratorWithBase();
    this.#iterators.push(made as DBIterator<unknown, unknown>);
  }

  #useIterator(): void {
    const { world } = this;
    this.#forgetFreed();
    const iterator = world.pick(this.#iterators);
    if (world.once(4)) iterator?.seek(world.key());
    iterator?.nextMany(world.below(20));
  }

  #freeIterator(): void {
    this.#forgetFreed();
    this.world.freeOne(this.#iterators);
  }

  /** A transaction that ends, and a batch that is freed, take their iterators along. */
  #forgetFreed(): void {
    this.#iterators = this.#iterators.filter((each) => !each.freed);
  }

  #takeSnapshot(): void {
    const { world } = this;
    const transaction = this.#some();
    if (transaction === undefined) return;
    if (world.once(2)) transaction.setSnapshot();
    else transaction.setSnapshotOnNextOperation();
    const { snapshot } = transaction;
    if (snapshot !== undefined) transaction.get(world.key(), { snapshot });
    if (world.once(3)) transaction.clearSnapshot();
    if (this.#snapshots.length > 2) world.freeOne(this.#snapshots);
    else this.#snapshots.push(this.#db.snapshot());
  }

  #prepare(): void {
    const transaction = this.#some();
    if (transaction === undefined) return;
    if (transaction.name === undefined) transaction.setName(`transaction ${++this.#names}`);
    transaction.prepare();
  }

  #end(how: 'commit' | 'rollback'): void {
    const transaction = this.#some();
    if (transaction === undefined) return;
    transaction[how]();
    if (this.world.once(2)) return;
    transaction.free();
    this.#transactions.splice(this.#transactions.indexOf(transaction), 1);
    this.world.freed = transaction;
  }

  #inspect(): void {
    const transaction = this.#some();
    if (transaction !== undefined) {
      expect(transaction.numKeys).toBeGreaterThanOrEqual(0);
      transaction.getWriteBatch().data;
    }
    if (!(this.#db instanceof TransactionDB)) return;
    this.#db.getLockStatusData();
    this.#db.getDeadlockInfoBuffer();
    this.#db.getAllPreparedTransactions();
  }

  #newBatch(): void {
    const { world } = this;
    world.atMost(3, this.#batches);
    const maxBytes = world.once(3) ? 4000 : 0;
    const overwriteKey = world.once(2);
    this.#batches.push(this.#db.batchWithIndex({ overwriteKey, maxBytes }));
  }

  #writeBatch(): void {
    const batch = this.world.pick(this.#batches);
    if (batch === undefined) return;
    this.#db.write(batch);
    if (this.world.once(2)) batch.clear();
  }

  #freeBatch(): void {
    this.world.freeOne(this.#batches);
    this.#forgetFreed();
  }

  /** Two write one key: the second write, or the second commit, fails. */
  #conflict(): void {
    const { world } = this;
    const key = world.key();
    const [one, two] = [this.#db.beginTransaction(), this.#db.beginTransaction()];
    try {
      one.put(key, 'one');
      two.put(key, 'two');
      one.commit();
      two.commit();
    } finally {
      one.free();
      two.free();
    }
  }

  /** Each waits for what the other has locked, but in one thread the first that would wait fails. */
  #deadlock(): void {
    if (!(this.#db instanceof TransactionDB)) return;
    const options = { deadlockDetect: true, lockTimeout: 1 };
    const [one, two] = [this.#db.beginTransaction(options), this.#db.beginTransaction(options)];
    try {
      one.put('left', 'one');
      two.put('right', 'two');
      this.world.attempt(() => one.put('right', 'one'));
      two.put('left', 'two');
    } finally {
      one.free();
      two.free();
    }
  }

  #faultyCommit(): void {
    const { world } = this;
    const transaction = this.#some();
    if (transaction === undefined) return;
    try {
      world.faulty(() => {
        if (world.once(3)) this.#db.flush();
        transaction.commit();
      });
    } finally {
      this.recover();
    }
  }
}
