/** RocksLevel beyond abstract-level's own suite, which acceptance.test.ts runs. */
import * as fs from 'node:fs';
import process from 'node:process';
import {
  Engine,
  EngineCrashedError,
  type HandleKind,
  LockedError,
  MemoryFileSystem,
} from 'rocksdb-wasm';
import { LevelError, RocksLevel, type RocksLevelOptions } from 'rocksdb-wasm/level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder, wasmModule } from '../support/open.js';

type Options = RocksLevelOptions<string, string>;
type Level = RocksLevel<string, string>;

/** A database in memory, opened by itself, closed after the test. */
async function make(options: Options = {}, location = '/db'): Promise<Level> {
  const files = options.rocksdb?.engine === undefined ? { fileSystem: new MemoryFileSystem() } : {};
  return makeAt(location, { ...options, rocksdb: { ...files, ...options.rocksdb } });
}

async function makeAt(location: string, options: Options = {}): Promise<Level> {
  const wasm = options.rocksdb?.engine === undefined ? { wasm: await wasmModule() } : {};
  const db = new RocksLevel(location, { ...options, rocksdb: { ...wasm, ...options.rocksdb } });
  onTestFinished(() => db.close().catch(() => {}));
  return db;
}

/** What a promise, or an opening, was rejected with: below abstract-level's error, if that is around it. */
async function failure(run: () => Promise<unknown>): Promise<LevelError> {
  const error = await run().then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  const below = error instanceof LevelError ? error : error?.cause;
  if (!(below instanceof LevelError)) throw error ?? new Error('nothing was thrown');
  return below;
}

const live = (db: Level, kind: HandleKind) =>
  db.rocksdb.heap.report().handles.filter((handle) => handle.kind === kind);

const fill = (db: Level, count: number) =>
  db.batch(
    Array.from({ length: count }, (_, i) => ({
      type: 'put' as const,
      key: `k${String(i).padStart(6, '0')}`,
      value: `v${i}`,
    })),
  );

describe("a RocksLevel's handles", () => {
  const TRACKED = { rocksdb: { tracking: 'track' } } as const;

  it('are named by the line of the program that made them', async () => {
    const db = await make(TRACKED);
    await db.open();
    const users = db.sublevel('users');
    const nested = users.sublevel('new');
    await nested.open();
    const made = {
      iterator: [
        function oneIterator() {
          return db.iterator();
        },
        function oneKeys() {
          return db.keys();
        },
        function oneValues() {
          return db.values();
        },
        function ofSublevel() {
          return users.iterator();
        },
        function ofNested() {
          return nested.keys();
        },
      ],
      snapshot: [
        function oneSnapshot() {
          return db.snapshot();
        },
        function snapshotOfSublevel() {
          return users.snapshot();
        },
      ],
      writeBatch: [
        function oneBatch() {
          return db.batch();
        },
      ],
    };
    for (const [kind, makers] of Object.entries(made)) {
      for (const maker of makers) {
        const resource = maker();
        const [handle] = live(db, kind as HandleKind);
        // Bun leaves out functions whose last act is the call.
        const where =
          'Bun' in globalThis ? /level\.test/ : new RegExp(`${maker.name}.*level\\.test`);
        expect(handle?.site?.split('\n')[0]).toMatch(where);
        await resource.close();
        expect(live(db, kind as HandleKind)).toEqual([]);
      }
    }
  });

  it('that are made before it is open are named so, too', async () => {
    const db = await make(TRACKED);
    const users = db.sublevel('users').sublevel('new');
    function early() {
      return [db.iterator(), users.values()];
    }
    const iterators = early();
    await users.open();
    const sites = live(db, 'iterator').map(({ site }) => site?.split('\n')[0]);
    expect(sites).toHaveLength(2);
    for (const site of sites) expect(site).toMatch(/level\.test/);
    for (const iterator of iterators) await iterator.close();
    expect(live(db, 'iterator')).toEqual([]);
  });

  it('and it itself: engine and database are named by the constructor', async () => {
    const wasm = await wasmModule();
    const rocksdb = { wasm, fileSystem: new MemoryFileSystem(), tracking: 'track' } as const;
    function constructed() {
      const made = new RocksLevel('/db', { rocksdb });
      return made;
    }
    const db = constructed();
    await db.open();
    const handles = db.rocksdb.engine.heap.report().handles;
    for (const kind of ['engine', 'db']) {
      const site = handles.find((handle) => handle.kind === kind)?.site ?? '';
      expect(site.split('\n')[0], kind).toMatch(/constructed.*level\.test/);
    }
    await db.close();
  });

  it('are freed when it is closed, and nothing is reported', async () => {
    const engine = await Engine.create({
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
    });
    const unreleased: unknown[] = [];
    const onUnreleased = (handles: readonly unknown[]) => unreleased.push(...handles);
    const db = await make({ rocksdb: { engine, onUnreleased } });
    await db.put('a', '1');
    const snapshot = db.snapshot();
    db.iterator({ snapshot });
    db.sublevel('s').iterator();
    db.keys();
    db.batch().put('b', '2');
    await db.close();
    expect(unreleased).toEqual([]);
    const kinds = engine.heap.report().handles.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'engine' && kind !== 'buffer')).toEqual([]);
    engine.free();
  });

  it('of iterators end with the snapshot that they read at', async () => {
    const db = await make();
    await fill(db, 10);
    const snapshot = db.snapshot();
    await db.put('k000000', 'new');
    const iterator = db.values({ snapshot });
    expect(await iterator.next()).toBe('v0');
    await snapshot.close();
    expect(live(db, 'iterator')).toEqual([]);
    expect(live(db, 'snapshot')).toEqual([]);
    iterator.seek('k000002');
    await expect(iterator.next()).rejects.toMatchObject({ code: 'LEVEL_SNAPSHOT_NOT_OPEN' });
    await iterator.close();
  });

  it('are within the policies, and a refusal leaves no resource behind', async () => {
    const db = await make({ rocksdb: { policies: { iterator: { maxLive: 1 } } } });
    await db.open();
    const first = db.iterator();
    const second = db.iterator();
    expect((await failure(() => second.next())).code).toBe('LEVEL_HANDLE_LIMIT');
    expect((await failure(() => second.nextv(2))).code).toBe('LEVEL_HANDLE_LIMIT');
    second.seek('a');
    await second.close();
    await first.close();
    expect(await db.iterator().all()).toEqual([]);
  });
});

describe("a RocksLevel's calls", () => {
  it('let timers run where a program only awaits them', async () => {
    const db = await make();
    await fill(db, 1000);
    const calls: Record<string, () => Promise<unknown>> = {
      get: () => db.get('k000001'),
      put: () => db.put('k000001', 'v'),
      has: () => db.has('k000001'),
      getMany: () => db.getMany(['k000001', 'k000002']),
      batch: () => db.batch([{ type: 'del', key: 'x' }]),
      all: () => db.keys({ limit: 100 }).all(),
    };
    for (const [name, call] of Object.entries(calls)) {
      let ran = false;
      setTimeout(() => {
        ran = true;
      }, 1);
      let left = 1_000_000;
      while (!ran && left-- > 0) await call();
      expect(ran, name).toBe(true);
    }
    const keys = db.keys();
    let ran = false;
    setTimeout(() => {
      ran = true;
    }, 1);
    for (let left = 1_000_000; !ran && left > 0; left--) {
      if ((await keys.next()) === undefined) keys.seek('k');
    }
    expect(ran).toBe(true);
    await keys.close();
  });

  it('are done in their order, whether they are awaited or not', async () => {
    const db = await make();
    await db.open();
    const pending = [db.put('a', '1'), db.put('a', '2'), db.del('b'), db.put('b', '3')];
    expect([db.getSync('a'), db.getSync('b')]).toEqual(['2', '3']);
    await Promise.all(pending);
  });

  it('that take several turns are finished before it is closed', async () => {
    const db = await make();
    await fill(db, 20_000);
    const cleared = db.clear({ limit: 15_000 });
    const read = db.getMany(
      Array.from({ length: 20_000 }, (_, i) => `k${String(i).padStart(6, '0')}`),
    );
    await db.close();
    await cleared;
    expect(await read).toHaveLength(20_000);
    await db.open();
    expect(await db.keys().all()).toHaveLength(5000);
  });

  it('getMany and hasMany see one state of the database, however many keys there are', async () => {
    const db = await make();
    await fill(db, 5000);
    const keys = Array.from({ length: 6000 }, (_, i) => `k${String(i).padStart(6, '0')}`);
    const values = db.getMany(keys);
    const has = db.hasMany(keys);
    const after = db.clear();
    expect(await values).toEqual(keys.map((_, i) => (i < 5000 ? `v${i}` : undefined)));
    expect(await has).toEqual(keys.map((_, i) => i < 5000));
    await after;
    expect(await db.hasMany(keys)).not.toContain(true);
    expect(live(db, 'snapshot')).toEqual([]);
  });

  it('all() ends when its signal is aborted on the way', async () => {
    const db = await make();
    await fill(db, 50_000);
    const controller = new AbortController();
    const iterator = db.iterator({ signal: controller.signal });
    const read = iterator.all();
    setTimeout(() => controller.abort(), 0);
    await expect(read).rejects.toMatchObject({ code: 'LEVEL_ABORTED', name: 'AbortError' });
    expect(live(db, 'iterator')).toEqual([]);
  });

  it('nextv() gives what it has after highWaterMarkBytes', async () => {
    const db = await make();
    await db.batch(
      ['a', 'b', 'c', 'd'].map((key) => ({ type: 'put', key, value: 'x'.repeat(100) })),
    );
    const iterator = db.iterator({ highWaterMarkBytes: 150 });
    expect(await iterator.nextv(10)).toHaveLength(2);
    expect(await iterator.nextv(10)).toHaveLength(2);
    expect(await iterator.nextv(10)).toEqual([]);
    await iterator.close();
    const wrong = db.iterator({ highWaterMarkBytes: -1 });
    await expect(wrong.next()).rejects.toThrowError(/^highWaterMarkBytes: expected/);
    await wrong.close();
  });

  it('read entries by blocks, and many keys at once: no crossing for each', async () => {
    const db = await make();
    await fill(db, 20_000);
    const { native } = db.rocksdb.engine as unknown as {
      native: { calls: Record<string, (...args: unknown[]) => unknown> };
    };
    const counted = (call: string) => {
      const real = native.calls[call] as (...args: unknown[]) => unknown;
      const counter = { calls: 0 };
      native.calls[call] = (...args) => {
        counter.calls++;
        return real.apply(native.calls, args);
      };
      return counter;
    };
    const reads = counted('rdb_iterator_read');
    const gets = counted('rdb_db_multi_get');
    expect(await db.iterator().all()).toHaveLength(20_000);
    expect(reads.calls).toBeLessThan(40);
    const keys = await db.keys({ limit: 3000 }).all();
    expect(await db.getMany(keys)).toHaveLength(3000);
    expect(await db.hasMany(keys)).toHaveLength(3000);
    expect(gets.calls).toBe(6);
  });
});

describe("a RocksLevel's clear()", () => {
  const RANGES = [
    {},
    { gte: 'k000100' },
    { gt: 'k000100', lte: 'k004000' },
    { lt: 'k000010' },
    { gte: 'k000100', limit: 2500 },
    { reverse: true },
    { lt: 'k004000', reverse: true, limit: 1500 },
    { gte: 'z' },
  ];

  for (const range of RANGES) {
    it(`of ${JSON.stringify(range)} deletes what an iterator over it gives`, async () => {
      const db = await make();
      const part = db.sublevel('part');
      await part.batch(
        Array.from({ length: 5000 }, (_, i) => ({
          type: 'put',
          key: `k${String(i).padStart(6, '0')}`,
          value: '',
        })),
      );
      await db.batch(['!par', '!part#', 'k000200'].map((key) => ({ type: 'put', key, value: '' })));
      const gone = new Set(await part.keys(range).all());
      const all = await part.keys().all();
      await part.clear(range);
      expect(await part.keys().all()).toEqual(all.filter((key) => !gone.has(key)));
      expect(await db.hasMany(['!par', '!part#', 'k000200'])).toEqual([true, true, true]);
      await db.rocksdb.compactRange({});
      expect(await part.keys().all()).toEqual(all.filter((key) => !gone.has(key)));
    });
  }

  it('at a snapshot leaves what was written since', async () => {
    const db = await make();
    await fill(db, 3000);
    const snapshot = db.snapshot();
    await db.put('later', '');
    await db.clear({ snapshot });
    expect(await db.keys().all()).toEqual(['later']);
    expect(await db.keys({ snapshot }).all()).toHaveLength(3000);
    await snapshot.close();
  });

  it('of a large range is one write, and no work for each key', async () => {
    const db = await make();
    await fill(db, 5000);
    const before = db.rocksdb.latestSequenceNumber;
    await db.clear({ gte: 'k000001' });
    expect(db.rocksdb.latestSequenceNumber).toBe(before + 1n);
    expect(await db.keys().all()).toEqual(['k000000']);
  });
});

describe("a RocksLevel's errors", () => {
  const LOCATION = 'db';

  it('say that it is open elsewhere, and by whom', async () => {
    const folder = `${tempFolder()}/${LOCATION}`;
    const first = await makeAt(folder);
    await first.open();
    const error = await failure(async () => (await makeAt(folder)).open());
    expect(error.code).toBe('LEVEL_LOCKED');
    expect(error.cause).toBeInstanceOf(LockedError);
    expect((error.cause as LockedError).owner?.pid).toBe(process.pid);
    await first.put('still', 'open');
  });

  it('say what is corrupt', async () => {
    const folder = `${tempFolder()}/${LOCATION}`;
    const db = await makeAt(folder, { compression: false });
    await fill(db, 1000);
    db.rocksdb.flush();
    await db.close();
    const table = fs.readdirSync(folder).find((name) => name.endsWith('.sst')) as string;
    const bytes = fs.readFileSync(`${folder}/${table}`);
    bytes.fill(0xff, 500, 3000);
    fs.writeFileSync(`${folder}/${table}`, bytes);
    await db.open();
    expect((await failure(() => db.get('k000000'))).code).toBe('LEVEL_CORRUPTION');
    expect((await failure(() => db.iterator().all())).code).toBe('LEVEL_CORRUPTION');
    expect((await failure(() => db.getMany(['k000000']))).code).toBe('LEVEL_CORRUPTION');
    expect(() => db.getSync('k000000')).toThrowError(LevelError);
    expect(live(db, 'iterator')).toEqual([]);
  });

  it('say that the database below was closed, and it can be opened again', async () => {
    const db = await make();
    await db.put('a', '1');
    db.rocksdb.close();
    expect((await failure(() => db.get('a'))).code).toBe('LEVEL_DATABASE_NOT_OPEN');
    await db.close();
    await db.open();
    expect(await db.get('a')).toBe('1');
  });

  it('say that the engine crashed, and a new one takes its place', async () => {
    const db = await make();
    await db.put('a', '1', { sync: true });
    const iterator = db.iterator();
    const snapshot = db.snapshot();
    const batch = db.batch().put('b', '2');
    const { native } = db.rocksdb.engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
    // No call survives that.
    native.heap.HEAPU8.fill(0xff, 1024);
    for (const call of [
      () => db.get('a'),
      () => db.put('a', '2'),
      () => iterator.next(),
      () => db.getMany(['a']),
      () => db.clear(),
    ]) {
      const error = await failure(call);
      expect(error.code).toBe('LEVEL_ENGINE_CRASHED');
      expect(error.cause).toBeInstanceOf(EngineCrashedError);
    }
    await Promise.all([iterator.close(), snapshot.close(), batch.close()]);
    await db.close();
    await db.open();
    expect(await db.get('a')).toBe('1');
  });

  it('of the file system are I/O errors, and nothing is left open', async () => {
    const folder = tempFolder();
    fs.writeFileSync(`${folder}/file`, '');
    const db = await makeAt(`${folder}/file/below/db`);
    const error = await failure(() => db.open());
    expect(error.code).toBe('LEVEL_IO_ERROR');
    expect(db.status).toBe('closed');
    expect(() => db.rocksdb).toThrowError(/not open/);
  });

  const WRONG: [Record<string, unknown>, RegExp][] = [
    [{ cacheSize: -1 }, /^cacheSize: expected an integer from 0/],
    [{ writeBufferSize: 'large' }, /^writeBufferSize: expected an integer/],
    [{ maxFileSize: 0 }, /^maxFileSize: expected an integer from 1/],
    [{ blockSize: 1.5 }, /^blockSize/],
    [{ compression: 'lzma' }, /^compression/],
    [{ multithreading: true }, /^multithreading: .*one thread/],
    [{ rocksdb: 7 }, /^rocksdb: expected an object/],
    [{ maxBackgroundJobs: 2 }, /^maxBackgroundJobs: .*rocksdb: \{ maxBackgroundJobs/],
    [{ fileSystem: new MemoryFileSystem() }, /^fileSystem: .*rocksdb: \{ fileSystem/],
    [{ rocksdb: { keyEncoding: 'utf8' } }, /^rocksdb\.keyEncoding: give it beside rocksdb/],
    [{ rocksdb: { comparator: 'reverseBytewise' } }, /^rocksdb\.comparator: .*order of bytes/],
    [{ rocksdb: { writeBuferSize: 1 } }, /writeBuferSize.*writeBufferSize/],
  ];

  for (const [options, message] of WRONG) {
    it(`name the option that is wrong: ${message.source}`, async () => {
      const db = new RocksLevel('/nowhere/db', options as Options);
      const error = await failure(() => db.open());
      expect(error.code).toBe('LEVEL_INVALID_OPTION');
      expect(error.message).toMatch(message);
      expect(db.status).toBe('closed');
    });
  }

  it('of iterators that are made while it opens reach who reads them', async () => {
    const db = await make();
    await db.open();
    const snapshot = db.snapshot();
    await snapshot.close();
    const iterator = db.sublevel('new').keys({ snapshot });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'LEVEL_SNAPSHOT_NOT_OPEN' });
    await iterator.close();
    const other = db.sublevel('another').values({ highWaterMarkBytes: -1 } as object);
    expect((await failure(() => other.all())).code).toBe('LEVEL_INVALID_ARGUMENT');
    await other.close();
  });

  it('of arguments are TypeErrors', async () => {
    for (const location of ['', 7, undefined]) {
      expect(() => new RocksLevel(location as string)).toThrowError(TypeError);
      await expect(RocksLevel.destroy(location as string)).rejects.toThrowError(TypeError);
      await expect(RocksLevel.repair(location as string)).rejects.toThrowError(TypeError);
    }
    const db = await make();
    await db.open();
    const snapshot = {} as ReturnType<typeof db.snapshot>;
    expect(() => db.getProperty(1 as unknown as string)).toThrowError(TypeError);
    await expect(db.get('a', { snapshot })).rejects.toThrowError();
  });
});

describe("a RocksLevel's options", () => {
  it("are classic-level's by default, and RocksDB's win", async () => {
    const db = await make({ cacheSize: 1 << 20, blockSize: 8192, maxFileSize: 1 << 22 });
    await db.open();
    expect(db.rocksdb.getOptions()).toMatchObject({
      compression: 'snappy',
      writeBufferSize: 4 << 20,
      targetFileSizeBase: 4194304n,
      blockBasedTable: { blockSize: 8192, blockRestartInterval: 16 },
    });
    expect(db.rocksdb.getDBOptions()).toMatchObject({ maxOpenFiles: 1000 });
    expect(db.rocksdb.getIntProperty('rocksdb.block-cache-capacity')).toBe(1n << 20n);
    expect(db.rocksdb.engine.background).toBe('idle');
    await db.close();
    const other = { compression: 'zstd', blockBasedTable: { blockSize: 1024 } } as const;
    const files = { wasm: await wasmModule(), fileSystem: new MemoryFileSystem() };
    await db.open({ compression: 'lz4', rocksdb: { ...other, ...files } });
    expect(db.rocksdb.getOptions()).toMatchObject({
      compression: 'zstd',
      blockBasedTable: { blockSize: 1024, blockRestartInterval: 16 },
    });
  });

  it('compression: false, cacheSize: 0', async () => {
    const db = await make({ compression: false, cacheSize: 0 });
    await db.open();
    expect(db.rocksdb.getOptions()).toMatchObject({ compression: 'none' });
    expect(db.rocksdb.getOptions().blockBasedTable?.noBlockCache).toBe(true);
  });

  it('readOnly opens what is there, and refuses writes', async () => {
    const fileSystem = new MemoryFileSystem();
    const writer = await make({ rocksdb: { fileSystem } }, '/data/db');
    await writer.put('a', '1');
    const reader = await make({ readOnly: true, rocksdb: { fileSystem } }, '/data/db');
    expect(await reader.get('a')).toBe('1');
    expect((await failure(() => reader.put('b', '2'))).code).toBe('LEVEL_NOT_SUPPORTED');
    const nothing = await make({ readOnly: true }, '/none/db');
    expect((await failure(() => nothing.open())).message).toMatch(/does not exist/);
  });

  it('sync reaches the log, of puts, deletes and batches', async () => {
    const fileSystem = new MemoryFileSystem();
    let syncs = 0;
    const open = fileSystem.open.bind(fileSystem);
    fileSystem.open = (path, flags) => {
      const file = open(path, flags);
      if (!path.endsWith('.log')) return file;
      for (const name of ['sync', 'dataSync'] as const) {
        const real = file[name].bind(file);
        file[name] = () => {
          syncs++;
          real();
        };
      }
      return file;
    };
    const db = await make({ rocksdb: { fileSystem } });
    await db.open();
    const calls = [
      (sync: boolean) => db.put('a', '1', { sync }),
      (sync: boolean) => db.del('a', { sync }),
      (sync: boolean) => db.batch([{ type: 'put', key: 'a', value: '2' }], { sync }),
      (sync: boolean) => db.batch().put('a', '3').write({ sync }),
      (sync: boolean) => db.sublevel('s').put('a', '1', { sync } as object),
    ];
    for (const call of calls) {
      let before = syncs;
      await call(false);
      expect(syncs).toBe(before);
      before = syncs;
      await call(true);
      expect(syncs).toBeGreaterThan(before);
    }
  });
});

describe('a RocksLevel as a whole', () => {
  it('makes the folders that it is in, and is destroyed', async () => {
    const folder = `${tempFolder()}/a/b/c`;
    const db = await makeAt(folder);
    await db.put('a', '1');
    const options = { rocksdb: { wasm: await wasmModule() } };
    expect((await failure(() => RocksLevel.destroy(folder, options))).code).toBe('LEVEL_LOCKED');
    await db.close();
    await RocksLevel.destroy(folder, options);
    expect(fs.existsSync(folder)).toBe(false);
    await RocksLevel.destroy(folder, options); // there is nothing: as classic-level
  });

  it('is repaired', async () => {
    const folder = `${tempFolder()}/db`;
    const db = await makeAt(folder);
    await db.put('a', '1');
    await db.close();
    fs.rmSync(`${folder}/CURRENT`);
    await RocksLevel.repair(folder, { rocksdb: { wasm: await wasmModule() } });
    await db.open();
    expect(await db.get('a')).toBe('1');
  });

  it('tells sizes and properties, and compacts', async () => {
    const db = await make({ compression: false });
    const size = db.approximateSize('k', 'l');
    expect(await size).toBe(0);
    await fill(db, 20_000);
    db.rocksdb.flush();
    const before = await db.approximateSize('k', 'l');
    expect(before).toBeGreaterThan(300_000);
    expect(db.getProperty('leveldb.num-files-at-level0')).toBe('1');
    expect(db.getProperty('rocksdb.stats')).toMatch(/Compaction Stats/);
    expect(db.getProperty('leveldb.nonsense')).toBe('');
    expect(Number(db.getProperty('leveldb.approximate-memory-usage'))).toBeGreaterThan(0);
    await db.clear();
    await db.compactRange('k', 'l');
    db.rocksdb.compactRange({ bottommostLevelCompaction: 'force' });
    expect(await db.approximateSize('k', 'l')).toBeLessThan(before / 10);
  });

  it('lets several databases share an engine', async () => {
    const engine = await Engine.create({
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
    });
    const [one, two] = [
      await make({ rocksdb: { engine } }, '/one'),
      await make({ rocksdb: { engine } }, '/two'),
    ] as const;
    await Promise.all([one.put('k', '1'), two.put('k', '2')]);
    expect([one.getSync('k'), two.getSync('k')]).toEqual(['1', '2']);
    await expect(
      one.batch([{ type: 'put', key: 'x', value: 'y', sublevel: two.sublevel('s') } as never]),
    ).resolves.toBe(undefined);
    await one.close();
    await two.close();
    engine.free();
  });
});
