/** What the package itself does with files, beside the wasm: its errors are those that RocksDB reports. */
import type { Engine } from './engine.js';
import { errorFromStatus, RocksDBError } from './errors.js';
import { errnoName, errnoOf } from './wasi/abi.js';

/** RocksDB's Status::kIOError. */
const IO_ERROR = 5;

/** Runs what calls the file system. What it throws becomes an IOError with the errno, `doing` what and to which path. */
export function onFiles<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RocksDBError) throw error;
    const { message } = error as { message?: string };
    const text = `IO error: while ${doing} ${path}: ${message} [${errnoName(errnoOf(error))}]`;
    throw errorFromStatus(IO_ERROR, text, error);
  }
}

export function isThere({ fileSystem }: Engine, path: string): boolean {
  return onFiles('looking for', path, () => {
    try {
      fileSystem.stat(path);
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw error;
    }
  });
}
