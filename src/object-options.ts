/** The options of opening that are objects: what callers may give. How they reach C++ is in src/attachments.ts. */
import type { Cache } from './cache.js';
import type { CompactionFilter, CompactionFilterFactory } from './callbacks/compaction-filter.js';
import type { Comparator } from './callbacks/comparator.js';
import type { AssociativeMergeOperator, MergeOperator } from './callbacks/merge-operator.js';
import type { SliceTransform } from './callbacks/slice-transform.js';
import type {
  FileChecksumGenFactory,
  SstPartitionerFactory,
  TablePropertiesCollectorFactory,
} from './callbacks/table-files.js';
import type { EventListener } from './events/listener.js';
import type { Logger } from './events/logger.js';
import type { WalFilter } from './events/wal-filter.js';
import type { DBOptions, ColumnFamilyOptions as FamilyTexts } from './options.gen.js';
import type { RateLimiter } from './rate-limiter.js';
import type { SstFileManager } from './sst-file-manager.js';
import type { Statistics } from './statistics.js';
import type { WriteBufferManager } from './write-buffer-manager.js';

/** The choices for a kind of memory. */
export const CHARGES = ['enabled', 'disabled', 'fallback'] as const;
/** Memory that can be charged to the block cache, and where it stands among the packed choices. */
export const CHARGED_ROLES = {
  compressionDictionaryBuildingBuffer: 0,
  filterConstruction: 1,
  blockBasedTableReader: 2,
  fileMetadata: 3,
  blobCache: 4,
} as const;

/** Column-family options that may be objects, beside what text says of them. */
export interface ColumnFamilyObjects {
  /** Like `dbPaths`, for this column family. Default: those. */
  cfPaths?: readonly DbPath[];
  /** `comparator`, fixed for the life of the column family. The order of keys. Default `bytewise`. */
  comparator?: FamilyTexts['comparator'] | Comparator;
  /** `merge_operator`. What merge() does with an operand. Default none: merge() is an error. */
  mergeOperator?: FamilyTexts['mergeOperator'] | MergeOperator | AssociativeMergeOperator;
  /** `compaction_filter`. What compactions drop or change. Default: nothing. */
  compactionFilter?: CompactionFilter | undefined;
  /** `compaction_filter_factory`. The same, a filter for each file that is made. Give one of the two. */
  compactionFilterFactory?: CompactionFilterFactory | undefined;
  /** `prefix_extractor`. The part of a key that prefix filters and prefix seeks use. Default `none`. */
  prefixExtractor?: FamilyTexts['prefixExtractor'] | SliceTransform;
  /** `memtable_insert_with_hint_prefix_extractor`. Keys of one prefix are written one after the other. */
  memtableInsertWithHintPrefixExtractor?:
    | FamilyTexts['memtableInsertWithHintPrefixExtractor']
    | SliceTransform;
  /** `table_properties_collector_factories`. What is collected of each table and stored in it. */
  tablePropertiesCollectorFactories?: readonly TablePropertiesCollectorFactory[] | undefined;
  /**
   * RocksDB's CompactForTieringCollector: tables of which at least this ratio (0 to 1) of the entries could move
   * to the last level's temperature are compacted soon. Default: none.
   */
  compactForTiering?: { readonly compactionTriggerRatio: number } | undefined;
  /** `sst_partitioner_factory`. Where compactions begin a new table. Default: by size only. */
  sstPartitionerFactory?: FamilyTexts['sstPartitionerFactory'] | SstPartitionerFactory;
}

/** What opening and creating take for a column family: text and objects. */
export type ColumnFamilySettings = Omit<FamilyTexts, keyof ColumnFamilyObjects> &
  ColumnFamilyObjects;

/** What opening takes for a database. */
export type DBSettings = Omit<DBOptions, keyof DBObjects> & DBObjects;

/** Database options that are objects. */
export interface DBObjects {
  /**
   * Caches whole rows by key, above the block cache; several databases of one engine may share it. RocksDB
   * refuses deleteRange with it. An LRU cache without a second tier. Default: none.
   */
  rowCache?: Cache;
  /** Counts what the database does; several databases of one engine may share it. Default: none. */
  statistics?: Statistics;
  /** Limits what flushes and compactions write a second. Default: no limit. */
  rateLimiter?: RateLimiter;
  /** Limits the space of tables and blob files, and how fast they are deleted. Default: neither. */
  sstFileManager?: SstFileManager;
  /** One limit for the memtables of several databases of one engine. Default: none. */
  writeBufferManager?: WriteBufferManager;
  /** Told of flushes, compactions, files, stalls and errors, in the order in which they are given. Default: none. */
  listeners?: readonly EventListener[];
  /** Takes the lines that RocksDB writes to the LOG file otherwise. Default: that file. */
  logger?: Logger;
  /** Decides about each record of the log when the database recovers. Default: all are applied. */
  walFilter?: WalFilter;
  /** `file_checksum_gen_factory`. Checksums of whole files, kept in the MANIFEST. Default: none. */
  fileChecksumGenFactory?: DBOptions['fileChecksumGenFactory'] | FileChecksumGenFactory;
  /** Folders for table files, at most four, from the fastest to the largest. Default: the database's. */
  dbPaths?: readonly DbPath[];
}

/** A folder for table files. */
export interface DbPath {
  path: string;
  /** Bytes: newer data goes to the first folder that has room, older data further on. */
  targetSize: number;
}

/** Whether a kind of memory is charged; `fallback`: as RocksDB does by itself. */
export interface CacheEntryRoleOptions {
  charged: (typeof CHARGES)[number];
}

/**
 * Memory beside blocks that counts against the block cache's capacity, so that this is one limit for all. By
 * itself RocksDB charges the buffers in which compression dictionaries are made.
 */
export interface CacheUsageOptions {
  optionsOverrides?: { [Role in keyof typeof CHARGED_ROLES]?: CacheEntryRoleOptions };
}

/** Table options that are objects. */
export interface TableObjects {
  /** Memory beside blocks that is charged to the block cache. Fixed at open. */
  cacheUsageOptions?: CacheUsageOptions;
}
