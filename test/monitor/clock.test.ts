/** A clock that is set back, as a host's may be: what goes by it neither stops nor lasts longer. */
import {
  type AlertEvent,
  type Clock,
  type Engine,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeEngine } from '../support/open.js';

const HOUR_MS = 3_600_000;

/** Its time of day can be set. */
class WallClock extends ManualClock {
  offsetMs = 0;

  override realtimeNs(): bigint {
    return super.realtimeNs() + BigInt(this.offsetMs) * 1_000_000n;
  }
}

async function open() {
  const clock = new WallClock();
  const engine: Engine = await makeEngine({
    clock: clock as Clock,
    fileSystem: new MemoryFileSystem(),
  });
  const db = await RocksDB.open('/db', { engine, createIfMissing: true, onUnreleased: () => {} });
  const wait = (ms: number) => clock.advance(BigInt(ms) * 1_000_000n);
  // What passes between the last look at the clock and its setting is lost.
  const setBack = () => {
    const { time } = engine.heap;
    clock.offsetMs -= HOUR_MS;
    expect(engine.heap.time).toBe(time);
  };
  return { db, heap: engine.heap, wait, setBack };
}

describe('samples', () => {
  it('may be further apart than timers of the host can wait', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => warnings.push(name);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
    onTestFinished(engine.heap.watch({ everyMs: 2 ** 40 }));
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(warnings).toEqual([]);
    expect(engine.heap.history()).toHaveLength(1);
  });
});

describe('a clock that is set back', () => {
  it('has samples taken as before', async () => {
    const { heap, wait, setBack } = await open();
    onTestFinished(heap.watch({ everyMs: 1000 }));
    setBack();
    for (let i = 0; i < 3; i++) {
      wait(1000);
      heap.poll();
    }
    const times = heap.history().map(({ time }) => time);
    expect(times.slice(1).map((time, at) => time - (times[at] as number))).toEqual([
      1000, 1000, 1000,
    ]);
  });

  it('has handles grow no younger: leaks are told of, and times to live end', async () => {
    const { db, heap, wait, setBack } = await open();
    heap.setPolicy('iterator', {
      leakDetectionThreshold: { ms: 1000 },
      ttl: { ms: 2000, onExpire: 'free' },
    });
    const told: unknown[] = [];
    heap.on('leak', ({ ageMs }) => told.push(['leak', ageMs]));
    heap.on('expired', ({ ageMs }) => told.push(['expired', ageMs]));
    db.iterator();
    wait(500);
    setBack();
    wait(500);
    heap.poll();
    await Promise.resolve();
    wait(1000);
    heap.poll();
    await Promise.resolve();
    expect(told).toEqual([
      ['leak', 1000],
      ['expired', 2000],
    ]);
    expect(heap.handles('iterator')).toEqual([]);
  });

  it('has alerts raised after as long as ever', async () => {
    const { heap, wait, setBack } = await open();
    const told: AlertEvent[] = [];
    heap.on('alert', (alert) => told.push(alert));
    heap.watch({ everyMs: 1000 });
    heap.alerts.add({ name: 'rule', metric: () => 1, when: { above: 0 }, for: { ms: 3000 } });
    for (let i = 0; i < 5; i++) {
      wait(1000);
      if (i === 1) setBack();
      heap.poll();
    }
    await Promise.resolve();
    expect(told.map(({ time, since }) => time - since)).toEqual([3000]);
  });

  it('has waits in pools end', async () => {
    const { db, heap, wait, setBack } = await open();
    const pool = db.iteratorPool({ max: 1, wait: { timeoutMs: 1000 } });
    const lease = pool.acquire();
    const waiting = pool.acquireAsync().catch((error) => error.code);
    setBack();
    wait(1000);
    heap.poll();
    expect(await waiting).toBe('ERR_ROCKSDB_POOL_TIMEOUT');
    lease.free();
    pool.free();
  });
});
