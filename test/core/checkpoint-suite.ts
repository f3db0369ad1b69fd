import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, keyOf, type MakeHost, TEXT } from './host.js';

const namesIn = (host: ReturnType<MakeHost>, path: string) =>
  host.fileSystem.readDirectory(path).map(({ name }) => name);

export function checkpointSuite(makeHost: MakeHost): void {
  describe('a checkpoint', () => {
    it('is a database of its own, as it was at that moment', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      for (let i = 0; i < 500; i++) await db.put(keyOf(i), `v${i}`);
      await db.put('k', 'in the family', { columnFamily: family });
      const path = host.path();
      const sequence = await db.checkpoint(path);
      expect(sequence).toBe(await db.latestSequenceNumber);
      await db.put(keyOf(0), 'later');
      await db.delete(keyOf(1));
      await db.compactRange();

      const copy = await host.open(path, TEXT);
      await using iterator = await copy.iterator();
      const entries = await all(iterator);
      expect(entries.length).toBe(500);
      expect(entries[0]).toEqual([keyOf(0), 'v0']);
      const columnFamily = await copy.columnFamily('family');
      expect(await copy.get('k', { columnFamily })).toBe('in the family');
      await copy.put('own', 'way');
      expect(await db.get('own')).toBeUndefined();
      expect(await db.get(keyOf(0))).toBe('later');
    });

    it('links the tables', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('k', 'v');
      await db.flush();
      const path = host.path();
      await db.checkpoint(path);
      const table = namesIn(host, path).find((name) => name.endsWith('.sst'));
      const [first, second] = [db.path, path].map((folder) =>
        host.fileSystem.stat(`${folder}/${table}`),
      );
      expect([second?.device, second?.inode]).toEqual([first?.device, first?.inode]);
      expect(second?.links).toBe(2);
    });

    it('has the log of what was not flushed, when told so', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('k', 'v');
      const path = host.path();
      await db.checkpoint(path, { logSizeForFlush: 1 << 30 });
      expect(namesIn(host, path).filter((name) => name.endsWith('.sst'))).toEqual([]);
      expect(namesIn(host, path).some((name) => name.endsWith('.log'))).toBe(true);
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      const copy = await host.open(path, TEXT);
      expect(await copy.get('k')).toBe('v');
    });

    it('takes blob files along', async () => {
      const host = makeHost();
      const db = await createText(host, { enableBlobFiles: true, minBlobSize: 100 });
      await db.put('k', 'v'.repeat(1000));
      await db.put('small', 'v');
      const path = host.path();
      await db.checkpoint(path);
      expect(namesIn(host, path).some((name) => name.endsWith('.blob'))).toBe(true);
      const copy = await host.open(path, TEXT);
      expect(await copy.get('k')).toBe('v'.repeat(1000));
    });

    it('can be made of a database that is open for reading, if nothing is in its log only', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('k', 'v');
      await db.flush();
      await db.close();
      const reader = await host.open(db.path, { ...TEXT, readOnly: true });
      const path = host.path();
      await reader.checkpoint(path);
      const copy = await host.open(path, TEXT);
      expect(await copy.get('k')).toBe('v');
      await copy.put('k', 'w');
      await copy.close();
      // RocksDB would leave the log out, and say nothing.
      const again = await host.open(path, { ...TEXT, readOnly: true });
      const error = await errorOf(() => again.checkpoint(host.path()));
      expect(error.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    });

    it('is refused where something is, or where there is no folder for it', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('k', 'v');
      const codeOf = async (path: unknown, options?: object) =>
        (await errorOf(() => db.checkpoint(path as string, options))).code;
      expect(await codeOf(db.path)).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf(`${host.path()}/missing/here`)).toBe('ERR_ROCKSDB_PATH_NOT_FOUND');
      expect(await codeOf(5)).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf('')).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      const path = host.path();
      expect(await codeOf(path, { logSizeForFlush: -1 })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf(path, { logSize: 1 })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      await db.checkpoint(path);
      expect(await codeOf(path)).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      await db.close();
      expect(await codeOf(host.path())).toBe('ERR_ROCKSDB_HANDLE_FREED');
    });
  });
}
