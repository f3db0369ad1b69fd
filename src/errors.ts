/**
 * Every error of the package is a `RocksDBError` with a stable `code`. Errors that RocksDB reports carry
 * its Status: `statusCode`, `subcode`, `severity`; errors of the file system carry `errno`.
 */
export class RocksDBError extends Error {
  /** Stable, for programs: `ERR_ROCKSDB_...`. */
  readonly code: string;
  /** The errno name (`'ENOSPC'`), when a file operation was behind it. */
  declare readonly errno?: string;
  /** RocksDB's Status::SubCode. */
  declare readonly subcode?: string;
  /** RocksDB's Status::Severity, set on background errors: what still works. */
  declare readonly severity?: 'soft' | 'hard' | 'fatal' | 'unrecoverable';

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Data does not match its checksum or its format. */
export class CorruptionError extends RocksDBError {}
/** A file operation failed; `errno` says how, `code` is by errno where that matters. */
export class IOError extends RocksDBError {}
/**
 * A file of an EncryptedFileSystem cannot be read: `code` says whether the key is missing
 * (`ERR_ROCKSDB_ENCRYPTION_KEY_MISSING`) or wrong (`..._WRONG_KEY`), the file is not encrypted
 * (`ERR_ROCKSDB_NOT_ENCRYPTED`), of a newer format (`..._VERSION`), or not what was written
 * (`..._HEADER_TRUNCATED`, `..._HEADER_DAMAGED`, `..._DATA_DAMAGED`).
 */
export class EncryptionError extends IOError {
  constructor(
    code: string,
    message: string,
    /** The file. */
    readonly path: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
    define(this, 'errno', 'EIO');
  }
}
/** An argument or option that RocksDB refuses. */
export class InvalidArgumentError extends RocksDBError {}
/** The database is open elsewhere. */
export class LockedError extends RocksDBError {
  /** Who holds it; undefined when the record of its owner cannot be read. */
  declare readonly owner?: DatabaseOwner;
}
/** Who has a database open, as far as it can be known. */
export interface DatabaseOwner {
  /** Undefined: it is in memory, or the system does not say whose the native lock is. */
  readonly pid: number | undefined;
  /** Name of the program that the process runs, where the system tells (Linux). */
  readonly program: string | undefined;
  /** Undefined for a native lock: nothing tells. */
  readonly since: Date | undefined;
  /** Empty: not known. */
  readonly host: string;
  /** True: an engine of this very thread. */
  readonly thisProcess: boolean;
  /** True: the engine that was asked to open it has it open itself. */
  readonly sameEngine: boolean;
  /** True: a native build of RocksDB, or whatever else has the LOCK file locked with fcntl(). */
  readonly native: boolean;
}
/** Not supported by RocksDB in this mode (writing to a read-only database, say). */
export class NotSupportedError extends RocksDBError {}
/** RocksDB is busy, timed out, was aborted, or asks to try again. */
export class BusyError extends RocksDBError {}
/** A database is not destroyed: no backup has what is in it. `cause` is what its verification met. */
export class BackupRequiredError extends RocksDBError {}
/**
 * Another transaction has the lock of a key, or has written the key meanwhile. Roll back, or go on once the
 * other one is over: on one thread there is no waiting for it.
 */
export class LockConflictError extends BusyError {
  /**
   * `lockTimeout`: the key is locked. `lockLimit`: maxNumLocks keys are. `deadlock`: waiting would never end.
   * `writeConflict`: the key was written since the transaction's snapshot, or since it was read.
   */
  declare readonly reason: LockConflict;
}
export type LockConflict = 'lockTimeout' | 'lockLimit' | 'deadlock' | 'writeConflict';

/** A function that the program gave (comparator, merge operator, listener ...) threw: see `cause`. */
export class CallbackError extends RocksDBError {
  /** It threw in a flush, a compaction or other background work that this call ran, or that ran before it. */
  declare readonly background: boolean;
  /**
   * True: the call did what it was to do nevertheless (a write is in the database, say). False: it did
   * nothing, or its result could not be had. A read that throws has no result, whichever it says.
   */
  declare readonly applied: boolean;
}
/**
 * All iterators of a pool are lent: `code` says whether at once (`ERR_ROCKSDB_POOL_EXHAUSTED`) or still after the
 * time that was to be waited (`ERR_ROCKSDB_POOL_TIMEOUT`). The message names who has them.
 */
export class PoolExhaustedError extends BusyError {}
/**
 * A bulk writer has stopped, since a batch could not be written (`cause`): `totals` is what was written before, and
 * the next entry to write is the one after `totals.entries`.
 */
export class BulkWriteError extends RocksDBError {
  constructor(
    message: string,
    readonly totals: { readonly entries: number; readonly bytes: number; readonly batches: number },
    /** Entries that were taken and not written. */
    readonly unwritten: number,
    options?: { cause?: unknown },
  ) {
    super('ERR_ROCKSDB_BULK_WRITE', message, options);
  }
}
/** A handle was used after `free()`, or after its database was closed. */
export class HandleFreedError extends RocksDBError {}
/** What is known of a handle whose time to live is over. Sites are stack texts of the caller's frames. */
export interface Expiry {
  readonly kind: string;
  readonly id: number;
  /** Where it was made: from level `track` on, and of some at level `sample`. */
  readonly createdAt: string | undefined;
  /** The engine's operation number at its last use, and where that was: at level `access`. */
  readonly lastUseOperation: number;
  readonly lastUsedAt: string | undefined;
  /**
   * The operation with which it expired, and where that was: from level `track` on. Undefined: no operation was under way;
   * a timer or `heap.poll()` found that its time was over.
   */
  readonly expiredOperation: number;
  readonly expiredAt: string | undefined;
}
/** A handle was used after its time to live (a policy) was over. It was freed then, or is to be freed. */
export class HandleExpiredError extends RocksDBError {
  constructor(
    message: string,
    readonly expiry: Expiry,
  ) {
    super('ERR_ROCKSDB_HANDLE_EXPIRED', message);
  }
}
/** A policy allows no more live handles of the kind; nothing was made. Free some, or raise `maxLive`. */
export class HandleLimitError extends RocksDBError {}
/** A handle cannot be freed while others borrow it. */
export class HandleBusyError extends RocksDBError {}
/** The heap limit would be passed, or no memory is left; nothing was done. */
export class HeapLimitError extends RocksDBError {}
/**
 * The log does not have what was asked for: the operations `from` up to `next`, which comes after them.
 * Whoever follows the log needs a new copy of the data.
 */
export class LogGapError extends RocksDBError {
  constructor(
    message: string,
    /** The first sequence number that is missing. */
    readonly from: bigint,
    /** The first one that the log may have again. */
    readonly next: bigint,
  ) {
    super('ERR_ROCKSDB_LOG_GAP', message);
  }
}
/**
 * The engine stopped (trap, exhausted memory, deadlock) and cannot be used any more. Other engines go on;
 * the databases recover when they are opened again.
 */
export class EngineCrashedError extends RocksDBError {}
/** An option is unknown, malformed, out of range, or of no use here. */
export class InvalidOptionError extends RocksDBError {
  /** `option` is where it stands, such as `blockBasedTable.blockSize`. */
  constructor(
    message: string,
    readonly option: string,
    readonly value: unknown,
  ) {
    super('ERR_ROCKSDB_INVALID_OPTION', message);
  }
}

type ErrorClass = new (
  code: string,
  message: string,
  options?: { cause?: unknown },
) => RocksDBError;

/** RocksDB's Status::Code, by number: [suffix of our code, class]. */
const STATUS_CODES: readonly (readonly [string, ErrorClass])[] = [
  ['OK', RocksDBError],
  ['NOT_FOUND', RocksDBError],
  ['CORRUPTION', CorruptionError],
  ['NOT_SUPPORTED', NotSupportedError],
  ['INVALID_ARGUMENT', InvalidArgumentError],
  ['IO_ERROR', IOError],
  ['MERGE_IN_PROGRESS', RocksDBError],
  ['INCOMPLETE', BusyError],
  ['SHUTDOWN_IN_PROGRESS', RocksDBError],
  ['TIMED_OUT', BusyError],
  ['ABORTED', BusyError],
  ['BUSY', BusyError],
  ['EXPIRED', RocksDBError],
  ['TRY_AGAIN', BusyError],
  ['COMPACTION_TOO_LARGE', RocksDBError],
  ['COLUMN_FAMILY_DROPPED', RocksDBError],
];

const SUBCODES = [
  undefined,
  'mutexTimeout',
  'lockTimeout',
  'lockLimit',
  'noSpace',
  'deadlock',
  'staleFile',
  'memoryLimit',
  'spaceLimit',
  'pathNotFound',
  'mergeOperandsInsufficientCapacity',
  'manualCompactionPaused',
  'overwritten',
  'txnNotPrepared',
  'ioFenced',
  'mergeOperatorFailed',
  'mergeOperandThresholdExceeded',
] as const;

const SEVERITIES = [undefined, 'soft', 'hard', 'fatal', 'unrecoverable'] as const;

/** File errors whose errno a program wants to tell apart. */
const ERRNO_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'ERR_ROCKSDB_NO_SPACE',
  EDQUOT: 'ERR_ROCKSDB_NO_SPACE',
  EACCES: 'ERR_ROCKSDB_ACCESS_DENIED',
  EPERM: 'ERR_ROCKSDB_ACCESS_DENIED',
  ENOTCAPABLE: 'ERR_ROCKSDB_OUTSIDE_DATABASE',
  EROFS: 'ERR_ROCKSDB_READ_ONLY_FILE_SYSTEM',
  EMFILE: 'ERR_ROCKSDB_TOO_MANY_OPEN_FILES',
  ENFILE: 'ERR_ROCKSDB_TOO_MANY_OPEN_FILES',
  ENOENT: 'ERR_ROCKSDB_PATH_NOT_FOUND',
  ENOTDIR: 'ERR_ROCKSDB_NOT_A_DIRECTORY',
};

const LOCK_CONFLICTS: Readonly<Record<LockConflict, readonly [code: string, message: string]>> = {
  lockTimeout: [
    'ERR_ROCKSDB_LOCK_TIMEOUT',
    'another transaction has the lock of the key: try again once it is committed, rolled back or freed',
  ],
  lockLimit: [
    'ERR_ROCKSDB_LOCK_LIMIT',
    'the column family has maxNumLocks keys locked: finish transactions, or raise it',
  ],
  deadlock: [
    'ERR_ROCKSDB_TRANSACTION_DEADLOCK',
    'waiting for the lock would never end: roll the transaction back, and do it again',
  ],
  writeConflict: [
    'ERR_ROCKSDB_WRITE_CONFLICT',
    'the key was written since the transaction began to rely on it: roll back, and do it again',
  ],
};

function lockConflict(suffix: string, subcode: string | undefined, message: string) {
  if (suffix === 'TIMED_OUT' && subcode === 'lockTimeout') return subcode;
  if (suffix !== 'BUSY') return undefined;
  if (subcode === 'lockLimit' || subcode === 'deadlock') return subcode;
  // What RocksDB's conflict check reports is Busy and nothing more.
  return subcode === undefined && /^Resource busy: ?$/.test(message) ? 'writeConflict' : undefined;
}

/**
 * The error for a status word of the wasm (see bindings.h) and its message. `cause` is what the host's
 * file system threw, when it did.
 */
export function errorFromStatus(status: number, message: string, cause?: unknown): RocksDBError {
  const [suffix, defaultClass] = STATUS_CODES[status & 0xff] ?? ['UNKNOWN', RocksDBError];
  const subcode = SUBCODES[(status >>> 8) & 0xff];
  const severity = SEVERITIES[(status >>> 16) & 0xff];
  const errno = /\[(E[A-Z0-9]+)\]/.exec(message)?.[1];
  const reason = lockConflict(suffix, subcode, message);
  if (reason !== undefined) {
    const error = new LockConflictError(...LOCK_CONFLICTS[reason]);
    define(error, 'reason', reason);
    if (subcode !== undefined) define(error, 'subcode', subcode);
    return error;
  }
  let code = `ERR_ROCKSDB_${suffix}`;
  if (errno !== undefined && ERRNO_CODES[errno] !== undefined) code = ERRNO_CODES[errno];
  else if (subcode === 'spaceLimit') code = 'ERR_ROCKSDB_SPACE_LIMIT';
  else if (subcode === 'memoryLimit') code = 'ERR_ROCKSDB_OUT_OF_MEMORY';
  const options = cause === undefined ? undefined : { cause };
  const errorClass = errno !== undefined ? IOError : defaultClass;
  const error = new errorClass(code, message, options);
  if (errno !== undefined) define(error, 'errno', errno);
  if (subcode !== undefined) define(error, 'subcode', subcode);
  if (severity !== undefined) define(error, 'severity', severity);
  return error;
}

/** Sets a property that its class only declares. */
export function define(error: RocksDBError, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: true, configurable: true });
}
