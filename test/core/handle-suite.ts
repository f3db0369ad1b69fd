import { HandleFreedError, type HandleRecord, MAX_KEY_BYTES, MAX_VALUE_BYTES } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf, ledgerIsClean } from '../support/open.js';
import { all, create, createText, type MakeHost } from './host.js';

/** Every use must throw HandleFreedError with its code. */
async function allFreed(uses: readonly (() => unknown)[]): Promise<void> {
  for (const use of uses) {
    const error = await errorOf(use);
    expect(error).toBeInstanceOf(HandleFreedError);
    expect([String(use), error.code]).toEqual([String(use), 'ERR_ROCKSDB_HANDLE_FREED']);
  }
}

export function handleSuite(makeHost: MakeHost): void {
  describe('handles', () => {
    it('can be freed twice, and not be used afterwards', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      const iterator = await db.iterator();
      const snapshot = await db.snapshot();
      const batch = await db.batch();
      for (const handle of [iterator, snapshot, batch]) {
        expect(handle.freed).toBe(false);
        await handle.free();
        await handle.free();
        await handle[Symbol.dispose]();
        expect(handle.freed).toBe(true);
      }
      await allFreed([
        () => iterator.next(),
        () => iterator.nextMany(3),
        () => iterator.seek('k'),
        () => iterator.seekForPrev('k'),
        () => iterator.seekToStart(),
        () => iterator.refresh(),
        () => all(iterator),
        () => all(iterator.keys()),
        () => all(iterator.values()),
        () => db.get('k', { snapshot }),
        () => batch.put('k', 'v'),
        () => batch.delete('k'),
        () => batch.clear(),
        () => db.write(batch),
      ]);
    });

    it('of a database are unusable once it is closed, and so is it', async () => {
      const host = makeHost();
      const db = await createText(host, { onUnreleased: () => {} });
      const family = await db.createColumnFamily('family');
      const iterator = await db.iterator();
      const batch = await db.batch();
      await db.close();
      expect([db.freed, family.freed, iterator.freed, batch.freed]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      await allFreed([
        () => db.put('k', 'v'),
        () => db.get('k'),
        () => db.getMany(['k']),
        () => db.getMany([]),
        () => db.has('k'),
        () => db.delete('k'),
        () => db.singleDelete('k'),
        () => db.deleteRange('a', 'b'),
        () => db.merge('k', 'v'),
        () => db.batch(),
        () => db.write(batch),
        () => db.iterator(),
        () => db.snapshot(),
        () => db.createColumnFamily('other'),
        () => db.dropColumnFamily(family),
        () => db.flush(),
        () => db.syncWAL(),
        () => db.compactRange(),
        () => db.getProperty('rocksdb.stats'),
        () => db.getIntProperty('rocksdb.estimate-num-keys'),
        () => db.setOptions({}),
        () => db.setDBOptions({}),
        () => db.getOptions(),
        () => db.getDBOptions(),
        () => db.latestSequenceNumber,
        () => db.resume(),
        () => iterator.next(),
        () => batch.put('k', 'v'),
      ]);
      const again = await host.open(db.path);
      expect(again.columnFamilyNames).toEqual(['default', 'family']);
    });

    it('that were not freed are told by close(), dependants first', async () => {
      const reported: (readonly HandleRecord[])[] = [];
      const db = await createText(makeHost(), {
        onUnreleased: (handles) => reported.push(handles),
      });
      const freed = await db.iterator();
      const snapshot = await db.snapshot();
      const first = await db.iterator({ snapshot });
      const batch = await db.batch();
      const family = await db.createColumnFamily('family');
      const second = await db.iterator({ columnFamily: family });
      const third = await db.iterator();
      await freed.free();
      const unreleased = await db.close();
      // Column families are the database's own to free.
      const names = unreleased.map(({ kind, id }) => `${kind} ${id}`);
      expect(names).toEqual([
        `iterator ${third.id}`,
        `iterator ${second.id}`,
        `iterator ${first.id}`,
        `snapshot ${snapshot.id}`,
        `writeBatch ${batch.id}`,
      ]);
      expect(unreleased.every(({ state }) => state === 'freedByOwner')).toBe(true);
      expect(reported).toEqual([unreleased]);
      expect(await db.close()).toEqual([]);
      expect(reported.length).toBe(1);
      expect(first.freed && snapshot.freed && batch.freed && second.freed && third.freed).toBe(
        true,
      );
    });

    it('are all gone with the database', async () => {
      const db = await createText(makeHost(), { onUnreleased: () => {} });
      const { engine } = db;
      await db.createColumnFamily('family');
      await db.iterator();
      await db.snapshot();
      await db.batch();
      await db.close();
      ledgerIsClean(engine);
      for (const { kind, created, freed } of engine.heap.report().kinds) {
        expect([kind, freed]).toEqual([kind, created]);
      }
    });

    it('are counted and numbered while they live', async () => {
      const db = await createText(makeHost());
      const { heap } = db.engine;
      expect(heap.handles('iterator')).toEqual([]);
      const one = await db.iterator();
      const two = await db.iterator();
      expect(two.id).toBeGreaterThan(one.id);
      expect(heap.handles('iterator').map(({ id, owner }) => [id, owner])).toEqual([
        [one.id, db.id],
        [two.id, db.id],
      ]);
      await one.free();
      expect(heap.handles('iterator').map(({ id }) => id)).toEqual([two.id]);
      await two.free();
      const { created, live } = heap.report().kinds.find(({ kind }) => kind === 'iterator') ?? {};
      expect([created, live]).toEqual([2, 0]);
    });
  });

  describe('wrong arguments', () => {
    const WRONG: readonly unknown[] = [1, 1n, true, null, undefined, {}, [1], new ArrayBuffer(4)];

    it('are refused wherever a key or a value is expected', async () => {
      const db = await create(makeHost(), { mergeOperator: 'stringappend' });
      await db.put('k', 'v');
      for (const wrong of WRONG as string[]) {
        for (const use of [
          () => db.put(wrong, 'v'),
          () => db.put('k', wrong),
          () => db.get(wrong),
          () => db.getMany([wrong]),
          () => db.getMany(['k', wrong]),
          () => db.has(wrong),
          () => db.delete(wrong),
          () => db.singleDelete(wrong),
          () => db.deleteRange(wrong, 'z'),
          () => db.deleteRange('a', wrong),
          () => db.merge(wrong, 'v'),
          () => db.merge('k', wrong),
        ]) {
          const { code } = await errorOf(use);
          expect([String(use), code]).toEqual([String(use), 'ERR_ROCKSDB_INVALID_ARGUMENT']);
        }
      }
      expect(await db.get('k', { valueEncoding: 'utf8' })).toBe('v');
      expect(await db.getIntProperty('rocksdb.estimate-num-keys')).toBe(1n);
    });

    it('are refused wherever something else is expected', async () => {
      const db = await create(makeHost());
      const any = db as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const use of [
        () => any.getMany?.('keys'),
        () => any.getMany?.(undefined),
        () => any.write?.({}),
        () => any.write?.(undefined),
        () => any.get?.('k', 'options'),
        () => any.put?.('k', 'v', 5),
        () => any.put?.('k', 'v', null),
        () => any.iterator?.(null),
        () => any.iterator?.('options'),
        () => any.get?.('k', { columnFamily: 'family' }),
        () => any.get?.('k', { snapshot: {} }),
        () => any.iterator?.({ snapshot: {} }),
        () => any.iterator?.({ columnFamily: {} }),
        () => any.flush?.({ columnFamily: 'default' }),
        () => any.dropColumnFamily?.('family'),
        () => any.dropColumnFamily?.(undefined),
        () => any.createColumnFamily?.(5),
        () => any.createColumnFamily?.(undefined),
      ]) {
        const error = await Promise.resolve()
          .then(use)
          .then(
            () => 'no error',
            ({ code, message }) => code ?? message,
          );
        expect([String(use), error]).toEqual([String(use), 'ERR_ROCKSDB_INVALID_ARGUMENT']);
      }
    });

    it('are refused when they are too large', async () => {
      const db = await create(makeHost());
      const key = new Uint8Array(MAX_KEY_BYTES + 1);
      const text = 'x'.repeat(MAX_KEY_BYTES + 1);
      for (const use of [
        () => db.put(key, 'v'),
        () => db.put(text, 'v'),
        () => db.get(key),
        () => db.getMany([key]),
        () => db.has(text),
        () => db.delete(key),
        () => db.put('k', new Uint8Array(MAX_VALUE_BYTES + 1)),
      ]) {
        const { code } = await errorOf(use);
        expect([String(use), code]).toEqual([String(use), 'ERR_ROCKSDB_TOO_LARGE']);
      }
      await db.put(key.subarray(1), 'v');
      expect(await db.has(key.subarray(1))).toBe(true);
    });
  });
}
