/** The bytes of a write batch, in linear memory, where C++ applies them. */
import { bytesOf } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import type { WriteBatchPtr } from './native/exports.gen.js';
import { type Bytes, outOfMemory } from './native/staging.js';
import { writeVarint } from './varint.js';

/** @internal A batch is held three times while it is written. */
export const MAX_BATCH_BYTES = 1024 * 1024 * 1024;
const VARINT_BYTES_MAX = 5;

/** @internal Grows in place; what was appended by a call that failed is cut off again with `length`. */
export class BatchBuffer {
  readonly #engine: Engine;
  readonly #pointer: WriteBatchPtr;
  /** Address and size of the bytes; they move only in #reserve. */
  #base = 0;
  #capacity = 0;
  /** Bytes that are in use. */
  length = 0;

  constructor(engine: Engine, pointer: WriteBatchPtr) {
    this.#engine = engine;
    this.#pointer = pointer;
  }

  /** Bytes that there is room for without growing. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The address of the byte at `offset`, until the next append. */
  address(offset: number): number {
    return this.#base + offset;
  }

  /** The bytes themselves, until the next append or call. */
  view(): Uint8Array {
    return this.#engine.native.heap.bytes(this.#base, this.length);
  }

  /** Room for `capacity` bytes in all. */
  reserve(capacity: number): void {
    const base = this.#engine.native.calls.rdb_write_batch_reserve(this.#pointer, capacity) >>> 0;
    if (base === 0) throw outOfMemory('the batch', capacity);
    this.#base = base;
    this.#capacity = capacity;
  }

  /** A record's tag, and its column family unless it is the default one. */
  tag(tag: number, familyId: number): void {
    this.#ensure(1 + VARINT_BYTES_MAX);
    this.#engine.native.heap.HEAPU8[this.#base + this.length++] = tag;
    if (familyId !== 0) this.#varint(familyId);
  }

  /** A length-prefixed slice, with `suffix` at its end; returns its length without the prefix. */
  slice(data: Bytes, what: string, limit: number, suffix?: Uint8Array): number {
    if (suffix !== undefined) return this.#suffixed(bytesOf(data, what), what, limit, suffix);
    const { heap } = this.#engine.native;
    if (typeof data !== 'string') {
      if (!(data instanceof Uint8Array)) throw wrongType(what, data);
      if (data.length > limit) throw tooLarge(what, data.length, limit);
      this.#ensure(VARINT_BYTES_MAX + data.length);
      this.#varint(data.length);
      this.#append(data);
      return data.length;
    }
    if (data.length > limit) throw tooLarge(what, data.length, limit);
    this.#ensure(VARINT_BYTES_MAX + data.length * 3);
    if (data.length * 3 < 0x80) {
      // The length takes one byte whatever the text is.
      const written = heap.writeText(data, this.#base + this.length + 1);
      this.#varint(written);
      this.length += written;
      return written;
    }
    const at = this.#base + this.length + VARINT_BYTES_MAX;
    const written = heap.writeText(data, at);
    if (written > limit) throw tooLarge(what, written, limit);
    this.#varint(written);
    heap.HEAPU8.copyWithin(this.#base + this.length, at, at + written);
    this.length += written;
    return written;
  }

  /** Records as they are. */
  raw(data: Uint8Array): void {
    this.#ensure(data.length);
    this.#append(data);
  }

  #suffixed(data: Uint8Array, what: string, limit: number, suffix: Uint8Array): number {
    if (data.length > limit) throw tooLarge(what, data.length, limit);
    const length = data.length + suffix.length;
    this.#ensure(VARINT_BYTES_MAX + length);
    this.#varint(length);
    this.#append(data);
    this.#append(suffix);
    return length;
  }

  #append(data: Uint8Array): void {
    this.#engine.native.heap.copyIn(data, this.#base + this.length);
    this.length += data.length;
  }

  #varint(value: number): void {
    const at = this.#base + this.length;
    this.length = writeVarint(this.#engine.native.heap.HEAPU8, at, value) - this.#base;
  }

  #ensure(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#capacity) return;
    if (needed > MAX_BATCH_BYTES) throw tooLarge('batch', needed, MAX_BATCH_BYTES);
    this.#engine.assertBudget(needed);
    this.reserve(Math.min(Math.max(needed, this.#capacity * 2), MAX_BATCH_BYTES));
  }
}

function wrongType(what: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${what}: expected a string or a Uint8Array, got ${value === null ? 'null' : typeof value}`,
  );
}

/** @internal */
export function tooLarge(what: string, bytes: number, limit: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `${what} of ${bytes} bytes: the limit is ${limit} bytes`,
  );
}
