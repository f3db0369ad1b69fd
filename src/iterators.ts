/** Makes iterators, one or several at once, over one column family each or over several together. */

import { valueCodec } from './access.js';
import type { AnyColumnFamily } from './column-family.js';
import type { Codec, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { DBIterator, type ReadValue, shapeOf } from './iterator.js';
import { type IteratorOptions, planIterator, stagePlan } from './iterator-options.js';
import { type DbPtr, type IteratorPtr, MultiIterator } from './native/exports.gen.js';
import type { NativeObject } from './native/native-object.js';
import { type ColumnNames, columnNamesOf, readColumns, type WideColumns } from './wide-columns.js';

/** @internal A database as those see it who make iterators on it. */
export interface IteratorSource {
  readonly engine: Engine;
  readonly db: NativeObject;
  readonly pointer: DbPtr;
  /** Of a view: `pointer` is its own, and it frees the iterators when nobody does before. */
  readonly view?: NativeObject;
  /** A pool, which frees them likewise. */
  readonly pool?: NativeObject;
  /** Of a view: more of rdb_read_flags. */
  readonly flags?: number;
  /** How values come out, when it is not as their encoding says. */
  readonly readValue?: (values: Codec) => ReadValue;
}

/** The columns that one column family has for a key: entities split over column families. */
// biome-ignore lint/suspicious/noExplicitAny: values are in the encodings of whatever families
export interface AttributeGroup<V = any, N extends ColumnNames = 'utf8'> {
  columnFamily: AnyColumnFamily;
  columns: WideColumns<V, N>;
}

/**
 * @internal An iterator over each of `families`, all of one state of the database: on one thread nothing is
 * written between the first and the last, once the bounds are encoded.
 */
export function openIterators(
  { engine, db, pointer, view, pool, flags, readValue }: IteratorSource,
  families: readonly AnyColumnFamily[],
  options: IteratorOptions,
): DBIterator<unknown, unknown>[] {
  const kind = pool === undefined ? 'iterator' : 'pooledIterator';
  const planned = families.map((family) => {
    const values = readValue?.(valueCodec(family, options));
    const shape = shapeOf(family, options, values);
    return { family, shape, plan: planIterator(db, [family], options, shape.keys, flags) };
  });
  const { native, staging, out } = engine;
  const iterators: DBIterator<unknown, unknown>[] = [];
  try {
    for (const { family, shape, plan } of planned) {
      staging.begin();
      try {
        const at = stagePlan(engine, plan);
        native.check(native.calls.rdb_iterator_create(pointer, family.pointer, at, out));
      } finally {
        staging.end();
      }
      const made = native.heap.getWord(out) as IteratorPtr;
      const owner = view ?? pool;
      iterators.push(new DBIterator(engine, db, [family], made, shape, options, owner, kind));
    }
  } catch (error) {
    for (const iterator of iterators) iterator.free();
    throw error;
  }
  return iterators;
}

/** @internal An iterator over the keys of all `families`. */
export function openMultiIterator(
  { engine, db, pointer, view, flags }: IteratorSource,
  families: readonly AnyColumnFamily[],
  type: 'coalescing' | 'attributeGroups',
  options: IteratorOptions,
): DBIterator<unknown, unknown> {
  const first = families[0] as AnyColumnFamily;
  if (new Set(families).size < families.length) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      'columnFamilies: a column family was given twice',
    );
  }
  const groups = type === 'attributeGroups';
  const shape = shapeOf(first, options, groups ? groupReader(families, options) : undefined);
  const plan = planIterator(db, families, options, shape.keys, flags);
  const { native, staging, out } = engine;
  const { heap } = native;
  staging.begin();
  try {
    const pointers = staging.reserve(4 * families.length);
    families.forEach((family, index) => {
      heap.setWord(pointers + 4 * index, family.pointer);
    });
    const kind = groups ? MultiIterator.MultiAttributeGroups : MultiIterator.MultiCoalescing;
    const at = stagePlan(engine, plan);
    native.check(
      native.calls.rdb_iterator_create_multi(pointer, pointers, families.length, kind, at, out),
    );
  } finally {
    staging.end();
  }
  const made = heap.getWord(out) as IteratorPtr;
  return new DBIterator(engine, db, families, made, shape, options, view);
}

/** Reads values of kMultiAttributeGroups: for each group its family's index, a length and an entity. */
function groupReader(families: readonly AnyColumnFamily[], options: IteratorOptions): ReadValue {
  const names = columnNamesOf(options.columnNames);
  const codecs: readonly Codec[] = families.map((family) =>
    valueCodec(family, options as { valueEncoding?: Encoding }),
  );
  return (heap, address, length) => {
    const groups: AttributeGroup<unknown, ColumnNames>[] = [];
    // Within an entry that is read ahead, a value need not begin at a word.
    const { view } = heap;
    for (let at = address; at < address + length; ) {
      const index = view.getUint32(at, true);
      const size = view.getUint32(at + 4, true);
      const columns = readColumns(heap, at + 8, size, codecs[index] as Codec, names);
      groups.push({ columnFamily: families[index] as AnyColumnFamily, columns });
      at += 8 + ((size + 3) & ~3);
    }
    return groups;
  };
}
