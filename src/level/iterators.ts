/** abstract-level's three iterators, over a Cursor each. What begins with _ is called by abstract-level. */
import { AbstractIterator, AbstractKeyIterator, AbstractValueIterator } from 'abstract-level';
import type { Cursor, Entry } from './cursor.js';
import type { Data } from './range.js';

/** @internal */
export class RocksIterator<D, K, V> extends AbstractIterator<D, K, V> {
  readonly #cursor: Cursor;

  constructor(db: D, options: object, cursor: Cursor) {
    super(db, options);
    this.#cursor = cursor;
  }

  _next(): Entry | undefined | Promise<Entry | undefined> {
    return this.#cursor.next((entry) => entry);
  }

  _nextv(size: number): Promise<Entry[]> {
    return this.#cursor.nextMany(size, (entry) => entry);
  }

  _seek(target: Data): void {
    this.#cursor.seek(target);
  }

  async _close(): Promise<void> {
    this.#cursor.close();
  }
}

/** @internal */
export class RocksKeyIterator<D, K> extends AbstractKeyIterator<D, K> {
  readonly #cursor: Cursor;

  constructor(db: D, options: object, cursor: Cursor) {
    super(db, options);
    this.#cursor = cursor;
  }

  _next(): Data | undefined | Promise<Data | undefined> {
    return this.#cursor.next(([key]) => key);
  }

  _nextv(size: number): Promise<Data[]> {
    return this.#cursor.nextMany(size, ([key]) => key);
  }

  _seek(target: Data): void {
    this.#cursor.seek(target);
  }

  async _close(): Promise<void> {
    this.#cursor.close();
  }
}

/** @internal */
export class RocksValueIterator<D, K, V> extends AbstractValueIterator<D, K, V> {
  readonly #cursor: Cursor;

  constructor(db: D, options: object, cursor: Cursor) {
    super(db, options);
    this.#cursor = cursor;
  }

  _next(): Data | undefined | Promise<Data | undefined> {
    return this.#cursor.next(([, value]) => value);
  }

  _nextv(size: number): Promise<Data[]> {
    return this.#cursor.nextMany(size, ([, value]) => value);
  }

  _seek(target: Data): void {
    this.#cursor.seek(target);
  }

  async _close(): Promise<void> {
    this.#cursor.close();
  }
}
