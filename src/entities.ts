/** Wide columns at a database's pointer: entities, and attribute groups, which are entities of several families. */
import { type Target, valueCodec, writePair } from './access.js';
import type { AnyColumnFamily } from './column-family.js';
import { InvalidArgumentError } from './errors.js';
import type { AttributeGroup } from './iterators.js';
import type { SnapshotPtr } from './native/exports.gen.js';
import { type ManyRead, readMany, unpack } from './read-many.js';
import type { ReadManyOptions } from './read-options.js';
import {
  type ColumnNames,
  columnNamesOf,
  encodeColumns,
  readColumns,
  type WideColumns,
} from './wide-columns.js';
import type { WriteOptions } from './write-options.js';

/** Refused where keys have timestamps, as RocksDB does, but before anything is encoded. */
export function assertTakesEntities({ name, timestampSize }: AnyColumnFamily): void {
  if (timestampSize === 0) return;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `column family '${name}' has user-defined timestamps: RocksDB writes no entities there`,
  );
}

export function putEntity(
  target: Target,
  key: unknown,
  columns: unknown,
  options: WriteOptions | undefined,
): void {
  const { family } = target;
  assertTakesEntities(family);
  writePair(target, 'rdb_db_put_entity', key, encodeColumns(columns, family.values), options);
}

/** @internal Of reads of entities. */
export type EntityReadOptions = ReadManyOptions & { columnNames?: ColumnNames | undefined };

/** The entities of keys of column families, in the order of the keys; undefined where there is none. */
export function getManyEntity(
  target: Target,
  keys: readonly unknown[],
  families: readonly AnyColumnFamily[],
  snapshot: SnapshotPtr,
  options: EntityReadOptions | undefined,
): (WideColumns<unknown, ColumnNames> | undefined)[] {
  const names = columnNamesOf(options?.columnNames);
  const codecs = families.map((family) => valueCodec(family, options));
  const { heap, calls } = target.engine.native;
  const read: ManyRead = { keys, families, snapshot, options };
  const block = readMany(target, 'rdb_db_multi_get_entity', read, false);
  try {
    return unpack(heap, block, keys.length, (address, length, index) =>
      readColumns(heap, address, length, codecs[index] as (typeof codecs)[number], names),
    );
  } finally {
    calls.rdb_memory_free(block);
  }
}

/** What each of `families` has for each of `keys`; of one state of the database. */
export function getManyAttributeGroups(
  target: Target,
  keys: readonly unknown[],
  families: readonly AnyColumnFamily[],
  snapshot: SnapshotPtr,
  options: EntityReadOptions | undefined,
): AttributeGroup<unknown, ColumnNames>[][] {
  const each = <T>(of: (key: unknown, family: AnyColumnFamily) => T) =>
    keys.flatMap((key) => families.map((family) => of(key, family)));
  const found = getManyEntity(
    target,
    each((key) => key),
    each((_, family) => family),
    snapshot,
    options,
  );
  return keys.map((_, index) =>
    families.flatMap((columnFamily, i) => {
      const columns = found[index * families.length + i];
      return columns === undefined ? [] : [{ columnFamily, columns }];
    }),
  );
}
