import { HandleFreedError, type PinnedSlice } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { create, createText, type MakeHost, noise, same } from './host.js';

const text = (slice: PinnedSlice | undefined) =>
  slice === undefined ? undefined : new TextDecoder().decode(slice.view);

export function pinnedSliceSuite(makeHost: MakeHost): void {
  describe('pinned slices', () => {
    it('are the value, wherever it is, and go on when it is written anew', async () => {
      const db = await createText(makeHost(), { mergeOperator: 'stringappend' });
      await db.put('file', 'in a file');
      await db.merge('merged', 'one');
      await db.flush();
      await db.merge('merged', 'two');
      await db.put('memtable', 'in the memtable');
      await db.put('empty', '');
      const slices = [
        await db.getPinned('file'),
        await db.getPinned('merged'),
        await db.getPinned('memtable'),
        await db.getPinned('empty'),
      ];
      const values = ['in a file', 'one,two', 'in the memtable', ''];
      expect(slices.map(text)).toEqual(values);
      for (const key of ['file', 'merged', 'memtable', 'empty']) await db.put(key, 'overwritten');
      await db.flush();
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      expect(slices.map(text)).toEqual(values);
      expect(slices.map((slice) => slice?.length)).toEqual(values.map(({ length }) => length));
      for (const slice of slices) await slice?.free();
      expect(await db.get('file')).toBe('overwritten');
    });

    it('are not there for a missing key', async () => {
      const db = await createText(makeHost());
      await db.put('deleted', 'v');
      await db.delete('deleted');
      expect(await db.getPinned('deleted')).toBeUndefined();
      expect(await db.getPinned('never')).toBeUndefined();
      expect(db.engine.heap.handles('pinnedSlice')).toEqual([]);
    });

    it('take the options of get', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('k', 'old');
      await db.put('k', 'other', { columnFamily: family });
      await using snapshot = await db.snapshot();
      await db.put('k', 'new');
      using old = await db.getPinned('k', { snapshot });
      using other = await db.getPinned('k', { columnFamily: family });
      using present = await db.getPinned('k');
      expect([text(old), text(other), text(present)]).toEqual(['old', 'other', 'new']);
      const wrong = await errorOf(() => db.getPinned(5 as never));
      expect(wrong.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('give fresh views, and copies of one’s own, while memory grows', async () => {
      const db = await create(makeHost());
      const value = noise(300_000);
      await db.put('large', value);
      await db.flush();
      using slice = await db.getPinned('large');
      if (slice === undefined) throw new Error('the key is there');
      const view = slice.view;
      const copy = slice.copy();
      expect(same(view, value) && same(copy, value)).toBe(true);
      for (let i = 0; i < 40; i++) await db.put(`more${i}`, noise(1_000_000, i + 2));
      expect(same(slice.view, value)).toBe(true);
      expect(copy.buffer).not.toBe(slice.view.buffer);
      copy.fill(0);
      expect(same(slice.view, value)).toBe(true);
    });

    it('are handles: owned by the database, freed once, and not usable afterwards', async () => {
      const db = await createText(makeHost(), { onUnreleased: () => {} });
      await db.put('k', 'value');
      const [freed, left] = [await db.getPinned('k'), await db.getPinned('k')];
      if (freed === undefined || left === undefined) throw new Error('the key is there');
      const records = db.engine.heap.handles('pinnedSlice');
      expect(records.map(({ id, owner }) => [id, owner])).toEqual([
        [freed.id, db.id],
        [left.id, db.id],
      ]);
      await freed.free();
      await freed.free();
      await freed[Symbol.dispose]();
      expect([freed.freed, freed.length]).toEqual([true, 5]);
      expect(await errorOf(() => freed.view)).toBeInstanceOf(HandleFreedError);
      expect(await errorOf(() => freed.copy())).toBeInstanceOf(HandleFreedError);
      const unreleased = await db.close();
      expect(unreleased.map(({ kind, id }) => [kind, id])).toEqual([['pinnedSlice', left.id]]);
      expect((await errorOf(() => left.view)).code).toBe('ERR_ROCKSDB_HANDLE_FREED');
      expect(await errorOf(() => db.getPinned('k'))).toBeInstanceOf(HandleFreedError);
    });
  });
}
