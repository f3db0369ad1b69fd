import { BulkHeap } from './bulk-heap.js';
import {
  type BulkChunk,
  type BulkEntry,
  type BulkOperation,
  type BulkSettings,
  type BulkTotals,
  type BulkWriterOptions,
  bulkSettings,
} from './bulk-writer-options.js';
import type { AnyColumnFamily } from './column-family.js';
import type { Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import {
  BulkWriteError,
  CallbackError,
  EngineCrashedError,
  InvalidArgumentError,
} from './errors.js';
import { grouped } from './monitor/text.js';
import { NativeObject } from './native/native-object.js';
import { warn } from './native/warning.js';
import { shown } from './shown.js';
import { type BatchOperationOptions, WriteBatch } from './write-batch.js';
import { type WriteOptions, writeFlags } from './write-options.js';

/** @internal A database as a bulk writer sees it. */
export interface BulkTarget extends NativeObject {
  readonly engine: Engine;
  readonly path: string;
  write(
    // biome-ignore lint/suspicious/noExplicitAny: a batch of whatever encodings
    batch: WriteBatch<any, any>,
    options: Omit<WriteOptions, 'columnFamily' | 'timestamp'>,
  ): void;
  flush(): void;
  syncWAL(): void;
}

/** What an entry must have at least for the heap to be looked at before it is taken. */
const LARGE_BYTES = 64 * 1024;
/** A buffer that grew to more than so many times what batches have is given back. */
const SPARE_MAX = 4;
/** Turns that background work is waited for, in which it runs. */
const TURNS_MAX = 10_000;

/** What its release knows of it. */
interface Unwritten {
  entries: number;
}

/**
 * Writes any amount of entries, batch by batch, in one buffer that is used again. Each batch is atomic, all of them
 * together are not. Entries go in by `add` (at once), by `put`, `delete`, `merge` and `write` (which let the host
 * do its own work after each batch: await them), or by the stream `writable`. `close()` writes the rest.
 *
 * An entry that cannot be encoded is an error of the call that brought it, and nothing else happens. A batch that cannot be
 * written stops the writer: that call, every later one and close() throw the same BulkWriteError, which says how
 * much was written. Freed without close(), it drops what it has taken and not written, with a warning.
 */
export class BulkWriter<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  readonly #db: BulkTarget;
  readonly #default: AnyColumnFamily;
  readonly #where: BatchOperationOptions;
  readonly #settings: BulkSettings;
  readonly #heap: BulkHeap;
  readonly #unwritten: Unwritten;
  #batch: WriteBatch<KE, VE>;
  #targetBytes: number;
  #entries = 0;
  #bytes = 0;
  #batches = 0;
  #failure: BulkWriteError | undefined;
  /** Once it is over. */
  #totals: BulkTotals | undefined;
  #stream: WritableStream<BulkChunk<KE, VE>> | undefined;

  /** @internal Made by the database. `family`: where entries go that do not say. */
  constructor(
    db: BulkTarget,
    defaultFamily: AnyColumnFamily,
    family: AnyColumnFamily,
    options: BulkWriterOptions,
  ) {
    const { engine } = db;
    const settings = bulkSettings(options, engine.maxHeapBytes);
    writeFlags(settings.write); // says what is wrong with them
    const unwritten: Unwritten = { entries: 0 };
    super(engine.context, 'bulkWriter', db, 0, ({ record }) => {
      if (unwritten.entries > 0) warn(`bulkWriter #${record.id}: ${lost(unwritten.entries)}`);
    });
    this.#db = db;
    this.#default = defaultFamily;
    this.#where = family === defaultFamily ? {} : { columnFamily: family };
    this.#settings = settings;
    this.#unwritten = unwritten;
    this.#heap = new BulkHeap(engine.heap, settings.heapBudgetBytes, settings.maxBatchBytes);
    try {
      this.#batch = this.#makeBatch();
    } catch (error) {
      this.free();
      throw error;
    }
    this.#targetBytes = this.#heap.batchBytes(this.#batch.capacityBytes);
  }

  /** What was written so far; entries that wait for their batch are not in it. */
  get totals(): BulkTotals {
    if (this.#totals !== undefined) return this.#totals;
    const { peakBytes: peakHeapBytes } = this.#heap;
    return {
      entries: this.#entries,
      bytes: this.#bytes,
      batches: this.#batches,
      peakHeapBytes,
    };
  }

  /** Entries that were taken and wait for their batch. */
  get pending(): number {
    return this.#unwritten.entries;
  }

  /** Bytes at which the present batch is written: what the heap has room for, up to `maxBatchBytes`. */
  get batchBytes(): number {
    return this.#targetBytes;
  }

  /** Takes an entry; writes the batch when that is full, before it returns. True: it did. */
  add(entry: BulkEntry<KE, VE>): boolean {
    this.#begin();
    if (Array.isArray(entry)) {
      const [key, value] = entry as readonly [unknown, unknown];
      if (entry.length !== 2)
        throw invalid(`entry: expected [key, value], got ${entry.length} items`);
      return this.#take('put', key, value, this.#where);
    }
    if (typeof entry !== 'object' || entry === null) {
      throw invalid(
        `entry: expected [key, value] or { type, key, value }, got ${entry === null ? 'null' : typeof entry}`,
      );
    }
    const { type = 'put', key, value, columnFamily, timestamp } = entry as BulkOperation<KE, VE>;
    if (!TYPES.has(type)) {
      throw invalid(`type: expected ${[...TYPES].join(', ')}, got ${shown(type)}`);
    }
    const elsewhere = columnFamily !== undefined || timestamp !== undefined;
    const where = elsewhere
      ? { ...this.#where, ...defined({ columnFamily, timestamp }) }
      : this.#where;
    return this.#take(type, key, value, where);
  }

  /** Adds a put; when it resolves there is room for more, and what is full has been written. */
  async put(key: Encodable<KE>, value: Encodable<VE>, options?: BatchOperationOptions) {
    await this.#rest(this.add({ type: 'put', key, value, ...options }));
  }

  /** Deletes a key; it need not exist. */
  async delete(key: Encodable<KE>, options?: BatchOperationOptions): Promise<void> {
    await this.#rest(this.add({ type: 'delete', key, ...options }));
  }

  /** Adds an operand for the column family's `mergeOperator`. */
  async merge(key: Encodable<KE>, operand: Encodable<VE>, options?: BatchOperationOptions) {
    await this.#rest(this.add({ type: 'merge', key, value: operand, ...options }));
  }

  /** Takes many; after an error those before the wrong one are taken. */
  async write(
    entries: Iterable<BulkEntry<KE, VE>> | AsyncIterable<BulkEntry<KE, VE>>,
  ): Promise<void> {
    this.#begin();
    if (typeof entries !== 'object' || entries === null) {
      throw invalid(
        `write: expected entries to loop over, got ${entries === null ? 'null' : typeof entries}`,
      );
    }
    if (Symbol.asyncIterator in entries) {
      for await (const entry of entries) await this.#rest(this.add(entry));
    } else if (Symbol.iterator in entries) {
      for (const entry of entries) if (this.add(entry)) await this.#rest(true);
    } else {
      throw invalid('write: expected entries to loop over, got an object');
    }
  }

  /** Writes the present batch now, whatever its size. */
  commit(): void {
    this.#begin();
    this.#commit();
  }

  /**
   * The writer as a stream, which holds its source up while a batch is written. To close it closes the writer, to abort it
   * aborts the writer; an error of an entry or a batch ends both. For Node's streams: `Writable.fromWeb(...)`.
   */
  get writable(): WritableStream<BulkChunk<KE, VE>> {
    this.#stream ??= new WritableStream<BulkChunk<KE, VE>>({
      write: (chunk) => this.#takeChunk(chunk),
      close: () => {
        this.close();
      },
      abort: () => {
        this.abort();
      },
    });
    return this.#stream;
  }

  /**
   * Writes the rest, syncs if that was asked for, and frees the writer; returns what was written in all. Throws the
   * BulkWriteError that it stopped with. Again: the same totals.
   */
  close(): BulkTotals {
    if (this.#totals !== undefined && this.#failure === undefined) return this.#totals;
    if (this.#failure !== undefined) {
      this.abort();
      throw this.#failure;
    }
    this.#begin();
    try {
      try {
        this.#commit();
      } finally {
        // What onProgress throws does not undo the batch.
        if (this.#failure === undefined) this.#syncAtEnd();
      }
      return this.totals;
    } finally {
      this.abort();
    }
  }

  /** Drops what is not written, and frees the writer; returns what was written. */
  abort(): BulkTotals {
    if (!this.freed) this.#totals = this.totals;
    this.#unwritten.entries = 0;
    super.free();
    return this.totals;
  }

  /** `await using`: closes it, unless it has stopped by an error, which somebody has been told then. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined && !this.freed) this.close();
    else this.abort();
  }

  /** Like abort(), with a warning when entries are dropped. */
  override free(): void {
    if (!this.freed) this.#totals = this.totals;
    super.free();
  }

  #begin(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#db.engine.assertUsable();
    this.assertLive();
    this.touch();
  }

  #makeBatch(): WriteBatch<KE, VE> {
    const { engine } = this.#db;
    const batch = new WriteBatch<KE, VE>(engine, this.#db, this.#default, {}, this);
    batch.core.unwatch(); // when the writer is lost, that is what is told
    return batch;
  }

  #take(
    type: NonNullable<BulkOperation['type']>,
    key: unknown,
    value: unknown,
    where: BatchOperationOptions,
  ): boolean {
    const bytes = weightOf(key) + weightOf(value);
    if (bytes >= LARGE_BYTES) this.#prepareFor(bytes);
    const batch = this.#batch as WriteBatch<'json', 'json'>;
    if (type === 'put' || type === 'merge') batch[type](key, value, where);
    else batch[type](key, where);
    this.#unwritten.entries = batch.count;
    const full =
      batch.byteLength >= this.#targetBytes || batch.count >= this.#settings.maxBatchEntries;
    if (full) this.#commit();
    return full;
  }

  /** Of an entry that is not taken yet: nothing is lost when it has no room. */
  #prepareFor(bytes: number): void {
    if (this.#batch.count > 0 && this.#batch.byteLength + bytes > this.#targetBytes) this.#commit();
    // The buffer grows by a copy, and the memtable gets another.
    this.#heap.makeRoom(3 * bytes, 1, () => this.#db.flush());
  }

  #commit(): void {
    const batch = this.#batch;
    const { count, byteLength } = batch;
    if (count === 0) return;
    const { write, onProgress, maxBatchBytes } = this.#settings;
    let late: unknown;
    try {
      this.#heap.makeRoom(2 * byteLength, count, () => this.#db.flush());
      this.#db.write(batch, write);
    } catch (error) {
      // A callback may have thrown in background work that the write ran, once it was done itself.
      if (!(error instanceof CallbackError) || !error.applied) this.#fail(error);
      late = error;
    }
    this.#unwritten.entries = 0;
    this.#entries += count;
    this.#bytes += byteLength;
    this.#batches++;
    batch.clear();
    if (batch.capacityBytes > SPARE_MAX * maxBatchBytes) {
      batch.free();
      this.#batch = this.#makeBatch();
    }
    const inUseBytes = this.#heap.look();
    this.#targetBytes = this.#heap.batchBytes(this.#batch.capacityBytes);
    if (late !== undefined) throw late;
    onProgress?.({ ...this.totals, batchEntries: count, batchBytes: byteLength, inUseBytes });
  }

  #fail(cause: unknown): never {
    if (cause instanceof EngineCrashedError) throw cause;
    const { entries } = this.#unwritten;
    this.#failure = new BulkWriteError(
      `a batch of ${grouped(entries)} entries could not be written, after ${grouped(this.#entries)} entries ` +
        `that were: ${cause instanceof Error ? cause.message : String(cause)}`,
      this.totals,
      entries,
      { cause },
    );
    this.#unwritten.entries = 0;
    throw this.#failure;
  }

  #syncAtEnd(): void {
    const { sync, write } = this.#settings;
    if (sync !== 'close' || this.#batches === 0) return;
    try {
      if (write.disableWAL === true) this.#db.flush();
      else this.#db.syncWAL();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** After a batch: a turn of the host's, and those in which background work runs in `idle` mode. */
  async #rest(wrote: boolean): Promise<void> {
    if (!wrote) return;
    const { engine } = this.#db;
    await nextTurn();
    if (engine.background !== 'idle') return;
    for (let turn = 0; turn < TURNS_MAX && !engine.native.stopped; turn++) {
      if (engine.pendingJobs === 0) return;
      await nextTurn();
    }
  }

  async #takeChunk(chunk: BulkChunk<KE, VE>): Promise<void> {
    try {
      if (
        typeof chunk === 'object' &&
        chunk !== null &&
        'entries' in chunk &&
        !Array.isArray(chunk)
      ) {
        await this.write((chunk as { entries: Iterable<BulkEntry<KE, VE>> }).entries);
      } else {
        await this.#rest(this.add(chunk as BulkEntry<KE, VE>));
      }
    } catch (error) {
      // The stream is over with this, and calls neither close nor abort.
      if (this.#failure === undefined && !this.freed) {
        try {
          this.#fail(error);
        } catch (failure) {
          this.abort();
          throw failure;
        }
      }
      this.abort();
      throw error;
    }
  }
}

const TYPES: ReadonlySet<string> = new Set(['put', 'delete', 'singleDelete', 'merge']);

/** Bytes that a key or value takes at most, as far as that is known without encoding it. */
function weightOf(value: unknown): number {
  if (typeof value === 'string')
    return value.length < LARGE_BYTES ? value.length : 3 * value.length;
  return value instanceof Uint8Array ? value.length : 0;
}

function defined<T extends object>(given: T): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

function lost(entries: number): string {
  return `${grouped(entries)} ${entries === 1 ? 'entry was' : 'entries were'} dropped, not written: call close()`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
