import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { createText, keyOf, type MakeHost, TEXT } from './host.js';

export function maintenanceSuite(makeHost: MakeHost): void {
  describe('properties', () => {
    it('tell about the database and its column families', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'v');
      await db.put('k', 'v', { columnFamily: family });
      expect(await db.getIntProperty('rocksdb.estimate-num-keys')).toBe(100n);
      expect(await db.getProperty('rocksdb.estimate-num-keys')).toBe('100');
      const columnFamily = family;
      expect(await db.getIntProperty('rocksdb.estimate-num-keys', { columnFamily })).toBe(1n);
      expect(await db.getProperty('rocksdb.stats')).toContain('** DB Stats **');
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      await db.flush();
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('1');
    });

    it('are undefined when there are none of that name', async () => {
      const db = await createText(makeHost());
      for (const name of ['rocksdb.nonsense', '', 'stats']) {
        expect(await db.getProperty(name)).toBeUndefined();
        expect(await db.getIntProperty(name)).toBeUndefined();
      }
      // Text, but no number.
      expect(await db.getIntProperty('rocksdb.stats')).toBeUndefined();
      const error = await errorOf(() => db.getProperty(5 as unknown as string));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });
  });

  describe('options in force', () => {
    it('are those that were given, and defaults', async () => {
      const db = await createText(makeHost(), {
        writeBufferSize: 1 << 20,
        compression: 'zstd',
        maxBackgroundJobs: 3,
        blockBasedTable: { blockSize: 8192, filterPolicy: { type: 'bloom', bitsPerKey: 10 } },
      });
      const options = await db.getOptions();
      expect(options).toMatchObject({
        writeBufferSize: 1 << 20,
        compression: 'zstd',
        numLevels: 7,
        blockBasedTable: { blockSize: 8192 },
      });
      expect(options.blockBasedTable?.filterPolicy).toEqual({ type: 'bloom', bitsPerKey: 10 });
      expect(await db.getDBOptions()).toMatchObject({ maxBackgroundJobs: 3 });
    });

    it('change at once', async () => {
      const db = await createText(makeHost());
      const family = await db.createColumnFamily('family');
      await db.setOptions({ writeBufferSize: 2 << 20, disableAutoCompactions: true });
      expect(await db.getOptions()).toMatchObject({
        writeBufferSize: 2 << 20,
        disableAutoCompactions: true,
      });
      await db.setOptions({ writeBufferSize: 3 << 20 }, { columnFamily: family });
      const options = await db.getOptions({ columnFamily: family });
      expect(options.writeBufferSize).toBe(3 << 20);
      expect((await db.getOptions()).writeBufferSize).toBe(2 << 20);
      await db.setDBOptions({ bytesPerSync: 4096 });
      expect(Number((await db.getDBOptions()).bytesPerSync)).toBe(4096);
    });

    it('stay changed for the next open that does not set them', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      await db.setOptions({ writeBufferSize: 3 << 20 }, { columnFamily: family });
      await db.close();
      const again = await host.open(db.path, TEXT);
      const columnFamily = await again.columnFamily('family');
      expect((await again.getOptions({ columnFamily })).writeBufferSize).toBe(3 << 20);
    });

    it('refuse what cannot change while it is open, and what is wrong', async () => {
      const db = await createText(makeHost());
      const before = await db.getOptions();
      for (const options of [
        { numLevels: 3 },
        { writeBufferSize: 'big' },
        { writeBuferSize: 1 },
        { maxOpenFiles: 5 },
      ] as object[]) {
        const error = await errorOf(() => db.setOptions(options));
        expect([options, error.code]).toEqual([options, 'ERR_ROCKSDB_INVALID_OPTION']);
      }
      const error = await errorOf(() => db.setDBOptions({ createIfMissing: true }));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await db.getOptions()).toEqual(before);
    });
  });

  describe('flush and compaction', () => {
    it('moves memtables to files', async () => {
      const host = makeHost();
      const db = await createText(host);
      const tables = () =>
        host.fileSystem.readDirectory(db.path).filter(({ name }) => name.endsWith('.sst')).length;
      expect(tables()).toBe(0);
      await db.put('k', 'v');
      await db.flush();
      expect(tables()).toBe(1);
      await db.flush();
      expect(tables()).toBe(1);
      expect(await db.getIntProperty('rocksdb.num-entries-active-mem-table')).toBe(0n);
      expect(await db.get('k')).toBe('v');
    });

    it('compacts files of all levels into one, without what was deleted', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 200; i++) await db.put(keyOf(i), `round ${round}`);
        await db.flush();
      }
      await db.deleteRange(keyOf(50), keyOf(200));
      await db.flush();
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('6');
      await db.compactRange();
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      expect(await db.getIntProperty('rocksdb.estimate-num-keys')).toBe(50n);
      expect(await db.get(keyOf(49))).toBe('round 4');
      expect(await db.get(keyOf(50))).toBeUndefined();
      const tables = host.fileSystem
        .readDirectory(db.path)
        .filter(({ name }) => name.endsWith('.sst'));
      expect(tables.length).toBe(1);
    });

    it('compacts a range only', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      for (const key of ['a', 'm', 'z']) {
        await db.put(key, 'v');
        await db.flush();
      }
      await db.compactRange({ begin: 'l', end: 'n' });
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('2');
      expect(await db.getMany(['a', 'm', 'z'])).toEqual(['v', 'v', 'v']);
    });

    it('moves the result to a level', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      await db.put('k', 'v');
      await db.flush();
      await db.compactRange({ changeLevel: true, targetLevel: 4 });
      expect(await db.getProperty('rocksdb.num-files-at-level4')).toBe('1');
      const wrong = { bottommostLevelCompaction: 'sometimes' } as object;
      const error = await errorOf(() => db.compactRange(wrong));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
    });

    it('runs by itself when there are enough files', async () => {
      const db = await createText(makeHost(), { level0FileNumCompactionTrigger: 2 });
      for (const value of ['1', '2', '3', '4']) {
        await db.put('k', value);
        await db.flush();
      }
      expect(Number(await db.getProperty('rocksdb.num-files-at-level0'))).toBeLessThan(2);
      expect(await db.get('k')).toBe('4');
    });

    it('keeps up with many writes and small buffers', async () => {
      const db = await createText(makeHost(), {
        writeBufferSize: 64 << 10,
        level0FileNumCompactionTrigger: 2,
        targetFileSizeBase: 64 << 10,
        maxBytesForLevelBase: 256 << 10,
      });
      const value = (i: number) => `${i} ${'.'.repeat(200)}`;
      for (let i = 0; i < 10_000; i++) await db.put(keyOf((i * 7919) % 5000), value(i));
      await using iterator = await db.iterator();
      let count = 0;
      for await (const [key, text] of iterator) {
        const latest = [...Array(2).keys()].map((n) => n * 5000).map((n) => indexOf(key, n));
        expect(text).toBe(value(Math.max(...latest)));
        count++;
      }
      expect(count).toBe(5000);
      expect(Number(await db.getProperty('rocksdb.num-files-at-level0'))).toBeLessThan(4);
    });

    it('syncs the log', async () => {
      const db = await createText(makeHost());
      await db.put('k', 'v');
      await db.syncWAL();
      expect(await db.get('k')).toBe('v');
    });

    it('resumes when nothing is wrong', async () => {
      const db = await createText(makeHost());
      await db.resume();
      await db.put('k', 'v');
      expect(await db.get('k')).toBe('v');
    });
  });
}

const INVERSE = inverse();

/** For each key: the i below 5000 with (i * 7919) % 5000 = key. */
function inverse(): number[] {
  const of: number[] = [];
  for (let i = 0; i < 5000; i++) of[(i * 7919) % 5000] = i;
  return of;
}

/** Which write of the round that begins at `start` went to `key`. */
function indexOf(key: string, start: number): number {
  return start + (INVERSE[Number(key.slice(1))] ?? Number.NaN);
}
