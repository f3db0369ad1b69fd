import type { Engine } from '../engine.js';
import { getIntProperty, getOptions } from '../maintenance.js';
import type { ColumnFamilyPtr, DbPtr } from '../native/exports.gen.js';

/** RocksDB's defaults of `write_buffer_size` and `max_write_buffer_number`. */
const WRITE_BUFFER_BYTES = 64 * 1024 * 1024;
const WRITE_BUFFERS = 2;
/** The most that RocksDB chooses for `arena_block_size`. */
const ARENA_BLOCK_MAX = 1024 * 1024;

/** All in bytes. */
export interface Sizes {
  /** What memtables and block caches may come to hold: that they fill up is no leak. */
  readonly memtable: number;
  readonly blockCache: number;
  /** Of the tables that hold the data. */
  readonly tableBytes: number;
}

/** By the options and the data of an engine's databases. A cache that column families share counts for each. */
export function sizesOf(engine: Engine): Sizes {
  const sizes = { memtable: 0, blockCache: 0, tableBytes: 0 };
  for (const { record, released, pointer, parent } of engine.core.descendants()) {
    if (record.kind !== 'columnFamily' || released || parent === undefined) continue;
    const db = parent.pointer as DbPtr;
    const family = { pointer: pointer as ColumnFamilyPtr };
    const { arenaBlockSize = 0, ...options } = getOptions(engine, db, family);
    const { writeBufferSize = WRITE_BUFFER_BYTES, maxWriteBufferNumber = WRITE_BUFFERS } = options;
    // A memtable is full once its last block is.
    const block = arenaBlockSize || Math.min(ARENA_BLOCK_MAX, Math.ceil(writeBufferSize / 8));
    const kept = Math.max(0, Number(options.maxWriteBufferSizeToMaintain ?? 0));
    sizes.memtable += (writeBufferSize + block) * maxWriteBufferNumber + kept;
    const property = (name: string) => Number(getIntProperty(engine, db, family, name) ?? 0);
    sizes.blockCache += property('rocksdb.block-cache-capacity');
    sizes.tableBytes += property('rocksdb.live-sst-files-size');
  }
  return sizes;
}
