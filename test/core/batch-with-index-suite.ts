import { decodeWriteBatch } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost } from './host.js';
import { createTransactional } from './transaction-suite.js';

export function batchWithIndexSuite(makeHost: MakeHost): void {
  describe('batches with an index', () => {
    it('are read alone, over the database, and written', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      for (const key of ['a', 'b', 'm', 's']) await db.put(key, 'below');
      await using batch = await db.batchWithIndex({ overwriteKey: true });
      await batch.put('a', '1').put('a', '2').delete('b').singleDelete('s');
      await batch.merge('m', 'x').put('n', 'y').merge('n', 'z').putLogData('noted');
      expect(await batch.count).toBe(7);
      const noted = decodeWriteBatch(await batch.data).filter(({ type }) => type === 'logData');
      expect(noted).toMatchObject([{ data: new TextEncoder().encode('noted') }]);
      expect(await batch.getFromBatch('a')).toBe('2');
      expect(await batch.getFromBatch('b')).toBeUndefined();
      expect(await batch.getFromBatch('none')).toBeUndefined();
      expect(await batch.getFromBatch('n')).toBe('y,z');
      expect((await errorOf(() => batch.getFromBatch('m'))).code).toBe(
        'ERR_ROCKSDB_MERGE_IN_PROGRESS',
      );
      expect(await batch.getFromBatchAndDB('m')).toBe('below,x');
      const keys = ['a', 'b', 'm', 'n', 's'];
      const after = ['2', undefined, 'below,x', 'y,z', undefined];
      expect(await batch.getManyFromBatchAndDB(keys)).toEqual(after);
      expect(await db.getMany(keys)).toEqual(['below', 'below', 'below', undefined, 'below']);
      await db.write(batch);
      expect(await db.getMany(keys)).toEqual(after);
    });

    it('read many keys of several column families', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const other = await db.createColumnFamily('bytes', { valueEncoding: 'json' });
      await db.put('a', 'below');
      await db.put('a', 'of the family', { columnFamily: family });
      await using batch = await db.batchWithIndex();
      await batch.put('a', { json: 1 } as never, { columnFamily: other }).put('b', 'batch');
      const keys = ['a', 'b', 'a', 'a', 'b'];
      const { defaultColumnFamily } = db;
      const columnFamilies = [family, defaultColumnFamily, other, defaultColumnFamily, family];
      expect(await batch.getManyFromBatchAndDB(keys, { columnFamilies })).toEqual([
        'of the family',
        'batch',
        { json: 1 },
        'below',
        undefined,
      ]);
      const entities = await batch.getManyEntityFromBatchAndDB(keys.slice(0, 2), {
        columnFamilies: columnFamilies.slice(0, 2),
      });
      expect(entities).toEqual([new Map([['', 'of the family']]), new Map([['', 'batch']])]);
      const short = await errorOf(() =>
        batch.getManyFromBatchAndDB(keys, { columnFamilies: [family] }),
      );
      expect(short.message).toBe('columnFamilies: expected one for each of the 5 keys');
    });

    it('have entities of many keys, over the database', async () => {
      const db = await createText(makeHost());
      const columnFamily = await db.createColumnFamily('family');
      await db.putEntity('a', { x: 'below' });
      await db.putEntity('b', { x: 'below' });
      await db.putEntity('f', { y: 'below' }, { columnFamily });
      await using old = await db.snapshot();
      await db.putEntity('b', { x: 'newer' });
      await using batch = await db.batchWithIndex();
      await batch.putEntity('a', { x: '1', z: '2' }).put('p', 'plain').delete('gone');
      const keys = ['p', 'b', 'gone', 'a'];
      expect(await batch.getManyEntityFromBatchAndDB(keys)).toEqual([
        new Map([['', 'plain']]),
        new Map([['x', 'newer']]),
        undefined,
        new Map([
          ['x', '1'],
          ['z', '2'],
        ]),
      ]);
      expect(await batch.getManyEntityFromBatchAndDB(['b'], { snapshot: old })).toEqual([
        new Map([['x', 'below']]),
      ]);
      expect(await batch.getManyEntityFromBatchAndDB(['f', 'a'], { columnFamily })).toEqual([
        new Map([['y', 'below']]),
        undefined,
      ]);
      expect(await batch.getManyEntityFromBatchAndDB([])).toEqual([]);
      const error = await errorOf(() => batch.getManyEntityFromBatchAndDB('a' as never));
      expect(error.message).toContain('an array of keys');
    });

    it('list their entries, all of them or the newest of each key', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      const entriesOf = async (overwriteKey: boolean, options = {}) => {
        await using batch = await db.batchWithIndex({ overwriteKey });
        await batch.put('b', '1').put('a', '1').put('b', '2').delete('c');
        await batch.merge('d', 'x').singleDelete('e');
        expect(await batch.overwriteKey).toBe(overwriteKey);
        await using iterator = await batch.iterator(options);
        return (await all(iterator)).map(([key, { type, value }]) => `${key} ${type} ${value}`);
      };
      const rest = ['c delete ', 'd merge x', 'e singleDelete '];
      expect(await entriesOf(true)).toEqual(['a put 1', 'b put 2', ...rest]);
      expect(await entriesOf(false)).toEqual(['a put 1', 'b put 1', 'b put 2', ...rest]);
      expect(await entriesOf(true, { reverse: true })).toEqual(
        ['a put 1', 'b put 2', ...rest].reverse(),
      );
      expect(await entriesOf(true, { gt: 'a', lt: 'd' })).toEqual(['b put 2', 'c delete ']);
      expect(await entriesOf(true, { gte: 'b', lte: 'd', reverse: true })).toEqual([
        'd merge x',
        'c delete ',
        'b put 2',
      ]);
      expect(await entriesOf(true, { gte: 'b', limit: 1 })).toEqual(['b put 2']);
    });

    it('make entries of the encodings, deletions too', async () => {
      const db = await create(makeHost(), { keyEncoding: 'utf8', valueEncoding: 'json' });
      await using batch = await db.batchWithIndex();
      await batch.put('a', { x: [1] }).delete('b');
      await using iterator = await batch.iterator();
      expect(await all(iterator)).toEqual([
        ['a', { type: 'put', value: { x: [1] } }],
        ['b', { type: 'delete', value: undefined }],
      ]);
      expect(await batch.getFromBatch('a')).toEqual({ x: [1] });
      expect(await batch.getFromBatch('a', { valueEncoding: 'utf8' })).toBe('{"x":[1]}');
    });

    it('scan the database as if they were written', async () => {
      const db = await createText(makeHost());
      for (let i = 0; i < 30; i += 2) await db.put(keyOf(i), 'below');
      await db.flush();
      await using batch = await db.batchWithIndex({ overwriteKey: true });
      for (let i = 1; i < 30; i += 2) await batch.put(keyOf(i), 'above');
      for (let i = 0; i < 30; i += 4) await batch.delete(keyOf(i));
      const scan = async (options: object) => {
        await using iterator = await batch.iteratorWithBase(options);
        return await all(iterator.keys());
      };
      const expected = [];
      for (let i = 0; i < 30; i++) if (i % 4 !== 0) expected.push(keyOf(i));
      expect(await scan({})).toEqual(expected);
      expect(await scan({ reverse: true })).toEqual([...expected].reverse());
      const within = { gte: keyOf(5), lt: keyOf(13) };
      const part = expected.filter((key) => key >= keyOf(5) && key < keyOf(13));
      expect(await scan(within)).toEqual(part);
      expect(await scan({ ...within, reverse: true })).toEqual([...part].reverse());
      await using snapshot = await db.snapshot();
      await db.write(batch);
      await batch.clear();
      expect(await scan({})).toEqual(expected);
      expect(await scan({ snapshot })).toHaveLength(15);
    });

    it('go back to savepoints', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batchWithIndex();
      await batch.put('a', '1');
      await batch.setSavePoint();
      await batch.put('a', '2').put('b', '2');
      await using iterator = await batch.iterator();
      await batch.rollbackToSavePoint();
      expect(iterator.freed).toBe(true);
      expect([await batch.getFromBatch('a'), await batch.getFromBatch('b')]).toEqual([
        '1',
        undefined,
      ]);
      await batch.setSavePoint();
      await batch.put('c', '3');
      await batch.popSavePoint();
      for (const none of [() => batch.rollbackToSavePoint(), () => batch.popSavePoint()]) {
        expect((await errorOf(none)).message).toContain('setSavePoint');
      }
      expect(await batch.count).toBe(2);
      await batch.clear();
      expect(await batch.count).toBe(0);
      expect(await batch.getFromBatch('a')).toBeUndefined();
    });

    it('have a limit, where one is set', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batchWithIndex({ maxBytes: 100, reservedBytes: 1000 });
      await batch.put('a', 'x'.repeat(50));
      const put = () => batch.put('b', 'x'.repeat(60));
      expect((await errorOf(put)).subcode).toBe('memoryLimit');
      expect([await batch.count, await batch.getFromBatch('b')]).toEqual([1, undefined]);
      await batch.setMaxBytes(1000);
      await put();
      expect(await batch.byteLength).toBe((await batch.data).length);
      expect(await batch.byteLength).toBeGreaterThan(110);
    });

    it('reach several column families, and none that was dropped', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const options = { columnFamily: family };
      await using batch = await db.batchWithIndex();
      await batch.put('k', '1').put('k', '2', options);
      expect(await batch.getFromBatch('k', options)).toBe('2');
      await using iterator = await batch.iterator(options);
      expect(await all(iterator)).toEqual([['k', { type: 'put', value: '2' }]]);
      await db.write(batch);
      expect([await db.get('k'), await db.get('k', options)]).toEqual(['1', '2']);
      await db.dropColumnFamily(family);
      const error = await errorOf(() => db.write(batch));
      expect(error.code).toBe('ERR_ROCKSDB_COLUMN_FAMILY_DROPPED');
    });

    it('refuse what they cannot do', async () => {
      const host = makeHost();
      const db = await createText(host);
      const other = await createText(host);
      await using batch = await db.batchWithIndex();
      const foreign = await errorOf(() => other.write(batch));
      expect(foreign.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      for (const wrong of [1, null, {}, new ArrayBuffer(2)]) {
        const put = await errorOf(() => batch.put('k', wrong as string));
        expect(put.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      for (const options of [
        { maxBytes: -1 },
        { reservedBytes: 2 ** 31 },
        { overwriteKey: 1 },
        { protectionBytesPerKey: 4 },
        { overwriteKeys: true },
      ]) {
        const make = await errorOf(() => db.batchWithIndex(options as object));
        expect([options, make.code]).toEqual([options, 'ERR_ROCKSDB_INVALID_OPTION']);
      }
      expect(await batch.count).toBe(0);
      const prepared = await createTransactional(host, {
        transactionDBOptions: { writePolicy: 'writePrepared' },
      });
      await using blind = await prepared.batchWithIndex();
      await blind.put('k', '1');
      expect(await blind.getFromBatch('k')).toBe('1');
      for (const read of [
        () => blind.getFromBatchAndDB('k'),
        () => blind.getManyFromBatchAndDB(['k']),
        () => blind.iteratorWithBase(),
      ]) {
        expect((await errorOf(read)).code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
      }
      await prepared.write(blind);
      expect(await prepared.get('k')).toBe('1');
    });
  });
}
