import type { ReadResult } from '../access.js';
import * as access from '../access.js';
import { type AnyColumnFamily, ColumnFamily } from '../column-family.js';
import type { Decoded, Encodable, Encoding } from '../encoding.js';
import type { DBIterator } from '../iterator.js';
import type { IteratorOptions } from '../iterator-options.js';
import { IteratorPool } from '../iterator-pool.js';
import type { IteratorPoolOptions } from '../iterator-pool-options.js';
import {
  type AttributeGroup,
  type IteratorSource,
  openIterators,
  openMultiIterator,
} from '../iterators.js';
import * as ranges from '../key-ranges.js';
import { objectOf } from '../option-errors.js';
import { PinnedSlice } from '../pinned-slice.js';
import * as many from '../read-many.js';
import type { ReadManyOptions, ReadOptions } from '../read-options.js';
import { Snapshot } from '../snapshot.js';
import type { Timestamp } from '../timestamps.js';
import type { ColumnNames } from '../wide-columns.js';
import { DatabaseCore, invalid } from './core.js';

/** An iterator for each of several column families, in their encodings. */
export type IteratorsOf<F extends readonly AnyColumnFamily[]> = {
  -readonly [I in keyof F]: F[I] extends ColumnFamily<infer K, infer V>
    ? DBIterator<Decoded<K>, Decoded<V>>
    : never;
};

/** Point reads, cursors, snapshots. */
export abstract class DatabaseReads<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseCore<KE, VE> {
  /** The value of a key, or undefined. Of an entity: its default column's, empty when it has none. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    const target = this.target(options);
    return access.get(target, key, this.snapshotOf(options), options) as Decoded<E> | undefined;
  }

  /** Like `get`, with the timestamp of the version that was found, and what else is known of it. */
  getResult<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): ReadResult<Decoded<E>> | undefined {
    const target = this.target(options);
    const result = access.getResult(target, key, this.snapshotOf(options), options);
    return result as ReadResult<Decoded<E>> | undefined;
  }

  /**
   * The values of keys, in their order; undefined where there is none. One consistent view, also over several
   * column families: `columnFamilies` says which key is for which.
   */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E>,
  ): (Decoded<E> | undefined)[] {
    const target = this.target(options);
    const families = many.familiesOf(keys, options, this);
    if (keys.length === 0) return [];
    const values = many.getMany(target, keys, families, this.snapshotOf(options), options);
    return values as (Decoded<E> | undefined)[];
  }

  /** Like `getMany`, with the timestamps of the versions that were found, and what else is known of them. */
  getManyResults<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E>,
  ): (ReadResult<Decoded<E>> | undefined)[] {
    const target = this.target(options);
    const families = many.familiesOf(keys, options, this) ?? keys.map(() => target.family);
    if (keys.length === 0) return [];
    const snapshot = this.snapshotOf(options);
    const results = many.getManyResults(target, keys, families, snapshot, options);
    return results as (ReadResult<Decoded<E>> | undefined)[];
  }

  /** The value of a key without a copy, or undefined. It pins what it is read from: free it. */
  getPinned(key: Encodable<KE>, options?: ReadOptions): PinnedSlice | undefined {
    const target = this.target(options);
    const found = access.getPinned(target, key, this.snapshotOf(options), options);
    if (found === undefined) return undefined;
    const { pointer, address, length } = found;
    return new PinnedSlice(this.engine, this, target.family, pointer, address, length);
  }

  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: ReadOptions): boolean {
    return access.has(this.target(options), key, this.snapshotOf(options), options);
  }

  /** Whether keys have values, in their order: one consistent view, in one crossing. */
  hasMany(keys: readonly Encodable<KE>[], options?: ReadManyOptions): boolean[] {
    const target = this.target(options);
    const families = many.familiesOf(keys, options, this);
    if (keys.length === 0) return [];
    return many.hasMany(target, keys, families, this.snapshotOf(options), options);
  }

  /**
   * False: the key has surely no value. True: it may have one; only `get` tells. Reads no file: memtables,
   * filters and cached blocks.
   */
  keyMayExist(key: Encodable<KE>, options?: ReadOptions): boolean {
    const target = this.target(options);
    return ranges.keyMayExist(target, key, this.snapshotOf(options), options, false).mayExist;
  }

  /** Like `keyMayExist`, with the value where that is at hand. */
  keyMayExistWithValue<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): { mayExist: boolean; value: Decoded<E> | undefined } {
    const target = this.target(options);
    const result = ranges.keyMayExist(target, key, this.snapshotOf(options), options, true);
    return result as { mayExist: boolean; value: Decoded<E> | undefined };
  }

  /**
   * What `get` would merge, not merged, the oldest first: the base value, if there is one, then the operands.
   * Throws BusyError (Incomplete) when there are more than `maxOperands`. Default: all.
   */
  getMergeOperands<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E> & { maxOperands?: number | undefined },
  ): Decoded<E>[] {
    const target = this.target(options);
    const operands = ranges.getMergeOperands(target, key, this.snapshotOf(options), options);
    return operands as Decoded<E>[];
  }

  /** A cursor. It pins what it reads: free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    const family = this.useFamily(options);
    const [iterator] = openIterators(this.#source, [family], options);
    return iterator as DBIterator<Decoded<IK>, Decoded<IV>>;
  }

  /** A cursor over each of several column families, all of one state of the database. Free each. */
  iterators<const F extends readonly AnyColumnFamily[]>(
    columnFamilies: F,
    options: Omit<IteratorOptions, 'columnFamily'> = {},
  ): IteratorsOf<F> {
    this.useFamily();
    const families = ColumnFamily.handlesOf(columnFamilies, this);
    return openIterators(this.#source, families, options) as unknown as IteratorsOf<F>;
  }

  /**
   * A cursor over the keys of several column families as if they were one. What several have under one key is
   * made one entity: all their columns, and of columns of one name that of the last of the families; plain
   * values are default columns. The families have one comparator, and cannot be freed before the cursor.
   * Encodings are the first family's, unless given. Free it.
   */
  coalescingIterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    columnFamilies: readonly AnyColumnFamily[],
    options: Omit<IteratorOptions<IK, IV>, 'columnFamily'> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    this.useFamily();
    const families = ColumnFamily.handlesOf(columnFamilies, this);
    const iterator = openMultiIterator(this.#source, families, 'coalescing', options);
    return iterator as DBIterator<Decoded<IK>, Decoded<IV>>;
  }

  /**
   * A cursor over the keys of several column families; of each key, the columns in each family that has it.
   * The families have one comparator, and cannot be freed before the cursor. Free it.
   */
  attributeGroupIterator<IK extends Encoding = KE, N extends ColumnNames = 'utf8'>(
    columnFamilies: readonly AnyColumnFamily[],
    options: Omit<IteratorOptions<IK>, 'columnFamily' | 'columns'> & { columnNames?: N } = {},
    // biome-ignore lint/suspicious/noExplicitAny: values are in the encodings of whatever families
  ): DBIterator<Decoded<IK>, AttributeGroup<any, N>[]> {
    this.useFamily();
    const families = ColumnFamily.handlesOf(columnFamilies, this);
    const iterator = openMultiIterator(this.#source, families, 'attributeGroups', options);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return iterator as DBIterator<Decoded<IK>, AttributeGroup<any, N>[]>;
  }

  /**
   * A pool of iterators over one column family, for those who read often: `pool.acquire()` gives one that sees the
   * present, refreshed where it was used before. Make one, and keep it as long as the database, which frees it; or
   * free it before. Throws for options that no iterator could be made with.
   */
  iteratorPool<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorPoolOptions<IK, IV> = {},
  ): IteratorPool<Decoded<IK>, Decoded<IV>> {
    const family = this.useFamily(options);
    return new IteratorPool<Decoded<IK>, Decoded<IV>>(this.#source, family, options);
  }

  /** The present, kept readable. Free it. */
  snapshot(): Snapshot {
    this.useFamily();
    const pointer = this.engine.native.calls.rdb_snapshot_create(this.pointer);
    if (pointer === 0) throw invalid('this database cannot take snapshots');
    return new Snapshot(this.engine, this, pointer);
  }

  /** Bytes that the keys of each range take, compressed, as RocksDB estimates them from its indexes. */
  approximateSizes(
    keyRanges: readonly ranges.KeyRange<Encodable<KE>>[],
    options: ranges.SizeApproximationOptions = {},
  ): number[] {
    const target = this.target(options);
    if (!Array.isArray(keyRanges)) throw invalid('approximateSizes: expected an array of ranges');
    return ranges.approximateSizes(target, keyRanges, options);
  }

  /** How many entries of a range are in memtables, and their bytes, as RocksDB estimates them. */
  approximateMemTableStats(
    range: ranges.KeyRange<Encodable<KE>>,
    options: { columnFamily?: AnyColumnFamily | undefined } = {},
  ): { count: number; bytes: number } {
    return ranges.approximateMemTableStats(this.target(options), range);
  }

  /**
   * Every version of the keys from `begin` to `end`, both included (all by default), as memtables and files have
   * them: for looking into what compaction has left. At most `maxKeys` versions; default: a million.
   */
  getAllKeyVersions(
    options: {
      begin?: Encodable<KE>;
      end?: Encodable<KE>;
      maxKeys?: number;
      columnFamily?: AnyColumnFamily | undefined;
    } = {},
  ): ranges.KeyVersion<Decoded<KE>>[] {
    const { begin, end, maxKeys = 1_000_000 } = objectOf(options);
    const versions = ranges.getAllKeyVersions(this.target(options), begin, end, maxKeys);
    return versions as ranges.KeyVersion<Decoded<KE>>[];
  }

  /**
   * The timestamp below which compaction may forget history, in a column family with user-defined timestamps;
   * undefined when none was set.
   */
  getFullHistoryTsLow(
    options: { columnFamily?: AnyColumnFamily | undefined } = {},
  ): Timestamp | undefined {
    return ranges.getFullHistoryTsLow(this.target(options));
  }

  get #source(): IteratorSource {
    return { engine: this.engine, db: this, pointer: this.pointer };
  }
}
