/** Options of databases with transactions, and of transactions: checked here, written as structs. */
import type { Engine } from '../engine.js';
import { InvalidOptionError } from '../errors.js';
import {
  OptimisticDbOptionsLayout,
  TransactionDbOptionsLayout,
  TransactionFlags,
  TransactionOptionsLayout,
  WritePolicy,
} from '../native/exports.gen.js';
import { expected, nearest } from '../option-errors.js';
import { formatInteger } from '../option-formats.js';
import { type WriteOptions, writeFlags } from '../write-options.js';

/**
 * When a transaction's changes go into the memtable. `writeCommitted`: at the commit. `writePrepared`: when
 * it is prepared, so that the commit is short; takes 64 MiB for the database's commit cache.
 * `writeUnprepared`: also before that, as soon as they pass a threshold; likewise.
 */
export type TransactionDBWritePolicy = 'writeCommitted' | 'writePrepared' | 'writeUnprepared';

/**
 * RocksDB's TransactionDBOptions. Nobody can give a lock up while another transaction waits for it on one
 * thread: a lock that is taken is an error at once, whatever the timeouts say.
 */
export interface TransactionDBOptions {
  /** Locked keys a column family, at most; negative (default -1): any number. */
  maxNumLocks?: number | bigint;
  /** Deadlocks that `getDeadlockInfoBuffer` remembers. Default: 5. */
  maxNumDeadlocks?: number;
  /** Parts of the lock table of a column family. Default: 16. */
  numStripes?: number;
  /** Milliseconds; as RocksDB has it, but nothing waits here. Default: 1000. */
  transactionLockTimeout?: number | bigint;
  /** Milliseconds, of writes outside of transactions; likewise. Default: 1000. */
  defaultLockTimeout?: number | bigint;
  /** Default: `writeCommitted`. A database with prepared transactions keeps its policy. */
  writePolicy?: TransactionDBWritePolicy;
  /** RocksDB's rollback_merge_operands. Default: false. */
  rollbackMergeOperands?: boolean;
  /** No locks, where transactions only give an order to writes. Default: false. */
  skipConcurrencyControl?: boolean;
  /** `writeUnprepared`: bytes after which a transaction's changes are written; 0 (default): never. */
  defaultWriteBatchFlushThreshold?: number | bigint;
  /** Check for conflicts by timestamp, too, where keys have one. Default: true. */
  enableUdtValidation?: boolean;
}

/** RocksDB's OptimisticTransactionDBOptions. */
export interface OptimisticTransactionDBOptions {
  /** On one thread both find the same; `parallel` (default) takes memory for locks. */
  validatePolicy?: 'serial' | 'parallel';
  /** Locks of `parallel`, a byte each. Default: 1048576. */
  occLockBuckets?: number;
}

/** RocksDB's OptimisticTransactionOptions, and the write options of the commit. */
export interface OptimisticTransactionOptions {
  /** Of the commit. Default: none. */
  writeOptions?: Omit<WriteOptions, 'columnFamily' | 'timestamp'>;
  /** Take a snapshot at once, as `setSnapshot()` does. Default: false. */
  setSnapshot?: boolean;
}

/** RocksDB's TransactionOptions, and the write options of preparation and commit. */
export interface TransactionOptions extends OptimisticTransactionOptions {
  /** Look for a deadlock before waiting; there is no waiting on one thread. Default: false. */
  deadlockDetect?: boolean;
  /** Transactions that are looked at for that. Default: 50. */
  deadlockDetectDepth?: number;
  /** Milliseconds; as RocksDB has it, but nothing waits here. Default: -1, the database's. */
  lockTimeout?: number | bigint;
  /**
   * Milliseconds from the beginning (by the engine's clock) after which others may take its locks, and
   * committing fails; negative (default -1): never. A prepared one does not expire.
   */
  expiration?: number | bigint;
  /** Bytes that its changes may take; a write beyond fails (MemoryLimit). 0 (default): any. */
  maxWriteBatchSize?: number;
  /** No locks: the program knows that there is no conflict. Default: false. */
  skipConcurrencyControl?: boolean;
  /** False: `commit` without `prepare` fails. Default: true. */
  skipPrepare?: boolean;
  /** `writeUnprepared`: instead of the database's threshold. Default: -1, the database's. */
  writeBatchFlushThreshold?: number | bigint;
  /** RocksDB's use_only_the_last_commit_time_batch_for_recovery. Default: false. */
  useOnlyTheLastCommitTimeBatchForRecovery?: boolean;
  /**
   * `writeCommitted`: the commit makes the changes a memtable of their own. Fast for very many; RocksDB
   * takes no merges and wide columns with it. Default: false.
   */
  commitBypassMemtable?: boolean;
}

type Field =
  | { readonly boolean: boolean }
  | {
      readonly integer: 'int64' | 'uint32';
      readonly min?: number;
      readonly max?: number;
      readonly or: number;
    }
  | { readonly oneOf: Readonly<Record<string, number>>; readonly or: string };

type Fields<T> = { readonly [Name in keyof T]-?: Field };

const milliseconds = (or: number): Field => ({ integer: 'int64', or });
const MANY = 65_536;

const TRANSACTION_DB: Fields<TransactionDBOptions> = {
  maxNumLocks: { integer: 'int64', or: -1 },
  maxNumDeadlocks: { integer: 'uint32', max: MANY, or: 5 },
  numStripes: { integer: 'uint32', min: 1, max: MANY, or: 16 },
  transactionLockTimeout: milliseconds(1000),
  defaultLockTimeout: milliseconds(1000),
  writePolicy: {
    oneOf: {
      writeCommitted: WritePolicy.WriteCommitted,
      writePrepared: WritePolicy.WritePrepared,
      writeUnprepared: WritePolicy.WriteUnprepared,
    },
    or: 'writeCommitted',
  },
  rollbackMergeOperands: { boolean: false },
  skipConcurrencyControl: { boolean: false },
  defaultWriteBatchFlushThreshold: { integer: 'int64', or: 0 },
  enableUdtValidation: { boolean: true },
};

const OPTIMISTIC_DB: Fields<OptimisticTransactionDBOptions> = {
  validatePolicy: { oneOf: { serial: 0, parallel: 1 }, or: 'parallel' },
  occLockBuckets: { integer: 'uint32', min: 1, max: 2 ** 24, or: 2 ** 20 },
};

const OPTIMISTIC: Fields<Omit<OptimisticTransactionOptions, 'writeOptions'>> = {
  setSnapshot: { boolean: false },
};

const TRANSACTION: Fields<Omit<TransactionOptions, 'writeOptions'>> = {
  ...OPTIMISTIC,
  deadlockDetect: { boolean: false },
  deadlockDetectDepth: { integer: 'uint32', min: 1, max: MANY, or: 50 },
  lockTimeout: milliseconds(-1),
  expiration: milliseconds(-1),
  maxWriteBatchSize: { integer: 'uint32', or: 0 },
  skipConcurrencyControl: { boolean: false },
  skipPrepare: { boolean: true },
  writeBatchFlushThreshold: { integer: 'int64', or: -1 },
  useOnlyTheLastCommitTimeBatchForRecovery: { boolean: false },
  commitBypassMemtable: { boolean: false },
};

function checkField(field: Field, value: unknown, path: string): number {
  if ('boolean' in field) {
    if (value !== undefined && typeof value !== 'boolean')
      throw expected('true or false', path, value);
    return (value ?? field.boolean) ? 1 : 0;
  }
  if ('oneOf' in field) {
    const name = value ?? field.or;
    if (typeof name === 'string' && Object.hasOwn(field.oneOf, name))
      return field.oneOf[name] as number;
    const names = Object.keys(field.oneOf);
    const meant = typeof value === 'string' ? nearest(value, names) : undefined;
    throw expected(`one of ${names.join(', ')}`, path, value, meant);
  }
  if (value === undefined) return field.or;
  const number = Number(formatInteger(field.integer, value, path));
  // RocksDB reckons in microseconds.
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = field;
  if (number < min || number > max) {
    throw new InvalidOptionError(`${path}: ${number} is not within ${min} to ${max}`, path, value);
  }
  return number;
}

/** Every option of a group as a number; what is unknown is an error. */
function check<T>(
  given: unknown,
  fields: Fields<T>,
  what: string,
  others: readonly string[] = [],
): Readonly<Record<keyof T, number>> {
  if (typeof given !== 'object' || given === null) throw expected('an object', what, given);
  const names = [...Object.keys(fields), ...others];
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    const path = `${what}.${name}`;
    throw new InvalidOptionError(`unknown option '${path}'${hint}`, path, Reflect.get(given, name));
  }
  const values = Object.entries(fields).map(([name, field]) => [
    name,
    checkField(field as Field, Reflect.get(given, name), `${what}.${name}`),
  ]);
  return Object.fromEntries(values);
}

/** Writes TransactionDBOptions into staging. Checked before anything reaches an engine. */
export function transactionDBOptions(options: TransactionDBOptions = {}) {
  const checked = check<TransactionDBOptions>(options, TRANSACTION_DB, 'transactionDBOptions');
  const layout = TransactionDbOptionsLayout;
  return (engine: Engine): number => {
    const { heap } = engine.native;
    const at = engine.staging.reserve(layout.byteLength);
    heap.setDouble(at + layout.maxNumLocks, checked.maxNumLocks);
    heap.setDouble(at + layout.transactionLockTimeoutMs, checked.transactionLockTimeout);
    heap.setDouble(at + layout.defaultLockTimeoutMs, checked.defaultLockTimeout);
    heap.setDouble(
      at + layout.defaultWriteBatchFlushThreshold,
      checked.defaultWriteBatchFlushThreshold,
    );
    heap.setWord(at + layout.maxNumDeadlocks, checked.maxNumDeadlocks);
    heap.setWord(at + layout.numStripes, checked.numStripes);
    heap.setWord(at + layout.writePolicy, checked.writePolicy);
    heap.setWord(at + layout.rollbackMergeOperands, checked.rollbackMergeOperands);
    heap.setWord(at + layout.skipConcurrencyControl, checked.skipConcurrencyControl);
    heap.setWord(at + layout.enableUdtValidation, checked.enableUdtValidation);
    return at;
  };
}

/** Likewise OptimisticTransactionDBOptions. */
export function optimisticDBOptions(options: OptimisticTransactionDBOptions = {}) {
  const what = 'optimisticTransactionDBOptions';
  const checked = check<OptimisticTransactionDBOptions>(options, OPTIMISTIC_DB, what);
  const layout = OptimisticDbOptionsLayout;
  return (engine: Engine): number => {
    const { heap } = engine.native;
    const at = engine.staging.reserve(layout.byteLength);
    heap.setWord(at + layout.validateParallel, checked.validatePolicy);
    heap.setWord(at + layout.occLockBuckets, checked.occLockBuckets);
    return at;
  };
}

/** The size of a deadlock buffer. */
export function checkDeadlockBufferSize(size: unknown): number {
  return checkField({ integer: 'uint32', max: MANY, or: 0 }, size ?? null, 'size');
}

/** A lock timeout in milliseconds. */
export function checkLockTimeout(timeout: unknown): number {
  return checkField(milliseconds(0), timeout ?? null, 'timeout');
}

/** Writes a transaction's options into staging; returns the address. */
export function stageTransactionOptions(
  engine: Engine,
  checked: ReturnType<typeof checkTransactionOptions>,
): number {
  const layout = TransactionOptionsLayout;
  const { heap } = engine.native;
  const at = engine.staging.reserve(layout.byteLength);
  heap.setDouble(at + layout.lockTimeoutMs, checked.lockTimeout);
  heap.setDouble(at + layout.expirationMs, checked.expiration);
  heap.setDouble(at + layout.deadlockDetectDepth, checked.deadlockDetectDepth);
  heap.setDouble(at + layout.writeBatchFlushThreshold, checked.writeBatchFlushThreshold);
  heap.setWord(at + layout.writeFlags, checked.writeFlags);
  heap.setWord(at + layout.flags, flagsOf(checked));
  heap.setWord(at + layout.maxWriteBatchSize, checked.maxWriteBatchSize);
  return at;
}

/** Checks the options of a transaction; `optimistic` ones have fewer. */
export function checkTransactionOptions(
  options: TransactionOptions | OptimisticTransactionOptions,
  optimistic: boolean,
) {
  if (optimistic) check(options, OPTIMISTIC, 'options', ['writeOptions']);
  const checked = check<Omit<TransactionOptions, 'writeOptions'>>(options, TRANSACTION, 'options', [
    'writeOptions',
  ]);
  const { writeOptions } = options;
  if (writeOptions !== undefined && (typeof writeOptions !== 'object' || writeOptions === null)) {
    throw expected('an object', 'options.writeOptions', writeOptions);
  }
  return { ...checked, writeFlags: writeFlags(writeOptions) };
}

function flagsOf(
  checked: Readonly<Record<keyof Omit<TransactionOptions, 'writeOptions'>, number>>,
) {
  let flags = 0;
  if (checked.setSnapshot) flags |= TransactionFlags.TransactionSetSnapshot;
  if (checked.deadlockDetect) flags |= TransactionFlags.TransactionDeadlockDetect;
  if (checked.useOnlyTheLastCommitTimeBatchForRecovery) {
    flags |= TransactionFlags.TransactionOnlyLastCommitTimeBatch;
  }
  if (checked.skipConcurrencyControl) flags |= TransactionFlags.TransactionSkipConcurrencyControl;
  if (checked.skipPrepare) flags |= TransactionFlags.TransactionSkipPrepare;
  if (checked.commitBypassMemtable) flags |= TransactionFlags.TransactionCommitBypassMemtable;
  return flags;
}
