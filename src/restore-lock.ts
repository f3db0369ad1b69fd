import type { Engine } from './engine.js';
import { LockedError } from './errors.js';
import { isThere, onFiles } from './file-errors.js';
import { type HeldLock, LockHeldError } from './wasi/file-system.js';

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
  try {
    work();
  } finally {
    onFiles('unlocking', file, () => lock.release());
  }
}

function acquire({ fileSystem }: Engine, file: string): HeldLock {
  try {
    return fileSystem.locks.acquire(file);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new LockedError('ERR_ROCKSDB_LOCKED', `${error.message}: close it first`, {
      cause: error,
    });
  }
}
