export type { ReadOptions, WriteOptions } from './access.js';
export type { CreateBackupOptions } from './backup-create.js';
export { BackupEngine, BackupEngineReadOnly } from './backup-engine.js';
export type { BackupEngineOpenOptions, BackupEngineOptions } from './backup-options.js';
export type { BackupInfo, RestoreOptions } from './backup-reads.js';
export { Cache, type CacheOptions } from './cache.js';
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
export type { FileDeletionsHold } from './database-hold.js';
export type { DestroyOptions, RequiredBackup } from './destroy.js';
export type { Decoded, Encodable, Encoding } from './encoding.js';
export { Engine, type EngineOptions } from './engine.js';
export * from './errors.js';
export { ExportedFiles, type ExportImportFilesMetaData } from './exported-files.js';
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
export { DBIterator, type IteratorOptions } from './iterator.js';
export type {
  DeleteFilesInRangesOptions,
  FileChecksum,
  KeyRange,
  LiveFiles,
  LiveFilesStorageInfoOptions,
  VerifyChecksumOptions,
} from './live-files.js';
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
export type { PinnedSlice } from './pinned-slice.js';
export { RocksDB } from './rocksdb.js';
export type { Snapshot } from './snapshot.js';
export type {
  SstFileIterator,
  SstIteratorOptions,
  SstRawEntry,
  SstRawIterator,
} from './sst-file-iterator.js';
export { type SstFileProperties, SstFileReader } from './sst-file-reader.js';
export {
  type ExternalSstFileInfo,
  type SstEntryOptions,
  SstFileWriter,
  type WideColumnsInput,
} from './sst-file-writer.js';
export type { SstFileOptions } from './sst-options.js';
export { type Clock, ManualClock, systemClock } from './wasi/clock.js';
export { type FileSystem, FileSystemError, LockHeldError } from './wasi/file-system.js';
export { MemoryFileSystem } from './wasi/memory-fs.js';
export { NodeFileSystem } from './wasi/node-fs.js';
export { type Random, SeededRandom, systemRandom } from './wasi/random.js';
export type { BatchOperationOptions, WriteBatch } from './write-batch.js';
