import type { Engine } from './engine.js';
import { isThere, onFiles } from './file-errors.js';
import { type FileSystem, LockHeldError } from './wasi/file-system.js';

/**
 * Runs `work` with the lock of a database that is not open, where there is one: RocksDB restores over databases
 * that are open.
 */
export function withDatabaseLock(engine: Engine, path: string, work: () => void): void {
  const file = `${path}/LOCK`;
  if (!isThere(engine, file)) {
    work();
    return;
  }
  const lock = acquire(engine, file, () => engine.fileSystem.locks.acquire(file));
  holding(file, () => lock.release(), work);
}

/**
 * Runs `work`, in which RocksDB takes the lock of a database: with the lock taken already. RocksDB takes it only once it
 * has put the LOG of whoever has the database open aside for one of its own.
 */
export function withEarlyLock<T>(engine: Engine, path: string, work: () => T): T {
  const file = `${path}/LOCK`;
  if (!isThere(engine, file)) {
    // No database yet.
    if (!isThere(engine, `${path}/CURRENT`)) return work();
    // Copies and backups have none. Without it no native lock could be seen.
    onFiles('creating', file, () => makeLockFile(engine.fileSystem, file));
  }
  return holding(
    file,
    acquire(engine, file, () => engine.native.wasi.lockEarly(file)),
    work,
  );
}

function acquire<T>({ native }: Engine, file: string, take: () => T): T {
  return onFiles('locking', file, () => {
    try {
      return take();
    } catch (error) {
      throw error instanceof LockHeldError ? native.lockedError(error) : error;
    }
  });
}

/** Runs `work`, then releases. Whatever comes of that, the lock is not held any more. */
function holding<T>(file: string, release: () => void, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    try {
      release();
    } catch {
      // The first error is the one to be seen.
    }
    throw error;
  }
  onFiles('unlocking', file, release);
  return result;
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
