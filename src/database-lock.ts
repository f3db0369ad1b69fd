import type { Engine } from './engine.js';
import { errorFromStatus } from './errors.js';
import { type FileSystem, LockHeldError } from './wasi/file-system.js';

/**
 * Runs `work` with the lock of a database that is not open, where there is one: RocksDB restores over databases
 * that are open.
 */
export function withDatabaseLock(engine: Engine, path: string, work: () => void): void {
  const { fileSystem } = engine;
  if (!isThere(engine, `${path}/LOCK`)) {
    work();
    return;
  }
  let lock: ReturnType<typeof fileSystem.locks.acquire>;
  try {
    lock = fileSystem.locks.acquire(`${path}/LOCK`);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw fileError(error, path);
    throw engine.native.lockedError(error);
  }
  try {
    work();
  } finally {
    lock.release();
  }
}

/**
 * Runs `work`, in which RocksDB takes the lock of a database: with the lock taken already. RocksDB takes it only once it
 * has put the LOG of whoever has the database open aside for one of its own.
 */
export function withEarlyLock<T>(engine: Engine, path: string, work: () => T): T {
  const release = lockEarly(engine, `${path}/LOCK`);
  try {
    return work();
  } finally {
    release?.();
  }
}

/** Undefined: there is no database yet; or left to RocksDB, which says best what is wrong. */
function lockEarly(engine: Engine, lock: string): (() => void) | undefined {
  const { fileSystem, native } = engine;
  try {
    if (!isThere(engine, lock)) {
      if (!isThere(engine, lock.replace(/LOCK$/, 'CURRENT'))) return undefined;
      // Copies and backups have none. Without it no native lock could be seen.
      makeLockFile(fileSystem, lock);
    }
    return native.wasi.lockEarly(lock);
  } catch (error) {
    if (error instanceof LockHeldError) throw native.lockedError(error);
    return undefined;
  }
}

/** As RocksDB's would be: see WasiFileSystem::LockFile. */
function makeLockFile(fileSystem: FileSystem, lock: string): void {
  const flags = { read: true, write: true, create: true, exclusive: true, truncate: false };
  try {
    fileSystem.open(lock, flags).close();
  } catch (error) {
    // Another has made it meanwhile.
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

function isThere({ fileSystem }: Engine, path: string): boolean {
  try {
    fileSystem.stat(path);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw fileError(error, path);
  }
}

/** RocksDB's Status::kIOError. */
const IO_ERROR = 5;

function fileError(error: unknown, path: string): Error {
  const { code, message } = error as { code?: string; message?: string };
  return errorFromStatus(IO_ERROR, `IO error: looking for ${path}: ${message} [${code}]`, error);
}
