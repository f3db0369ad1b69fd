import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DBIterator, Engine, MemoryFileSystem, RocksDB, type Snapshot } from 'rocksdb-wasm';
import { assertNoLeak, assertNoLiveHandles, LeakError, withDb } from 'rocksdb-wasm/testing';
import { describe, expect, it } from 'vitest';
import { makeEngine, openTemp, wasmModule } from '../support/open.js';

const FILE = fileURLToPath(import.meta.url);
const LINES = fs.readFileSync(FILE, 'utf8').split('\n');
const lineOf = (mark: string) => LINES.findIndex((line) => line.endsWith(`// ${mark}`)) + 1;

async function leakOf(...args: Parameters<typeof assertNoLeak>): Promise<LeakError> {
  return leakFrom(() => assertNoLeak(...args));
}

async function leakFrom(run: () => unknown): Promise<LeakError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof LeakError) return error;
    throw error;
  }
  throw new Error('no leak was found');
}

interface NativeCalls {
  readonly calls: { rdb_memory_alloc(bytes: number): number };
}

const open = (options = {}) =>
  openTemp({ fileSystem: new MemoryFileSystem(), onUnreleased: () => {}, ...options });

describe('a leak of handles', () => {
  it('is told with its count, most first, each place by itself', async () => {
    const db = await open();
    const { leaks, message } = await leakOf(() => {
      for (let i = 0; i < 3; i++) db.iterator(); // three iterators
      db.snapshot(); // one snapshot
      db.iterator(); // one iterator
    });
    const found = leaks.map(({ kind, count, line, round }) => ({ kind, count, line, round }));
    expect(found).toEqual([
      { kind: 'iterator', count: 3, line: lineOf('three iterators'), round: 1 },
      { kind: 'snapshot', count: 1, line: lineOf('one snapshot'), round: 1 },
      { kind: 'iterator', count: 1, line: lineOf('one iterator'), round: 1 },
    ]);
    expect(message.split('\n')[0]).toBe(
      'leak: 3 iterators, 1 snapshot, 1 iterator left over in round 1 of 8',
    );
  });

  it('is found in the first round that has it', async () => {
    const db = await open();
    let calls = 0;
    const { leaks } = await leakOf(() => {
      if (++calls === 5) db.batch();
    });
    expect(leaks).toMatchObject([{ kind: 'writeBatch', count: 1, round: 3 }]);
    expect(calls).toBe(5);
  });

  it('is a retain() without its release()', async () => {
    const db = await open();
    const snapshot = db.snapshot();
    await assertNoLeak(() => snapshot.retain().release());
    const { leaks } = await leakOf(() => {
      snapshot.retain(); // hold
    });
    const found = leaks.map(({ kind, count, line, round }) => ({ kind, count, line, round }));
    expect(found).toEqual([{ kind: 'snapshotHold', count: 1, line: lineOf('hold'), round: 1 }]);
    expect(db.heap.handles('snapshotHold')).toHaveLength(3);
    db.close();
    expect(db.engine.heap.handles('snapshotHold')).toEqual([]);
  });

  it('is one of an engine or a database when those are not closed', async () => {
    const wasm = await wasmModule();
    const engines: Engine[] = [];
    const options = () => ({ wasm, createIfMissing: true, fileSystem: new MemoryFileSystem() });
    const ofEngine = await leakOf(async () => {
      engines.push(await Engine.create({ wasm })); // engine
    });
    expect(ofEngine.leaks).toMatchObject([{ kind: 'engine', count: 1, line: lineOf('engine') }]);
    const ofDatabase = await leakOf(async () => {
      const opening = RocksDB.open('/db', options()); // database
      await Promise.all([opening]).then(([db]) => engines.push(db.engine));
    });
    expect(ofDatabase.leaks).toMatchObject([{ kind: 'db', count: 1, line: lineOf('database') }]);
    for (const engine of engines) engine.free();
  });

  it('is none when a handle is made once and kept, or replaced by another', async () => {
    const db = await open();
    const kept: Snapshot[] = [];
    let latest: DBIterator | undefined;
    await assertNoLeak(() => {
      if (kept.length === 0) kept.push(db.snapshot());
      latest?.free();
      latest = db.iterator();
    });
    latest?.free();
    expect(db.engine.heap.handles('snapshot').length).toBe(kept.length);
  });

  it('is none when the handle is freed a little later', async () => {
    const db = await open();
    let freed = 0;
    await assertNoLeak(() => {
      const iterator = db.iterator();
      setTimeout(() => {
        iterator.free();
        freed++;
      }, 50);
    });
    expect(freed).toBeGreaterThan(0);
  });

  it('is looked for where it is asked for', async () => {
    const [one, other] = [await open(), await open()];
    const leaky = () => one.iterator();
    await assertNoLeak(leaky, { db: other });
    await assertNoLeak(leaky, { engines: [other.engine] });
    expect((await leakOf(leaky, { db: one })).leaks.length).toBe(1);
    expect((await leakOf(leaky, { engines: [other.engine, one.engine] })).leaks.length).toBe(1);
  });

  it('is looked for after what the function throws, which is its cause', async () => {
    const db = await open();
    const thrown = new RangeError('as it happens');
    const error = await leakOf(() => {
      db.iterator();
      throw thrown;
    });
    expect(error.cause).toBe(thrown);
    const clean = assertNoLeak(() => Promise.reject(thrown));
    expect(await clean.catch((reason) => reason)).toBe(thrown);
    await assertNoLeak(() => Promise.reject(thrown), { throws: true });
    const missing = await assertNoLeak(() => {}, { throws: true }).catch((reason) => reason);
    expect(missing.message).toBe('expected the function to throw, and it did not');
  });

  it('leaves the tracking level as it was, also of engines made on the way', async () => {
    const engine = await makeEngine();
    const made: Engine[] = [];
    await assertNoLeak(
      async () => {
        expect(engine.heap.tracking).toBe('track');
        if (made.length === 0) made.push(await Engine.create({ wasm: await wasmModule() }));
        expect(made[0]?.heap.tracking).toBe('track');
      },
      { rounds: 1 },
    );
    expect(engine.heap.tracking).toBe('count');
    expect(made[0]?.heap.tracking).toBe('count');
    for (const each of made) each.free();
  });

  it('is found by checks that overlap, each in its own database', async () => {
    const [one, other] = [await open(), await open()];
    const [first, second] = await Promise.all([
      leakOf(() => one.iterator(), { db: one, warmup: 0 }),
      leakOf(() => other.snapshot(), { db: other, warmup: 6 }),
    ]);
    expect(first.leaks).toMatchObject([{ kind: 'iterator', count: 1, sourceFile: FILE }]);
    expect(second.leaks).toMatchObject([{ kind: 'snapshot', count: 1, sourceFile: FILE }]);
    expect([one.heap.tracking, other.heap.tracking]).toEqual(['count', 'count']);
  });

  it('is not looked for with options that make no sense', async () => {
    const refused = (...args: unknown[]) =>
      (assertNoLeak as (...args: unknown[]) => Promise<void>)(...args).then(
        () => 'accepted',
        (error) => error.message,
      );
    expect(await refused('text')).toBe('a leak check expects a function, got string');
    expect(await refused(() => {}, { rounds: 0 })).toBe(
      'rounds: expected an integer from 1, got 0',
    );
    expect(await refused(() => {}, { warmup: -1 })).toContain('warmup: expected an integer from 0');
  });
});

describe('a leak of bytes', () => {
  it('is what grows in every round', async () => {
    const db = await open();
    // No handle of the package does this: a binding that forgets a block.
    const { calls } = (db.engine as unknown as { native: NativeCalls }).native;
    const growing = () => calls.rdb_memory_alloc(100);
    const { leaks, message } = await leakOf(growing, { rounds: 5 });
    expect(leaks).toMatchObject([{ kind: 'bytes', owner: 'host', count: 500, round: 5 }]);
    expect(message).toContain('leak: 500 bytes of host more after 5 rounds');
    await assertNoLeak(growing, { bytes: false });
    await assertNoLeak(growing, { rounds: 3 });
    let rounds = 0;
    await assertNoLeak(() => ++rounds === 8 || growing());
  });

  it('is none in memtables and caches that fill up, nor in files that are added', async () => {
    const db = await open({ disableAutoCompactions: true });
    let key = 0;
    await assertNoLeak(() => {
      for (let i = 0; i < 3000; i++) db.put(`key ${++key}`, 'x'.repeat(1000));
      db.get('key 1');
    });
    await assertNoLeak(() => {
      for (let i = 0; i < 100; i++) db.put(`key ${++key}`, 'x'.repeat(1000));
      db.flush();
      using all = db.iterator();
      for (const _ of all);
    });
    expect(db.engine.heap.owners().memtable?.bytes).toBeGreaterThan(0);
  });

  it('is none in the index of one table that grows with the data', async () => {
    const db = await open();
    let key = 0;
    await assertNoLeak(() => {
      for (let i = 0; i < 1000; i++) db.put(`key ${++key}`, `${key}`.repeat(40));
      db.flush();
      db.compactRange();
    });
    expect(key).toBe(10_000);
  });
});

describe('assertNoLiveHandles', () => {
  it('knows what opening has made', async () => {
    const fileSystem = new MemoryFileSystem();
    const engine = await makeEngine({ fileSystem, tracking: 'track' });
    assertNoLiveHandles(engine);
    const options = { createIfMissing: true, createMissingColumnFamilies: true };
    const db = await RocksDB.open('/db', { engine, ...options, columnFamilies: { one: {} } });
    assertNoLiveHandles(db);
    const ofEngine = await leakFrom(() => assertNoLiveHandles(engine));
    expect(ofEngine.leaks.map(({ kind }) => kind)).toEqual(['db', 'columnFamily']);
    const two = db.createColumnFamily('two'); // family two
    using _iterator = db.iterator({ columnFamily: two }); // over it
    const { leaks } = await leakFrom(() => assertNoLiveHandles(db));
    expect(leaks).toMatchObject([
      { kind: 'columnFamily', count: 1, line: lineOf('family two'), round: 0 },
      { kind: 'iterator', count: 1, line: lineOf('over it'), round: 0 },
    ]);
    two.free();
    assertNoLiveHandles(db);
    db.close();
    assertNoLiveHandles(engine);
  });

  it('says so when it does not know where', async () => {
    const db = await open();
    using _iterator = db.iterator();
    const { leaks, message } = await leakFrom(() => assertNoLiveHandles(db));
    expect(leaks).toMatchObject([{ kind: 'iterator', count: 1, line: undefined }]);
    expect(message).toContain(
      "1 iterator, made at an unknown place: `tracking: 'track'`, given when opening, records it",
    );
  });

  it('names a line once, whoever called it', async () => {
    const db = await open({ tracking: 'track' });
    const make = () => {
      const made = db.snapshot(); // one line
      // Not returned at once: Bun's tail calls leave no frame.
      expect(made.freed).toBe(false);
      return made;
    };
    const first = make();
    const second = make();
    const { leaks, message } = await leakFrom(() => assertNoLiveHandles(db));
    expect(leaks).toMatchObject([{ kind: 'snapshot', count: 2, line: lineOf('one line') }]);
    expect(message).toContain('leak: 2 snapshots not freed');
    first.free();
    second.free();
  });
});

describe('withDb', () => {
  it('gives a database in a folder that is gone afterwards', async () => {
    const wasm = await wasmModule();
    let path = '';
    const result = await withDb(
      (db) => {
        path = db.path;
        db.put('key', 'value');
        expect(fs.existsSync(path)).toBe(true);
        return db.get('key');
      },
      { wasm, valueEncoding: 'utf8' },
    );
    expect(result).toBe('value');
    expect(fs.existsSync(path)).toBe(false);
  });

  it('fails when handles were left, and closes it all the same', async () => {
    const options = { wasm: await wasmModule(), fileSystem: new MemoryFileSystem() };
    const opened: RocksDB[] = [];
    const { leaks } = await leakFrom(() =>
      withDb((db) => {
        opened.push(db);
        db.snapshot(); // left in withDb
      }, options),
    );
    expect(leaks).toMatchObject([{ kind: 'snapshot', count: 1, line: lineOf('left in withDb') }]);
    const thrown = new Error('by the function');
    const failure = withDb((db) => {
      opened.push(db);
      db.iterator();
      throw thrown;
    }, options);
    expect(await failure.catch((error) => error)).toBe(thrown);
    expect(opened.map(({ path, freed }) => [path, freed])).toEqual([
      ['/db', true],
      ['/db', true],
    ]);
  });
});
