import type { ReadOptions } from '../access.js';
import * as access from '../access.js';
import type { ColumnFamily } from '../column-family.js';
import type { Decoded, Encodable, Encoding } from '../encoding.js';
import { DBIterator, type IteratorOptions } from '../iterator.js';
import { PinnedSlice } from '../pinned-slice.js';
import { Snapshot } from '../snapshot.js';
import { DatabaseCore, invalid } from './core.js';

/** Point reads, cursors, snapshots. */
export abstract class DatabaseReads<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseCore<KE, VE> {
  /** The value of a key, or undefined. */
  get<E extends Encoding = VE>(
    key: Encodable<KE>,
    options?: ReadOptions<E>,
  ): Decoded<E> | undefined {
    const target = this.target(options);
    return access.get(target, key, this.snapshotOf(options), options) as Decoded<E> | undefined;
  }

  /** The values of keys, in their order; undefined where there is none. One consistent view. */
  getMany<E extends Encoding = VE>(
    keys: readonly Encodable<KE>[],
    options?: ReadOptions<E>,
  ): (Decoded<E> | undefined)[] {
    const target = this.target(options);
    if (!Array.isArray(keys)) throw invalid('getMany: expected an array of keys');
    if (keys.length === 0) return [];
    const values = access.getMany(target, keys, this.snapshotOf(options), options);
    return values as (Decoded<E> | undefined)[];
  }

  /** The value of a key without a copy, or undefined. It pins what it is read from: free it. */
  getPinned(key: Encodable<KE>, options?: ReadOptions): PinnedSlice | undefined {
    const target = this.target(options);
    const found = access.getPinned(target, key, this.snapshotOf(options), options);
    if (found === undefined) return undefined;
    const { pointer, address, length } = found;
    return new PinnedSlice(this.engine, this, pointer, address, length);
  }

  /** Whether a key has a value. */
  has(key: Encodable<KE>, options?: ReadOptions): boolean {
    return access.has(this.target(options), key, this.snapshotOf(options), options);
  }

  /** A cursor. It pins what it reads: free it. */
  iterator<IK extends Encoding = KE, IV extends Encoding = VE>(
    options: IteratorOptions<IK, IV> = {},
  ): DBIterator<Decoded<IK>, Decoded<IV>> {
    const family = this.useFamily(options);
    return new DBIterator<Decoded<IK>, Decoded<IV>>(
      this.engine,
      this,
      this.pointer,
      family as ColumnFamily<Encoding, Encoding>,
      options,
    );
  }

  /** The present, kept readable. Free it. */
  snapshot(): Snapshot {
    this.useFamily();
    const pointer = this.engine.native.calls.rdb_snapshot_create(this.pointer);
    if (pointer === 0) throw invalid('this database cannot take snapshots');
    return new Snapshot(this.engine, this, pointer);
  }
}
