/** Batches with an index, and transactions. */
import {
  type AnyColumnFamily,
  LockConflictError,
  OptimisticTransactionDB,
  type PinnedSlice,
  RocksDB,
  TransactionDB,
  type WriteBatchWithIndex,
} from 'rocksdb-wasm';
import { expect, onTestFinished } from 'vitest';
import { errorOf } from '../support/open.js';
import {
  bytes,
  expectNext,
  expectValues,
  type Phases,
  TEXT,
  text,
  using,
  type World,
  withBox,
  withHello,
} from './world.js';

const CREATE = { createIfMissing: true };
type TextBatch = WriteBatchWithIndex<'utf8', 'utf8'>;

/** What databases and transactions read with. */
interface Reader {
  get(key: string, options?: { columnFamily?: AnyColumnFamily }): string | undefined;
  getPinned(key: string, options?: { columnFamily?: AnyColumnFamily }): PinnedSlice | undefined;
}

/** The values of the keys, read both ways. */
function expectRead(
  reader: Reader,
  values: Readonly<Record<string, string | undefined>>,
  options: { columnFamily?: AnyColumnFamily } = {},
): void {
  for (const [key, value] of Object.entries(values)) {
    expect(reader.get(key, options), key).toBe(value);
    const pinned = reader.getPinned(key, options);
    expect(pinned && using(pinned, ({ view }) => text(view)), key).toBe(value);
  }
}

/** Closes the database after the test. */
function closing<D extends { close(): unknown }>(db: D): D {
  onTestFinished(() => void db.close());
  return db;
}

/** A new TransactionDB with the base options. */
async function pessimistic(world: World, more: { transactionLockTimeout?: number } = {}) {
  const { engine, options, path } = world;
  return closing(
    await TransactionDB.open(path(), {
      engine,
      ...TEXT,
      ...options,
      ...CREATE,
      transactionDBOptions: more,
    }),
  );
}

const withIndex = <R>(
  db: { batchWithIndex(options?: { overwriteKey?: boolean }): TextBatch },
  work: (batch: TextBatch) => R,
) => using(db.batchWithIndex({ overwriteKey: true }), work);

export const TRANSACTIONS: Phases = {
  async writebatch_wi(world) {
    const db = await withHello(world);
    withIndex(db, (batch) => {
      batch.put('foo', 'a').clear();
      batch.put('bar', 'b').put('box', 'c').delete('bar');
      expect(batch.count).toBe(3);
      expect(batch.getFromBatch('box')).toBe('c');
      expect(batch.getFromBatch('bar')).toBeUndefined();
      expect(batch.getFromBatchAndDB('foo')).toBe('hello');
      expect(batch.getFromBatchAndDB('box')).toBe('c');
      db.write(batch);
      expectValues(db, { foo: 'hello', bar: undefined, box: 'c' });
      using(db.batchFrom(batch.data), (copy) => {
        expect(copy.operations()).toEqual([
          { type: 'put', columnFamilyId: 0, key: bytes('bar'), value: bytes('b') },
          { type: 'put', columnFamilyId: 0, key: bytes('box'), value: bytes('c') },
          { type: 'delete', columnFamilyId: 0, key: bytes('bar') },
        ]);
      });
      batch.clear();
      expect(batch.count).toBe(0);
    });
  },

  async writebatch_wi_vectors(world) {
    const db = await withHello(world);
    withIndex(db, (batch) => {
      batch.put(['z', 'ap'].join(''), ['x', 'y', 'z'].join(''));
      db.write(batch);
      expectValues(db, { zap: 'xyz' });
      db.write(batch.delete('zap'));
      expectValues(db, { zap: undefined });
    });
  },

  async writebatch_wi_savepoint(world) {
    const db = await withHello(world);
    withIndex(db, (batch) => {
      batch.setSavePoint();
      batch.put('zap', 'xyz');
      batch.rollbackToSavePoint();
      expect(batch.getFromBatch('zap')).toBeUndefined();
      db.write(batch);
      expectValues(db, { zap: undefined });
    });
  },

  async wbwi_iter(world) {
    const db = await withBox(world);
    withIndex(db, (batch) => {
      batch.put('bar', 'b').delete('foo');
      using(batch.iteratorWithBase(), (iterator) => {
        expectNext(iterator, 'bar', 'b');
        expectNext(iterator, 'box', 'c');
        expect(iterator.next()).toBeUndefined();
        iterator.seek('b');
        expectNext(iterator, 'bar', 'b');
        iterator.seekForPrev('c');
        expectNext(iterator, 'box', 'c');
        iterator.seekForPrev('box');
        expectNext(iterator, 'box', 'c');
      });
      using(batch.iteratorWithBase({ reverse: true }), (iterator) => {
        expectNext(iterator, 'box', 'c');
        expectNext(iterator, 'bar', 'b');
        expect(iterator.next()).toBeUndefined();
      });
    });
  },

  async transactions(world) {
    const db = await pessimistic(world);
    db.put('foo', 'hello');
    expectRead(db, { foo: 'hello' });
    db.delete('foo');
    expectRead(db, { foo: undefined });
    using(db.batch(), (batch) => {
      batch.put('foo', 'a').clear();
      db.write(batch.put('bar', 'b').put('box', 'c').delete('bar'));
    });
    expectRead(db, { box: 'c' });
    const three = ['box', 'foo', 'notfound'];
    expect(db.getMany(three)).toEqual(['c', undefined, undefined]);

    const first = db.beginTransaction();
    first.put('foo', 'hello');
    expectRead(first, { foo: 'hello' });
    expect(first.getMany(three)).toEqual(['c', 'hello', undefined]);
    first.delete('foo');
    expectRead(first, { foo: undefined });
    first.put('foo', 'hello');
    // Nobody else sees it before the commit.
    expectRead(db, { foo: undefined });
    expect(db.getMany(three)).toEqual(['c', undefined, undefined]);
    first.commit();
    expectRead(db, { foo: 'hello' });
    expect(db.getMany(three)).toEqual(['c', 'hello', undefined]);

    const transaction = db.beginTransaction({ reuse: first });
    using(db.snapshot(), (snapshot) => {
      db.put('foo', 'hey');
      expect(db.get('foo', { snapshot })).toBe('hello');
    });
    expectRead(db, { foo: 'hey' });
    transaction.put('bar', 'hi');
    using(transaction.iterator(), (iterator) => expectNext(iterator, 'bar', 'hi'));
    transaction.rollback();
    expectRead(db, { bar: undefined });

    transaction.put('foo1', 'hi1');
    transaction.setSavePoint();
    expectRead(transaction, { foo1: 'hi1' });
    transaction.put('foo2', 'hi2');
    expectRead(transaction, { foo2: 'hi2' });
    transaction.rollbackToSavePoint();
    expectRead(transaction, { foo1: 'hi1', foo2: undefined });
    expectRead(db, { foo1: undefined, foo2: undefined });
    transaction.commit();
    expectRead(db, { foo1: 'hi1', foo2: undefined });
    transaction.free();

    const columnFamily = db.createColumnFamily('txn_db_cf');
    db.put('cf_foo', 'cf_hello', { columnFamily });
    expectRead(db, { cf_foo: 'cf_hello' }, { columnFamily });
    const columnFamilies = [columnFamily, columnFamily];
    expect(db.getMany(['cf_foo', 'notfound'], { columnFamilies })).toEqual(['cf_hello', undefined]);
    db.delete('cf_foo', { columnFamily });
    expectRead(db, { cf_foo: undefined }, { columnFamily });
    expect(db.memoryUsageByType().memTableTotal).toBeGreaterThan(0);
    db.flushWAL(true);
    db.flush({ columnFamily });
    db.flush();
    expect(db.getLiveFilesMetaData()).not.toEqual([]);
  },

  async 'two-phase commit'(world) {
    const db = await pessimistic(world);
    const options = { skipPrepare: false };
    using(db.beginTransaction(options), (transaction) => {
      expect(() => transaction.commit()).toThrow();
      expect(() => transaction.prepare()).toThrow(/name/);
      transaction.setName('txn1');
      transaction.prepare();
      transaction.commit();
    });
    for (const [name, key, value] of [
      ['txn1', 'bar1', '1'],
      ['txn2', 'bar2', '2'],
    ] as const) {
      using(db.beginTransaction(options), (transaction) => {
        transaction.put(key, value);
        transaction.setName(name);
        transaction.prepare();
      });
    }
    db.close();

    const again = await pessimistic(world);
    expectRead(again, { bar1: undefined, bar2: undefined });
    const prepared = again.getAllPreparedTransactions();
    expect(prepared.map(({ name }) => name).sort()).toEqual(['txn1', 'txn2']);
    for (const transaction of prepared) {
      if (transaction.name === 'txn1') transaction.commit();
      else transaction.rollback();
      transaction.free();
    }
    expectRead(again, { bar1: '1', bar2: undefined });
    again.put('bar2', '2');
    expectRead(again, { bar2: '2' });
    expect(again.getAllPreparedTransactions()).toEqual([]);
  },

  async transactions_multi_get_for_update(world) {
    const db = await pessimistic(world, { transactionLockTimeout: 0 });
    const conflict = async (columnFamily: AnyColumnFamily, values: Record<string, string>) => {
      const keys = Object.keys(values);
      for (const [key, value] of Object.entries(values)) db.put(key, value, { columnFamily });
      const [first, second] = [db.beginTransaction(), db.beginTransaction()];
      try {
        const read = first.getManyForUpdate(keys, { columnFamily });
        expect(read).toEqual(Object.values(values));
        const [key = ''] = keys;
        const error = await errorOf(() => second.getForUpdate(key, { columnFamily }));
        expect(error).toBeInstanceOf(LockConflictError);
        expect((error as LockConflictError).reason).toBe('lockTimeout');
        first.commit();
        expect(second.getForUpdate(key, { columnFamily })).toBe(values[key]);
        second.commit();
      } finally {
        first.free();
        second.free();
      }
    };
    await conflict(db.defaultColumnFamily, { foo: 'hey', bar: 'hello' });
    const columnFamily = db.createColumnFamily('txn_db_cf');
    await conflict(columnFamily, { cf_foo: 'cf_hello', cf_bar: 'cf_hey' });
  },

  async optimistic_transactions({ engine, path }) {
    const open = async () =>
      closing(await OptimisticTransactionDB.open(path(), { engine, ...TEXT, ...CREATE }));
    const db = await open();
    const [first, second] = [db.beginTransaction(), db.beginTransaction()];
    first.put('key', 'value');
    second.put('key1', 'value1');
    expectRead(first, { key: 'value' });
    first.commit();
    second.commit();
    first.free();
    second.free();
    expectRead(db, { key: 'value', key1: 'value1' });

    const [cf1, cf2] = db.createColumnFamilies({ txn_db_cf1: {}, txn_db_cf2: {} }) as [
      AnyColumnFamily,
      AnyColumnFamily,
    ];
    const old = db.beginTransaction();
    old.put('key_cf1', 'val_cf1', { columnFamily: cf1 });
    old.put('key_cf2', 'val_cf2', { columnFamily: cf2 });
    old.commit();
    using(db.beginTransaction({ reuse: old }), (transaction) => {
      expectRead(db, { key_cf1: 'val_cf1' }, { columnFamily: cf1 });
      expectRead(transaction, { key_cf1: 'val_cf1' }, { columnFamily: cf1 });
      const of1 = transaction.getMany(['key_cf1'], { columnFamily: cf1 });
      const of2 = transaction.getMany(['key_cf2', 'notfound'], { columnFamily: cf2 });
      expect([...of1, ...of2]).toEqual(['val_cf1', 'val_cf2', undefined]);
      transaction.put('key1_cf', 'val1_cf', { columnFamily: cf1 });
      using(transaction.iterator({ columnFamily: cf1 }), (iterator) => {
        expectNext(iterator, 'key1_cf', 'val1_cf');
        expectNext(iterator, 'key_cf1', 'val_cf1');
      });
    });
    db.close();

    const names = ['default', 'txn_db_cf1', 'txn_db_cf2'];
    expect(await RocksDB.listColumnFamilies(path(), { engine })).toEqual(names);
    const again = await open();
    using(again.beginTransaction(), (transaction) => {
      const expected = [{ key: 'value' }, { key_cf1: 'val_cf1' }, { key_cf2: 'val_cf2' }];
      for (const [index, values] of expected.entries()) {
        const columnFamily = again.columnFamily(names[index] as string);
        if (columnFamily === undefined) throw new Error(`${names[index]} is missing`);
        expectRead(transaction, values as unknown as Record<string, string>, { columnFamily });
      }
    });
  },
};
