import { describe, expect, it } from 'vitest';
import { cusum } from '../../src/monitor/growth/cusum.js';
import { birthEpochs } from '../../src/monitor/growth/epochs.js';
import { explainedBy } from '../../src/monitor/growth/little.js';
import { proportionAtMost } from '../../src/monitor/growth/proportion.js';
import { theilSen } from '../../src/monitor/growth/theil-sen.js';
import { Numbers } from '../corpus/numbers.js';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("Theil and Sen's slope", () => {
  it('is the median of the slopes between all pairs', () => {
    // Slopes by hand: 1, 1, 1, 4/3, 3/2, 2, 5/2, 3, 4, 6.
    expect(theilSen([1, 2, 3, 4, 5], [1, 2, 3, 5, 11])).toEqual({
      slope: 1.75,
      lower: 1,
      upper: 6,
    });
  });

  it('is not moved by one point that is far off', () => {
    // scipy.stats.theilslopes: 1.5, 1.3333, 2. It rounds ranks to the nearest; here they are rounded outwards.
    const ys = [2, 4, 3, 7, 8, 8, 11, 12, 40, 15];
    const result = theilSen(upTo(10), ys);
    expect(result?.slope).toBe(1.5);
    expect(result?.lower).toBeCloseTo(4 / 3, 12);
    expect(result?.upper).toBe(2.5);
  });

  it('takes equal values into account, as scipy does', () => {
    const ys = upTo(20).map((i) => (i * 7919) % 13);
    const result = theilSen(upTo(20), ys);
    expect(result?.slope).toBe(0.375);
    expect(result?.lower).toBeLessThanOrEqual(0);
    expect(result?.upper).toBeCloseTo(0.7, 12);
  });

  it('holds the true slope in its bounds 95 times of 100, give or take', () => {
    const random = new Numbers(7);
    const noise = () => upTo(12).reduce((sum) => sum + random.float(), -6);
    let within = 0;
    for (let run = 0; run < 400; run++) {
      const result = theilSen(
        upTo(40),
        upTo(40).map((x) => 0.25 * x + 4 * noise()),
      );
      if (result !== undefined && result.lower <= 0.25 && 0.25 <= result.upper) within++;
    }
    expect(within / 400).toBeGreaterThan(0.92);
    expect(within / 400).toBeLessThan(0.985);
  });

  it('is not there for too few points, or for points at one place', () => {
    expect(theilSen([1, 2], [1, 2])).toBeUndefined();
    expect(theilSen([1, 1, 1], [1, 2, 3])).toBeUndefined();
    expect(() => theilSen([1], [])).toThrow('1 x and 0 y');
    expect(theilSen([1, 2, 3], [5, 5, 5])).toEqual({ slope: 0, lower: 0, upper: 0 });
  });
});

describe('a cumulative sum', () => {
  it("is Page's: it forgets what goes back, and says when the shift began", () => {
    const values = [1, 0, -3, 0, 2, 2, 2];
    expect(cusum(values, { reference: 0.5, decision: 4.5 })).toEqual({
      sum: 4.5,
      since: 4,
      holds: true,
    });
    expect(cusum(values, { reference: 0.5, decision: 4.6 }).holds).toBe(false);
  });

  it('stays at 0 while there is no shift', () => {
    const values = upTo(100).map((i) => (i % 2 === 0 ? 0.5 : -0.5));
    expect(cusum(values, { reference: 0.5, decision: 1 })).toEqual({
      sum: 0,
      since: undefined,
      holds: false,
    });
    expect(cusum([], { reference: 0, decision: 0 }).holds).toBe(false);
  });
});

describe("Wilson's upper bound", () => {
  it('agrees with its formula worked out elsewhere', () => {
    expect(proportionAtMost(0, 5)).toBeCloseTo(0.351157, 6);
    expect(proportionAtMost(0, 10)).toBeCloseTo(0.212972, 6);
    expect(proportionAtMost(1, 10)).toBeCloseTo(0.347745, 6);
    expect(proportionAtMost(5, 10)).toBeCloseTo(0.730744, 6);
    expect(proportionAtMost(30, 100)).toBeCloseTo(0.37984, 6);
    expect(proportionAtMost(10, 10)).toBe(1);
  });

  it('knows nothing without trials', () => {
    expect(proportionAtMost(0, 0)).toBe(1);
  });
});

describe("Little's law", () => {
  it('explains what arrives in the time that one stays', () => {
    const flow = { span: 1000, arrived: 100, left: 90, stayed: 90 * 50, usual: 10 };
    expect(explainedBy(flow)).toBe(5);
  });

  it('supposes a usual stay while none has left, and at least that', () => {
    expect(explainedBy({ span: 1000, arrived: 100, left: 0, stayed: 0, usual: 10 })).toBe(1);
    expect(explainedBy({ span: 1000, arrived: 100, left: 10, stayed: 10, usual: 10 })).toBe(1);
    expect(explainedBy({ span: 0, arrived: 0, left: 0, stayed: 0, usual: 10 })).toBe(0);
  });
});

describe('birth epochs', () => {
  it('count births in equal parts', () => {
    const births = birthEpochs([0, 9, 10, 55, 79, 80, 81, -1], 0, 80, 8);
    expect(births.parts).toEqual([2, 1, 0, 0, 0, 1, 0, 2]);
    expect(births.occupied).toBe(4);
    expect(births.ratio).toBe(1);
  });

  it('tell what fills up from what goes on', () => {
    expect(birthEpochs([1, 2, 3, 11, 12, 71], 0, 80, 8).ratio).toBeCloseTo(0.2, 12);
    expect(birthEpochs([71], 0, 80, 8).ratio).toBe(Number.POSITIVE_INFINITY);
    expect(birthEpochs([], 0, 80, 8)).toMatchObject({ occupied: 0, ratio: 0 });
  });
});
