/** Reading the write-ahead log: RocksDB's TransactionLogIterator. */

import type { Engine } from './engine.js';
import { InvalidArgumentError, LogGapError } from './errors.js';
import {
  type DbPtr,
  LogFound,
  LogUpdateLayout,
  type TransactionLogIteratorPtr,
} from './native/exports.gen.js';
import type { Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { shown } from './shown.js';
import { decodeWriteBatch, type WriteBatchOperation } from './write-batch-decoder.js';

export interface UpdatesOptions {
  /**
   * At the end of the log, `for await` waits for the next write instead of ending: until the signal, or until
   * the database is closed, which ends the loop. Default: false.
   */
  follow?: boolean;
  /**
   * Milliseconds between two looks when following, where writes are not made through this engine: on a
   * secondary. Writes to this database are noticed at once in any case. Default: no such looks.
   */
  pollInterval?: number;
  /** Ends `for await`: it throws the signal's reason. */
  signal?: AbortSignal;
  /** Default: true. */
  verifyChecksums?: boolean;
  /**
   * Go on behind what the log does not have (files of it deleted, writes with `disableWAL`, ingested files)
   * instead of throwing LogGapError. Default: false.
   */
  allowGaps?: boolean;
}

/** One batch of the log: what was written atomically. */
export class LogUpdate {
  /** The sequence number of its first operation. Each operation takes one. */
  readonly sequence: bigint;
  /** Where the next batch begins: what to go on from, `getUpdatesSince(nextSequence)`. */
  readonly nextSequence: bigint;
  /** RocksDB's representation of the batch, a copy. */
  readonly data: Uint8Array;
  #operations: readonly WriteBatchOperation[] | undefined;

  /** @internal */
  constructor(sequence: bigint, nextSequence: bigint, data: Uint8Array) {
    this.sequence = sequence;
    this.nextSequence = nextSequence;
    this.data = data;
  }

  /** Its operations, in order; decoded when they are first asked for. */
  get batch(): readonly WriteBatchOperation[] {
    this.#operations ??= decodeWriteBatch(this.data);
    return this.#operations;
  }
}

/** Told when an iterator is freed, by whom that may be. It does not lead to the iterator. */
interface Waiter {
  wake: (() => void) | undefined;
}

/**
 * The batches of the log from a sequence number on, in order; made by `db.getUpdatesSince()`. Loop over it with
 * `for await`, which can follow the log, or with `for`, which ends where the log does at that moment; both
 * free it when they are left, however that is. Or call `next()`, and free it yourself. It keeps a file of the
 * log open, no more.
 */
export class TransactionLogIterator
  extends NativeObject
  implements Iterable<LogUpdate>, AsyncIterable<LogUpdate>
{
  readonly #engine: Engine;
  readonly #db: DbPtr;
  readonly #options: UpdatesOptions;
  readonly #waiter: Waiter;
  #next: bigint;

  /** @internal */
  constructor(
    engine: Engine,
    db: NativeObject,
    pointer: DbPtr,
    sequence: bigint,
    options: UpdatesOptions,
  ) {
    const { native, out } = engine;
    const waiter: Waiter = { wake: undefined };
    native.check(
      native.calls.rdb_transaction_log_iterator_create(
        pointer,
        Number(sequence),
        options.verifyChecksums === false ? 0 : 1,
        options.allowGaps === true ? 1 : 0,
        out,
      ),
    );
    const created = native.heap.getWord(out);
    super(engine.context, 'transactionLogIterator', db, created, releaserOf(waiter));
    this.#engine = engine;
    this.#db = pointer;
    this.#options = options;
    this.#waiter = waiter;
    this.#next = sequence;
  }

  /** The sequence number that the next batch is looked for from. */
  get nextSequence(): bigint {
    return this.#next;
  }

  /**
   * The next batch; undefined when there is none yet: call it again later. Throws LogGapError when the
   * log does not have what comes next, CorruptionError and IOError as RocksDB reports.
   */
  next(): LogUpdate | undefined {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    const { native, out } = this.#engine;
    const { heap } = native;
    const layout = LogUpdateLayout;
    const pointer = this.core.pointer as TransactionLogIteratorPtr;
    native.check(native.calls.rdb_transaction_log_iterator_read(this.#db, pointer, out));
    const sequence = BigInt(heap.getDouble(out + layout.sequence));
    const next = BigInt(heap.getDouble(out + layout.next));
    const found = heap.getWord(out + layout.found);
    if (found === LogFound.LogGap) throw gap(next, sequence);
    if (found === LogFound.LogEnd) {
      if (sequence > this.#next) this.#next = sequence;
      return undefined;
    }
    this.#next = next;
    const data = heap.getWord(out + layout.data);
    return new LogUpdate(sequence, next, heap.copyOut(data, heap.getWord(out + layout.length)));
  }

  /** The batches that there are by now; at the end, or when it is left, it is freed. */
  *[Symbol.iterator](): Iterator<LogUpdate, undefined> {
    try {
      for (let update = this.next(); update !== undefined; update = this.next()) yield update;
    } finally {
      this.free();
    }
  }

  /** The batches as they come; it is freed when it is left or throws. */
  [Symbol.asyncIterator](): AsyncIterator<LogUpdate, undefined> {
    const end = { done: true, value: undefined } as const;
    return {
      next: async () => {
        try {
          const update = await this.#nextOrEnd();
          if (update !== undefined) return { done: false, value: update };
          this.free();
          return end;
        } catch (error) {
          this.free();
          throw error;
        }
      },
      // Also while a next() waits: it ends then.
      return: async () => {
        this.free();
        return end;
      },
    };
  }

  /** The next batch, waited for when following; undefined at the end of the loop. */
  async #nextOrEnd(): Promise<LogUpdate | undefined> {
    const { signal, follow } = this.#options;
    for (;;) {
      signal?.throwIfAborted();
      if (this.freed && !this.#engine.crashed) return undefined;
      const update = this.next();
      if (update !== undefined || follow !== true) return update;
      await this.#grown();
    }
  }

  /** Until something was written, it was freed, the signal came, or the time to look has come. */
  async #grown(): Promise<void> {
    const { signal, pollInterval } = this.#options;
    const { watchers } = this.#engine.context;
    const { native } = this.#engine;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wake = () => {};
    const written = () => {
      if (native.stopped) wake();
      else if (native.calls.rdb_db_latest_sequence_number(this.#db) >= this.#next) wake();
    };
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiter.wake = resolve;
        watchers.add(written);
        signal?.addEventListener('abort', wake, { once: true });
        if (pollInterval !== undefined) timer = setTimeout(wake, pollInterval);
      });
    } finally {
      this.#waiter.wake = undefined;
      watchers.delete(written);
      signal?.removeEventListener('abort', wake);
      clearTimeout(timer);
    }
  }
}

function releaserOf(waiter: Waiter): Release {
  return ({ context, pointer }) => {
    context.native.calls.rdb_transaction_log_iterator_free(pointer as TransactionLogIteratorPtr);
    waiter.wake?.();
  };
}

function gap(from: bigint, next: bigint): LogGapError {
  return new LogGapError(
    `the log has nothing of the sequence numbers ${from} to ${next - 1n}: its files were deleted, or those ` +
      'writes did not go through it. Take a new copy of the data, or pass allowGaps to go on behind them',
    from,
    next,
  );
}

/** Checks what getUpdatesSince() was given. */
export function checkUpdatesArguments(sequence: unknown, options: UpdatesOptions): bigint {
  const wrong = (message: string) =>
    new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', `getUpdatesSince: ${message}`);
  const exact = typeof sequence === 'bigint' || Number.isSafeInteger(sequence);
  if (!exact || BigInt(sequence as bigint) < 0n || BigInt(sequence as bigint) > LAST_SEQUENCE) {
    throw wrong(`expected a sequence number from 0 to ${LAST_SEQUENCE}, got ${shown(sequence)}`);
  }
  if (typeof options !== 'object' || options === null) throw wrong('options: expected an object');
  const { signal, pollInterval } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw wrong('signal: expected an AbortSignal');
  }
  if (pollInterval !== undefined && !(pollInterval > 0 && pollInterval < 2 ** 31)) {
    throw wrong(`pollInterval: expected milliseconds, above 0, got ${shown(pollInterval)}`);
  }
  for (const name of ['follow', 'verifyChecksums', 'allowGaps'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw wrong(`${name}: expected true or false, got ${shown(value)}`);
    }
  }
  return BigInt(sequence as bigint) || 1n;
}

/** Beyond it numbers are not exact; RocksDB itself goes to 2^56. */
const LAST_SEQUENCE = BigInt(Number.MAX_SAFE_INTEGER);
