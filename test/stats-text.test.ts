/** RocksDB's text of statistics: of this package's databases in many states, and of a LOG. */
import { type Engine, ManualClock, MemoryFileSystem, parseStats, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { noise } from './core/host.js';
import { makeEngine, openAt } from './support/open.js';

const TEXT = { createIfMissing: true, keyEncoding: 'utf8' } as const;
const CLOCK = () => new ManualClock({ stepNs: 10_000n });
const inMemory = (clock = CLOCK()): Promise<Engine> =>
  makeEngine({ fileSystem: new MemoryFileSystem(), clock });

function fill(db: RocksDB<'utf8'>, count: number): void {
  for (let i = 0; i < count; i++) db.put(`key ${(i * 7919) % 3000}`, noise(200, i + 1));
}

const statsText = (db: RocksDB<'utf8'>, property = 'rocksdb.stats') =>
  db.getProperty(property) ?? '';

function readText(engine: Engine, path: string): string {
  const flags = { read: true, write: false, create: false, exclusive: false, truncate: false };
  const file = engine.fileSystem.open(path, flags);
  try {
    const bytes = new Uint8Array(Number(file.stat().size));
    return new TextDecoder().decode(bytes.subarray(0, file.read(bytes, 0)));
  } finally {
    file.close();
  }
}

/** What the text says must be what the maps say, as far as it is rounded. */
function expectAgreement(db: RocksDB<'utf8'>): void {
  const maps = db.stats();
  const { columnFamilies, database } = parseStats(statsText(db));
  const family = columnFamilies.default;
  const exactly = maps.columnFamilies.default as ColumnFamilyStats;
  const { levels, sum, writeStalls } = exactly;
  const names = [...Object.keys(levels).map((level) => `L${level}`), 'Sum', 'Int'];
  expect(Object.keys(family?.levels ?? {})).toEqual(names);
  for (const [name, row] of Object.entries(family?.levels ?? {})) {
    if (name === 'Int') continue;
    const exact = name === 'Sum' ? sum : levels[Number(name.slice(1))];
    for (const [figure, value] of Object.entries(exact ?? sum)) {
      // Times go on from one reading to the other; the text has no column for compacted files of its own.
      if (/Sec|MBps|CPU|compactedFiles/.test(figure)) continue;
      const shown = row[figure as 'score'];
      const rounded = Math.max(0.06, Math.abs(value) * 0.06);
      expect([name, figure, Math.abs((shown ?? Number.NaN) - value) <= rounded]).toEqual([
        name,
        figure,
        true,
      ]);
    }
  }
  expect(family?.writeStalls).toEqual(writeStalls);
  const keys = maps.database.userKeysWritten;
  expect(Math.abs((database?.cumulativeWrites?.keys ?? 0) - keys)).toBeLessThanOrEqual(keys * 0.06);
}

describe('the text of statistics', () => {
  it('of a new database', async () => {
    const db = await openAt('/db', { engine: await inMemory(), ...TEXT });
    expectAgreement(db);
  });

  it('of one with flushes, compactions and stalls', async () => {
    const clock = CLOCK();
    const db = await openAt('/db', {
      engine: await inMemory(clock),
      writeBufferSize: 64 << 10,
      targetFileSizeBase: 64 << 10,
      maxBytesForLevelBase: 128 << 10,
      level0FileNumCompactionTrigger: 2,
      level0SlowdownWritesTrigger: 2,
      ...TEXT,
    });
    fill(db, 5000);
    clock.advance(5_000_000_000n);
    expectAgreement(db);
    const { columnFamilies, database } = parseStats(statsText(db));
    const family = columnFamilies.default;
    expect(Object.keys(family?.priorities ?? {})).toContain('High');
    expect(family?.priorities.High?.compCount).toBe(family?.levels.L0?.compCount);
    expect(family?.levels.Sum?.keyIn).toBeGreaterThan(1000);
    expect(family?.flushGB?.cumulative).toBeGreaterThan(0);
    expect(family?.cumulativeCompaction?.writeMBps).toBeGreaterThan(0);
    expect(family?.uptimeSeconds?.total).toBeGreaterThanOrEqual(5);
    expect(family?.estimatedPendingCompactionBytes).toBeGreaterThanOrEqual(0);
    expect(family?.blockCache?.capacityBytes).toBe(32 << 20);
    expect(family?.writeStalls.totalDelays).toBeGreaterThan(0);
    expect(database?.cumulativeStallSeconds).toBeGreaterThanOrEqual(0);
    expect(database?.cumulativeWal?.writtenGB).toBeGreaterThanOrEqual(0);
    // The interval begins anew with each reading.
    expect(database?.intervalWrites?.writes).toBe(0);
  });

  it('of one with blobs, universal compaction, and reads of each level', async () => {
    const engine = await inMemory();
    using statistics = new Statistics(engine); // or RocksDB measures no reads
    const db = await openAt('/db', {
      engine,
      statistics,
      compactionStyle: 'universal',
      enableBlobFiles: true,
      minBlobSize: 100,
      blockBasedTable: { blockCache: 1 << 20, blockSize: 512 },
      ...TEXT,
    });
    const columnFamily = db.createColumnFamily('with [brackets] and spaces');
    fill(db, 2000);
    db.put('k', 'v', { columnFamily });
    db.flush();
    for (let i = 0; i < 500; i++) db.get(`key ${i}`);
    const { default: family } = parseStats(statsText(db)).columnFamilies;
    expect(family?.blobFiles).toMatchObject({ count: 1, garbageGB: 0 });
    expect(family?.levels.L0?.wblobGB).toBeGreaterThanOrEqual(0);
    const latency = family?.fileReadLatency[0];
    expect(latency?.count).toBeGreaterThan(10);
    expect(latency?.average).toBeGreaterThan(0);
    expect(Object.keys(latency?.percentiles ?? {})).toEqual([
      'p50',
      'p75',
      'p99',
      'p99.9',
      'p99.99',
    ]);
    expect(latency?.percentiles.p50).toBeCloseTo(latency?.median ?? 0);
    const only = parseStats(db.getProperty('rocksdb.cfstats', { columnFamily }) ?? '');
    expect(Object.keys(only.columnFamilies)).toEqual(['with [brackets] and spaces']);
    expect(only.database).toBeUndefined();
    const database = parseStats(statsText(db, 'rocksdb.dbstats'));
    expect(database.columnFamilies).toEqual({});
    expect(database.database?.cumulativeWrites?.keys).toBe(2001);
  });

  it('of a LOG, with all column families, of which the last dump counts', async () => {
    const clock = CLOCK();
    const engine = await inMemory(clock);
    const db = await openAt('/db', { engine, statsDumpPeriodSec: 60, ...TEXT });
    const columnFamily = db.createColumnFamily('other');
    for (const count of [10, 20]) {
      fill(db, count);
      db.put('k', 'v', { columnFamily });
      db.flush();
      clock.advance(61_000_000_000n);
      engine.pump();
    }
    const log = readText(engine, '/db/LOG');
    expect(log.split('** DB Stats **').length).toBeGreaterThan(2);
    const { columnFamilies, database } = parseStats(log);
    expect(Object.keys(columnFamilies).sort()).toEqual(['default', 'other']);
    expect(columnFamilies.default?.levels.L0?.numFiles).toBe(2);
    expect(columnFamilies.other?.levels.Sum?.compCount).toBe(2);
    expect(database?.cumulativeWrites?.keys).toBe(32);
    expect(database?.intervalWrites?.keys).toBe(21);
  });

  it('of nothing', () => {
    expect(parseStats('')).toEqual({ columnFamilies: {}, database: undefined });
    expect(parseStats('** Something [else] **\nL0 1/0 x\n').columnFamilies).toEqual({});
    const broken = parseStats('** Compaction Stats [a] **\nLevel Files\nL0 1/0\nUptime(secs): x');
    expect(broken.columnFamilies.a?.uptimeSeconds).toBeUndefined();
  });
});
