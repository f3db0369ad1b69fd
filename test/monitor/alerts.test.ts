import {
  type AlertEvent,
  type AlertRule,
  type EngineOptions,
  type RocksDB,
  recommendedAlerts,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { holding, ITERATORS, openWatched as open } from '../support/alerts.js';
import { errorOf } from '../support/open.js';
import { until } from '../support/until.js';

const changes = (told: readonly AlertEvent[]) => told.map(({ change, level }) => [change, level]);

describe('alert rules', () => {
  it('raise above a threshold, and clear at the one of the hysteresis', async () => {
    const { db, alerts, told, samples } = await open();
    const hold = holding(db);
    const called: AlertEvent[] = [];
    const callback = (alert: AlertEvent) => called.push(alert);
    alerts.add({ ...ITERATORS, when: { above: 5 }, clear: 2, level: 'critical', callback });
    hold(5);
    await samples();
    expect([told, alerts.list()[0]?.state]).toEqual([[], 'ok']);
    hold(6);
    await samples(3);
    expect(changes(told)).toEqual([['raised', 'critical']]);
    expect(told[0]).toMatchObject({ rule: 'iterators', value: 6, threshold: 5 });
    expect(alerts.list()).toMatchObject([{ state: 'raised', level: 'critical', value: 6 }]);
    hold(3);
    await samples(3);
    expect(told).toHaveLength(1);
    hold(2);
    await samples(3);
    expect(changes(told)).toEqual([
      ['raised', 'critical'],
      ['cleared', 'critical'],
    ]);
    expect(called).toEqual(told);
    expect(alerts.list()[0]?.state).toBe('ok');
    hold(0);
  });

  it('raise only what lasts, by operations and by time', async () => {
    const { db, alerts, told, samples, wait } = await open();
    const hold = holding(db);
    const period = { operations: 30, ms: 1000 };
    alerts.add({ ...ITERATORS, when: { above: 0 }, for: period });
    hold(1);
    await samples(2);
    expect(alerts.list()[0]?.state).toBe('pending');
    hold(0);
    await samples(5);
    expect([told, alerts.list()[0]?.state]).toEqual([[], 'ok']);
    hold(1);
    await samples(6);
    expect(told).toEqual([]);
    wait(1000);
    await samples();
    expect(changes(told)).toEqual([['raised', 'warning']]);
    expect((told[0]?.time ?? 0) - (told[0]?.since ?? 0)).toBe(1000);
    hold(0);
  });

  it('escalate and ease by level, and repeat', async () => {
    const { db, alerts, told, samples } = await open();
    const hold = holding(db);
    alerts.add({
      ...ITERATORS,
      when: { above: { info: 2, warning: 4, critical: 8 } },
      clear: { critical: 6 },
      repeat: { operations: 50 },
    });
    hold(3);
    await samples();
    hold(9);
    await samples();
    hold(7);
    await samples();
    hold(6);
    await samples();
    hold(0);
    await samples();
    expect(changes(told)).toEqual([
      ['raised', 'info'],
      ['escalated', 'critical'],
      ['eased', 'warning'],
      ['cleared', 'warning'],
    ]);
    hold(3);
    await samples(11);
    expect(changes(told).slice(4)).toEqual([
      ['raised', 'info'],
      ['repeated', 'info'],
      ['repeated', 'info'],
    ]);
    hold(0);
  });

  it('below, rates and ages', async () => {
    const { db, alerts, told, samples, wait } = await open();
    const only = (rule: string) => changes(told.filter((each) => each.rule === rule));
    const created = { metric: 'rocksdb_wasm_handles_created_total', labels: { kind: 'snapshot' } };
    alerts.add([
      {
        name: 'few',
        metric: 'rocksdb_wasm_handles_live',
        labels: { kind: 'db' },
        when: { below: 2 },
      },
      { ...created, name: 'by second', of: 'rate', when: { above: 3 } },
      { ...created, name: 'by operation', of: 'rate', per: 'operation', when: { above: 0.2 } },
      { name: 'old', age: { kind: 'snapshot' }, when: { above: 60 } },
      { name: 'unused', age: { kind: 'snapshot', in: 'operations' }, when: { above: 100 } },
    ]);
    await samples(3);
    expect(only('few')).toEqual([['raised', 'warning']]);
    for (let i = 0; i < 5; i++) db.snapshot().free();
    wait(1000);
    await samples();
    expect(only('by second')).toEqual([['raised', 'warning']]);
    expect(only('by operation')).toEqual([['raised', 'warning']]);
    wait(1000);
    await samples();
    expect(only('by second').at(-1)).toEqual(['cleared', 'warning']);
    expect(only('by operation').at(-1)).toEqual(['cleared', 'warning']);
    const kept = db.snapshot();
    await samples(11);
    expect(only('unused')).toEqual([['raised', 'warning']]);
    expect(only('old')).toEqual([]);
    wait(61_000);
    await samples();
    expect(only('old')).toEqual([['raised', 'warning']]);
    kept.free();
    await samples();
    expect(only('old').at(-1)).toEqual(['cleared', 'warning']);
    expect(told.at(-1)?.value).toBeUndefined();
  });

  it('take a function of metrics; one that throws holds nothing up', async () => {
    const { db, alerts, told, samples } = await open();
    const bad: AlertRule = {
      name: 'bad',
      metric: () => {
        throw new Error('no figure');
      },
      when: { above: 0 },
    };
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    alerts.add([
      bad,
      {
        name: 'share',
        metric: (read) => {
          const bytes = read('rocksdb_wasm_heap_owner_bytes', { owner: 'writeBatch' });
          const most = read('rocksdb_wasm_heap_owner_bytes', {}, 'max');
          return bytes === undefined || most === undefined ? undefined : bytes / most;
        },
        when: { above: 0.99 },
        callback: () => {
          throw new Error('from a callback');
        },
      },
    ]);
    const batch = db.batch();
    batch.put('k', 'x'.repeat(5_000_000));
    await samples();
    expect(told.map(({ rule }) => rule)).toEqual(['share']);
    await until(() => expect(warnings.join()).toMatch(/no figure.*from a callback/));
    process.off('warning', onWarning);
    batch.free();
  });

  it('name the sites, also at level count, of what is made once it may be raised', async () => {
    const { db, alerts, told, samples } = await open();
    alerts.add({ ...ITERATORS, when: { above: 1 }, for: { operations: 20 } });
    const its = [db.iterator(), db.iterator()];
    await samples();
    its.push(db.iterator());
    await samples(3);
    expect(told[0]?.sites).toEqual([
      { site: undefined, count: 2, oldestAge: expect.any(Number) },
      { site: expect.stringContaining('alerts.test'), count: 1, oldestAge: expect.any(Number) },
    ]);
    expect(told[0]?.text).toMatch(
      /^alert 'iterators' raised \(warning\): 3, above 1, live iterator: 1 made/,
    );
    for (const each of its) each.free();
    await samples();
    const later = db.iterator();
    expect(db.heap.handles('iterator')[0]?.site).toBeUndefined();
    later.free();
  });

  it('change at run time: with the next sample; a removed one is silent', async () => {
    const { db, engine, alerts, told, samples } = await open();
    const hold = holding(db);
    hold(3);
    alerts.add({ ...ITERATORS, when: { above: 5 } });
    await samples(2);
    expect(told).toEqual([]);
    alerts.add({ ...ITERATORS, when: { above: 2 } });
    await samples();
    expect(changes(told)).toEqual([['raised', 'warning']]);
    expect(alerts.list()).toHaveLength(1);
    expect([alerts.remove('iterators'), alerts.remove('iterators')]).toEqual([true, false]);
    hold(0);
    await samples(3);
    expect(told).toHaveLength(1);
    expect(alerts.list()).toEqual([]);
    engine.free();
  });

  it('refuse what is no rule, and add none of those given with it', async () => {
    const { alerts } = await open();
    const wrong: [unknown, string][] = [
      [5, 'alert: expected an object'],
      [{ ...ITERATORS, name: '' }, 'alert.name'],
      [{ name: 'x', when: { above: 1 } }, 'a metric, or else age'],
      [{ ...ITERATORS, age: { kind: 'iterator' }, when: { above: 1 } }, 'a metric, or else age'],
      [{ ...ITERATORS }, "alert 'iterators'.when"],
      [{ ...ITERATORS, when: { above: 1, below: 2 } }, 'either above or below'],
      [{ ...ITERATORS, when: { above: Number.NaN } }, 'a finite number'],
      [{ ...ITERATORS, when: { above: { fatal: 1 } } }, 'no such property'],
      [{ ...ITERATORS, when: { above: { info: 9, critical: 3 } } }, 'levels in order'],
      [{ ...ITERATORS, when: { above: 1 }, clear: 2 }, 'no more than the threshold 1'],
      [{ ...ITERATORS, when: { above: 1 }, for: {} }, 'ms, operations or both'],
      [{ ...ITERATORS, when: { above: 1 }, repeat: { ms: 0 } }, 'an integer from 1'],
      [{ ...ITERATORS, when: { above: 1 }, of: 'speed' }, 'one of value, rate'],
      [{ ...ITERATORS, when: { above: 1 }, callback: 'f' }, 'a function'],
      [{ ...ITERATORS, when: { above: 1 }, webhook: 'ftp://x' }, 'begins with http: or https:'],
      [{ ...ITERATORS, when: { above: 1 }, webhook: { url: 'http://x', retries: -1 } }, 'retries'],
      [
        { ...ITERATORS, when: { above: 1 }, webhook: { url: 'http://x', headers: { 'a b': 'c' } } },
        'headers',
      ],
    ];
    for (const [rule, message] of wrong) {
      const good = { ...ITERATORS, name: 'good', when: { above: 1 } };
      const error = await errorOf(() => alerts.add([good, rule as AlertRule]));
      expect([error.code, error.message]).toEqual([
        'ERR_ROCKSDB_INVALID_OPTION',
        expect.stringContaining(message),
      ]);
    }
    expect(alerts.list()).toEqual([]);
  });

  it('tell the same of the same program', async () => {
    const run = async () => {
      const { db, engine, alerts, told, samples, wait } = await open();
      alerts.add(recommendedAlerts({ iterators: 2, forMs: 100, snapshotSeconds: 5 }));
      db.snapshot();
      for (let i = 0; i < 12; i++) {
        db.iterator();
        if (i % 8 === 7) db.freeUnreleased();
        wait(1000);
        await samples();
      }
      engine.free();
      return JSON.stringify(told);
    };
    const runs: string[] = [];
    for (let i = 0; i < 3; i++) runs.push(await run());
    expect(runs[0]).toContain('live iterators');
    expect(new Set(runs).size).toBe(1);
  });
});

describe('recommended alerts', () => {
  const raisedBy = async (
    make: (at: Awaited<ReturnType<typeof open>>) => unknown,
    options: Parameters<typeof recommendedAlerts>[0],
    engine: EngineOptions = {},
  ) => {
    const at = await open(engine);
    at.alerts.add(recommendedAlerts({ forMs: 1000, ...options }));
    await at.samples(2);
    expect(at.told).toEqual([]);
    await make(at);
    await at.samples();
    at.wait(1000);
    await at.samples();
    const rules = at.told.map(({ rule, level }) => `${rule}: ${level}`);
    at.db.freeUnreleased();
    return rules;
  };
  const versions = ({ db }: Awaited<ReturnType<typeof open>>) => {
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'x'.repeat(1000));
    db.flush();
    db.iterator().next();
    for (let i = 0; i < 100; i++) db.put(`k${i}`, 'y'.repeat(1000));
    db.flush();
    db.compactRange();
  };

  it('see what each is for', async () => {
    const iterators = ({ db }: { db: RocksDB<'utf8', 'utf8'> }) => {
      for (let i = 0; i < 4; i++) db.iterator();
    };
    expect(await raisedBy(iterators, { iterators: 3 })).toEqual(['live iterators: warning']);
    expect(
      await raisedBy(({ db, wait }) => [db.snapshot(), wait(11_000)], {
        snapshotSeconds: { critical: 10 },
      }),
    ).toEqual(['oldest snapshot: critical']);
    expect(await raisedBy(versions, { retainedFileBytes: 1000 })).toEqual([
      'retained files: warning',
    ]);
    const memtables = ({ db }: { db: RocksDB<'utf8', 'utf8'> }) => {
      for (let i = 0; i < 100; i++) db.put(`k${i}`, 'x'.repeat(1000));
      db.iterator().next();
      db.flush();
    };
    expect(await raisedBy(memtables, { pinnedBytes: 50_000 })).toEqual(['pinned memory: warning']);
    const fill = ({ db }: { db: RocksDB<'utf8', 'utf8'> }) => {
      for (let i = 0; i < 2; i++) db.batch().put('k', 'x'.repeat(3_000_000));
    };
    const heap = await raisedBy(fill, { heapShare: 0.5 }, { maxHeapBytes: 24_000_000 });
    expect(heap).toEqual(['heap near its limit: warning']);
  });

  it('see that writes are delayed', async () => {
    const { db, engine, alerts, told, samples, wait } = await open({ background: 'manual' });
    db.setOptions({ level0FileNumCompactionTrigger: 2, level0SlowdownWritesTrigger: 2 });
    alerts.add(recommendedAlerts({ forMs: 1000 }));
    await samples();
    for (let i = 0; i < 2; i++) {
      db.put(`k${i}`, 'v');
      db.flush();
    }
    await samples();
    expect(told).toEqual([]);
    wait(1000);
    await samples();
    expect(told).toMatchObject([{ rule: 'write stalls', level: 'warning', value: 1 }]);
    engine.pump();
    await samples();
    expect(told.at(-1)).toMatchObject({ rule: 'write stalls', change: 'cleared', value: 0 });
  });
});
