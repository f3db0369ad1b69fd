import type { AnyColumnFamily } from './column-family.js';
import { HandleFreedError, PoolExhaustedError } from './errors.js';
import type { DBIterator } from './iterator.js';
import { IteratorLease } from './iterator-lease.js';
import type { IteratorOptions } from './iterator-options.js';
import {
  type AcquireAsyncOptions,
  type AcquireOptions,
  type IteratorPoolOptions,
  type PoolSettings,
  pooledOptions,
  poolSettings,
} from './iterator-pool-options.js';
import { type IteratorSource, openIterators } from './iterators.js';
import { copyOf } from './monitor/report.js';
import { whyText } from './monitor/report-text.js';
import { describeHandles } from './monitor/text.js';
import type { Alarm } from './native/alarms.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { expected } from './option-errors.js';
import { PoolWaiters } from './pool-waiters.js';
import { Snapshot } from './snapshot.js';

/** Between two looks at leases that may be held for too many operations. */
const LOOK_MS = 1000;

interface Idle<K, V> {
  readonly iterator: DBIterator<K, V>;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly since: number;
}

interface Lent<K, V> {
  readonly iterator: DBIterator<K, V>;
  /** Of the lease; it does not lead to the lease itself. */
  readonly core: HandleCore;
  /** It was told as a leak. */
  told: boolean;
}

/** What a pool has done so far, and has now. */
export interface IteratorPoolStats {
  readonly idle: number;
  readonly lent: number;
  /** Calls of acquireAsync() that wait. */
  readonly waiting: number;
  /** Iterators that were made. */
  readonly created: number;
  /** Leases that took an iterator which was there, refreshed. */
  readonly reused: number;
  /** Leases that were taken back from borrowers who had lost them or held them for too long. */
  readonly reclaimed: number;
}

/**
 * Iterators of one kind over one column family, lent to those who read often: one that comes back is refreshed for
 * the next borrower instead of made anew. Made by `db.iteratorPool()`, and freed with the database at the latest.
 *
 * An idle iterator pins the memtables and files that it last read, so none is idle for longer than
 * `idleTimeoutMs`. The one that came back last is lent first.
 */
export class IteratorPool<K = Uint8Array, V = Uint8Array> extends NativeObject {
  readonly #source: IteratorSource;
  readonly #family: AnyColumnFamily;
  readonly #options: IteratorOptions;
  readonly #settings: PoolSettings;
  /** The one that came back last is last. */
  readonly #idle: Idle<K, V>[] = [];
  /** By the lease's number. */
  readonly #lent = new Map<number, Lent<K, V>>();
  readonly #waiters: PoolWaiters<IteratorLease<K, V>, AcquireAsyncOptions>;
  readonly #alarm: Alarm;
  readonly #release: (core: HandleCore) => void;
  readonly #unfocus: (() => void) | undefined;
  #created = 0;
  #reused = 0;
  #reclaimed = 0;

  /** @internal Made by the database. */
  constructor(source: IteratorSource, family: AnyColumnFamily, options: IteratorPoolOptions) {
    const settings = poolSettings(options);
    const { context } = source.engine;
    const parent = family.name === 'default' ? source.db : family;
    // What the engine holds must not lead to the pool, or nobody would see that it was lost.
    let held: WeakRef<IteratorPool<K, V>> | undefined;
    const later = (run: (pool: IteratorPool<K, V>) => void) => {
      const pool = held?.deref();
      if (pool !== undefined) run(pool);
    };
    super(context, 'iteratorPool', parent, 0, () => later((pool) => pool.#ended()));
    held = new WeakRef(this);
    this.#source = { ...source, pool: this };
    this.#family = family;
    this.#options = pooledOptions(options);
    this.#settings = settings;
    this.#waiters = new PoolWaiters(context);
    this.#alarm = context.alarms.make(() => later((pool) => pool.#onTime()));
    this.#release = (core) => later((pool) => pool.#returned(core));
    const finite = Math.min(settings.overdueMs, settings.overdueOperations) < Infinity;
    this.#unfocus = finite ? context.ledger.focus('iteratorLease') : undefined;
    this.reclaim();
    try {
      this.#open(undefined).free(); // what is wrong with the options is said now
      this.#created = 0;
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Iterators that there are at most. */
  get max(): number {
    return this.#settings.max;
  }

  get stats(): IteratorPoolStats {
    return {
      idle: this.#idle.length,
      lent: this.#lent.size,
      waiting: this.#waiters.count,
      created: this.#created,
      reused: this.#reused,
      reclaimed: this.#reclaimed,
    };
  }

  /**
   * An iterator that sees the present, at its start. Give it back: `free()`, or `using`. Throws PoolExhaustedError,
   * whatever `wait` says, when all are lent.
   */
  acquire(options: AcquireOptions = {}): IteratorLease<K, V> {
    this.#begin(options);
    const lease = this.#take(options);
    if (lease === undefined) throw this.#exhausted();
    return lease;
  }

  /** The same; when all are lent it waits, as the option `wait` says. */
  async acquireAsync(options: AcquireAsyncOptions = {}): Promise<IteratorLease<K, V>> {
    this.#begin(options);
    const { signal } = options;
    signal?.throwIfAborted();
    const lease = this.#waiters.count === 0 ? this.#take(options) : undefined;
    if (lease !== undefined) return lease;
    const { waitMs } = this.#settings;
    if (waitMs === undefined) throw this.#exhausted();
    const late = () => this.#exhausted(waitMs);
    return this.#waiters.wait(options, waitMs, late);
  }

  /**
   * Calls `read` with an iterator, and gives that back when it returns, or when the promise that it returned is
   * settled; also when it throws. Returns what it returned. What goes on reading later (a generator, say) finds the
   * iterator freed.
   */
  withIterator<T>(read: (iterator: IteratorLease<K, V>) => T, options?: AcquireOptions): T {
    if (typeof read !== 'function') throw expected('a function', 'withIterator', read);
    const lease = this.acquire(options);
    let result: T;
    try {
      result = read(lease);
    } catch (error) {
      lease.free();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => lease.free()) as T;
    lease.free();
    return result;
  }

  /** The same with acquireAsync(). */
  async withIteratorAsync<T>(
    read: (iterator: IteratorLease<K, V>) => T | Promise<T>,
    options?: AcquireAsyncOptions,
  ): Promise<T> {
    if (typeof read !== 'function') throw expected('a function', 'withIteratorAsync', read);
    const lease = await this.acquireAsync(options);
    try {
      return await read(lease);
    } finally {
      lease.free();
    }
  }

  /** Frees the idle iterators now, with all that they pin; returns how many. */
  trim(): number {
    this.#begin({});
    return this.#freeIdle(Number.POSITIVE_INFINITY);
  }

  #begin(options: AcquireOptions): void {
    this.#source.engine.assertUsable();
    this.assertLive();
    if (typeof options !== 'object' || options === null) {
      throw expected('an object', 'options', options);
    }
    this.use();
    this.#tellOverdue();
    this.#freeIdle(this.#now() - this.#settings.idleTimeoutMs);
  }

  #now(): number {
    return this.core.context.ledger.now();
  }

  /** Undefined: all are lent. */
  #take({ snapshot }: AcquireOptions): IteratorLease<K, V> | undefined {
    Snapshot.pointerOf(snapshot, this.#source.db);
    const isFull = () => this.#idle.length + this.#lent.size >= this.#settings.max;
    // Frees what the garbage collector found meanwhile.
    if (this.#idle.length === 0 && isFull()) this.#source.engine.settleLater();
    const idle = this.#idle.pop();
    if (idle === undefined && isFull()) return undefined;
    const iterator = this.#refreshed(idle?.iterator, snapshot) ?? this.#open(snapshot);
    return this.#lend(iterator, snapshot);
  }

  #open(snapshot: Snapshot | undefined): DBIterator<K, V> {
    const options = { ...this.#options, snapshot };
    const [iterator] = openIterators(this.#source, [this.#family], options);
    this.#created++;
    const opened = iterator as unknown as DBIterator<K, V>;
    opened.core.unwatch(); // when the pool is lost, that is what is told
    return opened;
  }

  /** Undefined, and it is freed, when RocksDB cannot refresh it. */
  #refreshed(iterator: DBIterator<K, V> | undefined, snapshot: Snapshot | undefined) {
    if (iterator === undefined) return undefined;
    try {
      iterator.refresh(snapshot);
      this.#reused++;
      return iterator;
    } catch (error) {
      iterator.free();
      if (this.#source.engine.crashed) throw error;
      return undefined; // a new one meets the same error, if it is not of this one
    }
  }

  #lend(iterator: DBIterator<K, V>, snapshot: Snapshot | undefined): IteratorLease<K, V> {
    const { engine, db } = this.#source;
    const lease = new IteratorLease(engine, this, db, iterator, snapshot, this.#release);
    this.#lent.set(lease.id, { iterator, core: lease.core, told: false });
    this.#schedule();
    return lease;
  }

  /** A lease has ended: given back, lost, taken back, or freed with an owner. */
  #returned({ record }: HandleCore): void {
    const lent = this.#lent.get(record.id);
    this.#lent.delete(record.id);
    if (record.state === 'finalized' || record.state === 'expired') this.#reclaimed++;
    if (lent === undefined || lent.iterator.freed || this.#isClosing()) return;
    // At a snapshot it would keep what only that keeps.
    const iterator = record.borrows.length > 0 ? this.#present(lent.iterator) : lent.iterator;
    if (iterator !== undefined) this.#idle.push({ iterator, since: this.#now() });
    this.#schedule();
    if (this.#waiters.count === 0) return;
    // Its owner may be about to free the pool, too.
    if (record.state === 'freedByOwner') queueMicrotask(() => this.#serve());
    else this.#serve();
  }

  #present(iterator: DBIterator<K, V>): DBIterator<K, V> | undefined {
    try {
      iterator.refresh();
      return iterator;
    } catch {
      iterator.free(); // its error is nothing to whoever gives it back
      return undefined;
    }
  }

  /** Who waits gets what is there; with the site of the call that waits. */
  #serve(): void {
    const { ledger } = this.core.context;
    if (this.#isClosing()) return;
    for (let waiter = this.#waiters.first(); waiter !== undefined; waiter = this.#waiters.first()) {
      const before = ledger.origin;
      ledger.origin = waiter.site;
      try {
        const lease = this.#take(waiter.options);
        if (lease === undefined) return;
        waiter.resolve(lease);
      } catch (error) {
        waiter.reject(error);
      } finally {
        ledger.origin = before;
      }
    }
  }

  #isClosing(): boolean {
    for (let at: HandleCore | undefined = this.core; at !== undefined; at = at.parent) {
      if (at.released) return true;
    }
    return false;
  }

  /** Those that have been idle since then, or longer; returns how many. */
  #freeIdle(since: number): number {
    let count = 0;
    while (this.#idle[count] !== undefined && (this.#idle[count] as Idle<K, V>).since <= since) {
      count++;
    }
    for (const { iterator } of this.#idle.splice(0, count)) iterator.free();
    if (count > 0) this.#schedule();
    return count;
  }

  /** Tells of those that are held for too long, each once, and takes them back if that is wanted. */
  #tellOverdue(): void {
    const { overdueMs, overdueOperations, reclaimOverdue } = this.#settings;
    if (this.#unfocus === undefined) return;
    const { events } = this.#source.engine.heap.extensions;
    const { operations } = this.core.context.ledger;
    const now = this.#now();
    for (const lent of [...this.#lent.values()]) {
      const { record } = lent.core;
      const ageMs = now - record.bornTime;
      const ageOperations = operations - record.bornOperation;
      if (lent.told || (ageMs < overdueMs && ageOperations < overdueOperations)) continue;
      lent.told = true;
      const why = whyText(record, [], operations, undefined);
      events.emit('leak', { handle: copyOf(record), ageMs, ageOperations, why });
      if (!reclaimOverdue) continue;
      lent.core.releaseAs('expired');
      events.emit('reclaimed', { handle: copyOf(record), by: 'pool' });
    }
  }

  #onTime(): void {
    if (this.freed || this.#source.engine.crashed) return;
    this.#tellOverdue();
    this.#freeIdle(this.#now() - this.#settings.idleTimeoutMs);
    this.core.context.events.deliver();
    this.#schedule();
  }

  /** Sets the alarm to what is due first. */
  #schedule(): void {
    const { idleTimeoutMs, overdueMs, overdueOperations } = this.#settings;
    const oldest = this.#idle[0];
    let due = oldest === undefined ? Number.POSITIVE_INFINITY : oldest.since + idleTimeoutMs;
    for (const { core, told } of this.#unfocus === undefined ? [] : this.#lent.values()) {
      if (told) continue;
      due = Math.min(due, core.record.bornTime + overdueMs);
      // Operations do not ring: nobody may ask the pool again.
      if (overdueOperations < Number.POSITIVE_INFINITY) due = Math.min(due, this.#now() + LOOK_MS);
    }
    // It may ring for nothing, and is set anew then: that is cheaper than to set it at every loan.
    if (due < this.#alarm.due) this.#alarm.set(due);
  }

  #exhausted(waitedMs?: number): PoolExhaustedError {
    const { max } = this.#settings;
    const held = describeHandles([...this.#lent.values()].map(({ core }) => core.record));
    const waited = waitedMs === undefined ? '' : `, and none came back within ${waitedMs} ms`;
    const code = waitedMs === undefined ? 'EXHAUSTED' : 'TIMEOUT';
    return new PoolExhaustedError(
      `ERR_ROCKSDB_POOL_${code}`,
      `all ${max} iterators of iteratorPool #${this.id} are lent${waited}: free leases sooner, wait for one, ` +
        `or raise max. Lent: ${held}`,
    );
  }

  /** The pool is freed, with all that it had. */
  #ended(): void {
    this.#alarm.clear();
    this.#unfocus?.();
    this.#idle.length = 0;
    this.#lent.clear();
    const error = () =>
      new HandleFreedError(
        'ERR_ROCKSDB_HANDLE_FREED',
        `iteratorPool #${this.id} was freed while a call waited for one of its iterators`,
      );
    this.#waiters.rejectAll(error);
  }
}
