/** What is done to a database as a whole, as functions on its pointer. */
import type { AnyColumnFamily } from './column-family.js';
import { withEarlyLock } from './database-lock.js';
import { Engine } from './engine.js';
import { EngineCrashedError, InvalidArgumentError, RocksDBError } from './errors.js';
import { withFolders } from './folders.js';
import {
  type ColumnFamilyPtr,
  type DbPtr,
  OpenMode,
  SliceLayout,
  ValueLayout,
} from './native/exports.gen.js';
import { takeText } from './native/records.js';
import {
  assertExpiring,
  type CheckedOptions,
  checkOpenOptions,
  familiesOnDisk,
  family,
  foldersOf,
  type OpenOptions,
  stageFamilies,
  stageRequest,
  takeStrings,
} from './open.js';
import { type ColumnFamilyOptions, type DBOptions, formatMutable } from './options.js';
import { parseOptions } from './options-text.js';
import { databasePath } from './paths.js';

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
    return withFolders(engine, folders, () => work(engine, resolved, checked));
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

export function repair(path: string, options: OpenOptions): Promise<void> {
  return onEngine(path, options, (engine, resolved, checked) => {
    const { native, staging } = engine;
    withEarlyLock(engine, resolved, () => {
      const stored = storedFamilies(engine, resolved);
      const given = new Set(checked.families.map(({ name }) => name));
      // Without their merge operators RocksDB would leave out what logs have of merges, and say nothing.
      const families = [
        ...checked.families.map((each) => ({ ...each, persisted: stored !== undefined })),
        ...(stored?.names ?? [])
          .filter((name) => !given.has(name))
          .map((name) => family(name, {}, {}, true)),
      ];
      const mode = stored?.expires ? OpenMode.OpenTtl : OpenMode.OpenReadWrite;
      staging.begin();
      try {
        const how = { mode, readOnly: false };
        const request = stageRequest(engine, { ...checked, families, path: resolved, how });
        native.check(native.calls.rdb_db_repair(request));
      } finally {
        staging.end();
      }
    });
    engine.settle();
  });
}

/**
 * The column families of the newest OPTIONS file, and whether their entries have a time to live. Undefined: it is not there,
 * or as damaged as what is to be repaired.
 */
function storedFamilies(
  engine: Engine,
  path: string,
): { names: string[]; expires: boolean } | undefined {
  const { native, staging, out } = engine;
  const count = out + SliceLayout.byteLength;
  staging.begin();
  try {
    staging.push(path, 'path', 0xffff);
    const { address, length } = staging;
    native.check(native.calls.rdb_options_load(address, length, 1, out, count));
    const [, , ...families] = takeStrings(engine, native.heap.getWord(count));
    return {
      names: families.filter((_, index) => index % 2 === 0),
      expires: families.some((text) => text.includes('TtlCompactionFilterFactory')),
    };
  } catch (error) {
    if (error instanceof EngineCrashedError || !(error instanceof RocksDBError)) throw error;
    return undefined;
  } finally {
    staging.end();
  }
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
    return takeText(engine.native, engine.out);
  } finally {
    staging.end();
  }
}

/** The id of a database, or of its opening. */
export function getIdentity(engine: Engine, db: DbPtr, session: boolean): string {
  engine.native.check(engine.native.calls.rdb_db_identity(db, session ? 1 : 0, engine.out));
  return takeText(engine.native, engine.out) ?? '';
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
  return parseOptions(takeText(engine.native, engine.out) ?? '', 'columnFamily');
}

export function getDBOptions(engine: Engine, db: DbPtr): DBOptions {
  const none = 0 as ColumnFamilyPtr;
  engine.native.check(engine.native.calls.rdb_db_get_options(db, none, engine.out));
  return parseOptions(takeText(engine.native, engine.out) ?? '', 'db');
}
