import type { AnyColumnFamily } from '../column-family.js';
import { ColumnFamily } from '../column-family.js';
import type { Decoded, Encodable, Encoding } from '../encoding.js';
import * as entities from '../entities.js';
import type { AttributeGroup } from '../iterators.js';
import { familiesOf } from '../read-many.js';
import type { ReadManyOptions, ReadOptions } from '../read-options.js';
import type { ColumnNames, WideColumns, WideColumnsInput } from '../wide-columns.js';
import type { WriteOptions } from '../write-options.js';
import { invalid } from './core.js';
import { DatabaseWrites } from './writes.js';

/** Of reads of entities. */
export interface EntityOptions<N extends ColumnNames = 'utf8'> {
  /** How names of columns come out. Default: `utf8`. */
  columnNames?: N | undefined;
}

/** What one column family is to get for a key. */
export interface AttributeGroupInput {
  columnFamily: AnyColumnFamily;
  /** Values in the encoding of the family. */
  columns: WideColumnsInput<unknown>;
}

type GroupOptions<N extends ColumnNames> = EntityOptions<N> &
  Omit<ReadOptions, 'columnFamily' | 'columnFamilies'>;

/** Values that have named parts: RocksDB's wide-column entities. */
export abstract class DatabaseWideColumns<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends DatabaseWrites<KE, VE> {
  /**
   * Writes an entity: named columns in place of one value. `get` reads its default column, the one with the
   * empty name. Not in a column family with user-defined timestamps.
   */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: WriteOptions,
  ): void {
    entities.putEntity(this.writable(options), key, columns, options);
  }

  /** The columns of a key, or undefined. Of a plain value: the default column alone. */
  getEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    options?: ReadOptions<E> & EntityOptions<N>,
  ): WideColumns<Decoded<E>, N> | undefined {
    const target = this.target(options);
    const snapshot = this.snapshotOf(options);
    const [entity] = entities.getManyEntity(target, [key], [target.family], snapshot, options);
    return entity as WideColumns<Decoded<E>, N> | undefined;
  }

  /** The columns of keys, in their order; undefined where there are none. One consistent view. */
  getManyEntity<E extends Encoding = VE, N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    options?: ReadManyOptions<E> & EntityOptions<N>,
  ): (WideColumns<Decoded<E>, N> | undefined)[] {
    const target = this.target(options);
    const families = familiesOf(keys, options, this) ?? keys.map(() => target.family);
    if (keys.length === 0) return [];
    const snapshot = this.snapshotOf(options);
    const found = entities.getManyEntity(target, keys, families, snapshot, options);
    return found as (WideColumns<Decoded<E>, N> | undefined)[];
  }

  /** Writes columns of one key to several column families, atomically. */
  putAttributeGroups(
    key: Encodable<KE>,
    groups: readonly AttributeGroupInput[],
    options?: Omit<WriteOptions, 'columnFamily' | 'timestamp'>,
  ): void {
    this.useFamily();
    this.assertWritable();
    if (!Array.isArray(groups) || groups.length === 0) {
      throw invalid('putAttributeGroups: expected an array of groups, one or more');
    }
    if (!groups.every((group) => typeof group === 'object' && group !== null)) {
      throw invalid('putAttributeGroups: expected a columnFamily and columns of each group');
    }
    const batch = this.batch();
    try {
      for (const { columnFamily, columns } of groups) {
        batch.putEntity(key, columns as WideColumnsInput<Encodable<VE>>, { columnFamily });
      }
      this.write(batch, options);
    } finally {
      batch.free();
    }
  }

  /** The columns that each of the column families has for a key; those that have it, in their order. */
  getAttributeGroups<N extends ColumnNames = 'utf8'>(
    key: Encodable<KE>,
    columnFamilies: readonly AnyColumnFamily[],
    options?: GroupOptions<N>,
    // biome-ignore lint/suspicious/noExplicitAny: values are in the encodings of whatever families
  ): AttributeGroup<any, N>[] {
    const [groups] = this.getManyAttributeGroups([key], columnFamilies, options);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return groups as AttributeGroup<any, N>[];
  }

  /** The same for several keys, in their order. One consistent view. */
  getManyAttributeGroups<N extends ColumnNames = 'utf8'>(
    keys: readonly Encodable<KE>[],
    columnFamilies: readonly AnyColumnFamily[],
    options?: GroupOptions<N>,
    // biome-ignore lint/suspicious/noExplicitAny: values are in the encodings of whatever families
  ): AttributeGroup<any, N>[][] {
    const target = this.target(undefined);
    if (!Array.isArray(keys)) throw invalid('getManyAttributeGroups: expected an array of keys');
    const families = ColumnFamily.handlesOf(columnFamilies, this);
    const snapshot = this.snapshotOf(options);
    const found = entities.getManyAttributeGroups(target, keys, families, snapshot, options);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return found as AttributeGroup<any, N>[][];
  }
}
