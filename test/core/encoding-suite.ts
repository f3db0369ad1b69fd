import { Buffer } from 'node:buffer';
import type { DBIterator } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { create, createText, keyOf, type MakeHost } from './host.js';

/** Holds at compile time that `A` and `B` are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_: T | undefined = undefined) => {};

const TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  'letters with marks': 'naïve Ünïcödé',
  'three bytes a letter': '漢字かな交じり文',
  'outside of the basic plane': '🦀𝄞👩‍👩‍👧',
  'NUL and control characters': 'a\0b\u0001\u007f\u0080',
  'a byte order mark at the beginning': '\ufeffmarked',
  'a long text with one': `\ufeff${'marked'.repeat(20)}`,
  '47 letters': 'x'.repeat(47),
  '48 letters': 'x'.repeat(48),
  '49 letters': 'x'.repeat(49),
  '48, the last of two bytes': `${'x'.repeat(47)}ü`,
  '49, the last of four bytes': `${'x'.repeat(48)}🦀`,
  '16 of three bytes': '漢'.repeat(16),
  '17 of three bytes': '漢'.repeat(17),
  '100 KB': 'naïve '.repeat(15_000),
};

export function encodingSuite(makeHost: MakeHost): void {
  describe('encodings', () => {
    it('are bytes by default', async () => {
      const db = await create(makeHost());
      await db.put('k', 'ü');
      const value = await db.get('k');
      holds<Same<typeof value, Uint8Array | undefined>>();
      expect(value).toEqual(Uint8Array.of(0xc3, 0xbc));
      expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
      await using iterator = await db.iterator();
      const entry = await iterator.next();
      holds<Same<typeof entry, [Uint8Array, Uint8Array] | undefined>>();
      expect(entry).toEqual([Uint8Array.of(0x6b), Uint8Array.of(0xc3, 0xbc)]);
    });

    it('give text', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      const value = await db.get('k');
      holds<Same<typeof value, string | undefined>>();
      expect(value).toBe('v');
      const many = await db.getMany(['k', 'l']);
      holds<Same<typeof many, (string | undefined)[]>>();
      expect(many).toEqual(['v', undefined]);
      // @ts-expect-error a number is no text
      await errorOf(() => db.put('k', 5));
    });

    it('give buffers', async () => {
      const db = await create(makeHost(), { valueEncoding: 'buffer' });
      await db.put('k', Buffer.from('00ff10', 'hex'));
      const value = await db.get('k');
      holds<Same<typeof value, Buffer | undefined>>();
      expect(Buffer.isBuffer(value)).toBe(true);
      expect(value?.toString('hex')).toBe('00ff10');
      const [many] = await db.getMany(['k']);
      expect(many?.equals(Buffer.from([0, 255, 16]))).toBe(true);
    });

    it('give JSON', async () => {
      const db = await create(makeHost(), { valueEncoding: 'json' });
      const values = [{ a: [1, 2.5, null, 'ü🦀'] }, [], 'text', 0, -0.5, true, null, { é: {} }];
      for (const [i, value] of values.entries()) await db.put(keyOf(i), value);
      expect(await db.getMany(values.map((_, i) => keyOf(i)))).toEqual(values);
      expect(await db.get('none')).toBeUndefined();
      for (const value of [undefined, () => 1, Symbol('s')]) {
        const error = await errorOf(() => db.put('k', value));
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      expect(await db.has('k')).toBe(false);
    });

    it('apply to keys', async () => {
      const db = await create(makeHost(), { keyEncoding: 'json', valueEncoding: 'utf8' });
      await db.put(['user', 1], 'one');
      await db.put({ a: 1 }, 'two');
      expect(await db.get(['user', 1])).toBe('one');
      expect(await db.getMany([{ a: 1 }, 'none'])).toEqual(['two', undefined]);
      await using iterator = await db.iterator();
      expect(await iterator.nextMany(5)).toEqual([
        [['user', 1], 'one'],
        [{ a: 1 }, 'two'],
      ]);
      await db.delete({ a: 1 });
      expect(await db.has({ a: 1 })).toBe(false);
    });

    it('can be chosen for a read', async () => {
      const db = await createText(makeHost());
      await db.put('k', '[1]');
      const json = await db.get('k', { valueEncoding: 'json' });
      expect(json).toEqual([1]);
      const view = await db.get('k', { valueEncoding: 'view' });
      holds<Same<typeof view, Uint8Array | undefined>>();
      expect(view).toEqual(Uint8Array.of(0x5b, 0x31, 0x5d));
      const [buffer] = await db.getMany(['k'], { valueEncoding: 'buffer' });
      holds<Same<typeof buffer, Buffer | undefined>>();
      expect(buffer?.toString()).toBe('[1]');
      const iterator = await db.iterator({ valueEncoding: 'view' });
      holds<Same<typeof iterator, DBIterator<string, Uint8Array>>>();
      await iterator.free();
    });

    it('are refused when there are none of that name', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      const valueEncoding = 'toString' as 'utf8';
      for (const use of [
        () => db.get('k', { valueEncoding }),
        () => db.getMany(['k'], { valueEncoding }),
        () => db.iterator({ valueEncoding }),
        () => db.createColumnFamily('family', { valueEncoding }),
      ]) {
        expect((await errorOf(use)).code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      }
    });

    it('leave a value that is no JSON to the caller', async () => {
      const db = await createText(makeHost());
      await db.put('k', '{');
      await expect(async () => await db.get('k', { valueEncoding: 'json' })).rejects.toThrow(
        SyntaxError,
      );
      expect(await db.get('k')).toBe('{');
    });
  });

  describe('text', () => {
    for (const [name, text] of Object.entries(TEXTS)) {
      it(`comes back as it was: ${name}`, async () => {
        const db = await createText(makeHost());
        await db.put(text, text);
        await db.put(`${text}b`, 'neighbour');
        const bytes = new TextEncoder().encode(text);
        const read = async () => {
          expect(await db.get(text)).toBe(text);
          expect(await db.get(text, { valueEncoding: 'view' })).toEqual(bytes);
          expect(await db.getMany([text])).toEqual([text]);
          await using iterator = await db.iterator({ lt: `${text}b` });
          expect(await iterator.next()).toEqual([text, text]);
          expect(await iterator.next()).toBeUndefined();
        };
        await read();
        await db.flush();
        await read();
        await db.put(text, { toString: () => text }.toString());
        await db.delete(text);
        expect(await db.has(text)).toBe(false);
      });
    }

    it('has no halves of surrogate pairs: they are replaced, as TextEncoder does', async () => {
      const db = await createText(makeHost());
      const texts = ['\ud83e', 'a\udd80b', '\udd80\ud83e', `${'x'.repeat(60)}\ud83e`];
      await using batch = await db.batch();
      for (const [i, text] of texts.entries()) {
        const replaced = text.replace(/[\ud800-\udfff]/g, '\ufffd');
        await db.put(`k${i}`, text);
        await batch.put(`b${i}`, text);
        expect(await db.get(`k${i}`)).toBe(replaced);
        expect(await db.get(`k${i}`, { valueEncoding: 'view' })).toEqual(
          new TextEncoder().encode(text),
        );
      }
      await db.write(batch);
      for (const i of texts.keys()) expect(await db.get(`b${i}`)).toBe(await db.get(`k${i}`));
      await db.put('\ud83e', 'by key');
      expect(await db.get('\ufffd')).toBe('by key');
      expect(await db.getMany(['\udd80'])).toEqual(['by key']);
    });

    it('is read leniently: what is no UTF-8 is replaced', async () => {
      const db = await create(makeHost());
      for (const bytes of [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0xa6, 0x41]]) {
        const value = Uint8Array.from(bytes);
        await db.put('k', value);
        expect(await db.get('k', { valueEncoding: 'utf8' })).toBe(new TextDecoder().decode(value));
        expect(await db.get('k')).toEqual(value);
      }
    });
  });
}
