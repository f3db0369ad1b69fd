import { InvalidArgumentError, LockedError, NotSupportedError } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { create, createText, keyOf, type MakeHost, TEXT } from './host.js';

export function openSuite(makeHost: MakeHost): void {
  describe('opening and closing', () => {
    it('creates a database only when told to', async () => {
      const host = makeHost();
      const path = host.path();
      const error = await errorOf(() => host.open(path));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
      expect(error.message).toContain(path);
      expect(() => host.fileSystem.stat(path)).toThrow(/ENOENT/);

      const db = await host.open(path, { createIfMissing: true });
      expect(db.path).toBe(path);
      expect(db.readOnly).toBe(false);
      expect(host.fileSystem.stat(`${path}/CURRENT`).type).toBe('file');
    });

    it('keeps data from one open to the next', async () => {
      const host = makeHost();
      const path = host.path();
      for (let round = 0; round < 5; round++) {
        const db = await host.open(path, { createIfMissing: round === 0, ...TEXT });
        for (let i = 0; i < round; i++) expect(await db.get(keyOf(i))).toBe(`value ${i}`);
        expect(await db.get(keyOf(round))).toBeUndefined();
        await db.put(keyOf(round), `value ${round}`);
        expect(await db.close()).toEqual([]);
      }
    });

    it('recovers from the log what was not flushed, and from files what was', async () => {
      const host = makeHost();
      const path = host.path();
      const first = await host.open(path, { createIfMissing: true, ...TEXT });
      await first.put('flushed', '1');
      await first.flush();
      await first.put('in the log', '2', { sync: true });
      await first.close();
      const second = await host.open(path, TEXT);
      expect(await second.getMany(['flushed', 'in the log'])).toEqual(['1', '2']);
    });

    it('refuses an existing database with errorIfExists', async () => {
      const host = makeHost();
      const db = await create(host);
      await db.close();
      const error = await errorOf(() => host.open(db.path, { errorIfExists: true }));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('lets one writer in, and the next one once it is closed', async () => {
      const host = makeHost();
      const db = await create(host);
      const error = await errorOf(() => host.open(db.path));
      expect(error).toBeInstanceOf(LockedError);
      expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
      expect((error as LockedError).owner?.thisProcess).toBe(true);
      await db.put('still', 'works');
      await db.close();
      const next = await host.open(db.path, TEXT);
      expect(await next.get('still')).toBe('works');
    });

    it('can be closed again and again', async () => {
      const db = await create(makeHost());
      expect(db.freed).toBe(false);
      expect(await db.close()).toEqual([]);
      expect(await db.close()).toEqual([]);
      await db.free();
      expect(db.freed).toBe(true);
    });

    it('leaves nothing open when it fails', async () => {
      const host = makeHost();
      const db = await create(host);
      await db.close();
      await errorOf(() => host.open(db.path, { errorIfExists: true }));
      await errorOf(() => host.open(db.path, { columnFamilies: { missing: {} } }));
      await errorOf(() => host.open(db.path, { comparator: 'rocksdb.ReverseBytewiseComparator' }));
      await host.open(db.path);
    });

    it('names what is wrong with its arguments', async () => {
      const host = makeHost();
      const code = async (path: unknown, options: object = {}) =>
        (await errorOf(() => host.open(path as string, { createIfMissing: true, ...options })))
          .code;
      for (const path of ['', 'a\0b', 1, undefined, null, {}]) {
        expect(await code(path)).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      }
      const path = host.path();
      expect(await code(path, { createIfMising: true })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await code(path, { writeBufferSize: '64M' })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await code(path, { keyEncoding: 'latin1' })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await code(path, { columnFamilies: { default: {} } })).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      expect(await code(path, { columnFamilies: { a: { maxOpenFiles: 5 } } })).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      expect(() => host.fileSystem.stat(path)).toThrow(/ENOENT/);
    });
  });

  describe('a read-only database', () => {
    it('reads, and refuses to write', async () => {
      const host = makeHost();
      const writer = await createText(host);
      await writer.put('key', 'value');
      await writer.close();
      const files = () =>
        host.fileSystem
          .readDirectory(writer.path)
          .map(({ name }) => `${name} ${host.fileSystem.stat(`${writer.path}/${name}`).size}`)
          .filter((name) => !name.startsWith('LOG'));
      const before = files();
      const db = await host.open(writer.path, { readOnly: true, ...TEXT });
      expect(db.readOnly).toBe(true);
      expect(await db.get('key')).toBe('value');
      await using iterator = await db.iterator();
      expect(await iterator.next()).toEqual(['key', 'value']);
      for (const write of [
        () => db.put('key', 'other'),
        () => db.delete('key'),
        () => db.deleteRange('a', 'z'),
        () => db.flush(),
        () => db.compactRange(),
        () => db.syncWAL(),
        () => db.createColumnFamily('family'),
        () => db.setOptions({ disableAutoCompactions: true }),
      ]) {
        const error = await errorOf(write);
        expect([String(write), error.code]).toEqual([String(write), 'ERR_ROCKSDB_NOT_SUPPORTED']);
        expect(error).toBeInstanceOf(NotSupportedError);
      }
      expect(await db.get('key')).toBe('value');
      expect(files()).toEqual(before);
    });

    it('takes no lock, and sees what was there when it was opened', async () => {
      const host = makeHost();
      const writer = await createText(host);
      await writer.put('before', '1');
      await writer.flush();
      const reader = await host.open(writer.path, { readOnly: true, ...TEXT });
      await writer.put('after', '2');
      await writer.flush();
      expect(await reader.getMany(['before', 'after'])).toEqual(['1', undefined]);
    });

    it('is not created', async () => {
      const host = makeHost();
      const path = host.path();
      const error = await errorOf(() => host.open(path, { readOnly: true }));
      expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
      expect(() => host.fileSystem.stat(path)).toThrow(/ENOENT/);
    });
  });

  describe('destroying and repairing', () => {
    it('destroys a database with all its files', async () => {
      const host = makeHost();
      const db = await create(host);
      await db.put('key', 'value');
      await db.flush();
      await db.createColumnFamily('family');
      await db.close();
      await host.destroy(db.path);
      expect(() => host.fileSystem.stat(db.path)).toThrow(/ENOENT/);
      const again = await host.open(db.path, { createIfMissing: true });
      expect(again.columnFamilyNames).toEqual(['default']);
      expect(await again.get('key')).toBeUndefined();
    });

    it('does not destroy what is open', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('key', 'value');
      expect(await errorOf(() => host.destroy(db.path))).toBeInstanceOf(LockedError);
      await db.flush();
      expect(await db.get('key')).toBe('value');
    });

    it('repairs a database that lost its manifest', async () => {
      const host = makeHost();
      const { fileSystem } = host;
      const db = await createText(host);
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), `value ${i}`);
      await db.flush();
      await db.put('in the log', 'too');
      await db.close();
      for (const { name } of fileSystem.readDirectory(db.path)) {
        if (/^(CURRENT|MANIFEST-\d+)$/.test(name)) fileSystem.removeFile(`${db.path}/${name}`);
      }
      await host.repair(db.path);
      const repaired = await host.open(db.path, TEXT);
      for (let i = 0; i < 100; i++) expect(await repaired.get(keyOf(i))).toBe(`value ${i}`);
      expect(await repaired.get('in the log')).toBe('too');
    });

    it('lists column families of a closed database', async () => {
      const host = makeHost();
      const db = await create(host);
      await db.createColumnFamily('users');
      await db.createColumnFamily('naïve 名');
      await db.close();
      expect(await host.listColumnFamilies(db.path)).toEqual(['default', 'users', 'naïve 名']);
      const error = await errorOf(() => host.listColumnFamilies(host.path()));
      expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
    });
  });
}
