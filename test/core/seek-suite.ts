import type { IteratorOptions, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { createText, type Host, keyOf, type MakeHost } from './host.js';

/** Keys b, d, f, h. */
async function letters(host: Host): Promise<RocksDB<'utf8', 'utf8'>> {
  const db = await createText(host);
  for (const key of 'bdfh') await db.put(key, key.toUpperCase());
  return db;
}

const EVERYWHERE = ['', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];

/** For each letter: where `move` to it leads, and what comes after. */
async function moves(
  db: RocksDB<'utf8', 'utf8'>,
  options: IteratorOptions<'utf8', 'utf8'>,
  move: 'seek' | 'seekForPrev',
): Promise<Record<string, string>> {
  await using iterator = await db.iterator(options);
  const found: Record<string, string> = {};
  for (const key of EVERYWHERE) {
    await iterator[move](key);
    found[key] = (await iterator.nextMany(10)).map(([each]) => each).join('');
  }
  return found;
}

export function seekSuite(makeHost: MakeHost): void {
  describe('seeks', () => {
    it('go to the first entry at or after a key', async () => {
      const db = await letters(makeHost());
      expect(await moves(db, {}, 'seek')).toEqual({
        '': 'bdfh',
        a: 'bdfh',
        b: 'bdfh',
        c: 'dfh',
        d: 'dfh',
        e: 'fh',
        f: 'fh',
        g: 'h',
        h: 'h',
        i: '',
      });
    });

    it('go to the last entry at or before a key, in reverse', async () => {
      const db = await letters(makeHost());
      const expected = {
        '': '',
        a: '',
        b: 'b',
        c: 'b',
        d: 'db',
        e: 'db',
        f: 'fdb',
        g: 'fdb',
        h: 'hfdb',
        i: 'hfdb',
      };
      expect(await moves(db, { reverse: true }, 'seek')).toEqual(expected);
      expect(await moves(db, { reverse: true }, 'seekForPrev')).toEqual(expected);
    });

    it('go to the last entry at or before a key and forward from there', async () => {
      const db = await letters(makeHost());
      expect(await moves(db, {}, 'seekForPrev')).toEqual({
        '': '',
        a: '',
        b: 'bdfh',
        c: 'bdfh',
        d: 'dfh',
        e: 'dfh',
        f: 'fh',
        g: 'fh',
        h: 'h',
        i: 'h',
      });
    });

    it('go to the nearest bound from outside', async () => {
      const db = await letters(makeHost());
      for (const bounds of [
        { gte: 'd', lt: 'h' },
        { gt: 'b', lte: 'f' },
        { gt: 'c', lt: 'g' },
      ]) {
        const forward = await moves(db, bounds, 'seek');
        expect(forward).toMatchObject({ '': 'df', a: 'df', d: 'df', e: 'f', f: 'f', g: '', i: '' });
        const backward = await moves(db, { ...bounds, reverse: true }, 'seek');
        expect(backward).toMatchObject({ a: '', c: '', d: 'd', e: 'd', f: 'fd', g: 'fd', i: 'fd' });
      }
    });

    it('count the limit anew', async () => {
      const db = await letters(makeHost());
      expect(await moves(db, { limit: 2 }, 'seek')).toMatchObject({ a: 'bd', d: 'df', h: 'h' });
    });

    it('go back and forth among thousands of entries', async () => {
      const db = await createText(makeHost());
      await using batch = await db.batch();
      for (let i = 0; i < 5000; i++) await batch.put(keyOf(2 * i), String(i));
      await db.write(batch);
      await db.flush();
      await using forward = await db.iterator();
      await using backward = await db.iterator({ reverse: true });
      for (let round = 0; round < 200; round++) {
        const at = (round * 7919) % 10_000;
        const even = at + (at & 1);
        await forward.seek(keyOf(at));
        const found = await forward.nextMany(round % 40);
        expect(found.map(([key]) => key)).toEqual(
          Array.from({ length: round % 40 }, (_, i) => even + 2 * i)
            .filter((index) => index < 10_000)
            .map(keyOf),
        );
        await backward.seek(keyOf(at));
        expect((await backward.next())?.[0]).toBe(keyOf(at - (at & 1)));
      }
    });
  });

  describe('wrong options of iterators', () => {
    it('are refused', async () => {
      const db = await letters(makeHost());
      const wrong: object[] = [
        { gt: 'a', gte: 'a' },
        { lt: 'a', lte: 'a' },
        { prefix: 'a', gte: 'a' },
        { prefix: 'a', lt: 'b' },
        { prefix: 5 },
        { gte: 5 },
        { lt: {} },
        { limit: -2 },
        { limit: 1.5 },
        { limit: '5' },
        { limit: Number.NaN },
        { tailing: true, reverse: true },
      ];
      for (const options of wrong) {
        const error = await errorOf(() => db.iterator(options));
        expect([options, error.code]).toEqual([options, 'ERR_ROCKSDB_INVALID_ARGUMENT']);
      }
      const encoding = { keyEncoding: 'latin1' } as object;
      expect((await errorOf(() => db.iterator(encoding))).code).toBe('ERR_ROCKSDB_INVALID_OPTION');
    });

    it('and of their methods too, which leave them usable', async () => {
      const db = await letters(makeHost());
      await using iterator = await db.iterator();
      await iterator.next();
      for (const count of [-1, 1.5, Number.NaN, '3', undefined]) {
        const read = () => iterator.nextMany(count as number);
        expect((await errorOf(read)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      expect(await iterator.next()).toEqual(['d', 'D']);
      for (const key of [1, null, undefined, {}]) {
        expect((await errorOf(() => iterator.seek(key))).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      await iterator.seek('f');
      expect(await iterator.next()).toEqual(['f', 'F']);
    });
  });
}
