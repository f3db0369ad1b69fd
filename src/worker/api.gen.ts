// Made by scripts/gen-worker.mjs from the classes of the package. Do not edit.
import type { ReadResult } from '../access.js';
import type { CreateBackupOptions } from '../backup-create.js';
import type { BackupEngineOptions } from '../backup-options.js';
import type { BackupInfo, RestoreOptions } from '../backup-reads.js';
import type { BatchEntry } from '../batch-entries.js';
import type { BulkProgress, BulkTotals } from '../bulk-writer-options.js';
import type { TieredCacheOptions, TieredCacheUpdate } from '../cache.js';
import type { CompactionFilter, CompactionFilterFactory } from '../callbacks/compaction-filter.js';
import type { Comparator } from '../callbacks/comparator.js';
import type { AssociativeMergeOperator, MergeOperator } from '../callbacks/merge-operator.js';
import type { SliceTransform } from '../callbacks/slice-transform.js';
import type {
  FileChecksumGenFactory,
  SstPartitionerFactory,
  TablePropertiesCollectorFactory,
} from '../callbacks/table-files.js';
import type { CheckpointOptions } from '../checkpoint.js';
import type { EncodingOptions } from '../column-family.js';
import type { CompactFilesResult, WaitForCompactOptions } from '../compaction.js';
import type { CopyColumnFamilyOptions } from '../copy-column-family.js';
import type { BlockCacheEntryStats, DatabaseStats, WriteStallState } from '../database-figures.js';
import type { WalFileInfo } from '../database/log.js';
import type { Known } from '../database/statistics.js';
import type { TraceOptions } from '../database/traces.js';
import type { EntityOptions } from '../database/wide-columns.js';
import type { RequiredBackup } from '../destroy.js';
import type { Decoded, Encodable, Encoding } from '../encoding.js';
import type { EncryptionKeys } from '../encryption/key-ring.js';
import type { EnvPriority } from '../env.js';
import type { EventListener } from '../events/listener.js';
import type { Logger } from '../events/logger.js';
import type { WalFilter } from '../events/wal-filter.js';
import type { ExportImportFilesMetaData } from '../exported-files.js';
import type { MemoryUsage, StatsRecord } from '../figures.js';
import type {
  ColumnFamilyMetaData,
  LiveFileMetaData,
  LiveFileStorageInfo,
  Temperature,
} from '../file-metadata.js';
import type { IteratorPoolStats } from '../iterator-pool.js';
import type { KeyRange, KeyVersion } from '../key-ranges.js';
import type {
  FileChecksum,
  KeyRange as KeyRange2,
  LiveFiles,
  LiveFilesStorageInfoOptions,
  VerifyChecksumOptions,
} from '../live-files.js';
import type { AlertRule } from '../monitor/alert-rules.js';
import type { AlertState } from '../monitor/alerts.js';
import type {
  AllocationEvent,
  AllocationSite,
  TraceOptions as TraceOptions2,
} from '../monitor/allocation-trace.js';
import type { HeapDiff } from '../monitor/diff.js';
import type { MonitorEvent, MonitorEventMap } from '../monitor/events.js';
import type { HeldHandle } from '../monitor/growth/held.js';
import type { GrowthOptions } from '../monitor/growth/options.js';
import type { GrowthReport } from '../monitor/growth/report.js';
import type { GrowthSuspect } from '../monitor/growth/suspect.js';
import type { HeapIdentity, HeapMap, OwnerBytes, StackUse } from '../monitor/heap-bytes.js';
import type { HeapLayout } from '../monitor/heap-layout.js';
import type { HandleKind, HandleRecord, TrackingLevel } from '../monitor/ledger.js';
import type { Metric } from '../monitor/metrics.js';
import type { PinOptions, PinReport } from '../monitor/pins.js';
import type { HandlePolicy, HeapPolicy, Policies, PolicyKind } from '../monitor/policy-rules.js';
import type { FinalizerMode } from '../monitor/registry.js';
import type { TopBy } from '../monitor/report-text.js';
import type { HeapReport } from '../monitor/report.js';
import type { HeapSample, SampleOptions } from '../monitor/sampler.js';
import type { Background } from '../native/background-work.js';
import type { Bytes } from '../native/staging.js';
import type { WasmSource } from '../native/wasm-source.js';
import type { DbPath } from '../object-options.js';
import type {
  BlockBasedTableOptions,
  CacheOption,
  CacheTier,
  CompactOnDeletion,
  CompactionOptionsFIFO,
  CompactionOptionsUniversal,
  CompactionPri,
  CompactionStyle,
  CompressionOptions,
  CompressionType,
  CuckooTableOptions,
  InfoLogLevel,
  Integer64,
  MemtableFactory,
  PlainTableOptions,
  PrefixExtractor,
  PrepopulateBlobCache,
  SstPartitionerText,
  Temperature as Temperature2,
  WALRecoveryMode,
} from '../options.gen.js';
import type {
  IOCounters,
  Measured,
  PerfByLevel,
  PerfCounter,
  PerfCounters,
  PerfLevel,
  PerfOptions,
} from '../perf-context.js';
import type { IOPriority, RateLimiterOptions } from '../rate-limiter.js';
import type { RateLimiterPriority } from '../read-options.js';
import type { CompressedSecondaryCacheOptions } from '../secondary-cache.js';
import type { SharedOptions } from '../shared-databases.js';
import type { SstIteratorOptions, SstRawEntry } from '../sst-file-iterator.js';
import type { SstFileManagerOptions } from '../sst-file-manager.js';
import type { SstFileProperties } from '../sst-file-reader.js';
import type {
  ExternalSstFileInfo,
  SstEntryOptions,
  WideColumnsInput as WideColumnsInput2,
} from '../sst-file-writer.js';
import type { IntegerProperty, MapProperty, TextProperty } from '../statistics.gen.js';
import type {
  Histogram,
  HistogramData,
  HistogramName,
  StatisticsOptions,
  StatsLevel,
  Ticker,
  TickerName,
} from '../statistics.js';
import type { TableProperties } from '../table-properties.js';
import type { Timestamp } from '../timestamps.js';
import type { LogUpdate, UpdatesOptions } from '../transaction-log.js';
import type { TransactionState } from '../transactions/info.js';
import type { DeadlockPath, KeyLock } from '../transactions/locks.js';
import type {
  OptimisticTransactionDBOptions,
  TransactionDBOptions,
} from '../transactions/options.js';
import type { Clock, ManualClockOptions } from '../wasi/clock.js';
import type { FileSystem } from '../wasi/file-system.js';
import type { Random } from '../wasi/random.js';
import type { ColumnNames, WideColumns, WideColumnsInput } from '../wide-columns.js';
import type { WriteBatchWithIndexOptions } from '../write-batch-with-index.js';
import type { BatchOptions } from '../write-batch.js';
import type { AsyncPart, Chain, FromSetup, REMOTE } from './handles.js';
import type { AsyncWriteBatch } from './batch.js';

/** The classes of the package whose static functions and constructors can be called in the worker. */
export interface AsyncClasses {
  readonly RocksDB: AsyncRocksDBClass;
  readonly TransactionDB: AsyncTransactionDBClass;
  readonly OptimisticTransactionDB: AsyncOptimisticTransactionDBClass;
  readonly DBWithTTL: AsyncDBWithTTLClass;
  readonly BackupEngine: AsyncBackupEngineClass;
  readonly BackupEngineReadOnly: AsyncBackupEngineReadOnlyClass;
  readonly SstFileWriter: AsyncSstFileWriterClass;
  readonly SstFileReader: AsyncSstFileReaderClass;
  readonly SstFileManager: AsyncSstFileManagerClass;
  readonly Cache: AsyncCacheClass;
  readonly CompressedSecondaryCache: AsyncCompressedSecondaryCacheClass;
  readonly Statistics: AsyncStatisticsClass;
  readonly RateLimiter: AsyncRateLimiterClass;
  readonly WriteBufferManager: AsyncWriteBufferManagerClass;
  readonly ExportedFiles: AsyncExportedFilesClass;
  readonly Engine: AsyncEngineClass;
  readonly MemoryFileSystem: AsyncMemoryFileSystemClass;
  readonly NodeFileSystem: AsyncNodeFileSystemClass;
  readonly EncryptedFileSystem: AsyncEncryptedFileSystemClass;
  readonly ManualClock: AsyncManualClockClass;
  readonly SeededRandom: AsyncSeededRandomClass;
}

/** A handle in the worker. Whoever asked for it frees it: `free()`, or `await using`. */
export interface AsyncNativeObject extends AsyncPart {
  /** The handle's number in its engine's ledger. */
  readonly id: number;
  readonly kind: HandleKind;
  /** True once its C++ object was given back. */
  readonly freed: Promise<boolean>;
  /** True once its time to live is over (a policy): any use throws HandleExpiredError. Not freed, it is to be. */
  readonly expired: Promise<boolean>;
  /**
   * Gives the C++ object back; children first. Does nothing when it is freed already. Throws
   * HandleBusyError, and frees nothing, while another handle borrows this one.
   */
  free(): Promise<void>;
}

/** A RocksDB database in a worker: RocksDB, with a promise for each answer. */
export interface AsyncRocksDB<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  /** Absolute. */
  readonly path: string;
  readonly engine: AsyncEngine;
  /** No writes: opened with `readOnly`, as a secondary or as a follower. */
  readonly readOnly: boolean;
  /** The value of a key, or undefined. Of an entity: its default column's, empty when it has none. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E>,
  ): Promise<Decoded<E> | undefined>;
  /** Like `get`, with the timestamp of the version that was found, and what else is known of it. */
  getResult<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E>,
  ): Promise<ReadResult<Decoded<E>> | undefined>;
  /**
   * The values of keys, in their order; undefined where there is none. One consistent view, also over several
   * column families: `columnFamilies` says which key is for which.
   */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E>,
  ): Promise<(Decoded<E> | undefined)[]>;
  /** Like `getMany`, with the timestamps of the versions that were found, and what else is known of them. */
  getManyResults<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E>,
  ): Promise<(ReadResult<Decoded<E>> | undefined)[]>;
  /** The value of a key without a copy, or undefined. It pins what it is read from: free it. */
  getPinned(key: Encodable<KE>, options?: AsyncReadOptions): Promise<AsyncPinnedSlice | undefined>;
  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: AsyncReadOptions): Promise<boolean>;
  /** Whether keys have values, in their order: one consistent view, in one crossing. */
  hasMany(keys: readonly Encodable<KE>[], options?: AsyncReadManyOptions): Promise<boolean[]>;
  /**
   * False: the key has surely no value. True: it may have one; only `get` tells. Reads no file: memtables,
   * filters and cached blocks.
   */
  keyMayExist(key: Encodable<KE>, options?: AsyncReadOptions): Promise<boolean>;
  /** Like `keyMayExist`, with the value where that is at hand. */
  keyMayExistWithValue<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E>,
  ): Promise<{
    mayExist: boolean;
    value: Decoded<E> | undefined;
  }>;
  /**
   * What `get` would merge, not merged, the oldest first: the base value, if there is one, then the operands.
   * Throws BusyError (Incomplete) when there are more than `maxOperands`. Default: all.
   */
  getMergeOperands<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E> & {
      maxOperands?: number | undefined;
    },
  ): Promise<Decoded<E>[]>;
  /** A cursor. It pins what it reads: free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options?: AsyncIteratorOptions<IK, IV>,
  ): Promise<AsyncDBIterator<Decoded<IK>, Decoded<IV>>>;
  /** A cursor over each of several column families, all of one state of the database. Free each. */
  iterators<const F extends readonly AsyncAnyColumnFamily[]>(
    columnFamilies: F,
    options?: Omit<AsyncIteratorOptions, 'columnFamily'>,
  ): Promise<AsyncIteratorsOf<F>>;
  /**
   * A cursor over the keys of several column families as if they were one. What several have under one key is
   * made one entity: all their columns, and of columns of one name that of the last of the families; plain
   * values are default columns. The families have one comparator, and cannot be freed before the cursor.
   * Encodings are the first family's, unless given. Free it.
   */
  coalescingIterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: Omit<AsyncIteratorOptions<IK, IV>, 'columnFamily'>,
  ): Promise<AsyncDBIterator<Decoded<IK>, Decoded<IV>>>;
  /**
   * A cursor over the keys of several column families; of each key, the columns in each family that has it.
   * The families have one comparator, and cannot be freed before the cursor. Free it.
   */
  attributeGroupIterator<IK extends Encoding = KE, N extends ColumnNames = 'utf8'>(
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: Omit<AsyncIteratorOptions<IK>, 'columnFamily' | 'columns'> & {
      columnNames?: N;
    },
  ): Promise<AsyncDBIterator<Decoded<IK>, AsyncAttributeGroup<any, N>[]>>;
  /**
   * A pool of iterators over one column family, for those who read often: `pool.acquire()` gives one that sees the
   * present, refreshed where it was used before. Make one, and keep it as long as the database, which frees it; or
   * free it before. Throws for options that no iterator could be made with.
   */
  iteratorPool<IK extends Encoding = KE, IV extends Encoding = VE>(
    options?: AsyncIteratorPoolOptions<IK, IV>,
  ): Promise<AsyncIteratorPool<Decoded<IK>, Decoded<IV>>>;
  /** The present, kept readable. Free it. */
  snapshot(): Promise<AsyncSnapshot>;
  /** Bytes that the keys of each range take, compressed, as RocksDB estimates them from its indexes. */
  approximateSizes(
    keyRanges: readonly KeyRange<Encodable<KE>>[],
    options?: AsyncSizeApproximationOptions,
  ): Promise<number[]>;
  /** How many entries of a range are in memtables, and their bytes, as RocksDB estimates them. */
  approximateMemTableStats(
    range: KeyRange<Encodable<KE>>,
    options?: {
      columnFamily?: AsyncAnyColumnFamily | undefined;
    },
  ): Promise<{
    count: number;
    bytes: number;
  }>;
  /**
   * Every version of the keys from `begin` to `end`, both included (all by default), as memtables and files have
   * them: for looking into what compaction has left. At most `maxKeys` versions; default: a million.
   */
  getAllKeyVersions(options?: {
    begin?: Encodable<KE>;
    end?: Encodable<KE>;
    maxKeys?: number;
    columnFamily?: AsyncAnyColumnFamily | undefined;
  }): Promise<KeyVersion<Decoded<KE>>[]>;
  /**
   * The timestamp below which compaction may forget history, in a column family with user-defined timestamps;
   * undefined when none was set.
   */
  getFullHistoryTsLow(options?: {
    columnFamily?: AsyncAnyColumnFamily | undefined;
  }): Promise<Timestamp | undefined>;
  /**
   * Sets a key's value. It is in the operating system's hands when this returns, with `sync` on disk. Throws what RocksDB
   * reports, IOError above all.
   */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: AsyncWriteOptions): Promise<void>;
  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: AsyncWriteOptions): Promise<void>;
  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: AsyncWriteOptions): Promise<void>;
  /** Deletes the keys in [begin, end). */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options?: AsyncWriteOptions): Promise<void>;
  /** Adds an operand for the column family's `mergeOperator`. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: AsyncWriteOptions): Promise<void>;
  /** Makes an empty batch. Free it. */
  batch(options?: BatchOptions): AsyncWriteBatch<KE, VE>;
  /**
   * Makes a batch of RocksDB's representation of one: another batch's `data`, or what a log held. Its column
   * families must be open, and it is looked through: CorruptionError for what is no batch, and errors for what
   * could not be written. Free it.
   */
  batchFrom(data: Uint8Array, options?: BatchOptions): Promise<AsyncWriteBatch<KE, VE>>;
  /** Makes an empty batch that can be read before it is written. Free it. */
  batchWithIndex(options?: WriteBatchWithIndexOptions): Promise<AsyncWriteBatchWithIndex<KE, VE>>;
  /** Applies a batch atomically, over all the column families that it names. */
  write(
    batch: AsyncWriteBatch<any, any> | AsyncWriteBatchWithIndex<any, any>,
    options?: Omit<AsyncWriteOptions, 'columnFamily' | 'timestamp'>,
  ): Promise<void>;
  /**
   * Lets compaction forget what is older than `timestamp` in a column family with user-defined timestamps: of
   * each key the youngest version that is older stays. Reads at older timestamps fail from then on. It
   * can only grow.
   */
  increaseFullHistoryTsLow(
    timestamp: Timestamp,
    options?: {
      columnFamily?: AsyncAnyColumnFamily | undefined;
    },
  ): Promise<void>;
  /**
   * Writes an entity: named columns in place of one value. `get` reads its default column, the one with the
   * empty name. Not in a column family with user-defined timestamps.
   */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: AsyncWriteOptions,
  ): Promise<void>;
  /** The columns of a key, or undefined. Of a plain value: the default column alone. */
  getEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E> & EntityOptions<N>,
  ): Promise<WideColumns<Decoded<E>, N> | undefined>;
  /** The columns of keys, in their order; undefined where there are none. One consistent view. */
  getManyEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E> & EntityOptions<N>,
  ): Promise<(WideColumns<Decoded<E>, N> | undefined)[]>;
  /** Writes columns of one key to several column families, atomically. */
  putAttributeGroups(
    key: Encodable<KE>,
    groups: readonly AsyncAttributeGroupInput[],
    options?: Omit<AsyncWriteOptions, 'columnFamily' | 'timestamp'>,
  ): Promise<void>;
  /** The columns that each of the column families has for a key; those that have it, in their order. */
  getAttributeGroups<N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: AsyncGroupOptions<N>,
  ): Promise<AsyncAttributeGroup<any, N>[]>;
  /** The same for several keys, in their order. One consistent view. */
  getManyAttributeGroups<N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: AsyncGroupOptions<N>,
  ): Promise<AsyncAttributeGroup<any, N>[][]>;
  /** Writes the memtables of column families (all of them by default) to files. */
  flush(options?: AsyncFlushOptions): Promise<void>;
  /** Compacts the keys from `begin` to `end`, both included; all by default. */
  compactRange(options?: AsyncCompactRangeOptions): Promise<void>;
  /**
   * Compacts these table files into level `outputLevel`, in this call. `files` are names or paths as
   * getLiveFilesMetaData() has them; RocksDB adds files of the levels between that overlap them.
   */
  compactFiles(
    files: readonly string[],
    options: AsyncCompactFilesOptions,
  ): Promise<CompactFilesResult>;
  /** Tells RocksDB to compact a range before others; level compaction only. It compacts when it would. */
  suggestCompactRange(range?: KeyRange2 & AsyncOfFamily): Promise<void>;
  /**
   * Moves all files of level 0 to `targetLevel` (default: 1) without compaction. InvalidArgumentError unless
   * their ranges are disjoint and the levels up to there empty.
   */
  promoteL0(targetLevel?: number, options?: AsyncOfFamily): Promise<void>;
  /** Runs flushes and compactions until none is left to do; BusyError on a timeout or when paused. */
  waitForCompact(options?: WaitForCompactOptions): Promise<void>;
  /**
   * Makes a copy of the database in the folder `path`, which must not be there yet; its parent must. Tables and
   * blob files are linked where the file system can. It can be opened as any database, by native RocksDB too.
   * On disk when it returns. Returns a sequence number that it surely contains.
   *
   * IOError and so on leave nothing at `path`. NotSupportedError with `dbPaths` or `cfPaths`, and when it is open
   * for reading and has a log.
   */
  checkpoint(path: string, options?: CheckpointOptions): Promise<bigint>;
  /**
   * Takes table files into a column family: those of an SstFileWriter, whose keys are ordered as the family's are.
   * They win over what is there already. All files or none, and on disk when it returns.
   */
  ingestExternalFile(
    files: readonly string[],
    options?: AsyncIngestExternalFileOptions,
  ): Promise<void>;
  /** The same for several column families, all at once or not at all. */
  ingestExternalFiles(groups: readonly AsyncIngestExternalFileArg[]): Promise<void>;
  /**
   * Makes table files of a column family in the folder `path`, which must not be there yet; its parent must. To be
   * taken up by `createColumnFamilyWithImport`, of any database. Free the result; the files are the caller's.
   * NotSupportedError when the family has blob files.
   */
  exportColumnFamily(path: string, options?: AsyncOfFamily): Promise<AsyncExportedFiles>;
  /** Deletes what is outside [begin, end), for good: files, then a range, then a compaction. */
  clipColumnFamily(begin: unknown, end: unknown, options?: AsyncOfFamily): Promise<void>;
  /** Levels, tables and blob files of a column family. */
  getColumnFamilyMetaData(options?: AsyncOfFamily): Promise<ColumnFamilyMetaData>;
  /** The same of all column families. */
  getAllColumnFamilyMetaData(): Promise<ColumnFamilyMetaData[]>;
  /** The tables of all column families. */
  getLiveFilesMetaData(): Promise<LiveFileMetaData[]>;
  /** Names of the files that make up the database, the log aside; flushes first unless told not to. */
  getLiveFiles(options?: { flushMemtable?: boolean }): Promise<LiveFiles>;
  /**
   * All that a copy of the database consists of, the log included. Call it between disableFileDeletions()
   * and enableFileDeletions(), or files may be gone before they are copied.
   */
  getLiveFilesStorageInfo(options?: LiveFilesStorageInfoOptions): Promise<LiveFileStorageInfo[]>;
  /** Checksums of whole files, where the database makes them (`fileChecksumGenFactory`). */
  getLiveFilesChecksumInfo(): Promise<FileChecksum[]>;
  /**
   * No file is deleted until enableFileDeletions() was called as often, or the holds that this returns are
   * freed. Closing the database ends them.
   */
  disableFileDeletions(): Promise<AsyncDatabaseHold>;
  /** Makes up for one disableFileDeletions(), the newest. Without one it does nothing. */
  enableFileDeletions(): Promise<void>;
  /**
   * Deletes a table file of the last level, or the oldest of level 0, with all that is in it; or a log that is
   * not needed. RocksDB has deprecated it: use deleteFilesInRanges().
   */
  deleteFile(name: string): Promise<void>;
  /**
   * Deletes the tables that lie in one of these ranges entirely, level 0 aside: the quickest way to give disk
   * space back. What is left in the ranges stays; snapshots lose what was deleted.
   */
  deleteFilesInRanges(
    ranges: readonly KeyRange2[],
    options?: AsyncDeleteFilesInRangesOptions,
  ): Promise<void>;
  /** Reads all tables and compares the checksums of their blocks. CorruptionError names the file. */
  verifyChecksum(options?: VerifyChecksumOptions): Promise<void>;
  /**
   * Compares the checksums of whole files with those in the MANIFEST. InvalidArgumentError when the database
   * was not opened with `fileChecksumGenFactory`.
   */
  verifyFileChecksums(options?: VerifyChecksumOptions): Promise<void>;
  /** The sequence number of the last write; 0n before the first. */
  readonly latestSequenceNumber: Promise<bigint>;
  /**
   * A secondary or a follower: takes up what its primary has written since (a follower: what the leader's
   * MANIFEST says). NotSupportedError for other databases.
   */
  tryCatchUpWithPrimary(): Promise<void>;
  /**
   * What was written from a sequence number on, batch by batch, as the log has it; the batch that the number
   * lies in comes whole. Loop over it, or free it. Without `walTtlSeconds` or `walSizeLimitMb` the log
   * is deleted once it is flushed: what it does not have any more is a LogGapError.
   *
   * Throws NotSupportedError, then or on reading, at transactions that were prepared (two-phase commit).
   */
  getUpdatesSince(
    sequenceNumber: bigint | number,
    options?: UpdatesOptions,
  ): Promise<AsyncTransactionLogIterator>;
  /** The files of the log that there are, archived ones too, the oldest first. Empty ones are left out. */
  getSortedWalFiles(): Promise<WalFileInfo[]>;
  /** The file that the log is written to at the moment. */
  getCurrentWalFile(): Promise<WalFileInfo>;
  /**
   * Gives the file system what `manualWalFlush` has kept back of the log; with `sync`, fsyncs it, too.
   * Without that option there is nothing kept back.
   */
  flushWAL(sync?: boolean): Promise<void>;
  /** fsync of the log: everything written so far survives a power cut. */
  syncWAL(): Promise<void>;
  /**
   * Stops writes, and gives the file system all of the log, so that the files can be copied in a known state.
   * Writes, and calls that flush, throw BusyError (ERR_ROCKSDB_WAL_LOCKED) until the hold is freed; reads and
   * compaction in the background go on.
   */
  lockWAL(): Promise<AsyncDatabaseHold>;
  /** Frees the newest hold of lockWAL(). */
  unlockWAL(): Promise<void>;
  /**
   * Runs what is queued of flushes and compactions, and starts no others until the hold is freed. Writes
   * that RocksDB would stall meanwhile throw BusyError, as do calls that wait for a flush or compaction
   * (ERR_ROCKSDB_BACKGROUND_PAUSED).
   */
  pauseBackgroundWork(): Promise<AsyncDatabaseHold>;
  /** Frees the newest hold of pauseBackgroundWork(). */
  continueBackgroundWork(): Promise<void>;
  /**
   * Manual compactions throw BusyError (subcode `manualCompactionPaused`) until enableManualCompaction() was
   * called as often.
   */
  disableManualCompaction(): Promise<void>;
  /** Takes back one `disableManualCompaction()`; manual compactions run again when all are taken back. */
  enableManualCompaction(): Promise<void>;
  /**
   * Ends flushes and compactions for good, before closing: what is not flushed is flushed once more unless
   * `avoidFlushDuringShutdown`. Reads go on; flush and compaction are refused, and writes once they stall.
   */
  cancelAllBackgroundWork(): Promise<void>;
  /** Goes on after a background error whose cause was removed (a full disk, say). */
  resume(): Promise<void>;
  /**
   * When the oldest SST file was made, in seconds since 1970; 0: one file does not say, or there is none.
   * Throws NotSupportedError unless `maxOpenFiles` is -1, which is the default.
   */
  getCreationTimeOfOldestFile(): Promise<number>;
  /** A property (`rocksdb.stats`, ...), or undefined when RocksDB knows none of that name. */
  getProperty(
    name: Known<TextProperty | IntegerProperty>,
    options?: AsyncOfFamily2,
  ): Promise<string | undefined>;
  /** A property that is a number, or undefined. */
  getIntProperty(
    name: Known<IntegerProperty>,
    options?: AsyncOfFamily2,
  ): Promise<bigint | undefined>;
  /** The id that the database got when it was made; a copy of its files has the same. */
  getDbIdentity(): Promise<string>;
  /** The id of this opening; every open has another. */
  getDbSessionId(): Promise<string>;
  /** The sum of a property over all column families, or undefined when it is no number. */
  getAggregatedIntProperty(name: Known<IntegerProperty>): Promise<bigint | undefined>;
  /** A property that is a table of names and values, or undefined. */
  getMapProperty(
    name: Known<MapProperty>,
    options?: AsyncOfFamily2,
  ): Promise<Record<string, string> | undefined>;
  /**
   * What `rocksdb.stats` says, as data, from RocksDB's map properties: to the byte, and without beginning a new
   * interval, as asking for the text does. `parseStats` reads the text.
   */
  stats(): Promise<DatabaseStats>;
  /** What is in the block cache of a column family, by kind; undefined when it has none. */
  blockCacheEntryStats(options?: AsyncOfFamily2): Promise<BlockCacheEntryStats | undefined>;
  /** Whether RocksDB slows writes down or stops them, and how often it did. */
  writeStallState(options?: AsyncOfFamily2): Promise<WriteStallState>;
  /** Sets what `stats()` and `rocksdb.stats` count to 0, for all column families. */
  resetStats(): Promise<void>;
  /** What each table of a column family says about itself, by its path. Reads those that are not open. */
  getPropertiesOfAllTables(options?: AsyncOfFamily2): Promise<Map<string, TableProperties>>;
  /** Likewise, of the tables that have keys in any of the ranges. */
  getPropertiesOfTablesInRange(
    ranges: readonly KeyRange<Encodable<KE>>[],
    options?: AsyncOfFamily2,
  ): Promise<Map<string, TableProperties>>;
  /**
   * What the tickers counted in each period of `statsPersistPeriodSec` (default 600 seconds) from `start` to before
   * `end`, oldest first; the database needs `statistics`. The periods end in background work. With `persistStatsToDisk`
   * those of earlier runs, too.
   */
  getStatsHistory(options?: { start?: Date; end?: Date }): Promise<StatsRecord[]>;
  /**
   * Bytes by what takes them, as RocksDB estimates them, of this database and of others of the same engine, with the
   * caches that they use. `engine.heap.owners()` counts to the byte.
   */
  memoryUsageByType(options?: {
    databases?: readonly AsyncAnyDatabase[];
    caches?: readonly AsyncCache[];
  }): Promise<MemoryUsage>;
  /** The default column family: the database's own handle, which `free()` leaves alone. */
  readonly defaultColumnFamily: AsyncColumnFamily<KE, VE>;
  /** Names of the column families that are open, the default one first. */
  readonly columnFamilyNames: Promise<string[]>;
  /** The handle of an open column family; undefined when there is none of that name. */
  columnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
  ): Promise<AsyncColumnFamily<CK, CV> | undefined>;
  /**
   * Makes a column family, on disk when this returns, and a handle for it, which `close()` frees if nothing else did. Throws
   * InvalidArgumentError when there is one of that name.
   */
  createColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    options?: AsyncColumnFamilyOpenOptions<CK, CV>,
  ): Promise<AsyncColumnFamily<CK, CV>>;
  /**
   * Makes a column family of files that `exportColumnFamily` made, of this or another database: all at once.
   * Several exports must not overlap (see clipColumnFamily). The options must have the comparator of the
   * exports. The files are copied; with `moveFiles` they are linked, and deleted afterwards.
   */
  createColumnFamilyWithImport<CK extends Encoding = KE, CV extends Encoding = VE>(
    name: string,
    exported: AsyncExportedFiles | readonly AsyncExportedFiles[],
    options?: AsyncColumnFamilyOpenOptions<CK, CV> & {
      moveFiles?: boolean;
    },
  ): Promise<AsyncColumnFamily<CK, CV>>;
  /**
   * Copies a column family into a new one with other options, those that are fixed once it exists among
   * them (comparator, table format, merge operator): values are copied, merges done. Both can be read and written
   * meanwhile; when the promise is fulfilled the copy has all that was written to the source, and no other turn of the
   * program has come between. Blob values, wide columns and so on are written as the new options say.
   *
   * When it fails, or is aborted, the new family is dropped. A process that dies leaves it incomplete: call again with
   * `replace`. Files that are deleted or ingested below others meanwhile end it with BusyError. Not for user-defined
   * timestamps (NotSupportedError). Compaction filters of the source may delete what was copied already.
   */
  copyColumnFamily<CK extends Encoding = KE, CV extends Encoding = VE>(
    source: AsyncAnyColumnFamily,
    name: string,
    options?: AsyncColumnFamilyOpenOptions<CK, CV> & CopyColumnFamilyOptions,
  ): Promise<AsyncColumnFamily<CK, CV>>;
  /** Makes several, by name, and returns their handles in order. What was made before an error is dropped again. */
  createColumnFamilies(
    families: Readonly<Record<string, AsyncColumnFamilyOpenOptions>>,
  ): Promise<AsyncAnyColumnFamily[]>;
  /** Drops several. */
  dropColumnFamilies(families: readonly AsyncAnyColumnFamily[]): Promise<void>;
  /**
   * Drops a column family. The handle, and iterators over it, go on reading what was there; the data is
   * deleted once they are freed.
   */
  dropColumnFamily(columnFamily: AsyncAnyColumnFamily): Promise<void>;
  /** Changes mutable options of a column family, at once and for the next opens. */
  setOptions(
    options: AsyncColumnFamilyOptions,
    target?: {
      columnFamily?: AsyncAnyColumnFamily;
    },
  ): Promise<void>;
  /** Changes mutable options of the database. */
  setDBOptions(options: AsyncDBOptions): Promise<void>;
  /** The options in force for a column family. */
  getOptions(target?: { columnFamily?: AsyncAnyColumnFamily }): Promise<AsyncColumnFamilyOptions>;
  /** The options in force for the database. */
  getDBOptions(): Promise<AsyncDBOptions>;
  /**
   * Writes the options in force to a file, in the form of RocksDB's own OPTIONS files, which it must not replace:
   * RocksDB writes those itself at open and with each change. Its folder must exist.
   */
  saveOptions(file: string): Promise<void>;
  /** Records reads and writes to a new file until `endTrace()`. Its folder must exist. */
  startTrace(file: string, options?: TraceOptions): Promise<void>;
  /** Ends the trace of calls: its file is complete. Throws when none runs. */
  endTrace(): Promise<void>;
  /** Records the calls of the file system to a new file until `endIOTrace()`. */
  startIOTrace(file: string, options?: Omit<TraceOptions, 'filter'>): Promise<void>;
  /** Ends the trace of the file system: its file is complete. Throws when none runs. */
  endIOTrace(): Promise<void>;
  /** Records accesses to the block cache to a new file until `endBlockCacheTrace()`. */
  startBlockCacheTrace(file: string, options?: Omit<TraceOptions, 'filter'>): Promise<void>;
  /** Ends the trace of the block cache: its file is complete. Throws when none runs. */
  endBlockCacheTrace(): Promise<void>;
  /**
   * Does again what a trace of `startTrace()` has, in its order and at once, on this database, whose column families
   * must have the ids of the traced one's. Returns how many operations there were, and how many RocksDB refused.
   */
  replayTrace(file: string): Promise<{
    operations: number;
    failed: number;
  }>;
  /** What this database's handles hold; its bytes are those of the whole engine. See `engine.heap`. */
  readonly heap: AsyncHeapMonitor;
  /**
   * Frees what was made from the database, dependants first, then the newest first, closes it and, when it
   * has an engine of its own, drops that with all its memory. Handles that had not been freed are
   * returned, and reported to `onUnreleased`. Closing again does nothing. A database of `RocksDB.shared` throws
   * HandleBusyError while anybody has a lease on it.
   */
  close(): Promise<readonly HandleRecord[]>;
  /**
   * Writes any amount of entries in batches that are no larger than the heap has room for: see BulkWriter. Close it,
   * or what it has not written yet is lost. Throws NotSupportedError where nothing can be written.
   */
  bulkWriter(options?: AsyncBulkWriterOptions): Promise<AsyncBulkWriter<KE, VE>>;
  /**
   * Frees every iterator, snapshot and batch that was made from the database and is still live, and returns
   * their records. The database stays open.
   */
  freeUnreleased(): Promise<readonly HandleRecord[]>;
  free(): Promise<void>;
}

/** What the class RocksDB itself can do. */
export interface AsyncRocksDBClass {
  /**
   * Opens (or with `createIfMissing` creates) the database in the folder `path`.
   *
   * All column families on disk are opened, see `columnFamilies`. Throws InvalidOptionError for options,
   * LockedError when it is open elsewhere, CorruptionError, IOError and so on as RocksDB reports; nothing
   * is left open then.
   */
  open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOpenOptions<KE, VE>,
  ): Promise<AsyncRocksDB<KE, VE>>;
  /**
   * A lease on the database in the folder `path`, which is opened if this process has not opened it in this way
   * already: every caller gets the one open database. It is closed when the last lease is released, or
   * `idleCloseMs` later; a call that comes while it is being opened waits for that.
   *
   * Who is second takes what the first one opened: an option that is given, and differs from the first one's, is an
   * InvalidOptionError that names it (`createIfMissing` aside). Encodings that are left out are `view`, and must fit, too. Databases on
   * different engines or file systems are different ones. What opening throws, all who wait for it get; the next
   * call tries again.
   */
  shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOpenOptions<KE, VE> & SharedOptions,
  ): Promise<AsyncDatabaseLease<AsyncRocksDB<KE, VE>>>;
  /** Like `open`, on an engine that exists already. */
  openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: AsyncOpenOptions<KE, VE> & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncRocksDB<KE, VE>>;
  /**
   * Opens the database of a primary that may be open in another process (or engine), for reading. What the
   * primary has written since is taken up by `tryCatchUpWithPrimary()`. The secondary keeps its own log in the
   * folder `secondaryPath`, takes no lock, and has no snapshots. RocksDB asks for `maxOpenFiles: -1` (the
   * default), since the primary deletes files that the secondary may still read.
   */
  openAsSecondary<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    secondaryPath: string,
    options?: AsyncOpenOptions<KE, VE>,
  ): Promise<AsyncRocksDB<KE, VE>>;
  /**
   * Opens a follower of the database in `leaderPath`, in a folder of its own: it links the leader's table files,
   * so that the leader may delete them, and reads its MANIFEST (not its log) every
   * `followerRefreshCatchupPeriodMs`, as background work. It is RocksDB's experimental feature: the two
   * folders must be on one file system that has hard links. `createIfMissing` makes the follower's folder.
   */
  openAsFollower<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    leaderPath: string,
    options?: AsyncOpenOptions<KE, VE>,
  ): Promise<AsyncRocksDB<KE, VE>>;
  /**
   * Opens a database whose keys have timestamps, and drops what was written after `timestamp` (its bytes, as the
   * comparator takes them).
   */
  openAndTrimHistory<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    timestamp: Uint8Array,
    options?: AsyncOpenOptions<KE, VE>,
  ): Promise<AsyncRocksDB<KE, VE>>;
  /** Names of the column families of a database that is not open, the default one among them. */
  listColumnFamilies(path: string, options?: AsyncOpenOptions): Promise<string[]>;
  /**
   * Deletes a database that is not open: its files, and its folder when nothing else is in it. With
   * `requireVerifiedBackup` only when a backup has all that is in it, see there.
   */
  destroy(path: string, options?: AsyncDestroyOptions): Promise<void>;
  /**
   * The newest OPTIONS file of a database, open or not. Throws InvalidArgumentError
   * (`ERR_ROCKSDB_DATABASE_MISSING`) when there is none.
   */
  loadLatestOptions(path: string, options?: AsyncOpenOptions): Promise<AsyncStoredOptions>;
  /** What an OPTIONS file says. */
  loadOptionsFromFile(file: string, options?: AsyncOpenOptions): Promise<AsyncStoredOptions>;
  /**
   * Whether the database in `path` can be opened with these options: throws RocksDB's InvalidArgumentError, which
   * names the first that does not fit (a comparator, say).
   */
  checkOptionsCompatibility(path: string, options: AsyncOpenOptions): Promise<void>;
  /**
   * Brings a database that is not open, and has the default column family only, from its present options to others that
   * cannot be changed otherwise (another compaction style or number of levels), by compacting it where needed.
   */
  optionChangeMigration(path: string, from: AsyncOpenOptions, to: AsyncOpenOptions): Promise<void>;
  /**
   * Recovers what can be recovered of a database that cannot be opened. Data may be lost. Options of column families that are
   * not given are those of the newest OPTIONS file, if it can be read: a log's merges need their operator. RocksDB applies
   * whole logs, so that a merge is applied twice that was flushed while its log was still kept for another column family.
   */
  repair(path: string, options?: AsyncOpenOptions): Promise<void>;
}

/**
 * A database whose transactions lock the keys that they write (pessimistic). A write outside of transactions
 * takes the locks, too: LockConflictError when a transaction has one. `RocksDB.open` opens the same database, and
 * leaves what is prepared as it is; with the other write policies it must be flushed and closed before that.
 */
export interface AsyncTransactionDB<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncRocksDB<KE, VE> {
  /** Begins a transaction. Commit it or roll it back, and free it. */
  beginTransaction(
    options?: AsyncTransactionOptions & AsyncBeginOptions,
  ): Promise<AsyncTransaction<KE, VE>>;
  /** The live transaction of a name, or a prepared one that was recovered: then free it, too. */
  getTransactionByName(name: string): Promise<AsyncTransaction<KE, VE> | undefined>;
  /**
   * All that are prepared and neither committed nor rolled back, those among them that were recovered when the
   * database was opened. Recovered ones hold no locks: finish them before others write their keys. Free them;
   * those that are neither committed nor rolled back are there again after the next open.
   */
  getAllPreparedTransactions(): Promise<AsyncTransaction<KE, VE>[]>;
  /** Locks that transactions hold now. */
  getLockStatusData(): Promise<KeyLock[]>;
  /** The last deadlocks that were found, with `deadlockDetect`; on one thread there is none. */
  getDeadlockInfoBuffer(): Promise<DeadlockPath[]>;
  /** How many deadlocks are remembered. */
  setDeadlockInfoBufferSize(size: number): Promise<void>;
  /** Applies a batch atomically; locks its keys for that. */
  write(
    batch: AsyncWriteBatch<any, any> | AsyncWriteBatchWithIndex<any, any>,
    options?: AsyncTransactionDBWriteOptions,
  ): Promise<void>;
  /** Not of a TransactionDB, which locks keys and not ranges. */
  deleteRange(
    _begin: Encodable<KE>,
    _end: Encodable<KE>,
    _options?: AsyncWriteOptions,
  ): Promise<never>;
  /**
   * A snapshot that the database keeps under a timestamp, higher than those before, until
   * `releaseTimestampedSnapshotsOlderThan`. Free this hold on it, too.
   */
  createTimestampedSnapshot(timestamp: bigint): Promise<AsyncSnapshot>;
  /** A hold on the snapshot of that timestamp: free it. Undefined: there is none. */
  getTimestampedSnapshot(timestamp: bigint): Promise<AsyncSnapshot | undefined>;
  /** Likewise of the latest. */
  getLatestTimestampedSnapshot(): Promise<AsyncSnapshot | undefined>;
  /** The timestamps of the snapshots that are kept, from `lower` up to, not with, `upper`, ascending. */
  getSnapshotTimestamps(lower?: bigint, upper?: bigint): Promise<bigint[]>;
  /** Gives up those whose timestamps are lower; holds on them that are not freed yet keep them. */
  releaseTimestampedSnapshotsOlderThan(timestamp: bigint): Promise<void>;
}

/** What the class TransactionDB itself can do. */
export interface AsyncTransactionDBClass {
  /** Like `RocksDB.open`. Prepared transactions of before are there: `getAllPreparedTransactions`. */
  open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncTransactionDBOpenOptions<KE, VE>,
  ): Promise<AsyncTransactionDB<KE, VE>>;
  /** Like `RocksDB.shared`. */
  shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncTransactionDBOpenOptions<KE, VE> & SharedOptions,
  ): Promise<AsyncDatabaseLease<AsyncTransactionDB<KE, VE>>>;
  /** Like `open`, on an engine that exists already. */
  openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: AsyncTransactionDBOpenOptions<KE, VE> & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncTransactionDB<KE, VE>>;
}

/**
 * A database whose transactions take no locks: `commit` finds out whether what they read for update or wrote
 * was written by others meanwhile, and throws LockConflictError then. It remembers as many writes as its
 * memtables do (maxWriteBufferSizeToMaintain); for longer transactions: BusyError, TryAgain. Writes outside of
 * transactions are as in any database.
 */
export interface AsyncOptimisticTransactionDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends AsyncRocksDB<KE, VE> {
  /** Begins a transaction. Commit it or roll it back, and free it. */
  beginTransaction(
    options?: AsyncOptimisticTransactionOptions & AsyncBeginOptions,
  ): Promise<AsyncTransaction<KE, VE>>;
}

/** What the class OptimisticTransactionDB itself can do. */
export interface AsyncOptimisticTransactionDBClass {
  /** Like `RocksDB.open`. */
  open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOptimisticTransactionDBOpenOptions<KE, VE>,
  ): Promise<AsyncOptimisticTransactionDB<KE, VE>>;
  /** Like `RocksDB.shared`. */
  shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOptimisticTransactionDBOpenOptions<KE, VE> & SharedOptions,
  ): Promise<AsyncDatabaseLease<AsyncOptimisticTransactionDB<KE, VE>>>;
  /** Like `open`, on an engine that exists already. */
  openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: AsyncOptimisticTransactionDBOpenOptions<KE, VE> & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncOptimisticTransactionDB<KE, VE>>;
}

/**
 * A database whose entries have a time to live (RocksDB's DBWithTTL): each value carries the second of its
 * writing, and compaction drops what is older than the `timeToLive` of its column family. Until then an expired entry
 * can still be read. The time to live may be another at every open.
 *
 * Such a database is opened by this class only, and no other by it: values would be cut, or come with
 * four bytes too many. Wide columns are not supported by RocksDB here, and a `compactionFilter` must be given as
 * a factory.
 */
export interface AsyncDBWithTTL<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncRocksDB<KE, VE> {
  /** Another time to live, in seconds, for a column family: the next compactions go by it. */
  setTtl(
    seconds: number,
    options?: {
      columnFamily?: AsyncAnyColumnFamily;
    },
  ): Promise<void>;
}

/** What the class DBWithTTL itself can do. */
export interface AsyncDBWithTTLClass {
  /** Like `RocksDB.open`; `timeToLive` is in seconds, for each column family its own. */
  open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOpenOptions<KE, VE>,
  ): Promise<AsyncDBWithTTL<KE, VE>>;
  /** Like `open`, on an engine that exists already. */
  openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: AsyncOpenOptions<KE, VE> & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncDBWithTTL<KE, VE>>;
  /** Like `RocksDB.shared`. */
  shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options?: AsyncOpenOptions<KE, VE> & SharedOptions,
  ): Promise<AsyncDatabaseLease<AsyncDBWithTTL<KE, VE>>>;
}

/**
 * A handle of a column family (RocksDB's ColumnFamilyHandle). The database owns it and frees it when it is
 * closed; freeing it earlier gives up the handle and what was made through it, not the data.
 */
export interface AsyncColumnFamily<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  readonly name: string;
  /** RocksDB's id, unique within the database and never used again. */
  readonly familyId: number;
  /** Bytes of the user-defined timestamps of its keys, by its comparator; 0: it has none. */
  readonly timestampSize: number;
  /** Binds the type parameters, which no property would otherwise use. */
  readonly encodings: {
    readonly key: KE;
    readonly value: VE;
  };
  /** The default one is the database's own: it stays, whoever calls this, until that is closed. */
  free(): Promise<void>;
  /** True once it was dropped: it can be read through this handle, and not written. */
  readonly dropped: Promise<boolean>;
}

/**
 * A cursor over a column family, in key order. It pins the memtables and files that it was made with, so
 * free it as soon as it is not needed: `using it = db.iterator(...)`, or `try { } finally { it.free() }`.
 * Neither reaching the end nor leaving a loop frees it.
 */
export interface AsyncDBIterator<K = Uint8Array, V = Uint8Array> extends AsyncNativeObject {
  /** The snapshot that it reads at; it is kept, too, from being collected before the iterator. */
  readonly snapshot: Promise<AsyncSnapshot | undefined>;
  /** The next entry, or undefined at the end. */
  next(): Promise<[K, V] | undefined>;
  /**
   * The columns of the entry that `next()` gave last, where the iterator was made with `columns: true`. Of a
   * plain value: the default column alone.
   */
  readonly columns: Promise<WideColumns<V>>;
  /**
   * The timestamp of the entry that `next()` gave last; undefined where the column family has no user-defined
   * timestamps.
   */
  readonly timestamp: Promise<Timestamp | undefined>;
  /** Whether the entry that `next()` gave last is a deletion: only with `iterStartTimestamp`. */
  readonly deleted: Promise<boolean>;
  /**
   * With `allowUnpreparedValue`: loads the value of the entry that `next()` gave last, and its columns;
   * returns the value.
   */
  prepareValue(): Promise<V>;
  /**
   * A property of the iterator as RocksDB names it: `rocksdb.iterator.super-version-number` (compare with the
   * database's `rocksdb.current-super-version-number`), `rocksdb.iterator.is-key-pinned` and
   * `rocksdb.iterator.is-value-pinned`. Those of single entries are not to be had: entries are read ahead.
   */
  getProperty(name: string): Promise<string>;
  /** Up to `count` entries; fewer only at the end. */
  nextMany(count: number): Promise<[K, V][]>;
  /**
   * Goes to the first entry at or after `key` (at or before it, when `reverse`); `next()` returns it.
   * A key outside the bounds goes to the nearest bound. The limit counts anew.
   */
  seek(key: unknown): Promise<void>;
  /** Goes to the last entry at or before `key`, whatever the direction; `next()` returns it. */
  seekForPrev(key: unknown): Promise<void>;
  /** Goes back to where the iterator began. */
  seekToStart(): Promise<void>;
  /**
   * Sees the present from now on, or what `snapshot` shows, and gives up what it pinned. Begins anew at the
   * start; `seek` if it should be elsewhere.
   */
  refresh(snapshot?: AsyncSnapshot): Promise<void>;
  /** Entries from the present position on. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]>;
  /** Keys from the present position on. */
  keys(): AsyncIterableIterator<K>;
  /** Values from the present position on. */
  values(): AsyncIterableIterator<V>;
}

/**
 * Iterators of one kind over one column family, lent to those who read often: one that comes back is refreshed for
 * the next borrower instead of made anew. Made by `db.iteratorPool()`, and freed with the database at the latest.
 *
 * An idle iterator pins the memtables and files that it last read, so none is idle for longer than
 * `idleTimeoutMs`. The one that came back last is lent first.
 */
export interface AsyncIteratorPool<K = Uint8Array, V = Uint8Array> extends AsyncNativeObject {
  /** Iterators that there are at most. */
  readonly max: Promise<number>;
  readonly stats: Promise<IteratorPoolStats>;
  /**
   * An iterator that sees the present, at its start. Give it back: `free()`, or `using`. Throws PoolExhaustedError,
   * whatever `wait` says, when all are lent.
   */
  acquire(options?: AsyncAcquireOptions): Promise<AsyncIteratorLease<K, V>>;
  /** The same; when all are lent it waits, as the option `wait` says. */
  acquireAsync(options?: AsyncAcquireAsyncOptions): Promise<AsyncIteratorLease<K, V>>;
  /** Frees the idle iterators now, with all that they pin; returns how many. */
  trim(): Promise<number>;
}

/**
 * An iterator of a pool, lent: what a DBIterator can do, until `free()` gives it back. It is a handle of its own, so that
 * one that a borrower forgets is known by the place that asked for it.
 */
export interface AsyncIteratorLease<K = Uint8Array, V = Uint8Array> extends AsyncNativeObject {
  /** The snapshot that it reads at. */
  readonly snapshot: Promise<AsyncSnapshot | undefined>;
  /** The next entry, or undefined at the end. */
  next(): Promise<[K, V] | undefined>;
  /** Up to `count` entries; fewer only at the end. */
  nextMany(count: number): Promise<[K, V][]>;
  /** As of DBIterator. */
  seek(key: unknown): Promise<void>;
  /** As of DBIterator. */
  seekForPrev(key: unknown): Promise<void>;
  /** Goes back to where the iterator began. */
  seekToStart(): Promise<void>;
  /** Sees the present from now on, or what `snapshot` shows; begins anew at the start. */
  refresh(snapshot?: AsyncSnapshot): Promise<void>;
  /** The columns of the entry that `next()` gave last, with the option `columns: true`. */
  readonly columns: Promise<WideColumns<V>>;
  /** The timestamp of the entry that `next()` gave last. */
  readonly timestamp: Promise<Timestamp | undefined>;
  /** Whether the entry that `next()` gave last is a deletion: only with `iterStartTimestamp`. */
  readonly deleted: Promise<boolean>;
  /** With `allowUnpreparedValue`: loads the value of the entry that `next()` gave last, and its columns. */
  prepareValue(): Promise<V>;
  /** As of DBIterator. */
  getProperty(name: string): Promise<string>;
  /** Entries from the present position on. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]>;
  /** Keys from the present position on. */
  keys(): AsyncIterableIterator<K>;
  /** Values from the present position on. */
  values(): AsyncIterableIterator<V>;
}

/**
 * A view of a database at one sequence number. While it lives, compaction keeps every version that it can
 * see, so hold it no longer than needed. It cannot be freed while an iterator reads at it, nor while others
 * retain it.
 */
export interface AsyncSnapshot extends AsyncNativeObject {
  /** The sequence number of the last write that it can see. */
  readonly sequenceNumber: Promise<bigint>;
  /** When it was taken, seconds since 1970 by the engine's clock. */
  readonly unixTime: Promise<number>;
  /**
   * The timestamp that a TransactionDB keeps it under (`createTimestampedSnapshot`, `commitAndTryCreateSnapshot`).
   * Undefined: it has none.
   */
  readonly timestamp: Promise<bigint | undefined>;
  /**
   * One more hold on it, for a part of a program that uses it independently: it is freed only by as many
   * release(). Its maker's hold is the first. free() throws while there is more than that one.
   */
  retain(): Chain<this>;
  /**
   * Gives one hold up, and frees the snapshot with the last. Throws HandleBusyError, and keeps the hold,
   * when it is the last one and an iterator reads at the snapshot. After the last: HandleFreedError.
   */
  release(): Promise<void>;
}

/**
 * A value that is read where RocksDB has it: in a block of the block cache, which cannot be evicted as long,
 * or in a buffer of the slice's own (a value from a memtable, or merged). Free it soon.
 */
export interface AsyncPinnedSlice extends AsyncNativeObject {
  /** Bytes. */
  readonly length: number;
  /** The bytes, as a copy of one's own. */
  copy(): Promise<Uint8Array>;
}

/**
 * Updates that are applied together by `db.write(batch)`, and can be read before that: alone, or over what
 * the database has. It has no range deletions. Made by `db.batchWithIndex()`: free it; or a transaction's own.
 */
export interface AsyncWriteBatchWithIndex<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends AsyncNativeObject {
  /** Operations in it; overwritten ones count, too. */
  readonly count: Promise<number>;
  /** Bytes of its representation: what goes into the log. */
  readonly byteLength: Promise<number>;
  readonly overwriteKey: Promise<boolean>;
  /** RocksDB's representation of the batch, copied. */
  readonly data: Promise<Uint8Array>;
  /** Sets a key's value when the batch is written; reads through the batch see it at once. */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: AsyncViewOperationOptions): Chain<this>;
  /** An entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: AsyncViewOperationOptions,
  ): Chain<this>;
  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: AsyncViewOperationOptions): Chain<this>;
  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: AsyncViewOperationOptions): Chain<this>;
  /** Needs a `mergeOperator` on the column family. */
  merge(
    key: Encodable<KE>,
    operand: Encodable<VE>,
    options?: AsyncViewOperationOptions,
  ): Chain<this>;
  /** Puts bytes into the log, for those who read that; no key is written. */
  putLogData(data: string | Uint8Array): Chain<this>;
  /**
   * The value that the batch gives a key; undefined when it gives none. With merge operands that need what the
   * database has: an error of the code ERR_ROCKSDB_MERGE_IN_PROGRESS.
   */
  getFromBatch<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: Pick<AsyncReadOptions<E>, 'columnFamily' | 'valueEncoding'>,
  ): Promise<Decoded<E> | undefined>;
  /** The value that a key would have, were the batch written now. */
  getFromBatchAndDB<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E>,
  ): Promise<Decoded<E> | undefined>;
  /** The columns that the batch gives a key; undefined when it gives none. Otherwise like `getFromBatch`. */
  getEntityFromBatch<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: Pick<AsyncReadOptions<E>, 'columnFamily' | 'valueEncoding'> & EntityOptions<N>,
  ): Promise<WideColumns<Decoded<E>, N> | undefined>;
  /** The columns that a key would have, were the batch written now. Of a plain value: the default column. */
  getEntityFromBatchAndDB<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E> & EntityOptions<N>,
  ): Promise<WideColumns<Decoded<E>, N> | undefined>;
  /** The same of several keys, in their order. */
  getManyEntityFromBatchAndDB<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E> & EntityOptions<N>,
  ): Promise<(WideColumns<Decoded<E>, N> | undefined)[]>;
  /** The values that keys would have, in their order. `columnFamilies` says which is for which. */
  getManyFromBatchAndDB<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E>,
  ): Promise<(Decoded<E> | undefined)[]>;
  /** A cursor over the entries of the batch alone, by key. clear and rollbackToSavePoint free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options?: AsyncBatchIteratorOptions<IK, IV>,
  ): Promise<AsyncDBIterator<Decoded<IK>, BatchEntry<Decoded<IV>>>>;
  /**
   * A cursor over the database as if the batch were written. Whether it sees operations that are added after
   * it is open until the next `seek`. clear and rollbackToSavePoint free it. It cannot `refresh`.
   */
  iteratorWithBase<IK extends Encoding = KE, IV extends Encoding = VE>(
    options?: AsyncIteratorOptions<IK, IV>,
  ): Promise<AsyncDBIterator<Decoded<IK>, Decoded<IV>>>;
  /** Gives all its keys, in column families with user-defined timestamps, this timestamp: `db.write` needs it. */
  updateTimestamps(timestamp: Timestamp): Chain<this>;
  /** Remembers what the batch is now. */
  setSavePoint(): Promise<void>;
  /** Takes out what was added since the last savepoint, and that with it. */
  rollbackToSavePoint(): Promise<void>;
  /** Takes the last savepoint away; nothing is taken out. */
  popSavePoint(): Promise<void>;
  /** Removes all operations and savepoints. */
  clear(): Chain<this>;
  /** Bytes that it may take from now on; 0: any. */
  setMaxBytes(bytes: number): Promise<void>;
}

/**
 * Changes that are applied together, or not at all, and do not overwrite what others do meanwhile. Reads see
 * its own changes over what the database has. Commit it or roll it back, and free it in the end: freed
 * before that, its changes are dropped and its locks given up (`using transaction = ...`). One that is
 * prepared stays so, for the next open.
 *
 * Of a TransactionDB: each write locks its key, and LockConflictError comes at once. Of an
 * OptimisticTransactionDB: `commit` throws it.
 */
export interface AsyncTransaction<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  readonly state: Promise<TransactionState>;
  /** RocksDB's id, by which `getLockStatusData` names it; 0n of an optimistic one. */
  readonly transactionId: Promise<bigint>;
  /** The name that was set; undefined: none. */
  readonly name: Promise<string | undefined>;
  /** Names it, for `prepare` and getTransactionByName: once, and like no other one. Only of a TransactionDB. */
  setName(name: string): Promise<void>;
  readonly isDeadlockDetect: Promise<boolean>;
  /** Keys that are locked or watched. */
  readonly numKeys: Promise<number>;
  readonly numPuts: Promise<number>;
  readonly numPutEntities: Promise<number>;
  readonly numDeletes: Promise<number>;
  readonly numMerges: Promise<number>;
  /** Bytes of its changes, as they go into the log. */
  readonly byteLength: Promise<number>;
  /** Milliseconds since it began, by the engine's clock. */
  readonly elapsedTime: Promise<number>;
  /** Number of the log that its preparation is in; 0n: it is not prepared. */
  readonly logNumber: Promise<bigint>;
  /** Milliseconds, as RocksDB has it; nothing waits here. */
  setLockTimeout(timeout: number | bigint): Promise<void>;
  /** Of its preparation and its commit, instead of those that it was begun with. */
  setWriteOptions(options: Omit<AsyncWriteOptions, 'columnFamily' | 'timestamp'>): Promise<void>;
  /** Keys with timestamps that were written after this one cannot be written nor read for update. */
  setReadTimestampForValidation(timestamp: bigint): Promise<void>;
  /** The timestamp that all keys written with timestamps get. */
  setCommitTimestamp(timestamp: bigint): Promise<void>;
  /** Undefined: it was not set. */
  readonly commitTimestamp: Promise<bigint | undefined>;
  /** The value of a key, its own changes included, or undefined. Takes no lock. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E>,
  ): Promise<Decoded<E> | undefined>;
  /** The values of keys, in their order; undefined where there is none. `columnFamilies` says which is for which. */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E>,
  ): Promise<(Decoded<E> | undefined)[]>;
  /** The columns of a key, its own changes included, or undefined. Of a plain value: the default column alone. */
  getEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: AsyncReadOptions<E> & EntityOptions<N>,
  ): Promise<WideColumns<Decoded<E>, N> | undefined>;
  /** The columns of keys, in their order; undefined where there are none. */
  getManyEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: AsyncReadManyOptions<E> & EntityOptions<N>,
  ): Promise<(WideColumns<Decoded<E>, N> | undefined)[]>;
  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: AsyncReadOptions): Promise<boolean>;
  /** The value of a key without a copy, or undefined. It outlives the transaction: free it. */
  getPinned(key: Encodable<KE>, options?: AsyncReadOptions): Promise<AsyncPinnedSlice | undefined>;
  /**
   * Like get, and makes sure that nobody else writes the key before the transaction is over: by a lock, or
   * (optimistic) by a check at the commit. LockConflictError when it is locked, or was written since the
   * transaction's snapshot. The key need not exist.
   */
  getForUpdate<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: AsyncGetForUpdateOptions<E>,
  ): Promise<Decoded<E> | undefined>;
  /** Like getEntity, for update. */
  getEntityForUpdate<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: AsyncGetForUpdateOptions<E> & EntityOptions<N>,
  ): Promise<WideColumns<Decoded<E>, N> | undefined>;
  /** Like getMany, for update: all keys are locked before any is read. */
  getManyForUpdate<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: AsyncGetForUpdateOptions<E> & AsyncReadManyOptions<E>,
  ): Promise<(Decoded<E> | undefined)[]>;
  /**
   * Gives the lock of getForUpdate up, unless the key was written too, or was locked before the last
   * savepoint, or more often than this was called.
   */
  undoGetForUpdate(key: Encodable<KE>, options?: AsyncViewOperationOptions): Promise<void>;
  /**
   * A cursor over the database with the transaction's changes. Whether it sees those made after it is open
   * until the next `seek`. commit, rollback and rollbackToSavePoint free it. It cannot `refresh`.
   */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options?: AsyncIteratorOptions<IK, IV>,
  ): Promise<AsyncDBIterator<Decoded<IK>, Decoded<IV>>>;
  /** Over several column families as if they were one; see the database's. Otherwise like `iterator`. */
  coalescingIterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: Omit<AsyncIteratorOptions<IK, IV>, 'columnFamily'>,
  ): Promise<AsyncDBIterator<Decoded<IK>, Decoded<IV>>>;
  /** Of each key, the columns in each of the column families. Otherwise like `iterator`. */
  attributeGroupIterator<IK extends Encoding = KE, N extends ColumnNames = 'utf8'>(
    columnFamilies: readonly AsyncAnyColumnFamily[],
    options?: Omit<AsyncIteratorOptions<IK>, 'columnFamily' | 'columns'> & {
      columnNames?: N;
    },
  ): Promise<AsyncDBIterator<Decoded<IK>, AsyncAttributeGroup<any, N>[]>>;
  /**
   * Sets a key's value, in a TransactionDB once the key is locked: throws LockConflictError, whose `reason` says why, when it
   * cannot be.
   */
  put(
    key: Encodable<KE>,
    value: Encodable<VE>,
    options?: AsyncTransactionWriteOptions,
  ): Promise<void>;
  /** Writes an entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: AsyncTransactionWriteOptions,
  ): Promise<void>;
  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: AsyncTransactionWriteOptions): Promise<void>;
  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: AsyncTransactionWriteOptions): Promise<void>;
  /** Adds an operand for the column family's `mergeOperator`. */
  merge(
    key: Encodable<KE>,
    operand: Encodable<VE>,
    options?: AsyncTransactionWriteOptions,
  ): Promise<void>;
  /** Like put; locks the key, but does not look whether it was written since the snapshot. */
  putUntracked(
    key: Encodable<KE>,
    value: Encodable<VE>,
    options?: AsyncViewOperationOptions,
  ): Promise<void>;
  /** Likewise. */
  putEntityUntracked(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: AsyncViewOperationOptions,
  ): Promise<void>;
  /** Likewise. */
  deleteUntracked(key: Encodable<KE>, options?: AsyncViewOperationOptions): Promise<void>;
  /** Likewise. */
  singleDeleteUntracked(key: Encodable<KE>, options?: AsyncViewOperationOptions): Promise<void>;
  /** Likewise. */
  mergeUntracked(
    key: Encodable<KE>,
    operand: Encodable<VE>,
    options?: AsyncViewOperationOptions,
  ): Promise<void>;
  /** Puts bytes into the log, for those who read that; no key is written. */
  putLogData(data: string | Uint8Array): Promise<void>;
  /** Does all that a batch says, as if it were said here. */
  rebuildFromWriteBatch(
    batch: AsyncWriteBatch<any, any> | AsyncWriteBatchWithIndex<any, any>,
  ): Promise<void>;
  /**
   * What is written along with the commit of a prepared transaction, without locks and not part of what was
   * prepared; replaces what was set before. Only after `prepare` does `commit` take it.
   */
  setCommitTimeWriteBatch(batch: AsyncWriteBatch<any, any>): Promise<void>;
  /** Makes one put of what a key has: its merge operands, in the transaction and below it. */
  collapseKey(
    key: Encodable<KE>,
    options?: Pick<AsyncReadOptions, 'columnFamily' | 'snapshot'>,
  ): Promise<void>;
  /** From now on writes are not indexed: reads do not see them before the commit. Saves time. */
  disableIndexing(): Promise<void>;
  /** Has writes indexed again: reads of the transaction see them. */
  enableIndexing(): Promise<void>;
  /**
   * Its changes as RocksDB keeps them: a batch with an index, to be read. What is written to it directly takes
   * no locks. The transaction frees it.
   */
  getWriteBatch(): Promise<AsyncWriteBatchWithIndex<KE, VE>>;
  /** Remembers what the transaction is now. */
  setSavePoint(): Promise<void>;
  /** Undoes what was done since the last savepoint, with its locks, and takes that away. */
  rollbackToSavePoint(): Promise<void>;
  /** Takes the last savepoint away; nothing is undone. */
  popSavePoint(): Promise<void>;
  /**
   * From now on, a key that was written by others after this moment cannot be written nor read for update.
   * Reads see the present all the same, unless they are given the `snapshot`.
   */
  setSnapshot(): Promise<void>;
  /** Like setSnapshot, when a key is next written or read for update. */
  setSnapshotOnNextOperation(): Promise<void>;
  /** Lets go of the transaction's snapshot: later writes are checked against changes since they are made. */
  clearSnapshot(): Promise<void>;
  /** The present snapshot, for reads to be given; undefined when there is none. The transaction frees it. */
  readonly snapshot: Promise<AsyncSnapshot | undefined>;
  /**
   * The first half of a commit in two phases: what it changes is in the log and survives a crash, not visible
   * yet; `getAllPreparedTransactions` finds it after the next open. Needs a name. Only of a TransactionDB.
   */
  prepare(): Promise<void>;
  /**
   * Applies the changes. When it fails in a transaction that is not prepared, RocksDB has dropped the
   * changes of a pessimistic one, if it got as far as writing; an optimistic one is as it was.
   */
  commit(): Promise<void>;
  /**
   * Commits at a timestamp, and keeps a snapshot of that moment, which `getTimestampedSnapshot` of the database
   * finds; free this hold on it. Undefined: a snapshot with a later timestamp exists. Only of a
   * TransactionDB that is `writeCommitted`.
   */
  commitAndTryCreateSnapshot(timestamp: bigint): Promise<AsyncSnapshot | undefined>;
  /**
   * Drops the changes, and gives the locks up. One that was prepared is over then, and so is one that has
   * expired or failed to commit; any other can go on from nothing. Doing it again does nothing.
   */
  rollback(): Promise<void>;
  free(): Promise<void>;
}

/**
 * The batches of the log from a sequence number on, in order; made by `db.getUpdatesSince()`. Loop over it with
 * `for await`, which can follow the log, or with `for`, which ends where the log does at that moment; both
 * free it when they are left, however that is. Or call `next()`, and free it yourself. It keeps a file of the
 * log open, no more.
 */
export interface AsyncTransactionLogIterator extends AsyncNativeObject {
  /** The sequence number that the next batch is looked for from. */
  readonly nextSequence: Promise<bigint>;
  /**
   * The next batch; undefined when there is none yet: call it again later. Throws LogGapError when the
   * log does not have what comes next, CorruptionError and IOError as RocksDB reports.
   */
  next(): Promise<LogUpdate | undefined>;
  /** The batches that there are by now; at the end, or when it is left, it is freed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<LogUpdate>;
}

/**
 * Writes any amount of entries, batch by batch, in one buffer that is used again. Each batch is atomic, all of them
 * together are not. Entries go in by `add` (at once), by `put`, `delete`, `merge` and `write` (which let the host
 * do its own work after each batch: await them), or by the stream `writable`. `close()` writes the rest.
 *
 * An entry that cannot be encoded is an error of the call that brought it, and nothing else happens. A batch that cannot be
 * written stops the writer: that call, every later one and close() throw the same BulkWriteError, which says how
 * much was written. Freed without close(), it drops what it has taken and not written, with a warning.
 */
export interface AsyncBulkWriter<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  /** What was written so far; entries that wait for their batch are not in it. */
  readonly totals: Promise<BulkTotals>;
  /** Entries that were taken and wait for their batch. */
  readonly pending: Promise<number>;
  /** Bytes at which the present batch is written: what the heap has room for, up to `maxBatchBytes`. */
  readonly batchBytes: Promise<number>;
  /** Takes an entry; writes the batch when that is full, before it returns. True: it did. */
  add(entry: AsyncBulkEntry<KE, VE>): Promise<boolean>;
  /** Adds a put; when it resolves there is room for more, and what is full has been written. */
  put(
    key: Encodable<KE>,
    value: Encodable<VE>,
    options?: AsyncBatchOperationOptions,
  ): Promise<void>;
  /** Deletes a key; it need not exist. */
  delete(key: Encodable<KE>, options?: AsyncBatchOperationOptions): Promise<void>;
  /** Adds an operand for the column family's `mergeOperator`. */
  merge(
    key: Encodable<KE>,
    operand: Encodable<VE>,
    options?: AsyncBatchOperationOptions,
  ): Promise<void>;
  /** Takes many; after an error those before the wrong one are taken. */
  write(
    entries: Iterable<AsyncBulkEntry<KE, VE>> | AsyncIterable<AsyncBulkEntry<KE, VE>>,
  ): Promise<void>;
  /** Writes the present batch now, whatever its size. */
  commit(): Promise<void>;
  /**
   * The writer as a stream, which holds its source up while a batch is written. To close it closes the writer, to abort it
   * aborts the writer; an error of an entry or a batch ends both. For Node's streams: `Writable.fromWeb(...)`.
   */
  readonly writable: WritableStream<AsyncBulkChunk<KE, VE>>;
  /**
   * Writes the rest, syncs if that was asked for, and frees the writer; returns what was written in all. Throws the
   * BulkWriteError that it stopped with. Again: the same totals.
   */
  close(): Promise<BulkTotals>;
  /** Drops what is not written, and frees the writer; returns what was written. */
  abort(): Promise<BulkTotals>;
  /** Like abort(), with a warning when entries are dropped. */
  free(): Promise<void>;
}

/**
 * Backups of databases in one folder, in RocksDB's own form: native RocksDB restores them, and the reverse. Open it on
 * the engine of the databases, and free it; only one at a time should be open on a folder.
 *
 * A backup that returned is on disk (`sync`). One that failed leaves the others as they were; what it had copied is
 * deleted, or by the next backup if that fails, too.
 */
export interface AsyncBackupEngine extends AsyncNativeObject {
  /** The folder of the backups; absolute. */
  readonly path: string;
  readonly engine: AsyncEngine;
  /** What backups there are, the oldest first; those that are corrupt are not among them. */
  getBackupInfo(options?: { includeFileDetails?: boolean }): Promise<BackupInfo[]>;
  /** One of them; undefined when there is none of that number. CorruptionError when it is corrupt. */
  getBackupInfo(
    backupId: number,
    options?: {
      includeFileDetails?: boolean;
    },
  ): Promise<BackupInfo | undefined>;
  /** The newest backup that is not corrupt; undefined when there is none. */
  getLatestBackupInfo(options?: { includeFileDetails?: boolean }): Promise<BackupInfo | undefined>;
  /** Numbers of the backups whose metadata or files are damaged or not there. */
  getCorruptedBackups(): Promise<number[]>;
  /**
   * Throws CorruptionError, IOError and so on unless all files of a backup are there in the right size; with
   * `verifyWithChecksum`, unless their contents are right, too, which reads them all.
   */
  verifyBackup(
    backupId: number,
    options?: {
      verifyWithChecksum?: boolean;
    },
  ): Promise<void>;
  /**
   * Makes the database at `dbPath` what it was at the time of a backup. Whatever is in that folder is deleted
   * first; LockedError when it is open. When it fails, what is there cannot be opened: restore again.
   */
  restoreDBFromBackup(backupId: number, dbPath: string, options?: RestoreOptions): Promise<void>;
  /** The same from the newest backup that is not corrupt. */
  restoreDBFromLatestBackup(dbPath: string, options?: RestoreOptions): Promise<void>;
  /** Backs a database of the same engine up. Returns the number of the backup. */
  createNewBackup(db: AsyncRocksDB<any, any>, options?: CreateBackupOptions): Promise<number>;
  /** The same, with text of the program's that is kept with it (BackupInfo.appMetadata). */
  createNewBackupWithMetadata(
    db: AsyncRocksDB<any, any>,
    metadata: string,
    options?: CreateBackupOptions,
  ): Promise<number>;
  /**
   * Stops the backup that is being made, which fails with BusyError (Incomplete): to be called in its `progress`.
   * There is no other moment in one thread; at any other it does nothing.
   */
  stopBackup(): Promise<void>;
  /** Deletes all but the newest `numBackupsToKeep` backups, and the files that only they had. */
  purgeOldBackups(numBackupsToKeep: number): Promise<void>;
  /** Deletes a backup, and the files that no other one needs. */
  deleteBackup(backupId: number): Promise<void>;
  /** Deletes what backups that were not completed, or not deleted completely, have left. */
  garbageCollect(): Promise<void>;
}

/** What the class BackupEngine itself can do. */
export interface AsyncBackupEngineClass {
  /** Opens the folder, and makes it if it is not there. */
  open(path: string, options?: AsyncBackupEngineOpenOptions): Promise<AsyncBackupEngine>;
  /** Like `open`, on an engine that exists already. */
  openSync(
    path: string,
    options: AsyncBackupEngineOpenOptions & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncBackupEngine>;
}

/** Backups in one folder, to be read and restored; nothing in the folder is changed. Free it. */
export interface AsyncBackupEngineReadOnly extends AsyncNativeObject {
  /** The folder of the backups; absolute. */
  readonly path: string;
  readonly engine: AsyncEngine;
  /** What backups there are, the oldest first; those that are corrupt are not among them. */
  getBackupInfo(options?: { includeFileDetails?: boolean }): Promise<BackupInfo[]>;
  /** One of them; undefined when there is none of that number. CorruptionError when it is corrupt. */
  getBackupInfo(
    backupId: number,
    options?: {
      includeFileDetails?: boolean;
    },
  ): Promise<BackupInfo | undefined>;
  /** The newest backup that is not corrupt; undefined when there is none. */
  getLatestBackupInfo(options?: { includeFileDetails?: boolean }): Promise<BackupInfo | undefined>;
  /** Numbers of the backups whose metadata or files are damaged or not there. */
  getCorruptedBackups(): Promise<number[]>;
  /**
   * Throws CorruptionError, IOError and so on unless all files of a backup are there in the right size; with
   * `verifyWithChecksum`, unless their contents are right, too, which reads them all.
   */
  verifyBackup(
    backupId: number,
    options?: {
      verifyWithChecksum?: boolean;
    },
  ): Promise<void>;
  /**
   * Makes the database at `dbPath` what it was at the time of a backup. Whatever is in that folder is deleted
   * first; LockedError when it is open. When it fails, what is there cannot be opened: restore again.
   */
  restoreDBFromBackup(backupId: number, dbPath: string, options?: RestoreOptions): Promise<void>;
  /** The same from the newest backup that is not corrupt. */
  restoreDBFromLatestBackup(dbPath: string, options?: RestoreOptions): Promise<void>;
}

/** What the class BackupEngineReadOnly itself can do. */
export interface AsyncBackupEngineReadOnlyClass {
  /** Opens the folder, which must be there, on an engine of its own. */
  open(path: string, options?: AsyncBackupEngineOpenOptions): Promise<AsyncBackupEngineReadOnly>;
  /** Like `open`, on an engine that exists already. */
  openSync(
    path: string,
    options: AsyncBackupEngineOpenOptions & {
      engine: AsyncEngine;
    },
  ): Promise<AsyncBackupEngineReadOnly>;
}

/**
 * Writes a table file for `db.ingestExternalFile`. Keys are given in the order of the comparator, each once. The
 * file may be finished and another begun; free the writer. A file that was not finished then is left incomplete.
 */
export interface AsyncSstFileWriter<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  /** Begins a file; its folder must be there. What was at `path` is replaced. */
  open(path: string): Promise<void>;
  /** Adds an entry. Keys come in the order of the comparator, each once. */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: SstEntryOptions): Promise<void>;
  /** An entity of wide columns. */
  putEntity(key: Encodable<KE>, columns: WideColumnsInput2): Promise<void>;
  /** Adds an operand for the merge operator, in the order of keys. */
  merge(key: Encodable<KE>, operand: Encodable<VE>): Promise<void>;
  /** Adds a tombstone, in the order of keys. */
  delete(key: Encodable<KE>, options?: SstEntryOptions): Promise<void>;
  /** Deletes [begin, end) below the file: not the keys in it. May come in any order. */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options?: SstEntryOptions): Promise<void>;
  /** Completes the file, on disk. InvalidArgumentError while nothing is in it. */
  finish(): Promise<ExternalSstFileInfo>;
  /** Bytes written so far; those of the finished file after finish(). */
  readonly fileSize: Promise<number>;
}

/** What the class SstFileWriter itself can do. */
export interface AsyncSstFileWriterClass {
  /** `new SstFileWriter(...)`, in the worker. */
  create<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    engine: AsyncEngine,
    options?: AsyncSstFileOptions<KE, VE>,
  ): Promise<AsyncSstFileWriter<KE, VE>>;
}

/** A table file, read without a database. Free it, which frees its iterators. */
export interface AsyncSstFileReader<KE extends Encoding = 'view', VE extends Encoding = 'view'>
  extends AsyncNativeObject {
  /** Absolute. */
  readonly path: string;
  readonly properties: Promise<SstFileProperties>;
  /** What a database with this file alone would show. Free it. */
  iterator(
    options?: SstIteratorOptions<Encodable<KE>>,
  ): Promise<AsyncSstFileIterator<Decoded<KE>, Decoded<VE>>>;
  /**
   * All that is in the file, the newest version of a key first: deletions, operands, old versions. Range deletions
   * are not among them. Free it.
   */
  rawIterator(options?: {
    reverse?: boolean;
  }): Promise<AsyncSstRawIterator<Decoded<KE>, Decoded<VE>>>;
  /** Reads the whole file and compares the checksums of its blocks. */
  verifyChecksum(): Promise<void>;
  /** Counts the entries and compares with what the properties say. */
  verifyNumEntries(): Promise<void>;
}

/** What the class SstFileReader itself can do. */
export interface AsyncSstFileReaderClass {
  /** Opens the file; the options must have its comparator. CorruptionError when it is no table file. */
  create<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    engine: AsyncEngine,
    path: string,
    options?: AsyncSstFileOptions<KE, VE>,
  ): Promise<AsyncSstFileReader<KE, VE>>;
}

/** A cursor over what a table file shows, in key order. Free it. */
export interface AsyncSstFileIterator<K = Uint8Array, V = Uint8Array> extends AsyncNativeObject {
  /** The next entry, or undefined at the end. */
  next(): Promise<[K, V] | undefined>;
  /** Goes to the first entry at or after `key` (at or before it, when `reverse`); `next()` returns it. */
  seek(key: unknown): Promise<void>;
  /** Goes to the last entry at or before `key`, whatever the direction; `next()` returns it. */
  seekForPrev(key: unknown): Promise<void>;
  /** Goes back to where the iterator began. */
  seekToStart(): Promise<void>;
  /** Entries from the present position on. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]>;
}

/** A cursor over all that is in a table file. Free it. */
export interface AsyncSstRawIterator<K = Uint8Array, V = Uint8Array> extends AsyncNativeObject {
  /** The next entry, or undefined at the end. */
  next(): Promise<SstRawEntry<K, V> | undefined>;
  /** Goes to the first entry at or after `key` (at or before it, when `reverse`); `next()` returns it. */
  seek(key: unknown): Promise<void>;
  /** Goes to the last entry at or before `key`, whatever the direction; `next()` returns it. */
  seekForPrev(key: unknown): Promise<void>;
  /** Goes back to where the iterator began. */
  seekToStart(): Promise<void>;
  /** Entries from the present position on. */
  [Symbol.asyncIterator](): AsyncIterableIterator<SstRawEntry<K, V>>;
}

/**
 * Watches the tables and blob files of the databases that are opened with it as `sstFileManager`: their space in
 * all, and how fast they are deleted.
 *
 * When `maxAllowedSpaceUsage` is reached, the flush that reached it is the last, and writes fail with
 * `ERR_ROCKSDB_SPACE_LIMIT` from then on. Make room (raise the limit, delete and compact) and call `db.resume()`.
 * What is deleted at a rate goes in the engine's background work.
 */
export interface AsyncSstFileManager extends AsyncNativeObject {
  /** Bytes of all files that it watches, trash included. */
  readonly totalSize: Promise<number>;
  readonly totalTrashSize: Promise<number>;
  readonly deleteRateBytesPerSecond: Promise<number>;
  /** Sets `deleteRateBytesPerSecond`. */
  setDeleteRateBytesPerSecond(rate: number): Promise<void>;
  readonly maxTrashDBRatio: Promise<number>;
  /** Sets `maxTrashDBRatio`. */
  setMaxTrashDBRatio(share: number): Promise<void>;
  readonly isMaxAllowedSpaceReached: Promise<boolean>;
  /** Whether it would be when the compactions that run now have written what they may. */
  readonly isMaxAllowedSpaceReachedIncludingCompactions: Promise<boolean>;
  /** Bytes; 0: no limit. */
  setMaxAllowedSpaceUsage(space: number): Promise<void>;
  /** Bytes that compactions leave free beside what they are going to write. */
  setCompactionBufferSize(space: number): Promise<void>;
  /** Where it counts the files that it deletes; undefined: nowhere. A database that opens with it sets its own. */
  setStatistics(statistics: AsyncStatistics | undefined): Promise<void>;
  /** The files that it watches, by path, and their bytes. */
  getTrackedFiles(): Promise<Map<string, number>>;
}

/** What the class SstFileManager itself can do. */
export interface AsyncSstFileManagerClass {
  /** `new SstFileManager(...)`, in the worker. */
  create(engine: AsyncEngine, options?: SstFileManagerOptions): Promise<AsyncSstFileManager>;
}

/**
 * A cache that several databases and column families of one engine share: of blocks
 * (`blockBasedTable: { blockCache }`), of blobs (`blobCache`) or of rows (`rowCache`). The databases keep it alive;
 * freeing the handle gives up only the handle's own hold.
 */
export interface AsyncCache extends AsyncNativeObject {
  /** Bytes that it may hold. */
  readonly capacity: Promise<number>;
  /** Bytes of the blocks in it. */
  readonly usage: Promise<number>;
  /** Bytes of the blocks that are in use at the moment, by iterators and pinned values. */
  readonly pinnedUsage: Promise<number>;
  /** Entries in it. */
  readonly occupancyCount: Promise<number>;
  /** Slots of its table: entries that it could hold without growing the table. */
  readonly tableAddressCount: Promise<number>;
  /** Whether it refuses what does not fit. */
  readonly strictCapacityLimit: Promise<boolean>;
  /** Sets `strictCapacityLimit`. */
  setStrictCapacityLimit(strict: boolean): Promise<void>;
  /** Changes the capacity, in bytes; blocks beyond it are dropped. */
  setCapacity(bytes: number): Promise<void>;
  /** Drops every block that nothing uses at the moment. */
  eraseUnused(): Promise<void>;
  /** Changes the budget of a tiered cache, how it is shared out, or what the compressed tier takes. */
  updateTiered(update: TieredCacheUpdate): Promise<void>;
}

/** What the class Cache itself can do. */
export interface AsyncCacheClass {
  /** `new Cache(...)`, in the worker. */
  create(engine: AsyncEngine, options: AsyncCacheOptions): Promise<AsyncCache>;
}

/**
 * Holds compressed what a block cache drops: pass it as `secondaryCache` of a Cache. A block that is found in it
 * is decompressed rather than read from a file. Caches keep it alive; freeing the handle gives up only its own hold.
 */
export interface AsyncCompressedSecondaryCache extends AsyncNativeObject {
  /** Bytes that it may hold. */
  readonly capacity: Promise<number>;
  /** Changes the capacity, in bytes; entries beyond it are dropped. */
  setCapacity(bytes: number): Promise<void>;
}

/** What the class CompressedSecondaryCache itself can do. */
export interface AsyncCompressedSecondaryCacheClass {
  /** `new CompressedSecondaryCache(...)`, in the worker. */
  create(
    engine: AsyncEngine,
    options: CompressedSecondaryCacheOptions,
  ): Promise<AsyncCompressedSecondaryCache>;
}

/**
 * Counters (tickers) and histograms of the databases that were opened with it as `statistics`; several
 * databases of one engine may share it. Counts are numbers, exact up to 2^53. docs/statistics.md says what the
 * important ones mean.
 */
export interface AsyncStatistics extends AsyncNativeObject {
  /** What is counted from now on. */
  readonly statsLevel: Promise<StatsLevel>;
  /** Sets `statsLevel`. */
  setStatsLevel(level: StatsLevel): Promise<void>;
  /** A ticker's count since the statistics were made or reset. */
  getTickerCount(ticker: Ticker): Promise<number>;
  /** Reads it and sets it to 0. */
  getAndResetTickerCount(ticker: Ticker): Promise<number>;
  /** Sets a ticker's count. */
  setTickerCount(ticker: Ticker, count: number): Promise<void>;
  /** Adds to a ticker, unless the level is `disableAll`. */
  recordTick(ticker: Ticker, count?: number): Promise<void>;
  /** Gives a value to a histogram, if the level has histograms. */
  recordInHistogram(histogram: Histogram, value: number): Promise<void>;
  /** Percentiles, average, count and sum of a histogram. */
  histogramData(histogram: Histogram): Promise<HistogramData>;
  /** A histogram as RocksDB writes it, with its buckets. */
  getHistogramString(histogram: Histogram): Promise<string>;
  /** All tickers, in one crossing. */
  tickers(): Promise<Record<TickerName, number>>;
  /** All histograms, in one crossing. */
  histograms(): Promise<Record<HistogramName, HistogramData>>;
  /** Sets every ticker and histogram to 0. */
  reset(): Promise<void>;
  /** All of it as RocksDB writes it into its LOG. */
  toText(): Promise<string>;
}

/** What the class Statistics itself can do. */
export interface AsyncStatisticsClass {
  /** `new Statistics(...)`, in the worker. */
  create(engine: AsyncEngine, options?: StatisticsOptions): Promise<AsyncStatistics>;
}

/**
 * Limits what flushes and compactions write a second, over all databases of one engine that are opened with it as
 * `rateLimiter`.
 *
 * RocksDB has them wait in their threads. There is one thread here, so a flush or compaction runs through at once, and
 * the next one of these databases starts when its bytes are paid for: flushes wait for what flushes wrote,
 * compactions for all. Until then `engine.pump()` passes them over; a call that needs one (a write that
 * RocksDB stalls, `flush()`, `compactRange()`) waits by the engine's clock. See docs/resources.md.
 */
export interface AsyncRateLimiter extends AsyncNativeObject {
  /** The limit at present. */
  readonly bytesPerSecond: Promise<number>;
  /** Sets `bytesPerSecond`. */
  setBytesPerSecond(bytes: number): Promise<void>;
  /** The most bytes of one request. */
  readonly singleBurstBytes: Promise<number>;
  /** Sets `singleBurstBytes`. */
  setSingleBurstBytes(bytes: number): Promise<void>;
  /** Bytes that went through it. Default: of all priorities. */
  getTotalBytesThrough(priority?: IOPriority | 'total'): Promise<number>;
  /** Requests that were made. Default: of all priorities. */
  getTotalRequests(priority?: IOPriority | 'total'): Promise<number>;
  /** Microseconds until the next job of that priority may start; 0: now. */
  getDelayMicros(priority: IOPriority): Promise<number>;
  /** Takes bytes for writes of the program's own, and waits by the engine's clock until they are paid. */
  request(bytes: number, priority?: IOPriority): Promise<void>;
}

/** What the class RateLimiter itself can do. */
export interface AsyncRateLimiterClass {
  /** `new RateLimiter(...)`, in the worker. */
  create(engine: AsyncEngine, options: RateLimiterOptions): Promise<AsyncRateLimiter>;
}

/**
 * One limit for the memtables of all column families of the databases that are opened with it as
 * `writeBufferManager`. A write that passes 7/8 of it has its database flush its largest memtable first.
 */
export interface AsyncWriteBufferManager extends AsyncNativeObject {
  /** Whether there is a limit. */
  readonly enabled: Promise<boolean>;
  /** Whether the memory is charged to a cache. */
  readonly costToCache: Promise<boolean>;
  /** Whether the memtables take as much as the limit, or more. */
  readonly isOverLimit: Promise<boolean>;
  /** Bytes of all memtables. Of a manager without a limit and without a cache: 0. */
  readonly memoryUsage: Promise<number>;
  /** Bytes of those that are still written to. */
  readonly mutableMemtableMemoryUsage: Promise<number>;
  /** Bytes that are charged to the cache, in steps of 256 KiB. */
  readonly dummyEntriesInCacheUsage: Promise<number>;
  readonly bufferSize: Promise<number>;
  /** Changes the limit, in bytes; at least 1. */
  setBufferSize(bytes: number): Promise<void>;
  /** See `allowStall`. */
  setAllowStall(allow: boolean): Promise<void>;
}

/** What the class WriteBufferManager itself can do. */
export interface AsyncWriteBufferManagerClass {
  /** `new WriteBufferManager(...)`, in the worker. */
  create(
    engine: AsyncEngine,
    options: AsyncWriteBufferManagerOptions,
  ): Promise<AsyncWriteBufferManager>;
}

/**
 * A column family that was exported into a folder: `db.exportColumnFamily`. The files are the program's; this
 * handle says what they are, to `db.createColumnFamilyWithImport`. Free it.
 */
export interface AsyncExportedFiles extends AsyncNativeObject {
  /** What the files are; as JSON it needs its bigints and bytes taken care of. */
  readonly metadata: Promise<ExportImportFilesMetaData>;
}

/** What the class ExportedFiles itself can do. */
export interface AsyncExportedFilesClass {
  /**
   * The handle for files that were exported by another engine, process or machine: `metadata` as it was there,
   * with `directory` as it is here.
   */
  from(engine: AsyncEngine, metadata: ExportImportFilesMetaData): Promise<AsyncExportedFiles>;
}

/**
 * One caller's hold on a database that several share: what `RocksDB.shared` gives. Release it (or `using`); the
 * database is closed once nobody holds a lease. What was made with the database is freed by whoever made it, as ever:
 * while others have the database open, a lease that ends frees nothing of that.
 */
export interface AsyncDatabaseLease<D extends AsyncNativeObject> extends AsyncNativeObject {
  /** The database. Its `close()` throws HandleBusyError while there are leases. After release(): HandleFreedError. */
  readonly db: Promise<D>;
  /** Gives the database back; it is closed with the last lease. Once is enough: later calls do nothing. */
  release(): Promise<void>;
  /** The same as release(). */
  free(): Promise<void>;
}

/**
 * Something of a database that stands still as long as it lives: its log (`db.lockWAL()`), its background work
 * (`db.pauseBackgroundWork()`), or the deletion of its files (`db.disableFileDeletions()`). They nest: the last one to be freed lets it go on.
 */
export interface AsyncDatabaseHold extends AsyncNativeObject {}

/**
 * One WebAssembly instance: linear memory, files, clock, scheduler and ledger. `RocksDB.open` makes a
 * private one, freed when its database is closed. Several databases may share one, and with it block
 * caches, 4 GiB, and the fate of a crash. Free it after its databases.
 */
export interface AsyncEngine extends AsyncNativeObject {
  /** What is held, by whom, made where. */
  readonly heap: AsyncHeapMonitor;
  readonly background: Background;
  /** Queues of background jobs. */
  readonly env: AsyncEnv;
  /** Counters of the calls on its databases: see `db.withPerfContext`. */
  readonly perfContext: AsyncPerfContext;
  /** Bytes and times of its files, background work aside. */
  readonly ioStatsContext: AsyncIOStatsContext;
  readonly maxHeapBytes: number | undefined;
  /** True after a trap, exhausted memory or a deadlock. */
  readonly crashed: Promise<boolean>;
  /** RocksDB's version, such as `9.10.0`. */
  readonly rocksdbVersion: Promise<string>;
  /** Pieces of background work that could run now (the clock's aside). */
  readonly pendingJobs: Promise<number>;
  /**
   * Runs background work until none can run now, or `maxJobs` pieces; returns how many ran. What a job
   * meets (a full disk, say) is reported by the next call that depends on it, as in RocksDB.
   */
  pump(maxJobs?: number): Promise<number>;
  /** Closes the databases that are open on it, frees everything, and drops the memory. */
  free(): Promise<void>;
}

/** What the class Engine itself can do. */
export interface AsyncEngineClass {
  /** Compiles the module (once per process) and makes an engine. */
  create(options?: AsyncEngineOptions): Promise<AsyncEngine>;
}

/**
 * RocksDB's Env, as far as one thread has one. Jobs run one at a time: high before user, low and bottom. How many
 * threads a queue has decides only how many jobs RocksDB puts into it at once; `maxBackgroundJobs` raises it.
 */
export interface AsyncEnv extends AsyncPart {
  /** Jobs that wait in a queue. */
  getThreadPoolQueueLen(priority?: EnvPriority): Promise<number>;
  /** How many jobs of that priority RocksDB would run at a time. They run one after another here, on one thread. */
  getBackgroundThreads(priority?: EnvPriority): Promise<number>;
  /** Without threads for `high`, RocksDB queues flushes as `low`, where compactions may be before them. */
  setBackgroundThreads(threads: number, priority?: EnvPriority): Promise<void>;
}

/**
 * The engine's PerfContext: one for all its databases, since RocksDB has one a thread. Background work that runs
 * within a call is not counted, as it would not be in a thread of its own.
 */
export interface AsyncPerfContext extends AsyncPart {
  readonly level: Promise<PerfLevel>;
  /** Sets `level`. */
  setLevel(level: PerfLevel): Promise<void>;
  /** Whether levels of the tree are counted each; setting it to false drops their counts. */
  readonly byLevel: Promise<boolean>;
  /** Sets `byLevel`. */
  setByLevel(on: boolean): Promise<void>;
  /** Sets all counters to 0. */
  reset(): Promise<void>;
  /** One counter. */
  metric(counter: PerfCounter): Promise<number>;
  /** All counters since the last `reset()`. */
  counters(): Promise<PerfCounters>;
  /** By level of the tree; empty without `byLevel`. */
  levels(): Promise<PerfByLevel>;
  /** As RocksDB writes them. */
  report(excludeZeroCounters?: boolean): Promise<string>;
  /**
   * Runs a function at a level and tells what its calls took. It may be nested: the counters are differences,
   * nothing is reset. The function must not be asynchronous: what else ran meanwhile would be counted.
   */
  measure<T>(level: PerfLevel, work: () => T, options?: PerfOptions): Promise<Measured<T>>;
}

/** The engine's IOStatsContext: bytes and times of its files, background work aside. */
export interface AsyncIOStatsContext extends AsyncPart {
  /** Sets all counters to 0. */
  reset(): Promise<void>;
  /** All counters since the last `reset()`. */
  counters(): Promise<IOCounters>;
  /** As RocksDB writes them. */
  report(excludeZeroCounters?: boolean): Promise<string>;
}

/**
 * What is held, by whom, since when, made where. `engine.heap`: of the whole engine. `db.heap`: of the
 * handles of one database; its bytes are still those of the engine, which they share.
 */
export interface AsyncHeapMonitor extends AsyncPart {
  /** Sum of all live blocks, bytes, without the allocator's headers. */
  readonly inUseBytes: Promise<number>;
  /** Live blocks. */
  readonly blocks: Promise<number>;
  /** The most that `inUseBytes` has been. */
  readonly highWaterBytes: Promise<number>;
  /** Sum of all blocks that there have been, bytes; those that are freed too. */
  readonly allocatedBytes: Promise<number>;
  /** Headers of live blocks, bytes. */
  readonly headerBytes: Promise<number>;
  /** Bytes of linear memory; it never shrinks. */
  readonly linearMemoryBytes: Promise<number>;
  /** The wasm's stack, and how deep it has been used. */
  readonly stack: Promise<StackUse>;
  /**
   * Walks the chunks of the heap: free and in use, fragmentation, what keeps the heap from ending earlier. Runs
   * no wasm, so it works after a crash. Throws DamagedHeap.
   */
  walk(): Promise<HeapMap>;
  /**
   * The heap in the order of addresses, in at most `cells` cells (1 to 65536, default 1,024): how much of each is in
   * use, and mostly by whom. Runs no wasm. Throws DamagedHeap, RangeError.
   */
  layout(cells?: number): Promise<HeapLayout>;
  /** Accounts for every byte of the heap in two ways, and says what does not agree. */
  verify(): Promise<HeapIdentity>;
  /** Bytes and blocks by owner: parts of the engine, and handles by kind. */
  owners(): Promise<Record<string, OwnerBytes>>;
  /** What is recorded of each handle from now on; see TrackingLevel. */
  readonly tracking: Promise<TrackingLevel>;
  /** Sets `tracking`. */
  setTracking(level: TrackingLevel): Promise<void>;
  /** What happens with handles that are made from now on and then forgotten. */
  readonly finalizer: Promise<FinalizerMode>;
  /** Sets `finalizer`. */
  setFinalizer(mode: FinalizerMode): Promise<void>;
  /**
   * Records every allocation and free on the wasm heap from now on, until its `stop()`: to a function or a file, or
   * just so that `sites()` of the trace says which code holds what. A trace that is running is stopped. Level
   * `exact` runs one with stacks and without a sink.
   */
  trace(options?: TraceOptions2): Promise<AsyncAllocationTrace>;
  /** The trace that was started last in the engine, also by level `exact`. */
  readonly allocations: Promise<AsyncAllocationTrace | undefined>;
  /** Tells the engines of the process apart: from 1, in the order in which they were made. */
  readonly engineNumber: Promise<number>;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: Promise<number>;
  /**
   * Calls `listener` when the monitor tells something by itself: see MonitorEventMap. It is called soon after the
   * operation that made the event, when it may use the database; what it throws becomes a warning of the process.
   * Returns the function that takes it back. Each event is also published on `node:diagnostics_channel`, under
   * `rocksdb-wasm:` and its name.
   */
  on<E extends MonitorEvent>(
    name: E,
    listener: (event: MonitorEventMap[E]) => unknown,
  ): Promise<() => Promise<void>>;
  /**
   * Takes a sample every 1,000 operations, and every second in which there are fewer, for `history()`. Returns the
   * function that ends it. The growth detector and alert rules do so by themselves.
   */
  watch(options?: SampleOptions): Promise<() => Promise<void>>;
  /** The newest 512 samples and, of those before them, ever fewer; oldest first. */
  history(): Promise<readonly HeapSample[]>;
  /**
   * Looks for handles that grow without end, in a service that runs: each suspect becomes an event `growth` with the place that makes
   * them. It goes on until its `stop()`, or the end of the engine. Takes samples, and some creation stacks, too. Throws
   * RangeError for what is not as GrowthOptions says.
   */
  watchGrowth(options?: GrowthOptions): Promise<AsyncGrowthWatch>;
  /**
   * Does now what is due by the engine's clock: takes a sample, applies policies, closes idle databases, ends waits in
   * pools. Timers do so by themselves, unless the engine has a clock of the program's.
   */
  poll(): Promise<void>;
  /** The policies in force, by kind of handle, and of the heap; a copy. */
  readonly policies: Promise<Policies>;
  /**
   * Changes what holds for a kind of handle, or for the heap, of the engine: with the next operation, and for handles
   * that there are already, too. Undefined: nothing holds any more; what has expired stays so. Throws
   * InvalidOptionError, and changes nothing.
   */
  setPolicy(kind: 'heap', policy: HeapPolicy | undefined): Promise<void>;
  setPolicy(kind: PolicyKind, policy: HandlePolicy | undefined): Promise<void>;
  /** Rules on metrics, rates and ages, and their alerts. */
  readonly alerts: AsyncAlerts;
  /**
   * The engine's figures under the names that Prometheus gives them. `walk`: walks the heap, too, for its free bytes.
   */
  metrics(options?: { walk?: boolean }): Promise<Metric[]>;
  /** Live handles, oldest first; of one kind if given. Their records go on changing. */
  handles(kind?: HandleKind): Promise<HandleRecord[]>;
  /**
   * What a live iterator, pinned slice or snapshot keeps alive, and its own bytes; of a batch or a cache the
   * latter. Takes the handle or its id. Undefined of other kinds, and when there is no such handle.
   */
  pins(
    handle:
      | number
      | {
          readonly id: number;
        },
    options?: PinOptions,
  ): Promise<PinReport | undefined>;
  /** What iterators and pinned slices keep alive together: what would go if all of them were freed. */
  pinsTogether(
    handles: readonly (
      | number
      | {
          readonly id: number;
        }
    )[],
  ): Promise<PinReport | undefined>;
  /** What each live iterator and pinned slice of the engine keeps alive, by id. */
  allPins(): Promise<ReadonlyMap<number, PinReport>>;
  /** Bytes on the wasm heap that are the own of each live handle that has an account, by id. */
  ownBytes(): Promise<ReadonlyMap<number, number>>;
  /** Who holds what, since when, made where. Plain data, and a copy. */
  report(): Promise<HeapReport>;
  /** What changed from one report to a later one, as data. */
  compare(before: HeapReport, after?: HeapReport): Promise<HeapDiff>;
  /**
   * As a table, most first: the live handles by kind or by the site they were made at, or the bytes on the heap
   * by their owner. After a crash, the handles that were live then.
   */
  top(by?: TopBy, limit?: number): Promise<string>;
  /** The live handles under their owners. */
  tree(): Promise<string>;
  /** What changed from one report to a later one, as text. */
  diff(before: HeapReport, after?: HeapReport): Promise<string>;
  /** Who made a live handle, when, and what it keeps alive, in words; takes the handle or its id. */
  why(
    handle:
      | number
      | {
          readonly id: number;
        },
  ): Promise<string>;
}

/** `heap.alerts`: the rules of one engine. While there are any, samples are taken. */
export interface AsyncAlerts extends AsyncPart {
  /**
   * Adds rules, from the next sample on; one whose name there is already is replaced, and begins anew. Throws
   * InvalidOptionError, and adds none.
   */
  add(rules: AlertRule | readonly AlertRule[]): Promise<void>;
  /** False: there is none of that name. A raised alert is not told to be over. */
  remove(name: string): Promise<boolean>;
  /** The rules in the order in which they came, and how they stand. */
  list(): Promise<AlertState[]>;
}

/**
 * A record of every allocation and free from now on, until `stop()`. What a sink throws (or the engine's clock,
 * or what the program prepares stacks with) ends the trace and comes out of `stop()`.
 */
export interface AsyncAllocationTrace extends AsyncPart {
  readonly running: Promise<boolean>;
  /** Blocks that were allocated since the trace began and are live. Needs `keepLive`. */
  live(): Promise<readonly AllocationEvent[]>;
  /** Live blocks by owner and stack, most bytes first. Needs `keepLive`. */
  sites(): Promise<readonly AllocationSite[]>;
  /** Gives the events so far to the sink, the last ones too. */
  flush(): Promise<void>;
  /** Ends the trace. Throws what its sink threw. */
  stop(): Promise<void>;
}

/** Made by `heap.watchGrowth()`. */
export interface AsyncGrowthWatch extends AsyncPart {
  /** Who is suspected now; a suspect goes when half of its handles are freed or used again. */
  readonly suspects: Promise<readonly GrowthSuspect[]>;
  /**
   * Iterators, snapshots and the like that were not used for far longer than any other of their kind has lived: what grows
   * there is what they keep alive (`heap.pins()`).
   */
  readonly held: Promise<readonly HeldHandle[]>;
  /** What each criterion says of each kind that has idle handles; plain data, and a copy. */
  report(): Promise<GrowthReport>;
  /** Looks no longer. `suspects` and `report()` stay as they are. Does nothing the second time. */
  stop(): Promise<void>;
}

export interface AsyncMemoryFileSystem extends AsyncPart {
  readonly [REMOTE]: 'MemoryFileSystem';
}

/** What the class MemoryFileSystem itself can do. */
export interface AsyncMemoryFileSystemClass {
  /** Times of files come from the clock. */
  create(clock?: FromSetup<Clock> | AsyncManualClock): Promise<AsyncMemoryFileSystem>;
}

export interface AsyncNodeFileSystem extends AsyncPart {
  readonly [REMOTE]: 'NodeFileSystem';
}

/** What the class NodeFileSystem itself can do. */
export interface AsyncNodeFileSystemClass {
  /** `new NodeFileSystem(...)`, in the worker. */
  create(): Promise<AsyncNodeFileSystem>;
}

/**
 * Encrypts what is written to another file system and decrypts what is read: `RocksDB.open(path, {
 * fileSystem: new EncryptedFileSystem(new NodeFileSystem(), { keys: { main: key } }) })`.
 *
 * Every file has random keys of its own, wrapped in its header by a master key. What was not written with
 * the keys is never read: it is an EncryptionError where it was synced before, and the end of the file
 * where a power cut may have torn a write. Sizes are those of the plain content.
 *
 * The LOCK of a database stays as it is in the file system below: an empty file, and owner records beside it
 * that tell processes apart and hold nothing of the data.
 */
export interface AsyncEncryptedFileSystem extends AsyncPart {
  readonly [REMOTE]: 'EncryptedFileSystem';
}

/** What the class EncryptedFileSystem itself can do. */
export interface AsyncEncryptedFileSystemClass {
  /** Takes copies of the keys. Throws InvalidOptionError for keys that cannot be used. */
  create(
    inner:
      | FromSetup<FileSystem>
      | AsyncMemoryFileSystem
      | AsyncNodeFileSystem
      | AsyncEncryptedFileSystem,
    keys: EncryptionKeys,
  ): Promise<AsyncEncryptedFileSystem>;
}

/** A clock that moves only when told to: by advance(), by sleep() and by its step. */
export interface AsyncManualClock extends AsyncPart {
  /** Since 1970: where it was begun, and what has passed since. */
  realtimeNs(): Promise<bigint>;
  /** What has passed since it was begun. */
  monotonicNs(): Promise<bigint>;
  /** As `monotonicNs`. */
  cpuNs(): Promise<bigint>;
  /** Moves it on, and takes no time. */
  sleep(ns: bigint): Promise<void>;
  /** Moves it on. */
  advance(ns: bigint): Promise<void>;
}

/** What the class ManualClock itself can do. */
export interface AsyncManualClockClass {
  /** `new ManualClock(...)`, in the worker. */
  create(options?: ManualClockOptions): Promise<AsyncManualClock>;
}

/**
 * Bytes that follow from the seed alone, and not from how they are asked for: two fills of 4 bytes
 * give what one of 8 gives. Not for secrets.
 */
export interface AsyncSeededRandom extends AsyncPart {
  readonly [REMOTE]: 'SeededRandom';
}

/** What the class SeededRandom itself can do. */
export interface AsyncSeededRandomClass {
  /** The seed counts modulo 2^64. */
  create(seed: number | bigint): Promise<AsyncSeededRandom>;
}

/** Of point reads. */
export interface AsyncReadOptions<VE extends Encoding = Encoding> extends AsyncCommonReadOptions {
  /**
   * Where to look. `blockCache`: BusyError (Incomplete) instead of reading a file; `persisted`: only what a
   * crash would not lose. Default: `all`.
   */
  readTier?: 'all' | 'blockCache' | 'persisted' | undefined;
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
  /** Default: the column family's. */
  valueEncoding?: VE | undefined;
  /** getMany: BusyError (Aborted) once the values are larger, together, than this many bytes. Default: any size. */
  valueSizeSoftLimit?: number | undefined;
  /** `getResult` says when a value was merged from more operands than this. Default: it does not. */
  mergeOperandCountThreshold?: number | undefined;
}

/** What all reads take. */
export interface AsyncCommonReadOptions {
  /** Read at this snapshot. Default: the present. */
  snapshot?: AsyncSnapshot | undefined;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean | undefined;
  /** Default: true. */
  verifyChecksums?: boolean | undefined;
  /** Do not look for range deletions: wrong where there are any, faster elsewhere. Default: false. */
  ignoreRangeDeletions?: boolean | undefined;
  /**
   * Reads the newest versions that are not younger. Needed where the column family has user-defined
   * timestamps, an error elsewhere.
   */
  timestamp?: Timestamp | undefined;
  /**
   * When to give up, milliseconds since 1970 by the engine's clock: BusyError (TimedOut). RocksDB looks at it
   * when it reads a file. Default: never.
   */
  deadline?: number | undefined;
  /** Milliseconds that one file read may take. Given to the file system, which may pass over it. Default: any. */
  ioTimeout?: number | undefined;
  /** Charge the database's `rateLimiter` for file reads, at this priority. Default: not charged. */
  rateLimiterPriority?: RateLimiterPriority | undefined;
  /** Ignore the prefix extractor. Default: false; of iterators true, unless `prefixSameAsStart`. */
  totalOrderSeek?: boolean | undefined;
}

export type AsyncAnyColumnFamily = AsyncColumnFamily<any, any>;

/** Of reads of several keys. */
export interface AsyncReadManyOptions<VE extends Encoding = Encoding> extends AsyncReadOptions<VE> {
  /** The column family of each key, instead of `columnFamily`: as many as keys. */
  columnFamilies?: readonly AsyncAnyColumnFamily[] | undefined;
}

/** What a scan covers and how it reads. */
export interface AsyncIteratorOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> extends AsyncCommonReadOptions,
    EncodingOptions<KE, VE> {
  /** Lower bounds; at most one of the two. */
  gt?: unknown;
  gte?: unknown;
  /** Upper bounds; at most one of the two. */
  lt?: unknown;
  lte?: unknown;
  /** Only keys that begin with these bytes; stands for both bounds. */
  prefix?: Bytes;
  /**
   * Where to look. `blockCache`: BusyError (Incomplete) instead of reading a file; `memtable`: nothing but
   * memtables. Default: `all`.
   */
  readTier?: 'all' | 'blockCache' | 'memtable' | undefined;
  /** From the last to the first. */
  reverse?: boolean;
  /** At most so many entries. */
  limit?: number;
  /** Reads at this snapshot instead of the present; the iterator borrows it. */
  snapshot?: AsyncSnapshot | undefined;
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily;
  /** False: values are not read, and come out empty. Default: true. */
  values?: boolean;
  /** True: entries are read with all their columns, for `iterator.columns`. Default: false. */
  columns?: boolean;
  /** How names of columns come out. Default: `utf8`. */
  columnNames?: ColumnNames;
  /**
   * Sees writes made after its creation, ahead of its position; forward only. After its end, `seek` to
   * go on. RocksDB's tailing iterators refuse range deletions, and report Corruption for values in blob
   * files that are younger than they are. Default: false.
   */
  tailing?: boolean;
  /** Bytes to read ahead; 0 (default): RocksDB adapts it. */
  readaheadSize?: number;
  /** Read no further ahead than the upper bound or the prefix, and what the cache has not. Default: true. */
  autoReadaheadSize?: boolean;
  /** Keep what was learned of how far to read ahead from file to file. Default: false. */
  adaptiveReadahead?: boolean;
  /** Ignore the prefix extractor. Default: true, unless `prefixSameAsStart` or `autoPrefixMode`. */
  totalOrderSeek?: boolean | undefined;
  /** With a prefix extractor: end where the prefix of the sought key ends. */
  prefixSameAsStart?: boolean;
  /** Use the prefix extractor where bounds and sought key show that it changes nothing. Default: false. */
  autoPrefixMode?: boolean;
  /** Keep all blocks that were read in memory as long as the iterator lives. Default: false. */
  pinData?: boolean;
  /** A move over more keys than these, overwritten or deleted, fails with BusyError (Incomplete). 0: never. */
  maxSkippableInternalKeys?: number;
  /** Leave the deletion of files that only this iterator kept to background work. Default: false. */
  backgroundPurgeOnIteratorCleanup?: boolean;
  /**
   * Of a column family with user-defined timestamps: all versions from this timestamp to `timestamp`, the
   * youngest of a key first, deletions among them (`iterator.deleted`). Not with a merge operator.
   */
  iterStartTimestamp?: Timestamp;
  /**
   * Values are not loaded until `iterator.prepareValue()`, and come out empty: for scans that need few of
   * them, of blob files or of several column families. Entries are read one a crossing then. Default: false.
   */
  allowUnpreparedValue?: boolean;
}

/** An iterator for each of several column families, in their encodings. */
export type AsyncIteratorsOf<F extends readonly AsyncAnyColumnFamily[]> = {
  -readonly [I in keyof F]: F[I] extends AsyncColumnFamily<infer K, infer V>
    ? AsyncDBIterator<Decoded<K>, Decoded<V>>
    : never;
};

/** The columns that one column family has for a key: entities split over column families. */
export interface AsyncAttributeGroup<V = any, N extends ColumnNames = 'utf8'> {
  columnFamily: AsyncAnyColumnFamily;
  columns: WideColumns<V, N>;
}

/** What its iterators are made with, and how it lends them. */
export interface AsyncIteratorPoolOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> extends Omit<AsyncIteratorOptions<KE, VE>, 'snapshot' | 'tailing'> {
  /** Iterators that there are at most, lent and idle ones together. Default: 16. */
  max?: number | undefined;
  /** Milliseconds after which an iterator that nobody wanted is freed, with all that it pins. Default: 1,000. */
  idleTimeoutMs?: number | undefined;
  /**
   * What acquireAsync() does when all are lent: `refuse` (default): PoolExhaustedError at once. Or it waits for one
   * to come back, so many milliseconds by the engine's clock; who waits longest is served first.
   */
  wait?:
    | 'refuse'
    | {
        readonly timeoutMs: number;
      }
    | undefined;
  /**
   * A lease that is held for longer than either of these is told of, once, as the event `leak`: milliseconds by the
   * engine's clock, operations of the engine. Each lease's stack is taken then, whatever the tracking level.
   */
  leakDetectionThreshold?:
    | {
        readonly ms?: number | undefined;
        readonly operations?: number | undefined;
      }
    | undefined;
  /**
   * A lease that is held for longer than the threshold is also taken back: its borrower's next call throws
   * HandleFreedError. Default: false.
   */
  reclaimOverdue?: boolean | undefined;
}

/** What `approximateSizes` counts. */
export interface AsyncSizeApproximationOptions {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
  /** Count what is in files. Default: true. */
  includeFiles?: boolean | undefined;
  /** Count what is in memtables. Default: false. */
  includeMemtables?: boolean | undefined;
  /** By what part of all files' size the result may be wrong, for speed; such as 0.1. Default: as exact as can be. */
  filesSizeErrorMargin?: number | undefined;
}

export interface AsyncWriteOptions {
  /** Return only when the write is on disk (fsync of the log). Default: false. */
  sync?: boolean | undefined;
  /** Do not write the log: the write is lost by a crash before the next flush. Default: false. */
  disableWAL?: boolean | undefined;
  /** Fail with BusyError instead of waiting when RocksDB stalls writes. Default: false. */
  noSlowdown?: boolean | undefined;
  /** Let compaction go first when it is behind. Default: false. */
  lowPri?: boolean | undefined;
  /** Pass over writes to column families that were dropped, instead of refusing them. Default: false. */
  ignoreMissingColumnFamilies?: boolean | undefined;
  /** Keep a hint per batch of where its keys go. Of use only to concurrent writers. Default: false. */
  memtableInsertHintPerBatch?: boolean | undefined;
  /** `user`: charge the database's `rateLimiter` for the log. Default: not charged. */
  rateLimiterPriority?: 'user' | undefined;
  /** Bytes of checksum that guard each key on its way to the memtable: 0 (default) or 8. */
  protectionBytesPerKey?: 0 | 8 | undefined;
  /** Of the versions that are written, where the column family has user-defined timestamps: needed there. */
  timestamp?: Timestamp | undefined;
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
}

/** What one column family is to get for a key. */
export interface AsyncAttributeGroupInput {
  columnFamily: AsyncAnyColumnFamily;
  /** Values in the encoding of the family. */
  columns: WideColumnsInput<unknown>;
}

export type AsyncGroupOptions<N extends ColumnNames> = EntityOptions<N> &
  Omit<AsyncReadOptions, 'columnFamily' | 'columnFamilies'>;

export interface AsyncFlushOptions {
  /** Default: all column families. */
  columnFamily?: AsyncAnyColumnFamily;
  /** Flush these; with `atomicFlush` as one. Not together with `columnFamily`. */
  columnFamilies?: readonly AsyncAnyColumnFamily[];
  /** Return only when the files are written. Default: true. */
  wait?: boolean;
  /** Flush at once even if writes would be stalled meanwhile. Default: false. */
  allowWriteStall?: boolean;
}

export interface AsyncCompactRangeOptions {
  /** Default: from the first key. */
  begin?: unknown;
  /** Included. Default: to the last key. */
  end?: unknown;
  columnFamily?: AsyncAnyColumnFamily;
  /** Whether the last level is rewritten too. Default: `ifHaveCompactionFilter`. */
  bottommostLevelCompaction?: 'skip' | 'ifHaveCompactionFilter' | 'force' | 'forceOptimized';
  /** Moves the result to `targetLevel` (-1: the lowest that can hold it). Default: false. */
  changeLevel?: boolean;
  /** Default: -1. */
  targetLevel?: number;
  /** Which of `dbPaths` the result goes to. Default: 0. */
  targetPathId?: number;
  /** No automatic compaction runs at the same time. Default: false. */
  exclusiveManualCompaction?: boolean;
  /** Begin at once even if writes would be stalled meanwhile. Default: false. */
  allowWriteStall?: boolean;
  /** In place of the database's `maxSubcompactions`; they run one after another. Default: 0, as that. */
  maxSubcompactions?: number;
  /** Versions below this user-defined timestamp may go, but for the newest of each key. */
  fullHistoryTsLow?: Uint8Array;
  /** Whether values are moved out of old blob files. Default: `useDefault`, the column family's. */
  blobGarbageCollectionPolicy?: 'force' | 'disable' | 'useDefault';
  /** Share of the blob files, the oldest ones, that are cleaned. Default: the column family's. */
  blobGarbageCollectionAgeCutoff?: number;
}

export interface AsyncCompactFilesOptions {
  columnFamily?: AsyncAnyColumnFamily;
  /** Level of the result. */
  outputLevel: number;
  /** Which of `dbPaths` the result goes to; -1 (default): as RocksDB chooses. */
  outputPathId?: number;
  /** Bytes at which a new file is begun. Default: one file. */
  outputFileSizeLimit?: number;
  /** As in CompactRangeOptions. */
  maxSubcompactions?: number;
}

export interface AsyncOfFamily {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily;
}

/** RocksDB's IngestExternalFileOptions, and what belongs to one group of files. */
export interface AsyncIngestExternalFileOptions {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily;
  /** Link the files into the database and delete the originals, instead of copying. Default: false. */
  moveFiles?: boolean;
  /** Link the files, and leave the originals. Not together with `moveFiles`. Default: false. */
  linkFiles?: boolean;
  /** Copy where files cannot be linked. Default: true. */
  failedMoveFallBackToCopy?: boolean;
  /** Snapshots do not see what is ingested after them. Default: true. */
  snapshotConsistency?: boolean;
  /** Fail instead of giving the files a sequence number, which overlapping keys need. Default: true. */
  allowGlobalSeqno?: boolean;
  /** Fail instead of flushing memtables with overlapping keys. Default: true. */
  allowBlockingFlush?: boolean;
  /** Below all that is there; needs the option `allowIngestBehind`. Default: false. */
  ingestBehind?: boolean;
  /** Write the sequence number into the file, for RocksDB before 5.16. Default: false. */
  writeGlobalSeqno?: boolean;
  /** Read all of the files first. Default: false. */
  verifyChecksumsBeforeIngest?: boolean;
  /** Bytes to read ahead for that. Default: 0, as RocksDB chooses. */
  verifyChecksumsReadaheadSize?: number;
  /** Compare with `filesChecksums`, where the database makes checksums of files. Default: true. */
  verifyFileChecksum?: boolean;
  /** Fail (BusyError, TryAgain) when a file does not fit into the last level. Default: false. */
  failIfNotBottommostLevel?: boolean;
  /** Take files that a database wrote; all sequence numbers in them must be 0. Default: false. */
  allowDbGeneratedFiles?: boolean;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean;
  /** Checksums of the files, in their order. */
  filesChecksums?: readonly Uint8Array[];
  /** Names of the functions of the checksums, in the same order. */
  filesChecksumFuncNames?: readonly string[];
  /** For reading the files. Default: `unknown`. */
  fileTemperature?: Temperature;
}

/** Files for one column family, of several that are ingested together. */
export interface AsyncIngestExternalFileArg extends AsyncIngestExternalFileOptions {
  /** Paths. */
  externalFiles: readonly string[];
}

export interface AsyncDeleteFilesInRangesOptions {
  columnFamily?: AsyncAnyColumnFamily;
  /** Whether `end` belongs to the range. Default: true. */
  includeEnd?: boolean;
}

export interface AsyncOfFamily2 {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily;
}

export type AsyncAnyDatabase = AsyncRocksDB<any, any>;

/** RocksDB's options of a column family, and the encodings of its keys and values. */
export type AsyncColumnFamilyOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = AsyncColumnFamilySettings &
  EncodingOptions<KE, VE> & {
    /** Of DBWithTTL: seconds that entries live. Default: for ever. */
    timeToLive?: number;
  };

/** What opening and creating take for a column family: text and objects. */
export type AsyncColumnFamilySettings = Omit<
  AsyncColumnFamilyOptions,
  keyof AsyncColumnFamilyObjects
> &
  AsyncColumnFamilyObjects;

/** Each is a column-family option. */
export interface AsyncColumnFamilyOptions {
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
  comparator?: FromSetup<Comparator> | undefined;
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
  defaultTemperature?: Temperature2 | undefined;
  /** `default_write_temperature`, Temperature, mutable. */
  defaultWriteTemperature?: Temperature2 | undefined;
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
  lastLevelTemperature?: Temperature2 | undefined;
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
  mergeOperator?: FromSetup<MergeOperator> | undefined;
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

/** Column-family options that may be objects, beside what text says of them. */
export interface AsyncColumnFamilyObjects {
  /** Like `dbPaths`, for this column family. Default: those. */
  cfPaths?: readonly DbPath[];
  /** `comparator`, fixed for the life of the column family. The order of keys. Default `bytewise`. */
  comparator?: AsyncColumnFamilyOptions['comparator'] | FromSetup<Comparator>;
  /** `merge_operator`. What merge() does with an operand. Default none: merge() is an error. */
  mergeOperator?:
    | AsyncColumnFamilyOptions['mergeOperator']
    | FromSetup<MergeOperator>
    | FromSetup<AssociativeMergeOperator>;
  /** `compaction_filter`. What compactions drop or change. Default: nothing. */
  compactionFilter?: FromSetup<CompactionFilter> | undefined;
  /** `compaction_filter_factory`. The same, a filter for each file that is made. Give one of the two. */
  compactionFilterFactory?: FromSetup<CompactionFilterFactory> | undefined;
  /** `prefix_extractor`. The part of a key that prefix filters and prefix seeks use. Default `none`. */
  prefixExtractor?: AsyncColumnFamilyOptions['prefixExtractor'] | FromSetup<SliceTransform>;
  /** `memtable_insert_with_hint_prefix_extractor`. Keys of one prefix are written one after the other. */
  memtableInsertWithHintPrefixExtractor?:
    | AsyncColumnFamilyOptions['memtableInsertWithHintPrefixExtractor']
    | FromSetup<SliceTransform>;
  /** `table_properties_collector_factories`. What is collected of each table and stored in it. */
  tablePropertiesCollectorFactories?:
    | readonly FromSetup<TablePropertiesCollectorFactory>[]
    | undefined;
  /**
   * RocksDB's CompactForTieringCollector: tables of which at least this ratio (0 to 1) of the entries could move
   * to the last level's temperature are compacted soon. Default: none.
   */
  compactForTiering?:
    | {
        readonly compactionTriggerRatio: number;
      }
    | undefined;
  /** `sst_partitioner_factory`. Where compactions begin a new table. Default: by size only. */
  sstPartitionerFactory?:
    | AsyncColumnFamilyOptions['sstPartitionerFactory']
    | FromSetup<SstPartitionerFactory>;
}

/** Each is a database option. */
export interface AsyncDBOptions {
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
  fileChecksumGenFactory?: FromSetup<FileChecksumGenFactory> | undefined;
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
  metadataWriteTemperature?: Temperature2 | undefined;
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
  walWriteTemperature?: Temperature2 | undefined;
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

export interface AsyncBulkWriterOptions
  extends Pick<
    AsyncWriteOptions,
    'disableWAL' | 'lowPri' | 'rateLimiterPriority' | 'protectionBytesPerKey'
  > {
  /** Where entries go that do not say. Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
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

/** RocksDB's database options and the default column family's, the engine's, and those of this package. */
export type AsyncOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = AsyncDBSettings &
  AsyncColumnFamilySettings &
  AsyncEngineOptions &
  EncodingOptions<KE, VE> & {
    /** Open it on this engine, shared with other databases. Default: an engine of its own. */
    engine?: AsyncEngine;
    /** No writes, no lock: several processes may read what one writes (as it was when they opened it). */
    readOnly?: boolean;
    /** With `readOnly`: refuse a database whose log holds what is not in its files yet. Default: false. */
    errorIfWalFileExists?: boolean;
    /** Of DBWithTTL: seconds that entries of the default column family live. Default: for ever. */
    timeToLive?: number;
    /**
     * Options of column families by name. What is not given, here or at the top level, is as RocksDB
     * stored it when the family was last open; all families on disk are opened. Those named but not on
     * disk are an error unless `createMissingColumnFamilies`. Encodings are those at the top level unless
     * the family has its own.
     */
    columnFamilies?: Readonly<Record<string, AsyncColumnFamilyOpenOptions>>;
    /** Called by `close()` with the handles that had not been freed. Default: a process warning. */
    onUnreleased?: (handles: readonly HandleRecord[]) => void;
  };

/** What opening takes for a database. */
export type AsyncDBSettings = Omit<AsyncDBOptions, keyof AsyncDBObjects> & AsyncDBObjects;

/** Database options that are objects. */
export interface AsyncDBObjects {
  /**
   * Caches whole rows by key, above the block cache; several databases of one engine may share it. RocksDB
   * refuses deleteRange with it. An LRU cache without a second tier. Default: none.
   */
  rowCache?: AsyncCache;
  /** Counts what the database does; several databases of one engine may share it. Default: none. */
  statistics?: AsyncStatistics;
  /** Limits what flushes and compactions write a second. Default: no limit. */
  rateLimiter?: AsyncRateLimiter;
  /** Limits the space of tables and blob files, and how fast they are deleted. Default: neither. */
  sstFileManager?: AsyncSstFileManager;
  /** One limit for the memtables of several databases of one engine. Default: none. */
  writeBufferManager?: AsyncWriteBufferManager;
  /** Told of flushes, compactions, files, stalls and errors, in the order in which they are given. Default: none. */
  listeners?: readonly EventListener[];
  /** Takes the lines that RocksDB writes to the LOG file otherwise. Default: that file. */
  logger?: Logger;
  /** Decides about each record of the log when the database recovers. Default: all are applied. */
  walFilter?: FromSetup<WalFilter>;
  /** `file_checksum_gen_factory`. Checksums of whole files, kept in the MANIFEST. Default: none. */
  fileChecksumGenFactory?:
    | AsyncDBOptions['fileChecksumGenFactory']
    | FromSetup<FileChecksumGenFactory>;
  /** Folders for table files, at most four, from the fastest to the largest. Default: the database's. */
  dbPaths?: readonly DbPath[];
}

export interface AsyncEngineOptions {
  /** Default: the package's own module, compiled once. */
  wasm?: WasmSource;
  /** Default: the host's real file system. */
  fileSystem?:
    | FromSetup<FileSystem>
    | AsyncMemoryFileSystem
    | AsyncNodeFileSystem
    | AsyncEncryptedFileSystem;
  /** Default: the host's clock. */
  clock?: FromSetup<Clock> | AsyncManualClock;
  /** Default: the host's randomness. */
  random?: FromSetup<Random> | AsyncSeededRandom;
  /** Default: `inline`. */
  background?: Background;
  /**
   * With `inline`: run at most so many pieces of background work a call, and leave the rest to the next
   * calls. Shortens the longest pause to that of one flush or compaction. Default: all that there is.
   */
  maxJobsPerCall?: number;
  /** What the ledger records of each handle; `engine.heap.tracking` changes it. Default: `count`. */
  tracking?: TrackingLevel;
  /**
   * What happens with handles that nobody holds any more and nobody freed, when the garbage collector finds
   * them: nothing; `report`: `onFinalized` is called; `free`: they are freed, too, at the next moment when
   * no call is running. `engine.heap.finalizer` changes it. Default: `off`.
   */
  finalizer?: FinalizerMode;
  /**
   * Gets the handles that were found forgotten. It must not hold them, nor what leads to them. Default: a
   * process warning.
   */
  onFinalized?: (handles: readonly HandleRecord[]) => void;
  /**
   * How old and how many handles may be, by kind, and what they may hold: see HandlePolicy. `engine.heap.setPolicy`
   * changes them. Default: no limits.
   */
  policies?: Policies;
  /** Bytes in use beyond which writes are refused with HeapLimitError, before anything is done. */
  maxHeapBytes?: number;
  /** Bytes that linear memory may grow to (at most 4 GiB); beyond it the engine crashes. */
  maxMemoryBytes?: number;
}

export type AsyncDestroyOptions = AsyncOpenOptions & {
  /**
   * Destroy only when the newest backup in that folder is of this database (by its identity), verifies with
   * checksums, opens, and has the same entries; BackupRequiredError says what is missing, and nothing is deleted. It
   * reads both the database and the backup in full. The options must have what their column families need
   * (comparators of the program's).
   */
  requireVerifiedBackup?: RequiredBackup;
};

/** What an OPTIONS file holds. */
export interface AsyncStoredOptions {
  /** The file, absolute. */
  readonly file: string;
  readonly db: AsyncDBOptions;
  /** By name, the default one among them. */
  readonly columnFamilies: Readonly<Record<string, AsyncColumnFamilyOptions>>;
}

/** RocksDB's TransactionOptions, and the write options of preparation and commit. */
export interface AsyncTransactionOptions extends AsyncOptimisticTransactionOptions {
  /** Look for a deadlock before waiting; there is no waiting on one thread. Default: false. */
  deadlockDetect?: boolean;
  /** Transactions that are looked at for that. Default: 50. */
  deadlockDetectDepth?: number;
  /** Milliseconds; as RocksDB has it, but nothing waits here. Default: -1, the database's. */
  lockTimeout?: number | bigint;
  /**
   * Milliseconds from the beginning (by the engine's clock) after which others may take its locks, and
   * committing fails; negative (default -1): never. A prepared one does not expire.
   */
  expiration?: number | bigint;
  /** Bytes that its changes may take; a write beyond fails (MemoryLimit). 0 (default): any. */
  maxWriteBatchSize?: number;
  /** No locks: the program knows that there is no conflict. Default: false. */
  skipConcurrencyControl?: boolean;
  /** False: `commit` without `prepare` fails. Default: true. */
  skipPrepare?: boolean;
  /** `writeUnprepared`: instead of the database's threshold. Default: -1, the database's. */
  writeBatchFlushThreshold?: number | bigint;
  /** RocksDB's use_only_the_last_commit_time_batch_for_recovery. Default: false. */
  useOnlyTheLastCommitTimeBatchForRecovery?: boolean;
  /**
   * `writeCommitted`: the commit makes the changes a memtable of their own. Fast for very many; RocksDB
   * takes no merges and wide columns with it. Default: false.
   */
  commitBypassMemtable?: boolean;
}

/** RocksDB's OptimisticTransactionOptions, and the write options of the commit. */
export interface AsyncOptimisticTransactionOptions {
  /** Of the commit. Default: none. */
  writeOptions?: Omit<AsyncWriteOptions, 'columnFamily' | 'timestamp'>;
  /** Take a snapshot at once, as `setSnapshot()` does. Default: false. */
  setSnapshot?: boolean;
}

export interface AsyncBeginOptions {
  /** An old transaction of this database, to be begun anew in place of a new one: saves memory traffic. */
  reuse?: AsyncTransaction<any, any>;
}

/** RocksDB's TransactionDBWriteOptimizations. */
export interface AsyncTransactionDBWriteOptions
  extends Omit<AsyncWriteOptions, 'columnFamily' | 'timestamp'> {
  /** The program knows that no transaction has to do with these keys; range deletions need it. */
  skipConcurrencyControl?: boolean;
  /** The program knows that no key is in it twice; only policies beside `writeCommitted` look. */
  skipDuplicateKeyCheck?: boolean;
}

export type AsyncTransactionDBOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = AsyncTransactionalOpenOptions<KE, VE> & {
  transactionDBOptions?: TransactionDBOptions;
};

/** What opening takes, without the kind's own options; a database with transactions is for writing. */
export type AsyncTransactionalOpenOptions<KE extends Encoding, VE extends Encoding> = Omit<
  AsyncOpenOptions<KE, VE>,
  'readOnly'
>;

export type AsyncOptimisticTransactionDBOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = AsyncTransactionalOpenOptions<KE, VE> & {
  optimisticTransactionDBOptions?: OptimisticTransactionDBOptions;
};

export interface AsyncAcquireOptions {
  /** Reads at this snapshot instead of the present; the lease borrows it. */
  snapshot?: AsyncSnapshot | undefined;
}

export interface AsyncAcquireAsyncOptions extends AsyncAcquireOptions {
  /** Ends the wait with its reason. */
  signal?: AbortSignal | undefined;
}

/** Where an operation of a view goes. */
export interface AsyncViewOperationOptions {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily;
}

/** What a scan of a batch alone covers: there is nothing to be read from anywhere else. */
export type AsyncBatchIteratorOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = Pick<
  AsyncIteratorOptions<KE, VE>,
  (readonly [
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
  ])[number]
>;

export interface AsyncGetForUpdateOptions<VE extends Encoding = Encoding>
  extends AsyncReadOptions<VE> {
  /** False: others may read for update, too, not exclusively. Default: true. */
  exclusive?: boolean;
  /** False: whatever was written since the transaction's snapshot. Default: true. */
  validate?: boolean;
}

export interface AsyncTransactionWriteOptions extends AsyncViewOperationOptions {
  /** The key is locked already, by getForUpdate with the same snapshot: neither lock nor check it. */
  assumeTracked?: boolean;
}

/** A key and its value, or an operation. */
export type AsyncBulkEntry<KE extends Encoding = Encoding, VE extends Encoding = Encoding> =
  | readonly [key: Encodable<KE>, value: Encodable<VE>]
  | AsyncBulkOperation<KE, VE>;

/** An operation; `put` when it does not say. */
export interface AsyncBulkOperation<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> {
  type?: 'put' | 'delete' | 'singleDelete' | 'merge' | undefined;
  key: Encodable<KE>;
  /** Of put and merge. */
  value?: Encodable<VE>;
  /** Default: the writer's. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
  /** Where the column family has user-defined timestamps: needed there. */
  timestamp?: Timestamp | undefined;
}

/** Where an operation of a batch goes. */
export interface AsyncBatchOperationOptions {
  /** Default: the default column family. */
  columnFamily?: AsyncAnyColumnFamily | undefined;
  /**
   * Of the version that is written, where the column family has user-defined timestamps. It may be left out
   * and given to all keys later, by `updateTimestamps`.
   */
  timestamp?: Timestamp | undefined;
}

/** What the stream takes: an entry, or many at once, which costs less. */
export type AsyncBulkChunk<KE extends Encoding = Encoding, VE extends Encoding = Encoding> =
  | AsyncBulkEntry<KE, VE>
  | {
      readonly entries: Iterable<AsyncBulkEntry<KE, VE>>;
    };

/** Where a backup engine runs. */
export type AsyncBackupEngineOpenOptions = BackupEngineOptions &
  AsyncEngineOptions & {
    /** That of the databases to back up. Default: one of its own, good for restoring. */
    engine?: AsyncEngine;
  };

/**
 * Options for one table file: RocksDB's, or those of a column family of the same engine. They must have
 * the comparator of the file.
 */
export type AsyncSstFileOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = AsyncDBOptions &
  AsyncColumnFamilyOptions &
  EncodingOptions<KE, VE> & {
    /** The options are this column family's; others but encodings cannot be given then. */
    columnFamily?: AsyncAnyColumnFamily;
  };

export interface AsyncCacheOptions {
  /** Bytes that the cache may hold; of a tiered cache, both tiers together. */
  capacity: number;
  /** `lru` (default), or `hyperClock`: for block caches only. */
  type?: 'lru' | 'hyperClock';
  /** The cache has 2^n shards; -1 (default): as many as RocksDB finds right for the capacity. */
  shardBits?: number;
  /** Refuse what does not fit instead of growing beyond the capacity. Default: false. */
  strictCapacityLimit?: boolean;
  /** Share of an LRU cache that index and filter blocks cannot lose to data blocks. Default: 0.5. */
  highPriorityPoolRatio?: number;
  /** Share of an LRU cache for blocks of low priority, such as blobs. Default: 0. */
  lowPriorityPoolRatio?: number;
  /** Count the cache's own tables against the capacity. Default: true. */
  chargeMetadata?: boolean;
  /** Of a hyper-clock cache: mean bytes of an entry; 0 (default): its table grows as needed. */
  estimatedEntryCharge?: number;
  /** Of a hyper-clock cache whose table grows: no entry is smaller on average. Default: 450. */
  minAvgEntryCharge?: number;
  /** Of a hyper-clock cache: how much in use it looks through to find what can go. Default: 30. */
  evictionEffortCap?: number;
  /** Takes, compressed, what the cache drops; looked into when a block is not found. */
  secondaryCache?: AsyncCompressedSecondaryCache;
  /** Makes it a tiered cache: one budget for an uncompressed and a compressed tier. */
  tiered?: TieredCacheOptions;
}

export interface AsyncWriteBufferManagerOptions {
  /** Bytes that the memtables of all its databases may take together; 0: no limit. */
  bufferSize: number;
  /** Charges the memtables' memory to this cache, whose blocks make room for it. Default: none. */
  cache?: AsyncCache;
  /**
   * Writes wait beyond the limit, until flushes have made room. A write goes on all the same when no flush is left
   * that could: iterators hold the memory, or it is another database's, which its own writes flush. Default: false.
   */
  allowStall?: boolean;
}

/** What is reached by a name on a handle: see MemberKind. */
export const MEMBERS = {
  NativeObject: {
    id: 'fact',
    kind: 'fact',
    freed: 'get',
    expired: 'get',
    free: 'call',
  },
  RocksDB: {
    '@extends': 'NativeObject',
    path: 'fact',
    engine: 'fact',
    readOnly: 'fact',
    get: 'call',
    getResult: 'call',
    getMany: 'call',
    getManyResults: 'call',
    getPinned: 'call',
    has: 'call',
    hasMany: 'call',
    keyMayExist: 'call',
    keyMayExistWithValue: 'call',
    getMergeOperands: 'call',
    iterator: 'call',
    iterators: 'call',
    coalescingIterator: 'call',
    attributeGroupIterator: 'call',
    iteratorPool: 'call',
    snapshot: 'call',
    approximateSizes: 'call',
    approximateMemTableStats: 'call',
    getAllKeyVersions: 'call',
    getFullHistoryTsLow: 'call',
    put: 'call',
    delete: 'call',
    singleDelete: 'call',
    deleteRange: 'call',
    merge: 'call',
    batch: 'local',
    batchFrom: 'call',
    batchWithIndex: 'call',
    write: 'call',
    increaseFullHistoryTsLow: 'call',
    putEntity: 'call',
    getEntity: 'call',
    getManyEntity: 'call',
    putAttributeGroups: 'call',
    getAttributeGroups: 'call',
    getManyAttributeGroups: 'call',
    flush: 'call',
    compactRange: 'call',
    compactFiles: 'call',
    suggestCompactRange: 'call',
    promoteL0: 'call',
    waitForCompact: 'call',
    checkpoint: 'call',
    ingestExternalFile: 'call',
    ingestExternalFiles: 'call',
    exportColumnFamily: 'call',
    clipColumnFamily: 'call',
    getColumnFamilyMetaData: 'call',
    getAllColumnFamilyMetaData: 'call',
    getLiveFilesMetaData: 'call',
    getLiveFiles: 'call',
    getLiveFilesStorageInfo: 'call',
    getLiveFilesChecksumInfo: 'call',
    disableFileDeletions: 'call',
    enableFileDeletions: 'call',
    deleteFile: 'call',
    deleteFilesInRanges: 'call',
    verifyChecksum: 'call',
    verifyFileChecksums: 'call',
    latestSequenceNumber: 'get',
    tryCatchUpWithPrimary: 'call',
    getUpdatesSince: 'call',
    getSortedWalFiles: 'call',
    getCurrentWalFile: 'call',
    flushWAL: 'call',
    syncWAL: 'call',
    lockWAL: 'call',
    unlockWAL: 'call',
    pauseBackgroundWork: 'call',
    continueBackgroundWork: 'call',
    disableManualCompaction: 'call',
    enableManualCompaction: 'call',
    cancelAllBackgroundWork: 'call',
    resume: 'call',
    getCreationTimeOfOldestFile: 'call',
    getProperty: 'call',
    getIntProperty: 'call',
    getDbIdentity: 'call',
    getDbSessionId: 'call',
    getAggregatedIntProperty: 'call',
    getMapProperty: 'call',
    stats: 'call',
    blockCacheEntryStats: 'call',
    writeStallState: 'call',
    resetStats: 'call',
    getPropertiesOfAllTables: 'call',
    getPropertiesOfTablesInRange: 'call',
    getStatsHistory: 'call',
    memoryUsageByType: 'call',
    defaultColumnFamily: 'fact',
    columnFamilyNames: 'get',
    columnFamily: 'call',
    createColumnFamily: 'call',
    createColumnFamilyWithImport: 'call',
    copyColumnFamily: 'async',
    createColumnFamilies: 'call',
    dropColumnFamilies: 'call',
    dropColumnFamily: 'call',
    setOptions: 'call',
    setDBOptions: 'call',
    getOptions: 'call',
    getDBOptions: 'call',
    saveOptions: 'call',
    startTrace: 'call',
    endTrace: 'call',
    startIOTrace: 'call',
    endIOTrace: 'call',
    startBlockCacheTrace: 'call',
    endBlockCacheTrace: 'call',
    replayTrace: 'call',
    heap: 'part',
    close: 'call',
    bulkWriter: 'call',
    freeUnreleased: 'call',
    free: 'call',
  },
  TransactionDB: {
    '@extends': 'RocksDB',
    beginTransaction: 'call',
    getTransactionByName: 'call',
    getAllPreparedTransactions: 'call',
    getLockStatusData: 'call',
    getDeadlockInfoBuffer: 'call',
    setDeadlockInfoBufferSize: 'call',
    write: 'call',
    deleteRange: 'call',
    createTimestampedSnapshot: 'call',
    getTimestampedSnapshot: 'call',
    getLatestTimestampedSnapshot: 'call',
    getSnapshotTimestamps: 'call',
    releaseTimestampedSnapshotsOlderThan: 'call',
  },
  OptimisticTransactionDB: {
    '@extends': 'RocksDB',
    beginTransaction: 'call',
  },
  DBWithTTL: {
    '@extends': 'RocksDB',
    setTtl: 'call',
  },
  ColumnFamily: {
    '@extends': 'NativeObject',
    name: 'fact',
    familyId: 'fact',
    timestampSize: 'fact',
    encodings: 'fact',
    free: 'call',
    dropped: 'get',
  },
  DBIterator: {
    '@extends': 'NativeObject',
    snapshot: 'get',
    next: 'call',
    columns: 'get',
    timestamp: 'get',
    deleted: 'get',
    prepareValue: 'call',
    getProperty: 'call',
    nextMany: 'call',
    seek: 'call',
    seekForPrev: 'call',
    seekToStart: 'call',
    refresh: 'call',
    '@iterate': 'call',
    keys: 'call',
    values: 'call',
  },
  IteratorPool: {
    '@extends': 'NativeObject',
    max: 'get',
    stats: 'get',
    acquire: 'call',
    acquireAsync: 'async',
    trim: 'call',
  },
  IteratorLease: {
    '@extends': 'NativeObject',
    snapshot: 'get',
    next: 'call',
    nextMany: 'call',
    seek: 'call',
    seekForPrev: 'call',
    seekToStart: 'call',
    refresh: 'call',
    columns: 'get',
    timestamp: 'get',
    deleted: 'get',
    prepareValue: 'call',
    getProperty: 'call',
    '@iterate': 'call',
    keys: 'call',
    values: 'call',
  },
  Snapshot: {
    '@extends': 'NativeObject',
    sequenceNumber: 'get',
    unixTime: 'get',
    timestamp: 'get',
    retain: 'chain',
    release: 'call',
  },
  PinnedSlice: {
    '@extends': 'NativeObject',
    length: 'fact',
    copy: 'call',
  },
  WriteBatchWithIndex: {
    '@extends': 'NativeObject',
    count: 'get',
    byteLength: 'get',
    overwriteKey: 'get',
    data: 'get',
    put: 'chain',
    putEntity: 'chain',
    delete: 'chain',
    singleDelete: 'chain',
    merge: 'chain',
    putLogData: 'chain',
    getFromBatch: 'call',
    getFromBatchAndDB: 'call',
    getEntityFromBatch: 'call',
    getEntityFromBatchAndDB: 'call',
    getManyEntityFromBatchAndDB: 'call',
    getManyFromBatchAndDB: 'call',
    iterator: 'call',
    iteratorWithBase: 'call',
    updateTimestamps: 'chain',
    setSavePoint: 'call',
    rollbackToSavePoint: 'call',
    popSavePoint: 'call',
    clear: 'chain',
    setMaxBytes: 'call',
  },
  Transaction: {
    '@extends': 'NativeObject',
    state: 'get',
    transactionId: 'get',
    name: 'get',
    setName: 'call',
    isDeadlockDetect: 'get',
    numKeys: 'get',
    numPuts: 'get',
    numPutEntities: 'get',
    numDeletes: 'get',
    numMerges: 'get',
    byteLength: 'get',
    elapsedTime: 'get',
    logNumber: 'get',
    setLockTimeout: 'call',
    setWriteOptions: 'call',
    setReadTimestampForValidation: 'call',
    setCommitTimestamp: 'call',
    commitTimestamp: 'get',
    get: 'call',
    getMany: 'call',
    getEntity: 'call',
    getManyEntity: 'call',
    has: 'call',
    getPinned: 'call',
    getForUpdate: 'call',
    getEntityForUpdate: 'call',
    getManyForUpdate: 'call',
    undoGetForUpdate: 'call',
    iterator: 'call',
    coalescingIterator: 'call',
    attributeGroupIterator: 'call',
    put: 'call',
    putEntity: 'call',
    delete: 'call',
    singleDelete: 'call',
    merge: 'call',
    putUntracked: 'call',
    putEntityUntracked: 'call',
    deleteUntracked: 'call',
    singleDeleteUntracked: 'call',
    mergeUntracked: 'call',
    putLogData: 'call',
    rebuildFromWriteBatch: 'call',
    setCommitTimeWriteBatch: 'call',
    collapseKey: 'call',
    disableIndexing: 'call',
    enableIndexing: 'call',
    getWriteBatch: 'call',
    setSavePoint: 'call',
    rollbackToSavePoint: 'call',
    popSavePoint: 'call',
    setSnapshot: 'call',
    setSnapshotOnNextOperation: 'call',
    clearSnapshot: 'call',
    snapshot: 'get',
    prepare: 'call',
    commit: 'call',
    commitAndTryCreateSnapshot: 'call',
    rollback: 'call',
    free: 'call',
  },
  TransactionLogIterator: {
    '@extends': 'NativeObject',
    nextSequence: 'get',
    next: 'call',
    '@iterate': 'call',
  },
  BulkWriter: {
    '@extends': 'NativeObject',
    totals: 'get',
    pending: 'get',
    batchBytes: 'get',
    add: 'call',
    put: 'async',
    delete: 'async',
    merge: 'async',
    write: 'async',
    commit: 'call',
    writable: 'get',
    close: 'call',
    abort: 'call',
    free: 'call',
  },
  BackupEngine: {
    '@extends': 'NativeObject',
    path: 'fact',
    engine: 'fact',
    getBackupInfo: 'call',
    getLatestBackupInfo: 'call',
    getCorruptedBackups: 'call',
    verifyBackup: 'call',
    restoreDBFromBackup: 'call',
    restoreDBFromLatestBackup: 'call',
    createNewBackup: 'call',
    createNewBackupWithMetadata: 'call',
    stopBackup: 'call',
    purgeOldBackups: 'call',
    deleteBackup: 'call',
    garbageCollect: 'call',
  },
  BackupEngineReadOnly: {
    '@extends': 'NativeObject',
    path: 'fact',
    engine: 'fact',
    getBackupInfo: 'call',
    getLatestBackupInfo: 'call',
    getCorruptedBackups: 'call',
    verifyBackup: 'call',
    restoreDBFromBackup: 'call',
    restoreDBFromLatestBackup: 'call',
  },
  SstFileWriter: {
    '@extends': 'NativeObject',
    open: 'call',
    put: 'call',
    putEntity: 'call',
    merge: 'call',
    delete: 'call',
    deleteRange: 'call',
    finish: 'call',
    fileSize: 'get',
  },
  SstFileReader: {
    '@extends': 'NativeObject',
    path: 'fact',
    properties: 'get',
    iterator: 'call',
    rawIterator: 'call',
    verifyChecksum: 'call',
    verifyNumEntries: 'call',
  },
  SstFileIterator: {
    '@extends': 'NativeObject',
    next: 'call',
    seek: 'call',
    seekForPrev: 'call',
    seekToStart: 'call',
    '@iterate': 'call',
  },
  SstRawIterator: {
    '@extends': 'NativeObject',
    next: 'call',
    seek: 'call',
    seekForPrev: 'call',
    seekToStart: 'call',
    '@iterate': 'call',
  },
  SstFileManager: {
    '@extends': 'NativeObject',
    totalSize: 'get',
    totalTrashSize: 'get',
    deleteRateBytesPerSecond: 'getset',
    maxTrashDBRatio: 'getset',
    isMaxAllowedSpaceReached: 'get',
    isMaxAllowedSpaceReachedIncludingCompactions: 'get',
    setMaxAllowedSpaceUsage: 'call',
    setCompactionBufferSize: 'call',
    setStatistics: 'call',
    getTrackedFiles: 'call',
  },
  Cache: {
    '@extends': 'NativeObject',
    capacity: 'get',
    usage: 'get',
    pinnedUsage: 'get',
    occupancyCount: 'get',
    tableAddressCount: 'get',
    strictCapacityLimit: 'getset',
    setCapacity: 'call',
    eraseUnused: 'call',
    updateTiered: 'call',
  },
  CompressedSecondaryCache: {
    '@extends': 'NativeObject',
    capacity: 'get',
    setCapacity: 'call',
  },
  Statistics: {
    '@extends': 'NativeObject',
    statsLevel: 'getset',
    getTickerCount: 'call',
    getAndResetTickerCount: 'call',
    setTickerCount: 'call',
    recordTick: 'call',
    recordInHistogram: 'call',
    histogramData: 'call',
    getHistogramString: 'call',
    tickers: 'call',
    histograms: 'call',
    reset: 'call',
    toText: 'call',
  },
  RateLimiter: {
    '@extends': 'NativeObject',
    bytesPerSecond: 'getset',
    singleBurstBytes: 'getset',
    getTotalBytesThrough: 'call',
    getTotalRequests: 'call',
    getDelayMicros: 'call',
    request: 'call',
  },
  WriteBufferManager: {
    '@extends': 'NativeObject',
    enabled: 'get',
    costToCache: 'get',
    isOverLimit: 'get',
    memoryUsage: 'get',
    mutableMemtableMemoryUsage: 'get',
    dummyEntriesInCacheUsage: 'get',
    bufferSize: 'get',
    setBufferSize: 'call',
    setAllowStall: 'call',
  },
  ExportedFiles: {
    '@extends': 'NativeObject',
    metadata: 'get',
  },
  DatabaseLease: {
    '@extends': 'NativeObject',
    db: 'get',
    release: 'call',
    free: 'call',
  },
  DatabaseHold: {
    '@extends': 'NativeObject',
  },
  Engine: {
    '@extends': 'NativeObject',
    heap: 'part',
    background: 'fact',
    env: 'part',
    perfContext: 'part',
    ioStatsContext: 'part',
    maxHeapBytes: 'fact',
    crashed: 'get',
    rocksdbVersion: 'get',
    pendingJobs: 'get',
    pump: 'call',
    free: 'call',
  },
  Env: {
    getThreadPoolQueueLen: 'call',
    getBackgroundThreads: 'call',
    setBackgroundThreads: 'call',
  },
  PerfContext: {
    level: 'getset',
    byLevel: 'getset',
    reset: 'call',
    metric: 'call',
    counters: 'call',
    levels: 'call',
    report: 'call',
    measure: 'call',
  },
  IOStatsContext: {
    reset: 'call',
    counters: 'call',
    report: 'call',
  },
  HeapMonitor: {
    inUseBytes: 'get',
    blocks: 'get',
    highWaterBytes: 'get',
    allocatedBytes: 'get',
    headerBytes: 'get',
    linearMemoryBytes: 'get',
    stack: 'get',
    walk: 'call',
    layout: 'call',
    verify: 'call',
    owners: 'call',
    tracking: 'getset',
    finalizer: 'getset',
    trace: 'call',
    allocations: 'get',
    engineNumber: 'get',
    time: 'get',
    on: 'call',
    watch: 'call',
    history: 'call',
    watchGrowth: 'call',
    poll: 'call',
    policies: 'get',
    setPolicy: 'call',
    alerts: 'part',
    metrics: 'call',
    handles: 'call',
    pins: 'call',
    pinsTogether: 'call',
    allPins: 'call',
    ownBytes: 'call',
    report: 'call',
    compare: 'call',
    top: 'call',
    tree: 'call',
    diff: 'call',
    why: 'call',
  },
  Alerts: {
    add: 'call',
    remove: 'call',
    list: 'call',
  },
  AllocationTrace: {
    running: 'get',
    live: 'call',
    sites: 'call',
    flush: 'call',
    stop: 'call',
  },
  GrowthWatch: {
    suspects: 'get',
    held: 'get',
    report: 'call',
    stop: 'call',
  },
  MemoryFileSystem: {},
  NodeFileSystem: {},
  EncryptedFileSystem: {},
  ManualClock: {
    realtimeNs: 'call',
    monotonicNs: 'call',
    cpuNs: 'call',
    sleep: 'call',
    advance: 'call',
  },
  SeededRandom: {},
} as const;

/** Likewise on a class. */
export const STATICS = {
  RocksDB: {
    open: 'async',
    shared: 'async',
    openSync: 'call',
    openAsSecondary: 'async',
    openAsFollower: 'async',
    openAndTrimHistory: 'async',
    listColumnFamilies: 'async',
    destroy: 'async',
    loadLatestOptions: 'async',
    loadOptionsFromFile: 'async',
    checkOptionsCompatibility: 'async',
    optionChangeMigration: 'async',
    repair: 'async',
  },
  TransactionDB: {
    open: 'async',
    shared: 'async',
    openSync: 'call',
  },
  OptimisticTransactionDB: {
    open: 'async',
    shared: 'async',
    openSync: 'call',
  },
  DBWithTTL: {
    open: 'async',
    openSync: 'call',
    shared: 'async',
  },
  BackupEngine: {
    open: 'async',
    openSync: 'call',
  },
  BackupEngineReadOnly: {
    open: 'async',
    openSync: 'call',
  },
  SstFileWriter: {
    create: 'new',
  },
  SstFileReader: {
    create: 'new',
  },
  SstFileManager: {
    create: 'new',
  },
  Cache: {
    create: 'new',
  },
  CompressedSecondaryCache: {
    create: 'new',
  },
  Statistics: {
    create: 'new',
  },
  RateLimiter: {
    create: 'new',
  },
  WriteBufferManager: {
    create: 'new',
  },
  ExportedFiles: {
    from: 'call',
  },
  Engine: {
    create: 'async',
  },
  MemoryFileSystem: {
    create: 'new',
  },
  NodeFileSystem: {
    create: 'new',
  },
  EncryptedFileSystem: {
    create: 'new',
  },
  ManualClock: {
    create: 'new',
  },
  SeededRandom: {
    create: 'new',
  },
} as const;
