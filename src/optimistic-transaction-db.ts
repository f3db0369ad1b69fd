import { openDatabase, openDatabaseOn } from './database/opening.js';
import type { DatabaseLease } from './database-lease.js';
import type { Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { OpenMode } from './native/exports.gen.js';
import { type Made, RocksDB } from './rocksdb.js';
import { lendDatabase, type SharedOptions } from './shared-databases.js';
import type { Transaction } from './transaction.js';
import { type BeginOptions, begin } from './transaction-db.js';
import { planTransactional, type TransactionalOpenOptions } from './transactions/opening.js';
import {
  type OptimisticTransactionDBOptions,
  type OptimisticTransactionOptions,
  optimisticDBOptions,
} from './transactions/options.js';

export type OptimisticTransactionDBOpenOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = TransactionalOpenOptions<KE, VE> & {
  optimisticTransactionDBOptions?: OptimisticTransactionDBOptions;
};

/**
 * A database whose transactions take no locks: `commit` finds out whether what they read for update or wrote
 * was written by others meanwhile, and throws LockConflictError then. It remembers as many writes as its
 * memtables do (maxWriteBufferSizeToMaintain); for longer transactions: BusyError, TryAgain. Writes outside of
 * transactions are as in any database.
 */
export class OptimisticTransactionDB<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends RocksDB<KE, VE> {
  /** @internal */
  readonly pessimistic = false;
  /** @internal */
  readonly readsCommitted = true;
  /** @internal */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  readonly namedTransactions = new Map<string, Transaction<any, any>>();

  /** Like `RocksDB.open`. */
  static override async open<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OptimisticTransactionDBOpenOptions<KE, VE> = {},
  ): Promise<OptimisticTransactionDB<KE, VE>> {
    const { checked, how, construct } = plan<KE, VE>(options);
    return openDatabase(path, checked, how, construct);
  }

  /** Like `RocksDB.shared`. */
  static override async shared<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OptimisticTransactionDBOpenOptions<KE, VE> & SharedOptions = {},
  ): Promise<DatabaseLease<OptimisticTransactionDB<KE, VE>>> {
    return lendDatabase(OptimisticTransactionDB, path, options, (at, how) =>
      OptimisticTransactionDB.open<KE, VE>(at, how),
    );
  }

  /** Like `open`, on an engine that exists already. */
  static override openSync<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
    path: string,
    options: OptimisticTransactionDBOpenOptions<KE, VE> & { engine: Engine },
  ): OptimisticTransactionDB<KE, VE> {
    const { checked, how, construct } = plan<KE, VE>(options);
    return openDatabaseOn(options.engine, path, checked, how, construct);
  }

  /** @internal */
  static make<KE extends Encoding, VE extends Encoding>(made: Made) {
    return new OptimisticTransactionDB<KE, VE>(...made);
  }

  /** @internal */
  override assertWritesFlow(): void {
    super.assertWritesFlow();
  }

  /** Begins a transaction. Commit it or roll it back, and free it. */
  beginTransaction(options: OptimisticTransactionOptions & BeginOptions = {}): Transaction<KE, VE> {
    this.useFamily();
    return begin<KE, VE>(this, options, this.pointer);
  }
}

const KIND = {
  name: 'an OptimisticTransactionDB',
  mode: OpenMode.OpenOptimistic,
  optionsName: 'optimisticTransactionDBOptions',
  prepare: optimisticDBOptions,
};

function plan<KE extends Encoding, VE extends Encoding>(
  options: OptimisticTransactionDBOpenOptions<KE, VE>,
) {
  const construct = (...made: Made) => OptimisticTransactionDB.make<KE, VE>(made);
  return { ...planTransactional(KIND, options), construct };
}
