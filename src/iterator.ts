import type { AnyColumnFamily } from './column-family.js';
import { type Codec, codecOf, emptyValue } from './encoding.js';
import type { Engine } from './engine.js';
import { CallbackError, InvalidArgumentError, NotSupportedError } from './errors.js';
import { checkLimit, type IteratorOptions } from './iterator-options.js';
import {
  EntriesLayout,
  IteratorMove,
  type IteratorPtr,
  SliceLayout,
  type SnapshotPtr,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import type { Heap } from './native/heap.js';
import { NativeObject } from './native/native-object.js';
import { MAX_KEY_BYTES } from './native/staging.js';
import { shown } from './shown.js';
import { Snapshot } from './snapshot.js';
import { type Timestamp, timestampOf } from './timestamps.js';
import { columnNamesOf, readColumns, readDefaultColumn, type WideColumns } from './wide-columns.js';

/** @internal Makes a value of bytes in linear memory. */
export type ReadValue = (heap: Heap, address: number, length: number) => unknown;

/** @internal How entries come out, and when it ends: what can be wrong of it is found before there is an iterator. */
export interface IteratorShape {
  readonly keys: Codec;
  readonly values: Codec;
  readonly readValue: ReadValue;
  readonly limit: number;
}

/** @internal `readOther`: when values are not as their encoding says. */
export function shapeOf(
  family: AnyColumnFamily,
  options: IteratorOptions,
  readOther?: ReadValue,
): IteratorShape {
  const { keyEncoding, valueEncoding } = options;
  const keys = keyEncoding === undefined ? family.keys : codecOf(keyEncoding, 'keyEncoding');
  const values =
    valueEncoding === undefined ? family.values : codecOf(valueEncoding, 'valueEncoding');
  columnNamesOf(options.columnNames);
  const byDefaultColumn: ReadValue = (heap, address, length) =>
    readDefaultColumn(heap, address, length, values);
  const readValue = readOther ?? (options.columns === true ? byDefaultColumn : values.decode);
  return { keys, values, readValue, limit: checkLimit(options.limit) };
}

const PROPERTIES: ReadonlySet<string> = new Set([
  'rocksdb.iterator.super-version-number',
  'rocksdb.iterator.is-key-pinned',
  'rocksdb.iterator.is-value-pinned',
]);

/** Bytes read ahead in one crossing, from the first (after a single entry) to the largest. */
const FIRST_BLOCK_BYTES = 1024;
const LARGEST_BLOCK_BYTES = 64 * 1024;

/**
 * A cursor over a column family, in key order. It pins the memtables and files that it was made with, so
 * free it as soon as it is not needed: `using it = db.iterator(...)`, or `try { } finally { it.free() }`.
 * Neither reaching the end nor leaving a loop frees it.
 */
export class DBIterator<K = Uint8Array, V = Uint8Array>
  extends NativeObject
  implements Iterable<[K, V]>
{
  readonly #engine: Engine;
  readonly #db: NativeObject;
  readonly #pointer: IteratorPtr;
  readonly #keys: Codec;
  readonly #values: Codec;
  readonly #readValue: ReadValue;
  readonly #options: IteratorOptions;
  readonly #reverse: number;
  readonly #limit: number;
  /** Entries are read one by one: those after may not be what they are when it gets there. */
  readonly #single: boolean;
  /** Entries come without values. */
  readonly #valueless: boolean;
  /** Bytes of an entry after its value: its timestamp, and whether it is a deletion. */
  readonly #extraBytes: number;
  /** What is borrowed beside the snapshot. */
  readonly #families: readonly HandleCore[];
  #snapshot: Snapshot | undefined;
  #left: number;
  /** How the next read begins; null: go on from the last entry. */
  #move: number;
  #blockBytes = 0;
  // The block that was read: where its next entry is, and how many are left in it.
  #at = 0;
  #buffered = 0;
  #done = false;
  /** Where the entry is that next() gave last; 0: nowhere any more. */
  #entry = 0;
  /** Where its columns are, when they are not in the entry. */
  #prepared: { address: number; length: number } | undefined;
  /** How often a policy had refreshed it when it was positioned last. */
  #refreshes = 0;
  /** What a callback threw after the entries that were read. */
  #failure: CallbackError | undefined;

  /**
   * @internal Made by the database. Of several `families`, it borrows them; of one it is the child. Of a `view` or a
   * pool it is the child always.
   */
  constructor(
    engine: Engine,
    db: NativeObject,
    families: readonly AnyColumnFamily[],
    pointer: IteratorPtr,
    shape: IteratorShape,
    options: IteratorOptions,
    view?: NativeObject,
    kind: 'iterator' | 'pooledIterator' = 'iterator',
  ) {
    const family = families[0] as AnyColumnFamily;
    const parent = view ?? (families.length > 1 || family.name === 'default' ? db : family);
    super(engine.context, kind, parent, pointer, releaseIterator);
    this.#engine = engine;
    this.#db = db;
    this.#pointer = pointer;
    this.#keys = shape.keys;
    this.#values = shape.values;
    this.#readValue = shape.readValue;
    this.#options = options;
    this.#reverse = options.reverse === true ? 1 : 0;
    this.#limit = this.#left = shape.limit;
    this.#single = options.tailing === true || options.allowUnpreparedValue === true;
    this.#valueless = options.values === false || options.allowUnpreparedValue === true;
    this.#extraBytes = family.timestampSize > 0 ? family.timestampSize + 1 : 0;
    this.#families = families.length > 1 ? families.map(({ core }) => core) : [];
    this.#move = this.#start();
    this.#borrow(options.snapshot);
    this.core.families = families.map(({ core }) => core);
    if (families.some(({ dropped }) => dropped)) this.core.orphan();
    // RocksDB cannot refresh the others, or what next() gave last would be lost with it.
    const { tailing, allowUnpreparedValue, iterStartTimestamp } = options;
    const fixed = tailing === true || allowUnpreparedValue === true;
    if (view === undefined && !fixed && iterStartTimestamp === undefined) {
      this.core.refresh = refreshIterator;
    }
  }

  /** The snapshot that it reads at; it is kept, too, from being collected before the iterator. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The next entry, or undefined at the end. */
  next(): [K, V] | undefined {
    if (!this.#advance()) return undefined;
    const { heap } = this.#engine.native;
    const at = this.#at;
    const keyLength = heap.getWord(at);
    const valueLength = heap.getWord(at + 4);
    this.#entry = at;
    this.#at = ((at + 8 + keyLength + valueLength + this.#extraBytes + 3) & ~3) >>> 0;
    return [
      this.#keys.decode(heap, at + 8, keyLength) as K,
      (this.#valueless
        ? emptyValue(this.#values, heap)
        : this.#readValue(heap, at + 8 + keyLength, valueLength)) as V,
    ];
  }

  /**
   * The columns of the entry that `next()` gave last, where the iterator was made with `columns: true`. Of a
   * plain value: the default column alone.
   */
  get columns(): WideColumns<V> {
    const { columns, columnNames } = this.#options;
    if (columns !== true) throw invalid('columns: make the iterator with the option columns: true');
    const at = this.#lastEntry();
    const { heap } = this.#engine.native;
    const entry = { address: at + 8 + heap.getWord(at), length: heap.getWord(at + 4) };
    const { address, length } = this.#prepared ?? entry;
    if (length === 0) throw invalid('columns: the value was not read; see prepareValue()');
    const names = columnNamesOf(columnNames);
    return readColumns(heap, address, length, this.#values, names) as WideColumns<V>;
  }

  /** @internal Its keys have user-defined timestamps. */
  get timed(): boolean {
    return this.#extraBytes > 0;
  }

  /**
   * The timestamp of the entry that `next()` gave last; undefined where the column family has no user-defined
   * timestamps.
   */
  get timestamp(): Timestamp | undefined {
    const at = this.#lastEntry() + this.#entryBytes();
    const size = this.#extraBytes - 1;
    return size < 0 ? undefined : timestampOf(this.#engine.native.heap.bytes(at, size));
  }

  /** Whether the entry that `next()` gave last is a deletion: only with `iterStartTimestamp`. */
  get deleted(): boolean {
    const at = this.#lastEntry() + this.#entryBytes() + this.#extraBytes - 1;
    return this.#extraBytes > 0 && this.#engine.native.heap.HEAPU8[at] === 1;
  }

  /**
   * With `allowUnpreparedValue`: loads the value of the entry that `next()` gave last, and its columns;
   * returns the value.
   */
  prepareValue(): V {
    this.#use();
    if (this.#options.allowUnpreparedValue !== true) {
      throw invalid('prepareValue: make the iterator with the option allowUnpreparedValue: true');
    }
    this.#lastEntry();
    const { native, out } = this.#engine;
    const { heap } = native;
    native.check(native.calls.rdb_iterator_prepare_value(this.#pointer, out));
    const address = heap.getWord(out + SliceLayout.data);
    const length = heap.getWord(out + SliceLayout.length);
    this.#prepared = { address, length };
    return this.#readValue(heap, address, length) as V;
  }

  /**
   * A property of the iterator as RocksDB names it: `rocksdb.iterator.super-version-number` (compare with the
   * database's `rocksdb.current-super-version-number`), `rocksdb.iterator.is-key-pinned` and
   * `rocksdb.iterator.is-value-pinned`. Those of single entries are not to be had: entries are read ahead.
   */
  getProperty(name: string): string {
    this.#use();
    if (!PROPERTIES.has(name)) {
      throw new NotSupportedError(
        'ERR_ROCKSDB_NOT_SUPPORTED',
        `getProperty: expected ${[...PROPERTIES].join(' or ')}, got ${shown(name)}`,
      );
    }
    const { native, staging, out } = this.#engine;
    const { heap } = native;
    staging.begin();
    try {
      staging.push(name, 'name', MAX_KEY_BYTES);
      const { address, length } = staging;
      native.check(native.calls.rdb_iterator_get_property(this.#pointer, address, length, out));
    } finally {
      staging.end();
    }
    const block = heap.getWord(out + SliceLayout.data);
    const text = heap.readText(block, heap.getWord(out + SliceLayout.length));
    native.calls.rdb_memory_free(block);
    return text;
  }

  /** Up to `count` entries; fewer only at the end. */
  nextMany(count: number): [K, V][] {
    if (!Number.isInteger(count) || count < 0) {
      throw invalid(`nextMany: expected a number of entries, got ${shown(count)}`);
    }
    const entries: [K, V][] = [];
    while (entries.length < count) {
      const entry = this.next();
      if (entry === undefined) break;
      entries.push(entry);
    }
    return entries;
  }

  /**
   * Goes to the first entry at or after `key` (at or before it, when `reverse`); `next()` returns it.
   * A key outside the bounds goes to the nearest bound. The limit counts anew.
   */
  seek(key: unknown): void {
    this.#seek(key, this.#reverse === 1 ? IteratorMove.MoveSeekForPrev : IteratorMove.MoveSeek);
  }

  /** Goes to the last entry at or before `key`, whatever the direction; `next()` returns it. */
  seekForPrev(key: unknown): void {
    this.#seek(key, IteratorMove.MoveSeekForPrev);
  }

  /** Goes back to where the iterator began. */
  seekToStart(): void {
    this.#use();
    this.#reset(this.#start());
  }

  /**
   * Sees the present from now on, or what `snapshot` shows, and gives up what it pinned. Begins anew at the
   * start; `seek` if it should be elsewhere.
   */
  refresh(snapshot?: Snapshot): void {
    this.#use();
    const { native } = this.#engine;
    const at = Snapshot.pointerOf(snapshot, this.#db);
    native.check(native.calls.rdb_iterator_refresh(this.#pointer, at));
    this.#borrow(snapshot);
    this.#reset(this.#start());
    this.#engine.settle();
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

  #borrow(snapshot: Snapshot | undefined): void {
    this.#snapshot = snapshot;
    const lenders = snapshot === undefined ? [] : [snapshot.core];
    if (this.#families.length > 0) lenders.push(...this.#families);
    if (lenders.length === 0) this.core.endBorrow();
    else this.core.borrow(...lenders);
  }

  #lastEntry(): number {
    this.#use();
    if (this.#entry === 0) throw invalid('the iterator is at no entry: call next() first');
    return this.#entry;
  }

  /** Of the last entry, up to where its timestamp is. */
  #entryBytes(): number {
    const { heap } = this.#engine.native;
    return 8 + heap.getWord(this.#entry) + heap.getWord(this.#entry + 4);
  }

  #start(): number {
    return this.#reverse === 1 ? IteratorMove.MoveLast : IteratorMove.MoveFirst;
  }

  #reset(move: number): void {
    this.#move = move;
    this.#refreshes = this.core.refreshes;
    this.#left = this.#limit;
    this.#buffered = 0;
    this.#blockBytes = 0;
    this.#done = false;
    this.#entry = 0;
    this.#failure = undefined;
  }

  #use(): void {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
  }

  #seek(key: unknown, move: number): void {
    this.#use();
    const { staging } = this.#engine;
    const data = this.#keys.encode(key);
    staging.begin();
    try {
      staging.push(data, 'key', MAX_KEY_BYTES);
      this.#reset(move);
      this.#read(staging.address, staging.length);
    } finally {
      staging.end();
    }
  }

  /** Makes sure that an entry stands at #at, and takes it off the counters. */
  #advance(): boolean {
    this.#use();
    if (this.core.refreshes !== this.#refreshes) this.#resume();
    this.#entry = 0;
    this.#prepared = undefined;
    if (this.#left === 0) return false;
    while (this.#buffered === 0) {
      if (this.#failure !== undefined) this.#fail(this.#failure);
      if (this.#done) return false;
      this.#read(0, 0);
    }
    this.#buffered--;
    this.#left--;
    return true;
  }

  /**
   * After a policy's refresh: goes behind the entry that was given last, or, when none was since a seek, to the one that
   * would have been next. What was not begun, or is at its end, stays there.
   */
  #resume(): void {
    this.#refreshes = this.core.refreshes;
    const given = this.#entry;
    const at = given !== 0 || this.#buffered === 0 ? given : this.#at;
    if (at === 0) return;
    const { native, staging } = this.#engine;
    const keyAt = (entry: number) => native.heap.bytes(entry + 8, native.heap.getWord(entry));
    const key = keyAt(at).slice();
    this.#move = this.#reverse === 1 ? IteratorMove.MoveSeekForPrev : IteratorMove.MoveSeek;
    this.#blockBytes = this.#buffered = 0;
    this.#done = false;
    this.#failure = undefined;
    staging.begin();
    try {
      staging.push(key, 'key', MAX_KEY_BYTES);
      this.#read(staging.address, staging.length);
    } finally {
      staging.end();
    }
    if (given !== 0 && this.#buffered > 0 && sameBytes(keyAt(this.#at), key)) this.#buffered = 0;
  }

  #fail(error: CallbackError): never {
    this.#failure = undefined;
    throw error;
  }

  #read(key: number, keyLength: number): void {
    const { native, out } = this.#engine;
    const { calls, heap } = native;
    const first = this.#blockBytes === 0 || this.#single;
    const move = this.#move;
    // After an error the position is lost; the next read meets the same error or goes on.
    this.#move = IteratorMove.MoveOn;
    try {
      heap.setWord(out + EntriesLayout.count, 0);
      const status = calls.rdb_iterator_read(
        this.#pointer,
        move,
        this.#reverse,
        key,
        keyLength,
        first ? 1 : Math.min(this.#left, 0xffffffff),
        this.#blockBytes,
        out,
      );
      if (status !== 0) throw native.takeError(status);
    } catch (error) {
      // Entries before the one that a merge operator threw for are handed out first.
      const some = !native.stopped && heap.getWord(out + EntriesLayout.count) > 0;
      if (!(error instanceof CallbackError) || !some) throw error;
      this.#failure = error;
    }
    this.#blockBytes = first
      ? FIRST_BLOCK_BYTES
      : Math.min(this.#blockBytes * 2, LARGEST_BLOCK_BYTES);
    this.#at = heap.getWord(out + EntriesLayout.data);
    this.#buffered = heap.getWord(out + EntriesLayout.count);
    this.#done = heap.getWord(out + EntriesLayout.done) === 1;
  }
}

function releaseIterator({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_iterator_free(pointer as IteratorPtr);
  context.settle();
}

/** Gives up what it pins, and sees the present or what its snapshot shows. It is at no entry then. */
function refreshIterator(core: HandleCore): void {
  const { native } = core.context;
  const snapshot = (core.lender('snapshot')?.pointer ?? 0) as SnapshotPtr;
  native.check(native.calls.rdb_iterator_refresh(core.pointer as IteratorPtr, snapshot));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
