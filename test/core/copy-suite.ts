import { type RocksDB, SstFileReader, SstFileWriter } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, keyOf, type MakeHost, TEXT } from './host.js';

type Text = RocksDB<'utf8', 'utf8'>;

async function entries(db: Text, options: object = {}): Promise<[string, string][]> {
  await using iterator = await db.iterator<'utf8', 'utf8'>(options);
  return await all(iterator);
}

/** A generator of numbers below `below`, always the same. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function copySuite(makeHost: MakeHost): void {
  describe('a copy of a column family', () => {
    it('has other options, and the same entries', async () => {
      const host = makeHost();
      const db = await createText(host, { mergeOperator: 'stringappend' });
      for (let i = 0; i < 500; i++) await db.put(keyOf(i), `v${i}`);
      await db.merge(keyOf(3), 'more');
      await db.delete(keyOf(4));
      await db.deleteRange(keyOf(10), keyOf(20));
      const source = await db.defaultColumnFamily;
      const copy = await db.copyColumnFamily(source, 'copy', {
        comparator: 'reverseBytewise',
        mergeOperator: 'uint64add',
        compression: 'zstd',
      });
      expect(await entries(db, { columnFamily: copy })).toEqual((await entries(db)).reverse());
      expect(await db.get(keyOf(3), { columnFamily: copy })).toBe('v3,more');
      expect((await db.getOptions({ columnFamily: copy })).comparator).toBe('reverseBytewise');
      await db.close();
      const again = await host.open(db.path, TEXT);
      const columnFamily = await again.columnFamily('copy');
      expect((await entries(again, { columnFamily })).length).toBe(489);
    });

    it('has all that is written meanwhile, in whatever way', async () => {
      const host = makeHost();
      const db = await createText(host, {
        writeBufferSize: 64 * 1024,
        level0FileNumCompactionTrigger: 2,
        mergeOperator: 'stringappend',
      });
      const columnFamily = await db.createColumnFamily('source', {
        writeBufferSize: 64 * 1024,
        mergeOperator: 'stringappend',
      });
      const options = { columnFamily };
      const next = numbers(7);
      const some = () => keyOf(next(3000));
      for (let i = 0; i < 3000; i++) await db.put(keyOf(i), `${i} ${'.'.repeat(50)}`, options);
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, { columnFamily });
      await writer.open(file);
      for (let i = 2900; i < 3100; i++) await writer.put(keyOf(i), 'ingested');
      await writer.finish();
      let turns = 0;
      let rounds = 0;
      const busy = async () => {
        turns++;
        for (let i = 0; i < 40; i++) {
          const key = some();
          const what = next(12);
          if (what < 6) await db.put(key, `turn ${turns} ${i}`, options);
          else if (what < 8) await db.delete(key, options);
          else if (what === 8) await db.merge(key, `m${turns}`, options);
          else if (what === 9) {
            await db.put(key, 'no log', { ...options, disableWAL: true });
          } else if (what === 10) {
            using batch = db.batch();
            batch.put(key, 'batch', options).delete(some(), options);
            await db.write(batch);
          } else {
            const from = next(3000);
            await db.deleteRange(keyOf(from), keyOf(from + next(30)), options);
          }
        }
        if (turns === 5) await db.ingestExternalFile([file], options);
        if (turns % 7 === 0) await db.flush(options);
        if (turns % 11 === 0) await db.compactRange(options);
      };
      const copy = await db.copyColumnFamily(columnFamily, 'copy', {
        bytesPerTurn: 8 * 1024,
        progress: ({ round }) => {
          rounds = Math.max(rounds, round);
          // Between two steps of the copy.
          void busy();
        },
      });
      expect(turns).toBeGreaterThan(20);
      expect(rounds).toBeGreaterThan(0);
      const [mine, theirs] = [
        await entries(db, options),
        await entries(db, { columnFamily: copy }),
      ];
      expect(mine.length).toBeGreaterThan(1000);
      expect(theirs).toEqual(mine);
      expect(new Map(theirs).get(keyOf(3050))).toBe('ingested');
    });

    it('keeps wide columns and large values', async () => {
      const host = makeHost();
      const db = await createText(host);
      const file = `${host.path()}.sst`;
      await using writer = new SstFileWriter(db.engine, TEXT);
      await writer.open(file);
      await writer.putEntity('entity', { '': 'default', name: 'n' });
      await writer.finish();
      await db.ingestExternalFile([file]);
      await db.put('large', 'x'.repeat(3_000_000));
      const copy = await db.copyColumnFamily(await db.defaultColumnFamily, 'copy', {
        enableBlobFiles: true,
      });
      await db.flush({ columnFamily: copy });
      expect((await db.getColumnFamilyMetaData({ columnFamily: copy })).blobFiles.length).toBe(1);
      expect((await db.get('large', { columnFamily: copy }))?.length).toBe(3_000_000);
      const [table] =
        (await db.getColumnFamilyMetaData({ columnFamily: copy })).levels[0]?.files ?? [];
      const path = `${table?.directory}/${table?.relativeFilename}`;
      await using reader = new SstFileReader(db.engine, path, { columnFamily: copy });
      await using raw = await reader.rawIterator();
      expect((await all(raw)).map(({ key, type }) => [key, type])).toEqual([
        ['entity', 'putEntity'],
        ['large', 'blobIndex'],
      ]);
    });

    it('takes the place of its source', async () => {
      const host = makeHost();
      const db = await createText(host);
      const source = await db.createColumnFamily('source');
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'v', { columnFamily: source });
      const copy = await db.copyColumnFamily(source, 'copy', {
        comparator: 'reverseBytewise',
        disableWAL: true,
        dropSource: true,
      });
      expect(source.dropped).toBe(true);
      expect(await db.columnFamilyNames).toEqual(['default', 'copy']);
      expect((await entries(db, { columnFamily: copy })).length).toBe(100);
      expect(await db.getIntProperty('rocksdb.num-snapshots')).toBe(0n);
      await db.close();
      expect(await host.listColumnFamilies(db.path)).toEqual(['default', 'copy']);
    });

    it('that fails is dropped', async () => {
      const host = makeHost();
      const db = await createText(host);
      for (let i = 0; i < 2000; i++) await db.put(keyOf(i), 'v'.repeat(100));
      const source = await db.defaultColumnFamily;
      const small = { bytesPerTurn: 1024 };
      const isUndone = async () => {
        expect(await db.columnFamilyNames).toEqual(['default']);
        expect(await db.getIntProperty('rocksdb.num-snapshots')).toBe(0n);
        const { handles } = await db.engine.heap.report();
        expect(handles.filter(({ kind }) => kind === 'databaseHold')).toEqual([]);
      };
      const mine = new Error('mine');
      const progress = () => {
        throw mine;
      };
      await expect(db.copyColumnFamily(source, 'copy', { progress })).rejects.toBe(mine);
      await isUndone();
      const abort = new AbortController();
      const aborted = db.copyColumnFamily(source, 'copy', {
        ...small,
        signal: abort.signal,
        progress: ({ bytes }) => {
          if (bytes > 10_000) abort.abort(mine);
        },
      });
      await expect(aborted).rejects.toBe(mine);
      await isUndone();
      const files = await errorOf(() =>
        db.copyColumnFamily(source, 'copy', {
          ...small,
          progress: () => void db.deleteFilesInRanges([{}]),
        }),
      );
      expect(files.code).toBe('ERR_ROCKSDB_BUSY');
      await isUndone();
      const target = await errorOf(() =>
        db.copyColumnFamily(source, 'copy', {
          ...small,
          progress: () => void db.columnFamily('copy')?.free(),
        }),
      );
      expect(target.code).toBe('ERR_ROCKSDB_ABORTED');
      // Its data is there still, and goes with the next attempt.
      await db.close();
      const again = await host.open(db.path, TEXT);
      expect(await again.columnFamilyNames).toEqual(['default', 'copy']);
      const there = await errorOf(() => again.copyColumnFamily(again.defaultColumnFamily, 'copy'));
      expect(there.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      const columnFamily = await again.copyColumnFamily(again.defaultColumnFamily, 'copy', {
        replace: true,
      });
      expect(await entries(again, { columnFamily })).toEqual(await entries(again));
    });

    it('ends with its database', async () => {
      const host = makeHost();
      const told: string[] = [];
      const db = await createText(host, {
        onUnreleased: (handles) => told.push(...handles.map(({ kind }) => kind)),
      });
      for (let i = 0; i < 2000; i++) await db.put(keyOf(i), 'v'.repeat(100));
      const copying = db.copyColumnFamily(await db.defaultColumnFamily, 'copy', {
        bytesPerTurn: 1024,
      });
      const failed = errorOf(() => copying);
      await db.freeUnreleased();
      expect((await failed).code).toBe('ERR_ROCKSDB_ABORTED');
      const second = errorOf(() => db.copyColumnFamily(db.defaultColumnFamily, 'two'));
      await db.close();
      expect((await second).code).toBe('ERR_ROCKSDB_ABORTED');
      expect(told).toEqual(['databaseHold']);
    });

    it('is refused when it makes no sense', async () => {
      const db = await createText(makeHost());
      const source = await db.defaultColumnFamily;
      const codeOf = async (name: string, options: object, from = source) =>
        (await errorOf(() => db.copyColumnFamily(from, name, options))).code;
      const [invalid, option] = ['ERR_ROCKSDB_INVALID_ARGUMENT', 'ERR_ROCKSDB_INVALID_OPTION'];
      expect(await codeOf('default', {})).toBe(invalid);
      expect(await codeOf('', {})).toBe(invalid);
      expect(await codeOf('a', { dropSource: true })).toBe(invalid);
      expect(await codeOf('a', { bytesPerTurn: 0 })).toBe(option);
      expect(await codeOf('a', { progress: 1 })).toBe(option);
      expect(await codeOf('a', { signal: {} })).toBe(option);
      expect(await codeOf('a', { comparator: 'nonsense' })).toBe(option);
      expect(await codeOf('a', {}, {} as typeof source)).toBe(invalid);
      const dropped = await db.createColumnFamily('dropped');
      await db.dropColumnFamily(dropped);
      expect(await codeOf('a', {}, dropped as typeof source)).toBe(
        'ERR_ROCKSDB_COLUMN_FAMILY_DROPPED',
      );
      expect(await db.columnFamilyNames).toEqual(['default']);
    });
  });
}
