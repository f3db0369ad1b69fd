import {
  Engine,
  type EngineOptions,
  HandleExpiredError,
  ManualClock,
  MemoryFileSystem,
  type MonitorEventMap,
  RocksDB,
  recommendedAlerts,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { collectUntil } from '../support/collect.js';
import { errorOf, makeEngine, wasmModule } from '../support/open.js';
import { until } from '../support/until.js';

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8', createIfMissing: true } as const;

/** A database in memory, by a clock of the test's, and what is told of its handles. */
async function open(options: EngineOptions = {}) {
  const clock = new ManualClock();
  const engine = await makeEngine({ clock, fileSystem: new MemoryFileSystem(), ...options });
  const db = await RocksDB.open('/db', { engine, ...TEXT, onUnreleased: () => {} });
  const told = eventsOf(engine);
  const operations = (count: number) => {
    for (let i = 0; i < count; i++) db.get('none');
  };
  const wait = (ms: number) => clock.advance(BigInt(ms) * 1_000_000n);
  return { clock, engine, db, told, operations, wait, heap: engine.heap };
}

type Told = { [E in keyof MonitorEventMap]: MonitorEventMap[E][] };

function eventsOf(engine: Engine): Told {
  const told: Record<string, unknown[]> = {};
  for (const name of ['leak', 'expired', 'reclaimed', 'limit', 'alert'] as const) {
    told[name] = [];
    engine.heap.on(name, (event) => told[name]?.push(event));
  }
  return told as Told;
}

/** Listeners are called. */
const turn = () => Promise.resolve();

/** What is live, by kind. */
const live = (engine: Engine, kind: 'iterator' | 'snapshot' | 'writeBatch' | 'pinnedSlice') =>
  engine.heap.handles(kind).length;

const sound = (engine: Engine) => expect(engine.heap.verify().problems).toEqual([]);

describe('leakDetectionThreshold', () => {
  it('tells of a handle once, when it gets so old by operations', async () => {
    const { db, engine, told, operations, heap } = await open({ tracking: 'track' });
    heap.setPolicy('iterator', { leakDetectionThreshold: { operations: 100 } });
    const kept = db.iterator();
    operations(99);
    await turn();
    expect(told.leak).toEqual([]);
    operations(1);
    await turn();
    expect(told.leak).toHaveLength(1);
    const [leak] = told.leak;
    expect(leak).toMatchObject({ ageOperations: 100, handle: { id: kept.id, kind: 'iterator' } });
    expect(leak?.why).toMatch(/^iterator #\d+, made 100 operations ago .*policies\.test/);
    operations(500);
    await turn();
    expect(told.leak).toHaveLength(1);
    kept.free();
    engine.free();
  });

  it('and by time; a handle that was freed, or of another kind, is none', async () => {
    const { db, told, operations, wait, heap } = await open();
    heap.setPolicy('snapshot', { leakDetectionThreshold: { ms: 1000 } });
    db.snapshot().free();
    const kept = db.snapshot();
    db.iterator();
    wait(999);
    operations(1);
    await turn();
    expect(told.leak).toEqual([]);
    wait(1);
    operations(1);
    await turn();
    expect(told.leak.map(({ handle, ageMs }) => [handle.id, ageMs])).toEqual([[kept.id, 1000]]);
  });

  it('is told by poll() when no operation comes', async () => {
    const { db, told, wait, heap } = await open();
    heap.setPolicy('db', { leakDetectionThreshold: { ms: 60_000 } });
    wait(60_000);
    heap.poll();
    await turn();
    expect(told.leak.map(({ handle }) => handle.id)).toEqual([db.id]);
  });

  it('holds for handles that there are when it is changed, with the next operation', async () => {
    const { db, told, operations, heap } = await open();
    const old = db.iterator();
    operations(50);
    heap.setPolicy('iterator', { leakDetectionThreshold: { operations: 100 } });
    operations(10);
    await turn();
    expect(told.leak).toEqual([]);
    heap.setPolicy('iterator', { leakDetectionThreshold: { operations: 20 } });
    operations(1);
    await turn();
    expect(told.leak.map(({ handle }) => handle.id)).toEqual([old.id]);
    heap.setPolicy('iterator', { leakDetectionThreshold: { operations: 10 } });
    operations(1);
    await turn();
    expect(told.leak).toHaveLength(1);
    heap.setPolicy('iterator', undefined);
    db.iterator();
    operations(1000);
    await turn();
    expect(told.leak).toHaveLength(1);
    expect(heap.policies).toEqual({});
  });

  it('looks at no more handles than are due, however many there were', async () => {
    const { db, told, heap } = await open();
    heap.setPolicy('snapshot', { leakDetectionThreshold: { operations: 30_000 } });
    const kept = db.snapshot();
    for (let i = 0; i < 20_000; i++) db.snapshot().free();
    await turn();
    expect(told.leak).toEqual([]);
    for (let i = 0; i < 10_001; i++) db.snapshot().free();
    await turn();
    expect(told.leak.map(({ handle }) => handle.id)).toEqual([kept.id]);
  });
});

describe('a time to live', () => {
  it('event: is told of, and nothing more', async () => {
    const { db, told, operations, heap } = await open();
    db.put('a', '1');
    heap.setPolicy('iterator', { ttl: { operations: 10 } });
    const it = db.iterator();
    operations(20);
    await turn();
    expect(told.expired).toMatchObject([{ outcome: 'event', handle: { id: it.id } }]);
    expect(it.expired).toBe(false);
    expect(it.next()).toEqual(['a', '1']);
    operations(20);
    await turn();
    expect(told.expired).toHaveLength(1);
    expect(told.reclaimed).toEqual([]);
  });

  it('throwOnUse: any use throws, with what is known; it holds its memory until free()', async () => {
    const { db, engine, told, wait, heap } = await open({ tracking: 'access' });
    heap.setPolicy('iterator', { ttl: { ms: 1000, onExpire: 'throwOnUse' } });
    const it = db.iterator();
    it.next();
    wait(1000);
    const error = await errorOf(() => it.next());
    expect(error).toBeInstanceOf(HandleExpiredError);
    expect(error.code).toBe('ERR_ROCKSDB_HANDLE_EXPIRED');
    const { expiry } = error as HandleExpiredError;
    for (const site of [expiry.createdAt, expiry.lastUsedAt, expiry.expiredAt]) {
      expect(site).toContain('policies.test');
    }
    expect(new Set([expiry.createdAt, expiry.lastUsedAt, expiry.expiredAt]).size).toBe(3);
    expect(error.message).toMatch(/the time to live of iterator #\d+ is over; made .* expired/);
    await turn();
    expect(told.expired).toMatchObject([{ outcome: 'throwOnUse', handle: { state: 'live' } }]);
    expect([it.freed, it.expired, live(engine, 'iterator')]).toEqual([false, true, 1]);
    const report = heap.report();
    expect(report.kinds.find(({ kind }) => kind === 'iterator')).toMatchObject({ expired: 1 });
    expect(heap.tree()).toContain('EXPIRED');
    expect(heap.top('kind')).toMatch(/expired/);
    expect(heap.why(it)).toContain('its time to live is over');
    // Also when no policy holds any more.
    heap.setPolicy('iterator', undefined);
    await expect(errorOf(() => it.seekToStart())).resolves.toBeInstanceOf(HandleExpiredError);
    it.free();
    it.free();
    expect(live(engine, 'iterator')).toBe(0);
    sound(engine);
  });

  it('says how to get the sites that are not known', async () => {
    const { db, operations, heap } = await open();
    heap.setPolicy('writeBatch', { ttl: { operations: 1, onExpire: 'throwOnUse' } });
    const batch = db.batch();
    operations(1);
    const { message } = await errorOf(() => batch.put('a', '1'));
    expect(message).toContain("heap.tracking = 'track'");
    await expect(errorOf(() => db.write(batch))).resolves.toBeInstanceOf(HandleExpiredError);
    batch.free();
  });

  it('free: frees, tells, and throws in the operation that comes upon it', async () => {
    const { db, engine, told, heap, operations } = await open();
    heap.setPolicy('iterator', { ttl: { operations: 5, onExpire: 'free' } });
    const [it, other] = [db.iterator(), db.iterator()];
    operations(4);
    const error = await errorOf(() => it.next());
    expect(error).toBeInstanceOf(HandleExpiredError);
    expect(error.message).toContain('and it was freed');
    await turn();
    expect(it.freed).toBe(true);
    operations(1);
    await turn();
    expect(other.freed).toBe(true);
    expect(told.expired.map(({ outcome }) => outcome)).toEqual(['free', 'free']);
    expect(told.reclaimed.map(({ handle, by }) => [handle.id, handle.state, by])).toEqual([
      [it.id, 'expired', 'ttl'],
      [other.id, 'expired', 'ttl'],
    ]);
    expect(live(engine, 'iterator')).toBe(0);
    const freed = heap.metrics().find(({ name }) => name === 'rocksdb_wasm_handles_freed_total');
    const labels = { kind: 'iterator', how: 'expired' };
    expect(freed?.samples).toContainEqual({ labels, value: 2 });
    await expect(errorOf(() => other.next())).resolves.toBeInstanceOf(HandleExpiredError);
    other.free();
    sound(engine);
  });

  it('free: what an operation uses beside its handle is not freed under it', async () => {
    const { db, engine, heap } = await open();
    db.put('a', '1');
    heap.setPolicy('snapshot', { ttl: { operations: 4, onExpire: 'free' } });
    const snapshot = db.snapshot();
    for (let i = 0; i < 3; i++) expect(db.get('a', { snapshot })).toBe('1');
    const error = await errorOf(() => db.get('a', { snapshot }));
    expect(error).toBeInstanceOf(HandleExpiredError);
    expect(db.get('a')).toBe('1');
    db.get('a');
    expect(snapshot.freed).toBe(true);
    sound(engine);
  });

  it('free: iterators go before their snapshot, and holds with it', async () => {
    const { db, engine, told, operations, heap } = await open();
    heap.setPolicy('snapshot', { ttl: { operations: 10, onExpire: 'free' } });
    const snapshot = db.snapshot().retain();
    const it = db.iterator({ snapshot });
    operations(20);
    await turn();
    expect([it.freed, snapshot.freed]).toEqual([true, true]);
    expect(told.reclaimed.map(({ handle }) => handle.id)).toEqual([it.id, snapshot.id]);
    expect(told.expired.map(({ handle }) => handle.id)).toEqual([snapshot.id]);
    expect(heap.handles('snapshotHold')).toEqual([]);
    expect(await errorOf(() => it.next())).toBeInstanceOf(HandleExpiredError);
    expect(await errorOf(() => snapshot.release())).toBeInstanceOf(HandleExpiredError);
    sound(engine);
  });

  it('free: everything of the kinds that can be, to the byte', async () => {
    const { db, engine, heap, operations } = await open();
    db.put('a', 'x'.repeat(1000));
    db.flush();
    const kinds = ['iterator', 'snapshot', 'writeBatch', 'pinnedSlice', 'databaseHold'] as const;
    const round = () => {
      db.iterator().next();
      db.snapshot();
      db.batch().put('a', 'b');
      db.batchWithIndex().put('a', 'b');
      db.getPinned('a');
      db.disableFileDeletions();
      operations(5);
    };
    for (const kind of kinds) heap.setPolicy(kind, { ttl: { operations: 3, onExpire: 'free' } });
    round();
    round();
    const before = heap.owners();
    round();
    expect(heap.owners()).toEqual(before);
    for (const kind of kinds) expect(heap.handles(kind)).toEqual([]);
    sound(engine);
  });

  it('by time alone, when no operation comes, with poll()', async () => {
    const { db, engine, wait, heap } = await open();
    heap.setPolicy('iterator', { ttl: { ms: 500, onExpire: 'free' } });
    const it = db.iterator();
    wait(499);
    heap.poll();
    expect(it.freed).toBe(false);
    wait(1);
    heap.poll();
    expect(it.freed).toBe(true);
    sound(engine);
  });

  it('and with a timer on the system clock, which holds nothing', async () => {
    const engine = await makeEngine({
      fileSystem: new MemoryFileSystem(),
      policies: { iterator: { ttl: { ms: 30, onExpire: 'free' } } },
    });
    const db = await RocksDB.open('/db', { engine, ...TEXT });
    const it = db.iterator();
    await until(() => expect(it.freed).toBe(true));
    db.close();
  });

  it('changes with the next operation: event, then throwOnUse, then free', async () => {
    const { db, told, operations, heap } = await open();
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'event' } });
    const it = db.iterator();
    operations(10);
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'throwOnUse' } });
    operations(1);
    expect([it.expired, it.freed]).toEqual([true, false]);
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'event' } });
    operations(1);
    expect(it.expired).toBe(true);
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'free' } });
    operations(1);
    expect(it.freed).toBe(true);
    await turn();
    const outcomes = told.expired.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['event', 'throwOnUse', 'free']);
  });

  it('is as long as it was when it is lifted before its end', async () => {
    const { db, told, operations, heap } = await open();
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'free' } });
    const it = db.iterator();
    operations(9);
    heap.setPolicy('iterator', undefined);
    operations(100);
    await turn();
    expect([it.freed, told.expired.length]).toEqual([false, 0]);
  });
});

describe('ttl with refresh', () => {
  const fill = (db: RocksDB<'utf8', 'utf8'>, from: number, to: number, value: string) => {
    for (let i = from; i < to; i++) db.put(`k${String(i).padStart(3, '0')}`, value);
  };

  it('gives up old pins, goes on behind the last entry, and sees the present from there', async () => {
    const { db, engine, told, heap } = await open();
    fill(db, 0, 100, 'old');
    db.flush();
    heap.setPolicy('iterator', { ttl: { operations: 200, onExpire: 'refresh' } });
    const it = db.iterator();
    const first = it.nextMany(50);
    fill(db, 0, 100, 'new');
    db.flush();
    db.compactRange();
    expect(heap.pins(it)?.sstFiles.uniqueBytes).toBeGreaterThan(0);
    for (let i = 0; i < 200; i++) db.get('none');
    expect(heap.pins(it)?.sstFiles.uniqueBytes).toBe(0);
    const rest = [...it];
    const keys = [...first, ...rest].map(([key]) => key);
    expect(keys).toEqual(Array.from({ length: 100 }, (_, i) => `k${String(i).padStart(3, '0')}`));
    expect(new Set(first.map(([, value]) => value))).toEqual(new Set(['old']));
    expect(new Set(rest.map(([, value]) => value))).toEqual(new Set(['new']));
    await turn();
    expect(told.expired[0]).toMatchObject({ outcome: 'refresh', handle: { id: it.id } });
    expect(it.expired).toBe(false);
    it.free();
    sound(engine);
  });

  it('is done again each time, in the middle of a scan, in both directions', async () => {
    const { db, told, heap } = await open();
    fill(db, 0, 200, 'x');
    heap.setPolicy('iterator', { ttl: { operations: 7, onExpire: 'refresh' } });
    for (const reverse of [false, true]) {
      const it = db.iterator({ reverse });
      const keys = [...it.keys()];
      expect(keys).toHaveLength(200);
      expect(keys).toEqual(reverse ? [...keys].sort().reverse() : [...keys].sort());
      expect(new Set(keys).size).toBe(200);
      it.free();
    }
    await turn();
    expect(told.expired.length).toBeGreaterThan(40);
  });

  it('keeps what its snapshot shows, its limit, and its place after a seek', async () => {
    const { db, heap } = await open();
    fill(db, 0, 20, 'old');
    const snapshot = db.snapshot();
    heap.setPolicy('iterator', { ttl: { operations: 3, onExpire: 'refresh' } });
    const it = db.iterator({ snapshot, limit: 8 });
    const taken = it.nextMany(2);
    fill(db, 0, 20, 'new');
    const rest = [...it];
    expect([...taken, ...rest].map(([, value]) => value)).toEqual(Array(8).fill('old'));
    it.seek('k010');
    fill(db, 0, 5, 'newer');
    expect(it.next()).toEqual(['k010', 'old']);
    it.free();
    snapshot.free();
  });

  it('does not begin anew at the end, nor go on from an entry that was deleted', async () => {
    const { db, heap } = await open();
    fill(db, 0, 5, 'x');
    heap.setPolicy('iterator', { ttl: { operations: 10, onExpire: 'refresh' } });
    const it = db.iterator();
    it.nextMany(3);
    db.delete('k002');
    db.delete('k003');
    for (let i = 0; i < 10; i++) db.get('none');
    expect(it.nextMany(9).map(([key]) => key)).toEqual(['k004']);
    for (let i = 0; i < 10; i++) db.get('none');
    expect(it.next()).toBeUndefined();
    it.free();
  });

  it('is an event where RocksDB cannot do it', async () => {
    const { db, told, operations, heap } = await open();
    heap.setPolicy('iterator', { ttl: { operations: 3, onExpire: 'refresh' } });
    const batch = db.batchWithIndex();
    const it = batch.iterator();
    operations(5);
    await turn();
    expect(told.expired).toMatchObject([{ outcome: 'event', problem: expect.any(String) }]);
    it.next();
    it.free();
    batch.free();
  });

  it('is an event where a value is still to be read of the entry that was given last', async () => {
    const { db, told, operations, heap } = await open();
    fill(db, 0, 5, 'x'.repeat(100));
    heap.setPolicy('iterator', { ttl: { operations: 5, onExpire: 'refresh' } });
    const it = db.iterator({ allowUnpreparedValue: true });
    it.next();
    operations(5);
    expect(it.prepareValue()).toBe('x'.repeat(100));
    expect(it.next()?.[0]).toBe('k001');
    await turn();
    expect(told.expired).toMatchObject([{ outcome: 'event', problem: expect.any(String) }]);
    it.free();
  });
});

describe('maxPinnedBytes', () => {
  const held = async () => {
    const made = await open();
    const { db, heap } = made;
    heap.watch({ everyOperations: 10, everyMs: 1e9 });
    for (let i = 0; i < 200; i++) db.put(`k${i}`, 'x'.repeat(500));
    db.flush();
    const its = [db.iterator(), db.iterator()];
    for (const it of its) it.next();
    for (let i = 0; i < 200; i++) db.put(`k${i}`, 'y');
    db.flush();
    db.compactRange();
    return { ...made, its };
  };

  it('of a handle and of a kind: told at the next sample, once, and again after it was kept', async () => {
    const { db, engine, told, operations, heap, its } = await held();
    heap.setPolicy('iterator', { maxPinnedBytes: 1 });
    operations(30);
    await turn();
    // What both hold is nobody's alone; of the kind it is.
    expect(told.limit).toEqual([]);
    heap.setPolicy('iterator', { maxPinnedBytes: { perHandle: 1, perKind: 1 } });
    operations(30);
    await turn();
    expect(told.limit).toMatchObject([{ limit: 'maxPinnedBytes', kind: 'iterator', max: 1 }]);
    expect(told.limit[0]).not.toHaveProperty('handle');
    its[0]?.free();
    operations(30);
    await turn();
    expect(told.limit).toHaveLength(2);
    const value = heap.pins(its[1] as never)?.sstFiles.uniqueBytes;
    expect(told.limit[1]).toMatchObject({ handle: { id: its[1]?.id } });
    expect(told.limit[1]?.value).toBeGreaterThanOrEqual(value as number);
    its[1]?.refresh();
    operations(30);
    its[1]?.free();
    const batch = db.batch();
    heap.setPolicy('writeBatch', { maxPinnedBytes: 5000 });
    operations(30);
    await turn();
    expect(told.limit).toHaveLength(2);
    batch.put('a', 'x'.repeat(10_000));
    operations(30);
    await turn();
    expect(told.limit.at(-1)).toMatchObject({ kind: 'writeBatch', handle: { id: batch.id } });
    batch.clear();
    heap.setPolicy('writeBatch', undefined);
    batch.free();
    sound(engine);
  });

  it('of a snapshot is what only it keeps', async () => {
    const { db, told, operations, heap } = await open();
    heap.watch({ everyOperations: 10, everyMs: 1e9 });
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'x'.repeat(500));
    const snapshot = db.snapshot();
    heap.setPolicy('snapshot', { maxPinnedBytes: 10_000 });
    operations(20);
    await turn();
    expect(told.limit).toEqual([]);
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'y'.repeat(500));
    db.flush();
    operations(20);
    await turn();
    expect(told.limit).toMatchObject([{ kind: 'snapshot', handle: { id: snapshot.id } }]);
    snapshot.free();
  });
});

describe('softMaxBytes', () => {
  it('is told once with the next operation, and again after it was kept; writes go on', async () => {
    const { db, told, operations, heap } = await open();
    const max = heap.inUseBytes + 100_000;
    heap.setPolicy('heap', { softMaxBytes: max });
    operations(10);
    await turn();
    expect(told.limit).toEqual([]);
    const batch = db.batch();
    batch.put('a', 'x'.repeat(2_000_000));
    db.put('b', '1');
    operations(10);
    await turn();
    expect(told.limit).toMatchObject([{ limit: 'softMaxBytes', kind: undefined, max }]);
    expect(told.limit[0]?.value).toBeGreaterThan(max);
    expect(db.get('b')).toBe('1');
    batch.free();
    heap.setPolicy('heap', { softMaxBytes: 1 });
    operations(1);
    await turn();
    expect(told.limit.map((each) => each.max)).toEqual([max, 1]);
    heap.setPolicy('heap', undefined);
    operations(10);
    await turn();
    expect(told.limit).toHaveLength(2);
    expect(heap.policies).toEqual({});
  });
});

describe('policies', () => {
  it('are given to the engine, read, and refused when they are none', async () => {
    const policies = {
      iterator: { ttl: { ms: 5000, onExpire: 'free' }, maxLive: 10 },
      heap: { softMaxBytes: 1_000_000_000 },
    } as const;
    const { engine, heap } = await open({ policies });
    expect(heap.policies).toEqual(policies);
    const wrong: [unknown, unknown, string][] = [
      ['iterators', {}, 'policies.iterators'],
      ['engine', { maxLive: 1 }, 'policies.engine'],
      ['iterator', { ttl: {} }, 'policies.iterator.ttl: expected ms, operations or both'],
      ['iterator', { ttl: { ms: 0 } }, 'policies.iterator.ttl.ms: expected an integer from 1'],
      ['iterator', { ttl: { ms: 1, onExpire: 'drop' } }, 'one of event, throwOnUse, free, refresh'],
      ['iterator', { timeToLive: 1 }, 'policies.iterator.timeToLive: expected no such property'],
      ['iterator', { maxLive: 0 }, 'policies.iterator.maxLive'],
      ['iterator', { maxLive: { onLimit: 'throw' } }, 'policies.iterator.maxLive.max'],
      ['iterator', { maxPinnedBytes: {} }, 'perHandle, perKind or both'],
      ['iterator', 5, 'policies.iterator: expected an object'],
      ['snapshot', { ttl: { ms: 1, onExpire: 'refresh' } }, 'only iterator can be refreshed'],
      ['db', { ttl: { ms: 1 } }, 'there is ttl of iterator, snapshot'],
      ['db', { maxPinnedBytes: 1 }, 'there is maxPinnedBytes of iterator, pinnedSlice'],
      ['snapshotHold', { maxLive: 1 }, 'there is maxLive of db'],
      ['heap', { maxHeapBytes: 1 }, 'policies.heap.maxHeapBytes: expected no such property'],
      ['heap', { softMaxBytes: -1 }, 'policies.heap.softMaxBytes'],
    ];
    for (const [kind, policy, message] of wrong) {
      const error = await errorOf(() => heap.setPolicy(kind as never, policy as never));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(error.message).toContain(message);
      const given = { policies: { [kind as string]: policy } as never };
      expect((await errorOf(() => makeEngine(given))).message).toContain(message);
    }
    expect(heap.policies).toEqual(policies);
    engine.free();
  });

  it('tell the same of the same program', async () => {
    const run = async () => {
      const { db, engine, told, operations, wait, heap } = await open();
      heap.setPolicy('iterator', {
        leakDetectionThreshold: { operations: 20 },
        ttl: { ms: 300, onExpire: 'free' },
        maxLive: { max: 5, onLimit: 'event' },
      });
      for (let i = 0; i < 20; i++) {
        db.iterator();
        if (i % 3 === 0) db.snapshot().free();
        operations(7);
        wait(50);
      }
      await turn();
      engine.free();
      return JSON.stringify(told);
    };
    const first = await run();
    expect(JSON.parse(first)).toMatchObject({ leak: { length: expect.any(Number) } });
    expect(first).toContain('"limit":"maxLive"');
    expect(await run()).toBe(first);
  });

  it('leave the program as it is when a listener throws or frees what is in use', async () => {
    const { db, engine, operations, heap } = await open();
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    heap.setPolicy('iterator', { ttl: { operations: 3, onExpire: 'free' } });
    heap.on('expired', () => {
      throw new Error('from a listener');
    });
    const first = db.iterator();
    const it = db.iterator();
    heap.on('reclaimed', () => it.free());
    operations(1);
    expect(it.next()).toBeUndefined();
    expect([first.freed, it.freed]).toEqual([true, false]);
    await turn();
    expect(it.freed).toBe(true);
    operations(5);
    await until(() => expect(warnings.join()).toContain('from a listener'));
    process.off('warning', onWarning);
    sound(engine);
  });

  it('are told once to a listener that takes itself back and comes again', async () => {
    const { db, operations, heap } = await open();
    heap.setPolicy('iterator', { leakDetectionThreshold: { operations: 3 } });
    let calls = 0;
    const listen = () => {
      const off = heap.on('leak', () => {
        off();
        if (++calls < 100) listen();
      });
    };
    listen();
    const it = db.iterator();
    operations(5);
    await turn();
    expect(calls).toBe(1);
    it.free();
  });

  it('end with the engine: nothing is told, and nothing throws', async () => {
    const { db, engine, told, heap } = await open();
    heap.setPolicy('iterator', { ttl: { operations: 1, onExpire: 'free' } });
    db.iterator();
    engine.free();
    heap.poll();
    await turn();
    expect(told.expired).toEqual([]);
  });
});

describe('the finalizer and orphans', () => {
  it('what is left of a dropped column family is orphaned, and shown so', async () => {
    const { db, engine, heap } = await open();
    const [first, second] = [db.createColumnFamily('one'), db.createColumnFamily('two')];
    db.put('k', 'v'.repeat(100), { columnFamily: first });
    db.flush({ columnFamily: first });
    const it = db.iterator({ columnFamily: first });
    const slice = db.getPinned('k', { columnFamily: first });
    const both = db.coalescingIterator([first, second]);
    const unaffected = [db.iterator({ columnFamily: second }), db.iterator()];
    db.dropColumnFamily(first);
    const later = db.iterator({ columnFamily: first });
    const stateOf = (handle: { id: number } | undefined) =>
      heap.handles().find(({ id }) => id === handle?.id)?.state;
    for (const each of [first, it, slice, both, later]) expect(stateOf(each)).toBe('orphaned');
    for (const each of [second, ...unaffected]) expect(stateOf(each)).toBe('live');
    expect(heap.tree().match(/ORPHANED/g)).toHaveLength(5);
    expect(heap.why(it)).toContain('its column family was dropped, whose data it keeps');
    expect(heap.report().kinds.find(({ kind }) => kind === 'iterator')).toMatchObject({
      orphaned: 3,
      live: 5,
    });
    const marked = heap.metrics().find(({ name }) => name === 'rocksdb_wasm_handles_marked');
    const labels = { kind: 'pinnedSlice', state: 'orphaned' };
    expect(marked?.samples).toContainEqual({ labels, value: 1 });
    expect(it.next()?.[0]).toBe('k');
    for (const each of [it, slice, both, later, ...unaffected]) each?.free();
    first.free();
    sound(engine);
  });
});

describe('an engine that nobody holds', () => {
  it('is lost with its policies, alerts and samples: nothing of them keeps its memory', async () => {
    const make = async () => {
      const engine = await Engine.create({
        wasm: await wasmModule(),
        fileSystem: new MemoryFileSystem(),
        policies: { iterator: { ttl: { ms: 1e9, onExpire: 'free' }, maxPinnedBytes: 1e9 } },
      });
      engine.heap.alerts.add(recommendedAlerts());
      const db = await RocksDB.open('/db', { engine, ...TEXT });
      db.iterator();
      db.get('none');
      return new WeakRef(engine.heap);
    };
    const held = await Promise.all(Array.from({ length: 8 }, make));
    const kept = () => held.filter((each) => each.deref() !== undefined).length;
    await collectUntil(() => kept() <= ('Bun' in globalThis ? 4 : 0));
    expect(kept()).toBeLessThanOrEqual('Bun' in globalThis ? 4 : 0);
  });
});
