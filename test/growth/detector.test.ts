import { describe, expect, it } from 'vitest';
import { makeGrowthReport } from '../../src/monitor/growth/report.js';
import type { HandleKind, LedgerRecord } from '../../src/monitor/ledger.js';
import { Simulation } from './simulated.js';

const OPERATIONS = 300_000;
const SEEDS = [1, 2, 3];
/** A leak of one in 10,000 operations is to be found within so many. */
const FOUND_WITHIN = 200_000;

/** Iterators that live shortly, as they do in any service. */
function traffic(simulation: Simulation): void {
  const { random } = simulation;
  if (random.float() > 0.1) return;
  const iterator = simulation.make('iterator', 'traffic');
  simulation.later(random.exponential(10), () => simulation.free(iterator));
}

/** Leaves a handle of a kind behind with that probability. */
function leak(simulation: Simulation, probability: number, kind: HandleKind = 'iterator'): void {
  if (simulation.random.float() < probability) simulation.make(kind, 'leak');
}

function use(simulation: Simulation, record: LedgerRecord): void {
  simulation.ledger.touch(record);
}

/** Alarms of a workload with each seed. */
function alarms(each: (simulation: Simulation) => (operation: number) => void) {
  return SEEDS.map((seed) => {
    const simulation = new Simulation(seed);
    simulation.run(OPERATIONS, each(simulation));
    return simulation.alarms;
  });
}

describe('the growth detector finds', () => {
  it.each([10, 100, 1_000, 10_000])('a leak of one in %i operations, and its place', (rate) => {
    const found = alarms((simulation) => () => {
      traffic(simulation);
      leak(simulation, 1 / rate);
    });
    for (const [first, ...others] of found) {
      expect(first).toMatchObject({ kind: 'iterator', site: expect.stringContaining('at leak') });
      expect(first?.operation).toBeLessThan(FOUND_WITHIN);
      expect(first?.criteria.every(({ holds }) => holds)).toBe(true);
      expect(others).toEqual([]);
    }
  });

  it('one of a kind of which others are held for long, and given back', () => {
    const found = alarms((simulation) => () => {
      if (simulation.random.float() < 1 / 1_000) {
        const session = simulation.make('iterator', 'session');
        const life = simulation.random.heavyTailed(50, 60_000, 0.8);
        simulation.later(life, () => simulation.free(session));
      }
      leak(simulation, 1 / 3_000);
    });
    for (const all of found) expect(all[0]?.site).toContain('at leak');
    for (const all of found) expect(all).toHaveLength(1);
  });

  it('one made right after a handle that is freed in time, in each operation', () => {
    const [all] = alarms((simulation) => () => {
      simulation.free(simulation.make('iterator', 'traffic'));
      leak(simulation, 1 / 10_000);
    });
    expect(all?.[0]?.site).toContain('at leak');
  });

  it('one that begins long after the start', () => {
    for (const [first] of alarms((simulation) => (operation) => {
      traffic(simulation);
      if (operation > 100_000) leak(simulation, 1 / 2_000);
    })) {
      expect(first?.site).toContain('at leak');
      expect(first?.sinceOperation).toBeGreaterThan(100_000);
    }
  });

  it('a database with its column families as one', () => {
    const [all] = alarms((simulation) => () => {
      if (simulation.random.float() > 1 / 2_000) return;
      const db = simulation.make('db', 'leak');
      simulation.make('columnFamily', 'leak', db);
    });
    expect(all?.map(({ kind }) => kind)).toEqual(['db']);
  });
});

describe('the growth detector is silent about', () => {
  const silent = (each: (simulation: Simulation) => (operation: number) => void) => {
    expect(alarms(each).flat()).toEqual([]);
  };

  it('sessions with a heavy tail', () => {
    silent((simulation) => () => {
      if (simulation.random.float() > 1 / 300) return;
      const session = simulation.make('snapshot', 'session');
      const life = simulation.random.heavyTailed(50, 120_000, 0.8);
      simulation.later(life, () => simulation.free(session));
    });
  });

  it('handles that are all given back, late', () => {
    silent((simulation) => () => {
      if (simulation.random.float() > 1 / 500) return;
      const snapshot = simulation.make('snapshot', 'late');
      simulation.later(60_000, () => simulation.free(snapshot));
    });
  });

  it('bursts that grow', () => {
    silent((simulation) => (operation) => {
      if (operation % 20_000 !== 0) return;
      for (let i = 0; i < operation / 500; i++) {
        const snapshot = simulation.make('snapshot', 'burst');
        simulation.later(15_000, () => simulation.free(snapshot));
      }
    });
  });

  it('ever more handles that are used', () => {
    silent((simulation) => {
      const open: LedgerRecord[] = [];
      return () => {
        const { random } = simulation;
        if (random.float() < 1 / 1_000) open.push(simulation.make('iterator', 'subscription'));
        if (open.length > 0) use(simulation, random.pick(open));
      };
    });
  });

  it('a map that fills with what is asked for, the rare things late', () => {
    silent((simulation) => {
      const known = new Map<number, LedgerRecord>();
      return () => {
        if (simulation.random.float() > 0.1) return;
        const key = simulation.random.skewed(1_000);
        const record = known.get(key);
        if (record !== undefined) use(simulation, record);
        else known.set(key, simulation.make('iterator', 'map'));
      };
    });
  });

  it('a pool that grows with the demand, whose last ones are seldom used', () => {
    silent((simulation) => {
      const free: LedgerRecord[] = [];
      return (operation) => {
        if (operation % 5 !== 0) return;
        const most = 1 + operation / 4_000;
        const wanted = Math.min(60, 2 + simulation.random.heavyTailed(1, most, 1));
        const taken: LedgerRecord[] = [];
        while (taken.length < wanted) {
          taken.push(free.pop() ?? simulation.make('iterator', 'pool'));
        }
        for (const record of taken) use(simulation, record);
        free.push(...taken.reverse());
      };
    });
  });

  it('a snapshot whose iterators are used', () => {
    silent((simulation) => {
      const pairs: LedgerRecord[] = [];
      return () => {
        const { random } = simulation;
        if (random.float() < 1 / 2_000) {
          const snapshot = simulation.make('snapshot', 'reader');
          const iterator = simulation.make('iterator', 'reader');
          snapshot.borrowers = new Set([iterator]);
          pairs.push(iterator);
        }
        if (pairs.length > 0) use(simulation, random.pick(pairs));
      };
    });
  });
});

describe('each criterion', () => {
  /** What one says at the end of a workload, of a kind. */
  const said = (
    name: string,
    each: (simulation: Simulation) => (operation: number) => void,
    operations = OPERATIONS,
  ) => {
    const simulation = new Simulation(1);
    simulation.run(operations, each(simulation));
    const { idle } = makeGrowthReport(simulation.detector);
    return idle[0]?.criteria.find((criterion) => criterion.name === name);
  };

  it('staying: fails when those that are idle are freed after all', () => {
    const freed = said('staying', (simulation) => () => {
      if (simulation.random.float() > 1 / 500) return;
      const snapshot = simulation.make('snapshot', 'late');
      simulation.later(45_000, () => simulation.free(snapshot));
    });
    expect(freed).toMatchObject({ holds: false });
    const kept = said('staying', (simulation) => () => leak(simulation, 1 / 500, 'snapshot'));
    expect(kept).toMatchObject({ holds: true });
  });

  it('epochs: fails when there are none of late', () => {
    const stopped = said('epochs', (simulation) => (operation) => {
      if (operation < 120_000) leak(simulation, 1 / 500);
    });
    expect(stopped).toMatchObject({ holds: false });
  });

  it('observed: fails before there was time', () => {
    const early = said('observed', (simulation) => () => leak(simulation, 1 / 500), 90_000);
    expect(early).toMatchObject({ holds: false });
  });

  it('little: fails when as many leave as come', () => {
    const steady = said('little', (simulation) => () => {
      if (simulation.random.float() > 1 / 500) return;
      const snapshot = simulation.make('snapshot', 'late');
      simulation.later(60_000, () => simulation.free(snapshot));
    });
    expect(steady).toMatchObject({ holds: false });
  });

  it('slope: fails when nothing comes any more', () => {
    const filled = said('slope', (simulation) => (operation) => {
      if (operation < 20_000) leak(simulation, 1 / 100);
    });
    expect(filled).toMatchObject({ holds: false, value: 0 });
  });

  it('cusum: fails when as many leave as come', () => {
    const steady = said('cusum', (simulation) => () => {
      if (simulation.random.float() > 1 / 100) return;
      const snapshot = simulation.make('snapshot', 'late');
      simulation.later(40_000, () => simulation.free(snapshot));
    });
    expect(steady).toMatchObject({ holds: false });
  });

  it('untouched: fails when others of their age are used', () => {
    const used = said('untouched', (simulation) => {
      const open: LedgerRecord[] = [];
      return () => {
        if (simulation.random.float() < 1 / 1_000) open.push(simulation.make('iterator', 'used'));
        if (open.length > 0) use(simulation, simulation.random.pick(open));
        leak(simulation, 1 / 5_000);
      };
    });
    expect(used).toMatchObject({ holds: false });
  });
});

describe('a suspect', () => {
  it('goes when its handles are given back, and is told of again when they come back', () => {
    const simulation = new Simulation(1);
    const lost: LedgerRecord[] = [];
    const leaking = () => {
      if (simulation.random.float() < 1 / 500) lost.push(simulation.make('iterator', 'leak'));
    };
    simulation.run(150_000, leaking);
    expect(simulation.alarms).toHaveLength(1);
    expect(simulation.detector.suspects).toHaveLength(1);
    for (const record of lost.splice(0)) simulation.free(record);
    simulation.run(10_000, () => {});
    expect(simulation.detector.suspects).toEqual([]);
    simulation.run(200_000, leaking);
    expect(simulation.alarms).toHaveLength(2);
  });

  it('takes few creation stacks while nothing is near suspicion', () => {
    const simulation = new Simulation(1);
    simulation.run(200_000, () => traffic(simulation));
    expect(simulation.detector.budget.taken).toBeLessThan(200_000 / 500 + 64);
    expect(simulation.detector.budget.isFocused('iterator')).toBe(false);
  });

  it('is the same each time', () => {
    const texts = [1, 2].map(() => {
      const simulation = new Simulation(5);
      simulation.run(150_000, () => leak(simulation, 1 / 700));
      return makeGrowthReport(simulation.detector).text;
    });
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).toContain('iterator: ');
    expect(texts[0]).toContain('made at leak');
  });
});

describe('a handle that is held', () => {
  it('is listed when it is far older than others become, and is no growth', () => {
    const simulation = new Simulation(1);
    simulation.msPerOperation = 1;
    const held = simulation.make('snapshot', 'held');
    simulation.run(150_000, () => {
      if (simulation.random.float() > 0.01) return;
      const snapshot = simulation.make('snapshot', 'short');
      simulation.later(simulation.random.below(1_000), () => simulation.free(snapshot));
    });
    expect(simulation.alarms).toEqual([]);
    expect(simulation.detector.held).toMatchObject([{ kind: 'snapshot', id: held.id }]);
    expect(makeGrowthReport(simulation.detector).text).toContain('held: snapshot #1 was not used');
    use(simulation, held);
    simulation.run(10_000, () => {});
    expect(simulation.detector.held).toEqual([]);
  });
});
