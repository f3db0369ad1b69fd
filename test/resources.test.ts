/** What databases of one engine share: caches, limits of memory, of rate and of space. */
import {
  BusyError,
  Cache,
  CompressedSecondaryCache,
  type Engine,
  type EngineOptions,
  InvalidOptionError,
  ManualClock,
  MemoryFileSystem,
  RateLimiter,
  RocksDB,
  SstFileManager,
  Statistics,
  WriteBufferManager,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { noise } from './core/host.js';
import { errorOf, makeEngine, openAt } from './support/open.js';
import { PLACES } from './support/places.js';

const CREATE = { createIfMissing: true, compression: 'none' } as const;
/** Memtables grow in steps of this; by default of 1 MiB, which is as much as some limits here. */
const SMALL_STEPS = { ...CREATE, arenaBlockSize: 16 << 10 } as const;
const SECOND = 1_000_000_000n;

const inMemory = (options: EngineOptions = {}) =>
  makeEngine({ fileSystem: new MemoryFileSystem(), ...options });

const keyOf = (i: number) => `k${String(i).padStart(6, '0')}`;

/** Puts `count` values of 1,000 bytes that do not compress. */
function fill(db: RocksDB, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) db.put(keyOf(i), noise(1000, i + 1));
}

function readAll(db: RocksDB, count: number): void {
  for (let i = 0; i < count; i++) db.get(keyOf(i));
}

const filesOf = (engine: Engine, path: string, ending: string) =>
  engine.fileSystem.readDirectory(path).filter(({ name }) => name.endsWith(ending)).length;

/** After two rounds to warm up, a third leaves every owner's bytes as they were, and no handle. */
function expectNoGrowth(engine: Engine, round: () => void): void {
  round();
  round();
  const before = engine.heap.owners();
  round();
  const after = engine.heap.owners();
  for (const [owner, { bytes }] of Object.entries(after)) {
    expect([owner, bytes]).toEqual([owner, before[owner]?.bytes]);
  }
  expect(engine.heap.verify().problems).toEqual([]);
  const kinds = engine.heap.report().handles.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== 'engine' && kind !== 'buffer')).toEqual([]);
}

describe.each(PLACES)('caches $name', ({ make }) => {
  it.each(['lru', 'hyperClock'] as const)('hold blocks within their capacity: %s', async (type) => {
    const { engine, path } = await make();
    using blockCache = new Cache(engine, { capacity: 400_000, type, shardBits: 0 });
    const db = await openAt(path(), { engine, ...CREATE, blockBasedTable: { blockCache } });
    fill(db, 2000);
    db.flush();
    expect(blockCache.capacity).toBe(400_000);
    const empty = blockCache.occupancyCount;
    readAll(db, 50);
    expect(blockCache.occupancyCount).toBeGreaterThan(empty);
    expect(blockCache.tableAddressCount).toBeGreaterThan(0);
    readAll(db, 2000);
    expect(blockCache.usage).toBeGreaterThan(200_000);
    expect(blockCache.usage).toBeLessThan(500_000);
    blockCache.setCapacity(100_000);
    expect(blockCache.capacity).toBe(100_000);
    // Of type hyperClock, insertions make the room.
    if (type === 'hyperClock') readAll(db, 500);
    expect(blockCache.usage).toBeLessThan(150_000);
    blockCache.eraseUnused();
    expect(blockCache.usage).toBeLessThan(20_000); // its tables
  });

  it('refuse what does not fit, if told so', async () => {
    const { engine, path } = await make();
    using blockCache = new Cache(engine, {
      capacity: 20_000,
      shardBits: 0,
      strictCapacityLimit: true,
    });
    const db = await openAt(path(), { engine, ...CREATE, blockBasedTable: { blockCache } });
    fill(db, 500);
    db.flush();
    expect(blockCache.strictCapacityLimit).toBe(true);
    const starts = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ gte: keyOf(60 * i) }));
    const read = () => {
      const iterators = starts.map((range) => db.iterator(range));
      try {
        return iterators.map((iterator) => iterator.next()?.[1].length);
      } finally {
        for (const iterator of iterators) iterator.free();
      }
    };
    const error = await errorOf(read);
    expect(error.code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    expect(error.message).toContain('LRU cache being full');
    blockCache.strictCapacityLimit = false;
    expect(read()).toEqual(starts.map(() => 1000));
  });

  it('give what they drop to a compressed second cache, and find it there', async () => {
    const { engine, path } = await make();
    using statistics = new Statistics(engine);
    using secondaryCache = new CompressedSecondaryCache(engine, {
      capacity: 4 << 20,
      compressionType: 'zstd',
    });
    expect(secondaryCache.capacity).toBe(4 << 20);
    using blockCache = new Cache(engine, { capacity: 100_000, shardBits: 0, secondaryCache });
    const db = await openAt(path(), {
      engine,
      statistics,
      ...CREATE,
      blockBasedTable: { blockCache },
    });
    for (let i = 0; i < 1000; i++) db.put(keyOf(i), `${i} ${'compresses well '.repeat(60)}`);
    db.flush();
    // Once to be dropped, twice to be let in, and then to be found.
    for (let round = 0; round < 4; round++) readAll(db, 1000);
    const { perf } = db.withPerfContext('enableCount', () => readAll(db, 1000));
    expect(perf.secondaryCacheHitCount).toBeGreaterThan(100);
    expect(statistics.getTickerCount('secondaryCacheHits')).toBeGreaterThan(100);
    const { perf: insert } = db.withPerfContext('enableCount', () => {
      for (let i = 0; i < 1000; i++) db.put(keyOf(i), `${i} ${'compresses as well '.repeat(50)}`);
      db.flush();
      for (let round = 0; round < 4; round++) readAll(db, 1000);
    });
    const ratio =
      insert.compressedSecCacheUncompressedBytes / insert.compressedSecCacheCompressedBytes;
    expect(ratio).toBeGreaterThan(3);
    secondaryCache.setCapacity(0);
    expect(secondaryCache.capacity).toBe(0);
    blockCache.eraseUnused();
    const { perf: after } = db.withPerfContext('enableCount', () => readAll(db, 100));
    expect(after.secondaryCacheHitCount).toBe(0);
  });

  it.each(['lru', 'hyperClock'] as const)('have two tiers in one budget: %s', async (type) => {
    const { engine, path } = await make();
    using blockCache = new Cache(engine, {
      capacity: 300_000,
      type,
      shardBits: 0,
      tiered: { compressedSecondaryRatio: 0.5, admissionPolicy: 'allowAll' },
    });
    const db = await openAt(path(), { engine, ...CREATE, blockBasedTable: { blockCache } });
    for (let i = 0; i < 1000; i++) db.put(keyOf(i), `${i} ${'compresses well '.repeat(60)}`);
    db.flush();
    for (let round = 0; round < 3; round++) readAll(db, 1000);
    const hits = () =>
      db.withPerfContext('enableCount', () => readAll(db, 1000)).perf.secondaryCacheHitCount;
    expect(hits()).toBeGreaterThan(50);
    blockCache.updateTiered({ capacity: 600_000, admissionPolicy: 'placeholder' });
    expect(hits()).toBeGreaterThan(50);
    blockCache.updateTiered({ compressedSecondaryRatio: 0 });
    expect(hits()).toBe(0);
  });

  it('hold rows, and are asked before any block', async () => {
    const { engine, path } = await make();
    using statistics = new Statistics(engine);
    using rowCache = new Cache(engine, { capacity: 1 << 20 });
    const db = await openAt(path(), { engine, statistics, rowCache, ...CREATE });
    fill(db, 100);
    db.flush();
    const first = db.get(keyOf(7));
    expect(statistics.getTickerCount('rowCacheMiss')).toBe(1);
    expect(rowCache.occupancyCount).toBe(1);
    const { result, perf } = db.withPerfContext('enableCount', () => db.get(keyOf(7)));
    expect(result).toEqual(first);
    expect(perf).toMatchObject({ blockReadCount: 0, blockCacheHitCount: 0 });
    expect(statistics.getTickerCount('rowCacheHit')).toBe(1);
    const error = await errorOf(() => db.deleteRange('a', 'b'));
    expect(error.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
  });

  it('hold blobs, shared by column families', async () => {
    const { engine, path } = await make();
    using statistics = new Statistics(engine);
    using blobCache = new Cache(engine, { capacity: 1 << 20 });
    const blobs = { enableBlobFiles: true, blobCache } as const;
    const db = await openAt(path(), {
      engine,
      statistics,
      ...CREATE,
      ...blobs,
      columnFamilies: { other: blobs },
      createMissingColumnFamilies: true,
    });
    const columnFamily = db.columnFamily('other');
    for (const options of [{}, { columnFamily }]) {
      db.put('k', noise(5000), options);
      db.flush();
      const before = blobCache.usage;
      db.get('k', options);
      expect(blobCache.usage - before).toBeGreaterThan(5000);
      db.get('k', options);
    }
    expect(statistics.getTickerCount('blobdbCacheHit')).toBe(2);
    expect(statistics.getTickerCount('blobdbCacheMiss')).toBe(2);
  });

  it('are charged for memory beside blocks, if told so', async () => {
    const { engine, path } = await make();
    const usageWith = async (charged: 'enabled' | 'disabled', name: string) => {
      using blockCache = new Cache(engine, { capacity: 8 << 20, shardBits: 0 });
      const db = await openAt(path(name), {
        engine,
        ...CREATE,
        blockBasedTable: {
          blockCache,
          cacheUsageOptions: { optionsOverrides: { fileMetadata: { charged } } },
        },
      });
      fill(db, 5);
      db.flush();
      const { usage } = blockCache;
      db.close();
      return usage;
    };
    // RocksDB charges in steps of 256 KiB.
    expect(await usageWith('enabled', 'a')).toBeGreaterThan(256 << 10);
    expect(await usageWith('disabled', 'b')).toBeLessThan(64 << 10);
    using blockCache = new Cache(engine, { capacity: 8 << 20, shardBits: 0 });
    const blobs = { enableBlobFiles: true, blobCache: 1 << 20 };
    const overrides = { blobCache: { charged: 'enabled' } } as const;
    const db = await openAt(path('c'), {
      engine,
      ...CREATE,
      ...blobs,
      blockBasedTable: { blockCache, cacheUsageOptions: { optionsOverrides: overrides } },
    });
    db.put('k', noise(5000));
    db.flush();
    const before = blockCache.usage;
    db.get('k');
    expect(blockCache.usage - before).toBeGreaterThanOrEqual(256 << 10);
  });
});

describe('options of caches', () => {
  it('are refused when they are wrong or of another type', async () => {
    const engine = await inMemory();
    const capacity = 1 << 20;
    const wrong: object[] = [
      {},
      { capacity: -1 },
      { capacity: 2 ** 32 },
      { capacity, type: 'clock' },
      { capacity, shardBits: 20 },
      { capacity, estimatedEntryCharge: 100 },
      { capacity, type: 'hyperClock', highPriorityPoolRatio: 0.1 },
      { capacity, lowPriorityPoolRatio: 0.6 },
      { capacity, secondaryCache: {} },
      { capacity, tiered: {} },
      { capacity, tiered: { compressedSecondaryRatio: 1 } },
      { capacity, tiered: { compressedSecondaryRatio: 0.5, admissionPolicy: 'some' } },
      { capacity, tiered: { compressedSecondaryRatio: 0.5, compressionType: 'lz5' } },
    ];
    for (const options of wrong) {
      expect(() => new Cache(engine, options as never), JSON.stringify(options)).toThrow(
        InvalidOptionError,
      );
    }
    expect(() => new Cache(engine, { capacity, hyperClock: true } as never)).toThrow(
      /unknown option 'hyperClock'/,
    );
    using cache = new Cache(engine, { capacity });
    expect(() => cache.updateTiered({ capacity })).toThrow(/was not made with tiered/);
    expect(() => cache.setCapacity(0.5)).toThrow(InvalidOptionError);
    using clock = new Cache(engine, { capacity, type: 'hyperClock' });
    using compressed = new CompressedSecondaryCache(engine, { capacity });
    using both = new Cache(engine, { capacity, secondaryCache: compressed });
    for (const rowCache of [clock, both]) {
      await expect(openAt('/db', { engine, ...CREATE, rowCache })).rejects.toThrow(
        /^rowCache: expected a Cache of type lru without a second tier/,
      );
    }
    const secondary = { capacity, doNotCompressRoles: ['nothing'] };
    expect(() => new CompressedSecondaryCache(engine, secondary as never)).toThrow(
      InvalidOptionError,
    );
    for (const cacheUsageOptions of [
      { optionsOverrides: { dataBlock: { charged: 'enabled' } } },
      { optionsOverrides: { fileMetadata: { charged: 'yes' } } },
      { charged: 'enabled' },
    ]) {
      const blockBasedTable = { cacheUsageOptions } as never;
      await expect(openAt('/db', { engine, ...CREATE, blockBasedTable })).rejects.toThrow(
        InvalidOptionError,
      );
    }
  });

  it('leave no byte behind, whatever was made and shared', async () => {
    const engine = await inMemory();
    expectNoGrowth(engine, () => {
      const secondaryCache = new CompressedSecondaryCache(engine, { capacity: 1 << 20 });
      const blockCache = new Cache(engine, { capacity: 50_000, shardBits: 0, secondaryCache });
      const clock = new Cache(engine, { capacity: 100_000, type: 'hyperClock', shardBits: 0 });
      const tiered = new Cache(engine, {
        capacity: 100_000,
        tiered: { compressedSecondaryRatio: 0.3 },
      });
      for (const cache of [blockCache, clock, tiered]) {
        const blockBasedTable = { blockCache: cache };
        const db = RocksDB.openSync('/bytes', { engine, ...CREATE, blockBasedTable });
        fill(db, 100);
        db.flush();
        readAll(db, 100);
        db.close();
        cache.free();
      }
      secondaryCache.free();
      RocksDB.openSync('/bytes', { engine }).close();
    });
  });
});

describe.each(PLACES)('a write-buffer manager $name', ({ make }) => {
  it('limits the memtables of all its databases', async () => {
    const { engine, path } = await make();
    using writeBufferManager = new WriteBufferManager(engine, { bufferSize: 1 << 20 });
    const databases = [];
    for (const name of ['a', 'b']) {
      databases.push(await openAt(path(name), { engine, writeBufferManager, ...SMALL_STEPS }));
    }
    expect(writeBufferManager.enabled).toBe(true);
    expect(writeBufferManager.costToCache).toBe(false);
    let most = 0;
    for (let i = 0; i < 4000; i++) {
      databases[i % 2]?.put(keyOf(i), noise(1000, i + 1));
      most = Math.max(most, writeBufferManager.memoryUsage);
    }
    expect(most).toBeGreaterThan(512 << 10);
    expect(most).toBeLessThan(1.5 * (1 << 20));
    // A memtable of its own would have been flushed at 64 MiB only.
    for (const db of databases) {
      expect(db.getIntProperty('rocksdb.live-sst-files-size')).toBeGreaterThan(1_000_000n);
    }
    // What is written to is part of it, and goes with the flush.
    databases[0]?.put('k', noise(1000, 1));
    const mutable = writeBufferManager.mutableMemtableMemoryUsage;
    expect(mutable).toBeGreaterThan(1000);
    expect(mutable).toBeLessThanOrEqual(writeBufferManager.memoryUsage);
    for (const db of databases) db.flush();
    expect(writeBufferManager.mutableMemtableMemoryUsage).toBeLessThan(mutable);
    writeBufferManager.setBufferSize(8 << 20);
    expect(writeBufferManager.bufferSize).toBe(8 << 20);
    expect(writeBufferManager.isOverLimit).toBe(false);
    for (const db of databases) db.close();
    expect(writeBufferManager.memoryUsage).toBe(0);
  });

  it('charges them to a cache', async () => {
    const { engine, path } = await make();
    using cache = new Cache(engine, { capacity: 8 << 20, shardBits: 0 });
    using writeBufferManager = new WriteBufferManager(engine, { bufferSize: 4 << 20, cache });
    expect(writeBufferManager.costToCache).toBe(true);
    const db = await openAt(path(), { engine, writeBufferManager, ...SMALL_STEPS });
    const before = cache.usage;
    fill(db, 2000);
    const charged = writeBufferManager.dummyEntriesInCacheUsage;
    expect(charged).toBeGreaterThan(1_500_000);
    expect(cache.usage - before).toBeGreaterThan(1_500_000);
    expect(charged % (256 << 10)).toBe(0);
    db.close();
    expect(writeBufferManager.dummyEntriesInCacheUsage).toBe(0);
  });

  it('stops writes beyond the limit, and never for ever', async () => {
    const { engine, path } = await make({ background: 'manual' });
    using writeBufferManager = new WriteBufferManager(engine, {
      bufferSize: 512 << 10,
      allowStall: true,
    });
    const db = await openAt(path(), { engine, writeBufferManager, ...SMALL_STEPS });
    const iterators = [];
    // Each iterator keeps a memtable that was flushed: memory that no flush gives back.
    for (let i = 0; i < 8; i++) {
      fill(db, 200, 200 * i);
      iterators.push(db.iterator({ gte: keyOf(200 * i) }));
      iterators.at(-1)?.next();
    }
    expect(writeBufferManager.isOverLimit).toBe(true);
    const { database } = db.stats();
    expect(database.writeBufferManagerLimitStops).toBeGreaterThan(0);
    expect(database.userKeysWritten).toBe(1600);
    const error = await errorOf(() => db.put('k', 'v', { noSlowdown: true }));
    expect(error).toBeInstanceOf(BusyError);
    db.put('k', 'v');
    for (const iterator of iterators) iterator.free();
    db.flush();
    expect(writeBufferManager.isOverLimit).toBe(false);
    const stops = db.stats().database.writeBufferManagerLimitStops;
    fill(db, 10);
    expect(db.stats().database.writeBufferManagerLimitStops).toBe(stops);
    writeBufferManager.setAllowStall(false);
    const more = [];
    for (let i = 0; i < 8; i++) {
      fill(db, 200, 200 * i);
      more.push(db.iterator({ gte: keyOf(200 * i) }));
      more.at(-1)?.next();
    }
    expect(writeBufferManager.isOverLimit).toBe(true);
    db.put('k', 'v', { noSlowdown: true });
    expect(db.stats().database.writeBufferManagerLimitStops).toBe(stops);
    for (const iterator of more) iterator.free();
    readAll(db, 10);
    expect(db.get(keyOf(1599))).toEqual(noise(1000, 1600));
  });
});

describe('a write-buffer manager', () => {
  it('refuses what it cannot be, and gives its bytes back', async () => {
    const engine = await inMemory();
    for (const options of [{}, { bufferSize: -1 }, { bufferSize: 1, cache: 5 }, { size: 1 }]) {
      expect(() => new WriteBufferManager(engine, options as never)).toThrow(InvalidOptionError);
    }
    const other = await inMemory();
    using cache = new Cache(other, { capacity: 1 });
    expect(() => new WriteBufferManager(engine, { bufferSize: 1, cache })).toThrow(
      /cache: expected a Cache of the same engine/,
    );
    expectNoGrowth(engine, () => {
      using own = new Cache(engine, { capacity: 1 << 20, shardBits: 0 });
      using writeBufferManager = new WriteBufferManager(engine, {
        bufferSize: 1 << 20,
        cache: own,
      });
      expect(() => writeBufferManager.setBufferSize(0)).toThrow(InvalidOptionError);
      const db = RocksDB.openSync('/bytes', { engine, writeBufferManager, ...SMALL_STEPS });
      fill(db, 10);
      db.close();
    });
  });
});

describe.each(PLACES)('a rate limiter $name', ({ make }) => {
  it('runs a flush later rather than have the host wait for it', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock, background: 'manual' });
    using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 100_000 });
    const db = await openAt(path(), { engine, rateLimiter, ...CREATE });
    fill(db, 200);
    db.flush({ wait: false });
    expect(engine.pump()).toBeGreaterThan(0);
    expect(filesOf(engine, db.path, '.sst')).toBe(1);
    expect(clock.monotonicNs()).toBe(0n);
    const written = rateLimiter.getTotalBytesThrough('high');
    expect(written).toBeGreaterThan(200_000);
    expect(rateLimiter.getTotalBytesThrough()).toBe(written);
    expect(rateLimiter.getTotalRequests('high')).toBeGreaterThan(0);
    // One refill, a tenth of a second, was in hand.
    expect(rateLimiter.getDelayMicros('high')).toBe(Math.ceil(written * 10) - 100_000);
    fill(db, 10);
    db.flush({ wait: false });
    expect(engine.pendingJobs).toBe(1);
    expect(engine.env.getThreadPoolQueueLen('high')).toBe(1);
    expect(engine.pump()).toBe(0);
    clock.advance(SECOND);
    engine.pump();
    expect(filesOf(engine, db.path, '.sst')).toBe(1);
    expect(engine.env.getThreadPoolQueueLen('high')).toBe(1);
    clock.advance(SECOND);
    engine.pump();
    expect(filesOf(engine, db.path, '.sst')).toBe(2);
  });

  it('has who waits for a flush wait by the clock', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock });
    using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 100_000 });
    const db = await openAt(path(), { engine, rateLimiter, ...CREATE });
    fill(db, 200);
    db.flush();
    expect(clock.monotonicNs()).toBe(0n);
    const owed = BigInt(rateLimiter.getDelayMicros('high')) * 1000n;
    db.put('k', 'v');
    db.flush();
    expect(clock.monotonicNs()).toBe(owed);
  });

  it('lets flushes go before compactions', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock, background: 'manual' });
    using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 100_000 });
    const options = { level0FileNumCompactionTrigger: 2, ...CREATE };
    const db = await openAt(path(), { engine, rateLimiter, ...options });
    for (let round = 0; round < 2; round++) {
      fill(db, 300);
      db.flush({ wait: false });
      engine.pump();
      clock.advance(10n * SECOND);
    }
    engine.pump();
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
    expect(rateLimiter.getTotalBytesThrough('low')).toBeGreaterThan(300_000);
    // What the compaction owes, no flush waits for.
    expect(rateLimiter.getDelayMicros('low')).toBeGreaterThan(2_900_000);
    expect(rateLimiter.getDelayMicros('high')).toBe(0);
    for (const files of ['1', '2']) {
      fill(db, 1);
      db.flush({ wait: false });
      engine.pump();
      expect(db.getProperty('rocksdb.num-files-at-level0')).toBe(files);
    }
    expect(engine.env.getThreadPoolQueueLen('low')).toBe(1);
    expect(engine.pump()).toBe(0);
    clock.advance(5n * SECOND);
    engine.pump();
    expect(db.getProperty('rocksdb.num-files-at-level0')).not.toBe('2');
  });

  it('keeps the rate over many flushes and compactions, by option or shared', async () => {
    for (const by of ['option', 'object']) {
      const clock = new ManualClock();
      const { engine, path } = await make({ clock });
      using limiter = new RateLimiter(engine, { bytesPerSecond: 1_000_000 });
      using statistics = new Statistics(engine);
      const given =
        by === 'option' ? { rateLimiterBytesPerSec: 1_000_000 } : { rateLimiter: limiter };
      const db = await openAt(path(), {
        engine,
        statistics,
        ...given,
        ...CREATE,
        writeBufferSize: 64 << 10,
        targetFileSizeBase: 64 << 10,
        level0FileNumCompactionTrigger: 2,
      });
      fill(db, 3000);
      db.flush();
      const seconds = Number(clock.monotonicNs()) / 1e9;
      const { flushWriteBytes, compactWriteBytes, numberRateLimiterDrains } = statistics.tickers();
      // All but the last jobs' bytes are paid by now.
      expect(flushWriteBytes / seconds).toBeLessThan(1_100_000);
      expect((flushWriteBytes + compactWriteBytes) / seconds).toBeGreaterThan(300_000);
      expect(numberRateLimiterDrains).toBeGreaterThan(10);
      for (let i = 0; i < 3000; i += 100) expect(db.get(keyOf(i))).toEqual(noise(1000, i + 1));
    }
  });

  it('leaves other databases of the engine alone', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock, background: 'manual' });
    using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 1000 });
    const limited = await openAt(path('limited'), { engine, rateLimiter, ...CREATE });
    const free = await openAt(path('free'), { engine, ...CREATE });
    for (const db of [limited, limited, free, free]) {
      fill(db, 20);
      db.flush({ wait: false });
      engine.pump();
    }
    expect(filesOf(engine, limited.path, '.sst')).toBe(1);
    expect(filesOf(engine, free.path, '.sst')).toBe(2);
    clock.advance(60n * SECOND);
    engine.pump();
    expect(filesOf(engine, limited.path, '.sst')).toBe(2);
  });
});

describe('a rate limiter', () => {
  it('gives bytes to the program itself, and changes its rate', async () => {
    const clock = new ManualClock();
    const engine = await inMemory({ clock });
    using limiter = new RateLimiter(engine, { bytesPerSecond: 1000, refillPeriodMicros: 10_000 });
    expect(limiter.singleBurstBytes).toBe(10);
    limiter.request(5010);
    expect(clock.monotonicNs()).toBe(5n * SECOND);
    limiter.request(0);
    expect(clock.monotonicNs()).toBe(5n * SECOND);
    limiter.bytesPerSecond = 5000;
    expect(limiter.bytesPerSecond).toBe(5000);
    limiter.request(5000, 'user');
    expect(clock.monotonicNs()).toBeLessThanOrEqual(6n * SECOND);
    expect(limiter.getTotalBytesThrough('low')).toBe(5010);
    expect(limiter.getTotalBytesThrough('user')).toBe(5000);
    expect(limiter.getTotalRequests()).toBe(3);
    limiter.singleBurstBytes = 77;
    expect(limiter.singleBurstBytes).toBe(77);
  });

  it('finds its rate, if told so', async () => {
    const clock = new ManualClock();
    const engine = await inMemory({ clock });
    using limiter = new RateLimiter(engine, { bytesPerSecond: 1_000_000, autoTuned: true });
    expect(limiter.bytesPerSecond).toBe(500_000);
    clock.advance(11n * SECOND);
    limiter.request(1);
    expect(limiter.bytesPerSecond).toBe(50_000); // nothing was asked for
    for (let i = 0; i < 200; i++) limiter.request(50_000);
    expect(limiter.bytesPerSecond).toBeGreaterThan(80_000); // more than there was
    expect(limiter.bytesPerSecond).toBeLessThanOrEqual(1_000_000);
  });

  it('counts what its mode says', async () => {
    const engine = await inMemory();
    const flushed = (mode: 'readsOnly' | 'writesOnly' | 'allIo') => {
      using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 1e9, mode });
      const db = RocksDB.openSync('/mode', { engine, rateLimiter, ...CREATE });
      fill(db, 10);
      db.flush();
      db.compactRange({ bottommostLevelCompaction: 'force' });
      db.close();
      return [rateLimiter.getTotalBytesThrough('high'), rateLimiter.getTotalBytesThrough('low')];
    };
    const [noFlush, reads] = flushed('readsOnly');
    // A flush looks into its table when it is done.
    expect(noFlush).toBeLessThan(5000);
    expect(reads).toBeGreaterThan(0);
    const [flush, writes] = flushed('writesOnly');
    expect(flush).toBeGreaterThan(10_000);
    const [, all] = flushed('allIo');
    expect(all).toBeGreaterThan(writes ?? 0);
  });

  it('refuses what is no rate, and gives its bytes back', async () => {
    const engine = await inMemory();
    for (const options of [
      {},
      { bytesPerSecond: 0 },
      { bytesPerSecond: 1.5 },
      { bytesPerSecond: 1, mode: 'some' },
      { bytesPerSecond: 1, fairness: 10 },
      { bytesPerSecond: 1, refillPeriodMicros: 0 },
    ]) {
      expect(() => new RateLimiter(engine, options as never)).toThrow(InvalidOptionError);
    }
    expectNoGrowth(engine, () => {
      using rateLimiter = new RateLimiter(engine, { bytesPerSecond: 1e9 });
      expect(() => rateLimiter.request(1, 'total' as never)).toThrow(InvalidOptionError);
      expect(() => rateLimiter.getDelayMicros('lowest' as never)).toThrow(InvalidOptionError);
      const db = RocksDB.openSync('/bytes', { engine, rateLimiter, ...CREATE });
      fill(db, 10);
      db.flush();
      db.close();
    });
  });

  it('outlives its handle in the database, and ends with it', async () => {
    const clock = new ManualClock();
    const engine = await inMemory({ clock, background: 'manual' });
    const rateLimiter = new RateLimiter(engine, { bytesPerSecond: 1000 });
    const db = await openAt('/db', { engine, rateLimiter, ...CREATE });
    rateLimiter.free();
    for (let i = 0; i < 2; i++) {
      fill(db, 20);
      db.flush({ wait: false });
      engine.pump();
    }
    expect(filesOf(engine, '/db', '.sst')).toBe(1);
    db.close();
    const again = await openAt('/db', { engine });
    fill(again, 1);
    again.flush();
    expect(clock.monotonicNs()).toBeLessThan(SECOND);
  });
});

describe.each(PLACES)('an SST file manager $name', ({ make }) => {
  it('knows the tables of all its databases', async () => {
    const { engine, path } = await make();
    using sstFileManager = new SstFileManager(engine);
    const a = await openAt(path('a'), { engine, sstFileManager, ...CREATE });
    const b = await openAt(path('b'), { engine, sstFileManager, ...CREATE });
    for (const db of [a, b]) {
      fill(db, 50);
      db.flush();
    }
    const files = sstFileManager.getTrackedFiles();
    expect([...files.keys()].filter((file) => file.endsWith('.sst')).length).toBe(2);
    const sum = [...files.values()].reduce((all, size) => all + size, 0);
    expect(sstFileManager.totalSize).toBe(sum);
    expect(sum).toBeGreaterThan(100_000);
    expect(sstFileManager.isMaxAllowedSpaceReached).toBe(false);
  });

  it('keeps room for compactions, if told so', async () => {
    const { engine, path } = await make();
    using sstFileManager = new SstFileManager(engine, { maxAllowedSpaceUsage: 100_000_000 });
    const options = { level0FileNumCompactionTrigger: 4, disableAutoCompactions: true };
    const db = await openAt(path(), { engine, sstFileManager, ...CREATE, ...options });
    for (let table = 0; table < 4; table++) {
      fill(db, 20, table * 10);
      db.flush();
    }
    const tables = () => db.getProperty('rocksdb.num-files-at-level0');
    sstFileManager.setCompactionBufferSize(1_000_000_000);
    db.setOptions({ disableAutoCompactions: false });
    engine.pump();
    expect(tables()).toBe('4');
    expect(sstFileManager.isMaxAllowedSpaceReachedIncludingCompactions).toBe(false);
    sstFileManager.setCompactionBufferSize(0);
    db.put('k', 'v');
    db.flush();
    engine.pump();
    // Five before the compaction.
    expect(Number(tables())).toBeLessThan(4);
    sstFileManager.setMaxAllowedSpaceUsage(1000);
    expect(sstFileManager.isMaxAllowedSpaceReachedIncludingCompactions).toBe(true);
  });

  it('stops writes when the space is used up, and takes them again when there is some', async () => {
    const { engine, path } = await make();
    using sstFileManager = new SstFileManager(engine, { maxAllowedSpaceUsage: 300_000 });
    const db = await openAt(path(), {
      engine,
      sstFileManager,
      ...CREATE,
      writeBufferSize: 100_000,
    });
    const error = await errorOf(() => fill(db, 2000));
    expect(error.code).toBe('ERR_ROCKSDB_SPACE_LIMIT');
    expect(error.subcode).toBe('spaceLimit');
    expect(error.message).toMatch(/Max allowed space was reached/);
    expect(sstFileManager.isMaxAllowedSpaceReached).toBe(true);
    expect(sstFileManager.totalSize).toBeLessThan(500_000);
    expect((await errorOf(() => db.put('k', 'v'))).code).toBe('ERR_ROCKSDB_SPACE_LIMIT');
    expect(db.get(keyOf(5))).toEqual(noise(1000, 6));
    sstFileManager.setMaxAllowedSpaceUsage(10_000_000);
    expect(sstFileManager.isMaxAllowedSpaceReached).toBe(false);
    db.resume();
    fill(db, 300, 5000);
    db.flush();
    expect(db.get(keyOf(5299))).toEqual(noise(1000, 5300));
  });

  it('deletes at a rate, in background work', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock, background: 'manual' });
    using statistics = new Statistics(engine);
    using sstFileManager = new SstFileManager(engine, {
      deleteRateBytesPerSecond: 10_000,
      maxTrashDBRatio: 10,
    });
    const db = await openAt(path(), {
      engine,
      sstFileManager,
      ...CREATE,
      disableAutoCompactions: true,
    });
    sstFileManager.setStatistics(statistics);
    for (let round = 0; round < 4; round++) {
      fill(db, 10);
      db.flush();
    }
    db.compactRange();
    engine.pump();
    expect(filesOf(engine, db.path, '.sst')).toBe(1);
    const trash = filesOf(engine, db.path, '.trash');
    expect(trash).toBeGreaterThan(1);
    expect(sstFileManager.totalTrashSize).toBeGreaterThan(10_000);
    engine.pump();
    expect(filesOf(engine, db.path, '.trash')).toBe(trash);
    const left = [];
    for (let second = 0; second < 20 && filesOf(engine, db.path, '.trash') > 0; second++) {
      clock.advance(SECOND);
      engine.pump();
      left.push(filesOf(engine, db.path, '.trash'));
    }
    // About 11 KB a file, and 10,000 bytes a second: never two files at once.
    expect(left.length).toBeGreaterThanOrEqual(trash);
    expect(left.at(-1)).toBe(0);
    expect(sstFileManager.totalTrashSize).toBe(0);
    expect(statistics.getTickerCount('filesMarkedTrash')).toBeGreaterThanOrEqual(trash);
    const deleted = statistics.getTickerCount('filesMarkedTrashDeleted');
    expect(deleted).toBe(statistics.getTickerCount('filesMarkedTrash'));
    sstFileManager.deleteRateBytesPerSecond = 0;
    fill(db, 10);
    db.flush();
    db.compactRange();
    engine.pump();
    expect(filesOf(engine, db.path, '.trash')).toBe(0);
    sstFileManager.setStatistics(undefined);
  });

  it('is told its limits, and tells them', async () => {
    const { engine } = await make();
    using manager = new SstFileManager(engine, { maxTrashDBRatio: 0.5 });
    expect(manager.maxTrashDBRatio).toBe(0.5);
    manager.maxTrashDBRatio = 0.75;
    expect(manager.maxTrashDBRatio).toBe(0.75);
    expect(manager.deleteRateBytesPerSecond).toBe(0);
    manager.deleteRateBytesPerSecond = 5000;
    expect(manager.deleteRateBytesPerSecond).toBe(5000);
    manager.setCompactionBufferSize(1 << 20);
    expect(manager.isMaxAllowedSpaceReachedIncludingCompactions).toBe(false);
    for (const options of [
      { maxAllowedSpaceUsage: -1 },
      { deleteRateBytesPerSecond: 0.5 },
      { maxTrashDBRatio: Number.NaN },
      { maxSpace: 1 },
    ]) {
      expect(() => new SstFileManager(engine, options as never)).toThrow(InvalidOptionError);
    }
    expect(() => manager.setStatistics({} as never)).toThrow(InvalidOptionError);
  });
});

describe('an SST file manager', () => {
  it('gives its bytes back', async () => {
    const engine = await inMemory();
    expectNoGrowth(engine, () => {
      using sstFileManager = new SstFileManager(engine, { deleteRateBytesPerSecond: 1e9 });
      const db = RocksDB.openSync('/bytes', { engine, sstFileManager, ...CREATE });
      fill(db, 10);
      db.flush();
      db.close();
      sstFileManager.getTrackedFiles();
    });
  });
});

describe('the env', () => {
  it('has queues by priority', async () => {
    const engine = await inMemory({ background: 'manual' });
    const { env } = engine;
    expect(env.getThreadPoolQueueLen()).toBe(0);
    expect(env.getBackgroundThreads('high')).toBe(1);
    const db = await openAt('/db', { engine, ...CREATE, maxBackgroundJobs: 8 });
    expect(env.getBackgroundThreads('low')).toBeGreaterThan(1);
    fill(db, 1);
    db.flush({ wait: false });
    expect(env.getThreadPoolQueueLen('high')).toBe(1);
    engine.pump();
    expect(env.getThreadPoolQueueLen('high')).toBe(0);
    // Without threads of their own, flushes stand with compactions.
    env.setBackgroundThreads(0, 'high');
    fill(db, 1);
    db.flush({ wait: false });
    expect(env.getThreadPoolQueueLen('high')).toBe(0);
    expect(env.getThreadPoolQueueLen('low')).toBe(1);
    engine.pump();
    expect(filesOf(engine, '/db', '.sst')).toBe(2);
    expect(() => env.setBackgroundThreads(-1)).toThrow(InvalidOptionError);
    expect(() => env.getBackgroundThreads('top' as never)).toThrow(InvalidOptionError);
  });
});
