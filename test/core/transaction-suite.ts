import {
  LockConflictError,
  ManualClock,
  type Transaction,
  type TransactionDB,
  type TransactionDBOpenOptions,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, type Host, keyOf, type MakeHost, TEXT } from './host.js';

type TextDB = TransactionDB<'utf8', 'utf8'>;
type TextTransaction = Transaction<'utf8', 'utf8'>;

/** A new database with keys and values as text. */
export function createTransactional(
  host: Host,
  options: TransactionDBOpenOptions<'utf8', 'utf8'> = {},
): Promise<TextDB> {
  return host.openTransactional(host.path(), { createIfMissing: true, ...TEXT, ...options });
}

/** The conflict that `run` meets. */
async function conflictOf(run: () => unknown): Promise<LockConflictError> {
  const error = await errorOf(run);
  expect(error).toBeInstanceOf(LockConflictError);
  return error as LockConflictError;
}

export function transactionSuite(makeHost: MakeHost): void {
  describe('transactions', () => {
    changes(makeHost);
    locks(makeHost);
    snapshots(makeHost);
    savepoints(makeHost);
    iterators(makeHost);
    families(makeHost);
    ends(makeHost);
  });
}

function changes(makeHost: MakeHost): void {
  it('see their own changes, which others see only after the commit', async () => {
    const db = await createTransactional(makeHost(), { mergeOperator: 'stringappend' });
    for (const key of ['a', 'b', 's']) await db.put(key, 'old');
    await using transaction = await db.beginTransaction();
    await transaction.put('a', 'new');
    await transaction.delete('b');
    await transaction.singleDelete('s');
    await transaction.merge('m', 'x');
    await transaction.merge('m', 'y');
    const keys = ['a', 'b', 's', 'm', 'none'];
    const after = ['new', undefined, undefined, 'x,y', undefined];
    expect(await transaction.getMany(keys)).toEqual(after);
    expect(await transaction.get('a')).toBe('new');
    expect(await transaction.has('b')).toBe(false);
    expect(await transaction.has('m')).toBe(true);
    expect(await db.getMany(keys)).toEqual(['old', 'old', 'old', undefined, undefined]);
    const before = await db.latestSequenceNumber;
    await transaction.commit();
    expect((await db.latestSequenceNumber) - before).toBe(5n);
    expect(await db.getMany(keys)).toEqual(after);
  });

  it('tell what is in them', async () => {
    const clock = new ManualClock();
    const db = await createTransactional(makeHost(), { clock, mergeOperator: 'stringappend' });
    await using transaction = await db.beginTransaction();
    await transaction.put('a', '1');
    await transaction.put('a', '2');
    await transaction.delete('b');
    await transaction.merge('c', 'x');
    await transaction.getForUpdate('d');
    expect([
      await transaction.numPuts,
      await transaction.numPutEntities,
      await transaction.numDeletes,
      await transaction.numMerges,
      await transaction.numKeys,
    ]).toEqual([2, 0, 1, 1, 4]);
    expect(await transaction.byteLength).toBeGreaterThan(20);
    expect(await transaction.state).toBe('started');
    expect(await transaction.name).toBeUndefined();
    expect(await transaction.logNumber).toBe(0n);
    expect(await transaction.isDeadlockDetect).toBe(false);
    expect(await transaction.elapsedTime).toBe(0);
    clock.advance(1_500_000_000n);
    expect(await transaction.elapsedTime).toBe(1500);
    await using other = await db.beginTransaction({ deadlockDetect: true });
    expect(await other.isDeadlockDetect).toBe(true);
    expect(await other.transactionId).toBe((await transaction.transactionId) + 1n);
  });

  it('leave nothing behind when they are rolled back, or freed', async () => {
    const db = await createTransactional(makeHost());
    await db.put('a', 'old');
    await using transaction = await db.beginTransaction();
    await transaction.put('a', 'new');
    await transaction.rollback();
    expect(await transaction.get('a')).toBe('old');
    expect(await db.getLockStatusData()).toEqual([]);
    // It goes on from nothing.
    await transaction.put('b', 'new');
    await transaction.commit();
    expect(await db.getMany(['a', 'b'])).toEqual(['old', 'new']);
    const forgotten = await db.beginTransaction();
    await forgotten.put('a', 'newer');
    await forgotten.free();
    expect(await db.get('a')).toBe('old');
    expect(await db.getLockStatusData()).toEqual([]);
  });

  it('read values in place', async () => {
    const db = await createTransactional(makeHost());
    await db.put('a', 'below');
    await using transaction = await db.beginTransaction();
    await transaction.put('b', 'above');
    await using below = await transaction.getPinned('a');
    await using above = await transaction.getPinned('b');
    expect(await transaction.getPinned('c')).toBeUndefined();
    await transaction.free();
    const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
    expect([text(await below?.copy()), text(await above?.copy())]).toEqual(['below', 'above']);
  });

  it('do what batches say, with locks', async () => {
    const db = await createTransactional(makeHost());
    await db.put('gone', '1');
    await using batch = await db.batch();
    await batch.put('a', '1').delete('gone');
    await using indexed = await db.batchWithIndex();
    await indexed.put('b', '2');
    await using transaction = await db.beginTransaction();
    await transaction.rebuildFromWriteBatch(batch);
    await transaction.rebuildFromWriteBatch(indexed);
    expect(await transaction.getMany(['a', 'b', 'gone'])).toEqual(['1', '2', undefined]);
    expect(await transaction.numKeys).toBe(3);
    expect((await conflictOf(() => db.put('b', 'x'))).reason).toBe('lockTimeout');
    await transaction.commit();
    expect(await db.getMany(['a', 'b', 'gone'])).toEqual(['1', '2', undefined]);
  });

  it('show their changes as a batch with an index', async () => {
    const db = await createTransactional(makeHost());
    await db.put('b', 'below');
    await using transaction = await db.beginTransaction();
    await transaction.put('a', '1');
    await transaction.delete('b');
    await transaction.put('a', '2');
    const batch = await transaction.getWriteBatch();
    expect(await transaction.getWriteBatch()).toBe(batch);
    expect(await batch.overwriteKey).toBe(true);
    expect(await batch.getFromBatch('a')).toBe('2');
    expect(await batch.getFromBatchAndDB('b')).toBeUndefined();
    await using entries = await batch.iterator();
    expect(await all(entries)).toEqual([
      ['a', { type: 'put', value: '2' }],
      ['b', { type: 'delete', value: '' }],
    ]);
    for (const use of [
      () => batch.clear(),
      () => batch.setSavePoint(),
      () => batch.rollbackToSavePoint(),
      () => batch.popSavePoint(),
      () => db.write(batch),
      () => transaction.rebuildFromWriteBatch(batch),
    ]) {
      expect((await errorOf(use)).message).toContain("a transaction's");
    }
    await batch.put('direct', '1');
    await transaction.setName('one');
    await transaction.prepare();
    expect((await errorOf(() => batch.put('k', '1'))).message).toContain('is prepared');
    await transaction.commit();
    expect(await db.get('direct')).toBe('1');
    expect(entries.freed).toBe(true);
    await transaction.free();
    expect(batch.freed).toBe(true);
  });

  it('can leave the index out', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.disableIndexing();
    await transaction.put('a', '1');
    await transaction.enableIndexing();
    await transaction.put('b', '2');
    expect(await transaction.getMany(['a', 'b'])).toEqual([undefined, '2']);
    await transaction.commit();
    expect(await db.getMany(['a', 'b'])).toEqual(['1', '2']);
  });

  it('collapse a key and its merge operands', async () => {
    const db = await createTransactional(makeHost(), { mergeOperator: 'stringappend' });
    await db.put('k', 'a');
    await using transaction = await db.beginTransaction();
    await transaction.merge('k', 'b');
    await transaction.merge('k', 'c');
    await transaction.collapseKey('k');
    await using entries = await (await transaction.getWriteBatch()).iterator();
    expect(await all(entries)).toContainEqual(['k', { type: 'put', value: 'a,b,c' }]);
    await transaction.commit();
    expect(await db.get('k')).toBe('a,b,c');
  });

  it('put data into the log', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    const before = await transaction.byteLength;
    await transaction.putLogData('for the reader of the log');
    expect((await transaction.byteLength) - before).toBeGreaterThanOrEqual(25);
    const bytes = new TextDecoder().decode(await (await transaction.getWriteBatch()).data);
    expect(bytes).toContain('for the reader of the log');
    await transaction.commit();
  });

  it('take values of all lengths', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    const value = 'x'.repeat(300_000);
    await transaction.put('large', value);
    for (let i = 0; i < 2000; i++) await transaction.put(keyOf(i), 'y'.repeat(i % 300));
    expect((await transaction.get('large')) === value).toBe(true);
    await transaction.commit();
    expect((await db.get('large')) === value).toBe(true);
    expect(await db.get(keyOf(299))).toBe('y'.repeat(299));
  });
}

/** Two transactions that want the same key. */
async function rivals(db: TextDB): Promise<[TextTransaction, TextTransaction]> {
  const first = await db.beginTransaction({ lockTimeout: 3_600_000 });
  const second = await db.beginTransaction({ lockTimeout: 3_600_000 });
  return [first, second];
}

function locks(makeHost: MakeHost): void {
  it('keep others from writing their keys, at once and whatever the timeouts are', async () => {
    const clock = new ManualClock();
    const db = await createTransactional(makeHost(), {
      clock,
      mergeOperator: 'stringappend',
      transactionDBOptions: { transactionLockTimeout: -1, defaultLockTimeout: -1 },
    });
    const [first, second] = await rivals(db);
    await using _first = first;
    await using _second = second;
    const now = clock.realtimeNs();
    await first.put('k', '1');
    await second.setLockTimeout(-1);
    await using batch = await db.batch();
    await batch.put('other', '1').put('k', '1');
    for (const write of [
      () => second.put('k', '2'),
      () => second.delete('k'),
      () => second.singleDelete('k'),
      () => second.putUntracked('k', '2'),
      () => second.deleteUntracked('k'),
      () => second.singleDeleteUntracked('k'),
      () => second.mergeUntracked('k', '2'),
      () => second.getForUpdate('k'),
      () => second.getForUpdate('k', { exclusive: false }),
      () => second.getManyForUpdate(['j', 'k']),
      () => db.put('k', '2'),
      () => db.delete('k'),
      () => db.singleDelete('k'),
      () => db.write(batch),
    ]) {
      const error = await conflictOf(write);
      expect([String(write), error.reason, error.code, error.subcode]).toEqual([
        String(write),
        'lockTimeout',
        'ERR_ROCKSDB_LOCK_TIMEOUT',
        'lockTimeout',
      ]);
    }
    expect(clock.realtimeNs()).toBe(now);
    expect(await db.has('other')).toBe(false);
    await first.commit();
    await second.put('k', '2');
    await second.commit();
    await db.write(batch);
    expect(await db.getMany(['k', 'other'])).toEqual(['1', '1']);
  });

  it('let no background work run while they are refused', async () => {
    const db = await createTransactional(makeHost(), { background: 'manual' });
    const [first, second] = await rivals(db);
    await using _first = first;
    await using _second = second;
    await first.put('k', '1');
    await db.put('other', '1');
    await db.flush({ wait: false });
    const pending = await db.engine.pendingJobs;
    expect(pending).toBeGreaterThan(0);
    expect((await conflictOf(() => second.put('k', '2'))).reason).toBe('lockTimeout');
    expect((await conflictOf(() => db.put('k', '2'))).reason).toBe('lockTimeout');
    expect(await db.engine.pendingJobs).toBe(pending);
    await db.engine.pump();
  });

  it('are listed', async () => {
    const db = await createTransactional(makeHost());
    const family = await db.createColumnFamily('family');
    const [first, second] = await rivals(db);
    await using _first = first;
    await using _second = second;
    await first.put('k', '1', { columnFamily: family });
    await first.getForUpdate('shared', { exclusive: false });
    await second.getForUpdate('shared', { exclusive: false });
    const ids = [await first.transactionId, await second.transactionId];
    const found = await db.getLockStatusData();
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({
      familyId: family.familyId,
      columnFamily: 'family',
      key: 'k',
      transactionIds: ids.slice(0, 1),
      exclusive: true,
    });
    const shared = found.find(({ key }) => key === 'shared');
    expect(shared).toMatchObject({ columnFamily: 'default', exclusive: false });
    expect([...(shared?.transactionIds ?? [])].sort()).toEqual(ids);
    // Neither can have it alone.
    expect((await conflictOf(() => first.put('shared', '1'))).reason).toBe('lockTimeout');
    await second.rollback();
    await first.put('shared', '1');
  });

  it('meet each other without a deadlock', async () => {
    const db = await createTransactional(makeHost());
    await using first = await db.beginTransaction({ deadlockDetect: true });
    await using second = await db.beginTransaction({
      deadlockDetect: true,
      deadlockDetectDepth: 2,
    });
    await first.put('a', '1');
    await second.put('b', '2');
    expect((await conflictOf(() => first.put('b', '1'))).reason).toBe('lockTimeout');
    expect((await conflictOf(() => second.put('a', '2'))).reason).toBe('lockTimeout');
    await db.setDeadlockInfoBufferSize(10);
    expect(await db.getDeadlockInfoBuffer()).toEqual([]);
    await second.rollback();
    await first.put('b', '1');
    await first.commit();
    expect(await db.getMany(['a', 'b'])).toEqual(['1', '1']);
  });

  it('are given up by undoGetForUpdate', async () => {
    const db = await createTransactional(makeHost());
    const [first, second] = await rivals(db);
    await using _first = first;
    await using _second = second;
    expect(await first.getForUpdate('k')).toBeUndefined();
    await conflictOf(() => second.put('k', '2'));
    await first.undoGetForUpdate('k');
    await second.put('k', '2');
    await second.commit();
    expect(await db.get('k')).toBe('2');
    // Not of a key that was written.
    await first.getForUpdate('w');
    await first.put('w', '1');
    await first.undoGetForUpdate('w');
    expect((await conflictOf(() => db.put('w', '2'))).reason).toBe('lockTimeout');
  });

  it('can be lost to others when the time is over', async () => {
    const clock = new ManualClock();
    const db = await createTransactional(makeHost(), { clock });
    await using first = await db.beginTransaction({ expiration: 1000 });
    await using second = await db.beginTransaction();
    await first.put('k', '1');
    await conflictOf(() => second.put('k', '2'));
    clock.advance(1_001_000_000n);
    await second.put('k', '2');
    expect(await first.state).toBe('locksStolen');
    expect((await errorOf(() => first.commit())).code).toBe('ERR_ROCKSDB_EXPIRED');
    await first.rollback();
    await second.commit();
    expect(await db.get('k')).toBe('2');
  });

  it('are limited by maxNumLocks', async () => {
    const db = await createTransactional(makeHost(), { transactionDBOptions: { maxNumLocks: 2 } });
    await using transaction = await db.beginTransaction();
    await transaction.put('a', '1');
    await transaction.put('b', '1');
    const error = await conflictOf(() => transaction.put('c', '1'));
    expect([error.reason, error.code]).toEqual(['lockLimit', 'ERR_ROCKSDB_LOCK_LIMIT']);
    await transaction.commit();
    await db.put('c', '1');
    expect(await db.getMany(['a', 'b', 'c'])).toEqual(['1', '1', '1']);
  });

  it('can be left out', async () => {
    const db = await createTransactional(makeHost());
    await using first = await db.beginTransaction();
    await using free = await db.beginTransaction({ skipConcurrencyControl: true });
    await first.put('k', '1');
    await free.put('k', '2');
    await free.commit();
    for (const key of ['r1', 'r2', 'r3']) await db.put(key, 'old');
    await using batch = await db.batch();
    await batch.put('k', '3').deleteRange('r1', 'r3');
    expect((await errorOf(() => db.write(batch))).code).toMatch(
      /ERR_ROCKSDB_(NOT_SUPPORTED|INVALID_ARGUMENT)/,
    );
    await db.write(batch, { skipConcurrencyControl: true });
    expect(await db.getMany(['k', 'r1', 'r2', 'r3'])).toEqual(['3', undefined, undefined, 'old']);
    const range = await errorOf(() => db.deleteRange('r1', 'r4'));
    expect(range.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    expect(range.message).toContain('skipConcurrencyControl');
  });

  it('are assumed where the program says so', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    const wrong = await errorOf(() => transaction.put('k', '1', { assumeTracked: true }));
    expect(wrong.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    await transaction.getForUpdate('k');
    await transaction.put('k', '1', { assumeTracked: true });
    await transaction.commit();
    expect(await db.get('k')).toBe('1');
  });
}

function snapshots(makeHost: MakeHost): void {
  it('with a snapshot refuse keys that were written after it', async () => {
    const db = await createTransactional(makeHost());
    await db.put('k', 'old');
    await using transaction = await db.beginTransaction({ setSnapshot: true });
    await db.put('k', 'new');
    for (const write of [
      () => transaction.put('k', 'x'),
      () => transaction.delete('k'),
      () => transaction.getForUpdate('k'),
    ]) {
      const error = await conflictOf(write);
      expect([error.reason, error.code]).toEqual(['writeConflict', 'ERR_ROCKSDB_WRITE_CONFLICT']);
    }
    expect(await transaction.getForUpdate('k', { validate: false })).toBe('new');
    await transaction.putUntracked('k', 'x');
    await transaction.commit();
    expect(await db.get('k')).toBe('x');
  });

  it('read at their snapshot what was there', async () => {
    const db = await createTransactional(makeHost());
    await db.put('k', 'old');
    await using transaction = await db.beginTransaction();
    expect(await transaction.snapshot).toBeUndefined();
    await transaction.setSnapshot();
    const snapshot = await transaction.snapshot;
    expect(await transaction.snapshot).toBe(snapshot);
    await db.put('k', 'new');
    await transaction.put('own', '1');
    const at = { snapshot };
    expect([await transaction.get('k'), await transaction.get('k', at)]).toEqual(['new', 'old']);
    expect(await transaction.get('own', at)).toBe('1');
    expect(await db.get('k', at)).toBe('old');
    await using iterator = await transaction.iterator(at);
    expect(await all(iterator)).toEqual([
      ['k', 'old'],
      ['own', '1'],
    ]);
    await iterator.free();
    await transaction.clearSnapshot();
    expect(snapshot?.freed).toBe(true);
    expect(await transaction.snapshot).toBeUndefined();
    await transaction.put('k', 'newer');
    await transaction.commit();
    expect(await db.getIntProperty('rocksdb.num-snapshots')).toBe(0n);
  });

  it('take a snapshot with the next operation', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.setSnapshotOnNextOperation();
    await db.put('k', '1');
    expect(await transaction.snapshot).toBeUndefined();
    await transaction.put('k', '2');
    expect((await transaction.snapshot)?.sequenceNumber).toBe(await db.latestSequenceNumber);
    await transaction.commit();
    expect(await db.getIntProperty('rocksdb.num-snapshots')).toBe(0n);
  });
}

function savepoints(makeHost: MakeHost): void {
  it('go back to savepoints, with the locks', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.put('a', '1');
    await transaction.setSavePoint();
    await transaction.put('a', '2');
    await transaction.put('b', '2');
    await transaction.setSavePoint();
    await transaction.put('c', '3');
    await using iterator = await transaction.iterator();
    await transaction.rollbackToSavePoint();
    expect(iterator.freed).toBe(true);
    expect(await transaction.getMany(['a', 'b', 'c'])).toEqual(['2', '2', undefined]);
    await db.put('c', 'free');
    await conflictOf(() => db.put('b', 'locked'));
    await transaction.rollbackToSavePoint();
    expect(await transaction.getMany(['a', 'b'])).toEqual(['1', undefined]);
    await db.put('b', 'free');
    await transaction.setSavePoint();
    await transaction.put('d', '4');
    await transaction.popSavePoint();
    for (const none of [
      () => transaction.rollbackToSavePoint(),
      () => transaction.popSavePoint(),
    ]) {
      const error = await errorOf(none);
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(error.message).toContain('setSavePoint');
    }
    await transaction.commit();
    expect(await db.getMany(['a', 'b', 'c', 'd'])).toEqual(['1', 'free', 'free', '4']);
  });
}

function iterators(makeHost: MakeHost): void {
  it('scan the database with their changes, within bounds and both ways', async () => {
    const db = await createTransactional(makeHost(), { mergeOperator: 'stringappend' });
    for (let i = 0; i < 40; i += 2) await db.put(keyOf(i), 'below');
    await db.flush();
    for (let i = 40; i < 60; i += 2) await db.put(keyOf(i), 'below');
    await using transaction = await db.beginTransaction();
    for (let i = 1; i < 60; i += 2) await transaction.put(keyOf(i), 'above');
    await transaction.delete(keyOf(10));
    await transaction.merge(keyOf(12), 'more');
    await transaction.put(keyOf(14), 'over');
    const value = (i: number) =>
      i === 12 ? 'below,more' : i === 14 ? 'over' : i % 2 ? 'above' : 'below';
    const expected = (from: number, to: number) => {
      const entries: [string, string][] = [];
      for (let i = from; i <= to; i++) if (i !== 10) entries.push([keyOf(i), value(i)]);
      return entries;
    };
    const scan = async (options: object) => {
      await using iterator = await transaction.iterator(options);
      return await all(iterator);
    };
    expect(await scan({})).toEqual(expected(0, 59));
    expect(await scan({ reverse: true })).toEqual(expected(0, 59).reverse());
    for (const [from, to] of [
      [9, 15],
      [10, 10],
      [12, 41],
    ] as const) {
      const inclusive = { gte: keyOf(from), lte: keyOf(to) };
      expect(await scan(inclusive)).toEqual(expected(from, to));
      expect(await scan({ ...inclusive, reverse: true })).toEqual(expected(from, to).reverse());
      const exclusive = { gt: keyOf(from), lt: keyOf(to) };
      expect(await scan(exclusive)).toEqual(expected(from + 1, to - 1));
      expect(await scan({ ...exclusive, reverse: true })).toEqual(
        expected(from + 1, to - 1).reverse(),
      );
    }
    expect(await scan({ prefix: 'k0001', limit: 3 })).toEqual(expected(11, 13));
    await using iterator = await transaction.iterator();
    await iterator.seek(keyOf(10));
    expect(await iterator.next()).toEqual([keyOf(11), 'above']);
    await iterator.seekForPrev(keyOf(10));
    expect(await iterator.next()).toEqual([keyOf(9), 'above']);
    await iterator.seek('k1');
    expect(await iterator.next()).toBeUndefined();
    expect((await errorOf(() => iterator.refresh())).code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
  });

  it('tell what their iterators pin', async () => {
    const db = await createTransactional(makeHost());
    await db.put('a', '1');
    await db.flush();
    await using transaction = await db.beginTransaction();
    await transaction.put('b', '2');
    await using iterator = await transaction.iterator();
    await using entries = await (await transaction.getWriteBatch()).iterator();
    await iterator.next();
    await db.put('a', '2');
    await db.flush();
    await db.compactRange({ bottommostLevelCompaction: 'force' });
    const pins = await db.engine.heap.pins(iterator.id);
    expect(pins?.sstFiles.unique).toHaveLength(1);
    expect(pins?.versions.unique).toHaveLength(1);
    const nothing = await db.engine.heap.pins(entries.id);
    expect([nothing?.memtables, nothing?.sstFiles, nothing?.versions]).toEqual(
      Array(3).fill({ unique: [], uniqueBytes: 0, shared: [], sharedBytes: 0 }),
    );
    expect(await db.engine.heap.why(iterator.id)).toMatch(/alone pins .*1 SST file/);
    await transaction.put('large', 'x'.repeat(50_000));
    expect((await db.engine.heap.pins(transaction.id))?.ownBytes).toBeGreaterThan(50_000);
    expect(await db.engine.heap.why(transaction.id)).toMatch(/holds [\d,]+ bytes|holds [\d.]+ MB/);
  });

  it('can write while they scan', async () => {
    const db = await createTransactional(makeHost());
    for (let i = 0; i < 300; i++) await db.put(keyOf(i), 'v');
    await using transaction = await db.beginTransaction();
    await using iterator = await transaction.iterator();
    let seen = 0;
    for await (const [key] of iterator) {
      seen++;
      await transaction.put(key, 'w'.repeat(100));
      if (seen % 3 === 0) await transaction.delete(key);
    }
    expect(seen).toBe(300);
    await transaction.commit();
    await using after = await db.iterator();
    expect(await all(after)).toHaveLength(200);
  });
}

function families(makeHost: MakeHost): void {
  it('read and lock many keys of several column families', async () => {
    const db = await createTransactional(makeHost());
    const family = await db.createColumnFamily('family');
    await db.put('a', 'default');
    await db.put('a', 'family', { columnFamily: family });
    await using transaction = await db.beginTransaction();
    await transaction.put('b', 'mine', { columnFamily: family });
    const { defaultColumnFamily } = db;
    const keys = ['a', 'b', 'a', 'b'];
    const columnFamilies = [family, family, defaultColumnFamily, defaultColumnFamily];
    const values = ['family', 'mine', 'default', undefined];
    expect(await transaction.getMany(keys, { columnFamilies })).toEqual(values);
    expect(await transaction.getManyEntity(keys, { columnFamilies })).toEqual(
      values.map((value) => value && new Map([['', value]])),
    );
    await using second = await db.beginTransaction();
    const locked = { columnFamilies: [family, family, defaultColumnFamily] };
    expect(await transaction.getManyForUpdate(keys.slice(0, 3), locked)).toEqual(
      values.slice(0, 3),
    );
    await conflictOf(() => second.put('a', '2', { columnFamily: family }));
    await conflictOf(() => second.put('a', '2'));
    await second.put('b', '2');
    for (const wrong of [[family], 'family', [family, family, family, 'family']]) {
      const error = await errorOf(() =>
        transaction.getMany(keys, { columnFamilies: wrong as never }),
      );
      expect(error.message).toMatch(/^columnFamil(y|ies): expected /);
    }
    const misplaced = await errorOf(() => transaction.get('a', { columnFamilies } as never));
    expect(misplaced.message).toBe("unknown option 'columnFamilies'; did you mean 'columnFamily'?");
  });

  it('reach all column families, those made meanwhile too', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    const family = await db.createColumnFamily('family', { mergeOperator: 'stringappend' });
    const options = { columnFamily: family };
    await transaction.put('k', 'default');
    await transaction.put('k', 'a', options);
    await transaction.merge('k', 'b', options);
    await transaction.put('gone', '1', options);
    await transaction.delete('gone', options);
    expect(await transaction.getForUpdate('k', options)).toBe('a,b');
    await conflictOf(() => db.put('k', 'x', options));
    await using iterator = await transaction.iterator(options);
    expect(await all(iterator)).toEqual([['k', 'a,b']]);
    const merge = await errorOf(() => transaction.merge('k', 'x'));
    expect(merge.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    await transaction.commit();
    expect([await db.get('k'), await db.get('k', options)]).toEqual(['default', 'a,b']);
  });

  it('do not commit into one that was dropped', async () => {
    const db = await createTransactional(makeHost());
    const family = await db.createColumnFamily('family');
    await using transaction = await db.beginTransaction();
    await transaction.put('k', '1', { columnFamily: family });
    await transaction.put('k', '1');
    await db.dropColumnFamily(family);
    const error = await errorOf(() => transaction.commit());
    expect(error.code).toBe('ERR_ROCKSDB_COLUMN_FAMILY_DROPPED');
    await transaction.rollback();
    await transaction.put('k', '2');
    await transaction.commit();
    expect(await db.get('k')).toBe('2');
  });
}

function ends(makeHost: MakeHost): void {
  it('are over after the commit', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.put('k', '1');
    await transaction.commit();
    expect(await transaction.state).toBe('committed');
    for (const use of [
      () => transaction.put('k', '2'),
      () => transaction.get('k'),
      () => transaction.getForUpdate('k'),
      () => transaction.iterator(),
      () => transaction.commit(),
      () => transaction.rollback(),
      () => transaction.setSavePoint(),
      () => transaction.setSnapshot(),
      () => transaction.getWriteBatch(),
    ]) {
      const error = await errorOf(use);
      expect([String(use), error.code]).toEqual([String(use), 'ERR_ROCKSDB_INVALID_ARGUMENT']);
      expect(error.message).toContain('was committed');
    }
  });

  it('can be begun anew', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction();
    await transaction.put('k', '1');
    await transaction.commit();
    const again = await db.beginTransaction({ reuse: transaction, setSnapshot: true });
    expect(again).toBe(transaction);
    expect(await again.state).toBe('started');
    expect(await again.snapshot).toBeDefined();
    await again.put('dropped', '1');
    await db.beginTransaction({ reuse: again });
    expect(await db.getLockStatusData()).toEqual([]);
    await again.put('k', '2');
    await again.commit();
    expect(await db.getMany(['k', 'dropped'])).toEqual(['2', undefined]);
  });

  it('hold no more bytes and say so when they do', async () => {
    const db = await createTransactional(makeHost());
    await using transaction = await db.beginTransaction({ maxWriteBatchSize: 1000 });
    await transaction.put('a', 'x'.repeat(500));
    const error = await errorOf(() => transaction.put('b', 'x'.repeat(600)));
    expect(error.subcode).toBe('memoryLimit');
    await transaction.commit();
    expect(await db.has('b')).toBe(false);
    expect(await db.has('a')).toBe(true);
  });

  it('write with the options that they were given', async () => {
    const host = makeHost();
    const path = host.path();
    const db = await host.openTransactional(path, { createIfMissing: true, ...TEXT });
    const lost = { writeOptions: { disableWAL: true } };
    const logBytes = () => {
      const logs = host.fileSystem.readDirectory(path).filter(({ name }) => name.endsWith('.log'));
      return logs.reduce((sum, { name }) => sum + host.fileSystem.stat(`${path}/${name}`).size, 0);
    };
    await using first = await db.beginTransaction(lost);
    await first.put('first', '1');
    await first.commit();
    await using second = await db.beginTransaction();
    await second.setWriteOptions({ disableWAL: true });
    await second.put('second', '1');
    await second.commit();
    expect(await db.getMany(['first', 'second'])).toEqual(['1', '1']);
    expect(Number(logBytes())).toBe(0);
    await using third = await db.beginTransaction(lost);
    await third.setWriteOptions({ sync: true });
    await third.put('third', '1');
    await third.commit();
    expect(Number(logBytes())).toBeGreaterThan(0);
  });

  it('are reported when they were forgotten, and their locks and changes go', async () => {
    const host = makeHost();
    const path = host.path();
    const forgotten: string[] = [];
    const db = await host.openTransactional(path, {
      createIfMissing: true,
      ...TEXT,
      tracking: 'track',
      onUnreleased: (handles) => {
        for (const { kind, site } of handles) forgotten.push(`${kind} ${site?.split('\n')[0]}`);
      },
    });
    const transaction = await db.beginTransaction({ setSnapshot: true });
    await transaction.put('k', '1');
    expect((await transaction.snapshot)?.sequenceNumber).toBe(0n);
    const iterator = await transaction.iterator({ snapshot: await transaction.snapshot });
    await iterator.next();
    await db.close();
    expect(forgotten.map((line) => line.split(' ')[0]).sort()).toEqual([
      'iterator',
      'snapshot',
      'transaction',
    ]);
    for (const line of forgotten) expect(line).toMatch(/transaction-suite|database\.test/);
    const again = await host.openTransactional(path, TEXT);
    expect(await again.has('k')).toBe(false);
  });
}
