import {
  DBWithTTL,
  HandleFreedError,
  InvalidOptionError,
  LockConflictError,
  MemoryFileSystem,
  OptimisticTransactionDB,
  type RocksDBError,
  TransactionDB,
  type TransactionDBOpenOptions,
} from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean, makeEngine } from './support/open.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

async function transactional(options: TransactionDBOpenOptions<'utf8', 'utf8'> = {}) {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const db = TransactionDB.openSync('/db', {
    createIfMissing: true,
    mergeOperator: 'stringappend',
    ...TEXT,
    ...options,
    engine,
  });
  return { engine, db };
}

/** All that a transaction can do, and ways to end it. */
function exercise(db: TransactionDB<'utf8', 'utf8'>, round: number): void {
  using transaction = db.beginTransaction({ setSnapshot: true, expiration: 1e9 });
  using rival = db.beginTransaction();
  for (let i = 0; i < 50; i++) transaction.put(`k${i}`, 'v'.repeat(100));
  transaction.merge('m', 'x');
  transaction.getForUpdate('r', { exclusive: false });
  transaction.getManyForUpdate(['r1', 'r2']);
  expect(() => rival.put('k1', 'v')).toThrow(LockConflictError);
  expect(() => db.put('k1', 'v')).toThrow(LockConflictError);
  transaction.setSavePoint();
  transaction.put('k1', 'w');
  transaction.getWriteBatch().getFromBatch('k1');
  transaction.iterator().next();
  transaction.iterator({ snapshot: transaction.snapshot as never }).next();
  transaction.rollbackToSavePoint();
  if (round % 3 === 0) transaction.commit();
  if (round % 3 === 1) transaction.rollback();
  using named = db.beginTransaction();
  named.setName(`n${round}`);
  named.put('named', '1');
  named.prepare();
  if (round % 2 === 0) named.commit();
  else named.rollback();
  using batch = db.batchWithIndex({ overwriteKey: true });
  batch.put('a', '1').delete('b').merge('c', '1');
  batch.iterator().next();
  batch.iteratorWithBase().nextMany(5);
  batch.setSavePoint();
  batch.put('d', '1');
  batch.rollbackToSavePoint();
  db.write(batch);
  db.getLockStatusData();
  using at = db.createTimestampedSnapshot(BigInt(round + 1));
  expect(at.freed).toBe(false);
  db.releaseTimestampedSnapshotsOlderThan(BigInt(round + 2));
}

describe('the heap', () => {
  it('gets back what transactions and batches held, and is accounted for meanwhile', async () => {
    const { engine, db } = await transactional();
    const settle = () => {
      db.flush();
      db.compactRange({ bottommostLevelCompaction: 'force' });
      engine.pump();
    };
    for (let round = 0; round < 6; round++) exercise(db, round);
    settle();
    const bytes = () => {
      const { owners, handles } = engine.heap.report();
      const own = ['transaction', 'writeBatch', 'iterator', 'snapshot', 'host'];
      return { owners: own.map((name) => [name, owners[name]]), handles: handles.length };
    };
    const before = bytes();
    for (let round = 6; round < 12; round++) exercise(db, round);
    settle();
    expect(bytes()).toEqual(before);
    using transaction = db.beginTransaction();
    transaction.put('k', 'v'.repeat(10_000));
    const identity = engine.heap.verify();
    expect([identity.problems, identity.unexplainedBytes]).toEqual([[], 0]);
    // The transaction's own account has what it holds.
    const held = () => engine.heap.owners().transaction?.bytes ?? 0;
    const with10k = held();
    transaction.rollback();
    transaction.free();
    expect(with10k - held()).toBeGreaterThan(10_000);
    expect(db.close()).toEqual([]);
    ledgerIsClean(engine);
  });
});

describe('bad input', () => {
  const wrongAt = async (run: () => unknown): Promise<RocksDBError> => {
    const error = await errorOf(run);
    expect(['ERR_ROCKSDB_INVALID_ARGUMENT', 'ERR_ROCKSDB_INVALID_OPTION']).toContain(error.code);
    return error;
  };

  it('among the options of a database', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const open = (transactionDBOptions: object) =>
      TransactionDB.openSync('/db', { createIfMissing: true, engine, transactionDBOptions });
    for (const [options, path] of [
      [{ numStripes: 0 }, 'transactionDBOptions.numStripes'],
      [{ maxNumLocks: 1.5 }, 'transactionDBOptions.maxNumLocks'],
      [{ writePolicy: 'writeCommited' }, 'transactionDBOptions.writePolicy'],
      [{ transactionLockTimeout: 2n ** 60n }, 'transactionDBOptions.transactionLockTimeout'],
      [{ enableUdtValidation: 1 }, 'transactionDBOptions.enableUdtValidation'],
      [{ numStripe: 1 }, 'transactionDBOptions.numStripe'],
    ] as const) {
      const error = await errorOf(() => open(options));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect([path, (error as InvalidOptionError).option]).toEqual([path, path]);
    }
    const meant = await errorOf(() => open({ writePolicy: 'writeCommited' }));
    expect(meant.message).toContain("did you mean 'writeCommitted'");
    const optimistic = (more: object) =>
      OptimisticTransactionDB.openSync('/db', { createIfMissing: true, engine, ...more });
    await wrongAt(() => optimistic({ optimisticTransactionDBOptions: { occLockBuckets: 0 } }));
    await wrongAt(() => optimistic({ optimisticTransactionDBOptions: { validatePolicy: 'none' } }));
    await wrongAt(() => optimistic({ readOnly: true }));
    await wrongAt(() => optimistic({ transactionDBOptions: {} }));
    await wrongAt(() => TransactionDB.openSync('/db', null as never));
    ledgerIsClean(engine);
  });

  it('to a transaction', async () => {
    const { engine, db } = await transactional();
    const other = TransactionDB.openSync('/other', { createIfMissing: true, engine, ...TEXT });
    const foreign = other.createColumnFamily('foreign');
    using snapshot = other.snapshot();
    using batch = other.batch();
    using stranger = other.beginTransaction();
    using transaction = db.beginTransaction();
    const before = engine.heap.report().handles.length;
    for (const run of [
      () => transaction.get('k', { columnFamily: foreign }),
      () => transaction.put('k', 'v', { columnFamily: foreign }),
      () => transaction.get('k', { snapshot }),
      () => transaction.iterator({ snapshot }),
      () => transaction.iterator({ gt: 'a', gte: 'a' }),
      () => transaction.put(7 as never, 'v'),
      () => transaction.put('k', null as never),
      () => transaction.getMany('k' as never),
      () => transaction.get('k', 7 as never),
      () => transaction.putLogData(7 as never),
      () => transaction.rebuildFromWriteBatch(batch),
      () => transaction.setCommitTimeWriteBatch(batch),
      () => transaction.setLockTimeout('1' as never),
      () => transaction.setLockTimeout(undefined as never),
      () => transaction.setWriteOptions(null as never),
      () => transaction.getForUpdate('k', { validate: false, snapshot: snapshotOf() }),
      () => db.beginTransaction({ reuse: stranger }),
      () => db.beginTransaction({ reuse: {} as never }),
      () => db.beginTransaction({ lockTimeOut: 1 } as object),
      () => db.beginTransaction({ deadlockDetectDepth: 0 }),
      () => db.beginTransaction({ maxWriteBatchSize: -1 }),
      () => db.beginTransaction({ setSnapshot: 'yes' as never }),
      () => db.beginTransaction({ writeOptions: 1 as never }),
      () => db.beginTransaction(null as never),
      () => db.getTransactionByName(7 as never),
      () => db.setDeadlockInfoBufferSize(-1),
      () => db.getTimestampedSnapshot(1 as never),
    ]) {
      await wrongAt(run);
    }
    function snapshotOf() {
      transaction.setSnapshot();
      return transaction.snapshot as NonNullable<typeof transaction.snapshot>;
    }
    transaction.clearSnapshot();
    expect(engine.heap.report().handles.length).toBe(before);
    transaction.put('k', 'v');
    transaction.commit();
    expect(db.get('k')).toBe('v');
    transaction.free();
    for (const run of [
      () => transaction.get('k'),
      () => transaction.put('k', 'v'),
      () => transaction.commit(),
      () => transaction.rollback(),
      () => transaction.state,
      () => transaction.snapshot,
    ]) {
      expect(await errorOf(run)).toBeInstanceOf(HandleFreedError);
    }
  });
});

describe('a DBWithTTL', () => {
  it('has no batches with an index, whose reads RocksDB would not take the times off', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const options = { createIfMissing: true, timeToLive: 1000, ...TEXT, engine };
    const db = await DBWithTTL.open('/db', options);
    const error = await errorOf(() => db.batchWithIndex());
    expect(error.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    expect(error.message).toContain('db.batch()');
    db.close();
    ledgerIsClean(engine);
  });
});

describe('a file system that fails', () => {
  it('fails the commit, drops the changes, and leaves a usable database', async () => {
    const fileSystem = new FaultFileSystem(new MemoryFileSystem());
    const engine = await makeEngine({ fileSystem });
    const db = TransactionDB.openSync('/db', { createIfMissing: true, ...TEXT, engine });
    using transaction = db.beginTransaction();
    transaction.put('k', '1');
    fileSystem.fault = (operation, path) =>
      operation === 'write' && path.endsWith('.log') ? 'EIO' : undefined;
    const error = await errorOf(() => transaction.commit());
    expect(error.code).toBe('ERR_ROCKSDB_IO_ERROR');
    fileSystem.fault = undefined;
    transaction.rollback();
    expect(transaction.state).toBe('rolledBack');
    expect(db.getLockStatusData()).toEqual([]);
    expect(db.get('k')).toBeUndefined();
    transaction.free();
    // The log that could not be written cannot be closed in good order either.
    expect((await errorOf(() => db.close())).code).toBe('ERR_ROCKSDB_IO_ERROR');
    const again = TransactionDB.openSync('/db', { ...TEXT, engine });
    using second = again.beginTransaction();
    second.put('k', '2');
    second.commit();
    expect(again.get('k')).toBe('2');
  });
});
