import type { RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { all, create, createText, type Host, keyOf, type MakeHost, noise, same } from './host.js';

type Text = RocksDB<'utf8', 'utf8'>;

/** Entries `k00000` to `k(count - 1)`, half of them in files. */
async function filled(host: Host, count: number): Promise<Text> {
  const db = await createText(host);
  await using batch = await db.batch();
  for (let i = 0; i < count; i++) {
    if (i === count >> 1) {
      await db.write(batch);
      await db.flush();
      await batch.clear();
    }
    await batch.put(keyOf(i), `value ${i}`);
  }
  await db.write(batch);
  return db;
}

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => keyOf(from + i));

export function iteratorSuite(makeHost: MakeHost): void {
  describe('scans', () => {
    it('give all entries in order, over many blocks', async () => {
      const count = 5000;
      const db = await filled(makeHost(), count);
      const entries = Array.from({ length: count }, (_, i) => [keyOf(i), `value ${i}`]);
      await using forward = await db.iterator();
      expect(await all(forward)).toEqual(entries);
      await using backward = await db.iterator({ reverse: true });
      expect(await all(backward)).toEqual(entries.reverse());
    });

    it('give entries one at a time, several at a time, and by loops, all from where they are', async () => {
      const db = await filled(makeHost(), 1000);
      await using iterator = await db.iterator();
      expect(await iterator.next()).toEqual([keyOf(0), 'value 0']);
      expect((await iterator.nextMany(500)).map(([key]) => key)).toEqual(keys(1, 501));
      expect(await iterator.nextMany(0)).toEqual([]);
      for await (const [key] of iterator) if (key === keyOf(600)) break;
      for await (const key of iterator.keys()) if (key === keyOf(700)) break;
      for await (const value of iterator.values()) if (value === 'value 800') break;
      expect(await iterator.next()).toEqual([keyOf(801), 'value 801']);
      expect((await iterator.nextMany(5000)).map(([key]) => key)).toEqual(keys(802, 1000));
      expect(await iterator.next()).toBeUndefined();
      expect(await iterator.nextMany(3)).toEqual([]);
      expect(await all(iterator)).toEqual([]);
      expect(await iterator.next()).toBeUndefined();
      await iterator.seekToStart();
      expect(await iterator.next()).toEqual([keyOf(0), 'value 0']);
    });

    it('find nothing in an empty database', async () => {
      const db = await createText(makeHost());
      for (const options of [{}, { reverse: true }, { gte: 'a', lt: 'b' }, { prefix: 'x' }]) {
        await using iterator = await db.iterator(options);
        expect(await iterator.next()).toBeUndefined();
        await iterator.seek('a');
        expect(await iterator.next()).toBeUndefined();
        await iterator.seekForPrev('a');
        expect(await iterator.nextMany(2)).toEqual([]);
      }
    });

    it('begin and end at their bounds', async () => {
      const db = await createText(makeHost());
      for (const key of ['', 'a', 'b', 'c', 'd', 'd\0']) await db.put(key, key);
      const cases: [object, string][] = [
        [{ gte: 'b' }, 'b c d d\0'],
        [{ gt: 'b' }, 'c d d\0'],
        [{ lt: 'c' }, ' a b'],
        [{ lte: 'c' }, ' a b c'],
        [{ gt: 'a', lt: 'd' }, 'b c'],
        [{ gt: 'a', lte: 'd' }, 'b c d'],
        [{ gte: 'a', lte: 'a' }, 'a'],
        [{ gte: 'd', lt: 'd\0' }, 'd'],
        [{ gt: 'd' }, 'd\0'],
        [{ lte: 'd' }, ' a b c d'],
        [{ gte: 'bb', lte: 'cc' }, 'c'],
        [{ gt: '', lt: 'b' }, 'a'],
        [{ lte: '' }, ''],
        [{ gte: new Uint8Array(0), lt: Uint8Array.of(0x62) }, ' a'],
      ];
      for (const [bounds, expected] of cases) {
        const list = expected.split(' ');
        await using forward = await db.iterator(bounds);
        expect([bounds, await all(forward.keys())]).toEqual([bounds, list]);
        await using backward = await db.iterator({ ...bounds, reverse: true });
        expect([bounds, await all(backward.keys())]).toEqual([bounds, list.reverse()]);
      }
      for (const bounds of [{ gt: 'a', lt: 'b' }, { gte: 'c', lt: 'b' }, { lt: '' }, { gt: 'e' }]) {
        for (const reverse of [false, true]) {
          await using iterator = await db.iterator({ ...bounds, reverse });
          expect([bounds, await all(iterator)]).toEqual([bounds, []]);
        }
      }
    });

    it('keep to a prefix, also where no key could follow it', async () => {
      const db = await create(makeHost());
      const bytes = (...list: number[]) => Uint8Array.from(list);
      const all4 = [bytes(0), bytes(1), bytes(1, 255), bytes(1, 255, 255, 7)];
      const entries = [...all4, bytes(2), bytes(255), bytes(255, 255), bytes(255, 255, 1)];
      for (const key of entries) await db.put(key, '');
      const cases: [Uint8Array, Uint8Array[]][] = [
        [bytes(), entries],
        [bytes(0), [bytes(0)]],
        [bytes(1), [bytes(1), bytes(1, 255), bytes(1, 255, 255, 7)]],
        [bytes(1, 255), [bytes(1, 255), bytes(1, 255, 255, 7)]],
        [bytes(255), [bytes(255), bytes(255, 255), bytes(255, 255, 1)]],
        [bytes(255, 255), [bytes(255, 255), bytes(255, 255, 1)]],
        [bytes(3), []],
      ];
      for (const [prefix, expected] of cases) {
        await using forward = await db.iterator({ prefix });
        expect(await all(forward.keys())).toEqual(expected);
        await using backward = await db.iterator({ prefix, reverse: true });
        expect(await all(backward.keys())).toEqual([...expected].reverse());
      }
    });

    it('take a prefix as text', async () => {
      const db = await createText(makeHost());
      for (const key of ['user', 'user:1', 'user:ü', 'user;', 'über', 'übers', 'v']) {
        await db.put(key, '');
      }
      await using users = await db.iterator({ prefix: 'user:' });
      expect(await all(users.keys())).toEqual(['user:1', 'user:ü']);
      await using overs = await db.iterator({ prefix: 'über' });
      expect(await all(overs.keys())).toEqual(['über', 'übers']);
    });

    it('end at their limit', async () => {
      const db = await filled(makeHost(), 300);
      for (const limit of [0, 1, 2, 7, 150, 299, 300, 301]) {
        await using forward = await db.iterator({ limit });
        expect(await all(forward.keys())).toEqual(keys(0, Math.min(limit, 300)));
        await using backward = await db.iterator({ limit, reverse: true, lt: keyOf(300) });
        expect(await all(backward.keys())).toEqual(keys(300 - Math.min(limit, 300), 300).reverse());
      }
      for (const limit of [-1, Number.POSITIVE_INFINITY]) {
        await using iterator = await db.iterator({ limit });
        expect((await all(iterator)).length).toBe(300);
      }
      await using iterator = await db.iterator({ limit: 3 });
      expect((await iterator.nextMany(10)).length).toBe(3);
      await iterator.seek(keyOf(100));
      expect(await all(iterator.keys())).toEqual(keys(100, 103));
    });

    it('leave out values when told to', async () => {
      const db = await filled(makeHost(), 1000);
      await using iterator = await db.iterator({ values: false });
      expect(await all(iterator)).toEqual(keys(0, 1000).map((key) => [key, '']));
    });

    it('take entries of all sizes, larger than any block', async () => {
      const db = await create(makeHost());
      const sizes = [0, 1, 3, 200_000, 5, 70_000, 65_536, 1_000_000, 2, 1023, 1024, 1025];
      for (const [i, size] of sizes.entries()) await db.put(keyOf(i), noise(size, i + 1));
      for (const reverse of [false, true]) {
        await using iterator = await db.iterator({ reverse, keyEncoding: 'utf8' });
        const indexes = [...sizes.keys()];
        for (const i of reverse ? indexes.reverse() : indexes) {
          const [key, value] = (await iterator.next()) ?? [];
          expect(key).toBe(keyOf(i));
          expect(same(value, noise(sizes[i] ?? 0, i + 1))).toBe(true);
        }
        expect(await iterator.next()).toBeUndefined();
      }
    });

    it('do not see what is written after they were made', async () => {
      const db = await filled(makeHost(), 1000);
      await using iterator = await db.iterator();
      await iterator.nextMany(10);
      await db.put(`${keyOf(500)}a`, 'new');
      await db.put(keyOf(600), 'changed');
      await db.deleteRange(keyOf(700), keyOf(900));
      await db.flush();
      await db.compactRange();
      const rest = await all(iterator);
      expect(rest.map(([key]) => key)).toEqual(keys(10, 1000));
      expect(rest[590]).toEqual([keyOf(600), 'value 600']);
    });

    it('see the present after a refresh, from the start', async () => {
      const db = await filled(makeHost(), 10);
      await using iterator = await db.iterator({ lt: keyOf(3) });
      await iterator.nextMany(2);
      await db.put(keyOf(0), 'changed');
      await db.delete(keyOf(1));
      await iterator.refresh();
      expect(await all(iterator)).toEqual([
        [keyOf(0), 'changed'],
        [keyOf(2), 'value 2'],
      ]);
    });

    it('see what a snapshot shows after a refresh with it', async () => {
      const db = await createText(makeHost());
      await db.put('k', '1');
      await using snapshot = await db.snapshot();
      await db.put('k', '2');
      await using iterator = await db.iterator();
      expect(await all(iterator.values())).toEqual(['2']);
      await iterator.refresh(snapshot);
      expect(await all(iterator.values())).toEqual(['1']);
      await iterator.refresh();
      expect(await all(iterator.values())).toEqual(['2']);
    });

    it('go on while others scan, and while memory grows', async () => {
      const db = await filled(makeHost(), 2000);
      await using one = await db.iterator();
      await using two = await db.iterator({ reverse: true });
      for (let i = 0; i < 2000; i++) {
        expect(await one.next()).toEqual([keyOf(i), `value ${i}`]);
        expect(await two.next()).toEqual([keyOf(1999 - i), `value ${1999 - i}`]);
        if (i % 500 === 250) await db.put(`x${i}`, 'x'.repeat(5_000_000));
        expect(await db.get(keyOf(i))).toBe(`value ${i}`);
      }
      expect(await one.next()).toBeUndefined();
      expect(await two.next()).toBeUndefined();
    });

    it('follow the writes when tailing', async () => {
      const db = await filled(makeHost(), 100);
      await using iterator = await db.iterator({ tailing: true });
      expect((await iterator.nextMany(1000)).length).toBe(100);
      expect(await iterator.next()).toBeUndefined();
      await db.put(keyOf(100), 'late');
      await iterator.seek(keyOf(100));
      expect(await iterator.next()).toEqual([keyOf(100), 'late']);
    });

    it('encode keys and values as they are told', async () => {
      const db = await createText(makeHost());
      await db.put('"a"', '[1]');
      await using plain = await db.iterator();
      expect(await plain.next()).toEqual(['"a"', '[1]']);
      await using json = await db.iterator({ keyEncoding: 'json', valueEncoding: 'json' });
      expect(await json.next()).toEqual(['a', [1]]);
      await using view = await db.iterator({ keyEncoding: 'view', valueEncoding: 'buffer' });
      const [key, value] = (await view.next()) ?? [];
      expect(key).toEqual(new TextEncoder().encode('"a"'));
      expect(value?.toString('latin1')).toBe('[1]');
      await using bounded = await db.iterator({ keyEncoding: 'json', gte: 'a', lte: 'a' });
      expect((await bounded.next())?.[0]).toBe('a');
    });

    it('stay within the prefix of the key that was sought, with a prefix extractor', async () => {
      const db = await createText(makeHost(), { prefixExtractor: 'fixed:2' });
      for (const key of ['aa1', 'aa2', 'ab1', 'ab2']) await db.put(key, '');
      await db.flush();
      await using same = await db.iterator({ prefixSameAsStart: true });
      await same.seek('aa2');
      expect(await all(same.keys())).toEqual(['aa2']);
      await using total = await db.iterator();
      await total.seek('aa2');
      expect(await all(total.keys())).toEqual(['aa2', 'ab1', 'ab2']);
    });
  });
}
