/** Damage to bytes, whatever they mean. */
import type { Choice } from './random.js';

/** So that splicing and extending cannot grow a file without bound. */
const BYTES_MAX = 256 * 1024;

type Mutation = (bytes: Uint8Array, choice: Choice, other: Uint8Array) => Uint8Array;

/** A span of `bytes`: short ones mostly. */
function span(bytes: Uint8Array, choice: Choice): [start: number, end: number] {
  const most = choice.once(3) ? bytes.length : Math.min(bytes.length, 64);
  const length = choice.between(Math.min(1, most), most);
  const start = choice.below(bytes.length - length + 1);
  return [start, start + length];
}

function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) change(copy);
  return copy;
}

const MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [
    6,
    function flipBits(bytes, choice) {
      return changed(bytes, (copy) => {
        for (let n = choice.between(1, 4); n > 0; n--) {
          const at = choice.below(copy.length);
          copy[at] = (copy[at] as number) ^ (1 << choice.below(8));
        }
      });
    },
  ],
  [
    3,
    function byteRun(bytes, choice) {
      const [start, end] = span(bytes, choice);
      const value = choice.once(2) ? choice.pick([1, 0x7f, 0x80, 0xff]) : choice.below(256);
      return changed(bytes, (copy) => copy.fill(value, start, end));
    },
  ],
  [
    6,
    function setByte(bytes, choice) {
      return changed(bytes, (copy) => {
        copy[choice.below(copy.length)] = choice.once(2) ? 0xff : choice.below(256);
      });
    },
  ],
  [
    3,
    function randomRun(bytes, choice) {
      const [start, end] = span(bytes, choice);
      return changed(bytes, (copy) => copy.set(choice.bytes(end - start), start));
    },
  ],
  [
    3,
    function zeroRun(bytes, choice) {
      const [start, end] = span(bytes, choice);
      return changed(bytes, (copy) => copy.fill(0, start, end));
    },
  ],
  [
    3,
    function fixedLength(bytes, choice) {
      const width = choice.pick([2, 4, 8]);
      if (bytes.length < width) return bytes;
      return changed(bytes, (copy) => {
        const view = new DataView(copy.buffer, choice.below(copy.length - width + 1), width);
        const value = choice.edge();
        if (width === 2) view.setUint16(0, value & 0xffff, true);
        else if (width === 4) view.setUint32(0, value, true);
        else view.setBigUint64(0, choice.once(2) ? BigInt(value) : ~BigInt(value), true);
      });
    },
  ],
  [
    4,
    function varintLength(bytes, choice) {
      const at = choice.below(bytes.length);
      const put = varint(BigInt(choice.edge()) << (choice.once(4) ? 32n : 0n));
      // In place of what is there, or in between.
      const rest = bytes.subarray(Math.min(bytes.length, at + (choice.once(3) ? 0 : put.length)));
      return concat(bytes.subarray(0, at), put, rest);
    },
  ],
  [
    3,
    function truncate(bytes, choice) {
      return bytes.slice(0, choice.below(bytes.length + 1));
    },
  ],
  [
    2,
    function cut(bytes, choice) {
      const [start, end] = span(bytes, choice);
      return concat(bytes.subarray(0, start), bytes.subarray(end));
    },
  ],
  [
    2,
    function duplicate(bytes, choice) {
      const [start, end] = span(bytes, choice);
      const at = choice.once(2) ? end : choice.below(bytes.length + 1);
      return concat(bytes.subarray(0, at), bytes.subarray(start, end), bytes.subarray(at));
    },
  ],
  [
    2,
    function swap(bytes, choice) {
      const [start, end] = span(bytes, choice);
      const to = choice.below(bytes.length - (end - start) + 1);
      return changed(bytes, (copy) => {
        copy.copyWithin(to, start, end);
        copy.set(bytes.subarray(to, Math.min(to + end - start, bytes.length)), start);
      });
    },
  ],
  [
    2,
    function splice(bytes, choice, other) {
      const [start, end] = span(other, choice);
      const at = choice.below(bytes.length + 1);
      const skip = choice.once(2) ? 0 : end - start;
      return concat(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at + skip));
    },
  ],
  [
    1,
    function extend(bytes, choice) {
      const length = choice.once(8) ? choice.between(1, 70_000) : choice.between(1, 300);
      return concat(bytes, choice.once(2) ? new Uint8Array(length) : choice.bytes(length));
    },
  ],
];

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** One to three mutations. `other`: where what is spliced in comes from, a file of the same kind. */
export function mutate(bytes: Uint8Array, choice: Choice, other = bytes): Uint8Array {
  let mutated = bytes;
  for (let n = choice.pick([1, 1, 1, 2, 3]); n > 0; n--) {
    mutated = choice.weighted(MUTATIONS)(mutated, choice, other).slice(0, BYTES_MAX);
  }
  return mutated;
}
