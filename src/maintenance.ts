/** What is done to a database as a whole, as functions on its pointer. */
import type { AnyColumnFamily } from './column-family.js';
import { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import {
  type ColumnFamilyPtr,
  CompactOptionsLayout,
  type DbPtr,
  OpenMode,
  SliceLayout,
  ValueLayout,
} from './native/exports.gen.js';
import { type Bytes, MAX_KEY_BYTES } from './native/staging.js';
import {
  assertExpiring,
  type CheckedOptions,
  checkOpenOptions,
  familiesOnDisk,
  type family,
  foldersOf,
  type OpenOptions,
  stageFamilies,
  stageRequest,
} from './open.js';
import { type ColumnFamilyOptions, type DBOptions, formatMutable } from './options.js';
import { parseOptions } from './options-text.js';
import { databasePath } from './paths.js';

export interface CompactRangeOptions {
  /** Default: from the first key. */
  begin?: unknown;
  /** Included. Default: to the last key. */
  end?: unknown;
  columnFamily?: AnyColumnFamily;
  /** Whether the last level is rewritten too. Default: `ifHaveCompactionFilter`. */
  bottommostLevelCompaction?: 'skip' | 'ifHaveCompactionFilter' | 'force' | 'forceOptimized';
  /** Moves the result to `targetLevel` (-1: the lowest that can hold it). Default: false. */
  changeLevel?: boolean;
  /** Default: -1. */
  targetLevel?: number;
  /** No automatic compaction runs at the same time. Default: false. */
  exclusiveManualCompaction?: boolean;
}

const BOTTOMMOST = ['skip', 'ifHaveCompactionFilter', 'force', 'forceOptimized'] as const;

/** Runs `work` on the engine of the options, or on one made for it, with the database's folders open. */
export async function onEngine<T>(
  path: string,
  options: OpenOptions,
  work: (engine: Engine, path: string, checked: CheckedOptions) => T,
): Promise<T> {
  const checked = checkOpenOptions(options);
  const resolved = databasePath(path);
  const { engine: shared } = checked.own;
  const engine = shared ?? (await Engine.create(checked.own));
  const folders = [resolved, ...foldersOf(checked)];
  try {
    engine.assertUsable();
    engine.ledger.operations++;
    for (const folder of folders) engine.native.wasi.fds.addPreopen(folder);
    try {
      return work(engine, resolved, checked);
    } finally {
      for (const folder of folders) engine.native.wasi.fds.removePreopen(folder);
    }
  } finally {
    if (shared === undefined) engine.free();
  }
}

export function listColumnFamilies(path: string, options: OpenOptions): Promise<string[]> {
  return onEngine(path, options, (engine, resolved) => {
    const names = familiesOnDisk(engine, resolved);
    if (names !== undefined) return names;
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_DATABASE_MISSING',
      `there is no database at ${resolved}`,
    );
  });
}

export function destroy(path: string, options: OpenOptions): Promise<void> {
  return onEngine(path, options, (engine, resolved, checked) => {
    withRequest(engine, resolved, checked, (request) =>
      engine.native.calls.rdb_db_destroy(request),
    );
    engine.fileSystem.locks.forget(`${resolved}/LOCK`);
    removeEmptyFolder(engine, resolved);
  });
}

/** Calls with the options as a request, and none that are stored; throws what the status says. */
export function withRequest(
  engine: Engine,
  path: string,
  checked: CheckedOptions,
  call: (request: number) => number,
): void {
  const { native, staging } = engine;
  const how = { mode: OpenMode.OpenReadWrite, readOnly: false };
  staging.begin();
  try {
    const families = checked.families.map((each) => ({ ...each, persisted: false }));
    native.check(call(stageRequest(engine, { ...checked, families, path, how })));
  } finally {
    staging.end();
  }
}

/** RocksDB could not remove the folder while the lock's record was in it. */
function removeEmptyFolder(engine: Engine, path: string): void {
  try {
    engine.fileSystem.removeDirectory(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

export function repair(path: string, options: OpenOptions): Promise<void> {
  return onEngine(path, options, (engine, resolved, checked) => {
    withRequest(engine, resolved, checked, (request) => engine.native.calls.rdb_db_repair(request));
    engine.settle();
  });
}

export function createColumnFamily(
  engine: Engine,
  db: DbPtr,
  plan: ReturnType<typeof family>,
  expires: boolean,
): ColumnFamilyPtr {
  const { native, staging, out } = engine;
  assertExpiring([plan], expires);
  staging.begin();
  try {
    const descriptor = stageFamilies(engine, [plan]);
    native.check(native.calls.rdb_column_family_create(db, descriptor, out));
    return native.heap.getWord(out) as ColumnFamilyPtr;
  } finally {
    staging.end();
  }
}

export function flush(
  engine: Engine,
  db: DbPtr,
  families: readonly AnyColumnFamily[],
  wait: boolean,
  mayStall: boolean,
): void {
  const { native, staging } = engine;
  staging.begin();
  try {
    const at = staging.reserve(4 * families.length);
    families.forEach((handle, index) => {
      native.heap.setWord(at + 4 * index, handle.pointer);
    });
    const status = native.calls.rdb_db_flush(
      db,
      at,
      families.length,
      wait ? 1 : 0,
      mayStall ? 1 : 0,
    );
    if (status !== 0) throw engine.failed(status);
  } finally {
    staging.end();
  }
}

export function compactRange(
  engine: Engine,
  db: DbPtr,
  family: AnyColumnFamily,
  options: CompactRangeOptions,
): void {
  const bottommost = BOTTOMMOST.indexOf(
    options.bottommostLevelCompaction ?? 'ifHaveCompactionFilter',
  );
  if (bottommost < 0) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `bottommostLevelCompaction: expected one of ${BOTTOMMOST.join(', ')}`,
    );
  }
  const { native, staging } = engine;
  const layout = CompactOptionsLayout;
  const encode = (key: unknown) => (key === undefined ? undefined : family.keys.encode(key));
  const first = encode(options.begin);
  const last = encode(options.end);
  staging.begin();
  try {
    const at = staging.reserve(layout.byteLength);
    native.heap.setWord(at + layout.targetLevel, options.targetLevel ?? -1);
    native.heap.setWord(at + layout.changeLevel, options.changeLevel === true ? 1 : 0);
    native.heap.setWord(at + layout.exclusive, options.exclusiveManualCompaction === true ? 1 : 0);
    native.heap.setWord(at + layout.bottommost, bottommost);
    native.heap.setWord(at + layout.maxSubcompactions, 0);
    const pushKey = (key: Bytes | undefined, what: string): readonly [number, number] => {
      if (key === undefined) return [0, 0];
      staging.push(key, what, MAX_KEY_BYTES);
      return [staging.address, staging.length];
    };
    const begin = pushKey(first, 'begin');
    const end = pushKey(last, 'end');
    native.check(native.calls.rdb_db_compact_range(db, family.pointer, ...begin, ...end, at));
  } finally {
    staging.end();
  }
}

export function getProperty(
  engine: Engine,
  db: DbPtr,
  family: AnyColumnFamily,
  name: string,
): string | undefined {
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(name, 'property', 0xffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_db_get_property(db, family.pointer, address, length, out));
    return takeText(engine);
  } finally {
    staging.end();
  }
}

/** The id of a database, or of its opening. */
export function getIdentity(engine: Engine, db: DbPtr, session: boolean): string {
  engine.native.check(engine.native.calls.rdb_db_identity(db, session ? 1 : 0, engine.out));
  return takeText(engine) ?? '';
}

/** The text of the slice at `out`, freed; undefined when it is null. */
function takeText(engine: Engine): string | undefined {
  const { heap, calls } = engine.native;
  const block = heap.getWord(engine.out + SliceLayout.data);
  if (block === 0) return undefined;
  const text = heap.readText(block, heap.getWord(engine.out + SliceLayout.length));
  calls.rdb_memory_free(block);
  return text;
}

export function getIntProperty(
  engine: Engine,
  db: DbPtr,
  family: { readonly pointer: ColumnFamilyPtr },
  name: string,
): bigint | undefined {
  const { native, staging, out } = engine;
  staging.begin();
  try {
    staging.push(name, 'property', 0xffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_db_get_int_property(db, family.pointer, address, length, out));
    const { heap } = native;
    if (heap.getWord(out + ValueLayout.found) === 0) return undefined;
    const low = heap.getWord(out + ValueLayout.data);
    const high = heap.getWord(out + ValueLayout.length);
    return (BigInt(high) << 32n) | BigInt(low);
  } finally {
    staging.end();
  }
}

export function setOptions(
  engine: Engine,
  db: DbPtr,
  family: AnyColumnFamily,
  options: ColumnFamilyOptions,
): void {
  const text = formatMutable('columnFamily', options);
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(text, 'options', 0xffffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_db_set_options(db, family.pointer, address, length));
  } finally {
    staging.end();
  }
}

export function setDBOptions(engine: Engine, db: DbPtr, options: DBOptions): void {
  const text = formatMutable('db', options);
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(text, 'options', 0xffffff);
    native.check(native.calls.rdb_db_set_db_options(db, staging.address, staging.length));
  } finally {
    staging.end();
  }
}

export function getOptions(
  engine: Engine,
  db: DbPtr,
  family: { readonly pointer: ColumnFamilyPtr },
): ColumnFamilyOptions {
  engine.native.check(engine.native.calls.rdb_db_get_options(db, family.pointer, engine.out));
  return parseOptions(takeText(engine) ?? '', 'columnFamily');
}

export function getDBOptions(engine: Engine, db: DbPtr): DBOptions {
  const none = 0 as ColumnFamilyPtr;
  engine.native.check(engine.native.calls.rdb_db_get_options(db, none, engine.out));
  return parseOptions(takeText(engine) ?? '', 'db');
}
