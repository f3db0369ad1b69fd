/**
 * RocksDB's ready-made sets of options, as plain objects to spread into those of `RocksDB.open` or
 * of a column family: `{ ...optimizeForPointLookup(64), writeBufferSize: 1 << 24 }`. The figures
 * are those of RocksDB's own functions of these names (options/options.cc).
 */
import type { Cache } from './cache.js';
import { expected } from './option-errors.js';
import type { ColumnFamilyOptions, DBOptions } from './options.js';

const MIB = 1024 * 1024;
const MAX_SIZE = 2 ** 32 - 1;
const DEFAULT_BUDGET = 512 * MIB;
const DEFAULT_LEVELS = 7;

/**
 * RocksDB divides them by 4 and 8 for memtables and files: less than a few bytes makes no sense.
 */
function assertBudget(bytes: unknown): asserts bytes is number {
  const fits = Number.isSafeInteger(bytes) && (bytes as number) >= 8;
  if (!fits || (bytes as number) / 4 > MAX_SIZE) {
    throw expected('bytes: an integer from 8 to 16 GiB', 'memtableMemoryBudget', bytes);
  }
}

/**
 * For reads of single keys and no scans: hashes within data blocks, Bloom filters of 10 bits for
 * files and of whole keys for memtables, and a block cache of its own of `blockCacheSizeMb` MiB.
 */
export function optimizeForPointLookup(blockCacheSizeMb: number): ColumnFamilyOptions {
  const blockCache = blockCacheSizeMb * MIB;
  if (!Number.isSafeInteger(blockCacheSizeMb) || blockCache < 0 || blockCache > MAX_SIZE) {
    throw expected('MiB: an integer from 0 to 4095', 'blockCacheSizeMb', blockCacheSizeMb);
  }
  return {
    blockBasedTable: {
      dataBlockIndexType: 'binaryAndHash',
      dataBlockHashTableUtilRatio: 0.75,
      filterPolicy: { type: 'bloom', bitsPerKey: 10 },
      blockCache,
    },
    memtablePrefixBloomSizeRatio: 0.02,
    memtableWholeKeyFiltering: true,
  };
}

/**
 * Level compaction for many writes: memtables may take `memtableMemoryBudget` bytes (half as much
 * again at worst), level 0 and level 1 are of that size too, and only the levels from 2 on are
 * compressed.
 */
export function optimizeLevelStyleCompaction(
  memtableMemoryBudget: number = DEFAULT_BUDGET,
): ColumnFamilyOptions {
  assertBudget(memtableMemoryBudget);
  return {
    writeBufferSize: Math.floor(memtableMemoryBudget / 4),
    minWriteBufferNumberToMerge: 2,
    maxWriteBufferNumber: 6,
    level0FileNumCompactionTrigger: 2,
    targetFileSizeBase: BigInt(Math.floor(memtableMemoryBudget / 8)),
    maxBytesForLevelBase: BigInt(memtableMemoryBudget),
    compactionStyle: 'level',
    compressionPerLevel: Array.from({ length: DEFAULT_LEVELS }, (_, level) =>
      level < 2 ? 'none' : 'lz4',
    ),
  };
}

/**
 * Universal compaction, which writes less and keeps more on disk than level compaction: memtables
 * may take `memtableMemoryBudget` bytes (half as much again at worst), and the oldest 80 % of the
 * data are compressed.
 */
export function optimizeUniversalStyleCompaction(
  memtableMemoryBudget: number = DEFAULT_BUDGET,
): ColumnFamilyOptions {
  assertBudget(memtableMemoryBudget);
  return {
    writeBufferSize: Math.floor(memtableMemoryBudget / 4),
    minWriteBufferNumberToMerge: 2,
    maxWriteBufferNumber: 6,
    compactionStyle: 'universal',
    compactionOptionsUniversal: { compressionSizePercent: 80 },
  };
}

/**
 * For databases of less than a gigabyte: small memtables and files, and a block cache (16 MiB, or
 * the one that is given) that holds indexes and filters, too. RocksDB charges the memtables to that
 * cache as well; a WriteBufferManager that has it does so here.
 */
export function optimizeForSmallDb(
  blockCache: Cache | number = 16 * MIB,
): DBOptions & ColumnFamilyOptions {
  return {
    maxOpenFiles: 5000,
    writeBufferSize: 2 * MIB,
    targetFileSizeBase: BigInt(2 * MIB),
    maxBytesForLevelBase: BigInt(10 * MIB),
    softPendingCompactionBytesLimit: BigInt(256 * MIB),
    hardPendingCompactionBytesLimit: BigInt(1024 * MIB),
    blockBasedTable: {
      blockCache,
      cacheIndexAndFilterBlocks: true,
      indexType: 'twoLevelIndexSearch',
    },
  };
}

/**
 * For loading much at once: flushes go on, nothing is compacted and writes are never slowed down.
 * Call `compactRange` when all is loaded, and open with other options afterwards: reads are slow
 * until then.
 */
export function prepareForBulkLoad(): DBOptions & ColumnFamilyOptions {
  const never = 1 << 30;
  return {
    level0FileNumCompactionTrigger: never,
    level0SlowdownWritesTrigger: never,
    level0StopWritesTrigger: never,
    softPendingCompactionBytesLimit: 0n,
    hardPendingCompactionBytesLimit: 0n,
    disableAutoCompactions: true,
    maxCompactionBytes: 1n << 60n,
    numLevels: 2,
    maxWriteBufferNumber: 6,
    minWriteBufferNumberToMerge: 1,
    maxBackgroundFlushes: 4,
    maxBackgroundCompactions: 2,
    targetFileSizeBase: BigInt(256 * MIB),
  };
}
