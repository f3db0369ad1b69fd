import type { Engine } from './engine.js';
import { HandleFreedError } from './errors.js';
import type { DBIterator } from './iterator.js';
import type { Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { Snapshot } from './snapshot.js';
import type { Timestamp } from './timestamps.js';
import type { WideColumns } from './wide-columns.js';

/**
 * An iterator of a pool, lent: what a DBIterator can do, until `free()` gives it back. It is a handle of its own, so that
 * one that a borrower forgets is known by the place that asked for it.
 */
export class IteratorLease<K = Uint8Array, V = Uint8Array>
  extends NativeObject
  implements Iterable<[K, V]>
{
  readonly #engine: Engine;
  readonly #db: NativeObject;
  readonly #iterator: DBIterator<K, V>;
  #snapshot: Snapshot | undefined;

  /** @internal Made by a pool; `release` gives the iterator back to it. */
  constructor(
    engine: Engine,
    pool: NativeObject,
    db: NativeObject,
    iterator: DBIterator<K, V>,
    snapshot: Snapshot | undefined,
    release: Release,
  ) {
    super(engine.context, 'iteratorLease', pool, 0, release);
    this.#engine = engine;
    this.#db = db;
    this.#iterator = iterator;
    this.#borrow(snapshot);
    this.reclaim();
  }

  /** The snapshot that it reads at. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The next entry, or undefined at the end. */
  next(): [K, V] | undefined {
    return this.#live().next();
  }

  /** Up to `count` entries; fewer only at the end. */
  nextMany(count: number): [K, V][] {
    return this.#live().nextMany(count);
  }

  /** As of DBIterator. */
  seek(key: unknown): void {
    this.#live().seek(key);
  }

  /** As of DBIterator. */
  seekForPrev(key: unknown): void {
    this.#live().seekForPrev(key);
  }

  /** Goes back to where the iterator began. */
  seekToStart(): void {
    this.#live().seekToStart();
  }

  /** Sees the present from now on, or what `snapshot` shows; begins anew at the start. */
  refresh(snapshot?: Snapshot): void {
    const iterator = this.#live();
    Snapshot.pointerOf(snapshot, this.#db);
    iterator.refresh(snapshot);
    this.#borrow(snapshot);
  }

  /** The columns of the entry that `next()` gave last, with the option `columns: true`. */
  get columns(): WideColumns<V> {
    return this.#live().columns;
  }

  /** The timestamp of the entry that `next()` gave last. */
  get timestamp(): Timestamp | undefined {
    return this.#live().timestamp;
  }

  /** Whether the entry that `next()` gave last is a deletion: only with `iterStartTimestamp`. */
  get deleted(): boolean {
    return this.#live().deleted;
  }

  /** With `allowUnpreparedValue`: loads the value of the entry that `next()` gave last, and its columns. */
  prepareValue(): V {
    return this.#live().prepareValue();
  }

  /** As of DBIterator. */
  getProperty(name: string): string {
    return this.#live().getProperty(name);
  }

  /** Entries from the present position on. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (let entry = this.next(); entry !== undefined; entry = this.next()) yield entry;
  }

  /** Keys from the present position on. */
  *keys(): IterableIterator<K> {
    for (let entry = this.next(); entry !== undefined; entry = this.next()) yield entry[0];
  }

  /** Values from the present position on. */
  *values(): IterableIterator<V> {
    for (let entry = this.next(); entry !== undefined; entry = this.next()) yield entry[1];
  }

  /** The lease is who borrows, so that whoever may not free the snapshot hears of the right place. */
  #borrow(snapshot: Snapshot | undefined): void {
    this.#snapshot = snapshot;
    this.#iterator.core.endBorrow();
    if (snapshot === undefined) this.core.endBorrow();
    else this.core.borrow(snapshot.core);
  }

  #live(): DBIterator<K, V> {
    this.#engine.assertUsable();
    if (this.freed && this.core.record.state === 'expired') {
      throw new HandleFreedError(
        'ERR_ROCKSDB_HANDLE_FREED',
        `iteratorLease #${this.id} was taken back by its pool: it was held for longer than leakDetectionThreshold`,
      );
    }
    this.assertLive();
    this.touch();
    return this.#iterator;
  }
}
