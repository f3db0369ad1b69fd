/** What a batch with an index has, entry by entry: the batch alone, without the database below. */
import type { Codec, Encoding } from './encoding.js';
import type { ReadValue } from './iterator.js';
import type { IteratorOptions } from './iterator-options.js';
import { expected, unknownName } from './option-errors.js';

/** What an entry of a batch does. */
export type BatchEntryType = 'put' | 'merge' | 'delete' | 'singleDelete' | 'putEntity';

export interface BatchEntry<V> {
  readonly type: BatchEntryType;
  /** Empty for deletions; the wide columns of `putEntity` as RocksDB serializes them. */
  readonly value: V;
}

/** What a scan of a batch alone covers: there is nothing to be read from anywhere else. */
export type BatchIteratorOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = Pick<IteratorOptions<KE, VE>, (typeof BATCH_ITERATOR_OPTIONS)[number]>;

const BATCH_ITERATOR_OPTIONS = [
  'gt',
  'gte',
  'lt',
  'lte',
  'prefix',
  'reverse',
  'limit',
  'columnFamily',
  'keyEncoding',
  'valueEncoding',
] as const;

/** RocksDB's WriteType. */
const ENTRY_TYPES: Readonly<Record<number, BatchEntryType>> = {
  0: 'put',
  1: 'merge',
  2: 'delete',
  3: 'singleDelete',
  7: 'putEntity',
};

/** @internal Without those that RocksDB's iterators know, and this one does not. */
export function entryOptions<KE extends Encoding, VE extends Encoding>(
  options: BatchIteratorOptions<KE, VE>,
): BatchIteratorOptions<KE, VE> {
  if (typeof options !== 'object' || options === null)
    throw expected('an object', 'options', options);
  const extra = Object.keys(options).find(
    (name) => !BATCH_ITERATOR_OPTIONS.some((known) => known === name),
  );
  if (extra === undefined) return options;
  const value = (options as Record<string, unknown>)[extra];
  throw unknownName(extra, value, BATCH_ITERATOR_OPTIONS);
}

/** @internal The value after the byte that says what the entry does. */
export function entryReader(values: Codec): ReadValue {
  return (heap, address, length) => {
    const type = ENTRY_TYPES[heap.HEAPU8[address] as number] as BatchEntryType;
    // A deletion has no value that an encoding could read.
    const empty = type === 'delete' || type === 'singleDelete';
    const plain = empty && values.name === 'json';
    const value = plain ? undefined : values.decode(heap, address + 1, length - 1);
    return { type, value };
  };
}
