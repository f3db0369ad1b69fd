import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import type { PinnedSlicePtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';

/**
 * A value that is read where RocksDB has it: in a block of the block cache, which cannot be evicted as long,
 * or in a buffer of the slice's own (a value from a memtable, or merged). Free it soon.
 */
export class PinnedSlice extends NativeObject {
  /** Bytes. */
  readonly length: number;
  readonly #engine: Engine;
  readonly #address: number;

  /** @internal Made by `db.getPinned()`. */
  constructor(
    engine: Engine,
    parent: NativeObject,
    family: AnyColumnFamily,
    pointer: PinnedSlicePtr,
    address: number,
    length: number,
  ) {
    super(engine.context, 'pinnedSlice', parent, pointer, releasePinnedSlice);
    this.#engine = engine;
    this.#address = address;
    this.length = length;
    this.core.families = [family.core];
    if (family.dropped) this.core.orphan();
  }

  /**
   * The bytes in linear memory, uncopied: made anew at each access, and valid until the next call into
   * the engine (memory may grow and leave it detached) or free(). Only for reading: the block belongs to the cache.
   */
  get view(): Uint8Array {
    return this.#bytes();
  }

  /** The bytes, as a copy of one's own. */
  copy(): Uint8Array {
    return this.#bytes().slice();
  }

  #bytes(): Uint8Array {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine.native.heap.bytes(this.#address, this.length);
  }
}

function releasePinnedSlice({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_pinned_slice_free(pointer as PinnedSlicePtr);
  context.settle();
}
