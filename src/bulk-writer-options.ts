/** What a bulk writer is made with, and what it takes. */
import { MAX_BATCH_BYTES } from './batch-buffer.js';
import type { AnyColumnFamily } from './column-family.js';
import type { Encodable, Encoding } from './encoding.js';
import { expected } from './option-errors.js';
import { integer, oneOf } from './option-values.js';
import type { Timestamp } from './timestamps.js';
import type { WriteOptions } from './write-options.js';

/** What a bulk writer has written so far. */
export interface BulkTotals {
  readonly entries: number;
  /** Of the batches' representations: what went into the log. */
  readonly bytes: number;
  readonly batches: number;
  /**
   * The most bytes that were in use on the engine's heap meanwhile. Where the heap had been larger before: the most
   * that was seen before and after each batch.
   */
  readonly peakHeapBytes: number;
}

export interface BulkProgress extends BulkTotals {
  /** Of the batch that was just written. */
  readonly batchEntries: number;
  readonly batchBytes: number;
  /** In use on the engine's heap now. */
  readonly inUseBytes: number;
}

export interface BulkWriterOptions
  extends Pick<
    WriteOptions,
    'disableWAL' | 'lowPri' | 'rateLimiterPriority' | 'protectionBytesPerKey'
  > {
  /** Where entries go that do not say. Default: the default column family. */
  columnFamily?: AnyColumnFamily | undefined;
  /** A batch is written once it has so many bytes: it is larger by one entry at most. Default: 1 MiB. */
  maxBatchBytes?: number | undefined;
  /** Or so many entries. Default: as many as there are. */
  maxBatchEntries?: number | undefined;
  /**
   * Bytes in use on the engine's heap that it stays below: batches get smaller, and memtables are flushed early, as that
   * comes near. HeapLimitError when a flush does not help. At least 4 MiB; it is not a limit for others. Default:
   * the engine's `maxHeapBytes`, or none.
   */
  heapBudgetBytes?: number | undefined;
  /** What is on disk for sure (fsync): nothing (default), each batch once written, or all once closed. */
  sync?: 'none' | 'batch' | 'close' | undefined;
  /** Called after each batch. What it throws, the call throws that wrote the batch; the batch stays written. */
  onProgress?: ((progress: BulkProgress) => void) | undefined;
}

/** An operation; `put` when it does not say. */
export interface BulkOperation<KE extends Encoding = Encoding, VE extends Encoding = Encoding> {
  type?: 'put' | 'delete' | 'singleDelete' | 'merge' | undefined;
  key: Encodable<KE>;
  /** Of put and merge. */
  value?: Encodable<VE>;
  /** Default: the writer's. */
  columnFamily?: AnyColumnFamily | undefined;
  /** Where the column family has user-defined timestamps: needed there. */
  timestamp?: Timestamp | undefined;
}

/** A key and its value, or an operation. */
export type BulkEntry<KE extends Encoding = Encoding, VE extends Encoding = Encoding> =
  | readonly [key: Encodable<KE>, value: Encodable<VE>]
  | BulkOperation<KE, VE>;

/** What the stream takes: an entry, or many at once, which costs less. */
export type BulkChunk<KE extends Encoding = Encoding, VE extends Encoding = Encoding> =
  | BulkEntry<KE, VE>
  | { readonly entries: Iterable<BulkEntry<KE, VE>> };

/** @internal */
export interface BulkSettings {
  readonly maxBatchBytes: number;
  readonly maxBatchEntries: number;
  readonly heapBudgetBytes: number;
  readonly sync: 'none' | 'batch' | 'close';
  readonly onProgress: ((progress: BulkProgress) => void) | undefined;
  readonly write: Omit<WriteOptions, 'columnFamily' | 'timestamp'>;
}

const MIB = 1024 * 1024;
const BUDGET_MIN = 4 * MIB;
const SYNCS = ['none', 'batch', 'close'] as const;
const NAMES: ReadonlySet<string> = new Set([
  ...['columnFamily', 'maxBatchBytes', 'maxBatchEntries', 'heapBudgetBytes', 'sync', 'onProgress'],
  ...['disableWAL', 'lowPri', 'rateLimiterPriority', 'protectionBytesPerKey'],
]);

/** @internal Throws InvalidOptionError. `limit`: the engine's maxHeapBytes. */
export function bulkSettings(options: BulkWriterOptions, limit: number | undefined): BulkSettings {
  const unknown = Object.entries(options).find(
    ([name, value]) => value !== undefined && !NAMES.has(name),
  );
  if (unknown !== undefined) {
    throw expected(`one of the options ${[...NAMES].join(', ')}`, unknown[0], unknown[1]);
  }
  const { onProgress, disableWAL, lowPri, rateLimiterPriority, protectionBytesPerKey } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw expected('a function', 'onProgress', onProgress);
  }
  const sync = SYNCS[oneOf('sync', options.sync, SYNCS, 'none')] as BulkSettings['sync'];
  if (sync === 'batch' && disableWAL === true) {
    throw expected("'close' or 'none' with disableWAL: there is no log to sync", 'sync', sync);
  }
  const budget = options.heapBudgetBytes;
  const most = Number.MAX_SAFE_INTEGER;
  const none = limit ?? Number.POSITIVE_INFINITY;
  return {
    maxBatchBytes: integer('maxBatchBytes', options.maxBatchBytes, 1, MAX_BATCH_BYTES / 2, MIB),
    maxBatchEntries: integer('maxBatchEntries', options.maxBatchEntries, 1, most, most),
    heapBudgetBytes: integer('heapBudgetBytes', budget, BUDGET_MIN, 4096 * MIB, none),
    sync,
    onProgress,
    write: {
      sync: sync === 'batch',
      disableWAL,
      lowPri,
      rateLimiterPriority,
      protectionBytesPerKey,
    },
  };
}
