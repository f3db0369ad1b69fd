import type { RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { create, createText, keyOf, type MakeHost, noise, same, TEXT } from './host.js';

type Text = RocksDB<'utf8', 'utf8'>;

export function readWriteSuite(makeHost: MakeHost): void {
  describe('puts, gets and deletes', () => {
    it('gives back what was put', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.put('b', '2');
      await db.put('a', '3');
      expect(await db.get('a')).toBe('3');
      expect(await db.get('b')).toBe('2');
      expect(await db.get('c')).toBeUndefined();
      expect(await db.has('a')).toBe(true);
      expect(await db.has('c')).toBe(false);
    });

    it('takes bytes and text for the same keys and values', async () => {
      const db = await create(makeHost());
      await db.put('key', 'value');
      await db.put(Uint8Array.of(0x6b, 0x32), Uint8Array.of(1, 2));
      expect(await db.get(new TextEncoder().encode('key'))).toEqual(
        new TextEncoder().encode('value'),
      );
      expect(await db.get('k2')).toEqual(Uint8Array.of(1, 2));
    });

    it('deletes, also what is not there', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.delete('a');
      await db.delete('a');
      await db.delete('never');
      expect(await db.get('a')).toBeUndefined();
      expect(await db.has('a')).toBe(false);
      await db.put('a', '2');
      expect(await db.get('a')).toBe('2');
    });

    it('deletes a key that was put once', async () => {
      const db = await createText(makeHost());
      await db.put('a', '1');
      await db.flush();
      await db.singleDelete('a');
      expect(await db.has('a')).toBe(false);
      await db.flush();
      await db.compactRange();
      expect(await db.has('a')).toBe(false);
    });

    it('deletes from the beginning of a range up to its end, which stays', async () => {
      const db = await createText(makeHost());
      for (const key of ['a', 'b', 'c', 'd']) await db.put(key, key);
      await db.deleteRange('b', 'd');
      expect(await db.getMany(['a', 'b', 'c', 'd'])).toEqual(['a', undefined, undefined, 'd']);
      await db.put('b', 'again');
      await db.flush();
      await db.compactRange();
      expect(await db.getMany(['a', 'b', 'c', 'd'])).toEqual(['a', 'again', undefined, 'd']);
    });

    it('gets many values in the order of the keys', async () => {
      const db = await createText(makeHost());
      for (let i = 0; i < 500; i++) await db.put(keyOf(i), `value ${i}`);
      await db.flush();
      await db.put('empty', '');
      expect(await db.getMany([])).toEqual([]);
      expect(await db.getMany(['empty', 'none', 'empty'])).toEqual(['', undefined, '']);
      const indexes = Array.from({ length: 500 }, (_, i) => (i * 7919) % 750);
      const expected = indexes.map((i) => (i < 500 ? `value ${i}` : undefined));
      expect(await db.getMany(indexes.map(keyOf))).toEqual(expected);
    });

    it('takes empty keys and empty values', async () => {
      const db = await create(makeHost());
      await db.put('', 'of the empty key');
      await db.put('empty', '');
      await db.put('none', new Uint8Array(0));
      const read = async () => {
        expect(await db.get('', { valueEncoding: 'utf8' })).toBe('of the empty key');
        expect(await db.get('empty')).toEqual(new Uint8Array(0));
        expect(await db.get('none', { valueEncoding: 'utf8' })).toBe('');
        expect(await db.has('')).toBe(true);
        expect(await db.has('empty')).toBe(true);
      };
      await read();
      await db.flush();
      await read();
      await db.delete(new Uint8Array(0));
      expect(await db.has('')).toBe(false);
    });

    it('takes any bytes, and orders keys by them', async () => {
      const db = await create(makeHost());
      const keys = Array.from({ length: 256 }, (_, i) => Uint8Array.of(i, 255 - i, 0));
      for (const key of keys) await db.put(key, key);
      await db.flush();
      for (const key of keys) expect(await db.get(key)).toEqual(key);
      await using iterator = await db.iterator();
      expect(await iterator.nextMany(1000)).toEqual(keys.map((key) => [key, key]));
    });

    it('takes part of a larger array as it is', async () => {
      const db = await create(makeHost());
      const bytes = noise(1000);
      await db.put(bytes.subarray(10, 20), bytes.subarray(100, 400));
      expect(await db.get(bytes.slice(10, 20))).toEqual(bytes.slice(100, 400));
    });

    it('keeps its data apart from what went in and what came out', async () => {
      const db = await create(makeHost());
      const value = Uint8Array.of(1, 2, 3);
      await db.put('key', value);
      value.fill(9);
      const read = await db.get('key');
      expect(read).toEqual(Uint8Array.of(1, 2, 3));
      read?.fill(8);
      expect(await db.get('key')).toEqual(Uint8Array.of(1, 2, 3));
      const [many] = await db.getMany(['key']);
      await db.put('key', 'something else, in the same memory');
      expect(many).toEqual(Uint8Array.of(1, 2, 3));
    });

    it('takes values of 100 KB and 20 MB', async () => {
      const db = await create(makeHost(), { compression: 'none' });
      const hundred = noise(100_000);
      const huge = noise(20_000_000);
      await db.put('hundred', hundred);
      await db.put('huge', huge);
      await db.put('small', '!');
      const read = async () => {
        expect(same(await db.get('hundred'), hundred)).toBe(true);
        expect(same(await db.get('huge'), huge)).toBe(true);
        const [first, second] = await db.getMany(['huge', 'small']);
        expect(same(first, huge)).toBe(true);
        expect(second).toEqual(Uint8Array.of(0x21));
      };
      await read();
      await db.flush();
      await read();
      await using iterator = await db.iterator();
      const [hugest, ...others] = await iterator.nextMany(5);
      expect(hugest !== undefined && same(hugest[1], huge)).toBe(true);
      expect(others.map(([, value]) => value.length)).toEqual([100_000, 1]);
    });

    it('takes long keys', async () => {
      const db = await create(makeHost());
      const key = noise(1_000_000);
      await db.put(key, 'value');
      await db.flush();
      expect(await db.get(key, { valueEncoding: 'utf8' })).toBe('value');
      expect(await db.has(key.subarray(1))).toBe(false);
    });

    it('counts what it wrote', async () => {
      const db = await createText(makeHost());
      const before = await db.latestSequenceNumber;
      await db.put('a', '1');
      await db.put('b', '2');
      await db.delete('a');
      expect((await db.latestSequenceNumber) - before).toBe(3n);
    });

    it('reads from memory only, when asked to', async () => {
      const db = await createText(makeHost());
      await db.put('key', 'value');
      await db.flush();
      const read = () => db.get('key', { readTier: 'blockCache' });
      expect((await errorOf(read)).code).toBe('ERR_ROCKSDB_INCOMPLETE');
      expect(await db.get('key', { fillCache: false })).toBe('value');
      expect((await errorOf(read)).code).toBe('ERR_ROCKSDB_INCOMPLETE');
      expect(await db.get('key')).toBe('value');
      expect(await read()).toBe('value');
    });

    it('takes the options of writes', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('synced', '1', { sync: true });
      await db.put('not logged', '2', { disableWAL: true, lowPri: true, noSlowdown: true });
      expect(await db.getMany(['synced', 'not logged'])).toEqual(['1', '2']);
      const both = () => db.put('key', 'value', { sync: true, disableWAL: true });
      expect((await errorOf(both)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await db.has('key')).toBe(false);
    });
  });

  describe('merges', () => {
    /** 8 bytes, the least first. */
    function uint64(value: bigint): Uint8Array {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value, true);
      return bytes;
    }

    it('adds numbers', async () => {
      const db = await create(makeHost(), { mergeOperator: 'uint64add' });
      await db.merge('n', uint64(1n));
      await db.merge('n', uint64(2n ** 40n));
      expect(await db.get('n')).toEqual(uint64(2n ** 40n + 1n));
      await db.put('n', uint64(5n));
      await db.flush();
      await db.merge('n', uint64(2n));
      expect(await db.get('n')).toEqual(uint64(7n));
      await db.flush();
      await db.compactRange();
      expect(await db.get('n')).toEqual(uint64(7n));
      await db.delete('n');
      await db.merge('n', uint64(3n));
      expect(await db.getMany(['n', 'm'])).toEqual([uint64(3n), undefined]);
    });

    it('appends text', async () => {
      const host = makeHost();
      const mergeOperator = { type: 'stringappend', delimiter: '|' } as const;
      const db = await createText(host, { mergeOperator });
      for (const word of ['one', 'two', 'drei']) await db.merge('words', word);
      expect(await db.get('words')).toBe('one|two|drei');
      await db.close();
      const again = await host.open(db.path, { mergeOperator, ...TEXT });
      await again.merge('words', 'four');
      expect(await again.has('words')).toBe(true);
      await using iterator = await again.iterator();
      expect(await iterator.next()).toEqual(['words', 'one|two|drei|four']);
    });
  });

  // RocksDB itself stops for good when such a write reaches its log, and does not open again.
  describe('writes that RocksDB cannot do', () => {
    const impossible: Readonly<Record<string, (db: Text) => Promise<unknown>>> = {
      'a merge without an operator': async (db) => db.merge('key', 'operand'),
      'one in a batch': async (db) => {
        await using batch = await db.batch();
        await batch.put('key', 'value').merge('key', 'operand');
        await db.write(batch);
      },
      'a range whose end comes before its beginning': async (db) => db.deleteRange('z', 'a'),
      'one in a batch, too': async (db) => {
        await using batch = await db.batch();
        await batch.put('key', 'value').deleteRange('z', 'a');
        await db.write(batch);
      },
      'a put into a dropped column family': async (db) => {
        const columnFamily = await db.createColumnFamily('family');
        await db.dropColumnFamily(columnFamily);
        await db.put('key', 'value', { columnFamily });
      },
      'one in a batch, as well': async (db) => {
        const columnFamily = await db.createColumnFamily('family');
        await using batch = await db.batch();
        await batch.put('key', 'value').put('key', 'value', { columnFamily });
        await db.dropColumnFamily(columnFamily);
        await columnFamily.free();
        await db.write(batch);
      },
    };
    for (const [name, write] of Object.entries(impossible)) {
      it(`are refused without harm: ${name}`, async () => {
        const host = makeHost();
        const db = await createText(host);
        const error = await errorOf(() => write(db));
        expect(error.code).toMatch(
          /^ERR_ROCKSDB_(NOT_SUPPORTED|INVALID_ARGUMENT|HANDLE_FREED|COLUMN_FAMILY_DROPPED)$/,
        );
        expect(await db.has('key')).toBe(false);
        await db.put('later', 'works');
        await db.flush();
        await db.put('last', 'works');
        await db.close();
        const again = await host.open(db.path, TEXT);
        expect(await again.getMany(['key', 'later', 'last'])).toEqual([
          undefined,
          'works',
          'works',
        ]);
      });
    }
  });
}
