/** With which options an SST file is written or read: a column family's, or options of its own. */
import { type AnyColumnFamily, ColumnFamily, type EncodingOptions } from './column-family.js';
import { type Codec, codecOf, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError, InvalidOptionError } from './errors.js';
import { SstOptionsLayout } from './native/exports.gen.js';
import type { NativeObject } from './native/native-object.js';
import { family, stageFamilies } from './open.js';
import {
  type ColumnFamilyOptions,
  type DBOptions,
  formatDBOptions,
  splitOpenOptions,
} from './options.js';

/**
 * Options for one table file: RocksDB's, or those of a column family of the same engine. They must have
 * the comparator of the file.
 */
export type SstFileOptions<
  KE extends Encoding = Encoding,
  VE extends Encoding = Encoding,
> = DBOptions &
  ColumnFamilyOptions &
  EncodingOptions<KE, VE> & {
    /** The options are this column family's; others but encodings cannot be given then. */
    columnFamily?: AnyColumnFamily;
  };

const OWN = ['columnFamily', 'keyEncoding', 'valueEncoding'] as const;

/** @internal Checked; nothing has reached the engine yet. */
export interface CheckedSstOptions {
  readonly keys: Codec;
  readonly values: Codec;
  /** Whose handle it becomes: freed before what its options belong to. */
  readonly parent: NativeObject;
  /** Writes rdb_sst_options into staging; returns its address. */
  readonly stage: () => number;
}

/** @internal */
export function checkSstOptions(engine: Engine, options: SstFileOptions): CheckedSstOptions {
  engine.assertUsable();
  const split = splitOpenOptions(options, OWN);
  const own = split.own as SstFileOptions;
  const handle = own.columnFamily;
  if (handle !== undefined) return ofFamily(engine, handle, own, split);
  const encodings = { keyEncoding: own.keyEncoding, valueEncoding: own.valueEncoding };
  const { text, attachments } = formatDBOptions(split.db);
  if (attachments.length > 0) {
    const path = attachments[0]?.path ?? '';
    throw new InvalidOptionError(
      `${path}: of no use for a table file`,
      path,
      attachments[0]?.value,
    );
  }
  const plan = family('default', split.columnFamily, {}, false);
  return {
    keys: codecOf(encodings.keyEncoding, 'keyEncoding'),
    values: codecOf(encodings.valueEncoding, 'valueEncoding'),
    parent: engine,
    stage: () => {
      const { staging } = engine;
      const descriptor = stageFamilies(engine, [plan]);
      staging.push(text, 'options', 0xffffff);
      const { address, length } = staging;
      return put(engine, [0, 0, address, length, descriptor]);
    },
  };
}

function ofFamily(
  engine: Engine,
  handle: unknown,
  own: SstFileOptions,
  { db, columnFamily }: { db: object; columnFamily: object },
): CheckedSstOptions {
  const extra = Object.entries({ ...db, ...columnFamily }).find(([, value]) => value !== undefined);
  if (extra !== undefined) {
    const [name, value] = extra;
    throw new InvalidOptionError(`${name}: the options are the column family's`, name, value);
  }
  if (!(handle instanceof ColumnFamily) || handle.core.context !== engine.context) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      'columnFamily: expected a handle of a database of the same engine',
    );
  }
  const live = handle.live() as AnyColumnFamily;
  const { keyEncoding, valueEncoding } = own;
  return {
    keys: keyEncoding === undefined ? live.keys : codecOf(keyEncoding, 'keyEncoding'),
    values: valueEncoding === undefined ? live.values : codecOf(valueEncoding, 'valueEncoding'),
    parent: live,
    stage: () => put(engine, [live.core.parent?.pointer ?? 0, live.pointer, 0, 0, 0]),
  };
}

function put({ staging, native }: Engine, words: readonly number[]): number {
  const at = staging.reserve(SstOptionsLayout.byteLength);
  words.forEach((word, index) => {
    native.heap.setWord(at + 4 * index, word);
  });
  return at;
}
