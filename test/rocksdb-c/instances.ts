/** Bounds, formats, other ways to open, and the end. */
import { RocksDB, Statistics } from 'rocksdb-wasm';
import { expect } from 'vitest';
import { openAt } from '../support/open.js';
import { expectNext, expectValues, type Phases, TEXT, using, withHello } from './world.js';

const CREATE = { createIfMissing: true };

export const INSTANCES: Phases = {
  async iterate_upper_bound({ open, options }) {
    const db = await open({ ...options, ...CREATE });
    for (const [key, value] of [
      ['a', '0'],
      ['foo', 'bar'],
      ['foo1', 'bar1'],
      ['g1', '0'],
    ] as const) {
      db.put(key, value);
    }
    using(db.iterator(), (iterator) => {
      iterator.seek('foo');
      expectNext(iterator, 'foo', 'bar');
      expectNext(iterator, 'foo1', 'bar1');
      expectNext(iterator, 'g1', '0');
    });
    using(db.iterator({ lt: 'foo2' }), (iterator) => {
      iterator.seek('foo');
      expectNext(iterator, 'foo', 'bar');
      expectNext(iterator, 'foo1', 'bar1');
      expect(iterator.next()).toBeUndefined();
    });
  },

  async memtable_reps({ open, options }) {
    for (const [index, memtableFactory] of (['vector', 'prefixHash:5000'] as const).entries()) {
      const formats = {
        memtableFactory,
        prefixExtractor: 'fixed:3',
        comparator: 'bytewise',
        allowConcurrentMemtableWrite: false,
      } as const;
      const db = await open({ ...options, ...CREATE, ...formats }, `memtable${index}`);
      expect(db.getOptions()).toMatchObject({ memtableFactory });
      db.put('foo1', 'hello');
      expectValues(db, { foo1: 'hello', foo2: undefined });
      db.flush();
      expectValues(db, { foo1: 'hello' });
    }
  },

  async open_as_secondary({ engine, open, path, exists }) {
    const db = await open(CREATE);
    const secondary = await RocksDB.openAsSecondary(path(), path('secondary'), {
      engine,
      ...TEXT,
      maxOpenFiles: -1,
    });
    try {
      db.put('key0', 'value0', { disableWAL: true });
      db.flush();
      expect(secondary.get('key0')).toBeUndefined();
      secondary.tryCatchUpWithPrimary();
      expect(db.get('key0')).toBe('value0');
      expect(secondary.get('key0', { verifyChecksums: true })).toBe('value0');
      db.put('key1', 'value1');
      secondary.tryCatchUpWithPrimary();
      expect(secondary.getMany(['key0', 'key1'])).toEqual(['value0', 'value1']);
    } finally {
      secondary.close();
    }
    await RocksDB.destroy(path('secondary'), { engine });
    expect(exists(path('secondary'))).toBe(false);
    expectValues(db, { key0: 'value0', key1: 'value1' });
  },

  async open_db_paths(world) {
    const { path } = world;
    const dbPaths = [{ path: path('dbpath'), targetSize: 1024 * 1024 }];
    const db = await withHello(world, { dbPaths });
    db.flush();
    expect(db.getLiveFilesMetaData().map(({ directory }) => directory)).toEqual([path('dbpath')]);
    db.close();
    expectValues(await world.open({ ...world.options, dbPaths }), { foo: 'hello' });
  },

  async filter_with_prefix_seek({ open, options, cache }) {
    const blockBasedTable = { ...options.blockBasedTable, blockCache: cache };
    const db = await open({
      ...options,
      ...CREATE,
      prefixExtractor: 'fixed:1',
      blockBasedTable: { ...blockBasedTable, filterPolicy: { type: 'bloom', bitsPerKey: 8 } },
    });
    for (let i = 0; i < 10; i++) db.put(String(i), '');
    db.flush();
    for (const totalOrderSeek of [true, false]) {
      using(db.iterator({ totalOrderSeek }), (iterator) => {
        iterator.seek('0');
        expect([...iterator.keys()]).toHaveLength(10);
      });
    }
  },

  async statistics({ engine, open, options, keep }) {
    const statistics = keep(new Statistics(engine, { level: 'all' }));
    const zero = {
      median: 0,
      percentile95: 0,
      percentile99: 0,
      average: 0,
      standardDeviation: 0,
      max: 0,
      count: 0,
      sum: 0,
    };
    const db = await open({ ...options, ...CREATE, statistics });
    expect(statistics.getTickerCount('bytesWritten')).toBe(0);
    // RocksDB's minimum of nothing is its largest bucket.
    expect(statistics.histogramData('dbWriteMicros')).toMatchObject(zero);
    for (let i = 0; i < 10; i++) db.put(String(i), '');
    expect(statistics.getTickerCount('rocksdb.bytes.written')).toBeGreaterThan(0);
    const written = statistics.histogramData('rocksdb.db.write.micros');
    expect(written.count).toBe(10);
    for (const figure of [
      'median',
      'percentile95',
      'percentile99',
      'average',
      'max',
      'sum',
    ] as const) {
      expect(written[figure], figure).toBeGreaterThan(0);
    }
  },

  async wait_for_compact(world) {
    const db = await withHello(world, { level0FileNumCompactionTrigger: 2 });
    db.put('box', 'c');
    db.waitForCompact({ flush: true });
    expect(db.getLiveFilesMetaData().map(({ level }) => level)).toEqual([0]);
    db.put('box', 'd');
    db.put('foo', 'again');
    db.waitForCompact({ flush: true });
    const files = db.getLiveFilesMetaData();
    expect(files.map(({ level, numEntries }) => [level, numEntries])).toEqual([[6, 2]]);
    expectValues(db, { box: 'd', foo: 'again' });
  },

  async cancel_all_background_work(world) {
    const db = await withHello(world);
    db.cancelAllBackgroundWork();
    expectValues(db, { foo: 'hello' });
    expect(() => db.compactRange()).toThrow();
  },

  async cleanup(world) {
    const { engine, path, options } = world;
    const db = await withHello(world);
    const [iterator, snapshot, batch] = [db.iterator(), db.snapshot(), db.batch()];
    for (const handle of [iterator, snapshot, batch]) {
      handle.free();
      handle.free();
    }
    db.close();
    db.close();
    expect(() => db.get('foo')).toThrow();

    // What is not freed, close() frees and tells; the objects of several databases outlive each of them.
    const forgotten: string[] = [];
    const again = await openAt(path(), {
      ...options,
      engine,
      onUnreleased: (handles) => forgotten.push(...handles.map(({ kind }) => kind)),
    });
    again.iterator();
    again.snapshot();
    again.close();
    expect(forgotten.sort()).toEqual(['iterator', 'snapshot']);
    expect(world.cache.capacity).toBe(100_000);
  },
};
