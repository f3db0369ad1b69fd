import { HandleFreedError } from './errors.js';
import type { EngineContext } from './native/engine-context.js';
import { NativeObject } from './native/native-object.js';

/** @internal What a shared database is told of its leases. It must not lead to the lease. */
export interface Lender {
  /** A lease has ended; the database is closed with the last. */
  returned(): void;
  /** Forgets the database if it was closed, or its engine has crashed. */
  sweep(): void;
}

/**
 * One caller's hold on a database that several share: what `RocksDB.shared` gives. Release it (or `using`); the
 * database is closed once nobody holds a lease. What was made with the database is freed by whoever made it, as ever:
 * while others have the database open, a lease that ends frees nothing of that.
 */
export class DatabaseLease<D extends NativeObject> extends NativeObject {
  readonly #db: D;
  readonly #lender: Lender;

  /** @internal Made by `RocksDB.shared`. */
  constructor(context: EngineContext, db: D, path: string, lender: Lender) {
    super(context, 'databaseLease', db, 0, () => lender.returned(), path);
    this.#db = db;
    this.#lender = lender;
  }

  /** The database. Its `close()` throws HandleBusyError while there are leases. After release(): HandleFreedError. */
  get db(): D {
    if (this.freed) {
      throw new HandleFreedError(
        'ERR_ROCKSDB_HANDLE_FREED',
        `databaseLease #${this.id} was released: take another with RocksDB.shared`,
      );
    }
    this.touch();
    return this.#db;
  }

  /** Gives the database back; it is closed with the last lease. Once is enough: later calls do nothing. */
  release(): void {
    this.free();
  }

  /** The same as release(). */
  override free(): void {
    super.free();
    this.#lender.sweep(); // nobody else does after a crash
  }
}
