import { BytesCallLayout, CompareCallLayout, HostTraits } from '../native/exports.gen.js';
import type { Native } from '../native/module.js';
import { type CallbackBytes, Frame, signOf } from './frame.js';
import type { Described } from './host-option.js';

/**
 * An order of keys (option `comparator` of a column family). It must be total, and the same for as long as data
 * that it ordered exists: change its `name` with it. RocksDB refuses to open a column family with a comparator
 * of another name than it was made with.
 *
 * Arguments are views of linear memory: read them during the call, copy what you keep. One that throws makes
 * the call fail with CallbackError; nothing is put in a wrong place for it.
 */
export interface Comparator {
  /** Stored with the data. Letters, digits and `. _ -`; not one of RocksDB's own. */
  readonly name: string;
  /** Less than 0 when `a` comes before `b`, 0 when they are the same key, more than 0 otherwise. */
  compare(a: Uint8Array, b: Uint8Array): number;
  /**
   * A key in [start, limit) that is shorter than `start`; undefined: there is none. It saves room in the index
   * of tables. Not asked for with timestamps.
   */
  findShortestSeparator?(start: Uint8Array, limit: Uint8Array): CallbackBytes | undefined;
  /** A key that is shorter than `key` and not before it; undefined: there is none. */
  findShortSuccessor?(key: Uint8Array): CallbackBytes | undefined;
  /**
   * True when two keys are the same key only if their bytes are. Equality is then found without a call.
   * Default: false.
   */
  readonly bytewiseEqual?: boolean;
  /**
   * Bytes of the timestamp at the end of every key (RocksDB's user-defined timestamps); `compare` does not see
   * it. Default: 0.
   */
  readonly timestampSize?: number;
  /** The order of timestamps, the older first. Default: as unsigned integers, the least byte first. */
  compareTimestamp?(a: Uint8Array, b: Uint8Array): number;
}

/** @internal */
export function describeComparator(given: Comparator, native: Native): Described {
  const frame = new Frame(native.heap);
  const { heap } = frame;
  const { result } = CompareCallLayout;
  const shorter = (at: number, key: CallbackBytes | undefined, method: string) => {
    frame.answer(at, key === undefined ? 0 : 1);
    if (key !== undefined) frame.give(at, key, method);
    else heap.setWord(at + BytesCallLayout.length, 0);
  };
  const object = frame.object([
    (at) => {
      const order = given.compare(frame.first(at), frame.second(at));
      heap.setWord(at + result, signOf(order, 'compare'));
    },
    given.compareTimestamp &&
      ((at) => {
        const order = given.compareTimestamp?.(frame.first(at), frame.second(at));
        heap.setWord(at + result, signOf(order, 'compareTimestamp'));
      }),
    given.findShortestSeparator &&
      ((at) => {
        const key = given.findShortestSeparator?.(frame.key(at), frame.value(at));
        shorter(at, key, 'findShortestSeparator');
      }),
    given.findShortSuccessor &&
      ((at) => {
        shorter(at, given.findShortSuccessor?.(frame.key(at)), 'findShortSuccessor');
      }),
  ]);
  return {
    object,
    traits: given.bytewiseEqual === true ? HostTraits.HostBytewiseEqual : 0,
    timestampSize: given.timestampSize ?? 0,
  };
}
