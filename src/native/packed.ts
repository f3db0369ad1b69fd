/** Lists as C++ packs them (wasm/bindings/packed.h), read from a block that is freed afterwards. */
import type { Exports } from './exports.gen.js';
import { SliceLayout } from './exports.gen.js';
import type { Heap } from './heap.js';

/** @internal Reads on and on; each read takes a fresh view. */
export class PackedReader {
  readonly #heap: Heap;
  readonly #start: number;
  #at: number;

  constructor(heap: Heap, address: number) {
    this.#heap = heap;
    this.#start = address;
    this.#at = address;
  }

  word(): number {
    const value = this.#heap.getWord(this.#at);
    this.#at += 4;
    return value;
  }

  double(): number {
    const value = this.#heap.getDouble(this.#at);
    this.#at += 8;
    return value;
  }

  /** So many doubles under the names of a list. */
  doubles<Name extends string>(names: readonly Name[]): Record<Name, number> {
    return Object.fromEntries(names.map((name) => [name, this.double()])) as Record<Name, number>;
  }

  text(): string {
    const length = this.word();
    const text = this.#heap.readText(this.#at, length);
    this.#at += (length + 3) & ~3;
    return text;
  }

  bytes(): Uint8Array {
    const length = this.word();
    const bytes = this.#heap.copyOut(this.#at, length);
    this.#at += (length + 3) & ~3;
    return bytes;
  }

  /** A count, then names and values by turns. */
  map<Value>(value: () => Value): Record<string, Value> {
    const count = this.word();
    const entries: [string, Value][] = [];
    for (let i = 0; i < count; i++) entries.push([this.text(), value()]);
    return Object.fromEntries(entries);
  }

  /** Counted from where it began. */
  align(to: number): void {
    this.#at = this.#start + Math.ceil((this.#at - this.#start) / to) * to;
  }
}

interface PackedSource {
  readonly native: { readonly heap: Heap; readonly calls: Exports };
  readonly out: number;
}

/** Reads the block that the slice at `engine.out` says, and frees it; undefined when there is none. */
export function takePacked<T>(
  { native: { heap, calls }, out }: PackedSource,
  read: (reader: PackedReader, length: number) => T,
): T | undefined {
  const block = heap.getWord(out + SliceLayout.data);
  if (block === 0) return undefined;
  try {
    return read(new PackedReader(heap, block), heap.getWord(out + SliceLayout.length));
  } finally {
    calls.rdb_memory_free(block);
  }
}

/** The text of the slice at `engine.out`, freed. */
export function takeText({ native: { heap, calls }, out }: PackedSource): string {
  const block = heap.getWord(out + SliceLayout.data);
  const text = heap.readText(block, heap.getWord(out + SliceLayout.length));
  calls.rdb_memory_free(block);
  return text;
}
