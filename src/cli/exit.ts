/** How the command ends: its exit codes, and what it throws for them. */
import { CorruptionError, LockedError, RocksDBError } from '../errors.js';

/** Documented in docs/command-line.md; scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The key is not there; the doctor found something. */
  finding: 1,
  usage: 2,
  /** An error of the database or of its files. */
  database: 3,
  /** Another process has the database open. */
  locked: 4,
  /** What is on disk is damaged. */
  corruption: 5,
  /** As shells have it for SIGINT and SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

/** The command line is not as it should be. */
export class UsageError extends Error {
  readonly code = 'ERR_ROCKSDB_USAGE';
}

/** Nobody reads what is written any more (`| head`): not an error. */
export class OutputClosed extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof LockedError) return EXIT.locked;
  if (error instanceof CorruptionError) return EXIT.corruption;
  if (error instanceof RocksDBError && error.code === 'ERR_ROCKSDB_INVALID_OPTION') {
    return EXIT.usage;
  }
  return EXIT.database;
}
