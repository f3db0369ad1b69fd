/** Errors as abstract-level has them: a code that begins with LEVEL_, and RocksDB's error as the cause. */
import { EngineCrashedError, HandleFreedError, IOError, RocksDBError } from '../errors.js';

/**
 * What a RocksLevel throws, and what its promises reject with. `code` is stable, for programs; `cause` is the
 * RocksDBError behind it, with RocksDB's own code, errno and severity.
 *
 * Codes: `LEVEL_` and what the cause's code has after `ERR_ROCKSDB_` (`LEVEL_CORRUPTION`, `LEVEL_LOCKED`,
 * `LEVEL_BUSY`, `LEVEL_INVALID_OPTION`, ...), but `LEVEL_IO_ERROR` for all errors of files, and
 * `LEVEL_DATABASE_NOT_OPEN` once the database under it was closed.
 */
export class LevelError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = 'LevelError';
  }
}

/** A read was ended by its signal: named as the web names it. */
export function abortError(signal: AbortSignal): LevelError {
  const error = new LevelError('LEVEL_ABORTED', 'Operation has been aborted', {
    cause: signal.reason,
  });
  error.name = 'AbortError';
  return error;
}

/** Runs `work`; what the engine throws comes as a LevelError. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw levelError(error);
  }
}

/** An error of the engine or its file system as a LevelError; any other as it is. */
export function levelError(error: unknown): unknown {
  if (error instanceof RocksDBError) {
    return new LevelError(codeOf(error), error.message, { cause: error });
  }
  const errno = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (typeof errno !== 'string' || !/^E[A-Z0-9]+$/.test(errno)) return error;
  return new LevelError('LEVEL_IO_ERROR', (error as Error).message, { cause: error });
}

function codeOf(error: RocksDBError): string {
  if (error instanceof HandleFreedError) return 'LEVEL_DATABASE_NOT_OPEN';
  // Whatever stopped it: the codes of memory, of a deadlock and so on are the cause's.
  if (error instanceof EngineCrashedError) return 'LEVEL_ENGINE_CRASHED';
  if (error instanceof IOError) return 'LEVEL_IO_ERROR';
  return error.code.replace(/^ERR_ROCKSDB_/, 'LEVEL_');
}
