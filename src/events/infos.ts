/** What listeners are told: RocksDB's info structs (include/rocksdb/listener.h) as plain data. */
import type { RocksDBError } from '../errors.js';
import type { Temperature } from '../file-metadata.js';
import type { TableProperties } from '../table-properties.js';

/** The order of rocksdb::FlushReason. */
export const FLUSH_REASONS = [
  'others',
  'getLiveFiles',
  'shutDown',
  'externalFileIngestion',
  'manualCompaction',
  'writeBufferManager',
  'writeBufferFull',
  'test',
  'deleteFiles',
  'autoCompaction',
  'manualFlush',
  'errorRecovery',
  'errorRecoveryRetryFlush',
  'walFull',
  'catchUpAfterErrorRecovery',
] as const;
export type FlushReason = (typeof FLUSH_REASONS)[number];

/** The order of rocksdb::CompactionReason. */
export const COMPACTION_REASONS = [
  'unknown',
  'levelL0FilesNum',
  'levelMaxLevelSize',
  'universalSizeAmplification',
  'universalSizeRatio',
  'universalSortedRunNum',
  'fifoMaxSize',
  'fifoReduceNumFiles',
  'fifoTtl',
  'manualCompaction',
  'filesMarkedForCompaction',
  'bottommostFiles',
  'ttl',
  'flush',
  'externalSstIngestion',
  'periodicCompaction',
  'changeTemperature',
  'forcedBlobGC',
  'roundRobinTtl',
  'refitLevel',
] as const;
export type CompactionReason = (typeof COMPACTION_REASONS)[number];

/** The order of rocksdb::TableFileCreationReason; BlobFileCreationReason has the first three. */
export const FILE_CREATION_REASONS = ['flush', 'compaction', 'recovery', 'misc'] as const;
export type FileCreationReason = (typeof FILE_CREATION_REASONS)[number];

/** The order of rocksdb::BackgroundErrorReason. */
export const BACKGROUND_ERROR_REASONS = [
  'flush',
  'compaction',
  'writeCallback',
  'memTable',
  'manifestWrite',
  'flushNoWAL',
  'manifestWriteNoWAL',
] as const;
export type BackgroundErrorReason = (typeof BACKGROUND_ERROR_REASONS)[number];

/** The order of rocksdb::WriteStallCondition. */
export const WRITE_STALL_CONDITIONS = ['delayed', 'stopped', 'normal'] as const;
export type WriteStallCondition = (typeof WRITE_STALL_CONDITIONS)[number];

/** The order of rocksdb::FileOperationType. */
export const FILE_OPERATION_TYPES = [
  'read',
  'write',
  'truncate',
  'close',
  'flush',
  'sync',
  'fsync',
  'rangeSync',
  'append',
  'positionedAppend',
  'open',
  'verify',
] as const;
export type FileOperationType = (typeof FILE_OPERATION_TYPES)[number];

/** rocksdb::CompressionType by number; the names are those of the option `compression`. */
export const COMPRESSION_TYPES: Readonly<Record<number, string>> = {
  0: 'none',
  1: 'snappy',
  2: 'zlib',
  3: 'bzip2',
  4: 'lz4',
  5: 'lz4hc',
  6: 'xpress',
  7: 'zstd',
  64: 'zstdNotFinal',
  255: 'disableCompressionOption',
};

/** A status in an info: undefined when all went well. */
export type EventStatus = RocksDBError | undefined;

/** A blob file that a flush or compaction made or added to. */
export interface BlobFileAdditionInfo {
  readonly blobFilePath: string;
  readonly blobFileNumber: number;
  readonly totalBlobCount: number;
  readonly totalBlobBytes: number;
}

/** What a compaction made garbage in a blob file. */
export interface BlobFileGarbageInfo {
  readonly blobFilePath: string;
  readonly blobFileNumber: number;
  readonly garbageBlobCount: number;
  readonly garbageBlobBytes: number;
}

export interface FlushJobInfo {
  /** The database's path. */
  readonly dbName: string;
  readonly columnFamilyId: number;
  readonly columnFamilyName: string;
  readonly filePath: string;
  readonly fileNumber: number;
  /** 0: the file refers to none. */
  readonly oldestBlobFileNumber: number;
  readonly threadId: number;
  readonly jobId: number;
  readonly triggeredWritesSlowdown: boolean;
  readonly triggeredWritesStop: boolean;
  readonly smallestSeqno: bigint;
  readonly largestSeqno: bigint;
  /** At the beginning of a flush not filled in yet. */
  readonly tableProperties: TableProperties;
  readonly flushReason: FlushReason;
  readonly blobCompressionType: string;
  readonly blobFileAdditionInfos: readonly BlobFileAdditionInfo[];
}

export interface ManualFlushInfo {
  readonly dbName: string;
  /** More than one only with atomicFlush. */
  readonly flushes: readonly {
    readonly columnFamilyId: number;
    readonly columnFamilyName: string;
    readonly flushReason: FlushReason;
  }[];
}

/** Counts and sizes (bytes) of a compaction; all 0 before it has run. */
export interface CompactionJobStats {
  readonly elapsedMicros: number;
  readonly cpuMicros: number;
  readonly hasNumInputRecords: boolean;
  readonly numInputRecords: number;
  readonly numBlobsRead: number;
  readonly numInputFiles: number;
  readonly numInputFilesAtOutputLevel: number;
  readonly numFilteredInputFiles: number;
  readonly numFilteredInputFilesAtOutputLevel: number;
  readonly numOutputRecords: number;
  readonly numOutputFiles: number;
  readonly numOutputFilesBlob: number;
  readonly isFullCompaction: boolean;
  readonly isManualCompaction: boolean;
  readonly isRemoteCompaction: boolean;
  readonly totalInputBytes: number;
  readonly totalBlobBytesRead: number;
  readonly totalOutputBytes: number;
  readonly totalOutputBytesBlob: number;
  readonly totalSkippedInputBytes: number;
  readonly numRecordsReplaced: number;
  readonly totalInputRawKeyBytes: number;
  readonly totalInputRawValueBytes: number;
  readonly numInputDeletionRecords: number;
  readonly numExpiredDeletionRecords: number;
  readonly numCorruptKeys: number;
  /** Filled in with `reportBgIoStats`, as the three below. */
  readonly fileWriteNanos: number;
  readonly fileRangeSyncNanos: number;
  readonly fileFsyncNanos: number;
  readonly filePrepareWriteNanos: number;
  /** At most 8 bytes. */
  readonly smallestOutputKeyPrefix: Uint8Array;
  readonly largestOutputKeyPrefix: Uint8Array;
  readonly numSingleDelFallthru: number;
  readonly numSingleDelMismatch: number;
}

interface CompactionCommon {
  readonly columnFamilyId: number;
  readonly columnFamilyName: string;
  readonly status: EventStatus;
  readonly threadId: number;
  readonly jobId: number;
  readonly baseInputLevel: number;
  readonly outputLevel: number;
  readonly compactionReason: CompactionReason;
  readonly compression: string;
  readonly blobCompressionType: string;
  readonly stats: CompactionJobStats;
}

export interface SubcompactionJobInfo extends CompactionCommon {
  /** Unique within the job; -1 when that is not divided. */
  readonly subcompactionJobId: number;
}

export interface CompactionFileInfo {
  readonly filePath: string;
  readonly level: number;
  readonly fileNumber: number;
  /** 0: the file refers to none. */
  readonly oldestBlobFileNumber: number;
  /** Where RocksDB has them at that moment. */
  readonly tableProperties?: TableProperties;
}

export interface CompactionJobInfo extends CompactionCommon {
  readonly dbName: string;
  readonly inputFiles: readonly CompactionFileInfo[];
  readonly outputFiles: readonly CompactionFileInfo[];
  readonly blobFileAdditionInfos: readonly BlobFileAdditionInfo[];
  readonly blobFileGarbageInfos: readonly BlobFileGarbageInfo[];
}

/** That a table or blob file is about to be made. */
export interface FileCreationBriefInfo {
  readonly dbName: string;
  readonly columnFamilyName: string;
  readonly filePath: string;
  readonly jobId: number;
  readonly reason: FileCreationReason;
}

interface FileCreationInfo extends FileCreationBriefInfo {
  readonly status: EventStatus;
  /** Empty without fileChecksumGenFactory. */
  readonly fileChecksum: Uint8Array;
  readonly fileChecksumFuncName: string;
}

export interface TableFileCreationInfo extends FileCreationInfo {
  readonly fileSize: number;
  readonly tableProperties: TableProperties;
}

export interface BlobFileCreationInfo extends FileCreationInfo {
  readonly totalBlobCount: number;
  readonly totalBlobBytes: number;
}

/** That a table or blob file was deleted. */
export interface FileDeletionInfo {
  readonly dbName: string;
  readonly filePath: string;
  readonly jobId: number;
  readonly status: EventStatus;
}

export interface MemTableInfo {
  readonly columnFamilyName: string;
  readonly firstSeqno: bigint;
  readonly earliestSeqno: bigint;
  readonly numEntries: number;
  readonly numDeletes: number;
  /** Empty, unless user-defined timestamps are used and not persisted. */
  readonly newestUdt: Uint8Array;
}

export interface ColumnFamilyHandleInfo {
  readonly columnFamilyId: number;
  readonly columnFamilyName: string;
}

export interface ExternalFileIngestionInfo {
  readonly dbName: string;
  readonly columnFamilyName: string;
  readonly externalFilePath: string;
  readonly internalFilePath: string;
  readonly globalSeqno: bigint;
  readonly tableProperties: TableProperties;
}

export interface BackgroundErrorInfo {
  readonly reason: BackgroundErrorReason;
  /** Its `severity` says what still works. */
  readonly error: RocksDBError;
}

export interface WriteStallInfo {
  readonly columnFamilyName: string;
  readonly current: WriteStallCondition;
  readonly previous: WriteStallCondition;
}

export interface BackgroundErrorRecoveryInfo {
  readonly oldError: EventStatus;
  /** Undefined: the recovery succeeded. */
  readonly newError: EventStatus;
}

export interface IOErrorInfo {
  readonly type: FileOperationType;
  readonly path: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly length: number;
  readonly status: EventStatus;
}

export interface FileOperationInfo extends IOErrorInfo {
  readonly durationNanos: number;
  /** As far as RocksDB knows it. */
  readonly temperature: Temperature;
  /** When it began: nanoseconds since 1970, by the engine's clock. */
  readonly startTs: bigint;
}
