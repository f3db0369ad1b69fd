/** What RocksJava's and rust-rocksdb's examples of transactions show: see readme-examples.test.ts. */
import {
  type FileSystem,
  LockConflictError,
  MemoryFileSystem,
  NodeFileSystem,
  OptimisticTransactionDB,
  TransactionDB,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorld, TEXT, using, type World } from './rocksdb-c/world.js';
import { errorOf, tempFolder } from './support/open.js';

type Place = readonly [where: string, make: () => { fileSystem: FileSystem; folder: string }];
const PLACES: readonly Place[] = [
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '' })],
];

const KINDS = [
  [
    'TransactionSample',
    ({ engine, path }: World) =>
      TransactionDB.open(path(), { engine, ...TEXT, createIfMissing: true }),
  ],
  [
    'OptimisticTransactionSample',
    ({ engine, path }: World) =>
      OptimisticTransactionDB.open(path(), { engine, ...TEXT, createIfMissing: true }),
  ],
] as const;

describe.each(PLACES)("other bindings' examples of transactions, %s", (_where, make) => {
  describe.each(KINDS)('RocksJava: %s', (_name, open) => {
    const start = async () => {
      const { fileSystem, folder } = make();
      const db = await open(await makeWorld(fileSystem, folder));
      onTestFinished(() => void db.close());
      return db;
    };

    it('read committed: writes of other keys do not matter', async () => {
      const db = await start();
      using(db.beginTransaction(), (transaction) => {
        expect(transaction.get('abc')).toBeUndefined();
        transaction.put('abc', 'def');
        expect(db.get('abc')).toBeUndefined();
        db.put('xyz', 'zzz');
        transaction.commit();
      });
      expect(db.getMany(['abc', 'xyz'])).toEqual(['def', 'zzz']);
    });

    it('repeatable read: a key that was written since the snapshot is a conflict', async () => {
      const db = await start();
      const transaction = db.beginTransaction({ setSnapshot: true });
      try {
        const { snapshot } = transaction;
        db.put('ghi', 'jkl');
        const read = () => transaction.getForUpdate('ghi', { snapshot });
        // Pessimistic ones find it when they read, optimistic ones when they commit.
        if (db instanceof OptimisticTransactionDB) expect(read()).toBeUndefined();
        const failing = db instanceof OptimisticTransactionDB ? () => transaction.commit() : read;
        const error = await errorOf(failing);
        expect(error).toBeInstanceOf(LockConflictError);
        expect((error as LockConflictError).reason).toBe('writeConflict');
        transaction.rollback();
      } finally {
        transaction.free();
      }
      expect(db.get('ghi')).toBe('jkl');
    });

    it('monotonic atomic views: a new snapshot takes up what was written', async () => {
      const db = await start();
      using(db.beginTransaction({ setSnapshot: true }), (transaction) => {
        expect(transaction.get('x', { snapshot: transaction.snapshot })).toBeUndefined();
        transaction.put('x', 'x');
        db.put('y', 'y');
        transaction.setSnapshot();
        transaction.setSavePoint();
        const { snapshot } = transaction;
        expect(transaction.getForUpdate('y', { snapshot })).toBe('y');
        transaction.put('y', 'z');
        transaction.rollbackToSavePoint();
        transaction.commit();
      });
      expect(db.getMany(['x', 'y'])).toEqual(['x', 'y']);
    });
  });

  it('rust-rocksdb: a transaction is rolled back when it is dropped', async () => {
    const { fileSystem, folder } = make();
    const { engine, path } = await makeWorld(fileSystem, folder);
    const db = await TransactionDB.open(path(), { engine, ...TEXT, createIfMissing: true });
    onTestFinished(() => void db.close());
    using(db.beginTransaction(), (transaction) => transaction.put('k1', 'v1'));
    expect(db.get('k1')).toBeUndefined();
    using(db.beginTransaction(), (transaction) => {
      transaction.put('k1', 'v1');
      transaction.setSavePoint();
      transaction.put('k2', 'v2');
      transaction.rollbackToSavePoint();
      expect(db.get('k1')).toBeUndefined();
      transaction.commit();
    });
    expect(db.getMany(['k1', 'k2'])).toEqual(['v1', undefined]);
  });
});
