/** Choices that follow from a seed, the name of a target and the number of a case, and from nothing else. */
import { xoshiro128 } from '../../src/wasi/random.js';

export class Choice {
  readonly #state: Uint32Array;

  constructor(seed: number, target: string, at: number) {
    let hash = 0x811c9dc5;
    for (const text of [target, String(seed), String(at)]) {
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    }
    this.#state = Uint32Array.from([hash, seed, at, 0x9e3779b9]);
    for (let i = 0; i < 8; i++) this.word();
  }

  /** Choices of their own, that follow from a number: the same ones each time. */
  again(number: number): Choice {
    return new Choice(number, 'again', number);
  }

  /** 32 bits. */
  word(): number {
    return xoshiro128(this.#state);
  }

  /** 0 to limit - 1; 0 for a limit of 0. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.word() % limit;
  }

  /** From low to high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('nothing to choose from');
    return from[this.below(from.length)] as T;
  }

  /** One of what is given with weights. */
  weighted<T>(from: readonly (readonly [weight: number, each: T])[]): T {
    let at = this.below(from.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, each] of from) {
      if (at < weight) return each;
      at -= weight;
    }
    throw new Error('nothing to choose from');
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word() & 0xff);
  }

  /** Small ones mostly, and those where something ends. */
  edge(): number {
    return this.weighted<() => number>([
      [4, () => this.below(20)],
      [2, () => this.word()],
      [2, () => this.pick(EDGES)],
      [1, () => 2 ** this.below(33) - this.below(3)],
    ])();
  }
}

const EDGES = [
  0, 1, 127, 128, 255, 256, 4095, 4096, 16383, 16384, 65535, 65536, 0x7fffffff, 0x80000000,
  0xfffffff0, 0xfffffffb, 0xffffffff,
];
