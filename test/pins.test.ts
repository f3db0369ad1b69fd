import { Cache, type FileSystem, MemoryFileSystem, NodeFileSystem } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeEngine, openAt } from './support/open.js';
import {
  compact,
  filesOf,
  fill,
  freesExactly,
  open,
  pinsOf,
  TEXT,
  type Text,
} from './support/pins.js';

const sum = (items: readonly { bytes: number }[]) =>
  items.reduce((total, { bytes }) => total + bytes, 0);
const numbers = (items: readonly { number: number }[]) => items.map(({ number }) => number);

const FILE_SYSTEMS: readonly [string, () => FileSystem][] = [
  ['in memory', () => new MemoryFileSystem()],
  ['on disk', () => new NodeFileSystem()],
];

describe.each(FILE_SYSTEMS)(
  'an iterator opened before a flush, a compaction and a deleteRange, %s',
  (_, make) => {
    it('pins exactly what RocksDB deletes once it is freed, to the byte', async () => {
      const db = await open({ fileSystem: make() });
      for (let file = 0; file < 3; file++) {
        fill(db, file * 500, file * 500 + 600, String(file).repeat(200));
        db.flush();
      }
      fill(db, 1000, 1200, 'memtable');
      const iterator = db.iterator();
      expect(iterator.nextMany(3).length).toBe(3);
      const fresh = pinsOf(db, iterator);
      expect([fresh.memtables.unique, fresh.sstFiles.unique, fresh.versions.unique]).toEqual([
        [],
        [],
        [],
      ]);
      expect([fresh.memtables.shared.length, fresh.sstFiles.shared.length]).toEqual([1, 3]);
      const held = new Map(filesOf(db));
      db.flush();
      compact(db);
      db.deleteRange('key000100', 'key000400');
      db.flush();
      compact(db);
      const report = pinsOf(db, iterator);
      expect(new Map(report.sstFiles.unique.map(({ path, bytes }) => [path, bytes]))).toEqual(held);
      expect(report.sstFiles.shared).toEqual([]);
      expect(report.memtables.unique.map(({ entries }) => entries)).toEqual([200]);
      expect(report.memtables.unique.map(({ id }) => id)).toEqual(
        fresh.memtables.shared.map(({ id }) => id),
      );
      expect(report.versions.unique.length).toBe(1);
      freesExactly(db, report, () => iterator.free());
      expect(db.heap.allPins().size).toBe(0);
    });

    it('pins blob files, too', async () => {
      const db = await open({ fileSystem: make(), enableBlobFiles: true, minBlobSize: 100 });
      fill(db, 0, 300, 'b'.repeat(500));
      db.flush();
      const iterator = db.iterator();
      fill(db, 0, 300, 'c'.repeat(400));
      db.flush();
      compact(db);
      const report = pinsOf(db, iterator);
      expect([report.sstFiles.unique.length, report.blobFiles.unique.length]).toEqual([1, 1]);
      freesExactly(db, report, () => iterator.free());
    });
  },
);

describe('what an iterator shares', () => {
  it('with another one goes with the last of them', async () => {
    const db = await open();
    fill(db, 0, 500);
    db.flush();
    const first = db.iterator();
    fill(db, 500, 1000);
    const second = db.iterator();
    db.flush();
    const third = db.iterator();
    compact(db);
    const file = [...filesOf(db).keys()][0];
    for (const { id } of [first, second]) {
      const report = pinsOf(db, { id });
      expect(report.sstFiles.unique).toEqual([]);
      expect(report.memtables.unique).toEqual([]);
      expect(report.memtables.shared.map(({ holders }) => holders)).toEqual([
        { handles: [first.id, second.id], current: false, background: false },
      ]);
      const shared = report.sstFiles.shared.filter(({ path }) => path === file);
      expect(shared.map(({ holders }) => holders.handles)).toEqual([
        [first.id, second.id, third.id],
      ]);
    }
    const mine = pinsOf(db, third);
    expect([mine.sstFiles.unique.length, mine.sstFiles.shared.length]).toEqual([1, 1]);
    expect(mine.memtables.shared.map(({ holders }) => holders.current)).toEqual([true]);
    const together = db.heap.pinsTogether([first, second, third]);
    expect(together?.handles).toEqual([first.id, second.id, third.id]);
    expect([together?.sstFiles.unique.length, together?.memtables.unique.length]).toEqual([2, 1]);
    freesExactly(db, pinsOf(db, first), () => first.free());
    freesExactly(db, pinsOf(db, third), () => third.free());
    const last = pinsOf(db, second);
    expect([last.sstFiles.unique.length, last.memtables.unique.length]).toEqual([1, 1]);
    freesExactly(db, last, () => second.free());
  });

  it('is told for thousands of iterators by one reading, and the same as one by one', async () => {
    const db = await open();
    const iterators = [];
    for (let state = 0; state < 4; state++) {
      fill(db, state * 100, state * 100 + 100);
      db.flush();
      for (let i = 0; i < (state === 2 ? 1 : 700); i++) iterators.push(db.iterator());
    }
    compact(db);
    const all = db.heap.allPins();
    expect([...all.keys()]).toEqual(iterators.map(({ id }) => id));
    for (const index of [0, 699, 700, 1399, 1400, 1401, 2100]) {
      const { id } = iterators[index] as { id: number };
      expect(all.get(id)).toEqual(pinsOf(db, { id }));
    }
    const together = db.heap.pinsTogether(iterators);
    expect([together?.sstFiles.unique.length, together?.sstFiles.shared.length]).toEqual([4, 0]);
    for (const iterator of iterators) iterator.free();
    expect(filesOf(db).size).toBe(1);
  });

  it('with a compaction that waits is not its own', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), background: 'manual' });
    const { compression, createIfMissing, keyEncoding, valueEncoding } = TEXT;
    const options = { compression, createIfMissing, keyEncoding, valueEncoding } as const;
    const db = await openAt('/db', { engine, ...options, level0FileNumCompactionTrigger: 2 });
    fill(db, 0, 100);
    db.flush();
    fill(db, 0, 100);
    const iterator = db.iterator();
    db.flush();
    expect(engine.pendingJobs).toBeGreaterThan(0);
    const waiting = pinsOf(db, iterator);
    expect([waiting.sstFiles.unique, waiting.memtables.unique.length]).toEqual([[], 1]);
    engine.pump();
    const done = pinsOf(db, iterator);
    expect([done.sstFiles.unique.length, done.memtables.unique.length]).toEqual([1, 1]);
    freesExactly(db, done, () => iterator.free());
  });
});

describe('pins of an iterator', () => {
  it('are several memtables where flushes wait', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), background: 'manual' });
    const db = await openAt('/db', {
      ...{ engine, ...TEXT },
      maxWriteBufferNumber: 6,
      minWriteBufferNumberToMerge: 3,
      writeBufferSize: 64 * 1024,
      arenaBlockSize: 4096,
    });
    fill(db, 0, 600);
    const iterator = db.iterator();
    const waiting = pinsOf(db, iterator).memtables.shared;
    expect(waiting.length).toBeGreaterThan(2);
    db.flush();
    engine.pump();
    const report = pinsOf(db, iterator);
    expect(report.memtables.unique.map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
    expect(report.memtables.unique.reduce((total, { entries }) => total + entries, 0)).toBe(600);
    freesExactly(db, report, () => iterator.free());
  });

  it('are not the memtables that are kept as history', async () => {
    const db = await open({ maxWriteBufferSizeToMaintain: 100 * 1024 * 1024 });
    fill(db, 0, 100);
    const iterator = db.iterator();
    db.flush();
    const report = pinsOf(db, iterator);
    expect(report.memtables.unique).toEqual([]);
    expect(report.memtables.shared.map(({ holders }) => holders.current)).toEqual([true]);
    freesExactly(db, report, () => iterator.free());
  });

  it('are given up by refresh, and taken anew', async () => {
    const db = await open();
    fill(db, 0, 100);
    db.flush();
    const iterator = db.iterator();
    fill(db, 0, 100);
    db.flush();
    compact(db);
    const before = pinsOf(db, iterator);
    expect(before.sstFiles.unique.length).toBe(1);
    freesExactly(db, before, () => iterator.refresh());
    const after = pinsOf(db, iterator);
    expect([after.sstFiles.unique, after.sstFiles.shared.length]).toEqual([[], 1]);
    fill(db, 0, 100);
    db.flush();
    compact(db);
    const again = pinsOf(db, iterator);
    expect(numbers(again.sstFiles.unique)).toEqual(numbers(after.sstFiles.shared));
    freesExactly(db, again, () => iterator.free());
  });

  it('follow a tailing one as it catches up', async () => {
    const db = await open();
    fill(db, 0, 100);
    db.flush();
    const iterator = db.iterator({ tailing: true });
    expect(iterator.next()?.[0]).toBe('key000000');
    fill(db, 100, 200);
    db.flush();
    compact(db);
    const behind = pinsOf(db, iterator);
    expect([behind.sstFiles.unique.length, behind.memtables.unique.length]).toEqual([1, 1]);
    freesExactly(db, behind, () => iterator.seek('key000150'));
    const level = pinsOf(db, iterator);
    expect([level.sstFiles.unique, level.memtables.unique]).toEqual([[], []]);
    expect(iterator.next()?.[0]).toBe('key000150');
    compact(db);
    const report = pinsOf(db, iterator);
    expect(report.sstFiles.unique.length).toBe(1);
    freesExactly(db, report, () => iterator.free());
  });

  it('are those of its column family, which may be dropped', async () => {
    const db = await open({ atomicFlush: true });
    const family = db.createColumnFamily('family', { disableAutoCompactions: true });
    fill(db, 0, 100);
    fill(db, 0, 200, 'y'.repeat(100), family);
    const options = { columnFamily: family };
    const iterator = db.iterator(options);
    db.flush();
    fill(db, 0, 200, 'z'.repeat(100), family);
    db.flush();
    compact(db, family);
    const report = pinsOf(db, iterator);
    const { memtables, sstFiles } = report;
    expect([memtables.unique.length, sstFiles.unique, sstFiles.shared]).toEqual([1, [], []]);
    expect(memtables.unique[0]?.columnFamily).toBe('family');
    expect(memtables.unique[0]?.entries).toBe(200);
    freesExactly(db, report, () => iterator.free(), family);
    const other = db.iterator(options);
    db.dropColumnFamily(family);
    const dropped = pinsOf(db, other);
    expect(dropped.sstFiles.shared.map(({ holders }) => holders.current)).toEqual([true]);
    freesExactly(db, dropped, () => other.free(), family);
    const files = filesOf(db).size;
    family.free();
    expect(filesOf(db).size).toBe(files - 1);
  });

  it('are only shared in a database that is read-only', async () => {
    const fileSystem = new MemoryFileSystem();
    const writer = await openAt('/db', { ...TEXT, fileSystem });
    fill(writer as Text, 0, 100);
    writer.flush();
    writer.close();
    const db = (await openAt('/db', { ...TEXT, fileSystem, readOnly: true })) as Text;
    const iterator = db.iterator();
    iterator.next();
    const report = pinsOf(db, iterator);
    expect([report.sstFiles.shared.length, report.sstFiles.unique]).toEqual([1, []]);
    expect(report.cacheBlocks.unique.length).toBe(1);
    freesExactly(db, report, () => iterator.free());
  });

  it('are nothing of a handle of another kind, and nothing once it is freed', async () => {
    const db = await open();
    const iterator = db.iterator();
    expect(db.heap.pins(db)).toBeUndefined();
    expect(db.heap.pins(db.defaultColumnFamily)).toBeUndefined();
    expect(db.engine.heap.pins(iterator.id)?.handles).toEqual([iterator.id]);
    iterator.free();
    expect(db.heap.pins(iterator)).toBeUndefined();
    expect(db.heap.pinsTogether([iterator, 12345])).toBeUndefined();
  });

  it('are not those of a handle that has its number in another engine', async () => {
    const [one, two] = [await open(), await open()];
    const [mine, other] = [one.iterator(), two.iterator()];
    expect(mine.id).toBe(other.id);
    expect(one.heap.pins(mine)).toBeDefined();
    expect(one.heap.pins(other)).toBeUndefined();
    expect(one.heap.pinsTogether([mine, other])?.handles).toEqual([mine.id]);
    expect(one.heap.why(other)).toBe(`#${other.id} is no live handle of this engine`);
    for (const record of two.heap.handles('iterator')) {
      expect(one.heap.pins(record)).toBeUndefined();
      expect(two.heap.pins(record)).toEqual(two.heap.pins(other));
    }
    for (const record of one.heap.report().handles) {
      expect(one.heap.why(record)).toBe(one.heap.why(record.id));
    }
    mine.free();
    other.free();
  });

  it('are found among those of several databases on one engine', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const one = (await openAt('/one', { engine, ...TEXT })) as Text;
    const two = (await openAt('/two', { engine, ...TEXT })) as Text;
    const iterators = [one, two].map((db) => {
      fill(db, 0, 100);
      const iterator = db.iterator();
      db.flush();
      return iterator;
    });
    expect([...engine.heap.allPins().keys()]).toEqual(iterators.map(({ id }) => id));
    expect(engine.heap.pinsTogether(iterators)?.memtables.unique.length).toBe(2);
    for (const [index, db] of [one, two].entries()) {
      const iterator = iterators[index] as { id: number; free(): void };
      const report = pinsOf(db, iterator);
      expect(report.memtables.unique.length).toBe(1);
      freesExactly(db, report, () => iterator.free());
    }
  });
});

describe('a handle', () => {
  it('knows the bytes of its own: those of a batch are what it holds', async () => {
    const db = await open();
    fill(db, 0, 100);
    db.flush();
    using batch = db.batch();
    for (let i = 0; i < 100; i++) batch.put(`key${i}`, 'x'.repeat(1000));
    const { ownBytes = 0, memtables } = pinsOf(db, batch);
    expect(ownBytes).toBeGreaterThan(100_000);
    expect(ownBytes).toBeLessThan(300_000);
    expect(memtables.unique).toEqual([]);
    expect(db.heap.why(batch)).toMatch(/, holds 0\.\d MB$/);
    using iterator = db.iterator();
    iterator.nextMany(100);
    using snapshot = db.snapshot();
    using slice = db.getPinned('key000001');
    for (const handle of [iterator, snapshot, slice]) {
      if (handle === undefined) throw new Error('the key is there');
      const own = pinsOf(db, handle).ownBytes ?? 0;
      const inUse = db.engine.heap.inUseBytes;
      handle.free();
      expect([handle.kind, inUse - db.engine.heap.inUseBytes >= own, own > 0]).toEqual([
        handle.kind,
        true,
        true,
      ]);
    }
  });

  it('is explained in words', async () => {
    const db = await open();
    for (let file = 0; file < 5; file++) {
      fill(db, 0, 1000, 'y'.repeat(1000));
      db.flush();
    }
    fill(db, 0, 1000, 'y'.repeat(1000));
    const iterator = db.iterator();
    expect(db.heap.why(iterator)).toMatch(
      /, pins nothing alone; shares 1 memtable \(\d\.\d MB\) and 5 SST files \(5\.\d MB\)$/,
    );
    db.flush();
    compact(db);
    expect(db.heap.why(iterator)).toMatch(
      /^iterator #\d+, .*, alone pins 1 memtable \(\d\.\d MB\) and 5 SST files \(5\.\d MB\)$/,
    );
    const slice = db.getPinned('key000001');
    expect(db.heap.why(slice ?? 0)).toMatch(/, alone pins 1 cache block \([\d,]+ bytes\)$/);
    using copied = db.getPinned('key000001', { fillCache: false });
    expect(copied?.length).toBe(1000);
    slice?.free();
    iterator.free();
    expect(db.heap.why(iterator)).toBe(`no live handle has the number ${iterator.id}`);
  });
});

describe('cache blocks', () => {
  const pinned = (db: Text) => Number(db.getIntProperty('rocksdb.block-cache-pinned-usage'));

  /** As freesExactly, of the block cache. */
  function unpinsExactly(db: Text, handle: { id: number; free(): void }, blocks?: number): void {
    const report = pinsOf(db, handle);
    if (blocks !== undefined) expect(report.cacheBlocks.unique.length).toBe(blocks);
    expect(report.cacheBlocks.uniqueBytes).toBe(sum(report.cacheBlocks.unique));
    const before = pinned(db);
    handle.free();
    expect(before - pinned(db)).toBe(report.cacheBlocks.uniqueBytes);
  }

  it('that an iterator stands on: one of each file in level 0, one of each level', async () => {
    const db = await open();
    fill(db, 0, 3000);
    db.flush();
    compact(db);
    for (let i = 0; i < 3; i++) {
      fill(db, i * 10, i * 10 + 500, 'again');
      db.flush();
    }
    const iterator = db.iterator();
    expect(pinsOf(db, iterator).cacheBlocks.unique).toEqual([]);
    iterator.seek('key000000');
    unpinsExactly(db, iterator, 4);
  });

  it('of indexes in the cache, and of partitioned ones', async () => {
    for (const indexType of ['kBinarySearch', 'kTwoLevelIndexSearch'] as const) {
      const db = await open({
        blockBasedTable: { cacheIndexAndFilterBlocks: true, indexType, metadataBlockSize: 512 },
      });
      fill(db, 0, 5000);
      db.flush();
      const iterator = db.iterator();
      iterator.nextMany(100);
      expect(pinsOf(db, iterator).cacheBlocks.unique.length).toBeGreaterThan(1);
      unpinsExactly(db, iterator);
      db.close();
    }
  });

  it('of a tailing iterator, and of one that reads ahead', async () => {
    const db = await open();
    fill(db, 0, 3000);
    db.flush();
    compact(db);
    fill(db, 0, 3000);
    db.flush();
    [...db.iterator().keys()].length; // everything is in the cache
    db.freeUnreleased();
    for (const options of [{ tailing: true }, { readaheadSize: 65536 }, { lt: 'key002900' }]) {
      const iterator = db.iterator(options);
      iterator.nextMany(500);
      expect(pinsOf(db, iterator).cacheBlocks.unique.length).toBeGreaterThan(1);
      unpinsExactly(db, iterator);
    }
  });

  it('that an iterator has looked up ahead of itself', async () => {
    const fileSystem = new MemoryFileSystem();
    const writer = await openAt('/db', { ...TEXT, fileSystem });
    fill(writer, 0, 5000);
    writer.flush();
    writer.close();
    const db = await openAt('/db', { ...TEXT, fileSystem });
    for (let i = 0; i < 5000; i += 60) db.get(`key${String(i).padStart(6, '0')}`); // some are there
    let most = 0;
    for (let read = 0; read < 2000; read += 100) {
      const iterator = db.iterator({ lt: 'key004500' });
      iterator.nextMany(read);
      most = Math.max(most, pinsOf(db, iterator).cacheBlocks.unique.length);
      unpinsExactly(db, iterator);
    }
    expect(most).toBeGreaterThan(1);
  });

  it('of a cache for blobs, and of one that two databases share', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    using blockCache = new Cache(engine, { capacity: 8 * 1024 * 1024 });
    const options = { engine, ...TEXT, blockBasedTable: { blockCache } } as const;
    const one = await openAt('/one', { ...options, enableBlobFiles: true, blobCache: 1024 * 1024 });
    const two = await openAt('/two', options);
    for (const db of [one, two]) {
      fill(db, 0, 10, 'b'.repeat(5000));
      db.flush();
    }
    const blob = one.getPinned('key000001');
    const block = two.getPinned('key000001');
    if (blob === undefined || block === undefined) throw new Error('the keys are there');
    const usage = () => [
      Number(one.getIntProperty('rocksdb.blob-cache-pinned-usage')),
      blockCache.pinnedUsage,
    ];
    for (const [index, db, slice] of [
      [0, one, blob],
      [1, two, block],
    ] as const) {
      const { cacheBlocks } = pinsOf(db, slice);
      expect(cacheBlocks.unique.length).toBe(1);
      const before = usage()[index] ?? 0;
      slice.free();
      expect(before - (usage()[index] ?? 0)).toBe(cacheBlocks.uniqueBytes);
    }
  });

  it('that two handles stand on are shared', async () => {
    const db = await open();
    fill(db, 0, 100);
    db.flush();
    const [one, two] = [db.iterator(), db.iterator()];
    for (const iterator of [one, two]) iterator.next();
    const slice = db.getPinned('key000000');
    if (slice === undefined) throw new Error('the key is there');
    for (const { id } of [one, two, slice]) {
      const { cacheBlocks } = pinsOf(db, { id });
      expect(cacheBlocks.unique).toEqual([]);
      expect(cacheBlocks.shared.map(({ holders }) => holders.handles)).toEqual([
        [one.id, two.id, slice.id],
      ]);
    }
    unpinsExactly(db, one, 0);
    unpinsExactly(db, slice, 0);
    unpinsExactly(db, two, 1);
  });

  it('of merges on the way', async () => {
    const db = await open({ mergeOperator: 'stringappend', blockBasedTable: { blockSize: 1024 } });
    for (let file = 0; file < 4; file++) {
      for (let i = 0; i < 200; i++) db.merge(`key${i}`, `${file}`.repeat(50));
      db.flush();
    }
    for (const reverse of [false, true]) {
      const iterator = db.iterator({ reverse });
      iterator.nextMany(33);
      unpinsExactly(db, iterator);
    }
  });
});
