import type { Engine } from './engine.js';
import { InvalidOptionError } from './errors.js';
import { type CachePtr, CacheType } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';

export interface CacheOptions {
  /** Bytes that the cache may hold. */
  capacity: number;
  /** `lru` (default), or `hyperClock`. */
  type?: 'lru' | 'hyperClock';
  /** The cache has 2^n shards; -1 (default): as many as RocksDB finds right for the capacity. */
  shardBits?: number;
  /** Refuse what does not fit instead of growing beyond the capacity. Default: false. */
  strictCapacityLimit?: boolean;
  /** Share of an LRU cache that index and filter blocks cannot lose to data blocks. Default: 0.5. */
  highPriorityPoolRatio?: number;
}

const OPTIONS = ['capacity', 'type', 'shardBits', 'strictCapacityLimit', 'highPriorityPoolRatio'];

/**
 * A block cache that several databases and column families of one engine share: pass it as
 * `blockBasedTable: { blockCache }`. The databases keep it alive; freeing the handle gives up only the
 * handle's own hold.
 */
export class Cache extends NativeObject {
  readonly #engine: Engine;

  constructor(engine: Engine, options: CacheOptions) {
    const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw invalid(
        unknown,
        options[unknown as keyof CacheOptions],
        `one of ${OPTIONS.join(', ')}`,
      );
    }
    const { capacity, type = 'lru', shardBits = -1, highPriorityPoolRatio = 0.5 } = options;
    checkRange('capacity', capacity, 0, 0xffffffff);
    checkRange('shardBits', shardBits, -1, 19);
    if (!(highPriorityPoolRatio >= 0 && highPriorityPoolRatio <= 1)) {
      throw invalid('highPriorityPoolRatio', highPriorityPoolRatio, 'a number from 0 to 1');
    }
    if (type !== 'lru' && type !== 'hyperClock') {
      throw invalid('type', type, "'lru' or 'hyperClock'");
    }
    engine.assertUsable();
    const { native, out } = engine;
    native.check(
      native.calls.rdb_cache_create(
        type === 'lru' ? CacheType.CacheLru : CacheType.CacheHyperClock,
        capacity,
        shardBits,
        options.strictCapacityLimit === true ? 1 : 0,
        highPriorityPoolRatio,
        out,
      ),
    );
    const pointer = native.heap.getWord(out) as CachePtr;
    super(engine.context, 'cache', engine, pointer, releaseCache);
    this.#engine = engine;
  }

  /** Bytes of the blocks in it. */
  get usage(): number {
    return this.#calls().rdb_cache_usage(this.#pointer);
  }

  /** Bytes of the blocks that are in use at the moment, by iterators and pinned values. */
  get pinnedUsage(): number {
    return this.#calls().rdb_cache_pinned_usage(this.#pointer);
  }

  /** Changes the capacity, in bytes; blocks beyond it are dropped. */
  setCapacity(capacity: number): void {
    checkRange('capacity', capacity, 0, 0xffffffff);
    this.#calls().rdb_cache_set_capacity(this.#pointer, capacity);
  }

  /** Drops every block that nothing uses at the moment. */
  eraseUnused(): void {
    this.#calls().rdb_cache_erase_unused(this.#pointer);
  }

  /** @internal The pointer, when the cache is live and of this engine. */
  pointerFor(engine: Engine): CachePtr {
    this.assertLive();
    if (engine !== this.#engine) {
      throw invalid('blockCache', this, 'a Cache of the same engine');
    }
    this.touch();
    return this.#pointer;
  }

  get #pointer(): CachePtr {
    return this.core.pointer as CachePtr;
  }

  #calls() {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine.native.calls;
  }
}

function releaseCache({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_cache_free(pointer as CachePtr);
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalid(name, value, `an integer from ${least} to ${most}`);
  }
}

function invalid(name: string, value: unknown, expected: string): InvalidOptionError {
  const got = value instanceof Cache ? 'one of another engine' : JSON.stringify(value);
  return new InvalidOptionError(`${name}: expected ${expected}, got ${got}`, name, value);
}
