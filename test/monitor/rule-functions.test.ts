/** What a rule's own function may do while the rules are looked at, and what it may give. */
import type { AlertRule } from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openWatched as open } from '../support/alerts.js';
import { errorOf } from '../support/open.js';
import { until } from '../support/until.js';

function warningsOf() {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  return warnings;
}

describe('the function of a rule', () => {
  it('may remove its rule and others, which are silent from then on and have no sites taken', async () => {
    const { db, heap, alerts, told, samples } = await open();
    let calls = 0;
    alerts.add([
      {
        name: 'first',
        kind: 'iterator',
        metric: () => {
          calls++;
          for (const name of ['first', 'second', 'third']) alerts.remove(name);
          return 1;
        },
        when: { above: 0 },
      },
      { name: 'second', age: { kind: 'iterator', in: 'operations' }, when: { above: -1 } },
      { name: 'third', kind: 'iterator', metric: () => calls++, when: { above: -1 } },
    ]);
    const early = db.iterator();
    await samples(3);
    expect([calls, told, alerts.list()]).toEqual([1, [], []]);
    const late = db.iterator();
    expect(heap.handles('iterator').map(({ site }) => site)).toEqual([undefined, undefined]);
    early.free();
    late.free();
  });

  it('may replace its rule, which begins anew', async () => {
    const { alerts, told, samples } = await open();
    const rule: AlertRule = { name: 'rule', metric: () => 1, when: { above: 0 } };
    alerts.add({
      ...rule,
      metric: () => {
        alerts.add({ ...rule, when: { above: 0 }, level: 'info' });
        return 1;
      },
      level: 'critical',
    });
    await samples();
    expect(told).toEqual([]);
    await samples();
    expect(told.map(({ level }) => level)).toEqual(['info']);
  });

  it('may use the database, free the handle that is about to be used, and close the database', async () => {
    const { db, alerts, samples } = await open();
    db.put('k', 'v');
    const iterator = db.iterator();
    let seen: unknown;
    alerts.add({
      name: 'frees',
      metric: () => {
        seen = db.get('k');
        iterator.free();
        return 0;
      },
      when: { above: 0 },
    });
    const error = await errorOf(() => {
      for (let i = 0; i < 20; i++) iterator.seek('k');
    });
    expect([seen, error.code]).toEqual(['v', 'ERR_ROCKSDB_HANDLE_FREED']);
    alerts.remove('frees');
    alerts.add({ name: 'closes', metric: () => db.close().length, when: { above: 0 } });
    expect((await errorOf(() => samples(2))).code).toBe('ERR_ROCKSDB_HANDLE_FREED');
  });

  it('that throws is told of once, until it has given a figure again', async () => {
    const warnings = warningsOf();
    const { alerts, samples } = await open();
    let fails = true;
    const metric = () => {
      if (fails) throw new Error('no figure');
      return 1;
    };
    alerts.add({ name: 'rule', metric, when: { above: 5 } });
    await samples(20);
    await until(() => expect(warnings).toHaveLength(1));
    fails = false;
    await samples();
    fails = true;
    await samples(20);
    await until(() => expect(warnings).toHaveLength(2));
    expect(warnings[1]).toMatch(/alert 'rule'.*no figure/);
  });

  it('that gives no number is told of: a promise, say, whose error is nobody else', async () => {
    const warnings = warningsOf();
    const { alerts, samples } = await open();
    const late = async () => {
      throw new Error('late');
    };
    alerts.add({ name: 'rule', metric: late as unknown as () => number, when: { above: 5 } });
    await samples(3);
    await until(() => expect(warnings).toHaveLength(1));
    expect(warnings[0]).toMatch(/alert 'rule'.*a number or undefined, got \[object Promise\]/);
    expect(alerts.list()).toMatchObject([{ state: 'ok', value: undefined }]);
  });

  it('and its rule stay as they were added', async () => {
    const { alerts, told, samples } = await open();
    const rule = {
      name: 'rule',
      metric: () => 1,
      when: { above: { warning: 0 } },
      for: { operations: 1 },
    };
    alerts.add(rule);
    rule.for.operations = 1e9;
    rule.when.above.warning = 5;
    const [listed] = alerts.list();
    expect(listed?.rule).toMatchObject({ for: { operations: 1 }, when: { above: { warning: 0 } } });
    (listed?.rule.for as { operations: number }).operations = 1e9;
    await samples(2);
    expect(told).toHaveLength(1);
  });
});
