import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, keyOf, type MakeHost, noise, same } from './host.js';

export function batchSuite(makeHost: MakeHost): void {
  describe('batches', () => {
    it('apply their operations in order, and only when written', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      for (const key of ['a', 'b', 'r1', 'r2', 'r3', 's']) await db.put(key, 'old');
      await using batch = await db.batch();
      await batch.put('a', 'new');
      await batch.put('twice', '1').put('twice', '2').put('gone', '1').delete('gone');
      await batch.delete('b').singleDelete('s').deleteRange('r1', 'r3');
      await batch.merge('m', 'x').merge('m', 'y');
      expect(batch.count).toBe(10);
      expect(await db.getMany(['a', 'b', 'twice'])).toEqual(['old', 'old', undefined]);
      const before = await db.latestSequenceNumber;
      await db.write(batch);
      expect((await db.latestSequenceNumber) - before).toBe(10n);
      await using iterator = await db.iterator();
      expect(await all(iterator)).toEqual([
        ['a', 'new'],
        ['m', 'x,y'],
        ['r3', 'old'],
        ['twice', '2'],
      ]);
    });

    it('can be empty', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch();
      const before = await db.latestSequenceNumber;
      await db.write(batch);
      expect(await db.latestSequenceNumber).toBe(before);
    });

    it('can be written again, and filled anew', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      await using batch = await db.batch();
      await batch.merge('m', 'x');
      const bytes = batch.byteLength;
      await db.write(batch);
      await db.write(batch, { sync: true });
      expect(await db.get('m')).toBe('x,x');
      await batch.merge('m', 'y');
      await db.write(batch);
      expect(await db.get('m')).toBe('x,x,x,y');
      await batch.clear();
      expect(batch.count).toBe(0);
      expect(batch.byteLength).toBeLessThan(bytes);
      await batch.put('m', 'z');
      await db.write(batch);
      expect(await db.get('m')).toBe('z');
    });

    it('reach several column families', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const other = await db.createColumnFamily('other', { mergeOperator: 'stringappend' });
      await db.put('d', 'old', { columnFamily: family });
      await using batch = await db.batch();
      await batch.put('k', 'default');
      await batch.put('k', 'family', { columnFamily: family });
      await batch.delete('d', { columnFamily: family });
      await batch.merge('k', 'other', { columnFamily: other });
      await batch.put('s', '1', { columnFamily: other }).singleDelete('s', { columnFamily: other });
      await batch.put('r', '1', { columnFamily: other });
      await batch.deleteRange('r', 's', { columnFamily: other });
      await db.write(batch);
      expect(await db.get('k')).toBe('default');
      expect(await db.get('k', { columnFamily: family })).toBe('family');
      expect(await db.get('d', { columnFamily: family })).toBeUndefined();
      expect(await db.getMany(['k', 'r', 's'], { columnFamily: other })).toEqual([
        'other',
        undefined,
        undefined,
      ]);
    });

    it('hold thousands of operations and values of all lengths', async () => {
      const db = await create(makeHost());
      await using batch = await db.batch();
      for (let i = 0; i < 10_000; i++) await batch.put(keyOf(i), noise(i % 300, i + 1));
      expect(batch.count).toBe(10_000);
      const large = noise(3_000_000);
      await batch.put('large', large);
      await db.write(batch);
      for (const i of [0, 1, 127, 128, 129, 255, 256, 9999]) {
        expect(await db.get(keyOf(i))).toEqual(noise(i % 300, i + 1));
      }
      expect(same(await db.get('large'), large)).toBe(true);
    });

    it('take text of every length and kind', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch();
      const texts: string[] = [];
      for (let length = 0; length <= 140; length++) {
        for (const letter of ['x', 'ü', '名', '🦀']) texts.push(letter.repeat(length));
      }
      texts.push('名'.repeat(30_000));
      for (const [i, text] of texts.entries()) await batch.put(`${keyOf(i)}${text}`, text);
      await db.write(batch);
      for (const [i, text] of texts.entries()) {
        expect(await db.get(`${keyOf(i)}${text}`)).toBe(text);
      }
    });

    it('encode as their column families do', async () => {
      const db = await create(makeHost(), { keyEncoding: 'utf8', valueEncoding: 'json' });
      const texts = await db.createColumnFamily('texts', { valueEncoding: 'utf8' });
      await using batch = await db.batch();
      await batch.put('k', { a: [1, null] });
      await batch.put('k', '{}', { columnFamily: texts });
      await db.write(batch);
      expect(await db.get('k')).toEqual({ a: [1, null] });
      expect(await db.get('k', { columnFamily: texts, valueEncoding: 'utf8' })).toBe('{}');
    });

    it('stay as they were when an operation is refused', async () => {
      const db = await create(makeHost());
      await using batch = await db.batch();
      await batch.put('good', '1');
      const { byteLength } = batch;
      for (const wrong of [1, null, undefined, {}, new ArrayBuffer(3)]) {
        const put = () => batch.put('key', wrong as string);
        expect((await errorOf(put)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
        const remove = () => batch.delete(wrong as string);
        expect((await errorOf(remove)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      expect(batch.count).toBe(1);
      expect(batch.byteLength).toBe(byteLength);
      await db.write(batch);
      expect(await db.get('good', { valueEncoding: 'utf8' })).toBe('1');
      expect(await db.has('key')).toBe(false);
    });

    it('are refused by other databases', async () => {
      const host = makeHost();
      const one = await create(host);
      const two = await create(host);
      await using batch = await one.batch();
      await batch.put('key', 'value');
      const error = await errorOf(() => two.write(batch));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await two.has('key')).toBe(false);
      const family = await two.createColumnFamily('family');
      const put = () => batch.put('key', 'value', { columnFamily: family });
      expect((await errorOf(put)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });
  });
}
