/**
 * What the examples of other bindings show (RocksJava's samples and basics, rust-rocksdb's documentation), done
 * with this one: somebody who comes from there finds each of them here.
 */
import {
  BackupEngine,
  Cache,
  type FileSystem,
  HISTOGRAMS,
  type HistogramName,
  MemoryFileSystem,
  NodeFileSystem,
  RateLimiter,
  RocksDB,
  Statistics,
  stderrLogger,
  TICKERS,
  type TickerName,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeWorld, text, using, type World } from './rocksdb-c/world.js';
import { errorOf, tempFolder } from './support/open.js';

type Place = readonly [where: string, make: () => { fileSystem: FileSystem; folder: string }];
const PLACES: readonly Place[] = [
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '' })],
];
const CREATE = { createIfMissing: true };

describe.each(PLACES)("other bindings' examples, %s", (_where, make) => {
  const start = (): Promise<World> => {
    const { fileSystem, folder } = make();
    return makeWorld(fileSystem, folder);
  };

  describe('RocksJava', () => {
    it('RocksDBSample: a database that is not there', async () => {
      const { open } = await start();
      const error = await errorOf(() => open());
      expect(error.code).toBe('ERR_ROCKSDB_DATABASE_MISSING');
    });

    it('RocksDBSample: options, memtable and table formats', async () => {
      const { engine, keep, open } = await start();
      const cache = keep(new Cache(engine, { capacity: 64 * 1024, shardBits: 6 }));
      const rateLimiter = keep(
        new RateLimiter(engine, { bytesPerSecond: 10_000_000, refillPeriodMicros: 10_000 }),
      );
      const options = {
        writeBufferSize: 64 * 1024,
        maxWriteBufferNumber: 3,
        compression: 'zlib',
        compactionStyle: 'universal',
      } as const;
      const blockBasedTable = {
        filterPolicy: { type: 'bloom', bitsPerKey: 10 },
        blockSizeDeviation: 5,
        blockRestartInterval: 10,
        cacheIndexAndFilterBlocks: true,
      } as const;
      const db = await open({
        ...CREATE,
        ...options,
        maxBackgroundJobs: 10,
        rateLimiter,
        blockBasedTable: { ...blockBasedTable, blockCache: cache },
      });
      expect(db.getOptions()).toMatchObject({ ...options, blockBasedTable });
      expect(db.getOptions().memtableFactory).toBe('skipList');
      expect(db.getDBOptions()).toMatchObject({ maxBackgroundJobs: 10 });
      db.put('hello', 'world');
      expect(db.get('hello')).toBe('world');
      expect(db.getProperty('rocksdb.stats')).toMatch(/\S/);

      for (const memtableFactory of [
        'prefixHash:20000',
        'hashLinkedlist:100000',
        'vector:10000',
      ] as const) {
        const formats = { memtableFactory, plainTable: {}, allowMmapReads: true } as const;
        const other = await open(
          {
            ...CREATE,
            ...formats,
            prefixExtractor: 'fixed:1',
            allowConcurrentMemtableWrite: false,
          },
          memtableFactory,
        );
        expect(other.getOptions()).toMatchObject({ memtableFactory, plainTable: {} });
        other.put('hello', 'world');
        other.flush();
        expect(other.get('hello')).toBe('world');
      }
    });

    it('RocksDBSample: a table of products, batches, writes and reads with options', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      for (let i = 1; i <= 9; i++) for (let j = 1; j <= 9; j++) db.put(`${i}x${j}`, `${i * j}`);
      for (let i = 10; i <= 19; i++) {
        using(db.batch(), (batch) => {
          for (let j = 10; j <= 19; j++) batch.put(`${i}x${j}`, `${i * j}`);
          db.write(batch);
        });
      }
      for (let i = 1; i <= 19; i++) {
        const first = i < 10 ? 1 : 10;
        for (let j = first; j < first + 9; j++) expect(db.get(`${i}x${j}`)).toBe(`${i * j}`);
      }
      expect(db.get('1x1')).toBe('1');
      for (const options of [{}, { fillCache: false }]) {
        expect(db.get('world', options)).toBeUndefined();
      }
      const value = "asdfghjkl;'?><MNBVCXZQWERTYUIOP{+_)(*&^%$#@";
      db.put('asdf', value, { sync: true, disableWAL: false });
      expect(db.get('asdf', { fillCache: false })).toBe(value);
      // The length without the value, which Java asks for with an array that is too short.
      const pinned = db.getPinned('asdf');
      expect(pinned?.length).toBe(value.length);
      pinned?.free();
      db.delete('asdf');
      expect(db.get('asdf')).toBeUndefined();
    });

    it('RocksDBSample: each ticker and each histogram', async () => {
      const { engine, keep, open } = await start();
      const statistics = keep(new Statistics(engine));
      const db = await open({ ...CREATE, statistics });
      db.put('hello', 'world');
      db.get('hello');
      const tickers = Object.keys(TICKERS) as TickerName[];
      expect(tickers.length).toBeGreaterThan(200);
      for (const ticker of tickers) expect(statistics.getTickerCount(ticker)).toBeTypeOf('number');
      expect(statistics.getTickerCount('numberKeysRead')).toBe(1);
      const histograms = Object.keys(HISTOGRAMS) as HistogramName[];
      for (const histogram of histograms) {
        expect(statistics.histogramData(histogram).count).toBeTypeOf('number');
      }
      expect(statistics.histogramData('dbGetMicros').count).toBe(1);
    });

    it('RocksDBSample: iterating to both ends, and all of its keys at once', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      const entries = ['a', 'b', 'c'].map((key) => [key, key.toUpperCase()] as [string, string]);
      for (const [key, value] of entries) db.put(key, value);
      using(db.iterator(), (iterator) => {
        expect([...iterator]).toEqual(entries);
        iterator.seek('b');
        expect(iterator.next()).toEqual(['b', 'B']);
      });
      const keys = using(db.iterator({ reverse: true }), (iterator) => [...iterator.keys()]);
      expect(keys).toEqual(['c', 'b', 'a']);
      expect(db.getMany(keys)).toEqual(['C', 'B', 'A']);
    });

    it('RocksDBColumnFamilySample: two column families', async () => {
      const { open } = await start();
      const first = await open(CREATE);
      first.createColumnFamily('new_cf');
      first.close();
      const db = await open({ columnFamilies: { new_cf: {} } });
      const columnFamily = db.columnFamily('new_cf');
      if (columnFamily === undefined) throw new Error('new_cf is missing');
      db.put('key', 'value', { columnFamily });
      expect(db.get('key', { columnFamily })).toBe('value');
      using(db.batch(), (batch) => {
        batch.put('key2', 'value2');
        batch.put('key3', 'value3', { columnFamily }).delete('key', { columnFamily });
        db.write(batch);
      });
      expect(db.getMany(['key2', 'key3'])).toEqual(['value2', undefined]);
      expect(db.getMany(['key', 'key3'], { columnFamily })).toEqual([undefined, 'value3']);
      db.dropColumnFamily(columnFamily);
      expect(db.columnFamilyNames).toEqual(['default']);
    });

    it('basics: a value moves from key to key, and the database closes', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      db.put('key1', 'value');
      const value = db.get('key1');
      if (value !== undefined) db.put('key2', value);
      db.delete('key1');
      db.close();
      const again = await open();
      expect(again.getMany(['key1', 'key2'])).toEqual([undefined, 'value']);
    });

    it('basics: RocksDB logs to a logger of the program', async () => {
      const { open } = await start();
      const lines: string[] = [];
      const db = await open({
        ...CREATE,
        logger: { infoLogLevel: 'debug', log: (_level, message) => void lines.push(message) },
      });
      db.flush();
      expect(lines.some((line) => line.includes('RocksDB version'))).toBe(true);
      expect(stderrLogger().log).toBeTypeOf('function');
    });
  });

  describe('rust-rocksdb', () => {
    it('open with defaults, put, get, delete, destroy', async () => {
      const { open, destroy, exists, path } = await start();
      const db = await open(CREATE);
      db.put('my key', 'my value');
      expect(db.get('my key')).toBe('my value');
      db.delete('my key');
      expect(db.get('my key')).toBeUndefined();
      db.close();
      await destroy();
      expect(exists(path())).toBe(false);
    });

    it('a column family with options of its own', async () => {
      const { open } = await start();
      const db = await open({
        ...CREATE,
        createMissingColumnFamilies: true,
        columnFamilies: { cf1: { maxWriteBufferNumber: 16 } },
      });
      const columnFamily = db.columnFamily('cf1');
      expect(db.getOptions({ columnFamily }).maxWriteBufferNumber).toBe(16);
      expect(db.getOptions().maxWriteBufferNumber).toBe(2);
    });

    it('iterating from the start, from the end, and from a key in both directions', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      for (const key of ['k1', 'k2', 'k3', 'k4']) db.put(key, `of ${key}`);
      const keys = (reverse: boolean, from?: string) =>
        using(db.iterator({ reverse }), (iterator) => {
          if (from !== undefined) iterator.seek(from);
          return [...iterator.keys()];
        });
      expect(keys(false)).toEqual(['k1', 'k2', 'k3', 'k4']);
      expect(keys(true)).toEqual(['k4', 'k3', 'k2', 'k1']);
      expect(keys(false, 'k2')).toEqual(['k2', 'k3', 'k4']);
      expect(keys(true, 'k3')).toEqual(['k3', 'k2', 'k1']);
      // Between keys: the next one in the direction.
      expect(keys(false, 'k15')).toEqual(['k2', 'k3', 'k4']);
      expect(keys(true, 'k15')).toEqual(['k1']);
      // One iterator may be set anew.
      using(db.iterator(), (iterator) => {
        expect(iterator.nextMany(2)).toHaveLength(2);
        iterator.seek('k4');
        expect([...iterator]).toEqual([['k4', 'of k4']]);
        iterator.seekToStart();
        expect(iterator.next()).toEqual(['k1', 'of k1']);
      });
    });

    it('iterating over a prefix', async () => {
      const { open } = await start();
      const db = await open({
        ...CREATE,
        prefixExtractor: { name: 'first-three', transform: (key) => Math.min(3, key.length) },
      });
      for (const key of ['aaa1', 'bbb1', 'aaa2']) db.put(key, key);
      db.flush();
      const seeking = using(db.iterator({ prefixSameAsStart: true }), (iterator) => {
        iterator.seek('aaa');
        return [...iterator.keys()];
      });
      expect(seeking).toEqual(['aaa1', 'aaa2']);
      const bounded = using(db.iterator({ prefix: 'bbb' }), (iterator) => [...iterator.keys()]);
      expect(bounded).toEqual(['bbb1']);
    });

    it('a checkpoint is a database of its own', async () => {
      const { open, path } = await start();
      const db = await open(CREATE);
      db.put('k1', 'v1');
      db.checkpoint(path('checkpoint'));
      db.put('k1', 'later');
      const copy = await open({}, 'checkpoint');
      expect([db.get('k1'), copy.get('k1')]).toEqual(['later', 'v1']);
    });

    it('a backup brings back what was there', async () => {
      const { engine, keep, open, path } = await start();
      const db = await open(CREATE);
      db.put('k1', 'v1');
      const backups = keep(await BackupEngine.open(path('backup'), { engine }));
      backups.createNewBackup(db, { flushBeforeBackup: true });
      const [info] = backups.getBackupInfo();
      backups.verifyBackup(info?.backupId ?? 0);
      db.put('k1', 'lost');
      db.close();
      backups.restoreDBFromLatestBackup(path());
      expect((await open()).get('k1')).toBe('v1');
    });

    it('a merge operator that joins what it is given', async () => {
      const { open } = await start();
      const mergeOperator = {
        name: 'concat',
        fullMerge: (
          _key: Uint8Array,
          existing: Uint8Array | undefined,
          operands: readonly Uint8Array[],
        ) => [...(existing ? [existing] : []), ...operands].map(text).join(''),
      };
      const db = await open({ ...CREATE, mergeOperator });
      db.put('k1', 'a');
      for (const operand of ['b', 'c', 'd', 'efg']) db.merge('k1', operand);
      expect(db.get('k1')).toBe('abcdefg');
      db.merge('k2', 'alone');
      db.compactRange();
      expect(db.getMany(['k1', 'k2'])).toEqual(['abcdefg', 'alone']);
    });

    it('a compaction filter keeps, removes and changes', async () => {
      const { open } = await start();
      const db = await open({
        ...CREATE,
        compactionFilter: {
          name: 'by-first-letter',
          filter: (key) => {
            if (text(key).startsWith('_')) return 'remove';
            return text(key).startsWith('%') ? { value: 'secret' } : 'keep';
          },
        },
      });
      for (const key of ['k1', '_k', '%k']) db.put(key, 'a');
      db.compactRange();
      expect(db.getMany(['k1', '_k', '%k'])).toEqual(['a', undefined, 'secret']);
    });

    it('a batch is written whole', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      using(db.batch(), (batch) => {
        batch.put('my key', 'my value').put('key2', 'value2').put('key3', 'value3').delete('key2');
        expect(batch.count).toBe(4);
        expect(db.get('my key')).toBeUndefined();
        db.write(batch);
      });
      expect(db.getMany(['my key', 'key2', 'key3'])).toEqual(['my value', undefined, 'value3']);
    });

    it('a snapshot reads and iterates as it was', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      db.put('k1', 'v1');
      using(db.snapshot(), (snapshot) => {
        db.put('k1', 'v2');
        db.put('k2', 'new');
        expect(db.get('k1', { snapshot })).toBe('v1');
        using(db.iterator({ snapshot }), (iterator) => {
          expect([...iterator]).toEqual([['k1', 'v1']]);
        });
      });
      expect(db.get('k1')).toBe('v2');
    });

    it('several keys at once, of several column families', async () => {
      const { open } = await start();
      const db = await open(CREATE);
      const cf1 = db.createColumnFamily('cf1');
      db.put('k1', 'v1');
      db.put('k1', 'of cf1', { columnFamily: cf1 });
      expect(db.getMany(['k0', 'k1'])).toEqual([undefined, 'v1']);
      const columnFamilies = [db.defaultColumnFamily, cf1];
      expect(db.getMany(['k1', 'k1'], { columnFamilies })).toEqual(['v1', 'of cf1']);
    });

    it('opening for reading only, and as a secondary', async () => {
      const { engine, open, path } = await start();
      const db = await open(CREATE);
      db.put('k1', 'v1');
      const secondary = await RocksDB.openAsSecondary(path(), path('secondary'), { engine });
      try {
        db.put('k1', 'v2');
        secondary.tryCatchUpWithPrimary();
        expect(secondary.get('k1', { valueEncoding: 'utf8' })).toBe('v2');
      } finally {
        secondary.close();
      }
      db.close();
      const reader = await open({ readOnly: true });
      expect(reader.get('k1')).toBe('v2');
      expect(() => reader.put('k1', 'v3')).toThrow(/reading only/);
    });
  });
});
