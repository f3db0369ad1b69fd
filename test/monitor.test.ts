import {
  Cache,
  Engine,
  type HandleKind,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
  SeededRandom,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { type HandleRecord, Ledger } from '../src/monitor/ledger.js';
import { errorOf, makeEngine, openAt, openTemp, wasmModule } from './support/open.js';

describe('a ledger', () => {
  it('samples one in 128 of many, more of the few, by no fixed step, and the same each time', () => {
    const sampledOf = (seed?: number) => {
      const ledger = new Ledger(() => 0, seed);
      ledger.level = 'sample';
      const sampled: number[] = [];
      for (let i = 0; i < 100_000; i++) {
        const record = ledger.add('iterator', undefined);
        if (record.site !== undefined) sampled.push(i);
        ledger.remove(record, 'freed');
      }
      return sampled;
    };
    const sampled = sampledOf();
    // 100,000 / 128, and some 20 among the first: 800, give or take four standard deviations.
    expect(sampled.length).toBeGreaterThan(690);
    expect(sampled.length).toBeLessThan(910);
    expect(sampled.slice(0, 4)).toEqual([0, 1, 2, 3]);
    const gaps = sampled.slice(100).map((at, index) => at - (sampled[index + 99] ?? 0));
    expect(new Set(gaps).size).toBeGreaterThan(100);
    const odd = sampled.filter((at) => at % 2 === 1).length;
    expect(Math.abs(odd / sampled.length - 0.5)).toBeLessThan(0.1);
    expect(sampledOf()).toEqual(sampled);
    expect(sampledOf(7)).not.toEqual(sampled);
  });

  it('samples rare kinds though others are many', () => {
    const ledger = new Ledger(() => 0);
    ledger.level = 'sample';
    for (let i = 0; i < 10_000; i++) ledger.remove(ledger.add('iterator', undefined), 'freed');
    const caches = Array.from({ length: 4 }, () => ledger.add('cache', undefined));
    expect(caches.every(({ site }) => site !== undefined)).toBe(true);
  });

  it('lists what is live in the order of its creation, whatever is removed', () => {
    const ledger = new Ledger(() => 0);
    const records: HandleRecord[] = [];
    const removed = new Set<number>();
    let state = 1;
    const below = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    for (let i = 0; i < 3000; i++) {
      if (below(3) > 0) records.push(ledger.add('snapshot', undefined));
      const victim = records[below(records.length)];
      if (victim !== undefined) {
        ledger.remove(victim as Parameters<typeof ledger.remove>[0], 'freed');
        removed.add(victim.id);
      }
      if (i % 100 > 0) continue;
      const live = records.filter(({ id }) => !removed.has(id)).map(({ id }) => id);
      expect(ledger.live().map(({ id }) => id)).toEqual(live);
      const { created, freed } = ledger.totals().get('snapshot') ?? { created: 0, freed: 0 };
      expect([created, freed]).toEqual([records.length, removed.size]);
    }
    ledger.end('crashed');
    expect(ledger.live()).toEqual([]);
  });

  it('chooses the uses in the middle fairly', () => {
    const kept = new Map<number, number>();
    for (let seed = 1; seed <= 400; seed++) {
      const ledger = new Ledger(() => 0, seed * 2654435761);
      ledger.level = 'access';
      const record = ledger.add('iterator', undefined);
      for (let i = 0; i < 100; i++) ledger.use(record);
      for (const { operation } of record.accesses?.slice(1, -1) ?? []) {
        const tenth = Math.floor((operation - 2) / 9.8);
        kept.set(tenth, (kept.get(tenth) ?? 0) + 1);
      }
    }
    // 400 ledgers keep 14 of 98 each: 560 a tenth.
    expect(kept.size).toBe(10);
    for (const count of kept.values()) expect(Math.abs(count - 560)).toBeLessThan(110);
  });

  it('keeps no more records than are live', async () => {
    const db = await openTemp({ fileSystem: new MemoryFileSystem(), tracking: 'track' });
    const before = db.engine.heap.handles().length;
    for (let i = 0; i < 2000; i++) db.iterator().free();
    expect(db.engine.heap.handles().length).toBe(before);
  });
});

/** A mixed workload that depends on nothing but its seed; its reports as JSON. */
async function reportsOf(seed: number, level: 'sample' | 'access'): Promise<string> {
  const clock = new ManualClock({ stepNs: 1000n });
  const engine = await Engine.create({
    wasm: await wasmModule(),
    clock,
    random: new SeededRandom(seed),
    fileSystem: new MemoryFileSystem(clock),
    tracking: level,
  });
  const cache = new Cache(engine, { capacity: 1 << 20 });
  const db = RocksDB.openSync('/db', {
    engine,
    createIfMissing: true,
    blockBasedTable: { blockCache: cache },
    onUnreleased: () => {},
  });
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  const open: { free(): void }[] = [];
  const texts: string[] = [];
  for (let i = 0; i < 150; i++) {
    db.put(`k${below(1000)}`, 'v'.repeat(below(300)));
    if (below(4) === 0) open.push(below(2) === 0 ? db.iterator() : db.snapshot());
    if (below(6) === 0) open.push(db.batch().put('k', 'v'));
    if (below(3) === 0 && open.length > 0) open.splice(below(open.length), 1)[0]?.free();
    if (i % 50 === 49) {
      db.flush();
      texts.push(JSON.stringify(db.heap.report()), engine.heap.tree(), engine.heap.top('site'));
    }
  }
  texts.push(JSON.stringify(engine.heap.report()));
  db.close();
  texts.push(JSON.stringify(engine.heap.report()));
  engine.free();
  return texts.join('\n');
}

/** What two texts have around the first character that is not the same; undefined when all are. */
function firstDifference(a: string, b: string): [string, string] | undefined {
  if (a === b) return undefined;
  let at = 0;
  while (a[at] === b[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 200), at + 200);
  return [around(a), around(b)];
}

describe('reports', () => {
  it.each(['sample', 'access'] as const)(
    'are the same bytes for the same seed, 100 times over: %s',
    async (level) => {
      const seen = new Set<string>();
      let other = '';
      // Callers are in the sites: all runs from one line, and none from the turn that the test began in.
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (let run = 0; run <= 100; run++) {
        const report = await reportsOf(run < 100 ? 42 : 43, level);
        if (run < 100) seen.add(report);
        else other = report;
      }
      const [first = '', second = first] = seen;
      expect(firstDifference(first, second)).toBeUndefined();
      expect(first).toContain('"kind":"iterator"');
      expect(first).not.toContain('callerSite'); // frames of ours, for want of the caller's
      expect(seen.has(other)).toBe(false);
    },
  );

  it('can be had after a crash, and say what was live then', async () => {
    const db = await openTemp({ fileSystem: new MemoryFileSystem() });
    const iterator = db.iterator();
    db.snapshot();
    const { native } = db.engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
    native.heap.HEAPU8.fill(0xff, 1024);
    await errorOf(() => {
      for (let i = 0; i < 1000; i++) db.put(`k${i}`, 'v');
    });
    expect(db.engine.crashed).toBe(true);
    // Overwritten as memory is, its bytes say nothing, but they can be asked for.
    const { handles, kinds, owners } = db.engine.heap.report();
    expect(Object.values(owners).every(({ bytes }) => bytes >= 0)).toBe(true);
    expect(db.engine.heap.verify().problems.length).toBeGreaterThan(0);
    expect(() => db.engine.heap.walk()).toThrow();
    expect(handles).toEqual([]);
    for (const { kind, created, freed } of kinds) expect([kind, freed]).toEqual([kind, created]);
    const { atCrash } = db.heap.report();
    const kindsThen = atCrash.map(({ kind }) => kind).filter((kind) => kind !== 'file');
    expect(kindsThen).toEqual(['db', 'columnFamily', 'iterator', 'snapshot']);
    expect(atCrash.every(({ state }) => state === 'crashed')).toBe(true);
    expect(db.heap.top()).toContain('0 live handles');
    expect(db.heap.top()).toMatch(/the engine has crashed, \d+ handles were live then/);
    expect(db.heap.top()).toMatch(/^ *1 .* iterator$/m);
    expect(db.heap.tree()).toContain(`iterator #${iterator.id}`);
    expect(db.heap.why(iterator)).toContain('it went with its engine, which crashed');
  });
});

/** The wasm's functions of an engine, to be replaced. */
function callsOf(engine: Engine) {
  return (engine as unknown as { native: { calls: Record<string, (...args: number[]) => number> } })
    .native.calls;
}

describe('what goes wrong', () => {
  it('in the making of a batch leaves no batch', async () => {
    const db = await openTemp({ fileSystem: new MemoryFileSystem() });
    const calls = callsOf(db.engine);
    const reserve = calls.rdb_write_batch_reserve as (...args: number[]) => number;
    const before = db.engine.heap.inUseBytes;
    calls.rdb_write_batch_reserve = () => 0;
    expect((await errorOf(() => db.batch())).code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    calls.rdb_write_batch_reserve = reserve;
    expect(db.heap.handles('writeBatch')).toEqual([]);
    expect(db.engine.heap.inUseBytes).toBe(before);
  });

  it('in the freeing of a child keeps no other from being freed, nor its parent', async () => {
    const fileSystem = new MemoryFileSystem();
    const wasm = await wasmModule();
    const db = await RocksDB.open('/db', { wasm, fileSystem, createIfMissing: true });
    const families = ['a', 'b', 'c'].map((name) => db.createColumnFamily(name));
    const calls = callsOf(db.engine);
    const free = calls.rdb_column_family_free as (...args: number[]) => number;
    calls.rdb_column_family_free = (...args) => free(...args) || 5;
    expect((await errorOf(() => db.close())).code).toBe('ERR_ROCKSDB_IO_ERROR');
    expect([db, db.engine, ...families].map(({ freed }) => freed)).toEqual(Array(5).fill(true));
    expect(db.engine.heap.handles()).toEqual([]);
    const again = await RocksDB.open('/db', { wasm, fileSystem });
    expect(again.columnFamilyNames).toEqual(['default', 'a', 'b', 'c']);
    again.close();
  });

  it('in a large write is the error that is thrown, when it ends the engine', async () => {
    const db = await openTemp({
      fileSystem: new MemoryFileSystem(),
      maxMemoryBytes: 24 << 20,
      writeBufferSize: 64 << 20,
    });
    const value = 'x'.repeat(2_000_000);
    const error = await errorOf(() => {
      for (let i = 0; i < 100; i++) db.put(`k${i}`, value);
    });
    expect(error.code).toBe('ERR_ROCKSDB_OUT_OF_MEMORY');
    expect(db.engine.heap.handles('buffer').length).toBe(db.engine.crashed ? 0 : 1);
  });
});

describe('databases of one engine', () => {
  it('have their own files and counts, one in the folder of the other', async () => {
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    const outer = await openAt('/db', { engine, createIfMissing: true });
    const inner = await openAt('/db/inner', { engine, createIfMissing: true });
    const beside = await openAt('/db2', { engine, createIfMissing: true });
    const databases = [outer, inner, beside];
    // The folder itself is open, too.
    const folderOf = (name = '') => name.replace(/\/[A-Z0-9][^/]*$/, '');
    for (const db of databases) {
      db.put('k', 'v');
      db.flush();
      db.get('k');
      const folders = db.heap.handles('file').map(({ name }) => folderOf(name));
      expect(new Set(folders)).toEqual(new Set([db.path]));
      expect(folders.length).toBeGreaterThan(2);
    }
    using iterator = inner.iterator();
    const live = (kind: HandleKind) => databases.map(({ heap }) => heap.handles(kind).length);
    expect(live('iterator')).toEqual([0, 1, 0]);
    expect(live('db')).toEqual([1, 1, 1]);
    iterator.free();
    const created = () =>
      engine.heap.report().kinds.find(({ kind }) => kind === 'iterator')?.created;
    expect(created()).toBe(1);
    inner.close();
    // What it had made stays in the engine's account.
    expect(created()).toBe(1);
    expect(outer.heap.report().kinds.some(({ kind }) => kind === 'iterator')).toBe(false);
    expect(engine.heap.handles('file').some(({ name }) => name?.includes('inner'))).toBe(false);
  });
});
