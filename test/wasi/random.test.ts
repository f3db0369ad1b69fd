import { describe, expect, it } from 'vitest';
import { SeededRandom, systemRandom, xoshiro128 } from '../../src/wasi/random.js';

function filled(random: { fill(bytes: Uint8Array): void }, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}

describe('SeededRandom', () => {
  it('is xoshiro128**', () => {
    // 2 * 5 rotated by 7, times 9; and so on: computed apart from this code.
    const state = Uint32Array.of(1, 2, 3, 4);
    expect(Array.from({ length: 6 }, () => xoshiro128(state))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492,
    ]);
  });

  it('gives the same bytes on every runtime', () => {
    expect([...filled(new SeededRandom(42), 12)]).toEqual([
      42, 90, 232, 105, 208, 250, 67, 248, 95, 24, 5, 1,
    ]);
  });

  it('does not depend on how the bytes are asked for', () => {
    const whole = filled(new SeededRandom(7), 64);
    const pieces = new SeededRandom(7);
    const joined = [1, 2, 3, 5, 8, 13, 32].flatMap((length) => [...filled(pieces, length)]);
    expect(joined).toEqual([...whole]);
  });

  it('differs by seed, as large as seeds may be', () => {
    const first = (seed: number | bigint) => filled(new SeededRandom(seed), 16).join();
    const seeds = [0, 1, 2, -1, 2n ** 32n, 2n ** 63n];
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
    expect(first(1)).toBe(first(2n ** 64n + 1n));
    expect(first(-1)).toBe(first(2n ** 64n - 1n));
  });
});

describe('systemRandom', () => {
  it('fills more than Web Crypto gives at once, and only what it should', () => {
    const all = new Uint8Array(200_100);
    systemRandom.fill(all.subarray(50, 200_050));
    expect(all.subarray(0, 50).every((byte) => byte === 0)).toBe(true);
    expect(all.subarray(200_050).every((byte) => byte === 0)).toBe(true);
    // 64 zeros in a row would be a piece that was left out.
    for (let start = 50; start < 200_000; start += 10_000) {
      expect(all.subarray(start, start + 64).some((byte) => byte !== 0)).toBe(true);
    }
  });

  it('differs from call to call', () => {
    const first = filled(systemRandom, 16);
    expect(filled(systemRandom, 16).join() === first.join()).toBe(false);
  });
});
