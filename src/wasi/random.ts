/** Randomness as the guest sees it; injected, so that a run can be repeated. */
export interface Random {
  /** Fills all of `bytes`. */
  fill(bytes: Uint8Array): void;
}

/** What Web Crypto gives out at most in one call. */
const PIECE_BYTES = 65536;

export const systemRandom: Random = {
  fill(bytes) {
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      globalThis.crypto.getRandomValues(
        bytes.subarray(start, start + PIECE_BYTES) as Uint8Array<ArrayBuffer>,
      );
    }
  },
};

/**
 * xoshiro128** by Blackman and Vigna: 32-bit integer arithmetic only, so that every runtime gives
 * the same numbers. Returns the next number and moves the four words of `state` on.
 */
export function xoshiro128(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  const third = c ^ a;
  const fourth = d ^ b;
  state[0] = a ^ fourth;
  state[1] = b ^ third;
  state[2] = third ^ (b << 9);
  state[3] = rotateLeft(fourth, 11);
  return result;
}

/**
 * Bytes that follow from the seed alone, and not from how they are asked for: two fills of 4 bytes
 * give what one of 8 gives. Not for secrets.
 */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;
  #word = 0;
  #bytesLeft = 0;

  /** The seed counts modulo 2^64. */
  constructor(seed: number | bigint) {
    this.#state = splitMix64(BigInt(seed));
  }

  fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) {
      if (this.#bytesLeft === 0) {
        this.#word = xoshiro128(this.#state);
        this.#bytesLeft = 4;
      }
      bytes[index] = this.#word & 0xff;
      this.#word >>>= 8;
      this.#bytesLeft--;
    }
  }
}

/**
 * SplitMix64, which the authors of xoshiro advise for seeding: no seed gives the all-zero state.
 */
function splitMix64(seed: bigint): Uint32Array {
  const state = new Uint32Array(4);
  let counter = seed;
  for (let index = 0; index < 4; index += 2) {
    counter = BigInt.asUintN(64, counter + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (counter ^ (counter >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    mixed ^= mixed >> 31n;
    state[index] = Number(mixed & 0xffffffffn);
    state[index + 1] = Number(mixed >> 32n);
  }
  return state;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
