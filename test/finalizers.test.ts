import {
  Cache,
  Engine,
  type EngineOptions,
  type HandleRecord,
  MemoryFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeHandles } from '../src/monitor/text.js';
import { collectAll, collectUntil } from './support/collect.js';
import { wasmModule } from './support/open.js';

const OPTIONS = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

/** A database in memory that is freed after the test, and the records of handles found forgotten. */
async function open(options: EngineOptions = {}) {
  const found: HandleRecord[] = [];
  const unreleased: HandleRecord[] = [];
  const db = await RocksDB.open('/db', {
    ...OPTIONS,
    wasm: await wasmModule(),
    fileSystem: new MemoryFileSystem(),
    onFinalized: (handles) => found.push(...handles),
    onUnreleased: (handles) => unreleased.push(...handles),
    ...options,
  });
  onTestFinished(() => {
    db.close();
  });
  return { db, found, unreleased };
}

interface Core {
  readonly context: { finalized(core: Core): void };
}

type DB = Awaited<ReturnType<typeof open>>['db'];

/** Makes handles that nobody holds, `times` over. Nothing of it stays on the stack. */
async function forget(times: number, make: (index: number) => unknown): Promise<void> {
  for (let i = 0; i < times; i++) {
    make(i);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const states = (records: readonly HandleRecord[]) => new Set(records.map(({ state }) => state));
const countOf = (records: readonly HandleRecord[], kind: string) =>
  records.filter((record) => record.kind === kind).length;

/** Bun scans the stack as it is: some of what was made last may seem held. */
const BUN = 'Bun' in globalThis;
const TIMES = BUN ? 40 : 8;
const LEAST = BUN ? 30 : 8;

describe('forgotten handles, with the finalizer at report', () => {
  it('are told with their kind and site, stay live, and are marked as lost', async () => {
    const { db, found, unreleased } = await open({ finalizer: 'report', tracking: 'track' });
    await forget(TIMES, () => {
      db.iterator();
      db.snapshot();
      db.batch();
      void new Cache(db.engine, { capacity: 1 << 16 });
    });
    expect(await collectUntil(() => found.length >= 4 * LEAST)).toBe(true);
    for (const kind of ['iterator', 'snapshot', 'writeBatch', 'cache']) {
      expect(countOf(found, kind)).toBeGreaterThanOrEqual(LEAST);
    }
    expect(states(found)).toEqual(new Set(['finalized']));
    expect(found.every(({ site }) => /finalizers\.test/.test(site?.split('\n')[0] ?? ''))).toBe(
      true,
    );
    const { kinds } = db.heap.report();
    const iterators = kinds.find(({ kind }) => kind === 'iterator');
    expect([iterators?.live, iterators?.freed]).toEqual([TIMES, 0]);
    expect(iterators?.lost).toBe(countOf(found, 'iterator'));
    expect(db.heap.tree()).toContain('LOST');
    db.close();
    expect(countOf(unreleased, 'iterator')).toBe(TIMES);
    expect(states(unreleased)).toEqual(new Set(['freedByOwner']));
  });

  it('are not those that are held, nor those that were freed', async () => {
    const { db, found } = await open({ finalizer: 'report' });
    const held = [db.iterator(), db.snapshot(), db.batch()];
    await forget(TIMES, () => {
      db.iterator().free();
      db.batch().free();
      const snapshot = db.snapshot();
      db.iterator({ snapshot }).free();
      snapshot.free();
    });
    await collectAll();
    expect(found).toEqual([]);
    for (const handle of held) handle.free();
  });

  it('are not those that something held depends on', async () => {
    const { db, found } = await open({ finalizer: 'free' });
    const iterators: Iterable<unknown>[] = [];
    await forget(TIMES, (index) => {
      const family = db.createColumnFamily(`family${index}`);
      db.put('k', 'v', { columnFamily: family });
      const snapshot = db.snapshot();
      iterators.push(db.iterator({ columnFamily: family, snapshot }));
      db.dropColumnFamily(family);
    });
    await collectAll();
    expect(found).toEqual([]);
    for (const iterator of iterators) expect([...iterator]).toEqual([['k', 'v']]);
  });

  it('are a warning by default', async () => {
    const { default: process } = await import('node:process');
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
    process.on('warning', listen);
    onTestFinished(() => {
      process.off('warning', listen);
    });
    const { db } = await open({ finalizer: 'report', onFinalized: undefined, tracking: 'track' });
    await forget(TIMES, () => db.snapshot());
    expect(await collectUntil(() => warnings.length > 0)).toBe(true);
    expect(warnings[0]).toMatch(
      /^RocksDBWarning: \d+ handles? (was|were) lost without free\(\): snapshot #/,
    );
    expect(warnings[0]).toMatch(/finalizers\.test/);
  });

  it('are named by the line that made them, once', async () => {
    const { db } = await open({ finalizer: 'report', tracking: 'track' });
    const made: { free(): void }[] = [];
    for (let i = 0; i < 3; i++) made.push(db.snapshot());
    const text = describeHandles(db.heap.handles('snapshot'));
    expect(text).toMatch(/^snapshot #\d+ and 2 more made at .*finalizers\.test[^;]*$/);
    for (const snapshot of made) snapshot.free();
  });
});

describe('forgotten handles, with the finalizer at free', () => {
  it('are freed, dependants first, and told of', async () => {
    const { db, found } = await open({ finalizer: 'free' });
    db.put('k', 'v');
    db.flush();
    const warm = db.iterator();
    warm.next();
    warm.free();
    const before = db.engine.heap.inUseBytes;
    await forget(TIMES, () => {
      const snapshot = db.snapshot();
      db.iterator({ snapshot }).next();
      db.batch().put('k', 'v');
    });
    const all = 3 * TIMES;
    const least = BUN ? 3 * LEAST : all;
    // What a collection has found is freed in the turn after it.
    const waits = () => db.heap.handles().some(({ state }) => state === 'finalized');
    expect(await collectUntil(() => found.length >= least && !waits())).toBe(true);
    expect(states(found)).toEqual(new Set(['finalized']));
    if (!BUN) {
      expect(db.engine.heap.inUseBytes).toBe(before);
      expect(db.heap.handles('iterator')).toEqual([]);
      // One collection found them all, or several some each: an iterator never came after its snapshot.
      const order = found.map(({ id }) => id);
      for (const { id, borrows } of found) {
        for (const lender of borrows)
          expect(order.indexOf(lender)).toBeGreaterThan(order.indexOf(id));
      }
    }
    expect(db.get('k')).toBe('v');
  });

  it('are freed by a call that comes before the turn', async () => {
    const { db, found } = await open({ finalizer: 'free' });
    const snapshot = db.snapshot();
    const iterator = db.iterator({ snapshot });
    // As if the garbage collector had found them, the snapshot first.
    for (const { core } of [snapshot, iterator] as unknown as { core: Core }[]) {
      core.context.finalized(core);
    }
    expect([snapshot.freed, iterator.freed]).toEqual([false, false]);
    db.put('k', 'v');
    expect([snapshot.freed, iterator.freed]).toEqual([true, true]);
    expect(found).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(found.map(({ id }) => id)).toEqual([iterator.id, snapshot.id]);
  });

  it('go with a database that is closed before their turn', async () => {
    const { db, found, unreleased } = await open({ finalizer: 'free' });
    const iterator = db.iterator();
    const { core } = iterator as unknown as { core: Core };
    core.context.finalized(core);
    db.close();
    expect(unreleased.map(({ id, state }) => [id, state])).toEqual([[iterator.id, 'freedByOwner']]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(found.map(({ id, state }) => [id, state])).toEqual([[iterator.id, 'freedByOwner']]);
  });
});

describe('the finalizer', () => {
  it('is off by default, and can be changed while the engine lives', async () => {
    const { db, found } = await open();
    expect(db.heap.finalizer).toBe('off');
    await forget(TIMES, () => db.iterator());
    await collectAll();
    expect(found).toEqual([]);
    db.heap.finalizer = 'report';
    expect(db.engine.heap.finalizer).toBe('report');
    await forget(TIMES, () => db.snapshot());
    expect(await collectUntil(() => found.length >= LEAST)).toBe(true);
    expect(countOf(found, 'snapshot')).toBe(found.length);
    const before = found.length;
    db.heap.finalizer = 'off';
    await forget(TIMES, () => db.batch());
    await collectAll();
    expect(countOf(found.slice(before), 'writeBatch')).toBe(0);
  });

  it('finds what was lost while traces run, and pins and reports were asked for', async () => {
    const { db, found } = await open({ finalizer: 'report', tracking: 'exact' });
    await forget(TIMES, () => {
      db.put('k', 'v');
      const snapshot = db.snapshot();
      const iterator = db.iterator({ snapshot });
      iterator.next();
      db.heap.why(iterator);
      db.heap.report();
      db.engine.heap.top('site');
    });
    expect(await collectUntil(() => found.length >= 2 * LEAST)).toBe(true);
    const lost = async () => {
      const other = await RocksDB.open('/other', {
        ...OPTIONS,
        wasm: await wasmModule(),
        fileSystem: new MemoryFileSystem(),
        finalizer: 'free',
        tracking: 'exact',
        onFinalized: (handles) => found.push(...handles),
      });
      other.put('k', 'v');
      other.heap.why(other);
    };
    for (let i = 0; i < (BUN ? 5 : 1); i++) await lost();
    expect(await collectUntil(() => countOf(found, 'db') >= 1)).toBe(true);
  });

  it('finds a database that was lost; free closes it, with its private engine', async () => {
    const fileSystem = new MemoryFileSystem();
    const found: HandleRecord[] = [];
    const wasm = await wasmModule();
    const paths = Array.from({ length: BUN ? 6 : 2 }, (_, index) => `/db${index}`);
    const memories: WeakRef<object>[] = [];
    const lose = async (path: string) => {
      const db: DB = await RocksDB.open(path, {
        ...OPTIONS,
        wasm,
        fileSystem,
        finalizer: 'free',
        onFinalized: (handles) => found.push(...handles),
      });
      db.put('k', path, { sync: true });
      db.createColumnFamily('family');
      db.iterator().next();
      const { native } = db.engine as unknown as { native: { heap: { HEAPU8: Uint8Array } } };
      memories.push(new WeakRef(native.heap.HEAPU8.buffer));
    };
    for (const path of paths) await lose(path);
    const least = BUN ? 4 : 2;
    expect(await collectUntil(() => countOf(found, 'db') >= least)).toBe(true);
    expect(countOf(found, 'engine')).toBe(0);
    expect(countOf(found, 'columnFamily')).toBe(0);
    const closed = found.filter(({ kind }) => kind === 'db').map(({ name }) => name ?? '');
    for (const path of closed) {
      // Its lock is free, and nothing of it was lost.
      const again = await RocksDB.open(path, { ...OPTIONS, wasm, fileSystem });
      expect(again.get('k')).toBe(path);
      again.close();
    }
    const gone = () => memories.filter((memory) => memory.deref() === undefined).length;
    expect(await collectUntil(() => gone() >= least)).toBe(true);
  });

  it('finds an engine that was lost with its databases, all told as one', async () => {
    const found: HandleRecord[] = [];
    const wasm = await wasmModule();
    const lose = async () => {
      const engine = await Engine.create({
        wasm,
        fileSystem: new MemoryFileSystem(),
        finalizer: 'report',
        onFinalized: (handles) => found.push(...handles),
      });
      RocksDB.openSync('/one', { engine, createIfMissing: true });
      RocksDB.openSync('/two', { engine, createIfMissing: true });
    };
    for (let i = 0; i < (BUN ? 5 : 1); i++) await lose();
    expect(await collectUntil(() => countOf(found, 'engine') >= 1)).toBe(true);
    expect(countOf(found, 'db')).toBeGreaterThanOrEqual(2);
    expect(countOf(found, 'columnFamily')).toBe(0);
  });
});
