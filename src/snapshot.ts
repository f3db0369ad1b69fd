import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import type { LedgerRecord } from './monitor/ledger.js';
import { firstLine } from './monitor/text.js';
import { type DbPtr, type SnapshotPtr, SnapshotTimestampLayout } from './native/exports.gen.js';
import type { HandleCore, Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { Timestamp } from './transactions/timestamp.js';

/** Sites of retain() that an error names. */
const RETAIN_SITES_MAX = 16;

/**
 * A view of a database at one sequence number. While it lives, compaction keeps every version that it can
 * see, so hold it no longer than needed. It cannot be freed while an iterator reads at it, nor while others
 * retain it.
 */
export class Snapshot extends NativeObject {
  readonly #sequenceNumber: bigint;
  readonly #engine: Engine;
  /** Records of the holds beside its maker's, one for each retain(). */
  readonly #holds: LedgerRecord[];

  /** @internal Made by `db.snapshot()`. */
  constructor(engine: Engine, parent: NativeObject, pointer: SnapshotPtr) {
    const holds: LedgerRecord[] = [];
    super(engine.context, 'snapshot', parent, pointer, releaserOf(holds));
    this.#holds = holds;
    this.#engine = engine;
    this.#sequenceNumber = BigInt(engine.native.calls.rdb_snapshot_sequence_number(pointer));
  }

  /** The sequence number of the last write that it can see. */
  get sequenceNumber(): bigint {
    return this.#sequenceNumber;
  }

  /** When it was taken, seconds since 1970 by the engine's clock. */
  get unixTime(): number {
    this.assertLive();
    return this.core.context.native.calls.rdb_snapshot_unix_time(this.core.pointer as SnapshotPtr);
  }

  /**
   * The timestamp that a TransactionDB keeps it under (`createTimestampedSnapshot`, `commitAndTryCreateSnapshot`).
   * Undefined: it has none.
   */
  get timestamp(): bigint | undefined {
    this.#engine.assertUsable();
    this.assertLive();
    const { native, out } = this.#engine;
    native.calls.rdb_snapshot_get_timestamp(this.core.pointer as SnapshotPtr, out);
    const { heap } = native;
    const low = heap.getWord(out + SnapshotTimestampLayout.low);
    const timestamp = Timestamp.of(low, heap.getWord(out + SnapshotTimestampLayout.high));
    return timestamp === Timestamp.none ? undefined : timestamp;
  }

  /**
   * One more hold on it, for a part of a program that uses it independently: it is freed only by as many
   * release(). Its maker's hold is the first. free() throws while there is more than that one.
   */
  retain(): this {
    this.assertLive();
    this.touch();
    const { ledger } = this.core.context;
    this.#holds.push(ledger.add('snapshotHold', this.core.record));
    return this;
  }

  /**
   * Gives one hold up, and frees the snapshot with the last. Throws HandleBusyError, and keeps the hold,
   * when it is the last one and an iterator reads at the snapshot. After the last: HandleFreedError.
   */
  release(): void {
    if (this.freed) this.assertLive(); // an expired one is given up as any other
    const hold = this.#holds.pop();
    if (hold === undefined) {
      this.free();
      return;
    }
    this.touch();
    this.core.context.ledger.remove(hold, 'freed');
  }

  /** @internal The pointer, when it is live and of this database. */
  at(db: NativeObject): SnapshotPtr {
    this.assertLive();
    // A transaction's snapshot belongs to the transaction, and with it to the database.
    const { parent } = this.core;
    if (db.core !== parent && db.core !== parent?.parent) throw wrongDatabase('snapshot', db);
    this.touch();
    return this.core.pointer as SnapshotPtr;
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

  protected override holders(): string[] | undefined {
    const borrowers = super.holders();
    const more = this.#holds.length;
    if (more === 0) return borrowers;
    const sites = this.#holds.slice(0, RETAIN_SITES_MAX).flatMap(({ site }) => site ?? []);
    const where = sites.length === 0 ? '' : ` (${sites.map(firstLine).join('; ')})`;
    return [
      ...(borrowers ?? []),
      `${more} more ${more === 1 ? 'hold' : 'holds'} by retain()${where}`,
    ];
  }
}

/** Its holds end with it, when its database is closed. */
function releaserOf(holds: LedgerRecord[]): Release {
  return ({ context, parent, pointer }) => {
    for (const hold of holds.splice(0)) context.ledger.remove(hold, 'freedByOwner');
    const db = (parent as HandleCore).pointer as DbPtr;
    context.native.calls.rdb_snapshot_free(db, pointer as SnapshotPtr);
    context.settle();
  };
}

/** A handle of another database was passed. */
export function wrongDatabase(what: string, db: NativeObject): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `the ${what} belongs to another database than db #${db.id}`,
  );
}
