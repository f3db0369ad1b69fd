import { stageCacheOptions } from './cache-options.js';
import type { Engine } from './engine.js';
import { InvalidOptionError } from './errors.js';
import { CacheFiguresLayout, type CachePtr, CacheType } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import {
  type Check,
  checkFields,
  flag,
  instanceOf,
  integer,
  number,
  oneOf,
} from './option-checks.js';
import {
  COMPRESSED_CHECKS,
  CompressedSecondaryCache,
  type CompressedTierOptions,
  compressedFields,
} from './secondary-cache.js';
import { SharedResource } from './shared-resource.js';

export interface CacheOptions {
  /** Bytes that the cache may hold; of a tiered cache, both tiers together. */
  capacity: number;
  /** `lru` (default), or `hyperClock`: for block caches only. */
  type?: 'lru' | 'hyperClock';
  /** The cache has 2^n shards; -1 (default): as many as RocksDB finds right for the capacity. */
  shardBits?: number;
  /** Refuse what does not fit instead of growing beyond the capacity. Default: false. */
  strictCapacityLimit?: boolean;
  /** Share of an LRU cache that index and filter blocks cannot lose to data blocks. Default: 0.5. */
  highPriorityPoolRatio?: number;
  /** Share of an LRU cache for blocks of low priority, such as blobs. Default: 0. */
  lowPriorityPoolRatio?: number;
  /** Count the cache's own tables against the capacity. Default: true. */
  chargeMetadata?: boolean;
  /** Of a hyper-clock cache: mean bytes of an entry; 0 (default): its table grows as needed. */
  estimatedEntryCharge?: number;
  /** Of a hyper-clock cache whose table grows: no entry is smaller on average. Default: 450. */
  minAvgEntryCharge?: number;
  /** Of a hyper-clock cache: how much in use it looks through to find what can go. Default: 30. */
  evictionEffortCap?: number;
  /** Takes, compressed, what the cache drops; looked into when a block is not found. */
  secondaryCache?: CompressedSecondaryCache;
  /** Makes it a tiered cache: one budget for an uncompressed and a compressed tier. */
  tiered?: TieredCacheOptions;
}

const ADMISSION = ['auto', 'placeholder', 'allowCacheHits', 'threeQueue', 'allowAll'] as const;
const USABLE_ADMISSION = ['auto', 'placeholder', 'allowCacheHits', 'allowAll'] as const;

/** What the compressed tier takes: by default, a block that was dropped for the second time. */
export type AdmissionPolicy = (typeof USABLE_ADMISSION)[number];

export interface TieredCacheOptions extends CompressedTierOptions {
  /** Share of the capacity that the compressed tier has, above 0 and below 1. */
  compressedSecondaryRatio: number;
  /** Default: `auto`. */
  admissionPolicy?: AdmissionPolicy;
}

/** What changes of a tiered cache; what is not given stays. */
export interface TieredCacheUpdate {
  capacity?: number;
  /** 0 turns the compressed tier off for good. */
  compressedSecondaryRatio?: number;
  admissionPolicy?: AdmissionPolicy;
}

const ratio = number(0, 1);
const capacity = integer(0);
const CHECKS: Readonly<Record<keyof CacheOptions, Check>> = {
  capacity,
  type: oneOf(['lru', 'hyperClock']),
  shardBits: integer(-1, 19),
  strictCapacityLimit: flag,
  highPriorityPoolRatio: ratio,
  lowPriorityPoolRatio: ratio,
  chargeMetadata: flag,
  estimatedEntryCharge: capacity,
  minAvgEntryCharge: integer(1),
  evictionEffortCap: integer(1),
  secondaryCache: (value, path) => instanceOf(CompressedSecondaryCache)(value, path),
  tiered: (value, path) => checkFields(value, TIERED_CHECKS, path),
};
const TIERED_CHECKS: Readonly<Record<keyof TieredCacheOptions, Check>> = {
  ...COMPRESSED_CHECKS,
  compressedSecondaryRatio: number(Number.MIN_VALUE, 1 - Number.EPSILON),
  admissionPolicy: oneOf(USABLE_ADMISSION),
};
/** Which type has an option; the others would ignore it. */
const ONLY = {
  hyperClock: ['estimatedEntryCharge', 'minAvgEntryCharge', 'evictionEffortCap'],
  lru: ['highPriorityPoolRatio', 'lowPriorityPoolRatio'],
} as const;

/**
 * A cache that several databases and column families of one engine share: of blocks
 * (`blockBasedTable: { blockCache }`), of blobs (`blobCache`) or of rows (`rowCache`). The databases keep it alive;
 * freeing the handle gives up only the handle's own hold.
 */
export class Cache extends SharedResource {
  /** @internal Whether it can hold rows: keys of any length, and no second tier. */
  readonly canHoldRows: boolean;
  readonly #tiered: boolean;

  constructor(engine: Engine, options: CacheOptions) {
    checkOptions(options);
    engine.assertUsable();
    super(engine, 'cache', createCache(engine, options), releaseCache);
    const { type = 'lru', secondaryCache, tiered } = options;
    this.#tiered = tiered !== undefined;
    this.canHoldRows = type === 'lru' && secondaryCache === undefined && tiered === undefined;
  }

  /** Bytes that it may hold. */
  get capacity(): number {
    return this.#read('capacity');
  }

  /** Bytes of the blocks in it. */
  get usage(): number {
    return this.#read('usage');
  }

  /** Bytes of the blocks that are in use at the moment, by iterators and pinned values. */
  get pinnedUsage(): number {
    return this.#read('pinnedUsage');
  }

  /** Entries in it. */
  get occupancyCount(): number {
    return this.#read('occupancyCount');
  }

  /** Slots of its table: entries that it could hold without growing the table. */
  get tableAddressCount(): number {
    return this.#read('tableAddressCount');
  }

  /** Whether it refuses what does not fit. */
  get strictCapacityLimit(): boolean {
    const engine = this.used();
    engine.native.calls.rdb_cache_read(this.#pointer, engine.out);
    return engine.native.heap.getWord(engine.out + CacheFiguresLayout.strict) === 1;
  }

  set strictCapacityLimit(strict: boolean) {
    flag(strict, 'strictCapacityLimit');
    this.calls().rdb_cache_set_strict(this.#pointer, strict ? 1 : 0);
  }

  /** Changes the capacity, in bytes; blocks beyond it are dropped. */
  setCapacity(bytes: number): void {
    capacity(bytes, 'capacity');
    this.calls().rdb_cache_set_capacity(this.#pointer, bytes);
  }

  /** Drops every block that nothing uses at the moment. */
  eraseUnused(): void {
    this.calls().rdb_cache_erase_unused(this.#pointer);
  }

  /** Changes the budget of a tiered cache, how it is shared out, or what the compressed tier takes. */
  updateTiered(update: TieredCacheUpdate): void {
    checkFields(update, {
      capacity,
      compressedSecondaryRatio: number(0, 1 - Number.EPSILON),
      admissionPolicy: oneOf(USABLE_ADMISSION),
    });
    if (!this.#tiered) {
      throw new InvalidOptionError(
        'updateTiered: the cache was not made with tiered',
        'tiered',
        this,
      );
    }
    const { capacity: bytes = -1, compressedSecondaryRatio = -1, admissionPolicy } = update;
    const admission =
      admissionPolicy === undefined ? ADMISSION.length : ADMISSION.indexOf(admissionPolicy);
    const { native } = this.used();
    const { calls } = native;
    native.check(
      calls.rdb_cache_update_tiered(this.#pointer, bytes, compressedSecondaryRatio, admission),
    );
  }

  get #pointer(): CachePtr {
    return this.core.pointer as CachePtr;
  }

  #read(name: keyof typeof CacheFiguresLayout): number {
    const engine = this.used();
    engine.native.calls.rdb_cache_read(this.#pointer, engine.out);
    return engine.native.heap.getDouble(engine.out + CacheFiguresLayout[name]);
  }
}

function checkOptions(options: CacheOptions): void {
  checkFields(options, CHECKS);
  capacity(options.capacity, 'capacity');
  const { type = 'lru', secondaryCache, tiered } = options;
  const other = ONLY[type === 'lru' ? 'hyperClock' : 'lru'].find(
    (name) => options[name] !== undefined,
  );
  if (other !== undefined) throw contradiction(other, options, `a cache of type ${type} has none`);
  if (secondaryCache !== undefined && tiered !== undefined) {
    throw contradiction('secondaryCache', options, 'a tiered cache makes its own');
  }
  if ((options.highPriorityPoolRatio ?? 0.5) + (options.lowPriorityPoolRatio ?? 0) > 1) {
    throw contradiction(
      'lowPriorityPoolRatio',
      options,
      'with highPriorityPoolRatio (0.5 unless given) it makes more than 1',
    );
  }
  if (tiered !== undefined)
    TIERED_CHECKS.compressedSecondaryRatio(
      tiered.compressedSecondaryRatio,
      'tiered.compressedSecondaryRatio',
    );
}

function contradiction(name: keyof CacheOptions, options: CacheOptions, why: string) {
  return new InvalidOptionError(`${name}: ${why}`, name, options[name]);
}

function createCache(engine: Engine, options: CacheOptions): CachePtr {
  const { native, staging, out } = engine;
  const { tiered, secondaryCache, type = 'lru' } = options;
  const secondary = secondaryCache?.pointerFor(engine, 'secondaryCache') ?? 0;
  staging.begin();
  try {
    const at = stageCacheOptions(engine, {
      ...compressedFields(tiered ?? {}),
      capacity: options.capacity,
      highPriorityPoolRatio: options.highPriorityPoolRatio ?? 0.5,
      lowPriorityPoolRatio: options.lowPriorityPoolRatio ?? 0,
      estimatedEntryCharge: options.estimatedEntryCharge ?? 0,
      minAverageEntryCharge: options.minAvgEntryCharge ?? 450,
      compressedRatio: tiered?.compressedSecondaryRatio ?? 0,
      type: type === 'lru' ? CacheType.CacheLru : CacheType.CacheHyperClock,
      shardBits: options.shardBits ?? -1,
      strict: options.strictCapacityLimit === true ? 1 : 0,
      chargeMetadata: options.chargeMetadata === false ? 0 : 1,
      evictionEffortCap: options.evictionEffortCap ?? 30,
      secondary,
      admission: ADMISSION.indexOf(tiered?.admissionPolicy ?? 'auto'),
    });
    native.check(native.calls.rdb_cache_create(at, out));
    return native.heap.getWord(out) as CachePtr;
  } finally {
    staging.end();
  }
}

function releaseCache({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_cache_free(pointer as CachePtr);
}
