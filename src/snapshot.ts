import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import type { DbPtr, SnapshotPtr } from './native/exports.gen.js';
import { NativeObject } from './native/native-object.js';

/**
 * A view of a database at one sequence number. While it lives, compaction keeps every version that it can
 * see, so hold it no longer than needed. It cannot be freed while an iterator reads at it.
 */
export class Snapshot extends NativeObject {
  /** @internal */
  readonly pointer: SnapshotPtr;
  readonly #engine: Engine;
  readonly #parent: NativeObject;
  readonly #db: DbPtr;
  readonly #sequenceNumber: bigint;

  /** @internal Made by `db.snapshot()`. */
  constructor(engine: Engine, parent: NativeObject, db: DbPtr, pointer: SnapshotPtr) {
    super(engine, 'snapshot', parent);
    this.#engine = engine;
    this.#parent = parent;
    this.#db = db;
    this.pointer = pointer;
    this.#sequenceNumber = BigInt(engine.native.calls.rdb_snapshot_sequence_number(pointer));
  }

  /** The sequence number of the last write that it can see. */
  get sequenceNumber(): bigint {
    return this.#sequenceNumber;
  }

  /** @internal The pointer, when it is live and of this database. */
  at(db: NativeObject): SnapshotPtr {
    this.assertLive();
    if (db !== this.#parent) throw wrongDatabase('snapshot', db);
    return this.pointer;
  }

  /** @internal The pointer of a snapshot option, which may be anything; null when there is none. */
  static pointerOf(snapshot: unknown, db: NativeObject): SnapshotPtr {
    if (snapshot === undefined) return 0 as SnapshotPtr;
    if (snapshot instanceof Snapshot) return snapshot.at(db);
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `snapshot: expected a Snapshot of db.snapshot(), got ${snapshot === null ? 'null' : typeof snapshot}`,
    );
  }

  /** @internal */
  lend(borrower: NativeObject): void {
    NativeObject.beginBorrow(this, borrower);
  }

  /** @internal */
  takeBack(borrower: NativeObject): void {
    NativeObject.endBorrow(this, borrower);
  }

  protected release(): void {
    this.#engine.native.calls.rdb_snapshot_free(this.#db, this.pointer);
    this.#engine.settle();
  }
}

/** A handle of another database was passed. */
export function wrongDatabase(what: string, db: NativeObject): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `the ${what} belongs to another database than db #${db.id}`,
  );
}
