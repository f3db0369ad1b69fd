import { withDatabaseLock } from './database-lock.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { type FileStorageInfo, readFileType } from './file-metadata.js';
import { closeFolder, withFolders } from './folders.js';
import type { BackupEnginePtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type RecordReader, takeRecord } from './native/records.js';
import { objectOf } from './option-errors.js';
import { fieldsOf, flag, integer } from './option-values.js';
import { databasePath } from './paths.js';

export interface BackupInfo {
  /** From 1 on; later ones are higher. */
  backupId: number;
  /** Seconds since 1970. */
  timestamp: number;
  /** Bytes of its files, whether they are shared or not. */
  size: number;
  numberFiles: number;
  /** Text of the program's. */
  appMetadata: string;
  /** With `includeFileDetails`. */
  fileDetails?: FileStorageInfo[];
  /** Files that `excludeFiles` left out, relative to the backups' folder; with `includeFileDetails`. */
  excludedFiles?: string[];
}

export interface RestoreOptions {
  /** Where the log goes. Default: to the database. */
  walDir?: string;
  /**
   * Keep the log that is there, and take the archived one back: for backups without log. Default: false, all that is
   * there is deleted.
   */
  keepLogFiles?: boolean;
  /** Engines that have the files that the backup excludes. */
  alternateDirs?: readonly BackupEngineReads[];
}

/** @internal */
export interface BackupMade {
  readonly engine: Engine;
  readonly folder: string;
  readonly pointer: BackupEnginePtr;
  readonly ownsEngine: boolean;
}

/** What can be done with backups without changing them. */
export abstract class BackupEngineReads extends NativeObject {
  /** The folder of the backups; absolute. */
  readonly path: string;
  readonly engine: Engine;

  /** @internal */
  constructor({ engine, folder, pointer, ownsEngine }: BackupMade) {
    super(engine.context, 'backupEngine', engine, pointer, releaserOf(folder), folder);
    this.path = folder;
    this.engine = engine;
    if (ownsEngine) this.core.ownEngine();
  }

  /** What backups there are, the oldest first; those that are corrupt are not among them. */
  getBackupInfo(options?: { includeFileDetails?: boolean }): BackupInfo[];
  /** One of them; undefined when there is none of that number. CorruptionError when it is corrupt. */
  getBackupInfo(
    backupId: number,
    options?: { includeFileDetails?: boolean },
  ): BackupInfo | undefined;
  getBackupInfo(
    first?: number | { includeFileDetails?: boolean },
    second?: { includeFileDetails?: boolean },
  ): BackupInfo[] | BackupInfo | undefined {
    const one = typeof first === 'number';
    const options = one ? second : (first as { includeFileDetails?: boolean } | undefined);
    const { includeFileDetails } = fieldsOf('getBackupInfo', options, ['includeFileDetails']);
    const details = flag('includeFileDetails', includeFileDetails, false);
    if (!one) return this.#infos(0, details);
    return this.#infos(this.idOf(first), details)[0];
  }

  /** The newest backup that is not corrupt; undefined when there is none. */
  getLatestBackupInfo(options: { includeFileDetails?: boolean } = {}): BackupInfo | undefined {
    return this.getBackupInfo(objectOf(options)).at(-1);
  }

  /** Numbers of the backups whose metadata or files are damaged or not there. */
  getCorruptedBackups(): number[] {
    const { native, out } = this.useEngine();
    native.check(native.calls.rdb_backup_engine_get_corrupted(this.pointer, out));
    return takeRecord(native, out, (reader) => reader.list((each) => each.word()));
  }

  /**
   * Throws CorruptionError, IOError and so on unless all files of a backup are there in the right size; with
   * `verifyWithChecksum`, unless their contents are right, too, which reads them all.
   */
  verifyBackup(backupId: number, options: { verifyWithChecksum?: boolean } = {}): void {
    const { native } = this.useEngine();
    const { verifyWithChecksum } = fieldsOf('verifyBackup', options, ['verifyWithChecksum']);
    const checksums = flag('verifyWithChecksum', verifyWithChecksum, false) ? 1 : 0;
    const id = this.idOf(backupId);
    this.end(native.calls.rdb_backup_engine_verify(this.pointer, id, checksums));
  }

  /**
   * Makes the database at `dbPath` what it was at the time of a backup. Whatever is in that folder is deleted
   * first; LockedError when it is open. When it fails, what is there cannot be opened: restore again.
   */
  restoreDBFromBackup(backupId: number, dbPath: string, options: RestoreOptions = {}): void {
    this.#restore(this.idOf(backupId), dbPath, options);
  }

  /** The same from the newest backup that is not corrupt. */
  restoreDBFromLatestBackup(dbPath: string, options: RestoreOptions = {}): void {
    this.#restore(0, dbPath, options);
  }

  /** @internal */
  get pointer(): BackupEnginePtr {
    return this.core.pointer as BackupEnginePtr;
  }

  /** @internal Counts the operation; throws unless all is live. */
  useEngine(): Engine {
    this.engine.assertUsable();
    this.assertLive();
    this.use();
    return this.engine;
  }

  /** @internal Ends a call with its status, or else with what the logger threw in it. */
  protected end(status: number): void {
    this.engine.native.check(status);
    this.engine.settle();
  }

  /** @internal The number of a backup, which may be anything. */
  protected idOf(backupId: unknown): number {
    if (backupId !== undefined) return integer('backupId', backupId, 1, 0xffffffff, 1);
    throw invalid('backupId: expected the number of a backup, as getBackupInfo() has it');
  }

  #infos(id: number, details: boolean): BackupInfo[] {
    const { native, out } = this.useEngine();
    const { calls } = native;
    const status = calls.rdb_backup_engine_get_info(this.pointer, id, details ? 1 : 0, out);
    // RocksDB's code for what is not there.
    if ((status & 0xff) === 1) {
      native.takeError(status);
      return [];
    }
    native.check(status);
    return takeRecord(native, out, (reader) =>
      reader.list((each) => readInfo(each, details, this.path)),
    );
  }

  #restore(id: number, dbPath: string, options: RestoreOptions): void {
    const engine = this.useEngine();
    fieldsOf('restore', options, ['walDir', 'keepLogFiles', 'alternateDirs']);
    const { alternateDirs = [] } = options;
    const path = databasePath(dbPath);
    const walDir = options.walDir === undefined ? path : databasePath(options.walDir);
    const keep = flag('keepLogFiles', options.keepLogFiles, false);
    const others = alternateDirs.map((each) => {
      if (each instanceof BackupEngineReads && each.useEngine() === engine) return each.pointer;
      throw invalid('alternateDirs: expected backup engines that are open on the same engine');
    });
    const { native, staging } = engine;
    const restore = () => {
      staging.begin();
      try {
        const list = staging.reserve(4 * others.length);
        others.forEach((pointer, index) => {
          native.heap.setWord(list + 4 * index, pointer);
        });
        staging.push(path, 'path', 0xffff);
        const place = [staging.address, staging.length] as const;
        staging.push(walDir, 'walDir', 0xffff);
        const wal = [staging.address, staging.length, keep ? 1 : 0] as const;
        const { calls } = native;
        native.check(
          calls.rdb_backup_engine_restore(this.pointer, id, ...place, ...wal, list, others.length),
        );
      } finally {
        staging.end();
      }
    };
    withDatabaseLock(engine, path, () => withFolders(engine, [path, walDir], restore));
    engine.settle();
  }
}

function releaserOf(folder: string) {
  return ({ context, pointer }: HandleCore) => {
    context.native.calls.rdb_backup_engine_free(pointer as BackupEnginePtr);
    closeFolder(context, folder);
  };
}

function readInfo(reader: RecordReader, details: boolean, folder: string): BackupInfo {
  const info: BackupInfo = {
    backupId: reader.word(),
    timestamp: reader.number(),
    size: reader.number(),
    numberFiles: reader.word(),
    appMetadata: reader.text(),
  };
  if (!details) return info;
  info.fileDetails = reader.list((file) => ({
    relativeFilename: file.text(),
    directory: folder,
    fileNumber: file.number(),
    fileType: readFileType(file),
    size: file.number(),
  }));
  info.excludedFiles = reader.list((file) => file.text());
  return info;
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
