/** The options that a RocksLevel's calls take beside abstract-level's, as types. */
import {
  type AbstractBatchOperation,
  type AbstractBatchOptions,
  type AbstractChainedBatch,
  type AbstractChainedBatchWriteOptions,
  type AbstractDelOptions,
  type AbstractGetManyOptions,
  type AbstractGetOptions,
  type AbstractHasManyOptions,
  type AbstractHasOptions,
  type AbstractIterator,
  type AbstractIteratorOptions,
  type AbstractKeyIterator,
  type AbstractKeyIteratorOptions,
  AbstractLevel,
  type AbstractPutOptions,
  type AbstractValueIterator,
  type AbstractValueIteratorOptions,
  type Transcoder,
} from 'abstract-level';
import type { RocksLevelOpenOptions } from './options.js';
import type { RocksSnapshot } from './snapshot.js';

export interface ReadCacheOptions {
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean | undefined;
}

export interface SyncOptions {
  /** Resolve only when the write is on disk (fsync of the log). Default: false. */
  sync?: boolean | undefined;
}

export interface ScanOptions extends ReadCacheOptions {
  /** Bytes of keys and values after which `nextv()` gives what it has. Default: 1 MiB. */
  highWaterMarkBytes?: number | undefined;
}

export interface StartEndOptions<K> {
  /** Of `start` and `end`. Default: the database's. */
  keyEncoding?: string | Transcoder.PartialEncoder<K> | undefined;
}

export type GetOptions<K, V> = AbstractGetOptions<K, V> & ReadCacheOptions;
export type GetManyOptions<K, V> = AbstractGetManyOptions<K, V> & ReadCacheOptions;
export type HasOptions<K> = AbstractHasOptions<K> & ReadCacheOptions;
export type HasManyOptions<K> = AbstractHasManyOptions<K> & ReadCacheOptions;
export type PutOptions<K, V> = AbstractPutOptions<K, V> & SyncOptions;
export type DelOptions<K> = AbstractDelOptions<K> & SyncOptions;
export type BatchOptions<K, V> = AbstractBatchOptions<K, V> & SyncOptions;
export type ChainedBatchWriteOptions = AbstractChainedBatchWriteOptions & SyncOptions;
export type IteratorOptions<K, V> = AbstractIteratorOptions<K, V> & ScanOptions;
export type KeyIteratorOptions<K> = AbstractKeyIteratorOptions<K> & ScanOptions;
export type ValueIteratorOptions<K, V> = AbstractValueIteratorOptions<K, V> & ScanOptions;

export interface ChainedBatch<D, K, V> extends AbstractChainedBatch<D, K, V> {
  write(options?: ChainedBatchWriteOptions): Promise<void>;
}

// The calls are AbstractLevel's; the options are more.
export interface TypedLevel<KD, VD> {
  open(options?: RocksLevelOpenOptions): Promise<void>;
  get(key: KD): Promise<VD | undefined>;
  get<K = KD, V = VD>(key: K, options: GetOptions<K, V>): Promise<V | undefined>;
  getSync(key: KD): VD | undefined;
  getSync<K = KD, V = VD>(key: K, options: GetOptions<K, V>): V | undefined;
  getMany(keys: KD[]): Promise<(VD | undefined)[]>;
  getMany<K = KD, V = VD>(keys: K[], options: GetManyOptions<K, V>): Promise<(V | undefined)[]>;
  has(key: KD): Promise<boolean>;
  has<K = KD>(key: K, options: HasOptions<K>): Promise<boolean>;
  hasMany(keys: KD[]): Promise<boolean[]>;
  hasMany<K = KD>(keys: K[], options: HasManyOptions<K>): Promise<boolean[]>;
  put(key: KD, value: VD): Promise<void>;
  put<K = KD, V = VD>(key: K, value: V, options: PutOptions<K, V>): Promise<void>;
  del(key: KD): Promise<void>;
  del<K = KD>(key: K, options: DelOptions<K>): Promise<void>;
  batch(operations: AbstractBatchOperation<this, KD, VD>[]): Promise<void>;
  batch<K = KD, V = VD>(
    operations: AbstractBatchOperation<this, K, V>[],
    options: BatchOptions<K, V>,
  ): Promise<void>;
  batch(): ChainedBatch<this, KD, VD>;
  iterator(): AbstractIterator<this, KD, VD>;
  iterator<K = KD, V = VD>(options: IteratorOptions<K, V>): AbstractIterator<this, K, V>;
  keys(): AbstractKeyIterator<this, KD>;
  keys<K = KD>(options: KeyIteratorOptions<K>): AbstractKeyIterator<this, K>;
  values(): AbstractValueIterator<this, KD, VD>;
  values<K = KD, V = VD>(options: ValueIteratorOptions<K, V>): AbstractValueIterator<this, K, V>;
  snapshot(options?: object): RocksSnapshot;
}

/** AbstractLevel, whose calls take the options above. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only says what AbstractLevel's calls take
export class TypedLevel<KD, VD> extends AbstractLevel<string | Buffer | Uint8Array, KD, VD> {}
