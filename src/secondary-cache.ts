import { stageCacheOptions } from './cache-options.js';
import type { Engine } from './engine.js';
import type { SecondaryCachePtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { type Check, checkFields, flag, integer, number, oneOf } from './option-checks.js';
import { expected } from './option-errors.js';
import { SharedResource } from './shared-resource.js';

/** RocksDB's CompressionType, of those that are compiled in. */
const COMPRESSIONS = { none: 0, snappy: 1, zlib: 2, lz4: 4, lz4hc: 5, zstd: 7 } as const;

/** RocksDB's CacheEntryRole: what an entry of a block cache is. In its order. */
export const CACHE_ENTRY_ROLES = [
  'dataBlock',
  'filterBlock',
  'filterMetaBlock',
  'deprecatedFilterBlock',
  'indexBlock',
  'otherBlock',
  'writeBuffer',
  'compressionDictionaryBuildingBuffer',
  'filterConstruction',
  'blockBasedTableReader',
  'fileMetadata',
  'blobValue',
  'blobCache',
  'misc',
] as const;
export type CacheEntryRole = (typeof CACHE_ENTRY_ROLES)[number];

/** How a compressed tier holds its entries. */
export interface CompressedTierOptions {
  /** Default: `lz4`. */
  compressionType?: keyof typeof COMPRESSIONS;
  /** 2 (default): an entry says how large it was; 1: it does not. */
  compressFormatVersion?: 1 | 2;
  /** Entries that are held as they are. Default: filter blocks, which do not get smaller. */
  doNotCompressRoles?: readonly CacheEntryRole[];
}

export interface CompressedSecondaryCacheOptions extends CompressedTierOptions {
  /** Bytes, of compressed entries. */
  capacity: number;
  /** The cache has 2^n shards; -1 (default): as many as RocksDB finds right for the capacity. */
  shardBits?: number;
  /** Refuse what does not fit instead of growing beyond the capacity. Default: false. */
  strictCapacityLimit?: boolean;
  /** Share for entries of high priority. Default: 0.5. */
  highPriorityPoolRatio?: number;
  /** Share for entries of low priority. Default: 0. */
  lowPriorityPoolRatio?: number;
}

/** @internal */
export const COMPRESSED_CHECKS: Readonly<Record<keyof CompressedTierOptions, Check>> = {
  compressionType: oneOf(Object.keys(COMPRESSIONS)),
  compressFormatVersion: integer(1, 2),
  doNotCompressRoles: (value, path) => {
    if (!Array.isArray(value)) throw expected('an array', path, value);
    for (const role of value) oneOf(CACHE_ENTRY_ROLES)(role, path);
  },
};
const CHECKS: Readonly<Record<keyof CompressedSecondaryCacheOptions, Check>> = {
  ...COMPRESSED_CHECKS,
  capacity: integer(0),
  shardBits: integer(-1, 19),
  strictCapacityLimit: flag,
  highPriorityPoolRatio: number(0, 1),
  lowPriorityPoolRatio: number(0, 1),
};

/** @internal The fields of rdb_cache_options that are a compressed tier's. */
export function compressedFields(options: CompressedTierOptions) {
  const roles = options.doNotCompressRoles ?? ['filterBlock'];
  return {
    compression: COMPRESSIONS[options.compressionType ?? 'lz4'],
    compressFormatVersion: options.compressFormatVersion ?? 2,
    doNotCompress: roles.reduce((bits, role) => bits | (1 << CACHE_ENTRY_ROLES.indexOf(role)), 0),
  };
}

/**
 * Holds compressed what a block cache drops: pass it as `secondaryCache` of a Cache. A block that is found in it
 * is decompressed rather than read from a file. Caches keep it alive; freeing the handle gives up only its own hold.
 */
export class CompressedSecondaryCache extends SharedResource {
  constructor(engine: Engine, options: CompressedSecondaryCacheOptions) {
    checkFields(options, CHECKS);
    CHECKS.capacity(options.capacity, 'capacity');
    engine.assertUsable();
    super(engine, 'cache', create(engine, options), release);
  }

  /** Bytes that it may hold. */
  get capacity(): number {
    return this.calls().rdb_secondary_cache_capacity(this.#pointer);
  }

  /** Changes the capacity, in bytes; entries beyond it are dropped. */
  setCapacity(bytes: number): void {
    CHECKS.capacity(bytes, 'capacity');
    const { native } = this.used();
    native.check(native.calls.rdb_secondary_cache_set_capacity(this.#pointer, bytes));
  }

  get #pointer(): SecondaryCachePtr {
    return this.core.pointer as SecondaryCachePtr;
  }
}

function create(engine: Engine, options: CompressedSecondaryCacheOptions): SecondaryCachePtr {
  const { native, staging, out } = engine;
  staging.begin();
  try {
    const at = stageCacheOptions(engine, {
      ...compressedFields(options),
      capacity: options.capacity,
      highPriorityPoolRatio: options.highPriorityPoolRatio ?? 0.5,
      lowPriorityPoolRatio: options.lowPriorityPoolRatio ?? 0,
      shardBits: options.shardBits ?? -1,
      strict: options.strictCapacityLimit === true ? 1 : 0,
      chargeMetadata: 1,
    });
    native.check(native.calls.rdb_secondary_cache_create(at, out));
    return native.heap.getWord(out) as SecondaryCachePtr;
  } finally {
    staging.end();
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_secondary_cache_free(pointer as SecondaryCachePtr);
}
