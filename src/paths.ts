/** Guest paths are the host's absolute paths: RocksDB stores them, and native must find them. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from './errors.js';

/** The absolute path that a database is known by. */
export function databasePath(path: unknown): string {
  if (typeof path !== 'string' || path === '') {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `path: expected a folder's path, got ${path === '' ? 'an empty string' : typeof path}`,
    );
  }
  if (path.includes('\0')) {
    throw new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', 'path: it has a NUL in it');
  }
  return resolve(path);
}
