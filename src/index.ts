export type { ReadOptions, WriteOptions } from './access.js';
export type {
  CacheEntryRoleOptions,
  CacheUsageOptions,
  DBObjects,
  TableObjects,
} from './attachments.js';
export {
  type AdmissionPolicy,
  Cache,
  type CacheOptions,
  type TieredCacheOptions,
  type TieredCacheUpdate,
} from './cache.js';
export {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
  type EncodingOptions,
} from './column-family.js';
export type {
  BlockCacheEntryStats,
  ColumnFamilyStats,
  DatabaseStats,
  LevelFigure,
  LevelStats,
  WholeDatabaseStats,
  WriteStallState,
} from './database-figures.js';
export type { Decoded, Encodable, Encoding } from './encoding.js';
export { Engine, type EngineOptions } from './engine.js';
export type { Env, EnvPriority } from './env.js';
export * from './errors.js';
export type { KeyRange, MemoryUsage, StatsRecord, TableProperties } from './figures.js';
export { DBIterator, type IteratorOptions } from './iterator.js';
export type { CompactRangeOptions } from './maintenance.js';
export type {
  AllocationEvent,
  AllocationSite,
  AllocationTrace,
  TraceOptions,
} from './monitor/allocation-trace.js';
export type { HeapDiff, KindDiff, OwnerDiff, SiteDiff } from './monitor/diff.js';
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
export type { FinalizerMode } from './monitor/registry.js';
export type { HeapReport, KindReport, SiteReport } from './monitor/report.js';
export type { TopBy } from './monitor/report-text.js';
export type { Background } from './native/background-work.js';
export { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
export type { WasmSource } from './native/wasm-source.js';
export type { OpenOptions } from './open.js';
export type { BlockBasedTableOptions, ColumnFamilyOptions, DBOptions } from './options.js';
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
export { RocksDB } from './rocksdb.js';
export {
  CACHE_ENTRY_ROLES,
  type CacheEntryRole,
  CompressedSecondaryCache,
  type CompressedSecondaryCacheOptions,
  type CompressedTierOptions,
} from './secondary-cache.js';
export type { Snapshot } from './snapshot.js';
export { SstFileManager, type SstFileManagerOptions } from './sst-file-manager.js';
export type { IntegerProperty, MapProperty, TextProperty } from './statistics.gen.js';
export { HISTOGRAMS, TICKERS } from './statistics.gen.js';
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
export { type Clock, ManualClock, systemClock } from './wasi/clock.js';
export { type FileSystem, FileSystemError, LockHeldError } from './wasi/file-system.js';
export { MemoryFileSystem } from './wasi/memory-fs.js';
export { NodeFileSystem } from './wasi/node-fs.js';
export { type Random, SeededRandom, systemRandom } from './wasi/random.js';
export type { BatchOperationOptions, WriteBatch } from './write-batch.js';
export { WriteBufferManager, type WriteBufferManagerOptions } from './write-buffer-manager.js';
