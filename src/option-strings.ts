/**
 * Options as RocksDB's text, `create_if_missing=true;write_buffer_size=64M`, as OPTIONS files, ldb
 * and the other languages' bindings have it. Units (K, M, G, T) are understood, objects in braces,
 * and what RocksDB has deprecated is passed over; an unknown name or a wrong value is an
 * InvalidOptionError.
 */
import { InvalidArgumentError } from './errors.js';
import { nameOf } from './option-errors.js';
import { GROUPS } from './options.gen.js';
import {
  type BlockBasedTableOptions,
  type ColumnFamilyOptions,
  type DBOptions,
  type FormattedOptions,
  formatColumnFamilyOptions,
  formatDBOptions,
} from './options.js';
import { pairsOf, parseOptions } from './options-text.js';

function assertText(text: unknown): asserts text is string {
  if (typeof text === 'string') return;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `options: expected RocksDB's option text, got ${text === null ? 'null' : typeof text}`,
  );
}

/**
 * Database options as text into an object: RocksDB's GetDBOptionsFromString. 64-bit integers become
 * bigint.
 */
export function getDBOptionsFromString(text: string): DBOptions {
  assertText(text);
  return parseOptions(text, 'db');
}

/** Column-family options as text into an object: RocksDB's GetColumnFamilyOptionsFromString. */
export function getColumnFamilyOptionsFromString(text: string): ColumnFamilyOptions {
  assertText(text);
  return parseOptions(text, 'columnFamily');
}

/** Table options as text into an object: RocksDB's GetBlockBasedTableOptionsFromString. */
export function getBlockBasedTableOptionsFromString(text: string): BlockBasedTableOptions {
  assertText(text);
  return parseOptions(text, 'blockBasedTable');
}

/**
 * Database and column-family options in one text, as `RocksDB.open` takes them: RocksDB's
 * GetOptionsFromString.
 */
export function getOptionsFromString(text: string): DBOptions & ColumnFamilyOptions {
  assertText(text);
  const isDB = ([snake]: readonly [string, string]) =>
    nameOf('db', snake) !== undefined || Object.hasOwn(GROUPS.db.leftOut, snake);
  const pairs = pairsOf(text);
  return {
    ...parseOptions(
      pairs.filter((pair) => !isDB(pair)),
      'columnFamily',
    ),
    ...parseOptions(pairs.filter(isDB), 'db'),
  };
}

/** Text of database options: RocksDB's GetStringFromDBOptions, of those that are given. */
export function getStringFromDBOptions(options: DBOptions): string {
  return textOf(formatDBOptions(options));
}

/**
 * Text of column-family options: RocksDB's GetStringFromColumnFamilyOptions, of those that are
 * given.
 */
export function getStringFromColumnFamilyOptions(options: ColumnFamilyOptions): string {
  return textOf(formatColumnFamilyOptions(options));
}

/** What cannot be said in text is an error: reading it back would silently give something else. */
function textOf({ text, attachments }: FormattedOptions): string {
  const [object] = attachments;
  if (object === undefined) return text;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${object.path}: an object has no text: leave it out, and give it at open`,
  );
}
