/**
 * How arguments get into linear memory: small ones into the engine's scratch area, large ones into a block
 * that is freed after the call.
 */
import { HeapLimitError, InvalidArgumentError } from '../errors.js';
import type { Ledger, LedgerRecord } from '../monitor/ledger.js';
import type { HostObject } from './host-callbacks.js';
import type { Native } from './module.js';

/** RocksDB's limit for keys. */
export const MAX_KEY_BYTES = 8 * 1024 * 1024;
/** The longest value that is taken: it is held several times on the way to the memtable and the log. */
export const MAX_VALUE_BYTES = 256 * 1024 * 1024;

export type Bytes = string | Uint8Array;

/** The most bytes that `data` can take as UTF-8; throws when it is no string and no Uint8Array. */
function capacityOf(data: Bytes, what: string): number {
  if (typeof data === 'string') return data.length * 3;
  if (data instanceof Uint8Array) return data.length;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${what}: expected a string or a Uint8Array, got ${describe(data)}`,
  );
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  const kind = typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
  const text = typeof value === 'object' ? '' : ` ${String(value).slice(0, 40)}`;
  return `${kind}${text}`;
}

function tooLong(what: string, bytes: number, limit: number): never {
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `${what} of ${bytes} bytes: the limit is ${limit} bytes`,
  );
}

/** A block on the wasm heap, and its record. */
interface Block {
  readonly address: number;
  readonly record: LedgerRecord;
}

/**
 * @internal A place for the arguments of one call. `begin()`, `push()` each, call the wasm with what push returned
 * (address in `address`, length in `length`), and `end()` in a finally.
 */
export class Staging {
  readonly #native: Native;
  readonly #ledger: Ledger;
  readonly #engine: LedgerRecord;
  readonly #base: number;
  readonly #end: number;
  #at: number;
  #blocks: Block[] = [];
  #callbacks: number[] = [];
  /** Where the last push() went. */
  address = 0;
  /** Its length in bytes. */
  length = 0;

  constructor(native: Native, ledger: Ledger, engine: LedgerRecord) {
    this.#native = native;
    this.#ledger = ledger;
    this.#engine = engine;
    this.#base = native.info.transferIn;
    this.#end = native.info.transferIn + native.info.transferBytes;
    this.#at = this.#base;
  }

  /** Throws when the engine is at work: the arguments of that call are still in use. */
  begin(): void {
    this.#native.assertIdle();
    this.#at = this.#base;
  }

  end(): void {
    if (this.#callbacks.length > 0) {
      for (const id of this.#callbacks.splice(0)) this.#native.callbacks.release(id);
    }
    if (this.#blocks.length === 0) return;
    const blocks = this.#blocks;
    this.#blocks = [];
    for (const { address, record } of blocks) {
      this.#ledger.remove(record, 'freed');
      // After a crash they go with the engine, and the call's own error is the one to be seen.
      if (!this.#native.stopped) this.#native.calls.rdb_memory_free(address);
    }
  }

  /** Puts bytes or UTF-8 text into memory. */
  push(data: Bytes, what: string, limit: number): void {
    const capacity = capacityOf(data, what);
    const { heap } = this.#native;
    this.address = this.#reserve(capacity, what, limit, data);
    if (typeof data === 'string') {
      this.length = heap.writeText(data, this.address);
      if (this.length > limit) tooLong(what, this.length, limit);
    } else {
      this.length = capacity;
      heap.copyIn(data, this.address);
    }
  }

  /** A number for an object of the host's, which C++ may take until end(). */
  lend(object: HostObject): number {
    const id = this.#native.callbacks.add(object);
    this.#callbacks.push(id);
    return id;
  }

  /** Room for `bytes` bytes, 8-byte aligned, not initialized. */
  reserve(bytes: number): number {
    return this.#reserve(bytes, 'arguments', 0xffffffff, '');
  }

  #reserve(capacity: number, what: string, limit: number, data: Bytes): number {
    const at = this.#at;
    if (capacity <= this.#end - at) {
      this.#at = (at + capacity + 7) & ~7;
      return at;
    }
    // A text may be shorter than its capacity; only far beyond the limit is it surely too long.
    if (typeof data === 'string' ? data.length > limit : capacity > limit) {
      tooLong(what, typeof data === 'string' ? data.length : capacity, limit);
    }
    const block = this.#native.calls.rdb_memory_alloc(capacity) >>> 0;
    if (block === 0) throw outOfMemory(what, capacity);
    const record = this.#ledger.add('buffer', this.#engine, `${what} of ${capacity} bytes`);
    this.#blocks.push({ address: block, record });
    return block;
  }
}

export function outOfMemory(what: string, bytes: number): HeapLimitError {
  return new HeapLimitError(
    'ERR_ROCKSDB_OUT_OF_MEMORY',
    `no memory for ${what} of ${bytes} bytes: free handles, or raise maxMemoryBytes`,
  );
}
