/** What to do about an error, on the command line. */
import { EncryptionError, InvalidArgumentError, LockedError, RocksDBError } from '../errors.js';

export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof RocksDBError)) return undefined;
  if (error instanceof LockedError) {
    return 'Close it there. Commands that read (get, scan, doctor, ...) take no lock.';
  }
  if (error instanceof EncryptionError) {
    return 'The keys of an encrypted database come with --key-file=NAME=FILE, or ROCKSDB_WASM_KEY_FILE.';
  }
  const { code, message } = error;
  if (code === 'ERR_ROCKSDB_DATABASE_MISSING') {
    return 'Commands that write make one with --create-if-missing.';
  }
  if (error instanceof InvalidArgumentError && /is a function/.test(message)) {
    return 'Only the program that has this function can open the database: use its API.';
  }
  if (code === 'ERR_ROCKSDB_CORRUPTION')
    return "'rocksdb-wasm doctor DATABASE' says what is damaged.";
  return undefined;
}
