import { HostTraits } from '../native/exports.gen.js';
import type { Native } from '../native/module.js';
import { type CallbackBytes, Frame, truthOf } from './frame.js';
import type { Described } from './host-option.js';

/**
 * What `merge()` means (option `mergeOperator` of a column family). RocksDB stores operands and calls the
 * operator when the key is read, and when flush or compaction joins them.
 *
 * Arguments are views of linear memory: read them during the call, copy what you keep. One that throws fails the
 * read with CallbackError; flush and compaction then carry the operands on unmerged, and nothing is lost.
 */
export interface MergeOperator {
  /** Letters, digits and `. _ -`; not one of RocksDB's own. The database cannot be opened without it. */
  readonly name: string;
  /**
   * The value that `operands`, the oldest first, make of the existing one; that is undefined when there is none.
   * Of a wide-column entity it gets, and changes, the default column.
   */
  fullMerge(
    key: Uint8Array,
    existing: Uint8Array | undefined,
    operands: Uint8Array[],
  ): CallbackBytes;
  /**
   * One operand in place of several (at least two, the oldest first), when that is possible without the
   * value; otherwise undefined. Default: operands are kept until there is a value.
   */
  partialMergeMulti?(key: Uint8Array, operands: Uint8Array[]): CallbackBytes | undefined;
  /** The same for two; used when there is no `partialMergeMulti`. */
  partialMerge?(key: Uint8Array, left: Uint8Array, right: Uint8Array): CallbackBytes | undefined;
  /** Partial merges are for a single operand, too. Default: false. */
  readonly allowSingleOperand?: boolean;
  /** True: a get has seen operands enough (the newest first), and need not look for older ones first. */
  shouldMerge?(operands: Uint8Array[]): boolean;
}

/** A merge operator whose operands are values: both are merged in the same way. */
export interface AssociativeMergeOperator {
  readonly name: string;
  /** The value for an existing one (undefined: none) and an operand. It must be associative. */
  merge(key: Uint8Array, existing: Uint8Array | undefined, operand: Uint8Array): CallbackBytes;
}

const encoder = new TextEncoder();
const toBytes = (value: CallbackBytes | undefined) =>
  typeof value === 'string' ? encoder.encode(value) : value;

/** Operands one after the other, within one crossing. */
function joined(
  first: Uint8Array | undefined,
  operands: readonly Uint8Array[],
  join: (left: Uint8Array | undefined, right: Uint8Array) => CallbackBytes | undefined,
): CallbackBytes | undefined {
  let value: CallbackBytes | undefined = first;
  for (const operand of operands) {
    value = join(toBytes(value), operand);
    if (value === undefined) return undefined;
  }
  return value;
}

function fromAssociative(given: AssociativeMergeOperator): MergeOperator {
  const merge = (
    key: Uint8Array,
    existing: Uint8Array | undefined,
    operands: readonly Uint8Array[],
  ) => joined(existing, operands, (left, right) => given.merge(key, left, right));
  return {
    name: given.name,
    fullMerge: (key, existing, operands) => merge(key, existing, operands) as CallbackBytes,
    partialMergeMulti: (key, [first, ...rest]) => merge(key, first, rest),
  };
}

function partialMergeOf(given: MergeOperator) {
  if (given.partialMergeMulti !== undefined) {
    return (key: Uint8Array, operands: Uint8Array[]) => given.partialMergeMulti?.(key, operands);
  }
  if (given.partialMerge === undefined) return undefined;
  return (key: Uint8Array, [first, ...rest]: Uint8Array[]) =>
    joined(first, rest, (left, right) => given.partialMerge?.(key, left as Uint8Array, right));
}

/** @internal */
export function describeMergeOperator(
  either: MergeOperator | AssociativeMergeOperator,
  native: Native,
): Described {
  const given = 'merge' in either ? fromAssociative(either) : either;
  const frame = new Frame(native.heap);
  const partialMerge = partialMergeOf(given);
  const object = frame.object([
    (at) => {
      const value = given.fullMerge(frame.key(at), frame.existing(at), frame.operands(at));
      frame.give(at, value, 'merge' in either ? 'merge' : 'fullMerge');
    },
    partialMerge &&
      ((at) => {
        const operand = partialMerge(frame.key(at), frame.operands(at));
        frame.answer(at, operand === undefined ? 0 : 1);
        if (operand !== undefined) frame.give(at, operand, 'partialMerge');
      }),
    given.shouldMerge &&
      ((at) => {
        frame.answer(at, truthOf(given.shouldMerge?.(frame.operands(at)), 'shouldMerge'));
      }),
  ]);
  const traits = given.allowSingleOperand === true ? HostTraits.HostSingleOperand : 0;
  return { object, traits, timestampSize: 0 };
}
