import { ExportedFiles, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type Host, keyOf, type MakeHost, noise, TEXT } from './host.js';

type Text = RocksDB<'utf8', 'utf8'>;
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** One table of the keys in [from, to). */
async function table(db: Text, from: number, to: number, value = 'v', options = {}): Promise<void> {
  for (let i = from; i < to; i++) await db.put(keyOf(i), `${value}${i}`, options);
  await db.flush(options);
}

async function keysOf(db: Text, options = {}): Promise<string[]> {
  await using iterator = await db.iterator<'utf8', 'utf8'>(options);
  return (await all(iterator)).map(([key]) => key);
}

const tablesIn = (host: Host, path: string) =>
  host.fileSystem
    .readDirectory(path)
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.sst'));

export function filesSuite(makeHost: MakeHost): void {
  describe('the files of a database', () => {
    it('are known by column family and level', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      await table(db, 0, 10);
      await db.compactRange({ changeLevel: true, targetLevel: 3 });
      await table(db, 5, 15);
      await db.delete(keyOf(1));
      await db.flush();
      const family = await db.getColumnFamilyMetaData();
      expect(family).toMatchObject({ name: 'default', fileCount: 3, blobFiles: [] });
      expect(family.levels.map(({ files }) => files.length)).toEqual([2, 0, 0, 1, 0, 0, 0]);
      const [lowest] = family.levels[3]?.files ?? [];
      expect(lowest).toMatchObject({ directory: db.path, numEntries: 10, beingCompacted: false });
      expect([text(lowest?.smallestKey), text(lowest?.largestKey)]).toEqual([keyOf(0), keyOf(9)]);
      expect(lowest?.size).toBe(
        host.fileSystem.stat(`${db.path}/${lowest?.relativeFilename}`).size,
      );
      expect(family.size).toBe(
        family.levels.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0),
      );
      const files = await db.getLiveFilesMetaData();
      expect(files.map(({ level }) => level).sort()).toEqual([0, 0, 3]);
      const deletion = files.find(({ numDeletions }) => numDeletions === 1);
      expect(deletion?.largestSequenceNumber).toBe(21n);
      expect(files.every(({ columnFamilyName }) => columnFamilyName === 'default')).toBe(true);
      await db.createColumnFamily('family');
      const families = await db.getAllColumnFamilyMetaData();
      expect(families.map(({ name }) => name)).toEqual(['default', 'family']);
    });

    it('have blob files among them', async () => {
      const db = await createText(makeHost(), { enableBlobFiles: true, minBlobSize: 10 });
      await db.put('a', 'x'.repeat(100));
      await db.put('b', 'y'.repeat(100));
      await db.flush();
      const { blobFiles, blobFileSize } = await db.getColumnFamilyMetaData();
      expect(blobFiles).toMatchObject([{ totalBlobCount: 2, garbageBlobCount: 0 }]);
      expect(blobFileSize).toBe(blobFiles[0]?.blobFileSize);
      await db.delete('a');
      await db.flush();
      await db.compactRange({
        bottommostLevelCompaction: 'force',
        blobGarbageCollectionPolicy: 'disable',
      });
      expect((await db.getColumnFamilyMetaData()).blobFiles).toMatchObject([
        { garbageBlobCount: 1 },
      ]);
      const number = blobFiles[0]?.blobFileNumber;
      await db.compactRange({
        bottommostLevelCompaction: 'force',
        blobGarbageCollectionPolicy: 'force',
        blobGarbageCollectionAgeCutoff: 1,
      });
      const after = (await db.getColumnFamilyMetaData()).blobFiles;
      expect(after).toMatchObject([{ totalBlobCount: 1, garbageBlobCount: 0 }]);
      expect(after[0]?.blobFileNumber).not.toBe(number);
      expect(await db.get('b')).toBe('y'.repeat(100));
    });

    it('are all that a copy needs', async () => {
      const host = makeHost();
      const db = await createText(host);
      await table(db, 0, 10);
      await db.put('in the log', 'v');
      const live = await db.getLiveFiles({ flushMemtable: false });
      expect(live.files.filter((name) => name.endsWith('.sst')).length).toBe(1);
      expect(live.files).toContain('/CURRENT');
      expect(live.manifestFileSize).toBeGreaterThan(0);

      await using hold = await db.disableFileDeletions();
      const files = await db.getLiveFilesStorageInfo({
        includeChecksumInfo: true,
        walSizeForFlush: Number.POSITIVE_INFINITY,
      });
      const types = files.map(({ fileType }) => fileType).sort();
      expect(types).toEqual(['current', 'manifest', 'options', 'table', 'wal']);
      const copy = host.path();
      host.fileSystem.createDirectory(copy);
      const create = { read: false, write: true, create: true, exclusive: true, truncate: false };
      const read = { read: true, write: false, create: false, exclusive: false, truncate: false };
      for (const file of files) {
        let bytes = file.replacementContents;
        if (bytes.length === 0) {
          bytes = new Uint8Array(file.size);
          const source = host.fileSystem.open(`${file.directory}/${file.relativeFilename}`, read);
          expect(source.read(bytes, 0)).toBe(file.size);
          source.close();
        }
        const target = host.fileSystem.open(`${copy}/${file.relativeFilename}`, create);
        target.write(bytes, 0);
        target.close();
      }
      await hold.free();
      const again = await host.open(copy, TEXT);
      expect(await again.get('in the log')).toBe('v');
      expect((await keysOf(again)).length).toBe(11);
    });

    it('stay while deletions are disabled, as often as they were', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      await table(db, 0, 10);
      await table(db, 0, 10, 'w');
      const holds = () =>
        db.engine.heap.report().handles.filter(({ kind }) => kind === 'databaseHold').length;
      const first = await db.disableFileDeletions();
      await db.disableFileDeletions();
      expect(holds()).toBe(2);
      await db.compactRange();
      expect(tablesIn(host, db.path).length).toBe(3);
      await db.enableFileDeletions();
      expect(tablesIn(host, db.path).length).toBe(3);
      expect(first.freed).toBe(false);
      await db.enableFileDeletions();
      expect(first.freed).toBe(true);
      expect(tablesIn(host, db.path).length).toBe(1);
      await db.enableFileDeletions(); // nothing to make up for
      expect(holds()).toBe(0);
      expect(await db.getProperty('rocksdb.is-file-deletions-enabled')).toBe('1');
      // Freed in another order than it was made.
      const [a, b] = [await db.disableFileDeletions(), await db.disableFileDeletions()];
      await b.free();
      await db.enableFileDeletions();
      expect(a.freed).toBe(true);
    });

    it('are checked block by block', async () => {
      const host = makeHost();
      const db = await createText(host);
      for (let i = 0; i < 300; i++) await db.put(keyOf(i), text(noise(100, i + 1)));
      await db.flush();
      await db.verifyChecksum();
      await db.verifyChecksum({ readaheadSize: 1 << 20 });
      const [{ relativeFilename } = { relativeFilename: '' }] = await db.getLiveFilesMetaData();
      await db.close();
      const flags = { read: true, write: true, create: false, exclusive: false, truncate: false };
      const file = host.fileSystem.open(`${db.path}/${relativeFilename}`, flags);
      file.write(new Uint8Array([1, 2, 3]), 1000);
      file.close();
      const again = await host.open(db.path, TEXT);
      const error = await errorOf(() => again.verifyChecksum());
      expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
      expect(error.message).toContain(relativeFilename);
    });

    it('have no checksums of their own unless they are asked for', async () => {
      const db = await createText(makeHost());
      await table(db, 0, 10);
      const sums = await db.getLiveFilesChecksumInfo();
      expect(sums).toMatchObject([{ checksumFuncName: 'Unknown' }]);
      const error = await errorOf(() => db.verifyFileChecksums());
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });
  });

  describe('deleting files', () => {
    it('by ranges: those that lie in one of them', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      for (const from of [0, 10, 20, 30]) {
        await table(db, from, from + 10);
        const files = (await db.getLiveFilesMetaData()).filter(({ level }) => level === 0);
        await db.compactFiles(
          files.map((file) => file.relativeFilename),
          { outputLevel: 5 },
        );
      }
      expect(tablesIn(host, db.path).length).toBe(4);
      await db.deleteFilesInRanges([
        { begin: keyOf(0), end: keyOf(9) },
        { begin: keyOf(15), end: keyOf(29) },
      ]);
      const keys = await keysOf(db);
      expect(keys.length).toBe(20);
      expect(keys[0]).toBe(keyOf(10));
      expect(keys.at(-1)).toBe(keyOf(39));
      await db.deleteFilesInRanges([{ begin: keyOf(10), end: keyOf(19) }], { includeEnd: false });
      expect((await keysOf(db)).length).toBe(20);
      await db.deleteFilesInRanges([{}]);
      expect(await keysOf(db)).toEqual([]);
      expect(tablesIn(host, db.path)).toEqual([]);
      for (const wrong of [5, [5], [{ begin: 5 }], [{ from: 'a' }]]) {
        const error = await errorOf(() => db.deleteFilesInRanges(wrong as never));
        expect([wrong, error.code]).toEqual([wrong, 'ERR_ROCKSDB_INVALID_OPTION']);
      }
    });

    it('one by one, when nothing else depends on it', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      await table(db, 0, 10);
      await db.compactRange({ changeLevel: true, targetLevel: 6 });
      await table(db, 20, 30);
      const [above, below] = await db.getLiveFilesMetaData();
      expect([above?.level, below?.level]).toEqual([0, 6]);
      await db.deleteFile(`${below?.relativeFilename}`);
      expect((await keysOf(db))[0]).toBe(keyOf(20));
      const error = await errorOf(() => db.deleteFile('000999.sst'));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });
  });

  describe('compaction by hand', () => {
    it('of chosen files', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      for (let round = 0; round < 3; round++) await table(db, 0, 10, `${round}:`);
      const names = (await db.getLiveFilesMetaData()).map((file) => file.relativeFilename);
      const result = await db.compactFiles(names, { outputLevel: 2 });
      expect(result).toMatchObject({
        numInputFiles: 3,
        numInputRecords: 30,
        numOutputRecords: 10,
        numRecordsReplaced: 20,
      });
      const [file] = await db.getLiveFilesMetaData();
      expect(result.outputFiles).toEqual([`${file?.directory}/${file?.relativeFilename}`]);
      expect(file?.level).toBe(2);
      expect(await db.get(keyOf(3))).toBe('2:3');
      const codeOf = async (files: unknown, options: object) =>
        (await errorOf(() => db.compactFiles(files as string[], options as never))).code;
      expect(await codeOf(['000999.sst'], { outputLevel: 2 })).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf(names, {})).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf('a', { outputLevel: 2 })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf([], { outputLevel: 2 })).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('cuts the result where it is told', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      for (let i = 0; i < 300; i++) await db.put(keyOf(i), text(noise(200, i + 1)));
      await db.flush();
      const names = (await db.getLiveFilesMetaData()).map((file) => file.relativeFilename);
      const result = await db.compactFiles(names, {
        outputLevel: 1,
        outputFileSizeLimit: 16 * 1024,
      });
      expect(result.outputFiles.length).toBeGreaterThan(2);
    });

    it('is suggested', async () => {
      const db = await createText(makeHost(), {
        level0FileNumCompactionTrigger: 100,
        levelCompactionDynamicLevelBytes: false,
      });
      await table(db, 0, 10);
      await db.compactRange({ changeLevel: true, targetLevel: 4 });
      await table(db, 0, 10, 'w');
      await db.promoteL0(1);
      const levelOf = async () => (await db.getLiveFilesMetaData()).map(({ level }) => level);
      expect(await levelOf()).toEqual([1, 4]);
      await db.suggestCompactRange({ begin: 'x', end: 'y' });
      expect(await levelOf()).toEqual([1, 4]);
      await db.suggestCompactRange({ begin: keyOf(0), end: keyOf(5) });
      expect(await levelOf()).toEqual([4]);
    });

    it('promotes level 0', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      await table(db, 0, 10);
      await table(db, 10, 20);
      await db.promoteL0(2);
      const levels = (await db.getColumnFamilyMetaData()).levels;
      expect(levels.map(({ files }) => files.length)).toEqual([0, 0, 2, 0, 0, 0, 0]);
      await table(db, 0, 10);
      const error = await errorOf(() => db.promoteL0(3));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('is waited for', async () => {
      const db = await createText(makeHost(), { background: 'manual' });
      for (let round = 0; round < 4; round++) {
        await db.put('k', `${round}`);
        await db.flush({ wait: false });
      }
      await db.waitForCompact({ flush: true, waitForPurge: true });
      expect(await db.engine.pendingJobs).toBe(0);
      expect(await db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
      const wrong = await errorOf(() => db.waitForCompact({ timeout: -1 }));
      expect(wrong.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      await db.waitForCompact({ closeDb: true });
      expect(db.freed).toBe(true);
    });

    it('takes all of its options', async () => {
      const db = await createText(makeHost(), { disableAutoCompactions: true });
      await table(db, 0, 10);
      await db.compactRange({
        exclusiveManualCompaction: true,
        allowWriteStall: true,
        maxSubcompactions: 2,
        targetPathId: 0,
        bottommostLevelCompaction: 'forceOptimized',
      });
      for (const wrong of [
        { changeLevel: 1 },
        { targetLevel: -2 },
        { targetLevel: 1.5 },
        { blobGarbageCollectionPolicy: 'x' },
        { blobGarbageCollectionAgeCutoff: 2 },
        { maxSubcompactions: -1 },
        { from: 'a' },
      ]) {
        const error = await errorOf(() => db.compactRange(wrong as object));
        expect([wrong, error.code]).toEqual([wrong, 'ERR_ROCKSDB_INVALID_OPTION']);
      }
    });

    it('flushes the families it is told', async () => {
      const db = await createText(makeHost());
      const [a, b] = [await db.createColumnFamily('a'), await db.createColumnFamily('b')];
      for (const columnFamily of [a, b]) await db.put('k', 'v', { columnFamily });
      await db.put('k', 'v');
      const entries = async () =>
        Promise.all(
          [undefined, a, b].map((columnFamily) =>
            db.getIntProperty('rocksdb.num-entries-active-mem-table', { columnFamily }),
          ),
        );
      await db.flush({ columnFamilies: [a, b], allowWriteStall: true });
      expect(await entries()).toEqual([1n, 0n, 0n]);
      const both = { columnFamily: a, columnFamilies: [b] };
      const error = await errorOf(() => db.flush(both));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
    });
  });

  describe('an exported column family', () => {
    it('becomes one of another database', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      const options = { columnFamily: family };
      await table(db, 0, 100, 'v', options);
      await db.deleteRange(keyOf(10), keyOf(20), options);
      await db.put(keyOf(5), 'unflushed', options);
      const path = host.path();
      await using exported = await db.exportColumnFamily(path, options);
      const { metadata } = exported;
      expect(metadata.dbComparatorName).toBe('leveldb.BytewiseComparator');
      expect(metadata.files.map(({ relativeFilename }) => relativeFilename).sort()).toEqual(
        tablesIn(host, path),
      );
      await db.put(keyOf(5), 'later', options);

      const copy = await db.createColumnFamilyWithImport('copy', exported);
      expect((await keysOf(db, { columnFamily: copy })).length).toBe(90);
      expect(await db.get(keyOf(5), { columnFamily: copy })).toBe('unflushed');

      const other = await createText(host);
      await using here = ExportedFiles.from(other.engine, metadata);
      expect(here.metadata).toEqual(metadata);
      const wrong = await errorOf(() => other.createColumnFamilyWithImport('other', exported));
      expect(wrong.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      const moved = await other.createColumnFamilyWithImport('moved', here, { moveFiles: true });
      expect(tablesIn(host, path)).toEqual([]);
      expect((await keysOf(other, { columnFamily: moved })).length).toBe(90);
      await other.put(keyOf(10), 'new', { columnFamily: moved });
      await other.compactRange({ columnFamily: moved });
      expect((await keysOf(other, { columnFamily: moved })).length).toBe(91);
      await other.close();
      const again = await host.open(other.path, TEXT);
      const columnFamily = await again.columnFamily('moved');
      expect(await again.get(keyOf(10), { columnFamily })).toBe('new');
    });

    it('of several that do not overlap', async () => {
      const host = makeHost();
      const db = await createText(host);
      await table(db, 0, 100);
      await using all = await db.exportColumnFamily(host.path());
      const parts: ExportedFiles[] = [];
      for (const [name, begin, end] of [
        ['low', keyOf(0), keyOf(50)],
        ['high', keyOf(50), keyOf(100)],
      ] as const) {
        const columnFamily = await db.createColumnFamilyWithImport(name, all);
        await db.clipColumnFamily(begin, end, { columnFamily });
        expect((await keysOf(db, { columnFamily })).length).toBe(50);
        parts.push(await db.exportColumnFamily(host.path(), { columnFamily }));
      }
      const joined = await db.createColumnFamilyWithImport('joined', parts);
      expect((await keysOf(db, { columnFamily: joined })).length).toBe(100);
      const overlapping = await errorOf(() =>
        db.createColumnFamilyWithImport('overlapping', [all, ...parts]),
      );
      expect(overlapping.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await db.columnFamily('overlapping')).toBeUndefined();
      expect(await db.columnFamilyNames).not.toContain('overlapping');
      for (const part of parts) await part.free();
    });

    it('is refused where it cannot be complete, or does not fit', async () => {
      const host = makeHost();
      const db = await createText(host, { enableBlobFiles: true, minBlobSize: 10 });
      await db.put('k', 'v'.repeat(100));
      const path = host.path();
      const blobs = await errorOf(() => db.exportColumnFamily(path));
      expect(blobs.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
      expect(() => host.fileSystem.stat(path)).toThrow(/ENOENT/);
      const plain = await createText(host);
      await table(plain, 0, 10);
      const there = await errorOf(() => plain.exportColumnFamily(db.path));
      expect(there.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      await using exported = await plain.exportColumnFamily(path);
      const codeOf = async (run: () => unknown) => (await errorOf(run)).code;
      const invalid = 'ERR_ROCKSDB_INVALID_ARGUMENT';
      const create = (name: string, what: unknown, options?: object) =>
        plain.createColumnFamilyWithImport(name, what as ExportedFiles, options);
      expect(await codeOf(() => create('a', exported, { comparator: 'reverseBytewise' }))).toBe(
        invalid,
      );
      expect(await codeOf(() => create('default', exported))).toBe(invalid);
      expect(await codeOf(() => create('a', []))).toBe(invalid);
      expect(await codeOf(() => create('a', {}))).toBe(invalid);
      expect(await codeOf(() => create('', exported))).toBe(invalid);
      expect(await codeOf(() => create('a', exported, { moveFiles: 1 }))).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      expect(await codeOf(() => ExportedFiles.from(plain.engine, {} as never))).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      const files = [{ relativeFilename: 'x.sst', directory: path }];
      expect(
        await codeOf(() =>
          ExportedFiles.from(plain.engine, { dbComparatorName: 'x', files } as never),
        ),
      ).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf(() => plain.clipColumnFamily('b', 'a'))).toBe(invalid);
      await create('a', exported);
      expect(await plain.columnFamilyNames).toEqual(['default', 'a']);
    });
  });
}
