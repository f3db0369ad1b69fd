import { type CreateBackupOptions, createBackup } from './backup-create.js';
import {
  BACKUP_OPTIONS,
  type BackupEngineOpenOptions,
  packBackupOptions,
} from './backup-options.js';
import { BackupEngineReads, type BackupMade } from './backup-reads.js';
import { DatabaseFiles } from './database/files.js';
import { ENGINE_OPTIONS, Engine, siteOfMaking } from './engine.js';
import { CallbackError, define, InvalidArgumentError, InvalidOptionError } from './errors.js';
import { checkLogger, hostLogger, type Logger } from './events/logger.js';
import { closeFolder, openFolder } from './folders.js';
import type { BackupEnginePtr } from './native/exports.gen.js';
import { fieldsOf, integer } from './option-values.js';
import { databasePath } from './paths.js';
import type { RocksDB } from './rocksdb.js';

/**
 * Backups of databases in one folder, in RocksDB's own form: native RocksDB restores them, and the reverse. Open it on
 * the engine of the databases, and free it; only one at a time should be open on a folder.
 *
 * A backup that returned is on disk (`sync`). One that failed leaves the others as they were; what it had copied is
 * deleted, or by the next backup if that fails, too.
 */
export class BackupEngine extends BackupEngineReads {
  /** Set by stopBackup() while a backup is being made. */
  #stop: (() => void) | undefined;

  /** Opens the folder, and makes it if it is not there. */
  static async open(path: string, options: BackupEngineOpenOptions = {}): Promise<BackupEngine> {
    return openOn(path, options, false, (made) => new BackupEngine(made));
  }

  /** Like `open`, on an engine that exists already. */
  static openSync(
    path: string,
    options: BackupEngineOpenOptions & { engine: Engine },
  ): BackupEngine {
    const checked = checkOptions(path, options, false);
    return openWith(options.engine, checked, false, (made) => new BackupEngine(made));
  }

  /** Backs a database of the same engine up. Returns the number of the backup. */
  createNewBackup(
    // biome-ignore lint/suspicious/noExplicitAny: a database of whatever encodings
    db: RocksDB<any, any>,
    options: CreateBackupOptions = {},
  ): number {
    return this.createNewBackupWithMetadata(db, '', options);
  }

  /** The same, with text of the program's that is kept with it (BackupInfo.appMetadata). */
  createNewBackupWithMetadata(
    // biome-ignore lint/suspicious/noExplicitAny: a database of whatever encodings
    db: RocksDB<any, any>,
    metadata: string,
    options: CreateBackupOptions = {},
  ): number {
    const engine = this.useEngine();
    if (!(db instanceof DatabaseFiles)) throw invalid('createNewBackup: expected an open database');
    if (db.engine !== engine) {
      throw invalid(
        `${db.path} is open on another engine: BackupEngine.open(path, { engine: db.engine })`,
      );
    }
    const flushes = options.flushBeforeBackup === true;
    const pointer = db.pointerForCopy('createNewBackup', flushes ? 0 : Number.POSITIVE_INFINITY);
    const stoppable = { set: (stop: (() => void) | undefined) => (this.#stop = stop) };
    return createBackup(engine, this.pointer, pointer, metadata, options, stoppable);
  }

  /**
   * Stops the backup that is being made, which fails with BusyError (Incomplete): to be called in its `progress`.
   * There is no other moment in one thread; at any other it does nothing.
   */
  stopBackup(): void {
    this.#stop?.();
  }

  /** Deletes all but the newest `numBackupsToKeep` backups, and the files that only they had. */
  purgeOldBackups(numBackupsToKeep: number): void {
    const { native } = this.useEngine();
    if (numBackupsToKeep === undefined) throw invalid('purgeOldBackups: expected a number');
    const keep = integer('numBackupsToKeep', numBackupsToKeep, 0, 0xffffffff, 0);
    this.end(native.calls.rdb_backup_engine_purge(this.pointer, keep));
  }

  /** Deletes a backup, and the files that no other one needs. */
  deleteBackup(backupId: number): void {
    const { native } = this.useEngine();
    this.end(native.calls.rdb_backup_engine_delete(this.pointer, this.idOf(backupId)));
  }

  /** Deletes what backups that were not completed, or not deleted completely, have left. */
  garbageCollect(): void {
    const { native } = this.useEngine();
    this.end(native.calls.rdb_backup_engine_collect_garbage(this.pointer));
  }
}

/** Backups in one folder, to be read and restored; nothing in the folder is changed. Free it. */
export class BackupEngineReadOnly extends BackupEngineReads {
  /** Opens the folder, which must be there, on an engine of its own. */
  static async open(
    path: string,
    options: BackupEngineOpenOptions = {},
  ): Promise<BackupEngineReadOnly> {
    return openOn(path, options, true, (made) => new BackupEngineReadOnly(made));
  }

  /** Like `open`, on an engine that exists already. */
  static openSync(
    path: string,
    options: BackupEngineOpenOptions & { engine: Engine },
  ): BackupEngineReadOnly {
    const checked = checkOptions(path, options, true);
    return openWith(options.engine, checked, true, (made) => new BackupEngineReadOnly(made));
  }
}

interface Checked {
  readonly folder: string;
  readonly packed: Uint8Array;
  readonly logger: Logger | undefined;
}

/** Nothing has reached an engine yet. */
function checkOptions(path: unknown, options: BackupEngineOpenOptions, readOnly: boolean): Checked {
  fieldsOf('options', options, [...BACKUP_OPTIONS, ...ENGINE_OPTIONS, 'engine']);
  const { engine } = options;
  if (engine !== undefined) {
    if (!(engine instanceof Engine)) {
      throw new InvalidOptionError('engine: expected an Engine', 'engine', engine);
    }
    const clash = ENGINE_OPTIONS.find((name) => options[name] !== undefined);
    if (clash !== undefined) {
      const why = `${clash}: the engine that is given has its own; set it on Engine.create`;
      throw new InvalidOptionError(why, clash, options[clash]);
    }
  }
  const folder = databasePath(path);
  const logger = options.logger === undefined ? undefined : checkLogger(options.logger, 'logger');
  return { folder, packed: packBackupOptions(folder, options, readOnly), logger };
}

async function openOn<B extends BackupEngineReads>(
  path: string,
  options: BackupEngineOpenOptions,
  readOnly: boolean,
  construct: (made: BackupMade) => B,
): Promise<B> {
  const checked = checkOptions(path, options, readOnly);
  const { engine: shared } = options;
  const own = Object.fromEntries(ENGINE_OPTIONS.map((name) => [name, options[name]]));
  const site = siteOfMaking(options);
  const engine = shared ?? (await Engine.create(own));
  engine.ledger.origin = site;
  try {
    return openWith(engine, checked, readOnly, construct, shared === undefined);
  } catch (error) {
    if (shared === undefined) engine.free();
    throw error;
  } finally {
    engine.ledger.origin = undefined;
  }
}

function openWith<B extends BackupEngineReads>(
  engine: Engine,
  { folder, packed, logger }: Checked,
  readOnly: boolean,
  construct: (made: BackupMade) => B,
  ownsEngine = false,
): B {
  engine.assertUsable();
  engine.context.assertRoom('backupEngine');
  const { native, staging, out } = engine;
  openFolder(engine, folder);
  try {
    staging.begin();
    try {
      staging.push(packed, 'backup options', 0xffffffff);
      const { calls } = native;
      const at = staging.address;
      const host =
        logger === undefined ? 0 : staging.addCallback(hostLogger(logger, engine, 'logger'));
      native.check(calls.rdb_backup_engine_open(at, readOnly ? 1 : 0, host, out));
    } finally {
      staging.end();
    }
  } catch (error) {
    closeFolder(engine, folder);
    throw error;
  }
  const pointer = native.heap.getWord(out) as BackupEnginePtr;
  const made = construct({ engine, folder, pointer, ownsEngine });
  try {
    engine.settle();
  } catch (error) {
    made.free();
    if (error instanceof CallbackError) define(error, 'applied', false);
    throw error;
  }
  return made;
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
