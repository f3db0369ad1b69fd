import type { DBIterator } from '../iterator.js';
import type { IteratorOptions } from '../iterator-options.js';
import type { RocksDB } from '../rocksdb.js';
import { shown } from '../shown.js';
import { abortError, attempt, LevelError } from './errors.js';
import { boundsOf, type Data, isOutside, type RangeOptions } from './range.js';
import { RocksSnapshot } from './snapshot.js';
import { pause } from './turns.js';

/** What abstract-level gives to an implementation's iterator. */
export interface CursorOptions extends RangeOptions {
  readonly reverse: boolean;
  readonly limit: number;
  readonly keyEncoding: 'utf8' | 'buffer' | 'view';
  readonly valueEncoding: 'utf8' | 'buffer' | 'view';
  readonly values?: boolean;
  readonly fillCache?: boolean;
  readonly highWaterMarkBytes?: number;
  readonly snapshot?: unknown;
  readonly signal?: AbortSignal;
}

export type Entry = [Data, Data];

const HIGH_WATER_MARK_BYTES = 1024 * 1024;

/** An iterator of the engine, with abstract-level's rules. */
export class Cursor {
  readonly #iterator: DBIterator<Data, Data> | undefined;
  /** Why there is no iterator: whoever reads hears of it. */
  readonly #failure: unknown;
  readonly #bounds: RangeOptions;
  readonly #release: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #highWaterMarkBytes: number = HIGH_WATER_MARK_BYTES;
  /** It was sent to a key outside of its bounds: there is nothing until it is sent elsewhere. */
  #outside = false;

  /**
   * `values`: false when only keys are wanted. It does not throw: abstract-level makes those that were asked for
   * earlier while it opens a database, where an error would reach nobody.
   */
  constructor(db: RocksDB, options: CursorOptions, values: boolean) {
    this.#bounds = boundsOf(options);
    this.#signal = options.signal ?? undefined;
    try {
      this.#highWaterMarkBytes = highWaterMark(options.highWaterMarkBytes);
      const snapshot = RocksSnapshot.of(options.snapshot);
      this.#iterator = openIterator(db, options, this.#bounds, snapshot, values);
      this.#release = snapshot?.lend(this);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** The next entry as `item` makes it, or undefined at the end. */
  next<T>(item: (entry: Entry) => T): T | undefined | Promise<T | undefined> {
    const iterator = this.#usable();
    const entry = this.#outside ? undefined : attempt(() => iterator.next());
    const result = entry === undefined ? undefined : item(entry);
    const waiting = pause();
    if (waiting === undefined && this.#signal === undefined) return result;
    return this.#afterwards(waiting, result);
  }

  /**
   * The next entries as `item` makes them, at most `size`: fewer when they have many bytes, none at the end.
   */
  nextMany<T>(size: number, item: (entry: Entry) => T): Promise<T[]> {
    const iterator = this.#usable();
    const items: T[] = [];
    let bytes = 0;
    attempt(() => {
      if (this.#outside) return;
      while (items.length < size && bytes <= this.#highWaterMarkBytes) {
        const entry = iterator.next();
        if (entry === undefined) break;
        bytes += entry[0].length + entry[1].length;
        items.push(item(entry));
      }
    });
    return this.#afterwards(pause(), items);
  }

  /** Does nothing once it is closed: its snapshot may have closed it. */
  seek(target: Data): void {
    const iterator = this.#iterator;
    if (iterator === undefined || iterator.freed) return;
    attempt(() => {
      this.#outside = isOutside(this.#bounds, target);
      if (!this.#outside) iterator.seek(target);
    });
  }

  close(): void {
    this.#release?.();
    attempt(() => this.#iterator?.free());
  }

  #usable(): DBIterator<Data, Data> {
    if (this.#iterator !== undefined) return this.#iterator;
    throw this.#failure;
  }

  /** The result, unless whoever asked for it has ended that in the meantime. */
  async #afterwards<T>(waiting: Promise<void> | undefined, result: T): Promise<T> {
    await waiting;
    if (this.#signal?.aborted) throw abortError(this.#signal);
    return result;
  }
}

function openIterator(
  db: RocksDB,
  options: CursorOptions,
  bounds: RangeOptions,
  snapshot: RocksSnapshot | undefined,
  values: boolean,
): DBIterator<Data, Data> {
  const { reverse, limit, keyEncoding, valueEncoding, fillCache } = options;
  const plan: IteratorOptions<'view', 'view'> = {
    ...bounds,
    reverse,
    limit,
    values,
    fillCache,
    snapshot: snapshot?.rocksdb,
    ...({ keyEncoding, valueEncoding } as object),
  };
  // Throws abstract-level's error when it is closed.
  snapshot?.ref();
  try {
    return attempt(() => db.iterator(plan)) as unknown as DBIterator<Data, Data>;
  } finally {
    snapshot?.unref();
  }
}

function highWaterMark(bytes: unknown): number {
  if (bytes === undefined || bytes === null) return HIGH_WATER_MARK_BYTES;
  if (Number.isSafeInteger(bytes) && (bytes as number) >= 0) return bytes as number;
  throw new LevelError(
    'LEVEL_INVALID_ARGUMENT',
    `highWaterMarkBytes: expected a number of bytes, got ${shown(bytes)}`,
  );
}
