import type { Codec } from './encoding.js';
import type { Engine } from './engine.js';
import {
  EntriesLayout,
  IteratorMove,
  type SstFileReaderPtr,
  SstIteratorFlags,
  SstIteratorOptionsLayout,
  type SstIteratorPtr,
} from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import { fieldsOf, flag } from './option-values.js';

/** What a scan of a file covers. */
export interface SstIteratorOptions<K = unknown> {
  /** Lower bound, included. */
  gte?: K;
  /** Upper bound, not included. */
  lt?: K;
  /** From the last to the first. */
  reverse?: boolean;
  /** Default: true. */
  verifyChecksums?: boolean;
}

/** RocksDB's ValueType, as far as tables have them. */
const ENTRY_TYPES: Readonly<Record<number, string>> = {
  0: 'delete',
  1: 'put',
  2: 'merge',
  7: 'singleDelete',
  15: 'rangeDelete',
  17: 'blobIndex',
  20: 'deleteWithTimestamp',
  22: 'putEntity',
  24: 'timedPut',
};

/** An entry as it is in a file. */
export interface SstRawEntry<K, V> {
  key: K;
  /** An entity's columns, or where a blob is, in RocksDB's own form. Empty for deletions. */
  value: V;
  /** `put`, `delete`, `merge`, `singleDelete`, `putEntity`, `blobIndex`, ... */
  type: string;
  /** 0 when nothing needs it any more, or in files of an SstFileWriter. */
  sequenceNumber: bigint;
}

/** @internal */
type Codecs = readonly [keys: Codec, values: Codec];

/** Bytes read ahead in one crossing, after the first entry. */
const BLOCK_BYTES = 32 * 1024;
/** Sequence number and type of a raw entry. */
const TRAILER_BYTES = 8;

/** Moves over a file, a block of entries at a time. */
abstract class SstCursor<Entry> extends NativeObject implements Iterable<Entry> {
  readonly #engine: Engine;
  readonly #reverse: boolean;
  /** @internal */
  protected readonly keys: Codec;
  /** @internal */
  protected readonly values: Codec;
  /** How the next read begins. */
  #move: number;
  #blockBytes = 0;
  // The block that was read: where its next entry is, and how many are left in it.
  #at = 0;
  #buffered = 0;
  #done = false;

  /** @internal */
  constructor(
    engine: Engine,
    reader: NativeObject,
    pointer: SstIteratorPtr,
    codecs: Codecs,
    reverse: boolean,
  ) {
    super(engine.context, 'iterator', reader, pointer, release);
    this.#engine = engine;
    this.#reverse = reverse;
    [this.keys, this.values] = codecs;
    this.#move = reverse ? IteratorMove.MoveLast : IteratorMove.MoveFirst;
  }

  /** The next entry, or undefined at the end. */
  next(): Entry | undefined {
    this.#use();
    while (this.#buffered === 0) {
      if (this.#done) return undefined;
      this.#read(0, 0);
    }
    const { heap } = this.#engine.native;
    const at = this.#at;
    const keyLength = heap.getWord(at);
    const valueLength = heap.getWord(at + 4);
    this.#at = ((at + 8 + keyLength + valueLength + 3) & ~3) >>> 0;
    this.#buffered--;
    return this.entry(at + 8, keyLength, valueLength);
  }

  /** Goes to the first entry at or after `key` (at or before it, when `reverse`); `next()` returns it. */
  seek(key: unknown): void {
    this.#seek(key, this.#reverse ? IteratorMove.MoveSeekForPrev : IteratorMove.MoveSeek);
  }

  /** Goes to the last entry at or before `key`, whatever the direction; `next()` returns it. */
  seekForPrev(key: unknown): void {
    this.#seek(key, IteratorMove.MoveSeekForPrev);
  }

  /** Goes back to where the iterator began. */
  seekToStart(): void {
    this.#use();
    this.#reset(this.#reverse ? IteratorMove.MoveLast : IteratorMove.MoveFirst);
  }

  /** Entries from the present position on. */
  *[Symbol.iterator](): IterableIterator<Entry> {
    for (let entry = this.next(); entry !== undefined; entry = this.next()) yield entry;
  }

  /** Decodes the entry whose key is at `at`; its value follows it. */
  protected abstract entry(at: number, keyLength: number, valueLength: number): Entry;

  /** @internal */
  protected get heap() {
    return this.#engine.native.heap;
  }

  #use(): void {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
  }

  #reset(move: number): void {
    this.#move = move;
    this.#buffered = 0;
    this.#blockBytes = 0;
    this.#done = false;
  }

  #seek(key: unknown, move: number): void {
    this.#use();
    const { staging } = this.#engine;
    const data = this.keys.encode(key);
    staging.begin();
    try {
      staging.push(data, 'key', MAX_KEY_BYTES);
      this.#reset(move);
      this.#read(staging.address, staging.length);
    } finally {
      staging.end();
    }
  }

  #read(key: number, keyLength: number): void {
    const { native, out } = this.#engine;
    const { calls, heap } = native;
    const where = [this.#move, this.#reverse ? 1 : 0, key, keyLength] as const;
    const pointer = this.core.pointer as SstIteratorPtr;
    const status = calls.rdb_sst_iterator_read(pointer, ...where, this.#blockBytes, out);
    this.#move = IteratorMove.MoveOn;
    this.#blockBytes = BLOCK_BYTES;
    native.check(status);
    this.#at = heap.getWord(out + EntriesLayout.data);
    this.#buffered = heap.getWord(out + EntriesLayout.count);
    this.#done = heap.getWord(out + EntriesLayout.done) === 1;
  }
}

/** A cursor over what a table file shows, in key order. Free it. */
export class SstFileIterator<K = Uint8Array, V = Uint8Array> extends SstCursor<[K, V]> {
  /** @internal Made by `reader.iterator()`. */
  constructor(
    engine: Engine,
    reader: NativeObject,
    readerPointer: SstFileReaderPtr,
    codecs: Codecs,
    options: SstIteratorOptions,
  ) {
    fieldsOf('iterator', options, ['gte', 'lt', 'reverse', 'verifyChecksums']);
    const reverse = flag('reverse', options.reverse, false);
    const checksums = flag('verifyChecksums', options.verifyChecksums, true);
    const bounds = [options.gte, options.lt].map((key) =>
      key === undefined ? undefined : codecs[0].encode(key),
    );
    const flags = checksums ? 0 : SstIteratorFlags.SstNoChecksums;
    super(engine, reader, create(engine, readerPointer, flags, bounds), codecs, reverse);
  }

  protected override entry(at: number, keyLength: number, valueLength: number): [K, V] {
    const { heap } = this;
    return [
      this.keys.decode(heap, at, keyLength) as K,
      this.values.decode(heap, at + keyLength, valueLength) as V,
    ];
  }
}

/** A cursor over all that is in a table file. Free it. */
export class SstRawIterator<K = Uint8Array, V = Uint8Array> extends SstCursor<SstRawEntry<K, V>> {
  /** @internal Made by `reader.rawIterator()`. */
  constructor(
    engine: Engine,
    reader: NativeObject,
    readerPointer: SstFileReaderPtr,
    codecs: Codecs,
    options: { reverse?: boolean },
  ) {
    fieldsOf('rawIterator', options, ['reverse']);
    const reverse = flag('reverse', options.reverse, false);
    const pointer = create(engine, readerPointer, SstIteratorFlags.SstRaw, []);
    super(engine, reader, pointer, codecs, reverse);
  }

  protected override entry(at: number, keyLength: number, valueLength: number): SstRawEntry<K, V> {
    const { heap } = this;
    const length = valueLength - TRAILER_BYTES;
    // Any address: it follows the value.
    const trailer = heap.view.getBigUint64(at + keyLength + length, true);
    const type = Number(trailer & 0xffn);
    return {
      key: this.keys.decode(heap, at, keyLength) as K,
      value: this.values.decode(heap, at + keyLength, length) as V,
      type: ENTRY_TYPES[type] ?? `type ${type}`,
      sequenceNumber: trailer >> 8n,
    };
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_sst_iterator_free(pointer as SstIteratorPtr);
}

function create(
  { native, staging, out }: Engine,
  reader: SstFileReaderPtr,
  flags: number,
  bounds: readonly (Bytes | undefined)[],
): SstIteratorPtr {
  const layout = SstIteratorOptionsLayout;
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    const put = (offset: number, value: number) => native.heap.setWord(at + offset, value);
    put(layout.flags, flags);
    [layout.lower, layout.upper].forEach((offset, index) => {
      const bound = bounds[index];
      if (bound !== undefined) staging.push(bound, index === 0 ? 'gte' : 'lt', MAX_KEY_BYTES);
      put(offset, bound === undefined ? 0 : staging.address);
      put(offset + 4, bound === undefined ? 0 : staging.length);
    });
    native.check(native.calls.rdb_sst_iterator_create(reader, at, out));
    return native.heap.getWord(out) as SstIteratorPtr;
  } finally {
    staging.end();
  }
}
