import {
  Cache,
  Engine,
  type EngineOptions,
  HandleFreedError,
  InvalidOptionError,
  MemoryFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  errorOf,
  ledgerIsClean,
  makeEngine,
  openAt,
  openTemp,
  wasmModule,
} from './support/open.js';

const inMemory = (options: EngineOptions = {}) =>
  makeEngine({ fileSystem: new MemoryFileSystem(), ...options });

const CREATE = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** Small enough that a few hundred writes make flushes and compactions. */
const SMALL = {
  writeBufferSize: 64 << 10,
  level0FileNumCompactionTrigger: 2,
  compression: 'none',
} as const;

function write(db: RocksDB<'utf8', 'utf8'>, from: number, to: number): void {
  for (let i = from; i < to; i++) db.put(`k${i}`, `value ${i} ${'.'.repeat(1000)}`);
}

function check(db: RocksDB<'utf8', 'utf8'>, from: number, to: number): void {
  for (let i = from; i < to; i++) expect(db.get(`k${i}`)).toBe(`value ${i} ${'.'.repeat(1000)}`);
}

describe('background work', () => {
  it('is over before the call returns, inline', async () => {
    const db = await openTemp({ ...CREATE, ...SMALL });
    expect(db.engine.background).toBe('inline');
    for (let i = 0; i < 500; i++) {
      write(db, i, i + 1);
      expect(db.engine.pendingJobs).toBe(0);
    }
    expect(db.engine.pump()).toBe(0);
    expect(db.getIntProperty('rocksdb.num-immutable-mem-table')).toBe(0n);
    expect(Number(db.getProperty('rocksdb.num-files-at-level0'))).toBeLessThan(2);
    check(db, 0, 500);
  });

  it('waits for pump(), manual', async () => {
    const db = await openTemp({ ...CREATE, ...SMALL, background: 'manual' });
    const { engine } = db;
    write(db, 0, 20);
    db.flush({ wait: false });
    expect(engine.pendingJobs).toBeGreaterThan(0);
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('0');
    check(db, 0, 20);
    expect(engine.pump(0)).toBe(0);
    expect(engine.pump(1)).toBe(1);
    expect(engine.pump()).toBeGreaterThanOrEqual(0);
    expect(engine.pendingJobs).toBe(0);
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('1');
    expect(engine.pump()).toBe(0);
    check(db, 0, 20);
  });

  it('runs within the call when that must wait for it, manual', async () => {
    const db = await openTemp({ ...CREATE, ...SMALL, background: 'manual' });
    write(db, 0, 60);
    db.flush();
    expect(Number(db.getProperty('rocksdb.num-files-at-level0'))).toBeGreaterThan(0);
    // Far more than the memtables that RocksDB allows: the writer has to run flushes itself.
    write(db, 0, 2000);
    check(db, 0, 2000);
  });

  it('runs in the turns of the event loop, idle', async () => {
    const db = await openTemp({ ...CREATE, ...SMALL, background: 'idle' });
    write(db, 0, 20);
    db.flush({ wait: false });
    expect(db.engine.pendingJobs).toBeGreaterThan(0);
    for (let turn = 0; turn < 10_000 && db.engine.pendingJobs > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(db.engine.pendingJobs).toBe(0);
    expect(db.getProperty('rocksdb.num-files-at-level0')).toBe('1');
  });

  it('is finished or given up when the database is closed', async () => {
    for (const background of ['manual', 'idle'] as const) {
      const engine = await inMemory({ background });
      const db = await openAt('/db', { engine, ...CREATE, ...SMALL });
      write(db, 0, 60);
      db.flush({ wait: false });
      db.close();
      expect(engine.pendingJobs).toBe(0);
      ledgerIsClean(engine);
      const again = await openAt('/db', { engine, ...CREATE });
      check(again, 0, 60);
    }
  });

  it('has three modes only', async () => {
    const background = 'later' as 'idle';
    const error = await errorOf(async () =>
      Engine.create({ wasm: await wasmModule(), background }),
    );
    expect(error).toBeInstanceOf(InvalidOptionError);
    const engine = await inMemory();
    for (const jobs of [-1, Number.NaN, '3', null]) {
      expect(await errorOf(() => engine.pump(jobs as number))).toBeInstanceOf(InvalidOptionError);
    }
  });
});

describe('an engine', () => {
  it('is private to a database, and goes with it', async () => {
    const one = await openTemp({ fileSystem: new MemoryFileSystem() });
    const two = await openTemp({ fileSystem: new MemoryFileSystem() });
    expect(one.engine).not.toBe(two.engine);
    one.close();
    expect(one.engine.freed).toBe(true);
    expect(two.engine.freed).toBe(false);
    expect(await errorOf(() => one.engine.pump())).toBeInstanceOf(HandleFreedError);
    two.put('k', 'v');
  });

  it('holds several databases, which come and go', async () => {
    const engine = await inMemory();
    const one = await openAt('/one', { engine, ...CREATE });
    const two = RocksDB.openSync('/two', { engine, ...CREATE });
    one.put('k', '1');
    two.put('k', '2');
    expect([one.get('k'), two.get('k')]).toEqual(['1', '2']);
    using batch = one.batch();
    using snapshot = one.snapshot();
    const family = one.createColumnFamily('family');
    for (const use of [
      () => two.write(batch),
      () => two.get('k', { snapshot }),
      () => two.get('k', { columnFamily: family }),
    ]) {
      expect((await errorOf(use)).code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    }
    two.close();
    expect(engine.freed).toBe(false);
    expect(one.get('k', { snapshot })).toBe('1');
    const again = await openAt('/two', { engine, ...CREATE });
    expect(again.get('k')).toBe('2');
  });

  it('closes its databases when it is freed', async () => {
    const fileSystem = new MemoryFileSystem();
    const engine = await inMemory({ fileSystem });
    const db = await openAt('/db', { engine, ...CREATE, onUnreleased: () => {} });
    const iterator = db.iterator();
    db.put('k', 'v');
    engine.free();
    engine.free();
    expect([engine.freed, db.freed, iterator.freed]).toEqual([true, true, true]);
    expect(await errorOf(() => db.get('k'))).toBeInstanceOf(HandleFreedError);
    const open = () => openAt('/db', { engine });
    expect(await errorOf(open)).toBeInstanceOf(HandleFreedError);
    const again = await openAt('/db', { fileSystem, ...CREATE });
    expect(again.get('k')).toBe('v');
  });

  it('has its own options, which a database on it cannot set', async () => {
    const engine = await inMemory();
    for (const options of [
      { fileSystem: new MemoryFileSystem() },
      { tracking: 'track' },
      { background: 'manual' },
      { maxHeapBytes: 1 << 28 },
    ] as const) {
      const open = () => RocksDB.open('/db', { engine, createIfMissing: true, ...options });
      expect(await errorOf(open)).toBeInstanceOf(InvalidOptionError);
    }
    ledgerIsClean(engine);
  });

  it('has the same memory in use after any number of databases', async () => {
    const engine = await inMemory();
    const round = async () => {
      const db = await openAt('/db', { engine, ...CREATE, ...SMALL });
      const family = db.createColumnFamily('family');
      write(db, 0, 200);
      db.put('k', 'v', { columnFamily: family });
      using snapshot = db.snapshot();
      using iterator = db.iterator({ snapshot, columnFamily: family as never });
      iterator.next();
      iterator.free();
      snapshot.free();
      db.close();
      await RocksDB.destroy('/db', { engine });
      ledgerIsClean(engine);
      return [engine.heap.inUseBytes, engine.heap.blocks];
    };
    await round();
    const second = await round();
    for (let i = 0; i < 5; i++) expect(await round()).toEqual(second);
  });

  it('tells RocksDB by version', async () => {
    expect((await inMemory()).rocksdbVersion).toBe('9.10.0');
  });
});

describe('a block cache', () => {
  it('is shared by the databases of an engine', async () => {
    const engine = await inMemory();
    const cache = new Cache(engine, { capacity: 8 << 20 });
    const options = { engine, ...CREATE, blockBasedTable: { blockCache: cache } };
    const one = await openAt('/one', options);
    const two = await openAt('/two', options);
    for (const db of [one, two]) {
      write(db, 0, 100);
      db.flush();
    }
    cache.eraseUnused();
    const empty = cache.usage;
    check(one, 0, 100);
    const half = cache.usage;
    expect(half).toBeGreaterThan(empty + 50_000);
    check(two, 0, 100);
    expect(cache.usage).toBeGreaterThan(half + 50_000);
    expect(one.getIntProperty('rocksdb.block-cache-usage')).toBe(BigInt(cache.usage));
    expect(two.getIntProperty('rocksdb.block-cache-capacity')).toBe(8n << 20n);
    cache.eraseUnused();
    expect(cache.usage).toBeLessThanOrEqual(half);
    cache.setCapacity(0);
    check(one, 0, 100);
    expect(cache.usage - cache.pinnedUsage).toBeLessThanOrEqual(0);
    cache.free();
  });

  it('lives as long as its databases, whatever becomes of the handle', async () => {
    const engine = await inMemory();
    const cache = new Cache(engine, { capacity: 1 << 20, type: 'hyperClock' });
    const db = await openAt('/db', {
      engine,
      ...CREATE,
      blockBasedTable: { blockCache: cache },
    });
    cache.free();
    cache.free();
    write(db, 0, 100);
    db.flush();
    check(db, 0, 100);
    expect(await errorOf(() => cache.usage)).toBeInstanceOf(HandleFreedError);
    const open = () =>
      RocksDB.open('/two', { engine, ...CREATE, blockBasedTable: { blockCache: cache } });
    expect(await errorOf(open)).toBeInstanceOf(HandleFreedError);
  });

  it.each(['lru', 'hyperClock'] as const)(
    'keeps to its capacity, and pins nothing longer than it is read: %s',
    async (type) => {
      const engine = await inMemory();
      using cache = new Cache(engine, { capacity: 512 << 10, type });
      const blockBasedTable = { blockCache: cache };
      const db = await openAt('/db', { engine, ...CREATE, compression: 'none', blockBasedTable });
      write(db, 0, 2000);
      db.flush();
      // Neighbours share a block: the second one finds it in the cache.
      for (let round = 0; round < 2; round++) check(db, 0, 2000);
      expect(cache.usage).toBeLessThan(600 << 10);
      expect(cache.pinnedUsage).toBeLessThan(256);
      db.close();
      expect(cache.pinnedUsage).toBe(0);
    },
  );

  it('belongs to one engine', async () => {
    const engine = await inMemory();
    const other = await inMemory();
    using cache = new Cache(other, { capacity: 1 << 20 });
    const blockBasedTable = { blockCache: cache };
    const open = () => RocksDB.open('/db', { engine, ...CREATE, blockBasedTable });
    expect(await errorOf(open)).toBeInstanceOf(InvalidOptionError);
    ledgerIsClean(engine);
  });

  it('refuses wrong options', async () => {
    const engine = await inMemory();
    for (const options of [
      { capacity: -1 },
      { capacity: 1.5 },
      { capacity: 2 ** 32 },
      { capacity: '1' },
      {},
      { capacity: 1, type: 'fifo' },
      { capacity: 1, shardBits: 20 },
      { capacity: 1, highPriorityPoolRatio: 2 },
    ] as never[]) {
      const error = await errorOf(() => new Cache(engine, options));
      expect([options, error.code]).toEqual([options, 'ERR_ROCKSDB_INVALID_OPTION']);
    }
    ledgerIsClean(engine);
  });
});

describe('the ledger', () => {
  it('accounts for all memory by owner', async () => {
    const db = await openTemp({ ...CREATE });
    write(db, 0, 100);
    using iterator = db.iterator();
    iterator.next();
    const { owners, inUseBytes, highWaterBytes, linearMemoryBytes, openFiles } =
      db.engine.heap.report();
    const sum = Object.values(owners).reduce((total, { bytes }) => total + bytes, 0);
    expect(sum).toBe(inUseBytes);
    expect(db.engine.heap.blocks).toBe(
      Object.values(owners).reduce((total, { blocks }) => total + blocks, 0),
    );
    expect(highWaterBytes).toBeGreaterThanOrEqual(inUseBytes);
    expect(linearMemoryBytes).toBeGreaterThan(highWaterBytes);
    expect(openFiles.some((path) => path.startsWith(db.path) && path.endsWith('.log'))).toBe(true);
  });

  it('knows where handles were made, when it tracks them', async () => {
    const db = await openTemp({ ...CREATE, tracking: 'track' });
    // Not `return db.iterator()`: Bun leaves the frames of tail calls out.
    const leaked: { free(): void }[] = [];
    const make = () => leaked.push(db.iterator());
    for (let i = 0; i < 2; i++) make();
    const { sites, handles } = db.engine.heap.report();
    const site = sites.find(({ kind }) => kind === 'iterator');
    expect(site?.count).toBe(2);
    expect(site?.site.split('\n')[0]).toMatch(/engine\.test\.[jt]s:\d+/);
    expect(handles.filter(({ kind }) => kind === 'iterator').length).toBe(2);
    db.engine.heap.tracking = 'count';
    make();
    expect(db.engine.heap.handles('iterator').at(-1)?.site).toBeUndefined();
    for (const iterator of leaked) iterator.free();
    expect(db.engine.heap.report().sites.filter(({ kind }) => kind === 'iterator')).toEqual([]);
  });

  it('reports handles that were left as a warning, by default', async () => {
    const { default: process } = await import('node:process');
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
    process.on('warning', listen);
    onTestFinished(() => {
      process.off('warning', listen);
    });
    const fileSystem = new MemoryFileSystem();
    const wasm = await wasmModule();
    const db = await RocksDB.open('/db', { createIfMissing: true, fileSystem, wasm });
    const { id } = db.snapshot();
    db.close();
    for (let turn = 0; turn < 100 && warnings.length === 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(warnings).toEqual([expect.stringContaining(`snapshot #${id}`)]);
    expect(warnings[0]).toMatch(/^RocksDBWarning: /);
  });
});
