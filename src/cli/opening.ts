/** Opens the database of a command, runs what is to be done with it, and closes it whatever happens. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { AnyColumnFamily } from '../column-family.js';
import { EncryptedFileSystem } from '../encryption/encrypted-fs.js';
import { keyNameIn } from '../encryption/envelope.js';
import type { OpenOptions } from '../open.js';
import { nearest } from '../option-errors.js';
import { getOptionsFromString } from '../option-strings.js';
import { databasePath } from '../paths.js';
import { RocksDB } from '../rocksdb.js';
import { DBWithTTL } from '../ttl.js';
import type { FileSystem } from '../wasi/file-system.js';
import { NodeFileSystem } from '../wasi/node-fs.js';
import type { Context } from './command.js';
import { UsageError } from './exit.js';
import type { Given } from './given.js';

const DEFAULT_FAMILY = 'default';

/** Keys and values are bytes. */
export type CliOpenOptions = OpenOptions<'view', 'view'>;

/** What a command works on. */
export interface Work {
  readonly db: RocksDB;
  /** The one that --column-family names. */
  readonly columnFamily: AnyColumnFamily;
}

/** For reading: without a lock, and without a byte written, but for the LOG of a secondary. */
export function reading<T>(context: Context, work: (on: Work) => T | Promise<T>): Promise<T> {
  return withDatabase(context, openForReading(context.given), work);
}

/** For writing: under the lock. */
export function writing<T>(context: Context, work: (on: Work) => T | Promise<T>): Promise<T> {
  const { given } = context;
  const name = given.text('column-family') ?? DEFAULT_FAMILY;
  const create = given.flag('create-if-missing');
  const families = create && name !== DEFAULT_FAMILY ? { columnFamilies: { [name]: {} } } : {};
  const options: CliOpenOptions = {
    ...openOptions(given),
    ...(create ? { createIfMissing: true, createMissingColumnFamilies: true, ...families } : {}),
  };
  return withDatabase(context, openAs(given, options), work);
}

async function withDatabase<T>(
  { given }: Context,
  opening: Promise<RocksDB>,
  work: (on: Work) => T | Promise<T>,
): Promise<T> {
  const db = await opening;
  try {
    return await work({ db, columnFamily: familyOf(db, given.text('column-family')) });
  } finally {
    db.close();
  }
}

/** Throws UsageError. */
export function familyOf(db: RocksDB, name = DEFAULT_FAMILY): AnyColumnFamily {
  const family = db.columnFamily(name);
  if (family !== undefined) return family;
  const names = db.columnFamilyNames;
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`;
  throw new UsageError(`--column-family: there is no column family '${name}'; ${hint}`);
}

function openForReading(given: Given): Promise<RocksDB> {
  const options = openOptions(given);
  const secondary = given.text('secondary');
  if (secondary === undefined) return openAs(given, { ...options, readOnly: true });
  if (given.flag('ttl')) throw new UsageError('--secondary: a DBWithTTL has none; leave --ttl out');
  return RocksDB.openAsSecondary(given.database, secondary, options);
}

function openAs(given: Given, options: CliOpenOptions): Promise<RocksDB> {
  const seconds = given.integer('ttl', 0, 0x7fffffff);
  if (seconds === undefined) return RocksDB.open(given.database, options);
  const timeToLive = seconds === 0 ? {} : { timeToLive: seconds };
  return DBWithTTL.open(given.database, { ...options, ...timeToLive });
}

/** Of --options and of the keys. */
export function openOptions(given: Given): CliOpenOptions {
  const text = given.text('options');
  const fileSystem = fileSystemOf(given);
  return {
    ...(text === undefined ? {} : getOptionsFromString(text)),
    ...(fileSystem === undefined ? {} : { fileSystem }),
  };
}

/** Where files are encrypted when there are keys; undefined: the host's, as they are. */
export function fileSystemOf(given: Given): FileSystem | undefined {
  const files = given.texts('key-file');
  const fromEnvironment = process.env.ROCKSDB_WASM_KEY_FILE;
  const all = files.length > 0 || !fromEnvironment ? files : fromEnvironment.split(',');
  if (all.length === 0) return undefined;
  const keys = Object.fromEntries(all.map((each) => keyOf(each, given)));
  const currentKey = given.text('current-key');
  return new EncryptedFileSystem(
    new NodeFileSystem(),
    currentKey === undefined ? { keys } : { keys, currentKey },
  );
}

const KEY_BYTES = 32;

/** Of `FILE`, or `NAME=FILE`: its name and bytes. Without a name: the one that stands in the database's files. */
function keyOf(text: string, given: Given): [name: string, key: Uint8Array] {
  const [, name, file = ''] = /^(?:([^=/]+)=)?(.*)$/s.exec(text) ?? [];
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`--key-file: ${(error as Error).message}`);
  }
  return [name ?? keyNameAt(given.database) ?? 'main', keyBytes(bytes, file)];
}

/** Never says what is in the file: it may be nearly a key. */
function keyBytes(bytes: Uint8Array, file: string): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  const text = new TextDecoder().decode(bytes).trim();
  for (const form of ['hex', 'base64'] as const) {
    const key = Buffer.from(text, form);
    if (key.length === KEY_BYTES && (form === 'base64' || /^[0-9a-f]{64}$/i.test(text))) {
      return new Uint8Array(key);
    }
  }
  throw new UsageError(
    `--key-file: ${file} has ${bytes.length} bytes: expected 32, or 64 hexadecimal digits, or 44 characters of base64`,
  );
}

function keyNameAt(database: string): string | undefined {
  try {
    return keyNameIn(readFileSync(`${databasePath(database)}/CURRENT`));
  } catch {
    return undefined; // no database there yet: opening says so where that matters
  }
}
