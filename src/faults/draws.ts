/** Numbers that follow from a seed alone, on every runtime the same. */
import { xoshiro128 } from '../wasi/random.js';

/** An integer from 0 up to, and without, `below`. */
export type Draw = (below: number) => number;

/** Neighbouring seeds give unrelated numbers. The seed counts modulo 2^53. */
export function drawsOf(seed: number): Draw {
  const high = Math.floor(seed / 2 ** 32);
  const state = Uint32Array.of(seed, high, 0x9e3779b9, 0xb7e15162);
  // What the words have in common with those of the next seed is gone by then.
  for (let round = 0; round < 20; round++) xoshiro128(state);
  return (below) => Math.floor((xoshiro128(state) / 2 ** 32) * below);
}
