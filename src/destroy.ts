/** Deleting databases, when nothing would be lost. */
import { BackupEngineReadOnly } from './backup-engine.js';
import type { BackupInfo } from './backup-reads.js';
import { withDatabaseLock, withEarlyLock } from './database-lock.js';
import type { Engine } from './engine.js';
import { BackupRequiredError } from './errors.js';
import { onFiles } from './file-errors.js';
import { onEngine, withRequest } from './maintenance.js';
import {
  BackupComparisonLayout,
  BackupDifference,
  OpenRequestLayout,
} from './native/exports.gen.js';
import {
  type CheckedOptions,
  familiesOnDisk,
  family,
  type OpenOptions,
  stageFamilies,
} from './open.js';
import { fieldsOf, flag } from './option-values.js';
import { databasePath } from './paths.js';

/** The backup that a database must have before it is destroyed. */
export interface RequiredBackup {
  /** The folder of the backups. */
  backupDir: string;
  /**
   * The database may have changed since: the newest backup that is not corrupt must be of this database, and be
   * complete. Default: false, it must have every entry that the database has, and no other.
   */
  allowOlder?: boolean;
}

export type DestroyOptions = OpenOptions & {
  /**
   * Destroy only when the newest backup in that folder is of this database (by its identity), verifies with
   * checksums, opens, and has the same entries; BackupRequiredError says what is missing, and nothing is deleted. It
   * reads both the database and the backup in full. The options must have what their column families need
   * (comparators of the program's).
   */
  requireVerifiedBackup?: RequiredBackup;
};

export async function destroy(path: string, options: DestroyOptions): Promise<void> {
  const { requireVerifiedBackup: required, ...rest } = options;
  const fields = fieldsOf('requireVerifiedBackup', required, ['backupDir', 'allowOlder']);
  const backupDir = required === undefined ? undefined : databasePath(fields.backupDir);
  const allowOlder = flag('requireVerifiedBackup.allowOlder', fields.allowOlder, false);
  return onEngine(path, rest, (engine, resolved, checked) => {
    if (backupDir !== undefined) {
      withDatabaseLock(engine, resolved, () =>
        assertBackedUp(engine, resolved, checked, backupDir, allowOlder),
      );
    }
    destroyFiles(engine, resolved, checked);
  });
}

function destroyFiles(engine: Engine, path: string, checked: CheckedOptions): void {
  withEarlyLock(engine, path, () =>
    withRequest(engine, path, checked, (request) => engine.native.calls.rdb_db_destroy(request)),
  );
  const { fileSystem } = engine;
  onFiles('forgetting the lock of', path, () => fileSystem.locks.forget(`${path}/LOCK`));
  onFiles('removing', path, () => removeEmptyFolder(engine, path));
}

/** RocksDB could not remove the folder while the lock's record was in it. */
function removeEmptyFolder(engine: Engine, path: string): void {
  try {
    engine.fileSystem.removeDirectory(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function assertBackedUp(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  backupDir: string,
  allowOlder: boolean,
): void {
  const refuse: (why: string, cause?: unknown) => never = (why, cause) => {
    throw new BackupRequiredError(
      'ERR_ROCKSDB_BACKUP_REQUIRED',
      `${path} is not destroyed: ${why}`,
      cause === undefined ? undefined : { cause },
    );
  };
  const attempt = <T>(why: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (engine.crashed) throw error;
      return refuse(`${why} (${error instanceof Error ? error.message : String(error)})`, error);
    }
  };
  const names = attempt('it cannot be read', () => familiesOnDisk(engine, path));
  if (names === undefined) refuse('there is no database that a backup could be compared with');
  const backups = attempt(`there are no backups in ${backupDir}`, () =>
    BackupEngineReadOnly.openSync(backupDir, { engine }),
  );
  try {
    const newest = newestOf(backups, allowOlder);
    if (typeof newest === 'string') refuse(newest);
    const { backupId } = newest;
    attempt(`backup ${backupId} does not verify`, () =>
      backups.verifyBackup(backupId, { verifyWithChecksum: true }),
    );
    const difference = attempt(`backup ${backupId} cannot be compared with it`, () =>
      compare(engine, path, checked, names, backups, backupId, allowOlder),
    );
    const why = DIFFERENCES[difference];
    if (why !== undefined) refuse(`backup ${backupId} ${why}`);
  } finally {
    backups.free();
  }
}

const MAKE_ANOTHER = 'make another backup, or pass allowOlder';

const DIFFERENCES: Readonly<Record<number, string>> = {
  [BackupDifference.BackupOtherDatabase]: 'is of another database',
  [BackupDifference.BackupOtherFamilies]: `has other column families: ${MAKE_ANOTHER}`,
  [BackupDifference.BackupOtherContents]: `does not have what it has: ${MAKE_ANOTHER}`,
};

/** Or why there is none. */
function newestOf(backups: BackupEngineReadOnly, allowOlder: boolean): BackupInfo | string {
  const newest = backups.getLatestBackupInfo();
  const corrupt = Math.max(0, ...backups.getCorruptedBackups());
  if (newest === undefined) {
    return corrupt === 0
      ? `there is no backup in ${backups.path}`
      : `all backups in ${backups.path} are corrupt`;
  }
  if (corrupt < newest.backupId || allowOlder) return newest;
  return `its newest backup, ${corrupt}, is corrupt`;
}

/** A BackupDifference. */
function compare(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  names: readonly string[],
  backups: BackupEngineReadOnly,
  backupId: number,
  allowOlder: boolean,
): number {
  const given = checked.families.filter(({ name }) => names.includes(name));
  const known = new Set(given.map(({ name }) => name));
  const others = names.filter((name) => !known.has(name));
  const families = [...given, ...others.map((name) => family(name, {}, {}, true))];
  const { native, staging, out } = engine;
  const layout = OpenRequestLayout;
  staging.begin();
  try {
    const request = staging.reserve(layout.byteLength);
    const put = (offset: number, value: number) => native.heap.setWord(request + offset, value);
    staging.push(path, 'path', 0xffff);
    put(layout.path, staging.address);
    put(layout.pathLength, staging.length);
    staging.push(checked.dbOptions, 'options', 0xffffff);
    put(layout.options, staging.address);
    put(layout.optionsLength, staging.length);
    put(layout.families, stageFamilies(engine, families));
    put(layout.familyCount, families.length);
    const { calls } = native;
    const older = allowOlder ? 1 : 0;
    native.check(calls.rdb_backup_engine_compare(backups.pointer, backupId, request, older, out));
  } finally {
    staging.end();
  }
  return native.heap.getWord(out + BackupComparisonLayout.difference);
}
