// Written by scripts/gen-options.mjs from the sources of RocksDB 9.10.0: do not edit.

import type { TableObjects } from './object-options.js';

/** 64 bits: taken as bigint or as an exact number, given back as bigint. */
export type Integer64 = bigint | number;
/** Bytes of a cache of its own, false for none, or a Cache to share. */
export type CacheOption = number | false | object;
/** `fixed:N` takes the first N bytes of a key, `capped:N` as many of them as there are. */
export type PrefixExtractor =
  | 'none'
  | 'noop'
  | 'rocksdb.Noop'
  | `fixed:${number}`
  | `capped:${number}`
  | `rocksdb.FixedPrefix.${number}`
  | `rocksdb.CappedPrefix.${number}`;
/** Ribbon is smaller than Bloom and slower to build; levels above bloomBeforeLevel use Bloom. */
export type FilterPolicy =
  | 'none'
  | `bloom:${number}`
  | `bloomfilter:${string}`
  | `ribbon:${number}`
  | `ribbon:${number}:${number}`
  | `ribbonfilter:${string}`
  | { type: 'bloom'; bitsPerKey: number }
  | { type: 'ribbon'; bitsPerKey: number; bloomBeforeLevel?: number | undefined };
/** A built-in operator; those that append join with a comma unless told otherwise. */
export type MergeOperator =
  | MergeOperatorName
  | { type: 'stringappend' | 'stringappendtest'; delimiter: string };
/** `fixedPrefix:N`: a new table wherever the first N bytes of the key change. */
export type SstPartitionerText = 'none' | `fixedPrefix:${number}`;
/**
 * Marks a table for compaction when `deletionTrigger` of any `windowSize` entries in a row are deletions, or when
 * at least `deletionRatio` of all are (0: no matter).
 */
export interface CompactOnDeletion {
  windowSize: number;
  deletionTrigger: number;
  deletionRatio?: number | undefined;
}
/** `skipList:N` looks ahead N entries; for the others N is a number of entries or buckets. */
export type MemtableFactory = MemtableFactoryName | `${MemtableFactoryName}:${number}`;

export type OptionGroup =
  | 'db'
  | 'columnFamily'
  | 'blockBasedTable'
  | 'metadataCache'
  | 'plainTable'
  | 'cuckooTable'
  | 'compression'
  | 'universal'
  | 'fifo'
  | 'temperatureAge';
export type OptionType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint32'
  | 'uint64'
  | 'size'
  | 'double'
  | 'string'
  | 'enum'
  | 'struct'
  | 'object'
  | 'mergeOperator'
  | 'memtableFactory'
  | 'prefixExtractor'
  | 'filterPolicy'
  | 'sstPartitioner'
  | 'compactOnDeletion'
  | 'cache';

export interface OptionInfo {
  /** RocksDB's name. */
  readonly snake: string;
  readonly type: OptionType;
  /** The group of a struct, or the entry of NAMES. */
  readonly of?: string;
  readonly array?: true;
  /** It can be changed while the database is open. */
  readonly mutable?: true;
}

export interface GroupInfo {
  readonly title: string;
  readonly options: Readonly<Record<string, OptionInfo>>;
  readonly leftOut: Readonly<Record<string, string>>;
}

export type Comparator =
  | 'bytewise'
  | 'bytewiseU64Ts'
  | 'reverseBytewise'
  | 'reverseBytewiseU64Ts'
  | 'leveldb.BytewiseComparator'
  | 'leveldb.BytewiseComparator.u64ts'
  | 'rocksdb.ReverseBytewiseComparator'
  | 'rocksdb.ReverseBytewiseComparator.u64ts';
export type MergeOperatorName =
  | 'stringappend'
  | 'stringappendtest'
  | 'sortlist'
  | 'bytesxor'
  | 'uint64add'
  | 'max'
  | 'put'
  | 'put_v1'
  | 'StringAppendOperator'
  | 'StringAppendTESTOperator'
  | 'MergeSortOperator'
  | 'BytesXOR'
  | 'UInt64AddOperator'
  | 'MaxOperator'
  | 'PutOperator';
export type MemtableFactoryName =
  | 'vector'
  | 'skipList'
  | 'skip_list'
  | 'hashLinkedlist'
  | 'hash_linkedlist'
  | 'prefixHash'
  | 'prefix_hash'
  | 'VectorRepFactory'
  | 'SkipListFactory'
  | 'HashLinkListRepFactory'
  | 'HashSkipListRepFactory';
export type FileChecksumGenFactory = 'crc32c' | 'FileChecksumGenCrc32cFactory';
export type CacheTier =
  | 'volatile'
  | 'volatileCompressed'
  | 'nonVolatileBlock'
  | 'kVolatileTier'
  | 'kVolatileCompressedTier'
  | 'kNonVolatileBlockTier';
export type ChecksumType =
  | 'none'
  | 'crc32c'
  | 'xxHash'
  | 'xxHash64'
  | 'xxh3'
  | 'kNoChecksum'
  | 'kCRC32c'
  | 'kxxHash'
  | 'kxxHash64'
  | 'kXXH3';
export type CompactionPri =
  | 'byCompensatedSize'
  | 'oldestLargestSeqFirst'
  | 'oldestSmallestSeqFirst'
  | 'minOverlappingRatio'
  | 'roundRobin'
  | 'kByCompensatedSize'
  | 'kOldestLargestSeqFirst'
  | 'kOldestSmallestSeqFirst'
  | 'kMinOverlappingRatio'
  | 'kRoundRobin';
export type CompactionStopStyle =
  | 'similarSize'
  | 'totalSize'
  | 'kCompactionStopStyleSimilarSize'
  | 'kCompactionStopStyleTotalSize';
export type CompactionStyle =
  | 'level'
  | 'universal'
  | 'fifo'
  | 'none'
  | 'kCompactionStyleLevel'
  | 'kCompactionStyleUniversal'
  | 'kCompactionStyleFIFO'
  | 'kCompactionStyleNone';
export type CompressionType =
  | 'none'
  | 'snappy'
  | 'zlib'
  | 'bzip2'
  | 'lz4'
  | 'lz4hc'
  | 'xpress'
  | 'zstd'
  | 'zstdNotFinal'
  | 'disableCompressionOption'
  | 'kNoCompression'
  | 'kSnappyCompression'
  | 'kZlibCompression'
  | 'kBZip2Compression'
  | 'kLZ4Compression'
  | 'kLZ4HCCompression'
  | 'kXpressCompression'
  | 'kZSTD'
  | 'kZSTDNotFinalCompression'
  | 'kDisableCompressionOption';
export type DataBlockIndexType =
  | 'binarySearch'
  | 'binaryAndHash'
  | 'kDataBlockBinarySearch'
  | 'kDataBlockBinaryAndHash';
export type EncodingType = 'plain' | 'prefix' | 'kPlain' | 'kPrefix';
export type IndexShorteningMode =
  | 'noShortening'
  | 'shortenSeparators'
  | 'shortenSeparatorsAndSuccessor'
  | 'kNoShortening'
  | 'kShortenSeparators'
  | 'kShortenSeparatorsAndSuccessor';
export type IndexType =
  | 'binarySearch'
  | 'hashSearch'
  | 'twoLevelIndexSearch'
  | 'binarySearchWithFirstKey'
  | 'kBinarySearch'
  | 'kHashSearch'
  | 'kTwoLevelIndexSearch'
  | 'kBinarySearchWithFirstKey';
export type InfoLogLevel =
  | 'debug'
  | 'info'
  | 'warn'
  | 'error'
  | 'fatal'
  | 'header'
  | 'DEBUG_LEVEL'
  | 'INFO_LEVEL'
  | 'WARN_LEVEL'
  | 'ERROR_LEVEL'
  | 'FATAL_LEVEL'
  | 'HEADER_LEVEL';
export type PinningTier =
  | 'fallback'
  | 'none'
  | 'flushedAndSimilar'
  | 'all'
  | 'kFallback'
  | 'kNone'
  | 'kFlushedAndSimilar'
  | 'kAll';
export type PrepopulateBlobCache = 'disable' | 'flushOnly' | 'kDisable' | 'kFlushOnly';
export type PrepopulateBlockCache = 'disable' | 'flushOnly' | 'kDisable' | 'kFlushOnly';
export type Temperature =
  | 'unknown'
  | 'hot'
  | 'warm'
  | 'cold'
  | 'kUnknown'
  | 'kHot'
  | 'kWarm'
  | 'kCold';
export type WALRecoveryMode =
  | 'tolerateCorruptedTailRecords'
  | 'absoluteConsistency'
  | 'pointInTimeRecovery'
  | 'skipAnyCorruptedRecords'
  | 'kTolerateCorruptedTailRecords'
  | 'kAbsoluteConsistency'
  | 'kPointInTimeRecovery'
  | 'kSkipAnyCorruptedRecords';

/** Each is a database option. */
export interface DBOptions {
  /** `advise_random_on_open`, bool, fixed at open. */
  adviseRandomOnOpen?: boolean | undefined;
  /** `allow_2pc`, bool, fixed at open. */
  allow2pc?: boolean | undefined;
  /** `allow_concurrent_memtable_write`, bool, fixed at open. */
  allowConcurrentMemtableWrite?: boolean | undefined;
  /** `allow_data_in_errors`, bool, fixed at open. */
  allowDataInErrors?: boolean | undefined;
  /** `allow_fallocate`, bool, fixed at open. */
  allowFallocate?: boolean | undefined;
  /** `allow_ingest_behind`, bool, fixed at open. */
  allowIngestBehind?: boolean | undefined;
  /** `allow_mmap_reads`, bool, fixed at open. */
  allowMmapReads?: boolean | undefined;
  /** `allow_mmap_writes`, bool, fixed at open. */
  allowMmapWrites?: boolean | undefined;
  /**
   * `atomic_flush`, bool, fixed at open. Flush all column families together, as one unit. Default
   * false.
   */
  atomicFlush?: boolean | undefined;
  /** `avoid_flush_during_recovery`, bool, fixed at open. */
  avoidFlushDuringRecovery?: boolean | undefined;
  /**
   * `avoid_flush_during_shutdown`, bool, mutable. Skip the flush at close; data written without the
   * log is then lost. Default false.
   */
  avoidFlushDuringShutdown?: boolean | undefined;
  /** `avoid_unnecessary_blocking_io`, bool, fixed at open. */
  avoidUnnecessaryBlockingIo?: boolean | undefined;
  /** `background_close_inactive_wals`, bool, fixed at open. */
  backgroundCloseInactiveWals?: boolean | undefined;
  /** `best_efforts_recovery`, bool, fixed at open. */
  bestEffortsRecovery?: boolean | undefined;
  /** `bgerror_resume_retry_interval`, uint64_t, fixed at open. */
  bgerrorResumeRetryInterval?: Integer64 | undefined;
  /**
   * `bytes_per_sync`, uint64_t, mutable. Ask for write-back each time so many bytes of a table were
   * written. Of no effect: WASI cannot ask without waiting. Default 0: off.
   */
  bytesPerSync?: Integer64 | undefined;
  /** `compaction_readahead_size`, size_t, mutable. */
  compactionReadaheadSize?: number | undefined;
  /** `compaction_verify_record_count`, bool, fixed at open. */
  compactionVerifyRecordCount?: boolean | undefined;
  /**
   * `create_if_missing`, bool, fixed at open. Create the database when there is none. Default
   * false.
   */
  createIfMissing?: boolean | undefined;
  /**
   * `create_missing_column_families`, bool, fixed at open. Create the column families named at open
   * that do not exist yet. Default false.
   */
  createMissingColumnFamilies?: boolean | undefined;
  /** `daily_offpeak_time_utc`, string, mutable. */
  dailyOffpeakTimeUtc?: string | undefined;
  /** `db_host_id`, string, fixed at open. */
  dbHostId?: string | undefined;
  /** `db_log_dir`, string, fixed at open. */
  dbLogDir?: string | undefined;
  /**
   * `db_write_buffer_size`, size_t, fixed at open. Bytes that the memtables of all column families
   * may take together. Default 0: no common limit.
   */
  dbWriteBufferSize?: number | undefined;
  /** `delayed_write_rate`, uint64_t, mutable. */
  delayedWriteRate?: Integer64 | undefined;
  /** `delete_obsolete_files_period_micros`, uint64_t, mutable. */
  deleteObsoleteFilesPeriodMicros?: Integer64 | undefined;
  /** `dump_malloc_stats`, bool, fixed at open. */
  dumpMallocStats?: boolean | undefined;
  /** `enable_pipelined_write`, bool, fixed at open. */
  enablePipelinedWrite?: boolean | undefined;
  /** `enable_thread_tracking`, bool, fixed at open. */
  enableThreadTracking?: boolean | undefined;
  /** `enable_write_thread_adaptive_yield`, bool, fixed at open. */
  enableWriteThreadAdaptiveYield?: boolean | undefined;
  /** `enforce_single_del_contracts`, bool, fixed at open. */
  enforceSingleDelContracts?: boolean | undefined;
  /**
   * `error_if_exists`, bool, fixed at open. Fail when the database exists already. Default false.
   */
  errorIfExists?: boolean | undefined;
  /** `fail_if_options_file_error`, bool, fixed at open. */
  failIfOptionsFileError?: boolean | undefined;
  /**
   * `file_checksum_gen_factory`, object, fixed at open. Checksums of whole files, kept in the
   * MANIFEST. Default none.
   */
  fileChecksumGenFactory?: FileChecksumGenFactory | undefined;
  /** `flush_verify_memtable_count`, bool, fixed at open. */
  flushVerifyMemtableCount?: boolean | undefined;
  /** `follower_catchup_retry_count`, uint64_t, fixed at open. */
  followerCatchupRetryCount?: Integer64 | undefined;
  /** `follower_catchup_retry_wait_ms`, uint64_t, fixed at open. */
  followerCatchupRetryWaitMs?: Integer64 | undefined;
  /** `follower_refresh_catchup_period_ms`, uint64_t, fixed at open. */
  followerRefreshCatchupPeriodMs?: Integer64 | undefined;
  /**
   * `info_log_level`, InfoLogLevel, fixed at open. Least severity that is written to the LOG file.
   * Default 'info'.
   */
  infoLogLevel?: InfoLogLevel | undefined;
  /** `is_fd_close_on_exec`, bool, fixed at open. */
  isFdCloseOnExec?: boolean | undefined;
  /** `keep_log_file_num`, size_t, fixed at open. How many LOG files to keep. Default 1000. */
  keepLogFileNum?: number | undefined;
  /** `log_file_time_to_roll`, size_t, fixed at open. */
  logFileTimeToRoll?: number | undefined;
  /** `log_readahead_size`, size_t, fixed at open. */
  logReadaheadSize?: number | undefined;
  /** `lowest_used_cache_tier`, CacheTier, fixed at open. */
  lowestUsedCacheTier?: CacheTier | undefined;
  /** `manifest_preallocation_size`, size_t, fixed at open. */
  manifestPreallocationSize?: number | undefined;
  /**
   * `manual_wal_flush`, bool, fixed at open. Keep log records in memory until the log is flushed
   * explicitly. Default false.
   */
  manualWalFlush?: boolean | undefined;
  /** `max_background_compactions`, int, mutable. */
  maxBackgroundCompactions?: number | undefined;
  /** `max_background_flushes`, int, mutable. */
  maxBackgroundFlushes?: number | undefined;
  /**
   * `max_background_jobs`, int, mutable. How many flushes and compactions may be queued at once.
   * Default 2.
   */
  maxBackgroundJobs?: number | undefined;
  /**
   * `max_bgerror_resume_count`, int, fixed at open. Attempts to recover from errors that the file
   * system says may pass. Of no effect: like RocksDB's own file system, ours says so only of a full
   * disk, which RocksDB watches without counting. Default 2147483647.
   */
  maxBgerrorResumeCount?: number | undefined;
  /** `max_file_opening_threads`, int, fixed at open. */
  maxFileOpeningThreads?: number | undefined;
  /** `max_log_file_size`, size_t, fixed at open. */
  maxLogFileSize?: number | undefined;
  /** `max_manifest_file_size`, uint64_t, fixed at open. */
  maxManifestFileSize?: Integer64 | undefined;
  /**
   * `max_open_files`, int, mutable. How many table files stay open; -1 keeps all of them open.
   * Default -1.
   */
  maxOpenFiles?: number | undefined;
  /** `max_subcompactions`, uint32_t, mutable. */
  maxSubcompactions?: number | undefined;
  /**
   * `max_total_wal_size`, uint64_t, mutable. Bytes of write-ahead log after which the oldest data
   * is flushed. Default 0: derived from the memtables.
   */
  maxTotalWalSize?: Integer64 | undefined;
  /** `max_write_batch_group_size_bytes`, uint64_t, fixed at open. */
  maxWriteBatchGroupSizeBytes?: Integer64 | undefined;
  /** `metadata_write_temperature`, Temperature, fixed at open. */
  metadataWriteTemperature?: Temperature | undefined;
  /**
   * `paranoid_checks`, bool, fixed at open. Stop at the first sign of corruption rather than go on.
   * Default true.
   */
  paranoidChecks?: boolean | undefined;
  /** `persist_stats_to_disk`, bool, fixed at open. */
  persistStatsToDisk?: boolean | undefined;
  /** `prefix_seek_opt_in_only`, bool, fixed at open. */
  prefixSeekOptInOnly?: boolean | undefined;
  /** `random_access_max_buffer_size`, size_t, fixed at open. */
  randomAccessMaxBufferSize?: number | undefined;
  /**
   * `rate_limiter_bytes_per_sec`, int64_t, fixed at open. Bytes per second that flushes and
   * compactions may write. Default: no limit.
   */
  rateLimiterBytesPerSec?: Integer64 | undefined;
  /** `recycle_log_file_num`, size_t, fixed at open. */
  recycleLogFileNum?: number | undefined;
  /** `skip_checking_sst_file_sizes_on_db_open`, bool, fixed at open. */
  skipCheckingSstFileSizesOnDbOpen?: boolean | undefined;
  /** `skip_stats_update_on_db_open`, bool, fixed at open. */
  skipStatsUpdateOnDbOpen?: boolean | undefined;
  /**
   * `stats_dump_period_sec`, unsigned int, mutable. Seconds between two dumps of statistics to the
   * LOG file; 0 is never. Default 600.
   */
  statsDumpPeriodSec?: number | undefined;
  /** `stats_history_buffer_size`, size_t, mutable. */
  statsHistoryBufferSize?: number | undefined;
  /** `stats_persist_period_sec`, unsigned int, mutable. */
  statsPersistPeriodSec?: number | undefined;
  /** `strict_bytes_per_sync`, bool, mutable. */
  strictBytesPerSync?: boolean | undefined;
  /** `table_cache_numshardbits`, int, fixed at open. */
  tableCacheNumshardbits?: number | undefined;
  /** `track_and_verify_wals_in_manifest`, bool, fixed at open. */
  trackAndVerifyWalsInManifest?: boolean | undefined;
  /** `two_write_queues`, bool, fixed at open. */
  twoWriteQueues?: boolean | undefined;
  /** `unordered_write`, bool, fixed at open. */
  unorderedWrite?: boolean | undefined;
  /** `use_adaptive_mutex`, bool, fixed at open. */
  useAdaptiveMutex?: boolean | undefined;
  /** `use_direct_io_for_flush_and_compaction`, bool, fixed at open. */
  useDirectIoForFlushAndCompaction?: boolean | undefined;
  /** `use_direct_reads`, bool, fixed at open. */
  useDirectReads?: boolean | undefined;
  /** `use_fsync`, bool, fixed at open. */
  useFsync?: boolean | undefined;
  /** `verify_sst_unique_id_in_manifest`, bool, fixed at open. */
  verifySstUniqueIdInManifest?: boolean | undefined;
  /** `wal_bytes_per_sync`, uint64_t, mutable. */
  walBytesPerSync?: Integer64 | undefined;
  /**
   * `wal_compression`, CompressionType, fixed at open. Compression of the write-ahead log: 'none'
   * or 'zstd'. Default 'none'.
   */
  walCompression?: CompressionType | undefined;
  /**
   * `wal_dir`, string, fixed at open. Folder for the write-ahead log. Default empty: the database
   * folder.
   */
  walDir?: string | undefined;
  /**
   * `wal_recovery_mode`, WALRecoveryMode, fixed at open. What a damaged end of the write-ahead log
   * means at open. Default 'pointInTimeRecovery'.
   */
  walRecoveryMode?: WALRecoveryMode | undefined;
  /**
   * `WAL_size_limit_MB`, uint64_t, fixed at open. Megabytes of archived logs to keep. Default 0: no
   * archive by size.
   */
  walSizeLimitMB?: Integer64 | undefined;
  /**
   * `WAL_ttl_seconds`, uint64_t, fixed at open. Seconds that a finished log is kept in the archive.
   * Default 0: deleted when no longer needed.
   */
  walTtlSeconds?: Integer64 | undefined;
  /** `wal_write_temperature`, Temperature, fixed at open. */
  walWriteTemperature?: Temperature | undefined;
  /** `writable_file_max_buffer_size`, size_t, mutable. */
  writableFileMaxBufferSize?: number | undefined;
  /** `write_dbid_to_manifest`, bool, fixed at open. */
  writeDbidToManifest?: boolean | undefined;
  /** `write_identity_file`, bool, fixed at open. */
  writeIdentityFile?: boolean | undefined;
  /** `write_thread_max_yield_usec`, uint64_t, fixed at open. */
  writeThreadMaxYieldUsec?: Integer64 | undefined;
  /** `write_thread_slow_yield_usec`, uint64_t, fixed at open. */
  writeThreadSlowYieldUsec?: Integer64 | undefined;
}

/** Each is a column-family option. */
export interface ColumnFamilyOptions {
  /** `arena_block_size`, size_t, mutable. */
  arenaBlockSize?: number | undefined;
  /** `blob_cache`, object, fixed at open. */
  blobCache?: CacheOption | undefined;
  /** `blob_compaction_readahead_size`, uint64_t, mutable. */
  blobCompactionReadaheadSize?: Integer64 | undefined;
  /** `blob_compression_type`, CompressionType, mutable. */
  blobCompressionType?: CompressionType | undefined;
  /** `blob_file_size`, uint64_t, mutable. */
  blobFileSize?: Integer64 | undefined;
  /** `blob_file_starting_level`, int, mutable. */
  blobFileStartingLevel?: number | undefined;
  /** `blob_garbage_collection_age_cutoff`, double, mutable. */
  blobGarbageCollectionAgeCutoff?: number | undefined;
  /** `blob_garbage_collection_force_threshold`, double, mutable. */
  blobGarbageCollectionForceThreshold?: number | undefined;
  /** `block_based_table_factory`, object, mutable. Options of the table format. */
  blockBasedTable?: BlockBasedTableOptions | undefined;
  /** `block_protection_bytes_per_key`, uint8_t, mutable. */
  blockProtectionBytesPerKey?: number | undefined;
  /** `bloom_locality`, uint32_t, fixed at open. */
  bloomLocality?: number | undefined;
  /**
   * `bottommost_compression`, CompressionType, mutable. Compression of the last level. Default
   * 'disableCompressionOption': the same as compression.
   */
  bottommostCompression?: CompressionType | undefined;
  /** `bottommost_compression_opts`, struct, mutable. */
  bottommostCompressionOpts?: CompressionOptions | undefined;
  /** `bottommost_file_compaction_delay`, uint32_t, mutable. */
  bottommostFileCompactionDelay?: number | undefined;
  /**
   * `table_properties_collectors`, object, fixed at open. Compact tables soon in which deletions
   * stand close together.
   */
  compactOnDeletion?: CompactOnDeletion | undefined;
  /** `compaction_options_fifo`, struct, mutable. */
  compactionOptionsFifo?: CompactionOptionsFIFO | undefined;
  /** `compaction_options_universal`, struct, mutable. */
  compactionOptionsUniversal?: CompactionOptionsUniversal | undefined;
  /** `compaction_pri`, CompactionPri, fixed at open. */
  compactionPri?: CompactionPri | undefined;
  /** `compaction_style`, CompactionStyle, fixed at open. How tables are merged. Default 'level'. */
  compactionStyle?: CompactionStyle | undefined;
  /**
   * `comparator`, object, fixed at open. Order of the keys; fixed for the life of the column
   * family. Default 'bytewise'.
   */
  comparator?: Comparator | undefined;
  /** `compression`, CompressionType, mutable. Compression of data blocks. Default 'snappy'. */
  compression?: CompressionType | undefined;
  /** `compression_opts`, struct, mutable. */
  compressionOpts?: CompressionOptions | undefined;
  /**
   * `compression_per_level`, vector of CompressionType, mutable. Compression of each level, from
   * level 0; it goes before compression. Default empty.
   */
  compressionPerLevel?: CompressionType[] | undefined;
  /**
   * `table_factory`, object, fixed at open. Another table format, for random reads by hash; it
   * needs allowMmapReads.
   */
  cuckooTable?: CuckooTableOptions | undefined;
  /** `default_temperature`, Temperature, fixed at open. */
  defaultTemperature?: Temperature | undefined;
  /** `default_write_temperature`, Temperature, mutable. */
  defaultWriteTemperature?: Temperature | undefined;
  /** `disable_auto_compactions`, bool, mutable. Compact only when asked to. Default false. */
  disableAutoCompactions?: boolean | undefined;
  /**
   * `enable_blob_files`, bool, mutable. Keep large values in blob files beside the tables. Default
   * false.
   */
  enableBlobFiles?: boolean | undefined;
  /** `enable_blob_garbage_collection`, bool, mutable. */
  enableBlobGarbageCollection?: boolean | undefined;
  /** `experimental_mempurge_threshold`, double, mutable. */
  experimentalMempurgeThreshold?: number | undefined;
  /** `force_consistency_checks`, bool, fixed at open. */
  forceConsistencyChecks?: boolean | undefined;
  /** `hard_pending_compaction_bytes_limit`, uint64_t, mutable. */
  hardPendingCompactionBytesLimit?: Integer64 | undefined;
  /** `inplace_update_num_locks`, size_t, mutable. */
  inplaceUpdateNumLocks?: number | undefined;
  /** `inplace_update_support`, bool, fixed at open. */
  inplaceUpdateSupport?: boolean | undefined;
  /** `last_level_temperature`, Temperature, mutable. */
  lastLevelTemperature?: Temperature | undefined;
  /**
   * `level0_file_num_compaction_trigger`, int, mutable. Files in level 0 that start a compaction.
   * Default 4.
   */
  level0FileNumCompactionTrigger?: number | undefined;
  /**
   * `level0_slowdown_writes_trigger`, int, mutable. Files in level 0 from which writes are slowed.
   * Default 20.
   */
  level0SlowdownWritesTrigger?: number | undefined;
  /**
   * `level0_stop_writes_trigger`, int, mutable. Files in level 0 at which writes stop until a
   * compaction ran. Default 36.
   */
  level0StopWritesTrigger?: number | undefined;
  /**
   * `level_compaction_dynamic_level_bytes`, bool, fixed at open. Derive the size of each level from
   * that of the last one. Default true.
   */
  levelCompactionDynamicLevelBytes?: boolean | undefined;
  /** `max_bytes_for_level_base`, uint64_t, mutable. Bytes of level 1 in all. Default 268435456. */
  maxBytesForLevelBase?: Integer64 | undefined;
  /**
   * `max_bytes_for_level_multiplier`, double, mutable. How much larger each level is than the one
   * above. Default 10.
   */
  maxBytesForLevelMultiplier?: number | undefined;
  /** `max_bytes_for_level_multiplier_additional`, vector of int, mutable. */
  maxBytesForLevelMultiplierAdditional?: number[] | undefined;
  /** `max_compaction_bytes`, uint64_t, mutable. */
  maxCompactionBytes?: Integer64 | undefined;
  /** `max_sequential_skip_in_iterations`, uint64_t, mutable. */
  maxSequentialSkipInIterations?: Integer64 | undefined;
  /** `max_successive_merges`, size_t, mutable. */
  maxSuccessiveMerges?: number | undefined;
  /**
   * `max_write_buffer_number`, int, mutable. How many memtables may be in memory before writes
   * wait. Default 2.
   */
  maxWriteBufferNumber?: number | undefined;
  /** `max_write_buffer_number_to_maintain`, int, fixed at open. */
  maxWriteBufferNumberToMaintain?: number | undefined;
  /** `max_write_buffer_size_to_maintain`, int64_t, fixed at open. */
  maxWriteBufferSizeToMaintain?: Integer64 | undefined;
  /** `memtable_factory`, object, fixed at open. */
  memtableFactory?: MemtableFactory | undefined;
  /** `memtable_huge_page_size`, size_t, mutable. */
  memtableHugePageSize?: number | undefined;
  /** `memtable_insert_with_hint_prefix_extractor`, object, fixed at open. */
  memtableInsertWithHintPrefixExtractor?: PrefixExtractor | undefined;
  /** `memtable_max_range_deletions`, uint32_t, mutable. */
  memtableMaxRangeDeletions?: number | undefined;
  /** `memtable_prefix_bloom_size_ratio`, double, mutable. */
  memtablePrefixBloomSizeRatio?: number | undefined;
  /** `memtable_protection_bytes_per_key`, uint32_t, mutable. */
  memtableProtectionBytesPerKey?: number | undefined;
  /** `memtable_whole_key_filtering`, bool, mutable. */
  memtableWholeKeyFiltering?: boolean | undefined;
  /**
   * `merge_operator`, object, fixed at open. What merge() does with an operand. Default none:
   * merge() is an error.
   */
  mergeOperator?: MergeOperator | undefined;
  /**
   * `min_blob_size`, uint64_t, mutable. Bytes from which a value goes to a blob file. Default 0.
   */
  minBlobSize?: Integer64 | undefined;
  /**
   * `min_write_buffer_number_to_merge`, int, fixed at open. How many full memtables one flush
   * joins. Default 1.
   */
  minWriteBufferNumberToMerge?: number | undefined;
  /** `num_levels`, int, fixed at open. How many levels the tree has. Default 7. */
  numLevels?: number | undefined;
  /** `optimize_filters_for_hits`, bool, fixed at open. */
  optimizeFiltersForHits?: boolean | undefined;
  /** `paranoid_file_checks`, bool, mutable. */
  paranoidFileChecks?: boolean | undefined;
  /** `paranoid_memory_checks`, bool, mutable. */
  paranoidMemoryChecks?: boolean | undefined;
  /** `periodic_compaction_seconds`, uint64_t, mutable. */
  periodicCompactionSeconds?: Integer64 | undefined;
  /** `persist_user_defined_timestamps`, bool, fixed at open. */
  persistUserDefinedTimestamps?: boolean | undefined;
  /**
   * `plain_table_factory`, object, fixed at open. Another table format, for small data in memory;
   * it needs a prefixExtractor.
   */
  plainTable?: PlainTableOptions | undefined;
  /** `preclude_last_level_data_seconds`, uint64_t, fixed at open. */
  precludeLastLevelDataSeconds?: Integer64 | undefined;
  /**
   * `prefix_extractor`, object, mutable. Part of a key that prefix filters and prefix seeks use,
   * such as 'fixed:8'. Default 'none'.
   */
  prefixExtractor?: PrefixExtractor | undefined;
  /** `prepopulate_blob_cache`, PrepopulateBlobCache, mutable. */
  prepopulateBlobCache?: PrepopulateBlobCache | undefined;
  /** `preserve_internal_time_seconds`, uint64_t, fixed at open. */
  preserveInternalTimeSeconds?: Integer64 | undefined;
  /** `report_bg_io_stats`, bool, mutable. */
  reportBgIoStats?: boolean | undefined;
  /** `sample_for_compression`, uint64_t, mutable. */
  sampleForCompression?: Integer64 | undefined;
  /** `soft_pending_compaction_bytes_limit`, uint64_t, mutable. */
  softPendingCompactionBytesLimit?: Integer64 | undefined;
  /**
   * `sst_partitioner_factory`, object, fixed at open. Where compactions begin a new table, such as
   * 'fixedPrefix:4'.
   */
  sstPartitionerFactory?: SstPartitionerText | undefined;
  /** `strict_max_successive_merges`, bool, mutable. */
  strictMaxSuccessiveMerges?: boolean | undefined;
  /** `target_file_size_base`, uint64_t, mutable. Bytes of a table in level 1. Default 67108864. */
  targetFileSizeBase?: Integer64 | undefined;
  /** `target_file_size_multiplier`, int, mutable. */
  targetFileSizeMultiplier?: number | undefined;
  /**
   * `ttl`, uint64_t, mutable. Seconds after which a table is compacted whatever its place. Default
   * 2^64-2: chosen by RocksDB.
   */
  ttl?: Integer64 | undefined;
  /** `uncache_aggressiveness`, uint32_t, mutable. */
  uncacheAggressiveness?: number | undefined;
  /**
   * `write_buffer_size`, size_t, mutable. Bytes a memtable holds before it is flushed to a table.
   * Default 67108864.
   */
  writeBufferSize?: number | undefined;
}

/** Each is a table option, given in blockBasedTable. */
export interface BlockBasedTableOptions extends TableObjects {
  /** `block_align`, bool, mutable. */
  blockAlign?: boolean | undefined;
  /**
   * `block_cache`, object, mutable. Bytes of a cache of its own, a Cache to share, or false for
   * none. Default 33554432.
   */
  blockCache?: CacheOption | undefined;
  /** `block_restart_interval`, int, mutable. */
  blockRestartInterval?: number | undefined;
  /** `block_size`, size_t, mutable. Uncompressed bytes of a data block. Default 4096. */
  blockSize?: number | undefined;
  /** `block_size_deviation`, int, mutable. */
  blockSizeDeviation?: number | undefined;
  /**
   * `cache_index_and_filter_blocks`, bool, mutable. Hold index and filter blocks in the block cache
   * rather than for ever. Default false.
   */
  cacheIndexAndFilterBlocks?: boolean | undefined;
  /** `cache_index_and_filter_blocks_with_high_priority`, bool, mutable. */
  cacheIndexAndFilterBlocksWithHighPriority?: boolean | undefined;
  /** `checksum`, ChecksumType, mutable. */
  checksum?: ChecksumType | undefined;
  /** `data_block_hash_table_util_ratio`, double, mutable. */
  dataBlockHashTableUtilRatio?: number | undefined;
  /** `data_block_index_type`, DataBlockIndexType, mutable. */
  dataBlockIndexType?: DataBlockIndexType | undefined;
  /** `decouple_partitioned_filters`, bool, mutable. */
  decouplePartitionedFilters?: boolean | undefined;
  /** `detect_filter_construct_corruption`, bool, mutable. */
  detectFilterConstructCorruption?: boolean | undefined;
  /** `enable_index_compression`, bool, mutable. */
  enableIndexCompression?: boolean | undefined;
  /**
   * `filter_policy`, object, mutable. Filter that spares reads of tables without the key, such as
   * 'bloom:10'. Default 'none'.
   */
  filterPolicy?: FilterPolicy | undefined;
  /**
   * `format_version`, uint32_t, mutable. Version of the table format, which older RocksDB may not
   * read. Default 6.
   */
  formatVersion?: number | undefined;
  /** `index_block_restart_interval`, int, mutable. */
  indexBlockRestartInterval?: number | undefined;
  /** `index_shortening`, IndexShorteningMode, mutable. */
  indexShortening?: IndexShorteningMode | undefined;
  /** `index_type`, IndexType, mutable. */
  indexType?: IndexType | undefined;
  /** `initial_auto_readahead_size`, size_t, mutable. */
  initialAutoReadaheadSize?: number | undefined;
  /** `max_auto_readahead_size`, size_t, mutable. */
  maxAutoReadaheadSize?: number | undefined;
  /** `metadata_block_size`, uint64_t, mutable. */
  metadataBlockSize?: Integer64 | undefined;
  /** `metadata_cache_options`, struct, mutable. */
  metadataCacheOptions?: MetadataCacheOptions | undefined;
  /** `no_block_cache`, bool, mutable. */
  noBlockCache?: boolean | undefined;
  /** `num_file_reads_for_auto_readahead`, uint64_t, mutable. */
  numFileReadsForAutoReadahead?: Integer64 | undefined;
  /** `optimize_filters_for_memory`, bool, mutable. */
  optimizeFiltersForMemory?: boolean | undefined;
  /** `partition_filters`, bool, mutable. */
  partitionFilters?: boolean | undefined;
  /** `pin_l0_filter_and_index_blocks_in_cache`, bool, mutable. */
  pinL0FilterAndIndexBlocksInCache?: boolean | undefined;
  /** `pin_top_level_index_and_filter`, bool, mutable. */
  pinTopLevelIndexAndFilter?: boolean | undefined;
  /** `prepopulate_block_cache`, PrepopulateBlockCache, mutable. */
  prepopulateBlockCache?: PrepopulateBlockCache | undefined;
  /** `read_amp_bytes_per_bit`, uint32_t, mutable. */
  readAmpBytesPerBit?: number | undefined;
  /** `use_delta_encoding`, bool, mutable. */
  useDeltaEncoding?: boolean | undefined;
  /** `verify_compression`, bool, mutable. */
  verifyCompression?: boolean | undefined;
  /**
   * `whole_key_filtering`, bool, mutable. Put whole keys into the filter, not only prefixes.
   * Default true.
   */
  wholeKeyFiltering?: boolean | undefined;
}

/** Each is a field of blockBasedTable.metadataCacheOptions. */
export interface MetadataCacheOptions {
  /** `partition_pinning`, PinningTier, mutable. */
  partitionPinning?: PinningTier | undefined;
  /** `top_level_index_pinning`, PinningTier, mutable. */
  topLevelIndexPinning?: PinningTier | undefined;
  /** `unpartitioned_pinning`, PinningTier, mutable. */
  unpartitionedPinning?: PinningTier | undefined;
}

/** Each is a field of plainTable. */
export interface PlainTableOptions {
  /** `bloom_bits_per_key`, int, mutable. */
  bloomBitsPerKey?: number | undefined;
  /** `encoding_type`, EncodingType, mutable. */
  encodingType?: EncodingType | undefined;
  /** `full_scan_mode`, bool, mutable. */
  fullScanMode?: boolean | undefined;
  /** `hash_table_ratio`, double, mutable. */
  hashTableRatio?: number | undefined;
  /** `huge_page_tlb_size`, size_t, mutable. */
  hugePageTlbSize?: number | undefined;
  /** `index_sparseness`, size_t, mutable. */
  indexSparseness?: number | undefined;
  /** `store_index_in_file`, bool, mutable. */
  storeIndexInFile?: boolean | undefined;
  /** `user_key_len`, uint32_t, mutable. */
  userKeyLen?: number | undefined;
}

/** Each is a field of cuckooTable. */
export interface CuckooTableOptions {
  /** `cuckoo_block_size`, uint32_t, mutable. */
  cuckooBlockSize?: number | undefined;
  /** `hash_table_ratio`, double, mutable. */
  hashTableRatio?: number | undefined;
  /** `identity_as_first_hash`, bool, mutable. */
  identityAsFirstHash?: boolean | undefined;
  /** `max_search_depth`, uint32_t, mutable. */
  maxSearchDepth?: number | undefined;
  /** `use_module_hash`, bool, mutable. */
  useModuleHash?: boolean | undefined;
}

/** Each is a field of compressionOpts. */
export interface CompressionOptions {
  /** `checksum`, bool, mutable. */
  checksum?: boolean | undefined;
  /** `enabled`, bool, mutable. */
  enabled?: boolean | undefined;
  /** `level`, int, mutable. */
  level?: number | undefined;
  /** `max_compressed_bytes_per_kb`, int, mutable. */
  maxCompressedBytesPerKb?: number | undefined;
  /** `max_dict_buffer_bytes`, uint64_t, mutable. */
  maxDictBufferBytes?: Integer64 | undefined;
  /** `max_dict_bytes`, int, mutable. */
  maxDictBytes?: number | undefined;
  /** `parallel_threads`, uint32_t, mutable. */
  parallelThreads?: number | undefined;
  /** `strategy`, int, mutable. */
  strategy?: number | undefined;
  /** `use_zstd_dict_trainer`, bool, mutable. */
  useZstdDictTrainer?: boolean | undefined;
  /** `window_bits`, int, mutable. */
  windowBits?: number | undefined;
  /** `zstd_max_train_bytes`, uint32_t, mutable. */
  zstdMaxTrainBytes?: number | undefined;
}

/** Each is a field of compactionOptionsUniversal. */
export interface CompactionOptionsUniversal {
  /** `allow_trivial_move`, bool, mutable. */
  allowTrivialMove?: boolean | undefined;
  /** `compression_size_percent`, int, mutable. */
  compressionSizePercent?: number | undefined;
  /** `incremental`, bool, mutable. */
  incremental?: boolean | undefined;
  /** `max_merge_width`, unsigned int, mutable. */
  maxMergeWidth?: number | undefined;
  /** `max_read_amp`, int, mutable. */
  maxReadAmp?: number | undefined;
  /** `max_size_amplification_percent`, unsigned int, mutable. */
  maxSizeAmplificationPercent?: number | undefined;
  /** `min_merge_width`, unsigned int, mutable. */
  minMergeWidth?: number | undefined;
  /** `size_ratio`, unsigned int, mutable. */
  sizeRatio?: number | undefined;
  /** `stop_style`, CompactionStopStyle, mutable. */
  stopStyle?: CompactionStopStyle | undefined;
}

/** Each is a field of compactionOptionsFifo. */
export interface CompactionOptionsFIFO {
  /** `age_for_warm`, uint64_t, mutable. */
  ageForWarm?: Integer64 | undefined;
  /** `allow_compaction`, bool, mutable. */
  allowCompaction?: boolean | undefined;
  /** `file_temperature_age_thresholds`, vector of struct, mutable. */
  fileTemperatureAgeThresholds?: FileTemperatureAge[] | undefined;
  /** `max_table_files_size`, uint64_t, mutable. */
  maxTableFilesSize?: Integer64 | undefined;
}

/** Each is a field of compactionOptionsFifo.fileTemperatureAgeThresholds. */
export interface FileTemperatureAge {
  /** `age`, uint64_t, mutable. */
  age?: Integer64 | undefined;
  /** `temperature`, Temperature, mutable. */
  temperature?: Temperature | undefined;
}

const DEPRECATED = 'RocksDB accepts it for old files and ignores it';

/** Names of values and built-in objects: the friendly form first, then what RocksDB calls it. */
export const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Comparator: {
    bytewise: 'leveldb.BytewiseComparator',
    bytewiseU64Ts: 'leveldb.BytewiseComparator.u64ts',
    reverseBytewise: 'rocksdb.ReverseBytewiseComparator',
    reverseBytewiseU64Ts: 'rocksdb.ReverseBytewiseComparator.u64ts',
  },
  MergeOperator: {
    stringappend: 'StringAppendOperator',
    stringappendtest: 'StringAppendTESTOperator',
    sortlist: 'MergeSortOperator',
    bytesxor: 'BytesXOR',
    uint64add: 'UInt64AddOperator',
    max: 'MaxOperator',
    put: 'PutOperator',
    put_v1: 'put_v1',
  },
  MemtableFactory: {
    vector: 'VectorRepFactory',
    skipList: 'SkipListFactory',
    skip_list: 'SkipListFactory',
    hashLinkedlist: 'HashLinkListRepFactory',
    hash_linkedlist: 'HashLinkListRepFactory',
    prefixHash: 'HashSkipListRepFactory',
    prefix_hash: 'HashSkipListRepFactory',
  },
  FileChecksumGenFactory: { crc32c: 'FileChecksumGenCrc32cFactory' },
  CacheTier: {
    volatile: 'kVolatileTier',
    volatileCompressed: 'kVolatileCompressedTier',
    nonVolatileBlock: 'kNonVolatileBlockTier',
  },
  ChecksumType: {
    none: 'kNoChecksum',
    crc32c: 'kCRC32c',
    xxHash: 'kxxHash',
    xxHash64: 'kxxHash64',
    xxh3: 'kXXH3',
  },
  CompactionPri: {
    byCompensatedSize: 'kByCompensatedSize',
    oldestLargestSeqFirst: 'kOldestLargestSeqFirst',
    oldestSmallestSeqFirst: 'kOldestSmallestSeqFirst',
    minOverlappingRatio: 'kMinOverlappingRatio',
    roundRobin: 'kRoundRobin',
  },
  CompactionStopStyle: {
    similarSize: 'kCompactionStopStyleSimilarSize',
    totalSize: 'kCompactionStopStyleTotalSize',
  },
  CompactionStyle: {
    level: 'kCompactionStyleLevel',
    universal: 'kCompactionStyleUniversal',
    fifo: 'kCompactionStyleFIFO',
    none: 'kCompactionStyleNone',
  },
  CompressionType: {
    none: 'kNoCompression',
    snappy: 'kSnappyCompression',
    zlib: 'kZlibCompression',
    bzip2: 'kBZip2Compression',
    lz4: 'kLZ4Compression',
    lz4hc: 'kLZ4HCCompression',
    xpress: 'kXpressCompression',
    zstd: 'kZSTD',
    zstdNotFinal: 'kZSTDNotFinalCompression',
    disableCompressionOption: 'kDisableCompressionOption',
  },
  DataBlockIndexType: {
    binarySearch: 'kDataBlockBinarySearch',
    binaryAndHash: 'kDataBlockBinaryAndHash',
  },
  EncodingType: { plain: 'kPlain', prefix: 'kPrefix' },
  IndexShorteningMode: {
    noShortening: 'kNoShortening',
    shortenSeparators: 'kShortenSeparators',
    shortenSeparatorsAndSuccessor: 'kShortenSeparatorsAndSuccessor',
  },
  IndexType: {
    binarySearch: 'kBinarySearch',
    hashSearch: 'kHashSearch',
    twoLevelIndexSearch: 'kTwoLevelIndexSearch',
    binarySearchWithFirstKey: 'kBinarySearchWithFirstKey',
  },
  InfoLogLevel: {
    debug: 'DEBUG_LEVEL',
    info: 'INFO_LEVEL',
    warn: 'WARN_LEVEL',
    error: 'ERROR_LEVEL',
    fatal: 'FATAL_LEVEL',
    header: 'HEADER_LEVEL',
  },
  PinningTier: {
    fallback: 'kFallback',
    none: 'kNone',
    flushedAndSimilar: 'kFlushedAndSimilar',
    all: 'kAll',
  },
  PrepopulateBlobCache: { disable: 'kDisable', flushOnly: 'kFlushOnly' },
  PrepopulateBlockCache: { disable: 'kDisable', flushOnly: 'kFlushOnly' },
  Temperature: { unknown: 'kUnknown', hot: 'kHot', warm: 'kWarm', cold: 'kCold' },
  WALRecoveryMode: {
    tolerateCorruptedTailRecords: 'kTolerateCorruptedTailRecords',
    absoluteConsistency: 'kAbsoluteConsistency',
    pointInTimeRecovery: 'kPointInTimeRecovery',
    skipAnyCorruptedRecords: 'kSkipAnyCorruptedRecords',
  },
};

/** Every option, by group and camelCase name; what is left out, by RocksDB's name, and why. */
export const GROUPS: Readonly<Record<OptionGroup, GroupInfo>> = {
  db: {
    title: 'a database option',
    options: {
      adviseRandomOnOpen: { snake: 'advise_random_on_open', type: 'boolean' },
      allow2pc: { snake: 'allow_2pc', type: 'boolean' },
      allowConcurrentMemtableWrite: { snake: 'allow_concurrent_memtable_write', type: 'boolean' },
      allowDataInErrors: { snake: 'allow_data_in_errors', type: 'boolean' },
      allowFallocate: { snake: 'allow_fallocate', type: 'boolean' },
      allowIngestBehind: { snake: 'allow_ingest_behind', type: 'boolean' },
      allowMmapReads: { snake: 'allow_mmap_reads', type: 'boolean' },
      allowMmapWrites: { snake: 'allow_mmap_writes', type: 'boolean' },
      atomicFlush: { snake: 'atomic_flush', type: 'boolean' },
      avoidFlushDuringRecovery: { snake: 'avoid_flush_during_recovery', type: 'boolean' },
      avoidFlushDuringShutdown: {
        snake: 'avoid_flush_during_shutdown',
        type: 'boolean',
        mutable: true,
      },
      avoidUnnecessaryBlockingIo: { snake: 'avoid_unnecessary_blocking_io', type: 'boolean' },
      backgroundCloseInactiveWals: { snake: 'background_close_inactive_wals', type: 'boolean' },
      bestEffortsRecovery: { snake: 'best_efforts_recovery', type: 'boolean' },
      bgerrorResumeRetryInterval: { snake: 'bgerror_resume_retry_interval', type: 'uint64' },
      bytesPerSync: { snake: 'bytes_per_sync', type: 'uint64', mutable: true },
      compactionReadaheadSize: { snake: 'compaction_readahead_size', type: 'size', mutable: true },
      compactionVerifyRecordCount: { snake: 'compaction_verify_record_count', type: 'boolean' },
      createIfMissing: { snake: 'create_if_missing', type: 'boolean' },
      createMissingColumnFamilies: { snake: 'create_missing_column_families', type: 'boolean' },
      dailyOffpeakTimeUtc: { snake: 'daily_offpeak_time_utc', type: 'string', mutable: true },
      dbHostId: { snake: 'db_host_id', type: 'string' },
      dbLogDir: { snake: 'db_log_dir', type: 'string' },
      dbWriteBufferSize: { snake: 'db_write_buffer_size', type: 'size' },
      delayedWriteRate: { snake: 'delayed_write_rate', type: 'uint64', mutable: true },
      deleteObsoleteFilesPeriodMicros: {
        snake: 'delete_obsolete_files_period_micros',
        type: 'uint64',
        mutable: true,
      },
      dumpMallocStats: { snake: 'dump_malloc_stats', type: 'boolean' },
      enablePipelinedWrite: { snake: 'enable_pipelined_write', type: 'boolean' },
      enableThreadTracking: { snake: 'enable_thread_tracking', type: 'boolean' },
      enableWriteThreadAdaptiveYield: {
        snake: 'enable_write_thread_adaptive_yield',
        type: 'boolean',
      },
      enforceSingleDelContracts: { snake: 'enforce_single_del_contracts', type: 'boolean' },
      errorIfExists: { snake: 'error_if_exists', type: 'boolean' },
      failIfOptionsFileError: { snake: 'fail_if_options_file_error', type: 'boolean' },
      fileChecksumGenFactory: {
        snake: 'file_checksum_gen_factory',
        type: 'object',
        of: 'FileChecksumGenFactory',
      },
      flushVerifyMemtableCount: { snake: 'flush_verify_memtable_count', type: 'boolean' },
      followerCatchupRetryCount: { snake: 'follower_catchup_retry_count', type: 'uint64' },
      followerCatchupRetryWaitMs: { snake: 'follower_catchup_retry_wait_ms', type: 'uint64' },
      followerRefreshCatchupPeriodMs: {
        snake: 'follower_refresh_catchup_period_ms',
        type: 'uint64',
      },
      infoLogLevel: { snake: 'info_log_level', type: 'enum', of: 'InfoLogLevel' },
      isFdCloseOnExec: { snake: 'is_fd_close_on_exec', type: 'boolean' },
      keepLogFileNum: { snake: 'keep_log_file_num', type: 'size' },
      logFileTimeToRoll: { snake: 'log_file_time_to_roll', type: 'size' },
      logReadaheadSize: { snake: 'log_readahead_size', type: 'size' },
      lowestUsedCacheTier: { snake: 'lowest_used_cache_tier', type: 'enum', of: 'CacheTier' },
      manifestPreallocationSize: { snake: 'manifest_preallocation_size', type: 'size' },
      manualWalFlush: { snake: 'manual_wal_flush', type: 'boolean' },
      maxBackgroundCompactions: {
        snake: 'max_background_compactions',
        type: 'int32',
        mutable: true,
      },
      maxBackgroundFlushes: { snake: 'max_background_flushes', type: 'int32', mutable: true },
      maxBackgroundJobs: { snake: 'max_background_jobs', type: 'int32', mutable: true },
      maxBgerrorResumeCount: { snake: 'max_bgerror_resume_count', type: 'int32' },
      maxFileOpeningThreads: { snake: 'max_file_opening_threads', type: 'int32' },
      maxLogFileSize: { snake: 'max_log_file_size', type: 'size' },
      maxManifestFileSize: { snake: 'max_manifest_file_size', type: 'uint64' },
      maxOpenFiles: { snake: 'max_open_files', type: 'int32', mutable: true },
      maxSubcompactions: { snake: 'max_subcompactions', type: 'uint32', mutable: true },
      maxTotalWalSize: { snake: 'max_total_wal_size', type: 'uint64', mutable: true },
      maxWriteBatchGroupSizeBytes: { snake: 'max_write_batch_group_size_bytes', type: 'uint64' },
      metadataWriteTemperature: {
        snake: 'metadata_write_temperature',
        type: 'enum',
        of: 'Temperature',
      },
      paranoidChecks: { snake: 'paranoid_checks', type: 'boolean' },
      persistStatsToDisk: { snake: 'persist_stats_to_disk', type: 'boolean' },
      prefixSeekOptInOnly: { snake: 'prefix_seek_opt_in_only', type: 'boolean' },
      randomAccessMaxBufferSize: { snake: 'random_access_max_buffer_size', type: 'size' },
      rateLimiterBytesPerSec: { snake: 'rate_limiter_bytes_per_sec', type: 'int64' },
      recycleLogFileNum: { snake: 'recycle_log_file_num', type: 'size' },
      skipCheckingSstFileSizesOnDbOpen: {
        snake: 'skip_checking_sst_file_sizes_on_db_open',
        type: 'boolean',
      },
      skipStatsUpdateOnDbOpen: { snake: 'skip_stats_update_on_db_open', type: 'boolean' },
      statsDumpPeriodSec: { snake: 'stats_dump_period_sec', type: 'uint32', mutable: true },
      statsHistoryBufferSize: { snake: 'stats_history_buffer_size', type: 'size', mutable: true },
      statsPersistPeriodSec: { snake: 'stats_persist_period_sec', type: 'uint32', mutable: true },
      strictBytesPerSync: { snake: 'strict_bytes_per_sync', type: 'boolean', mutable: true },
      tableCacheNumshardbits: { snake: 'table_cache_numshardbits', type: 'int32' },
      trackAndVerifyWalsInManifest: { snake: 'track_and_verify_wals_in_manifest', type: 'boolean' },
      twoWriteQueues: { snake: 'two_write_queues', type: 'boolean' },
      unorderedWrite: { snake: 'unordered_write', type: 'boolean' },
      useAdaptiveMutex: { snake: 'use_adaptive_mutex', type: 'boolean' },
      useDirectIoForFlushAndCompaction: {
        snake: 'use_direct_io_for_flush_and_compaction',
        type: 'boolean',
      },
      useDirectReads: { snake: 'use_direct_reads', type: 'boolean' },
      useFsync: { snake: 'use_fsync', type: 'boolean' },
      verifySstUniqueIdInManifest: { snake: 'verify_sst_unique_id_in_manifest', type: 'boolean' },
      walBytesPerSync: { snake: 'wal_bytes_per_sync', type: 'uint64', mutable: true },
      walCompression: { snake: 'wal_compression', type: 'enum', of: 'CompressionType' },
      walDir: { snake: 'wal_dir', type: 'string' },
      walRecoveryMode: { snake: 'wal_recovery_mode', type: 'enum', of: 'WALRecoveryMode' },
      walSizeLimitMB: { snake: 'WAL_size_limit_MB', type: 'uint64' },
      walTtlSeconds: { snake: 'WAL_ttl_seconds', type: 'uint64' },
      walWriteTemperature: { snake: 'wal_write_temperature', type: 'enum', of: 'Temperature' },
      writableFileMaxBufferSize: {
        snake: 'writable_file_max_buffer_size',
        type: 'size',
        mutable: true,
      },
      writeDbidToManifest: { snake: 'write_dbid_to_manifest', type: 'boolean' },
      writeIdentityFile: { snake: 'write_identity_file', type: 'boolean' },
      writeThreadMaxYieldUsec: { snake: 'write_thread_max_yield_usec', type: 'uint64' },
      writeThreadSlowYieldUsec: { snake: 'write_thread_slow_yield_usec', type: 'uint64' },
    },
    leftOut: {
      access_hint_on_compaction_start: DEPRECATED,
      allow_os_buffer: DEPRECATED,
      base_background_compactions: DEPRECATED,
      concurrent_prepare: DEPRECATED,
      disableDataSync: DEPRECATED,
      disable_data_sync: DEPRECATED,
      env: 'the engine brings its own Env',
      experimental_allow_mempurge: DEPRECATED,
      experimental_mempurge_policy: DEPRECATED,
      experimental_mempurge_threshold: DEPRECATED,
      listeners: 'they are callbacks, not an option string',
      new_table_reader_for_compaction_inputs: DEPRECATED,
      preserve_deletes: DEPRECATED,
      rate_limiter: DEPRECATED,
      seq_per_batch: DEPRECATED,
      skip_log_error_on_recovery: DEPRECATED,
      statistics: 'it is an object, held by pointer',
      use_direct_writes: DEPRECATED,
      wal_filter: 'it is a C++ object',
    },
  },
  columnFamily: {
    title: 'a column-family option',
    options: {
      arenaBlockSize: { snake: 'arena_block_size', type: 'size', mutable: true },
      blobCache: { snake: 'blob_cache', type: 'cache' },
      blobCompactionReadaheadSize: {
        snake: 'blob_compaction_readahead_size',
        type: 'uint64',
        mutable: true,
      },
      blobCompressionType: {
        snake: 'blob_compression_type',
        type: 'enum',
        of: 'CompressionType',
        mutable: true,
      },
      blobFileSize: { snake: 'blob_file_size', type: 'uint64', mutable: true },
      blobFileStartingLevel: { snake: 'blob_file_starting_level', type: 'int32', mutable: true },
      blobGarbageCollectionAgeCutoff: {
        snake: 'blob_garbage_collection_age_cutoff',
        type: 'double',
        mutable: true,
      },
      blobGarbageCollectionForceThreshold: {
        snake: 'blob_garbage_collection_force_threshold',
        type: 'double',
        mutable: true,
      },
      blockBasedTable: {
        snake: 'block_based_table_factory',
        type: 'struct',
        of: 'blockBasedTable',
        mutable: true,
      },
      blockProtectionBytesPerKey: {
        snake: 'block_protection_bytes_per_key',
        type: 'uint8',
        mutable: true,
      },
      bloomLocality: { snake: 'bloom_locality', type: 'uint32' },
      bottommostCompression: {
        snake: 'bottommost_compression',
        type: 'enum',
        of: 'CompressionType',
        mutable: true,
      },
      bottommostCompressionOpts: {
        snake: 'bottommost_compression_opts',
        type: 'struct',
        of: 'compression',
        mutable: true,
      },
      bottommostFileCompactionDelay: {
        snake: 'bottommost_file_compaction_delay',
        type: 'uint32',
        mutable: true,
      },
      compactOnDeletion: { snake: 'table_properties_collectors', type: 'compactOnDeletion' },
      compactionOptionsFifo: {
        snake: 'compaction_options_fifo',
        type: 'struct',
        of: 'fifo',
        mutable: true,
      },
      compactionOptionsUniversal: {
        snake: 'compaction_options_universal',
        type: 'struct',
        of: 'universal',
        mutable: true,
      },
      compactionPri: { snake: 'compaction_pri', type: 'enum', of: 'CompactionPri' },
      compactionStyle: { snake: 'compaction_style', type: 'enum', of: 'CompactionStyle' },
      comparator: { snake: 'comparator', type: 'object', of: 'Comparator' },
      compression: { snake: 'compression', type: 'enum', of: 'CompressionType', mutable: true },
      compressionOpts: {
        snake: 'compression_opts',
        type: 'struct',
        of: 'compression',
        mutable: true,
      },
      compressionPerLevel: {
        snake: 'compression_per_level',
        type: 'enum',
        of: 'CompressionType',
        array: true,
        mutable: true,
      },
      cuckooTable: { snake: 'table_factory', type: 'struct', of: 'cuckooTable' },
      defaultTemperature: { snake: 'default_temperature', type: 'enum', of: 'Temperature' },
      defaultWriteTemperature: {
        snake: 'default_write_temperature',
        type: 'enum',
        of: 'Temperature',
        mutable: true,
      },
      disableAutoCompactions: { snake: 'disable_auto_compactions', type: 'boolean', mutable: true },
      enableBlobFiles: { snake: 'enable_blob_files', type: 'boolean', mutable: true },
      enableBlobGarbageCollection: {
        snake: 'enable_blob_garbage_collection',
        type: 'boolean',
        mutable: true,
      },
      experimentalMempurgeThreshold: {
        snake: 'experimental_mempurge_threshold',
        type: 'double',
        mutable: true,
      },
      forceConsistencyChecks: { snake: 'force_consistency_checks', type: 'boolean' },
      hardPendingCompactionBytesLimit: {
        snake: 'hard_pending_compaction_bytes_limit',
        type: 'uint64',
        mutable: true,
      },
      inplaceUpdateNumLocks: { snake: 'inplace_update_num_locks', type: 'size', mutable: true },
      inplaceUpdateSupport: { snake: 'inplace_update_support', type: 'boolean' },
      lastLevelTemperature: {
        snake: 'last_level_temperature',
        type: 'enum',
        of: 'Temperature',
        mutable: true,
      },
      level0FileNumCompactionTrigger: {
        snake: 'level0_file_num_compaction_trigger',
        type: 'int32',
        mutable: true,
      },
      level0SlowdownWritesTrigger: {
        snake: 'level0_slowdown_writes_trigger',
        type: 'int32',
        mutable: true,
      },
      level0StopWritesTrigger: {
        snake: 'level0_stop_writes_trigger',
        type: 'int32',
        mutable: true,
      },
      levelCompactionDynamicLevelBytes: {
        snake: 'level_compaction_dynamic_level_bytes',
        type: 'boolean',
      },
      maxBytesForLevelBase: { snake: 'max_bytes_for_level_base', type: 'uint64', mutable: true },
      maxBytesForLevelMultiplier: {
        snake: 'max_bytes_for_level_multiplier',
        type: 'double',
        mutable: true,
      },
      maxBytesForLevelMultiplierAdditional: {
        snake: 'max_bytes_for_level_multiplier_additional',
        type: 'int32',
        array: true,
        mutable: true,
      },
      maxCompactionBytes: { snake: 'max_compaction_bytes', type: 'uint64', mutable: true },
      maxSequentialSkipInIterations: {
        snake: 'max_sequential_skip_in_iterations',
        type: 'uint64',
        mutable: true,
      },
      maxSuccessiveMerges: { snake: 'max_successive_merges', type: 'size', mutable: true },
      maxWriteBufferNumber: { snake: 'max_write_buffer_number', type: 'int32', mutable: true },
      maxWriteBufferNumberToMaintain: {
        snake: 'max_write_buffer_number_to_maintain',
        type: 'int32',
      },
      maxWriteBufferSizeToMaintain: { snake: 'max_write_buffer_size_to_maintain', type: 'int64' },
      memtableFactory: {
        snake: 'memtable_factory',
        type: 'memtableFactory',
        of: 'MemtableFactory',
      },
      memtableHugePageSize: { snake: 'memtable_huge_page_size', type: 'size', mutable: true },
      memtableInsertWithHintPrefixExtractor: {
        snake: 'memtable_insert_with_hint_prefix_extractor',
        type: 'prefixExtractor',
      },
      memtableMaxRangeDeletions: {
        snake: 'memtable_max_range_deletions',
        type: 'uint32',
        mutable: true,
      },
      memtablePrefixBloomSizeRatio: {
        snake: 'memtable_prefix_bloom_size_ratio',
        type: 'double',
        mutable: true,
      },
      memtableProtectionBytesPerKey: {
        snake: 'memtable_protection_bytes_per_key',
        type: 'uint32',
        mutable: true,
      },
      memtableWholeKeyFiltering: {
        snake: 'memtable_whole_key_filtering',
        type: 'boolean',
        mutable: true,
      },
      mergeOperator: { snake: 'merge_operator', type: 'mergeOperator', of: 'MergeOperator' },
      minBlobSize: { snake: 'min_blob_size', type: 'uint64', mutable: true },
      minWriteBufferNumberToMerge: { snake: 'min_write_buffer_number_to_merge', type: 'int32' },
      numLevels: { snake: 'num_levels', type: 'int32' },
      optimizeFiltersForHits: { snake: 'optimize_filters_for_hits', type: 'boolean' },
      paranoidFileChecks: { snake: 'paranoid_file_checks', type: 'boolean', mutable: true },
      paranoidMemoryChecks: { snake: 'paranoid_memory_checks', type: 'boolean', mutable: true },
      periodicCompactionSeconds: {
        snake: 'periodic_compaction_seconds',
        type: 'uint64',
        mutable: true,
      },
      persistUserDefinedTimestamps: { snake: 'persist_user_defined_timestamps', type: 'boolean' },
      plainTable: { snake: 'plain_table_factory', type: 'struct', of: 'plainTable' },
      precludeLastLevelDataSeconds: { snake: 'preclude_last_level_data_seconds', type: 'uint64' },
      prefixExtractor: { snake: 'prefix_extractor', type: 'prefixExtractor', mutable: true },
      prepopulateBlobCache: {
        snake: 'prepopulate_blob_cache',
        type: 'enum',
        of: 'PrepopulateBlobCache',
        mutable: true,
      },
      preserveInternalTimeSeconds: { snake: 'preserve_internal_time_seconds', type: 'uint64' },
      reportBgIoStats: { snake: 'report_bg_io_stats', type: 'boolean', mutable: true },
      sampleForCompression: { snake: 'sample_for_compression', type: 'uint64', mutable: true },
      softPendingCompactionBytesLimit: {
        snake: 'soft_pending_compaction_bytes_limit',
        type: 'uint64',
        mutable: true,
      },
      sstPartitionerFactory: { snake: 'sst_partitioner_factory', type: 'sstPartitioner' },
      strictMaxSuccessiveMerges: {
        snake: 'strict_max_successive_merges',
        type: 'boolean',
        mutable: true,
      },
      targetFileSizeBase: { snake: 'target_file_size_base', type: 'uint64', mutable: true },
      targetFileSizeMultiplier: {
        snake: 'target_file_size_multiplier',
        type: 'int32',
        mutable: true,
      },
      ttl: { snake: 'ttl', type: 'uint64', mutable: true },
      uncacheAggressiveness: { snake: 'uncache_aggressiveness', type: 'uint32', mutable: true },
      writeBufferSize: { snake: 'write_buffer_size', type: 'size', mutable: true },
    },
    leftOut: {
      bottommost_temperature: DEPRECATED,
      check_flush_compaction_key_order: DEPRECATED,
      compaction_filter: 'it is a callback, not an option string',
      compaction_filter_factory: 'it is a callback, not an option string',
      compaction_measure_io_stats: DEPRECATED,
      expanded_compaction_factor: DEPRECATED,
      filter_deletes: DEPRECATED,
      hard_rate_limit: DEPRECATED,
      ignore_max_compaction_bytes_for_input: DEPRECATED,
      level_compaction_dynamic_file_size: DEPRECATED,
      max_grandparent_overlap_factor: DEPRECATED,
      max_mem_compaction_level: DEPRECATED,
      memtable: 'it is another name for memtableFactory',
      memtable_prefix_bloom_bits: DEPRECATED,
      memtable_prefix_bloom_huge_page_tlb_size: DEPRECATED,
      memtable_prefix_bloom_probes: DEPRECATED,
      min_partial_merge_operands: DEPRECATED,
      purge_redundant_kvs_while_flush: DEPRECATED,
      rate_limit_delay_max_milliseconds: DEPRECATED,
      snap_refresh_nanos: DEPRECATED,
      soft_rate_limit: DEPRECATED,
      source_compaction_factor: DEPRECATED,
      table_factory: 'its formats are options of their own: use blockBasedTable',
      verify_checksums_in_compaction: DEPRECATED,
    },
  },
  blockBasedTable: {
    title: 'a table option, given in blockBasedTable',
    options: {
      blockAlign: { snake: 'block_align', type: 'boolean', mutable: true },
      blockCache: { snake: 'block_cache', type: 'cache', mutable: true },
      blockRestartInterval: { snake: 'block_restart_interval', type: 'int32', mutable: true },
      blockSize: { snake: 'block_size', type: 'size', mutable: true },
      blockSizeDeviation: { snake: 'block_size_deviation', type: 'int32', mutable: true },
      cacheIndexAndFilterBlocks: {
        snake: 'cache_index_and_filter_blocks',
        type: 'boolean',
        mutable: true,
      },
      cacheIndexAndFilterBlocksWithHighPriority: {
        snake: 'cache_index_and_filter_blocks_with_high_priority',
        type: 'boolean',
        mutable: true,
      },
      checksum: { snake: 'checksum', type: 'enum', of: 'ChecksumType', mutable: true },
      dataBlockHashTableUtilRatio: {
        snake: 'data_block_hash_table_util_ratio',
        type: 'double',
        mutable: true,
      },
      dataBlockIndexType: {
        snake: 'data_block_index_type',
        type: 'enum',
        of: 'DataBlockIndexType',
        mutable: true,
      },
      decouplePartitionedFilters: {
        snake: 'decouple_partitioned_filters',
        type: 'boolean',
        mutable: true,
      },
      detectFilterConstructCorruption: {
        snake: 'detect_filter_construct_corruption',
        type: 'boolean',
        mutable: true,
      },
      enableIndexCompression: { snake: 'enable_index_compression', type: 'boolean', mutable: true },
      filterPolicy: { snake: 'filter_policy', type: 'filterPolicy', mutable: true },
      formatVersion: { snake: 'format_version', type: 'uint32', mutable: true },
      indexBlockRestartInterval: {
        snake: 'index_block_restart_interval',
        type: 'int32',
        mutable: true,
      },
      indexShortening: {
        snake: 'index_shortening',
        type: 'enum',
        of: 'IndexShorteningMode',
        mutable: true,
      },
      indexType: { snake: 'index_type', type: 'enum', of: 'IndexType', mutable: true },
      initialAutoReadaheadSize: {
        snake: 'initial_auto_readahead_size',
        type: 'size',
        mutable: true,
      },
      maxAutoReadaheadSize: { snake: 'max_auto_readahead_size', type: 'size', mutable: true },
      metadataBlockSize: { snake: 'metadata_block_size', type: 'uint64', mutable: true },
      metadataCacheOptions: {
        snake: 'metadata_cache_options',
        type: 'struct',
        of: 'metadataCache',
        mutable: true,
      },
      noBlockCache: { snake: 'no_block_cache', type: 'boolean', mutable: true },
      numFileReadsForAutoReadahead: {
        snake: 'num_file_reads_for_auto_readahead',
        type: 'uint64',
        mutable: true,
      },
      optimizeFiltersForMemory: {
        snake: 'optimize_filters_for_memory',
        type: 'boolean',
        mutable: true,
      },
      partitionFilters: { snake: 'partition_filters', type: 'boolean', mutable: true },
      pinL0FilterAndIndexBlocksInCache: {
        snake: 'pin_l0_filter_and_index_blocks_in_cache',
        type: 'boolean',
        mutable: true,
      },
      pinTopLevelIndexAndFilter: {
        snake: 'pin_top_level_index_and_filter',
        type: 'boolean',
        mutable: true,
      },
      prepopulateBlockCache: {
        snake: 'prepopulate_block_cache',
        type: 'enum',
        of: 'PrepopulateBlockCache',
        mutable: true,
      },
      readAmpBytesPerBit: { snake: 'read_amp_bytes_per_bit', type: 'uint32', mutable: true },
      useDeltaEncoding: { snake: 'use_delta_encoding', type: 'boolean', mutable: true },
      verifyCompression: { snake: 'verify_compression', type: 'boolean', mutable: true },
      wholeKeyFiltering: { snake: 'whole_key_filtering', type: 'boolean', mutable: true },
    },
    leftOut: {
      block_cache_compressed: DEPRECATED,
      flush_block_policy_factory: 'it is a C++ object; blockSize decides',
      hash_index_allow_collision: DEPRECATED,
      index_per_partition: DEPRECATED,
      reserve_table_builder_memory: DEPRECATED,
      reserve_table_reader_memory: DEPRECATED,
      skip_table_builder_flush: DEPRECATED,
    },
  },
  metadataCache: {
    title: 'a field of blockBasedTable.metadataCacheOptions',
    options: {
      partitionPinning: {
        snake: 'partition_pinning',
        type: 'enum',
        of: 'PinningTier',
        mutable: true,
      },
      topLevelIndexPinning: {
        snake: 'top_level_index_pinning',
        type: 'enum',
        of: 'PinningTier',
        mutable: true,
      },
      unpartitionedPinning: {
        snake: 'unpartitioned_pinning',
        type: 'enum',
        of: 'PinningTier',
        mutable: true,
      },
    },
    leftOut: {},
  },
  plainTable: {
    title: 'a field of plainTable',
    options: {
      bloomBitsPerKey: { snake: 'bloom_bits_per_key', type: 'int32', mutable: true },
      encodingType: { snake: 'encoding_type', type: 'enum', of: 'EncodingType', mutable: true },
      fullScanMode: { snake: 'full_scan_mode', type: 'boolean', mutable: true },
      hashTableRatio: { snake: 'hash_table_ratio', type: 'double', mutable: true },
      hugePageTlbSize: { snake: 'huge_page_tlb_size', type: 'size', mutable: true },
      indexSparseness: { snake: 'index_sparseness', type: 'size', mutable: true },
      storeIndexInFile: { snake: 'store_index_in_file', type: 'boolean', mutable: true },
      userKeyLen: { snake: 'user_key_len', type: 'uint32', mutable: true },
    },
    leftOut: {},
  },
  cuckooTable: {
    title: 'a field of cuckooTable',
    options: {
      cuckooBlockSize: { snake: 'cuckoo_block_size', type: 'uint32', mutable: true },
      hashTableRatio: { snake: 'hash_table_ratio', type: 'double', mutable: true },
      identityAsFirstHash: { snake: 'identity_as_first_hash', type: 'boolean', mutable: true },
      maxSearchDepth: { snake: 'max_search_depth', type: 'uint32', mutable: true },
      useModuleHash: { snake: 'use_module_hash', type: 'boolean', mutable: true },
    },
    leftOut: {},
  },
  compression: {
    title: 'a field of compressionOpts',
    options: {
      checksum: { snake: 'checksum', type: 'boolean', mutable: true },
      enabled: { snake: 'enabled', type: 'boolean', mutable: true },
      level: { snake: 'level', type: 'int32', mutable: true },
      maxCompressedBytesPerKb: {
        snake: 'max_compressed_bytes_per_kb',
        type: 'int32',
        mutable: true,
      },
      maxDictBufferBytes: { snake: 'max_dict_buffer_bytes', type: 'uint64', mutable: true },
      maxDictBytes: { snake: 'max_dict_bytes', type: 'int32', mutable: true },
      parallelThreads: { snake: 'parallel_threads', type: 'uint32', mutable: true },
      strategy: { snake: 'strategy', type: 'int32', mutable: true },
      useZstdDictTrainer: { snake: 'use_zstd_dict_trainer', type: 'boolean', mutable: true },
      windowBits: { snake: 'window_bits', type: 'int32', mutable: true },
      zstdMaxTrainBytes: { snake: 'zstd_max_train_bytes', type: 'uint32', mutable: true },
    },
    leftOut: {},
  },
  universal: {
    title: 'a field of compactionOptionsUniversal',
    options: {
      allowTrivialMove: { snake: 'allow_trivial_move', type: 'boolean', mutable: true },
      compressionSizePercent: { snake: 'compression_size_percent', type: 'int32', mutable: true },
      incremental: { snake: 'incremental', type: 'boolean', mutable: true },
      maxMergeWidth: { snake: 'max_merge_width', type: 'uint32', mutable: true },
      maxReadAmp: { snake: 'max_read_amp', type: 'int32', mutable: true },
      maxSizeAmplificationPercent: {
        snake: 'max_size_amplification_percent',
        type: 'uint32',
        mutable: true,
      },
      minMergeWidth: { snake: 'min_merge_width', type: 'uint32', mutable: true },
      sizeRatio: { snake: 'size_ratio', type: 'uint32', mutable: true },
      stopStyle: { snake: 'stop_style', type: 'enum', of: 'CompactionStopStyle', mutable: true },
    },
    leftOut: {},
  },
  fifo: {
    title: 'a field of compactionOptionsFifo',
    options: {
      ageForWarm: { snake: 'age_for_warm', type: 'uint64', mutable: true },
      allowCompaction: { snake: 'allow_compaction', type: 'boolean', mutable: true },
      fileTemperatureAgeThresholds: {
        snake: 'file_temperature_age_thresholds',
        type: 'struct',
        of: 'temperatureAge',
        array: true,
        mutable: true,
      },
      maxTableFilesSize: { snake: 'max_table_files_size', type: 'uint64', mutable: true },
    },
    leftOut: {
      ttl: DEPRECATED,
    },
  },
  temperatureAge: {
    title: 'a field of compactionOptionsFifo.fileTemperatureAgeThresholds',
    options: {
      age: { snake: 'age', type: 'uint64', mutable: true },
      temperature: { snake: 'temperature', type: 'enum', of: 'Temperature', mutable: true },
    },
    leftOut: {},
  },
};

/** An option with a plausible value, as formatDBOptions and the like take it. */
export interface OptionSample {
  readonly group: 'db' | 'columnFamily';
  readonly path: string;
  readonly options: Record<string, unknown>;
}

const SAMPLE_BY_TYPE: Readonly<Record<string, unknown>> = {
  boolean: true,
  int32: 2,
  int64: 1048576n,
  uint8: 1,
  uint32: 1,
  uint64: 1048576n,
  size: 65536,
  double: 0.5,
  string: '/some/folder',
  object: 'reverseBytewise',
  mergeOperator: { type: 'stringappend', delimiter: '|' },
  memtableFactory: 'skipList:4',
  prefixExtractor: 'fixed:8',
  filterPolicy: { type: 'ribbon', bitsPerKey: 10, bloomBeforeLevel: 1 },
  cache: 1048576,
  sstPartitioner: 'fixedPrefix:4',
  compactOnDeletion: { windowSize: 100, deletionTrigger: 50, deletionRatio: 0.5 },
};
const SAMPLE_BY_NAME: Readonly<Record<string, unknown>> = {
  fileChecksumGenFactory: 'crc32c',
  allowMmapReads: false,
  allowMmapWrites: false,
  dailyOffpeakTimeUtc: '23:30-04:00',
  formatVersion: 5,
  indexType: 'twoLevelIndexSearch',
  inplaceUpdateSupport: false,
  maxFileOpeningThreads: 1,
  useDirectIoForFlushAndCompaction: false,
  useDirectReads: false,
  walCompression: 'zstd',
  zstdMaxTrainBytes: 0,
};
/** What RocksDB wants beside fields of these structs. */
const SAMPLE_BESIDE: Readonly<Record<string, Record<string, unknown>>> = {
  blockBasedTable: { compression: 'none' },
  compactionOptionsFifo: { compactionStyle: 'fifo', numLevels: 1 },
};

function sampleOf(name: string, info: OptionInfo): unknown {
  const names = Object.keys(NAMES[info.of ?? ''] ?? {});
  const one = info.type === 'enum' ? names.find((each) => each === 'lz4') : undefined;
  return SAMPLE_BY_NAME[name] ?? one ?? SAMPLE_BY_TYPE[info.type] ?? names[1];
}

type Path = readonly [path: string, options: Record<string, unknown>];

function samplesOf(group: OptionGroup): Path[] {
  return Object.entries(GROUPS[group].options).flatMap(([name, info]): Path[] => {
    const many = (value: unknown) => (info.type === 'struct' ? [value] : [value, value]);
    const wrap = (value: unknown) => ({ [name]: info.array ? many(value) : value });
    if (info.type !== 'struct') return [[name, wrap(sampleOf(name, info))]];
    const inner = samplesOf(info.of as OptionGroup);
    const all = (value: unknown) => ({ ...wrap(value), ...SAMPLE_BESIDE[name] });
    return inner.map(([path, value]): Path => [`${name}.${path}`, all(value)]);
  });
}

/** Every option there is, fields of structs included, each with a plausible value. */
export function optionSamples(): OptionSample[] {
  return (['db', 'columnFamily'] as const).flatMap((group) =>
    samplesOf(group).map(([path, options]) => ({ group, path, options })),
  );
}
