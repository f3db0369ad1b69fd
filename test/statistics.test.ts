/** What RocksDB counts: tickers, histograms, perf context, properties, tables, memory. */
import {
  Cache,
  type Engine,
  HISTOGRAMS,
  InvalidArgumentError,
  InvalidOptionError,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
  RocksDBError,
  Statistics,
  type StatsLevel,
  TICKERS,
  type Ticker,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { ledgerIsClean, makeEngine, openAt } from './support/open.js';
import { PLACES } from './support/places.js';

const TEXT = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
type TextDB = RocksDB<'utf8', 'utf8'>;

const inMemory = () => makeEngine({ fileSystem: new MemoryFileSystem() });

function fill(db: TextDB, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) db.put(keyOf(i), `value ${i} ${'.'.repeat(100)}`);
}

const keyOf = (i: number) => `k${String(i).padStart(6, '0')}`;

describe.each(PLACES)('statistics $name', ({ make }) => {
  it('count what the database does', async () => {
    const { engine, path } = await make();
    using statistics = new Statistics(engine);
    const db = await openAt(path(), { engine, statistics, ...TEXT });
    fill(db, 100);
    expect(statistics.getTickerCount('numberKeysWritten')).toBe(100);
    expect(statistics.getTickerCount('rocksdb.number.keys.written')).toBe(100);
    db.get(keyOf(5));
    db.get('missing');
    expect(statistics.getTickerCount('memtableHit')).toBe(1);
    expect(statistics.getTickerCount('memtableMiss')).toBe(1);
    db.flush();
    db.get(keyOf(5));
    db.get(keyOf(5));
    const tickers = statistics.tickers();
    expect(tickers.numberKeysRead).toBe(4);
    expect(tickers.l0Hit).toBe(2);
    expect(tickers.blockCacheDataMiss).toBe(1);
    expect(tickers.blockCacheDataHit).toBe(1);
    expect(tickers.flushWriteBytes).toBeGreaterThan(1000);
    db.flush();
    fill(db, 10);
    db.flush();
    db.compactRange();
    expect(statistics.getTickerCount('compactReadBytes')).toBeGreaterThan(1000);
    expect(statistics.getTickerCount('compactionKeyDropNew')).toBe(10);
  });

  it('keep them for several databases, as long as any uses them', async () => {
    const { engine, path } = await make();
    const statistics = new Statistics(engine);
    const a = await openAt(path('a'), { engine, statistics, ...TEXT });
    const b = await openAt(path('b'), { engine, statistics, ...TEXT });
    a.put('k', 'v');
    b.put('k', 'v');
    expect(statistics.getTickerCount('numberKeysWritten')).toBe(2);
    a.close();
    statistics.free();
    statistics.free();
    b.put('k', 'v');
    expect(b.getProperty('rocksdb.options-statistics')).toMatch(
      /rocksdb\.number\.keys\.written COUNT : 3\n/,
    );
    expect(() => statistics.tickers()).toThrow(/was freed/);
  });

  it('has the history of the tickers, period by period', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock, background: 'manual' });
    using statistics = new Statistics(engine);
    const db = await openAt(path(), { engine, statistics, statsPersistPeriodSec: 10, ...TEXT });
    const second = 1_000_000_000n;
    const start = new Date(Number(clock.realtimeNs() / 1_000_000n));
    for (const count of [3, 5, 7]) {
      fill(db, count);
      clock.advance(10n * second);
      engine.pump();
    }
    // The first period is what the next ones are counted from.
    const history = db.getStatsHistory();
    expect(history.map(({ tickers }) => tickers.numberKeysWritten)).toEqual([5, 7]);
    expect(history[1]?.time.getTime()).toBe(start.getTime() + 30_000);
    const later = db.getStatsHistory({ start: new Date(start.getTime() + 25_000) });
    expect(later.map(({ tickers }) => tickers.numberKeysWritten)).toEqual([7]);
    expect(db.getStatsHistory({ end: start })).toEqual([]);
    expect(() => db.getStatsHistory({ start: 5 as never })).toThrow(InvalidArgumentError);
  });
});

describe('tickers and histograms', () => {
  it('are RocksDB’s, by position: every one is known by the text of the statistics', async () => {
    const engine = await inMemory();
    using statistics = new Statistics(engine, { level: 'all' });
    // Each ticker gets a count of its own, so that none can be taken for its neighbour.
    const tickers = Object.entries(TICKERS);
    tickers.forEach(([name], index) => {
      statistics.recordTick(name as Ticker, index + 1);
    });
    for (const histogram of Object.values(HISTOGRAMS)) statistics.recordInHistogram(histogram, 9);
    const text = statistics.toText();
    const lines = text.split('\n').filter((line) => line.includes(' COUNT : '));
    const counts = lines.filter((line) => !line.includes('P50'));
    expect(counts).toEqual(tickers.map(([, name], index) => `${name} COUNT : ${index + 1}`));
    const histograms = lines
      .filter((line) => line.includes('P50'))
      .map((line) => line.split(' ')[0]);
    expect(histograms).toEqual(Object.values(HISTOGRAMS));
    expect(Object.values(statistics.tickers())).toEqual(tickers.map((_, index) => index + 1));
    expect(Object.values(statistics.histograms()).map(({ count }) => count)).toEqual(
      Object.values(HISTOGRAMS).map(() => 1),
    );
  });

  it('tell of distributions', async () => {
    const engine = await inMemory();
    using statistics = new Statistics(engine);
    for (let i = 1; i <= 100; i++) statistics.recordInHistogram('bytesPerRead', i);
    const data = statistics.histogramData('rocksdb.bytes.per.read');
    expect(data).toMatchObject({ count: 100, sum: 5050, min: 1, max: 100, average: 50.5 });
    expect(data.median).toBeGreaterThan(40);
    expect(data.median).toBeLessThan(60);
    expect(data.percentile95).toBeGreaterThan(data.median);
    expect(data.percentile99).toBeGreaterThanOrEqual(data.percentile95);
    expect(data.standardDeviation).toBeCloseTo(28.87, 1);
    expect(statistics.histograms().bytesPerRead).toEqual(data);
    expect(statistics.getHistogramString('bytesPerRead')).toMatch(/Count: 100 +Average: 50\.5/);
  });

  it('are read and set', async () => {
    const engine = await inMemory();
    using statistics = new Statistics(engine);
    statistics.setTickerCount('blockCacheMiss', 41);
    statistics.recordTick('blockCacheMiss');
    expect(statistics.getAndResetTickerCount('blockCacheMiss')).toBe(42);
    expect(statistics.getTickerCount('blockCacheMiss')).toBe(0);
    statistics.setTickerCount('blockCacheHit', 2 ** 53 - 1);
    expect(statistics.tickers().blockCacheHit).toBe(2 ** 53 - 1);
    statistics.recordInHistogram('dbGetMicros', 3);
    statistics.reset();
    expect(new Set(Object.values(statistics.tickers()))).toEqual(new Set([0]));
    const empty = statistics.histogramData('dbGetMicros');
    expect(new Set(Object.values(empty))).toEqual(new Set([0])); // RocksDB's min would be 1.3e19
    expect(statistics.histograms().dbGetMicros).toEqual(empty);
  });

  it('count by level, which can change', async () => {
    const engine = await inMemory();
    const counted = (level: StatsLevel) => {
      using statistics = new Statistics(engine, { level });
      const db = RocksDB.openSync('/levels', { engine, statistics, ...TEXT });
      db.put('k', 'v');
      db.get('k');
      const { numberKeysWritten } = statistics.tickers();
      const { dbGetMicros, bytesPerRead } = statistics.histograms();
      db.close();
      return [numberKeysWritten, bytesPerRead.count, dbGetMicros.count];
    };
    expect(counted('disableAll')).toEqual([0, 0, 0]);
    expect(counted('exceptHistogramOrTimers')).toEqual([1, 0, 0]);
    expect(counted('exceptTimers')).toEqual([1, 1, 0]);
    expect(counted('exceptDetailedTimers')).toEqual([1, 1, 1]);
    using statistics = new Statistics(engine);
    expect(statistics.statsLevel).toBe('exceptDetailedTimers');
    statistics.statsLevel = 'disableAll';
    statistics.recordTick('blockCacheHit');
    expect(statistics.statsLevel).toBe('disableAll');
    expect(statistics.getTickerCount('blockCacheHit')).toBe(0);
  });

  it('refuse what is no name, no count, no level, and an object of another engine', async () => {
    const engine = await inMemory();
    using statistics = new Statistics(engine);
    expect(() => statistics.getTickerCount('blockCacheMis' as Ticker)).toThrow(
      /no ticker "blockCacheMis"; did you mean 'blockCacheMiss'\?/,
    );
    expect(() => statistics.histogramData(5 as never)).toThrow(InvalidArgumentError);
    expect(() => statistics.recordTick('blockCacheHit', -1)).toThrow(/an integer from 0/);
    expect(() => statistics.recordTick('blockCacheHit', 0.5)).toThrow(InvalidArgumentError);
    expect(() => new Statistics(engine, { level: 'every' as never })).toThrow(InvalidOptionError);
    expect(() => new Statistics(engine, { levels: 'all' } as never)).toThrow(
      /did you mean 'level'/,
    );
    const other = await inMemory();
    using foreign = new Statistics(other);
    await expect(openAt('/db', { engine, statistics: foreign, ...TEXT })).rejects.toThrow(
      /^statistics: expected a Statistics of the same engine, got one of another engine/,
    );
    await expect(openAt('/db', { engine, statistics: {} as never, ...TEXT })).rejects.toThrow(
      InvalidOptionError,
    );
    await expect(openAt('/db', { engine, statistics: 'on' as never, ...TEXT })).rejects.toThrow(
      /expected an object/,
    );
    statistics.free();
    await expect(openAt('/db', { engine, statistics, ...TEXT })).rejects.toThrow(/was freed/);
    ledgerIsClean(engine);
  });

  it('give every byte back', async () => {
    const engine = await inMemory();
    const once = () => {
      using statistics = new Statistics(engine, { level: 'all' });
      const db = RocksDB.openSync('/bytes', { engine, statistics, ...TEXT });
      fill(db, 50);
      statistics.tickers();
      statistics.histograms();
      statistics.toText();
      expect(engine.heap.owners().statistics?.bytes).toBeGreaterThan(10_000);
      db.close();
    };
    expectNoGrowth(engine, once);
  });
});

describe('perf context', () => {
  it('tells what the calls in a function took, and nothing of the others', async () => {
    const engine = await inMemory();
    const db = await openAt('/db', { engine, ...TEXT });
    fill(db, 500);
    db.get(keyOf(7));
    const memory = db.withPerfContext('enableCount', () => db.get(keyOf(7)));
    expect(memory.result).toContain('value 7 ');
    expect(memory.perf).toMatchObject({ getFromMemtableCount: 1, blockReadCount: 0 });
    expect(memory.perf.getFromMemtableTime).toBe(0);
    db.flush();
    const read = db.withPerfContext('enableCount', () => db.get(keyOf(7)));
    expect(read.perf.blockReadCount).toBe(1);
    expect(read.perf.blockReadByte).toBeGreaterThan(0);
    expect(read.io.bytesRead).toBeGreaterThanOrEqual(read.perf.blockReadByte);
    const again = db.withPerfContext('enableCount', () => db.get(keyOf(7)));
    expect(again.perf).toMatchObject({ blockReadCount: 0, blockCacheHitCount: 1 });
    expect(again.io.bytesRead).toBe(0);
    expect('levels' in again).toBe(false);
  });

  it('measures time by the engine’s clock', async () => {
    const clock = new ManualClock({ stepNs: 1000n });
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), clock });
    const db = await openAt('/db', { engine, ...TEXT });
    fill(db, 10);
    const { perf } = db.withPerfContext('enableTime', () => db.get(keyOf(1)));
    expect(perf.getFromMemtableTime).toBeGreaterThan(0);
    expect(perf.getFromMemtableTime % 1000).toBe(0);
    const { perf: write } = db.withPerfContext('enableTime', () => db.put('k', 'v'));
    expect(write.writeWalTime).toBeGreaterThan(0);
    expect(write.writeMemtableTime).toBeGreaterThan(0);
  });

  it('counts each level of the tree', async () => {
    const engine = await inMemory();
    const filterPolicy = { type: 'bloom', bitsPerKey: 10 } as const;
    const db = await openAt('/db', { engine, blockBasedTable: { filterPolicy }, ...TEXT });
    fill(db, 100);
    db.flush();
    db.compactRange();
    fill(db, 50, 200);
    db.flush();
    const { levels } = db.withPerfContext(
      'enableCount',
      () => {
        db.get(keyOf(5));
        db.get(keyOf(220));
      },
      { byLevel: true },
    );
    expect(levels?.[6]?.userKeyReturnCount).toBe(1);
    expect(levels?.[0]?.userKeyReturnCount).toBe(1);
    expect(engine.perfContext.levels()).toEqual({});
  });

  it('leaves background work out, which would be in threads of its own', async () => {
    const engine = await inMemory();
    const db = await openAt('/db', { engine, writeBufferSize: 64 << 10, ...TEXT });
    const { io, perf } = db.withPerfContext('enableCount', () => fill(db, 2000));
    expect(db.getIntProperty('rocksdb.live-sst-files-size')).toBeGreaterThan(0n);
    // The log, and nothing of the tables that the flushes within wrote and read.
    const logBytes = db.stats().database.walBytesWritten;
    expect(io.bytesWritten).toBeGreaterThanOrEqual(logBytes);
    expect(io.bytesWritten).toBeLessThan(logBytes * 1.2);
    expect(perf.blockReadCount).toBe(0);
  });

  it('nests, puts its level back, also after an error, and refuses promises', async () => {
    const engine = await inMemory();
    const db = await openAt('/db', { engine, ...TEXT });
    fill(db, 10);
    const { perfContext } = engine;
    expect(perfContext.level).toBe('enableCount');
    const outer = db.withPerfContext('enableTime', () => {
      db.get(keyOf(1));
      const inner = db.withPerfContext('enableCount', () => db.get(keyOf(2)));
      expect(inner.perf.getFromMemtableCount).toBe(1);
      expect(perfContext.level).toBe('enableTime');
    });
    expect(outer.perf.getFromMemtableCount).toBe(2);
    const failing = () =>
      db.withPerfContext('enableTime', () => {
        throw new RangeError('mine');
      });
    expect(failing).toThrow(new RangeError('mine'));
    expect(perfContext.level).toBe('enableCount');
    expect(() => db.withPerfContext('enableCount', async () => 1)).toThrow(/synchronous/);
    expect(() => db.withPerfContext('much' as never, () => 1)).toThrow(InvalidOptionError);
    expect(perfContext.level).toBe('enableCount');
    db.close();
    expect(() => db.withPerfContext('enableCount', () => 1)).toThrow(RocksDBError);
  });

  it('can be read and reset by itself', async () => {
    const engine = await inMemory();
    const db = await openAt('/db', { engine, ...TEXT });
    const { perfContext, ioStatsContext } = engine;
    fill(db, 10);
    perfContext.reset();
    ioStatsContext.reset();
    expect(new Set(Object.values(perfContext.counters()))).toEqual(new Set([0]));
    db.get(keyOf(1));
    expect(perfContext.metric('getFromMemtableCount')).toBe(1);
    expect(perfContext.report(true)).toMatch(/get_from_memtable_count = 1/);
    expect(perfContext.report(true)).not.toMatch(/block_read_count/);
    expect(perfContext.report()).toMatch(/block_read_count = 0/);
    db.put('k', 'v');
    expect(ioStatsContext.counters().bytesWritten).toBeGreaterThan(0);
    expect(ioStatsContext.report()).toMatch(/bytes_written = [1-9]/);
    ioStatsContext.reset();
    expect(ioStatsContext.counters().bytesWritten).toBe(0);
    perfContext.level = 'disable';
    db.get(keyOf(1));
    expect(perfContext.metric('getFromMemtableCount')).toBe(1);
    perfContext.level = 'enableCount';
    perfContext.byLevel = true;
    expect(perfContext.byLevel).toBe(true);
    perfContext.byLevel = false;
    expect(() => perfContext.metric('nonsense' as never)).toThrow(InvalidOptionError);
    expect(() => {
      perfContext.level = 'all' as never;
    }).toThrow(InvalidOptionError);
  });

  it('gives every byte back', async () => {
    const engine = await inMemory();
    const db = await openAt('/db', { engine, ...TEXT });
    fill(db, 100);
    db.flush();
    expectNoGrowth(engine, () => {
      db.withPerfContext('enableTime', () => db.get(keyOf(5)), { byLevel: true });
      engine.perfContext.report();
    });
  });
});

describe.each(PLACES)('a database $name tells', ({ make }) => {
  it('its statistics as data', async () => {
    const { engine, path } = await make();
    const db = await openAt(path(), { engine, disableAutoCompactions: true, ...TEXT });
    const other = db.createColumnFamily('other');
    fill(db, 300);
    db.flush();
    fill(db, 100);
    db.flush();
    db.put('k', 'v', { columnFamily: other });
    let stats = db.stats();
    expect(Object.keys(stats.columnFamilies)).toEqual(['default', 'other']);
    expect(stats.database.userKeysWritten).toBe(401);
    expect(stats.database.userWritesWithWal).toBe(401);
    expect(stats.database.walBytesWritten).toBeGreaterThan(400 * 100);
    const { levels, sum, writeStalls } = stats.columnFamilies.default ?? fail();
    expect(levels[0]).toMatchObject({ numFiles: 2, compCount: 2 });
    expect(levels[0]?.sizeBytes).toBe(Number(db.getIntProperty('rocksdb.live-sst-files-size')));
    expect(sum.numFiles).toBe(2);
    expect(writeStalls).toMatchObject({ totalDelays: 0, totalStops: 0, memtableLimitStops: 0 });
    expect(stats.columnFamilies.other?.levels).toEqual({});
    db.compactRange();
    stats = db.stats();
    const last = stats.columnFamilies.default?.levels[6];
    expect(last).toMatchObject({ numFiles: 1, keyIn: 400, keyDrop: 100 });
    db.resetStats();
    stats = db.stats();
    expect(stats.database.userKeysWritten).toBe(0);
    expect(stats.columnFamilies.default?.levels[6]?.keyIn).toBe(0);
    expect(stats.columnFamilies.default?.levels[6]?.numFiles).toBe(1);
  });

  it('its properties: numbers, maps, sums', async () => {
    const { engine, path } = await make();
    const db = await openAt(path(), { engine, ...TEXT });
    const columnFamily = db.createColumnFamily('other');
    fill(db, 20);
    db.put('k', 'v', { columnFamily });
    expect(db.getIntProperty('rocksdb.estimate-num-keys')).toBe(20n);
    expect(db.getAggregatedIntProperty('rocksdb.estimate-num-keys')).toBe(21n);
    expect(db.getAggregatedIntProperty('rocksdb.stats')).toBeUndefined();
    expect(db.getAggregatedIntProperty('rocksdb.nonsense')).toBeUndefined();
    db.flush({ columnFamily: db.defaultColumnFamily });
    expect(db.getMapProperty('rocksdb.aggregated-table-properties')).toMatchObject({
      num_entries: '20',
    });
    const atLevel = db.getMapProperty('rocksdb.aggregated-table-properties-at-level0');
    expect(atLevel).toMatchObject({ num_entries: '20' });
    const ofOther = db.getMapProperty('rocksdb.aggregated-table-properties', { columnFamily });
    expect(ofOther).toMatchObject({ num_entries: '0' });
    expect(db.getMapProperty('rocksdb.estimate-num-keys')).toBeUndefined();
    expect(db.getMapProperty('rocksdb.nonsense')).toBeUndefined();
    expect(() => db.getMapProperty(5 as never)).toThrow(InvalidArgumentError);
  });

  it('what its tables say about themselves', async () => {
    const { engine, path } = await make();
    const filterPolicy = { type: 'bloom', bitsPerKey: 10 } as const;
    const db = await openAt(path(), {
      engine,
      disableAutoCompactions: true,
      compression: 'lz4',
      blockBasedTable: { filterPolicy },
      ...TEXT,
    });
    fill(db, 30);
    db.delete('gone');
    db.flush();
    fill(db, 12, 1000);
    db.deleteRange('x', 'y');
    db.flush();
    const all = db.getPropertiesOfAllTables();
    expect(all.size).toBe(2);
    const [[firstPath, first] = fail(), [, second] = fail()] = [...all];
    expect(firstPath).toMatch(/\/db\/\d{6}\.sst$/);
    expect(first).toMatchObject({
      numEntries: 31,
      numDeletions: 1,
      numFilterEntries: 31,
      columnFamilyName: 'default',
      comparatorName: 'leveldb.BytewiseComparator',
      filterPolicyName: expect.stringMatching(/^bloomfilter/),
      compressionName: 'LZ4',
      dbHostId: 'rocksdb-wasm',
      keyLargestSeqno: 31n,
    });
    expect(first.creationTime).toBeGreaterThan(1_600_000_000);
    expect(first.rawKeySize).toBeGreaterThan(31 * 7);
    expect(second).toMatchObject({ numEntries: 13, numRangeDeletions: 1 });
    expect(first.userCollectedProperties).toBeTypeOf('object');
    const within = db.getPropertiesOfTablesInRange([{ begin: keyOf(0), end: keyOf(5) }]);
    expect([...within.keys()]).toEqual([firstPath]);
    expect(db.getPropertiesOfTablesInRange([]).size).toBe(0);
    expect(db.getPropertiesOfTablesInRange([{ begin: 'zz', end: 'zzz' }]).size).toBe(0);
    expect(() => db.getPropertiesOfTablesInRange('all' as never)).toThrow(InvalidArgumentError);
    const columnFamily = db.createColumnFamily('other');
    expect(db.getPropertiesOfAllTables({ columnFamily }).size).toBe(0);
  });

  it('what it has in memory, by type, of several databases and caches', async () => {
    const { engine, path } = await make();
    const db = await openAt(path(), { engine, ...TEXT });
    const empty = db.memoryUsageByType();
    fill(db, 1000);
    const filled = db.memoryUsageByType();
    expect(filled.memTableTotal - empty.memTableTotal).toBeGreaterThan(100_000);
    expect(filled.memTableUnFlushed).toBe(filled.memTableTotal);
    expect(filled.tableReadersTotal).toBe(0);
    // RocksDB's estimate counts the arenas; the heap's owner the blocks that they are made of.
    const { bytes } = engine.heap.owners().memtable ?? fail();
    expect(filled.memTableTotal / bytes).toBeGreaterThan(0.5);
    expect(filled.memTableTotal / bytes).toBeLessThan(1.5);
    db.flush();
    for (let i = 0; i < 1000; i += 10) db.get(keyOf(i));
    const flushed = db.memoryUsageByType();
    expect(flushed.memTableTotal).toBeLessThan(filled.memTableTotal);
    expect(flushed.tableReadersTotal).toBeGreaterThan(0);
    // Its own block cache, found by itself.
    expect(flushed.cacheTotal).toBe(Number(db.getIntProperty('rocksdb.block-cache-usage')));
    using blockCache = new Cache(engine, { capacity: 1 << 20 });
    const shared = { engine, blockBasedTable: { blockCache }, ...TEXT };
    const a = await openAt(path('a'), shared);
    const b = await openAt(path('b'), shared);
    fill(a, 100);
    a.flush();
    a.get(keyOf(5));
    // A cache that two databases share counts once.
    const both = a.memoryUsageByType({ databases: [b, a], caches: [blockCache] });
    expect(both.cacheTotal).toBe(blockCache.usage);
    const of = (one: TextDB) => one.memoryUsageByType().memTableTotal;
    expect(both.memTableTotal).toBe(of(a) + of(b));
    b.close();
    expect(() => a.memoryUsageByType({ databases: [b] })).toThrow(/was freed/);
    expect(() => a.memoryUsageByType({ databases: [{}] as never })).toThrow(InvalidArgumentError);
  });

  it('what its block cache holds', async () => {
    const clock = new ManualClock();
    const { engine, path } = await make({ clock });
    const db = await openAt(path(), { engine, ...TEXT });
    fill(db, 1000);
    db.flush();
    for (let i = 0; i < 1000; i++) db.get(keyOf(i));
    clock.advance(20_000_000_000n); // RocksDB looks through it every 10 seconds at most
    const stats = db.blockCacheEntryStats() ?? fail();
    expect(stats.capacity).toBe(32 << 20);
    expect(stats.entries.dataBlock?.count).toBeGreaterThan(10);
    expect(stats.entries.dataBlock?.bytes).toBeGreaterThan(10 * 1000);
    expect(stats.id).toContain('LRUCache@');
    const blockBasedTable = { blockCache: false } as const;
    const without = await openAt(path('without'), { engine, blockBasedTable, ...TEXT });
    expect(without.blockCacheEntryStats()).toBeUndefined();
  });

  it('when writes are stopped or slowed down, and why', async () => {
    const { engine, path } = await make({ background: 'manual' });
    const db = await openAt(path(), {
      engine,
      level0FileNumCompactionTrigger: 2,
      level0SlowdownWritesTrigger: 2,
      ...TEXT,
    });
    expect(db.writeStallState()).toMatchObject({ state: 'normal', delayedWriteRate: 0 });
    const fileInLevel0 = (i: number) => {
      db.put(keyOf(i), 'v');
      db.flush();
    };
    for (let i = 0; i < 2; i++) fileInLevel0(i);
    const delayed = db.writeStallState();
    expect(delayed.state).toBe('delayed');
    expect(delayed.delayedWriteRate).toBeGreaterThan(0);
    expect(delayed.counts.l0FileCountLimitDelays).toBeGreaterThan(0);
    engine.pump();
    expect(db.writeStallState().state).toBe('normal');
  });
});

/** For `??`: the value was there. */
function fail(): never {
  throw new Error('missing');
}

/** After two rounds to warm up, a third leaves every owner's bytes as they were. */
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
  ledgerIsCleanOfResources(engine);
}

function ledgerIsCleanOfResources(engine: Engine): void {
  const kinds = engine.heap.report().handles.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'statistics')).toEqual([]);
}
