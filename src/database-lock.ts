import type { Engine } from './engine.js';
import { isThere, onFiles } from './file-errors.js';
import { type FileSystem, type HeldLock, LockHeldError } from './wasi/file-system.js';

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
  const lock = onFiles('locking', file, () => acquire(engine, file));
  thenUnlock(file, work, () => lock.release());
}

function thenUnlock<T>(file: string, work: () => T, unlock: () => void): T {
  let done: T;
  try {
    done = work();
  } catch (error) {
    try {
      unlock();
    } catch {
      // What the work met says more.
    }
    throw error;
  }
  onFiles('unlocking', file, unlock);
  return done;
}

function acquire({ fileSystem, native }: Engine, file: string): HeldLock {
  try {
    return fileSystem.locks.acquire(file);
  } catch (error) {
    if (error instanceof LockHeldError) throw native.lockedError(error);
    throw error;
  }
}

/**
 * Runs `work`, in which RocksDB takes the lock of a database: with the lock taken already. RocksDB takes it only once it
 * has put the LOG of whoever has the database open aside for one of its own.
 */
export function withEarlyLock<T>(engine: Engine, path: string, work: () => T): T {
  const file = `${path}/LOCK`;
  const unlock = lockEarly(engine, file);
  return unlock === undefined ? work() : thenUnlock(file, work, unlock);
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
