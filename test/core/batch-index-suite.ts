import process from 'node:process';
import { CallbackError, type Comparator } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type MakeHost } from './host.js';
import { createTransactional } from './transaction-suite.js';

const decoder = new TextDecoder();

/** Numbers as text. Knows each key by itself, so that only the index finds out that it throws. */
function troubled() {
  const trouble = { on: false };
  const comparator: Comparator = {
    name: 'test.troubled',
    compare: (a, b) => {
      const [left, right] = [decoder.decode(a), decoder.decode(b)];
      if (trouble.on && left !== right) throw new Error('trouble');
      return Number(left) - Number(right);
    },
  };
  const during = async (run: () => unknown) => {
    trouble.on = true;
    try {
      return await errorOf(async () => run());
    } finally {
      trouble.on = false;
    }
  };
  return { comparator, during };
}

async function expectMisplaced(uses: readonly (() => unknown)[]): Promise<void> {
  for (const use of uses) {
    const error = await errorOf(async () => use());
    expect([use.toString(), error.code]).toEqual([use.toString(), 'ERR_ROCKSDB_INDEX_MISPLACED']);
    expect(error.cause).toBeInstanceOf(CallbackError);
  }
}

const NUMBERS = ['1', '9', '10', '55', '100'];

/** RocksDB asserts that the keys in its lists are in order. */
const inRelease = it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug');

/** A comparator that throws while an operation goes into an index. */
export function batchIndexSuite(makeHost: MakeHost): void {
  describe.each([[true], [false]])(
    'an index that a comparator left out of order (overwriteKey %s)',
    (overwriteKey) => {
      inRelease('is not used until the batch is rolled back or cleared', async () => {
        const { comparator, during } = troubled();
        const db = await createText(makeHost(), { comparator });
        await using batch = await db.batchWithIndex({ overwriteKey });
        for (const key of ['10', '9', '100', '1', '55']) await batch.put(key, 'v');
        const kept = await batch.iterator();
        await batch.setSavePoint();
        const changes = [
          () => batch.put('11', 'x'),
          () => batch.delete('56'),
          () => batch.singleDelete('2'),
          () => batch.putEntity('101', { a: 'b' }),
        ];
        for (const change of changes) {
          const error = await during(change);
          expect(error).toBeInstanceOf(CallbackError);
          expect((error as CallbackError).applied).toBe(false);
          await expectMisplaced([
            () => batch.put('3', 'v'),
            () => batch.getFromBatch('9'),
            () => batch.getFromBatchAndDB('9'),
            () => batch.getManyFromBatchAndDB(['9']),
            () => batch.getEntityFromBatch('9'),
            () => batch.iterator(),
            () => batch.iteratorWithBase(),
            () => batch.setSavePoint(),
            () => db.write(batch),
          ]);
          expect((await errorOf(() => kept.next())).code).toBe('ERR_ROCKSDB_HANDLE_FREED');
          await batch.rollbackToSavePoint();
          expect(await batch.count).toBe(5);
          await using entries = await batch.iterator();
          expect((await all(entries)).map(([key]) => key)).toEqual(NUMBERS);
          await batch.setSavePoint();
        }
        await batch.put('11', 'x');
        await db.write(batch);
        expect(await db.get('11')).toBe('x');
        expect(await db.get('56')).toBeUndefined();

        // Making it anew asks the comparator, too.
        await batch.setSavePoint();
        expect(await during(() => batch.put('12', 'x'))).toBeInstanceOf(CallbackError);
        expect(await during(() => batch.rollbackToSavePoint())).toBeInstanceOf(CallbackError);
        await expectMisplaced([() => batch.getFromBatch('9')]);
        await batch.clear();
        expect(await batch.count).toBe(0);
        await batch.put('9', 'again').put('8', 'new');
        await using fresh = await batch.iterator();
        expect((await all(fresh)).map(([key]) => key)).toEqual(['8', '9']);
      });
    },
  );

  it('stays in order when the key itself is refused', async () => {
    const comparator: Comparator = {
      name: 'test.picky',
      compare: (a, b) => {
        if (decoder.decode(a) === 'x') throw new Error('no number');
        return Number(decoder.decode(a)) - Number(decoder.decode(b));
      },
    };
    const db = await createText(makeHost(), { comparator });
    await using batch = await db.batchWithIndex();
    await batch.put('2', 'v').put('10', 'v');
    expect(await errorOf(() => batch.put('x', 'v'))).toBeInstanceOf(CallbackError);
    expect(await batch.count).toBe(2);
    expect(await batch.getFromBatch('2')).toBe('v');
  });

  inRelease('of a transaction is not used until that is rolled back', async () => {
    const { comparator, during } = troubled();
    const db = await createTransactional(makeHost(), { comparator });
    await using transaction = await db.beginTransaction();
    const fill = async () => {
      for (const key of ['10', '9', '100', '1', '55']) await transaction.put(key, 'v');
    };
    await fill();
    await transaction.setSavePoint();
    const batch = await transaction.getWriteBatch();
    const refused = [
      () => transaction.get('9'),
      () => transaction.getForUpdate('9'),
      () => transaction.put('3', 'v'),
      () => transaction.iterator(),
      () => transaction.setSavePoint(),
      () => transaction.commit(),
      () => batch.getFromBatch('9'),
      () => batch.put('3', 'v'),
    ];
    expect(await during(() => transaction.put('11', 'x'))).toBeInstanceOf(CallbackError);
    await expectMisplaced(refused);
    await transaction.rollbackToSavePoint();
    expect(await transaction.get('11')).toBeUndefined();
    await using scan = await transaction.iterator();
    expect((await all(scan)).map(([key]) => key)).toEqual(NUMBERS);

    expect(await during(() => batch.put('11', 'x'))).toBeInstanceOf(CallbackError);
    await expectMisplaced(refused);
    await transaction.rollback();
    await fill();
    await using other = await db.batch();
    await other.put('11', 'x').put('2', 'y');
    expect(await during(() => transaction.rebuildFromWriteBatch(other))).toBeInstanceOf(
      CallbackError,
    );
    await expectMisplaced([() => transaction.get('9'), () => transaction.commit()]);
    await transaction.rollback();
    await fill();
    await transaction.commit();
    await using iterator = await db.iterator();
    expect((await all(iterator)).map(([key]) => key)).toEqual(NUMBERS);
  });
}
