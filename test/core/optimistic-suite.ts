import {
  LockConflictError,
  type OptimisticTransactionDB,
  type OptimisticTransactionDBOpenOptions,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, type Host, type MakeHost, TEXT } from './host.js';

type TextDB = OptimisticTransactionDB<'utf8', 'utf8'>;

function createOptimistic(
  host: Host,
  options: OptimisticTransactionDBOpenOptions<'utf8', 'utf8'> = {},
): Promise<TextDB> {
  return host.openOptimistic(host.path(), { createIfMissing: true, ...TEXT, ...options });
}

export function optimisticSuite(makeHost: MakeHost): void {
  describe('optimistic transactions', () => {
    for (const validatePolicy of ['serial', 'parallel'] as const) {
      it(`${validatePolicy}: find at the commit what was written meanwhile`, async () => {
        const db = await createOptimistic(makeHost(), {
          optimisticTransactionDBOptions: { validatePolicy, occLockBuckets: 16 },
        });
        for (const key of ['read', 'written', 'untracked']) await db.put(key, 'old');
        for (const key of ['read', 'written', 'none']) {
          await using transaction = await db.beginTransaction();
          await transaction.getForUpdate('read');
          await transaction.put('written', 'mine');
          await transaction.get('none');
          await transaction.putUntracked('untracked', 'mine');
          await db.put('untracked', 'theirs');
          await db.put(key, 'theirs');
          if (key === 'none') {
            await transaction.commit();
            continue;
          }
          const error = await errorOf(() => transaction.commit());
          expect(error).toBeInstanceOf(LockConflictError);
          expect((error as LockConflictError).reason).toBe('writeConflict');
          expect(await db.get('untracked')).toBe('theirs');
          // It is as it was, and can be done again.
          expect(await transaction.get('written')).toBe('mine');
          await transaction.rollback();
          await transaction.put('written', `after ${key}`);
          await transaction.commit();
          expect(await db.get('written')).toBe(`after ${key}`);
        }
        expect(await db.getMany(['written', 'untracked'])).toEqual(['mine', 'mine']);
      });
    }

    it('check from their snapshot on', async () => {
      const db = await createOptimistic(makeHost());
      await db.put('k', 'old');
      await using early = await db.beginTransaction({ setSnapshot: true });
      await using late = await db.beginTransaction();
      await db.put('k', 'new');
      for (const transaction of [early, late]) await transaction.put('k', 'mine');
      expect(await early.get('k', { snapshot: await early.snapshot })).toBe('mine');
      expect((await errorOf(() => early.commit())).code).toBe('ERR_ROCKSDB_WRITE_CONFLICT');
      await late.commit();
      expect(await db.get('k')).toBe('mine');
    });

    it('have savepoints, iterators, column families and merges', async () => {
      const db = await createOptimistic(makeHost());
      const family = await db.createColumnFamily('family', { mergeOperator: 'stringappend' });
      const options = { columnFamily: family };
      await db.put('k', 'below', options);
      await using transaction = await db.beginTransaction();
      await transaction.merge('k', 'above', options);
      await transaction.setSavePoint();
      await transaction.delete('k', options);
      await transaction.put('other', '1', options);
      expect(await transaction.getMany(['k', 'other'], options)).toEqual([undefined, '1']);
      await transaction.rollbackToSavePoint();
      await using iterator = await transaction.iterator(options);
      expect(await all(iterator)).toEqual([['k', 'below,above']]);
      await transaction.commit();
      expect(await db.get('k', options)).toBe('below,above');
      expect(await transaction.state).toBe('committed');
      expect((await errorOf(() => transaction.put('k', '1'))).message).toContain('was committed');
    });

    it('cannot do what needs locks', async () => {
      const db = await createOptimistic(makeHost());
      await using transaction = await db.beginTransaction();
      await transaction.put('k', '1');
      for (const use of [
        () => transaction.setName('one'),
        () => transaction.prepare(),
        () => transaction.put('k', '1', { assumeTracked: true }),
        () => transaction.commitAndTryCreateSnapshot(1n),
      ]) {
        expect((await errorOf(use)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      expect((await errorOf(() => transaction.setCommitTimestamp(1n))).code).toBe(
        'ERR_ROCKSDB_NOT_SUPPORTED',
      );
      const option = { lockTimeout: 1 } as object;
      expect((await errorOf(() => db.beginTransaction(option))).code).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      await using batch = await db.batch();
      await batch.deleteRange('a', 'b');
      expect((await errorOf(() => db.write(batch))).code).toMatch(/NOT_SUPPORTED|INVALID_ARGUMENT/);
      expect((await errorOf(() => db.deleteRange('a', 'b'))).code).toMatch(
        /NOT_SUPPORTED|INVALID_ARGUMENT/,
      );
      await transaction.commit();
      expect(await db.get('k')).toBe('1');
    });

    it('are begun anew on an old one', async () => {
      const db = await createOptimistic(makeHost());
      await using transaction = await db.beginTransaction();
      await transaction.put('k', '1');
      await transaction.commit();
      expect(await db.beginTransaction({ reuse: transaction, setSnapshot: true })).toBe(
        transaction,
      );
      expect((await transaction.snapshot)?.sequenceNumber).toBe(1n);
      await db.put('k', '2');
      await transaction.put('k', '3');
      expect((await errorOf(() => transaction.commit())).code).toBe('ERR_ROCKSDB_WRITE_CONFLICT');
    });
  });
}
