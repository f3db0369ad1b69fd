import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from '../../src/wasi/clock.js';

describe('ManualClock', () => {
  it('stands still until it is told to move', () => {
    const clock = new ManualClock({ startNs: 5_000n });
    expect([clock.realtimeNs(), clock.realtimeNs()]).toEqual([5_000n, 5_000n]);
    clock.advance(7n);
    expect([clock.realtimeNs(), clock.monotonicNs(), clock.cpuNs()]).toEqual([5_007n, 7n, 7n]);
  });

  it('starts where nothing says otherwise at a fixed time', () => {
    expect(new ManualClock().realtimeNs()).toBe(1_600_000_000_000_000_000n);
    expect(new ManualClock().monotonicNs()).toBe(0n);
  });

  it('moves on when it is slept on', () => {
    const clock = new ManualClock();
    clock.sleep(3_000_000_000n);
    clock.sleep(0n);
    clock.sleep(-5n);
    expect(clock.monotonicNs()).toBe(3_000_000_000n);
  });

  it('moves by its step after each reading', () => {
    const clock = new ManualClock({ startNs: 100n, stepNs: 10n });
    expect([clock.monotonicNs(), clock.realtimeNs(), clock.cpuNs()]).toEqual([0n, 110n, 20n]);
  });

  it('does not go back', () => {
    expect(() => new ManualClock().advance(-1n)).toThrow(RangeError);
  });
});

describe('systemClock', () => {
  it('tells the time of Date.now, only finer', () => {
    let fine = false;
    for (let count = 0; count < 200; count++) {
      const before = Date.now();
      const now = systemClock.realtimeNs();
      const after = Date.now();
      const ms = Number(now / 1_000_000n);
      expect(ms).toBeGreaterThanOrEqual(before - 3);
      expect(ms).toBeLessThanOrEqual(after + 3);
      fine ||= now % 1_000_000n !== 0n;
    }
    expect(fine).toBe(true);
  });

  it('follows a wall clock that is set', () => {
    const now = Date.now;
    try {
      Date.now = () => 1_000_000_000_000;
      expect(systemClock.realtimeNs() / 1_000_000n).toBe(1_000_000_000_000n);
    } finally {
      Date.now = now;
    }
    const before = Date.now();
    const ms = Number(systemClock.realtimeNs() / 1_000_000n);
    expect(ms).toBeGreaterThanOrEqual(before - 3);
    expect(ms).toBeLessThanOrEqual(Date.now() + 3);
  });

  it('never goes back on its monotonic side', () => {
    let last = systemClock.monotonicNs();
    for (let count = 0; count < 1000; count++) {
      const now = systemClock.monotonicNs();
      expect(now >= last).toBe(true);
      last = now;
    }
  });

  it('sleeps as long as it is told to', () => {
    const start = systemClock.monotonicNs();
    systemClock.sleep(20_000_000n);
    const passed = systemClock.monotonicNs() - start;
    expect(passed >= 20_000_000n).toBe(true);
    systemClock.sleep(-1n);
    systemClock.sleep(0n);
    expect(systemClock.monotonicNs() - start < 5_000_000_000n).toBe(true);
  });

  it('counts processor time', () => {
    const start = systemClock.cpuNs();
    const end = Date.now() + 5000;
    while (systemClock.cpuNs() === start && Date.now() < end);
    expect(systemClock.cpuNs() > start).toBe(true);
  });
});
