import { HandleFreedError, InvalidArgumentError } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, create, createText, type MakeHost, TEXT } from './host.js';

export function columnFamilySuite(makeHost: MakeHost): void {
  describe('column families', () => {
    it('hold their keys apart', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('k', 'default');
      await db.put('k', 'family', { columnFamily: family });
      await db.put('only here', '1', { columnFamily: family });
      expect(await db.get('k')).toBe('default');
      expect(await db.get('k', { columnFamily: db.defaultColumnFamily })).toBe('default');
      expect(await db.get('k', { columnFamily: family })).toBe('family');
      expect(await db.has('only here')).toBe(false);
      expect(await db.getMany(['k', 'only here'], { columnFamily: family })).toEqual([
        'family',
        '1',
      ]);
      await db.delete('k', { columnFamily: family });
      await db.deleteRange('a', 'z');
      await using iterator = await db.iterator({ columnFamily: family });
      expect(await all(iterator)).toEqual([['only here', '1']]);
      expect(await db.has('k')).toBe(false);
    });

    it('are known by name and id', async () => {
      const db = await createText(makeHost());
      const users = await db.createColumnFamily('users');
      const names = await db.createColumnFamily('naïve 名');
      expect(db.columnFamilyNames).toEqual(['default', 'users', 'naïve 名']);
      expect(users.name).toBe('users');
      expect(await db.columnFamily('users')).toBe(users);
      expect(await db.columnFamily('naïve 名')).toBe(names);
      expect(await db.columnFamily('default')).toBe(db.defaultColumnFamily);
      expect(await db.columnFamily('none')).toBeUndefined();
      expect(db.defaultColumnFamily.familyId).toBe(0);
      expect([users.familyId, names.familyId]).toEqual([1, 2]);
    });

    it('are all opened with the database, also those not named', async () => {
      const host = makeHost();
      const first = await createText(host);
      for (const name of ['a', 'b', 'c']) {
        const family = await first.createColumnFamily(name);
        await first.put('k', `of ${name}`, { columnFamily: family });
      }
      await first.close();
      const db = await host.open(first.path, {
        ...TEXT,
        columnFamilies: { b: { valueEncoding: 'view' }, c: { keyEncoding: undefined } },
      });
      expect([...db.columnFamilyNames].sort()).toEqual(['a', 'b', 'c', 'default']);
      const read = async (name: string) =>
        await db.get('k', { columnFamily: await db.columnFamily(name) });
      expect(await read('a')).toBe('of a');
      expect(await read('b')).toEqual(new TextEncoder().encode('of b'));
      expect(await read('c')).toBe('of c');
    });

    it('keep their options from one open to the next', async () => {
      const host = makeHost();
      const first = await create(host);
      const options = {
        writeBufferSize: 123 << 10,
        compression: 'lz4',
        disableAutoCompactions: true,
      } as const;
      const family = await first.createColumnFamily('family', {
        ...options,
        mergeOperator: 'stringappend',
      });
      expect(await first.getOptions({ columnFamily: family })).toMatchObject(options);
      await first.close();
      const db = await host.open(first.path, TEXT);
      const reopened = await db.columnFamily('family');
      expect(await db.getOptions({ columnFamily: reopened })).toMatchObject(options);
      await db.merge('k', '1', { columnFamily: reopened });
      await db.merge('k', '2', { columnFamily: reopened });
      expect(await db.get('k', { columnFamily: reopened })).toBe('1,2');
      await db.close();
      const third = await host.open(first.path, {
        columnFamilies: { family: { writeBufferSize: 99 << 10 } },
      });
      const given = await third.getOptions({ columnFamily: await third.columnFamily('family') });
      expect(given.writeBufferSize).toBe(99 << 10);
    });

    it('are created on open when told to', async () => {
      const host = makeHost();
      const columnFamilies = { a: { writeBufferSize: 1 << 20 }, b: {} };
      const missing = await errorOf(() => create(host, { columnFamilies }));
      expect(missing).toBeInstanceOf(InvalidArgumentError);
      const db = await create(host, { columnFamilies, createMissingColumnFamilies: true });
      expect(db.columnFamilyNames).toEqual(['default', 'a', 'b']);
      const a = await db.columnFamily('a');
      expect((await db.getOptions({ columnFamily: a })).writeBufferSize).toBe(1 << 20);
    });

    it('can be dropped, and go on being read through their handles until these are freed', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      await db.put('k', 'v', { columnFamily: family });
      const iterator = await db.iterator({ columnFamily: family });
      await db.dropColumnFamily(family);
      expect(db.columnFamilyNames).toEqual(['default']);
      expect(await db.columnFamily('family')).toBeUndefined();
      expect(await db.get('k', { columnFamily: family })).toBe('v');
      expect(await iterator.next()).toEqual(['k', 'v']);
      await errorOf(() => db.put('k', 'w', { columnFamily: family }));
      expect(await db.get('k', { columnFamily: family })).toBe('v');
      await iterator.free();
      await family.free();

      const again = await db.createColumnFamily('family');
      expect(again.familyId).toBeGreaterThan(family.familyId);
      expect(await db.has('k', { columnFamily: again })).toBe(false);
      await db.dropColumnFamily(again);
      await db.close();
      expect(await host.listColumnFamilies(db.path)).toEqual(['default']);
    });

    it('cannot be made twice, and the default one cannot be dropped', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.put('k', 'v', { columnFamily: family });
      for (const name of ['family', 'default']) {
        const error = await errorOf(() => db.createColumnFamily(name));
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      const drop = () => db.dropColumnFamily(db.defaultColumnFamily);
      expect((await errorOf(drop)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(db.columnFamilyNames).toEqual(['default', 'family']);
      expect(await db.columnFamily('family')).toBe(family);
      expect(await db.get('k', { columnFamily: family })).toBe('v');
    });

    it('keep their data when only the handle is freed', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      await db.put('k', 'v', { columnFamily: family });
      const iterator = await db.iterator({ columnFamily: family });
      await family.free();
      expect(iterator.freed).toBe(true);
      expect(await db.columnFamily('family')).toBeUndefined();
      const use = () => db.get('k', { columnFamily: family });
      expect(await errorOf(use)).toBeInstanceOf(HandleFreedError);
      await db.flush();
      await db.close();
      const again = await host.open(db.path, TEXT);
      const reopened = await again.columnFamily('family');
      expect(await again.get('k', { columnFamily: reopened })).toBe('v');
    });

    it('name only those that are open', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await family.free();
      expect(db.columnFamilyNames).toEqual(['default']);
    });

    it('are refused by other databases', async () => {
      const host = makeHost();
      const one = await createText(host);
      const two = await createText(host);
      const columnFamily = await one.createColumnFamily('family');
      await two.createColumnFamily('family');
      for (const use of [
        () => two.put('k', 'v', { columnFamily }),
        () => two.get('k', { columnFamily }),
        () => two.iterator({ columnFamily: columnFamily as never }),
        () => two.flush({ columnFamily }),
        () => two.dropColumnFamily(columnFamily),
      ]) {
        expect((await errorOf(use)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      await one.put('k', 'v', { columnFamily });
      expect(await one.get('k', { columnFamily })).toBe('v');
    });

    it('are flushed and compacted each alone', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      const files = async (columnFamily = db.defaultColumnFamily) =>
        db.getProperty('rocksdb.num-files-at-level0', { columnFamily });
      await db.put('k', 'v');
      await db.put('k', 'v', { columnFamily: family });
      await db.flush({ columnFamily: family });
      expect([await files(), await files(family)]).toEqual(['0', '1']);
      await db.compactRange({ columnFamily: family, bottommostLevelCompaction: 'force' });
      expect(await files(family)).toBe('0');
      await db.flush();
      expect(await files()).toBe('1');
    });

    it('refuse options of the database', async () => {
      const db = await createText(makeHost());
      const make = () => db.createColumnFamily('family', { maxOpenFiles: 10 } as object);
      const error = await errorOf(make);
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(error.message).toContain('maxOpenFiles');
      expect(db.columnFamilyNames).toEqual(['default']);
    });
  });
}
