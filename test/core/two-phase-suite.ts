import type { TransactionDBOpenOptions, TransactionDBWritePolicy } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, keyOf, type MakeHost, TEXT } from './host.js';
import { createTransactional } from './transaction-suite.js';

const POLICIES: readonly TransactionDBWritePolicy[] = [
  'writeCommitted',
  'writePrepared',
  'writeUnprepared',
];

export function twoPhaseSuite(makeHost: MakeHost): void {
  describe('commits in two phases', () => {
    names(makeHost);
    for (const policy of POLICIES) policySuite(policy, makeHost);
    prepared(makeHost);
  });
  describe('transactions and timestamps', () => {
    timestamps(makeHost);
  });
}

function names(makeHost: MakeHost): void {
  it('need a name, which is unique and found', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.put('k', '1');
    const nameless = await errorOf(() => transaction.prepare());
    expect(nameless.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(nameless.message).toContain('named');
    for (const wrong of ['', 7, null]) {
      const error = await errorOf(() => transaction.setName(wrong as string));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    await transaction.setName('one');
    expect(await transaction.name).toBe('one');
    expect(await db.getTransactionByName('one')).toBe(transaction);
    expect(await db.getTransactionByName('two')).toBeUndefined();
    await using other = await db.beginTransaction();
    const taken = await errorOf(() => other.setName('one'));
    expect(taken.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    expect(await other.name).toBeUndefined();
    await transaction.rollback();
    expect(await db.getTransactionByName('one')).toBe(transaction);
    await transaction.commit();
    expect(await db.getTransactionByName('one')).toBeUndefined();
    await other.setName('one');
    expect(await db.getTransactionByName('one')).toBe(other);
  });

  it('find none that is over or freed', async () => {
    const db = await createTransactional(makeHost());
    await using rolledBack = await db.beginTransaction();
    await rolledBack.setName('rolled back');
    await rolledBack.put('k', '1');
    await rolledBack.prepare();
    await rolledBack.rollback();
    await rolledBack.rollback();
    expect(await rolledBack.state).toBe('rolledBack');
    expect(await db.getTransactionByName('rolled back')).toBeUndefined();
    const freed = await db.beginTransaction();
    await freed.setName('freed');
    await freed.free();
    expect(await db.getTransactionByName('freed')).toBeUndefined();
    const byOwner = await db.beginTransaction();
    await byOwner.setName('freed by its owner');
    await db.freeUnreleased();
    expect(await db.getTransactionByName('freed by its owner')).toBeUndefined();
    expect(await db.getAllPreparedTransactions()).toEqual([]);
  });

  it('may be asked for', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction({ skipPrepare: false });
    await transaction.put('k', '1');
    const error = await errorOf(() => transaction.commit());
    expect(error.subcode).toBe('txnNotPrepared');
    await transaction.setName('one');
    await transaction.prepare();
    await transaction.commit();
    expect(await db.get('k')).toBe('1');
  });
}

function policySuite(writePolicy: TransactionDBWritePolicy, makeHost: MakeHost): void {
  const options: TransactionDBOpenOptions<'utf8', 'utf8'> = {
    ...TEXT,
    mergeOperator: 'stringappend',
    transactionDBOptions: { writePolicy, rollbackMergeOperands: true },
  };

  it(`${writePolicy}: are finished after a restart`, async () => {
    const host = makeHost();
    const path = host.path();
    const db = await host.openTransactional(path, { createIfMissing: true, ...options });
    await db.put('a', 'old');
    for (const name of ['first', 'second']) {
      const transaction = await db.beginTransaction();
      await transaction.setName(name);
      await transaction.put(`${name}-k`, name);
      await transaction.put(`${name}-k`, `${name} again`);
      await transaction.merge(`${name}-m`, 'x');
      if (name === 'first') await transaction.delete('a');
      await transaction.prepare();
      expect(await transaction.state).toBe('prepared');
      expect(await transaction.logNumber).toBeGreaterThan(0n);
      expect(await transaction.get(`${name}-k`)).toBe(`${name} again`);
      expect(await db.has(`${name}-k`)).toBe(false);
      await transaction.free();
    }
    expect(await db.get('a')).toBe('old');
    await db.close();

    // One without transactions leaves them where they are.
    for (const readOnly of [true, false]) {
      const open = () => host.open(path, { ...TEXT, mergeOperator: 'stringappend', readOnly });
      if (writePolicy !== 'writeCommitted') {
        expect((await errorOf(open)).message).toContain('WritePolicy');
        continue;
      }
      const plain = await open();
      expect(await plain.getMany(['a', 'first-k'])).toEqual(['old', undefined]);
      await plain.close();
    }

    const again = await host.openTransactional(path, options);
    const recovered = await again.getAllPreparedTransactions();
    expect(recovered.map(({ name }) => name).sort()).toEqual(['first', 'second']);
    expect(await again.getAllPreparedTransactions()).toEqual(recovered);
    expect(await again.getMany(['a', 'first-k'])).toEqual(['old', undefined]);
    // RocksDB gives recovered ones no locks.
    expect(await again.getLockStatusData()).toEqual([]);
    const first = await again.getTransactionByName('first');
    const second = await again.getTransactionByName('second');
    expect([await first?.state, await second?.state]).toEqual(['prepared', 'prepared']);
    await first?.commit();
    await second?.rollback();
    const keys = ['a', 'first-k', 'first-m', 'second-k', 'second-m'];
    const after = [undefined, 'first again', 'x', undefined, undefined];
    expect(await again.getMany(keys)).toEqual(after);
    await first?.free();
    await second?.free();
    await again.close();

    const last = await host.openTransactional(path, options);
    expect(await last.getMany(keys)).toEqual(after);
    expect(await last.getAllPreparedTransactions()).toEqual([]);
    if (writePolicy !== 'writeCommitted') return;
    await last.close();
    const plain = await host.open(path, { ...TEXT, mergeOperator: 'stringappend' });
    expect(await plain.getMany(keys)).toEqual(after);
  });

  it(`${writePolicy}: show only what is committed`, async () => {
    const host = makeHost();
    const db = await createTransactional(host, options);
    for (let i = 0; i < 20; i++) await db.put(keyOf(i), 'old');
    const scan = async () => {
      await using iterator = await db.iterator();
      return (await all(iterator)).map(([, value]) => value);
    };
    await using transaction = await db.beginTransaction({ writeBatchFlushThreshold: 200 });
    await transaction.setName('one');
    for (let i = 0; i < 20; i++) await transaction.put(keyOf(i), 'new'.repeat(10));
    await using inside = await transaction.iterator();
    expect((await all(inside)).every(([, value]) => value === 'new'.repeat(10))).toBe(true);
    expect(await scan()).toEqual(Array(20).fill('old'));
    await transaction.prepare();
    expect(await scan()).toEqual(Array(20).fill('old'));
    await using snapshot = await db.snapshot();
    await using iterator = await db.iterator();
    await db.flush();
    await transaction.commit();
    expect(await scan()).toEqual(Array(20).fill('new'.repeat(10)));
    expect((await all(iterator)).every(([, value]) => value === 'old')).toBe(true);
    expect(await db.get(keyOf(3), { snapshot })).toBe('old');
    expect(await db.engine.heap.pins(iterator.id)).toMatchObject({ kind: 'iterator' });
  });

  it(`${writePolicy}: undo what was written early`, async () => {
    const db = await createTransactional(makeHost(), options);
    await db.put('k', 'old');
    await using transaction = await db.beginTransaction({ writeBatchFlushThreshold: 1 });
    await transaction.setName('one');
    await transaction.put('k', 'new');
    await transaction.put('other', 'new');
    await transaction.setSavePoint();
    await transaction.put('k', 'newer');
    await transaction.rollbackToSavePoint();
    expect(await transaction.get('k')).toBe('new');
    await transaction.rollback();
    expect(await db.getMany(['k', 'other'])).toEqual(['old', undefined]);
    const dropped = await db.beginTransaction({ writeBatchFlushThreshold: 1 });
    await dropped.setName('two');
    await dropped.put('k', 'new');
    await dropped.free();
    expect(await db.get('k')).toBe('old');
    expect(await db.getLockStatusData()).toEqual([]);
  });

  it(`${writePolicy}: apply batches any number of times`, async () => {
    const db = await createTransactional(makeHost(), options);
    await using batch = await db.batch();
    await using indexed = await db.batchWithIndex();
    await batch.merge('m', 'x');
    await indexed.merge('n', 'y');
    for (let i = 0; i < 3; i++) {
      await db.write(batch);
      await db.write(indexed);
      await batch.put(`k${i}`, 'v'.repeat(100));
    }
    await db.write(batch, { skipConcurrencyControl: true, skipDuplicateKeyCheck: true });
    expect(await db.getMany(['m', 'n', 'k0', 'k2'])).toEqual([
      'x,x,x,x',
      'y,y,y',
      'v'.repeat(100),
      'v'.repeat(100),
    ]);
  });
}

function prepared(makeHost: MakeHost): void {
  it('take nothing more once they are prepared', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.setName('one');
    await transaction.put('k', '1');
    await transaction.prepare();
    for (const use of [
      () => transaction.put('k', '2'),
      () => transaction.delete('k'),
      () => transaction.getForUpdate('k'),
      () => transaction.setSavePoint(),
      () => transaction.rollbackToSavePoint(),
      () => transaction.putLogData('x'),
      () => transaction.prepare(),
      () => db.beginTransaction({ reuse: transaction }),
    ]) {
      const error = await errorOf(use);
      expect([String(use), error.code]).toEqual([String(use), 'ERR_ROCKSDB_INVALID_ARGUMENT']);
      expect(error.message).toContain('is prepared');
    }
    expect(await transaction.get('k')).toBe('1');
    await transaction.commit();
  });

  it('write a batch of their own with the commit', async () => {
    const db = await createTransactional(makeHost());
    await using batch = await db.batch();
    await batch.put('at the commit', '1');
    await using unprepared = await db.beginTransaction();
    await unprepared.put('k', '1');
    await unprepared.setCommitTimeWriteBatch(batch);
    expect((await errorOf(() => unprepared.commit())).message).toContain('ommit-time batch');
    await unprepared.rollback();
    await using transaction = await db.beginTransaction();
    await transaction.setName('one');
    await transaction.put('k', '1');
    await transaction.prepare();
    await transaction.setCommitTimeWriteBatch(batch);
    await transaction.setCommitTimeWriteBatch(batch);
    expect(await db.has('at the commit')).toBe(false);
    const before = await db.latestSequenceNumber;
    await transaction.commit();
    expect((await db.latestSequenceNumber) - before).toBe(2n);
    expect(await db.get('at the commit')).toBe('1');
  });

  it('cannot be committed into a column family that was dropped', async () => {
    const db = await createTransactional(makeHost());
    const family = await db.createColumnFamily('family');
    await using transaction = await db.beginTransaction();
    await transaction.setName('one');
    await transaction.put('k', '1', { columnFamily: family });
    await transaction.prepare();
    await db.dropColumnFamily(family);
    const error = await errorOf(() => transaction.commit());
    expect(error.code).toBe('ERR_ROCKSDB_COLUMN_FAMILY_DROPPED');
    await transaction.rollback();
    await db.put('k', 'alive');
    expect(await db.get('k')).toBe('alive');
  });
}

function timestamps(makeHost: MakeHost): void {
  const UDT = { createIfMissing: true, ...TEXT };
  const FAMILY = { comparator: 'bytewiseU64Ts' } as const;

  it('commit keys at a timestamp, and find those of a later one', async () => {
    const db = await createTransactional(makeHost(), UDT);
    const family = await db.createColumnFamily('timed', FAMILY);
    const options = { columnFamily: family };
    await using first = await db.beginTransaction();
    await first.put('k', '1', options);
    expect(await first.commitTimestamp).toBeUndefined();
    expect((await errorOf(() => first.commit())).message).toContain('timestamp');
    await first.rollback();
    await using second = await db.beginTransaction();
    await second.put('k', '1', options);
    for (const wrong of [-1n, 1n << 64n, 5, undefined]) {
      const error = await errorOf(() => second.setCommitTimestamp(wrong as bigint));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    const time = 0x1234_5678_9abc_def0n;
    await second.setCommitTimestamp(time);
    expect(await second.commitTimestamp).toBe(time);
    await second.commit();
    await using third = await db.beginTransaction();
    await third.setReadTimestampForValidation(time - 1n);
    const conflict = await errorOf(() => third.put('k', '2', options));
    expect(conflict.code).toBe('ERR_ROCKSDB_WRITE_CONFLICT');
    await third.setReadTimestampForValidation(time);
    await third.put('k', '2', options);
    await third.setCommitTimestamp(time + 1n);
    await third.commit();
  });

  it('keep snapshots by their timestamps', async () => {
    const db = await createTransactional(makeHost());
    await db.put('k', 'old');
    await using first = await db.createTimestampedSnapshot(100n);
    await db.put('k', 'new');
    await using transaction = await db.beginTransaction();
    await transaction.put('k', 'newer');
    await using committed = await transaction.commitAndTryCreateSnapshot(200n);
    expect(await transaction.state).toBe('committed');
    expect(await db.get('k', { snapshot: first })).toBe('old');
    expect(await db.get('k', { snapshot: committed })).toBe('newer');
    expect(await db.getSnapshotTimestamps()).toEqual([100n, 200n]);
    expect(await db.getSnapshotTimestamps(101n)).toEqual([200n]);
    expect(await db.getSnapshotTimestamps(0n, 200n)).toEqual([100n]);
    expect(await first.timestamp).toBe(100n);
    expect(await committed?.timestamp).toBe(200n);
    {
      await using plain = await db.snapshot();
      expect(await plain.timestamp).toBeUndefined();
    }
    const past = await errorOf(() => db.createTimestampedSnapshot(150n));
    expect(past.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    await first.free();
    {
      await using again = await db.getTimestampedSnapshot(100n);
      expect(await db.get('k', again && { snapshot: again })).toBe('old');
      await using latest = await db.getLatestTimestampedSnapshot();
      expect(await again?.timestamp).toBe(100n);
      expect(await latest?.timestamp).toBe(200n);
      expect(latest?.sequenceNumber).toBe(committed?.sequenceNumber);
    }
    expect(await db.getTimestampedSnapshot(150n)).toBeUndefined();
    await db.releaseTimestampedSnapshotsOlderThan(200n);
    expect(await db.getSnapshotTimestamps()).toEqual([200n]);
    expect(await db.getIntProperty('rocksdb.num-snapshots')).toBe(1n);
  });
}
