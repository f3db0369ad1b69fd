/**
 * Data of many parts that crosses the boundary as one run of bytes: what one side writes in an order, the
 * other reads in the same. wasm/bindings/records.h is the other side.
 */
import { SliceLayout } from './exports.gen.js';
import type { Heap } from './heap.js';
import type { Native } from './module.js';
import type { Bytes } from './staging.js';

const encoder = new TextEncoder();
/** A double where it need not be aligned. */
const doubles = new Float64Array(1);
const words = new Uint32Array(doubles.buffer);
const padded = (length: number) => (length + 3) & ~3;

/** Reads linear memory from an address on. */
export class RecordReader {
  readonly #heap: Heap;
  #at: number;

  constructor(heap: Heap, at: number) {
    this.#heap = heap;
    this.#at = at;
  }

  word(): number {
    const value = this.#heap.getWord(this.#at);
    this.#at += 4;
    return value;
  }

  flag(): boolean {
    return this.word() !== 0;
  }

  long(): bigint {
    const low = this.word();
    return (BigInt(this.word()) << 32n) | BigInt(low);
  }

  double(): number {
    words[0] = this.word();
    words[1] = this.word();
    return doubles[0] as number;
  }

  /** So many doubles under the names of a list. */
  doubles<Name extends string>(names: readonly Name[]): Record<Name, number> {
    return Object.fromEntries(names.map((name) => [name, this.double()])) as Record<Name, number>;
  }

  /** Of a uint64 that is far below 2^53: a size, a count, a file number, a time. */
  number(): number {
    return Number(this.long());
  }

  text(): string {
    const length = this.word();
    const value = this.#heap.readText(this.#at, length);
    this.#at += padded(length);
    return value;
  }

  bytes(): Uint8Array {
    const length = this.word();
    const value = this.#heap.copyOut(this.#at, length);
    this.#at += padded(length);
    return value;
  }

  /** So many bytes, as `read` takes them; their length was read before. */
  data<T>(length: number, read: (heap: Heap, at: number, length: number) => T): T {
    const at = this.#at;
    this.#at += padded(length);
    return read(this.#heap, at, length);
  }

  /** Names and values by turns, as many as a word says. */
  map<Value>(value: () => Value): Record<string, Value> {
    return Object.fromEntries(this.list(() => [this.text(), value()] as const));
  }

  /** As many as a word says. */
  list<T>(one: (reader: RecordReader) => T): T[] {
    return Array.from({ length: this.word() }, () => one(this));
  }
}

/** Collects bytes, to be staged as one. */
export class RecordWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  word(value: number): this {
    const at = this.#grow(4);
    new DataView(this.#bytes.buffer).setUint32(at, value, true);
    return this;
  }

  flag(value: boolean): this {
    return this.word(value ? 1 : 0);
  }

  long(value: bigint | number): this {
    const at = this.#grow(8);
    new DataView(this.#bytes.buffer).setBigUint64(at, BigInt(value), true);
    return this;
  }

  bytes(value: Bytes): this {
    const data = typeof value === 'string' ? encoder.encode(value) : value;
    this.word(data.length);
    const at = this.#grow(padded(data.length));
    this.#bytes.set(data, at);
    return this;
  }

  list<T>(items: readonly T[], one: (item: T) => void): this {
    this.word(items.length);
    for (const item of items) one(item);
    return this;
  }

  texts(texts: readonly string[]): this {
    return this.list(texts, (text) => this.bytes(text));
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): number {
    const at = this.#length;
    const needed = at + by;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}

/** Reads the block that the slice at `out` names, and frees it. */
export function takeRecord<T>(native: Native, out: number, read: (reader: RecordReader) => T): T {
  const { heap, calls } = native;
  const block = heap.getWord(out + SliceLayout.data);
  try {
    return read(new RecordReader(heap, block));
  } finally {
    calls.rdb_memory_free(block);
  }
}

/** The text of the slice at `out`, freed; undefined when it is null. */
export function takeText({ heap, calls }: Native, out: number): string | undefined {
  const block = heap.getWord(out + SliceLayout.data);
  if (block === 0) return undefined;
  const text = heap.readText(block, heap.getWord(out + SliceLayout.length));
  calls.rdb_memory_free(block);
  return text;
}
