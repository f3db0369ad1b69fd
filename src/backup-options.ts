/** Options of backup engines, checked and packed for rdb_backup_engine_open. */

import type { Engine, EngineOptions } from './engine.js';
import type { Logger } from './events/logger.js';
import { RecordWriter } from './native/records.js';
import { expected } from './option-errors.js';
import { bytesCount, flag, integer, oneOf } from './option-values.js';

/** RocksDB's BackupEngineOptions. */
export interface BackupEngineOptions {
  /** Keep tables and blob files that several backups have once only. Default: true. */
  shareTableFiles?: boolean;
  /** Tell shared files apart by more than their number. False is dangerous, see RocksDB. Default: true. */
  shareFilesWithChecksum?: boolean;
  /** By what they are told apart. Default: `dbSessionIdAndFileSize`. */
  shareFilesWithChecksumNaming?: (typeof NAMINGS)[number];
  /** A backup or restore that returned survives a power cut. Default: true. */
  sync?: boolean;
  /** Delete all backups that are there. Default: false. */
  destroyOldData?: boolean;
  /** Back the write-ahead log up. Default: true. */
  backupLogFiles?: boolean;
  /**
   * Bytes per second that a backup writes, at most. The call takes so much longer, and its thread does nothing
   * else meanwhile: use a worker. Default: 0, no limit.
   */
  backupRateLimit?: number;
  /** The same for restores. */
  restoreRateLimit?: number;
  /** Copies that RocksDB has under way at once; here they run in turn. Default: 1. */
  maxBackgroundOperations?: number;
  /** Bytes copied between two calls of `progress`. Default: 4 MiB. */
  callbackTriggerIntervalSize?: number;
  /** Only the newest backups; BackupEngineReadOnly. Default: all. */
  maxValidBackupsToOpen?: number;
  /** Of the files with metadata: 1 (default), or 2, which `excludeFiles` needs. */
  schemaVersion?: 1 | 2;
  /** Temperatures of files: what the file system says wins. Default: false, the MANIFEST. */
  currentTemperaturesOverrideManifest?: boolean;
  /** Gets RocksDB's lines about what is done with the backups, until the backup engine is freed. Default: none. */
  logger?: Logger;
}

/** Where a backup engine runs. */
export type BackupEngineOpenOptions = BackupEngineOptions &
  EngineOptions & {
    /** That of the databases to back up. Default: one of its own, good for restoring. */
    engine?: Engine;
  };

/** RocksDB's ShareFilesNaming: kLegacyCrc32cAndFileSize, kUseDbSessionId, and that with kFlagIncludeFileSize. */
const NAMINGS = ['legacyCrc32cAndFileSize', 'dbSessionId', 'dbSessionIdAndFileSize'] as const;
const NAMING_NUMBERS = [1, 2, 0x8000_0002];
const INTERVAL_BYTES = 4 * 1024 * 1024;
const MAX_INT = 0x7fffffff;

export const BACKUP_OPTIONS = [
  'shareTableFiles',
  'shareFilesWithChecksum',
  'shareFilesWithChecksumNaming',
  'sync',
  'destroyOldData',
  'backupLogFiles',
  'backupRateLimit',
  'restoreRateLimit',
  'maxBackgroundOperations',
  'callbackTriggerIntervalSize',
  'maxValidBackupsToOpen',
  'schemaVersion',
  'currentTemperaturesOverrideManifest',
  'logger',
] as const satisfies readonly (keyof BackupEngineOptions)[];

/** As rdb_backup_engine_open reads it. */
export function packBackupOptions(
  folder: string,
  options: BackupEngineOptions,
  readOnly: boolean,
): Uint8Array {
  const share = flag('shareTableFiles', options.shareTableFiles, true);
  // RocksDB has an assertion for this.
  const checksum = flag('shareFilesWithChecksum', options.shareFilesWithChecksum, share);
  if (checksum && !share) {
    throw expected('false, or shareTableFiles too', 'shareFilesWithChecksum', true);
  }
  const naming = options.shareFilesWithChecksumNaming;
  const namingIndex = oneOf(
    'shareFilesWithChecksumNaming',
    naming,
    NAMINGS,
    'dbSessionIdAndFileSize',
  );
  const destroy = flag('destroyOldData', options.destroyOldData, false);
  if (destroy && readOnly) throw expected('no value to read only', 'destroyOldData', true);
  const interval = options.callbackTriggerIntervalSize;
  const operations = options.maxBackgroundOperations;
  const most = options.maxValidBackupsToOpen;
  if (most !== undefined && !readOnly) {
    throw expected('a BackupEngineReadOnly to have it', 'maxValidBackupsToOpen', most);
  }
  return new RecordWriter()
    .bytes(folder)
    .flag(share)
    .flag(checksum)
    .flag(flag('sync', options.sync, true))
    .flag(destroy)
    .flag(flag('backupLogFiles', options.backupLogFiles, true))
    .long(bytesCount('backupRateLimit', options.backupRateLimit, 0))
    .long(bytesCount('restoreRateLimit', options.restoreRateLimit, 0))
    .word(integer('maxBackgroundOperations', operations, 1, 64, 1))
    .long(
      integer('callbackTriggerIntervalSize', interval, 1, Number.MAX_SAFE_INTEGER, INTERVAL_BYTES),
    )
    .word(integer('maxValidBackupsToOpen', most, 0, MAX_INT, MAX_INT))
    .word(NAMING_NUMBERS[namingIndex] as number)
    .word(integer('schemaVersion', options.schemaVersion, 1, 2, 1))
    .flag(
      flag(
        'currentTemperaturesOverrideManifest',
        options.currentTemperaturesOverrideManifest,
        false,
      ),
    )
    .finish();
}
