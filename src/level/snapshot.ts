import { AbstractSnapshot } from 'abstract-level';
import type { Snapshot } from '../snapshot.js';
import type { Cursor } from './cursor.js';
import { attempt, LevelError } from './errors.js';

/** An explicit snapshot. It is one of RocksDB's, freed when it is closed, or its database is. */
export class RocksSnapshot extends AbstractSnapshot {
  readonly #snapshot: Snapshot;
  /** Iterators that read at it. */
  readonly #cursors = new Set<Cursor>();

  /** @internal `options`: those of `db.snapshot()`, with its owner. */
  constructor(snapshot: Snapshot, options: object) {
    // Its declaration leaves the options out, which are abstract-level's own affair.
    super(...([options] as unknown as []));
    this.#snapshot = snapshot;
  }

  /** RocksDB's snapshot: its sequence number, its time, for calls on `db.rocksdb`. Do not free it. */
  get rocksdb(): Snapshot {
    return this.#snapshot;
  }

  /** @internal The snapshot of a read's options. */
  static of(snapshot: unknown): RocksSnapshot | undefined {
    if (snapshot === undefined || snapshot === null) return undefined;
    if (snapshot instanceof RocksSnapshot) return snapshot;
    throw new LevelError(
      'LEVEL_INVALID_ARGUMENT',
      'snapshot: expected a snapshot of this database, made by db.snapshot()',
    );
  }

  /** @internal RocksDB's own of a read's options. */
  static nativeOf(snapshot: unknown): Snapshot | undefined {
    return RocksSnapshot.of(snapshot)?.rocksdb;
  }

  /** @internal An iterator reads at it until the returned function is called. */
  lend(cursor: Cursor): () => void {
    this.#cursors.add(cursor);
    return () => {
      this.#cursors.delete(cursor);
    };
  }

  /** @internal Its iterators cannot be read any more (`ref()` throws), so what they pin goes as well. */
  async _close(): Promise<void> {
    for (const cursor of [...this.#cursors]) cursor.close();
    attempt(() => this.#snapshot.free());
  }
}
