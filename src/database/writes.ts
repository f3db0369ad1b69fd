import * as access from '../access.js';
import type { AnyColumnFamily } from '../column-family.js';
import type { Encodable, Encoding } from '../encoding.js';
import { increaseFullHistoryTsLow } from '../key-ranges.js';
import type { Timestamp } from '../timestamps.js';
import type { Viewed } from '../view.js';
import { type BatchOptions, WriteBatch } from '../write-batch.js';
import {
  createBatchWithIndex,
  WriteBatchWithIndex,
  type WriteBatchWithIndexOptions,
} from '../write-batch-with-index.js';
import { type WriteOptions, writeFlags } from '../write-options.js';
import { invalid } from './core.js';
import { DatabaseReads } from './reads.js';

/** Single updates and batches. */
export abstract class DatabaseWrites<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseReads<KE, VE> {
  /**
   * Sets a key's value. It is in the operating system's hands when this returns, with `sync` on disk. Throws what RocksDB
   * reports, IOError above all.
   */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: WriteOptions): void {
    access.writePair(this.writable(options), 'rdb_db_put', key, value, options);
  }

  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: WriteOptions): void {
    access.writeKey(this.writable(options), 'rdb_db_delete', key, options);
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: WriteOptions): void {
    access.writeKey(this.writable(options), 'rdb_db_single_delete', key, options);
  }

  /** Deletes the keys in [begin, end). */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options?: WriteOptions): void {
    access.writePair(this.writable(options), 'rdb_db_delete_range', begin, end, options);
  }

  /** Adds an operand for the column family's `mergeOperator`. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: WriteOptions): void {
    access.writePair(this.writable(options), 'rdb_db_merge', key, operand, options);
  }

  /** Makes an empty batch. Free it. */
  batch(options?: BatchOptions): WriteBatch<KE, VE> {
    this.useFamily();
    return new WriteBatch<KE, VE>(this.engine, this, this.defaultFamily, options);
  }

  /** @internal A batch that a layer above fills again and again: no handle of the program's. */
  ownBatch(): WriteBatch<KE, VE> {
    this.useFamily();
    return new WriteBatch<KE, VE>(this.engine, this, this.defaultFamily, undefined, this);
  }

  /**
   * Makes a batch of RocksDB's representation of one: another batch's `data`, or what a log held. Its column
   * families must be open, and it is looked through: CorruptionError for what is no batch, and errors for what
   * could not be written. Free it.
   */
  batchFrom(data: Uint8Array, options?: BatchOptions): WriteBatch<KE, VE> {
    const batch = this.batch(options);
    try {
      batch.append(data, this.openFamilies());
    } catch (error) {
      batch.free();
      throw error;
    }
    return batch;
  }

  /** Makes an empty batch that can be read before it is written. Free it. */
  batchWithIndex(options: WriteBatchWithIndexOptions = {}): WriteBatchWithIndex<KE, VE> {
    this.useFamily();
    const viewed = this as unknown as Viewed & { readonly readsCommitted?: boolean };
    return createBatchWithIndex<KE, VE>(
      viewed,
      this.pointer,
      options,
      viewed.readsCommitted ?? true,
    );
  }

  /** Applies a batch atomically, over all the column families that it names. */
  write(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any> | WriteBatchWithIndex<any, any>,
    options?: Omit<WriteOptions, 'columnFamily' | 'timestamp'>,
  ): void {
    this.useFamily();
    this.assertWritesFlow();
    const { engine } = this;
    const flags = writeFlags(options);
    if (batch instanceof WriteBatchWithIndex) {
      const pointer = batch.sealed(this);
      engine.assertBudget(2 * batch.byteLength);
      const status = engine.native.calls.rdb_batch_with_index_write(this.pointer, flags, pointer);
      if (status !== 0) throw engine.failed(status);
      engine.settle();
      return;
    }
    if (!(batch instanceof WriteBatch)) throw invalid('write: expected a WriteBatch of db.batch()');
    const pointer = batch.seal(this, {
      ignoreMissing: options?.ignoreMissingColumnFamilies === true,
    });
    engine.assertBudget(2 * batch.byteLength);
    const status = engine.native.calls.rdb_db_write(this.pointer, flags, pointer);
    if (status !== 0) throw engine.failed(status);
    engine.settle();
  }

  /**
   * Lets compaction forget what is older than `timestamp` in a column family with user-defined timestamps: of
   * each key the youngest version that is older stays. Reads at older timestamps fail from then on. It
   * can only grow.
   */
  increaseFullHistoryTsLow(
    timestamp: Timestamp,
    options: { columnFamily?: AnyColumnFamily | undefined } = {},
  ): void {
    increaseFullHistoryTsLow(this.writable(options), timestamp);
    this.engine.settle();
  }
}
