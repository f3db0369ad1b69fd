import type { AnyColumnFamily, ColumnFamily, EncodingOptions } from './column-family.js';
import { type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import {
  type DbPtr,
  EntriesLayout,
  IteratorMove,
  IteratorOptionsLayout,
  type IteratorPtr,
  ReadFlags,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import { Snapshot } from './snapshot.js';

/** What a scan covers and how it reads. */
export interface IteratorOptions<KE extends Encoding = Encoding, VE extends Encoding = Encoding>
  extends EncodingOptions<KE, VE> {
  /** Lower bounds; at most one of the two. */
  gt?: unknown;
  gte?: unknown;
  /** Upper bounds; at most one of the two. */
  lt?: unknown;
  lte?: unknown;
  /** Only keys that begin with these bytes; stands for both bounds. */
  prefix?: Bytes;
  /** From the last to the first. */
  reverse?: boolean;
  /** At most so many entries. */
  limit?: number;
  /** Reads at this snapshot instead of the present; the iterator borrows it. */
  snapshot?: Snapshot;
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
  /** False: values are not read, and come out empty. Default: true. */
  values?: boolean;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean;
  /** Default: true. */
  verifyChecksums?: boolean;
  /**
   * Sees writes made after its creation, ahead of its position; forward only. After its end, `seek` to
   * go on. RocksDB's tailing iterators refuse range deletions, and report Corruption for values in blob
   * files that are younger than they are. Default: false.
   */
  tailing?: boolean;
  /** Bytes to read ahead; 0 (default): RocksDB adapts it. */
  readaheadSize?: number;
  /** Ignore the prefix extractor. Default: true, unless `prefixSameAsStart`. */
  totalOrderSeek?: boolean;
  /** With a prefix extractor: end where the prefix of the sought key ends. */
  prefixSameAsStart?: boolean;
}

/** @internal An iterator over a view: a transaction, a batch with an index. */
export interface IteratorOver {
  /** Frees the iterator, if nobody does before. */
  readonly view: NativeObject;
  /** More of rdb_read_flags. */
  readonly flags: number;
  /** How values are handed out, by what their encoding is. */
  readonly values?: (codec: Codec) => Codec;
}

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
  readonly #reverse: number;
  readonly #limit: number;
  readonly #tailing: boolean;
  #snapshot: Snapshot | undefined;
  #left: number;
  /** How the next read begins; null: go on from the last entry. */
  #move: number;
  #blockBytes = 0;
  // The block that was read: where its next entry is, and how many are left in it.
  #at = 0;
  #buffered = 0;
  #done = false;

  /** @internal Made by `db.iterator()`. */
  constructor(
    engine: Engine,
    db: NativeObject,
    dbPointer: DbPtr,
    family: ColumnFamily<Encoding, Encoding>,
    options: IteratorOptions,
    over?: IteratorOver,
  ) {
    const keys =
      options.keyEncoding === undefined ? family.keys : codecOf(options.keyEncoding, 'keyEncoding');
    const values =
      options.valueEncoding === undefined
        ? family.values
        : codecOf(options.valueEncoding, 'valueEncoding');
    const limit = checkLimit(options.limit);
    const pointer = create(engine, db, dbPointer, family, options, keys, over?.flags ?? 0);
    const parent = over?.view ?? (family.name === 'default' ? db : family);
    super(engine.context, 'iterator', parent, pointer, releaseIterator);
    this.#engine = engine;
    this.#db = db;
    this.#pointer = pointer;
    this.#keys = keys;
    this.#values = over?.values?.(values) ?? values;
    this.#reverse = options.reverse === true ? 1 : 0;
    this.#limit = this.#left = limit;
    this.#tailing = options.tailing === true;
    this.#move = this.#start();
    this.#borrow(options.snapshot);
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
    this.#at = ((at + 8 + keyLength + valueLength + 3) & ~3) >>> 0;
    return [
      this.#keys.decode(heap, at + 8, keyLength) as K,
      this.#values.decode(heap, at + 8 + keyLength, valueLength) as V,
    ];
  }

  /** Up to `count` entries; fewer only at the end. */
  nextMany(count: number): [K, V][] {
    if (!Number.isInteger(count) || count < 0) {
      throw invalid(`nextMany: expected a number of entries, got ${String(count)}`);
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
    if (snapshot === undefined) this.core.endBorrow();
    else this.core.borrow(snapshot.core);
  }

  #start(): number {
    return this.#reverse === 1 ? IteratorMove.MoveLast : IteratorMove.MoveFirst;
  }

  #reset(move: number): void {
    this.#move = move;
    this.#left = this.#limit;
    this.#buffered = 0;
    this.#blockBytes = 0;
    this.#done = false;
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
    if (this.#left === 0) return false;
    while (this.#buffered === 0) {
      if (this.#done) return false;
      this.#read(0, 0);
    }
    this.#buffered--;
    this.#left--;
    return true;
  }

  #read(key: number, keyLength: number): void {
    const { native, out } = this.#engine;
    const { calls, heap } = native;
    const first = this.#blockBytes === 0 || this.#tailing;
    const status = calls.rdb_iterator_read(
      this.#pointer,
      this.#move,
      this.#reverse,
      key,
      keyLength,
      first ? 1 : Math.min(this.#left, 0xffffffff),
      this.#blockBytes,
      out,
    );
    // After an error the position is lost; the next read meets the same error or goes on.
    this.#move = IteratorMove.MoveOn;
    if (status !== 0) throw native.takeError(status);
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

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY || limit === -1) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isInteger(limit) || limit < 0) {
    throw invalid(`limit: expected a number of entries, got ${String(limit)}`);
  }
  return limit;
}

/** The first key after all that begin with `prefix`; undefined when there is none (0xff...). */
function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const next = prefix.slice(0, length);
  next[length - 1] = (next[length - 1] as number) + 1;
  return next;
}

function bounds(options: IteratorOptions, keys: Codec) {
  const pick = (inclusive: 'gte' | 'lte', exclusive: 'gt' | 'lt') => {
    if (options[inclusive] !== undefined && options[exclusive] !== undefined) {
      throw invalid(`${inclusive} and ${exclusive} were both given: use one`);
    }
    const name = options[inclusive] !== undefined ? inclusive : exclusive;
    const key = options[name];
    return key === undefined ? undefined : { key: keys.encode(key), name };
  };
  if (options.prefix !== undefined) {
    if (['gt', 'gte', 'lt', 'lte'].some((name) => options[name as 'gt'] !== undefined)) {
      throw invalid('prefix stands for both bounds: leave gt, gte, lt and lte out');
    }
    const { prefix } = options;
    const bytes = typeof prefix === 'string' ? new TextEncoder().encode(prefix) : prefix;
    if (!(bytes instanceof Uint8Array)) throw invalid('prefix: expected a string or a Uint8Array');
    const end = afterPrefix(bytes);
    return {
      lower: { key: bytes as Bytes, name: 'gte' },
      upper: end === undefined ? undefined : { key: end as Bytes, name: 'lt' },
    };
  }
  return { lower: pick('gte', 'gt'), upper: pick('lte', 'lt') };
}

function readFlags(options: IteratorOptions): number {
  let flags = 0;
  if (options.verifyChecksums === false) flags |= ReadFlags.ReadNoChecksums;
  if (options.fillCache === false) flags |= ReadFlags.ReadNoFillCache;
  if (options.totalOrderSeek ?? options.prefixSameAsStart !== true) {
    flags |= ReadFlags.ReadTotalOrderSeek;
  }
  if (options.prefixSameAsStart === true) flags |= ReadFlags.ReadPrefixSameAsStart;
  if (options.tailing === true) flags |= ReadFlags.ReadTailing;
  if (options.values === false) flags |= ReadFlags.ReadKeysOnly;
  return flags;
}

function create(
  engine: Engine,
  db: NativeObject,
  dbPointer: DbPtr,
  family: ColumnFamily<Encoding, Encoding>,
  options: IteratorOptions,
  keys: Codec,
  moreFlags: number,
): IteratorPtr {
  if (options.tailing === true && options.reverse === true) {
    throw invalid('a tailing iterator goes forward only: leave reverse out');
  }
  const { lower, upper } = bounds(options, keys);
  const snapshot = Snapshot.pointerOf(options.snapshot, db);
  let flags = readFlags(options) | moreFlags;
  if (lower?.name === 'gt') flags |= ReadFlags.ReadLowerExclusive;
  if (upper?.name === 'lte') flags |= ReadFlags.ReadUpperInclusive;
  const { native, staging, out } = engine;
  staging.begin();
  try {
    const at = staging.reserve(IteratorOptionsLayout.byteLength);
    const put = (offset: number, value: number) => native.heap.setWord(at + offset, value);
    const putKey = (bound: { key: Bytes; name: string } | undefined, offset: number) => {
      if (bound !== undefined) staging.push(bound.key, bound.name, MAX_KEY_BYTES);
      put(offset, bound === undefined ? 0 : staging.address);
      put(offset + 4, bound === undefined ? 0 : staging.length);
    };
    putKey(lower, IteratorOptionsLayout.lower);
    putKey(upper, IteratorOptionsLayout.upper);
    put(IteratorOptionsLayout.flags, flags);
    put(IteratorOptionsLayout.snapshot, snapshot);
    put(IteratorOptionsLayout.readaheadBytes, options.readaheadSize ?? 0);
    put(IteratorOptionsLayout.maxSkippableInternalKeys, 0);
    native.check(native.calls.rdb_iterator_create(dbPointer, family.pointer, at, out));
    return native.heap.getWord(out) as IteratorPtr;
  } finally {
    staging.end();
  }
}
