import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type Engine,
  ManualClock,
  MemoryFileSystem,
  type MonitorMessage,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import type { HeapBytes } from '../src/monitor/heap-bytes.js';
import type { HeapExtensions } from '../src/monitor/heap-monitor.js';
import { Ledger } from '../src/monitor/ledger.js';
import { Sampler } from '../src/monitor/sampler.js';
import { makeEngine } from './support/open.js';

/** A heap that nothing is on. */
const NO_BYTES = { inUseBytes: 0, highWaterBytes: 0, linearMemoryBytes: 0 } as HeapBytes;

/** What the declarations do not show. */
const inside = (engine: Engine) =>
  engine as unknown as { ledger: Ledger; heap: { extensions: HeapExtensions } };

const manual = async () => {
  const clock = new ManualClock();
  const engine = await makeEngine({ clock, fileSystem: new MemoryFileSystem() });
  const db = await RocksDB.open('/db', { engine, createIfMissing: true });
  return { clock, engine, db };
};

describe('samples', () => {
  it('are taken once per so many operations', async () => {
    const { engine, db } = await manual();
    const end = engine.heap.watch({ everyOperations: 100, everyMs: 1_000_000 });
    for (let i = 0; i < 1000; i++) db.get('k');
    const history = engine.heap.history();
    const steps = history.slice(1).map(({ operations }, index) => {
      return operations - (history[index]?.operations ?? 0);
    });
    expect(steps).toEqual(Array.from({ length: 10 }, () => 100));
    end();
    for (let i = 0; i < 1000; i++) db.get('k');
    expect(engine.heap.history()).toHaveLength(11);
    engine.free();
  });

  it('are taken when their time has come by the engine clock', async () => {
    const { clock, engine, db } = await manual();
    engine.heap.watch({ everyMs: 500 });
    engine.heap.poll();
    expect(engine.heap.history()).toHaveLength(1);
    clock.advance(500_000_000n);
    engine.heap.poll();
    expect(engine.heap.history()).toHaveLength(2);
    clock.advance(500_000_000n);
    for (let i = 0; i < 20; i++) db.get('k');
    expect(engine.heap.history()).toHaveLength(3);
    engine.free();
  });

  it('count what was made and freed', async () => {
    const { engine, db } = await manual();
    engine.heap.watch();
    const kept = db.iterator();
    db.iterator().free();
    db.snapshot();
    db.freeUnreleased();
    expect(kept.freed).toBe(true);
    const { kinds } = inside(engine).heap.extensions.sampler.sample();
    expect(kinds.get('iterator')).toMatchObject({ created: 2, freed: 2 });
    expect([...(kinds.get('iterator')?.otherwise ?? [])]).toEqual([['freedByOwner', 1]]);
    expect([...(kinds.get('snapshot')?.otherwise ?? [])]).toEqual([['freedByOwner', 1]]);
    engine.free();
  });

  it('thin out with age, and reach back to the first', async () => {
    const { engine } = await manual();
    const ledger = new Ledger(() => 0);
    const sampler = new Sampler(ledger, NO_BYTES, false);
    for (let i = 0; i < 100_000; i++) {
      ledger.operations = i;
      sampler.sample();
    }
    const history = sampler.history();
    expect(history[0]?.operations).toBe(0);
    expect(history.length).toBeLessThan(512 + 1024);
    expect(history.slice(-512).map(({ operations }) => operations)).toEqual(
      Array.from({ length: 512 }, (_, i) => 99_488 + i),
    );
    const operations = history.map((sample) => sample.operations);
    expect(operations).toEqual([...operations].sort((a, b) => a - b));
    engine.free();
  });

  it('refuse settings that are no numbers', async () => {
    const { engine } = await manual();
    expect(() => engine.heap.watch({ everyMs: 0 })).toThrow('everyMs: expected an integer from 1');
    expect(() => engine.heap.on('nothing' as never, () => {})).toThrow('event: expected one of');
    engine.free();
  });
});

describe('metrics', () => {
  it('say what is live, and how what is not ended', async () => {
    const { engine, db } = await manual();
    db.iterator();
    db.iterator().free();
    const metrics = new Map(engine.heap.metrics({ walk: true }).map((each) => [each.name, each]));
    const value = (name: string, labels: Record<string, string>) =>
      metrics.get(name)?.samples.find((sample) => {
        return JSON.stringify(sample.labels) === JSON.stringify(labels);
      })?.value;
    expect(value('rocksdb_wasm_handles_live', { kind: 'iterator' })).toBe(1);
    expect(value('rocksdb_wasm_handles_created_total', { kind: 'iterator' })).toBe(2);
    const freed = { kind: 'iterator', how: 'freed' };
    expect(value('rocksdb_wasm_handles_freed_total', freed)).toBe(1);
    expect(value('rocksdb_wasm_heap_bytes', { state: 'in_use' })).toBe(engine.heap.inUseBytes);
    expect(value('rocksdb_wasm_heap_bytes', { state: 'free' })).toBe(engine.heap.walk().freeBytes);
    expect(value('rocksdb_wasm_linear_memory_bytes', {})).toBe(engine.heap.linearMemoryBytes);
    engine.free();
  });
});

describe('a focus', () => {
  it('takes the sites of one kind, whatever the level, until it ends', async () => {
    const { engine, db } = await manual();
    const end = inside(engine).ledger.focus('snapshot');
    const [before] = [db.snapshot(), db.iterator()];
    end();
    db.snapshot();
    const sites = engine.heap.handles().map(({ kind, site }) => [kind, site !== undefined]);
    expect(sites.filter(([kind]) => kind === 'snapshot' || kind === 'iterator')).toEqual([
      ['snapshot', true],
      ['iterator', false],
      ['snapshot', false],
    ]);
    expect(engine.heap.handles('snapshot')[0]?.site).toContain('watching.test');
    before.free();
    engine.free();
  });
});

describe('the channels', () => {
  it('have each event, with the engine that it is of', async () => {
    const { engine, db } = await manual();
    const { heap } = engine;
    const heard: { name: string; message: MonitorMessage }[] = [];
    const ends = (['leak', 'expired', 'reclaimed', 'limit', 'alert'] as const).map((name) => {
      const listen = (message: unknown) => heard.push({ name, message: message as MonitorMessage });
      subscribe(`rocksdb-wasm:${name}`, listen);
      return () => unsubscribe(`rocksdb-wasm:${name}`, listen);
    });
    heap.watch({ everyOperations: 1 });
    heap.setPolicy('iterator', {
      leakDetectionThreshold: { operations: 2 },
      ttl: { operations: 4, onExpire: 'free' },
      maxLive: { max: 1, onLimit: 'event' },
    });
    heap.alerts.add({ name: 'rule', metric: () => 1, when: { above: 0 } });
    for (let i = 0; i < 2; i++) db.iterator();
    for (let i = 0; i < 8; i++) db.get('k');
    await Promise.resolve();
    for (const end of ends) end();
    expect(new Set(heard.map(({ message }) => message.engine))).toEqual(
      new Set([heap.engineNumber]),
    );
    expect(heard.map(({ name }) => name).sort()).toEqual([
      'alert',
      'expired',
      'expired',
      'leak',
      'leak',
      'limit',
      'reclaimed',
      'reclaimed',
    ]);
    engine.free();
  });
});

describe('events', () => {
  it('go to listeners and channels, when the database can be used', async () => {
    const { engine, db } = await manual();
    const { events } = inside(engine).heap.extensions;
    const heard: unknown[] = [];
    const onMessage = (message: unknown) => heard.push(message);
    const limit = { limit: 'maxLive', kind: 'iterator', value: 3, max: 2 } as const;
    const off = engine.heap.on('limit', (event) => {
      db.put('k', 'v');
      heard.push(event);
    });
    subscribe('rocksdb-wasm:limit', onMessage);
    events.emit('limit', limit);
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual([limit, { ...limit, engine: expect.any(Number) }]);
    off();
    unsubscribe('rocksdb-wasm:limit', onMessage);
    expect(events.heard('limit')).toBe(false);
    events.emit('limit', limit);
    await Promise.resolve();
    expect(heard).toHaveLength(2);
    engine.free();
  });
});
