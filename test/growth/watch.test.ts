// runtime: node
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type GrowthSuspect, ManualClock, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { makeEngine, tempFolder } from '../support/open.js';

/** Small, so that a test takes no minute; the proportions are those of the defaults. */
const OPTIONS = { idleOperations: 400, idleMs: 0, spanOperations: 2_400, siteOperations: 10 };

const files = [
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), path: '/db' })],
  ['on disk', () => ({ fileSystem: undefined, path: `${tempFolder()}/db` })],
] as const;

async function opened(where: (typeof files)[number][1]) {
  const { fileSystem, path } = where();
  const engine = await makeEngine({
    clock: new ManualClock(),
    ...(fileSystem === undefined ? {} : { fileSystem }),
  });
  engine.heap.watch({ everyOperations: 50 });
  const db = await RocksDB.open(path, { engine, createIfMissing: true, onUnreleased: () => {} });
  for (let i = 0; i < 20; i++) db.put(`k${i}`, 'v');
  return { engine, db };
}

function readAll(db: RocksDB): number {
  const iterator = db.iterator();
  const entries = [...iterator].length;
  iterator.free();
  return entries;
}

function leakOne(db: RocksDB): void {
  db.iterator().next(); // the leak
}

describe.each(files)('a watch for growth, files %s', (_, where) => {
  it('tells of a leak with the line that makes it, and no more once it is mended', async () => {
    const { engine, db } = await opened(where);
    const { heap } = engine;
    const watch = heap.watchGrowth(OPTIONS);
    const heard: GrowthSuspect[] = [];
    const messages: unknown[] = [];
    const onMessage = (message: unknown) => messages.push(message);
    heap.on('growth', (suspect) => heard.push(suspect));
    subscribe('rocksdb-wasm:growth', onMessage);
    const suspects = () => {
      const metric = heap.metrics().find(({ name }) => name === 'rocksdb_wasm_leak_suspects');
      return metric?.samples;
    };
    expect(suspects()).toEqual([]);
    for (let i = 0; i < 3_000 && heard.length === 0; i++) {
      readAll(db);
      if (i % 10 === 0) leakOne(db);
    }
    unsubscribe('rocksdb-wasm:growth', onMessage);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      kind: 'iterator',
      site: expect.stringMatching(/^at leakOne /),
    });
    expect(messages).toMatchObject([{ kind: 'iterator', engine: expect.any(Number) }]);
    expect(watch.suspects).toHaveLength(1);
    expect(suspects()).toEqual([{ labels: { kind: 'iterator' }, value: 1 }]);
    const { text } = watch.report();
    expect(text).toContain('1 suspected');
    expect(text).toMatch(/yes {2}slope: .* more in 10,000 operations/);
    for (const id of heard[0]?.handles ?? []) expect(heap.why(id)).toContain(`iterator #${id}`);

    db.freeUnreleased();
    for (let i = 0; i < 500; i++) readAll(db);
    expect(watch.suspects).toEqual([]);
    expect(suspects()).toEqual([]);
    watch.stop();
    watch.stop();
    expect(heap.metrics().map(({ name }) => name)).not.toContain('rocksdb_wasm_leak_suspects');
    engine.free();
  });

  it('looks no longer once it is stopped, nor takes stacks', async () => {
    const { engine, db } = await opened(where);
    const watch = engine.heap.watchGrowth(OPTIONS);
    engine.heap.on('growth', () => expect.unreachable());
    readAll(db);
    watch.stop();
    const { stacks } = watch.report();
    for (let i = 0; i < 2_000; i++) leakOne(db);
    expect(watch.report()).toMatchObject({ stacks, suspects: [] });
    expect(engine.heap.handles('iterator').every(({ site }) => site === undefined)).toBe(true);
    engine.free();
  });
});

describe('a watch for growth', () => {
  it('names the line that opens a database and does not close it, although it awaits', async () => {
    const { engine, db } = await opened(files[0][1]);
    const heard: GrowthSuspect[] = [];
    engine.heap.watchGrowth(OPTIONS);
    engine.heap.on('growth', (suspect) => heard.push(suspect));
    const options = { engine, createIfMissing: true, onUnreleased: () => {} };
    for (let i = 0; i < 200 && heard.length === 0; i++) {
      for (let j = 0; j < 8; j++) readAll(db);
      await RocksDB.open(`/other${i}`, options);
    }
    expect(heard.map(({ kind }) => kind)).toEqual(['db']);
    expect(heard[0]?.site).toContain('growth/watch.test.ts');
    engine.free();
  });

  it('refuses options that are no numbers, or of another name', async () => {
    const { engine } = await opened(files[0][1]);
    const { heap } = engine;
    expect(() => heap.watchGrowth({ handles: 0 })).toThrow('handles: expected an integer from 1');
    expect(() => heap.watchGrowth({ idleMs: -1 })).toThrow('idleMs: expected an integer from 0');
    expect(() => heap.watchGrowth({ idle: 3 } as never)).toThrow(
      'idle: expected an option of watchGrowth',
    );
    expect(heap.metrics().map(({ name }) => name)).not.toContain('rocksdb_wasm_leak_suspects');
    engine.free();
  });
});
