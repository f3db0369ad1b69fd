/** Options: what is set is what the engine has. */
import {
  BackupEngine,
  BackupEngineReadOnly,
  Cache,
  type DatabaseHold,
  getColumnFamilyOptionsFromString,
  getDBOptionsFromString,
  getStringFromColumnFamilyOptions,
  getStringFromDBOptions,
  InvalidOptionError,
  type Logger,
  type LogLevel,
  stderrLogger,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { expect, onTestFinished } from 'vitest';
import { errorOf } from '../support/open.js';
import { ALONE, COLUMN_FAMILY_OPTIONS, DB_OPTIONS, IN_DATABASE, REFUSED } from './option-values.js';
import { type Phases, type TextOptions, using, type World, withBox, withHello } from './world.js';

const CREATE = { createIfMissing: true };

/** Opens a database with the options and expects to find them in force, and in its OPTIONS file. */
async function expectInForce({ open }: World, options: TextOptions, name: string): Promise<void> {
  const db = await open({ ...CREATE, ...options }, name);
  expect(db.getOptions()).toMatchObject(options);
  db.close();
  const again = await open({}, name);
  expect(again.getOptions()).toMatchObject(options);
  again.close();
}

export const OPTIONS: Phases = {
  async options({ open, destroy }) {
    for (const run of [0, 1]) {
      const db = valuesOf(DB_OPTIONS, run);
      expect(withNumbers(getDBOptionsFromString(getStringFromDBOptions(db)))).toEqual(db);
      const family = valuesOf(COLUMN_FAMILY_OPTIONS, run);
      const text = getStringFromColumnFamilyOptions(family);
      expect(withNumbers(getColumnFamilyOptionsFromString(text))).toEqual(family);
    }
    const values: Readonly<Record<string, readonly unknown[]>> = {
      ...DB_OPTIONS,
      ...COLUMN_FAMILY_OPTIONS,
    };
    for (const [option, value] of Object.entries(REFUSED)) {
      const refused = open({ ...CREATE, [option]: value }, option);
      await expect(refused, option).rejects.toThrow(InvalidOptionError);
    }
    // In force in a database.
    const check = async (options: object, expected: object, name: string) => {
      const db = await open({ ...CREATE, ...options }, name);
      const inForce = withNumbers({ ...db.getOptions(), ...db.getDBOptions() });
      expect(inForce, name).toMatchObject(expected);
      db.close();
      await destroy(name);
    };
    for (const run of [0, 1]) {
      const together = Object.entries(valuesOf(values, run));
      const options = Object.fromEntries(together.filter(([name]) => !ALONE.includes(name)));
      await check(options, options, `together${run}`);
      for (const option of ALONE) {
        const { becomes, with: others } = IN_DATABASE[option] ?? {};
        const value = values[option]?.[run];
        await check({ ...others, [option]: value }, { [option]: becomes ?? value }, option);
      }
    }
  },

  async read_options(world) {
    const { cache } = world;
    const db = await withBox(world, { prefixExtractor: 'fixed:1' });
    const count = (options: Parameters<typeof db.iterator>[0]) =>
      using(db.iterator(options), (iterator) => [...iterator].length);
    db.put('unlogged', 'u', { disableWAL: true });
    expect(db.get('unlogged', { readTier: 'persisted' })).toBeUndefined();
    db.flush();
    expect(db.get('unlogged', { readTier: 'persisted' })).toBe('u');

    cache.eraseUnused();
    const empty = cache.occupancyCount;
    expect(db.get('foo', { fillCache: false })).toBe('hello');
    expect(cache.occupancyCount).toBe(empty);
    await expect(errorOf(() => db.get('foo', { readTier: 'blockCache' }))).resolves.toMatchObject({
      code: 'ERR_ROCKSDB_INCOMPLETE',
    });
    expect(db.get('foo', { fillCache: true, verifyChecksums: true })).toBe('hello');
    expect(cache.occupancyCount).toBeGreaterThan(empty);
    expect(db.get('foo', { readTier: 'blockCache', verifyChecksums: false })).toBe('hello');

    using(db.iterator({ tailing: true, readaheadSize: 100 }), (iterator) => {
      iterator.seek('v');
      expect(iterator.next()).toBeUndefined();
      db.put('v', 'new');
      iterator.seek('v');
      expect(iterator.next()).toEqual(['v', 'new']);
    });
    using(db.iterator({ prefixSameAsStart: true }), (iterator) => {
      iterator.seek('f');
      expect(iterator.next()).toEqual(['foo', 'hello']);
      expect(iterator.next()).toBeUndefined();
    });
    expect(count({ totalOrderSeek: true, backgroundPurgeOnIteratorCleanup: true })).toBe(4);
    for (const pinData of [false, true]) {
      using(db.iterator({ pinData, lt: 'c' }), (iterator) => {
        iterator.next();
        const pinned = iterator.getProperty('rocksdb.iterator.is-key-pinned');
        if (pinData) expect(pinned).toBe('1');
      });
    }
    db.deleteRange('a', 'g');
    expect(db.get('box')).toBeUndefined();
    expect(db.get('box', { ignoreRangeDeletions: true })).toBe('c');
    for (let i = 0; i < 300; i++) {
      db.put(`gone${i}`, '');
      db.delete(`gone${i}`);
    }
    await expect(errorOf(() => count({ maxSkippableInternalKeys: 200 }))).resolves.toMatchObject({
      code: 'ERR_ROCKSDB_INCOMPLETE',
    });
    // Milliseconds here: nothing takes so long.
    expect(count({ deadline: 300_000, ioTimeout: 400_000 })).toBe(2);
    for (const wrong of [{ deadline: -1 }, { ioTimeout: 0 }, { readTier: 'none' as 'all' }]) {
      expect(() => db.get('foo', wrong)).toThrow(InvalidOptionError);
    }
    expect(() => count({ readaheadSize: -1 })).toThrow(InvalidOptionError);
  },

  async write_options(world) {
    const db = await withHello(world);
    const logged = () => db.getCurrentWalFile().sizeFileBytes;
    const before = logged();
    db.put('k', 'unlogged', { disableWAL: true });
    expect(logged()).toBe(before);
    const { io } = db.withPerfContext('enableTime', () => db.put('k', 'synced', { sync: true }));
    expect(io.fsyncNanos).toBeGreaterThan(0);
    expect(logged()).toBeGreaterThan(before);
    expect(() => db.put('k', 'v', { sync: true, disableWAL: true })).toThrow(/WAL/);

    const columnFamily = db.createColumnFamily('dropped');
    using(db.batch(), (batch) => {
      batch.put('in', 'dropped', { columnFamily }).put('in', 'default');
      db.dropColumnFamily(columnFamily);
      expect(() => db.write(batch)).toThrow();
      db.write(batch, { ignoreMissingColumnFamilies: true });
    });
    expect(db.get('in')).toBe('default');
    using(db.batch(), (batch) => {
      const options = { noSlowdown: true, lowPri: true, memtableInsertHintPerBatch: true };
      db.write(batch.put('a', '1').put('b', '2'), options);
    });
    expect(db.getMany(['a', 'b'])).toEqual(['1', '2']);
  },

  async compact_options(world) {
    const db = await withHello(world, { disableAutoCompactions: true });
    db.compactRange({
      exclusiveManualCompaction: true,
      bottommostLevelCompaction: 'ifHaveCompactionFilter',
      changeLevel: true,
      targetLevel: 1,
    });
    expect(db.getLiveFilesMetaData().map(({ level }) => level)).toEqual([1]);
    const [before] = db.getLiveFilesMetaData();
    db.compactRange({ bottommostLevelCompaction: 'force' });
    const [after] = db.getLiveFilesMetaData();
    expect(after?.fileNumber).toBeGreaterThan(before?.fileNumber as number);
    expect(() => db.compactRange({ targetLevel: 1.5 })).toThrow(InvalidOptionError);
  },

  async flush_options(world) {
    const db = await withHello(world, { disableAutoCompactions: true });
    db.flush({ wait: true });
    expect(db.getLiveFilesMetaData()).toHaveLength(1);
    db.put('foo', 'again');
    db.flush({ wait: false, allowWriteStall: true });
    world.engine.pump();
    expect(db.getLiveFilesMetaData()).toHaveLength(2);
    expect(() => db.flush({ wait: 1 as never })).toThrow(InvalidOptionError);
  },

  cache_options({ engine }) {
    using(new Cache(engine, { capacity: 100 }), (cache) => {
      expect(cache.capacity).toBe(100);
      cache.setCapacity(200);
      expect(cache.capacity).toBe(200);
    });
  },

  jemalloc_nodump_allocator({ engine }) {
    // RocksDB answers NotSupported there where jemalloc is not linked in, as it is not here: there is one
    // allocator, which counts each byte, and no option for another.
    const memoryAllocator = { memoryAllocator: {} } as object;
    expect(() => new Cache(engine, { capacity: 100, ...memoryAllocator })).toThrow(
      InvalidOptionError,
    );
  },

  async stderr_logger({ open }) {
    const { error } = console;
    onTestFinished(() => {
      console.error = error;
    });
    for (const prefix of ['', 'some prefix']) {
      const lines: string[] = [];
      console.error = (line: string) => void lines.push(line);
      const logger = stderrLogger({ level: 'info', prefix });
      const db = await open({ ...CREATE, logger }, `of${prefix.length}`);
      db.put('k', 'v');
      db.flush();
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line.startsWith(`${prefix}[`), line).toBe(true);
      expect(lines.some((line) => line.includes('[info]'))).toBe(true);
    }
    const levels = new Set<LogLevel>();
    const logger: Logger = { infoLogLevel: 'error', log: (level) => void levels.add(level) };
    (await open({ ...CREATE, logger }, 'quiet')).flush();
    expect(levels).toContain('header');
    expect(levels).not.toContain('info');
  },

  env({ engine }) {
    const threads = [10, 20, 30] as const;
    const priorities = ['low', 'high', 'bottom'] as const;
    for (const [index, priority] of priorities.entries()) {
      engine.env.setBackgroundThreads(threads[index] as number, priority);
    }
    expect(priorities.map((priority) => engine.env.getBackgroundThreads(priority))).toEqual(
      threads,
    );
    expect(engine.env.getBackgroundThreads()).toBe(10);
  },

  async universal_compaction_options(world) {
    const compactionOptionsUniversal = {
      sizeRatio: 5,
      minMergeWidth: 15,
      maxMergeWidth: 25,
      maxSizeAmplificationPercent: 35,
      compressionSizePercent: 45,
      stopStyle: 'totalSize',
    } as const;
    const options = { compactionStyle: 'universal', compactionOptionsUniversal } as const;
    await expectInForce(world, options, 'universal');
  },

  async fifo_compaction_options(world) {
    const compactionOptionsFifo = { maxTableFilesSize: 100_000n };
    const options = { compactionStyle: 'fifo', compactionOptionsFifo, numLevels: 1 } as const;
    await expectInForce(world, options, 'fifo');
  },

  async backup_engine_option(world) {
    const { engine, path } = world;
    const db = await withHello(world, { comparator: 'bytewise' });
    const options = {
      shareTableFiles: true,
      sync: true,
      destroyOldData: true,
      backupLogFiles: true,
      backupRateLimit: 123 << 20,
      restoreRateLimit: 37 << 20,
      maxBackgroundOperations: 20,
      callbackTriggerIntervalSize: 100,
      shareFilesWithChecksumNaming: 'dbSessionId',
    } as const;
    let calls = 0;
    for (let run = 0; run < 2; run++) {
      const backups = await BackupEngine.open(path('backup'), { engine, ...options });
      // The second one finds nothing: destroyOldData.
      expect(backups.getBackupInfo()).toEqual([]);
      db.flush();
      backups.createNewBackup(db, { progress: () => void calls++ });
      const [info] = backups.getBackupInfo({ includeFileDetails: true });
      const names = info?.fileDetails?.map(({ relativeFilename }) => relativeFilename);
      const table = /^shared_checksum\/\d+_s\w{20}\.sst$/;
      expect(names).toContainEqual(expect.stringMatching(table));
      backups.createNewBackup(db);
      backups.free();
    }
    expect(calls).toBeGreaterThan(10);
    const opened = await BackupEngineReadOnly.open(path('backup'), {
      engine,
      maxValidBackupsToOpen: 1,
    });
    using(opened, (one) => expect(one.getBackupInfo()).toHaveLength(1));
    for (const wrong of [
      { backupRateLimit: -1 },
      { maxBackgroundOperations: 0 },
      { sync: 'yes' },
    ]) {
      const error = await errorOf(() =>
        BackupEngine.open(path('backup'), { engine, ...(wrong as object) }),
      );
      expect(error).toBeInstanceOf(InvalidOptionError);
    }
  },

  async compression_options(world) {
    const compressionOpts = {
      maxDictBytes: 1000,
      zstdMaxTrainBytes: 100,
      maxDictBufferBytes: 200n,
      useZstdDictTrainer: false,
    };
    await expectInForce(world, { compressionOpts }, 'compression');
    const bottommostCompressionOpts = { ...compressionOpts, enabled: true };
    await expectInForce(world, { bottommostCompressionOpts }, 'bottommost');
    // There is one thread.
    const threads = { compressionOpts: { parallelThreads: 2 } };
    await expect(world.open({ ...CREATE, ...threads }, 'threads')).rejects.toThrow(/one thread/);
  },

  async wait_for_compact_options(world) {
    const db = await withHello(world);
    const hold: DatabaseHold = db.pauseBackgroundWork();
    expect(() => db.waitForCompact({ abortOnPause: true })).toThrow(/[Aa]bort|paused/);
    hold.free();
    db.waitForCompact({ flush: true, timeout: 342_000_000, abortOnPause: true });
    expect(db.getLiveFilesMetaData()).toHaveLength(1);
    expect(() => db.waitForCompact({ timeout: -1 })).toThrow(InvalidOptionError);
    db.waitForCompact({ closeDb: true });
    expect(() => db.get('foo')).toThrow();
  },

  async write_buffer_manager({ engine, open, keep }) {
    const cache = keep(new Cache(engine, { capacity: 100 }));
    const manager = keep(new WriteBufferManager(engine, { bufferSize: 200, cache }));
    expect(manager).toMatchObject({ enabled: true, costToCache: true, bufferSize: 200 });
    manager.setBufferSize(300);
    expect(manager.bufferSize).toBe(300);
    const db = await open({ ...CREATE, writeBufferManager: manager });
    db.put('k', 'v');
    expect(manager.memoryUsage).toBeGreaterThan(0);
    db.close();
    expect(manager.memoryUsage).toBe(0);
  },
};

/** One of the two values of each option, where it can be set. */
function valuesOf(table: Readonly<Record<string, readonly unknown[]>>, run: number): object {
  const entries = Object.entries(table).map(([option, values]) => [option, values[run]] as const);
  return Object.fromEntries(
    entries.filter(([option, value]) => value !== undefined && REFUSED[option] !== value),
  );
}

/** 64-bit integers are read back as bigint. */
function withNumbers(options: object): object {
  const entries = Object.entries(options);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}
