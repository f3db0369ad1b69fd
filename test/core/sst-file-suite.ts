import { MAX_KEY_BYTES, SstFileReader, SstFileWriter } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, keyOf, type MakeHost, TEXT } from './host.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export function sstFileSuite(makeHost: MakeHost): void {
  describe('an SstFileWriter', () => {
    it('makes a file that a database takes up', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put(keyOf(1), 'old');
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, TEXT);
      await writer.open(file);
      for (let i = 0; i < 1000; i++) await writer.put(keyOf(i), `v${i}`);
      await writer.delete('x');
      expect(await writer.fileSize).toBeGreaterThan(0);
      const info = await writer.finish();
      expect(info).toMatchObject({ numEntries: 1001, sequenceNumber: 0n, numRangeDelEntries: 0 });
      expect(text(info.smallestKey)).toBe(keyOf(0));
      expect(text(info.largestKey)).toBe('x');
      expect(info.fileSize).toBe(host.fileSystem.stat(info.filePath).size);
      expect(await writer.fileSize).toBe(info.fileSize);

      await db.put('x', 'deleted by the file');
      await db.ingestExternalFile([info.filePath]);
      expect(await db.get(keyOf(1))).toBe('v1');
      expect(await db.get('x')).toBeUndefined();
      const iterator = await db.iterator();
      expect((await all(iterator)).length).toBe(1000);
      await iterator.free();
      await db.close();
      const again = await host.open(db.path, TEXT);
      expect(await again.get(keyOf(999))).toBe('v999');
    });

    it('writes merges, range deletions and entities', async () => {
      const host = makeHost();
      const db = await createText(host, { mergeOperator: 'stringappend' });
      await db.put('a', 'x');
      for (const key of ['b', 'c', 'd']) await db.put(key, 'old');
      await using writer = new SstFileWriter(db.engine, {
        columnFamily: await db.defaultColumnFamily,
      });
      const file = `${host.path()}.sst`;
      await writer.open(file);
      await writer.merge('a', 'y');
      await writer.put('c', 'new');
      await writer.deleteRange('b', 'd');
      await writer.putEntity('e', { '': 'default', name: 'n', other: new Uint8Array([1]) });
      const info = await writer.finish();
      expect(info.numRangeDelEntries).toBe(1);
      expect(text(info.smallestRangeDelKey)).toBe('b');
      expect(text(info.largestRangeDelKey)).toBe('d');
      await db.ingestExternalFile([file]);
      expect(await db.getMany(['a', 'b', 'c', 'd', 'e'])).toEqual([
        'x,y',
        undefined,
        'new',
        'old',
        'default',
      ]);
    });

    it('has the order of its comparator', async () => {
      const host = makeHost();
      const db = await createText(host, { comparator: 'reverseBytewise' });
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, {
        ...TEXT,
        comparator: 'reverseBytewise',
      });
      await writer.open(file);
      await writer.put('b', '1');
      await writer.put('a', '2');
      await writer.finish();
      await db.ingestExternalFile([file]);
      await using iterator = await db.iterator();
      expect(await all(iterator)).toEqual([
        ['b', '1'],
        ['a', '2'],
      ]);
      // A database with another order refuses it.
      const other = await createText(host);
      const error = await errorOf(() => other.ingestExternalFile([file]));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('refuses what is out of order, and what it is not ready for', async () => {
      const host = makeHost();
      const db = await createText(host);
      await using writer = new SstFileWriter(db.engine, TEXT);
      const codeOf = async (run: () => unknown) => (await errorOf(run)).code;
      const invalid = 'ERR_ROCKSDB_INVALID_ARGUMENT';
      expect(await codeOf(() => writer.put('a', 'v'))).toBe(invalid);
      expect(await codeOf(() => writer.finish())).toBe(invalid);
      expect(await codeOf(() => writer.open(`${host.path()}/no/folder.sst`))).toBe(
        'ERR_ROCKSDB_PATH_NOT_FOUND',
      );
      const file = `${host.path()}.sst`;
      await writer.open(file);
      expect(await codeOf(() => writer.open(`${host.path()}.sst`))).toBe(invalid);
      expect(await codeOf(() => writer.finish())).toBe(invalid);
      await writer.put('b', 'v');
      expect(await codeOf(() => writer.put('a', 'v'))).toBe(invalid);
      expect(await codeOf(() => writer.put('b', 'v'))).toBe(invalid);
      expect(await codeOf(() => writer.put(5 as unknown as string, 'v'))).toBe(invalid);
      const long = new Uint8Array(MAX_KEY_BYTES + 1);
      expect(await codeOf(() => writer.put(long, 'v'))).toBe('ERR_ROCKSDB_TOO_LARGE');
      expect(await codeOf(() => writer.deleteRange('d', 'c'))).toBe(invalid);
      expect(await codeOf(() => writer.put('c', 'v', { timestamp: new Uint8Array(8) }))).toBe(
        invalid,
      );
      await writer.put('c', 'v');
      expect((await writer.finish()).numEntries).toBe(2);
      // Another file with the same writer.
      await writer.open(`${host.path()}.sst`);
      await writer.put('a', 'v');
      expect((await writer.finish()).numEntries).toBe(1);
      const wrong = { compresion: 'lz4' } as object;
      expect(await codeOf(() => new SstFileWriter(db.engine, wrong))).toBe(
        'ERR_ROCKSDB_INVALID_OPTION',
      );
      const columnFamily = await db.defaultColumnFamily;
      expect(
        await codeOf(() => new SstFileWriter(db.engine, { columnFamily, compression: 'lz4' })),
      ).toBe('ERR_ROCKSDB_INVALID_OPTION');
    });
  });

  describe('ingestion', () => {
    const fileOf = async (
      host: ReturnType<MakeHost>,
      engine: ConstructorParameters<typeof SstFileWriter>[0],
      keys: readonly string[],
      value = 'ingested',
      file = `${host.path()}.sst`,
    ) => {
      await using writer = new SstFileWriter(engine, TEXT);
      await writer.open(file);
      for (const key of keys) await writer.put(key, value);
      await writer.finish();
      return file;
    };
    const exists = (host: ReturnType<MakeHost>, path: string) => {
      try {
        host.fileSystem.stat(path);
        return true;
      } catch {
        return false;
      }
    };

    it('copies, links or moves the files', async () => {
      const host = makeHost();
      const db = await createText(host);
      const copied = await fileOf(host, db.engine, ['a']);
      const linked = await fileOf(host, db.engine, ['b']);
      const moved = await fileOf(host, db.engine, ['c']);
      await db.ingestExternalFile([copied]);
      await db.ingestExternalFile([linked], { linkFiles: true });
      await db.ingestExternalFile([moved], { moveFiles: true });
      expect([copied, linked, moved].map((file) => exists(host, file))).toEqual([
        true,
        true,
        false,
      ]);
      expect(host.fileSystem.stat(linked).links).toBe(2);
      expect(host.fileSystem.stat(copied).links).toBe(1);
      expect(await db.getMany(['a', 'b', 'c'])).toEqual(['ingested', 'ingested', 'ingested']);
      const both = { moveFiles: true, linkFiles: true };
      const error = await errorOf(() => db.ingestExternalFile([copied], both));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('keeps a linked table when its old name is written again', async () => {
      const host = makeHost();
      const db = await createText(host);
      const file = await fileOf(host, db.engine, ['a'], 'first');
      await db.ingestExternalFile([file], { linkFiles: true });
      expect(await fileOf(host, db.engine, ['b'], 'second', file)).toBe(file);
      expect(host.fileSystem.stat(file).links).toBe(1);
      await db.verifyChecksum();
      expect(await db.getMany(['a', 'b'])).toEqual(['first', undefined]);
      await db.ingestExternalFile([file]);
      expect(await db.getMany(['a', 'b'])).toEqual(['first', 'second']);
    });

    it('goes to several column families at once, or to none', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      const first = await fileOf(host, db.engine, ['a']);
      const second = await fileOf(host, db.engine, ['b']);
      const error = await errorOf(() =>
        db.ingestExternalFiles([
          { externalFiles: [first] },
          { externalFiles: [`${second}.missing`], columnFamily: family },
        ]),
      );
      expect(error.code).toBe('ERR_ROCKSDB_PATH_NOT_FOUND');
      expect(await db.get('a')).toBeUndefined();
      await db.ingestExternalFiles([
        { externalFiles: [first] },
        { externalFiles: [second], columnFamily: family },
      ]);
      expect(await db.get('a')).toBe('ingested');
      expect(await db.get('b', { columnFamily: family })).toBe('ingested');
      expect(await db.get('b')).toBeUndefined();
    });

    it('refuses merge operands where there is no merge operator', async () => {
      const host = makeHost();
      const db = await createText(host);
      const mergeOperator = 'stringappend';
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, { ...TEXT, mergeOperator });
      await writer.open(file);
      await writer.merge('k', 'operand');
      await writer.finish();
      const family = await db.createColumnFamily('merging', { mergeOperator });
      await db.ingestExternalFile([file], { columnFamily: family });
      await using exported = await db.exportColumnFamily(host.path(), { columnFamily: family });

      await using reader = new SstFileReader(db.engine, file, TEXT);
      for (const refused of [
        () => db.ingestExternalFile([file]),
        () => db.createColumnFamilyWithImport('imported', exported),
        () => reader.iterator({ reverse: true }),
      ]) {
        const error = await errorOf(refused);
        expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
        expect(error.message).toContain('mergeOperator');
      }
      expect(await db.columnFamilyNames).toEqual(['default', 'merging']);
      await using raw = await reader.rawIterator();
      expect(await raw.next()).toMatchObject({ key: 'k', value: 'operand', type: 'merge' });
      // With the operator both are taken up, and read from the end, too.
      const imported = await db.createColumnFamilyWithImport('imported', exported, {
        mergeOperator,
      });
      await using iterator = await db.iterator({ columnFamily: imported, reverse: true });
      expect(await all(iterator)).toEqual([['k', 'operand']]);
      await using merging = new SstFileReader(db.engine, file, { ...TEXT, mergeOperator });
      await using entries = await merging.iterator({ reverse: true });
      expect(await entries.next()).toEqual(['k', 'operand']);
    });

    it('is not seen by snapshots that are older', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('a', 'before');
      await using snapshot = await db.snapshot();
      await db.ingestExternalFile([await fileOf(host, db.engine, ['a'])]);
      expect(await db.get('a', { snapshot })).toBe('before');
      expect(await db.get('a')).toBe('ingested');
    });

    it('fails rather than flush, or number the file, when it may not', async () => {
      const host = makeHost();
      const db = await createText(host);
      await db.put('a', 'before');
      const file = await fileOf(host, db.engine, ['a']);
      for (const options of [{ allowBlockingFlush: false }, { allowGlobalSeqno: false }]) {
        const error = await errorOf(() => db.ingestExternalFile([file], options));
        expect([options, error.code]).toEqual([options, 'ERR_ROCKSDB_INVALID_ARGUMENT']);
      }
      expect(await db.get('a')).toBe('before');
    });

    it('goes below what is there, in a database made for that', async () => {
      const host = makeHost();
      const db = await createText(host, { allowIngestBehind: true, numLevels: 7 });
      await db.put('a', 'newer');
      const file = await fileOf(host, db.engine, ['a', 'b']);
      await db.ingestExternalFile([file], { ingestBehind: true });
      expect(await db.getMany(['a', 'b'])).toEqual(['newer', 'ingested']);
      const plain = await createText(host);
      const error = await errorOf(() => plain.ingestExternalFile([file], { ingestBehind: true }));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('to the last level only, when told so', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      const file = await fileOf(host, db.engine, ['a']);
      await db.ingestExternalFile([file], { failIfNotBottommostLevel: true });
      const error = await errorOf(() =>
        db.ingestExternalFile([file], { failIfNotBottommostLevel: true }),
      );
      expect(error.code).toBe('ERR_ROCKSDB_TRY_AGAIN');
    });

    it('refuses files that are damaged, and what is no file', async () => {
      const host = makeHost();
      const db = await createText(host);
      const file = await fileOf(
        host,
        db.engine,
        Array.from({ length: 500 }, (_, i) => keyOf(i)),
      );
      const handle = host.fileSystem.open(file, {
        read: true,
        write: true,
        create: false,
        exclusive: false,
        truncate: false,
      });
      handle.write(new Uint8Array([1, 2, 3, 4]), 100);
      handle.close();
      const before = await db.latestSequenceNumber;
      const damaged = await errorOf(() =>
        db.ingestExternalFile([file], { verifyChecksumsBeforeIngest: true }),
      );
      expect(damaged.code).toBe('ERR_ROCKSDB_CORRUPTION');
      const codeOf = async (files: unknown, options?: object) =>
        (await errorOf(() => db.ingestExternalFile(files as string[], options))).code;
      expect(await codeOf([])).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf(file)).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf([5])).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf([file], { move: true })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf([file], { moveFiles: 1 })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf([`${file}.missing`])).toBe('ERR_ROCKSDB_PATH_NOT_FOUND');
      expect(await db.latestSequenceNumber).toBe(before);
      expect(await db.get(keyOf(0))).toBeUndefined();
    });
  });

  describe('an SstFileReader', () => {
    it('finds a block that has changed since it was opened', async () => {
      const host = makeHost();
      const db = await createText(host);
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, { ...TEXT, compression: 'none' });
      await writer.open(file);
      for (let i = 0; i < 3000; i++) await writer.put(keyOf(i), `v${i}`);
      await writer.finish();
      await using reader = new SstFileReader(db.engine, file, TEXT);
      const handle = host.fileSystem.open(file, {
        read: true,
        write: true,
        create: false,
        exclusive: false,
        truncate: false,
      });
      handle.write(new Uint8Array([0xff, 0xff, 0xff]), 5000);
      handle.close();
      for (const verify of [() => reader.verifyChecksum(), () => reader.verifyNumEntries()]) {
        expect((await errorOf(verify)).code).toBe('ERR_ROCKSDB_CORRUPTION');
      }
    });

    it('reads a file without a database', async () => {
      const host = makeHost();
      const db = await createText(host, { mergeOperator: 'stringappend' });
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, {
        ...TEXT,
        compression: 'lz4',
        mergeOperator: 'stringappend',
      });
      await writer.open(file);
      for (let i = 0; i < 3000; i++) await writer.put(keyOf(i), `v${i}`);
      await writer.merge('m', 'operand');
      await writer.delete('z');
      await writer.finish();

      await using reader = new SstFileReader(db.engine, file, {
        ...TEXT,
        mergeOperator: 'stringappend',
      });
      await reader.verifyChecksum();
      await reader.verifyNumEntries();
      expect(await reader.properties).toMatchObject({
        numEntries: 3002,
        numDeletions: 1,
        numMergeOperands: 1,
        compressionName: 'LZ4',
        comparatorName: 'leveldb.BytewiseComparator',
        mergeOperatorName: 'StringAppendOperator',
      });
      await using iterator = await reader.iterator();
      const entries = await all(iterator);
      expect(entries.length).toBe(3001);
      expect(entries.at(-1)).toEqual(['m', 'operand']);
      await iterator.seek(keyOf(7));
      expect(await iterator.next()).toEqual([keyOf(7), 'v7']);
      await iterator.seekForPrev(`${keyOf(7)}.`);
      expect(await iterator.next()).toEqual([keyOf(7), 'v7']);
      await iterator.seekToStart();
      expect(await iterator.next()).toEqual([keyOf(0), 'v0']);

      await using some = await reader.iterator({ gte: keyOf(10), lt: keyOf(13), reverse: true });
      expect((await all(some)).map(([key]) => key)).toEqual([keyOf(12), keyOf(11), keyOf(10)]);
    });

    it('shows all that is in a file of a database', async () => {
      const host = makeHost();
      const db = await createText(host, { disableAutoCompactions: true });
      await db.put('a', '1');
      await using snapshot = await db.snapshot();
      await db.put('a', '2');
      await db.delete('b');
      await db.flush();
      expect(await db.get('a', { snapshot })).toBe('1');
      const [table] = await db.getLiveFilesMetaData();
      await using reader = new SstFileReader(
        db.engine,
        `${table?.directory}/${table?.relativeFilename}`,
        { columnFamily: await db.defaultColumnFamily },
      );
      await using raw = await reader.rawIterator();
      expect(await all(raw)).toEqual([
        { key: 'a', value: '2', type: 'put', sequenceNumber: 2n },
        { key: 'a', value: '1', type: 'put', sequenceNumber: 1n },
        { key: 'b', value: '', type: 'delete', sequenceNumber: 3n },
      ]);
      await raw.seek('b');
      expect(await raw.next()).toMatchObject({ key: 'b' });
      await using backwards = await reader.rawIterator({ reverse: true });
      expect((await all(backwards)).map(({ sequenceNumber }) => sequenceNumber)).toEqual([
        3n,
        1n,
        2n,
      ]);
      expect(await (await reader.properties).columnFamilyName).toBe('default');
    });

    it('refuses what is no table, and what is damaged', async () => {
      const host = makeHost();
      const db = await createText(host);
      const codeOf = async (run: () => unknown) => (await errorOf(run)).code;
      const open = (path: string) => new SstFileReader(db.engine, path);
      expect(await codeOf(() => open(`${db.path}/CURRENT`))).toBe('ERR_ROCKSDB_CORRUPTION');
      expect(await codeOf(() => open(`${db.path}/missing.sst`))).toBe('ERR_ROCKSDB_PATH_NOT_FOUND');
      expect(await codeOf(() => open(''))).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('goes with the column family whose options it has', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      const writer = new SstFileWriter(db.engine, { columnFamily: family });
      await writer.open(`${host.path()}.sst`);
      await writer.put('a', 'v');
      await family.free();
      expect(writer.freed).toBe(true);
      const error = await errorOf(() => writer.put('b', 'v'));
      expect(error.code).toBe('ERR_ROCKSDB_HANDLE_FREED');
    });
  });
}
