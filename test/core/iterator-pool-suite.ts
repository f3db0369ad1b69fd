import {
  HandleBusyError,
  HandleFreedError,
  InvalidOptionError,
  type IteratorPoolOptions,
  type LeakEvent,
  ManualClock,
  PoolExhaustedError,
  type ReclaimedEvent,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, keyOf, type MakeHost } from './host.js';

const HERE = /iterator-pool-suite|database\.test/;
const MS = 1_000_000n;

export function iteratorPoolSuite(makeHost: MakeHost): void {
  describe('an iterator pool', () => {
    lending(makeHost);
    waiting(makeHost);
    idling(makeHost);
    losing(makeHost);
  });
}

function lending(makeHost: MakeHost): void {
  it('lends iterators that see the present, and makes no new one for the next borrower', async () => {
    const db = await createText(makeHost());
    await db.put('a', '1');
    const pool = await db.iteratorPool();
    for (let i = 0; i < 20; i++) {
      await db.put(keyOf(i), 'v');
      const lease = await pool.acquire();
      expect((await all(lease)).length).toBe(i + 2);
      await lease.free();
      await lease.free();
      expect(lease.freed).toBe(true);
      expect(await errorOf(() => lease.next())).toBeInstanceOf(HandleFreedError);
    }
    expect(await pool.stats).toEqual({
      idle: 1,
      lent: 0,
      waiting: 0,
      created: 1,
      reused: 19,
      reclaimed: 0,
    });
  });

  it('lends what a scan of its options gives, and all that an iterator can do', async () => {
    const db = await createText(makeHost());
    for (let i = 0; i < 10; i++) await db.put(keyOf(i), String(i));
    const pool = await db.iteratorPool({ gte: keyOf(2), lt: keyOf(8), reverse: true, limit: 4 });
    for (let round = 0; round < 2; round++) {
      await using lease = await pool.acquire();
      expect(await lease.nextMany(2)).toEqual([
        [keyOf(7), '7'],
        [keyOf(6), '6'],
      ]);
      expect(await all(lease.keys())).toEqual([keyOf(5), keyOf(4)]);
      await lease.seek(keyOf(3));
      expect(await all(lease.values())).toEqual(['3', '2']);
      await lease.seekForPrev(keyOf(5));
      expect(await lease.next()).toEqual([keyOf(5), '5']);
      await lease.seekToStart();
      expect(await lease.next()).toEqual([keyOf(7), '7']);
      expect(await lease.getProperty('rocksdb.iterator.super-version-number')).toMatch(/^\d+$/);
      await db.put(keyOf(7), `new ${round}`);
      await lease.refresh();
      expect(await lease.next()).toEqual([keyOf(7), `new ${round}`]);
      await db.put(keyOf(7), '7');
    }
  });

  it('reads column families, with their columns', async () => {
    const db = await createText(makeHost());
    const family = await db.createColumnFamily('family');
    await db.putEntity('k', { a: '1' }, { columnFamily: family });
    const pool = await db.iteratorPool({ columnFamily: family, columns: true });
    await using lease = await pool.acquire();
    await lease.next();
    expect([...(await lease.columns)]).toEqual([['a', '1']]);
    await family.free();
    expect([pool.freed, lease.freed]).toEqual([true, true]);
    expect(await errorOf(() => lease.next())).toBeInstanceOf(HandleFreedError);
    expect(await errorOf(() => pool.acquire())).toBeInstanceOf(HandleFreedError);
  });

  it('lends at a snapshot, which is borrowed by the lease alone', async () => {
    const db = await createText(makeHost(), { tracking: 'track' });
    await db.put('k', 'old');
    const snapshot = await db.snapshot();
    await db.put('k', 'new');
    const pool = await db.iteratorPool();
    for (let round = 0; round < 2; round++) {
      const lease = await pool.acquire({ snapshot });
      expect(lease.snapshot).toBe(snapshot);
      expect(await all(lease)).toEqual([['k', 'old']]);
      const busy = await errorOf(() => snapshot.free());
      expect(busy).toBeInstanceOf(HandleBusyError);
      expect(busy.message).toMatch(new RegExp(`in use by iteratorLease #${lease.id} \\(made`));
      await lease.free();
    }
    await snapshot.free();
    await db.flush();
    await using lease = await pool.acquire();
    expect(await all(lease)).toEqual([['k', 'new']]);
    expect(await errorOf(() => pool.acquire({ snapshot }))).toBeInstanceOf(HandleFreedError);
    expect((await pool.stats).lent).toBe(1);
  });

  it('gives an iterator back when the function that used it is over, also by an error', async () => {
    const db = await createText(makeHost());
    await db.put('k', 'v');
    const pool = await db.iteratorPool({ max: 1 });
    expect(await pool.withIterator((it) => it.next())).toEqual(['k', 'v']);
    const late = pool.withIterator(async (it) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return it.next();
    });
    expect((await pool.stats).lent).toBe(1);
    expect(await late).toEqual(['k', 'v']);
    const failing = () => {
      throw new Error('mine');
    };
    expect(() => pool.withIterator(failing)).toThrow('mine');
    await expect(pool.withIteratorAsync(failing)).rejects.toThrow('mine');
    expect(await pool.withIteratorAsync((it) => it.next())).toEqual(['k', 'v']);
    expect((await pool.stats).lent).toBe(0);
    for (const wrong of [undefined, 'text']) {
      expect(await errorOf(() => pool.withIterator(wrong as never))).toBeInstanceOf(
        InvalidOptionError,
      );
    }
  });

  it('refuses options that make no sense, and leaves nothing behind', async () => {
    const db = await createText(makeHost());
    const wrong: [object, string][] = [
      [{ max: 0 }, 'max'],
      [{ max: 1.5 }, 'max'],
      [{ idleTimeoutMs: 0 }, 'idleTimeoutMs'],
      [{ wait: 'forever' }, 'wait'],
      [{ wait: {} }, 'wait.timeoutMs'],
      [{ wait: { timeoutMs: -1 } }, 'wait.timeoutMs'],
      [{ leakDetectionThreshold: 5 }, 'leakDetectionThreshold'],
      [{ leakDetectionThreshold: { ms: 0 } }, 'leakDetectionThreshold.ms'],
      [{ reclaimOverdue: true }, 'reclaimOverdue'],
      [{ reclaimOverdue: 1 }, 'reclaimOverdue'],
      [{ tailing: true }, 'tailing'],
      [{ snapshot: {} }, 'snapshot'],
    ];
    for (const [options, option] of wrong) {
      const error = await errorOf(() => db.iteratorPool(options as IteratorPoolOptions));
      expect([error.constructor, (error as InvalidOptionError).option]).toEqual([
        InvalidOptionError,
        option,
      ]);
    }
    expect((await errorOf(() => db.iteratorPool({ gt: 'a', gte: 'b' }))).code).toBe(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
    );
    const kinds = db.heap.handles().map(({ kind }) => kind);
    expect(kinds.filter((kind) => /pool/i.test(kind))).toEqual([]);
  });

  it('gives every byte back', async () => {
    const db = await createText(makeHost());
    for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'v');
    const round = async () => {
      const pool = await db.iteratorPool({ max: 4 });
      const leases = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
      for (const lease of leases) expect((await all(lease)).length).toBe(100);
      await leases[0]?.free();
      await pool.free();
      await pool.free();
      expect(leases.map(({ freed }) => freed)).toEqual([true, true, true]);
    };
    await round();
    await round();
    const before = db.heap.owners();
    await round();
    expect(db.heap.owners()).toEqual(before);
    expect(db.heap.verify().problems).toEqual([]);
  });
}

function waiting(makeHost: MakeHost): void {
  it('refuses more than its maximum, and says who has them', async () => {
    const db = await createText(makeHost(), { tracking: 'track' });
    const pool = await db.iteratorPool({ max: 2 });
    await using one = await pool.acquire();
    await using two = await pool.acquire();
    for (const ask of [() => pool.acquire(), () => pool.acquireAsync()]) {
      const error = await errorOf(ask);
      expect([error.constructor, error.code]).toEqual([
        PoolExhaustedError,
        'ERR_ROCKSDB_POOL_EXHAUSTED',
      ]);
      expect(error.message).toMatch(/all 2 iterators of iteratorPool #\d+ are lent/);
      expect(error.message).toMatch(HERE);
    }
    await two.free();
    await using three = await pool.acquire();
    expect([one.freed, three.freed]).toEqual([false, false]);
  });

  it('has the first who waits served first, at the site of the wait', async () => {
    const db = await createText(makeHost(), { tracking: 'track' });
    await db.put('k', 'v');
    const pool = await db.iteratorPool({ max: 1, wait: { timeoutMs: 60_000 } });
    const lease = await pool.acquire();
    const order: number[] = [];
    const waits = [1, 2, 3].map(async (number) => {
      const mine = await pool.acquireAsync();
      order.push(number);
      expect(await mine.next()).toEqual(['k', 'v']);
      expect(db.heap.handles('iteratorLease')[0]?.site?.split('\n')[0]).toMatch(HERE);
      await mine.free();
    });
    expect((await pool.stats).waiting).toBe(3);
    // It is for those who wait.
    await lease.free();
    expect(await errorOf(() => pool.acquire())).toBeInstanceOf(PoolExhaustedError);
    await Promise.all(waits);
    expect(order).toEqual([1, 2, 3]);
    expect(await pool.stats).toMatchObject({ waiting: 0, lent: 0, created: 1 });
  });

  it('ends a wait by its time, by a signal, and when the pool is freed', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    const pool = await db.iteratorPool({ max: 1, wait: { timeoutMs: 100 } });
    const lease = await pool.acquire();
    const late = errorOf(() => pool.acquireAsync());
    clock.advance(99n * MS);
    await db.heap.poll();
    expect((await pool.stats).waiting).toBe(1);
    clock.advance(1n * MS);
    await db.heap.poll();
    expect((await late).code).toBe('ERR_ROCKSDB_POOL_TIMEOUT');

    const controller = new AbortController();
    const aborted = pool.acquireAsync({ signal: controller.signal });
    controller.abort(new Error('not any more'));
    await expect(aborted).rejects.toThrow('not any more');
    const before = pool.acquireAsync({ signal: controller.signal });
    await expect(before).rejects.toThrow('not any more');
    expect((await pool.stats).waiting).toBe(0);

    const orphan = errorOf(() => pool.acquireAsync());
    await pool.free();
    expect(await orphan).toBeInstanceOf(HandleFreedError);
    expect(lease.freed).toBe(true);
  });

  it('ends a wait when the database is closed', async () => {
    const db = await createText(makeHost(), { onUnreleased: () => {} });
    const pool = await db.iteratorPool({ max: 1, wait: { timeoutMs: 60_000 } });
    const lease = await pool.acquire();
    const orphan = errorOf(() => pool.acquireAsync());
    const unreleased = await db.close();
    expect(await orphan).toBeInstanceOf(HandleFreedError);
    // The pool and its iterators are the database's own; what was lent was forgotten.
    expect(unreleased.map(({ kind, id }) => [kind, id])).toEqual([['iteratorLease', lease.id]]);
  });
}

function idling(makeHost: MakeHost): void {
  it('frees idle iterators when their time is over, and what they pinned', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    await db.put('k', 'v');
    const pool = await db.iteratorPool({ idleTimeoutMs: 50 });
    const leases = [await pool.acquire(), await pool.acquire()];
    for (const lease of leases) {
      await lease.next();
      await lease.free();
    }
    const pooled = db.heap.handles('pooledIterator');
    expect(pooled.length).toBe(2);
    await db.flush();
    // The memtable of before is pinned by both.
    expect(db.heap.pins(pooled[0]?.id ?? 0)?.memtables.sharedBytes).toBeGreaterThan(0);
    clock.advance(49n * MS);
    await db.heap.poll();
    expect((await pool.stats).idle).toBe(2);
    clock.advance(1n * MS);
    await db.heap.poll();
    expect((await pool.stats).idle).toBe(0);
    expect(db.heap.handles('pooledIterator')).toEqual([]);
    expect(await db.getIntProperty('rocksdb.num-live-versions')).toBe(1n);
    await using lease = await pool.acquire();
    expect(await lease.next()).toEqual(['k', 'v']);
    expect((await pool.stats).created).toBe(3);
  });

  it('frees them by a timer of the host, too, and by trim()', async () => {
    const db = await createText(makeHost());
    const pool = await db.iteratorPool({ idleTimeoutMs: 5 });
    await (await pool.acquire()).free();
    for (let turn = 0; turn < 1000 && (await pool.stats).idle > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await pool.stats).idle).toBe(0);
    const other = await db.iteratorPool({ idleTimeoutMs: 60_000 });
    await (await other.acquire()).free();
    expect(await other.trim()).toBe(1);
    expect(await other.trim()).toBe(0);
    expect(db.heap.handles('pooledIterator')).toEqual([]);
  });

  it('lends the one that came back last, so that the others get old', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    const pool = await db.iteratorPool({ idleTimeoutMs: 100 });
    const burst = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    for (const lease of burst) await lease.free();
    for (let i = 0; i < 5; i++) {
      clock.advance(30n * MS);
      await (await pool.acquire()).free();
    }
    expect(await pool.stats).toMatchObject({ idle: 1, created: 3, reused: 5 });
  });
}

function losing(makeHost: MakeHost): void {
  it('tells of a lease that is held for too long, with its site, once', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    const leaks: LeakEvent[] = [];
    db.heap.on('leak', (event) => leaks.push(event));
    const pool = await db.iteratorPool({ leakDetectionThreshold: { ms: 1000, operations: 50 } });
    const slow = await pool.acquire();
    await (await pool.acquire()).free();
    clock.advance(1000n * MS);
    await db.heap.poll();
    await db.heap.poll();
    expect(leaks.map(({ handle, ageMs }) => [handle.id, ageMs])).toEqual([[slow.id, 1000]]);
    expect(leaks[0]?.handle.site?.split('\n')[0]).toMatch(HERE);
    const busy = await pool.acquire();
    for (let i = 0; i < 50; i++) await db.get('k');
    await (await pool.acquire()).free();
    await db.get('k');
    expect(leaks.map(({ handle }) => handle.id)).toEqual([slow.id, busy.id]);
    // Only told: both can be used.
    expect([await slow.next(), await busy.next()]).toEqual([undefined, undefined]);
    await slow.free();
    await busy.free();
  });

  it('tells of it by operations also when nobody asks the pool, as it was then', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    const leaks: LeakEvent[] = [];
    db.heap.on('leak', (event) => leaks.push(event));
    const pool = await db.iteratorPool({ leakDetectionThreshold: { operations: 50 } });
    const lease = await pool.acquire();
    for (let i = 0; i < 50; i++) await db.get('k');
    clock.advance(1000n * MS);
    await db.heap.poll();
    await db.get('k');
    await lease.free();
    expect(
      leaks.map(({ handle, ageOperations }) => [handle.id, ageOperations, handle.state]),
    ).toEqual([[lease.id, 50, 'live']]);
  });

  it('takes it back, if that is wanted', async () => {
    const clock = new ManualClock();
    const db = await createText(makeHost(), { clock });
    const reclaimed: ReclaimedEvent[] = [];
    db.heap.on('reclaimed', (event) => reclaimed.push(event));
    const pool = await db.iteratorPool({
      max: 1,
      leakDetectionThreshold: { ms: 1000 },
      reclaimOverdue: true,
      wait: { timeoutMs: 5000 },
    });
    const lost = await pool.acquire();
    const next = pool.acquireAsync();
    clock.advance(1000n * MS);
    await db.heap.poll();
    const given = await next;
    expect(await given.next()).toBeUndefined();
    expect(reclaimed.map(({ handle, by }) => [handle.id, by])).toEqual([[lost.id, 'pool']]);
    const error = await errorOf(() => lost.next());
    expect(error).toBeInstanceOf(HandleFreedError);
    expect(error.message).toContain('taken back by its pool');
    await lost.free();
    expect(await pool.stats).toMatchObject({ lent: 1, reclaimed: 1, created: 1 });
    await given.free();
  });

  it('is no leak itself', async () => {
    const db = await createText(makeHost());
    const pool = await db.iteratorPool();
    await (await pool.acquire()).free();
    expect(await db.freeUnreleased()).toEqual([]);
    const lease = await pool.acquire();
    expect((await db.freeUnreleased()).map(({ id }) => id)).toEqual([lease.id]);
    expect(pool.freed).toBe(false);
    await using again = await pool.acquire();
    expect(await again.next()).toBeUndefined();
  });

  it('serves who waits when a lease is freed with others', async () => {
    const db = await createText(makeHost());
    const pool = await db.iteratorPool({ max: 1, wait: { timeoutMs: 60_000 } });
    await pool.acquire();
    const next = pool.acquireAsync();
    await db.freeUnreleased();
    await using lease = await next;
    expect(await lease.next()).toBeUndefined();
  });
}
