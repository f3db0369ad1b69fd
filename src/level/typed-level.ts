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
  /** Opens the database, as AbstractLevel's does; by itself on the first call otherwise. */
  open(options?: RocksLevelOpenOptions): Promise<void>;
  /** A key's value; undefined when it is not there. */
  get(key: KD): Promise<VD | undefined>;
  get<K = KD, V = VD>(key: K, options: GetOptions<K, V>): Promise<V | undefined>;
  /** As `get`, at once. The database must be open. */
  getSync(key: KD): VD | undefined;
  getSync<K = KD, V = VD>(key: K, options: GetOptions<K, V>): V | undefined;
  /** The values of keys, read in one crossing into the engine. */
  getMany(keys: KD[]): Promise<(VD | undefined)[]>;
  getMany<K = KD, V = VD>(keys: K[], options: GetManyOptions<K, V>): Promise<(V | undefined)[]>;
  /** Whether a key is there. */
  has(key: KD): Promise<boolean>;
  has<K = KD>(key: K, options: HasOptions<K>): Promise<boolean>;
  /** Whether each key is there. */
  hasMany(keys: KD[]): Promise<boolean[]>;
  hasMany<K = KD>(keys: K[], options: HasManyOptions<K>): Promise<boolean[]>;
  /** Sets a key's value. */
  put(key: KD, value: VD): Promise<void>;
  put<K = KD, V = VD>(key: K, value: V, options: PutOptions<K, V>): Promise<void>;
  /** Deletes a key; it need not exist. */
  del(key: KD): Promise<void>;
  del<K = KD>(key: K, options: DelOptions<K>): Promise<void>;
  /** Writes all operations or none; without operations, begins a chained batch. */
  batch(operations: AbstractBatchOperation<this, KD, VD>[]): Promise<void>;
  batch<K = KD, V = VD>(
    operations: AbstractBatchOperation<this, K, V>[],
    options: BatchOptions<K, V>,
  ): Promise<void>;
  batch(): ChainedBatch<this, KD, VD>;
  /** Entries in order, from a state of the database as it is now. Close it. */
  iterator(): AbstractIterator<this, KD, VD>;
  iterator<K = KD, V = VD>(options: IteratorOptions<K, V>): AbstractIterator<this, K, V>;
  /** Keys alone, as `iterator`. */
  keys(): AbstractKeyIterator<this, KD>;
  keys<K = KD>(options: KeyIteratorOptions<K>): AbstractKeyIterator<this, K>;
  /** Values alone, as `iterator`. */
  values(): AbstractValueIterator<this, KD, VD>;
  values<K = KD, V = VD>(options: ValueIteratorOptions<K, V>): AbstractValueIterator<this, K, V>;
  /** The database as it is now, for `get`, `getMany`, `has` and iterators. Close it. */
  snapshot(options?: object): RocksSnapshot;
}

/** AbstractLevel, whose calls take the options above. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only says what AbstractLevel's calls take
export class TypedLevel<KD, VD> extends AbstractLevel<string | Buffer | Uint8Array, KD, VD> {}
