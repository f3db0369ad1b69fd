export type { ReadOptions, WriteOptions } from './access.js';
export { Cache, type CacheOptions } from './cache.js';
export {
  type AnyColumnFamily,
  ColumnFamily,
  type ColumnFamilyOpenOptions,
  type EncodingOptions,
} from './column-family.js';
export type { Decoded, Encodable, Encoding } from './encoding.js';
export { Engine, type EngineOptions } from './engine.js';
export * from './errors.js';
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
export {
  OptimisticTransactionDB,
  type OptimisticTransactionDBOpenOptions,
} from './optimistic-transaction-db.js';
export type { BlockBasedTableOptions, ColumnFamilyOptions, DBOptions } from './options.js';
export type { PinnedSlice } from './pinned-slice.js';
export { RocksDB } from './rocksdb.js';
export type { Snapshot } from './snapshot.js';
export type { Transaction } from './transaction.js';
export {
  type BeginOptions,
  TransactionDB,
  type TransactionDBOpenOptions,
  type TransactionDBWriteOptions,
} from './transaction-db.js';
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
export type { ViewOperationOptions } from './view.js';
export { type Clock, ManualClock, systemClock } from './wasi/clock.js';
export { type FileSystem, FileSystemError, LockHeldError } from './wasi/file-system.js';
export { MemoryFileSystem } from './wasi/memory-fs.js';
export { NodeFileSystem } from './wasi/node-fs.js';
export { type Random, SeededRandom, systemRandom } from './wasi/random.js';
export type { BatchOperationOptions, WriteBatch } from './write-batch.js';
export type {
  BatchEntry,
  BatchEntryType,
  WriteBatchWithIndex,
  WriteBatchWithIndexOptions,
} from './write-batch-with-index.js';
