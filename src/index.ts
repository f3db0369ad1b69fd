export type { ReadResult } from './access.js';
export type { CreateBackupOptions } from './backup-create.js';
export { BackupEngine, BackupEngineReadOnly } from './backup-engine.js';
export type { BackupEngineOpenOptions, BackupEngineOptions } from './backup-options.js';
export type { BackupInfo, RestoreOptions } from './backup-reads.js';
export type { BatchEntry, BatchEntryType, BatchIteratorOptions } from './batch-entries.js';
export { BulkWriter } from './bulk-writer.js';
export type {
  BulkChunk,
  BulkEntry,
  BulkOperation,
  BulkProgress,
  BulkTotals,
  BulkWriterOptions,
} from './bulk-writer-options.js';
export {
  type AdmissionPolicy,
  Cache,
  type CacheOptions,
  type TieredCacheOptions,
  type TieredCacheUpdate,
} from './cache.js';
export type {
  CompactionFilter,
  CompactionFilterContext,
  CompactionFilterFactory,
  CompactionFilterMethods,
  FilterColumns,
  FilterDecision,
  TableFileCreationReason,
} from './callbacks/compaction-filter.js';
export type { Comparator } from './callbacks/comparator.js';
export type { CallbackBytes } from './callbacks/frame.js';
export type { AssociativeMergeOperator, MergeOperator } from './callbacks/merge-operator.js';
export type { SliceTransform } from './callbacks/slice-transform.js';
export type {
  CollectedProperties,
  FileChecksumGenerator,
  FileChecksumGenFactory,
  SstPartitioner,
  SstPartitionerFactory,
  TableEntryType,
  TablePropertiesCollector,
  TablePropertiesCollectorFactory,
} from './callbacks/table-files.js';
export type { CheckpointOptions } from './checkpoint.js';
export {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
  type EncodingOptions,
} from './column-family.js';
export type {
  CompactFilesOptions,
  CompactFilesResult,
  CompactRangeOptions,
  FlushOptions,
  WaitForCompactOptions,
} from './compaction.js';
export type { CopyColumnFamilyOptions, CopyProgress } from './copy-column-family.js';
export type { WalFileInfo } from './database/log.js';
export type { IteratorsOf } from './database/reads.js';
export type { TraceOptions as DatabaseTraceOptions } from './database/traces.js';
export type { AttributeGroupInput, EntityOptions } from './database/wide-columns.js';
export type {
  BlockCacheEntryStats,
  ColumnFamilyStats,
  DatabaseStats,
  LevelFigure,
  LevelStats,
  WholeDatabaseStats,
  WriteStallState,
} from './database-figures.js';
export type { DatabaseHold } from './database-hold.js';
export { DatabaseLease } from './database-lease.js';
export type { DestroyOptions, RequiredBackup } from './destroy.js';
export { diagnose } from './doctor/diagnose.js';
export type { DiagnoseOptions } from './doctor/examination.js';
export type {
  ColumnFamilyFacts,
  DatabaseFacts,
  DatabaseFinding,
  Diagnosis,
  FindingCode,
  FindingSeverity,
} from './doctor/findings.js';
export type { Decoded, Encodable, Encoding } from './encoding.js';
export { type CopyReport, copyDatabase, type DatabaseFolder } from './encryption/copy-database.js';
export { EncryptedFileSystem } from './encryption/encrypted-fs.js';
export type { EncryptionKeys } from './encryption/key-ring.js';
export type { RotateOptions, RotationReport } from './encryption/rotate.js';
export { Engine, type EngineOptions } from './engine.js';
export type { Env, EnvPriority } from './env.js';
export * from './errors.js';
export type {
  BackgroundErrorInfo,
  BackgroundErrorReason,
  BackgroundErrorRecoveryInfo,
  BlobFileAdditionInfo,
  BlobFileCreationInfo,
  BlobFileGarbageInfo,
  ColumnFamilyHandleInfo,
  CompactionFileInfo,
  CompactionJobInfo,
  CompactionJobStats,
  CompactionReason,
  EventStatus,
  ExternalFileIngestionInfo,
  FileCreationBriefInfo,
  FileCreationReason,
  FileDeletionInfo,
  FileOperationInfo,
  FileOperationType,
  FlushJobInfo,
  FlushReason,
  IOErrorInfo,
  ManualFlushInfo,
  MemTableInfo,
  SubcompactionJobInfo,
  TableFileCreationInfo,
  WriteStallCondition,
  WriteStallInfo,
} from './events/infos.js';
export type { EventListener } from './events/listener.js';
export { type Logger, type LogLevel, stderrLogger } from './events/logger.js';
export type { WalDecision, WalFilter, WalRecord } from './events/wal-filter.js';
export { ExportedFiles, type ExportImportFilesMetaData } from './exported-files.js';
export type { MemoryUsage, StatsRecord } from './figures.js';
export type {
  BlobMetaData,
  ColumnFamilyMetaData,
  FileStorageInfo,
  FileType,
  LevelMetaData,
  LiveFileMetaData,
  LiveFileStorageInfo,
  SstFileMetaData,
  Temperature,
} from './file-metadata.js';
export type { IngestExternalFileArg, IngestExternalFileOptions } from './ingest.js';
export { DBIterator } from './iterator.js';
export { IteratorLease } from './iterator-lease.js';
export type { IteratorOptions } from './iterator-options.js';
export { IteratorPool, type IteratorPoolStats } from './iterator-pool.js';
export type {
  AcquireAsyncOptions,
  AcquireOptions,
  IteratorPoolOptions,
} from './iterator-pool-options.js';
export type { AttributeGroup } from './iterators.js';
export type {
  KeyRange,
  KeyVersion,
  KeyVersionType,
  SizeApproximationOptions,
} from './key-ranges.js';
export type {
  DeleteFilesInRangesOptions,
  FileChecksum,
  LiveFiles,
  LiveFilesStorageInfoOptions,
  VerifyChecksumOptions,
} from './live-files.js';
export type {
  Aggregate,
  AlertEvent,
  AlertLevel,
  AlertPeriod,
  AlertRule,
  AlertSite,
  AlertThreshold,
  MetricReader,
} from './monitor/alert-rules.js';
export type { AlertState, Alerts } from './monitor/alerts.js';
export type {
  AllocationEvent,
  AllocationSite,
  AllocationTrace,
  TraceOptions,
} from './monitor/allocation-trace.js';
export type { HeapDiff, KindDiff, OwnerDiff, SiteDiff } from './monitor/diff.js';
export type { Threshold } from './monitor/due-queue.js';
export {
  type AgeEvent,
  CHANNEL_PREFIX,
  type ExpiredEvent,
  type LeakEvent,
  type LimitEvent,
  MONITOR_EVENTS,
  type MonitorEvent,
  type MonitorEventMap,
  type MonitorMessage,
  type ReclaimedEvent,
} from './monitor/events.js';
export type { Criterion, CriterionName } from './monitor/growth/criteria.js';
export type { HeldHandle } from './monitor/growth/held.js';
export type { GrowthOptions } from './monitor/growth/options.js';
export type { GrowthReport, IdleReport } from './monitor/growth/report.js';
export type { GrowthSuspect, SiteVotes } from './monitor/growth/suspect.js';
export type { GrowthWatch } from './monitor/growth/watch.js';
export type { HeapIdentity, HeapMap, OwnerBytes, StackUse } from './monitor/heap-bytes.js';
export type { HeapMonitor } from './monitor/heap-monitor.js';
export { DamagedHeap } from './monitor/heap-walk.js';
export type {
  Access,
  HandleKind,
  HandleRecord,
  HandleState,
  TrackingLevel,
} from './monitor/ledger.js';
export type { Metric, MetricSample, MetricSource } from './monitor/metrics.js';
export type {
  PinGroup,
  PinHolders,
  PinnedBlock,
  PinnedFile,
  PinnedMemtable,
  PinnedVersion,
  PinOptions,
  PinReport,
  RetainedVersions,
} from './monitor/pins.js';
export type {
  HandlePolicy,
  HeapPolicy,
  MaxLive,
  MaxPinnedBytes,
  OnExpire,
  Policies,
  PolicyKind,
  TimeToLive,
} from './monitor/policy-rules.js';
export type { FinalizerMode } from './monitor/registry.js';
export type { HeapReport, KindReport, SiteReport } from './monitor/report.js';
export type { TopBy } from './monitor/report-text.js';
export type { HeapSample, SampleOptions } from './monitor/sampler.js';
export type { WebhookDeliveries, WebhookOptions } from './monitor/webhook.js';
export type { Background } from './native/background-work.js';
export { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
export type { WasmSource } from './native/wasm-source.js';
export type {
  CacheEntryRoleOptions,
  CacheUsageOptions,
  ColumnFamilyObjects,
  DBObjects,
  DbPath,
  TableObjects,
} from './object-options.js';
export type { OpenOptions } from './open.js';
export type { MisuseMessage } from './open-watch.js';
export {
  OptimisticTransactionDB,
  type OptimisticTransactionDBOpenOptions,
} from './optimistic-transaction-db.js';
export {
  optimizeForPointLookup,
  optimizeForSmallDb,
  optimizeLevelStyleCompaction,
  optimizeUniversalStyleCompaction,
  prepareForBulkLoad,
} from './option-presets.js';
export {
  getBlockBasedTableOptionsFromString,
  getColumnFamilyOptionsFromString,
  getDBOptionsFromString,
  getOptionsFromString,
  getStringFromColumnFamilyOptions,
  getStringFromDBOptions,
} from './option-strings.js';
export type { BlockBasedTableOptions, ColumnFamilyOptions, DBOptions } from './options.js';
export type { StoredOptions } from './options-file.js';
export type {
  IOCounter,
  IOCounters,
  IOStatsContext,
  Measured,
  PerfByLevel,
  PerfContext,
  PerfCounter,
  PerfCounters,
  PerfLevel,
  PerfLevelCounter,
  PerfOptions,
} from './perf-context.js';
export type { PinnedSlice } from './pinned-slice.js';
export { type IOPriority, RateLimiter, type RateLimiterOptions } from './rate-limiter.js';
export type {
  CommonReadOptions,
  RateLimiterPriority,
  ReadManyOptions,
  ReadOptions,
} from './read-options.js';
export { type RecommendedAlertOptions, recommendedAlerts } from './recommended-alerts.js';
export { RocksDB } from './rocksdb.js';
export {
  CACHE_ENTRY_ROLES,
  type CacheEntryRole,
  CompressedSecondaryCache,
  type CompressedSecondaryCacheOptions,
  type CompressedTierOptions,
} from './secondary-cache.js';
export type { SharedOptions } from './shared-databases.js';
export type { Snapshot } from './snapshot.js';
export type {
  SstFileIterator,
  SstIteratorOptions,
  SstRawEntry,
  SstRawIterator,
} from './sst-file-iterator.js';
export { SstFileManager, type SstFileManagerOptions } from './sst-file-manager.js';
export { type SstFileProperties, SstFileReader } from './sst-file-reader.js';
export {
  type ExternalSstFileInfo,
  type SstEntryOptions,
  SstFileWriter,
} from './sst-file-writer.js';
export type { SstFileOptions } from './sst-options.js';
export {
  HISTOGRAMS,
  type IntegerProperty,
  type MapProperty,
  type TextProperty,
  TICKERS,
} from './statistics.gen.js';
export {
  type Histogram,
  type HistogramData,
  type HistogramName,
  Statistics,
  type StatisticsOptions,
  type StatsLevel,
  type Ticker,
  type TickerName,
} from './statistics.js';
export {
  type ColumnFamilyText,
  type CompactionTotals,
  type DatabaseText,
  type Interval,
  type LevelRow,
  parseStats,
  type StatsText,
  type TextHistogram,
  type WalText,
  type WritesText,
} from './stats-text.js';
export type { TableProperties } from './table-properties.js';
export type { Timestamp } from './timestamps.js';
export type {
  ManifestEdit,
  SstDump,
  SstEntry,
  ToolOptions,
  ToolResult,
  WalBatch,
} from './tools.js';
export * as tools from './tools.js';
export type { Transaction } from './transaction.js';
export {
  type BeginOptions,
  TransactionDB,
  type TransactionDBOpenOptions,
  type TransactionDBWriteOptions,
} from './transaction-db.js';
export type { LogUpdate, TransactionLogIterator, UpdatesOptions } from './transaction-log.js';
export type { TransactionState } from './transactions/info.js';
export type { DeadlockPath, DeadlockStep, KeyLock } from './transactions/locks.js';
export type { GetForUpdateOptions, TransactionWriteOptions } from './transactions/operations.js';
export type {
  OptimisticTransactionDBOptions,
  OptimisticTransactionOptions,
  TransactionDBOptions,
  TransactionDBWritePolicy,
  TransactionOptions,
} from './transactions/options.js';
export { DBWithTTL } from './ttl.js';
export type { ViewOperationOptions } from './view.js';
export { type Clock, ManualClock, systemClock } from './wasi/clock.js';
export { type FileSystem, FileSystemError, LockHeldError } from './wasi/file-system.js';
export { MemoryFileSystem } from './wasi/memory-fs.js';
export { NodeFileSystem } from './wasi/node-fs.js';
export { type Random, SeededRandom, systemRandom } from './wasi/random.js';
export type { ColumnNames, WideColumns, WideColumnsInput } from './wide-columns.js';
export type { BatchOperationOptions, BatchOptions, WriteBatch } from './write-batch.js';
export {
  BATCH_HEADER_BYTES,
  type DecodeOptions,
  decodeWriteBatch,
  type KeyedOperation,
  type WriteBatchOperation,
  writeBatchHeader,
} from './write-batch-decoder.js';
export type {
  WriteBatchWithIndex,
  WriteBatchWithIndexOptions,
} from './write-batch-with-index.js';
export { WriteBufferManager, type WriteBufferManagerOptions } from './write-buffer-manager.js';
export type { WriteOptions } from './write-options.js';
